//! Deadlines that cannot overflow.

use std::time::{Duration, Instant};

/// `time` after `now`; a time too long for the clock, as [`Duration::MAX`] for "never", is thirty years.
#[inline]
pub(crate) fn after(now: Instant, time: Duration) -> Instant {
    now.checked_add(time).unwrap_or_else(|| far(now))
}

#[cold]
fn far(now: Instant) -> Instant {
    const YEARS: Duration = Duration::from_secs(30 * 365 * 86_400);
    now.checked_add(YEARS).unwrap_or(now)
}

/// The deadline of what begins at one time, kept because most of a turn begins at the same.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Due(Option<(Instant, Instant)>);

impl Due {
    /// `time` after `now`. Another than the last one is told to `wake_at`, which it may lower.
    #[inline(always)]
    pub(crate) fn after(&mut self, now: Instant, time: Duration, wake_at: &mut Instant) -> Instant {
        match self.0 {
            Some((of, deadline)) if of == now => deadline,
            _ => self.another(now, time, wake_at),
        }
    }
    #[cold]
    #[inline(never)]
    fn another(&mut self, now: Instant, time: Duration, wake_at: &mut Instant) -> Instant {
        let deadline = after(now, time);
        *wake_at = deadline.min(*wake_at);
        self.0 = Some((now, deadline));
        deadline
    }
    /// What wakes has been moved: the next is told again.
    pub(crate) fn forget(&mut self) {
        self.0 = None;
    }
}
