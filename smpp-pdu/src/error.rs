//! Errors are `Copy`: they say which PDU, which field, where and what, and hold none of the octets.

use crate::codes::{CommandId, CommandStatus};
use core::fmt;

/// Why a PDU was refused, in which field, and at which octet of the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct DecodeError {
    /// 0 if the frame ends before it.
    pub command: CommandId,
    /// As the specification spells it; empty for the PDU as a whole.
    pub field: &'static str,
    /// Octets from the start of the frame, at most its length.
    pub offset: usize,
    /// What is wrong there.
    pub kind: DecodeErrorKind,
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The octets end before the field does.
    Truncated,
    /// No NUL before the end of the PDU.
    Unterminated,
    /// A size that this version does not allow (both count the NUL, as the tables do).
    Size {
        /// What the field has.
        size: usize,
        /// What it may have.
        max: usize,
    },
    /// Neither an SME address (1) nor a distribution list (2).
    DestFlag(u8),
    /// One to three octets behind the last field, which are no TLV.
    TrailingOctets,
}

impl DecodeError {
    /// What to answer it with (v3.4 §5.1.3, v5.0 §4.7.6; R008, R035, R042, R065, R124): the status that the specification
    /// has for the field, or for lengths.
    pub fn command_status(&self) -> CommandStatus {
        match (self.kind, self.field) {
            (DecodeErrorKind::DestFlag(_), _) => CommandStatus::ESME_RINVDESTFLAG,
            (DecodeErrorKind::TrailingOctets, _) | (DecodeErrorKind::Truncated, "tlvs") => {
                CommandStatus::ESME_RINVTLVSTREAM
            }
            (_, "short_message") => CommandStatus::ESME_RINVMSGLEN,
            (DecodeErrorKind::Truncated, _) => CommandStatus::ESME_RINVCMDLEN,
            (_, "service_type") => CommandStatus::ESME_RINVSERTYP,
            (_, "source_addr") => CommandStatus::ESME_RINVSRCADR,
            (_, "destination_addr") => CommandStatus::ESME_RINVDSTADR,
            (_, "number_of_dests") => CommandStatus::ESME_RINVNUMDESTS,
            (_, "dl_name") => CommandStatus::ESME_RINVDLNAME,
            (_, "schedule_delivery_time") => CommandStatus::ESME_RINVSCHED,
            (_, "validity_period") => CommandStatus::ESME_RINVEXPIRY,
            (_, "message_id") => CommandStatus::ESME_RINVMSGID,
            (_, "system_id") => CommandStatus::ESME_RINVSYSID,
            (_, "password") => CommandStatus::ESME_RINVPASWD,
            (_, "system_type") => CommandStatus::ESME_RINVSYSTYP,
            _ => CommandStatus::ESME_RINVCMDLEN,
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            command,
            field,
            offset,
            kind,
        } = self;
        let between = if field.is_empty() { "" } else { "." };
        write!(f, "{command:?}{between}{field} at octet {offset}: {kind}")
    }
}
impl core::error::Error for DecodeError {}

impl fmt::Display for DecodeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated => f.write_str("the PDU ends before the field does"),
            Self::Unterminated => f.write_str("no NUL before the end of the PDU"),
            Self::Size { size, max } => write!(f, "{size} octets where {max} are allowed"),
            Self::DestFlag(flag) => write!(f, "a dest_flag of {flag}, which is neither 1 nor 2"),
            Self::TrailingOctets => f.write_str("octets behind the last field that are no TLV"),
        }
    }
}

/// Why a PDU was not written, and which field it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct EncodeError {
    /// The PDU.
    pub command: CommandId,
    /// As the specification spells it; empty for the PDU as a whole.
    pub field: &'static str,
    /// What is wrong with it.
    pub kind: EncodeErrorKind,
}

/// Why a field cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum EncodeErrorKind {
    /// A size that this version does not allow (of a C-octet string with its NUL).
    Size {
        /// What the field has.
        size: usize,
        /// What it may have.
        max: usize,
    },
    /// A C-octet string with a NUL inside.
    ContainsNul,
    /// A number that has no room in its bits.
    Value {
        /// The number.
        value: u32,
        /// The largest that has.
        max: u32,
    },
    /// This version has no such PDU, or no TLVs.
    Version,
    /// The buffer has less room than the PDU needs.
    NoRoom {
        /// Octets of the whole PDU.
        needed: usize,
    },
    /// A short_message for a view whose message_payload stands between other TLVs, where a view cannot leave it out
    /// (R060). Set that anew, or the TLVs.
    BothTexts,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { command, field, kind } = self;
        let between = if field.is_empty() { "" } else { "." };
        write!(f, "{command:?}{between}{field}: {kind}")
    }
}
impl core::error::Error for EncodeError {}

impl fmt::Display for EncodeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Size { size, max } => write!(f, "{size} octets where {max} are allowed"),
            Self::ContainsNul => f.write_str("a NUL inside the string"),
            Self::Value { value, max } => write!(f, "{value} where {max} is the most"),
            Self::Version => f.write_str("not in this version of SMPP"),
            Self::NoRoom { needed } => write!(f, "the PDU needs {needed} octets"),
            Self::BothTexts => f.write_str("short_message and message_payload at once"),
        }
    }
}
impl core::error::Error for EncodeErrorKind {}
