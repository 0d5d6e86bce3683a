//! Whose connection it is.

use crate::config::Role;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};

/// The two ends of a connection that a tap is put on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ends {
    /// Counts the connections of this process that have a tap, from 1.
    pub number: u64,
    /// Which side this one is.
    pub role: Role,
    /// Whether this side has opened the connection.
    pub dialled: bool,
    /// This side's address; `None` of a stream without such a thing.
    pub local: Option<SocketAddr>,
    /// The peer's.
    pub peer: Option<SocketAddr>,
}

impl Ends {
    /// Those of a connection that begins, opened by the ESME, over a stream without addresses.
    pub fn new(role: Role) -> Self {
        Self {
            number: NEXT.fetch_add(1, Ordering::Relaxed),
            role,
            dialled: role == Role::Esme,
            local: None,
            peer: None,
        }
    }
    /// Whether this side has opened it.
    #[must_use]
    pub fn dialled(self, dialled: bool) -> Self {
        Self { dialled, ..self }
    }
    /// With this side's address and the peer's.
    #[must_use]
    pub fn between(self, local: Option<SocketAddr>, peer: Option<SocketAddr>) -> Self {
        Self { local, peer, ..self }
    }
}

static NEXT: AtomicU64 = AtomicU64::new(1);
