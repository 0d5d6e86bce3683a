//! Random operations on a pair of sessions, against a model that is as small as it can be: a request that was taken ends
//! once, and a number that is in flight is nobody else's.

use crate::pair::{Answers, End, Side};
use crate::wire;
use proptest::prelude::*;
use smpp_pdu::{Codec, CommandId, CommandStatus, EnquireLink, Tolerance, Unbind};
use smpp_session::{CloseReason, Config, Outcome, Overload, Role};
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

#[derive(Debug, Clone)]
enum Op {
    /// A bind, a message, or what this side may not send.
    Request(usize, u8),
    /// Answers a request that waits.
    Answer(usize, usize, u32),
    /// The transport takes so many octets.
    Write(usize, usize),
    /// So many octets arrive.
    Read(usize, usize),
    Pass(u64),
    /// The peer says what no session would.
    Forge(usize, u8, u32),
    Garbage(usize, Vec<u8>),
    Window(usize, usize),
    Unbind(usize),
    Close(usize),
    Eof(usize),
}

fn op() -> impl Strategy<Value = Op> {
    let side = 0..2usize;
    prop_oneof![
        8 => (side.clone(), 0..8u8).prop_map(|(side, kind)| Op::Request(side, kind)),
        6 => (side.clone(), 0..8usize, 0..3u32).prop_map(|(side, which, status)| Op::Answer(side, which, status)),
        8 => (side.clone(), 1..400usize).prop_map(|(side, n)| Op::Write(side, n)),
        8 => (side.clone(), 1..400usize).prop_map(|(side, n)| Op::Read(side, n)),
        2 => (1..20_000u64).prop_map(Op::Pass),
        2 => (side.clone(), 0..6u8, 0..8u32).prop_map(|(side, kind, n)| Op::Forge(side, kind, n)),
        1 => (side.clone(), prop::collection::vec(any::<u8>(), 0..24)).prop_map(|(side, octets)| Op::Garbage(side, octets)),
        1 => (side.clone(), 0..6usize).prop_map(|(side, window)| Op::Window(side, window)),
        1 => side.clone().prop_map(Op::Unbind),
        1 => side.clone().prop_map(Op::Close),
        1 => side.prop_map(Op::Eof),
    ]
}

/// One side with what the model knows of it.
struct Known {
    side: Side,
    /// Number and context of what is in flight.
    flying: BTreeMap<u32, u32>,
    next: u32,
    ended: BTreeMap<u32, End>,
    numbers: BTreeMap<u32, u32>,
    /// Octets that have not arrived.
    wire: VecDeque<u8>,
    /// Nothing more is written: it is over, and its reason does not linger.
    silent: bool,
    dead: bool,
}

impl Known {
    fn new(role: Role, config: Config, now: Instant) -> Self {
        let mut side = Side::new(role, config, now);
        side.answers = Answers::Later;
        side.takes = 0;
        Self {
            side,
            flying: BTreeMap::new(),
            next: 0,
            ended: BTreeMap::new(),
            numbers: BTreeMap::new(),
            wire: VecDeque::new(),
            silent: false,
            dead: false,
        }
    }

    fn request(&mut self, now: Instant, kind: u8) {
        let context = self.next;
        let room = self.side.session.room();
        let taken = match kind {
            0 => self.side.request(now, context, &wire::transceiver()),
            1 => self.side.request(now, context, &wire::transmitter()),
            2 => self.side.request(now, context, &wire::receiver()),
            3 => self.side.request(now, context, &EnquireLink::default()),
            4 | 5 => self.side.request(now, context, &wire::submit("hello")),
            _ => self.side.request(now, context, &wire::deliver("hello")),
        };
        if let Ok(number) = taken {
            assert!(room > 0, "taken by a full window");
            assert!((1..=0x7fff_ffff).contains(&number));
            assert_eq!(self.flying.insert(number, context), None, "{number} is in flight twice");
            self.numbers.insert(context, number);
            self.next += 1;
        }
    }

