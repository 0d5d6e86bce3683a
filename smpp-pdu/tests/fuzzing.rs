//! The bodies of the fuzz targets over the golden PDUs and the tables of texts, receipts and times, whole and changed:
//! what they look for holds without a fuzzer too.
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

/// What the targets of texts, long messages, receipts and times start from: the tables of the specification.
static TABLES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let receipts = csv::spec("delivery_receipt_variants.csv")
        .into_iter()
        .map(|row| row["example"].clone());
    let times = csv::spec("time_examples.csv")
        .into_iter()
        .map(|row| row["value"].clone());
    let character = |row: &csv::Row| {
        let number = u32::from_str_radix(row["codepoint"].strip_prefix("U+")?, 16);
        char::from_u32(number.unwrap())
    };
    let national = csv::spec("gsm_national.csv");
    let tables = (0..14).map(|language| {
        let rows = national.iter().filter(|row| row["nli"] == language.to_string());
        rows.filter_map(character).collect()
    });
    let default: String = csv::spec("gsm_default.csv").iter().filter_map(character).collect();
    let long = default.repeat(3);
    receipts
        .chain(times)
        .chain(tables)
        .chain([default, long])
        .map(String::into_bytes)
        .collect()
});

fn all_of_texts(octets: &[u8]) {
    fuzzing::text(octets);
    fuzzing::udh_reassembly(octets);
    fuzzing::receipt(octets);
    fuzzing::time(octets);
}

#[test]
fn tables_pass() {
    for row in TABLES.iter() {
        all_of_texts(row);
        // Behind every alphabet, some tables, and every mode; behind a receipt's esm_class.
        for alphabet in 0..10 {
            for (tables, mode) in [(0, 0), (0x11, 1), (0x1d, 2), (0xd0, 3), (0x4c, 4)] {
                all_of_texts(&[&[alphabet, tables, mode], &row[..]].concat());
            }
        }
        all_of_texts(&[&[4, 0, 0], &row[..]].concat());
    }
}

proptest! {
    #[test]
    fn changed_tables_pass(
        row in prop::sample::select(&TABLES[..]), start in any::<[u8; 3]>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
    ) {
        let mut octets = [&start, &row[..]].concat();
        for (at, octet) in changes {
            let at = at.index(octets.len());
            octets[at] = octet;
        }
        all_of_texts(&octets);
        all_of_texts(octets.get(3..).unwrap_or_default());
    }

    #[test]
    fn any_octets_are_any_texts(octets in prop::collection::vec(any::<u8>(), 0..600)) {
        all_of_texts(&octets);
    }
}
