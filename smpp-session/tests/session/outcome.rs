//! How requests end: each once.

use crate::pair::{Answers, End, OK, Pair, Side};
use crate::wire;
use smpp_pdu::{CommandId, CommandStatus};
use smpp_session::{CloseReason, Config, Outcome, RequestError};
use std::time::Duration;

#[test]
fn two_thousand_without_reading() {
    let mut config = Config::default();
    config.window = 2000;
    config.max_inbound = 2000;
    config.max_unwritten_requests = usize::MAX;
    let mut pair = Pair::bound_with(config);
    for context in 0..2000 {
        pair.submit(context).unwrap();
    }
    pair.settle();
    let ends = pair.esme.ends();
    assert!(ends.into_iter().eq((0..2000).map(|context| (context, OK))));
    assert_eq!(pair.esme.session.in_flight(), 0);
    assert_eq!(wire::read(&pair.smsc.sent).len(), 2000);
}

#[test]
fn octet_by_octet() {
    let mut pair = Pair::new(Config::default());
    pair.chop = 1;
    pair.bind();
    for context in 0..10 {
        pair.submit(context).unwrap();
        pair.deliver(context).unwrap();
    }
    pair.settle();
    assert!(pair.esme.ends().into_iter().eq((0..10).map(|context| (context, OK))));
    assert!(pair.smsc.ends().into_iter().eq((0..10).map(|context| (context, OK))));
}

/// Answers in any order find their requests (R026).
#[test]
fn in_reverse_order() {
    let mut pair = Pair::bound();
    pair.smsc.answers = Answers::Later;
    for context in 0..5 {
        pair.submit(context).unwrap();
    }
    pair.settle();
    pair.smsc.asked.make_contiguous().reverse();
    for context in (0..5).rev() {
        pair.smsc.answer(pair.now, CommandStatus(100 + context));
        pair.settle();
        assert_eq!(
            pair.esme.ends(),
            [(context, Outcome::Answered(CommandStatus(100 + context)))]
        );
    }
}

#[test]
fn a_full_window_is_freed_by_answer_nack_and_time() {
    let mut config = Config::default();
    config.window = 3;
    let mut pair = Pair::bound_with(config);
    pair.smsc.answers = Answers::Later;
    let numbers: Vec<u32> = (0..3).map(|context| pair.submit(context).unwrap()).collect();
    assert_eq!(pair.submit(3), Err(RequestError::WindowFull));
    assert_eq!(pair.esme.session.room(), 0);
    pair.settle();

    pair.smsc.answer(pair.now, CommandStatus::ESME_RMSGQFUL);
    pair.settle();
    assert_eq!(pair.esme.session.room(), 1);
    let nack = wire::bare(CommandId::GENERIC_NACK, CommandStatus::ESME_RSYSERR, numbers[1]);
    pair.esme.recv(pair.now, &nack);
    assert_eq!(pair.esme.session.room(), 2);
    assert_eq!(
        pair.esme.ends(),
        [
            (0, Outcome::Answered(CommandStatus::ESME_RMSGQFUL)),
            (1, Outcome::Nacked(CommandStatus::ESME_RSYSERR))
        ]
    );
    pair.pass(Duration::from_secs(30));
    assert_eq!(pair.esme.ends(), [(2, Outcome::TimedOut)]);
    assert_eq!(pair.esme.session.room(), 3);

    // The answers that come too late are strays.
    pair.smsc.answer(pair.now, CommandStatus::ESME_ROK);
    pair.smsc.answer(pair.now, CommandStatus::ESME_ROK);
    pair.settle();
    assert_eq!(
        pair.esme.strays,
        [numbers[1], numbers[2]].map(|number| (CommandId::SUBMIT_SM_RESP, number))
    );
    pair.smsc.answers = Answers::AtOnce;
    pair.submit(4).unwrap();
    pair.settle();
    assert_eq!(pair.esme.ends(), [(4, OK)]);
}

/// Not a success, and not an end: the number is right and the command is not (R018).
#[test]
fn the_response_to_another_command() {
    let mut pair = Pair::bound();
    pair.smsc.answers = Answers::Later;
    let number = pair.submit(0).unwrap();
    pair.settle();
    let wrong = wire::bare(CommandId::DELIVER_SM_RESP, CommandStatus::ESME_ROK, number);
    pair.esme.recv(pair.now, &wrong);
    assert_eq!(pair.esme.strays, [(CommandId::DELIVER_SM_RESP, number)]);
    assert_eq!(pair.esme.ends(), []);
    pair.smsc.answer(pair.now, CommandStatus::ESME_ROK);
    pair.settle();
    assert_eq!(pair.esme.ends(), [(0, OK)]);
}

