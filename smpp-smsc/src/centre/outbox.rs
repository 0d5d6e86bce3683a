//! What waits to be delivered to one account: messages to its addresses, and receipts.

use super::Centre;
use super::receipt;
use super::store::{Final, Held, Message};
use crate::peer::Peer;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use smpp_pdu::{CommandStatus, DeliverSm, EsmClass, MessageState, Tlvs, Version, tlv};
use smpp_session::RequestError;
use smpp_session::driver::CallError;
use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Until a delivery that failed for the time being is tried again.
const RETRY: Duration = Duration::from_secs(5);
/// How long a receiver is left alone that has refused something for the time being.
const REST: Duration = Duration::from_secs(1);
/// The bits of esm_class that say how the submitter wanted it sent: nothing to whom it is delivered to (R072).
const MODE_MASK: u8 = 0x03;

/// Bounded by the store, in which each of its messages has its room. Receipts and messages wait in queues of their
/// own, and take turns. What is delivered is begun in the order in which it came.
#[derive(Default)]
pub(super) struct Outbox {
    state: Mutex<State>,
    /// What the account has submitted and the centre still holds.
    pub(super) held: Held,
    /// There is more to do: an item, or a receiver.
    news: Notify,
}

#[derive(Default)]
struct State {
    receipts: Queue<Final>,
    messages: Queue<Message>,
    messages_next: bool,
    receivers: Vec<Receiver>,
    next_receiver: u64,
    /// How many deliveries were begun: receivers take turns.
    begun: usize,
    /// What is tried again, and when: the delay is one for all, so who came first is due first.
    later: VecDeque<(Instant, Item)>,
}

struct Receiver {
    name: u64,
    peer: Peer,
    /// It has refused something for the time being.
    rests_until: Option<Instant>,
}

/// In the order in which they first came: who is put back gets its place back.
struct Queue<T> {
    items: VecDeque<(u64, T)>,
    next: u64,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self {
            items: VecDeque::new(),
            next: 0,
        }
    }
}

impl<T> Queue<T> {
    fn push(&mut self, item: T) {
        self.items.push_back((self.next, item));
        self.next += 1;
    }
    fn put_back(&mut self, place: u64, item: T) {
        let before = self.items.partition_point(|(other, _)| *other < place);
        self.items.insert(before, (place, item));
    }
}

/// With its place in its queue.
enum Item {
    Receipt(u64, Final),
    Message(u64, Message),
}

impl Outbox {
    pub(super) fn push_receipt(&self, receipt: Final) {
        self.state().receipts.push(receipt);
        self.news.notify_one();
    }
    pub(super) fn push_message(&self, message: Message) {
        self.state().messages.push(message);
        self.news.notify_one();
    }

    /// A session of the account that may be delivered to; returns the name to [`Self::remove`] it by.
    pub(super) fn add(&self, peer: Peer) -> u64 {
        let mut state = self.state();
        state.next_receiver += 1;
        let name = state.next_receiver;
        state.receivers.push(Receiver {
            name,
            peer,
            rests_until: None,
        });
        drop(state);
        self.news.notify_one();
        name
    }
    pub(super) fn remove(&self, name: u64) {
        self.state().receivers.retain(|receiver| receiver.name != name);
    }

