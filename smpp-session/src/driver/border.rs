//! What user tasks and the driver share.

use super::backlog::Backlog;
use super::calls::{CallKey, Calls, Entry};
use super::clock;
use super::closed::Closed;
use super::error::CallError;
use crate::config::{Config, Role};
use crate::deadline::after;
use crate::error::RequestError;
use crate::event::{CloseReason, Event, Outcome};
use crate::session::Session;
use crate::state::State;
use smpp_pdu::Encode;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
// The model of the border (`model.rs`) tries each order in which threads can come to this lock.
#[cfg(border_model)]
use loom::sync::{Mutex, MutexGuard};
#[cfg(not(border_model))]
use std::sync::{Mutex, MutexGuard};

/// One lock a connection.
pub(crate) struct Border(Mutex<Shared>);

pub(crate) type Locked<'a> = MutexGuard<'a, Shared>;

pub(crate) struct Shared {
    pub(crate) session: Session<CallKey>,
    pub(crate) calls: Calls,
    pub(crate) backlog: Backlog,
    pub(crate) now: Instant,
    /// The parked driver. Whoever gives it work takes this out, and wakes it after the lock.
    pub(crate) driver: Option<Waker>,
    /// It is parked on a socket that takes nothing: more to write is no reason to wake it.
    pub(crate) blocked: bool,
    /// The driver does not read, for the session is paused.
    pub(crate) paused: bool,
    /// No more requests; unbind when everything in flight has ended.
    pub(crate) ending: bool,
    /// Until when that is waited for; `None` once the unbind is on its way, whose answer the session waits for.
    pub(crate) drain_by: Option<Instant>,
    /// Requests that were still in line for the window at the end.
    left_in_line: usize,
    /// Why nothing more is asked: the session is over, or will be.
    refuses: Option<CloseReason>,
    closed: Option<CloseReason>,
    /// The session is closed, and its last word is written.
    over: bool,
    /// Who waits for that.
    mourners: Vec<Option<Waker>>,
}

impl Border {
    pub(crate) fn new(role: Role, config: impl Into<Arc<Config>>) -> Arc<Self> {
        let now = clock::now();
        Arc::new(Self(Mutex::new(Shared {
            session: Session::new(role, config, now),
            calls: Calls::default(),
            backlog: Backlog::default(),
            now,
            driver: None,
            blocked: false,
            paused: false,
            ending: false,
            drain_by: None,
            left_in_line: 0,
            refuses: None,
            closed: None,
            over: false,
            mourners: Vec::new(),
        })))
    }

