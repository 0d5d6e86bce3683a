//! An interceptor: it stands outside the session, behind `poll_transmit` and in front of `handle_bytes`, with a queue
//! and a `poll_timeout` of its own. It sees every frame as octets, and may let it pass, change, delay or drop it.
//! Simulators and fault injection are interceptors; a session that has none pays nothing for it. What only looks on is a
//! tap, of which `smpp_session::tap` has some.
//!
//! What an interceptor has taken counts as written, for the session cannot know better: what it drops, too. So a request
//! that is dropped times out, or may have been delivered, and is never "not written".
//!
//! `cargo run -p smpp-session --example interceptor`

use smpp_pdu::{
    BindTransceiver, BindTransceiverResp, CommandId, CommandStatus, Header, MAX_PDU, Pdu, SubmitSm, SubmitSmResp,
    next_frame,
};
use smpp_session::{Config, Event, Outcome, Role, Session};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// What becomes of a frame that an interceptor has seen, and may have changed.
enum Fate {
    Pass,
    Delay(Duration),
    Drop,
}

/// One direction of one connection.
struct Interceptor<F> {
    rule: F,
    /// The beginning of a frame.
    begun: Vec<u8>,
    /// When each frame goes on. None overtakes another, as on a connection.
    queue: VecDeque<(Instant, Vec<u8>)>,
}

impl<F: FnMut(&mut Vec<u8>) -> Fate> Interceptor<F> {
    fn new(rule: F) -> Self {
        Self {
            rule,
            begun: Vec::new(),
            queue: VecDeque::new(),
        }
    }

    /// Octets come, in any pieces.
    fn handle_bytes(&mut self, now: Instant, octets: &[u8]) {
        self.begun.extend_from_slice(octets);
        let begun = std::mem::take(&mut self.begun);
        let mut rest = &begun[..];
        while let Ok(Some(frame)) = next_frame(&mut rest, MAX_PDU) {
            let mut frame = frame.to_vec();
            let at = match (self.rule)(&mut frame) {
                Fate::Pass => now,
                Fate::Delay(time) => now + time,
                Fate::Drop => continue,
            };
            let before = self.queue.back().map_or(at, |&(before, _)| before.max(at));
            self.queue.push_back((before, frame));
        }
        // Half a frame; or what is no frame, and goes on as it is, for the session to judge.
        match next_frame(&mut rest, MAX_PDU) {
            Ok(_) => self.begun = rest.to_vec(),
            Err(_) => self.queue.push_back((now, rest.to_vec())),
        }
    }

    /// Moves what goes on by now into `to`.
    fn poll_transmit(&mut self, now: Instant, to: &mut Vec<u8>) {
        while self.queue.front().is_some_and(|&(at, _)| at <= now) {
            to.extend(self.queue.pop_front().into_iter().flat_map(|(_, frame)| frame));
        }
    }

    /// When something goes on next.
    fn poll_timeout(&self) -> Option<Instant> {
        self.queue.front().map(|&(at, _)| at)
    }
}

/// A session and what has come for it.
struct Side {
    session: Session<&'static str>,
    input: Vec<u8>,
}

impl Side {
    fn new(role: Role, now: Instant) -> Self {
        Self {
            session: Session::new(role, Config::default(), now),
            input: Vec::new(),
        }
    }

    /// What it wants to send goes into the interceptor, and what has passed that comes out of it.
    fn send<F: FnMut(&mut Vec<u8>) -> Fate>(&mut self, now: Instant, through: &mut Interceptor<F>, to: &mut Self) {
        let mut out = Vec::new();
        while self.session.poll_transmit(&mut out) {
            self.session.handle_written(out.len());
            through.handle_bytes(now, &out);
            out.clear();
        }
        through.poll_transmit(now, &mut to.input);
    }

