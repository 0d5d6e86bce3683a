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
