//! Whether a PDU is a receipt, and what it rests on.

use super::parse::{Field, Octets, Receipt};
use super::stat;
use crate::codes::{DataCoding, EsmClass, MessageState};
use crate::masked::Mask;
use crate::pdu::{DataSm, DeliverSm};
use crate::storage::Storage;
use crate::text::Content;
use crate::tlv::{self, NetworkErrorCode, Tlvs};
use crate::udh::Udh;
use alloc::borrow::Cow;
use core::fmt;

/// What a deliver_sm or a data_sm says of a message that was submitted: a receipt, or an intermediate notification
/// (v3.4 §2.11, §5.2.12; v5.0 §4.7.12).
///
/// `Debug` shows neither id nor text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Report<'a> {
    /// The text's own fields. They may be none.
    pub receipt: Receipt<'a>,
    /// Whether esm_class says that it is not the final word.
    pub is_intermediate: bool,
    /// What makes it a receipt.
    pub evidence: Evidence,
    id: Option<&'a [u8]>,
    state: Option<MessageState>,
    /// network_error_code (v3.4 §5.3.2.31, v5.0 §4.8.4.42).
    pub network_error: Option<NetworkErrorCode>,
}

/// What says that a PDU is a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Evidence {
    /// receipted_message_id is there.
    pub tlv: bool,
    /// esm_class, masked, is that of a receipt or of an intermediate notification.
    pub esm_class: bool,
    /// The text reads like one.
    pub text: bool,
}

/// How sure it is that a PDU is a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// Its text reads like one, and nothing else says so: a subscriber may have written it.
    Guess,
    /// Only esm_class says so: neither TLV nor text tells which message it is about.
    Unreadable,
    /// receipted_message_id says so, and esm_class does not.
    Likely,
    /// esm_class says so, and TLV or text tells which message it is about.
    Certain,
}

/// Whether the text alone may make a PDU a receipt. It is off unless a peer sends receipts that nothing else marks:
/// anybody can send such a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sniff {
    /// It may not.
    #[default]
    No,
    /// It may, whatever type esm_class has: some centres mark receipts as SME acknowledgements.
    Yes,
}

impl<'a> Report<'a> {
    /// `None` if it is a message, or an acknowledgement of the recipient's (types 0x08, 0x10 and 0x18 of esm_class).
    /// `text` is as [`text_of`] gives it.
    pub fn of<B: Storage>(esm_class: EsmClass, text: &'a [u8], tlvs: &'a Tlvs<B>, sniff: Sniff) -> Option<Self> {
        let kind = EsmClass(esm_class.0 & EsmClass::TYPE_MASK);
        let is_intermediate = kind == EsmClass::INTERMEDIATE_NOTIFICATION;
        let marked = is_intermediate || kind == EsmClass::DELIVERY_RECEIPT;
        let may_be = marked || kind == EsmClass::DEFAULT;
        let id = match tlvs.get(tlv::RECEIPTED_MESSAGE_ID) {
            Ok(Some(id)) if may_be && !id.is_empty() => Some(id),
            _ => None,
        };
        if !marked && id.is_none() && sniff == Sniff::No {
            return None;
        }
        let receipt = Receipt::parse(text);
        let evidence = Evidence {
            tlv: id.is_some(),
            esm_class: marked,
            text: reads_like_one(&receipt),
        };
        let is_one = marked || evidence.tlv || evidence.text;
        is_one.then(|| Self {
            receipt,
            is_intermediate,
            evidence,
            id,
            state: tlvs.get(tlv::MESSAGE_STATE).ok().flatten(),
            network_error: tlvs.get(tlv::NETWORK_ERROR_CODE).ok().flatten(),
        })
    }
    /// The message that it is about: of the TLV, or else of the text. Neither is interpreted (R069); see
    /// [`IdPolicy`](super::IdPolicy).
    pub fn message_id(&self) -> Option<&'a [u8]> {
        self.id.or_else(|| self.receipt.id())
    }
    /// Its state: of the TLV, or else of the text. `None` if neither is there, or the word is unknown.
    pub fn state(&self) -> Option<MessageState> {
        self.state.or_else(|| self.receipt.state())
    }
    /// Whether more may come, as far as the state says: see [`Receipt::is_final`].
    pub fn is_final(&self) -> Option<bool> {
        if self.is_intermediate {
            return Some(false);
        }
        match self.state {
            Some(state) => stat::is_final(stat::name(state).as_bytes()),
            None => self.receipt.is_final(),
        }
    }
    /// How sure it is that it is one.
    pub fn confidence(&self) -> Confidence {
        let tells = self.evidence.tlv || self.receipt.id().is_some();
        match self.evidence {
            Evidence { esm_class: true, .. } if tells => Confidence::Certain,
            Evidence { tlv: true, .. } => Confidence::Likely,
            Evidence { esm_class: true, .. } => Confidence::Unreadable,
            _ => Confidence::Guess,
        }
    }
}

