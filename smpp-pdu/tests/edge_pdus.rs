//! Every PDU of edge_pdus.csv that the layers frame, decode and check answer for: as the column `expected_status` says
//! with the strict profile, and as the column `field` says with the other.

mod common;

use common::{csv, hex};
use smpp_pdu::{
    Codec, CommandId, CommandStatus, DecodeError, Decoded, FrameError, Header, MAX_PDU, Pdu, Tolerance, Version,
    next_frame, tlv,
};

/// What became of the octets.
enum Outcome<'a> {
    NoFrame(FrameError),
    NoPdu(DecodeError),
    Pdu(Decoded<Pdu<&'a [u8]>>),
}

fn outcome<'a>(codec: Codec, mut octets: &'a [u8]) -> Outcome<'a> {
    match next_frame(&mut octets, MAX_PDU) {
        Err(e) => Outcome::NoFrame(e),
        Ok(None) => panic!("no whole frame"),
        Ok(Some(frame)) => match codec.decode(frame) {
            Ok(decoded) => Outcome::Pdu(decoded),
            Err(e) => Outcome::NoPdu(e),
        },
    }
}

/// The status that a message centre answers with.
fn status(outcome: &Outcome<'_>, version: Version) -> CommandStatus {
    match outcome {
        Outcome::NoFrame(e) => e.command_status(),
        Outcome::NoPdu(e) => e.command_status(),
        Outcome::Pdu(decoded) => match decoded.pdu.check(version) {
            Ok(()) => CommandStatus::ESME_ROK,
            Err(e) => e.command_status(),
        },
    }
}

fn versions(row: &csv::Row) -> Vec<Version> {
    let version = |name| match name {
        "3.4" => Version::V34,
        "5.0" => Version::V50,
        other => panic!("no such version: {other}"),
    };
    row["versions"].split(' ').map(version).collect()
}

fn strict_as_listed(row: &csv::Row, outcome: &Outcome<'_>, version: Version) {
    let name = &row["name"];
    match row["expected_status"].as_str() {
        "" if row["expected"].contains("strict: decode error") => {
            assert!(matches!(outcome, Outcome::NoPdu(_)), "{name}");
        }
        "" => assert!(matches!(outcome, Outcome::Pdu(_)), "{name}"),
        listed => assert_eq!(status(outcome, version), CommandStatus(csv::number(listed)), "{name}"),
    }
}

/// `decoded[, remark][; FLAG [field]]`
fn field_as_listed(row: &csv::Row, octets: &[u8], codec: Codec, strict: &Outcome<'_>) {
    let (name, outcome) = (&row["name"], outcome(codec, octets));
    if row["field"] == "as strict" {
        assert_eq!(status(&outcome, codec.version), status(strict, codec.version), "{name}");
        if let Outcome::Pdu(decoded) = outcome {
            assert!(decoded.forgiven.is_empty(), "{name}");
        }
        return;
    }
    let Outcome::Pdu(decoded) = outcome else {
        panic!("{name}: not decoded")
    };
    let used = codec.forgiven(octets);
    match row["field"].split_once("; ") {
        None => assert!(decoded.forgiven.is_empty() && used.is_empty(), "{name}"),
        Some((_, flag)) => {
            let (flag, field) = flag.split_once(' ').unwrap_or((flag, ""));
            assert_eq!(format!("{:?}", decoded.forgiven), flag, "{name}");
            assert_eq!(used.len(), 1, "{name}: {used:?}");
            assert_eq!(
                (used[0].flag, used[0].error.command),
                (decoded.forgiven, decoded.pdu.command_id()),
                "{name}"
            );
            assert!(field.is_empty() || used[0].error.field == field, "{name}: {used:?}");
            let Outcome::NoPdu(e) = strict else {
                panic!("{name}: nothing to forgive")
            };
            assert_eq!(used[0].error, *e, "{name}");
        }
    }
    remark_as_listed(row, &decoded);
}

