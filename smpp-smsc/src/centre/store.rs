//! What the centre holds: bounded, in memory.

use super::message_id::MessageIds;
use super::outbox::Outbox;
use smpp_pdu::{COctetString, CommandStatus, MessageState, SubmitSm, Version};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

/// A message that was accepted, from submit_sm to the end of the last thing that is owed for it.
pub(super) struct Message {
    /// As the submitter knows it.
    pub(super) message_id: COctetString,
    pub(super) pdu: SubmitSm,
    pub(super) submitted: SystemTime,
    /// The version of the session that it came by: bits mean what they mean there.
    pub(super) version: Version,
    /// Of the account that submitted it: where its receipt goes.
    pub(super) sender: Arc<Outbox>,
    _room: [Room; 2],
}

/// A message whose final state is known, and a receipt owed.
pub(super) struct Final {
    pub(super) message: Message,
    pub(super) state: MessageState,
    pub(super) done: SystemTime,
}

/// How much is held, and how much may be. What is held stands in the queues of the handsets and of the outboxes; each
/// message has its room here until it is forgotten.
#[derive(Debug)]
pub(super) struct Store {
    capacity: usize,
    /// What one account may have of it, so that it cannot shut out the others.
    account_capacity: usize,
    held: Held,
    ids: MessageIds,
}

/// How many messages are held: by all, or for one account.
#[derive(Debug, Clone, Default)]
pub(super) struct Held(Arc<AtomicUsize>);

impl Held {
    /// Room for one more, if there are fewer than `capacity`.
    fn take(&self, capacity: usize) -> Option<Room> {
        let taken = self.0.fetch_add(1, Ordering::Relaxed);
        let room = Room(self.clone());
        (taken < capacity).then_some(room)
    }
}

/// The room of one message, given back when it is forgotten.
struct Room(Held);

impl Drop for Room {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Store {
    pub(super) fn new(capacity: usize, account_capacity: usize) -> Self {
        Self {
            capacity,
            account_capacity,
            held: Held::default(),
            ids: MessageIds::new(),
        }
    }

    /// Takes a message in; ESME_RMSGQFUL if there is no room.
    pub(super) fn insert(
        &self,
        pdu: SubmitSm,
        version: Version,
        sender: &Arc<Outbox>,
    ) -> Result<Message, CommandStatus> {
        let ours = sender
            .held
            .take(self.account_capacity)
            .ok_or(CommandStatus::ESME_RMSGQFUL)?;
        let room = self.held.take(self.capacity).ok_or(CommandStatus::ESME_RMSGQFUL)?;
        let message_id = self.ids.next().text(version);
        let (submitted, _room) = (SystemTime::now(), [room, ours]);
        Ok(Message {
            message_id,
            pdu,
            submitted,
            version,
            sender: sender.clone(),
            _room,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.held.0.load(Ordering::Relaxed)
    }
}