    /// Poisoned or not: who finds it so, looks only.
    pub(crate) fn lock(&self) -> Locked<'_> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_poisoned(&self) -> bool {
        #[cfg(border_model)]
        return false;
        #[cfg(not(border_model))]
        self.0.is_poisoned()
    }

    /// Does `f` under the lock, and after it wakes the driver if that left it something to do. What may leave something
    /// asks for the [time](Shared::time) first: a driver that is woken does not stand for the time that it has slept.
    #[inline]
    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut Shared) -> R) -> R {
        let mut guard = self.lock();
        let s = &mut *guard;
        let result = f(s);
        // It is not parked, most of the time.
        let work = |s: &Shared| {
            s.ending
                || s.session.has_transmit() && !s.blocked
                || !s.backlog.is_empty() && s.session.room() > 0
                || s.paused && !s.session.is_paused()
        };
        let driver = if s.driver.is_some() && work(s) {
            s.driver.take()
        } else {
            None
        };
        drop(guard);
        if let Some(waker) = driver {
            waker.wake();
        }
        result
    }

    /// The future of a call is gone before its end.
    #[cold]
    pub(crate) fn abandon(&self, key: CallKey) {
        let held = self.lock().abandon(key);
        drop(held); // after the lock: a waker is a user's value
    }

    /// A call waits with another waker than before, or with the same: it was polled, and has not ended.
    #[cold]
    pub(crate) fn wait_with(&self, key: CallKey, waker: &Waker) {
        // Cloned before the lock, and dropped after it: a waker is a user's value.
        let mut waker = waker.clone();
        let waits = self.lock().calls.wait_with(key, &mut waker);
        if !waits {
            waker.wake(); // it has ended meanwhile, and woke who is not waiting any more
        }
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
            self.now = clock::now();
        }
        self.now
    }

    /// Whether anything more may be asked.
    #[inline]
    pub(crate) fn is_open(&self) -> Result<(), CallError> {
        match self.refuses {
            Some(reason) => Err(CallError::NotWritten(reason)),
            None => Ok(()),
        }
    }

    /// The peer hears or answers nothing any more, so nothing is asked. What waits for the window ends with the session.
    pub(crate) fn deafened(&mut self) {
        self.refuses = Some(CloseReason::PeerClosed);
        self.session.wind_up();
    }

    /// Takes no more requests; what waits already is still asked, and then, or when the time is up, the session is
    /// unbound. Of several times the shortest counts.
    pub(crate) fn wind_up(&mut self, within: Duration) {
        let by = after(self.time(), within);
        self.drain_by = Some(self.drain_by.map_or(by, |earlier| earlier.min(by)));
        self.ending = true;
        self.session.wind_up();
        self.refuses.get_or_insert(CloseReason::Local);
    }

    /// How many requests would be sent at once.
    pub(crate) fn room(&self) -> usize {
        if self.refuses.is_none() && self.backlog.is_empty() {
            self.session.room()
        } else {
            0
        }
    }

    /// Ends the calls whose answers the input begins with, `most` at most. Returns how many answers they were.
    #[inline(always)] // in its one caller
    pub(crate) fn end_answered(&mut self, input: &mut &[u8], most: usize, wake: &mut Vec<Waker>) -> usize {
        let Self {
            session, calls, now, ..
        } = self;
        session.handle_answers(*now, input, most, |key, outcome| {
            if let Some(waker) = calls.end(key, Ok(outcome)) {
                wake.push(waker);
            }
        })
    }

    /// The next event: of what came before now, of the input, and then of the clock.
    #[inline(always)] // in its one caller: what it returns is large
    pub(crate) fn next_event<'a>(&mut self, input: &mut &'a [u8], timed: &mut bool) -> Option<Event<'a, CallKey>> {
        // Which gives what came before now first.
        if !input.is_empty()
            && let Some(event) = self.session.handle_bytes(self.now, input)
        {
            return Some(event);
        }
        if let Some(event) = self.session.poll_event() {
            return Some(event);
        }
        if !*timed {
            *timed = true;
            self.session.handle_timeout(self.now);
        }
        self.session.poll_event()
    }

    /// Starts a request, or queues it behind those that wait for the window.
    #[inline]
    pub(crate) fn start<E: Encode>(&mut self, pdu: &E, waker: &mut Option<Waker>) -> Result<CallKey, CallError> {
        self.is_open()?;
        let now = self.time();
        let key = self.calls.reserve();
        let started = if self.backlog.is_empty() {
            let started = self.session.request(now, key, pdu);
            started.map(drop).map_err(|(_, error)| error)
        } else {
            // Misuse is told at once, and nothing is encoded before its version is agreed on.
            self.session
                .may_send(pdu.command_id())
                .and(Err(RequestError::WindowFull))
        };
        let started = match started {
            Err(RequestError::WindowFull) => self
                .backlog
                .push(self.session.codec(), key, pdu)
                .map_err(RequestError::Encode),
            other => other,
        };
        match started {
            Ok(()) => {
                self.calls.wait(key, waker);
                Ok(key)
            }
            Err(error) => {
                self.calls.remove(key);
                Err(CallError::not_sent(error))
            }
        }
    }

    /// Starts a request only if it can be sent now.
    pub(crate) fn try_start<E: Encode>(&mut self, pdu: &E, waker: &mut Option<Waker>) -> Result<CallKey, CallError> {
        self.is_open()?;
        if self.room() == 0 {
            return Err(CallError::Refused(RequestError::WindowFull));
        }
        self.start(pdu, waker)
    }

    /// Fills the window from the backlog. A call that was dropped meanwhile is skipped: it is never sent.
    pub(crate) fn issue(&mut self, wake: &mut Vec<Waker>) {
        // Not of a peer that will not hear it, or not answer.
        while !matches!(self.refuses, Some(CloseReason::PeerClosed)) && self.session.room() > 0 {
            let Some((key, pdu)) = self.backlog.front() else { return };
            if self.calls.is_dropped(key) {
                self.calls.remove(key);
            } else if let Err((key, error)) = self.session.request_encoded(self.now, key, pdu) {
                if let RequestError::WrongState(_, State::Unbound | State::Closed) = error {
                    return; // No misuse: the session is about to end, and they with it.
                }
                wake.extend(self.calls.end(key, Err(error)));
            }
            self.backlog.pop();
        }
    }

    /// The future of a call is gone. Returns what it held, to be dropped after the lock.
    pub(crate) fn abandon(&mut self, key: CallKey) -> Option<Entry> {
        let held = self.calls.abandon(key);
        // What a full window keeps waiting is not kept for those who do not wait any more: most of it is given back
        // when it is most of what there is.
        if self.calls.dropped() > self.session.in_flight() + 64 + self.backlog.len() / 2 {
            let calls = &mut self.calls;
            self.backlog.retain(|key| {
                let dropped = calls.is_dropped(key);
                if dropped {
                    calls.remove(key);
                }
                !dropped
            });
        }
        held
    }

    pub(crate) fn close(&mut self, reason: CloseReason, wake: &mut Vec<Waker>) {
        let reason = *self.closed.get_or_insert(reason);
        self.refuses = Some(reason);
        for key in self.backlog.drain() {
            let waited = self.calls.end(key, Ok(Outcome::NotWritten(reason)));
            self.left_in_line += usize::from(waited.is_some());
            wake.extend(waited);
        }
    }

    /// What the session, which ended for this reason, has left behind.
    pub(crate) fn left(&self, reason: CloseReason) -> Closed {
        let not_written = usize::try_from(self.session.stats().not_written).unwrap_or(usize::MAX);
        Closed {
            reason,
            unanswered: self.session.unanswered().to_vec(),
            not_sent: not_written.saturating_add(self.left_in_line),
        }
    }

    /// Nothing more will be written: who waits for the end may go, and take the process along.
    pub(crate) fn end(&mut self, wake: &mut Vec<Waker>) {
        self.over = true;
        wake.extend(std::mem::take(&mut self.mourners).into_iter().flatten());
    }
}

