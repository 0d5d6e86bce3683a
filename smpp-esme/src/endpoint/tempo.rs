//! A token bucket whose rate the SMSC's own words change: it falls when the SMSC is asked too much, and rises again when
//! it has been quiet. It reads no clock.

use std::time::Duration;
use tokio::time::Instant;

/// How fast requests may go, and how many at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Limits {
    /// Requests a second; `None` for as many as there are.
    pub(crate) ceiling: Option<f64>,
    /// How many may go at once after a pause.
    pub(crate) burst: f64,
    /// Whether the rate follows what the SMSC says.
    pub(crate) adaptive: bool,
}

#[derive(Debug)]
pub(crate) struct Tempo {
    limits: Limits,
    /// The rate for now; `None` for no limit.
    rate: Option<f64>,
    tokens: f64,
    filled: Instant,
    /// When the rate has last fallen, and from what.
    fallen: Option<Fall>,
    /// When it has last risen, or is to be taken for it.
    risen: Instant,
    meter: Meter,
}

#[derive(Debug, Clone, Copy)]
struct Fall {
    at: Instant,
    from: f64,
    /// By what part of itself the rate rises next, above that.
    further: f64,
}

impl Tempo {
    pub(crate) fn new(limits: Limits, now: Instant) -> Self {
        Self {
            limits,
            rate: limits.ceiling,
            tokens: limits.burst,
            filled: now,
            fallen: None,
            risen: now,
            meter: Meter {
                since: now,
                count: 0.0,
                before: 0.0,
            },
        }
    }

    /// Takes a token, or says how long to wait for one.
    pub(crate) fn take(&mut self, now: Instant) -> Result<(), Duration> {
        // The time that has passed has brought what the rate was until now.
        self.fill(now);
        self.rise(now);
        match self.rate {
            Some(rate) if self.tokens < A_TOKEN => {
                let wait = Duration::try_from_secs_f64((1.0 - self.tokens) / rate);
                Err(wait.unwrap_or(LONGEST_WAIT).max(SHORTEST_WAIT))
            }
            _ => {
                self.tokens -= if self.rate.is_some() { 1.0 } else { 0.0 };
                self.meter.count(now);
                Ok(())
            }
        }
    }

    /// A token was taken for a request that was not sent.
    pub(crate) fn give_back(&mut self) {
        self.tokens = (self.tokens + 1.0).min(self.burst());
        self.meter.count -= 1.0;
    }

    /// The SMSC refused a request because it is asked too much (R116).
    pub(crate) fn throttled(&mut self, now: Instant) {
        self.fall(now, HALF);
    }

    /// How loaded the SMSC says it is, 0 to 100 (R114).
    pub(crate) fn congestion(&mut self, now: Instant, load: u8) {
        match load {
            0..80 => {}
            80..90 => self.rise_later(now),
            _ => self.fall(now, A_BIT_LESS),
        }
    }

    /// The rate for now, in requests a second; `None` for no limit.
    pub(crate) fn rate(&self) -> Option<f64> {
        self.rate
    }

    /// All that was in flight at a moment is refused together: that is one reason and not many.
    fn fall(&mut self, now: Instant, to: f64) {
        if !self.limits.adaptive || self.fallen.is_some_and(|fall| now < fall.at + SETTLE) {
            return;
        }
        self.rise(now);
        let (allowed, went) = (self.rate.unwrap_or(f64::INFINITY), self.meter.rate(now));
        let from = allowed.min(went.max(SLOWEST));
        let before = self.fallen.map_or(from, |fall| fall.from);
        let slowest = SLOWEST.min(self.limits.ceiling.unwrap_or(SLOWEST));
        self.rate = Some((from * to).max(slowest));
        self.tokens = self.tokens.min(0.0);
        self.filled = now;
        // What was refused once may have been a moment's; what is refused there again and again is what the SMSC takes.
        self.fallen = Some(Fall {
            at: now,
            from: (from + before) / 2.0,
            // Of who sends far less than he may, what was refused tells nothing of the rate.
            further: match allowed.is_finite() && went < A_FEW * allowed {
                true => DOUBLE,
                false => STEP,
            },
        });
        self.risen = now;
    }

