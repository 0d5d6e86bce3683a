//! The client: one endpoint of many binds, over which workers submit what is left, and one who takes what comes.

use crate::ledger::Ledger;
use crate::{BINDS, WINDOW, hasty, number};
use smpp_esme::pdu::{COctetString, Password, ShortMessage, SubmitSm};
use smpp_esme::{Attempts, Builder, Delivery, Endpoint, EndpointError, EndpointInbound, RetryPolicy};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// An endpoint that is bound again as soon as it can be, and sends again what was refused for now.
pub(crate) async fn endpoint(address: SocketAddr) -> (Endpoint, EndpointInbound) {
    let member = Builder::new(COctetString::new("soak").expect("short"), Password::default())
        .addresses([address])
        .configure(|config| *config = hasty());
    let mut retry = RetryPolicy::default();
    retry.slower = Attempts {
        most: u32::MAX,
        first: Duration::from_millis(1),
        longest: Duration::from_millis(20),
    };
    let builder = Endpoint::builder().retry(retry).reconnect(|reconnect| {
        reconnect.first = Duration::from_millis(2);
        reconnect.longest = Duration::from_millis(50);
        reconnect.per_minute = u32::MAX;
    });
    (0..BINDS)
        .fold(builder, |builder, _| builder.member(member.clone()))
        .start()
        .await
}

/// Submits to the end: more at once than the windows hold, so that some always wait for a bind.
pub(crate) async fn submit(endpoint: &Endpoint, submissions: Arc<Ledger>) {
    let mut submitting = JoinSet::new();
    for _ in 0..BINDS * WINDOW * 2 {
        submitting.spawn(some(endpoint.clone(), submissions.clone()));
    }
    submitting.join_all().await;
}

async fn some(endpoint: Endpoint, submissions: Arc<Ledger>) {
    while let Some(number) = submissions.take() {
        let pdu = SubmitSm {
            short_message: ShortMessage::new(number.to_string()).expect("a number is short"),
            ..SubmitSm::default()
        };
        let told = endpoint.submit_sm(&pdu).await;
        submissions.end(number, told.map_err(|error| EndpointError::retry(&error)));
    }
}

/// Takes what comes, to the end of the endpoint and what was left by it.
pub(crate) async fn receive(mut inbound: EndpointInbound, deliveries: Arc<Ledger>) {
    while let Some((_, delivery)) = inbound.recv().await {
        if let Delivery::DeliverSm(pdu, responder) = delivery {
            deliveries.got(number(&pdu.short_message).expect("a number"));
            // Too late, perhaps: then the server does not know that it was taken.
            let _ = responder.accept();
        }
    }
}
