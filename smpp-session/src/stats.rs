//! What a session has counted.

/// Counters of one session, since it began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// PDUs that came, whole.
    pub pdus_in: u64,
    /// PDUs that were queued to be sent.
    pub pdus_out: u64,
    /// Requests of ours that were taken into the window.
    pub requests_out: u64,
    /// Of those, answered by a response.
    pub answered: u64,
    /// Of those, refused by generic_nack.
    pub nacked: u64,
    /// Of those, not answered in time.
    pub timed_out: u64,
    /// Requests that the application got.
    pub requests_in: u64,
    /// Requests of the peer that were refused without the application: wrong state, malformed, too many.
    pub refused: u64,
    /// Requests of the peer that nobody answered in time.
    pub unanswered: u64,
    /// Responses and generic_nacks that nobody waited for.
    pub stray: u64,
    /// PDUs that could not be read.
    pub malformed: u64,
    /// PDUs for which something was forgiven.
    pub forgiven: u64,
    /// Commands that were unknown.
    pub unknown: u64,
}
