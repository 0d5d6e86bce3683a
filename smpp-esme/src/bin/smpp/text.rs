//! Texts of one PDU: the alphabet of the network where it is the same as ASCII, else UCS-2.

use smpp_esme::pdu::{DataCoding, EncodeErrorKind, EsmClass, ShortMessage, Version};
use std::fmt;

/// A text does not fit into one PDU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TextError {
    octets: usize,
    max: usize,
    data_coding: DataCoding,
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            octets,
            max,
            data_coding,
        } = self;
        let alphabet = if *data_coding == DataCoding::UCS2 {
            " as UCS-2"
        } else {
            ""
        };
        write!(
            f,
            "the text has {octets} octets{alphabet}, and short_message holds {max}"
        )
    }
}

/// The octets of a text, and their alphabet.
pub(crate) fn encode(text: &str, version: Version) -> Result<(DataCoding, ShortMessage), TextError> {
    let (data_coding, octets) = if text.bytes().all(is_in_both) {
        (DataCoding::DEFAULT, text.as_bytes().to_vec())
    } else {
        (
            DataCoding::UCS2,
            text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        )
    };
    let too_long = TextError {
        octets: octets.len(),
        max: max_octets(version),
        data_coding,
    };
    if octets.len() > max_octets(version) {
        return Err(too_long);
    }
    match ShortMessage::new(octets) {
        Ok(short_message) => Ok((data_coding, short_message)),
        Err(EncodeErrorKind::Size { .. }) | Err(_) => Err(too_long),
    }
}

/// Whether an octet means the same in ASCII and in GSM 03.38, one of which data_coding 0 is, by what the SMSC's owner
/// likes.
fn is_in_both(octet: u8) -> bool {
    matches!(octet, b'\n' | b'\r' | b' '..=b'~')
        && !matches!(
            octet,
            b'$' | b'@' | b'[' | b'\\' | b']' | b'^' | b'_' | b'`' | b'{' | b'|' | b'}' | b'~'
        )
}

/// The size of short_message (v3.3 §6.2.2.1, v3.4 §5.2.22, v5.0 §4.7.26).
fn max_octets(version: Version) -> usize {
    match version {
        Version::V33 => 160,
        Version::V34 => 254,
        _ => 255,
    }
}

/// What can be shown of octets in an alphabet: nothing if it is none, or one that is not read here. What stands for no
/// character becomes U+FFFD.
pub(crate) fn decode(data_coding: DataCoding, esm_class: EsmClass, octets: &[u8]) -> Option<String> {
    let octets = if esm_class.0 & EsmClass::UDHI.0 == 0 {
        octets
    } else {
        // A header that claims more than there is, is none.
        let len = usize::from(*octets.first()?);
        octets.get(1 + len..).unwrap_or(octets)
    };
    match data_coding {
        DataCoding::DEFAULT | DataCoding::IA5 => Some(
            octets
                .iter()
                .map(|&c| if c.is_ascii() { c.into() } else { '\u{fffd}' })
                .collect(),
        ),
        DataCoding::LATIN1 => Some(octets.iter().map(|&c| char::from(c)).collect()),
        DataCoding::UCS2 => {
            let (units, odd) = octets.as_chunks();
            let units = units.iter().map(|&unit| u16::from_be_bytes(unit));
            let chars = char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}'));
            Some(chars.chain(odd.first().map(|_| '\u{fffd}')).collect())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alphabets() {
        for (text, data_coding, octets) in [
            ("", DataCoding::DEFAULT, &b""[..]),
            ("Hello, world\n", DataCoding::DEFAULT, b"Hello, world\n"),
            // At another place in GSM 03.38.
            ("a@b", DataCoding::UCS2, b"\0a\0@\0b"),
            ("Grüße", DataCoding::UCS2, b"\0G\0r\0\xfc\0\xdf\0e"),
            ("😀", DataCoding::UCS2, b"\xd8\x3d\xde\x00"),
        ] {
            let (coding, message) = encode(text, Version::V34).unwrap();
            assert_eq!((coding, message.as_bytes()), (data_coding, octets), "{text}");
            assert_eq!(decode(coding, EsmClass::DEFAULT, octets).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_with_its_length() {
        for (version, max) in [(Version::V33, 160), (Version::V34, 254), (Version::V50, 255)] {
            assert!(encode(&"x".repeat(max), version).is_ok());
            let error = encode(&"x".repeat(max + 1), version).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("the text has {} octets, and short_message holds {max}", max + 1)
            );
        }
        assert!(encode(&"ж".repeat(127), Version::V34).is_ok());
        assert_eq!(
            encode(&"ж".repeat(128), Version::V34).unwrap_err().to_string(),
            "the text has 256 octets as UCS-2, and short_message holds 254"
        );
    }

    #[test]
    fn whatever_comes_can_be_shown() {
        let plain = EsmClass::DEFAULT;
        assert_eq!(
            decode(DataCoding::DEFAULT, plain, b"a\xff").as_deref(),
            Some("a\u{fffd}")
        );
        assert_eq!(decode(DataCoding::LATIN1, plain, b"\xfc").as_deref(), Some("ü"));
        assert_eq!(
            decode(DataCoding::UCS2, plain, b"\0a\xd8").as_deref(),
            Some("a\u{fffd}")
        );
        assert_eq!(decode(DataCoding::UCS2, plain, b"\xd8\0").as_deref(), Some("\u{fffd}"));
        assert_eq!(decode(DataCoding::OCTET, plain, b"\x01"), None);
        assert_eq!(
            decode(DataCoding::DEFAULT, EsmClass::UDHI, b"\x05\x00\x03\x01\x02\x01part").as_deref(),
            Some("part")
        );
        assert_eq!(decode(DataCoding::DEFAULT, EsmClass::UDHI, b""), None);
        assert_eq!(
            decode(DataCoding::DEFAULT, EsmClass::UDHI, b"\x30a").as_deref(),
            Some("0a")
        );
    }
}
