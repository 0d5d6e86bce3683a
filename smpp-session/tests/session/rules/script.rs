//! The language of the table.
//!
//! A row begins with its rule. It has stories, or says where the rule is shown (`elsewhere FILE FUNCTION`), or whose it
//! is (`owner CRATE: why`); `against WHY` marks a rule that is not followed as it stands.
//!
//! A story begins with `esme` or `smsc`, a version and a state (`open`, `tx`, `rx`, `trx`), and what its configuration
//! has besides: `strict`, `KEY=NUMBER`. It is at rest in that state, with nothing left to say: an ESME has used its
//! number 1 for the bind, an SMSC none, and the peer 1. Then come steps, of which each is
//!
//! | what is done | |
//! |---|---|
//! | `in HEX` | octets come, together |
//! | `drip HEX` | the same, an octet at a time |
//! | `wait SECONDS` | time passes, and each timer fires when it is due |
//! | `ask HEX`, `notify HEX` | the application sends a request, or what has no answer; its number is set |
//! | `answer STATUS HEX` | it answers what has waited longest, with that body |
//! | `reject STATUS` | the same, with nothing but a status |
//! | `congestion LOAD` | this side is so loaded |
//! | `unbind`, `close`, `eof`, `stuck` | this side asks for the end, closes; the peer does; nothing is taken from here on |
//!
//! and behind it all that it brings:
//!
//! | what is seen | |
//! |---|---|
//! | `out HEX` | what is sent: all of it, over one or more lines |
//! | `event WHAT` | what is told, in order |
//! | `error WHAT` | why the application's step was refused |
//! | `version V` | what the session speaks now |

use crate::wire;
use smpp_pdu::{
    BindTransceiverResp, Codec, CommandId, CommandStatus, CongestionState, Pdu, SubmitSmResp, Tlvs, Tolerance, Version,
    tlv,
};
use smpp_session::{Answer, Config, Event, Outcome, RequestError, RequestToken, RespondError, Role, Session, State};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

#[derive(Debug)]
pub(super) struct Story<'a> {
    line: usize,
    begins: &'a str,
    steps: Vec<Step<'a>>,
}

#[derive(Debug)]
struct Step<'a> {
    line: usize,
    word: &'a str,
    rest: &'a str,
    sees: Seen,
}

/// What one step brings.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    out: Vec<u8>,
    told: Vec<String>,
}

impl<'a> Story<'a> {
    pub(super) fn new(line: usize, begins: &'a str) -> Self {
        Self {
            line,
            begins,
            steps: Vec::new(),
        }
    }

    pub(super) fn step(&mut self, line: usize, word: &'a str, rest: &'a str) {
        let last = self.steps.last_mut().map(|step| &mut step.sees);
        match (word, last) {
            ("out", Some(sees)) => sees.out.extend(hex(rest)),
            ("event" | "error" | "version", Some(sees)) => sees.told.push(format!("{word} {rest}")),
            _ => self.steps.push(Step {
                line,
                word,
                rest,
                sees: Seen::default(),
            }),
        }
    }

    pub(super) fn shows_something(&self) -> bool {
        !self.steps.is_empty()
    }

    /// Fails with the line, what it should have brought, and what it has.
    pub(super) fn play(&self) -> Result<(), String> {
        let mut player = Player::new(self.begins);
        for step in &self.steps {
            let sees = player.play(step.word, step.rest);
            if sees != step.sees {
                return Err(format!(
                    "{} {} {} (of line {}):\n  should bring {}\n  has brought  {}",
                    step.line,
                    step.word,
                    step.rest,
                    self.line,
                    shown(&step.sees),
                    shown(&sees)
                ));
            }
        }
        Ok(())
    }
}

fn shown(seen: &Seen) -> String {
    let out: Vec<String> = seen
        .out
        .chunks(4)
        .map(|four| four.iter().map(|octet| format!("{octet:02x}")).collect())
        .collect();
    format!("out {} | {}", out.join(" "), seen.told.join(" | "))
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|c| !c.is_ascii_whitespace()).collect();
    assert!(digits.len().is_multiple_of(2), "half an octet: {text}");
    let octet = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(octet).collect()
}

fn status(text: &str) -> CommandStatus {
    CommandStatus(u32::from_str_radix(text, 16).unwrap())
}

/// Reads whatever a story is written with.
const ANY: Codec = Codec {
    version: Version::V50,
    tolerance: Tolerance::field(),
};

