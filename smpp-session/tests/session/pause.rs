//! Reading that pauses, instead of refusing what has no place.

use crate::pair::{Answers, OK, Pair};
use crate::wire;
use smpp_pdu::{CommandId, CommandStatus};
use smpp_session::{CloseReason, Config, Event, Overload, Role, Session};
use std::time::Duration;

const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// The SMSC has two places, and its application answers when it is told to.
fn pair() -> Pair {
    let mut config = Config::default();
    config.max_inbound = 2;
    config.overload = Overload::Pause;
    config.answer = secs(3600);
    let mut patient = Config::default();
    patient.response = secs(7200);
    patient.enquire_link_response = secs(7200);
    let mut pair = Pair::of(patient, config);
    pair.bind();
    pair.smsc.answers = Answers::Later;
    pair
}

#[test]
fn nothing_is_refused_and_everything_is_answered() {
    for chop in [1, 7, usize::MAX] {
        let mut pair = pair();
        pair.chop = chop;
        for context in 0..10 {
            pair.submit(context).unwrap();
        }
        pair.settle();
        for answered in 0..10 {
            assert_eq!(pair.smsc.session.is_paused(), answered < 8);
            assert_eq!(pair.smsc.asked.len(), 2.min(10 - answered));
            pair.smsc.answer(pair.now, CommandStatus::ESME_ROK);
            pair.settle();
        }
        assert!(pair.esme.ends().into_iter().eq((0..10).map(|context| (context, OK))));
        let stats = pair.smsc.session.stats();
        assert_eq!((stats.throttled, stats.refused), (0, 0));
        // A PDU that had to wait came once.
        assert_eq!((stats.requests_in, stats.pdus_in), (11, 11));
    }
}

/// Reading stops at a request that has no place, and not before it.
#[test]
fn what_stands_before_it_is_still_served() {
    let mut pair = pair();
    pair.deliver(5).unwrap();
    pair.smsc.transmit_all();
    let mut octets = Vec::new();
    for number in 1..=2 {
        octets.extend(wire::octets(number, &wire::submit("hello")));
    }
    octets.extend(wire::bare(CommandId::ENQUIRE_LINK, CommandStatus::ESME_ROK, 3));
    octets.extend(wire::bare(CommandId::DELIVER_SM_RESP, CommandStatus::ESME_ROK, 1));
    octets.extend(wire::octets(4, &wire::submit("no place")));
    octets.extend(wire::bare(CommandId::ENQUIRE_LINK, CommandStatus::ESME_ROK, 5));
    pair.smsc.recv(pair.now, &octets);
    assert_eq!(pair.smsc.ends(), [(5, OK)]);
    let told = wire::read(&pair.smsc.transmit_all());
    assert_eq!(told, [(CommandId::ENQUIRE_LINK_RESP, CommandStatus::ESME_ROK, 3)]);
    assert!(pair.smsc.session.is_paused());
    pair.smsc.answer(pair.now, CommandStatus::ESME_ROK);
    let told = wire::read(&pair.smsc.transmit_all());
    assert_eq!(told.last().unwrap().2, 5);
    assert_eq!(pair.smsc.asked.len(), 2);
    assert!(!pair.smsc.session.is_paused(), "nothing more waits to be read");
}

/// What is not read is not heard: the keep-alive waits, and goes on from when reading does.
#[test]
fn nobody_is_blamed_for_silence_meanwhile() {
    let mut pair = pair();
    pair.cut = true;
    for number in 1..=3 {
        pair.smsc.recv(pair.now, &wire::octets(number, &wire::submit("hello")));
    }
    pair.smsc.recv(pair.now, &[0, 0, 0]); // the beginning of another
    for _ in 0..100 {
        pair.pass(secs(9));
        assert_eq!(pair.smsc.closed, None, "{:?}", pair.now - pair.began);
    }
    pair.smsc.answer(pair.now, CommandStatus::ESME_ROK);
    assert!(!pair.smsc.session.is_paused());
    pair.pass(secs(10) - Duration::from_millis(1));
    assert_eq!(pair.smsc.closed, None);
    pair.pass(Duration::from_millis(1));
    assert_eq!(pair.smsc.closed, Some(CloseReason::PduRead));
}

