//! How fast an endpoint's requests go: one bucket for all of its binds, and one line before it.

use super::tempo::{Limits, Tempo};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex as Lock, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex, Notify};
use tokio::time::{Instant, sleep};

/// How fast the requests of an [`Endpoint`](super::Endpoint) go, all of its binds together: SMSCs count them together, as
/// a rule, and each part of a long message for itself.
///
/// It is a token bucket. Each request takes a token just before it is sent, in the order in which they came; one that is
/// dropped while it waits for it, or could not be sent, takes none.
///
/// Unless [`Self::fixed`], the rate follows what the SMSC says. ESME_RTHROTTLED and ESME_RMSGQFUL halve it, or what has
/// gone within the last second if that is less, once a second at most (R116); congestion_state of 90 and more takes a
/// tenth off in the same way, and between 80 and 90 it does not rise (R114). No rate falls below one a second by that. Then
/// it rises: from half, it is after eight seconds what it was, and above what was refused it feels its way, slowly at first;
/// where less than a tenth of what might go had gone, it doubles each second.
/// The burst falls and rises with it.
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use = "an endpoint is to be told of it"]
pub struct Pace(Limits);

impl Pace {
    /// So many a second: 0 is taken for 1. The burst is a tenth of it, and at least 1.
    pub fn per_second(requests: u32) -> Self {
        Self::every(requests, Duration::from_secs(1))
    }

    /// So many within that time: one in five seconds, or 6,000 in a minute. The burst is what there is for a tenth of a
    /// second, and at least 1.
    pub fn every(requests: u32, time: Duration) -> Self {
        let rate = f64::from(requests.max(1)) / time.max(A_MOMENT).as_secs_f64();
        Self(Limits {
            ceiling: Some(rate),
            burst: (rate / 10.0).max(1.0),
            adaptive: true,
        })
    }

    /// As fast as they come, until the SMSC says that it is too fast. Then the burst is what there is for ten milliseconds,
    /// and at least 1.
    pub fn adaptive() -> Self {
        Self(Limits {
            ceiling: None,
            burst: 1.0,
            adaptive: true,
        })
    }

    /// How many may go at once after a pause; 0 is taken for 1. In any second there may be as many as that and the rate.
    /// Above a thousand a second, it should be what there is for some milliseconds: no timer is finer.
    pub fn burst(mut self, requests: u32) -> Self {
        self.0.burst = f64::from(requests.max(1));
        self
    }

    /// The rate stays what it is, whatever the SMSC says.
    pub fn fixed(mut self) -> Self {
        self.0.adaptive = false;
        self
    }
}

/// The bucket, and the line before it: who is the first of it waits for a token, the others for their turn.
#[derive(Debug)]
pub(crate) struct Pacer {
    line: Mutex<()>,
    /// How many stand in it.
    waiting: AtomicUsize,
    /// A token has come back before its time.
    returned: Notify,
    tempo: Lock<Tempo>,
    pub(crate) adaptive: bool,
}

impl Pacer {
    pub(crate) fn new(Pace(limits): Pace) -> Self {
        Self {
            line: Mutex::new(()),
            waiting: AtomicUsize::new(0),
            returned: Notify::new(),
            tempo: Lock::new(Tempo::new(limits, Instant::now())),
            adaptive: limits.adaptive,
        }
    }

    /// Takes a token, in turn. Returns whether it had to wait. Dropped, it takes none.
    pub(crate) async fn token(&self) -> bool {
        if self.try_token() {
            return false;
        }
        let _waits = Waits::new(&self.waiting);
        let _first = self.line.lock().await;
        loop {
            let taken = self.tempo().take(Instant::now());
            let Err(wait) = taken else { return true };
            tokio::select! {
                () = sleep(wait) => {}
                () = self.returned.notified() => {}
            }
        }
    }

    /// Takes a token if there is one and nobody waits for it.
    pub(crate) fn try_token(&self) -> bool {
        self.waiting.load(Ordering::SeqCst) == 0 && self.tempo().take(Instant::now()).is_ok()
    }

    /// It was not sent.
    pub(crate) fn give_back(&self) {
        self.tempo().give_back();
        self.returned.notify_one();
    }

    pub(crate) fn throttled(&self) {
        self.tempo().throttled(Instant::now());
    }

    pub(crate) fn congestion(&self, load: u8) {
        self.tempo().congestion(Instant::now(), load);
    }

