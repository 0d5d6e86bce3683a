//! Who may bind.

use crate::handler::{Handler, Reject};
use async_trait::async_trait;
use smpp_pdu::{Address, COctetString, CommandId, Forgiven, Password, Pdu, Version};
use std::net::SocketAddr;
use std::sync::Arc;

/// Judges binds. One serves a whole server.
#[async_trait]
pub trait Acceptor: Send + Sync + 'static {
    /// Judges one bind: the handler of the session that begins with it, or why there is none. Until it returns
    /// nothing that follows the bind is looked at, so that a request right behind it finds the session bound.
    ///
    /// A handler may still be refused its place ([`Handler::bind_limit`]): what is to last as long as the session begins
    /// with [`Handler::bound`].
    ///
    /// Runs for each bind that the state of its session allows; a second one gets ESME_RALYBND without it.
    async fn bind(&self, bind: &Bind, connection: &ConnectionInfo) -> Result<Arc<dyn Handler>, Reject>;
}

/// Which sessions an ESME may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BindKind {
    /// To submit.
    Transmitter,
    /// To be delivered to.
    Receiver,
    /// Both.
    Transceiver,
}

impl BindKind {
    /// Whether such a session may be delivered to.
    pub const fn receives(self) -> bool {
        matches!(self, Self::Receiver | Self::Transceiver)
    }
    /// Whether such a session may submit.
    pub const fn submits(self) -> bool {
        matches!(self, Self::Transmitter | Self::Transceiver)
    }
}

/// A bind request of any of the three kinds (v3.4 §4.1, v5.0 §4.1.1).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Bind {
    /// Which.
    pub kind: BindKind,
    /// Who the ESME says it is.
    pub system_id: COctetString,
    /// How it proves that.
    pub password: Password,
    /// What kind of system it is.
    pub system_type: COctetString,
    /// As it was sent; [`Self::version`] reads it.
    pub interface_version: u8,
    /// The addresses that it serves.
    pub address_range: Address,
    /// What was forgiven to read it; empty for a bind without fault.
    pub forgiven: Vec<Forgiven>,
}

impl Bind {
    /// The version that the ESME speaks.
    pub fn version(&self) -> Version {
        Version::from_interface_version(self.interface_version)
    }

    /// `None` if the PDU is no bind.
    pub(crate) fn new(pdu: &Pdu<&[u8]>, forgiven: Vec<Forgiven>) -> Option<Self> {
        /// The three PDUs have the same fields.
        macro_rules! bind {
            ($kind:ident, $pdu:expr) => {{
                let pdu = $pdu.into_owned();
                Self {
                    kind: BindKind::$kind,
                    system_id: pdu.system_id,
                    password: pdu.password,
                    system_type: pdu.system_type,
                    interface_version: pdu.interface_version,
                    address_range: pdu.address_range,
                    forgiven,
                }
            }};
        }
        Some(match pdu {
            Pdu::BindTransmitter(pdu) => bind!(Transmitter, pdu),
            Pdu::BindReceiver(pdu) => bind!(Receiver, pdu),
            Pdu::BindTransceiver(pdu) => bind!(Transceiver, pdu),
            _ => return None,
        })
    }

    /// The request's command_id.
    pub fn command_id(&self) -> CommandId {
        match self.kind {
            BindKind::Transmitter => CommandId::BIND_TRANSMITTER,
            BindKind::Receiver => CommandId::BIND_RECEIVER,
            BindKind::Transceiver => CommandId::BIND_TRANSCEIVER,
        }
    }
}

/// What the server knows of a connection before its bind.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ConnectionInfo {
    /// Counts the connections of a server, from 1: names one in logs.
    pub id: u64,
    /// Where it comes from; `None` for a stream without such a thing.
    pub address: Option<SocketAddr>,
    /// The proxy that it came through, if there was one that is believed
    /// ([`ServerBuilder::proxy_from`](crate::ServerBuilder::proxy_from)): `address` is then what that has stated.
    pub proxy: Option<SocketAddr>,
    /// This side's address; `None` for a stream without such a thing.
    pub local: Option<SocketAddr>,
    /// Whether this side has opened the connection, for an [outbind](crate::Server::outbind).
    pub dialled: bool,
    /// Whether it came by TLS.
    pub tls: bool,
    /// The certificates that the peer has shown, its own first, as DER; they were verified as the server's TLS has it.
    /// None without TLS, or where none are asked for.
    pub certificates: Vec<Vec<u8>>,
}

impl ConnectionInfo {
    pub(crate) fn new(id: u64, address: Option<SocketAddr>) -> Self {
        Self {
            id,
            address,
            proxy: None,
            local: None,
            dialled: false,
            tls: false,
            certificates: Vec::new(),
        }
    }
}
