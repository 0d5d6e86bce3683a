//! `smpp send`.

use crate::args::Send;
use crate::failure::{Failure, is_refused_for_now};
use crate::message::Arrival;
use crate::output::Output;
use crate::patience::Patience;
use crate::text;
use smpp_esme::pdu::{COctetString, CommandStatus, RegisteredDelivery, SubmitSm, SubmitSmResp};
use smpp_esme::{Builder, CallError, Client, Inbound};
use std::pin::pin;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

pub(crate) async fn run(args: Send) -> Result<(), Failure> {
    let builder = args.common.builder()?;
    if !builder.bind_kind().submits() {
        return Err(Failure::BindKind("send", "trx, tx or auto"));
    }
    if args.waits() && !builder.bind_kind().receives() {
        return Err(Failure::NoReceiver);
    }
    // The time for all of it ends it; an answer that comes while it ends still counts.
    let builder = builder.configure(|config| {
        (config.response, config.drain) = (args.response + END, END);
    });
    let pdu = submit_sm(&args)?;
    let mut patience = Patience::new(args.retry);
    loop {
        match attempt(&args, &builder, &pdu, &mut patience).await {
            Err(failure) if failure.passes() && patience.waits(&failure).await => {}
            done => return done,
        }
    }
}

/// One bind. Connecting, binding and the answer to the message have one response timeout together.
async fn attempt(args: &Send, builder: &Builder, pdu: &SubmitSm, patience: &mut Patience) -> Result<(), Failure> {
    let by = Instant::now() + args.response;
    let connected = timeout_at(by, builder.connect()).await;
    let (client, inbound) = connected.map_err(|_| Failure::NoBind)??;
    let mut exchange = Exchange {
        args,
        pdu,
        client: &client,
        inbound,
        output: Output::new(args.common.json),
    };
    let done = exchange.run(by, patience).await;
    let Exchange { inbound, output, .. } = exchange;
    // What still waits, and what comes from here on, is not for this program: the SMSC keeps it.
    drop(inbound);
    let printed = output.closed(client.close(Duration::ZERO).await.reason);
    done?;
    Ok(printed?)
}

impl Send {
    fn waits(&self) -> bool {
        self.receipt && !self.wait.is_zero()
    }
}

fn submit_sm(args: &Send) -> Result<SubmitSm, Failure> {
    let (data_coding, short_message) = text::encode(&args.text)?;
    Ok(SubmitSm {
        source_addr: args.from.clone(),
        destination_addr: args.to.clone(),
        registered_delivery: match args.receipt {
            true => RegisteredDelivery::RECEIPT,
            false => RegisteredDelivery::NONE,
        },
        data_coding,
        short_message,
        ..SubmitSm::default()
    })
}

/// What goes over one session.
struct Exchange<'a> {
    args: &'a Send,
    pdu: &'a SubmitSm,
    client: &'a Client,
    inbound: Inbound,
    output: Output,
}

type Answer = Result<SubmitSmResp, CallError>;

impl Exchange<'_> {
    /// The message, until it is taken, refused for good, or nobody knows; and then its receipt.
    async fn run(&mut self, by: Instant, patience: &mut Patience) -> Result<(), Failure> {
        let (message_id, early) = self.accepted(by, patience).await?;
        let message_id = message_id.as_bytes();
        self.output.submitted(message_id)?;
        if !self.args.waits() {
            return Ok(());
        }
        let waiting = wait_for_receipt(message_id, early, &mut self.inbound, self.output);
        match timeout(self.args.wait, waiting).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(Failure::NoReceipt(Some(self.client.closed().await))),
            Ok(Err(failure)) => Err(failure),
            Err(_) => Err(Failure::NoReceipt(None)),
        }
    }

    async fn accepted(
        &mut self,
        mut by: Instant,
        patience: &mut Patience,
    ) -> Result<(COctetString, Vec<Arrival>), Failure> {
        loop {
            let (answer, early) = self.submit(by).await?;
            let error = match answer {
                Ok(response) => return Ok((response.message_id, early)),
                Err(error) => error,
            };
            aside(&early, self.output)?;
            if let Some(status) = error.command_status() {
                self.output.rejected(status)?;
            }
            if !is_refused_for_now(&error) || !patience.waits(&error).await {
                return Err(error.into());
            }
            by = Instant::now() + self.args.response;
        }
    }

    /// The answer, and the receipts before it that may be the one that is waited for: some SMSCs send that first, and
    /// answer when it is answered. Whatever else comes is printed where it comes.
    async fn submit(&mut self, by: Instant) -> Result<(Answer, Vec<Arrival>), Failure> {
        let client = self.client;
        let mut submitting = pin!(client.submit_sm(self.pdu));
        let mut early = Vec::new();
        loop {
            let delivery = tokio::select! {
                biased;
                answer = &mut submitting => return Ok((answer, early)),
                () = sleep_until(by) => {
                    let (answer, _) = tokio::join!(submitting, client.close(Duration::ZERO));
                    return Ok((answer.map_err(given_up), early));
                }
                Some(delivery) = self.inbound.recv() => delivery,
            };
            let Some((arrival, responder)) = Arrival::new(delivery) else {
                continue;
            };
            if !self.args.waits() || arrival.receipt().is_none_or(|receipt| receipt.id.is_none()) {
                self.output.aside(&arrival)?;
            } else if early.len() < MAX_EARLY {
                early.push(arrival);
            } else {
                responder.map(|responder| responder.reject(CommandStatus::ESME_RTHROTTLED));
                continue;
            }
            responder.map(|responder| responder.accept());
        }
    }
}

/// It was this program that ended the session, and the time was why.
fn given_up(error: CallError) -> CallError {
    match error {
        CallError::MaybeDelivered(_) => CallError::TimedOut,
        error => error,
    }
}

/// Whether it came before the end of the session.
async fn wait_for_receipt(
    message_id: &[u8],
    early: Vec<Arrival>,
    inbound: &mut Inbound,
    output: Output,
) -> Result<bool, Failure> {
    let mut came = false;
    for arrival in &early {
        came |= is_last(message_id, arrival, output)?;
    }
    while !came {
        let Some(delivery) = inbound.recv().await else {
            return Ok(false);
        };
        if let Some((arrival, responder)) = Arrival::new(delivery) {
            came = is_last(message_id, &arrival, output)?;
            responder.map(|responder| responder.accept());
        }
    }
    Ok(true)
}

/// Prints it. Whether it is the final receipt for the message.
fn is_last(message_id: &[u8], arrival: &Arrival, output: Output) -> Result<bool, Failure> {
    match arrival.receipt() {
        Some(receipt) if receipt.id.as_deref() == Some(&*String::from_utf8_lossy(message_id)) => {
            output.receipt(arrival, receipt)?;
            Ok(!receipt.is_intermediate())
        }
        _ => {
            output.aside(arrival)?;
            Ok(false)
        }
    }
}

fn aside(arrivals: &[Arrival], output: Output) -> Result<(), Failure> {
    for arrival in arrivals {
        output.aside(arrival)?;
    }
    Ok(())
}

/// As [`Config::max_inbound`](smpp_esme::Config::max_inbound): that many receipts before the answer are those of others,
/// and the SMSC sends again what was throttled.
const MAX_EARLY: usize = 1_000;
/// How long the answer to unbind is waited for: with five seconds for the last PDU it is less than the ten that the end
/// may take.
const END: Duration = Duration::from_secs(4);
