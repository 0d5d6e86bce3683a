//! What stands between the session and its stream: it sees every PDU, does to it what the script says, and has a queue
//! and a `poll_timeout` of its own. What it drops counts as written.

use crate::script::{Act, Next, Numbered, Script};
use smpp_esme::pdu::{CommandId, CommandStatus, Header, MAX_PDU, next_frame};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// One connection's.
#[derive(Debug)]
pub(crate) struct Tap {
    script: Arc<Script>,
    connection: usize,
    /// How many PDUs of each kind the session has sent.
    counts: HashMap<CommandId, usize>,
    /// What has come and is no whole PDU yet.
    begun: Vec<u8>,
    /// What goes on when, in the order of the session where that is the same.
    queue: BTreeMap<(Instant, usize), Item>,
    queued: usize,
    /// What goes on octet by octet, and when the next does; nothing overtakes it.
    slow: Option<(Instant, Slow)>,
}

#[derive(Debug)]
struct Slow {
    octets: VecDeque<u8>,
    apart: Duration,
}

/// What goes on.
#[derive(Debug)]
pub(crate) enum Item {
    Octets(Vec<u8>),
    /// So far from one another.
    Slowly(Vec<u8>, Duration),
    Next(Next),
}

/// What the client is told of one of its requests.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told {
    pub(crate) sequence_number: u32,
    /// Its answer says that the centre does not have it.
    pub(crate) refused: bool,
}

impl Tap {
    pub(crate) fn new(script: Arc<Script>, connection: usize) -> Self {
        Self {
            script,
            connection,
            counts: HashMap::new(),
            begun: Vec::new(),
            queue: BTreeMap::new(),
            queued: 0,
            slow: None,
        }
    }

    /// Octets come: those of whole PDUs go on to the session, and `heard` is told of each.
    pub(crate) fn receive(&mut self, octets: &[u8], input: &mut Vec<u8>, mut heard: impl FnMut(&[u8])) {
        self.begun.extend_from_slice(octets);
        let mut rest = &self.begun[..];
        while let Some(frame) = next_frame(&mut rest, MAX_PDU).expect("a client's PDU") {
            heard(frame);
            input.extend_from_slice(frame);
        }
        let used = self.begun.len() - rest.len();
        self.begun.drain(..used);
    }

    /// Whole PDUs that the session sends. `told` hears what the client is told by them.
    pub(crate) fn send(&mut self, now: Instant, mut octets: &[u8], mut told: impl FnMut(Told)) {
        while let Some(frame) = next_frame(&mut octets, MAX_PDU).expect("a PDU of the session's") {
            let (command, header) = Header::peek(frame).expect("a header");
            let number = self.counts.entry(command).or_default();
            *number += 1;
            let act = self.script.act(self.connection, command, *number);
            if command.is_response() {
                told(Told {
                    sequence_number: header.sequence_number,
                    refused: matches!(act, Act::Refuse(_) | Act::Nack(_, Numbered::Yes)),
                });
            }
            self.act(now, act, frame.to_vec(), header.sequence_number);
        }
    }

    fn act(&mut self, now: Instant, act: Act, mut frame: Vec<u8>, sequence_number: u32) {
        match act {
            Act::Pass => {}
            Act::Delay(time) => return self.push(now + time, Item::Octets(frame)),
            Act::Drop => return,
            Act::Refuse(status) => {
                frame = header(&frame);
                set(&mut frame, STATUS, status.0);
            }
            Act::Nack(status, numbered) => {
                frame = nack(status, if numbered == Numbered::Yes { sequence_number } else { 0 });
            }
            Act::Number(number) => set(&mut frame, NUMBER, number),
            Act::Command(command) => set(&mut frame, COMMAND, command.0),
            Act::Length(length) => set(&mut frame, LENGTH, length),
            Act::Twice => self.push(now, Item::Octets(frame.clone())),
            Act::Bare => frame = header(&frame),
            Act::Cut(octets) => {
                frame.truncate(octets);
                self.push(now, Item::Octets(frame));
                return self.push(now, Item::Next(Next::Close));
            }
            Act::Octets(apart) => return self.push(now, Item::Slowly(frame, apart)),
            Act::Then(next) => {
                self.push(now, Item::Octets(frame));
                return self.push(now, Item::Next(next));
            }
        }
        self.push(now, Item::Octets(frame));
    }

    fn push(&mut self, at: Instant, item: Item) {
        self.queued += 1;
        self.queue.insert((at, self.queued), item);
    }

    /// What goes on by now.
    pub(crate) fn poll(&mut self, now: Instant) -> Option<Item> {
        if let Some((at, slow)) = &mut self.slow {
            let octet = (*at <= now).then(|| slow.octets.pop_front()).flatten()?;
            *at += slow.apart;
            self.slow.take_if(|(_, slow)| slow.octets.is_empty());
            return Some(Item::Octets(vec![octet]));
        }
        let first = self.queue.first_entry().filter(|first| first.key().0 <= now)?;
        match first.remove() {
            Item::Slowly(octets, apart) => {
                let octets = octets.into();
                self.slow = Some((now, Slow { octets, apart }));
                self.poll(now)
            }
            item => Some(item),
        }
    }

    /// When something goes on next.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let slow = self.slow.as_ref().map(|&(at, _)| at);
        slow.or_else(|| self.queue.keys().next().map(|&(at, _)| at))
    }
}

/// Where the fields of a header stand.
const LENGTH: usize = 0;
const COMMAND: usize = 4;
const STATUS: usize = 8;
const NUMBER: usize = 12;

fn set(frame: &mut [u8], at: usize, value: u32) {
    frame[at..at + 4].copy_from_slice(&value.to_be_bytes());
}

/// The header of a PDU, as a whole PDU.
fn header(frame: &[u8]) -> Vec<u8> {
    let mut header = frame[..16].to_vec();
    set(&mut header, LENGTH, 16);
    header
}

fn nack(status: CommandStatus, sequence_number: u32) -> Vec<u8> {
    [16, CommandId::GENERIC_NACK.0, status.0, sequence_number]
        .map(u32::to_be_bytes)
        .concat()
}
