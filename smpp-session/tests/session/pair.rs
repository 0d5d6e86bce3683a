//! Two sessions and what lies between them: a clock that moves when it is told, and a wire with a latency that chops
//! and coalesces, or is cut.

use crate::wire;
use smpp_pdu::{CommandId, CommandStatus, Encode, Pdu};
use smpp_session::{CloseReason, Config, Event, Outcome, RequestError, RequestToken, Role, Session, State};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How a request ended, without the octets of its answer.
pub(crate) type End = Outcome<CommandStatus>;
pub(crate) const OK: End = Outcome::Answered(CommandStatus::ESME_ROK);

/// What a side does with a request of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answers {
    /// ESME_ROK at once.
    AtOnce,
    /// Not before it is told to.
    Later,
}

/// One session, and what it has told.
#[derive(Debug)]
pub(crate) struct Side {
    pub session: Session<u32>,
    pub answers: Answers,
    /// Requests of the other side that are not answered.
    pub asked: VecDeque<RequestToken>,
    pub ended: Vec<(u32, End)>,
    pub notices: Vec<CommandId>,
    pub strays: Vec<(CommandId, u32)>,
    pub states: Vec<State>,
    /// All that was told, as it came.
    pub told: Vec<String>,
    pub closed: Option<CloseReason>,
    /// Octets that the transport takes before it blocks.
    pub takes: usize,
    /// Everything that was given to the transport.
    pub sent: Vec<u8>,
    out: Vec<u8>,
    /// Came, and not used yet.
    came: Vec<u8>,
}

impl Side {
    pub(crate) fn new(role: Role, config: Config, now: Instant) -> Self {
        Self {
            session: Session::new(role, config, now),
            answers: Answers::AtOnce,
            asked: VecDeque::new(),
            ended: Vec::new(),
            notices: Vec::new(),
            strays: Vec::new(),
            states: Vec::new(),
            told: Vec::new(),
            closed: None,
            takes: usize::MAX,
            sent: Vec::new(),
            out: Vec::new(),
            came: Vec::new(),
        }
    }

    /// The octets come.
    pub(crate) fn recv(&mut self, now: Instant, octets: &[u8]) {
        self.came.extend_from_slice(octets);
        let came = std::mem::take(&mut self.came);
        let mut input = &came[..];
        loop {
            self.events();
            let Some(event) = self.session.handle_bytes(now, &mut input) else {
                break;
            };
            self.told.push(format!("{event:?}"));
            match event {
                Event::Request(received) if self.answers == Answers::AtOnce => {
                    answer(&mut self.session, received.token, CommandStatus::ESME_ROK);
                }
                Event::Request(received) => self.asked.push_back(received.token),
                Event::Notice(received) => self.notices.push(received.pdu.command_id()),
                event => self.tell(event),
            }
        }
        self.came = input.to_vec();
        self.events();
    }

    fn tell(&mut self, event: Event<'_, u32>) {
        assert_eq!(self.closed, None, "{event:?} after the end");
        match event {
            Event::Ended { context, outcome } => {
                let outcome = outcome.map(|answer| answer.command_status());
                self.ended.push((context, outcome));
            }
            Event::Stray {
                command_id,
                sequence_number,
            } => self.strays.push((command_id, sequence_number)),
            Event::State(state) => self.states.push(state),
            Event::Closed(reason) => self.closed = Some(reason),
            event => panic!("{event:?} without input"),
        }
    }

    /// What timers and closing have brought.
    pub(crate) fn events(&mut self) {
        while let Some(event) = self.session.poll_event() {
            self.told.push(format!("{event:?}"));
            self.tell(event);
        }
    }

    /// What the transport takes now.
    pub(crate) fn transmit(&mut self) -> Vec<u8> {
        if self.out.is_empty() {
            self.session.poll_transmit(&mut self.out);
        }
        let n = self.out.len().min(self.takes);
        self.takes -= if self.takes == usize::MAX { 0 } else { n };
        let taken: Vec<u8> = self.out.drain(..n).collect();
        self.session.handle_written(n);
        self.sent.extend_from_slice(&taken);
        taken
    }

    /// All that it wants to send, where nothing blocks it.
    pub(crate) fn transmit_all(&mut self) -> Vec<u8> {
        let mut all = Vec::new();
        while self.session.has_transmit() || !self.out.is_empty() {
            all.extend(self.transmit());
        }
        all
    }

    pub(crate) fn timeout(&mut self, now: Instant) {
        self.session.handle_timeout(now);
        self.events();
    }

    pub(crate) fn eof(&mut self) {
        self.session.handle_eof();
        self.events();
    }

    /// As [`Self::answer`], of a session that may have ended, or answered for itself.
    pub(crate) fn try_answer(&mut self, now: Instant, status: CommandStatus) {
        if let Some(token) = self.asked.pop_front() {
            let _ = answer_with(&mut self.session, token, status);
            self.recv(now, &[]);
        }
    }

    /// Answers the request that has waited longest.
    pub(crate) fn answer(&mut self, now: Instant, status: CommandStatus) {
        let token = self.asked.pop_front().expect("a request that waits");
        answer(&mut self.session, token, status);
        self.recv(now, &[]); // it may have been paused
    }
}

fn answer(session: &mut Session<u32>, token: RequestToken, status: CommandStatus) {
    answer_with(session, token, status).unwrap();
}

