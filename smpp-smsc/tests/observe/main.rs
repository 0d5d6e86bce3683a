//! What can be seen of sessions from outside is what docs/observability.md says, and no word of what they are about.

mod recorder;
mod scene;

use recorder::Labelled;
use scene::{FLOOD, MESSAGE_ID, NUMBER, PASSWORD, SCENE, SYSTEM_ID, TEXT};
use smpp_pdu::{CommandId, CommandStatus};
use smpp_session::metrics::{METRICS, Metric, MetricKind};
use std::collections::{BTreeMap, BTreeSet};

const CHAPTER: &str = include_str!("../../../docs/observability.md");

/// The cells of the rows of the table under this heading: what stands in backticks.
fn table(heading: &str) -> Vec<Vec<Vec<String>>> {
    let section = CHAPTER.split("\n### ").find(|section| section.starts_with(heading));
    let section = section.unwrap_or_else(|| panic!("{heading}"));
    let section = section.split("\n## ").next().unwrap_or_default();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let quoted = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    rows.map(|row| row.trim_matches('|').split('|').map(quoted).collect())
        .collect()
}

/// All that there is, by the code's own tables.
fn of_the_code() -> Vec<&'static Metric> {
    METRICS.iter().chain(smpp_smsc::METRICS).collect()
}

fn recorded() -> Vec<(MetricKind, Labelled)> {
    let recorded = &SCENE.recorded;
    let counters = recorded.counters().into_keys().map(|key| (MetricKind::Counter, key));
    let gauges = recorded.gauges().into_keys().map(|key| (MetricKind::Gauge, key));
    let histograms = recorded
        .histograms()
        .into_keys()
        .map(|key| (MetricKind::Histogram, key));
    counters.chain(gauges).chain(histograms).collect()
}

#[test]
fn the_chapter_lists_the_metrics_of_the_code() {
    let mut listed = BTreeMap::new();
    for heading in ["Of every session", "Of a server"] {
        for row in table(heading) {
            listed.insert(row[0][0].clone(), row[2].clone());
        }
    }
    let labels = |metric: &Metric| {
        metric
            .labels
            .iter()
            .map(|label| (*label).to_owned())
            .collect::<Vec<_>>()
    };
    let ours: BTreeMap<_, _> = of_the_code()
        .into_iter()
        .map(|metric| (metric.name.to_owned(), labels(metric)))
        .collect();
    assert_eq!(listed, ours);
}

#[test]
fn each_of_them_appears_with_its_labels_and_no_other_does() {
    let seen: BTreeMap<_, _> = recorded()
        .into_iter()
        .map(|(kind, (name, labels))| {
            (
                name,
                (
                    kind as u8,
                    labels.into_iter().map(|(label, _)| label).collect::<Vec<_>>(),
                ),
            )
        })
        .collect();
    let expected = of_the_code().into_iter().map(|metric| {
        let labels: Vec<_> = metric.labels.iter().map(|label| (*label).to_owned()).collect();
        (metric.name.to_owned(), (metric.kind as u8, labels))
    });
    assert_eq!(seen, expected.collect());
    let described: BTreeSet<_> = SCENE.recorded.described().into_iter().collect();
    assert_eq!(
        described,
        of_the_code().into_iter().map(|metric| metric.name.to_owned()).collect()
    );
}

#[test]
fn a_label_has_no_value_that_the_chapter_does_not_know() {
    let mut values: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in table("Labels") {
        values
            .entry(row[0][0].clone())
            .or_default()
            .extend(row[1].iter().cloned());
    }
    values
        .get_mut("command")
        .unwrap()
        .extend(CommandId::NAMES.iter().map(|(_, name)| (*name).to_owned()));
    values
        .get_mut("status")
        .unwrap()
        .extend(CommandStatus::NAMES.iter().map(|(_, name)| (*name).to_owned()));
    for (_, (name, labels)) in recorded() {
        for (label, value) in labels {
            assert!(values[&label].contains(&value), "{name}: {label}={value}");
        }
    }
}

fn count(name: &str, labels: &[(&str, &str)]) -> u64 {
    let has = |of: &Labelled| {
        of.0 == name
            && labels
                .iter()
                .all(|label| of.1.iter().any(|(key, value)| (&**key, &**value) == *label))
    };
    SCENE
        .recorded
        .counters()
        .into_iter()
        .filter(|(key, _)| has(key))
        .map(|(_, count)| count)
        .sum()
}

