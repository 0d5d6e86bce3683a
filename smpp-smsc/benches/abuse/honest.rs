//! The well-behaved: 500 binds that submit ten messages a second each, and 2,000 that wait.

use crate::Fault;
use futures_util::stream::{FuturesUnordered, StreamExt};
use smpp_esme::pdu::{COctetString, ShortMessage, SubmitSm};
use smpp_esme::{Client, Esme, Inbound};
use std::cell::RefCell;
use std::collections::HashSet;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

/// system_id of those that submit.
pub(crate) const BUSY: &str = "busy";

const BUSY_BINDS: usize = 500;
const IDLE_BINDS: usize = 2_000;
/// Of one bind: 5,000 messages a second in all, a small part of what the server can do.
const EVERY: Duration = Duration::from_millis(100);
/// An answer that takes longer does not count for the rate.
const IN_TIME: Duration = Duration::from_secs(1);
/// What is not answered by then never will be.
const PATIENCE: Duration = Duration::from_secs(20);

type Session = (Client, Inbound);

pub(crate) struct Honest {
    busy: Vec<Session>,
    idle: Vec<Session>,
    /// Numbers of all messages that were taken.
    taken: RefCell<HashSet<u64>>,
}

/// What a phase has come to.
#[derive(Debug)]
pub(crate) struct Submitted {
    pub(crate) offered: usize,
    /// Answered within [`IN_TIME`] of the moment that they were due.
    pub(crate) in_time: usize,
    /// From when it was due to its answer, in order.
    pub(crate) delays: Vec<Duration>,
}

impl Honest {
    pub(crate) async fn bound(address: SocketAddr) -> Result<Self, Fault> {
        Ok(Self {
            busy: bind(address, BUSY, BUSY_BINDS).await?,
            idle: bind(address, "idle", IDLE_BINDS).await?,
            taken: RefCell::default(),
        })
    }

    /// Each busy session submits at its own times, whether or not it has its answers yet. Fails if one message is not
    /// taken, or two are taken as one.
    pub(crate) async fn submit_for(&self, time: Duration) -> Result<Submitted, Fault> {
        let begin = Instant::now() + EVERY;
        let mut all = JoinSet::new();
        for (number, (client, _)) in (0..).zip(&self.busy) {
            // Spread over the time between two.
            let first = begin + EVERY * number / BUSY_BINDS as u32;
            all.spawn(submit(client.clone(), first, time));
        }
        let mut delays = Vec::new();
        while let Some(one) = all.join_next().await {
            for (delay, number) in one?? {
                delays.push(delay);
                if !self.taken.borrow_mut().insert(number) {
                    return Err("two messages have one message_id".into());
                }
            }
        }
        delays.sort_unstable();
        let in_time = delays.partition_point(|delay| *delay <= IN_TIME);
        let offered = delays.len();
        Ok(Submitted {
            offered,
            in_time,
            delays,
        })
    }

    /// Every session has lasted, and is answered.
    pub(crate) async fn are_all_there(&self) -> Result<(), Fault> {
        let all = self.busy.iter().chain(&self.idle);
        let mut asking: FuturesUnordered<_> = all.map(|(client, _)| client.enquire_link()).collect();
        while let Some(answer) = timeout(PATIENCE, asking.next()).await? {
            answer.map_err(|error| format!("a session of the well-behaved is lost: {error}"))?;
        }
        Ok(())
    }

    pub(crate) fn taken(&self) -> u64 {
        self.taken.borrow().len() as u64
    }

    /// Answers that nobody had asked for: second ones.
    pub(crate) fn stray(&self) -> u64 {
        self.busy
            .iter()
            .chain(&self.idle)
            .map(|(client, _)| client.stats().stray)
            .sum()
    }
}

async fn bind(address: SocketAddr, system_id: &str, number: usize) -> Result<Vec<Session>, Fault> {
    let url = format!("smpp://{system_id}:x@{address}?window=1000");
    let mut bound = Vec::new();
    while bound.len() < number {
        let mut some = JoinSet::new();
        for _ in 0..100.min(number - bound.len()) {
            let builder = Esme::builder(&url)?;
            some.spawn(async move { builder.connect().await });
        }
        while let Some(one) = some.join_next().await {
            bound.push(one??);
        }
    }
    Ok(bound)
}

/// One session's messages: how late each was answered, and its number.
async fn submit(client: Client, first: Instant, time: Duration) -> Result<Vec<(Duration, u64)>, String> {
    let mut sent = JoinSet::new();
    let mut due = first;
    while due < first + time {
        sleep_until(due).await;
        let client = client.clone();
        sent.spawn(async move {
            let answer = timeout(PATIENCE, client.submit_sm(&message())).await;
            (due.elapsed(), answer)
        });
        due += EVERY;
    }
    let mut answered = Vec::new();
    while let Some(one) = sent.join_next().await {
        let (delay, answer) = one.map_err(|error| error.to_string())?;
        let response = answer
            .map_err(|_| format!("a message is not answered within {PATIENCE:?}"))?
            .map_err(|error| format!("a message is not taken: {error}"))?;
        let number = std::str::from_utf8(response.message_id.as_bytes()).ok();
        let number = number
            .and_then(|number| number.parse().ok())
            .ok_or("no such message_id")?;
        answered.push((delay, number));
    }
    Ok(answered)
}

fn message() -> SubmitSm {
    let mut submit = SubmitSm::default();
    submit.source_addr.addr = COctetString::new("10001").unwrap_or_default();
    submit.destination_addr.addr = COctetString::new("447700900123").unwrap_or_default();
    submit.short_message = ShortMessage::new(&[b'x'; 130][..]).unwrap_or_default();
    submit
}
