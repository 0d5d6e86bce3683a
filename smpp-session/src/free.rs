//! What a peer may do for free, and how often.

use std::fmt;
use std::time::{Duration, Instant};

/// The kinds, each with the field of its bound, its default and its name; it exists because five places list them.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident, $field:ident = $default:expr, $name:literal;)*) => {
        /// What costs a peer nothing, and this side an answer or a look: it takes no place among the requests that
        /// wait, so nothing but [`FreeLimits`] slows it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Free {
            $( $(#[$doc])* $kind, )*
        }

        /// How often a peer may do within a minute what is free for it; the next time, the session ends with
        /// [`CloseReason::Free`](crate::CloseReason::Free). [`NO_BOUND`](Self::NO_BOUND) is none.
        ///
        /// The minute begins with the first that is counted, and after it is over another does. The defaults of most
        /// are 100 a second all through it: a peer that is lax and means well never gets there, and one that does
        /// nothing else is rid of.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct FreeLimits {
            $( $(#[$doc])* pub $field: u32, )*
        }

        impl Default for FreeLimits {
            fn default() -> Self {
                Self { $( $field: $default, )* }
            }
        }

        impl FreeLimits {
            fn of(&self, kind: Free) -> u32 {
                match kind {
                    $( Free::$kind => self.$field, )*
                }
            }
        }

        impl Free {
            /// Of the reason for which too many of it end a session.
            pub(crate) const fn close_name(self) -> &'static str {
                match self {
                    $( Self::$kind => concat!("free_", stringify!($field)), )*
                }
            }
        }

        const KINDS: usize = [$( Free::$kind, )*].len();

        impl fmt::Display for Free {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $( Self::$kind => $name, )*
                })
            }
        }
    };
}

kinds! {
    /// enquire_link. 6,000.
    EnquireLink, enquire_link = A_MINUTE, "enquire_links";
    /// A command that the version has not (R009). 6,000.
    Unknown, unknown = A_MINUTE, "unknown commands";
    /// A PDU that cannot be read (R008). 6,000.
    Malformed, malformed = A_MINUTE, "malformed PDUs";
    /// A request that this peer may not send in this state (R012, R013). 6,000.
    Forbidden, forbidden = A_MINUTE, "requests that the state forbids";
    /// A request beyond [`Config::max_inbound`](crate::Config::max_inbound), refused with ESME_RTHROTTLED. No bound:
    /// it is the honest who are throttled, and they are told to come again.
    Throttled, throttled = FreeLimits::NO_BOUND, "throttled requests";
    /// A request for which the tolerance had to forgive something. No bound: a lax peer is so in every PDU.
    Forgiven, forgiven = FreeLimits::NO_BOUND, "leniencies";
    /// A response that nobody waits for (R016). One that comes after a request here has timed out is paid for by that
    /// request: a peer that is slow, and answers all the same, does nothing for free. 6,000.
    Stray, stray = A_MINUTE, "stray responses";
    /// A bind that was judged and not accepted: who guesses passwords does it for free. The answer to the last one is
    /// still written. 10, for who means well has two or three passwords to try, and three kinds of bind (R107).
    RefusedBind, refused_bind = 10, "refused binds";
}

impl FreeLimits {
    /// As often as it likes.
    pub const NO_BOUND: u32 = u32::MAX;
}

/// What a peer has done for free within this minute.
#[derive(Debug)]
pub(crate) struct Spent {
    since: Instant,
    times: [u32; KINDS],
    /// Answers that may still come to requests that have timed out.
    late: u32,
}

impl Spent {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            since: now,
            times: [0; KINDS],
            late: 0,
        }
    }

    /// Counts one; whether it is within its bound.
    #[cold]
    pub(crate) fn count(&mut self, kind: Free, now: Instant, limits: &FreeLimits) -> bool {
        if kind == Free::Stray && self.late > 0 {
            self.late -= 1;
            return true;
        }
        if now.saturating_duration_since(self.since) >= MINUTE {
            (self.since, self.times) = (now, [0; KINDS]);
        }
        let Some(times) = self.times.get_mut(kind as usize) else {
            return true;
        };
        *times = times.saturating_add(1);
        let bound = limits.of(kind);
        bound == FreeLimits::NO_BOUND || *times <= bound
    }

    /// A request of ours has timed out: its answer may still come.
    pub(crate) fn expect_late(&mut self) {
        self.late = self.late.saturating_add(1);
    }
}

const MINUTE: Duration = Duration::from_secs(60);
/// 100 a second. The most that was seen of gateways that mean well is two enquire_links a second (Synway SMG4000,
/// DBLTek GoIP), and one malformed or unknown PDU for each message.
const A_MINUTE: u32 = 6_000;
