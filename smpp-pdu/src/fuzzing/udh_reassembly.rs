//! Long messages: headers, a reassembler beside a model of it, and texts there and back.

use super::input::Input;
use super::text::{any_alphabet, mode};
use crate::address::Address;
use crate::codes::{EsmClass, Npi, Ton};
use crate::reassemble::{Ends, GivenUp, Kind, Limits, Message, Outcome, Reason, Reassembler, Segment};
use crate::split::{Part, Split};
use crate::string::COctetString;
use crate::text::{Alphabet, Gsm, fill_bits, unpack};
use crate::tlv::{self, Tlvs};
use crate::udh::{Element, Udh};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

/// The octets are a header with a text, then steps of a reassembler, then a text that is split.
pub fn udh_reassembly(octets: &[u8]) {
    header(octets);
    steps(&mut Input::new(octets));
    there_and_back(&mut Input::new(octets));
}

/// What a header's elements say is what it was built of; one that does not hold together is none.
fn header(user_data: &[u8]) {
    let walked = user_data.split_first().and_then(|(len, rest)| {
        let (elements, text) = rest.split_at_checked((*len).into())?;
        walk(elements).map(|count| (count, text))
    });
    let split = Udh::split(user_data);
    assert_eq!(split.map(|(udh, text)| (udh.elements().count(), text)), walked);
    let segment = Segment::of(EsmClass::UDHI, user_data, &Tlvs::<&[u8]>::default());
    let Some((udh, text)) = split else {
        return assert_eq!(segment, None);
    };
    assert_eq!(udh.encoded_len() + text.len(), user_data.len());
    let elements: Vec<Element<'_>> = udh.elements().collect();
    // A language that is reserved is read as the default one.
    let shifts = |element: &Element<'_>| matches!(element, Element::SingleShift(_) | Element::LockingShift(_));
    if !elements.iter().any(shifts) {
        let built = Udh::build(&elements);
        assert_eq!(
            built.as_deref(),
            user_data.get(..udh.encoded_len()).filter(|header| header.len() <= 140)
        );
    }
    let concat = udh.concat();
    assert!(concat.is_none_or(|concat| concat.part >= 1 && concat.part <= concat.total));
    match segment {
        Some(segment) => {
            assert_eq!([segment.header, segment.text].concat(), user_data);
            assert_eq!(
                concat.map(|c| (c.reference, c.total, c.part)),
                Some((segment.reference, segment.total, segment.part))
            );
        }
        None => assert!(concat.is_none_or(|concat| concat.total == 1)),
    }
    if let Some((tolerant, _, None)) = Udh::split_tolerant(user_data) {
        assert_eq!(tolerant, concat);
    }
}

/// How many elements fill it.
fn walk(mut elements: &[u8]) -> Option<usize> {
    let mut count = 0;
    while let [_, len, rest @ ..] = elements {
        elements = rest.get(usize::from(*len)..)?;
        count += 1;
    }
    elements.is_empty().then_some(count)
}

type Key = (u8, Kind, u16, u8);
/// Text and header of parts, by their number.
type Texts<'a> = BTreeMap<u8, (&'a [u8], &'a [u8])>;

/// What an incomplete message must be.
#[derive(Default)]
struct Waiting<'a> {
    deadline: Duration,
    parts: BTreeMap<u8, &'a [u8]>,
    header: &'a [u8],
}

impl<'a> Waiting<'a> {
    /// What is missing, of what came again of the message before.
    fn add(&mut self, again: &Texts<'a>) {
        for (part, (text, header)) in again {
            if self.parts.contains_key(part) {
                continue;
            }
            self.parts.insert(*part, text);
            if *part == 1 {
                self.header = header;
            }
        }
    }
}

/// What a reassembler must hold.
struct Model<'a> {
    reassembler: Reassembler,
    limits: Limits,
    addresses: [Address; 3],
    now: Duration,
    waiting: BTreeMap<Key, Waiting<'a>>,
    /// The last complete one of each key.
    complete: BTreeMap<Key, Vec<&'a [u8]>>,
    /// What came again of it, text and header: the next one of that key has it too, unless it was forgotten.
    again: BTreeMap<Key, Texts<'a>>,
}

