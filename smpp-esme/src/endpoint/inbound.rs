//! What the SMSCs send to all members, as one stream.

use super::core::Owner;
use super::state::MemberId;
use crate::inbound::{Delivery, Inbound};
use futures_util::Stream;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// What the SMSCs send to the members of an [`Endpoint`](super::Endpoint): that of each in the order of the wire, as
/// [`Inbound`] has it, and the members in turn. Each comes with its member; its [`Responder`](crate::Responder) answers
/// on the bind that it came by.
///
/// Of each member as much waits here unanswered as [`Config::max_inbound`](crate::Config::max_inbound) says. What a bind
/// has left that was lost is still here, but can be answered no more: the SMSC sends it again. Of each member that of the
/// last lost bind is kept, and of those before it nothing; nothing of a member that was
/// [removed](super::Endpoint::remove).
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
    /// Of each member those of its binds, the oldest first.
    streams: VecDeque<(MemberId, VecDeque<Inbound>)>,
    waker: Option<Waker>,
    /// No member will bring another.
    ended: bool,
    /// Nobody reads.
    abandoned: bool,
    /// The streams are polled, and come back here.
    polled: bool,
    /// Members that were removed meanwhile.
    removed: Vec<MemberId>,
}

impl Streams {
    /// A bind has come up.
    pub(crate) fn add(&self, id: MemberId, inbound: Inbound) {
        let mut state = self.lock();
        let (dropped, waker) = match state.abandoned {
            true => (Some(inbound), None),
            false => (state.queue(id, inbound), state.waker.take()),
        };
        drop(state);
        // After the lock: it answers, and wakes.
        drop(dropped);
        waker.into_iter().for_each(Waker::wake);
    }

    /// Of a member that was removed nothing is kept: nobody may be reading.
    pub(crate) fn forget(&self, id: MemberId) {
        let mut state = self.lock();
        if state.polled {
            state.removed.push(id);
        }
        let (forgotten, waker) = (state.forget(id), state.waker.take());
        drop(state);
        // After the lock: it answers, drops wakers, and wakes; and who reads may have been waiting for just that stream's
        // end.
        drop(forgotten);
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
        let (streams, waker) = (mem::take(&mut state.streams), state.waker.take());
        drop(state);
        drop((streams, waker));
    }

    /// Without the lock while the streams are polled: a waker that they drop is a user's value.
    fn poll(&self, cx: &mut Context<'_>) -> Poll<Option<(MemberId, Delivery)>> {
        let waker = cx.waker().clone();
        let mut state = self.lock();
        let old = state.waker.replace(waker);
        let mut streams = mem::take(&mut state.streams);
        state.polled = true;
        drop(state);
        drop(old);
        let found = next(&mut streams, cx);
        let mut state = self.lock();
        state.polled = false;
        let meanwhile = mem::replace(&mut state.streams, streams);
        let mut dropped: Vec<_> = meanwhile
            .into_iter()
            .flat_map(|(id, of_member)| of_member.into_iter().map(move |inbound| (id, inbound)))
            .filter_map(|(id, inbound)| state.queue(id, inbound))
            .collect();
        for id in mem::take(&mut state.removed) {
            dropped.extend(state.forget(id));
        }
        let ended = state.ended && state.streams.is_empty();
        drop(state);
        drop(dropped);
        match found {
            None if !ended => Poll::Pending,
            found => Poll::Ready(found),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Behind what the member has already. Returns what is kept no longer.
    fn queue(&mut self, id: MemberId, inbound: Inbound) -> Option<Inbound> {
        let Some((_, of_member)) = self.streams.iter_mut().find(|(member, _)| *member == id) else {
            self.streams.push_back((id, [inbound].into()));
            return None;
        };
        of_member.push_back(inbound);
        (of_member.len() > 2).then(|| of_member.pop_front())?
    }

    fn forget(&mut self, id: MemberId) -> VecDeque<Inbound> {
        let at = self.streams.iter().position(|(member, _)| *member == id);
        let forgotten = at.and_then(|at| self.streams.remove(at));
        forgotten.map(|(_, of_member)| of_member).unwrap_or_default()
    }
}

/// The next of the member whose turn it is; of its binds the older one's first. Those that are over are taken out.
fn next(streams: &mut VecDeque<(MemberId, VecDeque<Inbound>)>, cx: &mut Context<'_>) -> Option<(MemberId, Delivery)> {
    for _ in 0..streams.len() {
        let (id, mut of_member) = streams.pop_front()?;
        let (mut found, mut at) = (None, 0);
        while let (None, Some(inbound)) = (&found, of_member.get_mut(at)) {
            match inbound.poll_recv(cx) {
                Poll::Ready(Some(delivery)) => found = Some((id, delivery)),
                Poll::Ready(None) => drop(of_member.remove(at)),
                Poll::Pending => at += 1,
            }
        }
        if !of_member.is_empty() {
            streams.push_back((id, of_member));
        }
        if found.is_some() {
            return found;
        }
    }
    None
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
