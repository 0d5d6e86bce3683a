//! To JSON and back. Wants the features `serde` and `proptest`.
#![cfg(all(feature = "serde", feature = "proptest"))]

mod common;

use common::{FIELD, HEADER, frame, submit};
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use smpp_pdu::{
    Address, AnyResponse, BindTransmitter, CheckError, CheckErrorKind, Codec, CommandId, CommandStatus, DataCoding,
    DecodeError, DecodeErrorKind, Decoded, EncodeError, EncodeErrorKind, Forgiven, FrameError, Header, MAX_PDU,
    Password, Pdu, ShortMessage, SubmitSm, SubmitSmResp, Tolerance, Version, next_frame, strategy, tlv,
};
use std::fmt::Debug;

fn back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value, "{text}");
    let tree = serde_json::to_value(value).unwrap();
    assert_eq!(&serde_json::from_value::<T>(tree).unwrap(), value, "{text}");
}

proptest! {
    #[test]
    fn any_pdu_comes_back(
        (version, pdu) in strategy::versioned(),
        sequence_number in any::<u32>(),
    ) {
        let header = Header { sequence_number, ..HEADER };
        back(&Decoded { header, pdu: pdu.clone(), forgiven: Tolerance::strict() });
        // A view is written as the same.
        let codec = Codec { version, ..FIELD };
        let mut octets = Vec::new();
        codec.encode(header, &pdu, &mut octets).unwrap();
        let view = codec.decode(&octets).unwrap();
        prop_assert_eq!(serde_json::to_value(&view.pdu).unwrap(), serde_json::to_value(&pdu).unwrap());
    }

    #[test]
    fn any_octets_come_back(octets in prop::collection::vec(any::<u8>(), 0..=255)) {
        back(&<ShortMessage>::new(octets).unwrap());
    }
}

#[test]
fn what_was_forgiven_comes_back() {
    // Two destinations, the second longer than an address may be.
    let mut body = b"\0\0\0\0\x02\x01\x01\x01447700900123\0\x02".to_vec();
    body.extend([b'x'; 40]);
    body.extend([0; 11]);
    let decoded = FIELD.decode(&frame(0x21, 0, &body)).unwrap().into_owned();
    assert_eq!(decoded.forgiven, Tolerance::OVERLONG_STRING);
    back(&decoded);
    assert_eq!(
        serde_json::to_value(&decoded).unwrap()["forgiven"],
        json!(["OVERLONG_STRING"])
    );
    for forgiven in FIELD.forgiven(&frame(0x21, 0, &body)) {
        back::<Forgiven>(&forgiven);
    }
}

#[test]
fn it_reads_as_the_specification_does() {
    let pdu = Pdu::from(submit()).into_owned();
    let written = json!({ "submit_sm": {
        "service_type": "",
        "source_addr": { "ton": 1, "npi": 1, "addr": "447700900123" },
        "destination_addr": { "ton": 1, "npi": 1, "addr": "4479460000001" },
        "esm_class": 0,
        "protocol_id": 0,
        "priority_flag": 0,
        "schedule_delivery_time": "",
        "validity_period": "000001000000000R",
        "registered_delivery": 0,
        "replace_if_present_flag": 0,
        "data_coding": 0,
        "sm_default_msg_id": 0,
        "short_message": "hello",
        "tlvs": [{ "tag": 0x20c, "value": { "hex": "004d" } }, { "tag": 0x1401, "value": "\t" }],
    } });
    assert_eq!(serde_json::to_value(&pdu).unwrap(), written);
    back(&pdu);
    // Absent and empty stay apart.
    let absent: Pdu = Pdu::SubmitSmResp(None);
    assert_eq!(
        serde_json::to_value(&absent).unwrap(),
        json!({ "submit_sm_resp": null })
    );
    back(&absent);
    let empty: Pdu = Pdu::from(SubmitSmResp::default());
    assert_eq!(
        serde_json::to_value(&empty).unwrap(),
        json!({ "submit_sm_resp": { "message_id": "", "tlvs": [] } })
    );
    back(&empty);
    back::<AnyResponse>(&SubmitSmResp::default().into());
}