    /// Each second by a quarter of what is missing to what it fell from, and at least by a twentieth of that. There it
    /// was refused: above, it feels its way, by a twentieth of what it is, by a tenth, and so on up to a half; or it
    /// doubles, if less than a tenth had gone of what might. Until it is back; where no rate was asked for, until it is
    /// twice what it fell from, and then there is none again.
    fn rise(&mut self, now: Instant) {
        let (Some(mut rate), Some(mut fall)) = (self.rate, self.fallen) else {
            return;
        };
        let steps = now.saturating_duration_since(self.risen).as_secs();
        self.risen += Duration::from_secs(steps);
        let back = self.limits.ceiling.unwrap_or(2.0 * fall.from);
        for _ in 0..steps {
            if rate < fall.from {
                rate += ((fall.from - rate) * QUARTER).max(fall.from * STEP);
            } else {
                rate += rate * fall.further;
                fall.further = fall.further.max((2.0 * fall.further).min(HALF));
            }
            if rate >= back {
                (self.rate, self.fallen) = (self.limits.ceiling, None);
                return;
            }
        }
        (self.rate, self.fallen) = (Some(rate), Some(fall));
    }

    fn rise_later(&mut self, now: Instant) {
        self.rise(now);
        self.risen = now;
    }

    fn fill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.filled = self.filled.max(now);
        match self.rate {
            Some(rate) => self.tokens = (self.tokens + rate * passed).min(self.burst()),
            None => self.tokens = self.burst(),
        }
    }

    /// How many may go at once. Of what was asked for, the part that the rate is of its own: an SMSC that takes less takes
    /// less at once, too. Where nobody has said how fast, nobody has said that either: at a high rate it is what there is
    /// for some milliseconds, for no timer is finer, and what comes while one sleeps must not be lost.
    fn burst(&self) -> f64 {
        let asked = self.limits.burst;
        match (self.rate, self.limits.ceiling) {
            (Some(rate), Some(ceiling)) => (asked * rate / ceiling).max(asked.min(1.0)),
            (Some(rate), None) => asked.max(rate * TIMER),
            (None, _) => asked,
        }
    }
}

/// How many requests have gone within about the last second.
#[derive(Debug)]
struct Meter {
    since: Instant,
    count: f64,
    /// In the second before.
    before: f64,
}

impl Meter {
    fn count(&mut self, now: Instant) {
        self.turn(now);
        self.count += 1.0;
    }

    fn rate(&mut self, now: Instant) -> f64 {
        self.turn(now);
        self.before.max(self.count)
    }

    fn turn(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.since);
        if passed >= SECOND {
            self.before = self.count / passed.as_secs_f64();
            (self.count, self.since) = (0.0, now);
        }
    }
}

/// In place of a wait that no clock can hold.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);
/// And in place of none at all: what is still missing must not be waited for without waiting.
const SHORTEST_WAIT: Duration = Duration::from_micros(1);
/// In seconds: how late a timer may be.
const TIMER: f64 = 0.01;
/// But for what rounding takes of it.
const A_TOKEN: f64 = 1.0 - 1e-9;
const SECOND: Duration = Duration::from_secs(1);
/// For how long a fall is taken to be the answer to all that is refused: a round trip and more.
const SETTLE: Duration = SECOND;
/// As TCP does.
const HALF: f64 = 0.5;
/// What is loaded and has refused nothing is only to be nudged.
const A_BIT_LESS: f64 = 0.9;
/// All that it is, each second.
const DOUBLE: f64 = 1.0;
/// Of what might go. Who sends all that he may has sent half of it in the second before, if it has just doubled.
const A_FEW: f64 = 0.1;
/// Of the rate that it fell from, each second, at least: from half, it is back after eight.
const STEP: f64 = 0.05;
/// Of what is missing to that: so it is near for most of the time.
const QUARTER: f64 = 0.25;
/// One request a second finds out whether it is over, and disturbs nobody.
const SLOWEST: f64 = 1.0;

#[cfg(test)]
mod tests {
    use super::*;

    struct Clock(Instant);

    impl Clock {
        fn pass(&mut self, millis: u64) -> Instant {
            self.0 += Duration::from_millis(millis);
            self.0
        }
    }

    fn tempo(ceiling: Option<f64>, burst: f64) -> (Tempo, Clock) {
        let (now, adaptive) = (Instant::now(), true);
        let limits = Limits {
            ceiling,
            burst,
            adaptive,
        };
        (Tempo::new(limits, now), Clock(now))
    }

    /// How many go at once.
    fn drained(tempo: &mut Tempo, now: Instant) -> usize {
        (0..10_000).take_while(|_| tempo.take(now).is_ok()).count()
    }

