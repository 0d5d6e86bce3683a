//! What a peer does for free is counted, and has a bound.

use crate::pair::{Answers, Pair};
use crate::wire;
use smpp_pdu::{CommandId, CommandStatus};
use smpp_session::{CloseReason, Config, Free, FreeLimits, Outcome, State};
use std::time::Duration;

fn enquire_link() -> Vec<u8> {
    wire::bare(CommandId::ENQUIRE_LINK, CommandStatus::ESME_ROK, 7)
}

/// Its short_message ends before its sm_length says so.
fn torn() -> Vec<u8> {
    let mut octets = wire::octets(7, &wire::submit("hello"));
    octets.truncate(octets.len() - 1);
    octets[3] -= 1;
    octets
}

type Bound = fn(&mut FreeLimits) -> &mut u32;

/// One of each kind, where its bound stands, and how many answers it gets.
fn kinds() -> Vec<(Free, Vec<u8>, Bound, usize)> {
    let bare = |id| wire::bare(CommandId(id), CommandStatus::ESME_ROK, 7);
    let mut cut = wire::octets(7, &wire::submit("hello"));
    cut.truncate(24);
    cut[3] = 24;
    vec![
        (Free::EnquireLink, enquire_link(), |free| &mut free.enquire_link, 1),
        (Free::Unknown, bare(0x999), |free| &mut free.unknown, 1),
        (Free::Malformed, cut, |free| &mut free.malformed, 1),
        (Free::Forbidden, bare(5), |free| &mut free.forbidden, 1),
        (Free::Forgiven, torn(), |free| &mut free.forgiven, 1),
        (Free::Stray, bare(0x8000_0004), |free| &mut free.stray, 0),
    ]
}

#[test]
fn each_kind_has_its_own_bound() {
    for (kind, octets, bound, answers) in kinds() {
        let mut config = Config::default();
        *bound(&mut config.free) = 3;
        let mut pair = Pair::of(Config::default(), config);
        pair.bind();
        for (other, octets, ..) in kinds().into_iter().filter(|(other, ..)| *other != kind) {
            (0..10).for_each(|_| pair.smsc.recv(pair.now, &octets));
            assert_eq!(pair.smsc.closed, None, "{other} for {kind}");
        }
        pair.smsc.transmit_all();
        for _ in 0..3 {
            pair.smsc.recv(pair.now, &octets);
            assert_eq!(pair.smsc.closed, None, "{kind}");
            assert_eq!(wire::read(&pair.smsc.transmit_all()).len(), answers, "{kind}");
        }
        pair.smsc.recv(pair.now, &octets);
        assert_eq!(pair.smsc.closed, Some(CloseReason::Free(kind)));
        assert_eq!(pair.smsc.transmit_all(), [], "{kind}");
        let stats = pair.smsc.session.stats();
        let counted = match kind {
            Free::EnquireLink => stats.enquire_links,
            Free::Unknown => stats.unknown,
            Free::Malformed => stats.malformed,
            Free::Forbidden => stats.forbidden,
            Free::Forgiven => stats.forgiven,
            Free::Stray => stats.stray,
            other => panic!("{other}"),
        };
        assert_eq!(counted, 4, "{kind}");
    }
}

/// Who is told to come again may come again, unless the owner says otherwise.
#[test]
fn throttled_without_end_or_with_one() {
    for bound in [FreeLimits::NO_BOUND, 100] {
        let mut config = Config::default();
        config.max_inbound = 1;
        assert_eq!(config.free.throttled, FreeLimits::NO_BOUND);
        config.free.throttled = bound;
        let mut pair = Pair::of(Config::default(), config);
        pair.bind();
        pair.smsc.answers = Answers::Later;
        for number in 0..=20_000 {
            pair.smsc.recv(pair.now, &wire::octets(number, &wire::submit("hello")));
            pair.smsc.transmit_all();
        }
        let closed = (bound == 100).then_some(CloseReason::Free(Free::Throttled));
        assert_eq!(pair.smsc.closed, closed);
        let throttled = if closed.is_some() { 101 } else { 20_000 };
        assert_eq!(pair.smsc.session.stats().throttled, throttled);
    }
}

/// Who guesses passwords on one connection is rid of, and every guess is answered; so is one that nobody judged.
#[test]
fn passwords_are_not_tried_without_end() {
    let mut config = Config::default();
    config.session_init = Duration::MAX;
    config.answer = Duration::from_secs(1);
    let mut pair = Pair::of(Config::default(), config);
    pair.smsc.answers = Answers::Later;
    for number in 1..=11 {
        assert_eq!(pair.smsc.closed, None, "before bind {number}");
        pair.smsc.recv(pair.now, &wire::octets(number, &wire::transceiver()));
        let status = if number % 2 == 0 {
            pair.smsc.answer(pair.now, CommandStatus::ESME_RBINDFAIL);
            CommandStatus::ESME_RBINDFAIL
        } else {
            pair.now += Duration::from_secs(1);
            pair.smsc.timeout(pair.now);
            pair.smsc.asked.clear();
            CommandStatus::ESME_RSYSERR
        };
        let answer = (CommandId::BIND_TRANSCEIVER_RESP, status, number);
        assert_eq!(wire::read(&pair.smsc.transmit_all()), [answer]);
    }
    let reason = CloseReason::Free(Free::RefusedBind);
    assert_eq!(pair.smsc.closed, Some(reason));
    assert_eq!(pair.smsc.session.stats().refused_binds, 11);
    assert_eq!(reason.to_string(), "too many refused binds within a minute");
}

