//! Peers that do not read.

use crate::pair::{Answers, OK, Pair};
use crate::wire;
use smpp_pdu::CommandStatus;
use smpp_session::{Config, RequestError};
use std::time::Duration;

/// Requests stop being encoded, answers do not; then nothing more is read. Memory has a bound.
#[test]
fn a_peer_that_asks_and_does_not_read() {
    let mut config = Config::default();
    config.window = usize::MAX;
    config.max_unwritten_requests = 10_000;
    config.max_unwritten = 50_000;
    let mut pair = Pair::of(Config::default(), config);
    pair.bind();
    pair.smsc.takes = 0;
    let mut context = 0;
    while pair.deliver(context).is_ok() {
        context += 1;
    }
    assert_eq!(pair.deliver(context), Err(RequestError::WindowFull));
    let submit = wire::octets(7, &wire::submit("hello"));
    let mut asked = 0;
    while !pair.smsc.session.is_paused() {
        pair.smsc.recv(pair.now, &submit);
        asked += 1;
    }
    pair.smsc.takes = usize::MAX;
    let out = pair.smsc.transmit_all();
    assert!((50_000..51_000).contains(&out.len()), "{}", out.len());
    assert_eq!(wire::read(&out).len(), context as usize + asked);
    assert!(!pair.smsc.session.is_paused());
}

/// Both windows full, both sides slow, a wire that takes little: everything is answered.
#[test]
fn both_windows_full_and_both_sides_slow() {
    let mut config = Config::default();
    config.window = 5;
    let mut pair = Pair::bound_with(config);
    pair.latency = Duration::from_millis(100);
    pair.chop = 3;
    pair.esme.answers = Answers::Later;
    pair.smsc.answers = Answers::Later;
    let (mut up, mut down) = (0, 0);
    let mut turns = 0;
    while up < 200 || down < 200 || !pair.esme.session.is_idle() || !pair.smsc.session.is_idle() {
        if up < 200 && pair.submit(up).is_ok() {
            up += 1;
            continue;
        }
        if down < 200 && pair.deliver(down).is_ok() {
            down += 1;
            continue;
        }
        pair.esme.takes = 40;
        pair.smsc.takes = 25;
        pair.pass(Duration::from_millis(50));
        for side in [&mut pair.esme, &mut pair.smsc] {
            if !side.asked.is_empty() {
                side.answer(pair.now, CommandStatus::ESME_ROK);
            }
        }
        turns += 1;
        assert!(turns < 10_000, "{up} up, {down} down");
    }
    assert!(pair.esme.ends().into_iter().eq((0..200).map(|context| (context, OK))));
    assert!(pair.smsc.ends().into_iter().eq((0..200).map(|context| (context, OK))));
}
