//! A masked frame shows what its PDU does when it is logged, and nothing more. Wants the feature `proptest`.
#![cfg(feature = "proptest")]

mod common;

use common::{FIELD, STRICT, address, encoded, frame, submit};
use proptest::prelude::*;
use smpp_pdu::{
    BindTransceiver, Codec, CommandId, CommandStatus, DataSm, DeliverSm, Destination, Destinations, EsmClass,
    FieldValue, Header, Password, Pdu, ReplaceSm, ShortMessage, SubmitMulti, SubmitMultiResp, SubmitSmResp, Tlvs,
    Tolerance, UnsuccessSme, UnsuccessSmes, Version, mask, strategy, tlv,
};

const NUMBER: &[u8] = b"447700900123";
const TEXT: &[u8] = b"meet me at noon";
const SECRETS: [&[u8]; 3] = [NUMBER, TEXT, b"pa55word"];

fn masked(frame: &[u8]) -> Vec<u8> {
    let mut frame = frame.to_vec();
    mask(&mut frame);
    frame
}

fn holds(octets: &[u8], secret: &[u8]) -> bool {
    octets.windows(secret.len()).any(|window| window == secret)
}

/// Neither a secret nor a good part of one.
fn shows_nothing(octets: &[u8]) {
    for secret in SECRETS {
        for part in secret.chunks_exact(5) {
            assert!(!holds(octets, part), "{}", octets.escape_ascii());
        }
    }
}

/// Every place where a number, a text or a password may stand.
fn with_secrets() -> Vec<Vec<u8>> {
    let mut tlvs = Tlvs::default();
    for info in tlv::TABLE {
        let secret = info.v50.1 > 8 && !["receipted_message_id", "broadcast_end_time"].contains(&info.name);
        // Shown, for they are the operator's own.
        let networks = ["source_network_id", "dest_network_id", "broadcast_service_group"];
        if secret && !networks.contains(&info.name) {
            tlvs.push(tlv::Key::<[u8]>::new(info.tag, info.name), NUMBER).unwrap();
        }
    }
    tlvs.push(tlv::Key::<[u8]>::new(0x1400, "vendor's"), TEXT).unwrap();
    // Of a length that no value of its type has.
    tlvs.push(tlv::Key::<[u8]>::new(tlv::SOURCE_PORT.tag, "source_port"), TEXT)
        .unwrap();
    let of_tlvs = DataSm {
        tlvs: Tlvs::new(tlvs.as_bytes()).unwrap(),
        ..DataSm::borrowed()
    };

    let mut room = [0; 64];
    let several = [
        Destination::Address(address(NUMBER)),
        Destination::DistributionList(address(NUMBER).addr),
    ];
    let dest_address = Destinations::borrowed(&mut room, several).unwrap();
    let short_message = ShortMessage::new(TEXT).unwrap();
    let multi = SubmitMulti {
        source_addr: address(NUMBER),
        dest_address,
        short_message,
        ..SubmitMulti::borrowed()
    };
    let mut room = [0; 64];
    let failed = UnsuccessSme {
        destination_addr: address(NUMBER),
        error_status_code: CommandStatus::ESME_RINVDSTADR,
    };
    let unsuccess_sme = UnsuccessSmes::borrowed(&mut room, [failed]).unwrap();
    let multi_resp = SubmitMultiResp {
        unsuccess_sme,
        ..SubmitMultiResp::borrowed()
    };
    let submit = smpp_pdu::SubmitSm {
        source_addr: address(NUMBER),
        short_message,
        ..submit()
    };
    let deliver = DeliverSm {
        destination_addr: address(NUMBER),
        short_message,
        ..DeliverSm::borrowed()
    };
    let replace = ReplaceSm {
        source_addr: address(NUMBER),
        short_message,
        ..ReplaceSm::borrowed()
    };
    let bind = BindTransceiver {
        password: Password::new(&b"pa55word"[..]).unwrap(),
        address_range: address(NUMBER),
        ..BindTransceiver::borrowed()
    };
    vec![
        encoded(&STRICT, of_tlvs),
        encoded(&STRICT, multi),
        encoded(&STRICT, multi_resp),
        encoded(&STRICT, submit),
        encoded(&STRICT, deliver),
        encoded(&STRICT, replace),
        encoded(&STRICT, bind),
        frame(0x0001_0200, 0, TEXT),
        frame(
            CommandId::QUERY_SM_RESP.0,
            CommandStatus::ESME_RSYSERR.0,
            b"1\x00447700900123",
        ),
        frame(CommandId::ENQUIRE_LINK.0, 0, b"\0\0\xff\xff447700900123"),
    ]
}

#[test]
fn secrets_are_masked_wherever_they_stand() {
    for frame in with_secrets() {
        assert!(SECRETS.iter().any(|secret| holds(&frame, secret)));
        let masked = masked(&frame);
        shows_nothing(&masked);
        assert_eq!((masked.len(), &masked[..16]), (frame.len(), &frame[..16]));
    }
}

/// What cannot be read to its end may be a secret.
#[test]
fn a_frame_that_is_cut_shows_nothing_either() {
    for frame in with_secrets() {
        for len in 0..frame.len() {
            shows_nothing(&masked(&frame[..len]));
        }
    }
}

