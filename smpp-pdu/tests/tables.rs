//! The code's tables beside those of the specification, row by row: a row that is missing fails, and one too many.

mod common;

use common::{csv, csv::number, frame};
use smpp_pdu::*;
use std::collections::{BTreeMap, BTreeSet};

/// Not in v3.3, but known to it here: peers state 0x33 whatever they do, and must be answered.
const TO_3_3_TOO: [&str; 2] = ["bind_transceiver", "bind_transceiver_resp"];

#[test]
fn commands() {
    let rows = csv::spec("commands.csv");
    let listed: BTreeMap<u32, &str> = rows
        .iter()
        .map(|row| (number(&row["command_id"]), row["name"].as_str()))
        .collect();
    let ours: BTreeMap<u32, &str> = CommandId::NAMES.iter().map(|(id, name)| (id.0, *name)).collect();
    assert_eq!(ours, listed);
    for row in &rows {
        let id = CommandId(number(&row["command_id"]));
        let since = match row["since"].as_str() {
            _ if row["until"] == "3.3" => None,
            "3.3" => Some(Version::V33),
            _ if TO_3_3_TOO.contains(&row["name"].as_str()) => Some(Version::V33),
            "3.4" => Some(Version::V34),
            "5.0" => Some(Version::V50),
            other => panic!("{other}"),
        };
        assert_eq!(id.since(), since, "{id}");
        assert_eq!(
            id.is_response(),
            matches!(row["kind"].as_str(), "response" | "nack"),
            "{id}"
        );
        if !row["response_id"].is_empty() {
            assert_eq!(id.response(), CommandId(number(&row["response_id"])), "{id}");
        }
    }
}

#[test]
fn statuses() {
    let rows = csv::spec("command_status.csv");
    let name = |row: &csv::Row| {
        if row["name_v50"].is_empty() {
            row["name_v34"].clone()
        } else {
            row["name_v50"].clone()
        }
    };
    let listed: BTreeMap<u32, String> = rows.iter().map(|row| (number(&row["code"]), name(row))).collect();
    let ours = CommandStatus::NAMES
        .iter()
        .map(|(status, name)| (status.0, name.to_string()));
    assert_eq!(ours.collect::<BTreeMap<_, _>>(), listed);
}

#[test]
fn tlvs() {
    let octets = |row: &csv::Row, version: &str| {
        let cell = |most: &str| row[&format!("{most}_len_{version}")].parse::<u16>().ok();
        cell("min").zip(cell("max"))
    };
    let listed: Vec<_> = csv::spec("tlvs.csv")
        .iter()
        .map(|row| {
            let repeats = row["repeatable"] != "no";
            let lengths = (octets(row, "v34"), octets(row, "v50").unwrap());
            (number(&row["tag"]), row["name"].clone(), lengths, repeats)
        })
        .collect();
    let ours = tlv::TABLE.iter().map(|info| {
        (
            info.tag.into(),
            info.name.to_string(),
            (info.v34, info.v50),
            info.repeats,
        )
    });
    assert_eq!(ours.collect::<Vec<_>>(), listed);
    assert!(tlv::TABLE.iter().all(|info| tlv::info(info.tag) == Some(info)));
    assert_eq!(tlv::info(0x1400), None);
}

#[test]
fn places_of_tlvs() {
    let listed: BTreeSet<_> = csv::spec("tlv_pdus.csv")
        .iter()
        .map(|row| {
            let way = row["direction"].clone();
            (
                row["pdu"].clone(),
                way,
                number(&row["tag"]),
                row["v34"].clone(),
                row["v50"].clone(),
            )
        })
        .collect();
    let word = |place| match place {
        tlv::Place::Excluded => "no",
        tlv::Place::Unlisted => "",
        tlv::Place::Optional => "optional",
        tlv::Place::Conditional => "conditional",
        tlv::Place::Mandatory => "mandatory",
    };
    let way = |direction| match direction {
        tlv::Direction::ToSmsc => "esme_to_mc",
        tlv::Direction::ToEsme => "mc_to_esme",
        tlv::Direction::Both => "both",
    };
    let mut ours = BTreeSet::new();
    for row in tlv::PLACES {
        for &tag in row.tags {
            let (v34, v50) = (word(row.v34).to_string(), word(row.v50).to_string());
            let new = ours.insert((
                row.command.to_string(),
                way(row.direction).to_string(),
                tag.into(),
                v34,
                v50,
            ));
            assert!(new, "{tag:#06x} twice in {}", row.command);
        }
    }
    assert_eq!(ours, listed);
    let place = |command, version| tlv::place(tlv::MESSAGE_PAYLOAD, command, version);
    assert_eq!(place(CommandId::DATA_SM, Version::V50), tlv::Place::Conditional);
    assert_eq!(place(CommandId::DATA_SM, Version::V33), tlv::Place::Unlisted);
    assert_eq!(place(CommandId::QUERY_SM, Version::V50), tlv::Place::Unlisted);
}

