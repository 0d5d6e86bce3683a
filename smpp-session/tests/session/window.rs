//! The window as its owner sees it, changes it, and sees its requests leave.

use crate::pair::{Answers, OK, Pair};
use crate::wire;
use smpp_pdu::{CommandId, CommandStatus, QuerySm};
use smpp_session::{Config, Outcome, RequestError, Written};
use std::time::Duration;

const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[test]
fn how_long_the_oldest_waits_and_what_it_is() {
    for response in [secs(30), Duration::MAX] {
        let mut config = Config::default();
        config.response = response;
        let mut pair = Pair::bound_with(config);
        pair.smsc.answers = Answers::Later;
        let window = pair.esme.session.window(pair.now);
        assert_eq!((window.capacity, window.in_flight, window.oldest), (10, 0, None));
        let query = pair.esme.request(pair.now, 0, &QuerySm::default()).unwrap();
        pair.pass(secs(4));
        let submit = pair.submit(1).unwrap();
        pair.pass(secs(4));
        pair.submit(2).unwrap();
        pair.pass(secs(4));
        let window = pair.esme.session.window(pair.now);
        let oldest = window.oldest.unwrap();
        assert_eq!((window.capacity, window.in_flight), (10, 3));
        assert_eq!(
            (oldest.command_id, oldest.sequence_number),
            (CommandId::QUERY_SM, query)
        );
        assert_eq!(oldest.age, secs(12));
        pair.smsc.answer(pair.now, CommandStatus::ESME_RQUERYFAIL);
        pair.settle();
        let oldest = pair.esme.session.window(pair.now).oldest.unwrap();
        assert_eq!(
            (oldest.command_id, oldest.sequence_number),
            (CommandId::SUBMIT_SM, submit)
        );
        assert_eq!(oldest.age, secs(8));
    }
}

#[test]
fn it_changes_while_running() {
    let mut pair = Pair::bound();
    pair.smsc.answers = Answers::Later;
    for context in 0..10 {
        pair.submit(context).unwrap();
    }
    // Smaller than what is in flight: nothing is lost, and nothing more is taken before enough of it has ended.
    pair.esme.session.set_window(5);
    let window = pair.esme.session.window(pair.now);
    assert_eq!((window.capacity, window.in_flight), (5, 10));
    assert_eq!(pair.esme.session.room(), 0);
    pair.settle();
    for left in (5..10).rev() {
        assert_eq!(pair.submit(10), Err(RequestError::WindowFull), "{left} left");
        pair.smsc.answer(pair.now, CommandStatus::ESME_ROK);
        pair.settle();
    }
    assert_eq!(pair.submit(10), Err(RequestError::WindowFull));
    pair.smsc.answer(pair.now, CommandStatus::ESME_ROK);
    pair.settle();
    assert_eq!(pair.esme.session.room(), 1);
    pair.esme.session.set_window(100);
    assert_eq!(pair.esme.session.room(), 96);
    for context in 10..106 {
        pair.submit(context).unwrap();
    }
    assert_eq!(pair.submit(106), Err(RequestError::WindowFull));
    pair.smsc.answers = Answers::AtOnce;
    pair.settle();
    while !pair.smsc.asked.is_empty() {
        pair.smsc.answer(pair.now, CommandStatus::ESME_ROK);
    }
    pair.settle();
    assert!(pair.esme.ends().into_iter().eq((0..106).map(|context| (context, OK))));
    pair.esme.session.set_window(0);
    assert_eq!(pair.submit(1), Err(RequestError::WindowFull));
}

/// Octet after octet leaves, and what is said of it agrees with how each would end here.
#[test]
fn what_has_left() {
    let len = wire::octets(1, &wire::submit("hello")).len();
    for takes in 0..=2 * len {
        let mut pair = Pair::bound();
        let began = pair.esme.session.octets_queued();
        assert_eq!(began, pair.esme.session.octets_written());
        let numbers = [0, 1].map(|context| pair.submit(context).unwrap());
        assert_eq!(pair.esme.session.octets_queued(), began + 2 * len as u64);
        pair.esme.takes = takes;
        pair.esme.transmit();
        assert_eq!(pair.esme.session.octets_written(), began + takes as u64);
        let said = numbers.map(|number| pair.esme.session.written(number).unwrap());
        let expected = [0, 1].map(|n| match takes.saturating_sub(n * len) {
            0 => Written::Nothing,
            some if some < len => Written::InPart,
            _ => Written::Whole,
        });
        assert_eq!(said, expected, "{takes} octets");
        pair.esme.eof();
        for ((_, end), said) in pair.esme.ends().into_iter().zip(said) {
            let nothing = matches!(end, Outcome::NotWritten(_));
            assert_eq!(nothing, said == Written::Nothing, "{takes} octets");
        }
    }
}

#[test]
fn of_no_request_that_waits_nothing_is_known() {
    let mut pair = Pair::bound();
    assert_eq!(pair.esme.session.written(0), None);
    let number = pair.submit(1).unwrap();
    assert_eq!(pair.esme.session.written(number + 8), None, "another in its place");
    assert_eq!(pair.esme.session.written(number), Some(Written::Nothing));
    pair.settle();
    assert_eq!(pair.esme.session.written(number), None);
    assert_eq!(pair.esme.session.octets_written(), pair.esme.session.octets_queued());
}
