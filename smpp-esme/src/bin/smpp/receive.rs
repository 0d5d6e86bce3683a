//! `smpp receive`.

use crate::args::Receive;
use crate::failure::Failure;
use crate::message::Arrival;
use crate::output::Output;
use smpp_esme::{
    Bound, Builder, Client, CloseReason, Connect, ConnectError, Delivery, Endpoint, Inbound, StopReason, async_trait,
};
use std::io;
use std::sync::{Mutex, PoisonError};
use tokio::signal::unix::{Signal, SignalKind, signal};

pub(crate) async fn run(args: Receive) -> Result<(), Failure> {
    let builder = args.common.builder()?;
    if !builder.bind_kind().receives() {
        return Err(Failure::BindKind("receive", "trx, rx or auto"));
    }
    let bound = builder.connect().await?;
    let (output, stop) = (Output::new(args.common.json), Stop::new()?);
    match args.once {
        true => once(args.count, bound, stop, output).await,
        false => kept(args.count, builder, bound, stop, output).await,
    }
}

/// To the end of this session.
async fn once(
    count: Option<u64>,
    (client, mut inbound): (Client, Inbound),
    mut stop: Stop,
    output: Output,
) -> Result<(), Failure> {
    let done = print_all(count, async || inbound.recv().await, &mut stop, output).await;
    // What has not been printed is not answered as if it were: the SMSC keeps it.
    drop(inbound);
    let reason = tokio::select! {
        biased;
        reason = client.unbind() => reason,
        // Once more: not even the end in order is waited for.
        () = stop.asked() => return done.map(drop),
    };
    let printed = output.closed(reason);
    match done? {
        Ended::AsAsked => Ok(printed?),
        Ended::ByPeer => Err(Failure::Closed(reason)),
    }
}

/// To the end of this session, and of those that take its place.
async fn kept(
    count: Option<u64>,
    builder: Builder,
    bound: (Client, Inbound),
    mut stop: Stop,
    output: Output,
) -> Result<(), Failure> {
    let drain = builder.config().drain;
    let member = Member {
        bound: Mutex::new(Some(bound.into())),
        builder,
    };
    let (endpoint, mut inbound) = Endpoint::builder().member(member).start().await;
    let next = async || inbound.recv().await.map(|(_, delivery)| delivery);
    let done = print_all(count, next, &mut stop, output).await;
    drop(inbound);
    let left = tokio::select! {
        biased;
        left = endpoint.close(drain) => left.into_iter().next(),
        () = stop.asked() => return done.map(drop),
    };
    let reason = left.as_ref().and_then(|left| left.reason);
    let printed = output.closed(reason.unwrap_or(CloseReason::Local));
    match done? {
        Ended::AsAsked => Ok(printed?),
        Ended::ByPeer => Err(Failure::Stopped(left.map_or(StopReason::Closed, |left| left.why))),
    }
}

/// The session that there is already, and then others.
struct Member {
    bound: Mutex<Option<Bound>>,
    builder: Builder,
}

#[async_trait]
impl Connect for Member {
    async fn connect(&self) -> Result<Bound, ConnectError> {
        let bound = self.bound.lock().unwrap_or_else(PoisonError::into_inner).take();
        match bound {
            Some(bound) => Ok(bound),
            None => Ok(self.builder.connect().await?.into()),
        }
    }
}

enum Ended {
    AsAsked,
    ByPeer,
}

async fn print_all(
    count: Option<u64>,
    mut next: impl AsyncFnMut() -> Option<Delivery>,
    stop: &mut Stop,
    output: Output,
) -> Result<Ended, Failure> {
    let mut left = count;
    while left != Some(0) {
        let delivery = tokio::select! {
            biased;
            () = stop.asked() => return Ok(Ended::AsAsked),
            delivery = next() => delivery,
        };
        let Some(delivery) = delivery else {
            return Ok(Ended::ByPeer);
        };
        if let Some((arrival, responder)) = Arrival::new(delivery) {
            output.arrived(&arrival)?;
            responder.map(|responder| responder.accept());
            left = left.map(|left| left - 1);
        }
    }
    Ok(Ended::AsAsked)
}

/// Ctrl-C, or the polite signal of a service manager.
struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    fn new() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
