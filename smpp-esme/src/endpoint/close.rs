//! The end of an endpoint, or of a member, and what it leaves behind.

use super::core::{Core, Phase};
use super::member::Wind;
use super::state::{MemberId, MemberStatus, StopReason};
use smpp_session::driver::Closed;
use smpp_session::{CloseReason, Unanswered};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How a member ended, and what its bind has left behind.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct MemberClosed {
    /// Which.
    pub id: MemberId,
    /// Why it ended.
    pub why: StopReason,
    /// How its bind ended; `None` if it had none by then.
    pub reason: Option<CloseReason>,
    /// The requests whose fate is unknown, in no order: the SMSC may have them. Those are among them whose futures were
    /// dropped. Of binds that were lost before, the futures have told.
    pub unknown: Vec<Unanswered>,
}

impl MemberClosed {
    pub(crate) fn without_bind(id: MemberId, why: StopReason) -> Self {
        Self {
            id,
            why,
            reason: None,
            unknown: Vec::new(),
        }
    }
    pub(crate) fn with_bind(id: MemberId, why: StopReason, left: Closed) -> Self {
        Self {
            id,
            why,
            reason: Some(left.reason),
            unknown: left.unanswered,
        }
    }
}

/// Ends an endpoint: no request begins any more; those that have begun go on for `within` at most; then what waits is
/// not sent, and the binds end.
pub(crate) async fn shut(core: Arc<Core>, within: Duration) -> Vec<MemberClosed> {
    let now = Instant::now();
    let by = now.checked_add(within).unwrap_or(now + LONGEST);
    core.enter_phase(Phase::Closing);
    // Whether or not they all end: it is over.
    let _ = timeout_at(by, core.idle()).await;
    core.enter_phase(Phase::Over);
    core.wind(None, Wind { removed: false, by });
    let stopped = |member: &MemberStatus| member.stopped().is_some();
    // The sender is the core's, and so is there for as long.
    let _ = core
        .status
        .subscribe()
        .wait_for(|status| status.members.iter().all(stopped))
        .await;
    core.streams.end(true);
    core.closed()
}

/// As [`Config::drain`](crate::Config::drain) has it.
pub(crate) const DRAIN: Duration = Duration::from_secs(10);
/// In place of a time that no clock can hold.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);
