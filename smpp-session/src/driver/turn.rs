//! The loop: one turn after another, each of them read, handle, exchange, write.

use super::LINGER;
use super::border::{Border, EndCalls, Locked, Shared};
use super::clock;
use super::guard::{self, Guarded};
use super::link::Link;
use super::meter::Meter;
use super::service::{Answered, Asked, Reply, Served, Service};
use crate::deadline::after;
use crate::event::{CloseReason, Event, Received};
use crate::inbound::RequestToken;
use crate::state::State;
use futures_util::Stream;
use futures_util::stream::FuturesUnordered;
use smpp_pdu::CommandStatus;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Sleep;

/// A turn lets others have the lock after so many events: about 5 µs.
const EVENTS_PER_LOCK: usize = 64;
/// Turns before the thread is given to other tasks: fairness between connections.
const TURNS: usize = 8;
/// How often a driver looks about that is parked on a blocked socket: requests do not wake it there.
const TICK: Duration = Duration::from_secs(1);

/// How a turn ends that is not followed by the next.
pub(crate) enum Turn {
    /// Tasks that were just woken will soon ask again: let their requests join this write.
    Yield,
    Closed(CloseReason),
}

pub(crate) struct Driver<IO, S: Service> {
    link: Link<IO>,
    border: EndCalls,
    service: S,
    /// Futures of the service that were not ready at once; nothing until the first.
    pending: Option<FuturesUnordered<Guarded<S::Handling>>>,
    /// As many as may wait for an answer.
    max_pending: usize,
    replies: Vec<Reply<S::Response>>,
    wake: Vec<Waker>,
    /// Whether this batch has had its yield.
    yielded: bool,
    linger: Option<Instant>,
    /// Until when a peer that says no more may wait for its answers.
    eof_by: Option<Instant>,
    meter: Meter,
    /// All was told of the end.
    is_over: bool,
}

