//! How it ends if not well: one line, and an exit code.

use crate::text::TextError;
use smpp_esme::pdu::CommandStatus;
use smpp_esme::tls::TlsError;
use smpp_esme::{BindError, BindRetry, CallError, CloseReason, ConnectError, RequestError, Retry, StopReason};
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
    /// No bind within the time that there is for it.
    NoBind,
    /// It will not be bound any more.
    Stopped(StopReason),
    /// A receipt is to be waited for, where none can come.
    NoReceiver,
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
            Self::Text(_) | Self::BindKind(..) | Self::NoTls | Self::Tls(_) | Self::NoReceiver => USAGE,
            Self::Connect(error) => not_bound(error),
            Self::Stopped(StopReason::Permanent(error)) => not_bound(error),
            Self::Stopped(_) | Self::NoBind => NOT_SENT,
            Self::Call(error) => match error {
                CallError::Rejected(_) | CallError::Nacked(_) => REJECTED,
                CallError::Refused(RequestError::WrongState(..) | RequestError::Encode(_)) => USAGE,
                CallError::NotWritten(_) | CallError::OfferTimedOut | CallError::Refused(_) => NOT_SENT,
                // It may have been delivered: to send it again may double it.
                _ => UNKNOWN,
            },
            Self::Closed(_) => NOT_SENT,
            Self::NoReceipt(_) => NO_RECEIPT,
        }
    }

    /// Whether the message was surely not taken, and might be if it were sent again.
    pub(crate) fn passes(&self) -> bool {
        match self {
            Self::Connect(error) => matches!(error.retry(), BindRetry::Transient | BindRetry::Contended),
            Self::Call(error) => matches!(error.retry(), Retry::Unsent) || is_refused_for_now(error),
            Self::NoBind => true,
            _ => false,
        }
    }
}

/// Whether the SMSC would perhaps take it later, on the same session.
pub(crate) fn is_refused_for_now(error: &CallError) -> bool {
    matches!(error.retry(), Retry::Later | Retry::Slower)
}

fn not_bound(error: &ConnectError) -> u8 {
    match error {
        ConnectError::Url(_) | ConnectError::NoHost => USAGE,
        ConnectError::Bind(BindError::Refused(_)) => BIND,
        ConnectError::Bind(BindError::Invalid(_) | BindError::NotSent(_)) => USAGE,
        // Lost, or not answered in time: either way no message was sent.
        _ => NOT_SENT,
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
            Self::NoBind => f.write_str("no bind in time"),
            Self::Stopped(why) => why.fmt(f),
            Self::NoReceiver => f.write_str("with bind=tx no receipt comes here: with --wait 0s none is waited for"),
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
/// Surely: there was no bind, or it ended first.
const NOT_SENT: u8 = 3;
const BIND: u8 = 4;
const REJECTED: u8 = 5;
/// It may have been taken.
const UNKNOWN: u8 = 6;
/// It was taken, and no more is known.
const NO_RECEIPT: u8 = 7;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bind_that_is_not_answered_is_no_connection() {
        for error in [BindError::NotAnswered, BindError::Closed(CloseReason::PeerClosed)] {
            assert_eq!(Failure::from(ConnectError::from(error)).code(), NOT_SENT);
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
