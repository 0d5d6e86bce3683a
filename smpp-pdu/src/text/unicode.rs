//! UTF-16 and UTF-8.

use super::alphabet::{Read, note};
use super::error::TextErrorKind;
use alloc::string::String;
use alloc::vec::Vec;

/// Which octet of a 16-bit unit comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum ByteOrder {
    /// The high one, as the specification has it.
    #[default]
    Big,
    /// The low one: some peers.
    Little,
}

/// UTF-16, which "UCS-2" is in the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Utf16 {
    /// Written, and read where there is no mark.
    pub order: ByteOrder,
    /// Whether a byte order mark is written before a text, and one that is read names the order and is dropped. Without
    /// it, U+FEFF is a character like others.
    pub mark: bool,
}

impl Utf16 {
    /// Big endian without a mark.
    pub const BIG: Self = Self {
        order: ByteOrder::Big,
        mark: false,
    };
    /// Little endian without a mark.
    pub const LITTLE: Self = Self {
        order: ByteOrder::Little,
        mark: false,
    };

    pub(super) fn encode(self, text: &str) -> Vec<u8> {
        let mut octets = Vec::with_capacity(text.len().saturating_add(1).saturating_mul(2));
        let mark = self.mark.then_some(MARK);
        for unit in mark.into_iter().chain(text.encode_utf16()) {
            octets.extend(match self.order {
                ByteOrder::Big => unit.to_be_bytes(),
                ByteOrder::Little => unit.to_le_bytes(),
            });
        }
        octets
    }
    pub(super) fn decode(self, octets: &[u8]) -> Read {
        let (order, octets, skipped) = match (self.mark, octets) {
            (true, [0xfe, 0xff, rest @ ..]) => (ByteOrder::Big, rest, 2),
            (true, [0xff, 0xfe, rest @ ..]) => (ByteOrder::Little, rest, 2),
            _ => (self.order, octets, 0),
        };
        let (units, half) = octets.as_chunks();
        let units = units.iter().map(|&unit| match order {
            ByteOrder::Big => u16::from_be_bytes(unit),
            ByteOrder::Little => u16::from_le_bytes(unit),
        });
        let (mut bad, mut offset) = (None, skipped);
        let mut text = String::with_capacity(octets.len());
        for c in char::decode_utf16(units) {
            let c = c.unwrap_or_else(|_| {
                note(&mut bad, offset, TextErrorKind::Surrogate);
                char::REPLACEMENT_CHARACTER
            });
            text.push(c);
            // U+FFFD is one unit long, as a lone surrogate is.
            offset += 2 * c.len_utf16();
        }
        if !half.is_empty() {
            note(&mut bad, offset, TextErrorKind::HalfUnit);
            text.push(char::REPLACEMENT_CHARACTER);
        }
        (text, bad)
    }
}

/// Each run of octets that is no character is one U+FFFD, and counts as one.
pub(super) fn utf8_lossy(octets: &[u8]) -> (String, usize) {
    let (mut text, mut bad) = (String::with_capacity(octets.len()), 0);
    for chunk in octets.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
            bad += 1;
        }
    }
    (text, bad)
}

/// The byte order mark.
const MARK: u16 = 0xfeff;
