//! What is counted for a dashboard, by the [`metrics`](https://docs.rs/metrics) facade.
//!
//! A program that wants it installs a recorder **before** its first connection; without one nothing comes of it.
//! [`METRICS`] are those of every session. The value of a label is one of a few that this workspace knows: never what a
//! peer has sent, and so no number, no name of an account, and no text.

use metrics::Label;
use std::sync::Once;

/// One metric: declared once, so that its name and labels are the same wherever it is used, and wherever it is described.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metric {
    /// `smpp_…`; counters end in `_total`.
    pub name: &'static str,
    /// What kind it is.
    pub kind: MetricKind,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// What it says.
    pub what: &'static str,
}

/// Kinds of metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MetricKind {
    /// Goes up.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Many values, of which one wants to know the quantiles.
    Histogram,
}

impl Metric {
    /// Declares one.
    pub const fn new(
        kind: MetricKind,
        name: &'static str,
        labels: &'static [&'static str],
        what: &'static str,
    ) -> Self {
        Self {
            name,
            kind,
            labels,
            what,
        }
    }

    /// Counts up a counter, with a value for each label, in the order of [`Self::labels`].
    pub fn count<const N: usize>(&self, values: [&'static str; N], by: u64) {
        if by > 0 {
            metrics::counter!(self.name, self.with(values)).increment(by);
        }
    }

    /// Moves a gauge, up or down.
    pub fn change<const N: usize>(&self, values: [&'static str; N], by: f64) {
        if by != 0.0 {
            metrics::gauge!(self.name, self.with(values)).increment(by);
        }
    }

    /// Adds values to a histogram.
    pub fn record<const N: usize>(&self, values: [&'static str; N], all: impl IntoIterator<Item = f64>) {
        let mut all = all.into_iter().peekable();
        if all.peek().is_some() {
            let histogram = metrics::histogram!(self.name, self.with(values));
            all.for_each(|value| histogram.record(value));
        }
    }

    fn with<const N: usize>(&self, values: [&'static str; N]) -> Vec<Label> {
        debug_assert_eq!(self.labels.len(), N, "{}", self.name);
        let labels = self.labels.iter().zip(values);
        labels
            .map(|(name, value)| Label::from_static_parts(name, value))
            .collect()
    }

    /// Tells the recorder what it is about.
    pub fn describe(&self) {
        match self.kind {
            MetricKind::Counter => metrics::describe_counter!(self.name, self.what),
            MetricKind::Gauge => metrics::describe_gauge!(self.name, self.what),
            MetricKind::Histogram => metrics::describe_histogram!(self.name, self.what),
        }
    }
}

/// The metrics as constants, and the list of them: it exists so that none is left out there.
macro_rules! metrics_of_sessions {
    ($($id:ident: $kind:ident $name:literal $labels:expr, $what:literal;)*) => {
        $( pub(crate) const $id: Metric = Metric::new(MetricKind::$kind, $name, &$labels, $what); )*

        /// Those of every session, on either side.
        pub const METRICS: &[Metric] = &[$( $id, )*];
    };
}

metrics_of_sessions! {
    PDUS: Counter "smpp_pdus_total" ["role", "direction", "command"], "PDUs that came, or were queued to be sent.";
    ENDED: Counter "smpp_requests_ended_total" ["role", "direction", "outcome", "status"],
        "Requests that ended: out, ours; in, those of the peer that the application got.";
    REFUSED: Counter "smpp_requests_refused_total" ["role", "reason"],
        "Requests of the peer that the application did not get.";
    FORGIVEN: Counter "smpp_requests_forgiven_total" ["role"], "Requests of the peer that were read with leniency.";
    STRAY: Counter "smpp_stray_responses_total" ["role"], "Responses that nobody waited for: late, twice, or made up.";
    BINDS: Counter "smpp_binds_total" ["role", "kind", "status"], "Binds that were answered.";
    OPENED: Counter "smpp_connections_opened_total" ["role"], "Connections that began.";
    CLOSED: Counter "smpp_connections_closed_total" ["role", "reason"], "Connections that ended.";
    CONNECTIONS: Gauge "smpp_connections" ["role"], "Connections that there are, bound or not.";
    SESSIONS: Gauge "smpp_sessions" ["role", "kind"], "Sessions that are bound.";
    IN_FLIGHT: Gauge "smpp_requests_in_flight" ["role", "direction"],
        "Requests that wait for their answer: out, ours; in, those of the peer.";
    RESPONSE: Histogram "smpp_response_seconds" ["role"],
        "How long answers to our requests took: of all while they are few, of one in sixteen while they are many.";
}

/// Once, and so for the recorder that is there when the first connection begins.
pub(crate) fn describe() {
    static DESCRIBED: Once = Once::new();
    DESCRIBED.call_once(|| METRICS.iter().for_each(Metric::describe));
}
