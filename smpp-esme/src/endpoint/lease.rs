//! A place on a bind, and the waiting for one.

use super::core::{Core, Link, Phase};
use super::error::EndpointError;
use super::lane::{LaneKey, Place};
use super::metrics;
use smpp_pdu::CommandId;
use smpp_session::driver::CallError;
use std::future::Future;
use std::mem;
use std::sync::Arc;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

/// A place on a bind, until it is dropped.
#[derive(Debug)]
pub(crate) struct Lease {
    core: Arc<Core>,
    pub(crate) link: Arc<Link>,
    /// A request is under way: dropped now, the window keeps its place.
    pub(crate) asking: bool,
    /// It has been given back.
    spent: bool,
}

impl Lease {
    pub(crate) fn new(core: Arc<Core>, link: Arc<Link>) -> Self {
        Self {
            core,
            link,
            asking: false,
            spent: false,
        }
    }

    /// Whether the bind still takes requests.
    pub(crate) fn is_current(&self) -> bool {
        self.core.lock().spread.is_up(self.link.bind)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut answered = !self.asking;
        while !mem::replace(&mut self.spent, true) {
            let next = self.core.lock().spread.give_back(self.link.bind, answered);
            let Some(who) = next else { return };
            // Who has gone meanwhile leaves it to the next.
            if let Err(mut refused) = who.send(Self::new(self.core.clone(), self.link.clone())) {
                refused.spent = true;
                (self.spent, answered) = (false, true);
            }
        }
    }
}

/// What asks for a place.
pub(crate) struct Asker<'a> {
    pub(crate) core: &'a Arc<Core>,
    pub(crate) place: Option<Place>,
    pub(crate) command: CommandId,
    /// Until when it waits; `None` for as long as its caller does.
    pub(crate) by: Option<Instant>,
}

enum Found {
    Lease(Lease),
    /// To wait for.
    Later(oneshot::Receiver<Lease>),
}

impl Asker<'_> {
    /// A place, and a token where there is a pace; in turn. Waits for both.
    pub(crate) async fn lease(&self) -> Result<Lease, EndpointError> {
        loop {
            // What has to wait is boxed, so that what has not stays small.
            if !self.is_next() {
                Box::pin(self.turn()).await?;
            }
            let lease = match self.find(true)? {
                Found::Lease(lease) => lease,
                Found::Later(later) => match Box::pin(self.within(later)).await? {
                    Ok(lease) => lease,
                    // Woken to hear why not, or to try again.
                    Err(_) => continue,
                },
            };
            if !self.settle_on(&lease) {
                continue;
            }
            if let Some(pacer) = &self.core.pacer
                && !pacer.try_token()
            {
                metrics::PACED.count([], 1);
                Box::pin(self.token()).await?;
                if !lease.is_current() {
                    pacer.give_back();
                    continue;
                }
            }
            return Ok(lease);
        }
    }

    /// The same without waiting.
    pub(crate) fn try_lease(&self) -> Result<Lease, EndpointError> {
        if !self.is_next() {
            return Err(EndpointError::Busy);
        }
        let Found::Lease(lease) = self.find(false)? else {
            return Err(EndpointError::Busy);
        };
        let paced = || self.core.pacer.as_ref().is_none_or(|pacer| pacer.try_token());
        match self.settle_on(&lease) && paced() {
            true => Ok(lease),
            false => Err(EndpointError::Busy),
        }
    }

    fn is_next(&self) -> bool {
        self.place.is_none_or(|place| self.core.lock().lanes.is_next(place))
    }

    /// Waits for its turn in its lane.
    async fn turn(&self) -> Result<(), EndpointError> {
        let Some(place) = self.place else { return Ok(()) };
        loop {
            let later = {
                let mut s = self.core.lock();
                if s.lanes.is_next(place) {
                    return Ok(());
                }
                if let Some(error) = s.hopeless(self.command) {
                    return Err(error);
                }
                let (who, later) = oneshot::channel();
                s.lanes.wait(place, who);
                later
            };
            // Told or woken, it looks again.
            let _ = self.within(later).await?;
        }
    }

    fn find(&self, wait: bool) -> Result<Found, EndpointError> {
        let mut s = self.core.lock();
        let s = &mut *s;
        let bind = self.key().and_then(|(lane, key)| {
            let on = s.lanes.on(lane).filter(|on| s.spread.is_up(*on));
            on.or_else(|| s.spread.chosen(key))
        });
        let link = match bind {
            Some(bind) => s.spread.take_on(bind),
            None => s.spread.take(|link| link.client.in_flight()),
        };
        if let Some(link) = link {
            return Ok(Found::Lease(Lease::new(self.core.clone(), link)));
        }
        if let Some(error) = s.hopeless(self.command) {
            return Err(error);
        }
        if !wait {
            return Err(match s.spread.is_empty() {
                true => EndpointError::NotBound,
                false => EndpointError::Busy,
            });
        }
        let (who, later) = oneshot::channel();
        let waits = |who: &oneshot::Sender<Lease>| !who.is_closed();
        match bind {
            Some(bind) => s.spread.wait_on(bind, who, waits),
            None => s.spread.wait(who, waits),
        }
        Ok(Found::Later(later))
    }

    /// All of a lane goes by the bind of its first. Whether it is still this one's turn: if the lane has moved there,
    /// others may come before it.
    fn settle_on(&self, lease: &Lease) -> bool {
        let (Some(place), Some((lane, _))) = (self.place, self.key()) else {
            return true;
        };
        let mut s = self.core.lock();
        let next = s.lanes.move_to(lane, lease.link.bind);
        let still = s.lanes.is_next(place);
        drop(s);
        if !still {
            next.into_iter().for_each(wake);
        }
        still
    }

    fn key(&self) -> Option<(LaneKey, u64)> {
        match self.place?.lane {
            LaneKey::Key(key) => Some((LaneKey::Key(key), key)),
            LaneKey::All => None,
        }
    }

    async fn token(&self) -> Result<(), EndpointError> {
        let Some(pacer) = &self.core.pacer else { return Ok(()) };
        tokio::select! {
            biased;
            taken = self.within(pacer.token()) => taken.map(drop),
            () = self.core.reached(Phase::Over) => Err(EndpointError::Closed),
        }
    }

    async fn within<T>(&self, what: impl Future<Output = T>) -> Result<T, EndpointError> {
        match self.by {
            None => Ok(what.await),
            Some(by) => timeout_at(by, what).await.map_err(|_| CallError::OfferTimedOut.into()),
        }
    }
}

/// Whose turn it is.
pub(crate) fn wake(who: oneshot::Sender<()>) {
    // Who has gone meanwhile has left its lane, and told the next.
    let _ = who.send(());
}
