//! The tokio driver: the one IO loop that both sides of this workspace share, and what stands between it and user
//! tasks.
//!
//! ```text
//!   Handle      ──request──▶ ┌ Border: one Mutex ────────────┐ ◀──turn── Driver (the connection's only task)
//!   (any task)  ◀──outcome── │ Session<CallKey>, the calls,  │           read → session → service inline
//!   Responder   ──respond──▶ │ the backlog, driver's waker   │           → exchange → one write
//!                            └───────────────────────────────┘
//! ```
//!
//! **The lock** is held for one request's encoding, or for [`EVENTS_PER_LOCK`] events of a turn; never across a wake,
//! a service's code, a system call, an await, or the drop of a user's value.
//!
//! **Wakes.** A request wakes the driver only when it is parked, so once a batch. An outcome wakes its call, once. A
//! free place in the window wakes nobody: who waits for one has left his encoded PDU in the backlog, and the driver
//! sends it.
//!
//! **The clock** is read once a turn, and by the request that wakes a parked driver.

mod backlog;
mod border;
mod calls;
mod error;
mod handle;
mod kept;
mod link;
mod service;

pub use error::{CallError, Rejection};
pub use handle::{Call, Handle};
pub use service::{Reply, Responder, Responders, Service};

use crate::config::{Config, Role};
use crate::event::{CloseReason, Event};
use border::{Border, Shared};
use futures_util::Stream;
use futures_util::stream::FuturesUnordered;
use kept::Kept;
use link::Link;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Arc, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Sleep, sleep_until};

/// A turn lets others have the lock after so many events: about 5 µs.
const EVENTS_PER_LOCK: usize = 64;
/// Turns before the thread is given to other tasks: fairness between connections.
const TURNS: usize = 8;
/// How often a driver looks about that is parked on a blocked socket: requests do not wake it there.
const TICK: Duration = Duration::from_secs(1);
/// How long a session that is over may still write its last PDU, and its peer take it.
const LINGER: Duration = Duration::from_secs(5);

/// A connection that has a session and no driver yet.
#[derive(Debug)]
pub struct Connection {
    border: Arc<Border>,
    handle: Handle,
}

impl Connection {
    /// A session that begins now.
    pub fn new(role: Role, config: Config) -> Self {
        let border = Border::new(role, config);
        Self {
            handle: Handle::new(&border),
            border,
        }
    }

    /// What user tasks hold. When the last handle is gone, the session is drained and unbound.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Runs the session over `io` to its end; it is the connection's only task. The peer's requests go to `service`,
    /// whose future is polled at once, and waits beside the socket only if it is not ready.
    ///
    /// Dropped before its end, it ends every call with its outcome, and closes `io`.
    pub async fn drive<IO, S>(self, io: IO, service: S) -> CloseReason
    where
        IO: AsyncRead + AsyncWrite + Unpin,
        S: Service,
    {
        let Self { border, handle } = self;
        // Ours does not keep the session alive.
        drop(handle);
        let mut driver = Driver::new(io, border, service);
        let reason = {
            let mut timer = pin!(sleep_until(Instant::now().into()));
            loop {
                match poll_fn(|cx| driver.poll(cx, timer.as_mut())).await {
                    Turn::Yield => tokio::task::yield_now().await,
                    Turn::Closed(reason) => break reason,
                }
            }
        };
        // A peer that is still sending would be reset, and might lose our last PDU with that.
        let _ = tokio::time::timeout(LINGER, driver.link.finish()).await;
        reason
    }
}

enum Turn {
    /// Tasks that were just woken will soon ask again: let their requests join this write.
    Yield,
    Closed(CloseReason),
}

struct Driver<IO, S: Service> {
    link: Link<IO>,
    border: Arc<Border>,
    service: S,
    /// Futures of the service that were not ready at once; nothing until the first.
    pending: Option<FuturesUnordered<S::Handling>>,
    replies: Vec<Reply<S::Response>>,
    wake: Vec<Waker>,
    /// Whether this batch has had its yield.
    yielded: bool,
    /// Until when what is in flight is waited for before unbind.
    drain_by: Option<Instant>,
    linger: Option<Instant>,
}

