//! A shutdown under load: nothing is lost, and what nobody can know is said.

use crate::esme::PATIENCE;
use smpp_pdu::{BindTransceiver, CommandStatus, DeliverSm, DeliverSmResp, Kept, Pdu, SubmitSm, SubmitSmResp};
use smpp_session::driver::{Asked, CallError, Connection, Handle, Reply, Served, Service};
use smpp_session::{Received, Role};
use smpp_smsc::{Acceptor, Bind, Config, ConnectionInfo, Handler, Peer, Reject, Server, async_trait};
use std::future::{Pending, pending};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::Context;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Sessions, and how many tasks submit on each.
const SESSIONS: usize = 6;
const TASKS: usize = 20;

/// What a side has counted of one direction.
#[derive(Default)]
struct Counts {
    answered: AtomicU64,
    unknown: AtomicU64,
}

/// Answers all but each 97th, which it never does.
struct Desk {
    number: AtomicU64,
    answered: AtomicU64,
    peers: mpsc::UnboundedSender<Peer>,
}

#[async_trait]
impl Handler for Desk {
    async fn submit_sm(&self, _: Kept<SubmitSm>) -> Result<SubmitSmResp, Reject> {
        match self.number.fetch_add(1, Relaxed) {
            number if number.is_multiple_of(97) => pending().await,
            number if number.is_multiple_of(2) => tokio::task::yield_now().await,
            _ => {}
        }
        self.answered.fetch_add(1, Relaxed);
        Ok(SubmitSmResp::default())
    }
    fn bound(&self, peer: &Peer) {
        let _ = self.peers.send(peer.clone());
    }
}

struct Everybody(Arc<Desk>);

#[async_trait]
impl Acceptor for Everybody {
    async fn bind(&self, _: &Bind, _: &ConnectionInfo) -> Result<Arc<dyn Handler>, Reject> {
        Ok(self.0.clone())
    }
}

/// Takes each second message, and leaves the others without an answer.
struct Lazy(AtomicU64);

impl Service for Lazy {
    type Response = DeliverSmResp;
    type Handling = Pending<Option<Reply<DeliverSmResp>>>;

    fn request<'a>(
        &self,
        _: &mut Context<'_>,
        asked: Asked<'a>,
        received: &Received<'_>,
    ) -> Served<'a, Self::Handling> {
        match &received.pdu {
            Pdu::DeliverSm(_) if self.0.fetch_add(1, Relaxed).is_multiple_of(2) => {
                asked.respond(&DeliverSmResp::default())
            }
            Pdu::DeliverSm(_) => Served::Handling(pending()),
            _ => asked.reject(CommandStatus::ESME_RINVCMDID),
        }
    }
}

fn config() -> Config {
    let mut config = Config::default();
    config.window = 64;
    // As long as what is never answered is waited for.
    config.drain = Duration::from_millis(200);
    config
}

async fn esme(address: SocketAddr) -> Handle {
    let connection = Connection::new(Role::Esme, config());
    let handle = connection.handle();
    let stream = TcpStream::connect(address).await.unwrap();
    tokio::spawn(connection.drive(stream, Lazy(AtomicU64::new(0))));
    let bind = BindTransceiver {
        interface_version: 0x34,
        ..BindTransceiver::default()
    };
    handle.request(bind).await.unwrap();
    handle
}

