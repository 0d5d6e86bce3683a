//! Bytes ⇄ PDUs of SMPP 3.3, 3.4 and 5.0. No IO, no clock, no allocation per PDU.
//!
//! ```
//! use smpp_pdu::{COctetString, Codec, Header, Pdu, ShortMessage, SubmitSm};
//!
//! let codec = Codec::default();
//! let mut submit = SubmitSm::borrowed();
//! submit.destination_addr.addr = COctetString::new(&b"447700900123"[..])?;
//! submit.short_message = ShortMessage::new(&b"hello"[..])?;
//!
//! let mut buffer = [0; 512];
//! let len = codec.encode_to(Header::request(7), &submit, &mut buffer)?;
//! let decoded = codec.decode(&buffer[..len])?;
//! let Pdu::SubmitSm(sm) = decoded.pdu else { panic!() };
//! assert_eq!(sm.short_message.as_bytes(), b"hello");
//!
//! // The same, owned: what a type is that is not told otherwise.
//! let mut submit = SubmitSm::default();
//! submit.destination_addr.addr = COctetString::new("447700900123")?;
//! submit.short_message = ShortMessage::new("hello")?;
//! assert_eq!(submit, sm.into_owned());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `pdu.rs` and the files of its folder hold the tables; read them first. `table.rs` makes structs and codec of them,
//! by way of two traits that every type of a row has: `wire::Parse` in, `write::Field` out.
#![no_std]
#![warn(missing_docs, clippy::indexing_slicing, clippy::unwrap_used)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod address;
mod check;
mod codec;
mod codes;
mod error;
mod fields;
mod frame;
#[cfg(feature = "arbitrary")]
mod generate;
mod list;
mod masked;
mod multi;
mod owned;
mod pdu;
pub mod reassemble;
pub mod receipt;
mod row;
pub mod split;
mod storage;
#[cfg(feature = "proptest")]
pub mod strategy;
mod string;
mod table;
pub mod text;
pub mod time;
pub mod tlv;
mod tolerance;
pub mod udh;
mod version;
mod wire;
mod write;

pub use address::Address;
pub use check::{CheckError, CheckErrorKind};
pub use codec::{Buffer, Codec, Decoded, Forgiven, Header};
pub use codes::{
    AddrSubunit, AlertOnMessageDelivery, BearerType, BroadcastAreaFormat, BroadcastChannelIndicator,
    BroadcastContentType, BroadcastFrequencyUnit, BroadcastMessageClass, BroadcastNetworkType, CallbackNumPresInd,
    CommandId, CommandStatus, CongestionState, DataCoding, DeliveryFailureReason, DestAddrNpResolution, DisplayTime,
    DpfResult, EsmClass, ItsReplyType, LanguageIndicator, MessageState, MoreMessagesToSend, MsAvailabilityStatus,
    MsMsgWaitFacilities, MsValidity, MsValidityUnit, NetworkErrorType, NetworkType, Npi, PayloadType, PrivacyIndicator,
    RegisteredDelivery, SetDpf, SubaddressTag, Ton, UssdServiceOp,
};
pub use error::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind};
pub use fields::FieldValue;
pub use frame::{FrameError, HEADER_LEN, MAX_PDU, next_frame, split_frame};
pub use list::{Destinations, UnsuccessSmes};
pub use multi::{Destination, UnsuccessSme};
pub use owned::Owned;
pub use pdu::{
    AlertNotification, AnyResponse, BindReceiver, BindReceiverResp, BindTransceiver, BindTransceiverResp,
    BindTransmitter, BindTransmitterResp, BroadcastSm, BroadcastSmResp, CancelBroadcastSm, CancelBroadcastSmResp,
    CancelSm, CancelSmResp, DataSm, DataSmResp, DeliverSm, DeliverSmResp, EnquireLink, EnquireLinkResp, GenericNack,
    Outbind, Pdu, QueryBroadcastSm, QueryBroadcastSmResp, QuerySm, QuerySmResp, ReplaceSm, ReplaceSmResp, Request,
    Response, SubmitMulti, SubmitMultiResp, SubmitSm, SubmitSmResp, Unbind, UnbindResp, Unknown,
};
pub use storage::Storage;
pub use string::{COctetString, Password, ShortMessage, Time};
pub use tlv::Tlvs;
pub use tolerance::Tolerance;
pub use version::Version;
pub use write::Encode;
