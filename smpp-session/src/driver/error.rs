//! Why a call has no positive answer.

use super::calls::End;
use super::kept::Kept;
use crate::error::RequestError;
use crate::event::{CloseReason, Outcome};
use crate::retry::Retry;
use crate::state::State;
use smpp_pdu::{CommandStatus, DecodeError, Decoded, Pdu, Request, Unknown};
use std::fmt;

/// Why a request has no positive answer, and so what has become of it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum CallError {
    /// Our own misuse; nothing was sent.
    Refused(RequestError),
    /// It waited for a place in the window for as long as its owner lets it, and was taken back
    /// ([`Call::withdraw`](super::Call::withdraw)): nothing was sent.
    OfferTimedOut,
    /// The peer has answered, with a status other than ESME_ROK.
    Rejected(Rejection),
    /// The peer has refused it by generic_nack.
    Nacked(CommandStatus),
    /// Written, and not answered in time: the peer may have it.
    TimedOut,
    /// The session was over before an octet of it was written: the peer does not have it.
    NotWritten(CloseReason),
    /// The session was over after it was written, in part or whole: the peer may have it.
    MaybeDelivered(CloseReason),
    /// The peer has answered with ESME_ROK, and the rest of the answer could not be read: it has it.
    Unreadable(DecodeError),
}

/// An answer with a status other than ESME_ROK.
#[derive(Debug, Clone)]
pub struct Rejection(Kept);

impl Rejection {
    /// Why the peer has refused it.
    pub fn command_status(&self) -> CommandStatus {
        self.0.command_status()
    }
    /// All of the answer: some explain themselves by TLVs (R091).
    pub fn decode(&self) -> Result<Decoded<Pdu<&[u8]>>, DecodeError> {
        self.0.decode()
    }
}

impl CallError {
    /// The status that the peer gave, if it gave one.
    pub fn command_status(&self) -> Option<CommandStatus> {
        match self {
            Self::Rejected(rejection) => Some(rejection.command_status()),
            Self::Nacked(status) => Some(*status),
            Self::Unreadable(_) => Some(CommandStatus::ESME_ROK),
            _ => None,
        }
    }
    /// Whether the peer may have acted on the request: to send it again may double it.
    pub fn may_be_delivered(&self) -> bool {
        matches!(self, Self::TimedOut | Self::MaybeDelivered(_) | Self::Unreadable(_))
    }

    /// Whether a request of an ESME may be sent again. That of a bind: [`BindRetry`](crate::BindRetry).
    pub fn retry(&self) -> Retry {
        self.retry_by(Retry::of_submission)
    }
    /// Whether a deliver_sm or data_sm of a message centre may be sent again.
    pub fn retry_delivery(&self) -> Retry {
        self.retry_by(Retry::of_delivery)
    }

    fn retry_by(&self, of: impl FnOnce(CommandStatus) -> Retry) -> Retry {
        match self {
            Self::Refused(RequestError::WindowFull) | Self::OfferTimedOut | Self::NotWritten(_) => Retry::Unsent,
            Self::Refused(_) => Retry::Never,
            Self::Rejected(rejection) => of(rejection.command_status()),
            Self::Nacked(status) => of(*status),
            Self::TimedOut | Self::MaybeDelivered(_) | Self::Unreadable(_) => Retry::MayDouble,
        }
    }

    /// That the session has begun to end meanwhile is nobody's misuse: it may be sent elsewhere.
    #[cold]
    pub(crate) fn not_sent(error: RequestError) -> Self {
        match error {
            RequestError::WrongState(_, State::Unbound | State::Closed) => Self::NotWritten(CloseReason::Unbound),
            error => Self::Refused(error),
        }
    }

    #[inline]
    pub(crate) fn unless_answered<R: Request>(end: &End, answer: &mut Kept) -> Result<R::Response, Self>
    where
        R::Response: Default,
    {
        match end {
            Ok(Outcome::Answered(())) if answer.is_positive() => answer.decode_as(),
            _ => Err(Self::of_end(end, answer)),
        }
    }

