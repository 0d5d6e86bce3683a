//! Connections over TLS.

use super::lines::TurnedAway;
use super::listen::Transport;
use super::{Arrival, Server};
use crate::rustls::ServerConfig;
use smpp_session::CloseReason;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::ToSocketAddrs;
use tokio_rustls::TlsAcceptor;
use tracing::Instrument;

impl Server {
    /// As [`Self::listen`], for TLS: [`tls::server_config`](crate::tls::server_config) makes a `config` of PEM files.
    ///
    /// A connection counts from when it is accepted, and the handshake is part of the time that it has for its bind
    /// ([`Config::session_init`](crate::Config::session_init)).
    pub async fn listen_tls(&self, address: impl ToSocketAddrs, config: Arc<ServerConfig>) -> io::Result<SocketAddr> {
        self.listen_for(address, Transport::Tls(config)).await
    }

    /// As [`Self::serve`], for a stream on which the peer begins a handshake of TLS. `None` also if that fails.
    pub async fn serve_tls<IO>(&self, io: IO, config: Arc<ServerConfig>) -> Option<CloseReason>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        let arrival = self.arrival(None)?;
        let span = arrival.span();
        arrival.session_tls(io, config).instrument(span).await
    }
}

impl Arrival {
    pub(super) async fn session_tls<IO>(mut self: Box<Self>, io: IO, config: Arc<ServerConfig>) -> Option<CloseReason>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        let io = match self.in_time(TlsAcceptor::from(config).accept(io)).await {
            Ok(Ok(io)) => io,
            failed => {
                let error = match failed {
                    Ok(failed) => failed.map_or_else(|error| error.to_string(), |_| String::new()),
                    Err(in_time) => in_time.to_owned(),
                };
                if let Some(left_out) = self.seat.server().0.lines.turned_away(TurnedAway::Tls) {
                    tracing::info!(error, left_out, "no TLS");
                }
                return None;
            }
        };
        let certificates = io.get_ref().1.peer_certificates().unwrap_or_default();
        self.info.certificates = certificates.iter().map(|certificate| certificate.to_vec()).collect();
        self.info.tls = true;
        Some(self.session(io).await)
    }
}
