//! The dates of receipts: `YYMMDDhhmm`, and what peers send (v3.4 appendix B).

use super::civil::{Century, DateTime};
use super::moment::{number, two_digits};

/// A date of a receipt. Its zone is not said, but by the few peers that send the 16 characters of a PDU's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReceiptDate {
    /// The time, in a zone that the peer's contract names.
    pub local: DateTime,
    /// Quarters of an hour that it is ahead of UTC, if it says so itself.
    pub quarters: Option<i8>,
}

/// How a receipt's date is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Digits {
    /// `YYMMDDhhmm`, as the specification has it.
    #[default]
    Ten,
    /// `YYMMDDhhmmss`.
    Twelve,
    /// `YYYYMMDDhhmmss`.
    Fourteen,
}

impl ReceiptDate {
    /// Of 10, 12 or 14 digits, or of the 16 characters of a PDU's time, cut or not. `None` of anything else, zeros among
    /// it: `0000000000` is what peers send for "not known".
    pub fn parse(text: &[u8]) -> Option<Self> {
        let count = text.iter().take_while(|octet| octet.is_ascii_digit()).count();
        let (digits, rest) = text.split_at_checked(count)?;
        let century = Century::default();
        let (year, digits) = match count {
            10 | 12 => (century.year(number(digits, 0)), digits.get(2..)?),
            14 if rest.is_empty() => {
                let year = 100 * u16::from(number(digits, 0)) + u16::from(number(digits, 2));
                (year, digits.get(4..)?)
            }
            13..=15 => (century.year(number(digits, 0)), digits.get(2..12)?),
            _ => return None,
        };
        let [month, day, hour, minute, second] = [0, 2, 4, 6, 8].map(|at| number(digits, at));
        let local = DateTime::new(year, month, day, hour, minute, second)?;
        let sign = match rest {
            [b'+'] if count == 15 => Some(1),
            [b'-'] if count == 15 => Some(-1),
            [] | [b'+' | b'-'] => None,
            _ => return None,
        };
        let quarters = i8::try_from(number(text, 13)).ok().filter(|quarters| *quarters <= 48);
        Some(Self {
            local,
            quarters: sign.and_then(|sign| Some(quarters? * sign)),
        })
    }
    /// Seconds since 1970-01-01T00:00:00Z, where the peer's clock is `offset` seconds ahead of UTC, unless the date says
    /// itself how far it is.
    pub fn unix(self, offset: i32) -> i64 {
        let offset = self
            .quarters
            .map_or(i64::from(offset), |quarters| i64::from(quarters) * 900);
        self.local.unix() - offset
    }
}

impl DateTime {
    /// Writes it as the date of a receipt (v3.4 appendix B): how many octets, 10, 12 or 14.
    pub fn write_receipt_date(self, digits: Digits, out: &mut [u8; 14]) -> usize {
        let century = u8::try_from(self.year / 100).unwrap_or(0);
        let len = match digits {
            Digits::Ten => 10,
            Digits::Twelve => 12,
            Digits::Fourteen => {
                let [tens, ones, rest @ ..] = out;
                (*tens, *ones) = (b'0' + century / 10, b'0' + century % 10);
                two_digits(rest, self.parts());
                return 14;
            }
        };
        two_digits(out, self.parts());
        len
    }
}
