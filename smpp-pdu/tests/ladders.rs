//! Every prefix of every golden PDU, and every octet of it changed: no panic, every offset within the input, and the
//! field that is named is the one that was hit.
//!
//! Which one that is, `reading` finds by itself: from fields.csv alone it says of any octets where a reader that goes
//! from left to right first cannot go on, and why. A codec must name that field, that octet and that reason; where
//! `reading` finds no fault, it must decode. Besides, no field is blamed that ends before the octet that was changed.

mod common;
mod reading;

use common::{csv, hex};
use reading::{Fault, Reading};
use smpp_pdu::{Codec, DecodeError, Header, Tolerance, Version};

struct Golden {
    name: String,
    version: Version,
    octets: Vec<u8>,
}

fn goldens() -> Vec<Golden> {
    let rows = csv::spec_or_env("golden_pdus.csv");
    assert!(rows.len() > 100, "only {} rows", rows.len());
    let golden = |row: csv::Row| Golden {
        version: match row["version"].as_str() {
            "3.3" => Version::V33,
            "3.4" => Version::V34,
            "5.0" => Version::V50,
            other => panic!("no such version: {other}"),
        },
        octets: hex(&row["hex"]),
        name: row["name"].clone(),
    };
    rows.into_iter().map(golden).collect()
}

fn codecs(version: Version) -> [Codec; 2] {
    [Tolerance::strict(), Tolerance::field()].map(|tolerance| Codec { version, tolerance })
}

/// The first thing that is wrong: what was forgiven first, or else the error.
fn first(codec: Codec, octets: &[u8]) -> Option<DecodeError> {
    let forgiven = codec.forgiven(octets);
    let error = codec.decode(octets).err();
    for e in forgiven.iter().map(|one| &one.error).chain(&error) {
        assert!(e.offset <= octets.len(), "{e}");
    }
    forgiven.first().map(|one| one.error).or(error)
}

/// Holds the codecs to what `reading` finds, which it gives back.
fn judged(reading: &Reading, version: Version, octets: &[u8], what: &dyn Fn() -> String) -> Option<Fault> {
    let expected = reading.first_fault(version, octets);
    for codec in codecs(version) {
        let found = first(codec, octets).map(|e| (e.field.to_string(), e.offset, e.kind));
        let listed = expected
            .as_ref()
            .map(|fault| (fault.field.clone(), fault.offset, fault.kind));
        assert_eq!(found, listed, "{} {:?}", what(), codec.tolerance);
    }
    // To an error response all is forgiven; to others nothing, where the codec is strict.
    let error_response =
        Header::peek(octets).is_some_and(|(id, header)| id.is_response() && header.command_status.0 != 0);
    let [strict, _] = codecs(version);
    assert_eq!(
        strict.decode(octets).is_ok(),
        expected.is_none() || error_response,
        "{}",
        what()
    );
    expected
}

/// All that can be done with what was read: none of it panics.
fn look_at_all(version: Version, octets: &[u8]) {
    for codec in codecs(version) {
        if let Ok(decoded) = codec.decode(octets) {
            let _ = decoded.pdu.check(version);
            let shown = format!(
                "{decoded:?} {decoded:#?} {:?} {:#?}",
                decoded.reveal(),
                decoded.reveal()
            );
            assert!(shown.len() > 100, "{shown}");
            assert_eq!(codec.decode_bytes(&octets.to_vec().into()), Ok(decoded.into_owned()));
        }
    }
}

#[test]
fn every_prefix() {
    let reading = Reading::new();
    let mut faults = 0;
    for Golden { name, version, octets } in goldens() {
        assert_eq!(reading.first_fault(version, &octets), None, "{name}");
        for n in 0..octets.len() {
            let fault = judged(&reading, version, &octets[..n], &|| format!("{name} cut at {n}"));
            faults += usize::from(fault.is_some());
        }
    }
    assert!(faults > 10_000, "only {faults}");
}

#[test]
fn every_changed_octet() {
    let reading = Reading::new();
    let (mut elsewhere, mut here) = (0, 0);
    for Golden { name, version, octets } in goldens() {
        for n in 0..octets.len() {
            let old = octets[n];
            for new in [0, 1, 2, 0x7f, 0x80, 0xff, old.wrapping_add(1), old.wrapping_sub(1)] {
                let mut changed = octets.clone();
                changed[n] = new;
                let what = || format!("{name} with {new:#04x} at {n}");
                if new == 0xff {
                    look_at_all(version, &changed);
                }
                let Some(fault) = judged(&reading, version, &changed, &what) else {
                    continue;
                };
                // Up to the octet all is as it was, and was well.
                assert!(fault.ends > n, "{}: {fault:?}", what());
                if fault.starts <= n { here += 1 } else { elsewhere += 1 }
            }
        }
    }
    // A fault in the field itself, and one behind it that comes of a length, a count, a flag or a NUL.
    assert!(here > 1_000 && elsewhere > 1_000, "{here} and {elsewhere}");
}

/// `reading` itself, where it is easy to see what must come out.
#[test]
fn what_is_read() {
    let reading = Reading::new();
    let fault = |octets: &[u8]| {
        let fault = reading.first_fault(Version::V34, octets).unwrap();
        (fault.field, fault.offset)
    };
    assert_eq!(fault(&[0; 10]), ("command_status".into(), 8));
    assert_eq!(fault(&common::frame(0x8000_0004, 0, b"")), (String::new(), 16));
    assert_eq!(fault(&common::frame(0x8000_0004, 0, b"id")), ("message_id".into(), 16));
    assert_eq!(fault(&common::frame(4, 0, b"service\0")), ("service_type".into(), 16));
    assert_eq!(fault(&common::frame(4, 0, b"\0\x01")), ("source_addr_npi".into(), 18));
    assert_eq!(
        fault(&common::frame(0x21, 0, b"\0\0\0\0\x02\x02l\0\x03")),
        ("dest_flag".into(), 24)
    );
    assert_eq!(fault(&common::frame(0x15, 0, b"\x01\x02\0\x09")), ("tlvs".into(), 16));
    assert_eq!(
        reading.first_fault(Version::V34, &common::frame(0x8000_0004, 8, b"")),
        None
    );
    assert_eq!(
        reading.first_fault(Version::V34, &common::frame(0x999, 0, b"any")),
        None
    );
}
