//! What a server is to its embedder, over real sockets: limits, listeners, and what a peer is told.

mod bounds;
mod drain;
mod ends;
mod esme;
mod limits;
mod outbind;
mod peer;
mod proxy;
mod stale;
mod strangers;
#[cfg(feature = "tls")]
mod tls;

use esme::PATIENCE;
use smpp_pdu::{COctetString, CommandId, CommandStatus, Kept, SubmitSm, SubmitSmResp, Unknown};
use smpp_smsc::{
    Acceptor, Bind, BindLimit, CloseReason, ConnectionInfo, Handler, Peer, Reject, Server, ServerBuilder, async_trait,
};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// What the server's side has seen.
enum Seen {
    /// A bind was judged.
    Bind(ConnectionInfo),
    /// A session is bound.
    Bound(Peer),
    /// A session is over.
    Closed(CloseReason),
}

/// Accepts every bind, tells what it sees, and answers submit_sm, but for "never".
struct Desk {
    seen: mpsc::UnboundedSender<Seen>,
    limit: Option<BindLimit>,
}

#[async_trait]
impl Acceptor for Desk {
    async fn bind(&self, _: &Bind, connection: &ConnectionInfo) -> Result<Arc<dyn Handler>, Reject> {
        let _ = self.seen.send(Seen::Bind(connection.clone()));
        let (seen, limit) = (self.seen.clone(), self.limit);
        Ok(Arc::new(Desk { seen, limit }))
    }
}

#[async_trait]
impl Handler for Desk {
    async fn submit_sm(&self, submit: Kept<SubmitSm>) -> Result<SubmitSmResp, Reject> {
        if submit.view().short_message.as_bytes() == b"never" {
            std::future::pending::<()>().await;
        }
        Ok(SubmitSmResp {
            message_id: COctetString::new("1").unwrap(),
            ..SubmitSmResp::default()
        })
    }
    /// Gives back what it got; but for "no", and for "wrong", which is another command's answer.
    async fn vendor(&self, pdu: Kept<Unknown>) -> Result<Unknown, Reject> {
        let command_id = match pdu.view().body {
            b"no" => return Err(CommandStatus::ESME_RMSGQFUL.into()),
            b"wrong" => CommandId(0x8001_02ff),
            _ => peer::ANSWER,
        };
        Ok(Unknown {
            command_id,
            body: pdu.view().body.into(),
        })
    }
    fn bind_limit(&self) -> Option<BindLimit> {
        self.limit
    }
    fn bound(&self, peer: &Peer) {
        let _ = self.seen.send(Seen::Bound(peer.clone()));
    }
    fn closed(&self, reason: CloseReason, _: u64) {
        let _ = self.seen.send(Seen::Closed(reason));
    }
}

/// What a [`Desk`] tells, in its order.
struct Log(mpsc::UnboundedReceiver<Seen>);

impl Log {
    async fn next(&mut self) -> Seen {
        timeout(PATIENCE, self.0.recv()).await.unwrap().unwrap()
    }
    /// The next that is bound; what came before is not looked at.
    async fn bound(&mut self) -> Peer {
        loop {
            if let Seen::Bound(peer) = self.next().await {
                return peer;
            }
        }
    }
    /// Why the next session that is over is.
    async fn closed(&mut self) -> CloseReason {
        loop {
            if let Seen::Closed(reason) = self.next().await {
                return reason;
            }
        }
    }
    /// The next connection that has sent a bind.
    async fn connection(&mut self) -> ConnectionInfo {
        loop {
            if let Seen::Bind(info) = self.next().await {
                return info;
            }
        }
    }
}

/// A server with a [`Desk`].
fn server(change: impl FnOnce(ServerBuilder) -> ServerBuilder) -> (Server, Log) {
    limited(None, change)
}

/// The same, whose handlers say how many sessions there may be.
fn limited(limit: Option<BindLimit>, change: impl FnOnce(ServerBuilder) -> ServerBuilder) -> (Server, Log) {
    let (seen, log) = mpsc::unbounded_channel();
    (change(Server::builder(Desk { seen, limit })).build(), Log(log))
}

/// Waits until a server has so many connections: who is gone is noticed a little later.
async fn has_connections(server: &Server, number: usize) {
    let reached = async {
        while server.connections() != number {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, reached).await.unwrap();
}
