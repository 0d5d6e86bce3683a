//! Hands what is submitted here on to another SMSC, and its answer back, whatever it is:
//! `cargo run -p smpp-smsc --example forwarder smpp://system_id:password@host:port`.

use smpp_esme::{CallError, Client, Esme};
use smpp_pdu::{CommandStatus, Kept, SubmitSm, SubmitSmResp};
use smpp_smsc::{Acceptor, Bind, ConnectionInfo, Handler, Reject, Server, async_trait};
use std::sync::Arc;

#[derive(Clone)]
pub(crate) struct Forwarder(pub(crate) Client);

#[async_trait]
impl Acceptor for Forwarder {
    async fn bind(&self, _: &Bind, _: &ConnectionInfo) -> Result<Arc<dyn Handler>, Reject> {
        Ok(Arc::new(self.clone()))
    }
}

#[async_trait]
impl Handler for Forwarder {
    async fn submit_sm(&self, submit: Kept<SubmitSm>) -> Result<SubmitSmResp, Reject> {
        self.0.submit_sm(&submit.view()).await.map_err(|error| match error {
            CallError::Rejected(rejection) => rejection.command_status().into(),
            CallError::Nacked(status) => status.into(),
            // Nobody else has it: the ESME may try again.
            CallError::Refused(_) | CallError::NotWritten(_) => CommandStatus::ESME_RMSGQFUL.into(),
            // They may have it: what is tried again may arrive twice.
            _ => CommandStatus::ESME_RSUBMITFAIL.into(),
        })
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).ok_or("whom to forward to?")?;
    let (client, _inbound) = Esme::builder(&url)?.window(100).connect().await?;
    let server = Server::builder(Forwarder(client.clone()))
        .system_id("forwarder")
        .build();
    println!("smpp listening on {}", server.listen("127.0.0.1:2776").await?);
    println!("the other SMSC: {}", client.closed().await);
    server.shutdown().await;
    Ok(())
}