    /// What was told, against what is known.
    fn check(&mut self) {
        for (context, end) in self.side.ends() {
            assert_eq!(self.ended.insert(context, end), None, "{context} ended twice");
            let number = self.numbers[&context];
            assert_eq!(self.flying.remove(&number), Some(context));
        }
        assert_eq!(
            self.side.session.in_flight(),
            self.flying.len(),
            "a slot was lost, or leaked"
        );
        if let Some(reason) = self.side.closed {
            assert!(self.flying.is_empty(), "closed, and something waits");
            assert_eq!(self.side.session.poll_timeout(), None);
            self.silent |= !reason.lingers();
        }
    }

    fn write(&mut self, n: usize) {
        if !self.silent && !self.dead {
            self.side.takes = n;
            let octets = self.side.transmit();
            self.side.takes = 0;
            self.wire.extend(octets);
        }
    }

    /// In the end: nothing but whole PDUs of ours was written, and each outcome is what the octets say.
    fn judge(mut self) {
        while !self.silent && !self.dead && self.side.session.has_transmit() {
            self.write(usize::MAX - 1);
        }
        self.write(usize::MAX - 1);
        assert!(!self.side.session.has_transmit() || self.dead);
        assert_eq!(self.ended.len(), self.next as usize, "a request without an end");
        let mut begun = BTreeMap::new();
        let mut rest = &self.side.sent[..];
        while rest.len() >= 16 {
            let len = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
            let command = CommandId(u32::from_be_bytes(rest[4..8].try_into().unwrap()));
            let number = u32::from_be_bytes(rest[12..16].try_into().unwrap());
            *begun.entry((command, number)).or_insert(0) += 1;
            if let Some(frame) = rest.get(..len) {
                let strict = Codec {
                    tolerance: Tolerance::strict(),
                    ..Codec::default()
                };
                assert!(strict.decode(frame).is_ok(), "{frame:x?} is sent");
            }
            rest = &rest[len.min(rest.len())..];
        }
        let torn = !rest.is_empty();
        for (context, end) in &self.ended {
            let number = self.numbers[context];
            let there = begun
                .iter()
                .any(|(&(command, n), _)| !command.is_response() && n == number);
            match end {
                Outcome::NotWritten(_) => assert!(!there, "{context} was written: {end:?}"),
                Outcome::MaybeDelivered(_) => assert!(there || torn, "{context} was not written: {end:?}"),
                _ => {}
            }
        }
    }
}

fn config() -> Config {
    let mut config = Config::default();
    config.window = 3;
    config.max_inbound = 2;
    config.max_unwritten = 2_000;
    config.max_unwritten_requests = 500;
    config
}

/// Reading pauses, who is not used is unbound, and little is free.
fn narrow() -> Config {
    let mut config = config();
    config.overload = Overload::Pause;
    config.inactivity = Some(Duration::from_secs(25));
    for bound in [
        &mut config.free.unknown,
        &mut config.free.stray,
        &mut config.free.malformed,
    ] {
        *bound = 2;
    }
    config
}

fn forged(kind: u8, number: u32) -> Vec<u8> {
    let status = CommandStatus(number % 2);
    match kind {
        0 => wire::bare(CommandId::GENERIC_NACK, status, number),
        1 => wire::bare(CommandId::SUBMIT_SM_RESP, status, number),
        2 => wire::bare(CommandId::DELIVER_SM_RESP, status, number),
        3 => wire::bare(CommandId(0x999), status, number),
        4 => wire::bare(CommandId::SUBMIT_SM, status, number), // cut short
        _ => wire::octets(number, &Unbind::default()),
    }
}

fn run(ops: &[Op]) {
    run_with(ops, &config());
    run_with(ops, &narrow());
}

