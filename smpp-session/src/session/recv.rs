//! What comes from the peer and from the transport.

use super::{Session, Stall};
use crate::config::Role;
use crate::deadline::after;
use crate::event::{Answer, CloseReason, Event, Outcome, Received};
use crate::state::{Permission, State, permission};
use smpp_pdu::{
    BindTransceiverResp, CommandId, CommandStatus, EnquireLinkResp, FrameError, GenericNack, Header, Pdu, Version,
    next_frame, tlv,
};
use std::time::Instant;

impl<T> Session<T> {
    /// Takes whole PDUs from the front of `input` until one of them is an event, or no whole one is left. Call it
    /// until it returns `None`, and keep what is left for the next time; call it again after [`Self::respond`] if it
    /// [was paused](Self::is_paused).
    #[inline]
    pub fn handle_bytes<'a>(&mut self, now: Instant, input: &mut &'a [u8]) -> Option<Event<'a, T>> {
        self.now = now;
        loop {
            if self.state == State::Closed {
                *input = &[];
                return None;
            }
            if self.is_paused() {
                return None;
            }
            match next_frame(input, self.config.max_pdu) {
                Ok(Some(frame)) => {
                    (self.last_heard, self.begun) = (now, None);
                    let event = self.recv(frame);
                    if event.is_some() {
                        return event;
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

    /// The transport has taken `n` more octets of what [`Self::poll_transmit`] gave: tells not written from maybe
    /// delivered.
    #[inline]
    pub fn handle_written(&mut self, n: usize) {
        if n == 0 {
            return;
        }
        let paused = self.is_paused();
        self.written = self.written.saturating_add(n as u64).min(self.taken);
        self.stall = if self.written == self.taken {
            Stall::Idle
        } else {
            Stall::Begins
        };
        if paused && !self.is_paused() {
            self.unheard(self.now);
        }
    }

    /// Nothing was read: neither silence nor half a PDU is the peer's fault until now.
    #[cold]
    pub(super) fn unheard(&mut self, now: Instant) {
        self.last_heard = now;
        self.begun = self.begun.map(|(_, len)| (now, len));
    }

    /// The peer has closed the connection, or it is broken: nothing more is written, taken or not.
    pub fn handle_eof(&mut self) {
        if self.state == State::Closed {
            return; // What is left is the last word of a session that has ended before.
        }
        // Who was asked for the end, or has asked for it, may close at once: that is in order.
        let reason = match self.unbind.or(self.peer_unbind) {
            Some(_) => CloseReason::Unbound,
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

    /// Where the next PDU begins is not known: a last word, and the end (R004, R006). Its sequence_number is 0, for
    /// the header cannot be used (R005).
    #[cold]
    fn untrusted(&mut self, error: FrameError) {
        let header = Header {
            command_status: error.command_status(),
            sequence_number: 0,
        };
        let _ = self.codec.encode(header, &GenericNack::borrowed(), &mut self.out);
        self.stats.pdus_out += 1;
        self.close(error.into());
    }

    #[inline]
    fn recv<'a>(&mut self, frame: &'a [u8]) -> Option<Event<'a, T>> {
        let (command, header) = Header::peek(frame)?;
        self.stats.pdus_in += 1;
        if command.is_response() {
            self.recv_response(command, header, frame)
        } else {
            self.recv_request(command, header.sequence_number, frame)
        }
    }

    #[inline]
    fn recv_request<'a>(&mut self, command: CommandId, sequence: u32, frame: &'a [u8]) -> Option<Event<'a, T>> {
        let permission = permission(self.codec.version, self.role.peer(), command, self.state);
        if permission != Permission::Allowed {
            self.not_permitted(permission, command, sequence);
            return None;
        }
        match command {
            CommandId::ENQUIRE_LINK => {
                let header = Header {
                    command_status: CommandStatus::ESME_ROK,
                    sequence_number: sequence,
                };
                let _ = self.codec.encode(header, &EnquireLinkResp::borrowed(), &mut self.out);
                self.stats.pdus_out += 1;
                return None;
            }
            CommandId::UNBIND => {
                self.recv_unbind(sequence);
                return None;
            }
            CommandId::OUTBIND | CommandId::ALERT_NOTIFICATION => return self.recv_notice(command, frame),
            _ => {}
        }
        // Before anything is read or kept of it.
        if self.inbound.open() >= self.config.max_inbound {
            self.stats.refused += 1;
            self.refuse(command, CommandStatus::ESME_RTHROTTLED, sequence);
            return None;
        }
        match self.codec.decode(frame) {
            Ok(decoded) => {
                if !decoded.forgiven.is_empty() {
                    self.stats.forgiven += 1;
                }
                if let Some(version) = bind_version(&decoded.pdu) {
                    self.binding = Some(version.min(self.config.version));
                }
                self.stats.requests_in += 1;
                let deadline = after(self.now, self.config.answer);
                self.wake_at = self.wake_at.min(deadline);
                let token = self.inbound.insert(command, sequence, deadline);
                Some(Event::Request(Received {
                    token,
                    pdu: decoded.pdu,
                    forgiven: decoded.forgiven,
                    frame,
                }))
            }
            Err(error) => {
                self.stats.malformed += 1;
                self.stats.refused += 1;
                self.refuse(command, error.command_status(), sequence);
                None
            }
        }
    }

    /// The request's own response says so; only what is unknown gets a generic_nack (R009, R012, R013).
    #[cold]
    fn not_permitted(&mut self, permission: Permission, command: CommandId, sequence: u32) {
        let status = match permission {
            Permission::Unknown => {
                self.stats.unknown += 1;
                let header = Header {
                    command_status: CommandStatus::ESME_RINVCMDID,
                    sequence_number: sequence,
                };
                let _ = self.codec.encode(header, &GenericNack::borrowed(), &mut self.out);
                self.stats.pdus_out += 1;
                return;
            }
            _ if self.state.is_bound() && State::bound_by(command).is_some() => CommandStatus::ESME_RALYBND,
            _ => CommandStatus::ESME_RINVBNDSTS,
        };
        self.stats.refused += 1;
        // These two have no response (R014), and their sender no use for a generic_nack.
        if !matches!(command, CommandId::OUTBIND | CommandId::ALERT_NOTIFICATION) {
            self.refuse(command, status, sequence);
        }
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

    fn recv_notice<'a>(&mut self, command: CommandId, frame: &'a [u8]) -> Option<Event<'a, T>> {
        match self.codec.decode(frame) {
            Ok(decoded) => {
                if command == CommandId::OUTBIND {
                    self.since = self.now;
                    self.enter(State::Outbound);
                }
                let (pdu, forgiven) = (decoded.pdu, decoded.forgiven);
                Some(Event::Notice(Received {
                    token: (),
                    pdu,
                    forgiven,
                    frame,
                }))
            }
            Err(_) => {
                self.stats.malformed += 1;
                None
            }
        }
    }

    #[inline]
    fn recv_response<'a>(&mut self, command: CommandId, header: Header, frame: &'a [u8]) -> Option<Event<'a, T>> {
        // Matched by sequence number, then checked against the command (R017, R018).
        let nack = command == CommandId::GENERIC_NACK;
        let sequence = header.sequence_number;
        if let Some(slot) = self
            .window
            .take(sequence, |request| nack || request.response() == command)
        {
            let context = slot.context;
            self.agree_to_unbind();
            if nack {
                self.stats.nacked += 1;
                if State::bound_by(slot.command).is_some() {
                    self.wait_for_bind();
                }
                return Some(Event::Ended {
                    context,
                    outcome: Outcome::Nacked(header.command_status),
                });
            }
            self.stats.answered += 1;
            if let Some(state) = State::bound_by(slot.command) {
                self.bind_answered(state, header.command_status, frame);
            }
            return Some(Event::Ended {
                context,
                outcome: Outcome::Answered(Answer::new(self.codec, frame)),
            });
        }
        let ours = |of: Option<(u32, Instant)>| of.is_some_and(|(number, _)| number == sequence);
        if ours(self.probe) && (nack || command == CommandId::ENQUIRE_LINK_RESP) {
            self.probe = None;
        } else if ours(self.unbind) && (nack || command == CommandId::UNBIND_RESP) {
            self.close(CloseReason::Unbound);
        } else {
            self.stats.stray += 1;
            return Some(Event::Stray {
                command_id: command,
                sequence_number: sequence,
            });
        }
        None
    }

    #[cold]
    fn bind_answered(&mut self, state: State, status: CommandStatus, frame: &[u8]) {
        // A bound session stays as it is, should the peer accept a second bind.
        if status == CommandStatus::ESME_ROK && matches!(self.state, State::Open | State::Outbound) {
            self.agree(frame);
            self.bound(state);
        } else {
            self.wait_for_bind();
        }
    }

    /// The version that an accepted bind leads to: the lower of both. A message centre that does not say its own is
    /// taken for one of 3.4 at most, for many of these leave it out (against R080, as its test allows).
    fn agree(&mut self, frame: &[u8]) {
        debug_assert_eq!(self.role, Role::Esme);
        // The three bind responses have one body.
        let stated = self.codec.decode_response::<BindTransceiverResp>(frame).ok();
        let stated = stated.and_then(|decoded| decoded.pdu?.tlvs.get(tlv::SC_INTERFACE_VERSION).ok().flatten());
        let theirs = stated.map_or(Version::V34, Version::from_interface_version);
        self.codec.version = self.config.version.min(theirs);
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