    /// A delivery over the receiver `name` has ended. What follows of it for a message may come back to this outbox, so
    /// nothing is locked meanwhile.
    fn ended(&self, name: u64, item: Item, result: Result<(), CallError>) {
        let Err(error) = result else {
            return item.delivered();
        };
        match Fate::of(&error) {
            Fate::Delivered => item.delivered(),
            Fate::Again => self.state().put_back(item),
            Fate::Later => self.state().put_off(name, item),
            Fate::Refused => {
                tracing::info!(%error, "a delivery was refused for good");
                item.refused();
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The next item, and a receiver that takes it at once: nothing waits in line behind a receiver that is slow.
    fn next(&mut self, now: Instant) -> Option<(Item, u64, Peer)> {
        while self.later.front().is_some_and(|(due, _)| *due <= now) {
            if let Some((_, item)) = self.later.pop_front() {
                self.put_back(item);
            }
        }
        let (begun, receivers) = (self.begun, self.receivers.len());
        let mut turns = (0..receivers).filter_map(|n| self.receivers.get((begun + n) % receivers));
        let free = turns.find(|receiver| receiver.takes_more(now))?;
        let (name, peer) = (free.name, free.peer.clone());
        self.messages_next = !self.messages_next;
        let item = match self.messages_next {
            true => self.message().or_else(|| self.receipt()),
            false => self.receipt().or_else(|| self.message()),
        }?;
        self.begun += 1;
        Some((item, name, peer))
    }

    /// When time alone changes something.
    fn due(&self) -> Option<Instant> {
        let retry = self.later.front().map(|(due, _)| *due);
        self.receivers
            .iter()
            .filter_map(|receiver| receiver.rests_until)
            .chain(retry)
            .min()
    }

    fn receipt(&mut self) -> Option<Item> {
        self.receipts
            .items
            .pop_front()
            .map(|(place, receipt)| Item::Receipt(place, receipt))
    }
    fn message(&mut self) -> Option<Item> {
        self.messages
            .items
            .pop_front()
            .map(|(place, message)| Item::Message(place, message))
    }
    fn put_back(&mut self, item: Item) {
        match item {
            Item::Receipt(place, receipt) => self.receipts.put_back(place, receipt),
            Item::Message(place, message) => self.messages.put_back(place, message),
        }
    }

    /// For a while; and so is its receiver.
    fn put_off(&mut self, name: u64, item: Item) {
        let now = Instant::now();
        self.later.push_back((now + RETRY, item));
        if let Some(receiver) = self.receivers.iter_mut().find(|receiver| receiver.name == name) {
            receiver.rests_until = Some(now + REST);
        }
    }

    /// Who has rested may be asked again.
    fn wake(&mut self, now: Instant) {
        for receiver in &mut self.receivers {
            receiver.rests_until = receiver.rests_until.filter(|until| *until > now);
        }
    }
}

impl Receiver {
    fn takes_more(&self, now: Instant) -> bool {
        self.rests_until.is_none_or(|until| until <= now) && self.peer.is_open() && self.peer.room() > 0
    }
}

/// Delivers what waits for one account, for as long as the centre lives.
pub(super) async fn run(outbox: Arc<Outbox>) {
    let mut under_way = FuturesUnordered::new();
    loop {
        let now = Instant::now();
        outbox.state().wake(now);
        // Not in one expression with the loop: the lock must not be held while a delivery begins.
        loop {
            let next = outbox.state().next(now);
            let Some((item, name, peer)) = next else { break };
            let mut delivery = Box::pin(deliver(item, name, peer));
            // Begun here, so that they begin in their order, and the next sees how much room is left.
            match poll_fn(|cx| Poll::Ready(delivery.as_mut().poll(cx))).await {
                Poll::Ready((name, item, result)) => outbox.ended(name, item, result),
                Poll::Pending => under_way.push(delivery),
            }
        }
        let due = outbox.state().due();
        let time = async {
            match due {
                Some(due) => tokio::time::sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = outbox.news.notified() => {}
            () = time => {}
            Some((name, item, result)) = under_way.next() => outbox.ended(name, item, result),
        }
    }
}

async fn deliver(item: Item, name: u64, peer: Peer) -> (u64, Item, Result<(), CallError>) {
    let pdu = item.deliver_sm(peer.version());
    let result = peer.deliver_sm(&pdu).await.map(drop);
    (name, item, result)
}

/// What becomes of a delivery that has failed.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    /// It has arrived all the same: only the rest of the answer could not be read.
    Delivered,
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
            Some(CommandStatus::ESME_ROK) => Self::Delivered,
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
            Self::Receipt(_, owed) => receipt::deliver_sm(owed, version),
            Self::Message(_, message) => message.deliver_sm(version),
        }
    }
    fn delivered(self) {
        if let Self::Message(_, message) = self {
            Centre::done(message, MessageState::DELIVERED);
        }
    }
    fn refused(self) {
        if let Self::Message(_, message) = self {
            Centre::done(message, MessageState::UNDELIVERABLE);
        }
    }
}

impl Message {
    /// As it is delivered to the owner of its destination.
    fn deliver_sm(&self, version: Version) -> DeliverSm {
        let mut pdu = self.pdu.clone();
        // What only a receipt of the centre's own may say.
        pdu.tlvs.remove(tlv::RECEIPTED_MESSAGE_ID);
        pdu.tlvs.remove(tlv::MESSAGE_STATE);
        pdu.tlvs.remove(tlv::NETWORK_ERROR_CODE);
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
            .field("receipts", &state.receipts.items.len())
            .field("messages", &state.messages.items.len())
            .field("receivers", &state.receivers.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use smpp_pdu::{CommandId, DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind};
    use smpp_session::{CloseReason, State};

    #[test]
    fn what_becomes_of_a_delivery_that_failed() {
        let encode = EncodeError {
            command: CommandId::DELIVER_SM,
            field: "tlvs",
            kind: EncodeErrorKind::Version,
        };
        let unreadable = DecodeError {
            command: CommandId::DELIVER_SM_RESP,
            field: "message_id",
            offset: 16,
            kind: DecodeErrorKind::Unterminated,
        };
        let wrong_state = RequestError::WrongState(CommandId::DELIVER_SM, State::Unbound);
        for (error, fate) in [
            (CallError::NotWritten(CloseReason::PeerClosed), Fate::Again),
            (CallError::MaybeDelivered(CloseReason::PeerClosed), Fate::Later),
            (CallError::TimedOut, Fate::Later),
            (CallError::Refused(wrong_state), Fate::Later),
            (CallError::Refused(RequestError::Encode(encode)), Fate::Refused),
            (CallError::Unreadable(unreadable), Fate::Delivered),
            (CallError::Nacked(CommandStatus::ESME_RINVCMDID), Fate::Refused),
            (CallError::Nacked(CommandStatus::ESME_RTHROTTLED), Fate::Later),
        ] {
            assert_eq!(Fate::of(&error), fate, "{error}");
        }
    }
}
