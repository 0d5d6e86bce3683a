//! A server over a Unix socket: `serve` takes any stream. `cargo run -p smpp-smsc --example unix_socket PATH`.

use smpp_pdu::{COctetString, CommandStatus, Kept, SubmitSm, SubmitSmResp};
use smpp_smsc::{Acceptor, Bind, ConnectionInfo, Handler, Reject, Server, async_trait};
use std::sync::Arc;
use tokio::net::UnixListener;

pub(crate) struct Gate;

#[async_trait]
impl Acceptor for Gate {
    async fn bind(&self, _: &Bind, _: &ConnectionInfo) -> Result<Arc<dyn Handler>, Reject> {
        Ok(Arc::new(Inbox))
    }
}

struct Inbox;

#[async_trait]
impl Handler for Inbox {
    async fn submit_sm(&self, _: Kept<SubmitSm>) -> Result<SubmitSmResp, Reject> {
        let message_id = COctetString::new("1").map_err(|_| CommandStatus::ESME_RSYSERR)?;
        Ok(SubmitSmResp {
            message_id,
            ..SubmitSmResp::default()
        })
    }
}

/// To the end of the listener.
pub(crate) async fn accept(server: Server, listener: UnixListener) -> std::io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        let server = server.clone();
        tokio::spawn(async move { server.serve(stream).await });
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "smpp.sock".into());
    let listener = UnixListener::bind(&path)?;
    println!("smpp listening on {path}");
    accept(Server::builder(Gate).build(), listener).await
}
