//! Why there is no session.

#[cfg(feature = "tls")]
use crate::tls::TlsError;
use crate::url::UrlError;
use smpp_pdu::{CommandStatus, EncodeError};
use smpp_session::driver::CallError;
use smpp_session::{BindRetry, CloseReason};
use std::{error, fmt, io};

/// Why there is no bound session: what was asked for is wrong, nobody was reached, or the SMSC did not accept the
/// bind.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConnectError {
    /// The URL is wrong.
    Url(UrlError),
    /// No host was given to connect to.
    NoHost,
    /// The host could not be found or reached.
    Io(io::Error),
    /// The host did not take the connection in time.
    TimedOut,
    /// The host took the connection, and there is no TLS.
    #[cfg(feature = "tls")]
    Tls(TlsError),
    /// There was a connection, and no bind.
    Bind(BindError),
}

/// Why a connection was not bound.
#[derive(Debug)]
#[non_exhaustive]
pub enum BindError {
    /// The SMSC has refused it.
    Refused(CommandStatus),
    /// The SMSC did not answer in time ([`Config::response`](crate::Config::response)).
    NotAnswered,
    /// The connection was lost before the SMSC answered.
    Closed(CloseReason),
    /// A field of the bind does not fit into it; nothing was sent.
    Invalid(EncodeError),
    /// Our own misuse; nothing was sent.
    NotSent(Box<CallError>),
}

impl ConnectError {
    /// Whether it makes sense to try again, and how soon. A default, which whoever knows the peer may overrule.
    pub fn retry(&self) -> BindRetry {
        match self {
            Self::Url(_) | Self::NoHost => BindRetry::Permanent,
            Self::Io(_) | Self::TimedOut => BindRetry::Transient,
            #[cfg(feature = "tls")]
            Self::Tls(error) => match error.is_permanent() {
                true => BindRetry::Permanent,
                false => BindRetry::Transient,
            },
            Self::Bind(error) => error.retry(),
        }
    }
}

impl BindError {
    /// The status with which the SMSC has refused it.
    pub fn command_status(&self) -> Option<CommandStatus> {
        match self {
            Self::Refused(status) => Some(*status),
            _ => None,
        }
    }
    /// What it is called in the log.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Refused(_) => "refused",
            Self::NotAnswered => "not_answered",
            Self::Closed(reason) => reason.name(),
            Self::Invalid(_) => "invalid",
            Self::NotSent(_) => "not_sent",
        }
    }
    /// Whether it makes sense to bind again, and how soon. A default, which whoever knows the peer may overrule.
    pub fn retry(&self) -> BindRetry {
        match self {
            Self::Refused(status) => BindRetry::of(*status),
            Self::NotAnswered | Self::Closed(_) => BindRetry::Transient,
            Self::Invalid(_) | Self::NotSent(_) => BindRetry::Permanent,
        }
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(error) => error.fmt(f),
            Self::NoHost => f.write_str("no connection: no host is given"),
            Self::Io(error) => write!(f, "no connection: {error}"),
            Self::TimedOut => f.write_str("no connection: not taken in time"),
            #[cfg(feature = "tls")]
            Self::Tls(error) => write!(f, "no connection: {error}"),
            Self::Bind(error) => error.fmt(f),
        }
    }
}

impl error::Error for ConnectError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Url(error) => error.source(),
            Self::Io(error) => Some(error),
            Self::NoHost | Self::TimedOut => None,
            #[cfg(feature = "tls")]
            Self::Tls(error) => Some(error),
            Self::Bind(error) => error.source(),
        }
    }
}

impl From<UrlError> for ConnectError {
    fn from(error: UrlError) -> Self {
        Self::Url(error)
    }
}
#[cfg(feature = "tls")]
impl From<TlsError> for ConnectError {
    fn from(error: TlsError) -> Self {
        Self::Tls(error)
    }
}
impl From<io::Error> for ConnectError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
impl From<BindError> for ConnectError {
    fn from(error: BindError) -> Self {
        Self::Bind(error)
    }
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(status) => write!(f, "bind refused: {status}"),
            Self::NotAnswered => f.write_str("the bind was not answered in time"),
            Self::Closed(reason) => write!(f, "the bind was not answered: {reason}"),
            Self::Invalid(error) => write!(f, "the bind cannot be sent: {error}"),
            Self::NotSent(error) => write!(f, "the bind cannot be sent: {error}"),
        }
    }
}

impl error::Error for BindError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Invalid(error) => Some(error),
            Self::NotSent(error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use smpp_pdu::{CommandId, EncodeErrorKind};
    use smpp_session::RequestError;

    #[test]
    fn every_error_reads_well() {
        let field = EncodeError {
            command: CommandId::BIND_TRANSCEIVER,
            field: "password",
            kind: EncodeErrorKind::Size { size: 12, max: 9 },
        };
        let window = CallError::Refused(RequestError::WindowFull);
        let errors: [(ConnectError, &str, BindRetry); 9] = [
            (UrlError::Host.into(), "the URL has no host", BindRetry::Permanent),
            (
                ConnectError::NoHost,
                "no connection: no host is given",
                BindRetry::Permanent,
            ),
            (
                io::Error::other("connection refused").into(),
                "no connection: connection refused",
                BindRetry::Transient,
            ),
            (
                ConnectError::TimedOut,
                "no connection: not taken in time",
                BindRetry::Transient,
            ),
            (
                BindError::Refused(CommandStatus::ESME_RINVPASWD).into(),
                "bind refused: ESME_RINVPASWD",
                BindRetry::Permanent,
            ),
            (
                BindError::NotAnswered.into(),
                "the bind was not answered in time",
                BindRetry::Transient,
            ),
            (
                BindError::Closed(CloseReason::PeerClosed).into(),
                "the bind was not answered: the peer closed the connection",
                BindRetry::Transient,
            ),
            (
                BindError::Invalid(field).into(),
                "the bind cannot be sent: bind_transceiver.password: 12 octets where 9 are allowed",
                BindRetry::Permanent,
            ),
            (
                BindError::NotSent(Box::new(window)).into(),
                "the bind cannot be sent: not sent: the window is full",
                BindRetry::Permanent,
            ),
        ];
        for (error, text, retry) in errors {
            assert_eq!((error.to_string().as_str(), error.retry()), (text, retry));
        }
    }

    #[cfg(feature = "tls")]
    #[test]
    fn what_lasts_of_tls_is_permanent() {
        for (error, text, retry) in [
            (
                TlsError::NoRoots,
                "no connection: TLS: the system has no certificates that it trusts",
                BindRetry::Permanent,
            ),
            (
                TlsError::Broken(io::Error::other("reset")),
                "no connection: TLS: the connection broke in the handshake: reset",
                BindRetry::Transient,
            ),
        ] {
            let error = ConnectError::from(error);
            assert_eq!((error.to_string().as_str(), error.retry()), (text, retry));
        }
    }
}