impl<IO, S> Driver<IO, S>
where
    IO: AsyncRead + AsyncWrite + Unpin,
    S: Service,
{
    pub(crate) fn new(io: IO, border: EndCalls, service: S) -> Self {
        let (link, replies, wake) = (Link::new(io), Vec::new(), Vec::new());
        let (max_pending, role) = {
            let s = border.0.lock();
            (s.session.config().max_inbound, s.session.role())
        };
        Self {
            link,
            max_pending,
            border,
            service,
            pending: None,
            replies,
            wake,
            yielded: false,
            linger: None,
            eof_by: None,
            meter: Meter::new(role),
            is_over: false,
        }
    }

    /// Tells who waits for the end.
    pub(crate) fn over(&mut self, reason: CloseReason) {
        let report = self.border.0.lock().session.report();
        self.is_over = true;
        // First: who waits may look at what was counted.
        self.meter.over(report, reason);
        self.border.0.lock().end(&mut self.wake);
        wake_all(&mut self.wake);
    }

    /// Says that all is said, and waits until the peer has too.
    pub(crate) async fn finish(&mut self) {
        self.link.finish().await;
    }

    /// Turns until there is nothing to do: `timer` is the connection's own.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, mut timer: Pin<&mut Sleep>) -> Poll<Turn> {
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
            self.link.shrink();
        }
        cx.waker().wake_by_ref(); // others want the thread too
        Poll::Pending
    }

    /// One turn. Returns whether there was nothing to do, and when there will be.
    fn turn(&mut self, cx: &mut Context<'_>) -> Result<(bool, Instant), Turn> {
        let border = self.border.0.clone();
        self.poll_pending(cx);
        let input = self.link.read(cx);
        let busy = input.read || !self.replies.is_empty();
        let mut rest = input.octets();

        let now = clock::now();
        let mut s = border.lock();
        self.tell(&mut s, now);
        let delivered;
        (s, delivered) = self.events(cx, &border, s, &mut rest);
        if border.is_poisoned() {
            // Something of ours has panicked under the lock: what it left is not to be trusted, nor sent.
            drop(s);
            return Err(Turn::Closed(CloseReason::Local));
        }
        let paused = s.session.is_paused();
        s.paused = paused;
        let rest = rest.len();
        let held = self.link.keep(input, rest, paused);
        if !s.backlog.is_empty() {
            s.issue(&mut self.wake);
        }

        let transmit = s.session.has_transmit();
        // With one task woken there is nobody to wait for: it wakes us itself.
        let yields = !self.yielded && (delivered && s.calls.unclaimed() > 1 || transmit && s.calls.unclaimed() > 0);
        let took = !yields && self.link.is_flushed() && s.session.poll_transmit_into(&mut self.link.out);
        let idle = !busy && !delivered && !yields && !took && !held;
        s.blocked = !self.link.is_flushed() && !took;
        if idle {
            s.driver = Some(cx.waker().clone());
        }
        let news = self.meter.news(&mut s.session, now);
        if !idle {
            self.meter.arm(now);
        }
        let (closed, left, deadline) = (s.closed(), s.session.has_transmit(), self.deadline(&s, now));
        drop(s);
        if let Some(news) = news {
            self.meter.tell(*news, now);
        }
        wake_all(&mut self.wake);
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

    /// What has happened since the last turn, as far as the session must know it before its next event.
    fn tell(&mut self, s: &mut Shared, now: Instant) {
        let _was_parked = s.driver.take();
        s.now = now;
        s.session.handle_written(self.link.take_written());
        // The last word of a session that has ended before is still written.
        if (self.link.at_eof() || self.link.is_broken()) && s.session.state() != State::Closed {
            s.deafened();
            if self.link.at_eof() && self.has_heard(s) {
                self.link.abandon();
                s.session.handle_eof();
            }
        }
        // Most turns have none, and a drain of nothing is more than this.
        if !self.replies.is_empty() {
            for reply in self.replies.drain(..) {
                reply.send(&mut s.session);
            }
        }
        unbind(s);
    }

    /// The peer says no more. It may still read the answers, also those that a service or a responder has not given
    /// yet: for as long as anything else is waited for at an end.
    fn has_heard(&mut self, s: &Shared) -> bool {
        let by = *self
            .eof_by
            .get_or_insert_with(|| after(s.now, s.session.config().drain));
        let unanswered =
            s.session.owes() || !self.replies.is_empty() || s.session.has_transmit() || !self.link.is_flushed();
        self.link.is_broken() || s.now >= by || !unanswered
    }

    /// When to look again if nothing else happens.
    fn deadline(&mut self, s: &Shared, now: Instant) -> Instant {
        let Some(deadline) = s.session.poll_timeout() else {
            return *self.linger.get_or_insert(now + LINGER);
        };
        let sooner = |deadline: Instant, by: Option<Instant>| by.map_or(deadline, |by| deadline.min(by));
        let deadline = sooner(sooner(sooner(deadline, s.drain_by), self.eof_by), self.meter.due());
        // Requests do not wake us on a blocked socket, so their deadlines are looked after here.
        if s.blocked { deadline.min(now + TICK) } else { deadline }
    }

    /// Everything that the input and then the timers bring. The service runs without the lock.
    fn events<'b>(
        &mut self,
        cx: &mut Context<'_>,
        border: &'b Border,
        mut s: Locked<'b>,
        input: &mut &[u8],
    ) -> (Locked<'b>, bool) {
        let (mut delivered, mut timed, mut held) = (false, false, 0);
        loop {
            // Looked at where it lies: it is large, and each move of it would be a copy.
            let event = s.next_event(input, &mut timed);
            match event {
                None => return (s, delivered),
                Some(Event::Request(ref received)) => {
                    drop(s);
                    s = self.serve(cx, border, received, input);
                    held = 0;
                }
                Some(Event::Ended { context, outcome }) => {
                    delivered = true;
                    self.wake.extend(s.calls.end(context, Ok(outcome)));
                    // Most of what a client reads is answers in a row.
                    held += s.end_answered(input, EVENTS_PER_LOCK.saturating_sub(held + 1), &mut self.wake);
                }
                Some(Event::Notice(received)) => {
                    drop(s);
                    guard::caught(|| self.service.notice(received));
                    (s, held) = (border.lock(), 0);
                }
                Some(Event::State(state)) => {
                    let version = s.session.codec().version;
                    drop(s);
                    self.meter.state(state, version);
                    guard::caught(|| self.service.state(state));
                    (s, held) = (border.lock(), 0);
                }
                Some(Event::Closed(reason)) => {
                    s.close(reason, &mut self.wake);
                    drop(s);
                    guard::caught(|| self.service.closed(reason));
                    (s, held) = (border.lock(), 0);
                }
                Some(Event::Stray { command_id, .. }) => {
                    let now = s.now;
                    drop(s);
                    self.meter.stray(command_id, now);
                    (s, held) = (border.lock(), 0);
                }
            }
            held += 1;
            if held >= EVENTS_PER_LOCK {
                drop(s);
                (s, held) = (border.lock(), 0);
            }
        }
    }

    /// Returns the lock, which was not held: what answers at once may have taken it for that.
    #[inline]
    fn serve<'b>(
        &mut self,
        cx: &mut Context<'_>,
        border: &'b Border,
        received: &Received<'_>,
        input: &mut &[u8],
    ) -> Locked<'b> {
        let token = || received.token.again();
        if self
            .pending
            .as_ref()
            .is_some_and(|pending| pending.len() >= self.max_pending)
        {
            // They do not end, and their requests were answered for them.
            return refused(border, token(), CommandStatus::ESME_RTHROTTLED);
        }
        // Left here and not returned: each move of it would be a copy.
        let (mut answered, mut waits) = (None, None);
        let served = guard::caught(
            || match self.service.request(cx, Asked::new(token(), border), received) {
                Served::Answered(Answered(s)) => answered = s,
                Served::HandedOn => {}
                Served::Handling(handling) => waits = Some(handling),
            },
        );
        if served.is_none() {
            if border.is_poisoned() {
                *input = &[]; // this turn is the last, and what is not answered any more must not begin
            }
            return refused(border, token(), CommandStatus::ESME_RSYSERR);
        }
        if let Some(handling) = waits {
            let guarded = Guarded::new(handling, token());
            self.pending.get_or_insert_default().push(guarded);
        }
        answered.unwrap_or_else(|| border.lock())
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

