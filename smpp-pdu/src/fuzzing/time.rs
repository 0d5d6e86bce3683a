//! Times: any octets are read, what is read is written, and the calendar goes both ways.

use super::Nowhere;
use super::input::Input;
use crate::time::{Absolute, Century, DateTime, Digits, Moment, Period, ReceiptDate};
use core::fmt::Write as _;

/// The octets are the characters of a time; and numbers that times are made of.
pub fn time(octets: &[u8]) {
    characters(octets);
    let mut input = Input::new(octets);
    let pivot = input.up_to(100);
    let century = Century::new(pivot).unwrap_or_default();
    in_century(octets, century);
    seconds(input.number(), input.number());
    // Most numbers are of no year: some that are.
    let near = input.number() % 400_000_000_000;
    seconds(near, near + input.number() % 100_000);
    absolute(
        near % 5_000_000_000,
        input.octet(),
        input.octet().cast_signed(),
        century,
    );
    relative(input.take(6), near);
    from_now(input.number());
}

/// What is read is written as it was, but for what does not count.
fn characters(text: &[u8]) {
    let _ = ReceiptDate::parse(text).map(|date| (date.unix(i32::MIN), date.unix(i32::MAX)));
    let moment = match Moment::parse(text) {
        Ok(moment) => moment,
        Err(e) => {
            let _ = write!(Nowhere, "{e}");
            return match Moment::parse_final_date(text) {
                Ok(Moment::Local(local)) => {
                    assert_eq!((text.len(), Moment::Local(local).to_time().as_bytes()), (12, text))
                }
                Ok(other) => panic!("{other:?}"),
                Err(_) => {}
            };
        }
    };
    assert_eq!(Moment::parse_final_date(text), Ok(moment));
    let written = moment.to_time();
    assert_eq!(Moment::parse(written.as_bytes()), Ok(moment));
    let does_not_count = match moment {
        Moment::Empty | Moment::Local(_) => 0..0,
        // The sign of an offset of 0.
        Moment::Absolute(at) if at.quarters() == 0 => 15..16,
        Moment::Absolute(_) => 0..0,
        // Tenths and offset.
        Moment::Relative(_) => 12..15,
    };
    let differs = written
        .as_bytes()
        .iter()
        .zip(text)
        .position(|(written, read)| written != read);
    assert_eq!(written.as_bytes().len(), text.len());
    assert!(differs.is_none_or(|at| does_not_count.contains(&at)), "{moment:?}");
    for now in [i64::MIN, -1, 0, 1_700_000_000, i64::MAX] {
        match (moment, moment.unix(now)) {
            (Moment::Absolute(at), seconds) => assert_eq!(seconds, Some(at.unix().0)),
            (Moment::Relative(period), seconds) => assert_eq!(seconds, period.after(now)),
            (_, seconds) => assert_eq!(seconds, None),
        }
    }
}

/// In any century, a year of two digits is one of it, and is written as it was read.
fn in_century(text: &[u8], century: Century) {
    if let Ok(Moment::Absolute(at)) = Moment::parse_in(text, century) {
        assert!((1900..2100).contains(&at.local().year));
        assert_eq!(
            Absolute::new_in(at.local(), at.tenths(), at.quarters(), century),
            Some(at)
        );
        let written = Moment::Absolute(at).to_time();
        assert_eq!(Moment::parse_in(written.as_bytes(), century), Ok(Moment::Absolute(at)));
    }
}

/// Of each second in ten thousand years there is one time, in the same order, and none beyond.
fn seconds(one: i64, other: i64) {
    const YEARS: core::ops::Range<i64> = -62_167_219_200..253_402_300_800;
    let [a, b] = [one, other].map(|seconds| {
        let at = DateTime::from_unix(seconds);
        assert_eq!(
            at.map(DateTime::unix),
            Some(seconds).filter(|seconds| YEARS.contains(seconds))
        );
        at
    });
    let (Some(a), Some(b)) = (a, b) else { return };
    assert_eq!(a.cmp(&b), one.cmp(&other));
    assert_eq!(
        DateTime::new(a.year, a.month, a.day, a.hour, a.minute, a.second),
        Some(a)
    );
    receipt_dates(a);
}

/// A receipt's date of 14 digits says all; of the others a year of another century comes back as one of this.
fn receipt_dates(at: DateTime) {
    for (digits, len, second) in [
        (Digits::Ten, 10, 0),
        (Digits::Twelve, 12, at.second),
        (Digits::Fourteen, 14, at.second),
    ] {
        let mut room = [0; 14];
        assert_eq!(at.write_receipt_date(digits, &mut room), len);
        let year = match digits {
            Digits::Fourteen => Some(at.year),
            _ => u8::try_from(at.year % 100)
                .ok()
                .map(|year| Century::default().year(year)),
        };
        let expected = DateTime::new(year.unwrap_or(0), at.month, at.day, at.hour, at.minute, second);
        let read = ReceiptDate::parse(room.get(..len).unwrap_or_default());
        // 29 February may be none in the other century.
        assert_eq!(
            read.map(|date| (date.local, date.quarters)),
            expected.map(|local| (local, None))
        );
    }
}

fn absolute(seconds: i64, tenths: u8, quarters: i8, century: Century) {
    let at = Absolute::from_unix_in(seconds, tenths, quarters, century);
    let Some(at) = at else {
        let local = DateTime::from_unix(seconds + i64::from(quarters) * 900);
        let two_digits = local.and_then(|local| {
            u8::try_from(local.year % 100)
                .ok()
                .map(|two| century.year(two) == local.year)
        });
        return assert!(tenths > 9 || quarters.unsigned_abs() > 48 || two_digits != Some(true));
    };
    assert_eq!((at.unix(), at.quarters()), ((seconds, tenths), quarters));
    let written = Moment::Absolute(at).to_time();
    assert_eq!(Moment::parse_in(written.as_bytes(), century), Ok(Moment::Absolute(at)));
    #[cfg(feature = "std")]
    {
        let time = std::time::SystemTime::from(at);
        let utc = DateTime::from_system_time(time);
        assert_eq!(utc.map(DateTime::unix), Some(seconds));
        let again = Absolute::from_system_time(time, quarters);
        assert!(again.is_none_or(|again| again == at));
    }
}

fn relative(parts: &[u8], now: i64) {
    let [years, months, days, hours, minutes, seconds] = *parts else {
        return;
    };
    let fits = years <= 99 && months <= 12 && days <= 31 && hours <= 23 && minutes <= 59 && seconds <= 59;
    let period = Period::new(years, months, days, hours, minutes, seconds);
    assert_eq!(period.is_some(), fits);
    let Some(period) = period else { return };
    assert_eq!(period.parts(), *parts);
    assert_eq!(
        Moment::parse(Moment::Relative(period).to_time().as_bytes()),
        Ok(Moment::Relative(period))
    );
    if let Some(later) = period.after(now) {
        // A year has 365 days or 366, a month 28 to 31.
        let slack = (i64::from(years) + 3 * i64::from(months) + 3) * 86_400;
        assert!(
            later >= now && (later - now - period.seconds()).abs() <= slack,
            "{period:?} after {now}"
        );
    }
}

fn from_now(number: i64) {
    let [.., a, b, c, d] = number.to_be_bytes();
    for seconds in [u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([0, a, b, c])] {
        match Moment::seconds_from_now(seconds) {
            Some(Moment::Relative(period)) => assert_eq!(period.seconds(), i64::from(seconds)),
            Some(other) => panic!("{other:?}"),
            None => assert!(seconds >= 32 * 86_400),
        }
    }
}
