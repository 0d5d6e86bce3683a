//! What user tasks hold.

use super::border::{Border, Mourning, Shared};
use super::calls::{CallKey, End};
use super::closed::Closed;
use super::error::CallError;
use super::kept::Kept;
use super::service::Responders;
use crate::event::CloseReason;
use crate::state::State;
use crate::stats::Stats;
use crate::window::WindowSnapshot;
use smpp_pdu::{Codec, CongestionState, Encode, Request, Unknown};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// A user task's hold on a session: cheap to clone, usable from any task. When the last one is gone, what is in
/// flight is waited for, and the session unbinds.
#[derive(Clone)]
pub struct Handle(Arc<LastOne>);

struct LastOne(Arc<Border>);

impl Handle {
    pub(crate) fn new(border: &Arc<Border>) -> Self {
        Self(Arc::new(LastOne(border.clone())))
    }

    pub(crate) fn border(&self) -> &Arc<Border> {
        &self.0.0
    }

    /// Sends a request and waits for its answer; while the window is full it waits in line. Nothing happens before
    /// the future is polled.
    pub fn request<R: Request>(&self, pdu: R) -> Call<'_, R> {
        Call {
            border: self.border(),
            state: CallState::New { pdu, queue: true },
        }
    }

    /// As [`Self::request`], but fails with [`WindowFull`](crate::RequestError::WindowFull) instead of waiting for
    /// the window.
    pub fn try_request<R: Request>(&self, pdu: R) -> Call<'_, R> {
        Call {
            border: self.border(),
            state: CallState::New { pdu, queue: false },
        }
    }

    /// Sends a request that was registered in [`Config::vendor`](crate::Config::vendor), and waits for its answer, both
    /// with their bodies as octets; as [`Self::request`] in all else.
    pub fn request_vendor(&self, pdu: Unknown) -> VendorCall<'_> {
        VendorCall(Call {
            border: self.border(),
            state: CallState::New { pdu, queue: true },
        })
    }

    /// As [`Self::request_vendor`], but fails with [`WindowFull`](crate::RequestError::WindowFull) instead of waiting
    /// for the window.
    pub fn try_request_vendor(&self, pdu: Unknown) -> VendorCall<'_> {
        VendorCall(Call {
            border: self.border(),
            state: CallState::New { pdu, queue: false },
        })
    }

    /// Sends what has no answer: alert_notification, outbind.
    pub fn notify<E: Encode>(&self, pdu: &E) -> Result<(), CallError> {
        self.border().with(|s| {
            s.is_open()?;
            let now = s.time();
            s.session.notify(now, pdu).map_err(CallError::not_sent)
        })
    }

    /// What makes the responders of this session, without keeping it alive.
    pub fn responders(&self) -> Responders {
        Responders::new(self.border())
    }

    /// Takes no more requests, waits for what is in flight ([`Config::drain`](crate::Config::drain) at most), and
    /// unbinds. Returns at once: see [`Self::closed`].
    pub fn unbind(&self) {
        self.border().with(|s| s.wind_up(s.session.config().drain));
    }

    /// As [`Self::unbind`], but waits no longer than `within` for what is in flight, unbinds, and waits for the end: of
    /// several calls, and of [`Self::unbind`], the one that ends first counts. Once the unbind is sent, its answer may
    /// take [`Config::drain`](crate::Config::drain), and the last PDU five seconds.
    ///
    /// Returns what the session has left behind; of one that is over already, at once, however it ended. Dropped before
    /// that, it goes on without anybody who waits.
    pub async fn close(&self, within: Duration) -> Closed {
        self.border().with(|s| s.wind_up(within));
        let reason = self.closed().await;
        self.border().lock().left(reason)
    }

    /// Waits for the end of the session.
    pub async fn closed(&self) -> CloseReason {
        Mourning::new(self.border()).await
    }

    /// How many requests would be sent at once: what the window has free, while nothing waits in line for it. None
    /// once the session is to end.
    pub fn room(&self) -> usize {
        self.border().lock().room()
    }

    /// Whether anything more may be asked: the session is bound, and nobody has begun to end it.
    pub fn is_open(&self) -> bool {
        let s = self.border().lock();
        s.is_open().is_ok() && s.session.state().is_bound()
    }

    /// Where the session stands.
    pub fn state(&self) -> State {
        self.border().lock().session.state()
    }
    /// What it reads and writes with: the version is what both sides speak, once bound.
    pub fn codec(&self) -> Codec {
        self.border().lock().session.codec()
    }
    /// How many of our requests may wait for their answer at once.
    pub fn set_window(&self, window: usize) {
        self.border().with(|s: &mut Shared| {
            s.time();
            s.session.set_window(window);
        });
    }
    /// The window as it stands: its capacity, how many requests are in flight, and how long the oldest of them is.
    /// What waits in line for a place is not in it.
    pub fn window(&self) -> WindowSnapshot {
        let mut s = self.border().lock();
        let now = s.time();
        s.session.window(now)
    }
    /// How many wait.
    pub fn in_flight(&self) -> usize {
        self.border().lock().session.in_flight()
    }
    /// How loaded this side is; [`Session::set_congestion`](crate::Session::set_congestion).
    pub fn set_congestion(&self, congestion: Option<CongestionState>) {
        self.border().lock().session.set_congestion(congestion);
    }
    /// How loaded the peer has last said that it is; [`Session::peer_congestion`](crate::Session::peer_congestion).
    pub fn peer_congestion(&self) -> Option<CongestionState> {
        self.border().lock().session.peer_congestion()
    }
    /// When anything was last heard of the peer; [`Session::last_heard`](crate::Session::last_heard).
    pub fn last_heard(&self) -> Instant {
        self.border().lock().session.last_heard()
    }
    /// What the session has counted.
    pub fn stats(&self) -> Stats {
        self.border().lock().session.stats()
    }
}

