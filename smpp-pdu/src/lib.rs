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
//! # Streams
//!
//! [`next_frame`] cuts a PDU from a slice and [`split_frame`] from a growing buffer, by command_length alone. What is wrong
//! with a body is an error of that PDU, which knows field, offset and the status to answer with; only a length that
//! cannot be trusted ends the stream.
//!
//! # TLVs
//!
//! ```
//! use smpp_pdu::{MessageState, Tlvs, tlv};
//!
//! let mut tlvs = Tlvs::default();
//! tlvs.push(tlv::RECEIPTED_MESSAGE_ID, b"0A1B2C3D")?;
//! tlvs.push(tlv::MESSAGE_STATE, MessageState::DELIVERED)?;
//! assert_eq!(tlvs.get(tlv::MESSAGE_STATE)?, Some(MessageState::DELIVERED));
//!
//! // A vendor's own; order, duplicates and unknown tags survive.
//! const ROUTE: tlv::Key<u32> = tlv::Key::new(0x1403, "route");
//! tlvs.set(ROUTE, 7)?;
//! assert_eq!(tlvs.iter().count(), 3);
//!
//! // Without an allocation: a builder over a slice, for PDUs in borrowed storage.
//! let mut room = [0; 32];
//! let mut builder = tlv::Builder::new(&mut room);
//! builder.push(tlv::SAR_MSG_REF_NUM, 77)?;
//! let view: Tlvs<&[u8]> = builder.finish();
//! assert_eq!(view.get(tlv::SAR_MSG_REF_NUM)?, Some(77));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Versions, and what is forgiven
//!
//! A [`Codec`] has the version that two peers agreed on, whose sizes it holds them to, and a [`Tolerance`]. Decoding
//! judges structure only; values are judged by `check`.
//!
//! ```
//! use smpp_pdu::{Codec, CommandStatus, Pdu, Tolerance, Version};
//!
//! // A submit_sm_resp whose message_id has no NUL, as several centres send it.
//! let frame = b"\0\0\0\x11\x80\0\0\x04\0\0\0\0\0\0\0\x079";
//! let field = Codec { version: Version::V34, tolerance: Tolerance::field() };
//! let decoded = field.decode(frame)?;
//! assert_eq!(decoded.forgiven, Tolerance::MISSING_NUL);
//!
//! let strict = Codec { tolerance: Tolerance::strict(), ..field };
//! let error = strict.decode(frame).unwrap_err();
//! assert_eq!((error.field, error.offset), ("message_id", 16));
//! assert_eq!(error.command_status(), CommandStatus::ESME_RINVMSGID);
//!
//! // What was forgiven, one by one, and what to refuse it with.
//! assert_eq!(field.forgiven(frame)[0].error, error);
//! // Values are judged apart.
//! assert!(decoded.pdu.check(Version::V34).is_ok());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Logs
//!
//! `Debug` and `Display` mask texts and addresses, and leave passwords out; `reveal()` shows all but passwords, and `{:#}`
//! is a table with the names of values. [`mask`] does the same to the octets of a frame, for captures.
//!
//! With the feature `serde`, what is serialised is written in clear and whole, passwords too: it comes back as it was, and
//! does not belong into a log. Octets are strings where they are text, else `{"hex": "00ff"}`; codes are numbers, PDUs,
//! fields and leniencies go by their names.
//!
//! # The source
//!
//! `pdu.rs` and the files of its folder hold the tables; read them first. `table.rs` makes structs and codec of them,
//! by way of two traits that every type of a row has: `wire::Parse` in, `write::Field` out.
#![no_std]
#![warn(missing_docs, clippy::indexing_slicing, clippy::unwrap_used)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

/// The README's example is tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// So are those of the book's chapters, which are no part of the package.
#[cfg(doctest)]
#[doc = include_str!("../../docs/text.md")]
#[doc = include_str!("../../docs/receipts-and-times.md")]
struct Chapters;

mod address;
mod buffer;
mod check;
mod codec;
mod codes;
mod error;
mod fields;
mod frame;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
#[cfg(feature = "arbitrary")]
mod generate;
mod kept;
mod list;
mod mask;
mod masked;
mod multi;
mod owned;
mod pdu;
pub mod reassemble;
pub mod receipt;
mod row;
#[cfg(feature = "serde")]
mod serialize;
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
pub use buffer::{Buffer, SendBuffer};
pub use check::{CheckError, CheckErrorKind};
pub use codec::{Codec, Decoded, Forgiven, Header};
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
pub use kept::{Keep, Kept};
pub use list::{Destinations, UnsuccessSmes};
pub use mask::mask;
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