    fn is_about(rate: Option<f64>, expected: f64) -> bool {
        rate.is_some_and(|rate| (rate - expected).abs() < 1e-6)
    }

    #[test]
    fn a_burst_and_then_the_rate() {
        let (mut tempo, mut clock) = tempo(Some(10.0), 3.0);
        assert_eq!(drained(&mut tempo, clock.0), 3);
        assert_eq!(tempo.take(clock.0), Err(Duration::from_millis(100)));
        assert_eq!(tempo.take(clock.pass(40)), Err(Duration::from_millis(60)));
        assert_eq!(drained(&mut tempo, clock.pass(61)), 1);
        // However long the pause, no more than the burst.
        assert_eq!(drained(&mut tempo, clock.pass(60_000)), 3);
    }

    /// What was saved for a burst is no more to be sent at once: that was too much.
    #[test]
    fn who_was_throttled_has_no_burst_left() {
        let (mut tempo, clock) = tempo(Some(10.0), 5.0);
        assert_eq!(tempo.take(clock.0), Ok(()));
        tempo.throttled(clock.0);
        assert_eq!(drained(&mut tempo, clock.0), 0);
    }

    #[test]
    fn no_more_than_burst_and_rate_in_any_time() {
        let (mut tempo, mut clock) = tempo(Some(50.0), 5.0);
        let mut went = 0;
        for _ in 0..1000 {
            went += drained(&mut tempo, clock.pass(10));
        }
        assert!((500..=505).contains(&went), "{went} in 10 s");
    }

    #[test]
    fn what_was_not_sent_gives_its_token_back() {
        let (mut tempo, clock) = tempo(Some(10.0), 2.0);
        assert_eq!(drained(&mut tempo, clock.0), 2);
        tempo.give_back();
        assert_eq!(drained(&mut tempo, clock.0), 1);
        (0..9).for_each(|_| tempo.give_back());
        assert_eq!(drained(&mut tempo, clock.0), 2, "never more than the burst");
    }

    #[test]
    fn without_a_limit_all_go() {
        let (mut tempo, clock) = tempo(None, 1.0);
        assert_eq!(drained(&mut tempo, clock.0), 10_000);
    }

    #[test]
    fn throttled_it_halves_once_and_comes_back() {
        let (mut tempo, mut clock) = tempo(Some(100.0), 10.0);
        for _ in 0..200 {
            let _ = drained(&mut tempo, clock.pass(10));
        }
        for _ in 0..10 {
            tempo.throttled(clock.0);
        }
        let half = tempo.rate().unwrap();
        assert!((45.0..=55.0).contains(&half), "{half}");
        assert!(tempo.take(clock.0).is_err(), "it is felt at once");
        let _ = tempo.take(clock.pass(1000));
        assert!(is_about(tempo.rate(), half + half / 4.0), "{:?}", tempo.rate());
        let _ = tempo.take(clock.pass(7000));
        assert!(is_about(tempo.rate(), 100.0));
    }

    #[test]
    fn throttled_again_it_halves_again() {
        let (mut tempo, mut clock) = tempo(Some(100.0), 10.0);
        for falls in 1..6 {
            for _ in 0..100 {
                let _ = drained(&mut tempo, clock.pass(10));
            }
            let before = tempo.rate().unwrap();
            tempo.throttled(clock.0);
            let after = tempo.rate().unwrap();
            assert!(after < 0.6 * before, "{falls}: {before} to {after}");
        }
        let _ = tempo.take(clock.pass(30_000));
        assert!(is_about(tempo.rate(), 100.0));
    }

    /// One message a second was refused, which says nothing of what the SMSC takes in a second.
    #[test]
    fn who_sends_far_less_than_he_may_is_soon_back() {
        let (mut tempo, mut clock) = tempo(Some(1000.0), 100.0);
        for _ in 0..10 {
            assert_eq!(tempo.take(clock.pass(1000)), Ok(()));
        }
        tempo.throttled(clock.0);
        assert!(is_about(tempo.rate(), 1.0), "{:?}", tempo.rate());
        let went: usize = (0..500).map(|_| drained(&mut tempo, clock.pass(10))).sum();
        assert!((25..=70).contains(&went), "{went} in five seconds");
        let _ = tempo.take(clock.pass(5000));
        assert!(is_about(tempo.rate(), 1000.0), "{:?}", tempo.rate());
    }

