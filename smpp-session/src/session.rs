//! The state machine. What it takes from the peer is in `recv`, what it does by the clock in `timer`.

mod recv;
mod timer;

use crate::config::{Config, Role};
use crate::error::{RequestError, RespondError};
use crate::event::{CloseReason, Event, Outcome};
use crate::inbound::{Inbound, RequestToken, Waiting};
use crate::sequence::Sequence;
use crate::state::{Permission, State, permission};
use crate::stats::Stats;
use crate::window::{Slot, Window};
use smpp_pdu::{Codec, CommandId, CommandStatus, Encode, Header, Unbind, UnbindResp, Version};
use std::collections::VecDeque;
use std::time::Instant;

/// One side of one SMPP session: no socket, no clock, no task, no lock. `T` is what the caller wants back with the
/// outcome of a request.
///
/// * Inputs cannot fail, for the peer's faults become octets to send and events: [`handle_bytes`](Self::handle_bytes),
///   [`handle_timeout`](Self::handle_timeout), [`handle_eof`](Self::handle_eof),
///   [`handle_written`](Self::handle_written).
/// * Commands fail only for the caller's own misuse: [`request`](Self::request), [`notify`](Self::notify),
///   [`respond`](Self::respond), [`reject`](Self::reject), [`unbind`](Self::unbind), [`close`](Self::close).
/// * Outputs: [`poll_transmit`](Self::poll_transmit), [`poll_event`](Self::poll_event),
///   [`poll_timeout`](Self::poll_timeout).
///
/// Time is passed in, and must not go backwards.
#[derive(Debug)]
pub struct Session<T> {
    role: Role,
    state: State,
    config: Config,
    codec: Codec,
    window: Window<T>,
    inbound: Inbound,
    /// What is to be sent and was not taken by `poll_transmit`.
    out: Vec<u8>,
    /// Where `out[0]` stands in the outgoing stream, and how much of the stream is written.
    taken: u64,
    written: u64,
    /// What timers and closing bring; what input brings is returned at once.
    events: VecDeque<Event<'static, T>>,
    /// The peer's bind, while the application thinks about it, and the version that it would lead to.
    binding: Option<Version>,
    /// Our unbind, and until when its answer must come.
    unbind: Option<(u32, Instant)>,
    /// The peer's unbind, and until when it may wait for what we have not answered yet.
    peer_unbind: Option<(u32, Instant)>,
    /// Our last enquire_link, and when it was sent, until it is answered.
    probe: Option<(u32, Instant)>,
    since: Instant,
    last_heard: Instant,
    /// When the first octet of a PDU came whose last has not.
    begun: Option<Instant>,
    /// When the peer must have taken something, and how much it had then.
    stall: Option<(Instant, u64)>,
    now: Instant,
    /// No later than the earliest deadline. It is moved forward only when it fires, by one sweep: so a request costs
    /// one comparison and a response nothing.
    wake_at: Instant,
    stats: Stats,
}

impl<T> Session<T> {
    /// A session whose connection was opened `now`.
    pub fn new(role: Role, config: Config, now: Instant) -> Self {
        Self {
            role,
            state: State::Open,
            codec: Codec {
                version: config.version,
                tolerance: config.tolerance,
            },
            window: Window::new(Sequence::new(1)),
            inbound: Inbound::default(),
            out: Vec::new(),
            taken: 0,
            written: 0,
            events: VecDeque::new(),
            binding: None,
            unbind: None,
            peer_unbind: None,
            probe: None,
            since: now,
            last_heard: now,
            begun: None,
            stall: None,
            now,
            wake_at: now + config.session_init,
            stats: Stats::default(),
            config,
        }
    }

    // ---- commands: they fail only for the caller's own misuse

