//! Sessions of which nobody makes use.

use crate::pair::{Answers, OK, Pair};
use crate::wire;
use smpp_pdu::{AlertNotification, CommandId, CommandStatus};
use smpp_session::{CloseReason, Config, Outcome, State};
use std::time::Duration;

const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}
const JUST: Duration = Duration::from_millis(1);

/// Only the ESME minds.
fn pair(inactivity: u64) -> Pair {
    let mut config = Config::default();
    config.inactivity = Some(secs(inactivity));
    let mut pair = Pair::of(config, Config::default());
    pair.bind();
    pair
}

#[test]
fn off_by_default() {
    let mut pair = Pair::bound();
    pair.pass(secs(86_400));
    assert_eq!((pair.esme.closed, pair.smsc.closed), (None, None));
}

/// Keep-alives go to and fro, and are no transactions.
#[test]
fn it_unbinds_in_order() {
    for inactivity in [5, 300] {
        let mut pair = pair(inactivity);
        pair.pass(secs(inactivity) - JUST);
        assert_eq!(pair.esme.session.state(), State::BoundTrx);
        let probed = wire::read(&pair.esme.sent)
            .into_iter()
            .any(|(command, ..)| command == CommandId::ENQUIRE_LINK);
        assert_eq!(probed, inactivity > 30);
        pair.pass(JUST);
        assert_eq!(pair.esme.closed, Some(CloseReason::Inactive));
        assert_eq!(pair.smsc.closed, Some(CloseReason::Unbound));
        let unbinds = wire::read(&pair.esme.sent);
        let unbinds = unbinds.iter().filter(|(command, ..)| *command == CommandId::UNBIND);
        assert_eq!(unbinds.count(), 1);
    }
}

/// From the answer on, whichever side has asked; not from the request.
#[test]
fn transactions_put_it_off() {
    let mut pair = pair(100);
    for context in 0..5 {
        pair.pass(secs(99));
        pair.submit(context).unwrap();
        pair.settle();
        pair.pass(secs(99));
        pair.deliver(context).unwrap();
        pair.settle();
    }
    assert_eq!(pair.esme.ends().len(), 5);
    pair.pass(secs(50));
    pair.smsc
        .session
        .notify(pair.now, &AlertNotification::default())
        .unwrap();
    pair.settle();
    assert_eq!(pair.esme.notices, [CommandId::ALERT_NOTIFICATION]);
    pair.pass(secs(100) - JUST);
    assert_eq!(pair.esme.session.state(), State::BoundTrx);
    pair.pass(JUST);
    assert_eq!(pair.esme.closed, Some(CloseReason::Inactive));
}

/// A request that waits is a transaction that goes on.
#[test]
fn not_while_anything_waits() {
    let mut pair = pair(10);
    pair.smsc.answers = Answers::Later;
    pair.submit(1).unwrap();
    pair.pass(secs(25));
    pair.smsc.answer(pair.now, CommandStatus::ESME_ROK);
    pair.settle();
    assert_eq!(pair.esme.ends(), [(1, OK)]);
    pair.esme.answers = Answers::Later;
    pair.pass(secs(9));
    pair.deliver(1).unwrap();
    pair.pass(secs(25));
    pair.esme.answer(pair.now, CommandStatus::ESME_ROK);
    // One that times out has ended, too.
    pair.submit(2).unwrap();
    pair.pass(secs(30));
    assert_eq!(pair.esme.ends(), [(2, Outcome::TimedOut)]);
    pair.pass(secs(10) - JUST);
    assert_eq!(pair.esme.session.state(), State::BoundTrx);
    pair.pass(JUST);
    assert_eq!(pair.esme.session.state(), State::Unbound);
}

/// What the peer asks before it reads the unbind is served, and its answers come.
#[test]
fn a_request_that_crosses_the_unbind_is_served() {
    let mut pair = pair(20);
    pair.latency = secs(1);
    pair.pass(secs(20) - JUST);
    pair.deliver(1).unwrap();
    pair.pass(secs(10));
    assert_eq!(pair.smsc.ends(), [(1, OK)]);
    assert_eq!(pair.esme.closed, Some(CloseReason::Inactive));
}

/// A peer that does not agree is left all the same; one that closes at once has agreed.
#[test]
fn whatever_the_peer_says_to_it() {
    let mut deaf = pair(20);
    deaf.cut = true;
    deaf.pass(secs(20));
    assert_eq!(deaf.esme.session.state(), State::Unbound);
    deaf.pass(secs(10));
    assert_eq!(deaf.esme.closed, Some(CloseReason::UnbindTimeout));
    let mut brisk = pair(20);
    brisk.cut = true;
    brisk.pass(secs(20));
    brisk.esme.eof();
    assert_eq!(brisk.esme.closed, Some(CloseReason::Inactive));
    let said = CloseReason::Inactive.to_string();
    assert_eq!(said, "unbound, for nothing was asked");
}

#[test]
fn a_notice_that_goes_out_is_one() {
    let mut config = Config::default();
    config.inactivity = Some(secs(100));
    let mut pair = Pair::of(Config::default(), config);
    pair.bind();
    pair.pass(secs(99));
    pair.smsc.timeout(pair.now);
    pair.smsc
        .session
        .notify(pair.now, &AlertNotification::default())
        .unwrap();
    pair.pass(secs(99));
    assert_eq!(pair.smsc.session.state(), State::BoundTrx);
    pair.pass(secs(1));
    assert_eq!(pair.smsc.closed, Some(CloseReason::Inactive));
}
