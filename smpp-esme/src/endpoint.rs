//! Several binds as one, each kept bound.

mod backoff;
mod builder;
mod close;
mod connect;
mod core;
mod error;
mod inbound;
mod lane;
mod lease;
mod member;
mod metrics;
mod pace;
mod request;
mod retry;
mod spread;
mod state;
mod tempo;

pub use backoff::Reconnect;
pub use builder::EndpointBuilder;
pub use close::MemberClosed;
pub use connect::{Bound, Connect};
pub use error::EndpointError;
pub use inbound::EndpointInbound;
pub use metrics::ENDPOINT_METRICS;
pub use pace::Pace;
pub use retry::{Attempts, Order, RetryPolicy};
pub use state::{EndpointState, Failure, MemberId, MemberState, MemberStatus, StopReason};

use self::core::{Held, Owner};
use crate::operations::operations;
use member::Wind;
use request::{Plain, Vendors};
use smpp_pdu::{Request, Unknown};
use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// One or several binds that are kept: cheap to clone, usable from any task.
///
/// Each member is a [`Builder`](crate::Builder), or anything else that [connects](Connect); whenever it has no bind, its
/// task makes one, as [`Reconnect`] says. Each request goes by the bind with the most free window, waits while there is
/// none, and ends in exactly one way. What a lost bind surely had not sent goes by another by itself; what the SMSC may
/// have is never sent again unless [`RetryPolicy::may_double`] says so.
///
/// When all clones, all [`Sticky`] views and the [`EndpointInbound`] are gone, the binds are drained and unbound. To wait
/// for that, [`Self::close`].
#[derive(Debug, Clone)]
pub struct Endpoint {
    pub(crate) owner: Arc<Owner>,
}

operations!(
    Endpoint,
    EndpointError,
    "Which of them it has, the bind and the version say",
    "[`Busy`](EndpointError::Busy)"
);
operations!(
    Sticky,
    EndpointError,
    "Which of them it has, the bind and the version say",
    "[`Busy`](EndpointError::Busy)"
);

impl Endpoint {
    /// An endpoint without members yet.
    pub fn builder() -> EndpointBuilder {
        EndpointBuilder::new()
    }

    /// Sends any request, owned or by reference.
    pub fn request<R>(&self, pdu: R) -> impl Future<Output = Result<R::Response, EndpointError>> + Send
    where
        R: Request<Response: Default + Send> + Send + Sync,
    {
        request::send(&self.owner.core, None, Plain(pdu), true)
    }

    /// As [`Self::request`], but fails instead of waiting: with [`NotBound`](EndpointError::NotBound), or with
    /// [`Busy`](EndpointError::Busy). It is not sent a second time.
    pub fn try_request<R>(&self, pdu: R) -> impl Future<Output = Result<R::Response, EndpointError>> + Send
    where
        R: Request<Response: Default + Send> + Send + Sync,
    {
        request::send(&self.owner.core, None, Plain(pdu), false)
    }

    /// Sends a request of a vendor's own: see [`Client::request_vendor`](crate::Client::request_vendor).
    pub fn request_vendor(&self, pdu: Unknown) -> impl Future<Output = Result<Unknown, EndpointError>> + Send {
        request::send(&self.owner.core, None, Vendors(pdu), true)
    }

    /// As [`Self::request_vendor`], but fails instead of waiting, as [`Self::try_request`] does.
    pub fn try_request_vendor(&self, pdu: Unknown) -> impl Future<Output = Result<Unknown, EndpointError>> + Send {
        request::send(&self.owner.core, None, Vendors(pdu), false)
    }

    /// The same endpoint for requests that belong together, as the parts of one message do. All requests of a key go by
    /// one bind for as long as it is up and any view of the key is held, and are sent in the order in which they were
    /// first polled. If the bind is lost, those that it had not sent go by another, in the same order.
    ///
    /// Equal keys choose the same member each time, while it is bound; different keys are spread over all.
    pub fn sticky(&self, key: impl Hash) -> Sticky {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        Sticky {
            held: Arc::new(Held::new(self.owner.clone(), hasher.finish())),
        }
    }

    /// One more member, while the others work on. On an endpoint that is closed it stops at once.
    pub fn add(&self, connect: impl Connect) -> MemberId {
        self.enlist(Arc::new(connect))
    }

