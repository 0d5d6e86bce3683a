//! Texts of one PDU: data_coding 0 as GSM 7-bit where that has all of the text, else UCS-2.

use smpp_esme::pdu::split::{Split, SplitError};
use smpp_esme::pdu::text::{Alphabet, Consider, Profile};
use smpp_esme::pdu::udh::Udh;
use smpp_esme::pdu::{DataCoding, EsmClass, ShortMessage};
use std::fmt;

/// A text does not fit into one PDU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TextError {
    parts: usize,
    data_coding: DataCoding,
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let alphabet = match self.data_coding {
            DataCoding::UCS2 => " as UCS-2",
            _ => "",
        };
        write!(
            f,
            "the text takes {} parts{alphabet}, and only what fits into one is sent",
            self.parts
        )
    }
}

/// The octets of a text, and their alphabet.
pub(crate) fn encode(text: &str) -> Result<(DataCoding, ShortMessage), TextError> {
    let best = Profile::default().best(text, Consider::default());
    let too_long = |parts| TextError {
        parts,
        data_coding: best.data_coding,
    };
    let parts = match Split::default().text(text, best.alphabet) {
        Ok(parts) => parts,
        Err(SplitError::TooManyParts { parts }) => return Err(too_long(parts)),
        // The best alphabet has all of the text, and nothing goes into message_payload.
        Err(_) => return Err(too_long(usize::MAX)),
    };
    let mut all = parts.iter();
    match (all.next(), all.next()) {
        (Some(part), None) => match ShortMessage::new(part.user_data()) {
            Ok(short_message) => Ok((best.data_coding, short_message)),
            Err(_) => Err(too_long(1)),
        },
        _ => Err(too_long(parts.len())),
    }
}

/// What can be shown of octets in an alphabet: nothing if it is none, or one that is not read here. What stands for no
/// character becomes U+FFFD. Receipts and their like, which centres write themselves, are in ASCII.
pub(crate) fn decode(data_coding: DataCoding, esm_class: EsmClass, octets: &[u8]) -> Option<String> {
    let is_message = esm_class.0 & EsmClass::TYPE_MASK == 0;
    let peer = match is_message {
        true => Profile::default(),
        false => Profile {
            default: Alphabet::Ascii,
            ..Profile::default()
        },
    };
    let alphabet = peer.alphabet(data_coding)?;
    let (alphabet, octets) = match Udh::split(octets).filter(|_| esm_class.has_udh()) {
        // A header may name national tables.
        Some((udh, text)) if alphabet == Alphabet::GSM => (Alphabet::Gsm(udh.gsm()), text),
        Some((_, text)) => (alphabet, text),
        // A header that claims more than there is, is none.
        None => (alphabet, octets),
    };
    Some(alphabet.decode_lossy(octets).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alphabets() {
        for (text, data_coding, octets) in [
            ("", DataCoding::DEFAULT, &b""[..]),
            ("Hello, world\n", DataCoding::DEFAULT, b"Hello, world\n"),
            ("a@b [€]", DataCoding::DEFAULT, b"a\0b \x1b\x3c\x1b\x65\x1b\x3e"),
            ("Grüße", DataCoding::DEFAULT, b"Gr\x7e\x1ee"),
            ("ç", DataCoding::UCS2, b"\0\xe7"),
            ("😀", DataCoding::UCS2, b"\xd8\x3d\xde\x00"),
        ] {
            let (coding, message) = encode(text).unwrap();
            assert_eq!((coding, message.as_bytes()), (data_coding, octets), "{text}");
            assert_eq!(decode(coding, EsmClass::DEFAULT, octets).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_with_its_number_of_parts() {
        let error = |text: String| encode(&text).unwrap_err().to_string();
        assert!(encode(&"x".repeat(160)).is_ok());
        assert_eq!(
            error("x".repeat(161)),
            "the text takes 2 parts, and only what fits into one is sent"
        );
        assert!(encode(&"ж".repeat(70)).is_ok());
        assert_eq!(
            error("ж".repeat(71)),
            "the text takes 2 parts as UCS-2, and only what fits into one is sent"
        );
        assert_eq!(
            error("ж".repeat(135)),
            "the text takes 3 parts as UCS-2, and only what fits into one is sent"
        );
        assert_eq!(
            error("x".repeat(300 * 153)),
            "the text takes 300 parts, and only what fits into one is sent"
        );
    }

    #[test]
    fn whatever_comes_can_be_shown() {
        let plain = EsmClass::DEFAULT;
        let shown = |data_coding, esm_class, octets: &[u8]| decode(data_coding, esm_class, octets);
        assert_eq!(
            shown(DataCoding::DEFAULT, plain, b"a\xff").as_deref(),
            Some("a\u{fffd}")
        );
        assert_eq!(shown(DataCoding::LATIN1, plain, b"\xfc").as_deref(), Some("ü"));
        assert_eq!(shown(DataCoding::UCS2, plain, b"\0a\xd8").as_deref(), Some("a\u{fffd}"));
        assert_eq!(shown(DataCoding::UCS2, plain, b"\xd8\0").as_deref(), Some("\u{fffd}"));
        assert_eq!(shown(DataCoding::OCTET, plain, b"\x01"), None);
        assert_eq!(
            shown(DataCoding::DEFAULT, EsmClass::DELIVERY_RECEIPT, b"id:a_b").as_deref(),
            Some("id:a_b")
        );
        let with_header = |octets| shown(DataCoding::DEFAULT, EsmClass::UDHI, octets);
        assert_eq!(with_header(b"\x05\x00\x03\x01\x02\x01part").as_deref(), Some("part"));
        assert_eq!(with_header(b"\x03\x24\x01\x01\x1bg").as_deref(), Some("ğ"));
        assert_eq!(with_header(b"").as_deref(), Some(""));
        assert_eq!(with_header(b"\x30a").as_deref(), Some("0a"));
    }
}
