//! Times: every example of the specification's rules, and round trips.

#[allow(dead_code)]
#[path = "common/csv.rs"]
mod csv;

use csv::spec;
use proptest::prelude::*;
use smpp_pdu::Time;
use smpp_pdu::time::{Absolute, Century, DateTime, Digits, Moment, Period, ReceiptDate, TimeError};

fn iso(at: Absolute) -> String {
    let (seconds, tenths) = at.unix();
    let DateTime {
        year,
        month,
        day,
        hour,
        minute,
        second,
        ..
    } = DateTime::from_unix(seconds).unwrap();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{tenths}Z")
}

/// ISO 8601, without the parts that are 0.
fn iso_period(period: Period) -> String {
    let part = |(number, letter): (&u8, char)| match number {
        0 => String::new(),
        _ => format!("{number}{letter}"),
    };
    let parts = period.parts();
    let (days, of_day) = parts.split_at(3);
    let days: String = days.iter().zip("YMD".chars()).map(part).collect();
    let of_day: String = of_day.iter().zip("HMS".chars()).map(part).collect();
    match (days.is_empty(), of_day.is_empty()) {
        (true, true) => "PT0S".into(),
        (_, true) => format!("P{days}"),
        (_, false) => format!("P{days}T{of_day}"),
    }
}

#[test]
fn every_example_means_what_it_should() {
    for row in spec("time_examples.csv") {
        let parsed = Moment::parse(row["value"].as_bytes());
        let kind = match parsed {
            Ok(Moment::Empty) => "empty",
            Ok(Moment::Absolute(at)) => {
                assert_eq!(iso(at), row["meaning"]);
                "absolute"
            }
            Ok(Moment::Relative(period)) => {
                assert_eq!(iso_period(period), row["meaning"]);
                "relative"
            }
            Ok(other) => panic!("{other:?}"),
            Err(TimeError::Length(_)) => "length",
            Err(TimeError::Character(_)) => "character",
            Err(TimeError::Range(_)) => "range",
            Err(TimeError::Calendar) => "calendar",
            Err(e) => panic!("{e}"),
        };
        let expected = if row["valid"] == "yes" {
            &row["kind"]
        } else {
            &row["error_class"]
        };
        assert_eq!(kind, expected, "{row:?}");
        if let Ok(moment) = parsed {
            // Tenths and offset of a relative time are ignored, and written as 0; an offset of 0 with a plus.
            let canonical = match row["value"].as_str() {
                "000003000000912R" => "000003000000000R",
                value if value.ends_with("00-") => &value.replace('-', "+"),
                value => value,
            };
            assert_eq!(moment.to_time().as_bytes(), canonical.as_bytes());
            assert_eq!(
                Time::<&[u8]>::new(row["value"].as_bytes()).unwrap().moment(),
                Ok(moment)
            );
        }
    }
}

#[test]
fn errors_name_their_place() {
    let error = |text: &str| Moment::parse(text.as_bytes()).unwrap_err();
    assert_eq!(error("251331120000000+"), TimeError::Range(2));
    assert_eq!(error("250131126000000+"), TimeError::Range(8));
    assert_eq!(error("250131120000049+"), TimeError::Range(13));
    assert_eq!(error("250131120000000Z"), TimeError::Range(15));
    assert_eq!(error("000032000000000R"), TimeError::Range(4));
    assert_eq!(error("25O131120000000+"), TimeError::Character(2));
    let shown = [
        (TimeError::Length(3), "3 characters where a time has 16"),
        (TimeError::Character(2), "no digit at index 2 of a time"),
        (
            TimeError::Range(4),
            "the part at index 4 of a time is outside its range",
        ),
        (TimeError::Calendar, "a day that the month does not have"),
    ];
    for (error, text) in shown {
        assert_eq!(error.to_string(), text);
    }
}

