//! One session, what its owner does with it, and what is known of it.

use super::script::{Op, PDUS};
use crate::config::{Config, Role};
use crate::event::{CloseReason, Event, Outcome};
use crate::inbound::RequestToken;
use crate::session::Session;
use crate::state::State;
use smpp_pdu::{Codec, CommandId, CommandStatus, CongestionState, Header, Tolerance, Version, next_frame};
use std::collections::BTreeMap;
use std::time::Instant;

#[derive(Debug)]
pub(super) struct Side {
    session: Session<u32>,
    config: Config,
    at_once: bool,
    /// How many octets come at once.
    chunk: usize,
    /// Answers behind another are asked for in a row, and how many at most is another number each time.
    rows: Option<usize>,
    /// Came, and not used.
    input: Vec<u8>,
    tokens: Vec<RequestToken>,
    /// Taken from the session, and not written.
    taken: Vec<u8>,
    /// Everything that was written, and up to where the two sides are known to agree.
    written: Vec<u8>,
    agreed: usize,
    /// The connection is no more.
    dead: bool,
    /// What was told since they have agreed, and the frame that it was told of.
    told: Vec<(Told, Vec<u8>)>,
    closed: Option<CloseReason>,
    /// Number and context of what is in flight; how each request has ended, and its number.
    flying: BTreeMap<u32, u32>,
    ended: BTreeMap<u32, (u32, Outcome<()>)>,
    asked: u32,
    /// By the peer's number: how many requests wait for an answer of this side.
    owed: BTreeMap<u32, i32>,
}

/// An event without what it lends.
#[derive(Debug, PartialEq)]
enum Told {
    Asked(CommandId, u32),
    Noticed,
    Answered(u32),
    Ended(u32, Outcome<()>),
    Stray(CommandId, u32),
    State(State),
    Closed(CloseReason),
}

impl Side {
    pub(super) fn new(role: Role, config: &Config, at_once: bool, chunk: usize, rows: bool, now: Instant) -> Self {
        Self {
            session: Session::new(role, config.clone(), now),
            config: config.clone(),
            at_once,
            chunk,
            rows: rows.then_some(0),
            input: Vec::new(),
            tokens: Vec::new(),
            taken: Vec::new(),
            written: Vec::new(),
            agreed: 0,
            dead: false,
            told: Vec::new(),
            closed: None,
            flying: BTreeMap::new(),
            ended: BTreeMap::new(),
            asked: 0,
            owed: BTreeMap::new(),
        }
    }

    pub(super) fn apply(&mut self, now: Instant, op: &Op) {
        match op {
            Op::Ask(frame) => self.ask(now, frame),
            &Op::Answer(which, how, status) => {
                if let Some(token) = self.token(which) {
                    self.answer(token, how, status);
                }
            }
            &Op::Forget(which) => drop(self.token(which)),
            Op::Take => self.take(),
            &Op::Write(n) => self.write(n),
            Op::Pass(_) => {
                self.session.handle_timeout(now);
                if self.chunk == 1 {
                    self.session.handle_timeout(now); // nothing is due any more
                }
                let next = self.session.poll_timeout();
                assert!(next.is_none_or(|next| next > now), "the next time is past");
            }
            Op::Come(octets) => octets.chunks(self.chunk.min(octets.len().max(1))).for_each(|part| {
                self.input.extend(part);
                self.come(now);
            }),
            &Op::Window(window) => self.session.set_window(window),
            &Op::Congest(load) => self.session.set_congestion(Some(CongestionState(load))),
            Op::Unbind => self.session.unbind(now),
            Op::Close => self.session.close(CloseReason::Local),
            Op::Eof => {
                self.dead |= self.closed.is_none();
                self.session.handle_eof();
            }
        }
        self.come(now); // it may have been paused
    }

    fn ask(&mut self, now: Instant, frame: &[u8]) {
        let Ok(decoded) = ANY.decode(frame) else { return };
        let (room, waits) = (self.session.room(), self.session.unwritten());
        let notice = [CommandId::OUTBIND, CommandId::ALERT_NOTIFICATION].contains(&decoded.pdu.command_id());
        let refused = if notice {
            self.session.notify(now, &decoded.pdu).is_err()
        } else {
            match self.session.request(now, self.asked, &decoded.pdu) {
                Err((context, _)) => {
                    assert_eq!(context, self.asked);
                    true
                }
                Ok(number) => {
                    assert!(room > 0, "taken by a full window");
                    assert!((1..=0x7fff_ffff).contains(&number));
                    assert_eq!(
                        self.flying.insert(number, self.asked),
                        None,
                        "{number} is in flight twice"
                    );
                    self.asked += 1;
                    false
                }
            }
        };
        assert_eq!(refused, self.session.unwritten() == waits);
    }