    #[test]
    fn throttled_without_a_limit_it_has_one_for_a_while() {
        let (mut tempo, mut clock) = tempo(None, 1.0);
        for _ in 0..2000 {
            let _ = tempo.take(clock.pass(5));
        }
        tempo.throttled(clock.0);
        let half = tempo.rate().unwrap();
        assert!((90.0..=110.0).contains(&half), "half of 200 a second, not {half}");
        let _ = tempo.take(clock.pass(8000));
        assert!((190.0..=212.0).contains(&tempo.rate().unwrap()), "{:?}", tempo.rate());
        let _ = tempo.take(clock.pass(30_000));
        assert_eq!(tempo.rate(), None);
    }

    #[test]
    fn half_of_much_is_much_though_timers_are_coarse() {
        let (mut tempo, mut clock) = tempo(None, 1.0);
        for _ in 0..2000 {
            assert_eq!((0..8).filter(|_| tempo.take(clock.0).is_ok()).count(), 8);
            clock.pass(1);
        }
        tempo.throttled(clock.0);
        let half = tempo.rate().unwrap();
        assert!((3900.0..=4100.0).contains(&half), "half of 8,000 a second, not {half}");
        let went: usize = (0..500).map(|_| drained(&mut tempo, clock.pass(2))).sum();
        assert!((3900..=4300).contains(&went), "{went} in a second");
    }

    #[test]
    fn a_wait_brings_what_the_rate_was_meanwhile() {
        let (mut tempo, mut clock) = tempo(Some(100.0), 100.0);
        for _ in 0..200 {
            let _ = drained(&mut tempo, clock.pass(10));
        }
        tempo.throttled(clock.0);
        let half = tempo.rate().unwrap();
        // At the end of it the rate has risen, and not before.
        let went = drained(&mut tempo, clock.pass(1000));
        assert!(tempo.rate().unwrap() > half + 4.0);
        assert_eq!(went, half as usize);
    }

    #[test]
    fn what_is_asked_for_at_once_falls_with_the_rate() {
        let (mut tempo, mut clock) = tempo(Some(100.0), 50.0);
        for _ in 0..200 {
            let _ = drained(&mut tempo, clock.pass(10));
        }
        tempo.throttled(clock.0);
        let half = drained(&mut tempo, clock.pass(999));
        assert!((22..=28).contains(&half), "{half} of 50");
        let _ = tempo.take(clock.pass(60_000));
        assert_eq!(drained(&mut tempo, clock.pass(1000)), 50);
    }

    #[test]
    fn it_never_stops() {
        let (mut tempo, mut clock) = tempo(Some(20.0), 1.0);
        for _ in 0..100 {
            tempo.throttled(clock.pass(1000));
        }
        assert!(tempo.rate().unwrap() >= SLOWEST);
        // And is never faster than was asked for.
        let (mut tempo, mut clock) = tests::tempo(Some(0.5), 1.0);
        tempo.throttled(clock.pass(1000));
        assert!(is_about(tempo.rate(), 0.5));
    }

    #[test]
    fn congestion_falls_at_90_holds_at_80_and_rises_below() {
        let (mut tempo, mut clock) = tempo(Some(100.0), 10.0);
        for _ in 0..300 {
            let _ = drained(&mut tempo, clock.pass(10));
        }
        tempo.congestion(clock.0, 79);
        tempo.congestion(clock.0, 89);
        assert!(is_about(tempo.rate(), 100.0));
        tempo.congestion(clock.0, 90);
        let fallen = tempo.rate().unwrap();
        assert!((80.0..=91.0).contains(&fallen), "{fallen}");
        for _ in 0..50 {
            tempo.congestion(clock.pass(100), 85);
        }
        assert!(is_about(tempo.rate(), fallen), "held");
        tempo.congestion(clock.pass(1000), 79);
        let _ = tempo.take(clock.0);
        assert!(is_about(tempo.rate(), fallen + 5.0));
    }

    #[test]
    fn who_does_not_want_it_is_not_slowed_down() {
        let (now, adaptive) = (Instant::now(), false);
        let ceiling = Some(10.0);
        let mut tempo = Tempo::new(
            Limits {
                ceiling,
                burst: 1.0,
                adaptive,
            },
            now,
        );
        tempo.throttled(now);
        tempo.congestion(now, 100);
        assert_eq!(tempo.rate(), ceiling);
    }
}