impl<IO, S> Driver<IO, S>
where
    IO: AsyncRead + AsyncWrite + Unpin,
    S: Service,
{
    fn new(io: IO, border: Arc<Border>, service: S) -> Self {
        let (link, replies, wake) = (Link::new(io), Vec::new(), Vec::new());
        Self {
            link,
            border,
            service,
            pending: None,
            replies,
            wake,
            yielded: false,
            drain_by: None,
            linger: None,
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>, mut timer: Pin<&mut Sleep>) -> Poll<Turn> {
        for _ in 0..TURNS {
            let (idle, deadline) = match self.turn(cx) {
                Ok(x) => x,
                Err(turn) => return Poll::Ready(turn),
            };
            if !idle {
                continue;
            }
            // Armed anew only for an earlier time: that it has become later is found out when it fires.
            let deadline = tokio::time::Instant::from_std(deadline);
            if deadline < timer.deadline() || timer.is_elapsed() {
                timer.as_mut().reset(deadline);
            }
            if timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
        cx.waker().wake_by_ref(); // others want the thread too
        Poll::Pending
    }

    /// One turn: read, handle, exchange, write. Returns whether there was nothing to do, and when there will be.
    fn turn(&mut self, cx: &mut Context<'_>) -> Result<(bool, Instant), Turn> {
        let border = self.border.clone();
        if border.is_poisoned() {
            // Something of ours has panicked under the lock: what it left is not to be trusted, nor sent.
            return Err(Turn::Closed(CloseReason::Local));
        }
        let now = Instant::now();
        self.poll_pending(cx);
        let (buf, n, read) = self.link.read(cx);
        let busy = read || !self.replies.is_empty();
        let mut input = buf.get(..n).unwrap_or_default();

        let mut s = border.lock();
        let _was_parked = s.driver.take();
        s.now = now;
        s.session.handle_written(self.link.take_written());
        if self.link.at_eof() {
            s.session.handle_eof();
        }
        s.session.handle_timeout(now);
        for reply in self.replies.drain(..) {
            reply.send(&mut s.session);
        }
        self.unbind(&mut s);
        let delivered;
        (s, delivered) = self.events(cx, &border, s, &mut input);
        let paused = s.session.is_paused();
        let held = self.link.keep(read, input, paused);
        link::give_back(buf);
        s.issue(&mut self.wake);

        let transmit = s.session.has_transmit();
        // With one task woken there is nobody to wait for: it wakes us itself.
        let yields = !self.yielded && (delivered && s.calls.unclaimed() > 1 || transmit && s.calls.unclaimed() > 0);
        let took = !yields && self.link.is_flushed() && s.session.poll_transmit(&mut self.link.out);
        let idle = !busy && !delivered && !yields && !took && !held;
        s.blocked = !self.link.is_flushed() && !took;
        if idle {
            s.driver = Some(cx.waker().clone());
        }
        let (closed, left) = (s.closed(), s.session.has_transmit());
        let mut deadline = s
            .session
            .poll_timeout()
            .unwrap_or_else(|| *self.linger.get_or_insert(now + LINGER));
        if closed.is_none() {
            // Requests do not wake us on a blocked socket, so their deadlines are looked after here.
            deadline = deadline.min(self.drain_by.unwrap_or(deadline));
            deadline = if s.blocked { deadline.min(now + TICK) } else { deadline };
        }
        drop(s);
        self.wake.drain(..).for_each(Waker::wake);
        self.yielded = yields;
        if yields {
            return Err(Turn::Yield);
        }
        match closed {
            Some(reason) if !reason.lingers() => self.link.abandon(),
            _ => self.link.write(cx),
        }
        match closed {
            Some(reason) if self.link.is_flushed() && !left || now >= deadline => Err(Turn::Closed(reason)),
            _ => Ok((idle && !self.link.has_written(), deadline)),
        }
    }

    /// Everything that the input and the timers bring. The service runs without the lock.
    fn events<'b>(
        &mut self,
        cx: &mut Context<'_>,
        border: &'b Border,
        mut s: MutexGuard<'b, Shared>,
        input: &mut &[u8],
    ) -> (MutexGuard<'b, Shared>, bool) {
        let (mut delivered, mut held) = (false, 0);
        loop {
            let now = s.now;
            let event = if input.is_empty() {
                None
            } else {
                s.session.handle_bytes(now, input)
            };
            let Some(event) = event.or_else(|| s.session.poll_event()) else {
                return (s, delivered);
            };
            match event {
                Event::Request(received) => {
                    drop(s);
                    let mut handling = self.service.request(received);
                    let polled = Pin::new(&mut handling).poll(cx);
                    (s, held) = (border.lock(), 0);
                    match polled {
                        Poll::Ready(Some(reply)) => reply.send(&mut s.session),
                        Poll::Ready(None) => {}
                        Poll::Pending => self.pending.get_or_insert_default().push(handling),
                    }
                }
                Event::Notice(received) => {
                    drop(s);
                    self.service.notice(received);
                    (s, held) = (border.lock(), 0);
                }
                Event::Ended { context, outcome } => {
                    delivered = true;
                    self.wake
                        .extend(s.calls.end(context, Ok(outcome.map(|answer| Kept::new(&answer)))));
                }
                Event::State(state) => {
                    drop(s);
                    self.service.state(state);
                    (s, held) = (border.lock(), 0);
                }
                Event::Closed(reason) => s.close(reason, &mut self.wake),
                Event::Stray { .. } => {}
            }
            held += 1;
            if held == EVENTS_PER_LOCK {
                drop(s);
                (s, held) = (border.lock(), 0);
            }
        }
    }

    /// Once nobody wants anything more: what is in flight first, then unbind.
    fn unbind(&mut self, s: &mut Shared) {
        if s.ending && s.closed().is_none() {
            let by = *self.drain_by.get_or_insert_with(|| s.now + s.drain);
            if s.now >= by || s.backlog.is_empty() && s.session.is_idle() {
                s.session.unbind(s.now);
                // From here on the session's own timer counts.
                self.drain_by = Some(s.now + s.drain * 2);
            }
        }
    }

    fn poll_pending(&mut self, cx: &mut Context<'_>) {
        if let Some(pending) = self.pending.as_mut().filter(|pending| !pending.is_empty()) {
            while let Poll::Ready(Some(reply)) = Pin::new(&mut *pending).poll_next(cx) {
                self.replies.extend(reply);
            }
            if pending.is_empty() {
                self.pending = None;
            }
        }
    }
}

/// However the driver ends, by returning, by a panic, or because its runtime dropped it: every call gets its one
/// outcome, by what was really written.
impl<IO, S: Service> Drop for Driver<IO, S> {
    fn drop(&mut self) {
        let (mut s, mut wake) = (self.border.lock(), Vec::new());
        s.session.handle_written(self.link.take_written());
        s.session.close(CloseReason::Local);
        while let Some(event) = s.session.poll_event() {
            match event {
                Event::Ended { context, outcome } => {
                    wake.extend(s.calls.end(context, Ok(outcome.map(|answer| Kept::new(&answer)))));
                }
                Event::Closed(reason) => s.close(reason, &mut wake),
                _ => {}
            }
        }
        // It is over, even if its last event was taken by a turn that panicked.
        s.close(CloseReason::Local, &mut wake);
        drop(s);
        wake.into_iter().for_each(Waker::wake);
    }
}

impl<IO, S: Service> fmt::Debug for Driver<IO, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").finish_non_exhaustive()
    }
}