/// Any parts, one after the other: UDH and SAR, again, of several senders, while time goes on.
fn steps(input: &mut Input<'_>) {
    let limits = Limits {
        messages: input.up_to(6).into(),
        octets: 4 * usize::from(input.octet()),
        patience: Duration::from_secs(20),
        memory: Duration::from_secs(5),
    };
    let mut model = Model {
        reassembler: Reassembler::new(limits),
        limits,
        addresses: [&b"447700900123"[..], b"447700900124", b""].map(address),
        now: Duration::ZERO,
        waiting: BTreeMap::new(),
        complete: BTreeMap::new(),
        again: BTreeMap::new(),
    };
    // A short message is a few octets here: a thousand steps say all.
    for _ in 0..1000 {
        if input.is_empty() {
            break;
        }
        model.step(input);
        model.holds();
    }
    model.expire(Duration::from_secs(1 << 30));
    model.holds();
    assert_eq!((model.reassembler.messages(), model.reassembler.octets()), (0, 0));
    assert_eq!(model.reassembler.next_deadline(), None);
}

fn address(digits: &[u8]) -> Address {
    Address {
        ton: Ton::INTERNATIONAL,
        npi: Npi::ISDN,
        addr: COctetString::new(digits).unwrap_or_default(),
    }
}

impl<'a> Model<'a> {
    fn step(&mut self, input: &mut Input<'a>) {
        let kind = match input.up_to(7) {
            0 => return self.expire(Duration::from_secs(input.up_to(30).into())),
            1..=3 => Kind::Udh8,
            4 | 5 => Kind::Udh16,
            _ => Kind::Sar,
        };
        self.now += Duration::from_secs(input.up_to(3).into());
        let numbers = input.octet();
        let (sender, reference) = (numbers % 3, u16::from(numbers / 3 % 2));
        let (total, part) = (1 + input.up_to(4), input.up_to(5));
        let len = input.up_to(70).into();
        let text = input.take(len);
        let header = if part == 1 {
            text.get(..3).unwrap_or_default()
        } else {
            &[]
        };
        let segment = Segment {
            kind,
            reference,
            total,
            part,
            header,
            text,
        };
        self.push(sender, segment);
    }
    fn push(&mut self, sender: u8, segment: Segment<'a>) {
        let [.., to] = &self.addresses;
        let ends = Ends {
            source: self.addresses.get(usize::from(sender)).unwrap_or(to),
            destination: to,
        };
        let step = self.reassembler.push(self.now, ends, segment);
        let key = (sender, segment.kind, segment.reference, segment.total);
        let (part, text) = (segment.part, segment.text);
        let mut was_too_large = false;
        for given_up in step.given_up {
            let is_this = self.key_of(&given_up) == key && step.outcome == Outcome::Refused;
            if is_this && given_up.reason == Reason::TooLarge {
                self.keep(key, segment);
                was_too_large = true;
            }
            self.give_up(given_up, Some((key, part, text)));
        }
        let known = self
            .waiting
            .get(&key)
            .and_then(|waiting| waiting.parts.get(&part))
            .copied();
        match step.outcome {
            Outcome::Kept => {
                assert_eq!(known, None);
                self.keep(key, segment);
                assert!(
                    self.waiting
                        .get(&key)
                        .is_some_and(|waiting| waiting.parts.len() < usize::from(key.3))
                );
            }
            Outcome::Complete(message) => {
                assert_eq!(known, None);
                self.keep(key, segment);
                self.complete(key, message);
            }
            Outcome::Duplicate => {
                let of_complete = self
                    .complete
                    .get(&key)
                    .and_then(|texts| texts.get(usize::from(part) - 1))
                    .copied();
                assert_eq!(Some(text), known.or(of_complete));
                if !self.waiting.contains_key(&key) {
                    let again = self.again.entry(key).or_default();
                    again.insert(part, (text, segment.header));
                    if again.len() == usize::from(key.3) {
                        again.clear();
                    }
                }
            }
            Outcome::Refused => {
                let alone = self.without_texts(&key) + segment.header.len() + text.len();
                let is_part = (1..=key.3).contains(&part);
                assert!(!is_part || alone > self.limits.octets || !self.waiting.contains_key(&key));
                assert!(!is_part || alone > self.limits.octets || self.limits.messages == 0 || was_too_large);
            }
        }
    }
    fn keep(&mut self, key: Key, segment: Segment<'a>) {
        let deadline = self.now + self.limits.patience;
        let waiting = self.waiting.entry(key).or_insert(Waiting {
            deadline,
            ..Waiting::default()
        });
        waiting.parts.insert(segment.part, segment.text);
        if segment.part == 1 {
            waiting.header = segment.header;
        }
    }
    /// Its text is that of its parts, in order.
    fn complete(&mut self, key: Key, message: Message) {
        let mut whole = self.waiting.remove(&key).unwrap_or_default();
        let again = self.again.remove(&key).unwrap_or_default();
        if whole.parts.len() < usize::from(key.3) {
            whole.add(&again);
        }
        let texts: Vec<&[u8]> = whole.parts.values().copied().collect();
        assert!(whole.parts.keys().copied().eq(1..=key.3));
        assert_eq!((message.text, &message.header[..]), (texts.concat(), whole.header));
        self.complete.insert(key, texts);
    }
    /// Time goes on, alone: whose time is over is given up, and nobody else.
    fn expire(&mut self, later: Duration) {
        self.now += later;
        for given_up in self.reassembler.expire(self.now) {
            assert_eq!(given_up.reason, Reason::Expired);
            self.give_up(given_up, None);
        }
    }
    /// It is told with all that was there.
    fn give_up(&mut self, given_up: GivenUp, by: Option<(Key, u8, &[u8])>) {
        let key = self.key_of(&given_up);
        let mut waiting = self.waiting.remove(&key).unwrap_or_default();
        let again = self.again.remove(&key).unwrap_or_default();
        if given_up.parts.len() > waiting.parts.len() {
            waiting.add(&again);
        }
        let parts = waiting.parts.iter().map(|(part, text)| (*part, text.to_vec()));
        assert_eq!(given_up.parts, parts.collect::<Vec<_>>());
        assert_eq!(given_up.header, waiting.header);
        match (given_up.reason, by) {
            (Reason::Expired, _) => assert!(waiting.deadline <= self.now),
            (Reason::Superseded, Some((by, part, text))) => {
                assert_eq!(key, by);
                assert!(waiting.parts.get(&part).is_some_and(|kept| *kept != text));
            }
            (Reason::Evicted, by) => assert!(by.is_some_and(|(by, ..)| by != key)),
            (Reason::TooLarge, by) => assert_eq!(by.map(|(by, ..)| by), Some(key)),
            (Reason::Superseded, None) => panic!("superseded by nothing"),
        }
    }
    fn key_of(&self, given_up: &GivenUp) -> Key {
        let sender = self.addresses.iter().position(|address| *address == given_up.source);
        let [.., to] = &self.addresses;
        assert_eq!(given_up.destination, *to);
        let sender = sender.and_then(|sender| u8::try_from(sender).ok());
        (
            sender.unwrap_or(u8::MAX),
            given_up.kind,
            given_up.reference,
            given_up.total,
        )
    }
    /// Octets of the addresses, with type, plan and NUL, and what each part costs; the destination is empty.
    fn without_texts(&self, key: &Key) -> usize {
        let source = self.addresses.get(usize::from(key.0));
        6 + source.map_or(0, |source| source.addr.as_bytes().len()) + 8 * usize::from(key.3)
    }
    /// The bounds, and that nothing is lost that was not told.
    fn holds(&self) {
        let (messages, octets) = (self.reassembler.messages(), self.reassembler.octets());
        assert!(messages <= self.limits.messages, "{messages} messages");
        assert!(octets <= self.limits.octets, "{octets} octets");
        assert!(messages >= self.waiting.len());
        let held = self.waiting.iter().map(|(key, waiting)| {
            let texts: usize = waiting.parts.values().map(|text| text.len()).sum();
            self.without_texts(key) + waiting.header.len() + texts
        });
        let held: usize = held.sum();
        assert!(octets >= held, "{octets} octets for {held}");
        if messages == self.waiting.len() {
            let again = self.again.values().flat_map(BTreeMap::values);
            let again: usize = again.map(|(text, header)| text.len() + header.len()).sum();
            assert!(octets <= held + again, "{octets} octets for {held} and {again}");
        }
        let next = self.reassembler.next_deadline();
        assert_eq!(next.is_none(), messages == 0);
        assert!(next.is_none_or(|next| next > self.now));
        let ends = self.waiting.values().map(|waiting| waiting.deadline).min();
        assert!(ends.is_none_or(|end| next.is_some_and(|next| next <= end)));
    }
}

