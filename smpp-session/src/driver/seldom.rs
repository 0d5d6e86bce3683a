//! Lines of a log that a peer could otherwise write as many of as it likes.

use std::time::{Duration, Instant};

/// Lets so many through in a time, and counts the others.
#[derive(Debug)]
pub struct Seldom {
    most: u32,
    per: Duration,
    since: Option<Instant>,
    admitted: u32,
    left_out: u64,
}

impl Seldom {
    /// At most `most` in each `per`, which begins with the first.
    pub const fn new(most: u32, per: Duration) -> Self {
        Self {
            most,
            per,
            since: None,
            admitted: 0,
            left_out: 0,
        }
    }

    /// Whether there is a line to be written, and how many were left out since the last.
    pub fn admits(&mut self, now: Instant) -> Option<u64> {
        if self
            .since
            .is_none_or(|since| now.saturating_duration_since(since) >= self.per)
        {
            (self.since, self.admitted) = (Some(now), 0);
        }
        if self.admitted == self.most {
            self.left_out += 1;
            return None;
        }
        self.admitted += 1;
        Some(std::mem::take(&mut self.left_out))
    }
}

#[cfg(all(test, not(border_model)))]
mod tests {
    use super::*;

    #[test]
    fn so_many_and_then_their_number() {
        let (mut seldom, mut now) = (Seldom::new(2, Duration::from_secs(5)), Instant::now());
        let lines = |seldom: &mut Seldom, now| (0..100).filter_map(|_| seldom.admits(now)).collect::<Vec<_>>();
        assert_eq!(lines(&mut seldom, now), [0, 0]);
        now += Duration::from_secs(5);
        assert_eq!(lines(&mut seldom, now), [98, 0]);
    }
}
