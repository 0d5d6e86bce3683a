//! Parts that wait for others.

use super::segment::{Ends, Key, Kind, Segment};
use crate::address::Address;
use crate::storage::Storage;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

/// Puts messages together from their parts: in any order, over several binds, each part once. Parts belong together by
/// addresses, kind and reference, and total.
///
/// What it holds is bounded in messages, in octets and in time; what is given up is told, with what was there. A part
/// that comes again is known by its octets, for a while after its message was complete too; other octets under the same
/// number are a new message whose sender has come round to the same reference. Parts that the two have in common, a
/// first one that is always the same, belong to it as well if they came again before.
///
/// It has no clock: `now` is the time since a start of the caller's, the same one in each call. Work per part is
/// logarithmic in what is held.
#[derive(Default)]
pub struct Reassembler {
    limits: Limits,
    keys: BTreeMap<Arc<Key>, u64>,
    /// By the order in which they began, and so in which they end: incomplete messages, and what is remembered of
    /// complete ones.
    open: BTreeMap<u64, Open>,
    done: BTreeMap<u64, Done>,
    next: u64,
    octets: usize,
}

/// How much a [`Reassembler`] holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Messages, complete ones that are remembered among them.
    pub messages: usize,
    /// Octets of texts, headers and addresses, and 8 for each part.
    pub octets: usize,
    /// How long a message may take from its first part that came.
    pub patience: Duration,
    /// How long a complete message is remembered, so that parts that come again do not begin another one.
    pub memory: Duration,
}

impl Default for Limits {
    /// 10,000 messages, 16 MiB, an hour, and a minute.
    fn default() -> Self {
        Self {
            messages: 10_000,
            octets: 16 << 20,
            patience: Duration::from_secs(3600),
            memory: Duration::from_secs(60),
        }
    }
}

/// What became of a part, and what had to give way to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Of the part.
    pub outcome: Outcome,
    /// Messages that are over without having been complete.
    pub given_up: Vec<GivenUp>,
}

/// What became of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It was the last one.
    Complete(Message),
    /// It waits for others.
    Kept,
    /// It was there already. If its message was complete, it is kept until the others come again too, or show that a new
    /// message began with it.
    Duplicate,
    /// Its number is not one of 1 to its total, or it is larger than all that may be held.
    Refused,
}

/// A message whose parts are all there.
///
/// `Debug` shows lengths only.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// The texts of the parts, one after the other: a character that was cut is whole again.
    pub text: Vec<u8>,
    /// The user data header of the first part, with its length; empty if it had none.
    pub header: Vec<u8>,
}

/// A message that will not be complete, with all that was there of it.
///
/// `Debug` shows numbers and lengths only.
#[derive(Clone, PartialEq, Eq)]
pub struct GivenUp {
    /// Why.
    pub reason: Reason,
    /// From whom it came.
    pub source: Address,
    /// To whom it went.
    pub destination: Address,
    /// What its parts were known by.
    pub kind: Kind,
    /// The same.
    pub reference: u16,
    /// How many parts it should have had.
    pub total: u8,
    /// The user data header of the first part, with its length; empty if it had none, or is missing.
    pub header: Vec<u8>,
    /// The parts that were there: number and text.
    pub parts: Vec<(u8, Vec<u8>)>,
}

/// Why a message was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// Its time was over.
    Expired,
    /// Another one needed its room.
    Evicted,
    /// It alone is larger than all that may be held: its last part was [`Outcome::Refused`], and is among those told.
    TooLarge,
    /// Another one came with the same addresses, reference and total.
    Superseded,
}

struct Open {
    key: Arc<Key>,
    deadline: Duration,
    /// By number.
    parts: BTreeMap<u8, Vec<u8>>,
    header: Vec<u8>,
    /// Counted in the whole.
    octets: usize,
}

struct Done {
    key: Arc<Key>,
    deadline: Duration,
    /// Of the text of each part.
    hashes: Vec<u64>,
    /// What came again, text and header by number; not all of them, which would be the same message once more.
    again: Texts,
    octets: usize,
}

