//! What is counted, kept to be looked at.

use metrics::{Counter, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// Name and labels, and what there is of it.
#[derive(Clone, Default)]
pub(crate) struct Recorded(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    counters: BTreeMap<Labelled, Arc<AtomicU64>>,
    gauges: BTreeMap<Labelled, Arc<AtomicU64>>,
    histograms: BTreeMap<Labelled, Arc<Values>>,
    described: Vec<String>,
}

pub(crate) type Labelled = (String, Vec<(String, String)>);

#[derive(Default)]
struct Values(Mutex<Vec<f64>>);

impl HistogramFn for Values {
    fn record(&self, value: f64) {
        self.0.lock().unwrap().push(value);
    }
}

fn labelled(key: &Key) -> Labelled {
    let labels = key
        .labels()
        .map(|label| (label.key().to_owned(), label.value().to_owned()));
    (key.name().to_owned(), labels.collect())
}

impl Recorder for Recorded {
    fn describe_counter(&self, name: KeyName, _: Option<Unit>, _: SharedString) {
        self.0.lock().unwrap().described.push(name.as_str().to_owned());
    }
    fn describe_gauge(&self, name: KeyName, _: Option<Unit>, _: SharedString) {
        self.0.lock().unwrap().described.push(name.as_str().to_owned());
    }
    fn describe_histogram(&self, name: KeyName, _: Option<Unit>, _: SharedString) {
        self.0.lock().unwrap().described.push(name.as_str().to_owned());
    }
    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(
            self.0
                .lock()
                .unwrap()
                .counters
                .entry(labelled(key))
                .or_default()
                .clone(),
        )
    }
    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.0.lock().unwrap().gauges.entry(labelled(key)).or_default().clone())
    }
    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(
            self.0
                .lock()
                .unwrap()
                .histograms
                .entry(labelled(key))
                .or_default()
                .clone(),
        )
    }
}

impl Recorded {
    pub(crate) fn counters(&self) -> BTreeMap<Labelled, u64> {
        let inner = self.0.lock().unwrap();
        inner
            .counters
            .iter()
            .map(|(key, count)| (key.clone(), count.load(Ordering::SeqCst)))
            .collect()
    }
    pub(crate) fn gauges(&self) -> BTreeMap<Labelled, f64> {
        let inner = self.0.lock().unwrap();
        inner
            .gauges
            .iter()
            .map(|(key, bits)| (key.clone(), f64::from_bits(bits.load(Ordering::SeqCst))))
            .collect()
    }
    pub(crate) fn histograms(&self) -> BTreeMap<Labelled, Vec<f64>> {
        let inner = self.0.lock().unwrap();
        inner
            .histograms
            .iter()
            .map(|(key, values)| (key.clone(), values.0.lock().unwrap().clone()))
            .collect()
    }
    pub(crate) fn described(&self) -> Vec<String> {
        self.0.lock().unwrap().described.clone()
    }
}