#[inline]
fn wake_all(wake: &mut Vec<Waker>) {
    // As with `replies`.
    if !wake.is_empty() {
        wake.drain(..).for_each(Waker::wake);
    }
}

#[cold]
fn refused(border: &Border, token: RequestToken, status: CommandStatus) -> Locked<'_> {
    let mut s = border.lock();
    let _ = s.session.reject(token, status);
    s
}

/// Once nobody wants anything more: what is in flight first, then unbind.
fn unbind(s: &mut Shared) {
    if s.ending && s.closed().is_none() {
        let due = s.drain_by.is_some_and(|by| by <= s.now);
        if due || s.backlog.is_empty() && s.session.is_idle() {
            s.session.unbind(s.now);
            // From here on the session's own timer counts.
            s.drain_by = None;
        }
    }
}

/// However the driver ends, by returning, by a panic, or because its runtime dropped it: what was really written decides
/// how the calls end.
impl<IO, S: Service> Drop for Driver<IO, S> {
    fn drop(&mut self) {
        let mut s = self.border.0.lock();
        s.session.handle_written(self.link.take_written());
        if !self.is_over {
            s.session.close(CloseReason::Local);
            let (report, reason) = (s.session.report(), s.closed().unwrap_or(CloseReason::Local));
            drop(s);
            self.meter.over(report, reason);
        }
        // Whoever was told his end in a turn that did not come to its own.
        wake_all(&mut self.wake);
    }
}

#[cfg(all(test, not(border_model)))]
mod tests {
    use super::super::{Connection, Handle};
    use super::*;
    use crate::config::{Config, Role};
    use smpp_pdu::{BindTransceiver, BindTransceiverResp, Codec, Encode, Header, Pdu};
    use std::sync::Mutex;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    /// A thread dies while it holds the lock: no code of others runs there, so it is a fault of ours.
    fn poison(handle: &Handle) {
        let border = handle.border().clone();
        let dies = std::thread::spawn(move || {
            let _held = border.lock();
            panic!("as it was told")
        });
        assert!(dies.join().is_err());
        assert!(handle.border().is_poisoned());
    }

    /// Accepts binds; and the lock may be poisoned while it does.
    struct Accepts(Mutex<Option<Handle>>);

    impl Service for Accepts {
        type Response = Pdu;
        type Handling = std::future::Pending<Option<Reply<Pdu>>>;
        fn request<'a>(&self, _: &mut Context<'_>, asked: Asked<'a>, _: &Received<'_>) -> Served<'a, Self::Handling> {
            if let Some(handle) = self.0.lock().expect("no panic holds it").take() {
                poison(&handle);
            }
            asked.respond(&BindTransceiverResp::default())
        }
    }

    fn octets(pdu: &impl Encode) -> Vec<u8> {
        let mut octets = Vec::new();
        let _ = Codec::default().encode(Header::request(1), pdu, &mut octets);
        octets
    }

    /// What a panic left under the lock is not trusted and not sent, neither by the turn that it comes into nor by the
    /// next; and whoever waits is told.
    #[test]
    fn a_poisoned_lock_closes_without_writing() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            for within_a_turn in [true, false] {
                let (io, mut peer) = tokio::io::duplex(1 << 16);
                let connection = Connection::new(Role::Smsc, Config::default());
                let handle = connection.handle();
                let poisons = within_a_turn.then(|| handle.clone());
                if !within_a_turn {
                    poison(&handle);
                }
                let closed = tokio::spawn({
                    let handle = handle.clone();
                    async move { handle.closed().await }
                });
                tokio::task::yield_now().await;
                peer.write_all(&octets(&BindTransceiver::default()))
                    .await
                    .expect("room");
                let reason = connection.drive(io, Accepts(Mutex::new(poisons))).await;
                assert_eq!(reason, CloseReason::Local);
                let mut sent = Vec::new();
                peer.read_to_end(&mut sent).await.expect("the end");
                assert_eq!(sent, [], "within a turn: {within_a_turn}");
                assert_eq!(closed.await.expect("no panic"), CloseReason::Local);
            }
        });
    }
}