    pub(crate) fn unless_vendor_answered(end: &End, answer: &mut Kept) -> Result<Unknown, Self> {
        match end {
            Ok(Outcome::Answered(())) if answer.is_positive() => {}
            _ => return Err(Self::of_end(end, answer)),
        }
        let decoded = answer.decode().map_err(Self::Unreadable)?;
        Ok(match decoded.pdu {
            Pdu::Unknown(pdu) => pdu.into_owned(),
            // A registered response is none of these.
            pdu => Unknown {
                command_id: pdu.command_id(),
                body: Default::default(),
            },
        })
    }

    /// Of any end but an answer with ESME_ROK.
    #[cold]
    fn of_end(end: &End, answer: &mut Kept) -> Self {
        match *end {
            Err(error) => Self::Refused(error),
            Ok(Outcome::Answered(())) => Self::Rejected(Rejection(answer.take())),
            Ok(Outcome::Nacked(status)) => Self::Nacked(status),
            Ok(Outcome::TimedOut) => Self::TimedOut,
            Ok(Outcome::NotWritten(reason)) => Self::NotWritten(reason),
            Ok(Outcome::MaybeDelivered(reason)) => Self::MaybeDelivered(reason),
        }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => write!(f, "not sent: {error}"),
            Self::OfferTimedOut => f.write_str("not sent: no place in the window came free in time"),
            Self::Rejected(rejection) => write!(f, "rejected: {}", rejection.command_status()),
            Self::Nacked(status) => write!(f, "refused by generic_nack: {status}"),
            Self::TimedOut => f.write_str("not answered in time"),
            Self::NotWritten(reason) => write!(f, "not sent: {reason}"),
            Self::MaybeDelivered(reason) => write!(f, "sent, and not answered: {reason}"),
            Self::Unreadable(error) => write!(f, "accepted, but the answer could not be read: {error}"),
        }
    }
}
impl std::error::Error for CallError {}

#[cfg(all(test, not(border_model)))]
mod tests {
    use super::*;
    use smpp_pdu::CommandId;

    /// All but a rejection, which only a peer can make: `tests/driver/calls.rs` has that.
    #[test]
    fn every_error_reads_well_and_says_whether_to_send_again() {
        let wrong = RequestError::WrongState(CommandId::SUBMIT_SM, State::BoundRx);
        for (error, text, retry, retry_delivery) in [
            (
                CallError::Refused(wrong),
                "not sent: submit_sm may not be sent by this side in state BoundRx",
                Retry::Never,
                Retry::Never,
            ),
            (
                CallError::Refused(RequestError::WindowFull),
                "not sent: the window is full",
                Retry::Unsent,
                Retry::Unsent,
            ),
            (
                CallError::OfferTimedOut,
                "not sent: no place in the window came free in time",
                Retry::Unsent,
                Retry::Unsent,
            ),
            (
                CallError::NotWritten(CloseReason::PeerClosed),
                "not sent: the peer closed the connection",
                Retry::Unsent,
                Retry::Unsent,
            ),
            (
                CallError::Nacked(CommandStatus::ESME_RX_T_APPN),
                "refused by generic_nack: ESME_RX_T_APPN",
                Retry::Never,
                Retry::Later,
            ),
            (
                CallError::TimedOut,
                "not answered in time",
                Retry::MayDouble,
                Retry::MayDouble,
            ),
            (
                CallError::MaybeDelivered(CloseReason::LinkDead),
                "sent, and not answered: the peer did not answer enquire_link",
                Retry::MayDouble,
                Retry::MayDouble,
            ),
        ] {
            assert_eq!(error.to_string(), text);
            assert_eq!(
                (error.retry(), error.retry_delivery()),
                (retry, retry_delivery),
                "{text}"
            );
            assert_eq!(error.may_be_delivered(), retry == Retry::MayDouble, "{text}");
        }
    }
}