#[test]
fn the_century_is_the_caller_s() {
    let year = |pivot| match Moment::parse_in(b"380101000000000+", Century::new(pivot).unwrap()) {
        Ok(Moment::Absolute(at)) => at.local().year,
        other => panic!("{other:?}"),
    };
    assert_eq!([38, 39, 0, 100].map(year), [1938, 2038, 1938, 2038]);
    assert_eq!(Century::new(101), None);
}

/// Two digits of a year that the reader takes for one of another century would be a time long past.
#[test]
fn a_year_that_two_digits_cannot_say_is_not_written() {
    let of = |year, century| {
        let local = DateTime::new(year, 12, 31, 23, 59, 59).unwrap();
        Absolute::new_in(local, 9, -48, century)
    };
    let default = Century::default();
    assert_eq!(
        [1937, 1938, 2037, 2038].map(|year| of(year, default).is_some()),
        [false, true, true, false]
    );
    assert_eq!(Absolute::new(DateTime::new(2045, 1, 1, 0, 0, 0).unwrap(), 0, 0), None);
    let pivot = Century::new(100).unwrap();
    assert_eq!(
        [1999, 2000, 2099, 2100].map(|year| of(year, pivot).is_some()),
        [false, true, true, false]
    );
    let at = Absolute::from_unix_in(2_366_841_600, 0, 0, pivot).unwrap();
    assert_eq!((at.local().year, at.unix()), (2045, (2_366_841_600, 0)));
    let written = Moment::Absolute(at).to_time();
    assert_eq!(written.as_bytes(), b"450101000000000+");
    assert_eq!(Moment::parse_in(written.as_bytes(), pivot), Ok(Moment::Absolute(at)));
    assert_eq!(Absolute::from_unix(2_366_841_600, 0, 0), None);
}

#[test]
fn final_date_may_be_local() {
    let local = DateTime::new(2003, 9, 12, 13, 13, 13).unwrap();
    let moment = Moment::parse_final_date(b"030912131313").unwrap();
    assert_eq!(moment, Moment::Local(local));
    assert_eq!(moment.to_time().as_bytes(), b"030912131313");
    assert_eq!(Moment::parse(b"030912131313"), Err(TimeError::Length(12)));
    assert!(Moment::parse_final_date(b"030912131313000+").is_ok());
}

#[test]
fn a_period_is_added_in_the_calendar() {
    let unix = |y, m, d| DateTime::new(y, m, d, 0, 0, 0).unwrap().unix();
    let month = Period::new(0, 1, 0, 0, 0, 0).unwrap();
    assert_eq!(month.after(unix(2023, 1, 31)), Some(unix(2023, 2, 28)));
    assert_eq!(month.after(unix(2023, 12, 31)), Some(unix(2024, 1, 31)));
    let most = Period::new(99, 12, 31, 23, 59, 59).unwrap();
    assert_eq!(most.after(unix(2024, 1, 1)), Some(unix(2124, 1, 1) + 32 * 86_400 - 1));
    assert_eq!(most.after(unix(9999, 1, 1)), None);
    assert_eq!(
        Moment::seconds_from_now(172_800).unwrap().to_time().as_bytes(),
        b"000002000000000R"
    );
    assert_eq!(Moment::seconds_from_now(32 * 86_400), None);
    assert_eq!(Moment::Relative(month).unix(unix(2023, 1, 1)), Some(unix(2023, 2, 1)));
}

#[test]
fn receipts_dates_have_many_forms() {
    let date = |text: &str| ReceiptDate::parse(text.as_bytes()).map(|date| (date.unix(0), date.quarters));
    let at = |seconds| DateTime::new(2018, 7, 11, 7, 0, seconds).unwrap().unix();
    assert_eq!(date("1807110700"), Some((at(0), None)));
    assert_eq!(date("180711070003"), Some((at(3), None)));
    assert_eq!(date("20180711070003"), Some((at(3), None)));
    assert_eq!(date("180711070003912+"), Some((at(3) - 3 * 3600, Some(12))));
    assert_eq!(date("180711070003912-"), Some((at(3) + 3 * 3600, Some(-12))));
    assert_eq!(date("180711070003912"), Some((at(3), None)));
    // Of 14 digits, those of a year that are none: a PDU's time, cut.
    assert_eq!(date("18071107000391"), Some((at(3), None)));
    for text in [
        "",
        "0000000000",
        "YYMMDDhhmm",
        "180711",
        "1813110700",
        "18071107000",
        "1807110700x",
        "...",
    ] {
        assert_eq!(date(text), None, "{text}");
    }
    // Three hours ahead, as the contract says.
    assert_eq!(
        ReceiptDate::parse(b"1807110700").unwrap().unix(3 * 3600),
        at(0) - 3 * 3600
    );
    let _ = Digits::default();
}