impl Reassembler {
    /// With limits of your own.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }
    /// Takes a part. What has expired by `now` is given up first.
    pub fn push<B: Storage>(&mut self, now: Duration, ends: Ends<'_, B>, segment: Segment<'_>) -> Step {
        let mut given_up = self.expire(now);
        let outcome = self.take(now, Key::new(ends, &segment), &segment, &mut given_up);
        Step { outcome, given_up }
    }
    /// Gives up what has expired by `now`, and forgets complete messages.
    pub fn expire(&mut self, now: Duration) -> Vec<GivenUp> {
        let mut given_up = Vec::new();
        while let Some((&id, _)) = self.open.first_key_value().filter(|(_, open)| open.deadline <= now) {
            self.give_up(id, Reason::Expired, &mut given_up);
        }
        while let Some((&id, _)) = self.done.first_key_value().filter(|(_, done)| done.deadline <= now) {
            self.forget(id);
        }
        given_up
    }
    /// When [`expire`](Self::expire) has something to do next.
    pub fn next_deadline(&self) -> Option<Duration> {
        let open = self.open.first_key_value().map(|(_, open)| open.deadline);
        let done = self.done.first_key_value().map(|(_, done)| done.deadline);
        open.into_iter().chain(done).min()
    }
    /// Messages that are held, complete ones that are remembered among them: at most as many as the limit.
    pub fn messages(&self) -> usize {
        self.keys.len()
    }
    /// Octets that are held, as [`Limits::octets`] counts them: at most as many as the limit.
    pub fn octets(&self) -> usize {
        self.octets
    }

    fn take(&mut self, now: Duration, key: Key, segment: &Segment<'_>, given_up: &mut Vec<GivenUp>) -> Outcome {
        let is_part = segment.part >= 1 && segment.part <= segment.total;
        // With what is remembered of it when it is complete.
        let alone = key.octets() + segment.header.len() + segment.text.len() + HASH * usize::from(segment.total);
        if !is_part || alone > self.limits.octets || self.limits.messages == 0 {
            return Outcome::Refused;
        }
        let mut again = BTreeMap::new();
        if let Some(&id) = self.keys.get(&key) {
            let known = match (self.open.get(&id), self.done.get(&id)) {
                (Some(open), _) => open.parts.get(&segment.part).map(|text| text == segment.text),
                (_, Some(done)) => {
                    let hash = done.hashes.get(usize::from(segment.part) - 1);
                    Some(hash == Some(&hash_of(segment.text)))
                }
                _ => None,
            };
            match known {
                Some(true) => {
                    self.keep_again(id, segment, given_up);
                    return Outcome::Duplicate;
                }
                Some(false) => again = self.supersede(id, given_up),
                None => {}
            }
        }
        let id = match self.keys.get(&key) {
            Some(&id) => id,
            None => self.begin(now, key, given_up),
        };
        again.remove(&segment.part);
        for (part, (text, header)) in again {
            self.put(id, part, &text, &header);
        }
        self.add(now, id, segment, given_up)
    }
    /// A part of a complete message that came again may be the first one of the next message.
    fn keep_again(&mut self, id: u64, segment: &Segment<'_>, given_up: &mut Vec<GivenUp>) {
        let Some(done) = self.done.get_mut(&id) else { return };
        let before = done.octets;
        done.again
            .entry(segment.part)
            .or_insert_with(|| (segment.text.to_vec(), segment.header.to_vec()));
        if done.again.len() == done.hashes.len() {
            done.again.clear();
        }
        let kept = done.again.values().map(|(text, header)| text.len() + header.len());
        done.octets = done.key.octets() + HASH * done.hashes.len() + kept.sum::<usize>();
        self.octets = self.octets - before + done.octets;
        while self.octets > self.limits.octets && self.make_room(None, given_up) {}
    }
    /// An empty message; one that is there makes room for it if need be.
    fn begin(&mut self, now: Duration, key: Key, given_up: &mut Vec<GivenUp>) -> u64 {
        while self.keys.len() >= self.limits.messages && self.make_room(None, given_up) {}
        let (id, key) = (self.next, Arc::new(key));
        self.next += 1;
        let octets = key.octets() + HASH * usize::from(key.total);
        self.octets += octets;
        self.keys.insert(key.clone(), id);
        let open = Open {
            key,
            deadline: now.saturating_add(self.limits.patience),
            parts: BTreeMap::new(),
            header: Vec::new(),
            octets,
        };
        self.open.insert(id, open);
        id
    }
    fn add(&mut self, now: Duration, id: u64, segment: &Segment<'_>, given_up: &mut Vec<GivenUp>) -> Outcome {
        self.put(id, segment.part, segment.text, segment.header);
        let Some(open) = self.open.get(&id) else {
            return Outcome::Refused;
        };
        let is_too_large = open.octets > self.limits.octets;
        if open.parts.len() == usize::from(segment.total) {
            let outcome = self.complete(now, id);
            while self.octets > self.limits.octets && self.make_room(None, given_up) {}
            return outcome;
        }
        // Nobody else would be of help.
        if is_too_large {
            self.give_up(id, Reason::TooLarge, given_up);
            return Outcome::Refused;
        }
        while self.octets > self.limits.octets && self.make_room(Some(id), given_up) {}
        Outcome::Kept
    }
    fn put(&mut self, id: u64, part: u8, text: &[u8], header: &[u8]) {
        let Some(open) = self.open.get_mut(&id) else { return };
        let header = if part == 1 { header } else { &[] };
        let more = text.len() + header.len();
        open.parts.insert(part, text.to_vec());
        if part == 1 {
            open.header = header.to_vec();
        }
        open.octets += more;
        self.octets += more;
    }
    fn complete(&mut self, now: Duration, id: u64) -> Outcome {
        let Some(open) = self.open.remove(&id) else {
            return Outcome::Refused;
        };
        let octets = open.key.octets() + HASH * open.parts.len();
        self.octets -= open.octets - octets;
        let hashes = open.parts.values().map(|text| hash_of(text)).collect();
        let text = open.parts.values().flatten().copied().collect();
        // A new number: its end counts from now on.
        let done = Done {
            key: open.key,
            deadline: now.saturating_add(self.limits.memory),
            hashes,
            again: BTreeMap::new(),
            octets,
        };
        self.keys.insert(done.key.clone(), self.next);
        self.done.insert(self.next, done);
        self.next += 1;
        Outcome::Complete(Message {
            text,
            header: open.header,
        })
    }
    /// Forgets the oldest complete message, or else gives up the oldest of the others; whether there was one.
    fn make_room(&mut self, but: Option<u64>, given_up: &mut Vec<GivenUp>) -> bool {
        if let Some((&id, _)) = self.done.first_key_value() {
            self.forget(id);
            return true;
        }
        let oldest = self.open.keys().find(|id| Some(**id) != but).copied();
        if let Some(id) = oldest {
            self.give_up(id, Reason::Evicted, given_up);
        }
        oldest.is_some()
    }
    /// What the next message has of it already.
    fn supersede(&mut self, id: u64, given_up: &mut Vec<GivenUp>) -> Texts {
        self.give_up(id, Reason::Superseded, given_up);
        self.forget(id)
    }
    fn give_up(&mut self, id: u64, reason: Reason, given_up: &mut Vec<GivenUp>) {
        if let Some(open) = self.open.remove(&id) {
            self.keys.remove(&open.key);
            self.octets -= open.octets;
            #[cfg(canary = "udh_reassembly")] // the fault that this fuzz target must find
            if reason == Reason::Superseded && open.parts.len() == 2 {
                self.octets += open.octets;
            }
            let (source, destination) = open.key.ends();
            given_up.push(GivenUp {
                reason,
                source,
                destination,
                kind: open.key.kind(),
                reference: open.key.reference(),
                total: open.key.total,
                header: open.header,
                parts: open.parts.into_iter().collect(),
            });
        }
    }
    fn forget(&mut self, id: u64) -> Texts {
        let Some(done) = self.done.remove(&id) else {
            return BTreeMap::new();
        };
        self.keys.remove(&done.key);
        self.octets -= done.octets;
        done.again
    }
}

