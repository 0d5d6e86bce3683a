//! What this side asks, answers and ends.

use super::Session;
use crate::deadline::after;
use crate::error::{RequestError, RespondError};
use crate::event::{CloseReason, Event, Outcome};
use crate::inbound::{Inbound, RequestToken, Waiting};
use crate::state::{Permission, State, permission};
use crate::tally::Rare;
use crate::window::Slot;
use smpp_pdu::{Codec, CommandId, CommandStatus, Encode, Header, Unbind, UnbindResp};
use std::time::Instant;

/// Commands: they fail only for the caller's own misuse.
impl<T> Session<T> {
    /// Sends a request; `context` comes back with its outcome. Returns its sequence_number, or the context with the
    /// reason why nothing is sent.
    ///
    /// A bind makes the session bound when the peer accepts it.
    pub fn request<E: Encode>(&mut self, now: Instant, context: T, pdu: &E) -> Result<u32, (T, RequestError)> {
        let command = pdu.command_id();
        if let Err(error) = self.may_request(command) {
            return Err((context, error));
        }
        let sequence = self.reserve();
        match self.codec.encode(Header::request(sequence), pdu, &mut self.out) {
            Ok(len) => {
                self.register(now, context, command, sequence, len);
                Ok(sequence)
            }
            Err(error) => Err((context, error.into())),
        }
    }

    /// As [`Self::request`], for a PDU that is encoded but for its sequence number.
    #[cfg(feature = "tokio")]
    pub(crate) fn request_encoded(&mut self, now: Instant, context: T, pdu: &[u8]) -> Result<(), (T, RequestError)> {
        let command = Header::peek(pdu).map_or(CommandId(0), |(command, _)| command);
        if let Err(error) = self.may_request(command) {
            return Err((context, error));
        }
        let (sequence, at) = (self.reserve(), self.out.len());
        self.out.extend_from_slice(pdu);
        if let Some(octets) = self.out.as_mut().get_mut(at + 12..at + 16) {
            octets.copy_from_slice(&sequence.to_be_bytes());
        }
        self.register(now, context, command, sequence, pdu.len());
        Ok(())
    }

    #[inline]
    fn may_request(&self, command: CommandId) -> Result<(), RequestError> {
        self.may_send(command)?;
        if matches!(command, CommandId::OUTBIND | CommandId::ALERT_NOTIFICATION) {
            return Err(RequestError::NotARequest(command));
        }
        if self.room() == 0 {
            Err(RequestError::WindowFull)
        } else {
            Ok(())
        }
    }

    #[inline]
    pub(crate) fn may_send(&self, command: CommandId) -> Result<(), RequestError> {
        if self.unbind.is_some() || self.state == State::Closed {
            return Err(RequestError::WrongState(command, self.state()));
        }
        let permission = permission(self.codec.version, self.role, command, self.state);
        if permission == Permission::Allowed {
            return Ok(());
        }
        match self.or_registered(permission, self.role, command) {
            Permission::Allowed => Ok(()),
            Permission::Forbidden => Err(RequestError::WrongState(command, self.state)),
            Permission::Unknown => Err(RequestError::NotARequest(command)),
        }
    }

    /// In each of its two callers: as a call it costs 30 instructions.
    #[inline(always)]
    fn register(&mut self, now: Instant, context: T, command: CommandId, sequence: u32, len: usize) {
        self.stats.requests_out += 1;
        self.stats.pdus_out += 1;
        self.tally.sent.count(command);
        self.now = now;
        let deadline = self.due_out.after(now, self.config.response, &mut self.wake_at);
        if !self.state.is_bound() {
            self.state_version(len);
        }
        let at = self.taken + (self.out.len() - len) as u64;
        self.window.insert(Slot {
            sequence,
            command,
            response: self.response_to(command),
            deadline,
            at,
            len,
            context,
        });
    }