    pub(crate) fn rate(&self) -> Option<f64> {
        self.tempo().rate()
    }

    fn tempo(&self) -> MutexGuard<'_, Tempo> {
        self.tempo.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody who stands in the line.
struct Waits<'a>(&'a AtomicUsize);

impl<'a> Waits<'a> {
    fn new(waiting: &'a AtomicUsize) -> Self {
        waiting.fetch_add(1, Ordering::SeqCst);
        Self(waiting)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The shortest time that a rate is given for.
const A_MOMENT: Duration = Duration::from_millis(1);

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{Future, poll_fn};
    use std::pin::{Pin, pin};
    use std::sync::Arc;
    use std::sync::mpsc::channel;
    use std::task::Poll;
    use tokio::time::timeout;

    async fn waits(mut what: Pin<&mut impl Future>) -> bool {
        poll_fn(|cx| Poll::Ready(what.as_mut().poll(cx).is_pending())).await
    }

    #[tokio::test(start_paused = true)]
    async fn all_who_wait_go_in_the_order_in_which_they_came() {
        let pacer = Arc::new(Pacer::new(Pace::per_second(100).burst(1)));
        let (tell, told) = channel();
        let mut tasks = Vec::new();
        let begun = Instant::now();
        for n in 0..50 {
            let (pacer, tell) = (pacer.clone(), tell.clone());
            tasks.push(tokio::spawn(async move {
                pacer.token().await;
                tell.send(n).unwrap();
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(told.try_iter().collect::<Vec<_>>(), (0..50).collect::<Vec<_>>());
        let took = begun.elapsed();
        assert!(
            took >= Duration::from_millis(490) && took < Duration::from_millis(560),
            "{took:?}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_no_more_takes_no_token() {
        let pacer = Pacer::new(Pace::per_second(1));
        assert!(pacer.try_token());
        for _ in 0..5 {
            assert!(timeout(Duration::from_millis(100), pacer.token()).await.is_err());
        }
        let begun = Instant::now();
        assert!(pacer.token().await);
        assert!(begun.elapsed() <= Duration::from_millis(502));
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_passes_the_line() {
        let pacer = Pacer::new(Pace::per_second(10));
        assert!(pacer.try_token());
        let mut first = pin!(pacer.token());
        assert!(waits(first.as_mut()).await);
        tokio::time::advance(Duration::from_millis(150)).await;
        assert!(!pacer.try_token(), "it is the other's");
        first.await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_slower_tempo_is_felt_by_those_who_wait() {
        let pacer = Pacer::new(Pace::per_second(10));
        assert!(pacer.try_token());
        let begun = Instant::now();
        let mut waiting = pin!(pacer.token());
        assert!(waits(waiting.as_mut()).await);
        pacer.throttled();
        waiting.await;
        assert!(begun.elapsed() >= Duration::from_millis(900), "{:?}", pacer.rate());
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_that_comes_back_is_not_waited_for() {
        let pacer = Pacer::new(Pace::every(1, Duration::from_secs(3600)));
        assert!(pacer.try_token());
        let mut waiting = pin!(pacer.token());
        assert!(waits(waiting.as_mut()).await);
        pacer.give_back();
        assert!(timeout(Duration::from_secs(1), waiting).await.is_ok());
        assert!(!pacer.try_token(), "it was one");
    }

    #[test]
    fn while_there_are_tokens_nobody_is_told_to_wait() {
        let pacer = Pacer::new(Pace::adaptive());
        let takes = || (0..50_000).all(|_| pacer.try_token());
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(takes)).collect();
            assert!(threads.into_iter().all(|thread| thread.join().unwrap()));
        });
    }

    #[test]
    fn nothing_divides_by_zero() {
        assert_eq!(Pace::per_second(0).burst(0).0.ceiling, Some(1.0));
        assert!(Pace::every(1, Duration::ZERO).0.ceiling.is_some_and(f64::is_finite));
        assert_eq!(Pace::every(1, Duration::from_secs(5)).0.ceiling, Some(0.2));
        assert_eq!(Pace::per_second(50).0.burst, 5.0);
        let mut endless = Tempo::new(Pace::every(1, Duration::MAX).0, Instant::now());
        assert!(endless.take(Instant::now()).is_ok() && endless.take(Instant::now()).is_err());
    }
}
