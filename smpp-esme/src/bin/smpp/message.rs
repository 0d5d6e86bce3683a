//! What arrived, whichever operation brought it.

use crate::receipt::Receipt;
use crate::text;
use smpp_esme::pdu::{Address, AlertNotification, DataCoding, EsmClass, Tlvs, tlv};
use smpp_esme::{Delivery, Responder};

/// Something that arrived. Whoever has printed it answers it.
pub(crate) enum Arrival {
    Message(Box<Message>),
    Alert(Box<AlertNotification>),
}

pub(crate) struct Message {
    pub(crate) operation: &'static str,
    pub(crate) source_addr: Address,
    pub(crate) destination_addr: Address,
    pub(crate) esm_class: EsmClass,
    pub(crate) data_coding: DataCoding,
    /// Of short_message, or of message_payload where that is empty.
    pub(crate) octets: Vec<u8>,
    pub(crate) is_payload: bool,
    pub(crate) receipt: Option<Receipt>,
}

impl Arrival {
    /// `None` for an operation that this program does not know.
    pub(crate) fn new(delivery: Delivery) -> Option<(Self, Option<Responder>)> {
        Some(match delivery {
            Delivery::DeliverSm(pdu, responder) => {
                let (octets, is_payload) = octets(pdu.short_message.as_bytes(), &pdu.tlvs);
                let message = Message {
                    operation: "deliver_sm",
                    receipt: receipt(pdu.esm_class, &octets, &pdu.tlvs),
                    source_addr: pdu.source_addr,
                    destination_addr: pdu.destination_addr,
                    esm_class: pdu.esm_class,
                    data_coding: pdu.data_coding,
                    octets,
                    is_payload,
                };
                (Self::Message(message.into()), Some(responder))
            }
            Delivery::DataSm(pdu, responder) => {
                let (octets, is_payload) = octets(&[], &pdu.tlvs);
                let message = Message {
                    operation: "data_sm",
                    receipt: receipt(pdu.esm_class, &octets, &pdu.tlvs),
                    source_addr: pdu.source_addr,
                    destination_addr: pdu.destination_addr,
                    esm_class: pdu.esm_class,
                    data_coding: pdu.data_coding,
                    octets,
                    is_payload,
                };
                (Self::Message(message.into()), Some(responder))
            }
            Delivery::AlertNotification(pdu) => (Self::Alert(pdu.into()), None),
            _ => return None,
        })
    }

    pub(crate) fn receipt(&self) -> Option<&Receipt> {
        match self {
            Self::Message(message) => message.receipt.as_ref(),
            Self::Alert(_) => None,
        }
    }
}

impl Message {
    /// What can be shown of it.
    pub(crate) fn text(&self) -> Option<String> {
        text::decode(self.data_coding, self.esm_class, &self.octets)
    }
}

fn octets(short_message: &[u8], tlvs: &Tlvs) -> (Vec<u8>, bool) {
    match tlvs.get(tlv::MESSAGE_PAYLOAD) {
        Ok(Some(payload)) if short_message.is_empty() => (payload.to_vec(), true),
        _ => (short_message.to_vec(), false),
    }
}

/// A receipt by its esm_class, or by the TLV that nothing else has.
fn receipt(esm_class: EsmClass, octets: &[u8], tlvs: &Tlvs) -> Option<Receipt> {
    let is_receipt = esm_class.is_delivery_receipt()
        || esm_class.0 & EsmClass::TYPE_MASK == INTERMEDIATE_NOTIFICATION
        || matches!(tlvs.get(tlv::RECEIPTED_MESSAGE_ID), Ok(Some(_)));
    is_receipt.then(|| Receipt::new(octets, tlvs))
}

/// The type of an intermediate notification (v3.4 §5.2.12, v5.0 §4.7.12).
const INTERMEDIATE_NOTIFICATION: u8 = 0x20;