    fn token(&mut self, which: usize) -> Option<RequestToken> {
        let place = which.checked_rem(self.tokens.len())?;
        Some(self.tokens.remove(place))
    }

    fn answer(&mut self, token: RequestToken, how: u8, status: CommandStatus) {
        let response = if how & 3 == 1 {
            CommandId::SUBMIT_SM_RESP // which may not be the one
        } else {
            token.command_id().response()
        };
        let Some((id, body)) = PDUS.iter().find(|(id, _)| *id == response.0) else {
            let _ = self.session.reject(token, status);
            return;
        };
        if how & 3 == 2 {
            let _ = self.session.reject(token, status);
            return;
        }
        let frame = [&[0; 4], &id.to_be_bytes()[..], &[0; 8], body].concat();
        let pdu = ANY.decode(&frame).expect("a PDU of the list").pdu;
        let _ = self.session.respond(token, status, &pdu);
    }

    fn write(&mut self, n: usize) {
        // What is taken of a session that has ended may be written if its reason says so.
        if self.dead || self.closed.is_some_and(|reason| !reason.lingers()) {
            return;
        }
        let written: Vec<u8> = self.taken.drain(..n.min(self.taken.len())).collect();
        self.session.handle_written(written.len());
        self.written.extend(written);
    }

    /// Pulls everything that there is.
    fn come(&mut self, now: Instant) {
        let input = std::mem::take(&mut self.input);
        let mut rest = &input[..];
        loop {
            while let Some(event) = self.session.poll_event() {
                self.tell(event);
            }
            let (before, version) = (rest, self.session.codec().version);
            let open = self.session.state() != State::Closed;
            let event = self.session.handle_bytes(now, &mut rest);
            if open {
                let used = before.len() - rest.len();
                self.owes(before.split_at(used).0, version);
            }
            match event.or_else(|| self.session.poll_event()) {
                Some(event) => {
                    let ended = matches!(event, Event::Ended { .. });
                    self.tell(event);
                    if ended {
                        self.tell_row(now, &mut rest);
                    }
                }
                None => break,
            }
        }
        self.input = rest.to_vec();
    }

    fn tell_row(&mut self, now: Instant, input: &mut &[u8]) {
        let Some(turn) = &mut self.rows else { return };
        *turn += 1;
        let (most, mut row) = (*turn % 5, Vec::new());
        let answers = self.session.handle_answers(now, input, most, |context, outcome| {
            row.push(Event::Ended { context, outcome });
        });
        assert!(answers == row.len() && answers <= most);
        row.into_iter().for_each(|event| self.tell(event));
    }

    /// Each request that was read is owed one answer; the two that have none are unknown to 3.3, which is an answer.
    fn owes(&mut self, mut read: &[u8], version: Version) {
        while let Ok(Some(frame)) = next_frame(&mut read, self.config.max_pdu) {
            let Some((command, header)) = Header::peek(frame) else {
                continue;
            };
            let silent = [CommandId::OUTBIND, CommandId::ALERT_NOTIFICATION].contains(&command);
            if !(command.is_response() || silent && version >= Version::V34) {
                *self.owed.entry(header.sequence_number).or_default() += 1;
            }
        }
    }

    fn tell(&mut self, event: Event<'_, u32>) {
        assert_eq!(self.closed, None, "{event:?} after the end");
        let (told, frame) = match event {
            Event::Request(received) => {
                let told = Told::Asked(received.token.command_id(), received.token.sequence_number());
                if self.at_once {
                    self.answer(received.token, 0, CommandStatus::ESME_ROK);
                } else {
                    self.tokens.push(received.token);
                }
                (told, received.frame)
            }
            Event::Notice(received) => (Told::Noticed, received.frame),
            Event::Ended { context, outcome } => {
                let number = self.flying.iter().find(|&(_, of)| *of == context);
                let number = *number.expect("a request that is in flight").0;
                self.flying.remove(&number);
                self.ended.insert(context, (number, outcome.map(|_| ())));
                match outcome {
                    Outcome::Answered(answer) => (Told::Answered(context), answer.frame()),
                    _ => (Told::Ended(context, outcome.map(|_| ())), &[][..]),
                }
            }
            Event::Closed(reason) => {
                self.closed = Some(reason);
                (Told::Closed(reason), &[][..])
            }
            Event::Stray {
                command_id,
                sequence_number,
            } => (Told::Stray(command_id, sequence_number), &[][..]),
            Event::State(state) => (Told::State(state), &[][..]),
        };
        self.told.push((told, frame.to_vec()));
    }