/// A text in parts, in another order and some of them twice, is the text.
fn there_and_back(input: &mut Input<'_>) {
    let (alphabet, mode, shuffle) = (any_alphabet(input), mode(input.octet()), input.take(6));
    let text = String::from_utf8_lossy(input.rest());
    let kept: String = text
        .chars()
        .filter(|c| alphabet.contains(*c) && is_sure(alphabet, *c))
        .collect();
    let Ok(parts) = (Split {
        mode,
        reference: 0x1207,
    })
    .text(&kept, alphabet) else {
        return;
    };
    let unpacked = match alphabet {
        Alphabet::GsmPacked(gsm, _) => Alphabet::Gsm(gsm),
        alphabet => alphabet,
    };
    let mut arriving: Vec<Part<'_>> = parts.iter().collect();
    for octet in shuffle {
        let at = usize::from(*octet) % arriving.len();
        if *octet < 128 {
            arriving.rotate_left(at);
        } else if let Some(part) = arriving.get(at).copied() {
            arriving.insert(0, part);
        }
    }
    let mut reassembler = Reassembler::default();
    let whole: Vec<Message> = arriving
        .iter()
        .filter_map(|part| arrive(&mut reassembler, part, alphabet))
        .collect();
    let expected = unpacked.encode(&kept).unwrap_or_default();
    assert_eq!(whole.len(), usize::from(parts.len() > 1));
    for message in whole {
        assert_eq!(message.text, expected);
        let gsm = Udh::split(&message.header).map_or(Gsm::DEFAULT, |(udh, _)| udh.gsm());
        if let Alphabet::Gsm(tables) = unpacked {
            assert_eq!(gsm, tables);
        }
    }
}

