//! `smpp send`.

use crate::args::Send;
use crate::failure::Failure;
use crate::message::Arrival;
use crate::output::Output;
use crate::text;
use smpp_esme::pdu::{CommandStatus, RegisteredDelivery, SubmitSm, SubmitSmResp};
use smpp_esme::{CallError, Client, Inbound};
use std::pin::pin;
use tokio::time::timeout;

pub(crate) async fn run(args: Send) -> Result<(), Failure> {
    let builder = args.common.builder()?;
    if !builder.bind_kind().submits() {
        return Err(Failure::BindKind("send", "trx or tx"));
    }
    let pdu = submit_sm(&args)?;
    let (client, mut inbound) = builder.connect().await?;
    let output = Output::new(args.common.json);
    let done = exchange(&args, &pdu, &client, &mut inbound, output).await;
    // What still waits, and what comes from here on, is not for this program: the SMSC keeps it.
    drop(inbound);
    let reason = client.unbind().await;
    let printed = output.closed(reason);
    done?;
    Ok(printed?)
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

async fn exchange(
    args: &Send,
    pdu: &SubmitSm,
    client: &Client,
    inbound: &mut Inbound,
    output: Output,
) -> Result<(), Failure> {
    let waits = args.receipt && !args.wait.is_zero();
    let (answer, early) = submit(pdu, client, inbound, waits, output).await?;
    let message_id = match answer {
        Ok(response) => response.message_id,
        Err(error) => {
            aside(&early, output)?;
            if let Some(status) = error.command_status() {
                output.rejected(status)?;
            }
            return Err(error.into());
        }
    };
    output.submitted(message_id.as_bytes())?;
    if !waits {
        return Ok(());
    }
    let waiting = wait_for_receipt(message_id.as_bytes(), early, inbound, output);
    match timeout(args.wait, waiting).await {
        Ok(Ok(true)) => Ok(()),
        Ok(Ok(false)) => Err(Failure::NoReceipt(Some(client.closed().await))),
        Ok(Err(failure)) => Err(failure),
        Err(_) => Err(Failure::NoReceipt(None)),
    }
}

type Answer = Result<SubmitSmResp, CallError>;

/// The answer, and the receipts before it that may be the one that is waited for: some SMSCs send that first, and
/// answer when it is answered. Whatever else comes is printed where it comes.
async fn submit(
    pdu: &SubmitSm,
    client: &Client,
    inbound: &mut Inbound,
    waits: bool,
    output: Output,
) -> Result<(Answer, Vec<Arrival>), Failure> {
    let mut submitting = pin!(client.submit_sm(pdu));
    let mut early = Vec::new();
    loop {
        let delivery = tokio::select! {
            biased;
            answer = &mut submitting => return Ok((answer, early)),
            Some(delivery) = inbound.recv() => delivery,
        };
        let Some((arrival, responder)) = Arrival::new(delivery) else {
            continue;
        };
        if !waits || arrival.receipt().is_none_or(|receipt| receipt.id.is_none()) {
            output.aside(&arrival)?;
        } else if early.len() < MAX_EARLY {
            early.push(arrival);
        } else {
            responder.map(|responder| responder.reject(CommandStatus::ESME_RTHROTTLED));
            continue;
        }
        responder.map(|responder| responder.accept());
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
