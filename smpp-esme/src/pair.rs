//! A transmitter and a receiver that are one session to their user.

use smpp_session::driver::{Closed, Handle};
use smpp_session::{CloseReason, State, Stats};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// Both, bound. Gone with the last who holds it: then both are unbound.
#[derive(Debug)]
pub(crate) struct Pair {
    transmitter: Handle,
    receiver: Handle,
    tie: Arc<Tie>,
}

impl Pair {
    /// From here on the end of one is that of the other.
    pub(crate) fn new(transmitter: Handle, receiver: Handle, tie: Arc<Tie>) -> Arc<Self> {
        let pair = Arc::new(Self {
            transmitter,
            receiver,
            tie,
        });
        if pair.tie.hold(&pair).is_some() {
            pair.unbind(); // one has ended while the other was bound
        }
        pair
    }

    pub(crate) fn unbind(&self) {
        self.transmitter.unbind();
        self.receiver.unbind();
    }

    /// Ends both, and adds up what they leave behind.
    pub(crate) async fn close(&self, within: Duration) -> Closed {
        let closing = (self.transmitter.close(within), self.receiver.close(within));
        let (mut closed, other) = tokio::join!(closing.0, closing.1);
        closed.reason = self.reason(closed.reason, other.reason);
        closed.unanswered.extend(other.unanswered);
        closed.not_sent += other.not_sent;
        closed
    }

    /// Waits for the end of both.
    pub(crate) async fn closed(&self) -> CloseReason {
        let (transmitter, receiver) = tokio::join!(self.transmitter.closed(), self.receiver.closed());
        self.reason(transmitter, receiver)
    }

    /// Why the first of them ended; of drivers that were dropped nobody tells which that is.
    fn reason(&self, transmitter: CloseReason, receiver: CloseReason) -> CloseReason {
        let in_order = transmitter == CloseReason::Unbound;
        let either = if in_order { receiver } else { transmitter };
        self.tie.first().unwrap_or(either)
    }

    /// Bound, as long as both are; else how near the end the nearer is.
    pub(crate) fn state(&self) -> State {
        let (transmitter, receiver) = (self.transmitter.state(), self.receiver.state());
        match (transmitter, receiver) {
            (State::BoundTx, State::BoundRx) => State::BoundTrx,
            (State::Closed, _) | (_, State::Closed) => State::Closed,
            _ => State::Unbound,
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.transmitter.is_open() && self.receiver.is_open()
    }

    pub(crate) fn stats(&self) -> Stats {
        let mut stats = self.transmitter.stats();
        stats += self.receiver.stats();
        stats
    }
}

/// What each of the two connections tells of its end.
#[derive(Debug, Default)]
pub(crate) struct Tie(Mutex<Tied>);

#[derive(Debug, Default)]
struct Tied {
    /// Nothing before both are bound, and after both are let go.
    pair: Weak<Pair>,
    /// Why the first has ended.
    first: Option<CloseReason>,
}

impl Tie {
    /// Tells why one has ended already.
    fn hold(&self, pair: &Arc<Pair>) -> Option<CloseReason> {
        let mut tied = self.lock();
        tied.pair = Arc::downgrade(pair);
        tied.first
    }

    /// One has ended, and so the other is unbound. Returns why the first did.
    pub(crate) fn ended(&self, reason: CloseReason) -> CloseReason {
        let mut tied = self.lock();
        let (first, pair) = (*tied.first.get_or_insert(reason), tied.pair.upgrade());
        drop(tied);
        if let Some(pair) = pair {
            pair.unbind();
        }
        first
    }

    fn first(&self) -> Option<CloseReason> {
        self.lock().first
    }

    fn lock(&self) -> MutexGuard<'_, Tied> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
