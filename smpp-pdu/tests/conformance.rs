//! docs/conformance.md says what the code's tables say. `CONFORMANCE=write` writes it anew.

mod common;

use common::{csv, csv::number};
use smpp_pdu::{CommandId, Version, tlv};
use std::fmt::Write;

const HEAD: &str = "# Conformance

What is supported of SMPP 3.3, 3.4 and 5.0, per PDU, field and TLV. A test of the codec (`conformance`) compares this
page with the code's tables, and those are held to the specifications' (`tables`): `CONFORMANCE=write cargo test -p
smpp-pdu --test conformance` writes it anew.

Supported means, of every PDU: decoded as view and as owned value, encoded, printed, checked. Codes are open: a value
that the specification reserves survives, and `check(version)` says so. The three operations that only v3.3 has
(param_retrieve, query_last_msgs, query_msg_details) and what vendors add are kept whole, and written as they came.
bind_transceiver is known to 3.3 as well: peers state 0x33 whatever they do, and must be answered.

";

fn page() -> String {
    let mut page = String::from(HEAD);
    let (fields, commands) = (csv::spec("fields.csv"), csv::spec("commands.csv"));
    page.push_str(
        "## PDUs and their fields\n\nSizes are octets, a C-octet string's with its NUL, of 3.3 / 3.4 / 5.0.\n\n",
    );
    page.push_str("| PDU | id | in | v3.4 | v5.0 | fields |\n|---|---|---|---|---|---|\n");
    for row in &commands {
        let (id, name) = (CommandId(number(&row["command_id"])), &row["name"]);
        let versions = [(Version::V33, "3.3"), (Version::V34, "3.4"), (Version::V50, "5.0")];
        let versions: Vec<_> = versions
            .iter()
            .filter(|(version, _)| id.is_in(*version))
            .map(|(_, name)| *name)
            .collect();
        let supported = if id.since().is_none() {
            "3.3, kept whole".to_string()
        } else {
            versions.join(" ")
        };
        let own = fields
            .iter()
            .filter(|row| row["pdu"] == *name && row["parent"].is_empty() && row["field"] != "(none)");
        let list: Vec<String> = own.map(field).collect();
        let list = if list.is_empty() { "–".into() } else { list.join(", ") };
        let (v34, v50) = (&row["section_v34"], &row["section_v50"]);
        writeln!(
            page,
            "| {name} | {:#010x} | {supported} | {v34} | {v50} | {list} |",
            id.0
        )
        .unwrap();
    }
    page.push_str("\n## TLVs\n\nOctets of the value in 3.4 and in 5.0, and the PDUs that list it. All are typed keys of `smpp_pdu::tlv`.\n\n");
    page.push_str("| tag | TLV | 3.4 | 5.0 | repeats | in |\n|---|---|---|---|---|---|\n");
    for info in tlv::TABLE {
        let range = |(min, max)| {
            if min == max {
                format!("{min}")
            } else {
                format!("{min}–{max}")
            }
        };
        let v34 = info.v34.map_or_else(|| "–".into(), range);
        let mut pdus: Vec<String> = Vec::new();
        for places in tlv::PLACES.iter().filter(|places| places.tags.contains(&info.tag)) {
            let pdu = places.command.to_string();
            let pdu = if places.v50.max(places.v34) == tlv::Place::Mandatory {
                format!("**{pdu}**")
            } else {
                pdu
            };
            let excluded = places.v34.max(places.v50) == tlv::Place::Excluded;
            if !excluded && !pdus.contains(&pdu) {
                pdus.push(pdu);
            }
        }
        let (repeats, v50) = (if info.repeats { "yes" } else { "" }, range(info.v50));
        writeln!(
            page,
            "| {:#06x} | {} | {v34} | {v50} | {repeats} | {} |",
            info.tag,
            info.name,
            pdus.join(", ")
        )
        .unwrap();
    }
    page.push_str("\nBold: mandatory. A TLV that a PDU does not list is kept, and ignored by `check` (R040); others' tags are\nkept, and read by keys of the user's own.\n");
    page
}

fn field(row: &csv::Row) -> String {
    let sizes = ["max_octets_v33", "max_octets_v34", "max_octets_v50"].map(|column| row[column].as_str());
    let integer = matches!(row["type"].as_str(), "u8" | "u32");
    let listed: Vec<&str> = sizes
        .into_iter()
        .map(|size| if size.is_empty() { "–" } else { size })
        .collect();
    let some = listed.iter().find(|size| **size != "–").unwrap();
    let same = listed.iter().all(|size| size == some || *size == "–");
    match (integer, same) {
        (true, _) => row["field"].clone(),
        (_, true) => format!("{} ≤ {}", row["field"], some),
        _ => format!("{} ≤ {}", row["field"], listed.join("/")),
    }
}

#[test]
fn the_page_is_true() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/conformance.md");
    let page = page();
    if std::env::var_os("CONFORMANCE").is_some_and(|value| value == "write") {
        std::fs::write(&path, &page).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        page,
        "CONFORMANCE=write writes docs/conformance.md anew"
    );
}