impl fmt::Debug for Reassembler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reassembler")
            .field("limits", &self.limits)
            .field("incomplete", &self.open.len())
            .field("remembered", &self.done.len())
            .field("octets", &self.octets)
            .finish()
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (text, header) = (self.text.len(), self.header.len());
        write!(f, "Message {{ text: <{text} octets>, header: <{header} octets> }}")
    }
}

impl fmt::Debug for GivenUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            reason,
            kind,
            reference,
            total,
            parts,
            ..
        } = self;
        let there: Vec<u8> = parts.iter().map(|(number, _)| *number).collect();
        write!(
            f,
            "GivenUp {{ {reason:?}, {kind:?} {reference:#06x}, parts {there:?} of {total} }}"
        )
    }
}

/// Text and header of parts, by their number.
type Texts = BTreeMap<u8, (Vec<u8>, Vec<u8>)>;

/// Octets of what is remembered of a part.
const HASH: usize = 8;

/// FNV-1a, 64 bits: it need not withstand an enemy, who could send the part itself again.
fn hash_of(text: &[u8]) -> u64 {
    let step = |hash: u64, octet: &u8| (hash ^ u64::from(*octet)).wrapping_mul(0x0100_0000_01b3);
    text.iter().fold(0xcbf2_9ce4_8422_2325, step)
}
