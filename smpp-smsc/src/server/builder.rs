//! How a server is to be.

use super::Server;
use super::limits::BindLimit;
use crate::acceptor::Acceptor;
use ipnet::IpNet;
use smpp_pdu::COctetString;
use smpp_session::Config;
use smpp_session::tap::Tap;
use std::fmt;
use std::sync::Arc;

/// Builds a [`Server`].
#[derive(Clone)]
pub struct ServerBuilder {
    acceptor: Arc<dyn Acceptor>,
    settings: Settings,
}

#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) config: Arc<Config>,
    pub(super) system_id: COctetString,
    pub(super) max_connections: usize,
    pub(super) max_connections_per_address: usize,
    pub(super) bind_limit: BindLimit,
    pub(super) proxies: Vec<IpNet>,
    pub(super) tap: Option<Arc<dyn Tap>>,
}

impl ServerBuilder {
    pub(super) fn new(acceptor: Arc<dyn Acceptor>) -> Self {
        Self {
            acceptor,
            settings: Settings {
                config: Arc::default(),
                system_id: COctetString::new("smsc").unwrap_or_default(),
                max_connections: 10_000,
                max_connections_per_address: usize::MAX,
                bind_limit: BindLimit::NONE,
                proxies: Vec::new(),
                tap: None,
            },
        }
    }

    /// Limits and timers of each session.
    #[must_use]
    pub fn config(mut self, config: Config) -> Self {
        self.settings.config = Arc::new(config);
        self
    }
    /// Who the server says it is, in the responses to binds: 15 octets at most. `smsc`.
    ///
    /// A name that is too long or has a NUL inside is cut there.
    #[must_use]
    pub fn system_id(mut self, system_id: &str) -> Self {
        let end = system_id.bytes().take(15).take_while(|&c| c != 0).count();
        self.settings.system_id = COctetString::new(&system_id.as_bytes()[..end]).unwrap_or_default();
        self
    }
    /// How many connections there may be at once, of all listeners together; the next is closed as soon as it is
    /// accepted, without a word. 10,000.
    #[must_use]
    pub fn max_connections(mut self, max_connections: usize) -> Self {
        self.settings.max_connections = max_connections;
        self
    }
    /// How many of them may be from one IP address, or from one network of IPv6 (/64, for a host has that many
    /// addresses); the next is closed without a word. No limit: a whole aggregator may sit behind one address, and with a
    /// load balancer that does not tell whom it speaks for, everybody does.
    ///
    /// Connections without an address ([`Server::serve`]) are not counted.
    #[must_use]
    pub fn max_connections_per_address(mut self, max_connections: usize) -> Self {
        self.settings.max_connections_per_address = max_connections;
        self
    }
    /// How many sessions of one system_id there may be, where [`Handler::bind_limit`](crate::Handler::bind_limit) does
    /// not say it. No limit.
    #[must_use]
    pub fn bind_limit(mut self, limit: BindLimit) -> Self {
        self.settings.bind_limit = limit;
        self
    }
    /// Where the load balancers are that say for whom they speak, by the PROXY protocol of version 1 or 2. None.
    ///
    /// A connection from there must begin with its header, before TLS, and within
    /// [`Config::session_init`](Config::session_init); the address that it states is then the connection's in all else,
    /// and counted as such. From elsewhere a header is garbage: anybody could state anything.
    ///
    /// Connections of [`Server::listen`] and its like only.
    #[must_use]
    pub fn proxy_from(mut self, ranges: impl IntoIterator<Item = IpNet>) -> Self {
        self.settings.proxies.extend(ranges);
        self
    }
    /// Shows the PDUs of each connection to `tap`: [`tap`](crate::tap) has some that write them down. None.
    #[must_use]
    pub fn tap(mut self, tap: impl Tap) -> Self {
        self.settings.tap = Some(Arc::new(tap));
        self
    }
    /// A server that listens nowhere yet.
    pub fn build(self) -> Server {
        Server::new(self.acceptor, self.settings)
    }
}

impl fmt::Debug for ServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerBuilder")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