/// Counts how a call has ended; false if the session takes no more.
fn count<R>(counts: &Counts, end: Result<R, CallError>) -> bool {
    match end {
        Ok(_) => counts.answered.fetch_add(1, Relaxed),
        Err(error) if error.may_be_delivered() => counts.unknown.fetch_add(1, Relaxed),
        Err(CallError::NotWritten(_)) => return false,
        Err(error) => panic!("{error}"),
    };
    true
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_esmes_count_is_what_the_server_reports() {
    let (peers, mut bound) = mpsc::unbounded_channel();
    let (number, answered) = (AtomicU64::new(1), AtomicU64::new(0));
    let desk = Arc::new(Desk {
        number,
        answered,
        peers,
    });
    let server = Server::builder(Everybody(desk.clone())).config(config()).build();
    let address = server.listen("127.0.0.1:0").await.unwrap();
    let (submitted, delivered) = (Arc::new(Counts::default()), Arc::new(Counts::default()));
    let mut tasks = JoinSet::new();
    for _ in 0..SESSIONS {
        let handle = esme(address).await;
        let peer = bound.recv().await.unwrap();
        for _ in 0..TASKS {
            let (handle, counts) = (handle.clone(), submitted.clone());
            tasks.spawn(async move { while count(&counts, handle.request(SubmitSm::default()).await) {} });
        }
        for _ in 0..4 {
            let (peer, counts) = (peer.clone(), delivered.clone());
            tasks.spawn(async move { while count(&counts, peer.deliver_sm(&DeliverSm::default()).await) {} });
        }
    }
    let busy = async {
        while submitted.answered.load(Relaxed) < 3000 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, busy).await.unwrap();
    let answered_before = submitted.answered.load(Relaxed);
    let drained = timeout(PATIENCE, server.shutdown()).await.unwrap();
    let all = async { while tasks.join_next().await.transpose().unwrap().is_some() {} };
    timeout(PATIENCE, all).await.unwrap();

    let submitted = (submitted.answered.load(Relaxed), submitted.unknown.load(Relaxed));
    assert_eq!(
        submitted.0,
        desk.answered.load(Relaxed),
        "an answer was lost, or given twice"
    );
    assert_eq!(submitted.1, drained.unanswered);
    assert!(submitted.1 > 0 && drained.answered > 0);
    assert!(drained.answered <= submitted.0 - answered_before + 1000);
    assert_eq!(drained.unknown, delivered.unknown.load(Relaxed));
    assert!(drained.unknown > 0 && delivered.answered.load(Relaxed) > 0);
    assert_eq!(drained.sessions, SESSIONS);
    assert_eq!((server.connections(), server.stats().in_hand), (0, 0));
}

#[tokio::test]
async fn nothing_is_left_of_a_quiet_server() {
    let (peers, _bound) = mpsc::unbounded_channel();
    let (number, answered) = (AtomicU64::new(1), AtomicU64::new(0));
    let desk = Arc::new(Desk {
        number,
        answered,
        peers,
    });
    let server = Server::builder(Everybody(desk)).config(config()).build();
    let address = server.listen("127.0.0.1:0").await.unwrap();
    let handle = esme(address).await;
    for _ in 0..3 {
        handle.request(SubmitSm::default()).await.unwrap();
    }
    let unbound = TcpStream::connect(address).await.unwrap();
    let drained = timeout(PATIENCE, server.shutdown()).await.unwrap();
    assert_eq!(
        (drained.sessions, drained.answered),
        (1, 0),
        "what was answered before is no news"
    );
    assert_eq!((drained.unanswered, drained.unknown), (0, 0));
    // Who comes later finds nothing left to do.
    assert_eq!(server.shutdown().await.sessions, 0);
    drop(unbound);
}

/// Answers when it is let.
struct Gate {
    begun: Notify,
    open: Notify,
}

#[async_trait]
impl Handler for Gate {
    async fn submit_sm(&self, _: Kept<SubmitSm>) -> Result<SubmitSmResp, Reject> {
        self.begun.notify_one();
        self.open.notified().await;
        Ok(SubmitSmResp::default())
    }
}

struct Gated(Arc<Gate>);

#[async_trait]
impl Acceptor for Gated {
    async fn bind(&self, _: &Bind, _: &ConnectionInfo) -> Result<Arc<dyn Handler>, Reject> {
        Ok(self.0.clone())
    }
}

#[tokio::test]
async fn what_was_asked_before_and_is_answered_since_is_answered() {
    let (begun, open) = (Notify::new(), Notify::new());
    let gate = Arc::new(Gate { begun, open });
    let mut config = config();
    config.drain = PATIENCE;
    let server = Server::builder(Gated(gate.clone())).config(config).build();
    let address = server.listen("127.0.0.1:0").await.unwrap();
    let handle = esme(address).await;
    let asked = tokio::spawn(async move { handle.request(SubmitSm::default()).await });
    gate.begun.notified().await;
    assert_eq!(server.stats().in_hand, 1);
    let (drained, ()) = tokio::join!(server.shutdown(), async { gate.open.notify_one() });
    assert_eq!((drained.answered, drained.unanswered), (1, 0));
    asked.await.unwrap().unwrap();
}