#[derive(Debug)]
struct Player {
    session: Session<u32>,
    now: Instant,
    version: Version,
    input: Vec<u8>,
    waiting: VecDeque<RequestToken>,
    asked: u32,
    stuck: bool,
    told: Vec<String>,
}

impl Player {
    fn new(begins: &str) -> Self {
        let mut words = begins.split_whitespace();
        let mut word = || words.next().unwrap();
        let role = if word() == "esme" { Role::Esme } else { Role::Smsc };
        let mut config = Config::default();
        config.version = match word() {
            "3.3" => Version::V33,
            "3.4" => Version::V34,
            "5.0" => Version::V50,
            other => panic!("no version {other}"),
        };
        let state = word();
        words.for_each(|word| configure(&mut config, word));
        let now = Instant::now();
        let mut player = Self {
            version: config.version,
            session: Session::new(role, config, now),
            now,
            input: Vec::new(),
            waiting: VecDeque::new(),
            asked: 0,
            stuck: false,
            told: Vec::new(),
        };
        if state != "open" {
            player.bind(state);
        }
        player
    }

    /// As both sides would who speak this version.
    fn bind(&mut self, state: &str) {
        let (bind, state) = match state {
            "tx" => (CommandId::BIND_TRANSMITTER, State::BoundTx),
            "rx" => (CommandId::BIND_RECEIVER, State::BoundRx),
            "trx" => (CommandId::BIND_TRANSCEIVER, State::BoundTrx),
            other => panic!("no state {other}"),
        };
        let mut pdu = wire::transceiver();
        pdu.interface_version = self.version.interface_version();
        let bind = renamed(wire::octets(1, &pdu), bind);
        match self.session.role() {
            Role::Smsc => {
                self.take(&bind);
                self.answer("00000000", "00");
            }
            Role::Esme => {
                self.ask(&bind);
                let mut pdu = BindTransceiverResp::default();
                let version = self.version.interface_version();
                pdu.tlvs.set(tlv::SC_INTERFACE_VERSION, version).unwrap();
                let command = CommandId(u32::from_be_bytes(bind[4..8].try_into().unwrap())).response();
                self.take(&renamed(wire::octets(1, &pdu), command));
            }
        }
        let _ = self.seen();
        assert_eq!(
            (self.session.state(), self.session.codec().version),
            (state, self.version)
        );
        self.asked = 0;
    }

    fn play(&mut self, word: &str, rest: &str) -> Seen {
        let before = self.session.codec().version;
        match word {
            "in" => self.take(&hex(rest)),
            "drip" => hex(rest).chunks(1).for_each(|octet| self.take(octet)),
            "wait" => self.wait(Duration::from_secs_f64(rest.parse().unwrap())),
            "ask" => self.ask(&hex(rest)),
            "notify" => {
                let octets = hex(rest);
                let told = self.session.notify(self.now, &ANY.decode(&octets).unwrap().pdu);
                self.refused(told);
            }
            "answer" => {
                let (status, body) = rest.split_once(' ').unwrap_or((rest, ""));
                self.answer(status, body);
            }
            "reject" => {
                let token = self.waiting.pop_front().expect("a request that waits");
                let told = self.session.reject(token, status(rest));
                self.responded(told);
            }
            "congestion" => self
                .session
                .set_congestion(Some(CongestionState(rest.parse().unwrap()))),
            "unbind" => self.session.unbind(self.now),
            "close" => self.session.close(smpp_session::CloseReason::Local),
            "eof" => self.session.handle_eof(),
            "stuck" => self.stuck = true,
            other => panic!("{other} is no step"),
        }
        let mut seen = self.seen();
        let version = self.session.codec().version;
        if version != before {
            seen.told.push(format!(
                "version {}",
                match version {
                    Version::V33 => "3.3",
                    Version::V34 => "3.4",
                    _ => "5.0",
                }
            ));
        }
        seen
    }

    fn take(&mut self, octets: &[u8]) {
        self.input.extend(octets);
        let input = std::mem::take(&mut self.input);
        let mut rest = &input[..];
        loop {
            self.events();
            let Some(event) = self.session.handle_bytes(self.now, &mut rest) else {
                break;
            };
            self.tell(event);
        }
        self.input = rest.to_vec();
    }

    fn wait(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(due) = self.session.poll_timeout().filter(|&due| due <= until) {
            self.now = self.now.max(due);
            self.session.handle_timeout(self.now);
            self.events();
        }
        self.now = until;
    }

