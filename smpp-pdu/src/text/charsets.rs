//! The character sets of further data codings, by encoding_rs.

use super::alphabet::{Read, note};
use super::error::{Lost, TextErrorKind};
use alloc::string::String;
use alloc::vec::Vec;
use encoding_rs::{DecoderResult, EncoderResult, Encoding};

/// A character set of v3.4 §5.2.19 beyond ASCII, Latin-1 and UCS-2, and one that peers use besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Charset {
    /// JIS X 0208 as Shift_JIS: data_coding 5.
    ShiftJis,
    /// ISO-8859-5: data_coding 6.
    Iso8859_5,
    /// ISO-8859-8: data_coding 7.
    Iso8859_8,
    /// ISO-2022-JP: data_coding 10.
    Iso2022Jp,
    /// JIS X 0212 as EUC-JP: data_coding 13. It is read; what is in JIS X 0212 alone is not written.
    EucJp,
    /// KS C 5601 as EUC-KR: data_coding 14.
    EucKr,
    /// ISO-8859-15: Latin-1 with the euro, of no data_coding.
    Iso8859_15,
}

impl Charset {
    fn encoding(self) -> &'static Encoding {
        match self {
            Self::ShiftJis => encoding_rs::SHIFT_JIS,
            Self::Iso8859_5 => encoding_rs::ISO_8859_5,
            Self::Iso8859_8 => encoding_rs::ISO_8859_8,
            Self::Iso2022Jp => encoding_rs::ISO_2022_JP,
            Self::EucJp => encoding_rs::EUC_JP,
            Self::EucKr => encoding_rs::EUC_KR,
            Self::Iso8859_15 => encoding_rs::ISO_8859_15,
        }
    }
    /// encoding_rs follows browsers, which write ¥ as a backslash, and half-width kana as full-width ones: what does not
    /// come back is not in the set.
    pub(super) fn contains(self, c: char) -> bool {
        let mut utf8 = [0; 4];
        self.encode(c.encode_utf8(&mut utf8)).is_some()
    }
    pub(super) fn encode_lossy(self, text: &str) -> (Vec<u8>, Option<Lost>) {
        if let Some(octets) = self.encode(text) {
            return (octets, None);
        }
        let mut lost = None;
        let kept = text.char_indices().map(|(at, c)| {
            if self.contains(c) {
                return c;
            }
            Lost::add(&mut lost, at);
            '?'
        });
        let kept: String = kept.collect();
        if let Some(octets) = self.encode(&kept) {
            return (octets, lost);
        }
        // Each character comes back alone, and they do not together: then none of them is said to be there.
        let mut all = None;
        text.char_indices().for_each(|(at, _)| Lost::add(&mut all, at));
        (text.chars().map(|_| b'?').collect(), all)
    }
    /// `None` unless all of `text` comes back.
    fn encode(self, text: &str) -> Option<Vec<u8>> {
        let mut encoder = self.encoding().new_encoder();
        let (mut out, mut rest) = (Vec::with_capacity(text.len() + 16), text);
        loop {
            let (result, read) = encoder.encode_from_utf8_to_vec_without_replacement(rest, &mut out, true);
            rest = rest.get(read..).unwrap_or_default();
            match result {
                EncoderResult::InputEmpty => break,
                EncoderResult::OutputFull => out.reserve(rest.len() + 16),
                EncoderResult::Unmappable(_) => return None,
            }
        }
        (self.decode(&out).0 == text).then_some(out)
    }
    pub(super) fn decode(self, octets: &[u8]) -> Read {
        let mut decoder = self.encoding().new_decoder_without_bom_handling();
        let (mut text, mut bad, mut rest) = (String::with_capacity(octets.len()), None, octets);
        // Not into the `String`, whose spare room encoding_rs would clear anew behind each octet that is wrong.
        let mut room = [0; 1024];
        loop {
            let (result, read, written) = decoder.decode_to_utf8_without_replacement(rest, &mut room, true);
            let decoded = room
                .get(..written)
                .and_then(|decoded| core::str::from_utf8(decoded).ok());
            text.push_str(decoded.unwrap_or_default());
            rest = rest.get(read..).unwrap_or_default();
            match result {
                DecoderResult::InputEmpty => return (text, bad),
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(len, after) => {
                    let behind = usize::from(len) + usize::from(after);
                    let offset = (octets.len() - rest.len()).saturating_sub(behind);
                    note(&mut bad, offset, TextErrorKind::Sequence);
                    text.push(char::REPLACEMENT_CHARACTER);
                }
            }
        }
    }
}