fn answer_with(
    session: &mut Session<u32>,
    token: RequestToken,
    status: CommandStatus,
) -> Result<(), smpp_session::RespondError> {
    if status != CommandStatus::ESME_ROK {
        session.reject(token, status)
    } else {
        match token.command_id() {
            CommandId::BIND_TRANSCEIVER => session.respond(token, status, &wire::transceiver_resp()),
            CommandId::BIND_TRANSMITTER => session.respond(token, status, &Pdu::<&[u8]>::BindTransmitterResp(None)),
            CommandId::BIND_RECEIVER => session.respond(token, status, &Pdu::<&[u8]>::BindReceiverResp(None)),
            CommandId::SUBMIT_SM => session.respond(token, status, &wire::submit_resp("id")),
            CommandId::DELIVER_SM => session.respond(token, status, &Pdu::<&[u8]>::DeliverSmResp(None)),
            _ => session.reject(token, CommandStatus::ESME_RINVCMDID),
        }
    }
}

/// Where octets go, and when they are there.
#[derive(Debug, Default)]
struct Wire {
    octets: VecDeque<(Instant, Vec<u8>)>,
}

/// An ESME and an SMSC.
#[derive(Debug)]
pub(crate) struct Pair {
    pub began: Instant,
    pub now: Instant,
    pub esme: Side,
    pub smsc: Side,
    /// From one side to the other.
    pub latency: Duration,
    /// Octets that arrive at once; what is sent together is coalesced up to it.
    pub chop: usize,
    /// What is sent is lost, and nobody is told.
    pub cut: bool,
    up: Wire,
    down: Wire,
    /// How often the clock was moved.
    pub turns: usize,
}

impl Pair {
    pub(crate) fn new(config: Config) -> Self {
        Self::of(config.clone(), config)
    }

    pub(crate) fn of(esme: Config, smsc: Config) -> Self {
        let now = Instant::now();
        Self {
            began: now,
            now,
            esme: Side::new(Role::Esme, esme, now),
            smsc: Side::new(Role::Smsc, smsc, now),
            latency: Duration::ZERO,
            chop: usize::MAX,
            cut: false,
            up: Wire::default(),
            down: Wire::default(),
            turns: 0,
        }
    }

    /// Bound as transceiver, all told forgotten.
    pub(crate) fn bound() -> Self {
        Self::bound_with(Config::default())
    }

    pub(crate) fn bound_with(config: Config) -> Self {
        let mut pair = Self::new(config);
        pair.bind();
        pair
    }

    pub(crate) fn bind(&mut self) {
        self.esme.request(self.now, 0, &wire::transceiver()).unwrap();
        self.settle();
        assert_eq!(self.esme.session.state(), State::BoundTrx);
        assert_eq!(self.smsc.session.state(), State::BoundTrx);
        self.esme.ended.clear();
        for side in [&mut self.esme, &mut self.smsc] {
            side.states.clear();
            side.sent.clear();
        }
    }

    pub(crate) fn submit(&mut self, context: u32) -> Result<u32, RequestError> {
        self.esme.request(self.now, context, &wire::submit("hello"))
    }

    pub(crate) fn deliver(&mut self, context: u32) -> Result<u32, RequestError> {
        self.smsc.request(self.now, context, &wire::deliver("hello"))
    }

    /// Moves what can be moved now, until nothing moves.
    pub(crate) fn settle(&mut self) {
        loop {
            let up = self.carry(true);
            let down = self.carry(false);
            if !up && !down {
                return;
            }
        }
    }

    fn carry(&mut self, up: bool) -> bool {
        let (from, to, wire) = if up {
            (&mut self.esme, &mut self.smsc, &mut self.up)
        } else {
            (&mut self.smsc, &mut self.esme, &mut self.down)
        };
        from.timeout(self.now);
        let octets = from.transmit();
        let mut moved = !octets.is_empty();
        if moved && !self.cut {
            wire.octets.push_back((self.now + self.latency, octets));
        }
        while wire.octets.front().is_some_and(|&(at, _)| at <= self.now) {
            let mut together = Vec::new();
            while wire.octets.front().is_some_and(|&(at, _)| at <= self.now) {
                let (_, octets) = wire.octets.pop_front().unwrap();
                together.extend(octets);
            }
            for part in together.chunks(self.chop) {
                to.recv(self.now, part);
            }
            moved = true;
        }
        moved
    }

    /// Lets time pass.
    pub(crate) fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        self.settle();
        loop {
            let arrivals = [&self.up, &self.down].map(|wire| wire.octets.front().map(|&(at, _)| at));
            let timers = [&self.esme, &self.smsc].map(|side| side.session.poll_timeout());
            let next = arrivals.into_iter().chain(timers).flatten().min();
            let Some(next) = next.filter(|&next| next <= until) else {
                break;
            };
            assert!(self.turns < 1_000_000, "time stands still");
            self.turns += 1;
            self.now = self.now.max(next);
            self.esme.timeout(self.now);
            self.smsc.timeout(self.now);
            self.settle();
        }
        self.now = until;
    }
}

impl Side {
    pub(crate) fn request(&mut self, now: Instant, context: u32, pdu: &impl Encode) -> Result<u32, RequestError> {
        self.session.request(now, context, pdu).map_err(|(back, error)| {
            assert_eq!(back, context);
            error
        })
    }

    /// The ends so far, in the order of their contexts; forgotten afterwards.
    pub(crate) fn ends(&mut self) -> Vec<(u32, End)> {
        self.events();
        let mut ended = std::mem::take(&mut self.ended);
        ended.sort_by_key(|&(context, _)| context);
        ended
    }
}
