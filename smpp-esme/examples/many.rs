//! Sends many messages through one endpoint, counts what has become of each, waits for their receipts, and closes. Each
//! URL is a member of the endpoint; one that stands there twice is bound twice.
//!
//! `cargo run -p smpp-esme --example many -- 1000 447700900123 Hello 'smpp://smppclient1:password@127.0.0.1:2775?window=50'`
//!
//! With `--features tls` also by `smpps://`; `SSL_CERT_FILE` names the authorities to trust in place of the system's.

use smpp_esme::pdu::{COctetString, DeliverSm, RegisteredDelivery, ShortMessage, SubmitSm};
use smpp_esme::{Delivery, Endpoint, EndpointError, EndpointInbound, Esme, Retry};
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// How many messages have a task of their own at once: more than all windows together.
const TASKS: usize = 500;
/// After the last answer.
const RECEIPTS_WITHIN: Duration = Duration::from_secs(20);

#[derive(Default)]
struct Counts {
    accepted: AtomicU64,
    refused: AtomicU64,
    not_sent: AtomicU64,
    unknown: AtomicU64,
    receipts: AtomicU64,
    others: AtomicU64,
    /// Something has come.
    came: Notify,
}

impl Counts {
    fn ended<T>(&self, end: &Result<T, EndpointError>) {
        let counter = match end {
            Ok(_) => &self.accepted,
            Err(error) if error.may_be_delivered() => &self.unknown,
            Err(error) if error.retry() == Retry::Unsent => &self.not_sent,
            Err(_) => &self.refused,
        };
        counter.fetch_add(1, Relaxed);
    }

    fn arrived(&self, message: &DeliverSm) {
        let counter = match message.esm_class.is_delivery_receipt() {
            true => &self.receipts,
            false => &self.others,
        };
        counter.fetch_add(1, Relaxed);
        self.came.notify_one();
    }

    async fn all_receipts(&self) {
        while self.receipts.load(Relaxed) < self.accepted.load(Relaxed) {
            self.came.notified().await;
        }
    }
}

async fn submit_all(count: u64, message: SubmitSm, endpoint: &Endpoint, counts: &Arc<Counts>) {
    let (message, places) = (Arc::new(message), Arc::new(Semaphore::new(TASKS)));
    let mut tasks = JoinSet::new();
    for _ in 0..count {
        let place = places.clone().acquire_owned().await;
        let (message, endpoint, counts) = (message.clone(), endpoint.clone(), counts.clone());
        tasks.spawn(async move {
            // Waits for a bind and for its window, and then for the answer.
            counts.ended(&endpoint.submit_sm(&*message).await);
            drop(place);
        });
        while tasks.try_join_next().is_some() {}
    }
    tasks.join_all().await;
}

async fn receive_all(mut inbound: EndpointInbound, counts: Arc<Counts>) {
    while let Some((_, delivery)) = inbound.recv().await {
        match delivery {
            Delivery::DeliverSm(message, responder) => {
                // Once it is lost with its bind, the SMSC sends it again.
                if responder.accept().is_ok() {
                    counts.arrived(&message);
                }
            }
            // What is dropped is refused.
            other => drop(other),
        }
    }
}

async fn run(count: u64, message: SubmitSm, urls: Vec<String>) -> Result<ExitCode, Box<dyn Error>> {
    let mut builder = Endpoint::builder();
    for url in &urls {
        builder = builder.member(Esme::builder(url)?);
    }
    let (endpoint, inbound) = builder.connect().await.map_err(|why| why.to_string())?;
    let counts = Arc::new(Counts::default());
    let receiving = tokio::spawn(receive_all(inbound, counts.clone()));
    submit_all(count, message, &endpoint, &counts).await;
    let all_came = timeout(RECEIPTS_WITHIN, counts.all_receipts()).await.is_ok();

    for member in endpoint.close(Duration::from_secs(10)).await {
        println!("member {}: {}, {} unknown", member.id, member.why, member.unknown.len());
    }
    receiving.await?;
    let Counts {
        accepted,
        refused,
        not_sent,
        unknown,
        receipts,
        others,
        ..
    } = &*counts;
    let accepted = accepted.load(Relaxed);
    println!(
        "accepted={accepted} refused={} not_sent={} unknown={} receipts={} others={}",
        refused.load(Relaxed),
        not_sent.load(Relaxed),
        unknown.load(Relaxed),
        receipts.load(Relaxed),
        others.load(Relaxed),
    );
    Ok(if all_came && accepted == count {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(count), Some(to), Some(text)) = (args.next(), args.next(), args.next()) else {
        return Err("what is expected: COUNT TO TEXT URL...".into());
    };
    let mut message = SubmitSm {
        short_message: ShortMessage::new(text)?,
        registered_delivery: RegisteredDelivery::RECEIPT,
        ..SubmitSm::default()
    };
    message.destination_addr.addr = COctetString::new(to)?;
    run(count.parse()?, message, args.collect()).await
}
