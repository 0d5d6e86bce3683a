//! An endpoint that has worked for long holds no more memory than one that has worked for a while.

mod fake;

use fake::{Centre, esme, message_id, soon, submit};
use smpp_esme::pdu::CommandStatus;
use smpp_esme::{Bound, Connect, ConnectError, Endpoint, Order, async_trait};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use std::alloc::System;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::sync::Notify;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// What ten rounds more may take: less than a hundred octets for each of what a round makes a thousand of.
const MOST: usize = 100_000;
const ROUND: usize = 1000;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// An SMSC in memory, one session a connection, that answers all it is asked.
#[derive(Clone, Default)]
struct Smsc {
    /// Ends a session.
    breaks: Arc<Notify>,
    /// Says nothing of what is submitted.
    silent: bool,
}

#[async_trait]
impl Connect for Smsc {
    async fn connect(&self) -> Result<Bound, ConnectError> {
        let (io, centre) = Centre::in_memory();
        tokio::spawn(self.clone().serve(centre));
        let quiet = esme().configure(|config| (config.enquire_link, config.response) = (DAY, DAY));
        Ok(quiet.connect_over(io).await?.into())
    }
}

impl Smsc {
    async fn serve(self, mut centre: Centre) {
        centre.accept_bind().await;
        let mut kept = Vec::new();
        loop {
            tokio::select! {
                () = self.breaks.notified() => return centre.vanish().await,
                asked = centre.next_ever() => match asked {
                    Some(asked) if self.silent => kept.push(asked),
                    Some(asked) => asked.responder.respond(CommandStatus::ESME_ROK, &message_id("1")).unwrap(),
                    None => return,
                },
            }
        }
    }
}

fn held() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

/// What ten rounds more than three take.
async fn grows(what: &str, mut round: impl AsyncFnMut()) {
    let mut before = 0;
    for n in 0..13 {
        if n == 3 {
            before = held();
        }
        round().await;
    }
    let more = held().saturating_sub(before);
    println!("{what}: {more} octets");
    assert!(more <= MOST, "{what}: {more} octets more after ten rounds");
}

async fn requests_with_keys(order: Order) {
    let (endpoint, _inbound) = Endpoint::builder().member(Smsc::default()).order(order).start().await;
    let mut key = 0;
    grows(&format!("a request for each key, {order:?}"), async || {
        for _ in 0..ROUND {
            key += 1;
            let view = endpoint.sticky(key);
            assert!(soon(view.submit_sm(&submit(""))).await.is_ok());
        }
    })
    .await;
}

/// Futures that were polled once, and then dropped: in the window, and in each line behind it.
async fn requests_that_are_dropped(order: Order, keyed: bool) {
    let silent = Smsc {
        silent: true,
        ..Smsc::default()
    };
    let (endpoint, _inbound) = Endpoint::builder().member(silent).order(order).start().await;
    soon(endpoint.bound()).await.unwrap();
    let view = endpoint.sticky("key");
    grows(&format!("requests that are dropped, {order:?}, {keyed}"), async || {
        for _ in 0..ROUND {
            let pdu = submit("");
            let polled = async |waiting: &mut (dyn Future<Output = bool> + Unpin)| {
                poll_fn(|cx| Poll::Ready(std::pin::Pin::new(&mut *waiting).poll(cx).is_pending())).await
            };
            let mut waiting = pin!(async {
                match keyed {
                    true => view.submit_sm(&pdu).await.is_ok(),
                    false => endpoint.submit_sm(&pdu).await.is_ok(),
                }
            });
            assert!(polled(&mut waiting).await);
        }
        tokio::task::yield_now().await;
    })
    .await;
}

async fn binds_that_are_lost() {
    let smsc = Smsc::default();
    let (endpoint, _inbound) = Endpoint::builder()
        .member(smsc.clone())
        .reconnect(|reconnect| reconnect.per_minute = 1_000_000)
        .start()
        .await;
    let mut states = endpoint.watch();
    grows("binds that are lost", async || {
        for _ in 0..ROUND / 10 {
            states.wait_for(|state| state.bound() == 1).await.unwrap();
            smsc.breaks.notify_waiters();
            states.wait_for(|state| state.bound() == 0).await.unwrap();
        }
    })
    .await;
}

async fn members_that_come_and_go() {
    let (endpoint, _inbound) = Endpoint::builder().member(Smsc::default()).start().await;
    let mut states = endpoint.watch();
    grows("members that come and go", async || {
        for _ in 0..ROUND / 10 {
            let id = endpoint.add(Smsc::default());
            states.wait_for(|state| state.bound() == 2).await.unwrap();
            assert!(endpoint.remove(id, DAY).await.is_some());
        }
    })
    .await;
}

// One test: what others allocate meanwhile would be counted.
#[tokio::test(start_paused = true)]
async fn what_is_over_leaves_nothing() {
    for order in [Order::Free, Order::Kept] {
        requests_with_keys(order).await;
        for keyed in [false, true] {
            requests_that_are_dropped(order, keyed).await;
        }
    }
    binds_that_are_lost().await;
    members_that_come_and_go().await;
}
