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

    #[test]
    fn any_octets_pass(script in prop::collection::vec(any::<u8>(), 0..600)) {
        fuzzing::session(&script);
    }
}
