//! Addresses as people write them.

use smpp_esme::pdu::{Address, COctetString, Npi, Ton};
use std::fmt;

/// Type of number and numbering plan by what the field has agreed on: digits are a telephone number with its country
/// code, fewer than seven a short code, a leading 0 some national or local form; anything else is a name.
pub(crate) fn parse(text: &str) -> Result<Address, AddressError> {
    if !text.bytes().all(|c| c.is_ascii_graphic() || c == b' ') {
        return Err(AddressError::Character);
    }
    let digits = text.strip_prefix('+').unwrap_or(text);
    let numeric = digits.bytes().all(|c| c.is_ascii_digit());
    let (ton, npi, addr) = match digits.len() {
        0 if text.is_empty() => (Ton::UNKNOWN, Npi::UNKNOWN, text),
        1.. if numeric && text.len() > digits.len() => (Ton::INTERNATIONAL, Npi::ISDN, digits),
        1..7 if numeric => (Ton::NETWORK_SPECIFIC, Npi::UNKNOWN, digits),
        7.. if numeric && digits.starts_with('0') => (Ton::UNKNOWN, Npi::ISDN, digits),
        7.. if numeric => (Ton::INTERNATIONAL, Npi::ISDN, digits),
        _ => (Ton::ALPHANUMERIC, Npi::UNKNOWN, text),
    };
    if addr.len() > MAX_LEN {
        return Err(AddressError::Length(addr.len()));
    }
    let addr = COctetString::new(addr).map_err(|_| AddressError::Character)?;
    Ok(Address { ton, npi, addr })
}

/// Why a text is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AddressError {
    Length(usize),
    Character,
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(len) => write!(f, "{len} characters where {MAX_LEN} are allowed"),
            Self::Character => f.write_str("a character that is not printable ASCII"),
        }
    }
}
impl std::error::Error for AddressError {}

/// Of source_addr and destination_addr, less the NUL (v3.4 §5.2.8, v5.0 §4.7.29).
const MAX_LEN: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_number() {
        for (text, ton, npi, addr) in [
            ("447700900123", 1, 1, "447700900123"),
            ("+447700900123", 1, 1, "447700900123"),
            ("+123", 1, 1, "123"),
            ("07700900123", 0, 1, "07700900123"),
            ("10001", 3, 0, "10001"),
            ("", 0, 0, ""),
            ("Example", 5, 0, "Example"),
            ("My Shop 24", 5, 0, "My Shop 24"),
            ("44-7700", 5, 0, "44-7700"),
            ("+", 5, 0, "+"),
        ] {
            let address = parse(text).unwrap();
            assert_eq!((address.ton, address.npi), (Ton(ton), Npi(npi)), "{text}");
            assert_eq!(address.addr.as_bytes(), addr.as_bytes());
        }
        assert_eq!(parse(&"1".repeat(21)), Err(AddressError::Length(21)));
        assert!(parse(&format!("+{}", "1".repeat(20))).is_ok());
        for text in ["Grüße", "a\0b", "a\nb"] {
            assert_eq!(parse(text), Err(AddressError::Character));
        }
    }
}
