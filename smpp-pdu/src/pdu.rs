//! The PDUs, as the specification's tables give them, one file a family. A row has the name and type of a field, its
//! size where that is a matter of the field and not of the type, and the fields that stand in the specification
//! before it and are part of its value. Sizes count the NUL of a C-octet string.

mod any_response;
mod bind;
mod broadcast;
mod data;
mod link;
mod manage;
mod message;
mod multi;
mod unknown;

pub use any_response::AnyResponse;
pub use bind::{
    BindReceiver, BindReceiverResp, BindTransceiver, BindTransceiverResp, BindTransmitter, BindTransmitterResp,
    Outbind, Unbind, UnbindResp,
};
pub use broadcast::{
    BroadcastSm, BroadcastSmResp, CancelBroadcastSm, CancelBroadcastSmResp, QueryBroadcastSm, QueryBroadcastSmResp,
};
pub use data::{AlertNotification, DataSm, DataSmResp};
pub use link::{EnquireLink, EnquireLinkResp, GenericNack};
pub use manage::{CancelSm, CancelSmResp, QuerySm, QuerySmResp, ReplaceSm, ReplaceSmResp};
pub use message::{DeliverSm, DeliverSmResp, SubmitSm, SubmitSmResp};
pub use multi::{SubmitMulti, SubmitMultiResp};
pub use unknown::Unknown;

use crate::check::{CheckError, Judge};
use crate::codec::{Codec, Decoded, Header};
use crate::codes::CommandId;
use crate::error::{DecodeError, EncodeError, EncodeErrorKind};
use crate::fields::FieldValue;
use crate::kept::{Length, keep};
use crate::masked::{Mask, Show};
use crate::owned::{Owned, own};
use crate::row::Row;
use crate::storage::Storage;
use crate::string::ShortMessage;
use crate::table::{body, pdus};
use crate::tlv::{self, Belonging, Tlvs};
use crate::tolerance::Tolerance;
use crate::version::Version;
use crate::wire::{Fault, command_id};
use crate::write::{Encode, Field, Write, write_pdu, write_without_body};
use alloc::vec::Vec;
use core::cell::RefCell;
use core::fmt;

/// A request that has a response.
pub trait Request: Encode {
    /// Its command_id.
    const COMMAND_ID: CommandId;
    /// What answers it.
    type Response: Response;
}

impl<R: Request> Request for &R {
    const COMMAND_ID: CommandId = R::COMMAND_ID;
    type Response = R::Response;
}

/// The response to a request, owned.
pub trait Response: Encode + Sized + Read {}

pub(crate) use sealed::Read;

mod sealed {
    use super::*;

    pub trait Read: Sized {
        fn read(codec: &Codec, frame: &[u8]) -> Result<Decoded<Option<Self>>, DecodeError>;
        fn read_or_empty(codec: &Codec, frame: &[u8]) -> Result<Decoded<Self>, DecodeError>;
    }
}

