//! The parts of a message.

use super::carrier::{Mode, Unit};
use crate::codes::{DataCoding, EsmClass};
use crate::error::EncodeErrorKind;
use crate::pdu::SubmitSm;
use crate::string::ShortMessage;
use crate::text::{Alphabet, Gsm, Language, Lost, fill_bits, pack};
use crate::tlv;
use crate::udh::{Concat, Element, Udh};
use alloc::vec::Vec;
use core::fmt;

/// How to split. `Default` is [`Mode::Auto`] with reference 0: give each message of a pair of addresses another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Split {
    /// How parts are told to belong together.
    pub mode: Mode,
    /// What the parts of this message have in common; of [`Mode::Udh8`] its lower 8 bits.
    pub reference: u16,
}

/// A message in parts.
///
/// `Debug` shows how many there are, and not the text.
#[derive(Clone, PartialEq, Eq)]
pub struct Parts {
    /// All of it, septets unpacked.
    units: Vec<u8>,
    /// Where each part ends; one at least.
    ends: Vec<usize>,
    alphabet: Option<Alphabet>,
    /// A header for one part, with its concatenation last; none where one is not needed.
    with_header: bool,
    split: Split,
}

/// A part of a message, for one PDU.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Part<'a> {
    parts: &'a Parts,
    units: &'a [u8],
    /// From 1.
    number: u8,
}

impl Split {
    /// A text in an alphabet. An escape stays with the septet that it announces, and a surrogate with its other half (a
    /// character of several octets in a set of feature `charsets` may be cut); GSM 7-bit with national tables gets the
    /// header that names them. Fails if the alphabet lacks characters, and if it
    /// takes more than 255 parts (or 65,535 octets of message_payload).
    pub fn text(self, text: &str, alphabet: Alphabet) -> Result<Parts, SplitError> {
        let (units, lost) = alphabet.units(text);
        match lost {
            Some(lost) => Err(SplitError::Lost(lost)),
            None => self.units(units, Some(alphabet)),
        }
    }
    /// Octets that are no text. Fails as [`text`](Self::text) does.
    pub fn octets(self, octets: &[u8]) -> Result<Parts, SplitError> {
        self.units(octets.to_vec(), None)
    }

    fn units(self, units: Vec<u8>, alphabet: Option<Alphabet>) -> Result<Parts, SplitError> {
        let unit = alphabet.map_or(Unit::Octet, Unit::of);
        let shifts = shifts(alphabet);
        let alone = if shifts.is_empty() {
            0
        } else {
            1 + shift_octets(&shifts)
        };
        let mut parts = Parts {
            ends: Vec::new(),
            alphabet,
            with_header: alone > 0,
            split: self,
            units,
        };
        if self.mode == Mode::Payload {
            let octets = unit.octets(alone, parts.units.len());
            if octets > MOST_PAYLOAD {
                return Err(SplitError::Payload { octets });
            }
            parts.ends.push(parts.units.len());
            return Ok(parts);
        }
        if unit.boundary(&parts.units, unit.capacity(alone), alone) == parts.units.len() {
            parts.ends.push(parts.units.len());
            return Ok(parts);
        }
        // For SAR, room for the header that the centre writes.
        let concat = if matches!(self.mode, Mode::Udh16 | Mode::Sar) {
            6
        } else {
            5
        };
        let with_concat = 1 + shift_octets(&shifts) + concat;
        let header = if self.mode == Mode::Sar { alone } else { with_concat };
        parts.with_header |= self.mode != Mode::Sar;
        let count = parts.cut(unit, unit.capacity(with_concat), header);
        if count > usize::from(u8::MAX) {
            return Err(SplitError::TooManyParts { parts: count });
        }
        Ok(parts)
    }
}

impl Parts {
    /// How many there are: 1 to 255.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.ends.len()
    }
    /// Each of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = Part<'_>> {
        let starts = core::iter::once(0).chain(self.ends.iter().copied());
        let pieces = starts.zip(&self.ends).zip(1..=u8::MAX);
        pieces.map(|((start, end), number)| Part {
            parts: self,
            units: self.units.get(start..*end).unwrap_or_default(),
            number,
        })
    }
    /// Units of the text without headers: septets of GSM 7-bit, 16-bit units of UCS-2, octets of others.
    pub fn units(&self) -> usize {
        match self.alphabet {
            Some(Alphabet::Utf16(_)) => self.units.len() / 2,
            _ => self.units.len(),
        }
    }

    /// Cuts, for a header of `header` octets; how many parts it takes. Only the first 255 are kept.
    fn cut(&mut self, unit: Unit, capacity: usize, header: usize) -> usize {
        let (mut start, mut count) = (0, 0);
        while let Some(rest) = self.units.get(start..).filter(|rest| !rest.is_empty()) {
            start += unit.boundary(rest, capacity.max(1), header).max(1);
            count += 1;
            if count <= usize::from(u8::MAX) {
                self.ends.push(start);
            }
        }
        count
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (parts, octets) = (self.ends.len(), self.units.len());
        write!(f, "Parts {{ parts: {parts}, text: <{octets} octets> }}")
    }
}

