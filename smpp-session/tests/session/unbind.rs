use crate::pair::{Answers, OK, Pair};
use crate::wire;
use smpp_pdu::{CommandId, CommandStatus, Unbind};
use smpp_session::{CloseReason, Config, Event, Outcome, RequestError, RespondError, State};
use std::time::Duration;

#[test]
fn from_either_side() {
    for esme_asks in [true, false] {
        let mut pair = Pair::bound();
        let now = pair.now;
        let asks = if esme_asks { &mut pair.esme } else { &mut pair.smsc };
        asks.session.unbind(now);
        assert_eq!(asks.session.state(), State::Unbound);
        asks.session.unbind(now); // once is enough
        pair.settle();
        let unbound = Some(CloseReason::Unbound);
        assert_eq!((pair.esme.closed, pair.smsc.closed), (unbound, unbound));
        let (asks, agrees) = if esme_asks {
            (pair.esme, pair.smsc)
        } else {
            (pair.smsc, pair.esme)
        };
        assert_eq!(wire::read(&asks.sent).len(), 1);
        assert_eq!(
            wire::read(&agrees.sent),
            [(
                CommandId::UNBIND_RESP,
                CommandStatus::ESME_ROK,
                2 - u32::from(!esme_asks)
            )]
        );
        assert_eq!(agrees.states, [State::Unbound]);
    }
}

#[test]
fn at_once_from_both() {
    let mut pair = Pair::bound();
    pair.latency = Duration::from_millis(50);
    pair.esme.session.unbind(pair.now);
    pair.smsc.session.unbind(pair.now);
    pair.pass(Duration::from_secs(1));
    let unbound = Some(CloseReason::Unbound);
    assert_eq!((pair.esme.closed, pair.smsc.closed), (unbound, unbound));
}

/// No more requests from who has asked for the end; those of the other side are served until it agrees (R106).
#[test]
fn nothing_more_is_asked_but_answered() {
    let mut pair = Pair::bound();
    pair.latency = Duration::from_millis(50);
    pair.submit(1).unwrap();
    pair.esme.session.unbind(pair.now);
    pair.deliver(2).unwrap();
    let wrong = RequestError::WrongState(CommandId::SUBMIT_SM, State::Unbound);
    assert_eq!(pair.submit(3), Err(wrong));
    pair.pass(Duration::from_secs(1));
    assert_eq!(pair.esme.ends(), [(1, OK)]);
    assert_eq!(pair.smsc.ends(), [(2, OK)]);
    assert_eq!(pair.esme.closed, Some(CloseReason::Unbound));
}

#[test]
fn unanswered() {
    let mut pair = Pair::bound();
    pair.cut = true;
    pair.submit(1).unwrap();
    pair.settle();
    pair.esme.session.unbind(pair.now);
    pair.pass(Duration::from_secs(10));
    let gone = CloseReason::UnbindTimeout;
    assert_eq!(pair.esme.closed, Some(gone));
    assert_eq!(pair.esme.ends(), [(1, Outcome::MaybeDelivered(gone))]);
}

/// Whose fate the end leaves unknown: those that end with the session, and those whose time is up while it ends, whoever
/// has asked for that. Those whose time was up before have had their word.
#[test]
fn what_is_left_unknown() {
    for esme_asks in [true, false] {
        let mut config = Config::default();
        (config.response, config.drain) = (Duration::from_secs(5), Duration::from_secs(7));
        let mut pair = Pair::bound_with(config);
        pair.smsc.answers = Answers::Later;
        pair.submit(1).unwrap();
        pair.pass(Duration::from_secs(5));
        let timed_out = pair.submit(2).unwrap();
        pair.pass(Duration::from_secs(3));
        let cut_off = pair.submit(3).unwrap();
        pair.settle();
        assert!(pair.esme.session.unanswered().is_empty());
        if esme_asks {
            pair.cut = true;
            pair.esme.session.unbind(pair.now);
        } else {
            pair.esme.recv(pair.now, &wire::octets(9, &Unbind::default()));
        }
        pair.pass(Duration::from_secs(2));
        let numbers = |pair: &Pair| -> Vec<u32> {
            let left = pair.esme.session.unanswered().iter();
            left.map(|request| request.sequence_number).collect()
        };
        assert_eq!((numbers(&pair), pair.esme.closed), (vec![timed_out], None));
        pair.esme.eof();
        let gone = CloseReason::Unbound;
        assert_eq!(
            (numbers(&pair), pair.esme.closed),
            (vec![timed_out, cut_off], Some(gone))
        );
        let [first, second, third] = [Outcome::TimedOut, Outcome::TimedOut, Outcome::MaybeDelivered(gone)];
        assert_eq!(pair.esme.ends(), [(1, first), (2, second), (3, third)]);
    }
}

