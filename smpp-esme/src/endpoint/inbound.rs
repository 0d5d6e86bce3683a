//! What the SMSCs send to all members, as one stream.

use super::core::Owner;
use super::state::MemberId;
use crate::inbound::{Delivery, Inbound};
use futures_util::Stream;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// What the SMSCs send to the members of an [`Endpoint`](super::Endpoint): that of each in the order of the wire, as
/// [`Inbound`] has it, and the members in turn. Each comes with its member; its [`Responder`](crate::Responder) answers
/// on the bind that it came by.
///
/// Of each member as much waits here unanswered as [`Config::max_inbound`](crate::Config::max_inbound) says. What a bind
/// has left that was lost is still here, but can be answered no more: the SMSC sends it again. Of each member that of the
/// last lost bind is kept, and of those before it nothing.
///
/// When this is dropped, what waits and what comes is refused with [`Config::unanswered`](crate::Config::unanswered).
#[derive(Debug)]
pub struct EndpointInbound {
    streams: Arc<Streams>,
    /// Who receives needs the binds as much as who submits.
    _owner: Arc<Owner>,
}

/// The streams of the binds, where the members leave them and the reader polls them.
#[derive(Debug, Default)]
pub(crate) struct Streams(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    streams: VecDeque<(MemberId, Inbound)>,
    waker: Option<Waker>,
    /// No member will bring another.
    ended: bool,
    /// Nobody reads.
    abandoned: bool,
}

impl Streams {
    /// A bind has come up.
    pub(crate) fn add(&self, id: MemberId, inbound: Inbound) {
        let mut state = self.lock();
        let mut dropped = None;
        let waker = if state.abandoned {
            dropped = Some(inbound);
            None
        } else {
            let of_member = state
                .streams
                .iter()
                .enumerate()
                .filter(|(_, (member, _))| *member == id);
            let mut of_member = of_member.map(|(at, _)| at);
            if let (Some(oldest), Some(_)) = (of_member.next(), of_member.next()) {
                dropped = state.streams.remove(oldest).map(|(_, inbound)| inbound);
            }
            state.streams.push_back((id, inbound));
            state.waker.take()
        };
        drop(state);
        // After the lock: it answers, and wakes.
        drop(dropped);
        waker.into_iter().for_each(Waker::wake);
    }

    /// Whether more will come.
    pub(crate) fn end(&self, ended: bool) {
        let mut state = self.lock();
        state.ended = ended;
        let waker = state.waker.take();
        drop(state);
        waker.into_iter().for_each(Waker::wake);
    }

    fn abandon(&self) {
        let mut state = self.lock();
        state.abandoned = true;
        let (streams, waker) = (std::mem::take(&mut state.streams), state.waker.take());
        drop(state);
        drop((streams, waker));
    }

    fn poll(&self, cx: &mut Context<'_>) -> Poll<Option<(MemberId, Delivery)>> {
        let waker = cx.waker().clone();
        let mut state = self.lock();
        let mut over = Vec::new();
        let mut found = None;
        for _ in 0..state.streams.len() {
            let Some((id, mut inbound)) = state.streams.pop_front() else {
                break;
            };
            match inbound.poll_recv(cx) {
                Poll::Ready(None) => {
                    over.push(inbound);
                    continue;
                }
                Poll::Ready(Some(delivery)) => found = Some((id, delivery)),
                Poll::Pending => {}
            }
            state.streams.push_back((id, inbound));
            if found.is_some() {
                break;
            }
        }
        let ended = state.ended && state.streams.is_empty();
        let old = match &found {
            None if !ended => state.waker.replace(waker),
            _ => Some(waker),
        };
        drop(state);
        drop((over, old)); // after the lock: a waker is a user's value
        match found {
            None if !ended => Poll::Pending,
            found => Poll::Ready(found),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EndpointInbound {
    pub(crate) fn new(streams: Arc<Streams>, owner: Arc<Owner>) -> Self {
        Self { streams, _owner: owner }
    }

    /// The next; `None` once all members have stopped for good and all of it was taken. Cancel-safe.
    pub async fn recv(&mut self) -> Option<(MemberId, Delivery)> {
        poll_fn(|cx| self.poll_recv(cx)).await
    }

    /// Polls for the next.
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<(MemberId, Delivery)>> {
        self.streams.poll(cx)
    }
}

impl Stream for EndpointInbound {
    type Item = (MemberId, Delivery);

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_recv(cx)
    }
}

impl Drop for EndpointInbound {
    fn drop(&mut self) {
        self.streams.abandon();
    }
}
