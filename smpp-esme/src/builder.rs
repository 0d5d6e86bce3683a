//! From a URL, or from parts, to a bound session.

use crate::bind::{Bind, BindKind};
use crate::client::Client;
use crate::ears::Hooks;
use crate::error::{BindError, ConnectError};
use crate::handler::{Handler, Told};
use crate::inbound::Inbound;
use crate::queue::Queued;
use crate::tcp::{Host, Tcp};
use crate::url::{self, UrlError};
use smpp_pdu::{Address, COctetString, Password, Version};
use smpp_session::Config;
use smpp_session::tap::Tap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
#[cfg(feature = "tls")]
use {
    crate::tls::Tls,
    tokio_rustls::rustls::{ClientConfig, pki_types::ServerName},
};

/// Where a client begins.
#[derive(Debug)]
pub enum Esme {}

impl Esme {
    /// A client for `smpp://system_id:password@host:port?key=value`, or, with the feature `tls`, for `smpps://` and the
    /// same: that is TLS, with what the system trusts, unless [`Builder::tls`] says otherwise.
    ///
    /// The octets of system_id and password may be percent-encoded; `/ ? # @` must be. An IPv6 address stands in
    /// brackets. The port is 2775 if it is left out, and 3550 with `smpps`. The keys: `bind` (`trx`, `tx`, `rx`, `auto`), `system_type`, `version`
    /// (`3.3`, `3.4`, `5.0`) and `window` (a number); others are an error.
    pub fn builder(url: &str) -> Result<Builder, UrlError> {
        url::parse(url)
    }
}

/// Builds a session: what is not set is as in [`Config`], and a transceiver.
#[derive(Debug, Clone)]
#[must_use = "nothing happens before it connects"]
pub struct Builder {
    pub(crate) tcp: Tcp,
    /// Nothing for TCP as it is.
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<Tls>,
    pub(crate) bind: Bind,
    pub(crate) config: Config,
    pub(crate) connect_timeout: Duration,
    pub(crate) offer_timeout: Option<Duration>,
    pub(crate) tap: Option<Arc<dyn Tap>>,
}

impl Builder {
    /// A client that connects nowhere yet: see [`Self::host`], [`Self::addresses`] and [`Self::connect_over`].
    pub fn new(system_id: COctetString, password: Password) -> Self {
        let bind = Bind {
            system_id,
            password,
            ..Bind::default()
        };
        Self {
            tcp: Tcp::default(),
            #[cfg(feature = "tls")]
            tls: None,
            bind,
            config: Config::default(),
            connect_timeout: CONNECT_TIMEOUT,
            offer_timeout: None,
            tap: None,
        }
    }

    /// Where to connect to: a name, or an address without brackets. The addresses that a name has are tried in turn.
    pub fn host(mut self, name: impl Into<String>, port: u16) -> Self {
        let name = name.into();
        self.tcp.host = Some(Host { name, port });
        self
    }
    /// Connects to these, in turn, and not to what the host's name stands for: for those who have looked it up
    /// themselves.
    pub fn addresses(mut self, addresses: impl IntoIterator<Item = SocketAddr>) -> Self {
        self.tcp.addresses = addresses.into_iter().collect();
        self
    }
    /// After how long a silence TCP asks whether the other end is there; `None` for what the system does on its own,
    /// which is most often nothing. 60 s.
    pub fn tcp_keepalive(mut self, idle: Option<Duration>) -> Self {
        self.tcp.keepalive = idle;
        self
    }
    /// Connects by TLS, with this in place of what the system trusts:
    /// [`tls::client_config`](crate::tls::client_config) makes one from PEM files. [`Self::connect_over`] takes its
    /// stream as it is.
    #[cfg(feature = "tls")]
    pub fn tls(mut self, config: Arc<ClientConfig>) -> Self {
        self.tls.get_or_insert_default().config = Some(config);
        self
    }
    /// Connects by TLS to a server whose certificate is that of `name`, and not of the host; the server is told the same
    /// name (SNI), unless it is an address.
    #[cfg(feature = "tls")]
    pub fn tls_server_name(mut self, name: ServerName<'static>) -> Self {
        self.tls.get_or_insert_default().name = Some(name);
        self
    }
    /// Who binds: 15 octets at most.
    pub fn system_id(mut self, system_id: COctetString) -> Self {
        self.bind.system_id = system_id;
        self
    }
    /// What proves it: 8 octets at most.
    pub fn password(mut self, password: Password) -> Self {
        self.bind.password = password;
        self
    }
    /// What to bind as. [`BindKind::Transceiver`].
    pub fn bind(mut self, kind: BindKind) -> Self {
        self.bind.kind = kind;
        self
    }
    /// What kind of system this is: 12 octets at most. Empty.
    pub fn system_type(mut self, system_type: COctetString) -> Self {
        self.bind.system_type = system_type;
        self
    }
    /// The addresses that this ESME serves: 40 octets at most. Empty, for those that the SMSC has of it.
    pub fn address_range(mut self, address_range: Address) -> Self {
        self.bind.address_range = address_range;
        self
    }
    /// The highest version to speak; the session works at the lower of both sides'. 3.4.
    pub fn version(mut self, version: Version) -> Self {
        self.config.version = version;
        self
    }
    /// How many requests may wait for their answer at once. 10.
    pub fn window(mut self, window: usize) -> Self {
        self.config.window = window;
        self
    }
    /// How long to wait for the connection, with all that it takes: the name's addresses, one after the other, and the
    /// handshake of TLS. 10 s.
    pub fn connect_timeout(mut self, connect_timeout: Duration) -> Self {
        self.connect_timeout = connect_timeout;
        self
    }
    /// How long a request may wait in line for a place in the window; then it is taken back, and fails with
    /// [`OfferTimedOut`](crate::CallError::OfferTimedOut): surely it was not sent. It is not counted into the time for
    /// the answer, which begins when it is sent. Without limit: the caller's own future decides.
    pub fn offer_timeout(mut self, offer_timeout: Duration) -> Self {
        self.offer_timeout = Some(offer_timeout);
        self
    }
    /// Changes the other limits and timers of the session.
    ///
    /// Of these, [`Config::max_inbound`] bounds what waits in [`Inbound`], and [`Config::unanswered`] is the status
    /// of what nobody answers.
    pub fn configure(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(&mut self.config);
        self
    }
    /// Shows the PDUs of each connection to `tap`: [`tap`](crate::tap) has some that write them down. None.
    pub fn tap(mut self, tap: impl Tap) -> Self {
        self.tap = Some(Arc::new(tap));
        self
    }
    /// Lets `handler` answer what the SMSC sends, in place of [`Inbound`].
    pub fn handler(self, handler: impl Handler) -> HandledBuilder {
        HandledBuilder {
            builder: self,
            handler: Arc::new(handler),
        }
    }

