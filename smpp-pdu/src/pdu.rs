//! The PDUs, as the specification's tables give them, one file a family. A row has the name and type of a field, its
//! size where that is a matter of the field and not of the type, and the fields that stand in the specification
//! before it and are part of its value. Sizes count the NUL of a C-octet string.

mod bind;
mod link;
mod message;
mod unknown;

pub use bind::{
    BindReceiver, BindReceiverResp, BindTransceiver, BindTransceiverResp, BindTransmitter, BindTransmitterResp, Unbind,
    UnbindResp,
};
pub use link::{EnquireLink, EnquireLinkResp, GenericNack};
pub use message::{DeliverSm, DeliverSmResp, SubmitSm, SubmitSmResp};
pub use unknown::Unknown;

use crate::codec::{Codec, Decoded, Header};
use crate::codes::CommandId;
use crate::error::{DecodeError, EncodeError};
use crate::masked::{Mask, Show};
use crate::owned::{Owned, own};
use crate::storage::Storage;
use crate::table::{body, pdus};
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
    }
}

pdus! {
    requests {
        BindReceiver = BIND_RECEIVER -> BindReceiverResp;
        BindTransmitter = BIND_TRANSMITTER -> BindTransmitterResp;
        BindTransceiver = BIND_TRANSCEIVER -> BindTransceiverResp;
        SubmitSm = SUBMIT_SM -> SubmitSmResp;
        DeliverSm = DELIVER_SM -> DeliverSmResp;
        Unbind = UNBIND -> UnbindResp;
        EnquireLink = ENQUIRE_LINK -> EnquireLinkResp;
    }
    oneway {
    }
    responses {
        BindReceiverResp = BIND_RECEIVER_RESP;
        BindTransmitterResp = BIND_TRANSMITTER_RESP;
        BindTransceiverResp = BIND_TRANSCEIVER_RESP;
        SubmitSmResp = SUBMIT_SM_RESP;
        DeliverSmResp = DELIVER_SM_RESP;
    }
    bare_responses {
        GenericNack = GENERIC_NACK;
        UnbindResp = UNBIND_RESP;
        EnquireLinkResp = ENQUIRE_LINK_RESP;
    }
}

impl<B: Storage> Pdu<B> {
    pub(crate) fn unknown(command_id: CommandId, body: B) -> Self {
        Self::Unknown(Unknown { command_id, body })
    }
}
