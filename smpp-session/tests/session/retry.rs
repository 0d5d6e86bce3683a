//! The classes of `retry.rs` against a copy of the table that this project decides by: row by row, and back from every
//! status that a PDU can have within the ranges that the specification has.

use smpp_pdu::CommandStatus;
use smpp_session::{BindRetry, Retry};
use std::collections::BTreeMap;

const TABLE: &str = include_str!("../spec/retry.csv");

const CLASSES: [(&str, Retry); 4] = [
    ("retry", Retry::Later),
    ("retry_slower", Retry::Slower),
    ("final", Retry::Never),
    ("final_for_destination", Retry::NeverToDestination),
];
const BINDS: [(&str, BindRetry); 4] = [
    ("permanent", BindRetry::Permanent),
    ("contended", BindRetry::Contended),
    ("transient", BindRetry::Transient),
    ("other_bind_type", BindRetry::OtherBindType),
];

type Classes = (Retry, Retry, BindRetry);

/// What a status without a row means: a vendor's own, or one that nobody knows.
const UNLISTED: Classes = (Retry::Never, Retry::Never, BindRetry::Transient);

fn of<T: Copy>(names: &[(&str, T)], name: &str) -> T {
    let found = names.iter().find(|(known, _)| *known == name);
    found.unwrap_or_else(|| panic!("no class {name}")).1
}

fn ours(status: CommandStatus) -> Classes {
    (
        Retry::of_submission(status),
        Retry::of_delivery(status),
        BindRetry::of(status),
    )
}

fn table() -> BTreeMap<u32, Classes> {
    let mut table = BTreeMap::new();
    for row in TABLE.lines().skip(1) {
        let cells: Vec<_> = row.splitn(6, ',').collect();
        let code = u32::from_str_radix(cells[0].strip_prefix("0x").unwrap(), 16).unwrap();
        let name = CommandStatus::NAMES.iter().find(|(status, _)| status.0 == code);
        assert_eq!(name.unwrap().1, cells[1]);
        let classes = (of(&CLASSES, cells[2]), of(&CLASSES, cells[3]), of(&BINDS, cells[4]));
        assert_eq!(table.insert(code, classes), None, "{row} twice");
    }
    table
}

#[test]
fn every_row_and_nothing_else() {
    let table = table();
    for code in 0..=0xffff {
        let listed = table.get(&code).copied().unwrap_or(UNLISTED);
        assert_eq!(ours(CommandStatus(code)), listed, "{}", CommandStatus(code));
    }
    for code in [0x0001_0000, 0x8000_0008, u32::MAX] {
        assert_eq!(ours(CommandStatus(code)), UNLISTED, "{code:#x}");
    }
    // Each status that has a name has a row, or the table says nothing of one that peers send.
    for (status, name) in CommandStatus::NAMES {
        assert!(
            *status == CommandStatus::ESME_ROK || table.contains_key(&status.0),
            "{name}"
        );
    }
}

#[test]
fn each_class_reads_well() {
    let sentences = [
        Retry::Unsent,
        Retry::Later,
        Retry::Slower,
        Retry::Never,
        Retry::NeverToDestination,
        Retry::MayDouble,
    ]
    .map(|class| class.to_string());
    assert_eq!(
        sentences,
        [
            "not sent",
            "refused for now",
            "refused for now, and the peer is asked too much",
            "refused",
            "refused, with all for the same destination",
            "perhaps there already",
        ]
    );
    assert_eq!(
        BINDS.map(|(_, class)| class.to_string()),
        [
            "permanent",
            "contended",
            "transient",
            "another type of bind may be offered"
        ]
    );
}