    /// What has come, and what is due.
    fn events(
        &mut self,
        now: Instant,
        mut application: impl FnMut(&mut Session<&'static str>, Event<'_, &'static str>),
    ) {
        self.session.handle_timeout(now);
        let mut rest = &self.input[..];
        while let Some(event) = self.session.handle_bytes(now, &mut rest) {
            application(&mut self.session, event);
        }
        let used = self.input.len() - rest.len();
        self.input.drain(..used);
    }
}

/// The message centre takes everything.
fn centre(session: &mut Session<&'static str>, event: Event<'_, &'static str>) {
    let Event::Request(received) = event else { return };
    let ok = CommandStatus::ESME_ROK;
    match received.pdu {
        Pdu::BindTransceiver(_) => session
            .respond(received.token, ok, &BindTransceiverResp::default())
            .unwrap(),
        _ => session.respond(received.token, ok, &SubmitSmResp::default()).unwrap(),
    }
}

pub(crate) fn main() {
    let began = Instant::now();
    let mut now = began;
    let mut esme = Side::new(Role::Esme, now);
    let mut smsc = Side::new(Role::Smsc, now);

    // Towards the centre: a capture. (A pcap file would have the octets.)
    let mut capture = Vec::new();
    let mut up = Interceptor::new(|frame: &mut Vec<u8>| {
        let (command, header) = Header::peek(frame).unwrap();
        capture.push((command, header.sequence_number, frame.len()));
        Fate::Pass
    });
    // Towards the client: a message centre with faults. The first submit_sm_resp is lost, the second says something
    // else than the centre did, the third is late.
    let mut answers = 0;
    let mut down = Interceptor::new(|frame: &mut Vec<u8>| {
        let (command, _) = Header::peek(frame).unwrap();
        answers += i32::from(command == CommandId::SUBMIT_SM_RESP);
        match (command, answers) {
            (CommandId::SUBMIT_SM_RESP, 1) => Fate::Drop,
            (CommandId::SUBMIT_SM_RESP, 2) => {
                frame[8..12].copy_from_slice(&CommandStatus::ESME_RTHROTTLED.0.to_be_bytes());
                Fate::Pass
            }
            (CommandId::SUBMIT_SM_RESP, 3) => Fate::Delay(Duration::from_secs(5)),
            _ => Fate::Pass,
        }
    });

    // What became of what was asked, and after how long.
    let mut seen = Vec::new();
    let bind = BindTransceiver {
        interface_version: 0x34,
        ..BindTransceiver::default()
    };
    esme.session.request(now, "bind", &bind).unwrap();
    while seen.len() < 4 {
        // Until nothing moves.
        loop {
            esme.send(now, &mut up, &mut smsc);
            smsc.events(now, centre);
            smsc.send(now, &mut down, &mut esme);
            esme.events(now, |session, event| {
                let Event::Ended { context, outcome } = event else {
                    return;
                };
                let after = (now - began).as_secs();
                seen.push((context, outcome.map(|answer| answer.command_status()), after));
                let next = match context {
                    "bind" => "lost",
                    "lost" => "changed",
                    "changed" => "late",
                    _ => return,
                };
                session.request(now, next, &SubmitSm::default()).unwrap();
            });
            if !esme.session.has_transmit() && !smsc.session.has_transmit() {
                break;
            }
        }
        // The clock of the interceptors counts, too.
        let timers = [esme.session.poll_timeout(), smsc.session.poll_timeout()];
        let queues = [up.poll_timeout(), down.poll_timeout()];
        now = timers.into_iter().chain(queues).flatten().min().unwrap().max(now);
    }

    for (context, outcome, after) in &seen {
        println!("{context}: {outcome:?} after {after} s");
    }
    let ok = Outcome::Answered(CommandStatus::ESME_ROK);
    let expected = [
        ("bind", ok, 0),
        ("lost", Outcome::TimedOut, 30),
        ("changed", Outcome::Answered(CommandStatus::ESME_RTHROTTLED), 30),
        ("late", ok, 35),
    ];
    assert_eq!(seen, expected);
    let submits = capture.iter().filter(|(command, ..)| *command == CommandId::SUBMIT_SM);
    assert_eq!(submits.count(), 3);
}