    /// What it binds as.
    pub fn bind_kind(&self) -> BindKind {
        self.bind.kind
    }
    /// Whether it connects by TLS.
    #[cfg(feature = "tls")]
    pub fn is_tls(&self) -> bool {
        self.tls.is_some()
    }
    /// The limits and timers of the session.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Connects by TCP, or by TLS if that was asked for, and binds.
    pub async fn connect(&self) -> Result<(Client, Inbound), ConnectError> {
        let (client, queued) = self.establish(|| self.queued()).await?;
        Ok((client.clone(), Inbound::new(queued.into_queue(), client)))
    }

    /// Binds over any stream, the other end of which is an SMSC. One stream holds one session:
    /// [`BindKind::Auto`] is a transceiver here.
    pub async fn connect_over<IO>(&self, io: IO) -> Result<(Client, Inbound), BindError>
    where
        IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (kind, queued) = (self.bind.kind.on_one_stream(), self.queued());
        let handle = self.bind_over(io, kind, queued.clone(), Hooks::default()).await?;
        let client = Client::new(handle, self.offer_timeout);
        Ok((client.clone(), Inbound::new(queued.into_queue(), client)))
    }

    fn queued(&self) -> Queued {
        Queued::new(&self.config)
    }
}

/// A [`Builder`] with a [`Handler`].
#[derive(Clone)]
#[must_use = "nothing happens before it connects"]
pub struct HandledBuilder {
    builder: Builder,
    handler: Arc<dyn Handler>,
}

impl HandledBuilder {
    /// Connects by TCP, or by TLS if that was asked for, and binds.
    pub async fn connect(&self) -> Result<Client, ConnectError> {
        let (client, _) = self.builder.establish(|| self.told()).await?;
        Ok(client)
    }

    /// Binds over any stream, the other end of which is an SMSC. One stream holds one session:
    /// [`BindKind::Auto`] is a transceiver here.
    pub async fn connect_over<IO>(&self, io: IO) -> Result<Client, BindError>
    where
        IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let Self { builder, .. } = self;
        let kind = builder.bind.kind.on_one_stream();
        let handle = builder.bind_over(io, kind, self.told(), Hooks::default()).await?;
        Ok(Client::new(handle, builder.offer_timeout))
    }

    fn told(&self) -> Told {
        Told::new(self.handler.clone())
    }
}

impl fmt::Debug for HandledBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandledBuilder")
            .field("builder", &self.builder)
            .finish_non_exhaustive()
    }
}

/// A connection that takes longer is, as a rule, one that never comes: addresses that drop what they do not want.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_future_can_be_spawned() {
        fn is_send<T: Send>(_: impl FnOnce(&'static Builder, &'static Client) -> T) {}
        is_send(|builder, _| builder.connect());
        is_send(|builder, _| builder.connect_over(tokio::io::duplex(1).0));
        is_send(|_, client| client.unbind());
        is_send(|_, client| client.close(Duration::ZERO));
        is_send(|_, client| client.enquire_link());
        is_send(|_, client| client.request(smpp_pdu::SubmitSm::default()));
        is_send(|_, client| {
            client.request_vendor(smpp_pdu::Unknown {
                command_id: smpp_pdu::CommandId(0x0001_0200),
                body: "".into(),
            })
        });
    }

    #[test]
    fn no_secret_in_debug() {
        let builder = Esme::builder("smpp://id:pa55word@host").unwrap();
        assert!(!format!("{builder:?}").contains("pa55word"));
    }
}
