//! What a driver says of its session to metrics and to the log: not for each message, but of what has come together.

use super::seldom::Seldom;
use crate::config::Role;
use crate::event::CloseReason;
use crate::metrics::{
    BINDS, CLOSED, CONNECTIONS, ENDED, FORGIVEN, IN_FLIGHT, OPENED, PDUS, REFUSED, RESPONSE, SESSIONS, STRAY, describe,
};
use crate::session::{Report, Session};
use crate::state::State;
use crate::stats::Stats;
use crate::tally::Rare;
use smpp_pdu::{CommandId, CommandStatus, DecodeError, Version};
use std::time::{Duration, Instant};

/// How long what was counted waits until it is published; and how long lines of one kind keep apart.
const INTERVAL: Duration = Duration::from_secs(5);

pub(crate) struct Meter {
    role: Role,
    /// When to publish. Nothing, if nothing has happened since the last time.
    due: Option<Instant>,
    /// What the session had counted the last time.
    published: Option<Box<Stats>>,
    in_flight: f64,
    /// What it is bound as.
    bound: Option<State>,
    was_bound: bool,
    throttled: u64,
    /// Nothing before the first line.
    lines: Option<Box<Lines>>,
}

/// The lines that a peer could have written as many of as it likes.
struct Lines {
    malformed: Seldom,
    throttled: Seldom,
    stray: Seldom,
}

impl Default for Lines {
    fn default() -> Self {
        let [malformed, throttled, stray] = [const { Seldom::new(1, INTERVAL) }; 3];
        Self {
            malformed,
            throttled,
            stray,
        }
    }
}

/// What there is to be told once the lock is gone.
pub(crate) struct News {
    report: Option<Report>,
    malformed: Option<DecodeError>,
    throttled: u64,
}

impl Meter {
    pub(crate) fn new(role: Role) -> Self {
        describe();
        OPENED.count([role.name()], 1);
        CONNECTIONS.change([role.name()], 1.0);
        Self {
            role,
            due: None,
            published: None,
            in_flight: 0.0,
            bound: None,
            was_bound: false,
            throttled: 0,
            lines: None,
        }
    }

    /// Something has happened.
    #[inline]
    pub(crate) fn arm(&mut self, now: Instant) {
        if self.due.is_none() {
            self.due = now.checked_add(INTERVAL);
        }
    }

    /// When there is something to publish.
    #[inline]
    pub(crate) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// What there is to tell. Most often it is nothing.
    #[inline]
    pub(crate) fn news<T>(&mut self, session: &mut Session<T>, now: Instant) -> Option<Box<News>> {
        let is_due = self.due.is_some_and(|due| due <= now);
        (is_due || session.has_news(self.throttled)).then(|| self.gather(session, is_due))
    }

    #[cold]
    fn gather<T>(&mut self, session: &mut Session<T>, is_due: bool) -> Box<News> {
        if is_due {
            self.due = None;
        }
        let throttled = session.stats().throttled;
        let since = throttled - self.throttled;
        self.throttled = throttled;
        Box::new(News {
            report: is_due.then(|| session.report()),
            malformed: session.take_malformed(),
            throttled: since,
        })
    }

    /// Not under the lock: the log and the metrics are others' code.
    #[cold]
    pub(crate) fn tell(&mut self, news: News, now: Instant) {
        if let Some(error) = news.malformed
            && let Some(left_out) = self.lines().malformed.admits(now)
        {
            let DecodeError {
                command,
                field,
                offset,
                kind,
                ..
            } = error;
            tracing::warn!(
                command = command_name(command),
                field,
                offset,
                ?kind,
                left_out,
                "malformed PDU"
            );
        }
        if news.throttled > 0
            && let Some(left_out) = self.lines().throttled.admits(now)
        {
            tracing::warn!(
                requests = news.throttled,
                left_out,
                "throttled: too many requests wait for their answer"
            );
        }
        if let Some(report) = news.report {
            self.publish(report);
        }
    }

    /// A response that nobody waits for.
    #[cold]
    pub(crate) fn stray(&mut self, command: CommandId, now: Instant) {
        if let Some(left_out) = self.lines().stray.admits(now) {
            tracing::info!(
                command = command_name(command),
                left_out,
                "late: an answer that nobody waits for"
            );
        }
    }

    /// The session was bound, or is no more.
    #[cold]
    pub(crate) fn state(&mut self, state: State, version: Version) {
        let role = self.role.name();
        if let Some(bound) = self.bound.take() {
            SESSIONS.change([role, kind(bound)], -1.0);
        }
        self.bound = state.is_bound().then_some(state);
        if let Some(kind) = self.bound.map(kind) {
            self.was_bound = true;
            SESSIONS.change([role, kind], 1.0);
            let span = tracing::Span::current();
            span.record("kind", kind)
                .record("version", tracing::field::debug(version));
            tracing::info!(kind, ?version, "bound");
        }
    }

