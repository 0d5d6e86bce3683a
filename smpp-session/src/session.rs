//! The state machine. What this side wants is in `send`, what comes from the peer in `recv`, what of that is refused in
//! `refuse`, which status it can be told in `status`, what the clock brings in `timer`, what an owner may look at in
//! `watch`, how loaded each side is in `congestion`, and which commands were registered in `vendor`.

mod congestion;
mod recv;
mod refuse;
mod send;
mod status;
mod timer;
mod vendor;
mod watch;

#[cfg(feature = "tokio")]
pub(crate) use watch::Report;

use crate::config::{Config, Role};
use crate::deadline::{Due, after};
use crate::event::Event;
use crate::free::Spent;
use crate::inbound::Inbound;
use crate::sequence::Sequence;
use crate::state::State;
use crate::stats::Stats;
use crate::tally::Tally;
use crate::window::{Unanswered, Window};
use smpp_pdu::{Codec, CongestionState, SendBuffer, Version};
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
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
pub struct Session<T> {
    role: Role,
    state: State,
    /// Of this session, or of all of a server.
    config: Arc<Config>,
    codec: Codec,
    window: Window<T>,
    /// How many requests of ours may wait for their answer: that of the config, until another is set.
    capacity: usize,
    /// Those that the end has left unanswered; empty before it is under way.
    unanswered: Vec<Unanswered>,
    /// The driver takes no more requests: the end is in sight.
    winds_up: bool,
    inbound: Inbound,
    /// What is to be sent and was not taken by `poll_transmit`.
    out: SendBuffer,
    /// Where `out[0]` stands in the outgoing stream, and how much of the stream is written.
    taken: u64,
    written: u64,
    /// What timers and closing bring; what input brings is returned at once.
    events: VecDeque<Event<'static, T>>,
    /// The peer's bind, while the application thinks about it, and the version that it would lead to.
    binding: Option<Version>,
    /// What our own bind has stated, of the versions that the peer may count on.
    stated: Option<Version>,
    /// Nothing is read behind the last PDU for now: it was a bind, and is being judged; or a request was left unread, for
    /// it has no place; or all is over. Looked at for each PDU, and so one flag for all.
    held: bool,
    /// Input may be read again since, and nothing was yet: neither silence nor half a PDU is the peer's fault.
    resumed: bool,
    /// When the last request of either side ended, or the last notice passed.
    last_transaction: Instant,
    /// Our unbind was sent for want of transactions.
    inactive: bool,
    /// Our unbind, and until when its answer must come.
    unbind: Option<(u32, Instant)>,
    /// The peer's unbind, and until when it may wait for what we have not answered yet.
    peer_unbind: Option<(u32, Instant)>,
    /// Our last enquire_link, and when it was sent, until it is answered.
    probe: Option<(u32, Instant)>,
    since: Instant,
    last_heard: Instant,
    /// When the first octet of a PDU came whose last has not, and how many have come.
    begun: Option<(Instant, usize)>,
    stall: Stall,
    now: Instant,
    /// No later than the earliest deadline. It is moved forward only when it fires, by one sweep: so a request costs
    /// one comparison and a response nothing.
    wake_at: Instant,
    /// When a request that goes out, or comes in, must be answered.
    due_out: Due,
    due_in: Due,
    /// How loaded this side is, and what the peer last said of itself.
    congestion: Option<CongestionState>,
    peer_congestion: Option<CongestionState>,
    stats: Stats,
    tally: Tally,
    spent: Spent,
}

/// Until when the peer must take something of what waits for it.
#[derive(Clone, Copy)]
enum Stall {
    /// Nothing waits.
    Idle,
    /// Something does, from the next time that is told on: neither output nor an answer tells the time.
    Begins,
    Until(Instant),
}

impl<T> Session<T> {
    /// A session whose connection was opened `now`. Sessions may share a `config`; one that is given by value is
    /// allocated for this session alone.
    pub fn new(role: Role, config: impl Into<Arc<Config>>, now: Instant) -> Self {
        let config = config.into();
        Self {
            role,
            state: State::Open,
            codec: Codec {
                version: config.version,
                tolerance: config.tolerance,
            },
            window: Window::new(Sequence::new(1)),
            capacity: config.window,
            unanswered: Vec::new(),
            winds_up: false,
            inbound: Inbound::default(),
            out: SendBuffer::new(),
            taken: 0,
            written: 0,
            events: VecDeque::new(),
            binding: None,
            stated: None,
            held: false,
            resumed: false,
            last_transaction: now,
            inactive: false,
            unbind: None,
            peer_unbind: None,
            probe: None,
            since: now,
            last_heard: now,
            begun: None,
            stall: Stall::Idle,
            now,
            wake_at: after(now, config.session_init),
            due_out: Due::default(),
            due_in: Due::default(),
            congestion: None,
            peer_congestion: None,
            stats: Stats::default(),
            tally: Tally::NOTHING,
            spent: Spent::new(now),
            config,
        }
    }

    // ---- outputs