fn run_with(ops: &[Op], config: &Config) {
    let mut now = Instant::now();
    let mut sides = [Role::Esme, Role::Smsc].map(|role| Known::new(role, config.clone(), now));
    for op in ops {
        match *op {
            Op::Request(side, kind) => sides[side].request(now, kind),
            Op::Answer(side, which, status) => {
                let side = &mut sides[side].side;
                if !side.asked.is_empty() {
                    side.asked.rotate_left(which % side.asked.len());
                    side.try_answer(now, CommandStatus(status));
                }
            }
            Op::Write(side, n) => sides[side].write(n),
            Op::Read(side, n) => {
                let from = &mut sides[1 - side].wire;
                let octets: Vec<u8> = from.drain(..n.min(from.len())).collect();
                sides[side].side.recv(now, &octets);
            }
            Op::Pass(millis) => {
                now += Duration::from_millis(millis);
                for known in &mut sides {
                    known.side.timeout(now);
                    let next = known.side.session.poll_timeout();
                    assert!(next.is_none_or(|next| next > now), "the next time is past");
                }
            }
            Op::Forge(side, kind, number) => sides[1 - side].wire.extend(forged(kind, number)),
            Op::Garbage(side, ref octets) => sides[1 - side].wire.extend(octets),
            Op::Window(side, window) => sides[side].side.session.set_window(window),
            Op::Unbind(side) => sides[side].side.session.unbind(now),
            Op::Close(side) => sides[side].side.session.close(CloseReason::Local),
            Op::Eof(side) => {
                let known = &mut sides[side];
                known.dead |= known.side.session.poll_timeout().is_some();
                known.side.eof();
            }
        }
        for known in &mut sides {
            known.check();
            // Memory is within its bounds: what one PDU may add to them.
            let waits = known.side.session.unwritten();
            assert!(waits < 2_000 + 500, "{waits} octets wait");
        }
    }
    for mut known in sides {
        known.side.session.close(CloseReason::Local);
        known.check();
        known.judge();
    }
}

/// Everything that a session says of a stream, however it is cut.
fn heard(stream: &[u8], cut: impl Fn(usize) -> usize) -> (Vec<u8>, Side) {
    let now = Instant::now();
    let mut side = Side::new(Role::Smsc, Config::default(), now);
    side.recv(now, &wire::octets(1, &wire::transceiver()));
    side.request(now, 0, &wire::deliver("hello")).unwrap();
    side.request(now, 1, &wire::deliver("hello")).unwrap();
    let (mut rest, mut turn) = (stream, 0);
    while !rest.is_empty() {
        let (part, behind) = rest.split_at(cut(turn).clamp(1, rest.len()));
        side.recv(now, part);
        (rest, turn) = (behind, turn + 1);
    }
    (side.transmit_all(), side)
}

fn pdu() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        (0..9u32).prop_map(|n| wire::octets(n, &wire::submit("hello"))),
        (0..9u32).prop_map(|n| wire::octets(n, &EnquireLink::default())),
        (0..6u8, 0..5u32).prop_map(|(kind, n)| forged(kind, n)),
        (any::<u32>(), any::<u32>()).prop_map(|(command, n)| wire::bare(CommandId(command), CommandStatus(0), n)),
        prop::collection::vec(any::<u8>(), 1..20),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_operations(ops in prop::collection::vec(op(), 0..120)) {
        run(&ops);
    }

    /// As above, but bound, and without what ends a session early.
    #[test]
    fn any_operations_of_bound_sessions(ops in prop::collection::vec(op(), 0..200)) {
        let begin = [
            Op::Request(0, 0), Op::Write(0, 400), Op::Read(1, 400),
            Op::Answer(1, 0, 0), Op::Write(1, 400), Op::Read(0, 400),
        ];
        let calm = |op: &Op| !matches!(op, Op::Garbage(..) | Op::Close(_) | Op::Eof(_) | Op::Forge(_, 5, _));
        let ops: Vec<Op> = begin.into_iter().chain(ops.into_iter().filter(calm)).collect();
        run(&ops);
    }

    /// Whole, octet by octet and in any pieces it is the same stream.
    #[test]
    fn any_pieces(pdus in prop::collection::vec(pdu(), 0..20), pieces in prop::collection::vec(1..50usize, 1..20)) {
        let stream = pdus.concat();
        let (whole, told) = heard(&stream, |_| usize::MAX);
        for cut in [1, 0] {
            let (octets, side) = heard(&stream, |turn| if cut == 1 { 1 } else { pieces[turn % pieces.len()] });
            prop_assert_eq!(&octets, &whole);
            // In the same order.
            prop_assert_eq!(&side.told, &told.told);
            prop_assert_eq!(&side.ended, &told.ended);
            prop_assert_eq!(side.closed, told.closed);
            prop_assert_eq!(side.session.stats(), told.session.stats());
        }
    }
}
