//! What waits to be delivered to one account: messages to its addresses, and receipts.

use super::Centre;
use super::receipt;
use super::store::{Final, Message};
use crate::peer::Peer;
use smpp_pdu::{CommandStatus, DeliverSm, EsmClass, MessageState, Tlvs, Version};
use smpp_session::RequestError;
use smpp_session::driver::CallError;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// Deliveries of one account that are under way at once, over all its binds: each bind's window bounds its own.
const UNDER_WAY: usize = 100;
/// Until a delivery that failed for the time being is tried again.
const RETRY: Duration = Duration::from_secs(5);
/// The bits of esm_class that say how the submitter wanted it sent: nothing to whom it is delivered to (R072).
const MODE_MASK: u8 = 0x03;

/// Bounded by the store, in which each of its messages has its room. Receipts and messages wait in queues of their
/// own, and take turns.
#[derive(Default)]
pub(super) struct Outbox {
    state: Mutex<State>,
    /// There is more to do: an item, or a receiver.
    news: Notify,
}

#[derive(Default)]
struct State {
    receipts: VecDeque<Final>,
    messages: VecDeque<Message>,
    messages_next: bool,
    receivers: Vec<(u64, Peer)>,
    next_receiver: u64,
    /// How many deliveries were begun: receivers take turns.
    begun: usize,
}

enum Item {
    Receipt(Final),
    Message(Message),
}

impl Outbox {
    pub(super) fn push_receipt(&self, receipt: Final) {
        self.state().receipts.push_back(receipt);
        self.news.notify_one();
    }
    pub(super) fn push_message(&self, message: Message) {
        self.state().messages.push_back(message);
        self.news.notify_one();
    }

    /// A session of the account that may be delivered to; returns the name to [`Self::remove`] it by.
    pub(super) fn add(&self, peer: Peer) -> u64 {
        let mut state = self.state();
        state.next_receiver += 1;
        let name = state.next_receiver;
        state.receivers.push((name, peer));
        drop(state);
        self.news.notify_one();
        name
    }
    pub(super) fn remove(&self, name: u64) {
        self.state().receivers.retain(|(receiver, _)| *receiver != name);
    }

    fn put_back(&self, item: Item) {
        match item {
            Item::Receipt(receipt) => self.state().receipts.push_front(receipt),
            Item::Message(message) => self.state().messages.push_front(message),
        }
        self.news.notify_one();
    }

    /// The next item and a receiver for it, if there are both.
    fn next(&self) -> Option<(Item, Peer)> {
        let mut state = self.state();
        let (began, receivers) = (state.begun, state.receivers.len());
        let turns = (0..receivers).map(|n| (began + n) % receivers);
        let mut open = turns
            .filter_map(|turn| state.receivers.get(turn))
            .filter(|(_, peer)| peer.is_open());
        let peer = open.next().map(|(_, peer)| peer.clone())?;
        state.messages_next = !state.messages_next;
        let item = match state.messages_next {
            true => state.message().or_else(|| state.receipt()),
            false => state.receipt().or_else(|| state.message()),
        }?;
        state.begun += 1;
        Some((item, peer))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn receipt(&mut self) -> Option<Item> {
        self.receipts.pop_front().map(Item::Receipt)
    }
    fn message(&mut self) -> Option<Item> {
        self.messages.pop_front().map(Item::Message)
    }
}

/// Delivers what waits for one account, for as long as the centre lives.
pub(super) async fn run(outbox: Arc<Outbox>) {
    let mut under_way = JoinSet::new();
    loop {
        while under_way.len() < UNDER_WAY
            && let Some((item, peer)) = outbox.next()
        {
            under_way.spawn(deliver(outbox.clone(), item, peer));
        }
        tokio::select! {
            () = outbox.news.notified() => {}
            Some(_) = under_way.join_next() => {}
        }
    }
}

async fn deliver(outbox: Arc<Outbox>, item: Item, peer: Peer) {
    let pdu = item.deliver_sm(peer.version());
    match peer.deliver_sm(&pdu).await {
        Ok(_) => item.delivered(),
        Err(error) => match Fate::of(&error) {
            Fate::Again => outbox.put_back(item),
            Fate::Later => {
                tokio::time::sleep(RETRY).await;
                outbox.put_back(item);
            }
            Fate::Refused => {
                tracing::info!(%error, "a delivery was refused for good");
                item.refused();
            }
        },
    }
}

/// What becomes of a delivery that has failed.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    /// At once, over another session.
    Again,
    /// After a while.
    Later,
    /// Not any more.
    Refused,
}

