//! What a status or an outcome says about sending again. Both sides ask it, the client about its submissions and binds
//! and a message centre about its deliveries, and so it stands here and not in the codec: it is a policy, and no part
//! of what is on the wire.

use smpp_pdu::CommandStatus;
use std::fmt;

/// Whether a request that has no positive answer may be sent again. A default, which whoever knows the peer may
/// overrule (the statuses: v3.4 §5.1.3, v5.0 §4.7.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Retry {
    /// Nothing of it was sent: it can be sent as soon as there is a session that has room for it.
    Unsent,
    /// Refused for now: it can be sent again after a while.
    Later,
    /// The peer is being asked too much: again after a while, and everything more slowly.
    Slower,
    /// Refused for good, or our own misuse: sent again as it is, it would be refused again.
    Never,
    /// Refused, and so would be all that waits for the same destination (R117).
    NeverToDestination,
    /// The peer may have it, or has it: sent again, it may be there twice. Only who knows what that costs can decide.
    MayDouble,
}

impl Retry {
    /// An ESME's request, refused by the message centre.
    pub const fn of_submission(status: CommandStatus) -> Self {
        match status {
            CommandStatus::ESME_RSYSERR | CommandStatus::ESME_RSERTYPUNAVAIL => Self::Later,
            CommandStatus::ESME_RMSGQFUL | CommandStatus::ESME_RTHROTTLED => Self::Slower,
            _ => Self::Never,
        }
    }

    /// A message centre's deliver_sm or data_sm, refused by the ESME. Some of the statuses that are final to a
    /// submission are what a large operator lists as temporary here.
    pub const fn of_delivery(status: CommandStatus) -> Self {
        match status {
            CommandStatus::ESME_RSYSERR
            | CommandStatus::ESME_RSUBMITFAIL
            | CommandStatus::ESME_RX_T_APPN
            | CommandStatus::ESME_RQUERYFAIL
            | CommandStatus::ESME_RDELIVERYFAILURE
            | CommandStatus::ESME_RUNKNOWNERR
            | CommandStatus::ESME_RSERTYPUNAVAIL => Self::Later,
            CommandStatus::ESME_RMSGQFUL | CommandStatus::ESME_RTHROTTLED => Self::Slower,
            CommandStatus::ESME_RX_P_APPN => Self::NeverToDestination,
            _ => Self::Never,
        }
    }
}

impl fmt::Display for Retry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unsent => "not sent",
            Self::Later => "refused for now",
            Self::Slower => "refused for now, and the peer is asked too much",
            Self::Never => "refused",
            Self::NeverToDestination => "refused, with all for the same destination",
            Self::MayDouble => "perhaps there already",
        })
    }
}

/// What to do after a bind that failed. A default, as [`Retry`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BindRetry {
    /// What is asked for is wrong, and stays so until somebody changes it: to stop, and say so.
    Permanent,
    /// The peer has too many binds of this ESME, or still holds an old one: again after a long while.
    Contended,
    /// Nothing that lasts: again, after a while that grows.
    Transient,
    /// This type of bind is not offered: another may be (R107).
    OtherBindType,
}

impl BindRetry {
    /// A bind, refused by the message centre.
    pub const fn of(status: CommandStatus) -> Self {
        match status {
            CommandStatus::ESME_RINVCMDLEN
            | CommandStatus::ESME_RINVPASWD
            | CommandStatus::ESME_RINVSYSID
            | CommandStatus::ESME_RINVSYSTYP
            | CommandStatus::ESME_RPROHIBITED => Self::Permanent,
            // ESME_RBINDFAIL is wrong credentials in 5.0, and in the field also a limit on binds.
            CommandStatus::ESME_RALYBND | CommandStatus::ESME_RBINDFAIL => Self::Contended,
            CommandStatus::ESME_RINVCMDID => Self::OtherBindType,
            _ => Self::Transient,
        }
    }
}

impl fmt::Display for BindRetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Permanent => "permanent",
            Self::Contended => "contended",
            Self::Transient => "transient",
            Self::OtherBindType => "another type of bind may be offered",
        })
    }
}
