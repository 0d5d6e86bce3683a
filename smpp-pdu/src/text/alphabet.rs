//! Every alphabet of a text, by one type.

use super::error::{Lost, TextError, TextErrorKind};
use super::gsm::Gsm;
use super::packed::{Padding, pack, unpack, unpack_lossy};
use super::unicode::{self, Utf16};
use super::variant::Variant;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// How characters become octets. Which one a message has, data_coding and the peer's [`Profile`](super::Profile) say
/// (v3.4 §5.2.19, v5.0 §4.7.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Alphabet {
    /// GSM 7-bit, a septet an octet (R154).
    Gsm(Gsm),
    /// GSM 7-bit, eight septets in seven octets.
    GsmPacked(Gsm, Padding),
    /// GSM 7-bit with a vendor's changes.
    Variant(&'static Variant),
    /// ASCII (IA5).
    Ascii,
    /// ISO-8859-1.
    Latin1,
    /// UCS-2, with the surrogates of UTF-16: what peers send.
    Utf16(Utf16),
    /// UTF-8: of no data_coding, but in use.
    Utf8,
    /// One of the character sets of feature `charsets`.
    #[cfg(feature = "charsets")]
    Charset(super::Charset),
}

impl Alphabet {
    /// GSM 7-bit with the default tables, unpacked.
    pub const GSM: Self = Self::Gsm(Gsm::DEFAULT);
    /// UCS-2, big endian, without a byte order mark.
    pub const UCS2: Self = Self::Utf16(Utf16::BIG);

    /// The octets of `text`. Fails if the alphabet lacks a character, and then says how many it lacks.
    ///
    /// ```
    /// use smpp_pdu::text::Alphabet;
    ///
    /// assert_eq!(Alphabet::Latin1.encode("Zoë")?, b"Zo\xeb");
    /// assert_eq!(Alphabet::UCS2.encode("ë😀")?, b"\x00\xeb\xd8\x3d\xde\x00");
    /// assert_eq!(Alphabet::Ascii.encode("Zoë").unwrap_err().to_string(),
    ///     "the alphabet lacks 1 of the characters, the first at octet 2");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn encode(self, text: &str) -> Result<Vec<u8>, Lost> {
        let (octets, lost) = self.encode_lossy(text);
        lost.map_or(Ok(octets), Err)
    }
    /// The octets of `text`, with `?` in place of each character that the alphabet lacks, and how many these were.
    pub fn encode_lossy(self, text: &str) -> (Vec<u8>, Option<Lost>) {
        match self {
            Self::GsmPacked(gsm, padding) => {
                let (septets, lost) = gsm.encode_lossy(text);
                (pack(&septets, 0, padding), lost)
            }
            _ => self.units(text),
        }
    }
    /// The text of `octets`. Fails at the first that is none of this alphabet.
    pub fn decode(self, octets: &[u8]) -> Result<String, TextError> {
        match self {
            Self::Gsm(gsm) => gsm.decode(octets),
            Self::GsmPacked(gsm, padding) => gsm.decode(&unpack(octets, 0, padding)?),
            Self::Variant(variant) => all_good(variant.decode(octets)),
            Self::Ascii => all_good(ascii(octets)),
            Self::Latin1 => Ok(octets.iter().copied().map(char::from).collect()),
            Self::Utf16(utf16) => all_good(utf16.decode(octets)),
            Self::Utf8 => match core::str::from_utf8(octets) {
                Ok(text) => Ok(text.to_string()),
                Err(e) => Err(TextError {
                    offset: e.valid_up_to(),
                    kind: TextErrorKind::Sequence,
                }),
            },
            #[cfg(feature = "charsets")]
            Self::Charset(charset) => all_good(charset.decode(octets)),
        }
    }
    /// The text of `octets`, with U+FFFD for what is none of this alphabet, and how many of these there are.
    pub fn decode_lossy(self, octets: &[u8]) -> (String, usize) {
        let counted = |(text, bad): (String, Option<(TextError, usize)>)| (text, bad.map_or(0, |(_, count)| count));
        match self {
            Self::Gsm(gsm) => gsm.decode_lossy(octets),
            Self::GsmPacked(gsm, padding) => gsm.decode_lossy(&unpack_lossy(octets, 0, padding).0),
            Self::Variant(variant) => counted(variant.decode(octets)),
            Self::Ascii => counted(ascii(octets)),
            Self::Latin1 => (octets.iter().copied().map(char::from).collect(), 0),
            Self::Utf16(utf16) => counted(utf16.decode(octets)),
            Self::Utf8 => unicode::utf8_lossy(octets),
            #[cfg(feature = "charsets")]
            Self::Charset(charset) => counted(charset.decode(octets)),
        }
    }
    /// Whether the alphabet has `c`.
    pub fn contains(self, c: char) -> bool {
        match self {
            Self::Gsm(gsm) | Self::GsmPacked(gsm, _) => gsm.contains(c),
            Self::Variant(variant) => variant.contains(c),
            Self::Ascii => c.is_ascii(),
            Self::Latin1 => u8::try_from(c).is_ok(),
            Self::Utf16(_) | Self::Utf8 => true,
            #[cfg(feature = "charsets")]
            Self::Charset(charset) => charset.contains(c),
        }
    }
    /// Each character of `text` that the alphabet lacks, with its index in octets. Allocates nothing.
    pub fn lost(self, text: &str) -> impl Iterator<Item = (usize, char)> {
        text.char_indices().filter(move |&(_, c)| !self.contains(c))
    }

    /// As [`encode_lossy`](Self::encode_lossy), but septets unpacked: what can be split.
    pub(crate) fn units(self, text: &str) -> (Vec<u8>, Option<Lost>) {
        match self {
            Self::Gsm(gsm) | Self::GsmPacked(gsm, _) => gsm.encode_lossy(text),
            Self::Variant(variant) => variant.encode_lossy(text),
            Self::Ascii => octets_of(text, |c| u8::try_from(c).ok().filter(u8::is_ascii)),
            Self::Latin1 => octets_of(text, |c| u8::try_from(c).ok()),
            Self::Utf16(utf16) => (utf16.encode(text), None),
            Self::Utf8 => (text.as_bytes().to_vec(), None),
            #[cfg(feature = "charsets")]
            Self::Charset(charset) => charset.encode_lossy(text),
        }
    }
}

/// A text, and what is wrong: the first, and how many.
pub(super) type Read = (String, Option<(TextError, usize)>);

fn all_good((text, bad): Read) -> Result<String, TextError> {
    bad.map_or(Ok(text), |(error, _)| Err(error))
}

/// One octet a character.
fn octets_of(text: &str, octet: impl Fn(char) -> Option<u8>) -> (Vec<u8>, Option<Lost>) {
    let mut lost = None;
    let octets = text.char_indices().map(|(at, c)| {
        octet(c).unwrap_or_else(|| {
            Lost::add(&mut lost, at);
            b'?'
        })
    });
    (octets.collect(), lost)
}

fn ascii(octets: &[u8]) -> Read {
    let mut bad = None;
    let text = octets.iter().enumerate().map(|(offset, &octet)| {
        if octet.is_ascii() {
            return char::from(octet);
        }
        note(&mut bad, offset, TextErrorKind::Octet(octet));
        char::REPLACEMENT_CHARACTER
    });
    (text.collect(), bad)
}

/// Keeps the first, and counts.
pub(super) fn note(bad: &mut Option<(TextError, usize)>, offset: usize, kind: TextErrorKind) {
    let (_, count) = bad.get_or_insert((TextError { offset, kind }, 0));
    *count += 1;
}
