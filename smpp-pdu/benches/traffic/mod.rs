//! The PDUs that the benchmarks read and write.

use smpp_pdu::{
    Address, COctetString, Codec, CommandStatus, DataSm, DeliverSm, DeliverSmResp, Destination, Destinations,
    EnquireLink, EsmClass, Header, MessageState, NetworkErrorType, Npi, Pdu, RegisteredDelivery, ShortMessage,
    SubmitMulti, SubmitSm, SubmitSmResp, Tlvs, Ton, tlv,
};

pub(crate) const CODEC: Codec = Codec {
    version: smpp_pdu::Version::V34,
    tolerance: smpp_pdu::Tolerance::field(),
};
pub(crate) const DIGITS: &str = "12345678901234567890";
pub(crate) const MESSAGE_ID: &str = "0123456789ABCDEF";

/// A text of 140 octets.
pub(crate) fn text() -> Vec<u8> {
    b"The quick brown fox jumps over the lazy dog; "
        .iter()
        .copied()
        .cycle()
        .take(140)
        .collect()
}

pub(crate) fn address(digits: &str) -> Address {
    Address {
        ton: Ton::INTERNATIONAL,
        npi: Npi::ISDN,
        addr: COctetString::new(digits).unwrap(),
    }
}

fn submit_sm() -> SubmitSm {
    SubmitSm {
        source_addr: address(DIGITS),
        destination_addr: address(DIGITS),
        registered_delivery: RegisteredDelivery::RECEIPT,
        short_message: ShortMessage::new(text()).unwrap(),
        ..SubmitSm::default()
    }
}

/// A receipt with three TLVs.
fn deliver_sm() -> DeliverSm {
    let receipt = "id:0123456789ABCDEF sub:001 dlvrd:001 submit date:2401011200 \
        done date:2401011201 stat:DELIVRD err:000 text:The quick brown fox ";
    let mut tlvs = Tlvs::default();
    tlvs.push(tlv::RECEIPTED_MESSAGE_ID, MESSAGE_ID.as_bytes()).unwrap();
    tlvs.push(tlv::MESSAGE_STATE, MessageState::DELIVERED).unwrap();
    let error = tlv::NetworkErrorCode {
        network_type: NetworkErrorType::GSM,
        error_code: 0,
    };
    tlvs.push(tlv::NETWORK_ERROR_CODE, error).unwrap();
    DeliverSm {
        source_addr: address(DIGITS),
        destination_addr: address(DIGITS),
        esm_class: EsmClass::DELIVERY_RECEIPT,
        short_message: ShortMessage::new(receipt).unwrap(),
        tlvs,
        ..DeliverSm::default()
    }
}

fn submit_multi() -> SubmitMulti {
    let mut dest_address = Destinations::default();
    for n in 0..50 {
        let digits = format!("{}", 10_000_000_000_000_000_000_u64 + n);
        dest_address.push(&Destination::Address(address(&digits))).unwrap();
    }
    SubmitMulti {
        source_addr: address(DIGITS),
        dest_address,
        registered_delivery: RegisteredDelivery::RECEIPT,
        short_message: ShortMessage::new(text()).unwrap(),
        ..SubmitMulti::default()
    }
}

fn data_sm() -> DataSm {
    let mut tlvs = Tlvs::default();
    let payload: Vec<u8> = text().iter().copied().cycle().take(1024).collect();
    tlvs.push(tlv::MESSAGE_PAYLOAD, &payload).unwrap();
    DataSm {
        source_addr: address(DIGITS),
        destination_addr: address(DIGITS),
        registered_delivery: RegisteredDelivery::RECEIPT,
        tlvs,
        ..DataSm::default()
    }
}

pub(crate) fn pdu(case: &str) -> Pdu {
    match case {
        "enquire_link" => EnquireLink::default().into(),
        "submit_sm" => submit_sm().into(),
        "submit_sm_resp" => {
            let message_id = COctetString::new(MESSAGE_ID).unwrap();
            SubmitSmResp {
                message_id,
                ..SubmitSmResp::default()
            }
            .into()
        }
        "deliver_sm" => deliver_sm().into(),
        "deliver_sm_resp" => DeliverSmResp::default().into(),
        "submit_multi50" => submit_multi().into(),
        "data_sm_1k" => data_sm().into(),
        _ => unreachable!("no such case: {case}"),
    }
}

/// The frames of a case, one behind the other, and how many they are.
pub(crate) fn frames(case: &str) -> (Vec<u8>, usize) {
    let mut frames = Vec::new();
    let count = if case == "stream" { 10_000 } else { 64 };
    let mut random = 1_u64;
    for n in 0..count {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let one = match (case, random >> 33 & 0x7f) {
            ("stream", 0..45) => "submit_sm",
            ("stream", 45..90) => "submit_sm_resp",
            ("stream", 90..105) => "deliver_sm",
            ("stream", 105..120) => "deliver_sm_resp",
            ("stream", 120..125) => "enquire_link",
            ("stream", _) => "data_sm_1k",
            (single, _) => single,
        };
        let header = Header {
            command_status: CommandStatus::ESME_ROK,
            sequence_number: n + 1,
        };
        CODEC.encode(header, &pdu(one), &mut frames).unwrap();
    }
    (frames, count as usize)
}