    fn ask(&mut self, octets: &[u8]) {
        self.asked += 1;
        let pdu = ANY.decode(octets).unwrap().pdu;
        let told = self.session.request(self.now, self.asked, &pdu);
        self.refused(told.map(|_| ()).map_err(|(_, error)| error));
    }

    fn refused(&mut self, told: Result<(), RequestError>) {
        if let Err(error) = told {
            self.told.push(format!("error {error}"));
        }
    }

    fn responded(&mut self, told: Result<(), RespondError>) {
        if let Err(error) = told {
            self.told.push(format!("error {error}"));
        }
        self.take(&[]); // it may have been paused
    }

    fn answer(&mut self, code: &str, body: &str) {
        let token = self.waiting.pop_front().expect("a request that waits");
        let body = hex(body);
        let mut frame = u32::try_from(16 + body.len()).unwrap().to_be_bytes().to_vec();
        frame.extend(token.command_id().response().0.to_be_bytes());
        frame.extend([0; 8]);
        frame.extend(body);
        let pdu = ANY.decode(&frame).unwrap().pdu;
        let told = self.session.respond(token, status(code), &pdu);
        self.responded(told);
    }

    fn events(&mut self) {
        while let Some(event) = self.session.poll_event() {
            self.tell(event);
        }
    }

    fn tell(&mut self, event: Event<'_, u32>) {
        let text = match event {
            Event::Request(received) => {
                let text = format!("request {}", name(received.token.command_id()));
                let number = received.token.sequence_number();
                self.waiting.push_back(received.token);
                format!("{text} {number:x}")
            }
            Event::Notice(received) => format!("notice {}", name(received.pdu.command_id())),
            Event::Ended { context, outcome } => match outcome {
                Outcome::Answered(answer) => format!("ended {context} answered {}", answered(answer)),
                Outcome::Nacked(status) => format!("ended {context} nacked {:08x}", status.0),
                other => format!("ended {context} {other:?}"),
            },
            Event::Stray {
                command_id,
                sequence_number,
            } => format!("stray {} {sequence_number:x}", name(command_id)),
            Event::State(state) => format!("state {state:?}"),
            Event::Closed(reason) => format!("closed: {reason}"),
            other => format!("{other:?}"),
        };
        self.told.push(format!("event {text}"));
    }

    fn seen(&mut self) -> Seen {
        self.events();
        let mut out = Vec::new();
        if !self.stuck && self.session.poll_transmit(&mut out) {
            self.session.handle_written(out.len());
        }
        Seen {
            out,
            told: std::mem::take(&mut self.told),
        }
    }
}

fn configure(config: &mut Config, word: &str) {
    let (key, value) = word.split_once('=').unwrap_or((word, "0"));
    let number = || value.parse().unwrap();
    match key {
        "strict" => config.tolerance = Tolerance::strict(),
        "window" => config.window = number(),
        "max_inbound" => config.max_inbound = number(),
        "max_pdu" => config.max_pdu = number(),
        "unstated_version" => config.unstated_version = Version::from_interface_version(hex(value)[0]),
        other => panic!("no setting {other}"),
    }
}

fn renamed(mut frame: Vec<u8>, command: CommandId) -> Vec<u8> {
    frame[4..8].copy_from_slice(&command.0.to_be_bytes());
    frame
}

fn name(command: CommandId) -> String {
    command.to_string()
}

/// Its status, and what the application can read of it.
fn answered(answer: Answer<'_>) -> String {
    let status = format!("{:08x}", answer.command_status().0);
    match answer.decode().map(|decoded| decoded.pdu) {
        Err(error) => format!("{status}, {error}"),
        Ok(Pdu::SubmitSmResp(Some(SubmitSmResp { message_id, tlvs, .. }))) => {
            format!("{status} {}{}", id(message_id.as_bytes()), listed(&tlvs))
        }
        Ok(Pdu::DataSmResp(Some(resp))) => format!("{status} {}{}", id(resp.message_id.as_bytes()), listed(&resp.tlvs)),
        Ok(Pdu::DeliverSmResp(Some(resp))) => {
            format!("{status} {}{}", id(resp.message_id.as_bytes()), listed(&resp.tlvs))
        }
        Ok(_) => status,
    }
}

fn id(octets: &[u8]) -> String {
    format!("\"{}\"", octets.escape_ascii())
}

fn listed(tlvs: &Tlvs<&[u8]>) -> String {
    let one = |(tag, value): (u16, &[u8])| {
        format!(
            " {tag:04x}={}",
            value.iter().map(|o| format!("{o:02x}")).collect::<String>()
        )
    };
    tlvs.iter().map(one).collect()
}
