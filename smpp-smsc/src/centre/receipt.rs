//! Receipts: whether one is owed, and what it says (v3.4 §2.11, §5.2.17, Appendix B).

use super::store::{Final, Message};
use smpp_pdu::receipt::Draft;
use smpp_pdu::time::DateTime;
use smpp_pdu::{DataCoding, DeliverSm, EsmClass, MessageState, RegisteredDelivery, ShortMessage, Tlvs, Version, tlv};

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
        // The ids are the centre's own words of 10 digits: the text is written, and far below the shortest limit of 160.
        short_message: ShortMessage::new(draft(owed).text().unwrap_or_default()).unwrap_or_default(),
        tlvs: tlvs(owed, version),
        ..DeliverSm::default()
    }
}

fn draft(owed: &Final) -> Draft<'_> {
    let Final { message, state, done } = owed;
    Draft {
        // In UTC (Appendix B says no zone).
        submit_date: DateTime::from_system_time(message.submitted),
        done_date: DateTime::from_system_time(*done),
        text: quoted(message),
        ..Draft::new(message.message_id.as_bytes(), *state)
    }
}

/// The beginning of the message, where it is text of the receipt's own alphabet.
fn quoted(message: &Message) -> &[u8] {
    let octets = message.pdu.short_message.as_bytes();
    let is_text = matches!(message.pdu.data_coding, DataCoding::DEFAULT | DataCoding::IA5)
        && message.pdu.esm_class.0 & EsmClass::UDHI.0 == 0;
    if is_text { octets } else { &[] }
}

/// The same for machines (R132), and the submitter's own reference (R057).
fn tlvs(owed: &Final, version: Version) -> Tlvs {
    let mut tlvs = Tlvs::default();
    if version >= Version::V34 {
        // All of these fit into a TLV.
        let _ = draft(owed).add_tlvs(&mut tlvs);
        if let Ok(Some(reference)) = owed.message.pdu.tlvs.get(REFERENCE) {
            let _ = tlvs.push(REFERENCE, reference);
        }
    }
    tlvs
}

const REFERENCE: tlv::Key<u16> = tlv::Key::new(0x0204, "user_message_reference");
