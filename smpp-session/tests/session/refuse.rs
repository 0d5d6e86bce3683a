//! What the application never sees: refused by the session itself.

use crate::pair::{Answers, OK, Pair, Side};
use crate::wire;
use smpp_pdu::{CommandId, CommandStatus};
use smpp_session::{CloseReason, Config, Outcome, Role};
use std::time::Instant;

fn smsc() -> (Side, Instant) {
    let now = Instant::now();
    (Side::new(Role::Smsc, Config::default(), now), now)
}

#[test]
fn submit_before_bind() {
    let (mut smsc, now) = smsc();
    smsc.recv(now, &wire::octets(7, &wire::submit("hello")));
    assert_eq!(
        wire::read(&smsc.transmit()),
        [(CommandId::SUBMIT_SM_RESP, CommandStatus::ESME_RINVBNDSTS, 7)]
    );
    assert_eq!(smsc.session.stats().refused, 1);
}

#[test]
fn deliver_to_a_transmitter() {
    let mut pair = Pair::new(Config::default());
    pair.esme.request(pair.now, 1, &wire::transmitter()).unwrap();
    pair.settle();
    pair.esme.recv(pair.now, &wire::octets(7, &wire::deliver("hello")));
    assert_eq!(
        wire::read(&pair.esme.transmit()),
        [(CommandId::DELIVER_SM_RESP, CommandStatus::ESME_RINVBNDSTS, 7)]
    );
}

#[test]
fn unknown_command() {
    let mut pair = Pair::bound();
    for id in [0x0a, 0x999, 0x0001_0201, 0x23] {
        pair.smsc
            .recv(pair.now, &wire::bare(CommandId(id), CommandStatus::ESME_ROK, 7));
        assert_eq!(
            wire::read(&pair.smsc.transmit()),
            [(CommandId::GENERIC_NACK, CommandStatus::ESME_RINVCMDID, 7)]
        );
    }
    assert_eq!(pair.smsc.session.stats().unknown, 4);
    pair.submit(1).unwrap();
    pair.settle();
    assert_eq!(pair.esme.ends(), [(1, OK)]);
}

/// A length that cannot be trusted ends the stream, and says so first (R004 to R007).
#[test]
fn bad_length() {
    for length in [0u32, 15, 128 * 1024 + 1, 0x7fff_ffff, 0x4745_5420] {
        let mut pair = Pair::bound();
        let mut octets = wire::bare(CommandId::ENQUIRE_LINK, CommandStatus::ESME_ROK, 7);
        octets[..4].copy_from_slice(&length.to_be_bytes());
        pair.smsc.recv(pair.now, &octets);
        assert_eq!(pair.smsc.closed, Some(CloseReason::Framing { command_length: length }));
        assert_eq!(
            wire::read(&pair.smsc.transmit()),
            [(CommandId::GENERIC_NACK, CommandStatus::ESME_RINVCMDLEN, 0)]
        );
        // Whatever comes after it.
        pair.smsc.recv(pair.now, &octets);
        assert_eq!(pair.smsc.transmit(), []);
    }
}

/// What the peer asked before it is answered; what we asked is not sent any more. The peer may have closed its side
/// meanwhile: the last word is still said.
#[test]
fn bad_length_behind_other_requests() {
    let mut pair = Pair::bound();
    pair.deliver(1).unwrap();
    let mut octets = wire::octets(7, &wire::submit("hello"));
    octets.extend([0; 16]);
    pair.smsc.recv(pair.now, &octets);
    pair.smsc.eof();
    assert_eq!(
        wire::read(&pair.smsc.transmit()),
        [
            (CommandId::SUBMIT_SM_RESP, CommandStatus::ESME_ROK, 7),
            (CommandId::GENERIC_NACK, CommandStatus::ESME_RINVCMDLEN, 0)
        ]
    );
    let reason = CloseReason::Framing { command_length: 0 };
    assert_eq!(pair.smsc.ends(), [(1, Outcome::NotWritten(reason))]);
}

#[test]
fn malformed_is_refused_by_its_own_response_and_the_session_goes_on() {
    let mut pair = Pair::bound();
    let mut octets = wire::octets(7, &wire::submit("hello"));
    octets.truncate(24);
    octets[3] = 24;
    pair.smsc.recv(pair.now, &octets);
    assert_eq!(
        wire::read(&pair.smsc.transmit()),
        [(CommandId::SUBMIT_SM_RESP, CommandStatus::ESME_RINVCMDLEN, 7)]
    );
    assert_eq!(pair.smsc.session.stats().malformed, 1);
    pair.submit(1).unwrap();
    pair.settle();
    assert_eq!(pair.esme.ends(), [(1, OK)]);
}

/// The peer's numbers are its own matter (R025, R030).
#[test]
fn strange_numbers_are_echoed() {
    let mut pair = Pair::bound();
    for number in [0, 0x8000_0001, u32::MAX] {
        let octets = wire::bare(CommandId::ENQUIRE_LINK, CommandStatus(5), number);
        pair.smsc.recv(pair.now, &octets);
        assert_eq!(
            wire::read(&pair.smsc.transmit()),
            [(CommandId::ENQUIRE_LINK_RESP, CommandStatus::ESME_ROK, number)]
        );
        pair.smsc.recv(pair.now, &wire::octets(number, &wire::submit("hello")));
        assert_eq!(
            wire::read(&pair.smsc.transmit()),
            [(CommandId::SUBMIT_SM_RESP, CommandStatus::ESME_ROK, number)]
        );
    }
}

/// Responses and nacks are never answered (R016).
#[test]
fn strays() {
    let mut pair = Pair::bound();
    for (command, number) in [
        (CommandId::SUBMIT_SM_RESP, 7),
        (CommandId::GENERIC_NACK, 0),
        (CommandId(0x8000_0999), 7),
        (CommandId::ENQUIRE_LINK_RESP, 7),
        (CommandId::UNBIND_RESP, 0),
    ] {
        pair.smsc
            .recv(pair.now, &wire::bare(command, CommandStatus::ESME_ROK, number));
        assert_eq!(pair.smsc.strays.pop(), Some((command, number)));
        assert_eq!(pair.smsc.transmit(), []);
    }
    assert_eq!(pair.smsc.session.stats().stray, 5);
    assert_eq!(pair.smsc.closed, None);
}

/// More than may wait is refused before it takes memory; what needs no memory is served all the same.
#[test]
fn too_many_at_once() {
    let mut config = Config::default();
    config.max_inbound = 3;
    let mut pair = Pair::of(Config::default(), config);
    pair.bind();
    pair.smsc.answers = Answers::Later;
    for context in 1..=5 {
        pair.submit(context).unwrap();
    }
    pair.settle();
    let throttled = Outcome::Answered(CommandStatus::ESME_RTHROTTLED);
    assert_eq!(pair.esme.ends(), [(4, throttled), (5, throttled)]);
    pair.smsc.recv(
        pair.now,
        &wire::bare(CommandId::ENQUIRE_LINK, CommandStatus::ESME_ROK, 99),
    );
    assert_eq!(
        wire::read(&pair.smsc.transmit()),
        [(CommandId::ENQUIRE_LINK_RESP, CommandStatus::ESME_ROK, 99)]
    );
    pair.smsc.answer(pair.now, CommandStatus::ESME_ROK);
    pair.submit(6).unwrap();
    pair.settle();
    assert_eq!(pair.smsc.asked.len(), 3);
}
