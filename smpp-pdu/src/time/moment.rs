//! The times of PDUs, 16 characters (v3.4 §7.1.1, v5.0 §4.7.23.4).

use super::civil::{Century, DAY, DateTime};
use crate::storage::Storage;
use crate::string::Time;
use core::fmt;

/// A time as a PDU has it: none, a point, or a period from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Moment {
    /// Empty: at once, the default, or as it was, by field (v3.4 §4.4.1, v5.0 §4.2.1.1).
    Empty,
    /// `YYMMDDhhmmsstnnp` (v3.4 §7.1.1.1, v5.0 §4.7.23.4).
    Absolute(Absolute),
    /// `YYMMDDhhmmss000R` (v3.4 §7.1.1.2, v5.0 §4.7.23.5). Not in v3.3 (R147).
    Relative(Period),
    /// `YYMMDDhhmmss`, the centre's local time: in query_sm_resp's final_date only (v3.4 §7.1.1, v3.3 §7.5).
    Local(DateTime),
}

/// A point in time: local time, how far it is from UTC, and tenths of a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Absolute {
    local: DateTime,
    tenths: u8,
    quarters: i8,
}

/// A period, by its parts. Each has a range of its own: months to 12, days to 31, hours to 23.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Period {
    years: u8,
    months: u8,
    days: u8,
    hours: u8,
    minutes: u8,
    seconds: u8,
}

/// Why characters are no time. The status that it deserves is that of its field: ESME_RINVSCHED, ESME_RINVEXPIRY
/// (R146).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TimeError {
    /// So many characters, where 16 (or none) are right.
    Length(usize),
    /// No digit, at this index.
    Character(usize),
    /// A part outside its range; it starts at this index.
    Range(usize),
    /// A day that the month does not have.
    Calendar,
}

impl Moment {
    /// Of the characters of a field without their NUL: none, or 16.
    pub fn parse(text: &[u8]) -> Result<Self, TimeError> {
        Self::parse_in(text, Century::default())
    }
    /// The same, with a century of your own.
    pub fn parse_in(text: &[u8], century: Century) -> Result<Self, TimeError> {
        if text.is_empty() {
            return Ok(Self::Empty);
        }
        let Some((digits, sign)) = <&[u8; 16]>::try_from(text)
            .ok()
            .and_then(|text| text.split_last_chunk::<1>())
        else {
            return Err(TimeError::Length(text.len()));
        };
        if let Some(at) = digits.iter().position(|octet| !octet.is_ascii_digit()) {
            return Err(TimeError::Character(at));
        }
        match sign {
            b"R" => Period::of_digits(digits).map(Self::Relative),
            b"+" => Absolute::of_digits(digits, 1, century).map(Self::Absolute),
            b"-" => Absolute::of_digits(digits, -1, century).map(Self::Absolute),
            _ => Err(TimeError::Range(15)),
        }
    }
    /// Of query_sm_resp's final_date: 12 characters too, which are the centre's local time.
    pub fn parse_final_date(text: &[u8]) -> Result<Self, TimeError> {
        if text.len() != 12 {
            return Self::parse(text);
        }
        if let Some(at) = text.iter().position(|octet| !octet.is_ascii_digit()) {
            return Err(TimeError::Character(at));
        }
        date_time(text, Century::default()).map(Self::Local)
    }
    /// A relative time of so many seconds, in days and parts of a day. `None` above 31 days, 23 hours, 59 minutes and 59
    /// seconds: months have no fixed length.
    pub fn seconds_from_now(seconds: u32) -> Option<Self> {
        let part = |seconds: u32| u8::try_from(seconds).ok();
        let period = Period::new(
            0,
            0,
            part(seconds / 86_400)?,
            part(seconds / 3600 % 24)?,
            part(seconds / 60 % 60)?,
            part(seconds % 60)?,
        );
        period.map(Self::Relative)
    }
    /// The characters, for a field of a PDU.
    pub fn to_time(self) -> Time {
        let mut text = [0; 16];
        let len = self.write(&mut text);
        // Digits and a sign: no NUL.
        Time::new(text.get(..len).unwrap_or_default()).unwrap_or_default()
    }
    /// Writes the characters; how many: 0, 12 or 16.
    pub fn write(self, text: &mut [u8; 16]) -> usize {
        match self {
            Self::Empty => 0,
            Self::Local(local) => {
                two_digits(text, local.parts());
                12
            }
            Self::Absolute(at) => {
                two_digits(text, at.local.parts());
                let [.., tenths, tens, ones, sign] = text;
                let quarters = at.quarters.unsigned_abs();
                (*tenths, *tens, *ones) = (b'0' + at.tenths, b'0' + quarters / 10, b'0' + quarters % 10);
                *sign = if at.quarters < 0 { b'-' } else { b'+' };
                16
            }
            Self::Relative(period) => {
                two_digits(text, period.parts());
                let [.., tenths, tens, ones, sign] = text;
                (*tenths, *tens, *ones, *sign) = (b'0', b'0', b'0', b'R');
                16
            }
        }
    }
    /// Seconds since 1970-01-01T00:00:00Z, with what is relative counted from `now`, in the calendar of UTC. `None` of
    /// an empty time, of a local one, and above the year 9999.
    pub fn unix(self, now: i64) -> Option<i64> {
        match self {
            Self::Empty | Self::Local(_) => None,
            Self::Absolute(at) => Some(at.unix().0),
            Self::Relative(period) => period.after(now),
        }
    }
}

