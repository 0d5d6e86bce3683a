//! Sessions that the SMSC begins: it connects, says who it is by outbind, and is bound to on the same connection
//! (v3.4 §2.2.1, v5.0 §2.3.7; R101).

use crate::bind::BindKind;
use crate::builder::Builder;
use crate::client::Client;
use crate::ears::Hooks;
use crate::error::BindError;
use crate::inbound::Inbound;
use crate::queue::Queued;
use smpp_pdu::{COctetString, Version};
use smpp_session::driver::Handle;
use smpp_session::tap::Ends;
use smpp_session::{CloseReason, Role};
use std::net::SocketAddr;
use std::{error, fmt, io};
use subtle::ConstantTimeEq;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::oneshot;

/// An SMSC that has called, and waits to be bound to. Its connection is closed if this is dropped, without a word more
/// (R102); and so it is if it has not been bound to within [`Config::session_init`](crate::Config::session_init).
///
/// Who it is only its address, its connection's TLS if it has that, and the outbind tell: see [`Self::is_from`].
#[must_use = "dropped, it is refused"]
pub struct Outbind {
    said: smpp_pdu::Outbind,
    peer_addr: Option<SocketAddr>,
    builder: Builder,
    handle: Handle,
    queued: Queued,
}

impl Outbind {
    /// Who the SMSC says that it is.
    pub fn system_id(&self) -> &COctetString {
        &self.said.system_id
    }
    /// What shall prove it: octets that are no more to be shown than any password is. They may be none.
    pub fn password(&self) -> &[u8] {
        self.said.password.as_bytes()
    }
    /// Where the SMSC has called from, if it came by TCP.
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        self.peer_addr
    }
    /// Whether both are as given. For the password it takes as long whichever of its octets is wrong.
    pub fn is_from(&self, system_id: impl AsRef<[u8]>, password: impl AsRef<[u8]>) -> bool {
        let known = self.said.system_id.as_bytes() == system_id.as_ref();
        known & bool::from(self.password().ct_eq(password.as_ref()))
    }

    /// Binds as a receiver, with all else as the builder has it.
    pub async fn bind(self) -> Result<(Client, Inbound), BindError> {
        self.bind_as(BindKind::Receiver).await
    }

    /// Binds as another kind: 5.0 allows each, and most SMSCs of 3.4 take each. One connection holds one session:
    /// [`BindKind::Auto`] is a transceiver here.
    pub async fn bind_as(self, kind: BindKind) -> Result<(Client, Inbound), BindError> {
        self.builder.bind_on(&self.handle, kind.on_one_stream()).await?;
        let client = Client::new(self.handle, self.builder.offer_timeout);
        Ok((client.clone(), Inbound::new(self.queued.into_queue(), client)))
    }
}

impl Builder {
    /// Waits for the outbind of an SMSC that has opened a connection to us, no longer than
    /// [`Config::session_init`](crate::Config::session_init). What else comes before it is refused as the session
    /// refuses it, and bounded by [`Config::free`](crate::Config::free).
    pub async fn outbind_over<IO>(&self, io: IO) -> Result<Outbind, OutbindError>
    where
        IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        self.outbind_from(io, None).await
    }

    pub(crate) async fn outbind_from<IO>(&self, io: IO, peer_addr: Option<SocketAddr>) -> Result<Outbind, OutbindError>
    where
        IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        if self.config.version == Version::V33 {
            return Err(OutbindError::Version);
        }
        let (tell, said) = oneshot::channel();
        let (queued, mut hooks) = (Queued::new(&self.config), Hooks::outbind(tell));
        hooks.ends = Some(Ends::new(Role::Esme).dialled(false).between(None, peer_addr));
        let handle = self.start(io, queued.clone(), hooks);
        let said = tokio::select! {
            biased;
            Ok(said) = said => said,
            reason = handle.closed() => return Err(OutbindError::Stranger { peer_addr, reason }),
        };
        Ok(Outbind {
            said,
            peer_addr,
            builder: self.clone(),
            handle,
            queued,
        })
    }
}

/// Why there is no outbind.
#[derive(Debug)]
#[non_exhaustive]
pub enum OutbindError {
    /// No connection could be accepted, most often for want of descriptors. The listener goes on.
    Accept(io::Error),
    /// Who has connected is no SMSC that calls: the connection ended before an outbind came.
    Stranger {
        /// Where from, if by TCP.
        peer_addr: Option<SocketAddr>,
        /// How: [`SessionInit`](CloseReason::SessionInit) is silence, or other PDUs than an outbind;
        /// [`Framing`](CloseReason::Framing) what is no SMPP.
        reason: CloseReason,
    },
    /// Our own misuse: 3.3 has no outbind (R086).
    Version,
}

impl fmt::Display for OutbindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accept(error) => write!(f, "no connection: {error}"),
            Self::Stranger {
                reason: CloseReason::SessionInit,
                ..
            } => f.write_str("no outbind came in time"),
            Self::Stranger { reason, .. } => write!(f, "no outbind came: {reason}"),
            Self::Version => f.write_str("version 3.3 has no outbind"),
        }
    }
}

impl error::Error for OutbindError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Accept(error) => Some(error),
            _ => None,
        }
    }
}

/// Without the password.
impl fmt::Debug for Outbind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbind")
            .field("peer_addr", &self.peer_addr)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_reads_well() {
        let stranger = |reason| OutbindError::Stranger {
            peer_addr: None,
            reason,
        };
        for (error, text) in [
            (
                OutbindError::Accept(io::Error::other("too many open files")),
                "no connection: too many open files",
            ),
            (stranger(CloseReason::SessionInit), "no outbind came in time"),
            (
                stranger(CloseReason::PeerClosed),
                "no outbind came: the peer closed the connection",
            ),
            (OutbindError::Version, "version 3.3 has no outbind"),
        ] {
            assert_eq!(error.to_string(), text);
        }
    }
}