/// What handlers still work on is answered first, and then the unbind.
#[test]
fn with_handlers_at_work() {
    let mut pair = Pair::bound();
    pair.smsc.answers = Answers::Later;
    pair.submit(1).unwrap();
    pair.submit(2).unwrap();
    pair.esme.session.unbind(pair.now);
    pair.settle();
    assert_eq!(pair.smsc.session.state(), State::Unbound);
    // Nothing new is taken up meanwhile.
    pair.smsc.recv(pair.now, &wire::octets(99, &wire::submit("hello")));
    assert_eq!(
        wire::read(&pair.smsc.transmit()),
        [(CommandId::SUBMIT_SM_RESP, CommandStatus::ESME_RINVBNDSTS, 99)]
    );
    assert_eq!(
        pair.deliver(3),
        Err(RequestError::WrongState(CommandId::DELIVER_SM, State::Unbound))
    );
    pair.smsc.answer(pair.now, CommandStatus::ESME_ROK);
    pair.settle();
    assert_eq!(pair.esme.closed, None);
    pair.smsc.answer(pair.now, CommandStatus::ESME_RSYSERR);
    pair.settle();
    assert_eq!(
        pair.esme.ends(),
        [(1, OK), (2, Outcome::Answered(CommandStatus::ESME_RSYSERR))]
    );
    assert_eq!(pair.esme.closed, Some(CloseReason::Unbound));
}

#[test]
fn with_handlers_that_take_too_long() {
    let mut config = Config::default();
    config.drain = Duration::from_secs(20);
    let mut pair = Pair::of(config, Config::default());
    pair.bind();
    pair.smsc.answers = Answers::Later;
    pair.submit(1).unwrap();
    pair.esme.session.unbind(pair.now);
    pair.pass(Duration::from_millis(9_999));
    assert_eq!(pair.esme.closed, None);
    pair.pass(Duration::from_millis(1));
    let unbound = CloseReason::Unbound;
    assert_eq!(pair.esme.closed, Some(unbound));
    assert_eq!(pair.esme.ends(), [(1, Outcome::MaybeDelivered(unbound))]);
    let token = pair.smsc.asked.pop_front().unwrap();
    let late = pair.smsc.session.reject(token, CommandStatus::ESME_ROK);
    assert_eq!(late, Err(RespondError::Closed));
}

/// The peer's unbind crosses our requests: it still answers them (R106), so the agreement waits for that. Nothing is
/// lost.
#[test]
fn the_peer_asks_while_ours_are_on_their_way() {
    let mut pair = Pair::bound();
    pair.latency = Duration::from_millis(50);
    pair.submit(1).unwrap();
    pair.settle();
    pair.smsc.session.unbind(pair.now);
    pair.submit(2).unwrap();
    pair.pass(Duration::from_secs(1));
    assert_eq!(pair.esme.ends(), [(1, OK), (2, OK)]);
    let unbound = Some(CloseReason::Unbound);
    assert_eq!((pair.esme.closed, pair.smsc.closed), (unbound, unbound));
    assert_eq!(pair.now - pair.began, Duration::from_secs(1));
}

/// A peer that asks for the end and answers nothing more waits for our drain time, and no longer.
#[test]
fn the_peer_asks_and_answers_nothing_more() {
    let mut pair = Pair::bound();
    pair.smsc.answers = Answers::Later;
    pair.submit(1).unwrap();
    pair.settle();
    pair.esme.recv(pair.now, &wire::octets(7, &Unbind::default()));
    pair.pass(Duration::from_millis(9_999));
    assert_eq!(pair.esme.closed, None);
    pair.pass(Duration::from_millis(1));
    let unbound = CloseReason::Unbound;
    assert_eq!(pair.esme.closed, Some(unbound));
    assert_eq!(pair.esme.ends(), [(1, Outcome::MaybeDelivered(unbound))]);
    assert_eq!(
        wire::read(&pair.esme.sent).last(),
        Some(&(CommandId::UNBIND_RESP, CommandStatus::ESME_ROK, 7))
    );
}