impl Absolute {
    /// `None` if a part is outside its range: the year 1938 to 2037, which two digits can say, `tenths` 0 to 9,
    /// `quarters` of an hour -48 to 48 (12 hours: UTC+13 and UTC+14 cannot be written).
    pub fn new(local: DateTime, tenths: u8, quarters: i8) -> Option<Self> {
        Self::new_in(local, tenths, quarters, Century::default())
    }
    /// The same, for a peer that reads the years of two digits in a century of its own.
    pub fn new_in(local: DateTime, tenths: u8, quarters: i8, century: Century) -> Option<Self> {
        century.two_digits(local.year)?;
        let fits = tenths <= 9 && (-48..=48).contains(&quarters);
        fits.then_some(Self {
            local,
            tenths,
            quarters,
        })
    }
    /// Of seconds since 1970-01-01T00:00:00Z, written with an offset of `quarters` of an hour. `None` as in
    /// [`new`](Self::new).
    pub fn from_unix(seconds: i64, tenths: u8, quarters: i8) -> Option<Self> {
        Self::from_unix_in(seconds, tenths, quarters, Century::default())
    }
    /// The same, for a peer that reads the years of two digits in a century of its own.
    pub fn from_unix_in(seconds: i64, tenths: u8, quarters: i8, century: Century) -> Option<Self> {
        let local = DateTime::from_unix(seconds.checked_add(i64::from(quarters) * QUARTER)?)?;
        Self::new_in(local, tenths, quarters, century)
    }
    /// Seconds since 1970-01-01T00:00:00Z, and tenths of a second.
    pub fn unix(self) -> (i64, u8) {
        (self.local.unix() - i64::from(self.quarters) * QUARTER, self.tenths)
    }
    /// The local time.
    pub fn local(self) -> DateTime {
        self.local
    }
    /// Tenths of a second, 0 to 9.
    pub fn tenths(self) -> u8 {
        self.tenths
    }
    /// Quarters of an hour that the local time is ahead of UTC, -48 to 48.
    pub fn quarters(self) -> i8 {
        self.quarters
    }

    fn of_digits(digits: &[u8], sign: i8, century: Century) -> Result<Self, TimeError> {
        let quarters = number(digits, 13);
        if quarters > 48 {
            return Err(TimeError::Range(13));
        }
        let local = date_time(digits, century)?;
        let tenths = digits.get(12).map_or(0, |octet| octet - b'0');
        // At most 48.
        let quarters = i8::try_from(quarters).unwrap_or(0) * sign;
        Ok(Self {
            local,
            tenths,
            quarters,
        })
    }
}

impl Period {
    /// `None` if a part is outside its range: years 0 to 99, months 0 to 12, days 0 to 31, hours 0 to 23, minutes and
    /// seconds 0 to 59.
    pub fn new(years: u8, months: u8, days: u8, hours: u8, minutes: u8, seconds: u8) -> Option<Self> {
        let period = Self {
            years,
            months,
            days,
            hours,
            minutes,
            seconds,
        };
        period.fault().is_none().then_some(period)
    }
    /// Years, months, days, hours, minutes and seconds.
    pub fn parts(self) -> [u8; 6] {
        [
            self.years,
            self.months,
            self.days,
            self.hours,
            self.minutes,
            self.seconds,
        ]
    }
    /// `now` and this period, both in seconds since 1970-01-01T00:00:00Z, in the calendar of UTC: a month after 31
    /// January is the last day of February. `None` above the year 9999.
    pub fn after(self, now: i64) -> Option<i64> {
        let later = DateTime::from_unix(now)?.plus(self.years, self.months, self.fixed())?;
        Some(later.unix())
    }
    /// Seconds, with a year as 365 days and a month as 30.
    pub fn seconds(self) -> i64 {
        (i64::from(self.years) * 365 + i64::from(self.months) * 30) * DAY + self.fixed()
    }