impl fmt::Debug for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.id.map(|id| Octets(id, Mask::On));
        f.debug_struct("Report")
            .field("receipt", &self.receipt)
            .field("is_intermediate", &self.is_intermediate)
            .field("evidence", &self.evidence)
            .field("id", &id)
            .field("state", &self.state)
            .field("network_error", &self.network_error)
            .finish()
    }
}

/// The text of a receipt as [`Report::of`] and [`Receipt::parse`] want it: without a user data header, and of UCS-2
/// (which some peers send receipts in) the octets that matter. It allocates for UCS-2 alone.
///
/// `user_data` is short_message or, if that is empty, message_payload.
pub fn text_of(esm_class: EsmClass, data_coding: DataCoding, user_data: &[u8]) -> Cow<'_, [u8]> {
    let text = match esm_class.0 & EsmClass::UDHI.0 {
        0 => user_data,
        _ => Udh::split(user_data).map_or(user_data, |(_, text)| text),
    };
    let ucs2 = data_coding.scheme().content == Content::Ucs2 && text.len() % 2 == 0;
    // As "id:" begins; some peers forget to say so.
    if !ucs2 && !matches!(text, [0, b'i' | b'I' | b's' | b'S', 0, _, ..]) {
        return Cow::Borrowed(text);
    }
    // Octets, in data_coding 8 as in others: what begins like a receipt of octets is one.
    if text
        .first_chunk::<3>()
        .is_some_and(|start| start.eq_ignore_ascii_case(b"id:"))
    {
        return Cow::Borrowed(text);
    }
    let units = text.as_chunks().0.iter().map(|unit| u16::from_be_bytes(*unit));
    units.map(|unit| u8::try_from(unit).unwrap_or(b'?')).collect()
}

/// A PDU's user data, wherever it is (v3.4 §4.6.1, §4.7.1).
fn user_data<'a, B: Storage>(short_message: &'a [u8], tlvs: &'a Tlvs<B>) -> &'a [u8] {
    match tlvs.get(tlv::MESSAGE_PAYLOAD) {
        Ok(Some(payload)) if short_message.is_empty() => payload,
        _ => short_message,
    }
}

impl<B: Storage> DeliverSm<B> {
    /// The text of a receipt, of short_message or message_payload, for [`Report::of`]: see [`text_of`].
    pub fn receipt_text(&self) -> Cow<'_, [u8]> {
        let user_data = user_data(self.short_message.as_bytes(), &self.tlvs);
        text_of(self.esm_class, self.data_coding, user_data)
    }
}

impl<B: Storage> DataSm<B> {
    /// The text of a receipt, of message_payload, for [`Report::of`]: see [`text_of`].
    pub fn receipt_text(&self) -> Cow<'_, [u8]> {
        text_of(self.esm_class, self.data_coding, user_data(&[], &self.tlvs))
    }
}

/// An id, and a state that is known where the text starts with a key, or a date besides.
fn reads_like_one(receipt: &Receipt<'_>) -> bool {
    let has = |field| receipt.field(field).is_some();
    let starts = |key: &[u8]| {
        let start = receipt.raw().get(..key.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(key))
    };
    let known = receipt.state().is_some() && (starts(b"id:") || starts(b"sub:") || starts(b"stat:"));
    let dated = has(Field::Stat) && receipt.done_date().or(receipt.submit_date()).is_some();
    receipt.id().is_some() && (known || dated)
}