#[cfg(feature = "std")]
#[test]
fn system_times_come_back() {
    use std::time::{Duration, SystemTime, UNIX_EPOCH};
    for tenths in [0_u64, 1, 7, 17_000_000_005] {
        for quarters in [-48, 0, 22] {
            let time = UNIX_EPOCH + Duration::from_millis(tenths * 100);
            assert_eq!(
                SystemTime::from(Absolute::from_system_time(time, quarters).unwrap()),
                time
            );
            let before = UNIX_EPOCH - Duration::from_millis(tenths * 100 % 1_000_000_000_000);
            if let Some(at) = Absolute::from_system_time(before, quarters) {
                assert_eq!(SystemTime::from(at), before);
            }
        }
    }
    // What is cut is earlier, on both sides of the epoch.
    let just_before = UNIX_EPOCH - Duration::from_nanos(1);
    assert_eq!(Absolute::from_system_time(just_before, 0).unwrap().unix(), (-1, 9));
    assert_eq!(DateTime::from_system_time(just_before).unwrap().unix(), -1);
    assert_eq!(
        Absolute::from_system_time(UNIX_EPOCH + Duration::from_secs(1 << 40), 0),
        None
    );
}

proptest! {
    #[test]
    fn absolute_times_come_back(seconds in -1_009_843_200_i64..2_145_916_800, tenths in 0..10_u8, quarters in -48..=48_i8) {
        let Some(at) = Absolute::from_unix(seconds, tenths, quarters) else {
            // At the edges, another offset may be in another century.
            prop_assert!(!(-1_009_800_000..=2_145_870_000).contains(&seconds));
            return Ok(());
        };
        prop_assert_eq!(at.unix(), (seconds, tenths));
        prop_assert_eq!(Moment::parse(Moment::Absolute(at).to_time().as_bytes()), Ok(Moment::Absolute(at)));
    }

    #[test]
    fn relative_times_come_back(
        parts in (0..100_u8, 0..13_u8, 0..32_u8, 0..24_u8, 0..60_u8, 0..60_u8), now in 0..4_000_000_000_i64,
    ) {
        let period = Period::new(parts.0, parts.1, parts.2, parts.3, parts.4, parts.5).unwrap();
        prop_assert_eq!(Moment::parse(Moment::Relative(period).to_time().as_bytes()), Ok(Moment::Relative(period)));
        // A year has 365 days or 366, a month 28 to 31.
        let later = period.after(now).unwrap() - now;
        let slack = (i64::from(parts.0) + 2 * i64::from(parts.1) + 2) * 86_400;
        prop_assert!((later - period.seconds()).abs() <= slack);
    }

    #[test]
    fn any_octets_are_no_trouble(text in proptest::collection::vec(any::<u8>(), 0..20)) {
        let _ = (Moment::parse(&text), Moment::parse_final_date(&text), ReceiptDate::parse(&text));
    }

    #[test]
    fn digits_are_no_trouble(text in "[0-9]{10,16}[-+R]?") {
        if let Ok(moment) = Moment::parse(text.as_bytes()) {
            prop_assert_eq!(Moment::parse(moment.to_time().as_bytes()), Ok(moment));
        }
        let _ = (Moment::parse_final_date(text.as_bytes()), ReceiptDate::parse(text.as_bytes()));
    }
}
