//! Where an endpoint and its members stand.

use crate::bind::BindKind;
use crate::error::ConnectError;
use smpp_pdu::Version;
use smpp_session::CloseReason;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

/// Which member of an [`Endpoint`](super::Endpoint): they are numbered from 1 in the order in which they were added, and
/// no number is given twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberId(u64);

impl MemberId {
    pub(crate) fn new(number: u64) -> Self {
        Self(number)
    }
    /// Its number.
    pub fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for MemberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where one member stands.
///
/// ```text
///               bound
///   Connecting ───────▶ Bound ──remove, close──▶ Draining ──▶ Stopped
///    │      ▲            │                                      ▲
///    │      └────lost────┘                                      │
///    └──────────permanent failure, remove, close────────────────┘
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum MemberState {
    /// There is no bind.
    Connecting {
        /// Which try in a row this is: 1 for the first, and again after a bind that has lasted.
        attempt: u32,
        /// When it begins; `None` once it is under way.
        next: Option<Instant>,
    },
    /// It sends and receives.
    Bound {
        /// As what.
        kind: BindKind,
        /// What both sides speak.
        version: Version,
    },
    /// It gets no more requests; those that it has are waited for, and then it unbinds.
    Draining,
    /// It has ended, and does not come back.
    Stopped(StopReason),
}

impl MemberState {
    /// As it is called in metrics.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Connecting { .. } => "connecting",
            Self::Bound { .. } => "bound",
            Self::Draining => "draining",
            Self::Stopped(_) => "stopped",
        }
    }
}

/// Why a member does not come back.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum StopReason {
    /// What is asked for is wrong, and stays so until somebody changes it.
    Permanent(Arc<ConnectError>),
    /// [`Endpoint::remove`](super::Endpoint::remove).
    Removed,
    /// [`Endpoint::close`](super::Endpoint::close), or nobody holds the endpoint any more.
    Closed,
    /// What connects it has panicked, or its runtime is gone.
    Broken,
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Permanent(error) => error.fmt(f),
            Self::Removed => f.write_str("removed"),
            Self::Closed => f.write_str("closed by this side"),
            Self::Broken => f.write_str("what connects it has panicked"),
        }
    }
}

/// What has last gone wrong with a member.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Failure {
    /// It was not bound.
    Connect(Arc<ConnectError>),
    /// It was bound, and is not any more.
    Lost(CloseReason),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(error) => error.fmt(f),
            Self::Lost(reason) => write!(f, "the bind was lost: {reason}"),
        }
    }
}

/// A member, where it stands, and what has last gone wrong with it, however long ago.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct MemberStatus {
    /// Which.
    pub id: MemberId,
    /// Where it stands.
    pub state: MemberState,
    /// What has last gone wrong.
    pub failure: Option<Failure>,
}

impl MemberStatus {
    pub(crate) fn new(id: MemberId) -> Self {
        let state = MemberState::Connecting { attempt: 1, next: None };
        Self {
            id,
            state,
            failure: None,
        }
    }
    /// Whether it is bound, and gets requests.
    pub fn is_bound(&self) -> bool {
        matches!(self.state, MemberState::Bound { .. })
    }
    /// Why it does not come back, if it does not.
    pub fn stopped(&self) -> Option<&StopReason> {
        match &self.state {
            MemberState::Stopped(reason) => Some(reason),
            _ => None,
        }
    }
}

/// Where an endpoint stands.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct EndpointState {
    /// Its members, in the order in which they were added, without those that were removed.
    pub members: Vec<MemberStatus>,
    /// No more requests are taken.
    pub closing: bool,
}

impl EndpointState {
    /// How many members are bound.
    pub fn bound(&self) -> usize {
        self.members.iter().filter(|member| member.is_bound()).count()
    }
    /// Why nothing more will be sent or come, if that is so: the endpoint is closed, or has members that have all stopped
    /// for good. It is the reason of the last of them.
    pub fn stopped(&self) -> Option<&StopReason> {
        let mut reasons = self.members.iter().map(MemberStatus::stopped);
        match reasons.all(|stopped| stopped.is_some()) {
            true => match self.members.last() {
                Some(member) => member.stopped(),
                None => self.closing.then_some(&StopReason::Closed),
            },
            false => None,
        }
    }
    /// This member.
    pub fn member(&self, id: MemberId) -> Option<&MemberStatus> {
        self.members.iter().find(|member| member.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::BindError;
    use smpp_pdu::CommandStatus;

    fn permanent() -> Arc<ConnectError> {
        Arc::new(BindError::Refused(CommandStatus::ESME_RINVPASWD).into())
    }

    #[test]
    fn every_reason_reads_well() {
        for (reason, text) in [
            (StopReason::Permanent(permanent()), "bind refused: ESME_RINVPASWD"),
            (StopReason::Removed, "removed"),
            (StopReason::Closed, "closed by this side"),
            (StopReason::Broken, "what connects it has panicked"),
        ] {
            assert_eq!(reason.to_string(), text);
        }
        for (failure, text) in [
            (Failure::Connect(permanent()), "bind refused: ESME_RINVPASWD"),
            (
                Failure::Lost(CloseReason::PeerClosed),
                "the bind was lost: the peer closed the connection",
            ),
        ] {
            assert_eq!(failure.to_string(), text);
        }
    }

    #[test]
    fn it_has_stopped_when_all_of_its_members_have() {
        let status = |number, state| MemberStatus {
            state,
            ..MemberStatus::new(MemberId::new(number))
        };
        let stopped = |reason| MemberState::Stopped(reason);
        let mut state = EndpointState::default();
        assert!(state.stopped().is_none(), "members may come");
        state.members = vec![status(1, stopped(StopReason::Broken)), status(2, MemberState::Draining)];
        assert!(state.stopped().is_none());
        state.members[1].state = stopped(StopReason::Permanent(permanent()));
        assert!(matches!(state.stopped(), Some(StopReason::Permanent(_))));
        state.members.clear();
        state.closing = true;
        assert!(matches!(state.stopped(), Some(StopReason::Closed)));
    }
}
