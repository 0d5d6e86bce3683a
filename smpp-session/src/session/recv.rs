//! What comes from the peer and from the transport.

use super::refuse::has_response;
use super::{Session, Stall};
use crate::config::Role;
use crate::deadline::after;
use crate::event::{Answer, CloseReason, Event, Outcome, Received};
use crate::free::Free;
use crate::state::{Permission, State, permission};
use crate::tally::Rare;
use crate::window::Slot;
use smpp_pdu::{
    BindTransceiverResp, CommandId, CommandStatus, Decoded, EnquireLinkResp, Header, Pdu, Version, next_frame, tlv,
};
use std::time::Instant;

impl<T> Session<T> {
    /// Takes whole PDUs from the front of `input` until one of them is an event, or no whole one is left. What waits
    /// for [`Self::poll_event`] comes first, so that everything is told in the order of the stream. Call it until it
    /// returns `None`, and keep what is left for the next time. While the session [is paused](Self::is_paused) it takes
    /// nothing: call it again when that has ended, by [`Self::respond`], [`Self::handle_written`] or
    /// [`Self::handle_timeout`].
    #[inline]
    pub fn handle_bytes<'a>(&mut self, now: Instant, input: &mut &'a [u8]) -> Option<Event<'a, T>> {
        self.now = now;
        loop {
            // What a PDU before has brought comes before what stands behind it.
            if let Some(event) = self.poll_event() {
                return Some(event);
            }
            if self.held || self.is_unread() {
                if self.state == State::Closed {
                    *input = &[];
                    return None;
                }
                if self.is_paused() {
                    return None;
                }
            }
            let before = *input;
            match next_frame(input, self.config.max_pdu) {
                Ok(Some(frame)) => {
                    self.heard(1);
                    self.held = false;
                    // An event is made where it is returned: it is large, and each move of it would be a copy.
                    let Some((command, header)) = Header::peek(frame) else {
                        continue;
                    };
                    if command.is_response() {
                        if !self.recv_own(command, header.sequence_number) {
                            return Some(self.recv_response(command, header, frame));
                        }
                        self.hear_congestion(frame);
                        continue;
                    }
                    self.tally.received.count(command);
                    if self.admits(command, header.sequence_number) {
                        match self.codec.decode(frame) {
                            Err(error) => self.malformed(command, header.sequence_number, error),
                            Ok(decoded) if !decoded.forgiven.is_empty() && !self.forgives() => {}
                            Ok(decoded) if has_response(command) => {
                                return Some(self.recv_request(command, header.sequence_number, decoded, frame));
                            }
                            Ok(decoded) => return Some(self.recv_notice(command, decoded, frame)),
                        }
                    } else if self.held && self.state != State::Closed {
                        *input = before; // it has no place
                    }
                }
                Ok(None) => {
                    self.unfinished(now, input);
                    return None;
                }
                Err(error) => self.untrusted(error),
            }
        }
    }

    /// What [`Self::handle_bytes`] would bring, as long as it is answers, `most` at most: each goes to `ended`, and no event
    /// is made of it. Returns how many they were.
    #[cfg(any(feature = "tokio", feature = "fuzzing"))]
    #[inline(always)] // in the driver
    pub(crate) fn handle_answers<'a>(
        &mut self,
        now: Instant,
        input: &mut &'a [u8],
        most: usize,
        mut ended: impl FnMut(T, Outcome<Answer<'a>>),
    ) -> usize {
        self.now = now;
        let mut answers = 0;
        // What the answer to a bind brings stands in an order of its own.
        if !self.state.is_bound() || self.is_unread() {
            return answers;
        }
        while answers < most && self.events.is_empty() && !self.held {
            let mut rest = *input;
            let Ok(Some(frame)) = next_frame(&mut rest, self.config.max_pdu) else {
                break;
            };
            let Some((command, header)) = Header::peek(frame).filter(|(command, _)| command.is_response()) else {
                break;
            };
            let Some(slot) = self.take_answered(command, header) else {
                break; // to a request of the session's own, or a stray
            };
            *input = rest;
            let outcome = self.outcome(&slot, command, header, frame);
            ended(slot.context, outcome);
            answers += 1;
        }
        if answers > 0 {
            self.heard(answers);
        }
        answers
    }

    /// So many whole PDUs.
    #[inline(always)]
    fn heard(&mut self, pdus: usize) {
        (self.last_heard, self.begun) = (self.now, None);
        self.stats.pdus_in += pdus as u64;
    }

    /// The transport has taken `n` more octets of what [`Self::poll_transmit`] gave: tells not written from maybe
    /// delivered.
    #[inline]
    pub fn handle_written(&mut self, n: usize) {
        if n == 0 {
            return;
        }
        let unread = self.is_unread();
        self.written = self.written.saturating_add(n as u64).min(self.taken);
        self.stall = if self.written == self.taken {
            Stall::Idle
        } else {
            Stall::Begins
        };
        if unread && !self.is_unread() {
            self.resume();
        }
    }

    /// What the peer said meanwhile is still to be read. The time of it is not known before the next that is told.
    #[cold]
    fn resume(&mut self) {
        self.resumed = true;
        self.wake_at = self.wake_at.min(self.now);
    }

    /// Nothing was read: neither silence nor half a PDU is the peer's fault until now.
    #[cold]
    pub(super) fn unheard(&mut self, now: Instant) {
        (self.last_heard, self.last_transaction) = (now, now);
        self.begun = self.begun.map(|(_, len)| (now, len));
    }

    /// The peer has closed the connection, or it is broken: nothing more is written, taken or not.
    pub fn handle_eof(&mut self) {
        if self.state == State::Closed {
            return; // What is left is the last word of a session that has ended before.
        }
        // Who was asked for the end, or has asked for it, may close at once: that is in order.
        let reason = match self.unbind.or(self.peer_unbind) {
            Some(_) => self.in_order(),
            None => CloseReason::PeerClosed,
        };
        self.out.clear();
        self.taken = self.written;
        self.close(reason);
    }

    /// A PDU that has begun must end in time.
    #[inline]
    fn unfinished(&mut self, now: Instant, input: &[u8]) {
        let (since, len) = self.begun.unwrap_or((now, 0));
        // What was here before is no news.
        if input.len() > len {
            self.last_heard = now;
            self.begun = Some((since, input.len()));
            self.wake_at = self.wake_at.min(after(since, self.config.pdu_read));
        }
    }

    /// Whether a request goes on to the application; else all is done.
    #[inline]
    fn admits(&mut self, command: CommandId, sequence: u32) -> bool {
        let permission = permission(self.codec.version, self.role.peer(), command, self.state);
        if permission != Permission::Allowed {
            let permission = self.or_registered(permission, self.role.peer(), command);
            if permission != Permission::Allowed {
                self.not_permitted(permission, command, sequence);
                return false;
            }
        }
        match command {
            CommandId::ENQUIRE_LINK => {
                self.recv_enquire_link(sequence);
                false
            }
            CommandId::UNBIND => {
                self.recv_unbind(sequence);
                false
            }
            _ if self.is_full() && has_response(command) => {
                self.overloaded(command, sequence);
                false
            }
            _ => true,
        }
    }

    #[inline]
    fn recv_request<'a>(
        &mut self,
        command: CommandId,
        sequence: u32,
        decoded: Decoded<Pdu<&'a [u8]>>,
        frame: &'a [u8],
    ) -> Event<'a, T> {
        if let Some(version) = bind_version(&decoded.pdu) {
            (self.binding, self.held) = (Some(version.min(self.config.version)), true);
        }
        self.stats.requests_in += 1;
        let deadline = self.due_in.after(self.now, self.config.answer, &mut self.wake_at);
        Event::Request(Received {
            token: self.inbound.insert(command, sequence, deadline),
            pdu: decoded.pdu,
            forgiven: decoded.forgiven,
            frame,
        })
    }

    fn recv_enquire_link(&mut self, sequence: u32) {
        self.stats.enquire_links += 1;
        if !self.affords(Free::EnquireLink) {
            return;
        }
        let header = Header {
            command_status: CommandStatus::ESME_ROK,
            sequence_number: sequence,
        };
        let len = self.codec.encode(header, &EnquireLinkResp::borrowed(), &mut self.out);
        self.say_congestion(len.unwrap_or_default());
        self.stats.pdus_out += 1;
    }

    /// What is still in the application's hands is answered first, within [`Config::drain`](crate::Config::drain): an
    /// answer that is lost makes the peer send the message again.
    fn recv_unbind(&mut self, sequence: u32) {
        let deadline = after(self.now, self.config.drain);
        self.peer_unbind = Some((sequence, deadline));
        self.wake_at = self.wake_at.min(deadline);
        self.enter(State::Unbound);
        self.agree_to_unbind();
    }

    #[cold]
    fn recv_notice<'a>(
        &mut self,
        command: CommandId,
        decoded: Decoded<Pdu<&'a [u8]>>,
        frame: &'a [u8],
    ) -> Event<'a, T> {
        self.last_transaction = self.now;
        if command == CommandId::OUTBIND {
            self.since = self.now;
            self.enter(State::Outbound);
        }
        Event::Notice(Received {
            token: (),
            pdu: decoded.pdu,
            forgiven: decoded.forgiven,
            frame,
        })
    }

    /// The answer to a request of the session's own, which takes no place in the window.
    #[inline]
    fn recv_own(&mut self, command: CommandId, sequence: u32) -> bool {
        let ours = |of: Option<(u32, Instant)>| of.is_some_and(|(number, _)| number == sequence);
        let nack = command == CommandId::GENERIC_NACK;
        if ours(self.probe) && (nack || command == CommandId::ENQUIRE_LINK_RESP) {
            self.probe = None;
            true
        } else if ours(self.unbind) && (nack || command == CommandId::UNBIND_RESP) {
            self.close(self.in_order());
            true
        } else {
            false
        }
    }

    #[inline]
    fn recv_response<'a>(&mut self, command: CommandId, header: Header, frame: &'a [u8]) -> Event<'a, T> {
        let Some(slot) = self.take_answered(command, header) else {
            self.stats.stray += 1;
            self.affords(Free::Stray);
            return Event::Stray {
                command_id: command,
                sequence_number: header.sequence_number,
            };
        };
        let outcome = self.outcome(&slot, command, header, frame);
        let context = slot.context;
        Event::Ended { context, outcome }
    }

    /// Matched by sequence number, then checked against the command (R017, R018).
    #[inline(always)]
    fn take_answered(&mut self, command: CommandId, header: Header) -> Option<Slot<T>> {
        let nack = command == CommandId::GENERIC_NACK;
        let fits = |response: CommandId| nack || response == command;
        self.window.take(header.sequence_number, fits)
    }

    /// What a request has come to, and what follows from it.
    #[inline(always)]
    fn outcome<'a>(
        &mut self,
        slot: &Slot<T>,
        command: CommandId,
        header: Header,
        frame: &'a [u8],
    ) -> Outcome<Answer<'a>> {
        self.last_transaction = self.now;
        self.agree_to_unbind();
        let bind = State::bound_by(slot.command);
        let outcome = if command == CommandId::GENERIC_NACK {
            self.stats.nacked += 1;
            self.tally.rare(Rare::Nacked(header.command_status));
            if let Some(state) = bind {
                self.tally.rare(Rare::Bind(state, header.command_status));
            }
            Outcome::Nacked(header.command_status)
        } else {
            self.stats.answered += 1;
            if header.command_status != CommandStatus::ESME_ROK {
                self.tally.rare(Rare::Answered(header.command_status));
            }
            if self.tally.is_timed(header.sequence_number) {
                let left = slot.deadline.saturating_duration_since(self.now);
                self.tally.time(self.config.response.saturating_sub(left));
            }
            if let Some(state) = bind {
                self.bind_answered(state, header.command_status, frame);
            }
            if self.codec.version >= Version::V50 {
                self.hear_congestion(frame);
            }
            Outcome::Answered(Answer::new(self.codec, frame))
        };
        if !self.state.is_bound() {
            self.wait_for_bind();
        }
        outcome
    }

    #[cold]
    fn bind_answered(&mut self, state: State, status: CommandStatus, frame: &[u8]) {
        self.tally.rare(Rare::Bind(state, status));
        // A bound session stays as it is, should the peer accept a second bind.
        if status == CommandStatus::ESME_ROK && matches!(self.state, State::Open | State::Outbound) {
            self.agree(frame);
            self.bound(state);
        }
    }

    /// A bind of ours goes out, the last `len` octets of what is to be sent.
    #[cold]
    pub(super) fn state_version(&mut self, len: usize) {
        let frame = self
            .out
            .len()
            .checked_sub(len)
            .and_then(|at| self.out.as_ref().get(at..));
        let decoded = frame.and_then(|frame| self.codec.decode(frame).ok());
        if let Some(version) = decoded.and_then(|decoded| bind_version(&decoded.pdu)) {
            self.stated = Some(version);
        }
    }

    /// The version that an accepted bind leads to: the lower of both. A message centre that does not say its own is
    /// taken for one of 3.4 at most, for many of these leave it out (against R080, as its test allows), or as
    /// [`Config::unstated_version`](crate::Config::unstated_version) has it.
    fn agree(&mut self, frame: &[u8]) {
        debug_assert_eq!(self.role, Role::Esme);
        // The three bind responses have one body.
        let stated = self.codec.decode_response::<BindTransceiverResp>(frame).ok();
        let stated = stated.and_then(|decoded| decoded.pdu?.tlvs.get(tlv::SC_INTERFACE_VERSION).ok().flatten());
        let theirs = stated.map_or(self.config.unstated_version, Version::from_interface_version);
        let ours = self.stated.unwrap_or(self.config.version).min(self.config.version);
        self.codec.version = ours.min(theirs);
    }
}

/// What a bind says of the version that its sender speaks; `None` if it is no bind.
#[inline]
fn bind_version(pdu: &Pdu<&[u8]>) -> Option<Version> {
    let interface_version = match pdu {
        Pdu::BindTransmitter(bind) => bind.interface_version,
        Pdu::BindReceiver(bind) => bind.interface_version,
        Pdu::BindTransceiver(bind) => bind.interface_version,
        _ => return None,
    };
    Some(Version::from_interface_version(interface_version))
}
