//! Every PDU of golden_pdus.csv: decodes to the fields and TLVs that are listed, re-encodes to the same octets, as view
//! and as owned.

mod common;

use bytes::Bytes;
use common::{csv, hex};
use serde_json::Value;
use smpp_pdu::{Codec, FieldValue, Pdu, Tolerance, Version, tlv};

fn version(name: &str) -> Version {
    match name {
        "3.3" => Version::V33,
        "3.4" => Version::V34,
        "5.0" => Version::V50,
        other => panic!("no such version: {other}"),
    }
}

fn codec(version: Version) -> Codec {
    Codec {
        version,
        tolerance: Tolerance::strict(),
    }
}

/// A golden PDU.
struct Golden {
    name: String,
    version: Version,
    pdu: String,
    octets: Vec<u8>,
    fields: Vec<(String, Value)>,
    tlvs: Vec<(String, Value)>,
}

fn goldens() -> Vec<Golden> {
    let rows = csv::spec_or_env("golden_pdus.csv");
    assert!(rows.len() > 100, "only {} rows", rows.len());
    let golden = |row: csv::Row| Golden {
        version: version(&row["version"]),
        octets: hex(&row["hex"]),
        fields: serde_json::from_str(&row["fields"]).unwrap(),
        tlvs: serde_json::from_str(&row["tlvs"]).unwrap(),
        name: row["name"].clone(),
        pdu: row["pdu"].clone(),
    };
    rows.into_iter().map(golden).collect()
}

fn digits(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// As the table writes it: numbers as numbers, C-octet strings as text, other octets in hex.
fn written(value: &FieldValue<'_>) -> Value {
    match *value {
        FieldValue::Integer(number, _) => number.into(),
        FieldValue::Text(octets) => digits(octets).into(),
        FieldValue::String(octets) | FieldValue::Address(octets) | FieldValue::Secret(octets) => {
            String::from_utf8(octets.to_vec()).unwrap().into()
        }
        FieldValue::Tlv(tag, octets) => match tlv_type(tag).as_str() {
            "u8" | "u16" | "u32" | "bitmask8" => octets.iter().fold(0, |n, &o| n << 8 | u64::from(o)).into(),
            "cstr" => String::from_utf8(octets[..octets.len() - 1].to_vec()).unwrap().into(),
            _ => digits(octets).into(),
        },
        ref other => panic!("{other:?}"),
    }
}

fn tlv_type(tag: u16) -> String {
    let rows = csv::spec("tlvs.csv");
    let row = rows.iter().find(|row| csv::number(&row["tag"]) == u32::from(tag));
    row.map_or_else(|| "octets".into(), |row| row["type"].clone())
}

#[test]
fn decode_to_what_is_listed() {
    for golden in goldens() {
        let name = &golden.name;
        let decoded = codec(golden.version)
            .decode(&golden.octets)
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(decoded.forgiven.is_empty(), "{name}");
        if let Pdu::Unknown(unknown) = &decoded.pdu {
            // What only v3.3 has is kept whole.
            assert_eq!(
                (golden.version, unknown.body),
                (Version::V33, &golden.octets[16..]),
                "{name}"
            );
            assert_eq!(format!("{:?}", unknown.command_id), golden.pdu);
            continue;
        }
        assert_eq!(format!("{:?}", decoded.pdu.command_id()), golden.pdu, "{name}");
        let (mut fields, mut tlvs) = (Vec::new(), Vec::new());
        decoded.pdu.each_field(|field, value| match value {
            FieldValue::Tlv(tag, _) => {
                assert_eq!(tlv::info(tag).map_or("", |info| info.name), field);
                let field = if field.is_empty() {
                    format!("{tag:#06x}")
                } else {
                    field.into()
                };
                tlvs.push((field, written(&value)));
            }
            _ => fields.push((field.to_string(), written(&value))),
        });
        assert_eq!(fields, golden.fields, "{name}");
        assert_eq!(tlvs, golden.tlvs, "{name}");
        // Printed as a table, each field has its line.
        let printed = format!("{:#?}", decoded.pdu.reveal());
        assert_eq!(printed.lines().count(), 1 + fields.len() + tlvs.len(), "{printed}");
    }
}

#[test]
fn encode_to_the_same_octets() {
    for golden in goldens() {
        let (codec, octets, name) = (codec(golden.version), &golden.octets, &golden.name);
        let view = codec.decode(octets).unwrap();
        let owned = view.clone().into_owned();
        assert_eq!(
            codec.decode_bytes(&Bytes::from(octets.clone())).unwrap(),
            owned,
            "{name}"
        );
        let mut out = vec![0xff; octets.len() + 64];
        let mut same = |encode: &dyn Fn(&mut [u8]) -> usize| {
            out.fill(0xff);
            let len = encode(&mut out);
            assert_eq!(out[..len], octets[..], "{name}");
            assert!(out[len..].iter().all(|&octet| octet == 0xff), "{name}");
        };
        same(&|out| codec.encode_to(view.header, &view.pdu, out).unwrap());
        same(&|out| codec.encode_to(owned.header, &owned.pdu, out).unwrap());
    }
}

#[test]
fn typical_ones_pass_the_check() {
    for golden in goldens().iter().filter(|golden| golden.name.contains("_typ_")) {
        let decoded = codec(golden.version).decode(&golden.octets).unwrap();
        assert_eq!(decoded.pdu.check(golden.version), Ok(()), "{}", golden.name);
    }
}