fn remark_as_listed(row: &csv::Row, decoded: &Decoded<Pdu<&[u8]>>) {
    let name = row["name"].as_str();
    match (name, &decoded.pdu) {
        ("sm_length_beyond", Pdu::SubmitSm(sm)) => assert_eq!(sm.short_message.as_bytes(), b"short"),
        ("tlv_length_overrun", Pdu::SubmitSm(sm)) => assert!(sm.tlvs.is_empty()),
        ("tlv_wrong_length", Pdu::SubmitSm(sm)) => {
            assert_eq!(sm.tlvs.get(tlv::SAR_TOTAL_SEGMENTS).unwrap_err().len, 2);
            assert!(sm.tlvs.iter().eq([(0x020e, &[0, 2][..])]));
        }
        ("deliver_resp_no_body", pdu) => assert_eq!(*pdu, Pdu::DeliverSmResp(None)),
        _ => {}
    }
}

fn decoded_as_listed(row: &csv::Row, strict: &Outcome<'_>) {
    let Outcome::Pdu(decoded) = strict else { return };
    match (row["name"].as_str(), &decoded.pdu) {
        ("error_resp_no_body", pdu) => {
            assert_eq!(
                (pdu, decoded.header.command_status),
                (&Pdu::SubmitSmResp(None), CommandStatus(0x45))
            );
        }
        ("error_data_resp_tlv", Pdu::DataSmResp(Some(resp))) => {
            assert_eq!(decoded.header.command_status, CommandStatus(0xfe));
            let reason = resp.tlvs.get(tlv::DELIVERY_FAILURE_REASON).unwrap();
            assert_eq!(reason, Some(smpp_pdu::DeliveryFailureReason::PERMANENT_NETWORK));
        }
        ("tlv_unknown_then_payload", Pdu::SubmitSm(sm)) => {
            assert_eq!(sm.tlvs.get(tlv::MESSAGE_PAYLOAD), Ok(Some(&b"hi"[..])));
        }
        ("both_texts_v50", Pdu::SubmitSm(sm)) => {
            assert_eq!(sm.tlvs.get(tlv::MESSAGE_PAYLOAD), Ok(Some(&b"yo"[..])));
        }
        ("error_data_resp_tlv" | "tlv_unknown_then_payload", pdu) => panic!("{pdu:?}"),
        _ => {}
    }
}

#[test]
fn as_listed_strict_and_in_the_field() {
    let rows = csv::spec_or_env("edge_pdus.csv");
    let ours = |row: &&csv::Row| ["frame", "decode", "check"].contains(&row["layer"].as_str());
    let mut count = 0;
    for row in rows.iter().filter(ours) {
        let octets = hex(&row["hex"]);
        for version in versions(row) {
            let strict = Codec {
                version,
                tolerance: Tolerance::strict(),
            };
            let outcome = outcome(strict, &octets);
            strict_as_listed(row, &outcome, version);
            decoded_as_listed(row, &outcome);
            field_as_listed(
                row,
                &octets,
                Codec {
                    tolerance: Tolerance::field(),
                    ..strict
                },
                &outcome,
            );
            count += 1;
        }
    }
    assert!(count > 40, "only {count}");
}

#[test]
fn the_session_gets_what_it_needs_of_the_others() {
    for row in csv::spec_or_env("edge_pdus.csv")
        .iter()
        .filter(|row| row["layer"] == "session")
    {
        let octets = hex(&row["hex"]);
        let decoded = Codec::default().decode(&octets).unwrap();
        assert!(decoded.forgiven.is_empty(), "{}", row["name"]);
        let (command, header) = Header::peek(&octets).unwrap();
        assert_eq!((command, header), (decoded.pdu.command_id(), decoded.header));
        let unknown = matches!(decoded.pdu, Pdu::Unknown(_));
        let refused = row["expected_status"] == "0x00000003";
        assert_eq!(unknown, refused || command == CommandId(0x8000_0999), "{}", row["name"]);
    }
}
