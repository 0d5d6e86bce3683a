//! What a session leaves behind.

use crate::event::CloseReason;
use crate::window::Unanswered;

/// How a session ended, and what it has left behind. Each request has its own outcome too, which its future tells; this
/// has those as well whose futures were dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Closed {
    /// Why it ended.
    pub reason: CloseReason,
    /// The requests whose fate is unknown, in no order: the peer may have them. They were written, in part or whole, and
    /// the session ended, or their time did after the end was asked for, before they were answered.
    pub unanswered: Vec<Unanswered>,
    /// How many requests were taken and, as the session ended first, never sent: surely the peer does not have them.
    /// Those that were dropped while they waited in line for the window are not counted: they were taken back.
    pub not_sent: usize,
}
