//! `smpp receive`.

use crate::args::Receive;
use crate::failure::Failure;
use crate::message::Arrival;
use crate::output::Output;
use smpp_esme::Inbound;
use std::io;
use tokio::signal::unix::{Signal, SignalKind, signal};

pub(crate) async fn run(args: Receive) -> Result<(), Failure> {
    let builder = args.common.builder()?;
    if !builder.bind_kind().receives() {
        return Err(Failure::BindKind("receive", "trx or rx"));
    }
    let (client, mut inbound) = builder.connect().await?;
    let output = Output::new(args.common.json);
    let mut stop = Stop::new()?;
    let done = print_all(args.count, &mut inbound, &mut stop, output).await;
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

enum Ended {
    AsAsked,
    ByPeer,
}

async fn print_all(
    count: Option<u64>,
    inbound: &mut Inbound,
    stop: &mut Stop,
    output: Output,
) -> Result<Ended, Failure> {
    let mut left = count;
    while left != Some(0) {
        let delivery = tokio::select! {
            biased;
            () = stop.asked() => return Ok(Ended::AsAsked),
            delivery = inbound.recv() => delivery,
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