impl Drop for LastOne {
    fn drop(&mut self) {
        self.0.with(|s| s.wind_up(s.session.config().drain));
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.border().fmt(f)
    }
}

/// A request on its way; cancel-safe. Dropped before it had a place in the window, it is never sent; dropped later,
/// its place stays taken until the peer answers or the time is up, because the peer counts it too.
#[must_use = "nothing is sent until it is polled"]
pub struct Call<'a, R> {
    border: &'a Border,
    state: CallState<R>,
}

enum CallState<R> {
    New {
        pdu: R,
        /// Whether it waits for the window.
        queue: bool,
    },
    Sent(CallKey),
    Done,
}

impl<R> Unpin for Call<'_, R> {}

impl<R: Request> Future for Call<'_, R>
where
    R::Response: Default,
{
    type Output = Result<R::Response, CallError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_end(cx, CallError::unless_answered::<R>)
    }
}

impl<R: Encode> Call<'_, R> {
    /// Starts it at first, and then waits for its end.
    #[inline]
    fn poll_end<A>(
        &mut self,
        cx: &mut Context<'_>,
        read: impl Fn(&End, &mut Kept) -> Result<A, CallError>,
    ) -> Poll<Result<A, CallError>> {
        match &self.state {
            CallState::New { pdu, queue } => {
                // Cloned before the lock, and dropped after it: a waker is a user's value.
                let mut waker = Some(cx.waker().clone());
                let started = self.border.with(|s| match queue {
                    true => s.start(pdu, &mut waker),
                    false => s.try_start(pdu, &mut waker),
                });
                match started {
                    Ok(key) => {
                        self.state = CallState::Sent(key);
                        Poll::Pending
                    }
                    Err(error) => {
                        self.state = CallState::Done;
                        Poll::Ready(Err(error))
                    }
                }
            }
            &CallState::Sent(key) => {
                let polled = self.border.lock().calls.claim(key, &read);
                if polled.is_ready() {
                    self.state = CallState::Done;
                } else {
                    self.border.wait_with(key, cx.waker());
                }
                polled // in one move: it is large
            }
            // It has said all that it had to say.
            CallState::Done => Poll::Pending,
        }
    }
}

impl<R> Call<'_, R> {
    /// Takes the request back if it was not sent yet: not polled, or still in line for the window. Says whether it
    /// could: then it is never sent, and there is nothing more to wait for; else the call goes on. An end that it
    /// already has is not lost.
    pub fn withdraw(&mut self) -> bool {
        match self.state {
            CallState::New { .. } => {}
            CallState::Sent(key) => {
                let mut s = self.border.lock();
                if !s.backlog.contains(key) {
                    return false;
                }
                let held = s.abandon(key);
                drop(s);
                drop(held); // after the lock: a waker is a user's value
            }
            CallState::Done => return false,
        }
        self.state = CallState::Done;
        true
    }
}

impl<R> Drop for Call<'_, R> {
    #[inline(always)]
    fn drop(&mut self) {
        if let CallState::Sent(key) = self.state {
            self.border.abandon(key);
        }
    }
}

impl<R> fmt::Debug for Call<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.state {
            CallState::New { .. } => "Call, not sent",
            CallState::Sent(_) => "Call, sent",
            CallState::Done => "Call, ended",
        })
    }
}

/// A vendor's request on its way: a [`Call`] whose answer is octets.
#[derive(Debug)]
#[must_use = "nothing is sent until it is polled"]
pub struct VendorCall<'a>(Call<'a, Unknown>);

impl VendorCall<'_> {
    /// As [`Call::withdraw`].
    pub fn withdraw(&mut self) -> bool {
        self.0.withdraw()
    }
}

impl Future for VendorCall<'_> {
    type Output = Result<Unknown, CallError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll_end(cx, CallError::unless_vendor_answered)
    }
}