    /// Whether there is something to send.
    #[inline]
    pub fn has_transmit(&self) -> bool {
        !self.out.is_empty()
    }

    /// Moves what is to be sent into `to`: into an empty one without a copy, for two buffers change places; else it is
    /// appended. Tell [`Self::handle_written`] how much of it the transport takes.
    pub fn poll_transmit(&mut self, to: &mut Vec<u8>) -> bool {
        let some = self.transmit();
        if some && to.is_empty() {
            self.out.swap(to);
        } else if some {
            to.extend_from_slice(self.out.as_ref());
            self.out.clear();
        }
        some
    }

    /// As [`Self::poll_transmit`], into one that is empty, and keeps the room that it has.
    #[cfg(feature = "tokio")]
    pub(crate) fn poll_transmit_into(&mut self, to: &mut SendBuffer) -> bool {
        debug_assert!(to.is_empty());
        let some = self.transmit();
        if some {
            std::mem::swap(&mut self.out, to);
        }
        some
    }

    /// What is to be sent, if anything is, is taken.
    fn transmit(&mut self) -> bool {
        if self.out.is_empty() {
            return false;
        }
        self.taken += self.out.len() as u64;
        if matches!(self.stall, Stall::Idle) {
            self.stall = Stall::Begins;
            self.wake_at = self.wake_at.min(after(self.now, self.config.write_stall));
        }
        true
    }

    /// What timers and closing have brought, one a call.
    #[inline]
    pub fn poll_event(&mut self) -> Option<Event<'static, T>> {
        let event = self.events.pop_front();
        if event.is_some() && self.events.is_empty() {
            // They are rare, and their room is as much as most of what an idle session holds.
            self.events = VecDeque::new();
        }
        event
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
        self.capacity.saturating_sub(self.window.open())
    }
    /// How many requests of ours wait for their answer.
    pub fn in_flight(&self) -> usize {
        self.window.open()
    }
    /// Nothing of ours waits for an answer, and nothing of the peer's.
    pub fn is_idle(&self) -> bool {
        self.window.open() == 0 && self.inbound.open() == 0
    }
    #[cfg(feature = "tokio")]
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }
    /// Whether the peer waits for an answer of ours.
    #[cfg(feature = "tokio")]
    pub(crate) fn owes(&self) -> bool {
        self.inbound.open() > 0
    }
    /// Whether input is left alone for now: the application thinks about a bind, and what follows it must find the
    /// session bound; or too much waits for a peer that does not read; or a request has no place, where
    /// [`Config::overload`] says that it waits for one.
    #[inline]
    pub fn is_paused(&self) -> bool {
        self.held && self.is_held() || self.is_unread()
    }
    /// Too much waits for a peer that does not read.
    #[inline]
    fn is_unread(&self) -> bool {
        self.unwritten() > self.config.max_unwritten
    }
    /// Whether what has stopped the reading is still so.
    #[cold]
    fn is_held(&self) -> bool {
        self.state != State::Closed && (self.binding.is_some() || self.is_full())
    }
    /// As many requests of the peer wait as may.
    #[inline]
    fn is_full(&self) -> bool {
        self.inbound.open() >= self.config.max_inbound
    }
    /// What it has counted.
    pub fn stats(&self) -> Stats {
        Stats {
            in_hand: self.inbound.open() as u64,
            ..self.stats
        }
    }
    /// When anything was last heard of the peer, or could have been: the octets of a PDU, whole or not (R104); before
    /// that, when the session began. While the session [is paused](Self::is_paused) nobody listens.
    pub fn last_heard(&self) -> Instant {
        self.last_heard
    }

    /// Octets that wait to be sent: not taken from [`Self::poll_transmit`], or taken and not
    /// [written](Self::handle_written).
    #[inline]
    pub fn unwritten(&self) -> usize {
        usize::try_from(self.octets_queued() - self.written).unwrap_or(usize::MAX)
    }

    /// The next sequence number of ours: none that the peer may still answer, be it to a request of the window or to an
    /// enquire_link or unbind of the session's own.
    #[inline]
    fn reserve(&mut self) -> u32 {
        let own = [&self.probe, &self.unbind];
        self.window
            .reserve(|number| own.into_iter().flatten().any(|&(taken, _)| taken == number))
    }

    #[cold]
    fn bound(&mut self, state: State) {
        // It was not read while the application thought.
        self.last_heard = self.last_heard.max(self.now);
        self.wake_at = self.wake_at.min(after(self.last_heard, self.config.enquire_link));
        if let Some(inactivity) = self.config.inactivity {
            self.wake_at = self.wake_at.min(after(self.last_transaction, inactivity));
        }
        self.enter(state);
    }

    /// A bind was refused, or nothing of ours waits before one: one may follow, until the time for it is up.
    #[cold]
    fn wait_for_bind(&mut self) {
        self.wake_at = self.wake_at.min(after(self.since, self.config.session_init));
    }

    fn enter(&mut self, state: State) {
        self.state = state;
        self.events.push_back(Event::State(state));
    }
}

