//! Times as the specification writes them: `YYMMDDhhmmsstnnp` (v3.4 §7.1.1, v5.0 §4.7.23.4).

/// A date, and how far that clock is from UTC; a day that its month does not have is none.
pub(crate) fn is_absolute(octets: &[u8]) -> bool {
    let Some((clock, [b'0'..=b'9', tens, ones, b'+' | b'-'])) = octets.split_first_chunk::<12>() else {
        return false;
    };
    let quarters = number([*tens, *ones]);
    is_date(clock) && quarters.is_some_and(|quarters| quarters <= 48)
}

/// Years, months, days, hours, minutes and seconds from now (v3.4 §7.1.1.2, v5.0 §4.7.23.5). Tenths and difference are
/// ignored, as long as they are digits.
pub(crate) fn is_relative(octets: &[u8]) -> bool {
    let Some((clock, [b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b'R'])) = octets.split_first_chunk::<12>() else {
        return false;
    };
    let most = [99, 12, 31, 23, 59, 59];
    parts(clock).is_some_and(|parts| parts.iter().zip(most).all(|(&part, most)| part <= most))
}

/// Absolute, or the centre's own time in 12 characters (v3.3 §7.5, v3.4 §7.1.1).
pub(crate) fn is_final_date(octets: &[u8]) -> bool {
    is_absolute(octets) || octets.try_into().is_ok_and(is_date)
}

fn is_date(clock: &[u8; 12]) -> bool {
    let Some([year, month, day, hour, minute, second]) = parts(clock) else {
        return false;
    };
    // Between 1938 and 2037 each fourth year is a leap year.
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 => 29,
        2 => 28,
        _ => return false,
    };
    (1..=days).contains(&day) && hour < 24 && minute < 60 && second < 60
}

fn parts(clock: &[u8; 12]) -> Option<[u8; 6]> {
    let mut parts = [0; 6];
    for (part, digits) in parts.iter_mut().zip(clock.as_chunks::<2>().0) {
        *part = number(*digits)?;
    }
    Some(parts)
}

fn number(digits: [u8; 2]) -> Option<u8> {
    let [tens, ones] = digits.map(|digit| digit.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| tens * 10 + ones)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for good in [b"250131120000000+", b"240229235959948-", b"000229000000000+"] {
            assert!(is_absolute(good) && !is_relative(good));
        }
        for good in [b"000001000000000R", b"991231235959999R", b"000000000000000R"] {
            assert!(is_relative(good) && !is_absolute(good));
        }
        let bad: [&[u8]; 11] = [
            b"\xff50131120000000+",
            b"251331120000000+",
            b"250131120000049+",
            b"250229120000000+",
            b"250100120000000+",
            b"250131240000000+",
            b"250131126000000+",
            b"25013112000000+",
            b"250131120000000Z",
            b"2501311200000 0+",
            b"001301000000000R",
        ];
        for bad in bad {
            assert!(!is_absolute(bad) && !is_relative(bad), "{}", bad.escape_ascii());
        }
        assert!(is_final_date(b"250131120000") && is_final_date(b"250131120000000+"));
        assert!(!is_final_date(b"250132120000") && !is_final_date(b"000001000000000R"));
    }
}
