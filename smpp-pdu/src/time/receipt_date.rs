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

/// How a receipt's date is written. Of a year of two digits the reader must know the century.
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
        let short = || {
            let year = Century::default().year(number(digits, 0));
            date_time(year, digits.get(2..)?, count >= 12)
        };
        let long = || {
            let year = 100 * u16::from(number(digits, 0)) + u16::from(number(digits, 2));
            date_time(year, digits.get(4..)?, true)
        };
        let local = match count {
            10 | 12 | 13 | 15 => short()?,
            // A PDU's time that was cut here begins with no year of four digits, or seldom.
            14 => long().filter(|_| rest.is_empty()).or_else(short)?,
            _ => return None,
        };
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

/// `MMDDhhmm`, and `ss` if they are there.
fn date_time(year: u16, digits: &[u8], has_seconds: bool) -> Option<DateTime> {
    let [month, day, hour, minute] = [0, 2, 4, 6].map(|at| number(digits, at));
    let second = if has_seconds { number(digits, 8) } else { 0 };
    DateTime::new(year, month, day, hour, minute, second)
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