/// Without the octets, in which texts, numbers and passwords stand.
impl<T> fmt::Debug for Session<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("role", &self.role)
            .field("state", &self.state())
            .field("version", &self.codec.version)
            .field("in_flight", &self.window.open())
            .field("unanswered", &self.inbound.open())
            .field("unwritten", &self.unwritten())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::window::Slot;
    use smpp_pdu::{CommandId, CommandStatus, DeliverSmResp, SubmitSm};
    use std::time::Duration;

    /// 2³¹ numbers later, an enquire_link that was never answered is still waited for.
    #[test]
    fn a_number_of_the_session_s_own_is_not_given_twice() {
        let now = Instant::now();
        let mut session = Session::<u32>::new(Role::Esme, Config::default(), now);
        session.state = State::BoundTrx;
        session.handle_timeout(now + session.config.enquire_link);
        let (probe, _) = session.probe.expect("silence is broken");
        // The next but one is that of the probe.
        session.window = Window::new(Sequence::new(0x7fff_ffff));
        assert_eq!((session.reserve(), probe), (0x7fff_ffff, 1));
        let asked = session.request(now, 7, &SubmitSm::default());
        assert_eq!(asked.map_err(|(_, error)| error), Ok(probe + 1));
        let Some(Slot { command, .. }) = session.window.find(probe + 1) else {
            panic!("it waits under that number")
        };
        assert_eq!(*command, CommandId::SUBMIT_SM);
    }

    /// A sweep moves the time to wake up: what begins right behind it must be told to it again, though it ends when what
    /// began before it would have.
    #[test]
    fn what_begins_at_the_time_of_a_sweep_ends_in_time() {
        let config = Config {
            response: Duration::from_secs(3),
            answer: Duration::from_secs(2),
            ..Config::default()
        };
        let now = Instant::now();
        let bound = || {
            let mut session = Session::<u32>::new(Role::Esme, config.clone(), now);
            session.state = State::BoundTrx;
            session
        };
        let swept = |session: &mut Session<u32>| {
            session.wake_at = now;
            session.handle_timeout(now);
            let rests = session.poll_timeout().expect("open");
            assert_eq!(rests, now + config.enquire_link);
        };

        let mut session = bound();
        let ask = |session: &mut Session<u32>| session.request(now, 7, &SubmitSm::default()).expect("room");
        let asked = ask(&mut session);
        let answer = [17, 0x8000_0004, 0, asked].map(u32::to_be_bytes).concat();
        let answer = [answer, vec![0]].concat();
        let ended = session.handle_bytes(now, &mut &answer[..]);
        assert!(matches!(ended, Some(Event::Ended { .. })));
        swept(&mut session);
        ask(&mut session);
        assert_eq!(session.poll_timeout(), Some(now + config.response));

        let mut session = bound();
        let deliver = [49, 5, 0, 1].map(u32::to_be_bytes).concat();
        let deliver = [deliver, vec![0; 33]].concat();
        let asked = |session: &mut Session<u32>| match session.handle_bytes(now, &mut &deliver[..]) {
            Some(Event::Request(received)) => received.token,
            other => panic!("{other:?}"),
        };
        let token = asked(&mut session);
        session
            .respond(token, CommandStatus::ESME_ROK, &DeliverSmResp::default())
            .expect("in time");
        swept(&mut session);
        let _token = asked(&mut session);
        assert_eq!(session.poll_timeout(), Some(now + config.answer));
    }

    /// Answers in a row are read only where any PDU would be, and nothing else has to be told before them.
    #[cfg(any(feature = "tokio", feature = "fuzzing"))]
    #[test]
    fn answers_in_a_row_stop_at_what_stops_the_reading() {
        let stops: [fn(&mut Session<u32>); 5] = [
            |session| {
                session
                    .out
                    .extend_from_slice(&vec![0; session.config.max_unwritten + 1])
            },
            |session| session.held = true,
            |session| session.enter(State::BoundTrx),
            |session| session.state = State::Open,
            |session| session.close(crate::event::CloseReason::Local),
        ];
        for stop in [None].into_iter().chain(stops.map(Some)) {
            let now = Instant::now();
            let mut session = Session::<u32>::new(Role::Esme, Config::default(), now);
            session.state = State::BoundTrx;
            let asked = session.request(now, 7, &SubmitSm::default()).expect("room");
            let answer = [17, 0x8000_0004, 0, asked].map(u32::to_be_bytes).concat();
            let answer = [answer, vec![0]].concat();
            if let Some(stop) = stop {
                stop(&mut session);
            }
            let (mut input, mut ended) = (&answer[..], Vec::new());
            let answers = session.handle_answers(now, &mut input, 9, |context, _| ended.push(context));
            match stop {
                None => assert_eq!((answers, ended, input.len()), (1, vec![7], 0)),
                Some(_) => assert_eq!((answers, ended, input.len()), (0, vec![], answer.len())),
            }
        }
    }
}
