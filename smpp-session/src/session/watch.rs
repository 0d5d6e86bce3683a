//! What has become of the requests that wait, for who watches.

use super::Session;
use crate::deadline::after;
use crate::window::{Oldest, Unanswered, WindowSnapshot, Written};
use std::time::Instant;
#[cfg(feature = "tokio")]
use {crate::stats::Stats, crate::tally::Rare, smpp_pdu::DecodeError, std::time::Duration};

/// What a session has counted since the last time; of [`Stats`] what it has counted at all.
#[cfg(feature = "tokio")]
pub(crate) struct Report {
    pub(crate) stats: Stats,
    pub(crate) received: Vec<(&'static str, u64)>,
    pub(crate) sent: Vec<(&'static str, u64)>,
    pub(crate) rare: Vec<(Rare, u32)>,
    pub(crate) times: Vec<Duration>,
    pub(crate) in_flight: usize,
}

/// For the driver's meter.
#[cfg(feature = "tokio")]
impl<T> Session<T> {
    #[cold]
    pub(crate) fn report(&mut self) -> Report {
        let (rare, times) = self.tally.take_apart();
        Report {
            stats: self.stats(),
            received: self.tally.received.take(),
            sent: self.tally.sent.take(),
            rare,
            times,
            in_flight: self.in_flight(),
        }
    }

    /// Whether something is to be told at once, to one who knows of so many throttled requests.
    #[inline]
    pub(crate) fn has_news(&self, throttled: u64) -> bool {
        self.tally.has_malformed() || self.stats.throttled != throttled
    }

    pub(crate) fn take_malformed(&mut self) -> Option<DecodeError> {
        self.tally.take_malformed()
    }
}

impl<T> Session<T> {
    /// The window as it stands. It looks at each request that waits, so it is for who watches, and not for each message.
    pub fn window(&self, now: Instant) -> WindowSnapshot {
        WindowSnapshot {
            capacity: self.capacity,
            in_flight: self.window.open(),
            oldest: self.window.oldest().map(|slot| Oldest {
                command_id: slot.command,
                sequence_number: slot.sequence,
                // What is asked now has a deadline that is later by as much.
                age: after(now, self.config.response).saturating_duration_since(slot.deadline),
            }),
        }
    }

    /// How much of a request of ours that waits for its answer has left, as [`handle_written`](Self::handle_written) has
    /// told; exact to the octet. `None` if no request of that number waits: its [`Outcome`](crate::Outcome) says more.
    ///
    /// What has left is what the transport has taken, and no more is known: the peer may never see it. The other way
    /// round it is certain: of what is [`Nothing`](Written::Nothing) here the peer has seen nothing, and if the session
    /// ends now without [lingering](crate::CloseReason::lingers), its outcome is
    /// [`NotWritten`](crate::Outcome::NotWritten).
    pub fn written(&self, sequence_number: u32) -> Option<Written> {
        let slot = self.window.find(sequence_number)?;
        Some(if self.written <= slot.at {
            Written::Nothing
        } else if self.written < slot.at + slot.len as u64 {
            Written::InPart
        } else {
            Written::Whole
        })
    }

    /// The requests of ours whose fate the end has left unknown, in no order: those whose
    /// [`Outcome`](crate::Outcome) is [`MaybeDelivered`](crate::Outcome::MaybeDelivered), and those that
    /// [timed out](crate::Outcome::TimedOut) after either side had asked for the end. Empty before that, complete once
    /// the session is closed, and no longer than what waited for an answer when the end was asked for.
    pub fn unanswered(&self) -> &[Unanswered] {
        &self.unanswered
    }

    /// How many octets were queued to be sent since the session began. Just after a
    /// [`request`](Self::request) or a [`respond`](Self::respond) it is where that PDU ends: when
    /// [`octets_written`](Self::octets_written) is no less, the whole of it has left.
    #[inline]
    pub fn octets_queued(&self) -> u64 {
        self.taken + self.out.len() as u64
    }

    /// How many octets the transport has taken since the session began.
    pub fn octets_written(&self) -> u64 {
        self.written
    }
}