/// Some close at once instead of answering: that is no error.
#[test]
fn the_peer_closes_at_once() {
    let mut pair = Pair::bound();
    pair.esme.session.unbind(pair.now);
    pair.settle();
    assert_eq!(pair.smsc.closed, Some(CloseReason::Unbound));
    let mut pair = Pair::bound();
    pair.esme.session.unbind(pair.now);
    pair.esme.transmit();
    pair.esme.eof();
    assert_eq!(pair.esme.closed, Some(CloseReason::Unbound));
}

#[test]
fn before_the_bind_it_is_a_close() {
    let mut pair = Pair::new(Config::default());
    pair.esme.session.unbind(pair.now);
    pair.esme.events();
    assert_eq!(pair.esme.closed, Some(CloseReason::Local));
}

/// A nack to unbind, or a status in its answer, does not keep a session alive.
#[test]
fn refused_is_unbound_too() {
    for (command, status) in [
        (CommandId::UNBIND_RESP, CommandStatus::ESME_RSYSERR),
        (CommandId::GENERIC_NACK, CommandStatus::ESME_RINVCMDID),
    ] {
        let mut pair = Pair::bound();
        pair.esme.session.unbind(pair.now);
        let sent = wire::read(&pair.esme.transmit());
        pair.esme.recv(pair.now, &wire::bare(command, status, sent[0].2));
        assert_eq!(pair.esme.closed, Some(CloseReason::Unbound));
    }
}

/// Two requests whose time is up while the peer waits for the end: both are answered, and then the unbind.
#[test]
fn what_nobody_has_answered_is_answered_before_the_end() {
    let mut pair = Pair::bound();
    pair.smsc.answers = Answers::Later;
    let now = pair.now;
    let two = [2, 3]
        .map(|number| wire::octets(number, &wire::submit("hello")))
        .concat();
    pair.smsc.recv(now, &two);
    pair.smsc
        .recv(now + Duration::from_secs(55), &wire::octets(4, &Unbind::default()));
    pair.smsc.sent.clear();
    pair.smsc.timeout(now + Duration::from_secs(60));
    assert_eq!(
        wire::read(&pair.smsc.transmit_all()),
        [
            (CommandId::SUBMIT_SM_RESP, CommandStatus::ESME_RSYSERR, 2),
            (CommandId::SUBMIT_SM_RESP, CommandStatus::ESME_RSYSERR, 3),
            (CommandId::UNBIND_RESP, CommandStatus::ESME_ROK, 4),
        ]
    );
    assert_eq!(pair.smsc.closed, Some(CloseReason::Unbound));
}

/// What is told comes in the order of the stream, however that is cut and whatever is pulled first.
#[test]
fn told_in_the_order_of_the_stream() {
    let mut pair = Pair::bound();
    pair.smsc.answers = Answers::Later;
    pair.smsc.recv(pair.now, &wire::octets(2, &wire::submit("hello")));
    let octets = [
        wire::octets(3, &Unbind::default()),
        wire::bare(CommandId::GENERIC_NACK, CommandStatus::ESME_ROK, 9),
    ]
    .concat();
    let mut rest = &octets[..];
    let mut told = Vec::new();
    while let Some(event) = pair.smsc.session.handle_bytes(pair.now, &mut rest) {
        told.push(event);
    }
    let stray = Event::Stray {
        command_id: CommandId::GENERIC_NACK,
        sequence_number: 9,
    };
    assert_eq!(told, [Event::State(State::Unbound), stray]);
}

/// Both have asked, and a handler does not end: the peer is not left without the answer to its unbind.
#[test]
fn at_once_from_both_with_handlers_that_take_too_long() {
    let mut pair = Pair::bound();
    pair.smsc.answers = Answers::Later;
    pair.smsc.recv(pair.now, &wire::octets(2, &wire::submit("hello")));
    pair.smsc.session.unbind(pair.now);
    pair.smsc
        .recv(pair.now + Duration::from_secs(1), &wire::octets(3, &Unbind::default()));
    pair.smsc.timeout(pair.now + Duration::from_secs(11));
    assert_eq!(pair.smsc.closed, Some(CloseReason::Unbound));
    assert_eq!(
        wire::read(&pair.smsc.transmit_all()).last(),
        Some(&(CommandId::UNBIND_RESP, CommandStatus::ESME_ROK, 3))
    );
}
