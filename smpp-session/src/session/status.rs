//! Which status a peer can be told.

use super::Session;
use crate::config::Role;
use smpp_pdu::{CommandId, CommandStatus, EncodeError, EncodeErrorKind, Version};
use std::ops::RangeInclusive;

impl<T> Session<T> {
    /// A status of 5.0 says nothing to a peer below it (R084): 3.4 reserves these numbers.
    #[inline]
    pub(super) fn may_say(&self, request: CommandId, status: CommandStatus) -> Result<(), EncodeError> {
        if !SINCE_V50.contains(&status.0) || self.binding.unwrap_or(self.codec.version) >= Version::V50 {
            return Ok(());
        }
        Err(EncodeError {
            command: request.response(),
            field: "command_status",
            kind: EncodeErrorKind::Version,
        })
    }

    /// The status itself, if it can be said; else the nearest that 3.4 has.
    pub(super) fn sayable(&self, request: CommandId, status: CommandStatus) -> CommandStatus {
        if self.may_say(request, status).is_ok() {
            status
        } else {
            before_v50(self.role, request, status)
        }
    }
}

/// What a peer below 5.0 is told instead of a status of 5.0: of the same nature, for one that is temporary has it send
/// the request again, and one that is permanent must not.
#[cold]
fn before_v50(from: Role, request: CommandId, status: CommandStatus) -> CommandStatus {
    match status {
        CommandStatus::ESME_RSERTYPUNAUTH | CommandStatus::ESME_RSERTYPDENIED => CommandStatus::ESME_RINVSERTYP,
        CommandStatus::ESME_RSERTYPUNAVAIL => CommandStatus::ESME_RSYSERR,
        // Both stand in TLVs.
        CommandStatus::ESME_RINVSRCADDRSUBUNIT | CommandStatus::ESME_RINVDSTADDRSUBUNIT => {
            CommandStatus::ESME_RINVTLVVAL
        }
        CommandStatus(assigned) if assigned <= CommandStatus::ESME_RINVBCASTCHANIND.0 => failed(from, request),
        _ => CommandStatus::ESME_RUNKNOWNERR,
    }
}

/// The permanent failure of a request that says no more. An ESME's is not ESME_RSUBMITFAIL, after which some message
/// centres deliver again.
fn failed(from: Role, request: CommandId) -> CommandStatus {
    match request {
        CommandId::BIND_TRANSMITTER | CommandId::BIND_RECEIVER | CommandId::BIND_TRANSCEIVER => {
            CommandStatus::ESME_RBINDFAIL
        }
        CommandId::QUERY_SM => CommandStatus::ESME_RQUERYFAIL,
        CommandId::CANCEL_SM => CommandStatus::ESME_RCANCELFAIL,
        CommandId::REPLACE_SM => CommandStatus::ESME_RREPLACEFAIL,
        CommandId::SUBMIT_SM | CommandId::SUBMIT_MULTI => CommandStatus::ESME_RSUBMITFAIL,
        CommandId::DELIVER_SM => CommandStatus::ESME_RX_R_APPN,
        CommandId::DATA_SM if matches!(from, Role::Esme) => CommandStatus::ESME_RX_R_APPN,
        CommandId::DATA_SM => CommandStatus::ESME_RSUBMITFAIL,
        // A vendor's.
        _ => CommandStatus::ESME_RUNKNOWNERR,
    }
}

/// Assigned by 5.0, of 0x100 to 0x112 so far (v3.4 §5.1.3, v5.0 §4.7.6).
const SINCE_V50: RangeInclusive<u32> = 0x100..=0x3ff;
