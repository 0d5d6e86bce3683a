//! Sends each text back to whoever submitted it, from the address that it was for:
//! `cargo run -p smpp-smsc --example echo`.

use smpp_pdu::{COctetString, CommandStatus, DeliverSm, Kept, SubmitSm, SubmitSmResp};
use smpp_smsc::{Acceptor, Bind, ConnectionInfo, Handler, Peer, Reject, Server, async_trait};
use std::sync::{Arc, OnceLock};

pub(crate) struct Gate;

#[async_trait]
impl Acceptor for Gate {
    async fn bind(&self, _: &Bind, _: &ConnectionInfo) -> Result<Arc<dyn Handler>, Reject> {
        Ok(Arc::new(Echo::default()))
    }
}

#[derive(Default)]
struct Echo(OnceLock<Peer>);

#[async_trait]
impl Handler for Echo {
    fn bound(&self, peer: &Peer) {
        let _ = self.0.set(peer.clone());
    }

    async fn submit_sm(&self, submit: Kept<SubmitSm>) -> Result<SubmitSmResp, Reject> {
        let peer = self.0.get().cloned().ok_or(CommandStatus::ESME_RSYSERR)?;
        let submit = submit.view().into_owned();
        let deliver = DeliverSm {
            source_addr: submit.destination_addr,
            destination_addr: submit.source_addr,
            data_coding: submit.data_coding,
            short_message: submit.short_message,
            ..DeliverSm::default()
        };
        // Not waited for: the submit_sm_resp would wait with it. Who is no receiver gets none.
        tokio::spawn(async move { peer.deliver_sm(&deliver).await });
        let message_id = COctetString::new("1").map_err(|_| CommandStatus::ESME_RSYSERR)?;
        Ok(SubmitSmResp {
            message_id,
            ..SubmitSmResp::default()
        })
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let server = Server::builder(Gate).system_id("echo").build();
    println!("smpp listening on {}", server.listen("127.0.0.1:2775").await?);
    std::future::pending().await
}
