//! Simulated handsets: every message arrives, after a delay.

use super::store::{Final, Message};
use super::{Centre, receipt};
use smpp_pdu::MessageState;
use std::time::{Duration, SystemTime};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// Where messages wait for their handset. The store bounds how many there are.
pub(super) type Handsets = mpsc::UnboundedSender<(Instant, Message)>;

/// Runs all handsets, in one task: with one delay for all, who came first is due first.
pub(super) async fn run(mut messages: mpsc::UnboundedReceiver<(Instant, Message)>, delay: Duration) {
    while let Some((since, message)) = messages.recv().await {
        sleep_until(since + delay).await;
        Centre::done(message, MessageState::DELIVERED);
    }
}

impl Centre {
    /// Sends an accepted message on its way: to the account that owns its destination, else to a handset.
    pub(super) fn route(&self, message: Message) {
        match self.0.accounts.owner(message.pdu.destination_addr.addr.as_bytes()) {
            Some(outbox) => outbox.push_message(message),
            // The receiver lives as long as the centre, but for the end of the runtime.
            None => drop(self.0.handsets.send((Instant::now(), message))),
        }
    }

    /// A message has reached its final state: the submitter gets the receipt that it has asked for.
    pub(super) fn done(message: Message, state: MessageState) {
        if receipt::is_owed(&message, state) {
            let outbox = message.sender.clone();
            outbox.push_receipt(Final {
                message,
                state,
                done: SystemTime::now(),
            });
        }
    }
}
