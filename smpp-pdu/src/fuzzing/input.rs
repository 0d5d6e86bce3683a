//! A fuzzer's octets, taken from the front: what a seed says stands where one reads it.

/// What is left of the octets. Behind their end are zeros.
pub(super) struct Input<'a> {
    rest: &'a [u8],
}

impl<'a> Input<'a> {
    pub(super) fn new(octets: &'a [u8]) -> Self {
        Self { rest: octets }
    }
    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
    pub(super) fn octet(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or(0)
    }
    /// 0 to `most`.
    pub(super) fn up_to(&mut self, most: u8) -> u8 {
        self.octet() % most.saturating_add(1).max(1)
    }
    /// As many as there are, at most `len`.
    pub(super) fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at(len.min(self.rest.len()));
        self.rest = rest;
        taken
    }
    /// Eight octets as a number.
    pub(super) fn number(&mut self) -> i64 {
        let mut octets = [0; 8];
        for (room, octet) in octets.iter_mut().zip(self.take(8)) {
            *room = *octet;
        }
        i64::from_be_bytes(octets)
    }
    /// All that is left.
    pub(super) fn rest(&mut self) -> &'a [u8] {
        self.take(usize::MAX)
    }
}