/// What may stand at the end of a packed part, and come back.
fn is_sure(alphabet: Alphabet, c: char) -> bool {
    match alphabet {
        Alphabet::GsmPacked(gsm, padding) => {
            let mut utf8 = [0; 4];
            let septets = gsm.encode(c.encode_utf8(&mut utf8)).unwrap_or_default();
            septets.last() != Some(&padding.septet())
        }
        _ => true,
    }
}

fn arrive(reassembler: &mut Reassembler, part: &Part<'_>, alphabet: Alphabet) -> Option<Message> {
    let mut tlvs = <Tlvs>::default();
    if let Some((reference, total, number)) = part.sar() {
        let set = tlvs.set(tlv::SAR_MSG_REF_NUM, reference);
        let set = set.and_then(|()| tlvs.set(tlv::SAR_TOTAL_SEGMENTS, total));
        assert_eq!(set.and_then(|()| tlvs.set(tlv::SAR_SEGMENT_SEQNUM, number)), Ok(()));
    }
    let (esm_class, mut user_data) = (part.esm_class(), part.user_data());
    if let Alphabet::GsmPacked(_, padding) = alphabet {
        let header = match esm_class.has_udh() {
            true => Udh::split(&user_data).map_or(0, |(udh, _)| udh.encoded_len()),
            false => 0,
        };
        let packed = user_data.split_off(header);
        user_data.extend(unpack(&packed, fill_bits(header), padding).unwrap_or_default());
    }
    let segment = Segment::of(esm_class, &user_data, &tlvs)?;
    let address = address(b"447700900123");
    let ends = Ends {
        source: &address,
        destination: &address,
    };
    let step = reassembler.push(Duration::ZERO, ends, segment);
    assert!(step.given_up.is_empty());
    match step.outcome {
        Outcome::Complete(message) => Some(message),
        Outcome::Kept | Outcome::Duplicate => None,
        Outcome::Refused => panic!("refused"),
    }
}