    /// Sends a request; `context` comes back with its outcome. Returns its sequence_number, or the context with the
    /// reason why nothing is sent.
    ///
    /// A bind makes the session bound when the peer accepts it.
    pub fn request<E: Encode>(&mut self, now: Instant, context: T, pdu: &E) -> Result<u32, (T, RequestError)> {
        let command = pdu.command_id();
        if let Err(error) = self.may_request(command) {
            return Err((context, error));
        }
        let sequence = self.window.reserve();
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
        let (sequence, at) = (self.window.reserve(), self.out.len());
        self.out.extend_from_slice(pdu);
        if let Some(octets) = self.out.get_mut(at + 12..at + 16) {
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
    fn may_send(&self, command: CommandId) -> Result<(), RequestError> {
        if self.unbind.is_some() || self.state == State::Closed {
            return Err(RequestError::WrongState(command, self.state()));
        }
        match permission(self.codec.version, self.role, command, self.state) {
            Permission::Allowed => Ok(()),
            Permission::Forbidden => Err(RequestError::WrongState(command, self.state)),
            Permission::Unknown => Err(RequestError::NotARequest(command)),
        }
    }

    #[inline]
    fn register(&mut self, now: Instant, context: T, command: CommandId, sequence: u32, len: usize) {
        self.stats.requests_out += 1;
        self.stats.pdus_out += 1;
        let deadline = now + self.config.response;
        self.wake_at = self.wake_at.min(deadline);
        let at = self.taken + (self.out.len() - len) as u64;
        self.window.insert(Slot {
            sequence,
            command,
            deadline,
            at,
            len,
            context,
        });
    }

    /// Sends what has no answer: alert_notification, outbind.
    pub fn notify<E: Encode>(&mut self, pdu: &E) -> Result<(), RequestError> {
        let command = pdu.command_id();
        self.may_send(command)?;
        if !matches!(command, CommandId::OUTBIND | CommandId::ALERT_NOTIFICATION) {
            return Err(RequestError::NotARequest(command));
        }
        if self.unwritten() > self.config.max_unwritten_requests {
            return Err(RequestError::WindowFull);
        }
        let sequence = self.window.reserve();
        self.codec.encode(Header::request(sequence), pdu, &mut self.out)?;
        self.stats.pdus_out += 1;
        if command == CommandId::OUTBIND {
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
        if response != waiting.command.response() {
            self.refuse(waiting.command, CommandStatus::ESME_RSYSERR, waiting.sequence);
            self.settle(waiting.command, CommandStatus::ESME_RSYSERR);
            return Err(RespondError::Mismatch {
                request: waiting.command,
                response,
            });
        }
        let before = self.codec.version;
        if status == CommandStatus::ESME_ROK
            && let Some(version) = self.binding
            && State::bound_by(waiting.command).is_some()
        {
            self.codec.version = version;
        }
        let header = Header {
            command_status: status,
            sequence_number: waiting.sequence,
        };
        if let Err(error) = self.codec.encode(header, pdu, &mut self.out) {
            self.codec.version = before;
            self.refuse(waiting.command, CommandStatus::ESME_RSYSERR, waiting.sequence);
            self.settle(waiting.command, CommandStatus::ESME_RSYSERR);
            return Err(RespondError::Encode(error));
        }
        self.stats.pdus_out += 1;
        self.settle(waiting.command, status);
        Ok(())
    }

    /// Answers a request of the peer with a status and nothing else.
    pub fn reject(&mut self, token: RequestToken, status: CommandStatus) -> Result<(), RespondError> {
        let waiting = self.take(&token)?;
        self.refuse(waiting.command, status, waiting.sequence);
        self.settle(waiting.command, status);
        Ok(())
    }

    #[inline]
    fn take(&mut self, token: &RequestToken) -> Result<Waiting, RespondError> {
        if self.state == State::Closed {
            return Err(RespondError::Closed);
        }
        self.inbound.take(token).ok_or(RespondError::Expired)
    }

    /// What follows from an answer to `command`.
    #[inline]
    fn settle(&mut self, command: CommandId, status: CommandStatus) {
        if let Some(state) = State::bound_by(command) {
            self.binding = None;
            if status == CommandStatus::ESME_ROK {
                self.bound(state);
            } else {
                self.wait_for_bind();
            }
        }
        if self.peer_unbind.is_some() && self.inbound.open() == 0 {
            self.answer_unbind();
        }
    }

    /// Refuses a request by its own response, or by generic_nack if it has none.
    fn refuse(&mut self, command: CommandId, status: CommandStatus, sequence: u32) {
        let header = Header {
            command_status: status,
            sequence_number: sequence,
        };
        self.codec.encode_error(command, header, &mut self.out);
        self.stats.pdus_out += 1;
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
        let sequence = self.window.reserve();
        // Nothing in it can be refused.
        let _ = self
            .codec
            .encode(Header::request(sequence), &Unbind::borrowed(), &mut self.out);
        self.stats.pdus_out += 1;
        self.unbind = Some((sequence, now + self.config.drain));
        self.wake_at = self.wake_at.min(now + self.config.drain);
    }

    fn answer_unbind(&mut self) {
        if let Some((sequence_number, _)) = self.peer_unbind.take() {
            let header = Header {
                command_status: CommandStatus::ESME_ROK,
                sequence_number,
            };
            let _ = self.codec.encode(header, &UnbindResp::borrowed(), &mut self.out);
            self.stats.pdus_out += 1;
            self.close(CloseReason::Unbound);
        }
    }

    /// Ends the session at once. Every request of ours that waits gets its outcome.
    ///
    /// What still waits to be sent is worth sending only if the reason [lingers](CloseReason::lingers); requests are
    /// not sent any more in any case.
    pub fn close(&mut self, reason: CloseReason) {
        if self.state == State::Closed {
            return;
        }
        self.state = State::Closed;
        let (kept, mut out) = (self.window.drain(), std::mem::take(&mut self.out));
        // What the caller has taken and may still write is not ours to call back.
        let sent = if reason.lingers() { self.taken } else { self.written };
        if reason.lingers() {
            // From the last to the first, so that the places of those before stay right.
            for slot in kept.iter().rev().filter(|slot| slot.at >= self.taken) {
                let at = usize::try_from(slot.at - self.taken).unwrap_or(usize::MAX);
                out.drain(at.min(out.len())..(at.saturating_add(slot.len)).min(out.len()));
            }
            self.out = out;
        }
        for Slot { at, context, .. } in kept {
            let outcome = if at < sent {
                Outcome::MaybeDelivered(reason)
            } else {
                Outcome::NotWritten(reason)
            };
            self.events.push_back(Event::Ended { context, outcome });
        }
        self.inbound = Inbound::default();
        self.binding = None;
        self.events.push_back(Event::Closed(reason));
    }

    /// Changes how many requests may wait. Those that wait keep waiting.
    pub fn set_window(&mut self, window: usize) {
        self.config.window = window;
    }

    // ---- outputs

    /// Whether there is something to send.
    #[inline]
    pub fn has_transmit(&self) -> bool {
        !self.out.is_empty()
    }

    /// Moves what is to be sent into `to`, which must be empty: two buffers change places, nothing is copied. Tell
    /// [`Self::handle_written`] how much of it the transport takes.
    pub fn poll_transmit(&mut self, to: &mut Vec<u8>) -> bool {
        debug_assert!(to.is_empty());
        if self.out.is_empty() {
            return false;
        }
        self.taken += self.out.len() as u64;
        std::mem::swap(&mut self.out, to);
        if self.stall.is_none() && self.state != State::Closed {
            let deadline = self.now + self.config.write_stall;
            self.stall = Some((deadline, self.written));
            self.wake_at = self.wake_at.min(deadline);
        }
        true
    }

    /// What timers and closing have brought, one a call.
    #[inline]
    pub fn poll_event(&mut self) -> Option<Event<'static, T>> {
        self.events.pop_front()
    }

    /// When [`Self::handle_timeout`] wants to be called next; `None` once it is closed. It may have become later when
    /// that time comes.
    #[inline]
    pub fn poll_timeout(&self) -> Option<Instant> {
        (self.state != State::Closed).then_some(self.wake_at)
    }

    // ---- what it is like

    /// Where the session stands.
    #[inline]
    pub fn state(&self) -> State {
        if self.unbind.is_some() && self.state.is_bound() {
            State::Unbound
        } else {
            self.state
        }
    }
    /// Which side this is.
    pub fn role(&self) -> Role {
        self.role
    }
    /// What it reads and writes with: the version is what both sides speak, once bound.
    pub fn codec(&self) -> Codec {
        self.codec
    }
    /// How many requests of ours it would take now.
    #[inline]
    pub fn room(&self) -> usize {
        if self.unwritten() > self.config.max_unwritten_requests {
            return 0;
        }
        self.config.window.saturating_sub(self.window.open())
    }
    /// How many requests of ours wait for their answer.
    pub fn in_flight(&self) -> usize {
        self.window.open()
    }
    /// Nothing of ours waits for an answer, and nothing of the peer's.
    pub fn is_idle(&self) -> bool {
        self.window.open() == 0 && self.inbound.open() == 0
    }
    /// Whether input is left alone for now: the application thinks about a bind, and what follows it must find the
    /// session bound; or too much waits for a peer that does not read.
    #[inline]
    pub fn is_paused(&self) -> bool {
        self.binding.is_some() || self.unwritten() > self.config.max_unwritten
    }
    /// What it has counted.
    pub fn stats(&self) -> Stats {
        self.stats
    }

    /// Octets that the transport has not taken yet.
    #[inline]
    fn unwritten(&self) -> usize {
        usize::try_from(self.taken - self.written)
            .unwrap_or(usize::MAX)
            .saturating_add(self.out.len())
    }

    #[cold]
    fn bound(&mut self, state: State) {
        self.wake_at = self.wake_at.min(self.now + self.config.enquire_link);
        self.enter(state);
    }

    /// A bind was refused: another may follow, until the time for it is up.
    #[cold]
    fn wait_for_bind(&mut self) {
        self.wake_at = self.wake_at.min(self.since + self.config.session_init);
    }

    fn enter(&mut self, state: State) {
        self.state = state;
        self.events.push_back(Event::State(state));
    }
}
