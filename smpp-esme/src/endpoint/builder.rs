//! From members and policies to an endpoint.

use super::Endpoint;
use super::backoff::Reconnect;
use super::connect::Connect;
use super::core::{Core, Owner};
use super::inbound::EndpointInbound;
use super::pace::Pace;
use super::retry::{Order, RetryPolicy};
use super::state::StopReason;
use crate::error::ConnectError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;

/// Builds an [`Endpoint`]: its members, and how they are kept and used.
#[must_use = "nothing happens before it starts"]
pub struct EndpointBuilder {
    members: Vec<Arc<dyn Connect>>,
    policy: Policy,
}

/// How an endpoint works.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    pub(crate) reconnect: Reconnect,
    pub(crate) retry: RetryPolicy,
    pub(crate) order: Order,
    pub(crate) pace: Option<Pace>,
    pub(crate) offer: Option<Duration>,
}

impl Policy {
    pub(crate) fn keeps_order(&self) -> bool {
        self.order == Order::Kept
    }
}

impl EndpointBuilder {
    pub(crate) fn new() -> Self {
        Self {
            members: Vec::new(),
            policy: Policy {
                reconnect: Reconnect::default(),
                retry: RetryPolicy::none(),
                order: Order::Free,
                pace: None,
                offer: None,
            },
        }
    }

    /// One more member, which is kept bound: a [`Builder`](crate::Builder), or anything else that connects. The first is
    /// number 1.
    pub fn member(mut self, connect: impl Connect) -> Self {
        self.members.push(Arc::new(connect));
        self
    }
    /// Changes how members are kept bound.
    pub fn reconnect(mut self, change: impl FnOnce(&mut Reconnect)) -> Self {
        change(&mut self.policy.reconnect);
        self
    }
    /// How fast requests go, all members together. As fast as the windows allow.
    pub fn pace(mut self, pace: Pace) -> Self {
        self.policy.pace = Some(pace);
        self
    }
    /// Which requests that were refused are sent again. None.
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        self.policy.retry = retry;
        self
    }
    /// Whether those that are sent again keep their place. [`Order::Free`].
    pub fn order(mut self, order: Order) -> Self {
        self.policy.order = order;
        self
    }
    /// How long a request may wait to be sent, for a bind, for the window, for the pace and for those before it; it
    /// then fails with [`OfferTimedOut`](crate::CallError::OfferTimedOut), and surely was not sent. Once it was refused
    /// and is to be sent again, it has that time once more. The members' own [`Builder::offer_timeout`] does not count.
    /// Without limit: the caller's own future decides.
    ///
    /// [`Builder::offer_timeout`]: crate::Builder::offer_timeout
    pub fn offer_timeout(mut self, offer_timeout: Duration) -> Self {
        self.policy.offer = Some(offer_timeout);
        self
    }

    /// Starts the members, each in a task of this runtime, and waits for none of them: requests wait until one is bound.
    pub async fn start(self) -> (Endpoint, EndpointInbound) {
        let core = Arc::new(Core::new(self.policy, Handle::current()));
        let (streams, owner) = (core.streams.clone(), Arc::new(Owner { core }));
        let endpoint = Endpoint { owner: owner.clone() };
        for connect in self.members {
            endpoint.enlist(connect);
        }
        (endpoint, EndpointInbound::new(streams, owner))
    }

    /// As [`Self::start`], and waits until a member is bound; fails if all of them stop for good, with the reason of the
    /// last, or if there is none. Others may be bound later.
    pub async fn connect(self) -> Result<(Endpoint, EndpointInbound), StopReason> {
        if self.members.is_empty() {
            return Err(StopReason::Permanent(Arc::new(ConnectError::NoHost)));
        }
        let (endpoint, inbound) = self.start().await;
        endpoint.bound().await?;
        Ok((endpoint, inbound))
    }
}

impl fmt::Debug for EndpointBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointBuilder")
            .field("members", &self.members.len())
            .field("policy", &self.policy)
            .finish()
    }
}
