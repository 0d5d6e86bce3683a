//! When a member connects again: a policy, and how it stands. It reads no clock and throws no dice: both are passed in.

use crate::error::ConnectError;
use smpp_session::BindRetry;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// How a member of an [`Endpoint`](super::Endpoint) is kept bound.
///
/// What a failure is, [`ConnectError::retry`] says, or [`Self::classify`]: a permanent one stops the member, and so does
/// a type of bind that is not offered; a contended one waits for long; all others wait for a random time of at most
/// [`Self::first`], which doubles with each failure in a row up to [`Self::longest`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Reconnect {
    /// The longest that is waited after a first failure. 1 s.
    pub first: Duration,
    /// What doubling ends at. 60 s.
    pub longest: Duration,
    /// How long a bind must have lasted for its end to count as a first failure: an SMSC that accepts each bind and then
    /// closes is not asked every second. 30 s.
    pub stable: Duration,
    /// How long to wait while the SMSC still holds an old bind, or has too many: that and up to a quarter more, so that
    /// several who are refused together do not come back together. 60 s.
    pub contended: Duration,
    /// How often a member tries within a minute at most, whatever happens; 0 is taken for 1. 10: some SMSCs ban an
    /// address that binds more often.
    pub per_minute: u32,
    /// What a failure is taken for. [`ConnectError::retry`].
    pub classify: fn(&ConnectError) -> BindRetry,
}

impl Default for Reconnect {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            longest: Duration::from_secs(60),
            stable: Duration::from_secs(30),
            contended: Duration::from_secs(60),
            per_minute: 10,
            classify: ConnectError::retry,
        }
    }
}

/// The tries of one member.
#[derive(Debug)]
pub(crate) struct Backoff {
    policy: Reconnect,
    /// In a row, with no bind between them that has lasted.
    failures: u32,
    /// When it tried within the last minute; no more of them than it may.
    tries: VecDeque<Instant>,
}

impl Backoff {
    pub(crate) fn new(policy: Reconnect) -> Self {
        Self {
            policy,
            failures: 0,
            tries: VecDeque::new(),
        }
    }

    /// Which try in a row the next one is: 1 at first.
    pub(crate) fn attempt(&self) -> u32 {
        self.failures.saturating_add(1)
    }

    /// It tries now.
    pub(crate) fn tries(&mut self, now: Instant) {
        let past = |tried: &Instant| now.saturating_duration_since(*tried) >= MINUTE;
        while self.tries.len() >= self.most() || self.tries.front().is_some_and(past) {
            self.tries.pop_front();
        }
        self.tries.push_back(now);
    }

    /// It was not bound: when to try again; `None` for never.
    pub(crate) fn failed(&mut self, error: &ConnectError, now: Instant, dice: u64) -> Option<Instant> {
        let wait = match (self.policy.classify)(error) {
            BindRetry::Permanent | BindRetry::OtherBindType => return None,
            BindRetry::Contended => {
                self.failures = self.attempt();
                let contended = self.policy.contended;
                contended.saturating_add(share(contended / 4, dice))
            }
            _ => self.grown(dice),
        };
        Some(self.allowed(now, wait))
    }

    /// It was bound for that long: when to try again.
    pub(crate) fn lost(&mut self, bound: Duration, now: Instant, dice: u64) -> Instant {
        if bound >= self.policy.stable {
            self.failures = 0;
        }
        let wait = self.grown(dice);
        self.allowed(now, wait)
    }

    fn grown(&mut self, dice: u64) -> Duration {
        let doubled = 1_u32.checked_shl(self.failures).unwrap_or(u32::MAX);
        self.failures = self.attempt();
        share(self.policy.first.saturating_mul(doubled).min(self.policy.longest), dice)
    }

    /// After `wait`, or as soon as there are few enough tries within a minute.
    fn allowed(&self, now: Instant, wait: Duration) -> Instant {
        let at = now.checked_add(wait).unwrap_or(now + A_DAY);
        let first = self.tries.front().filter(|_| self.tries.len() >= self.most());
        first.map_or(at, |first| at.max(*first + MINUTE))
    }

    fn most(&self) -> usize {
        usize::try_from(self.policy.per_minute.max(1)).unwrap_or(usize::MAX)
    }
}

/// A share of `whole`: nothing for 0, all for the greatest.
fn share(whole: Duration, dice: u64) -> Duration {
    let share = whole.as_secs_f64() * (dice as f64 / u64::MAX as f64);
    // The longest time of all is rounded to more than that.
    Duration::try_from_secs_f64(share).map_or(whole, |share| share.min(whole))
}

