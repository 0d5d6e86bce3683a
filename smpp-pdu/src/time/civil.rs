//! The calendar.

/// A date and a time of day, in no zone of its own. A value that exists is a date of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct DateTime {
    /// The year, of four digits.
    pub year: u16,
    /// The month, 1 to 12.
    pub month: u8,
    /// The day of the month, from 1.
    pub day: u8,
    /// The hour, 0 to 23.
    pub hour: u8,
    /// The minute, 0 to 59.
    pub minute: u8,
    /// The second, 0 to 59.
    pub second: u8,
}

impl DateTime {
    /// `None` if there is no such time: a 30 February, an hour 24, a second 60; a year above 9999.
    pub fn new(year: u16, month: u8, day: u8, hour: u8, minute: u8, second: u8) -> Option<Self> {
        let fits = year <= 9999 && day >= 1 && day <= days_of(year, month)? && hour < 24 && minute < 60 && second < 60;
        fits.then_some(Self {
            year,
            month,
            day,
            hour,
            minute,
            second,
        })
    }
    /// Of seconds since 1970-01-01T00:00:00, in the same zone. `None` outside the years 0 to 9999.
    pub fn from_unix(seconds: i64) -> Option<Self> {
        let (days, of_day) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
        let (year, month, day) = date_of(days)?;
        let part = |seconds: i64| u8::try_from(seconds).ok();
        Self::new(
            year,
            month,
            day,
            part(of_day / 3600)?,
            part(of_day / 60 % 60)?,
            part(of_day % 60)?,
        )
    }
    /// Seconds since 1970-01-01T00:00:00, in the same zone.
    pub fn unix(self) -> i64 {
        let of_day = i64::from(self.hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second);
        days_to(self.year, self.month, self.day) * DAY + of_day
    }
    /// This much later, in the calendar: years and months first, with the day cut to the length of the month, then the
    /// rest. `None` above the year 9999.
    pub(super) fn plus(self, years: u8, months: u8, seconds: i64) -> Option<Self> {
        let month = u16::from(self.month) - 1 + u16::from(months);
        let year = self.year + u16::from(years) + month / 12;
        let month = u8::try_from(month % 12 + 1).ok()?;
        let day = self.day.min(days_of(year, month)?);
        Self::from_unix(
            Self {
                year,
                month,
                day,
                ..self
            }
            .unix()
                + seconds,
        )
    }
}

/// Where the years of two digits lie: from 1900 + pivot to 1999 + pivot (v3.4 appendix C: the pivot is 38; R148).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Century(u8);

impl Century {
    /// The pivot, 0 to 100: the first year of two digits that is one of 19xx. `None` above 100.
    pub const fn new(pivot: u8) -> Option<Self> {
        match pivot {
            0..=100 => Some(Self(pivot)),
            _ => None,
        }
    }
    /// The year of four digits.
    pub fn year(self, two_digits: u8) -> u16 {
        let base = if two_digits >= self.0 { 1900 } else { 2000 };
        base + u16::from(two_digits)
    }
    /// The year in two digits, if it lies within.
    pub(super) fn two_digits(self, year: u16) -> Option<u8> {
        let two = u8::try_from(year % 100).ok()?;
        (self.year(two) == year).then_some(two)
    }
}

impl Default for Century {
    /// 38: 1938 to 2037.
    fn default() -> Self {
        Self(38)
    }
}

/// Seconds.
pub(super) const DAY: i64 = 86_400;

fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_of(year: u16, month: u8) -> Option<u8> {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 => Some(if is_leap(year) { 29 } else { 28 }),
        _ => None,
    }
}

/// Days from 1970-01-01, counted in years that begin in March, so that the leap day is the last.
fn days_to(year: u16, month: u8, day: u8) -> i64 {
    let (month, day) = (i64::from(month), i64::from(day));
    let year = i64::from(year) - i64::from(month <= 2);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year - MARCH_OF_YEAR_0
}

/// The way back.
fn date_of(days: i64) -> Option<(u16, u8, u8)> {
    let days = days.checked_add(MARCH_OF_YEAR_0)?;
    let (era, day) = (days.div_euclid(DAYS_OF_400_YEARS), days.rem_euclid(DAYS_OF_400_YEARS));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let march = (5 * of_year + 2) / 153;
    let month = u8::try_from((march + 2) % 12 + 1).ok()?;
    let year = era.checked_mul(400)?.checked_add(year)? + i64::from(month <= 2);
    let day = of_year - (153 * march + 2) / 5 + 1;
    Some((u16::try_from(year).ok()?, month, u8::try_from(day).ok()?))
}

/// Days from 0000-03-01 to 1970-01-01.
const MARCH_OF_YEAR_0: i64 = 719_468;
const DAYS_OF_400_YEARS: i64 = 146_097;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_four_centuries_comes_back() {
        let mut before = None;
        for days in -25_600..=121_000_i64 {
            let at = DateTime::from_unix(days * DAY + 3_723).unwrap();
            assert_eq!((at.hour, at.minute, at.second), (1, 2, 3));
            assert_eq!(at.unix(), days * DAY + 3_723);
            assert!(before < Some(at));
            before = Some(at);
        }
        let epoch = DateTime::new(1970, 1, 1, 0, 0, 0).unwrap();
        assert_eq!((epoch.unix(), DateTime::from_unix(0)), (0, Some(epoch)));
        assert_eq!(DateTime::new(2000, 2, 29, 0, 0, 0).unwrap().unix(), 951_782_400);
        assert_eq!(
            [i64::MIN, i64::MAX, -70_000_000_000, 253_402_300_800].map(DateTime::from_unix),
            [None; 4]
        );
    }

    #[test]
    fn no_such_time() {
        assert_eq!(DateTime::new(2023, 2, 29, 0, 0, 0), None);
        assert_eq!(DateTime::new(1900, 2, 29, 0, 0, 0), None);
        assert_eq!(DateTime::new(2025, 0, 1, 0, 0, 0), None);
        assert_eq!(DateTime::new(2025, 1, 1, 0, 60, 0), None);
        assert_eq!(DateTime::new(10_000, 1, 1, 0, 0, 0), None);
    }
}