#[test]
fn what_was_counted_is_what_has_happened() {
    let stats = SCENE.server;
    let pdus = |direction| count("smpp_pdus_total", &[("role", "smsc"), ("direction", direction)]);
    assert_eq!((pdus("in"), pdus("out")), (stats.pdus_in, stats.pdus_out));
    let ended = |labels: &[(&str, &str)]| count("smpp_requests_ended_total", labels);
    for (labels, expected) in [
        (
            &[("outcome", "answered"), ("status", "ESME_RMSGQFUL"), ("role", "esme")][..],
            1,
        ),
        (
            &[("outcome", "answered"), ("status", "ESME_RMSGQFUL"), ("role", "smsc")],
            1,
        ),
        (&[("outcome", "answered"), ("status", "other"), ("role", "esme")], 1),
        (&[("outcome", "timed_out"), ("role", "esme")], 2),
        (&[("outcome", "maybe_delivered"), ("role", "esme")], 1),
        (
            &[("outcome", "nacked"), ("status", "ESME_RSYSERR"), ("role", "smsc")],
            1,
        ),
        (&[("outcome", "unanswered"), ("role", "smsc")], stats.unanswered),
        (&[("outcome", "abandoned"), ("role", "smsc")], stats.abandoned),
        (&[("direction", "in"), ("role", "smsc")], stats.requests_in),
        (&[("direction", "out"), ("role", "smsc")], stats.requests_out),
    ] {
        assert_eq!(ended(labels), expected, "{labels:?}");
    }
    assert!(stats.unanswered > 0 && stats.abandoned > 0);
    let refused = |reason| count("smpp_requests_refused_total", &[("reason", reason)]);
    assert_eq!(
        ["forbidden", "malformed", "throttled", "unknown"].map(refused),
        [stats.forbidden, stats.malformed, stats.throttled, stats.unknown]
    );
    assert!(
        [stats.forbidden, stats.malformed, stats.throttled, stats.unknown]
            .iter()
            .all(|&count| count > 0)
    );
    assert_eq!(
        count("smpp_pdus_total", &[("command", "vendor"), ("direction", "in")]),
        1
    );
    assert_eq!(count("smpp_pdus_total", &[("command", "unknown")]), 1);
    let binds = |status| {
        count(
            "smpp_binds_total",
            &[("role", "smsc"), ("kind", "transceiver"), ("status", status)],
        )
    };
    assert_eq!((binds("ESME_ROK"), binds("ESME_RINVPASWD")), (2, 1));
    assert_eq!(
        count("smpp_connections_turned_away_total", &[("reason", "full")]),
        FLOOD
    );
    assert_eq!(count("smpp_connections_turned_away_total", &[("reason", "ending")]), 1);
    for role in ["esme", "smsc"] {
        let [opened, closed] =
            ["opened", "closed"].map(|what| count(&format!("smpp_connections_{what}_total"), &[("role", role)]));
        assert!(opened > 0);
        assert_eq!(opened, closed, "{role}");
    }
    assert_eq!(count("smpp_connections_closed_total", &[("reason", "framing")]), FLOOD);
}

#[test]
fn what_goes_up_has_come_down() {
    let gauges = SCENE.recorded.gauges();
    assert!(gauges.len() >= 5, "{gauges:?}");
    for (name, value) in gauges {
        assert_eq!(value, 0.0, "{name:?}");
    }
}

#[test]
fn answers_are_timed() {
    let times = SCENE.recorded.histograms();
    let all: Vec<_> = times.values().flatten().copied().collect();
    assert!(!all.is_empty());
    assert!(all.iter().all(|seconds| (0.0..=30.0).contains(seconds)), "{all:?}");
}

#[test]
fn the_log_says_what_has_happened() {
    for what in [
        "connected",
        "bound",
        "bind refused",
        "not bound",
        "malformed PDU",
        "throttled",
        "late: an answer that nobody waits for",
        "closed",
        "turned away: too many connections",
        "no SMPP: an HTTP request",
    ] {
        assert!(SCENE.log.contains(what), "{what}");
    }
    let closed = SCENE
        .log
        .lines()
        .find(|line| line.contains(" closed ") && line.contains("reason=\"unbound\""))
        .unwrap();
    for part in [
        "smpp{role=\"",
        "connection=",
        "kind=\"transceiver\"",
        "version=V34",
        "malformed=0",
    ] {
        assert!(closed.contains(part), "{part}: {closed}");
    }
    // Of all that a connection is about the span says whose it is, from its first line on.
    for what in [": connected", ": bound ", ": closed ", ": no SMPP: "] {
        for line in SCENE.log.lines().filter(|line| line.contains(what)) {
            assert!(line.contains("smpp{role=\""), "{line}");
        }
    }
    let malformed = SCENE.log.lines().find(|line| line.contains("malformed PDU")).unwrap();
    for part in ["command=\"submit_sm\"", "field=\"", "offset="] {
        assert!(malformed.contains(part), "{part}: {malformed}");
    }
}

#[test]
fn no_line_has_a_word_of_what_it_is_about() {
    for secret in [SYSTEM_ID, PASSWORD, NUMBER, TEXT, MESSAGE_ID, "meet", "GET"] {
        let line = SCENE.log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
        // Nor in numbers, as octets are shown by who is careless.
        let octets = format!("{:?}", secret.as_bytes());
        assert!(!SCENE.log.contains(octets.trim_matches(['[', ']'])), "{octets}");
    }
    for (_, (name, labels)) in recorded() {
        for text in labels.into_iter().map(|(_, value)| value).chain([name]) {
            for secret in [SYSTEM_ID, PASSWORD, NUMBER, TEXT, MESSAGE_ID] {
                assert!(!text.contains(secret), "{text}");
            }
        }
    }
}

/// Who comes in thousands has a few lines, and their number.
#[test]
fn a_flood_is_a_few_lines() {
    let lines = |what: &str| SCENE.log.lines().filter(|line| line.contains(what)).count();
    // Twenty in ten seconds of a clock that really goes.
    for what in ["turned away", "no SMPP"] {
        assert!((1..=400).contains(&lines(what)), "{} lines: {what}", lines(what));
    }
    // One in five seconds of a session's own.
    for what in ["malformed PDU", "throttled:"] {
        assert!((1..=2).contains(&lines(what)), "{} lines: {what}", lines(what));
    }
    // Those of whom there is no more to say than that they were there are not told of to who has not asked.
    let loud = |line: &&str| !line.contains("DEBUG") && !line.contains("TRACE");
    let told = SCENE.log.lines().filter(loud).count();
    assert!(told < 500, "{told} lines");
}
