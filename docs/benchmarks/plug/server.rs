//! Ours: smpp-smsc's server. `--mode sync`: the synchronous path; `async` (the default): an async-trait handler that is
//! ready at once; `wait`: one that waits for another task, as for a group commit; `spawn`: the same in a task of its own for
//! each message.

use smpp_pdu::{AnyResponse, COctetString, Kept, Pdu, SubmitSm, SubmitSmResp};
use smpp_session_bench::{Args, count, raise_nofile, ready_until_stdin_closes};
use smpp_smsc::{Acceptor, Bind, ConnectionInfo, Handler, Reject, Server, async_trait};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

type Commit = mpsc::UnboundedSender<oneshot::Sender<()>>;

struct Gate {
    at_once: bool,
    commit: Option<Commit>,
    spawns: bool,
}

#[async_trait]
impl Acceptor for Gate {
    async fn bind(&self, _: &Bind, _: &ConnectionInfo) -> Result<Arc<dyn Handler>, Reject> {
        Ok(match self.commit.clone() {
            None if self.at_once => Arc::new(AtOnce),
            None => Arc::new(Ready),
            Some(commit) if self.spawns => Arc::new(Spawns(commit)),
            Some(commit) => Arc::new(Waits(commit)),
        })
    }
}

fn accepted() -> SubmitSmResp {
    count(1);
    SubmitSmResp { message_id: COctetString::new("0123456789ABCDEF").unwrap(), ..SubmitSmResp::default() }
}

struct AtOnce;

#[async_trait]
impl Handler for AtOnce {
    fn at_once(&self, pdu: &Pdu<&[u8]>) -> Option<Result<AnyResponse, Reject>> {
        let Pdu::SubmitSm(pdu) = pdu else { return None };
        std::hint::black_box(pdu);
        Some(Ok(accepted().into()))
    }
}

struct Ready;

#[async_trait]
impl Handler for Ready {
    async fn submit_sm(&self, pdu: Kept<SubmitSm>) -> Result<SubmitSmResp, Reject> {
        std::hint::black_box(&pdu.view());
        Ok(accepted())
    }
}

async fn committed(commit: &Commit) {
    let (done, committed) = oneshot::channel();
    commit.send(done).unwrap();
    committed.await.unwrap();
}

struct Waits(Commit);

#[async_trait]
impl Handler for Waits {
    async fn submit_sm(&self, pdu: Kept<SubmitSm>) -> Result<SubmitSmResp, Reject> {
        std::hint::black_box(&pdu.view());
        committed(&self.0).await;
        Ok(accepted())
    }
}

struct Spawns(Commit);

#[async_trait]
impl Handler for Spawns {
    async fn submit_sm(&self, pdu: Kept<SubmitSm>) -> Result<SubmitSmResp, Reject> {
        std::hint::black_box(&pdu.view());
        let commit = self.0.clone();
        tokio::spawn(async move { committed(&commit).await }).await.unwrap();
        Ok(accepted())
    }
}

fn main() {
    raise_nofile();
    let a = Args::parse();
    a.runtime().block_on(async move {
        let commit = matches!(&*a.mode, "wait" | "spawn").then(|| {
            let (commit, mut waiting) = mpsc::unbounded_channel::<oneshot::Sender<()>>();
            tokio::spawn(async move {
                let mut group = Vec::new();
                while waiting.recv_many(&mut group, 1000).await > 0 {
                    group.drain(..).for_each(|done| {
                        let _ = done.send(());
                    });
                }
            });
            commit
        });
        let server = Server::builder(Gate { at_once: a.mode == "sync", commit, spawns: a.mode == "spawn" }).system_id("bench").build();
        server.listen(("127.0.0.1", a.port)).await.unwrap();
        ready_until_stdin_closes();
        std::future::pending::<()>().await
    })
}
