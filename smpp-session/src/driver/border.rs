//! What user tasks and the driver share.

use super::backlog::Backlog;
use super::calls::{CallKey, Calls};
use super::error::CallError;
use crate::config::{Config, Role};
use crate::error::RequestError;
use crate::event::{CloseReason, Outcome};
use crate::session::Session;
use smpp_pdu::Encode;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// One lock a connection.
pub(crate) struct Border(Mutex<Shared>);

pub(crate) struct Shared {
    pub(crate) session: Session<CallKey>,
    pub(crate) calls: Calls,
    pub(crate) backlog: Backlog,
    pub(crate) now: Instant,
    /// The parked driver. Whoever gives it work takes this out, and wakes it after the lock.
    pub(crate) driver: Option<Waker>,
    /// It is parked on a socket that takes nothing: more to write is no reason to wake it.
    pub(crate) blocked: bool,
    /// No more requests; unbind when everything in flight has ended.
    pub(crate) ending: bool,
    /// How long that is waited for.
    pub(crate) drain: Duration,
    closed: Option<CloseReason>,
    /// Who waits for the end.
    mourners: Vec<Waker>,
}

impl Border {
    pub(crate) fn new(role: Role, config: Config) -> Arc<Self> {
        let (now, drain) = (Instant::now(), config.drain);
        Arc::new(Self(Mutex::new(Shared {
            session: Session::new(role, config, now),
            calls: Calls::default(),
            backlog: Backlog::default(),
            now,
            driver: None,
            blocked: false,
            ending: false,
            drain,
            closed: None,
            mourners: Vec::new(),
        })))
    }

    /// Poisoned or not: who finds it so, looks only.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Shared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_poisoned(&self) -> bool {
        self.0.is_poisoned()
    }

    /// Does `f` under the lock, and after it wakes the driver if that left it something to do.
    #[inline]
    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut Shared) -> R) -> R {
        let mut guard = self.lock();
        let s = &mut *guard;
        let result = f(s);
        let work = s.ending || s.session.has_transmit() && !s.blocked || !s.backlog.is_empty() && s.session.room() > 0;
        let driver = if work { s.driver.take() } else { None };
        drop(guard);
        if let Some(waker) = driver {
            waker.wake();
        }
        result
    }
}

impl fmt::Debug for Border {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.try_lock() {
            Ok(s) => f
                .debug_struct("Connection")
                .field("state", &s.session.state())
                .finish_non_exhaustive(),
            Err(_) => f.write_str("Connection { .. }"),
        }
    }
}

impl Shared {
    pub(crate) fn closed(&self) -> Option<CloseReason> {
        self.closed
    }

    /// The time, as far as it matters: a driver that is not parked reads the clock itself.
    #[inline]
    pub(crate) fn time(&mut self) -> Instant {
        if self.driver.is_some() {
            self.now = Instant::now();
        }
        self.now
    }

    /// Whether anything more may be asked.
    #[inline]
    pub(crate) fn is_open(&self) -> Result<(), CallError> {
        match self.closed {
            Some(reason) => Err(CallError::NotWritten(reason)),
            None if self.ending => Err(CallError::NotWritten(CloseReason::Local)),
            None => Ok(()),
        }
    }

    /// Starts a request, or queues it behind those that wait for the window.
    #[inline]
    pub(crate) fn start<E: Encode>(&mut self, pdu: &E, waker: &Waker) -> Result<CallKey, CallError> {
        self.is_open()?;
        let now = self.time();
        let key = self.calls.insert(waker);
        let started = if self.backlog.is_empty() {
            self.session
                .request(now, key, pdu)
                .map(drop)
                .map_err(|(_, error)| error)
        } else {
            Err(RequestError::WindowFull)
        };
        let started = match started {
            Err(RequestError::WindowFull) => self
                .backlog
                .push(self.session.codec(), key, pdu)
                .map_err(RequestError::Encode),
            other => other,
        };
        match started {
            Ok(()) => Ok(key),
            Err(error) => {
                self.calls.remove(key);
                Err(CallError::Refused(error))
            }
        }
    }

    /// Starts a request only if it can be sent now.
    pub(crate) fn try_start<E: Encode>(&mut self, pdu: &E, waker: &Waker) -> Result<CallKey, CallError> {
        self.is_open()?;
        if !self.backlog.is_empty() || self.session.room() == 0 {
            return Err(CallError::Refused(RequestError::WindowFull));
        }
        self.start(pdu, waker)
    }

    /// Fills the window from the backlog. A call that was dropped meanwhile is skipped: it is never sent.
    pub(crate) fn issue(&mut self, wake: &mut Vec<Waker>) {
        while self.session.room() > 0 {
            let Some((key, pdu)) = self.backlog.front() else { return };
            if self.calls.is_dropped(key) {
                self.calls.remove(key);
            } else if let Err((key, error)) = self.session.request_encoded(self.now, key, pdu) {
                wake.extend(self.calls.end(key, Err(error)));
            }
            self.backlog.pop();
        }
    }

    pub(crate) fn close(&mut self, reason: CloseReason, wake: &mut Vec<Waker>) {
        let reason = *self.closed.get_or_insert(reason);
        for key in self.backlog.drain() {
            wake.extend(self.calls.end(key, Ok(Outcome::NotWritten(reason))));
        }
        wake.append(&mut self.mourners);
    }

    /// Ready when it is over.
    pub(crate) fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<CloseReason> {
        match self.closed {
            Some(reason) => Poll::Ready(reason),
            None => {
                if !self.mourners.iter().any(|waker| waker.will_wake(cx.waker())) {
                    self.mourners.push(cx.waker().clone());
                }
                Poll::Pending
            }
        }
    }
}
