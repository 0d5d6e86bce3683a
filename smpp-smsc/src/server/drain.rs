//! The end of a server.

use super::Server;
use smpp_session::Stats;

/// What a shutdown has come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Drained {
    /// Sessions that were bound when it began.
    pub sessions: usize,
    /// Requests of ESMEs that were answered since then, by whatever status.
    pub answered: u64,
    /// Requests of ESMEs that the application got and that were never answered: the ESME does not know what became of
    /// them, and may send them again.
    pub unanswered: u64,
    /// Requests of this side that were written, in part or whole, and neither answered nor refused since then: the ESME
    /// may have them. Who has pushed them was told so too.
    pub unknown: u64,
}

impl Server {
    /// Accepts nothing more, unbinds every session once what is in flight has ended, and waits for the last. A session
    /// has [`Config::drain`](crate::Config::drain) for what is in flight, as long again for its unbind to be answered,
    /// and five seconds to take its last PDU. Meanwhile what an ESME asks is still served. Returns what has become of it
    /// all; dropped before that, it goes on without anybody who waits.
    pub async fn shutdown(&self) -> Drained {
        self.0.phase.send_modify(|phase| phase.ending = true);
        let (before, sessions) = {
            let live = self.live();
            let bound = live.handles().filter(|handle| handle.state().is_bound()).count();
            (live.stats(), bound)
        };
        // Not under the lock: it wakes their tasks.
        let handles: Vec<_> = self.live().handles().cloned().collect();
        for handle in handles {
            handle.unbind();
        }
        let mut phase = self.0.phase.subscribe();
        // The sender lives in this server.
        let _ = phase
            .wait_for(|phase| phase.connections == 0 && phase.listeners == 0)
            .await;
        Drained::between(sessions, before, self.stats())
    }
}

impl Drained {
    fn between(sessions: usize, before: Stats, after: Stats) -> Self {
        let lost = |stats: &Stats| stats.abandoned + stats.unanswered;
        let answered = |stats: &Stats| stats.requests_in - stats.in_hand - lost(stats);
        let unknown = |stats: &Stats| stats.maybe_delivered + stats.timed_out;
        Self {
            sessions,
            answered: answered(&after) - answered(&before),
            unanswered: lost(&after) - lost(&before),
            unknown: unknown(&after) - unknown(&before),
        }
    }
}