pdus! {
    requests {
        BindReceiver = BIND_RECEIVER, V33 -> BindReceiverResp;
        BindTransmitter = BIND_TRANSMITTER, V33 -> BindTransmitterResp;
        QuerySm = QUERY_SM, V33 -> QuerySmResp;
        SubmitSm = SUBMIT_SM, V33 -> SubmitSmResp;
        DeliverSm = DELIVER_SM, V33 -> DeliverSmResp;
        Unbind = UNBIND, V33 -> UnbindResp;
        ReplaceSm = REPLACE_SM, V33 -> ReplaceSmResp;
        CancelSm = CANCEL_SM, V33 -> CancelSmResp;
        // Of 3.4 by the table of commands, but known to 3.3 here: peers state an interface_version of 0x33 and less
        // whatever they do (R078), and a bind that could not be written in that version would not be answered.
        BindTransceiver = BIND_TRANSCEIVER, V33 -> BindTransceiverResp;
        EnquireLink = ENQUIRE_LINK, V33 -> EnquireLinkResp;
        SubmitMulti = SUBMIT_MULTI, V33 -> SubmitMultiResp;
        DataSm = DATA_SM, V34 -> DataSmResp;
        BroadcastSm = BROADCAST_SM, V50 -> BroadcastSmResp;
        QueryBroadcastSm = QUERY_BROADCAST_SM, V50 -> QueryBroadcastSmResp;
        CancelBroadcastSm = CANCEL_BROADCAST_SM, V50 -> CancelBroadcastSmResp;
    }
    oneway {
        Outbind = OUTBIND, V34;
        AlertNotification = ALERT_NOTIFICATION, V34;
    }
    responses {
        BindReceiverResp = BIND_RECEIVER_RESP, V33;
        BindTransmitterResp = BIND_TRANSMITTER_RESP, V33;
        QuerySmResp = QUERY_SM_RESP, V33;
        SubmitSmResp = SUBMIT_SM_RESP, V33;
        DeliverSmResp = DELIVER_SM_RESP, V33;
        BindTransceiverResp = BIND_TRANSCEIVER_RESP, V33;
        SubmitMultiResp = SUBMIT_MULTI_RESP, V33;
        DataSmResp = DATA_SM_RESP, V34;
        BroadcastSmResp = BROADCAST_SM_RESP, V50;
        QueryBroadcastSmResp = QUERY_BROADCAST_SM_RESP, V50;
    }
    bare_responses {
        GenericNack = GENERIC_NACK, V33;
        UnbindResp = UNBIND_RESP, V33;
        ReplaceSmResp = REPLACE_SM_RESP, V33;
        CancelSmResp = CANCEL_SM_RESP, V33;
        EnquireLinkResp = ENQUIRE_LINK_RESP, V33;
        CancelBroadcastSmResp = CANCEL_BROADCAST_SM_RESP, V50;
    }
}

/// The two places of a text, of the PDUs that have two: where one is set, the other is empty (R060). It exists because
/// there are four of them.
macro_rules! texts {
    ($($name:ident)*) => { $(
        impl $name {
            /// The text, with sm_length. The TLV message_payload is removed, unless this is empty.
            #[must_use]
            pub fn short_message(mut self, short_message: ShortMessage) -> Self {
                if !short_message.is_empty() {
                    self.tlvs.remove(tlv::MESSAGE_PAYLOAD);
                }
                self.short_message = short_message;
                self
            }
            /// Puts the text into the TLV message_payload, in place of short_message (R060). Fails on more than 65,535
            /// octets.
            pub fn message_payload(mut self, octets: &[u8]) -> Result<Self, EncodeErrorKind> {
                self.tlvs.set(tlv::MESSAGE_PAYLOAD, octets)?;
                self.short_message = ShortMessage::default();
                Ok(self)
            }
        }
        impl<'a> $name<&'a [u8]> {
            /// The text, with sm_length. The TLV message_payload is removed, unless this is empty; fails where that
            /// stands between other TLVs ([`EncodeErrorKind::BothTexts`]), since a view cannot leave it out.
            pub fn short_message(mut self, short_message: ShortMessage<&'a [u8]>) -> Result<Self, EncodeErrorKind> {
                if !short_message.is_empty() {
                    let rest = self.tlvs.without(tlv::MESSAGE_PAYLOAD.tag);
                    self.tlvs = rest.ok_or(EncodeErrorKind::BothTexts)?;
                }
                self.short_message = short_message;
                Ok(self)
            }
            /// Puts the text into the TLV message_payload, in place of short_message (R060): the TLVs are written anew
            /// to `room`, without an allocation. Fails on more than 65,535 octets, and where the room ends.
            pub fn message_payload(mut self, octets: &[u8], room: &'a mut [u8]) -> Result<Self, EncodeErrorKind> {
                let mut tlvs = tlv::Builder::new(room);
                for (tag, value) in self.tlvs.iter().filter(|(tag, _)| *tag != tlv::MESSAGE_PAYLOAD.tag) {
                    tlvs.push(tlv::Key::<[u8]>::new(tag, ""), value)?;
                }
                tlvs.push(tlv::MESSAGE_PAYLOAD, octets)?;
                self.tlvs = tlvs.finish();
                self.short_message = ShortMessage::default();
                Ok(self)
            }
        }
    )* };
}
texts! { SubmitSm SubmitMulti DeliverSm ReplaceSm }

keep! { Pdu }

impl<B: Storage> Pdu<B> {
    pub(crate) fn unknown(command_id: CommandId, body: B) -> Self {
        Self::Unknown(Unknown { command_id, body })
    }
}