    /// What is sent are whole PDUs, of a version that is spoken, and no answer that is not owed.
    fn take(&mut self) {
        let mut sent = Vec::new();
        while self.session.poll_transmit(&mut sent) {}
        assert!(!self.session.has_transmit());
        self.taken.extend(&sent);
        let mut rest = &sent[..];
        while let Some(frame) = next_frame(&mut rest, self.config.max_pdu).expect("a length that fits") {
            self.sends(frame);
        }
        assert!(rest.is_empty(), "half a PDU is sent");
    }

    fn sends(&mut self, frame: &[u8]) {
        let (command, header) = Header::peek(frame).expect("a frame");
        // Of before the bind, or of what was agreed on.
        let read = [self.config.version, self.session.codec().version].map(|version| {
            let codec = Codec {
                version,
                tolerance: Tolerance::strict(),
            };
            codec.decode(frame).is_ok()
        });
        assert_ne!(read, [false; 2], "{frame:x?}");
        if !command.is_response() {
            assert!((1..=0x7fff_ffff).contains(&header.sequence_number));
            return;
        }
        let framing = matches!(self.closed, Some(CloseReason::Framing { .. }));
        if command == CommandId::GENERIC_NACK && framing && header.sequence_number == 0 {
            return;
        }
        let owed = self.owed.entry(header.sequence_number).or_default();
        *owed -= 1;
        assert!(*owed >= 0, "{command} {} answers nothing", header.sequence_number);
    }

    pub(super) fn check(&mut self, now: Instant) {
        let session = &self.session;
        assert_eq!(session.in_flight(), self.flying.len(), "a slot was lost, or leaked");
        let own = self.config.max_unwritten_requests + LONGEST;
        let answers = self.config.max_unwritten + LONGEST * (self.config.max_inbound + 4);
        assert!(
            session.unwritten() <= own + answers,
            "{} octets wait",
            session.unwritten()
        );
        let window = session.window(now);
        assert_eq!(window.oldest.is_some(), window.in_flight > 0);
        assert!(self.flying.keys().all(|number| session.written(*number).is_some()));
        assert!(session.octets_written() <= session.octets_queued());
        assert_eq!(session.poll_timeout().is_none(), self.closed.is_some());
        if self.closed.is_some() {
            assert!(self.flying.is_empty(), "closed, and something waits");
            return;
        }
        // Nothing is owed but what the application was asked, and unbind, which waits for that.
        if !session.has_transmit() && session.in_flight() == 0 {
            let owed: i32 = self.owed.values().sum();
            assert_eq!(owed == 0, session.is_idle(), "{owed} answers are owed");
        }
    }

    /// Whatever has been told, sent and counted since the last time.
    pub(super) fn agree(sides: &mut [Self]) {
        let Some((one, others)) = sides.split_first_mut() else {
            return;
        };
        for other in others {
            assert_eq!(one.told, std::mem::take(&mut other.told));
            assert_eq!(one.written.get(one.agreed..), other.written.get(one.agreed..));
            assert_eq!(one.taken, other.taken);
            assert_eq!(one.input, other.input);
            let (session, of_other) = (&one.session, &other.session);
            assert_eq!(session.stats(), of_other.stats());
            assert_eq!(session.state(), of_other.state());
            assert_eq!(session.codec(), of_other.codec());
            assert_eq!(session.unwritten(), of_other.unwritten());
            assert_eq!(session.is_paused(), of_other.is_paused());
            if one.chunk == other.chunk {
                assert_eq!(session.last_heard(), of_other.last_heard());
                assert_eq!(session.poll_timeout(), of_other.poll_timeout());
            }
        }
        one.told.clear();
        one.agreed = one.written.len();
    }

    /// In the end: each request has one outcome, and it is what the octets say.
    pub(super) fn judge(&self) {
        assert_eq!(self.ended.len(), self.asked as usize, "a request without an end");
        let (mut rest, mut begun) = (&self.written[..], Vec::new());
        while rest.len() >= 16 {
            let Ok(Some(frame)) = next_frame(&mut rest, self.config.max_pdu) else {
                break;
            };
            begun.extend(Header::peek(frame));
        }
        let torn = !rest.is_empty();
        begun.extend(Header::peek(rest));
        for (context, (number, outcome)) in &self.ended {
            let mut requests = begun.iter().filter(|(command, _)| !command.is_response());
            let there = requests.any(|(_, header)| header.sequence_number == *number);
            match outcome {
                Outcome::NotWritten(_) => assert!(!there, "{context} was written"),
                Outcome::MaybeDelivered(reason) => {
                    assert!(there || torn || reason.lingers(), "{context} was not written")
                }
                _ => {}
            }
        }
    }
}

/// No PDU that is sent here is longer.
const LONGEST: usize = 64;

/// Reads whatever the list has.
const ANY: Codec = Codec {
    version: Version::V50,
    tolerance: Tolerance::field(),
};