impl Part<'_> {
    /// Which one it is, from 1.
    pub fn number(&self) -> u8 {
        self.number
    }
    /// Header and text, for short_message or message_payload. At most 140 octets; of GSM 7-bit unpacked a header and 160
    /// septets, less what the header takes.
    pub fn user_data(&self) -> Vec<u8> {
        let mut octets = self.header();
        let text = match self.parts.alphabet {
            Some(Alphabet::GsmPacked(_, padding)) => &pack(self.units, fill_bits(octets.len()), padding)[..],
            _ => self.units,
        };
        octets.extend(text);
        octets
    }
    /// What to set in esm_class besides its mode: UDHI, if there is a header (R070).
    pub fn esm_class(&self) -> EsmClass {
        match self.parts.with_header {
            true => EsmClass::UDHI,
            false => EsmClass::DEFAULT,
        }
    }
    /// Reference, total and number for the SAR TLVs, of [`Mode::Sar`] and more than one part.
    pub fn sar(&self) -> Option<(u16, u8, u8)> {
        let is_sar = self.parts.split.mode == Mode::Sar && self.parts.len() > 1;
        is_sar.then(|| (self.parts.split.reference, self.total(), self.number))
    }
    /// Whether it belongs into message_payload.
    pub fn is_payload(&self) -> bool {
        self.parts.split.mode == Mode::Payload
    }
    /// Puts it into a PDU: data_coding, esm_class, and short_message or the TLVs. What another message left of these in
    /// the PDU goes, but for UDHI where this is one part of octets, whose header is the caller's. Fails if it is longer
    /// than short_message can be, which no part of a text is.
    pub fn fill(&self, pdu: &mut SubmitSm, data_coding: DataCoding) -> Result<(), EncodeErrorKind> {
        pdu.data_coding = data_coding;
        if self.parts.alphabet.is_some() {
            pdu.esm_class.0 &= !EsmClass::UDHI.0;
        }
        pdu.esm_class.0 |= self.esm_class().0;
        pdu.tlvs.remove(tlv::SAR_MSG_REF_NUM);
        pdu.tlvs.remove(tlv::SAR_TOTAL_SEGMENTS);
        pdu.tlvs.remove(tlv::SAR_SEGMENT_SEQNUM);
        if self.is_payload() {
            pdu.short_message = ShortMessage::default();
            return pdu.tlvs.set(tlv::MESSAGE_PAYLOAD, &self.user_data());
        }
        pdu.tlvs.remove(tlv::MESSAGE_PAYLOAD);
        pdu.short_message = ShortMessage::new(self.user_data())?;
        if let Some((reference, total, number)) = self.sar() {
            pdu.tlvs.push(tlv::SAR_MSG_REF_NUM, reference)?;
            pdu.tlvs.push(tlv::SAR_TOTAL_SEGMENTS, total)?;
            pdu.tlvs.push(tlv::SAR_SEGMENT_SEQNUM, number)?;
        }
        Ok(())
    }

    fn total(&self) -> u8 {
        // No more than 255 were made.
        u8::try_from(self.parts.len()).unwrap_or(u8::MAX)
    }
    fn header(&self) -> Vec<u8> {
        if !self.parts.with_header {
            return Vec::new();
        }
        let mut elements = shifts(self.parts.alphabet);
        let mode = self.parts.split.mode;
        if self.parts.len() > 1 && mode != Mode::Sar {
            let is_wide = mode == Mode::Udh16;
            let [_, low] = self.parts.split.reference.to_be_bytes();
            elements.push(Element::Concat(Concat {
                reference: if is_wide {
                    self.parts.split.reference
                } else {
                    low.into()
                },
                is_wide,
                total: self.total(),
                part: self.number,
            }));
        }
        // Thirteen octets at most.
        Udh::build(&elements).unwrap_or_default()
    }
}

impl fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, total, octets) = (self.number, self.total(), self.units.len());
        write!(
            f,
            "Part {{ number: {number}, total: {total}, text: <{octets} octets> }}"
        )
    }
}

/// Why a message cannot be split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SplitError {
    /// The alphabet lacks characters.
    Lost(Lost),
    /// More than 255.
    TooManyParts {
        /// How many it would take.
        parts: usize,
    },
    /// More than message_payload can hold, 65,535.
    Payload {
        /// How many it would take.
        octets: usize,
    },
}

impl fmt::Display for SplitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost(lost) => lost.fmt(f),
            Self::TooManyParts { parts } => write!(f, "the text takes {parts} parts, and a message has 255 at most"),
            Self::Payload { octets } => write!(f, "{octets} octets, and message_payload holds 65535 at most"),
        }
    }
}
impl core::error::Error for SplitError {}

/// The elements that name the tables in use.
fn shifts(alphabet: Option<Alphabet>) -> Vec<Element<'static>> {
    let gsm = match alphabet {
        Some(Alphabet::Gsm(gsm) | Alphabet::GsmPacked(gsm, _)) => gsm,
        _ => Gsm::DEFAULT,
    };
    let named = |language: Language| (language != Language::Default).then_some(language);
    let single = named(gsm.single).map(Element::SingleShift);
    single
        .into_iter()
        .chain(named(gsm.locking).map(Element::LockingShift))
        .collect()
}

/// Each has three.
fn shift_octets(shifts: &[Element<'_>]) -> usize {
    3 * shifts.len()
}

/// The length of a TLV has 16 bits.
const MOST_PAYLOAD: usize = 65_535;