    /// It is over, whatever has ended it.
    pub(crate) fn over(&mut self, report: Report, reason: CloseReason) {
        let (role, stats) = (self.role.name(), report.stats);
        self.publish(report);
        // A session that was not closed in order may leave something.
        IN_FLIGHT.change([role, "out"], -self.in_flight);
        IN_FLIGHT.change([role, "in"], -(stats.in_hand as f64));
        if let Some(bound) = self.bound.take() {
            SESSIONS.change([role, kind(bound)], -1.0);
        }
        CONNECTIONS.change([role], -1.0);
        CLOSED.count([role, reason.name()], 1);
        /// At one of two levels, which a macro must know: it exists because there are two.
        macro_rules! closed {
            ($level:ident) => {
                tracing::$level!(
                    reason = reason.name(),
                    pdus_in = stats.pdus_in,
                    pdus_out = stats.pdus_out,
                    timed_out = stats.timed_out,
                    unknown_fate = stats.maybe_delivered,
                    not_sent = stats.not_written,
                    unanswered = stats.unanswered + stats.abandoned,
                    malformed = stats.malformed,
                    throttled = stats.throttled,
                    late = stats.stray,
                    "closed"
                )
            };
        }
        match reason {
            CloseReason::LinkDead | CloseReason::WriteStalled | CloseReason::PduRead | CloseReason::Free(_) => {
                closed!(warn);
            }
            _ if self.was_bound => closed!(info),
            // A port scanner is not worth a line, nor is each of ten thousand.
            _ => closed!(debug),
        }
    }

    fn lines(&mut self) -> &mut Lines {
        self.lines.get_or_insert_default()
    }

    fn publish(&mut self, report: Report) {
        let role = self.role.name();
        let (now, before) = (report.stats, self.published.get_or_insert_default());
        let before = std::mem::replace(&mut **before, now);
        pdus([role, "in"], report.received, now.pdus_in - before.pdus_in);
        pdus([role, "out"], report.sent, now.pdus_out - before.pdus_out);
        ended(role, &before, &now, &report.rare);
        for (reason, count) in [
            ("forbidden", now.forbidden - before.forbidden),
            ("malformed", now.malformed - before.malformed),
            ("throttled", now.throttled - before.throttled),
            ("unknown", now.unknown - before.unknown),
        ] {
            REFUSED.count([role, reason], count);
        }
        FORGIVEN.count([role], now.forgiven - before.forgiven);
        STRAY.count([role], now.stray - before.stray);
        let in_flight = report.in_flight as f64;
        IN_FLIGHT.change([role, "out"], in_flight - self.in_flight);
        IN_FLIGHT.change([role, "in"], now.in_hand as f64 - before.in_hand as f64);
        self.in_flight = in_flight;
        RESPONSE.record([role], report.times.iter().map(Duration::as_secs_f64));
    }
}

/// What is none of those that are counted by their command is a response or a generic_nack.
fn pdus([role, direction]: [&'static str; 2], counted: Vec<(&'static str, u64)>, all: u64) {
    let mut responses = all;
    for (command, count) in counted {
        responses = responses.saturating_sub(count);
        PDUS.count([role, direction, command], count);
    }
    PDUS.count([role, direction, "response"], responses);
}

/// Of both directions, by what became of them.
fn ended(role: &'static str, before: &Stats, now: &Stats, rare: &[(Rare, u32)]) {
    let mut accepted = now.answered - before.answered;
    // What the application has answered, by whatever status.
    let served = |stats: &Stats| stats.requests_in - stats.in_hand - stats.unanswered - stats.abandoned;
    let mut served = served(now).saturating_sub(served(before));
    for &(rare, count) in rare {
        let count = u64::from(count);
        match rare {
            Rare::Answered(status) => {
                accepted = accepted.saturating_sub(count);
                ENDED.count([role, "out", "answered", status_name(status)], count);
            }
            Rare::Nacked(status) => ENDED.count([role, "out", "nacked", status_name(status)], count),
            Rare::Refused(status) => {
                served = served.saturating_sub(count);
                ENDED.count([role, "in", "answered", status_name(status)], count);
            }
            Rare::Bind(state, status) => BINDS.count([role, kind(state), status_name(status)], count),
        }
    }
    let ok = status_name(CommandStatus::ESME_ROK);
    for (direction, outcome, status, count) in [
        ("out", "answered", ok, accepted),
        ("out", "timed_out", "none", now.timed_out - before.timed_out),
        ("out", "not_written", "none", now.not_written - before.not_written),
        (
            "out",
            "maybe_delivered",
            "none",
            now.maybe_delivered - before.maybe_delivered,
        ),
        ("in", "answered", ok, served),
        ("in", "unanswered", "none", now.unanswered - before.unanswered),
        ("in", "abandoned", "none", now.abandoned - before.abandoned),
    ] {
        ENDED.count([role, direction, outcome, status], count);
    }
}

fn kind(state: State) -> &'static str {
    match state {
        State::BoundTx => "transmitter",
        State::BoundRx => "receiver",
        _ => "transceiver",
    }
}

fn command_name(command: CommandId) -> &'static str {
    command.name().unwrap_or("unknown")
}

/// One that stands for all without a name has none either.
fn status_name(status: CommandStatus) -> &'static str {
    status.name().unwrap_or("other")
}
