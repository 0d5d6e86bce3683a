//! The clients: each is bound anew when its connection is lost, and takes what nobody has sent yet.

use crate::ledger::Ledger;
use crate::{WINDOW, number};
use smpp_esme::pdu::{ShortMessage, SubmitSm};
use smpp_esme::{Builder, CallError, Client, Delivery, Inbound};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;

/// One bind of many.
#[derive(Debug, Clone)]
pub(crate) struct Esme {
    pub(crate) submissions: Arc<Ledger>,
    pub(crate) deliveries: Arc<Ledger>,
    /// Binds that came to nothing.
    pub(crate) failed: Arc<AtomicUsize>,
}

impl Esme {
    /// Until it is dropped.
    pub(crate) async fn run(self, builder: Builder) {
        loop {
            match builder.connect().await {
                Ok((client, inbound)) => {
                    tokio::spawn(receive(inbound, self.deliveries.clone()));
                    let mut submitting = JoinSet::new();
                    for _ in 0..WINDOW {
                        submitting.spawn(self.clone().submit(client.clone()));
                    }
                    client.closed().await;
                    submitting.join_all().await;
                }
                Err(_) => {
                    self.failed.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            }
        }
    }

    async fn submit(self, client: Client) {
        while let Some(number) = self.submissions.take() {
            let pdu = SubmitSm {
                short_message: ShortMessage::new(number.to_string()).expect("a number is short"),
                ..SubmitSm::default()
            };
            let told = client.submit_sm(&pdu).await;
            if !self.submissions.end(number, told, CallError::retry) {
                break;
            }
        }
    }
}

/// Takes what comes, to the end of the session and what was left by it.
async fn receive(mut inbound: Inbound, deliveries: Arc<Ledger>) {
    while let Some(delivery) = inbound.recv().await {
        if let Delivery::DeliverSm(pdu, responder) = delivery {
            deliveries.got(number(&pdu.short_message).expect("a number"));
            // Too late, perhaps: then the server does not know that it was taken.
            let _ = responder.accept();
        }
    }
}