/// Name and mask (none is 0) and value, of each named value of each enumeration.
fn enums() -> BTreeMap<&'static str, BTreeSet<(String, u32, u32)>> {
    let mut all = BTreeMap::new();
    macro_rules! names {
        ($($spelt:literal $code:ident)*) => { $(
            let names = $code::NAMES.iter().map(|(code, name)| (name.to_string(), 0, u32::from(code.0)));
            all.insert($spelt, names.collect());
        )* };
    }
    macro_rules! parts {
        ($($spelt:literal $code:ident)*) => { $(
            let parts = $code::PARTS.iter();
            let parts = parts.map(|(mask, code, name)| (name.to_string(), u32::from(*mask), u32::from(code.0)));
            all.insert($spelt, parts.collect());
        )* };
    }
    names! {
        "ton" Ton "npi" Npi "data_coding" DataCoding "message_state" MessageState "addr_subunit" AddrSubunit
        "network_type" NetworkType "bearer_type" BearerType "payload_type" PayloadType
        "privacy_indicator" PrivacyIndicator "subaddress_tag" SubaddressTag "language_indicator" LanguageIndicator
        "dpf_result" DpfResult "set_dpf" SetDpf "ms_availability_status" MsAvailabilityStatus
        "network_error_type" NetworkErrorType "delivery_failure_reason" DeliveryFailureReason
        "more_messages_to_send" MoreMessagesToSend "display_time" DisplayTime "ms_validity" MsValidity
        "ms_validity_unit" MsValidityUnit "alert_on_message_delivery" AlertOnMessageDelivery
        "its_reply_type" ItsReplyType "ussd_service_op" UssdServiceOp
        "dest_addr_np_resolution" DestAddrNpResolution "broadcast_channel_indicator" BroadcastChannelIndicator
        "broadcast_network_type" BroadcastNetworkType "broadcast_content_type" BroadcastContentType
        "broadcast_frequency_unit" BroadcastFrequencyUnit "broadcast_area_format" BroadcastAreaFormat
        "broadcast_message_class" BroadcastMessageClass
    }
    parts! {
        "esm_class" EsmClass "registered_delivery" RegisteredDelivery "ms_msg_wait_facilities" MsMsgWaitFacilities
        "callback_num_pres_ind" CallbackNumPresInd
    }
    all
}

#[test]
fn enumerations() {
    let mut listed: BTreeMap<String, BTreeSet<(String, u32, u32)>> = BTreeMap::new();
    for row in csv::spec("enums.csv") {
        // What is reserved has no name, what is a range or depends on the direction no value.
        let single = row["value"].starts_with("0x") && !row["value"].contains(['.', ' ']);
        if single && !row["symbol"].ends_with("reserved") && row["symbol"] != "type_reserved" {
            let mask = if row["mask"].is_empty() {
                0
            } else {
                number(&row["mask"])
            };
            let value = (row["symbol"].clone(), mask, number(&row["value"]));
            listed.entry(row["enum"].clone()).or_default().insert(value);
        }
    }
    let mut ours = enums();
    // Spelt "reserved", but a value of its own among three.
    let pres_ind = ours.get_mut("callback_num_pres_ind").unwrap();
    assert!(pres_ind.remove(&("presentation_reserved".into(), 0x0c, 0x0c)));
    for (name, values) in &ours {
        assert_eq!(Some(values), listed.get(*name), "{name}");
    }
    // What is no code of its own: a range of loads, and octets that `check` judges.
    let others = [
        "broadcast",
        "congestion_state",
        "dest_flag",
        "interface_version",
        "priority_flag",
        "replace_if_present_flag",
        "sm_default_msg_id",
    ];
    for name in listed.keys().filter(|name| !name.starts_with("gsm_")) {
        assert!(
            ours.contains_key(name.as_str()) || others.contains(&name.as_str()),
            "{name} is not in the code"
        );
    }
}

#[test]
fn loads() {
    for row in csv::spec("enums.csv")
        .iter()
        .filter(|row| row["enum"] == "congestion_state")
    {
        let (low, high) = row["value"].split_once("..=").unwrap_or((&row["value"], &row["value"]));
        for load in number(low)..=number(high) {
            let name = CongestionState(load as u8).name().unwrap_or("reserved");
            // 90 is in two rows: it counts as nearing.
            let two = load == 90 && row["symbol"] == "optimum";
            assert_eq!(name, if two { "nearing" } else { row["symbol"].as_str() }, "{load}");
        }
    }
}

#[test]
fn times() {
    for row in csv::spec("time_examples.csv") {
        let octets = row.get("text").or(row.get("value")).or(row.get("time")).unwrap();
        let fits = matches!(octets.len(), 0 | 16);
        let time = Time::new(octets.as_str()).unwrap();
        let sm = SubmitSm {
            schedule_delivery_time: time,
            ..SubmitSm::default()
        };
        let valid = fits && sm.check(Version::V34).is_ok();
        assert_eq!(valid, row["valid"] == "yes" || row["valid"] == "true", "{row:?}");
    }
}

