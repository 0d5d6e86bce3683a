//! Our own misuse.

use crate::state::State;
use smpp_pdu::{CommandId, EncodeError};
use std::fmt;

/// Why a request was not taken: nothing of it was sent, and nothing will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestError {
    /// This side may not send it in this state.
    WrongState(CommandId, State),
    /// This version of SMPP has no such command, or it is a response.
    NotARequest(CommandId),
    /// As many as the window allows wait for their answer, or too much waits to be written.
    WindowFull,
    /// It cannot be encoded.
    Encode(EncodeError),
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongState(command, State::Closed) => write!(f, "{command} on a closed session"),
            Self::WrongState(command, state) => write!(f, "{command} may not be sent by this side in state {state:?}"),
            Self::NotARequest(command) => write!(f, "{command} is no request of this version"),
            Self::WindowFull => f.write_str("the window is full"),
            Self::Encode(error) => error.fmt(f),
        }
    }
}
impl std::error::Error for RequestError {}

impl From<EncodeError> for RequestError {
    fn from(error: EncodeError) -> Self {
        Self::Encode(error)
    }
}

/// Why an answer was not sent as it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RespondError {
    /// The session is closed: the peer does not learn of it.
    Closed,
    /// Its time was up, and the request was answered with [`Config::unanswered`](crate::Config::unanswered).
    Expired,
    /// It is not the response to that request. The peer got ESME_RSYSERR.
    Mismatch {
        /// What was to be answered.
        request: CommandId,
        /// What was given.
        response: CommandId,
    },
    /// It cannot be encoded. The peer got ESME_RSYSERR; or, of a refusal, the status alone: its own, or, in place of one
    /// of 5.0 that a peer below it does not know, the nearest of 3.4 that is temporary or permanent as it is.
    Encode(EncodeError),
}

impl fmt::Display for RespondError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("the session is closed"),
            Self::Expired => f.write_str("the request was answered when its time was up"),
            Self::Mismatch { request, response } => write!(f, "{response} does not answer {request}"),
            Self::Encode(error) => error.fmt(f),
        }
    }
}
impl std::error::Error for RespondError {}

impl From<EncodeError> for RespondError {
    fn from(error: EncodeError) -> Self {
        Self::Encode(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use smpp_pdu::EncodeErrorKind;

    #[test]
    fn every_error_reads_well() {
        let encode = EncodeError {
            command: CommandId::SUBMIT_SM,
            field: "tlvs",
            kind: EncodeErrorKind::Version,
        };
        let texts = [
            RequestError::WrongState(CommandId::SUBMIT_SM, State::BoundRx).to_string(),
            RequestError::WrongState(CommandId::SUBMIT_SM, State::Closed).to_string(),
            RequestError::NotARequest(CommandId::SUBMIT_SM_RESP).to_string(),
            RequestError::WindowFull.to_string(),
            RequestError::from(encode).to_string(),
            RespondError::Closed.to_string(),
            RespondError::Expired.to_string(),
            RespondError::Mismatch {
                request: CommandId::SUBMIT_SM,
                response: CommandId::DELIVER_SM_RESP,
            }
            .to_string(),
            RespondError::Encode(encode).to_string(),
        ];
        assert_eq!(
            texts,
            [
                "submit_sm may not be sent by this side in state BoundRx",
                "submit_sm on a closed session",
                "submit_sm_resp is no request of this version",
                "the window is full",
                "submit_sm.tlvs: not in this version of SMPP",
                "the session is closed",
                "the request was answered when its time was up",
                "deliver_sm_resp does not answer submit_sm",
                "submit_sm.tlvs: not in this version of SMPP",
            ]
        );
    }
}