    /// Sends what has no answer: alert_notification, outbind.
    pub fn notify<E: Encode>(&mut self, now: Instant, pdu: &E) -> Result<(), RequestError> {
        let command = pdu.command_id();
        self.may_send(command)?;
        if !matches!(command, CommandId::OUTBIND | CommandId::ALERT_NOTIFICATION) {
            return Err(RequestError::NotARequest(command));
        }
        if self.unwritten() > self.config.max_unwritten_requests {
            return Err(RequestError::WindowFull);
        }
        let sequence = self.reserve();
        self.codec.encode(Header::request(sequence), pdu, &mut self.out)?;
        self.stats.pdus_out += 1;
        self.tally.sent.count(command);
        (self.now, self.last_transaction) = (now, now);
        if command == CommandId::OUTBIND {
            // The bind is waited for anew (v5.0 §2.7).
            self.since = now;
            self.enter(State::Outbound);
        }
        Ok(())
    }

    /// Answers a request of the peer. It never waits for the window.
    ///
    /// A bind that is answered with ESME_ROK makes the session bound. Whatever the error, the peer gets an answer,
    /// unless the session is closed.
    #[inline]
    pub fn respond<E: Encode>(
        &mut self,
        token: RequestToken,
        status: CommandStatus,
        pdu: &E,
    ) -> Result<(), RespondError> {
        let waiting = self.take(&token)?;
        let response = pdu.command_id();
        if response != self.response_to(waiting.command) {
            self.refuse(waiting.command, CommandStatus::ESME_RSYSERR, waiting.sequence);
            self.answered(waiting.command, CommandStatus::ESME_RSYSERR);
            return Err(RespondError::Mismatch {
                request: waiting.command,
                response,
            });
        }
        let header = Header {
            command_status: status,
            sequence_number: waiting.sequence,
        };
        let encoded = match self.may_say(waiting.command, status) {
            Ok(()) if self.binding.is_none() => self.codec.encode(header, pdu, &mut self.out),
            Ok(()) => self.codec_to_answer().encode(header, pdu, &mut self.out),
            Err(error) => Err(error),
        };
        let len = match encoded {
            Ok(len) => len,
            Err(error) => {
                // A refusal stays what it is, without what the peer's version cannot hold of it.
                let status = match status {
                    CommandStatus::ESME_ROK => CommandStatus::ESME_RSYSERR,
                    refused => self.sayable(waiting.command, refused),
                };
                self.refuse(waiting.command, status, waiting.sequence);
                self.answered(waiting.command, status);
                return Err(RespondError::Encode(error));
            }
        };
        if self.congestion.is_some() {
            self.say_congestion(len);
        }
        self.stats.pdus_out += 1;
        self.answered(waiting.command, status);
        Ok(())
    }

    /// Answers a request of the peer with a status and nothing else.
    pub fn reject(&mut self, token: RequestToken, status: CommandStatus) -> Result<(), RespondError> {
        let waiting = self.take(&token)?;
        let said = self.may_say(waiting.command, status);
        let status = self.sayable(waiting.command, status);
        self.refuse(waiting.command, status, waiting.sequence);
        self.answered(waiting.command, status);
        Ok(said?)
    }

    /// By the application.
    #[inline(always)]
    fn answered(&mut self, command: CommandId, status: CommandStatus) {
        if status != CommandStatus::ESME_ROK {
            self.tally.rare(Rare::Refused(status));
        }
        self.settle(command, status);
    }

    /// A bind is answered, accepted or not, in the version that it leads to.
    #[cold]
    pub(super) fn codec_to_answer(&self) -> Codec {
        let version = self.binding.unwrap_or(self.codec.version);
        Codec { version, ..self.codec }
    }

    #[inline]
    fn take(&mut self, token: &RequestToken) -> Result<Waiting, RespondError> {
        if self.state == State::Closed {
            return Err(RespondError::Closed);
        }
        self.inbound.take(token).ok_or(RespondError::Expired)
    }

    /// What follows from an answer to `command`.
    #[inline(always)]
    pub(super) fn settle(&mut self, command: CommandId, status: CommandStatus) {
        self.last_transaction = self.now;
        if let Some(state) = State::bound_by(command) {
            self.settle_bind(state, status);
        }
        self.agree_to_unbind();
    }

    #[cold]
    fn settle_bind(&mut self, state: State, status: CommandStatus) {
        self.tally.rare(Rare::Bind(state, status));
        let version = self.binding.take();
        self.held = false;
        if status == CommandStatus::ESME_ROK {
            self.codec.version = version.unwrap_or(self.codec.version);
            self.bound(state);
        } else {
            self.bind_refused();
        }
    }

