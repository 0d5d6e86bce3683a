//! What a peer means by a data_coding, and the best one for a text.

use super::alphabet::Alphabet;
use super::coding::Content;
use super::gsm::Gsm;
use super::language::Language;
use crate::codes::DataCoding;

/// What a peer means by its data codings: a matter of contract, not of the specification (v3.4 §5.2.19: 0 is "SMSC
/// default alphabet").
///
/// ```
/// use smpp_pdu::DataCoding;
/// use smpp_pdu::text::{Alphabet, Profile};
///
/// // A peer whose data_coding 0 is Latin-1, and that sends UTF-8 as 0x20.
/// let peer = Profile {
///     default: Alphabet::Latin1,
///     others: &[(DataCoding(0x20), Alphabet::Utf8)],
///     ..Profile::default()
/// };
/// assert_eq!(peer.alphabet(DataCoding::DEFAULT), Some(Alphabet::Latin1));
/// assert_eq!(peer.alphabet(DataCoding(0x20)), Some(Alphabet::Utf8));
/// assert_eq!(peer.alphabet(DataCoding::UCS2), Some(Alphabet::UCS2));
/// // Octets that are no text.
/// assert_eq!(peer.alphabet(DataCoding::OCTET), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// Of data_coding 0, of the groups that use the default alphabet, and of reserved values.
    pub default: Alphabet,
    /// Of data_coding 8, and of the groups that use UCS-2.
    pub ucs2: Alphabet,
    /// Of single values, before anything else is asked.
    pub others: &'static [(DataCoding, Alphabet)],
}

impl Default for Profile {
    /// GSM 7-bit, unpacked; UCS-2 big endian; the rest as the specification has it.
    fn default() -> Self {
        Self {
            default: Alphabet::GSM,
            ucs2: Alphabet::UCS2,
            others: &[],
        }
    }
}

impl Profile {
    /// The alphabet of a data_coding; `None` of octets that are no text, of compressed text, and of character sets that
    /// need the feature `charsets`.
    pub fn alphabet(&self, data_coding: DataCoding) -> Option<Alphabet> {
        if let Some((_, alphabet)) = self.others.iter().find(|(coding, _)| *coding == data_coding) {
            return Some(*alphabet);
        }
        let scheme = data_coding.scheme();
        if scheme.compressed {
            return None;
        }
        match scheme.content {
            Content::Default | Content::Reserved => Some(self.default),
            Content::Ia5 => Some(Alphabet::Ascii),
            Content::Latin1 => Some(Alphabet::Latin1),
            Content::Ucs2 => Some(self.ucs2),
            Content::Octets | Content::Pictogram => None,
            #[cfg(feature = "charsets")]
            Content::Jis => Some(Alphabet::Charset(super::Charset::ShiftJis)),
            #[cfg(feature = "charsets")]
            Content::Cyrillic => Some(Alphabet::Charset(super::Charset::Iso8859_5)),
            #[cfg(feature = "charsets")]
            Content::Hebrew => Some(Alphabet::Charset(super::Charset::Iso8859_8)),
            #[cfg(feature = "charsets")]
            Content::Iso2022Jp => Some(Alphabet::Charset(super::Charset::Iso2022Jp)),
            #[cfg(feature = "charsets")]
            Content::ExtendedKanjiJis => Some(Alphabet::Charset(super::Charset::EucJp)),
            #[cfg(feature = "charsets")]
            Content::Ksc5601 => Some(Alphabet::Charset(super::Charset::EucKr)),
            #[cfg(not(feature = "charsets"))]
            Content::Jis
            | Content::Cyrillic
            | Content::Hebrew
            | Content::Iso2022Jp
            | Content::ExtendedKanjiJis
            | Content::Ksc5601 => None,
        }
    }

    /// The coding in which `text` is whole and shortest: data_coding 0 if that has all of its characters; then those
    /// that `consider` allows, if they are shorter than UCS-2; and UCS-2, which has them all.
    ///
    /// ```
    /// use smpp_pdu::text::{Consider, Gsm, Language, Profile, Alphabet};
    ///
    /// let peer = Profile::default();
    /// assert_eq!(peer.best("à 5 €", Consider::default()).alphabet, Alphabet::GSM);
    /// assert_eq!(peer.best("ağaç", Consider::default()).alphabet, Alphabet::UCS2);
    /// let national = Consider { national: true, ..Consider::default() };
    /// let turkish = Gsm { locking: Language::Turkish, ..Gsm::DEFAULT };
    /// assert_eq!(peer.best("İyi akşamlar, ağaç", national).alphabet, Alphabet::Gsm(turkish));
    /// ```
    pub fn best(&self, text: &str, consider: Consider) -> Best {
        let default = Best {
            data_coding: DataCoding::DEFAULT,
            alphabet: self.default,
        };
        if default.has_all(text) {
            return default;
        }
        let ucs2 = Best {
            data_coding: DataCoding::UCS2,
            alphabet: self.ucs2,
        };
        let bits = 16 * text.encode_utf16().count();
        let latin1 = Best {
            data_coding: DataCoding::LATIN1,
            alphabet: Alphabet::Latin1,
        };
        let latin1_bits = match consider.latin1 && latin1.has_all(text) {
            true => 8 * text.chars().count(),
            false => bits,
        };
        let (national, national_bits) = match consider.national {
            true => self.national(text).unwrap_or((ucs2, bits)),
            false => (ucs2, bits),
        };
        match latin1_bits.min(national_bits) {
            least if least >= bits => ucs2,
            least if least == latin1_bits => latin1,
            _ => national,
        }
    }

    /// The language whose tables have all of `text` in the fewest bits, headers included.
    fn national(&self, text: &str) -> Option<(Best, usize)> {
        let with = |gsm| match self.default {
            Alphabet::Gsm(Gsm::DEFAULT) => Some(Alphabet::Gsm(gsm)),
            Alphabet::GsmPacked(Gsm::DEFAULT, padding) => Some(Alphabet::GsmPacked(gsm, padding)),
            _ => None,
        };
        with(Gsm::DEFAULT)?;
        let tables = Language::ALL.into_iter().skip(1).flat_map(|language| {
            let single = Gsm {
                single: language,
                ..Gsm::DEFAULT
            };
            let locking = Gsm {
                locking: language,
                ..Gsm::DEFAULT
            };
            let both = Gsm {
                locking: language,
                single: language,
            };
            [single, locking, both]
        });
        let sized = tables.filter_map(|gsm| {
            let header = 1 + 3 * [gsm.locking, gsm.single]
                .iter()
                .filter(|l| **l != Language::Default)
                .count();
            Some((gsm, 7 * gsm.count_if_all(text)? + 8 * header))
        });
        let (gsm, bits) = sized.min_by_key(|&(_, bits)| bits)?;
        let best = Best {
            data_coding: DataCoding::DEFAULT,
            alphabet: with(gsm)?,
        };
        Some((best, bits))
    }
}

/// What [`Profile::best`] may choose besides data_coding 0 and UCS-2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Consider {
    /// The national tables, where data_coding 0 is GSM 7-bit. Few handsets know all of them.
    pub national: bool,
    /// Latin-1, data_coding 3.
    pub latin1: bool,
}

/// A coding for a text. Its GSM tables, if they are not the default ones, are named by a user data header, which
/// splitting writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Best {
    /// For the PDU.
    pub data_coding: DataCoding,
    /// For the text.
    pub alphabet: Alphabet,
}

impl Best {
    fn has_all(&self, text: &str) -> bool {
        self.alphabet.lost(text).next().is_none()
    }
}
