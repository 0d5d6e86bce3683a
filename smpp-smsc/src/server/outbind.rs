//! Sessions that this side begins.

use super::Server;
use smpp_pdu::Outbind;
use smpp_session::driver::CallError;
use smpp_session::{CloseReason, RequestError};
use std::fmt;
use std::io;
use std::net::SocketAddr;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, ToSocketAddrs};
use tracing::Instrument;

impl Server {
    /// Connects to an ESME that waits at `address`, asks it to bind (v3.4 §4.1.7, v5.0 §4.1.1.7), and serves the session
    /// that follows as any other, to its end. It has [`Config::session_init`](crate::Config::session_init) to connect,
    /// and the ESME as long to bind: else the reason is [`CloseReason::SessionInit`].
    ///
    /// The acceptor judges the bind; whether it comes from whom it was asked of, the connection's address tells, and
    /// nothing else does.
    pub async fn outbind(&self, address: impl ToSocketAddrs, outbind: &Outbind) -> Result<CloseReason, OutbindError> {
        let connected = tokio::time::timeout(self.0.settings.config.session_init, TcpStream::connect(address)).await;
        let stream = connected.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))?;
        stream.set_nodelay(true)?;
        let (address, local) = (stream.peer_addr()?, stream.local_addr().ok());
        self.outbind_to(stream, Some(address), local, outbind).await
    }

    /// As [`Self::outbind`], over any stream to the ESME.
    pub async fn serve_outbind<IO>(&self, io: IO, outbind: &Outbind) -> Result<CloseReason, OutbindError>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        self.outbind_to(io, None, None, outbind).await
    }

    async fn outbind_to<IO>(
        &self,
        io: IO,
        address: Option<SocketAddr>,
        local: Option<SocketAddr>,
        outbind: &Outbind,
    ) -> Result<CloseReason, OutbindError>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        let mut arrival = self.arrival(address).ok_or(OutbindError::TurnedAway)?;
        (arrival.info.local, arrival.info.dialled) = (local, true);
        match arrival.connection.handle().notify(outbind) {
            Ok(()) => {
                let span = arrival.span();
                Ok(arrival.session(io).instrument(span).await)
            }
            Err(CallError::Refused(error)) => Err(OutbindError::Refused(error)),
            // It is ending before it has begun.
            Err(_) => Err(OutbindError::TurnedAway),
        }
    }
}

/// Why there is no session after an outbind; nothing was sent.
#[derive(Debug)]
#[non_exhaustive]
pub enum OutbindError {
    /// There is no connection.
    Connect(io::Error),
    /// There are too many connections, or the server is being shut down.
    TurnedAway,
    /// Our own misuse: it cannot be encoded, or the server's version has no outbind (3.3).
    Refused(RequestError),
}

impl From<io::Error> for OutbindError {
    fn from(error: io::Error) -> Self {
        Self::Connect(error)
    }
}

impl fmt::Display for OutbindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(error) => write!(f, "not connected: {error}"),
            Self::TurnedAway => f.write_str("too many connections, or the server is ending"),
            Self::Refused(error) => write!(f, "not sent: {error}"),
        }
    }
}
impl std::error::Error for OutbindError {}
