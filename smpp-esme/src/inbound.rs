//! What the SMSC sends, as a stream.

use crate::client::Client;
use crate::queue::Queue;
use crate::responder::Responder;
use futures_util::Stream;
use smpp_pdu::{AlertNotification, DataSm, DeliverSm};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// What the SMSC sends, in the order of the wire.
///
/// The response to a request of ours and what follows it on the wire reach a task that polls both in that order:
/// whoever sees the receipt can have the message_id.
///
/// As much waits here unanswered as [`Config::max_inbound`](crate::Config::max_inbound) says; the next is refused with
/// ESME_RTHROTTLED. Keep-alives and responses never wait behind it. When this is dropped, what waits and what comes
/// is refused with [`Config::unanswered`](crate::Config::unanswered).
#[derive(Debug)]
pub struct Inbound {
    queue: Arc<Queue>,
    /// Who receives needs the session as much as who submits.
    _client: Client,
}

/// One PDU of the SMSC, and what answers it.
#[derive(Debug)]
#[non_exhaustive]
// The small one is the rare one, and a box would cost the others an allocation each.
#[allow(clippy::large_enum_variant)]
pub enum Delivery {
    /// A message or a receipt.
    DeliverSm(DeliverSm, Responder),
    /// The same, by the other operation.
    DataSm(DataSm, Responder),
    /// A subscriber has become available. It has no answer.
    AlertNotification(AlertNotification),
}

impl Inbound {
    pub(crate) fn new(queue: Arc<Queue>, client: Client) -> Self {
        Self { queue, _client: client }
    }

    /// The next; `None` once the session is over and all of it was taken. Cancel-safe.
    pub async fn recv(&mut self) -> Option<Delivery> {
        poll_fn(|cx| self.poll_recv(cx)).await
    }

    /// Polls for the next.
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<Delivery>> {
        self.queue.poll_pop(cx)
    }
}

impl Stream for Inbound {
    type Item = Delivery;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Delivery>> {
        self.poll_recv(cx)
    }
}

impl Drop for Inbound {
    fn drop(&mut self) {
        self.queue.abandon();
    }
}
