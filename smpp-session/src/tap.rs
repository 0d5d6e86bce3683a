//! Taps: who sees the PDUs of a connection, without a word in them.
//!
//! A [`Tap`] stands outside of the session, between its driver and the stream: behind TLS, in front of the session, so that it sees what
//! no session would tell: what is refused, malformed, or late. It cannot change, hold back or reorder anything. What it is
//! told is what was really read, and what was really written, in the order of each direction; and masked ([`smpp_pdu::mask`]),
//! unless it [reveals](Tap::reveals).
//!
//! Three of them come with this crate, over any [`Write`](std::io::Write): [`Hex`], [`Decoded`] and [`Pcap`], whose files
//! Wireshark reads.
//!
//! A connection without a tap pays nothing for this, and one with a tap two copies a PDU. A tap is called on the
//! connection's own task, which waits for as long as it takes: one that may block, as on a slow disk, has a thread of its own
//! to hand the octets to. One that panics is left out from then on, and the session goes on.

mod cut;
mod ends;
mod pcap;
mod print;
mod stream;

pub use ends::Ends;
pub use pcap::Pcap;
pub use print::{Decoded, Hex};
pub use stream::Tapped;

use std::time::SystemTime;

/// Sees what goes over connections. One serves any number of them.
///
/// ```
/// use smpp_session::tap::{Ends, Listener, Seen, Tap};
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicUsize, Ordering};
///
/// /// Counts PDUs.
/// #[derive(Clone, Default)]
/// struct Counter(Arc<AtomicUsize>);
///
/// impl Tap for Counter {
///     fn connection(&self, _: &Ends) -> Box<dyn Listener> {
///         Box::new(self.clone())
///     }
/// }
///
/// impl Listener for Counter {
///     fn seen(&mut self, seen: &Seen<'_>) {
///         self.0.fetch_add(usize::from(seen.is_pdu), Ordering::Relaxed);
///     }
/// }
/// ```
pub trait Tap: Send + Sync + 'static {
    /// A connection begins. What is returned sees it to its end, and is dropped there.
    fn connection(&self, ends: &Ends) -> Box<dyn Listener>;

    /// Whether it is shown passwords, texts and addresses. Unless it says so, it is not.
    fn reveals(&self) -> bool {
        false
    }
}

/// What it is, a tap need not say.
impl std::fmt::Debug for dyn Tap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tap")
            .field("reveals", &self.reveals())
            .finish_non_exhaustive()
    }
}

/// Sees one connection.
pub trait Listener: Send {
    /// Octets have come or gone.
    fn seen(&mut self, seen: &Seen<'_>);
}

/// What a tap is shown.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Seen<'a> {
    /// Which way it went.
    pub direction: Direction,
    /// When.
    pub time: SystemTime,
    /// One whole PDU, with its header. Else octets that are none: the beginning of one whose end never came, or
    /// anything behind a command_length that cannot be trusted.
    pub is_pdu: bool,
    /// The octets.
    pub octets: &'a [u8],
}

/// Which way octets go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the peer.
    In,
    /// To the peer.
    Out,
}

/// Without the octets: they may be revealed.
impl std::fmt::Debug for Seen<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seen")
            .field("direction", &self.direction)
            .field("time", &self.time)
            .field("is_pdu", &self.is_pdu)
            .field("len", &self.octets.len())
            .finish()
    }
}
