//! A request of an endpoint, from the first place to its one end.

use super::core::Core;
use super::error::EndpointError;
use super::lane::{LaneKey, Place};
use super::lease::{Asker, Lease, wake};
use super::metrics;
use super::retry::{Tries, Verdict};
use crate::client::Client;
use smpp_pdu::{CommandId, CommandStatus, Encode, Request, Unknown};
use smpp_session::driver::CallError;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// What can be asked on any bind, and more than once.
pub(crate) trait Question: Send + Sync {
    type Answer: Send;
    fn command_id(&self) -> CommandId;
    /// Asks, and waits for the window for so long; or not at all.
    fn ask<'a>(
        &'a self,
        client: &'a Client,
        wait: Wait,
    ) -> impl Future<Output = Result<Self::Answer, CallError>> + Send + 'a;
}

/// How long to wait for the window.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wait {
    No,
    AtMost(Option<Duration>),
}

/// Any request of the specification.
pub(crate) struct Plain<R>(pub(crate) R);

impl<R> Question for Plain<R>
where
    R: Request<Response: Default + Send> + Send + Sync,
{
    type Answer = R::Response;

    fn command_id(&self) -> CommandId {
        R::COMMAND_ID
    }

    async fn ask(&self, client: &Client, wait: Wait) -> Result<R::Response, CallError> {
        match wait {
            Wait::No => client.try_request(&self.0).await,
            Wait::AtMost(offer) => client.request_within(&self.0, offer).await,
        }
    }
}

/// A vendor's.
pub(crate) struct Vendors(pub(crate) Unknown);

impl Question for Vendors {
    type Answer = Unknown;

    fn command_id(&self) -> CommandId {
        self.0.command_id()
    }

    async fn ask(&self, client: &Client, wait: Wait) -> Result<Unknown, CallError> {
        match wait {
            Wait::No => client.try_request_vendor(self.0.clone()).await,
            Wait::AtMost(offer) => client.request_vendor_within(self.0.clone(), offer).await,
        }
    }
}

/// Sends it, with a key or without one. Dropped before it was sent, it never is; dropped later, its place in the window
/// stays taken.
pub(crate) async fn send<Q: Question>(
    core: &Arc<Core>,
    key: Option<u64>,
    question: Q,
    wait: bool,
) -> Result<Q::Answer, EndpointError> {
    let _active = core.begin()?;
    let mut ticket = Ticket::draw(core, key);
    let mut tries = Tries::default();
    let mut by = core.offered();
    loop {
        let asker = Asker {
            core,
            place: ticket.place,
            command: question.command_id(),
            by,
        };
        let mut lease = match wait {
            true => asker.lease().await?,
            false => asker.try_lease()?,
        };
        let wait_for = match wait {
            true => Wait::AtMost(by.map(|by| by.saturating_duration_since(Instant::now()))),
            false => Wait::No,
        };
        let end = ask(&question, &mut lease, wait_for, &ticket).await;
        core.heard(&lease, &end);
        let error = match end {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let verdict = tries.judge(&core.policy.retry, &error);
        match verdict {
            Verdict::Move if wait => {
                metrics::RESENT.count(["moved"], 1);
                ticket.again();
            }
            Verdict::After(delay) if wait => {
                metrics::RESENT.count([reason(&error)], 1);
                drop(lease);
                if !ticket.rest(delay).await {
                    return Err(error.into());
                }
                by = core.offered();
            }
            _ if matches!(error, CallError::Refused(smpp_session::RequestError::WindowFull)) => {
                return Err(EndpointError::Busy);
            }
            _ => return Err(error.into()),
        }
    }
}

/// Asks, and lets those behind it begin once it has its place in the window or in the line for it.
async fn ask<Q: Question>(
    question: &Q,
    lease: &mut Lease,
    wait: Wait,
    ticket: &Ticket<'_>,
) -> Result<Q::Answer, CallError> {
    lease.asking = true;
    let end = {
        let mut asking = pin!(question.ask(&lease.link.client, wait));
        let begun = poll_fn(|cx| Poll::Ready(asking.as_mut().poll(cx))).await;
        ticket.begun();
        match begun {
            Poll::Ready(end) => end,
            Poll::Pending => asking.await,
        }
    };
    lease.asking = false;
    end
}

impl Core {
    /// Until when a request that begins now may wait.
    fn offered(&self) -> Option<Instant> {
        let offer = self.policy.offer?;
        Instant::now().checked_add(offer)
    }

    /// What the end of a request says of its bind, and of the pace.
    fn heard<A>(self: &Arc<Self>, lease: &Lease, end: &Result<A, CallError>) {
        let error = end.as_ref().err();
        if matches!(error, Some(CallError::NotWritten(_))) {
            // It will not be better before its task hears of it.
            self.down(lease.link.bind);
        }
        let Some(pacer) = &self.pacer else { return };
        match error {
            Some(CallError::NotWritten(_) | CallError::OfferTimedOut | CallError::Refused(_)) => pacer.give_back(),
            Some(error) if is_throttled(error) => {
                metrics::THROTTLED.count([], 1);
                pacer.throttled();
            }
            _ if !pacer.adaptive => {}
            _ => {
                let load = lease.link.client.peer_congestion();
                load.into_iter().for_each(|load| pacer.congestion(load));
            }
        }
    }
}

/// Why it is sent again, for metrics.
fn reason(error: &CallError) -> &'static str {
    match error {
        error if error.may_be_delivered() => "may_double",
        error if is_throttled(error) => "throttled",
        _ => "refused",
    }
}

fn is_throttled(error: &CallError) -> bool {
    let throttles = [CommandStatus::ESME_RTHROTTLED, CommandStatus::ESME_RMSGQFUL];
    error.command_status().is_some_and(|status| throttles.contains(&status))
}

/// A place in a lane, for a request that has an order.
struct Ticket<'a> {
    core: &'a Arc<Core>,
    place: Option<Place>,
}

impl<'a> Ticket<'a> {
    fn draw(core: &'a Arc<Core>, key: Option<u64>) -> Self {
        let lane = match key {
            Some(key) => Some(LaneKey::Key(key)),
            None if core.policy.keeps_order() => Some(LaneKey::All),
            None => None,
        };
        let place = lane.map(|lane| core.lock().lanes.enter(lane));
        Self { core, place }
    }

    fn begun(&self) {
        if let Some(place) = self.place {
            let next = self.core.lock().lanes.begun(place);
            next.into_iter().for_each(wake);
        }
    }

    /// It was not sent.
    fn again(&self) {
        if let Some(place) = self.place {
            self.core.lock().lanes.again(place);
        }
    }

    /// Waits before it is sent again; where order is kept, those behind it wait too. Returns whether it is to be sent:
    /// not, if the endpoint is closing.
    async fn rest(&mut self, delay: Duration) -> bool {
        let lane = self.place.map(|place| place.lane);
        if !self.core.policy.keeps_order() {
            self.leave();
        }
        let rested = Box::pin(async {
            tokio::select! {
                biased;
                () = self.core.reached(super::core::Phase::Closing) => false,
                () = sleep(delay) => true,
            }
        });
        let rested = rested.await;
        match (lane, self.place) {
            (Some(lane), None) => self.place = Some(self.core.lock().lanes.enter(lane)),
            _ => self.again(),
        }
        rested
    }

    fn leave(&mut self) {
        if let Some(place) = self.place.take() {
            let next = self.core.lock().lanes.leave(place);
            next.into_iter().for_each(wake);
        }
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        self.leave();
    }
}