const MINUTE: Duration = Duration::from_secs(60);
/// In place of a wait that no clock can hold.
const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::BindError;
    use smpp_pdu::CommandStatus;

    const LEAST: u64 = 0;
    const MOST: u64 = u64::MAX;

    fn refused(status: CommandStatus) -> ConnectError {
        BindError::Refused(status).into()
    }

    fn often() -> Reconnect {
        Reconnect {
            per_minute: 1000,
            ..Reconnect::default()
        }
    }

    #[test]
    fn it_doubles_from_a_second_to_a_minute_with_full_jitter() {
        let (mut longest, mut shortest, now) = (Backoff::new(often()), Backoff::new(often()), Instant::now());
        for (n, seconds) in [1, 2, 4, 8, 16, 32, 60, 60, 60].into_iter().enumerate() {
            assert_eq!(longest.attempt() as usize, n + 1);
            let error = ConnectError::TimedOut;
            assert_eq!(
                longest.failed(&error, now, MOST),
                Some(now + Duration::from_secs(seconds))
            );
            assert_eq!(shortest.failed(&error, now, LEAST), Some(now));
        }
        let half = Backoff::new(often()).failed(&ConnectError::TimedOut, now, MOST / 2);
        assert_eq!(half, Some(now + Duration::from_millis(500)));
    }

    #[test]
    fn it_never_overflows() {
        let (mut backoff, now) = (Backoff::new(often()), Instant::now());
        for _ in 0..100 {
            backoff.failed(&ConnectError::TimedOut, now, MOST);
        }
        assert_eq!(backoff.lost(Duration::ZERO, now, MOST), now + Duration::from_secs(60));
        let mut endless = Backoff::new(Reconnect {
            first: Duration::MAX,
            longest: Duration::MAX,
            contended: Duration::MAX,
            ..often()
        });
        for dice in [LEAST, MOST] {
            assert!(endless.failed(&refused(CommandStatus::ESME_RALYBND), now, dice) > Some(now));
        }
        assert!(endless.failed(&ConnectError::TimedOut, now, MOST) > Some(now));
    }

    #[test]
    fn what_was_tried_long_ago_takes_no_memory() {
        let policy = Reconnect {
            per_minute: u32::MAX,
            ..Reconnect::default()
        };
        let (mut backoff, now) = (Backoff::new(policy), Instant::now());
        (0..1000).for_each(|n| backoff.tries(now + Duration::from_secs(n)));
        assert_eq!(backoff.tries.len(), 60);
    }

    #[test]
    fn only_a_bind_that_has_lasted_begins_anew() {
        let (mut backoff, now) = (Backoff::new(often()), Instant::now());
        let mut after = |bound: u64| backoff.lost(Duration::from_secs(bound), now, MOST) - now;
        assert_eq!(after(0), Duration::from_secs(1));
        assert_eq!(after(29), Duration::from_secs(2));
        assert_eq!(after(1), Duration::from_secs(4));
        assert_eq!(after(30), Duration::from_secs(1));
        assert_eq!(after(0), Duration::from_secs(2));
    }

    #[test]
    fn never_more_than_so_often_a_minute() {
        let (mut backoff, begun) = (Backoff::new(Reconnect::default()), Instant::now());
        let mut now = begun;
        let mut tries = Vec::new();
        for _ in 0..35 {
            backoff.tries(now);
            tries.push(now - begun);
            // As bad as it can be: bound for long enough each time, and lost, and no luck with the dice.
            now = backoff.lost(Duration::from_secs(30), now, LEAST);
        }
        for minute in tries.windows(11) {
            assert!(minute[10] - minute[0] >= MINUTE, "{tries:?}");
        }
        assert_eq!(tries[30], Duration::from_secs(180));
    }

    #[test]
    fn each_class() {
        let now = Instant::now();
        let next = |status, dice| Backoff::new(often()).failed(&refused(status), now, dice);
        for stops in [
            CommandStatus::ESME_RINVPASWD,
            CommandStatus::ESME_RINVSYSID,
            CommandStatus::ESME_RINVSYSTYP,
            CommandStatus::ESME_RPROHIBITED,
            CommandStatus::ESME_RINVCMDID,
        ] {
            assert_eq!(next(stops, LEAST), None, "{stops}");
        }
        for contended in [CommandStatus::ESME_RALYBND, CommandStatus::ESME_RBINDFAIL] {
            assert_eq!(next(contended, LEAST), Some(now + Duration::from_secs(60)));
            assert_eq!(next(contended, MOST), Some(now + Duration::from_secs(75)));
        }
        assert_eq!(
            next(CommandStatus::ESME_RSYSERR, MOST),
            Some(now + Duration::from_secs(1))
        );
    }

    #[test]
    fn its_owner_may_know_better() {
        let policy = Reconnect {
            classify: |_| BindRetry::Permanent,
            ..Reconnect::default()
        };
        let next = Backoff::new(policy).failed(&ConnectError::TimedOut, Instant::now(), LEAST);
        assert_eq!(next, None);
    }
}
