//! The bodies of the fuzz targets over the golden PDUs, whole and changed: what they look for holds without a fuzzer too.
//! Wants the feature `fuzzing`.
#![cfg(feature = "fuzzing")]

mod common;

use common::{csv, hex};
use proptest::prelude::*;
use smpp_pdu::fuzzing;
use std::sync::LazyLock;

static GOLDENS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let rows = csv::spec("golden_pdus.csv");
    rows.iter().map(|row| hex(&row["hex"])).collect()
});

fn all(octets: &[u8]) {
    fuzzing::pdu_roundtrip(octets);
    fuzzing::profile(octets);
    fuzzing::tlv(octets.get(16..).unwrap_or_default());
}

#[test]
fn goldens_pass() {
    GOLDENS.iter().for_each(|golden| all(golden));
    fuzzing::frame(&GOLDENS.concat());
}

proptest! {
    #[test]
    fn changed_goldens_pass(
        golden in prop::sample::select(&GOLDENS[..]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        end in any::<prop::sample::Index>(),
        cut in prop::bool::weighted(0.3),
    ) {
        let mut octets = golden;
        for (at, octet) in changes {
            let at = at.index(octets.len());
            octets[at] = octet;
        }
        if cut {
            octets.truncate(end.index(octets.len()));
        }
        all(&octets);
        fuzzing::frame(&octets);
    }

    #[test]
    fn any_octets_pass(octets in prop::collection::vec(any::<u8>(), 0..300)) {
        all(&octets);
        fuzzing::frame(&octets);
    }
}
