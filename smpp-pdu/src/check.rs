//! What decoding does not judge: values, and which of them go together.

mod judge;

pub(crate) use judge::Judge;

use crate::codes::{CommandId, CommandStatus};
use core::fmt;

/// A value that the version does not allow, or values that do not go together: the first of a PDU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct CheckError {
    /// The PDU.
    pub command: CommandId,
    /// The field or the TLV, as the specification spells it.
    pub field: &'static str,
    /// What is wrong with it.
    pub kind: CheckErrorKind,
}

/// What is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum CheckErrorKind {
    /// No time, or one that the field does not take (R146, R147).
    Time,
    /// A value that is reserved, or must be another here.
    Reserved {
        /// What the peer sent.
        value: u32,
    },
    /// No destination, where there must be one (R124).
    NoDestination,
    /// short_message and message_payload at once (R060, R061).
    BothTexts,
    /// A TLV whose value has too few or too many octets (R043).
    TlvLength {
        /// How many it has.
        len: usize,
    },
    /// A TLV whose value is impossible (R044, R052).
    TlvValue,
    /// A TLV that must be there (R046, R055, R056, R137).
    TlvMissing,
    /// A TLV that must not stand beside a UDH (R053).
    TlvBesideUdh,
    /// Not as many of it as of what it goes with (R048, R049).
    TlvsUnpaired,
}

impl CheckError {
    /// What to refuse the PDU with (v3.4 §5.1.3, v5.0 §4.7.6).
    pub fn command_status(&self) -> CommandStatus {
        match self.kind {
            CheckErrorKind::NoDestination => CommandStatus::ESME_RINVNUMDESTS,
            CheckErrorKind::BothTexts => CommandStatus::ESME_RINVMSGLEN,
            CheckErrorKind::TlvLength { .. } => CommandStatus::ESME_RINVTLVLEN,
            CheckErrorKind::TlvValue | CheckErrorKind::TlvsUnpaired => CommandStatus::ESME_RINVTLVVAL,
            CheckErrorKind::TlvMissing => CommandStatus::ESME_RMISSINGTLV,
            CheckErrorKind::TlvBesideUdh => CommandStatus::ESME_RTLVNOTALLWD,
            CheckErrorKind::Time | CheckErrorKind::Reserved { .. } => self.status_of_field(),
        }
    }
    fn status_of_field(&self) -> CommandStatus {
        match self.field {
            "schedule_delivery_time" => CommandStatus::ESME_RINVSCHED,
            "validity_period" => CommandStatus::ESME_RINVEXPIRY,
            "priority_flag" => CommandStatus::ESME_RINVPRTFLG,
            "esm_class" => CommandStatus::ESME_RINVESMCLASS,
            "number_of_dests" => CommandStatus::ESME_RINVNUMDESTS,
            "registered_delivery" => CommandStatus::ESME_RINVREGDLVFLG,
            "replace_if_present_flag" => CommandStatus::ESME_RINVREPFLAG,
            "sm_default_msg_id" => CommandStatus::ESME_RINVDFTMSGID,
            "source_addr_ton" => CommandStatus::ESME_RINVSRCTON,
            "source_addr_npi" => CommandStatus::ESME_RINVSRCNPI,
            "dest_addr_ton" => CommandStatus::ESME_RINVDSTTON,
            "dest_addr_npi" => CommandStatus::ESME_RINVDSTNPI,
            _ => CommandStatus::ESME_RUNKNOWNERR,
        }
    }
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { command, field, kind } = self;
        write!(f, "{command:?}.{field}: {kind}")
    }
}
impl core::error::Error for CheckError {}

impl fmt::Display for CheckErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time => f.write_str("not a time that this field takes"),
            Self::Reserved { value } => write!(f, "{value:#x} is not a value of this field"),
            Self::NoDestination => f.write_str("no destination"),
            Self::BothTexts => f.write_str("short_message and message_payload at once"),
            Self::TlvLength { len } => write!(f, "a value of {len} octets"),
            Self::TlvValue => f.write_str("an impossible value"),
            Self::TlvMissing => f.write_str("it is missing"),
            Self::TlvBesideUdh => f.write_str("not beside a user data header"),
            Self::TlvsUnpaired => f.write_str("not as many of it as of what it goes with"),
        }
    }
}
