//! What binds a member.

use crate::builder::{Builder, HandledBuilder};
use crate::client::Client;
use crate::error::ConnectError;
use crate::inbound::Inbound;
use async_trait::async_trait;
use std::fmt;

/// Connects and binds, each time that a member of an [`Endpoint`](super::Endpoint) has no bind. A
/// [`Builder`] does, and a [`HandledBuilder`], whose handler answers in place of the endpoint's inbound stream. Who has
/// another transport writes one of these:
///
/// ```no_run
/// use smpp_esme::{Bound, Builder, Connect, ConnectError, async_trait};
/// use tokio::net::UnixStream;
///
/// struct Local(Builder);
///
/// #[async_trait]
/// impl Connect for Local {
///     async fn connect(&self) -> Result<Bound, ConnectError> {
///         let stream = UnixStream::connect("/run/smsc.sock").await?;
///         Ok(self.0.connect_over(stream).await?.into())
///     }
/// }
/// ```
#[async_trait]
pub trait Connect: Send + Sync + 'static {
    /// Connects and binds once. What it fails with says whether it is tried again ([`Reconnect`](super::Reconnect)).
    /// Dropped before its end, it must leave nothing behind.
    async fn connect(&self) -> Result<Bound, ConnectError>;
}

/// A bound session.
pub struct Bound {
    pub(crate) client: Client,
    pub(crate) inbound: Option<Inbound>,
}

impl From<Client> for Bound {
    fn from(client: Client) -> Self {
        Self { client, inbound: None }
    }
}
impl From<(Client, Inbound)> for Bound {
    fn from((client, inbound): (Client, Inbound)) -> Self {
        let inbound = Some(inbound);
        Self { client, inbound }
    }
}

impl fmt::Debug for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bound")
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Connect for Builder {
    async fn connect(&self) -> Result<Bound, ConnectError> {
        Ok(Self::connect(self).await?.into())
    }
}

#[async_trait]
impl Connect for HandledBuilder {
    async fn connect(&self) -> Result<Bound, ConnectError> {
        Ok(Self::connect(self).await?.into())
    }
}