/// The largest sizes that decoding takes, and the names of the fields: of each PDU in each version, found by trying.
#[test]
fn fields() {
    let rows = csv::spec("fields.csv");
    let names: BTreeSet<&str> = rows.iter().map(|row| row["pdu"].as_str()).collect();
    for name in names.into_iter().filter(|name| *name != "(header)") {
        let id = *CommandId::NAMES
            .iter()
            .find(|(_, spelt)| *spelt == name)
            .map(|(id, _)| id)
            .unwrap();
        for (version, column) in [
            (Version::V33, "max_octets_v33"),
            (Version::V34, "max_octets_v34"),
            (Version::V50, "max_octets_v50"),
        ] {
            let rows: Vec<&csv::Row> = rows.iter().filter(|row| row["pdu"] == name).collect();
            let listed = !rows[0][column].is_empty();
            let column = if TO_3_3_TOO.contains(&name) {
                "max_octets_v34"
            } else {
                column
            };
            let has = listed || TO_3_3_TOO.contains(&name);
            if id.since().is_none() {
                continue;
            }
            assert_eq!(id.is_in(version), has, "{name}");
            if has {
                sizes_of_pdu(id, version, &rows, column);
            }
        }
    }
}

/// A body with every field of the size that `size` gives, and a list of one entry of each kind.
fn body(rows: &[&csv::Row], size: &dyn Fn(&csv::Row) -> usize) -> (Vec<u8>, Vec<String>) {
    let (mut octets, mut names) = (Vec::new(), Vec::new());
    for row in rows
        .iter()
        .filter(|row| row["parent"].is_empty() && row["field"] != "(none)")
    {
        match row["type"].as_str() {
            "struct[number_of_dests]" => {
                for parent in ["dest_address:sme", "dest_address:dl"] {
                    let entry = rows.iter().filter(|row| row["parent"] == parent);
                    entry.for_each(|row| field(row, size, &mut octets, &mut names));
                }
            }
            "struct[no_unsuccess]" => {
                let entry = rows.iter().filter(|row| row["parent"] == "unsuccess_sme");
                entry.for_each(|row| field(row, size, &mut octets, &mut names));
            }
            _ => field(row, size, &mut octets, &mut names),
        }
    }
    // sm_length says how long short_message is, which is the last of all.
    if let Some(at) = names.iter().position(|name| name == "sm_length") {
        let text = size(rows.iter().find(|row| row["field"] == "short_message").unwrap());
        let _ = at;
        let place = octets.len() - text - 1;
        octets[place] = text as u8;
    }
    (octets, names)
}

fn field(row: &csv::Row, size: &dyn Fn(&csv::Row) -> usize, octets: &mut Vec<u8>, names: &mut Vec<String>) {
    names.push(row["field"].clone());
    match (row["type"].as_str(), row["field"].as_str()) {
        ("u8", "number_of_dests") => octets.push(2),
        ("u8", "no_unsuccess") => octets.push(1),
        ("u8", "dest_flag") => octets.push(if row["parent"] == "dest_address:sme" { 1 } else { 2 }),
        ("u8", _) => octets.push(0),
        ("u32", _) => octets.extend([0; 4]),
        ("cstr" | "cstr_fixed", _) => {
            octets.resize(octets.len() + size(row) - 1, b'1');
            octets.push(0);
        }
        _ => octets.resize(octets.len() + size(row), b'x'),
    }
}

fn sizes_of_pdu(id: CommandId, version: Version, rows: &[&csv::Row], column: &str) {
    let strict = Codec {
        version,
        tolerance: Tolerance::strict(),
    };
    let max = |row: &csv::Row| row[column].parse::<usize>().unwrap();
    let (octets, names) = body(rows, &max);
    let frame_of = |octets: &[u8]| frame(id.0, 0, octets);
    let whole = frame_of(&octets);
    let decoded = strict.decode(&whole).unwrap_or_else(|e| panic!("{e} in {version:?}"));
    let mut ours = Vec::new();
    decoded.pdu.each_field(|name, _| ours.push(name.to_string()));
    assert_eq!(ours, names, "{id}");
    let strings = rows.iter().filter(|row| row["type"].starts_with("cstr"));
    for row in strings.chain(rows.iter().filter(|row| row["type"].starts_with("octets"))) {
        let same = |other: &csv::Row| other["field"] == row["field"] && other["parent"] == row["parent"];
        if max(row) < 255 {
            let (octets, _) = body(rows, &|other| max(other) + usize::from(same(other)));
            let e = strict.decode(&frame_of(&octets)).unwrap_err();
            let size = DecodeErrorKind::Size {
                size: max(row) + 1,
                max: max(row),
            };
            assert_eq!((e.field, e.kind), (row["field"].as_str(), size), "{id} in {version:?}");
        }
        let (octets, _) = body(rows, &|other| {
            if same(other) {
                row["min_octets"].parse().unwrap()
            } else {
                max(other)
            }
        });
        assert!(
            strict.decode(&frame_of(&octets)).is_ok(),
            "{id}.{} of the least size",
            row["field"]
        );
        // "1 or n": nothing between.
        if row["type"] == "cstr_fixed" && max(row) > 1 {
            let (octets, _) = body(rows, &|other| max(other) - usize::from(same(other)));
            let e = strict.decode(&frame_of(&octets)).unwrap_err();
            assert_eq!(e.field, row["field"], "{id} in {version:?}");
        }
    }
}