/// Waits for the end of a session, and is forgotten if it does so no more.
pub(crate) struct Mourning<'a> {
    border: &'a Border,
    place: Option<usize>,
}

impl<'a> Mourning<'a> {
    pub(crate) fn new(border: &'a Border) -> Self {
        Self { border, place: None }
    }
}

impl Future for Mourning<'_> {
    type Output = CloseReason;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<CloseReason> {
        let waker = cx.waker().clone();
        let mut s = self.border.lock();
        if let Some(reason) = s.closed.filter(|_| s.over) {
            return Poll::Ready(reason);
        }
        let mourners = &mut s.mourners;
        let place = self.place.or_else(|| mourners.iter().position(Option::is_none));
        let place = place.unwrap_or(mourners.len());
        let old = match mourners.get_mut(place) {
            Some(old) => old.replace(waker),
            None => {
                mourners.push(Some(waker));
                None
            }
        };
        drop(s);
        drop(old); // after the lock: a waker is a user's value
        self.place = Some(place);
        Poll::Pending
    }
}

impl Drop for Mourning<'_> {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            let waker = self.border.lock().mourners.get_mut(place).map(Option::take);
            drop(waker);
        }
    }
}

/// Whatever becomes of the driver, even if there never was one: every call gets its one outcome.
#[derive(Debug)]
pub(crate) struct EndCalls(pub(crate) Arc<Border>);

