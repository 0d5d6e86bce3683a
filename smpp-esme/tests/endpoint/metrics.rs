//! What an endpoint counts.

use crate::fake::esme;
use crate::{Smsc, accept, all_bound, submits, submitted, within};
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use smpp_esme::pdu::CommandStatus;
use smpp_esme::{ENDPOINT_METRICS, Endpoint, Pace, RetryPolicy};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Counters and gauges, by name and label.
#[derive(Default)]
struct Seen(Mutex<BTreeMap<String, Arc<AtomicU64>>>);

impl Seen {
    fn of(&self, key: &Key) -> Arc<AtomicU64> {
        let labels = key.labels().map(|label| format!(" {}", label.value()));
        let name = labels.fold(key.name().to_owned(), |name, label| name + &label);
        self.0.lock().unwrap().entry(name).or_default().clone()
    }
    fn count(&self, name: &str) -> u64 {
        let seen = self.0.lock().unwrap();
        seen.get(name).map_or(0, |count| count.load(Ordering::Relaxed))
    }
    fn gauge(&self, name: &str) -> f64 {
        f64::from_bits(self.count(name))
    }
}

impl Recorder for Seen {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.of(key))
    }
    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.of(key))
    }
    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

#[test]
fn members_tries_and_what_is_sent_again() {
    let seen = Seen::default();
    metrics::with_local_recorder(&seen, || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build();
        runtime.unwrap().block_on(scene(&seen));
    });
    for state in ["connecting", "bound", "draining", "stopped"] {
        let members = seen.gauge(&format!("smpp_endpoint_members {state}"));
        assert_eq!(members, 0.0, "{state}, when the endpoint is gone");
    }
}

async fn scene(seen: &Seen) {
    let mut smsc = Smsc::reached_by(esme().window(1));
    smsc.is_dead(1);
    let builder = Endpoint::builder().member(smsc.line()).pace(Pace::per_second(1));
    let (endpoint, _inbound) = builder.retry(RetryPolicy::default()).start().await;
    assert_eq!(seen.gauge("smpp_endpoint_members connecting"), 1.0);
    smsc.refuse(CommandStatus::ESME_RALYBND).await;
    let mut centre = smsc.bound().await;
    all_bound(&endpoint, 1).await;
    assert_eq!(seen.gauge("smpp_endpoint_members bound"), 1.0);

    let first = submits(&endpoint, "");
    submitted(&mut centre)
        .await
        .1
        .reject(CommandStatus::ESME_RTHROTTLED)
        .unwrap();
    let (_, responder) = submitted(&mut centre).await;
    accept(responder);
    assert!(within(20, first).await.unwrap().is_ok());

    // The second has its place in the window while the bind is lost, and no answer; the third no place yet.
    let second = submits(&endpoint, "");
    let _asked = submitted(&mut centre).await;
    centre.vanish().await;
    assert!(within(20, second).await.unwrap().is_err());
    let _centre = smsc.bound().await;
    all_bound(&endpoint, 1).await;
    for (name, count) in [
        ("smpp_endpoint_connects_total transient", 1),
        ("smpp_endpoint_connects_total contended", 1),
        ("smpp_endpoint_connects_total bound", 2),
        ("smpp_endpoint_binds_lost_total", 1),
        ("smpp_endpoint_resent_total throttled", 1),
        ("smpp_endpoint_throttled_total", 1),
    ] {
        assert_eq!(seen.count(name), count, "{name}");
    }
    assert!(seen.count("smpp_endpoint_paced_total") >= 1);
    within(60, endpoint.close(Duration::ZERO)).await;
    assert_eq!(seen.gauge("smpp_endpoint_members stopped"), 1.0);
}

#[test]
fn each_of_them_stands_in_the_book() {
    let book = include_str!("../../../docs/observability.md");
    for metric in ENDPOINT_METRICS {
        let row = book
            .lines()
            .find(|row| row.starts_with(&format!("| `{}` |", metric.name)));
        let row = row.unwrap_or_else(|| panic!("{} is not there", metric.name));
        let labels = metric.labels.iter().all(|label| row.contains(&format!("`{label}`")));
        assert!(
            labels && row.contains(&format!("{:?}", metric.kind).to_lowercase()),
            "{row}"
        );
    }
}
