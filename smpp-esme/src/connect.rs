//! From a builder to a bound session, or to two that are one.

use crate::bind::BindKind;
use crate::builder::Builder;
use crate::client::Client;
use crate::ears::{Deaf, Ears, Hooks};
use crate::error::{BindError, ConnectError};
use crate::pair::{Pair, Tie};
use crate::tcp::Tcp;
use smpp_pdu::Version;
use smpp_session::driver::{Connection, Handle, span};
use smpp_session::tap::{Ends, Tapped};
use smpp_session::{BindRetry, Role};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tracing::Instrument;
#[cfg(feature = "tls")]
use {tokio::time::timeout_at, tokio_rustls::client::TlsStream};

impl Builder {
    /// Connects, and binds as what was asked for. `ears` makes what hears, once for each attempt; returned is the one
    /// that hears.
    pub(crate) async fn establish<E: Ears>(
        &self,
        ears: impl Fn() -> E + Send + Sync,
    ) -> Result<(Client, E), ConnectError> {
        let is_auto = self.bind.kind == BindKind::Auto;
        let mut tcp = self.tcp.clone();
        // 3.3 has no transceivers (R086).
        if !is_auto || self.config.version > Version::V33 {
            let (kind, hears) = (self.bind.kind.on_one_stream(), ears());
            let stream = self.open(&tcp).await?;
            let address = stream.address();
            match self
                .bind_over_transport(stream, kind, hears.clone(), Hooks::default())
                .await
            {
                Ok(handle) => return Ok((Client::new(handle, self.offer_timeout), hears)),
                // One bind type is not offered: the others may be (R107).
                Err(error) if is_auto && error.retry() == BindRetry::OtherBindType => {
                    tracing::info!(%error, "no transceiver: a transmitter and a receiver");
                    hears.stand_back();
                }
                Err(error) => return Err(error.into()),
            }
            tcp.addresses = vec![address?];
        }
        let hears = ears();
        Ok((self.establish_pair(tcp, &hears).await?, hears))
    }

    /// A transmitter and a receiver at the same address.
    async fn establish_pair<E: Ears>(&self, mut tcp: Tcp, hears: &E) -> Result<Client, ConnectError> {
        let tie = Arc::new(Tie::default());
        let hooks = || Hooks::tie(tie.clone());
        let stream = self.open(&tcp).await?;
        tcp.addresses = vec![stream.address()?];
        let transmitter = self
            .bind_over_transport(stream, BindKind::Transmitter, Deaf(hears.clone()), hooks())
            .await?;
        // If this fails, the transmitter is let go, and unbinds in order.
        let stream = self.open(&tcp).await?;
        let receiver = self
            .bind_over_transport(stream, BindKind::Receiver, hears.clone(), hooks())
            .await?;
        let pair = Pair::new(transmitter.clone(), receiver, tie);
        Ok(Client::of_pair(transmitter, pair, self.offer_timeout))
    }

    async fn open(&self, tcp: &Tcp) -> Result<Transport, ConnectError> {
        let deadline = Instant::now() + self.connect_timeout;
        let stream = tcp.open(deadline).await?;
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            let host = tcp.host.as_ref().map(|host| host.name.as_str());
            let handshake = timeout_at(deadline, Box::pin(tls.handshake(host, stream)));
            let stream = handshake.await.map_err(|_| ConnectError::TimedOut)??;
            return Ok(Transport::Tls(Box::new(stream)));
        }
        Ok(Transport::Tcp(stream))
    }

    async fn bind_over_transport(
        &self,
        transport: Transport,
        kind: BindKind,
        ears: impl Ears,
        mut hooks: Hooks,
    ) -> Result<Handle, BindError> {
        hooks.ends = Some(transport.ends());
        match transport {
            Transport::Tcp(stream) => self.bind_over(stream, kind, ears, hooks).await,
            #[cfg(feature = "tls")]
            Transport::Tls(stream) => self.bind_over(stream, kind, ears, hooks).await,
        }
    }

    /// Starts the connection's task, and binds.
    pub(crate) async fn bind_over<IO>(
        &self,
        io: IO,
        kind: BindKind,
        ears: impl Ears,
        hooks: Hooks,
    ) -> Result<Handle, BindError>
    where
        IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let handle = self.start(io, ears, hooks);
        self.bind_on(&handle, kind).await?;
        Ok(handle)
    }

    /// Binds a session that is under way.
    pub(crate) async fn bind_on(&self, handle: &Handle, kind: BindKind) -> Result<(), BindError> {
        let bound = self.bind.send(handle, kind, &self.config).await;
        if let Err(error) = &bound {
            let status = error.command_status().map(tracing::field::display);
            // Whoever asked for it is told too, and knows whether that is worth a warning.
            tracing::info!(?kind, status, reason = error.name(), "not bound");
        }
        bound
    }

    /// Starts the connection's task.
    pub(crate) fn start<IO>(&self, io: IO, ears: impl Ears, hooks: Hooks) -> Handle
    where
        IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let span = span(Role::Esme, NEXT.fetch_add(1, Ordering::Relaxed));
        span.in_scope(|| tracing::debug!("connected"));
        let connection = Connection::new(Role::Esme, self.config.clone());
        let (handle, tie) = (connection.handle(), hooks.tie.clone());
        let ends = hooks.ends.unwrap_or_else(|| Ends::new(Role::Esme));
        let (tap, max_pdu) = (self.tap.clone(), self.config.max_pdu);
        let driving = async move {
            let hears = ears.clone();
            let reason = match tap {
                None => hears.drive(connection, io, hooks).await,
                // In a box, for which the task of a connection without a tap needs no room.
                Some(tap) => {
                    let io = Tapped::new(io, &*tap, &ends, max_pdu);
                    Box::pin(hears.drive(connection, io, hooks)).await
                }
            };
            ears.ended(tie.map_or(reason, |tie| tie.ended(reason)));
        };
        drop(tokio::spawn(driving.instrument(span)));
        handle
    }
}

/// The numbers of this process's connections.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// What a connection is made of.
enum Transport {
    Tcp(TcpStream),
    #[cfg(feature = "tls")]
    Tls(Box<TlsStream<TcpStream>>),
}

impl Transport {
    /// Its addresses, as far as the system knows them.
    fn ends(&self) -> Ends {
        let tcp = match self {
            Self::Tcp(stream) => stream,
            #[cfg(feature = "tls")]
            Self::Tls(stream) => stream.get_ref().0,
        };
        Ends::new(Role::Esme).between(tcp.local_addr().ok(), tcp.peer_addr().ok())
    }

    /// Of the other end.
    fn address(&self) -> io::Result<SocketAddr> {
        match self {
            Self::Tcp(stream) => stream.peer_addr(),
            #[cfg(feature = "tls")]
            Self::Tls(stream) => stream.get_ref().0.peer_addr(),
        }
    }
}