    /// Asks for the end of the session: no more requests of ours; the peer's are served until it agrees. A session
    /// that is not bound is closed.
    pub fn unbind(&mut self, now: Instant) {
        if self.unbind.is_some() {
            return;
        }
        if !self.state.is_bound() {
            return if self.state != State::Unbound {
                self.close(CloseReason::Local)
            };
        }
        let sequence = self.reserve();
        // Nothing in it can be refused.
        let _ = self
            .codec
            .encode(Header::request(sequence), &Unbind::borrowed(), &mut self.out);
        self.stats.pdus_out += 1;
        self.tally.sent.count(CommandId::UNBIND);
        self.now = now;
        let deadline = after(now, self.config.drain);
        self.unbind = Some((sequence, deadline));
        self.wake_at = self.wake_at.min(deadline);
    }

    /// No more is asked than what waits already: the end is in sight.
    #[cfg(feature = "tokio")]
    pub(crate) fn wind_up(&mut self) {
        self.winds_up = true;
    }

    /// Why a session ended whose end this side has asked for, or the peer.
    pub(super) fn in_order(&self) -> CloseReason {
        if self.inactive {
            CloseReason::Inactive
        } else {
            CloseReason::Unbound
        }
    }

    /// The peer's unbind is answered once nothing is left that either side waits for: it still answers what we have
    /// asked (R106).
    #[inline]
    pub(super) fn agree_to_unbind(&mut self) {
        if self.peer_unbind.is_some() && self.is_idle() {
            self.answer_unbind();
        }
    }

    #[cold]
    pub(super) fn answer_unbind(&mut self) {
        if let Some((sequence_number, _)) = self.peer_unbind.take() {
            let header = Header {
                command_status: CommandStatus::ESME_ROK,
                sequence_number,
            };
            let len = self.codec.encode(header, &UnbindResp::borrowed(), &mut self.out);
            self.say_congestion(len.unwrap_or_default());
            self.stats.pdus_out += 1;
            self.close(CloseReason::Unbound);
        }
    }

    /// Ends the session at once. Every request of ours that waits gets its outcome.
    ///
    /// What still waits to be sent, or was taken and is not written, may be written only if the reason
    /// [lingers](CloseReason::lingers): else the outcomes say that it was not. Requests are not sent any more in any
    /// case.
    pub fn close(&mut self, reason: CloseReason) {
        if self.state == State::Closed {
            return;
        }
        (self.state, self.held) = (State::Closed, true);
        let (kept, out) = (self.window.drain(), std::mem::take(&mut self.out));
        // What the caller has taken and may still write is not ours to call back.
        let sent = if reason.lingers() { self.taken } else { self.written };
        if reason.lingers() {
            self.out = without(&kept, out.as_ref(), self.taken).into();
        }
        for slot in kept {
            let outcome = if slot.at < sent {
                self.stats.maybe_delivered += 1;
                self.unanswered.push(slot.unanswered());
                Outcome::MaybeDelivered(reason)
            } else {
                self.stats.not_written += 1;
                Outcome::NotWritten(reason)
            };
            let context = slot.context;
            self.events.push_back(Event::Ended { context, outcome });
        }
        self.stats.abandoned += self.inbound.open() as u64;
        self.inbound = Inbound::default();
        (self.binding, self.peer_unbind) = (None, None);
        self.events.push_back(Event::Closed(reason));
    }

    /// Changes how many requests may wait. Those that wait keep waiting.
    pub fn set_window(&mut self, window: usize) {
        self.capacity = window;
    }
}

/// What is to be sent, whose first octet stands `at` in the stream, less the requests in it: in one pass, for a peer that
/// does not read can make both long.
fn without<T>(requests: &[Slot<T>], out: &[u8], mut at: u64) -> Vec<u8> {
    let (mut rest, mut left) = (out, Vec::with_capacity(out.len()));
    let first = at;
    for slot in requests.iter().filter(|slot| slot.at >= first) {
        #[cfg(canary = "session")] // the fault that this fuzz target must find
        if slot.at == first {
            continue;
        }
        let before = usize::try_from(slot.at - at).unwrap_or(usize::MAX);
        let (before, behind) = rest.split_at(before.min(rest.len()));
        left.extend_from_slice(before);
        rest = behind.get(slot.len..).unwrap_or_default();
        at = slot.at + slot.len as u64;
    }
    left.extend_from_slice(rest);
    left
}
