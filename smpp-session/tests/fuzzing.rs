//! The body of the fuzz target over its seeds, whole and changed, and over any octets: what it looks for holds without a
//! fuzzer too. Wants the feature `fuzzing`.
#![cfg(feature = "fuzzing")]

use proptest::prelude::*;
use smpp_session::fuzzing;
use std::sync::LazyLock;

static SEEDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let seeds = include_str!("fuzzing/session.txt");
    let lines = seeds.lines().map(|line| line.split('#').next().unwrap().trim());
    lines.filter(|line| !line.is_empty()).map(hex).collect()
});

fn hex(line: &str) -> Vec<u8> {
    line.split_whitespace()
        .flat_map(|word| {
            let octets = word.as_bytes().chunks(2);
            octets.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        })
        .collect()
}

#[test]
fn seeds_pass() {
    assert!(SEEDS.len() > 10);
    SEEDS.iter().for_each(|seed| fuzzing::session(seed));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changed_seeds_pass(
        seed in prop::sample::select(&SEEDS[..]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        more in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        let mut script = seed;
        for (at, octet) in changes {
            let at = at.index(script.len());
            script[at] = octet;
        }
        script.extend(more);
        fuzzing::session(&script);
    }

    /// An ESME that asks many at a time, and a centre that answers them in a row, with much else between: a nack, a stray, a
    /// request, an unbind.
    #[test]
    fn answers_in_a_row_pass(
        side in prop::sample::select(&[0x02, 0x06, 0x12, 0x16][..]),
        limits in prop::sample::select(&[0x07, 0x0f, 0x27, 0x8f][..]),
        rounds in prop::collection::vec(
            (1u8..8, prop::collection::vec((0u8..40, 0u8..20), 2..15), 0u8..8),
            1..12,
        ),
    ) {
        let taken = [0x05, 0x06, 0xff];
        let mut script = vec![side, limits, 0x00, 0x00];
        script.extend(taken);
        script.extend([0x09, if side & 4 == 0 { 0x16 } else { 0x18 }, 0x01]);
        let mut number = 2u8;
        for (asked, row, then) in rounds {
            script.extend([0x00, 0x05].repeat(asked.into()));
            script.extend(taken);
            script.push((row.len() as u8) << 4 | 0x0f);
            for (which, other) in row {
                let which = match which {
                    0 => 0x10,
                    1 => 0x06,
                    2 => 0x09,
                    3 => 0x0a,
                    4 => 0x1b,
                    5 => 0x14,
                    6 => 0x1e,
                    _ => 0x11,
                };
                script.extend([which, if other == 0 { 0x63 } else { number }]);
                number = number.wrapping_add(1);
            }
            number = number.wrapping_sub(3);
            match then {
                0 => script.extend([0x08, 0x78]),
                1 => script.extend([0x07, 0x96]),
                2 => script.push(0xbe),
                _ => script.extend(taken),
            }
        }
        fuzzing::session(&script);
    }

    #[test]
    fn any_octets_pass(script in prop::collection::vec(any::<u8>(), 0..600)) {
        fuzzing::session(&script);
    }
}
