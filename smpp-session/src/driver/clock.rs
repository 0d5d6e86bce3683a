//! The time.

use std::time::Instant;

/// As the runtime has it: the system's, or that of a test which has [stopped](tokio::time::pause) it.
#[inline]
pub(crate) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