    /// What has a fixed length, in seconds.
    fn fixed(self) -> i64 {
        let (days, hours) = (i64::from(self.days), i64::from(self.hours));
        days * DAY + hours * 3600 + i64::from(self.minutes) * 60 + i64::from(self.seconds)
    }
    /// Where the first part is that is too large. v5.0 table 4-55 prints months and days from 01, with which no period
    /// under a month and a day could be written: 00 is right.
    fn fault(self) -> Option<usize> {
        let most = [99, 12, 31, 23, 59, 59];
        let part = self.parts().iter().zip(most).position(|(part, most)| *part > most)?;
        Some(2 * part)
    }
    /// Tenths and offset are ignored.
    fn of_digits(digits: &[u8]) -> Result<Self, TimeError> {
        let period = Self {
            years: number(digits, 0),
            months: number(digits, 2),
            days: number(digits, 4),
            hours: number(digits, 6),
            minutes: number(digits, 8),
            seconds: number(digits, 10),
        };
        period.fault().map_or(Ok(period), |at| Err(TimeError::Range(at)))
    }
}

impl<B: Storage> Time<B> {
    /// What it means; fails if it is no time (R146).
    pub fn moment(&self) -> Result<Moment, TimeError> {
        Moment::parse(self.as_bytes())
    }
}

impl From<Moment> for Time {
    fn from(moment: Moment) -> Self {
        moment.to_time()
    }
}

impl fmt::Display for TimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(len) => write!(f, "{len} characters where a time has 16"),
            Self::Character(at) => write!(f, "no digit at index {at} of a time"),
            Self::Range(at) => write!(f, "the part at index {at} of a time is outside its range"),
            Self::Calendar => f.write_str("a day that the month does not have"),
        }
    }
}
impl core::error::Error for TimeError {}

impl DateTime {
    /// The year in two digits.
    pub(super) fn parts(self) -> [u8; 6] {
        let year = u8::try_from(self.year % 100).unwrap_or(0);
        [year, self.month, self.day, self.hour, self.minute, self.second]
    }
}

/// Whether a field has an absolute time.
pub(crate) fn is_absolute(octets: &[u8]) -> bool {
    matches!(Moment::parse(octets), Ok(Moment::Absolute(_)))
}

/// Whether a field has a relative time.
pub(crate) fn is_relative(octets: &[u8]) -> bool {
    matches!(Moment::parse(octets), Ok(Moment::Relative(_)))
}

/// Whether a final_date has a time: absolute, or the centre's own in 12 characters.
pub(crate) fn is_final_date(octets: &[u8]) -> bool {
    matches!(
        Moment::parse_final_date(octets),
        Ok(Moment::Absolute(_) | Moment::Local(_))
    )
}

/// Seconds.
const QUARTER: i64 = 900;

/// Two digits at an index. What is no digit was refused before.
pub(super) fn number(digits: &[u8], at: usize) -> u8 {
    let digit = |at: usize| digits.get(at).map_or(0, |octet| octet.wrapping_sub(b'0') % 10);
    digit(at) * 10 + digit(at + 1)
}

/// Six parts of two digits each, for `out`.
pub(super) fn two_digits(out: &mut [u8], parts: [u8; 6]) {
    for (room, part) in out.as_chunks_mut().0.iter_mut().zip(parts) {
        #[cfg(canary = "time")] // the fault that this fuzz target must find
        let part = if part == 47 { 74 } else { part };
        *room = [b'0' + part / 10, b'0' + part % 10];
    }
}

/// `YYMMDDhhmmss`.
fn date_time(digits: &[u8], century: Century) -> Result<DateTime, TimeError> {
    let [year, month, day, hour, minute, second] = [0, 2, 4, 6, 8, 10].map(|at| number(digits, at));
    let ranges = [
        (month, 1, 12),
        (day, 1, 31),
        (hour, 0, 23),
        (minute, 0, 59),
        (second, 0, 59),
    ];
    if let Some(at) = ranges
        .iter()
        .position(|(part, least, most)| part < least || part > most)
    {
        return Err(TimeError::Range(2 + 2 * at));
    }
    DateTime::new(century.year(year), month, day, hour, minute, second).ok_or(TimeError::Calendar)
}
