//! What a burst takes of memory that comes faster than it is served.

#[path = "session/wire.rs"]
#[allow(dead_code)] // the stories of the session use more of it
mod wire;

use smpp_pdu::{CommandId, CommandStatus, Header, Pdu};
use smpp_session::driver::{Asked, Connection, Reply, Served, Service};
use smpp_session::{CloseReason, Config, Received, Role};
use stats_alloc::{INSTRUMENTED_SYSTEM, Stats, StatsAlloc};
use std::alloc::System;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering};
use std::task::Context;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::Semaphore;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const BURST: u32 = 10_000;
const MOST: isize = 16 * 1024 * 1024;

/// What is held now and was not when it began.
fn held(since: Stats) -> isize {
    let change = ALLOCATOR.stats() - since;
    change.bytes_allocated as isize - change.bytes_deallocated as isize
}

/// Keeps each message until it is let go.
struct Slow {
    gate: Arc<Semaphore>,
    came: Arc<AtomicUsize>,
    most: Arc<AtomicIsize>,
    since: Stats,
}

impl Service for Slow {
    type Response = Pdu;
    type Handling = Pin<Box<dyn Future<Output = Option<Reply<Pdu>>> + Send>>;
    fn request<'a>(
        &self,
        cx: &mut Context<'_>,
        asked: Asked<'a>,
        received: &Received<'_>,
    ) -> Served<'a, Self::Handling> {
        let (pdu, gate) = (received.pdu.clone().into_owned(), self.gate.clone());
        self.most.fetch_max(held(self.since), Ordering::Relaxed);
        self.came.fetch_add(1, Ordering::Relaxed);
        asked.begin(cx, |token| -> Self::Handling {
            Box::pin(async move {
                gate.acquire().await.ok()?.forget();
                drop(pdu);
                Some(Reply::new(token, Pdu::DeliverSmResp(None)))
            })
        })
    }
}

/// Accepts the bind.
async fn accept(peer: &mut DuplexStream) {
    let mut bind = vec![0; wire::octets(1, &wire::transceiver()).len()];
    peer.read_exact(&mut bind).await.unwrap();
    peer.write_all(&wire::octets(1, &wire::transceiver_resp()))
        .await
        .unwrap();
}

/// As many answers, all with this status.
async fn read(peer: &mut (impl AsyncReadExt + Unpin), number: u32, status: CommandStatus) {
    // With its message_id, an empty one, if it is positive.
    let mut answer = [0; 17];
    let len = if status == CommandStatus::ESME_ROK { 17 } else { 16 };
    for _ in 0..number {
        peer.read_exact(&mut answer[..len]).await.unwrap();
        let (command, header) = Header::peek(&answer[..len]).unwrap();
        assert_eq!((command, header.command_status), (CommandId::DELIVER_SM_RESP, status));
    }
}

async fn burst(max_inbound: u32) {
    let octets: Vec<u8> = (1..=BURST)
        .flat_map(|n| wire::octets(n, &wire::deliver(&"x".repeat(140))))
        .collect();
    let mut config = Config::default();
    config.max_inbound = max_inbound as usize;
    let (io, mut peer) = tokio::io::duplex(1 << 16);
    let connection = Connection::new(Role::Esme, config);
    let handle = connection.handle();
    let slow = Slow {
        gate: Arc::new(Semaphore::new(0)),
        came: Arc::default(),
        most: Arc::default(),
        since: ALLOCATOR.stats(),
    };
    let (gate, came, most) = (slow.gate.clone(), slow.came.clone(), slow.most.clone());
    let since = slow.since;
    let driving = tokio::spawn(connection.drive(io, slow));
    let (bound, ()) = tokio::join!(handle.request(wire::transceiver()), accept(&mut peer));
    bound.unwrap();

    let (mut reads, mut writes) = tokio::io::split(peer);
    let (written, ()) = tokio::join!(
        writes.write_all(&octets),
        read(&mut reads, BURST - max_inbound, CommandStatus::ESME_RTHROTTLED)
    );
    written.unwrap();
    while came.load(Ordering::Relaxed) < max_inbound as usize {
        tokio::task::yield_now().await;
    }
    most.fetch_max(held(since), Ordering::Relaxed);
    gate.add_permits(BURST as usize);
    read(&mut reads, max_inbound, CommandStatus::ESME_ROK).await;
    most.fetch_max(held(since), Ordering::Relaxed);
    let most = most.load(Ordering::Relaxed);
    println!("{BURST} deliver_sm, {max_inbound} of them kept: {} KiB", most / 1024);
    assert!(most <= MOST, "{most} octets");
    // The messages that were kept were counted.
    assert!(most >= isize::try_from(max_inbound).unwrap() * 140, "{most} octets");
    handle.unbind();
    drop((reads, writes));
    assert_eq!(driving.await.unwrap(), CloseReason::PeerClosed);
}

// One test: what others allocate meanwhile would be counted.
#[test]
fn ten_thousand_deliver_sm_at_once() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(async {
        for max_inbound in [Config::default().max_inbound as u32, BURST] {
            let within = Duration::from_secs(60);
            tokio::time::timeout(within, burst(max_inbound))
                .await
                .expect("it hangs");
        }
    });
}