/// The NUL of service_type is lost: the octets of the address stand where no secret is expected.
#[test]
fn a_string_that_runs_over_is_masked_whatever_it_is() {
    let mut frame = encoded(
        &STRICT,
        smpp_pdu::SubmitSm {
            source_addr: address(NUMBER),
            ..submit()
        },
    );
    frame[16] = b' ';
    assert!(
        FIELD
            .decode(&frame)
            .unwrap()
            .forgiven
            .contains(Tolerance::OVERLONG_STRING)
    );
    shows_nothing(&masked(&frame));
}

#[test]
fn what_is_no_secret_stays() {
    let response = SubmitSmResp {
        message_id: address(b"0A1B2C3D").addr,
        ..SubmitSmResp::borrowed()
    };
    let id = encoded(&STRICT, Pdu::SubmitSmResp(Some(response)));
    assert_eq!(masked(&id), id);
    let frame = encoded(&STRICT, submit());
    let masked = masked(&frame);
    let Pdu::SubmitSm(pdu) = STRICT.decode(&masked).unwrap().pdu else {
        panic!()
    };
    assert_eq!(pdu.validity_period, submit().validity_period);
    assert_eq!(pdu.tlvs.get(tlv::SAR_MSG_REF_NUM), Ok(Some(77)));
    assert_eq!(
        (pdu.source_addr.ton, pdu.source_addr.npi),
        (submit().source_addr.ton, submit().source_addr.npi)
    );
}

/// A dissector reads the header of a text, and must not fall over it.
#[test]
fn a_user_data_header_becomes_an_empty_one() {
    let text = &b"\x05\0\x03\x07\x02\x01meet me at noon"[..];
    let short_message = ShortMessage::new(text).unwrap();
    let with_header = smpp_pdu::SubmitSm {
        esm_class: EsmClass::UDHI,
        short_message,
        ..submit()
    };
    let masked = masked(&encoded(&STRICT, with_header));
    let Pdu::SubmitSm(pdu) = STRICT.decode(&masked).unwrap().pdu else {
        panic!()
    };
    assert_eq!(pdu.short_message.as_bytes(), b"\0********************");
}

#[test]
fn the_words_of_a_status_keep_their_nul() {
    let mut tlvs = Tlvs::default();
    tlvs.push(tlv::ADDITIONAL_STATUS_INFO_TEXT, NUMBER).unwrap();
    let pdu = SubmitSmResp {
        tlvs: Tlvs::new(tlvs.as_bytes()).unwrap(),
        ..SubmitSmResp::borrowed()
    };
    let masked = masked(&encoded(&STRICT, Pdu::SubmitSmResp(Some(pdu))));
    let pdu = STRICT.decode(&masked).unwrap().pdu;
    assert_eq!(
        pdu.tlvs().unwrap().get(tlv::ADDITIONAL_STATUS_INFO_TEXT),
        Ok(Some(&[b'*'; 12][..]))
    );
}

/// All that `reveal` shows of a masked PDU is fillers, where `Debug` shows a length.
fn shows_what_debug_shows(codec: &Codec, frame: &[u8]) -> Result<(), TestCaseError> {
    let masked = masked(frame);
    prop_assert_eq!((masked.len(), &masked[..16]), (frame.len(), &frame[..16]));
    let (before, after) = (codec.decode(frame).unwrap(), codec.decode(&masked).unwrap());
    prop_assert_eq!(format!("{:#}", before), format!("{:#}", after));
    prop_assert_eq!(before.forgiven, after.forgiven);
    after.pdu.each_field(|name, value| match value {
        FieldValue::Address(octets) | FieldValue::Text(octets) | FieldValue::Secret(octets) => {
            let is_masked = |(at, &octet): (usize, &u8)| octet == b'*' || at == 0 && octet == 0;
            assert!(
                octets.iter().enumerate().all(is_masked),
                "{name}: {}",
                octets.escape_ascii()
            );
        }
        _ => {}
    });
    prop_assert_eq!(&self::masked(&masked), &masked, "twice is once");
    Ok(())
}

proptest! {
    #[test]
    fn any_pdu_is_masked_as_debug_masks_it((version, pdu) in strategy::versioned(), status in any::<bool>()) {
        let codec = Codec { version, tolerance: Tolerance::field() };
        let command_status = CommandStatus(u32::from(status && pdu.command_id().is_response()));
        let mut frame = Vec::new();
        codec.encode(Header { command_status, sequence_number: 7 }, &pdu, &mut frame).unwrap();
        shows_what_debug_shows(&codec, &frame)?;
    }

    /// Octets that no field claims are dropped by the codec, and masked here.
    #[test]
    fn what_was_forgiven_is_masked_too(pdu in strategy::pdu(Version::V50), tail in prop::collection::vec(1..=255_u8, 1..4)) {
        let codec = Codec { version: Version::V50, tolerance: Tolerance::field() };
        prop_assume!(!matches!(pdu, Pdu::Unknown(_)));
        let mut frame = Vec::new();
        codec.encode(Header::request(7), &pdu, &mut frame).unwrap();
        frame.extend_from_slice(&tail);
        let masked = masked(&frame);
        prop_assert!(masked.ends_with(&vec![b'*'; tail.len()]));
    }

    #[test]
    fn any_octets(octets in prop::collection::vec(any::<u8>(), 0..120)) {
        let masked = masked(&octets);
        prop_assert_eq!(masked.len(), octets.len());
        let kept = if octets.len() < 16 { 0 } else { 16 };
        prop_assert_eq!(&masked[..kept], &octets[..kept]);
        prop_assert_eq!(FIELD.decode(&octets).is_ok() || octets.len() < 16, FIELD.decode(&masked).is_ok() || octets.len() < 16);
    }
}