impl Drop for EndCalls {
    fn drop(&mut self) {
        let (mut s, mut wake) = (self.0.lock(), Vec::new());
        s.session.close(CloseReason::Local);
        while let Some(event) = s.session.poll_event() {
            match event {
                Event::Ended { context, outcome } => {
                    wake.extend(s.calls.end(context, Ok(outcome)));
                }
                Event::Closed(reason) => s.close(reason, &mut wake),
                _ => {}
            }
        }
        // It is over, even if its last event was taken by a turn that panicked.
        s.close(CloseReason::Local, &mut wake);
        s.end(&mut wake);
        drop(s);
        wake.into_iter().for_each(Waker::wake);
    }
}

#[cfg(all(test, not(border_model)))]
mod tests {
    use super::super::service::Responders;
    use super::*;
    use smpp_pdu::{CommandStatus, EnquireLink};
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::task::Wake;

    /// A loop that has slept, and knows the time of long ago.
    fn asleep() -> Arc<Border> {
        let border = Border::new(Role::Smsc, Config::default());
        let mut s = border.lock();
        let silence = Config::default().response + Duration::from_secs(1);
        let long_ago = s.now.checked_sub(silence);
        s.now = long_ago.expect("a machine that has been up for a minute");
        s.driver = Some(Waker::noop().clone());
        drop(s);
        border
    }

    /// It ends when its time is over, and not before.
    fn has_all_its_time(border: &Border) {
        let started = border.with(|s| s.start(&EnquireLink::default(), &mut Some(Waker::noop().clone())));
        assert!(started.is_ok());
        let mut s = border.lock();
        s.now = Instant::now();
        assert!(
            s.next_event(&mut &[][..], &mut false).is_none(),
            "it is too early to give it up"
        );
        s.now += Config::default().response;
        let ended = s.next_event(&mut &[][..], &mut false);
        let outcome = Outcome::TimedOut;
        assert!(
            matches!(ended, Some(Event::Ended { outcome: o, .. }) if o == outcome),
            "{ended:?}"
        );
    }

    #[test]
    fn after_a_long_silence_a_request_has_all_its_time() {
        has_all_its_time(&asleep());
    }

    /// As a handler that took its time, answers, and then asks.
    #[test]
    fn a_request_right_behind_what_has_woken_the_loop() {
        let border = asleep();
        let bind = [23, 1, 0, 7].map(u32::to_be_bytes).concat();
        let bind = [bind, vec![0; 7]].concat();
        let (mut input, mut s) = (&bind[..], border.lock());
        let now = s.now;
        let Some(Event::Request(received)) = s.session.handle_bytes(now, &mut input) else {
            panic!("a bind")
        };
        drop(s);
        let responder = Responders::new(&border).responder(received.token);
        responder.reject(CommandStatus::ESME_RBINDFAIL).expect("it waits");
        assert!(border.lock().driver.is_none(), "it is woken, and has not run yet");
        has_all_its_time(&border);
    }

    /// A call that is polled by another task ends between its two looks: it is woken, for the end has woken the other.
    #[test]
    fn who_comes_to_wait_for_what_has_ended_meanwhile_is_woken() {
        struct Woken(AtomicBool);
        impl Wake for Woken {
            fn wake(self: Arc<Self>) {
                self.0.store(true, Ordering::Relaxed);
            }
        }
        let border = Border::new(Role::Smsc, Config::default());
        let mut s = border.lock();
        let key = s.calls.reserve();
        s.calls.wait(key, &mut Some(Waker::noop().clone()));
        drop(s);
        let woken = Arc::new(Woken(AtomicBool::new(false)));
        border.wait_with(key, &Waker::from(woken.clone()));
        assert!(!woken.0.load(Ordering::Relaxed), "it has not ended");
        let waker = border.lock().calls.end(key, Ok(Outcome::TimedOut));
        waker.expect("it waits").wake();
        assert!(woken.0.swap(false, Ordering::Relaxed), "the last to wait is woken");
        border.wait_with(key, &Waker::from(woken.clone()));
        assert!(woken.0.load(Ordering::Relaxed), "it has ended");
    }
}