/// Ten a minute are allowed, minute for minute; and the last of them may still be right.
#[test]
fn who_binds_with_the_right_password_at_last_is_bound() {
    let mut config = Config::default();
    config.session_init = Duration::MAX;
    let mut pair = Pair::of(Config::default(), config);
    pair.smsc.answers = Answers::Later;
    for number in 1..=20 {
        pair.smsc.recv(pair.now, &wire::octets(number, &wire::transceiver()));
        pair.smsc.answer(pair.now, CommandStatus::ESME_RINVPASWD);
        pair.now += Duration::from_secs(6);
    }
    pair.smsc.recv(pair.now, &wire::octets(21, &wire::transceiver()));
    pair.smsc.answer(pair.now, CommandStatus::ESME_ROK);
    assert_eq!((pair.smsc.closed, pair.smsc.session.state()), (None, State::BoundTrx));
}

/// The defaults: 100 a second all through a minute; and after it another minute begins.
#[test]
fn a_lax_peer_is_not_closed_and_a_flood_is() {
    let mut pair = Pair::bound();
    for second in 0..180 {
        for _ in 0..100 {
            pair.smsc.recv(pair.now, &enquire_link());
        }
        pair.smsc.transmit_all();
        assert_eq!(pair.smsc.closed, None, "after {second} s");
        pair.now += Duration::from_secs(1);
    }
    for _ in 0..6000 {
        pair.smsc.recv(pair.now, &enquire_link());
        assert_eq!(pair.smsc.closed, None);
    }
    pair.smsc.recv(pair.now, &enquire_link());
    assert_eq!(pair.smsc.closed, Some(CloseReason::Free(Free::EnquireLink)));
}

/// A slow peer answers each request after its time is up: that is paid for.
#[test]
fn late_answers_are_paid_for_by_what_has_timed_out() {
    let mut config = Config::default();
    config.free.stray = 0;
    let mut pair = Pair::bound_with(config);
    pair.smsc.answers = Answers::Later;
    for round in 0..20 {
        pair.submit(round).unwrap();
        pair.pass(Duration::from_secs(31));
        assert_eq!(pair.esme.ends(), [(round, Outcome::TimedOut)]);
        pair.smsc.answer(pair.now, CommandStatus::ESME_ROK);
        pair.settle();
        assert_eq!(pair.esme.strays.len(), 1 + round as usize);
        assert_eq!(pair.esme.closed, None, "after {round} late answers");
    }
    // One more is not.
    let twice = wire::bare(CommandId::SUBMIT_SM_RESP, CommandStatus::ESME_ROK, 2);
    pair.esme.recv(pair.now, &twice);
    assert_eq!(pair.esme.closed, Some(CloseReason::Free(Free::Stray)));
}

/// An enquire_link of ours that the peer was alive without answering may be answered late, too.
#[test]
fn a_late_enquire_link_resp_is_paid_for() {
    let mut config = Config::default();
    config.free.stray = 0;
    let mut pair = Pair::bound_with(config);
    pair.cut = true;
    let mut numbers = Vec::new();
    for _ in 0..2 {
        pair.esme.sent.clear();
        pair.pass(Duration::from_secs(30));
        let probe = wire::read(&pair.esme.sent).pop().unwrap();
        assert_eq!(probe.0, CommandId::ENQUIRE_LINK);
        numbers.push(probe.2);
        pair.pass(Duration::from_secs(1));
        pair.esme.recv(pair.now, &wire::octets(1, &wire::deliver("alive")));
    }
    for number in numbers {
        let resp = wire::bare(CommandId::ENQUIRE_LINK_RESP, CommandStatus::ESME_ROK, number);
        pair.esme.recv(pair.now, &resp);
        assert_eq!(pair.esme.closed, None);
    }
}

/// What this side has accepted, and has said so, is not taken back with the end; what it asks is.
#[test]
fn answers_that_wait_are_still_written() {
    let mut config = Config::default();
    config.free.unknown = 0;
    let mut pair = Pair::of(Config::default(), config);
    pair.bind();
    let mut octets = wire::octets(8, &wire::submit("hello"));
    octets.extend(wire::bare(CommandId(0x999), CommandStatus::ESME_ROK, 9));
    octets.extend(wire::octets(10, &wire::submit("never read")));
    pair.deliver(1).unwrap();
    pair.smsc.recv(pair.now, &octets);
    let reason = CloseReason::Free(Free::Unknown);
    assert_eq!(pair.smsc.closed, Some(reason));
    assert_eq!(pair.smsc.ends(), [(1, Outcome::NotWritten(reason))]);
    assert_eq!(
        wire::read(&pair.smsc.transmit_all()),
        [(CommandId::SUBMIT_SM_RESP, CommandStatus::ESME_ROK, 8)]
    );
    assert_eq!(reason.to_string(), "too many unknown commands within a minute");
}

/// What is forgiven has no bound of its own: a peer that is lax is so in each of its messages.
#[test]
fn a_lax_peer_submits_as_fast_as_it_can() {
    let mut pair = Pair::bound();
    for _ in 0..10_000 {
        pair.smsc.recv(pair.now, &torn());
        pair.smsc.transmit_all();
    }
    let stats = pair.smsc.session.stats();
    assert_eq!((stats.forgiven, stats.requests_in), (10_000, 10_001));
    assert_eq!(pair.smsc.closed, None);
}
