//! What a session has counted.

use std::ops::AddAssign;

/// Declares the counters, and how two sets of them add up: it exists so that neither forgets one.
macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        /// Counters of one session, since it began; or of several, added up.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Stats {
            $( $(#[$doc])* pub $name: u64, )*
        }
        impl AddAssign for Stats {
            fn add_assign(&mut self, other: Self) {
                $( self.$name += other.$name; )*
            }
        }
    };
}

counters! {
    /// PDUs that came, whole.
    pdus_in;
    /// PDUs that were queued to be sent.
    pdus_out;
    /// Requests of ours that were taken into the window.
    requests_out;
    /// Of those, answered by a response.
    answered;
    /// Of those, refused by generic_nack.
    nacked;
    /// Of those, not answered in time.
    timed_out;
    /// Of those, neither answered nor refused when the session ended, and written in part or whole: the peer may have
    /// them.
    maybe_delivered;
    /// Of those, ended with the session before an octet of them was written.
    not_written;
    /// Requests that the application got.
    requests_in;
    /// Of those, how many wait for our answer now: no counter, but what the others are to be read with.
    in_hand;
    /// Requests of the peer that were refused without the application: all that was forbidden, malformed, throttled.
    refused;
    /// Requests that the state forbade.
    forbidden;
    /// Binds of the peer that were judged and not accepted.
    refused_binds;
    /// Requests beyond [`Config::max_inbound`](crate::Config::max_inbound).
    throttled;
    /// Requests of the peer that nobody answered in time.
    unanswered;
    /// Requests of the peer that were still not answered when the session ended.
    abandoned;
    /// Responses and generic_nacks that nobody waited for.
    stray;
    /// Requests and notices that could not be read. Of a response no more is read here than its header.
    malformed;
    /// Requests and notices for which something was forgiven.
    forgiven;
    /// Commands that were unknown.
    unknown;
    /// enquire_links of the peer.
    enquire_links;
}