/// The peer takes exactly so many octets, and then the connection ends.
#[test]
fn written_or_not_to_the_octet() {
    let len = wire::octets(1, &wire::submit("hello")).len();
    for takes in 0..=3 * len {
        let mut pair = Pair::bound();
        for context in 0..3 {
            pair.submit(context).unwrap();
        }
        pair.esme.takes = takes;
        let sent = pair.esme.transmit();
        assert_eq!(sent.len(), takes);
        pair.submit(3).unwrap(); // not even taken
        pair.esme.eof();
        let gone = CloseReason::PeerClosed;
        let end = |context: usize| match takes > context * len {
            true => Outcome::MaybeDelivered(gone),
            false => Outcome::NotWritten(gone),
        };
        let expected: Vec<(u32, End)> = (0..4).map(|context| (context, end(context as usize))).collect();
        assert_eq!(pair.esme.ends(), expected, "{takes} octets");
        assert_eq!(pair.esme.closed, Some(gone));
        assert!(!pair.esme.session.has_transmit());
    }
}

/// What is called not written is not among the octets that follow, whatever the end.
fn never_after(mut side: Side, expected: &[(u32, End)]) {
    let before = side.sent.len();
    assert_eq!(side.ends(), expected);
    side.takes = usize::MAX;
    let rest = side.transmit_all();
    let whole = [&side.sent[..before], &rest].concat();
    let requests = wire::read(&whole)
        .into_iter()
        .filter(|(command, ..)| *command == CommandId::DELIVER_SM);
    let maybe = expected
        .iter()
        .filter(|(_, end)| matches!(end, Outcome::MaybeDelivered(_)));
    assert_eq!(requests.count(), maybe.count());
}

#[test]
fn not_written_stays_so_when_the_session_ends_in_order() {
    let gone = CloseReason::Unbound;
    for taken in 0..=4 {
        let mut pair = Pair::bound();
        // The peer reads nothing; some requests are in the transport's hands and some are not; answers stand between.
        pair.smsc.takes = 0;
        for context in 0..4 {
            pair.deliver(context).unwrap();
            pair.smsc
                .recv(pair.now, &wire::octets(100 + context, &wire::submit("hello")));
            if context + 1 == taken {
                pair.smsc.transmit();
            }
        }
        pair.smsc.recv(pair.now, &wire::octets(7, &smpp_pdu::Unbind::default()));
        // Our own requests are waited for, until their time is up.
        pair.smsc.timeout(pair.now + Duration::from_secs(10));
        assert_eq!(pair.smsc.closed, Some(gone));
        let end = |context: u32| match context < taken {
            true => (context, Outcome::MaybeDelivered(gone)),
            false => (context, Outcome::NotWritten(gone)),
        };
        never_after(pair.smsc, &[0, 1, 2, 3].map(end));
    }
}

/// The peer closes while our unbind is on its way: that is an end in order, but nothing is written after it.
#[test]
fn not_written_stays_so_when_the_peer_closes_on_our_unbind() {
    let len = wire::octets(1, &wire::deliver("hello")).len();
    for takes in [0, 1, len, len + 1] {
        let mut pair = Pair::bound();
        pair.deliver(0).unwrap();
        pair.deliver(1).unwrap();
        pair.smsc.takes = takes;
        pair.smsc.transmit();
        pair.deliver(2).unwrap();
        pair.smsc.session.unbind(pair.now);
        pair.smsc.eof();
        let gone = CloseReason::Unbound;
        assert_eq!(pair.smsc.closed, Some(gone));
        assert!(!pair.smsc.session.has_transmit());
        let end = |context: u32| match takes > context as usize * len {
            true => (context, Outcome::MaybeDelivered(gone)),
            false => (context, Outcome::NotWritten(gone)),
        };
        assert_eq!(pair.smsc.ends(), [0, 1, 2].map(end));
        // A transport that says late, or too often, what it took does no harm.
        pair.smsc.session.handle_written(10_000);
        assert_eq!(pair.smsc.session.room(), 10);
    }
}

#[test]
fn closed_by_this_side() {
    let mut pair = Pair::bound();
    pair.submit(0).unwrap();
    pair.settle();
    pair.smsc.answers = Answers::Later;
    pair.submit(1).unwrap();
    pair.settle();
    pair.submit(2).unwrap();
    pair.esme.session.close(CloseReason::Local);
    let gone = CloseReason::Local;
    assert_eq!(
        pair.esme.ends(),
        [
            (0, OK),
            (1, Outcome::MaybeDelivered(gone)),
            (2, Outcome::NotWritten(gone))
        ]
    );
    assert_eq!(pair.esme.transmit(), []);
    assert_eq!(pair.esme.session.poll_timeout(), None);
    assert_eq!(
        pair.submit(3),
        Err(RequestError::WrongState(
            CommandId::SUBMIT_SM,
            smpp_session::State::Closed
        ))
    );
    // A second end is none.
    pair.esme.session.close(CloseReason::LinkDead);
    pair.esme.eof();
}

/// A buffer that is handed in with something in it loses nothing, and sends nothing twice.
#[test]
fn transmit_into_a_buffer_that_is_not_empty() {
    let mut pair = Pair::bound();
    pair.submit(0).unwrap();
    let mut out = Vec::new();
    assert!(pair.esme.session.poll_transmit(&mut out));
    pair.submit(1).unwrap();
    assert!(pair.esme.session.poll_transmit(&mut out));
    assert!(!pair.esme.session.poll_transmit(&mut out));
    assert_eq!(wire::read(&out).len(), 2);
}
