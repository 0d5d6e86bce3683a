//! However a session ends, its handler hears of it once, and before its place is given back.

use crate::esme::{self, Esme, PATIENCE};
use smpp_pdu::{CommandStatus, Kept, SubmitSm, SubmitSmResp};
use smpp_smsc::{Acceptor, Bind, CloseReason, ConnectionInfo, Handler, Reject, Server, async_trait};
use std::future::pending;
use std::sync::{Arc, Mutex, OnceLock};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

/// Why a session has ended, how many requests were in its handler's hands, and how many connections there were then.
type End = (CloseReason, u64, usize);

/// Accepts every bind, and never answers.
#[derive(Clone, Default)]
struct Desk {
    server: Arc<OnceLock<Server>>,
    ends: Arc<Mutex<Vec<End>>>,
}

#[async_trait]
impl Acceptor for Desk {
    async fn bind(&self, _: &Bind, _: &ConnectionInfo) -> Result<Arc<dyn Handler>, Reject> {
        Ok(Arc::new(self.clone()))
    }
}

#[async_trait]
impl Handler for Desk {
    async fn submit_sm(&self, _: Kept<SubmitSm>) -> Result<SubmitSmResp, Reject> {
        pending().await
    }
    fn closed(&self, reason: CloseReason, abandoned: u64) {
        let connections = self.server.get().unwrap().connections();
        self.ends.lock().unwrap().push((reason, abandoned, connections));
    }
}

fn server() -> (Server, Desk) {
    let desk = Desk::default();
    let server = Server::builder(desk.clone()).build();
    assert!(desk.server.set(server.clone()).is_ok());
    (server, desk)
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// An ESME that is bound and has asked something, at a server whose runtime goes on for as long as it is polled.
async fn asks(server: &Server, io: tokio::io::DuplexStream) -> Esme<tokio::io::DuplexStream> {
    let mut esme = Esme::over(io);
    assert_eq!(esme.bind("a").await, CommandStatus::ESME_ROK);
    esme.send(&esme::pdu(2, &SubmitSm::default())).await;
    let asked = async {
        while server.stats().in_hand == 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, asked).await.unwrap();
    esme
}

/// Nobody has a place any more, and a shutdown waits for nobody.
async fn is_over(server: &Server, desk: &Desk, reason: CloseReason) {
    assert_eq!(*desk.ends.lock().unwrap(), [(reason, 1, 1)]);
    assert_eq!(server.connections(), 0);
    let stats = server.stats();
    assert_eq!((stats.in_hand, stats.abandoned), (0, 1));
    timeout(PATIENCE, server.shutdown()).await.expect("it waits for nobody");
}

#[tokio::test]
async fn whose_future_is_dropped() {
    let (server, desk) = server();
    let (ours, theirs) = tokio::io::duplex(1 << 12);
    let esme = tokio::select! {
        ended = server.serve(theirs) => panic!("{ended:?}"),
        esme = asks(&server, ours) => esme,
    };
    is_over(&server, &desk, CloseReason::Local).await;
    drop(esme);
    // Never polled, it has no place.
    drop(server.serve(tokio::io::duplex(1).0));
    assert_eq!(desk.ends.lock().unwrap().len(), 1);
}

#[test]
fn whose_runtime_is_shut_down() {
    let (server, desk) = server();
    let (ours, theirs) = tokio::io::duplex(1 << 12);
    let serves = server.clone();
    let first = runtime();
    let _esme = first.block_on(async {
        tokio::spawn(async move { serves.serve(theirs).await });
        asks(&server, ours).await
    });
    assert_eq!(desk.ends.lock().unwrap().len(), 0);
    drop(first);
    runtime().block_on(is_over(&server, &desk, CloseReason::Local));
}

#[tokio::test(start_paused = true)]
async fn whose_peer_is_gone() {
    let (server, desk) = server();
    let (ours, theirs) = tokio::io::duplex(1 << 12);
    let serves = server.clone();
    let served = tokio::spawn(async move { serves.serve(theirs).await });
    drop(asks(&server, ours).await);
    let reason = timeout(PATIENCE, served).await.unwrap().unwrap().unwrap();
    is_over(&server, &desk, reason).await;
}