#[test]
fn a_dead_link_is_found_after_it() {
    let mut pair = pair();
    pair.cut = true;
    for number in 1..=3 {
        pair.smsc.recv(pair.now, &wire::octets(number, &wire::submit("hello")));
    }
    pair.pass(secs(1000));
    pair.smsc.answer(pair.now, CommandStatus::ESME_ROK);
    pair.pass(secs(39));
    assert_eq!(pair.smsc.closed, None);
    pair.pass(secs(1));
    assert_eq!(pair.smsc.closed, Some(CloseReason::LinkDead));
}

/// The answer frees a place, and the clock moves before anything was read: still nobody is blamed.
#[test]
fn between_the_answer_and_the_next_read() {
    let mut pair = pair();
    let session = &mut pair.smsc.session;
    let mut octets = Vec::new();
    for number in 1..=3 {
        octets.extend(wire::octets(number, &wire::submit("hello")));
    }
    // Probed, and the answer would stand behind what is not read.
    pair.now += secs(30);
    session.handle_timeout(pair.now);
    let (mut input, mut tokens) = (&octets[..], Vec::new());
    while let Some(Event::Request(received)) = session.handle_bytes(pair.now, &mut input) {
        tokens.push(received.token);
    }
    assert_eq!((tokens.len(), input.len()), (2, octets.len() / 3));
    session
        .reject(tokens.pop().unwrap(), CommandStatus::ESME_RSYSERR)
        .unwrap();
    pair.now += secs(60);
    session.handle_timeout(pair.now);
    assert!(session.poll_event().is_none());
    let event = session.handle_bytes(pair.now, &mut input);
    assert!(matches!(event, Some(Event::Request(_))), "{event:?}");
}

/// The same where it was paused by a peer that did not take its answers: the time of its taking them is not known before
/// the next that is told.
#[test]
fn between_the_writing_and_the_next_read() {
    let mut config = Config::default();
    config.max_unwritten = 100;
    let mut pair = Pair::of(Config::default(), config);
    pair.bind();
    pair.cut = true;
    pair.smsc.takes = 0;
    pair.now += secs(30);
    pair.smsc.timeout(pair.now); // probed
    for number in 1..=10 {
        pair.smsc.recv(pair.now, &wire::octets(number, &wire::submit("hello")));
    }
    assert!(pair.smsc.session.is_paused());
    pair.now += secs(20);
    pair.smsc.takes = usize::MAX;
    pair.smsc.transmit_all();
    pair.smsc.timeout(pair.now);
    assert_eq!(pair.smsc.closed, None);
    // And once nothing more is to be read, silence is silence.
    pair.smsc.recv(pair.now, &[]);
    pair.smsc.transmit_all();
    pair.pass(secs(41));
    assert_eq!(pair.smsc.closed, Some(CloseReason::LinkDead));
}

/// A place is freed by time, too.
#[test]
fn a_forgotten_request_does_not_stop_the_reading_for_ever() {
    let mut pair = pair();
    let mut config = Config::default();
    config.max_inbound = 1;
    config.overload = Overload::Pause;
    pair.smsc.session = Session::new(Role::Smsc, config, pair.now);
    pair.smsc.recv(pair.now, &wire::octets(1, &wire::transceiver()));
    pair.smsc.answer(pair.now, CommandStatus::ESME_ROK);
    pair.smsc.transmit_all();
    for number in 2..=3 {
        pair.smsc.recv(pair.now, &wire::octets(number, &wire::submit("hello")));
    }
    assert!(pair.smsc.session.is_paused());
    pair.now += secs(60);
    pair.smsc.timeout(pair.now);
    assert!(!pair.smsc.session.is_paused());
    pair.smsc.recv(pair.now, &[]);
    assert_eq!(pair.smsc.asked.len(), 2, "the second has come");
    let told = wire::read(&pair.smsc.transmit_all());
    assert_eq!(told, [(CommandId::SUBMIT_SM_RESP, CommandStatus::ESME_RSYSERR, 2)]);
}

/// Where no answer could ever end the pause there is none.
#[test]
fn without_any_place_there_is_no_pause() {
    let mut pair = pair();
    let mut config = Config::default();
    config.max_inbound = 0;
    config.overload = Overload::Pause;
    pair.smsc.session = Session::new(Role::Smsc, config, pair.now);
    pair.smsc.recv(pair.now, &wire::octets(1, &wire::transceiver()));
    let told = wire::read(&pair.smsc.transmit_all());
    let throttled = CommandStatus::ESME_RTHROTTLED;
    assert_eq!(told, [(CommandId::BIND_TRANSCEIVER_RESP, throttled, 1)]);
    assert!(!pair.smsc.session.is_paused());
}
