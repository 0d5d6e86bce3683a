//! What an endpoint counts for a dashboard; [`smpp_session::metrics`] has what its sessions count.

use super::state::MemberState;
use smpp_session::BindRetry;
use smpp_session::metrics::{Metric, MetricKind};
use std::sync::Once;

/// The metrics as constants, and the list of them: it exists so that none is left out there.
macro_rules! metrics_of_endpoints {
    ($($id:ident: $kind:ident $name:literal $labels:expr, $what:literal;)*) => {
        $( pub(crate) const $id: Metric = Metric::new(MetricKind::$kind, $name, &$labels, $what); )*

        /// Those of every [`Endpoint`](crate::Endpoint).
        pub const ENDPOINT_METRICS: &[Metric] = &[$( $id, )*];
    };
}

metrics_of_endpoints! {
    MEMBERS: Gauge "smpp_endpoint_members" ["state"], "Members of endpoints, by where they stand.";
    CONNECTS: Counter "smpp_endpoint_connects_total" ["result"], "Tries of members to be bound, by how they ended.";
    LOST: Counter "smpp_endpoint_binds_lost_total" [], "Binds that were lost, and are made again.";
    RESENT: Counter "smpp_endpoint_resent_total" ["reason"],
        "Requests that went by another bind, or were sent again.";
    PACED: Counter "smpp_endpoint_paced_total" [], "Requests that waited for the pace.";
    THROTTLED: Counter "smpp_endpoint_throttled_total" [],
        "Answers to paced requests that say that the SMSC is asked too much.";
}

/// Once, and so for the recorder that is there when the first endpoint begins.
pub(crate) fn describe() {
    static DESCRIBED: Once = Once::new();
    DESCRIBED.call_once(|| ENDPOINT_METRICS.iter().for_each(Metric::describe));
}

/// A member stands elsewhere than before; `None` before it was one, and after.
pub(crate) fn moved(from: Option<&MemberState>, to: Option<&MemberState>) {
    let (from, to) = (from.map(MemberState::name), to.map(MemberState::name));
    if from != to {
        from.into_iter().for_each(|from| MEMBERS.change([from], -1.0));
        to.into_iter().for_each(|to| MEMBERS.change([to], 1.0));
    }
}

/// A try of a member to be bound has ended.
pub(crate) fn connected(failure: Option<BindRetry>) {
    let result = match failure {
        None => "bound",
        Some(BindRetry::Permanent) => "permanent",
        Some(BindRetry::Contended) => "contended",
        Some(BindRetry::OtherBindType) => "other_bind_type",
        Some(_) => "transient",
    };
    CONNECTS.count([result], 1);
}