impl Fate {
    /// Nothing is lost because a session was: what may have arrived is sent again. What the ESME refuses for the time
    /// being is tried again later; the rest it has refused for good.
    fn of(error: &CallError) -> Self {
        match error.command_status() {
            Some(
                CommandStatus::ESME_RSYSERR
                | CommandStatus::ESME_RMSGQFUL
                | CommandStatus::ESME_RTHROTTLED
                | CommandStatus::ESME_RX_T_APPN,
            ) => Self::Later,
            Some(_) => Self::Refused,
            None => match error {
                CallError::NotWritten(_) => Self::Again,
                // Its version has no room for it: another attempt would have no more.
                CallError::Refused(RequestError::Encode(_)) => Self::Refused,
                _ => Self::Later,
            },
        }
    }
}

impl Item {
    fn deliver_sm(&self, version: Version) -> DeliverSm {
        match self {
            Self::Receipt(owed) => receipt::deliver_sm(owed, version),
            Self::Message(message) => message.deliver_sm(version),
        }
    }
    fn delivered(self) {
        if let Self::Message(message) = self {
            Centre::done(message, MessageState::DELIVERED);
        }
    }
    fn refused(self) {
        if let Self::Message(message) = self {
            Centre::done(message, MessageState::UNDELIVERABLE);
        }
    }
}

impl Message {
    /// As it is delivered to the owner of its destination.
    fn deliver_sm(&self, version: Version) -> DeliverSm {
        let pdu = self.pdu.clone();
        DeliverSm {
            service_type: pdu.service_type,
            source_addr: pdu.source_addr,
            destination_addr: pdu.destination_addr,
            esm_class: EsmClass(pdu.esm_class.0 & !MODE_MASK),
            protocol_id: pdu.protocol_id,
            priority_flag: pdu.priority_flag,
            data_coding: pdu.data_coding,
            short_message: pdu.short_message,
            tlvs: if version >= Version::V34 {
                pdu.tlvs
            } else {
                Tlvs::default()
            },
            ..DeliverSm::default()
        }
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("Outbox")
            .field("receipts", &state.receipts.len())
            .field("messages", &state.messages.len())
            .field("receivers", &state.receivers.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use smpp_pdu::{CommandId, EncodeError, EncodeErrorKind};
    use smpp_session::{CloseReason, State};

    #[test]
    fn what_becomes_of_a_delivery_that_failed() {
        let encode = EncodeError {
            command: CommandId::DELIVER_SM,
            field: "tlvs",
            kind: EncodeErrorKind::Version,
        };
        let wrong_state = RequestError::WrongState(CommandId::DELIVER_SM, State::Unbound);
        for (error, fate) in [
            (CallError::NotWritten(CloseReason::PeerClosed), Fate::Again),
            (CallError::MaybeDelivered(CloseReason::PeerClosed), Fate::Later),
            (CallError::TimedOut, Fate::Later),
            (CallError::Refused(wrong_state), Fate::Later),
            (CallError::Refused(RequestError::Encode(encode)), Fate::Refused),
            (CallError::Nacked(CommandStatus::ESME_RINVCMDID), Fate::Refused),
            (CallError::Nacked(CommandStatus::ESME_RTHROTTLED), Fate::Later),
        ] {
            assert_eq!(Fate::of(&error), fate, "{error}");
        }
    }
}