#[test]
fn it_shows_what_debug_hides() {
    let bind = BindTransmitter {
        password: Password::new("secret").unwrap(),
        ..BindTransmitter::default()
    };
    assert!(!format!("{bind:?} {:?}", bind.reveal()).contains("secret"));
    assert!(serde_json::to_string(&bind).unwrap().contains(r#""password":"secret""#));
    back(&bind);
}

#[test]
fn octets_are_text_where_they_are_nothing_else() {
    let written = |octets: &[u8]| serde_json::to_value(<ShortMessage>::new(octets).unwrap()).unwrap();
    assert_eq!(written(b"a\r\n\tb"), json!("a\r\n\tb"));
    assert_eq!(written("grüß".as_bytes()), json!("grüß"));
    assert_eq!(written(b"gr\xfc\xdf"), json!({ "hex": "6772fcdf" }));
    assert_eq!(written(b"\0h\0e"), json!({ "hex": "00680065" }));
    assert_eq!(written("\u{85}".as_bytes()), json!({ "hex": "c285" }));
}

#[test]
fn what_is_no_value_is_refused() {
    fn refused<'de, T: Deserialize<'de> + Debug>(text: &'de str) -> String {
        serde_json::from_str::<T>(text).unwrap_err().to_string()
    }
    let hex = "expected a string, or octets as {\"hex\": \"00ff\"}";
    for wrong in [
        r#"{"hex":"0"}"#,
        r#"{"hex":"0g"}"#,
        r#"{"hex":"+1"}"#,
        r#"{"hex":"é"}"#,
        "7",
    ] {
        assert!(refused::<ShortMessage>(wrong).contains(hex), "{wrong}");
    }
    assert!(refused::<ShortMessage>(r#"{"hex":"00","more":""}"#).contains("unknown field"));
    assert!(refused::<ShortMessage>("{}").contains("missing field `hex`"));
    let long = serde_json::to_string(&"x".repeat(256)).unwrap();
    assert!(refused::<ShortMessage>(&long).contains("256 octets where 255 are allowed"));
    assert!(refused::<Password>(r#"{"hex":"00"}"#).contains("a NUL inside"));
    assert!(refused::<Address>(r#"{"ton":0,"npi":0,"addr":"","more":0}"#).contains("unknown field `more`"));
    assert!(refused::<SubmitSm>("{}").contains("missing field `service_type`"));
    assert!(refused::<Pdu>(r#"{"no_sm":{}}"#).contains("unknown variant `no_sm`"));
    assert!(refused::<Tolerance>(r#"["OVERLONG"]"#).contains("the name of a leniency"));
    let error = r#"{"command":4,"field":"no_field","kind":"contains_nul"}"#;
    assert!(refused::<EncodeError>(error).contains("the name of a field"));
}

#[test]
fn codes_settings_and_errors_come_back() {
    back(&DataCoding(0xf5));
    assert_eq!(
        serde_json::to_value(CommandStatus::ESME_RTHROTTLED).unwrap(),
        json!(0x58)
    );
    back(&Codec {
        version: Version::V33,
        tolerance: Tolerance::field(),
    });
    assert_eq!(serde_json::to_value(Version::V34).unwrap(), json!("3.4"));
    let command = CommandId::SUBMIT_MULTI;
    for field in [
        "",
        "tlvs",
        "sm_length",
        "dest_addr_ton",
        "dl_name",
        "dest_flag",
        "command_id",
        "message_payload",
    ] {
        for kind in [
            DecodeErrorKind::Truncated,
            DecodeErrorKind::Unterminated,
            DecodeErrorKind::Size { size: 7, max: 6 },
            DecodeErrorKind::DestFlag(3),
            DecodeErrorKind::TrailingOctets,
        ] {
            back(&DecodeError {
                command,
                field,
                offset: 17,
                kind,
            });
        }
        for kind in [
            EncodeErrorKind::Size { size: 7, max: 6 },
            EncodeErrorKind::ContainsNul,
            EncodeErrorKind::Value { value: 128, max: 127 },
            EncodeErrorKind::BothTexts,
            EncodeErrorKind::Version,
            EncodeErrorKind::NoRoom { needed: 16 },
        ] {
            back(&EncodeError { command, field, kind });
        }
        back(&CheckError {
            command,
            field,
            kind: CheckErrorKind::Reserved { value: 9 },
        });
    }
    let error: FrameError = next_frame(&mut &b"GET / HTTP"[..], MAX_PDU).unwrap_err();
    back(&error);
    let tlvs = smpp_pdu::Tlvs::<&[u8]>::new(&[2, 0xc, 0, 1, 0][..]).unwrap();
    back(&tlvs.get(tlv::SAR_MSG_REF_NUM).unwrap_err());
    assert_eq!(
        serde_json::to_value(tlvs).unwrap(),
        json!([{ "tag": 0x20c, "value": { "hex": "00" } }])
    );
    assert_eq!(
        serde_json::to_value(CheckErrorKind::BothTexts).unwrap(),
        Value::from("both_texts")
    );
}
