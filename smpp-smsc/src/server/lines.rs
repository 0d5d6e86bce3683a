//! Lines of the log, and a counter, that strangers could have as many of as they make connections.

use smpp_session::driver::Seldom;
use smpp_session::metrics::{Metric, MetricKind};
use std::fmt;
use std::sync::{Mutex, Once, PoisonError};
use std::time::{Duration, Instant};

/// The metrics of a server, besides those of its sessions.
pub const METRICS: &[Metric] = &[TURNED_AWAY];

const TURNED_AWAY: Metric = Metric::new(
    MetricKind::Counter,
    "smpp_connections_turned_away_total",
    &["reason"],
    "Connections that a server has closed before a session began.",
);

/// So many of each kind.
const MOST: u32 = 20;
const PER: Duration = Duration::from_secs(10);

/// Why a connection has no session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TurnedAway {
    Ending,
    Full,
    Address,
    Proxy,
    #[cfg(feature = "tls")]
    Tls,
}

impl TurnedAway {
    const fn name(self) -> &'static str {
        match self {
            Self::Ending => "ending",
            Self::Full => "full",
            Self::Address => "address",
            Self::Proxy => "proxy",
            #[cfg(feature = "tls")]
            Self::Tls => "tls",
        }
    }
}

impl fmt::Display for TurnedAway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ending => "the server is ending",
            Self::Full => "too many connections",
            Self::Address => "too many connections from its address",
            Self::Proxy => "no header of the PROXY protocol, from where there must be one",
            #[cfg(feature = "tls")]
            Self::Tls => "no TLS",
        })
    }
}

/// How often there is a line of each kind.
#[derive(Debug)]
pub(super) struct Lines {
    turned_away: Mutex<Seldom>,
    strangers: Mutex<Seldom>,
}

impl Default for Lines {
    fn default() -> Self {
        let seldom = || Mutex::new(Seldom::new(MOST, PER));
        Self {
            turned_away: seldom(),
            strangers: seldom(),
        }
    }
}

impl Lines {
    /// Counts a connection that is turned away. If there is to be a line of it: how many were left out before.
    pub(super) fn turned_away(&self, why: TurnedAway) -> Option<u64> {
        static DESCRIBED: Once = Once::new();
        DESCRIBED.call_once(|| TURNED_AWAY.describe());
        TURNED_AWAY.count([why.name()], 1);
        admits(&self.turned_away)
    }

    /// The same, of one that was no SMPP.
    pub(super) fn strangers(&self) -> Option<u64> {
        admits(&self.strangers)
    }
}

fn admits(lines: &Mutex<Seldom>) -> Option<u64> {
    lines
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .admits(Instant::now())
}
