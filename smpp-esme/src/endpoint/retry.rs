//! Whether a request that was refused is sent again, and when. It reads no clock.

use smpp_session::Retry;
use smpp_session::driver::CallError;
use std::time::Duration;

/// Which requests an [`Endpoint`](super::Endpoint) sends again by itself, and how often.
///
/// What was surely never written goes by another bind, however often that happens; no policy is asked. What was refused
/// is sent again as the class of its error says ([`CallError::retry`], or [`Self::classify`]). What the SMSC may have is
/// sent again only where [`Self::may_double`] says so, which it does not by default: it may then be there twice.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// Refused for now ([`Retry::Later`]): three times more, after 1 s, 2 s and 4 s.
    pub later: Attempts,
    /// The SMSC is asked too much ([`Retry::Slower`]): ten times more, after 1 s, and twice that each time up to 30 s.
    pub slower: Attempts,
    /// What the SMSC may have ([`Retry::MayDouble`]), whatever [`Self::classify`] takes it for: never.
    pub may_double: Attempts,
    /// What a refusal is taken for. [`CallError::retry`].
    pub classify: fn(&CallError) -> Retry,
}

/// How often something is tried again, and after how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempts {
    /// How often at most, beyond the first time.
    pub most: u32,
    /// After how long, at first; it doubles each time.
    pub first: Duration,
    /// What doubling ends at.
    pub longest: Duration,
}

impl Attempts {
    /// Never again.
    pub const NONE: Self = Self {
        most: 0,
        first: Duration::ZERO,
        longest: Duration::ZERO,
    };

    /// After `n` times in vain: how long to wait; `None` for no more.
    fn after(&self, n: u32) -> Option<Duration> {
        let doubled = 1_u32.checked_shl(n).unwrap_or(u32::MAX);
        (n < self.most).then(|| self.first.saturating_mul(doubled).min(self.longest))
    }
}

impl RetryPolicy {
    /// Nothing that was refused is sent again.
    pub fn none() -> Self {
        Self {
            later: Attempts::NONE,
            slower: Attempts::NONE,
            ..Self::default()
        }
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            later: Attempts {
                most: 3,
                first: Duration::from_secs(1),
                longest: Duration::from_secs(4),
            },
            slower: Attempts {
                most: 10,
                first: Duration::from_secs(1),
                longest: Duration::from_secs(30),
            },
            may_double: Attempts::NONE,
            classify: CallError::retry,
        }
    }
}

/// Whether a request that is sent again keeps its place before those behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Order {
    /// No: while it waits, others pass it. Those of one key begin in order, and keep it where nothing is refused.
    #[default]
    Free,
    /// Yes: of the requests of one key, and of all without a key, each begins when the one before has ended. That is one
    /// request at a time for each key, whatever the window; many keys are many at a time.
    Kept,
}

/// What becomes of a request that has no positive answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It goes by another bind.
    Move,
    /// It is sent again after that long.
    After(Duration),
    /// Its caller hears of it.
    GiveUp,
}

/// How often one request was sent again, by class.
#[derive(Debug, Default)]
pub(crate) struct Tries {
    later: u32,
    slower: u32,
    may_double: u32,
}

impl Tries {
    pub(crate) fn judge(&mut self, policy: &RetryPolicy, error: &CallError) -> Verdict {
        let class = match error {
            CallError::NotWritten(_) => return Verdict::Move,
            CallError::OfferTimedOut | CallError::Refused(_) => return Verdict::GiveUp,
            error if error.may_be_delivered() => Retry::MayDouble,
            error => (policy.classify)(error),
        };
        let (attempts, n) = match class {
            Retry::Later | Retry::Unsent => (&policy.later, &mut self.later),
            Retry::Slower => (&policy.slower, &mut self.slower),
            Retry::MayDouble => (&policy.may_double, &mut self.may_double),
            _ => return Verdict::GiveUp,
        };
        let verdict = attempts.after(*n).map_or(Verdict::GiveUp, Verdict::After);
        *n = n.saturating_add(1);
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use smpp_pdu::CommandStatus;
    use smpp_session::{CloseReason, RequestError};

    fn verdicts(policy: &RetryPolicy, error: &CallError, n: usize) -> Vec<Verdict> {
        let mut tries = Tries::default();
        (0..n).map(|_| tries.judge(policy, error)).collect()
    }

    fn seconds(seconds: &[u64]) -> Vec<Verdict> {
        let after = |s: &u64| Verdict::After(Duration::from_secs(*s));
        seconds.iter().map(after).chain([Verdict::GiveUp]).collect()
    }

    const LATER: CallError = CallError::Nacked(CommandStatus::ESME_RSYSERR);
    const SLOWER: CallError = CallError::Nacked(CommandStatus::ESME_RTHROTTLED);
    const FINAL: CallError = CallError::Nacked(CommandStatus::ESME_RINVDSTADR);

    #[test]
    fn each_class() {
        let policy = RetryPolicy::default();
        assert_eq!(verdicts(&policy, &LATER, 4), seconds(&[1, 2, 4]));
        assert_eq!(
            verdicts(&policy, &SLOWER, 11),
            seconds(&[1, 2, 4, 8, 16, 30, 30, 30, 30, 30])
        );
        for error in [
            FINAL,
            CallError::Refused(RequestError::WindowFull),
            CallError::OfferTimedOut,
        ] {
            assert_eq!(verdicts(&policy, &error, 1), [Verdict::GiveUp]);
        }
        // Each class counts for itself.
        let mut tries = Tries::default();
        for _ in 0..3 {
            tries.judge(&policy, &LATER);
        }
        assert_eq!(tries.judge(&policy, &SLOWER), Verdict::After(Duration::from_secs(1)));
    }

    #[test]
    fn without_a_policy_nothing_that_was_refused() {
        for error in [LATER, SLOWER, FINAL] {
            assert_eq!(verdicts(&RetryPolicy::none(), &error, 1), [Verdict::GiveUp]);
        }
    }

    #[test]
    fn what_was_never_written_moves_without_end() {
        let error = CallError::NotWritten(CloseReason::PeerClosed);
        assert_eq!(verdicts(&RetryPolicy::none(), &error, 99), [Verdict::Move; 99]);
    }

    #[test]
    fn what_may_be_there_only_where_that_is_said() {
        // A mistake in what it is taken for does not double a message.
        let mut policy = RetryPolicy {
            classify: |_| Retry::Unsent,
            ..RetryPolicy::default()
        };
        let errors = [CallError::TimedOut, CallError::MaybeDelivered(CloseReason::PeerClosed)];
        for error in &errors {
            assert_eq!(verdicts(&policy, error, 1), [Verdict::GiveUp]);
        }
        policy.may_double = Attempts {
            most: 1,
            first: Duration::from_secs(5),
            longest: Duration::MAX,
        };
        for error in &errors {
            assert_eq!(verdicts(&policy, error, 2), seconds(&[5]));
        }
    }

    #[test]
    fn its_owner_may_know_better() {
        let policy = RetryPolicy {
            classify: |_| Retry::Later,
            ..RetryPolicy::default()
        };
        assert_eq!(verdicts(&policy, &FINAL, 1), [Verdict::After(Duration::from_secs(1))]);
    }

    #[test]
    fn doubling_has_an_end() {
        let attempts = Attempts {
            most: u32::MAX,
            first: Duration::from_secs(1),
            longest: Duration::from_secs(9),
        };
        assert_eq!(attempts.after(1000), Some(Duration::from_secs(9)));
    }
}
