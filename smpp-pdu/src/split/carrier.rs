//! How much a part carries, and where a text may be cut.

use crate::text::{Alphabet, ByteOrder, Padding, Utf16, fill_bits};

/// How the parts of a message are told to belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Mode {
    /// One short message if the text fits, and else as [`Udh8`](Self::Udh8), which every handset knows.
    #[default]
    Auto,
    /// A user data header with a reference of 8 bits (3GPP TS 23.040 §9.2.3.24.1).
    Udh8,
    /// A user data header with a reference of 16 bits (3GPP TS 23.040 §9.2.3.24.8).
    Udh16,
    /// The TLVs sar_msg_ref_num, sar_total_segments and sar_segment_seqnum (v3.4 §5.3.2.22, v5.0 §4.8.4.48). A part is
    /// short enough for the header that the centre writes for the handset, of 16 bits.
    Sar,
    /// All of it in the TLV message_payload: the centre splits (v3.4 §5.3.2.32, v5.0 §4.8.4.36). At most 65,535 octets.
    Payload,
}

/// How a text is counted, and what must not be cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Octets.
    Octet,
    /// Octets of UTF-8; a character stays whole.
    Utf8,
    /// Septets, one an octet; an escape stays with what follows.
    Septet,
    /// Septets that will be packed. Where a part ends with an octet, what is padding there for its reader must not end it.
    Packed(Padding),
    /// 16 bits; a surrogate stays with its other half.
    Utf16(ByteOrder),
}

impl Unit {
    pub(super) fn of(alphabet: Alphabet) -> Self {
        match alphabet {
            Alphabet::Gsm(_) | Alphabet::Variant(_) => Self::Septet,
            Alphabet::GsmPacked(_, padding) => Self::Packed(padding),
            Alphabet::Utf16(Utf16 { order, .. }) => Self::Utf16(order),
            Alphabet::Utf8 => Self::Utf8,
            _ => Self::Octet,
        }
    }
    /// Octets of what was encoded (septets unpacked) that fit behind a header of `header` octets, 0 for none.
    pub(super) fn capacity(self, header: usize) -> usize {
        let octets = OCTETS.saturating_sub(header);
        match self {
            Self::Octet | Self::Utf8 => octets,
            Self::Septet | Self::Packed(_) => octets * 8 / 7,
            Self::Utf16(_) => octets / 2 * 2,
        }
    }
    /// Octets that so many octets of what was encoded take in a PDU, behind a header of `header` octets.
    pub(super) fn octets(self, header: usize, units: usize) -> usize {
        match self {
            Self::Packed(_) => header + (usize::from(fill_bits(header)) + units * 7).div_ceil(8),
            _ => header + units,
        }
    }
    /// Where to cut `units`, at most at `capacity` octets of it and behind at least one character, for a part with a header
    /// of `header` octets. Looks back no further than the part's start.
    pub(super) fn boundary(self, units: &[u8], capacity: usize, header: usize) -> usize {
        let end = self.between_characters(units, capacity);
        match (self, units.get(..end)) {
            (Self::Packed(padding), Some([.., last])) if *last == padding.septet() => {
                let ends_with_octet = (usize::from(fill_bits(header)) + 7 * end).is_multiple_of(8);
                match ends_with_octet && (end < units.len() || end == capacity) {
                    true => self.between_characters(units, end - 1),
                    false => end,
                }
            }
            _ => end,
        }
    }

    fn between_characters(self, units: &[u8], end: usize) -> usize {
        let Some(part) = units.get(..end).filter(|part| part.len() < units.len()) else {
            return units.len();
        };
        match self {
            Self::Octet => end,
            Self::Utf8 => utf8_boundary(units, end),
            Self::Septet | Self::Packed(_) => {
                // Of a run of escapes, each second one belongs to the one before it.
                let escapes = part.iter().rev().take_while(|octet| **octet == ESCAPE).count();
                end - escapes % 2
            }
            Self::Utf16(order) => {
                let last = part.last_chunk().map(|unit| match order {
                    ByteOrder::Big => u16::from_be_bytes(*unit),
                    ByteOrder::Little => u16::from_le_bytes(*unit),
                });
                match last {
                    Some(0xd800..=0xdbff) => end - 2,
                    _ => end,
                }
            }
        }
    }
}

/// The user data of a short message (3GPP TS 23.040 §9.2.3.16).
const OCTETS: usize = 140;
const ESCAPE: u8 = 0x1b;

fn utf8_boundary(text: &[u8], end: usize) -> usize {
    let is_start = |at: &usize| text.get(*at).is_none_or(|octet| octet & 0xc0 != 0x80);
    // A character has four octets at most; what is no UTF-8 is cut anywhere.
    (end.saturating_sub(3)..=end).rev().find(is_start).unwrap_or(end)
}
