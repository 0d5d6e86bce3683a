//! How it ends if not well: one line, and an exit code.

use crate::text::TextError;
use smpp_esme::pdu::CommandStatus;
use smpp_esme::tls::TlsError;
use smpp_esme::{BindError, CallError, CloseReason, ConnectError, RequestError};
use std::process::ExitCode;
use std::{fmt, io, io::Write};

/// Why not all that was asked for was done.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Standard output or the system.
    Io(io::Error),
    Text(TextError),
    /// A command that the bind type of the URL does not allow, and the types that it does.
    BindKind(&'static str, &'static str),
    /// Options of TLS, and a URL without it.
    NoTls,
    /// Files of TLS that cannot be used.
    Tls(TlsError),
    Connect(ConnectError),
    /// The message was not accepted, or nobody knows.
    Call(CallError),
    /// The session ended while it was needed.
    Closed(CloseReason),
    /// The message was accepted; its receipt did not come.
    NoReceipt(Option<CloseReason>),
}

impl Failure {
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code())
    }

    fn code(&self) -> u8 {
        match self {
            Self::Io(_) => IO,
            Self::Text(_) | Self::BindKind(..) | Self::NoTls | Self::Tls(_) => USAGE,
            Self::Connect(ConnectError::Url(_) | ConnectError::NoHost) => USAGE,
            Self::Connect(ConnectError::Bind(error)) => match error {
                BindError::Refused(_) => BIND,
                BindError::Invalid(_) | BindError::NotSent(_) => USAGE,
                // Lost, or not answered in time: either way no message was sent.
                _ => CONNECT,
            },
            Self::Connect(_) => CONNECT,
            Self::Call(error) => match error {
                CallError::Rejected(_) | CallError::Nacked(_) => REJECTED,
                CallError::Refused(RequestError::WrongState(..) | RequestError::Encode(_)) => USAGE,
                CallError::NotWritten(_) | CallError::OfferTimedOut | CallError::Refused(_) => CONNECT,
                // It may have been delivered: to send it again may double it.
                _ => TIMEOUT,
            },
            Self::Closed(_) => CONNECT,
            Self::NoReceipt(_) => TIMEOUT,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Text(error) => error.fmt(f),
            Self::BindKind(command, kinds) => write!(f, "to {command}, bind in the URL must be {kinds}"),
            Self::NoTls => f.write_str("the options of TLS go with smpps:// in the URL"),
            Self::Tls(error) => error.fmt(f),
            Self::Connect(error) => error.fmt(f),
            // Its status may be 0, from those who do not care (R014).
            Self::Call(CallError::Nacked(CommandStatus::ESME_ROK)) => {
                f.write_str("the message: refused by generic_nack, which does not say why")
            }
            Self::Call(error) => write!(f, "the message: {error}"),
            Self::Closed(reason) => write!(f, "the session is over: {reason}"),
            Self::NoReceipt(None) => f.write_str("the message was accepted, and no receipt came in time"),
            Self::NoReceipt(Some(reason)) => {
                write!(
                    f,
                    "the message was accepted, and no receipt came before the end of the session: {reason}"
                )
            }
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
impl From<TextError> for Failure {
    fn from(error: TextError) -> Self {
        Self::Text(error)
    }
}
impl From<TlsError> for Failure {
    fn from(error: TlsError) -> Self {
        Self::Tls(error)
    }
}
impl From<ConnectError> for Failure {
    fn from(error: ConnectError) -> Self {
        Self::Connect(error)
    }
}
impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

/// One line on standard error. Where nobody reads that, the exit code is still there.
pub(crate) fn say(what: impl fmt::Display) {
    let _ = writeln!(io::stderr(), "smpp: {what}");
}

const IO: u8 = 1;
/// As clap's own.
pub(crate) const USAGE: u8 = 2;
const CONNECT: u8 = 3;
const BIND: u8 = 4;
const REJECTED: u8 = 5;
const TIMEOUT: u8 = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bind_that_is_not_answered_is_no_connection() {
        for error in [BindError::NotAnswered, BindError::Closed(CloseReason::PeerClosed)] {
            assert_eq!(Failure::from(ConnectError::from(error)).code(), CONNECT);
        }
    }

    #[test]
    fn a_generic_nack_is_no_success() {
        for (status, text) in [
            (
                CommandStatus::ESME_ROK,
                "the message: refused by generic_nack, which does not say why",
            ),
            (
                CommandStatus::ESME_RINVCMDID,
                "the message: refused by generic_nack: ESME_RINVCMDID",
            ),
        ] {
            let failure = Failure::from(CallError::Nacked(status));
            assert_eq!((failure.to_string().as_str(), failure.code()), (text, REJECTED));
        }
    }
}
