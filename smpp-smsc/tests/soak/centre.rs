//! The server: it counts what it gets, and delivers what it has over any session that is bound.

use crate::chance::Chance;
use crate::ledger::Ledger;
use crate::{WINDOW, number};
use smpp_pdu::{CommandStatus, DeliverSm, Kept, ShortMessage, SubmitSm, SubmitSmResp};
use smpp_smsc::{Acceptor, Bind, Config, ConnectionInfo, Handler, Peer, Reject, Server, async_trait};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the sessions of the server share.
#[derive(Debug, Clone)]
pub(crate) struct Centre {
    pub(crate) submissions: Arc<Ledger>,
    pub(crate) deliveries: Arc<Ledger>,
    pub(crate) chance: Arc<Mutex<Chance>>,
}

impl Centre {
    /// One of 40.
    fn chance(&self) -> u64 {
        self.chance.lock().expect("nobody panics over it").below(40)
    }

    pub(crate) async fn listen(&self, config: Config) -> io::Result<(Server, SocketAddr)> {
        let server = Server::builder(self.clone()).config(config).build();
        let address = server.listen("127.0.0.1:0").await?;
        Ok((server, address))
    }
}

#[async_trait]
impl Acceptor for Centre {
    async fn bind(&self, _: &Bind, _: &ConnectionInfo) -> Result<Arc<dyn Handler>, Reject> {
        Ok(Arc::new(self.clone()))
    }
}

#[async_trait]
impl Handler for Centre {
    async fn submit_sm(&self, pdu: Kept<SubmitSm>) -> Result<SubmitSmResp, Reject> {
        let number = number(&pdu.view().short_message).ok_or(CommandStatus::ESME_RINVMSGLEN)?;
        match self.chance() {
            0 => {
                self.submissions.refused();
                return Err(CommandStatus::ESME_RTHROTTLED.into());
            }
            // Some answers take their time, so that cuts find them under way.
            1..=5 => tokio::time::sleep(Duration::from_millis(5)).await,
            _ => {}
        }
        self.submissions.got(number);
        Ok(SubmitSmResp::default())
    }

    fn bound(&self, peer: &Peer) {
        for _ in 0..WINDOW {
            let (deliveries, peer) = (self.deliveries.clone(), peer.clone());
            tokio::spawn(async move {
                while let Some(number) = deliveries.take() {
                    let pdu = DeliverSm {
                        short_message: ShortMessage::new(number.to_string()).expect("a number is short"),
                        ..DeliverSm::default()
                    };
                    let told = peer.deliver_sm(&pdu).await;
                    if !deliveries.end(number, told.map_err(|error| error.retry_delivery())) {
                        break;
                    }
                }
            });
        }
    }
}
