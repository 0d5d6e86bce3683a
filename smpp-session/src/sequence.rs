//! Sequence numbers: 1 to 0x7FFFFFFF, then 1 again (v3.4 §5.1.4, v5.0 §4.7.24; R021, R022).

const LAST: u32 = 0x7fff_ffff;

/// The numbers of one direction of one session.
#[derive(Debug)]
pub(crate) struct Sequence {
    next: u32,
    come_round: bool,
}

impl Sequence {
    /// Begins at `first`, of 1 to 0x7FFFFFFF.
    pub(crate) fn new(first: u32) -> Self {
        Self {
            next: first.clamp(1, LAST),
            come_round: false,
        }
    }
    #[inline]
    pub(crate) fn next(&mut self) -> u32 {
        let number = self.next;
        self.next = number + 1;
        if number == LAST {
            self.wrap();
        }
        number
    }
    #[cold]
    fn wrap(&mut self) {
        (self.next, self.come_round) = (1, true);
    }
    /// Whether a number may have been given before.
    #[inline]
    pub(crate) fn come_round(&self) -> bool {
        self.come_round
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wraps_to_one() {
        let mut sequence = Sequence::new(LAST - 1);
        assert_eq!([(); 4].map(|()| sequence.next()), [LAST - 1, LAST, 1, 2]);
        assert_eq!(Sequence::new(0).next(), 1);
    }
}