    fn enlist(&self, connect: Arc<dyn Connect>) -> MemberId {
        let core = &self.owner.core;
        let (id, winds) = core.enlist();
        core.runtime.spawn(member::keep(core.clone(), id, connect, winds));
        id
    }

    /// Takes a member out, while the others work on: it gets no more requests, those that it has are waited for, `within`
    /// at most, and then it unbinds. What waits for it goes by others, and so does what it has not sent by then. Waits for
    /// the end, and returns what it has left behind; `None` if there is no such member.
    ///
    /// Dropped before that, it goes on without anybody who waits.
    pub async fn remove(&self, id: MemberId, within: Duration) -> Option<MemberClosed> {
        let now = Instant::now();
        let by = now.checked_add(within).unwrap_or(now + A_YEAR);
        self.owner.core.remove(id, Wind { removed: true, by }).await
    }

    /// Ends in order. No request begins any more; those that have begun go on, `within` at most, by the binds that there
    /// are; what then still waits is not sent. The binds wait for what is in flight, within the same time, and unbind.
    /// Returns what each member has left behind.
    ///
    /// Once an unbind is sent, its answer may take [`Config::drain`](crate::Config::drain) more, and the last PDU five
    /// seconds. Dropped before its end, it goes on without anybody who waits.
    pub async fn close(&self, within: Duration) -> Vec<MemberClosed> {
        let core = &self.owner.core;
        let shut = core.runtime.spawn(close::shut(core.clone(), within));
        // Its runtime may be gone, and with it all that it could wait for.
        shut.await.unwrap_or_else(|_| core.closed())
    }

    /// Waits until a member is bound; fails if all of them have stopped for good, with the reason of the last.
    pub async fn bound(&self) -> Result<(), StopReason> {
        let mut states = self.watch();
        let state = states
            .wait_for(|state| state.bound() > 0 || state.stopped().is_some())
            .await;
        let state = state.map_err(|_| StopReason::Closed)?;
        match state.stopped() {
            Some(why) => Err(why.clone()),
            None => Ok(()),
        }
    }

    /// Where it stands, now and whenever that changes.
    pub fn watch(&self) -> watch::Receiver<EndpointState> {
        self.owner.core.status.subscribe()
    }
    /// Where one member stands, now and whenever that changes; `None` if there is no such member.
    pub fn watch_member(&self, id: MemberId) -> Option<watch::Receiver<MemberStatus>> {
        self.owner.core.member(id)
    }
    /// How many requests a second may go now; `None` for as many as there are.
    pub fn rate(&self) -> Option<f64> {
        self.owner.core.pacer.as_ref()?.rate()
    }
}

/// An [`Endpoint`] for requests that belong together: see [`Endpoint::sticky`]. Cheap to clone, usable from any task.
#[derive(Debug, Clone)]
pub struct Sticky {
    held: Arc<Held>,
}

impl Sticky {
    /// As [`Endpoint::request`].
    pub fn request<R>(&self, pdu: R) -> impl Future<Output = Result<R::Response, EndpointError>> + Send
    where
        R: Request<Response: Default + Send> + Send + Sync,
    {
        request::send(&self.held.owner.core, Some(self.held.key), Plain(pdu), true)
    }

    /// As [`Endpoint::try_request`].
    pub fn try_request<R>(&self, pdu: R) -> impl Future<Output = Result<R::Response, EndpointError>> + Send
    where
        R: Request<Response: Default + Send> + Send + Sync,
    {
        request::send(&self.held.owner.core, Some(self.held.key), Plain(pdu), false)
    }

    /// As [`Endpoint::request_vendor`].
    pub fn request_vendor(&self, pdu: Unknown) -> impl Future<Output = Result<Unknown, EndpointError>> + Send {
        request::send(&self.held.owner.core, Some(self.held.key), Vendors(pdu), true)
    }

    /// As [`Endpoint::try_request_vendor`].
    pub fn try_request_vendor(&self, pdu: Unknown) -> impl Future<Output = Result<Unknown, EndpointError>> + Send {
        request::send(&self.held.owner.core, Some(self.held.key), Vendors(pdu), false)
    }
}

/// In place of a time that no clock can hold.
const A_YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
