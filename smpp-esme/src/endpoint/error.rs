//! Why a request of an endpoint has no positive answer.

use super::state::StopReason;
use smpp_pdu::CommandStatus;
use smpp_session::Retry;
use smpp_session::driver::CallError;
use std::fmt;

/// Why a request of an [`Endpoint`](super::Endpoint) has no positive answer, and so what has become of it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum EndpointError {
    /// It ended on a bind. [`CallError::OfferTimedOut`] is also what waited too long for one.
    Call(CallError),
    /// Of a `try_` form: no member is bound that may submit. Nothing was sent.
    NotBound,
    /// Of a `try_` form: it would have had to wait for the window, for the pace, or for those before it. Nothing was sent.
    Busy,
    /// All members have stopped for good, or all that might submit; the last of them for this reason. Nothing was sent.
    Stopped(StopReason),
    /// The endpoint is being closed, or was. Nothing was sent.
    Closed,
}

impl EndpointError {
    /// The status that the SMSC gave, if it gave one.
    pub fn command_status(&self) -> Option<CommandStatus> {
        match self {
            Self::Call(error) => error.command_status(),
            _ => None,
        }
    }
    /// Whether the SMSC may have acted on the request: to send it again may double it.
    pub fn may_be_delivered(&self) -> bool {
        matches!(self, Self::Call(error) if error.may_be_delivered())
    }
    /// Whether it may be sent again; [`CallError::retry`].
    pub fn retry(&self) -> Retry {
        match self {
            Self::Call(error) => error.retry(),
            _ => Retry::Unsent,
        }
    }
}

impl From<CallError> for EndpointError {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(error) => error.fmt(f),
            Self::NotBound => f.write_str("not sent: no member is bound"),
            Self::Busy => f.write_str("not sent: it would have to wait"),
            Self::Stopped(reason) => write!(f, "not sent: no member will be bound: {reason}"),
            Self::Closed => f.write_str("not sent: the endpoint is closed"),
        }
    }
}

impl std::error::Error for EndpointError {}

#[cfg(test)]
mod tests {
    use super::*;
    use smpp_session::CloseReason;

    #[test]
    fn every_error_reads_well_and_says_whether_to_send_again() {
        let nacked = CallError::Nacked(CommandStatus::ESME_RSYSERR);
        let errors: [(EndpointError, &str, Retry); 6] = [
            (nacked.into(), "refused by generic_nack: ESME_RSYSERR", Retry::Later),
            (
                CallError::MaybeDelivered(CloseReason::PeerClosed).into(),
                "sent, and not answered: the peer closed the connection",
                Retry::MayDouble,
            ),
            (EndpointError::NotBound, "not sent: no member is bound", Retry::Unsent),
            (EndpointError::Busy, "not sent: it would have to wait", Retry::Unsent),
            (
                EndpointError::Stopped(StopReason::Broken),
                "not sent: no member will be bound: what connects it has panicked",
                Retry::Unsent,
            ),
            (EndpointError::Closed, "not sent: the endpoint is closed", Retry::Unsent),
        ];
        for (error, text, retry) in errors {
            assert_eq!((error.to_string().as_str(), error.retry()), (text, retry));
            assert_eq!(error.may_be_delivered(), retry == Retry::MayDouble);
            assert_eq!(error.command_status().is_some(), retry == Retry::Later);
        }
    }
}
