//! The task of one member: it keeps one bind.

use super::backoff::Backoff;
use super::close::MemberClosed;
use super::connect::{Bound, Connect};
use super::core::{Core, Phase};
use super::metrics;
use super::state::{Failure, MemberId, MemberState, StopReason};
use crate::bind::BindKind;
use crate::client::Client;
use smpp_session::driver::Closed;
use smpp_session::{CloseReason, State};
use std::collections::hash_map::RandomState;
use std::future::{Future, pending};
use std::hash::BuildHasher;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// That a member is to end: why, and until when what is in flight is waited for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wind {
    pub(crate) removed: bool,
    pub(crate) by: Instant,
}

impl Wind {
    fn why(self) -> StopReason {
        if self.removed {
            StopReason::Removed
        } else {
            StopReason::Closed
        }
    }
}

/// Keeps a member bound until it is told to end, or cannot be.
pub(crate) fn keep(
    core: Arc<Core>,
    id: MemberId,
    connect: Arc<dyn Connect>,
    winds: watch::Receiver<Option<Wind>>,
) -> impl Future<Output = ()> + Send {
    // There before it is polled: a runtime that is gone drops it unpolled, and that is an end too.
    let mut member = Keeping {
        core,
        id,
        winds,
        ended: false,
    };
    async move {
        let closed = member.run(&*connect).await;
        member.ended = true;
        member.core.ended(id, closed);
    }
}

struct Keeping {
    core: Arc<Core>,
    id: MemberId,
    winds: watch::Receiver<Option<Wind>>,
    ended: bool,
}

impl Keeping {
    async fn run(&mut self, connect: &dyn Connect) -> MemberClosed {
        let mut backoff = Backoff::new(self.core.policy.reconnect.clone());
        loop {
            let attempt = backoff.attempt();
            self.core.tell(self.id, MemberState::Connecting { attempt, next: None });
            backoff.tries(Instant::now());
            let bound = tokio::select! {
                biased;
                why = self.unwanted() => return MemberClosed::without_bind(self.id, why),
                bound = connect.connect() => bound,
            };
            let next = match bound {
                Ok(bound) => {
                    metrics::connected(None);
                    let begun = Instant::now();
                    match self.hold(bound).await {
                        Ok(closed) => return closed,
                        Err(reason) => {
                            metrics::LOST.count([], 1);
                            self.core.failed(self.id, Failure::Lost(reason));
                            backoff.lost(begun.elapsed(), Instant::now(), dice())
                        }
                    }
                }
                Err(error) => {
                    metrics::connected(Some((self.core.policy.reconnect.classify)(&error)));
                    let error = Arc::new(error);
                    tracing::warn!(member = %self.id, attempt, %error, "not bound");
                    self.core.failed(self.id, Failure::Connect(error.clone()));
                    match backoff.failed(&error, Instant::now(), dice()) {
                        Some(next) => next,
                        None => return MemberClosed::without_bind(self.id, StopReason::Permanent(error)),
                    }
                }
            };
            let state = MemberState::Connecting {
                attempt: backoff.attempt(),
                next: Some(next.into_std()),
            };
            self.core.tell(self.id, state);
            tokio::select! {
                biased;
                why = self.unwanted() => return MemberClosed::without_bind(self.id, why),
                () = sleep_until(next) => {}
            }
        }
    }

    /// While it is not bound: waits until it need not be any more.
    async fn unwanted(&mut self) -> StopReason {
        let core = self.core.clone();
        tokio::select! {
            biased;
            wind = self.wound() => wind.why(),
            () = core.reached(Phase::Closing) => StopReason::Closed,
        }
    }

    async fn wound(&mut self) -> Wind {
        let wound = self.winds.wait_for(Option::is_some).await;
        // Without anybody who could tell it, it is not wanted either.
        let wind = wound.ok().and_then(|wind| *wind);
        wind.unwrap_or_else(|| Wind {
            removed: false,
            by: Instant::now(),
        })
    }

    /// Gives a bind to the endpoint, until it is lost or this member is to end.
    async fn hold(&mut self, bound: Bound) -> Result<MemberClosed, CloseReason> {
        let Bound { client, inbound } = bound;
        let kind = kind(&client);
        if let Some(inbound) = inbound {
            self.core.streams.add(self.id, inbound);
        }
        let link = self.core.up(self.id, client.clone(), kind.submits());
        let version = client.version();
        self.core.tell(self.id, MemberState::Bound { kind, version });
        tracing::info!(member = %self.id, ?kind, ?version, "up");
        let wind = tokio::select! {
            biased;
            reason = client.closed() => {
                self.core.down(link.bind);
                tracing::warn!(member = %self.id, %reason, "lost");
                let Some(why) = self.is_to_end() else { return Err(reason) };
                // It is over, and so this only tells what it has left.
                let left = client.close(Duration::ZERO).await;
                return Ok(MemberClosed::with_bind(self.id, why, left));
            }
            wind = self.wound() => wind,
        };
        self.core.down(link.bind);
        drop(link);
        self.core.tell(self.id, MemberState::Draining);
        let left = self.close(&client, wind.by).await;
        Ok(MemberClosed::with_bind(self.id, wind.why(), left))
    }

    /// Whether another bind would not be wanted.
    fn is_to_end(&self) -> Option<StopReason> {
        let wind = *self.winds.borrow();
        let is_closing = *self.core.phase.borrow() >= Phase::Closing;
        wind.map(Wind::why).or(is_closing.then_some(StopReason::Closed))
    }

    /// Ends a bind in order: by then, or sooner if it is told so meanwhile.
    async fn close(&mut self, client: &Client, mut by: Instant) -> Closed {
        loop {
            let within = by.saturating_duration_since(Instant::now());
            tokio::select! {
                biased;
                left = client.close(within) => return left,
                sooner = self.sooner(by) => by = sooner,
            }
        }
    }

    async fn sooner(&mut self, by: Instant) -> Instant {
        let told = |wind: &Option<Wind>| wind.is_some_and(|wind| wind.by < by);
        let wind = self.winds.wait_for(told).await.ok().and_then(|wind| *wind);
        match wind {
            Some(wind) => wind.by,
            None => pending().await,
        }
    }
}

impl Drop for Keeping {
    fn drop(&mut self) {
        if !self.ended {
            self.core
                .ended(self.id, MemberClosed::without_bind(self.id, StopReason::Broken));
        }
    }
}

fn kind(client: &Client) -> BindKind {
    match client.state() {
        State::BoundTx => BindKind::Transmitter,
        State::BoundRx => BindKind::Receiver,
        _ => BindKind::Transceiver,
    }
}

/// A number that nobody can foresee: the keys of each new hasher are others.
fn dice() -> u64 {
    RandomState::new().hash_one(())
}
