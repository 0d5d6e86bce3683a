//! For how long, and how often, what passes is tried again.

use std::fmt;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// What is left of `--retry`.
#[derive(Debug)]
pub(crate) struct Patience {
    until: Instant,
    pause: Duration,
}

impl Patience {
    /// It begins now.
    pub(crate) fn new(retry: Duration) -> Self {
        let now = Instant::now();
        Self {
            until: now.checked_add(retry).unwrap_or(now),
            pause: FIRST,
        }
    }

    /// Waits until it is time to try again; at once, and false, if no time is left.
    pub(crate) async fn waits(&mut self, why: &impl fmt::Display) -> bool {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        let pause = self.pause.min(left);
        tracing::info!(%why, ?pause, "again");
        sleep(pause).await;
        self.pause = (self.pause * 2).min(LONGEST);
        true
    }
}

/// As an endpoint begins, and less than it ends with: somebody waits at the terminal.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(16);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_doubles_and_ends() {
        let (begun, mut patience, mut tries) = (Instant::now(), Patience::new(Duration::from_secs(50)), Vec::new());
        while patience.waits(&"full").await {
            tries.push(begun.elapsed().as_secs());
        }
        assert_eq!(tries, [1, 3, 7, 15, 31, 47, 50]);
        assert!(!Patience::new(Duration::ZERO).waits(&"full").await);
    }
}
