//! Message ids of responses and of receipts, which peers do not always write alike.

use alloc::vec::Vec;

/// How a peer's ids of receipts compare with those of its responses. It is to be applied to both.
///
/// ```
/// use smpp_pdu::receipt::{IdBase, IdPolicy};
///
/// // submit_sm_resp in hexadecimal, receipts in decimal.
/// let policy = IdPolicy { base: IdBase::ResponseHex, ..IdPolicy::default() };
/// assert!(policy.matches(b"33E95179", b"0870928761"));
/// assert!(!policy.matches(b"33E95179", b"870928762"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IdPolicy {
    /// Whether zeros in front do not count.
    pub trim_zeros: bool,
    /// Whether upper and lower case are the same.
    pub fold_case: bool,
    /// Whether one of the two is to be converted.
    pub base: IdBase,
}

/// In which numbers ids are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum IdBase {
    /// As they are, in both.
    #[default]
    Same,
    /// Hexadecimal in responses, decimal in receipts.
    ResponseHex,
    /// Decimal in responses, hexadecimal in receipts.
    ReceiptHex,
}

impl Default for IdPolicy {
    /// Zeros in front do not count, nor does case.
    fn default() -> Self {
        Self {
            trim_zeros: true,
            fold_case: true,
            base: IdBase::Same,
        }
    }
}

impl IdPolicy {
    /// Octet for octet, as the specification has it (R069).
    pub const EXACT: Self = Self {
        trim_zeros: false,
        fold_case: false,
        base: IdBase::Same,
    };

    /// Whether a response's id and a receipt's are of the same message.
    pub fn matches(&self, response: &[u8], receipt: &[u8]) -> bool {
        self.of_response(response) == self.of_receipt(receipt)
    }
    /// The id of a response, in the form to store and to look up by.
    pub fn of_response(&self, id: &[u8]) -> Vec<u8> {
        self.key(id, self.base == IdBase::ResponseHex)
    }
    /// The id of a receipt, in the same form.
    pub fn of_receipt(&self, id: &[u8]) -> Vec<u8> {
        self.key(id, self.base == IdBase::ReceiptHex)
    }

    fn key(&self, id: &[u8], is_hex: bool) -> Vec<u8> {
        if is_hex && let Some(number) = hexadecimal(id) {
            return self.key(&decimal(number), false);
        }
        let trimmed = match self.trim_zeros {
            // The last digit stays: 0 and 000 are the same.
            true => id
                .iter()
                .position(|octet| *octet != b'0')
                .unwrap_or(id.len().saturating_sub(1)),
            false => 0,
        };
        let mut key = id.get(trimmed..).unwrap_or_default().to_vec();
        if self.fold_case {
            key.make_ascii_lowercase();
        }
        key
    }
}

/// Of at most 16 digits, with or without 0x: a longer one is a name (an id like a GUID), not a number.
fn hexadecimal(id: &[u8]) -> Option<u64> {
    let digits = id.strip_prefix(b"0x").or_else(|| id.strip_prefix(b"0X")).unwrap_or(id);
    let is_number = (1..=16).contains(&digits.len()) && digits.iter().all(u8::is_ascii_hexdigit);
    let digits = core::str::from_utf8(digits).ok().filter(|_| is_number)?;
    u64::from_str_radix(digits, 16).ok()
}

fn decimal(mut number: u64) -> Vec<u8> {
    let mut digits = Vec::with_capacity(20);
    loop {
        digits.push(b'0' + u8::try_from(number % 10).unwrap_or(0));
        number /= 10;
        if number == 0 {
            break;
        }
    }
    digits.reverse();
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_compare_as_the_peer_writes_them() {
        let lax = IdPolicy::default();
        assert!(lax.matches(b"221067780", b"0221067780"));
        assert!(lax.matches(b"3f3a6fac", b"3F3A6FAC"));
        assert!(!lax.matches(b"0", b"1") && lax.matches(b"00", b"00"));
        assert!(lax.matches(b"0", b"0000000000") && !lax.matches(b"0", b""));
        assert!(!IdPolicy::EXACT.matches(b"221067780", b"0221067780"));
        assert!(!IdPolicy::EXACT.matches(b"a", b"A"));
        let hex = IdPolicy {
            base: IdBase::ReceiptHex,
            ..lax
        };
        assert!(hex.matches(b"98765432101", b"16fee0e525") && hex.matches(b"0", b"0x0"));
        // A GUID is no number, whatever its digits: as it is.
        let guid = b"01298d520b78349d987af643d7bf1330";
        assert!(hex.matches(guid, guid));
        assert!(!hex.matches(b"18446744073709551615", b"10ffffffffffffffff"));
        assert!(hex.matches(b"18446744073709551615", b"ffffffffffffffff"));
    }
}
