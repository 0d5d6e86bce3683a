//! Receipts: whether one is owed, and what it says (v3.4 §2.11, §5.2.17, Appendix B).

use super::store::{Final, Message};
use smpp_pdu::{DataCoding, DeliverSm, EsmClass, MessageState, RegisteredDelivery, ShortMessage, Tlvs, Version, tlv};
use std::time::SystemTime;
use time::OffsetDateTime;

/// What a receipt quotes of the message (v3.4 Appendix B).
const QUOTED: usize = 20;

/// Whether registered_delivery asks for a receipt of this final state. 3 in its lowest bits is reserved in v3.4, and
/// success only in v5.0 (R074).
pub(super) fn is_owed(message: &Message, state: MessageState) -> bool {
    let success = matches!(state, MessageState::DELIVERED | MessageState::ACCEPTED);
    match message.pdu.registered_delivery.receipt() {
        RegisteredDelivery::RECEIPT => true,
        RegisteredDelivery::RECEIPT_ON_FAILURE => !success,
        RegisteredDelivery::RECEIPT_ON_SUCCESS => success && message.version >= Version::V50,
        _ => false,
    }
}

/// The receipt, for a session of `version`: from the destination to the source of the message (R131).
pub(super) fn deliver_sm(owed: &Final, version: Version) -> DeliverSm {
    let pdu = &owed.message.pdu;
    DeliverSm {
        service_type: pdu.service_type.clone(),
        source_addr: pdu.destination_addr.clone(),
        destination_addr: pdu.source_addr.clone(),
        esm_class: EsmClass::DELIVERY_RECEIPT,
        // At most 10 + 20 octets and the fixed text, far below the shortest limit of 160.
        short_message: ShortMessage::new(text(owed)).unwrap_or_default(),
        tlvs: tlvs(owed, version),
        ..DeliverSm::default()
    }
}

fn text(owed: &Final) -> Vec<u8> {
    let Final { message, state, done } = owed;
    let (stat, delivered, err) = match *state {
        MessageState::DELIVERED => ("DELIVRD", 1, 0),
        MessageState::EXPIRED => ("EXPIRED", 0, 1),
        MessageState::DELETED => ("DELETED", 0, 1),
        MessageState::UNDELIVERABLE => ("UNDELIV", 0, 1),
        MessageState::ACCEPTED => ("ACCEPTD", 1, 0),
        MessageState::REJECTED => ("REJECTD", 0, 1),
        _ => ("UNKNOWN", 0, 1),
    };
    let (submit, done) = (date(message.submitted), date(*done));
    let id = message.message_id.as_bytes().escape_ascii();
    let mut text = format!(
        "id:{id} sub:001 dlvrd:{delivered:03} submit date:{submit} done date:{done} stat:{stat} err:{err:03} text:"
    )
    .into_bytes();
    text.extend_from_slice(quoted(message));
    text
}

/// The beginning of the message, where it is text of the receipt's own alphabet.
fn quoted(message: &Message) -> &[u8] {
    let octets = message.pdu.short_message.as_bytes();
    let is_text = matches!(message.pdu.data_coding, DataCoding::DEFAULT | DataCoding::IA5)
        && message.pdu.esm_class.0 & EsmClass::UDHI.0 == 0;
    match is_text {
        true => octets.get(..QUOTED).unwrap_or(octets),
        false => &[],
    }
}

/// YYMMDDhhmm, in UTC (Appendix B says no zone).
fn date(at: SystemTime) -> String {
    let at = OffsetDateTime::from(at);
    let (month, day) = (u8::from(at.month()), at.day());
    format!(
        "{:02}{month:02}{day:02}{:02}{:02}",
        at.year().rem_euclid(100),
        at.hour(),
        at.minute()
    )
}

/// The same for machines (R132), and the submitter's own reference (R057).
fn tlvs(owed: &Final, version: Version) -> Tlvs {
    let mut tlvs = Tlvs::default();
    if version >= Version::V34 {
        // All of these fit into a TLV.
        let _ = tlvs.push(tlv::RECEIPTED_MESSAGE_ID, owed.message.message_id.as_bytes());
        let _ = tlvs.push(tlv::MESSAGE_STATE, owed.state);
        if let Ok(Some(reference)) = owed.message.pdu.tlvs.get(REFERENCE) {
            let _ = tlvs.push(REFERENCE, reference);
        }
    }
    tlvs
}

const REFERENCE: tlv::Key<u16> = tlv::Key::new(0x0204, "user_message_reference");
