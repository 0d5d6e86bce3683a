use crate::pair::{Answers, OK, Pair, Side};
use crate::wire;
use smpp_pdu::{CommandId, CommandStatus, EnquireLink};
use smpp_session::{CloseReason, Config, Event, Outcome, RespondError, Role, Session};
use std::time::{Duration, Instant};

const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// Both sides probe a silent link, and neither is told of anything.
#[test]
fn ten_minutes_of_silence() {
    for latency in [0, 5, 3000] {
        let mut pair = Pair::bound();
        pair.latency = Duration::from_millis(latency);
        pair.pass(secs(600));
        assert_eq!((pair.esme.closed, pair.smsc.closed), (None, None));
        let probes = wire::read(&pair.esme.sent)
            .into_iter()
            .filter(|&(command, ..)| command == CommandId::ENQUIRE_LINK)
            .count();
        assert!((1..=20).contains(&probes), "{probes} probes at {latency} ms");
        pair.submit(1).unwrap();
        pair.pass(secs(10));
        assert_eq!(pair.esme.ends(), [(1, OK)]);
    }
}

/// What is asked before the bind does not put the time for that off.
#[test]
fn asked_before_the_bind() {
    let start = Instant::now();
    for nacked in [false, true] {
        let mut smsc = Session::new(Role::Smsc, Config::default(), start);
        smsc.request(start, (), &EnquireLink::default()).unwrap();
        smsc.handle_timeout(start + secs(11));
        assert_eq!(smsc.poll_event(), None, "it waits for its own request");
        let answer = if nacked {
            CommandId::GENERIC_NACK
        } else {
            CommandId::ENQUIRE_LINK_RESP
        };
        let octets = wire::bare(answer, CommandStatus::ESME_ROK, 1);
        let ended = smsc.handle_bytes(start + secs(12), &mut &octets[..]);
        assert!(matches!(ended, Some(Event::Ended { .. })), "{ended:?}");
        assert!(smsc.poll_timeout().unwrap() <= start + secs(12));
        smsc.handle_timeout(start + secs(12));
        assert_eq!(smsc.poll_event(), Some(Event::Closed(CloseReason::SessionInit)));
    }
}

#[test]
fn link_dead() {
    let mut pair = Pair::bound();
    pair.smsc.answers = Answers::Later;
    pair.submit(1).unwrap();
    pair.cut = true;
    pair.pass(secs(29));
    pair.submit(2).unwrap();
    pair.pass(secs(10));
    assert_eq!(pair.esme.closed, None);
    pair.pass(secs(1));
    let gone = CloseReason::LinkDead;
    assert_eq!(pair.esme.closed, Some(gone));
    assert_eq!(pair.smsc.closed, Some(gone));
    assert_eq!(
        pair.esme.ends(),
        [(1, Outcome::TimedOut), (2, Outcome::MaybeDelivered(gone))]
    );
}

/// Any PDU shows that the peer lives; it need not be the answer (R104).
#[test]
fn any_pdu_is_a_sign_of_life() {
    let mut pair = Pair::bound();
    pair.cut = true;
    for _ in 0..100 {
        pair.pass(secs(35));
        let nack = wire::bare(CommandId::GENERIC_NACK, CommandStatus::ESME_ROK, 0);
        pair.esme.recv(pair.now, &nack);
        assert_eq!(pair.esme.closed, None);
    }
    pair.pass(secs(40));
    assert_eq!(pair.esme.closed, Some(CloseReason::LinkDead));
}

/// What was there before, looked at again, is none.
#[test]
fn looking_at_half_a_pdu_again_is_no_sign_of_life() {
    let mut config = Config::default();
    config.pdu_read = secs(3600);
    let mut pair = Pair::bound_with(config);
    pair.cut = true;
    pair.esme.recv(pair.now, &[0, 0, 0]);
    for _ in 0..41 {
        pair.pass(secs(1));
        pair.esme.recv(pair.now, &[]);
    }
    assert_eq!(pair.esme.closed, Some(CloseReason::LinkDead));
}

#[test]
fn session_init_on_both_sides() {
    let mut pair = Pair::new(Config::default());
    pair.pass(Duration::from_millis(9_999));
    assert_eq!((pair.esme.closed, pair.smsc.closed), (None, None));
    pair.pass(Duration::from_millis(1));
    assert_eq!(pair.smsc.closed, Some(CloseReason::SessionInit));
    assert_eq!(pair.esme.closed, Some(CloseReason::SessionInit));
}

#[test]
fn enquire_links_do_not_put_off_session_init() {
    let mut pair = Pair::new(Config::default());
    for number in 1..=10 {
        let octets = wire::bare(CommandId::ENQUIRE_LINK, CommandStatus::ESME_ROK, number);
        pair.smsc.recv(pair.now, &octets);
        assert_eq!(
            wire::read(&pair.smsc.transmit()),
            [(CommandId::ENQUIRE_LINK_RESP, CommandStatus::ESME_ROK, number)]
        );
        pair.pass(secs(1));
    }
    assert_eq!(pair.smsc.closed, Some(CloseReason::SessionInit));
}

/// An octet now and then is not enough (slow-loris), and a PDU that ends in time is.
#[test]
fn a_pdu_must_end_in_time() {
    for (pause, closes) in [(1, true), (0, false)] {
        let mut pair = Pair::bound();
        pair.esme.answers = Answers::Later;
        let octets = wire::octets(1, &wire::deliver("hello"));
        for octet in octets.chunks(1) {
            if pair.esme.closed.is_none() {
                pair.esme.recv(pair.now, octet);
                pair.pass(secs(pause));
            }
        }
        assert_eq!(pair.esme.closed, closes.then_some(CloseReason::PduRead));
        assert_eq!(pair.now - pair.began, if closes { secs(10) } else { secs(0) });
        pair.pass(secs(20));
        assert_eq!(pair.esme.closed, closes.then_some(CloseReason::PduRead));
    }
}

#[test]
fn nothing_is_taken() {
    let mut pair = Pair::bound();
    pair.esme.takes = 10;
    pair.submit(1).unwrap();
    pair.pass(Duration::from_millis(29_999));
    assert_eq!(pair.esme.closed, None);
    pair.pass(Duration::from_millis(1));
    assert_eq!(pair.esme.closed, Some(CloseReason::WriteStalled));
    // Its own time is up at the same moment.
    assert_eq!(pair.esme.ends(), [(1, Outcome::TimedOut)]);
}

#[test]
fn slowly_is_not_stalled() {
    let mut config = Config::default();
    config.response = secs(3600);
    config.pdu_read = secs(3600);
    config.enquire_link = secs(3600);
    let mut pair = Pair::bound_with(config);
    pair.esme.takes = 0;
    pair.submit(1).unwrap();
    for _ in 0..60 {
        pair.esme.takes = 1;
        pair.settle();
        pair.pass(secs(29));
        assert_eq!(pair.esme.closed, None);
    }
}

/// The clock of a session that was left alone stands where it last was: what is sent then has all its time.
#[test]
fn a_stall_begins_when_something_is_to_be_written() {
    let mut config = Config::default();
    config.enquire_link = secs(3600);
    let (began, mut out) = (Instant::now(), Vec::new());
    let mut pair = Pair::bound_with(config.clone());
    pair.esme.session.handle_timeout(began);
    let later = pair.now + secs(100);
    pair.esme.request(later, 1, &wire::submit("hello")).unwrap();
    pair.esme.session.poll_transmit(&mut out);
    pair.esme.timeout(later + Duration::from_millis(1));
    assert_eq!(pair.esme.closed, None);
    // As long as it may be, or a little more: an answer does not tell the time.
    let mut pair = Pair::bound_with(config);
    pair.esme.answers = Answers::Later;
    pair.esme.recv(pair.now, &wire::octets(1, &wire::deliver("hello")));
    let token = pair.esme.asked.pop_front().unwrap();
    pair.esme.session.reject(token, CommandStatus::ESME_ROK).unwrap();
    out.clear();
    pair.esme.session.poll_transmit(&mut out);
    let later = pair.now + secs(50);
    pair.esme.timeout(later);
    pair.esme.timeout(later + secs(29));
    assert_eq!(pair.esme.closed, None);
    pair.esme.timeout(later + secs(30));
    assert_eq!(pair.esme.closed, Some(CloseReason::WriteStalled));
}

#[test]
fn a_forgotten_request_is_answered_for_the_application() {
    let mut pair = Pair::bound();
    pair.smsc.answers = Answers::Later;
    let mut config = Config::default();
    config.response = secs(3600);
    pair.esme = Side::new(Role::Esme, config, pair.now);
    pair.smsc = Side::new(Role::Smsc, Config::default(), pair.now);
    pair.bind();
    pair.smsc.answers = Answers::Later;
    pair.submit(1).unwrap();
    pair.pass(Duration::from_millis(59_999));
    assert_eq!(pair.esme.ends(), []);
    pair.pass(Duration::from_millis(1));
    assert_eq!(pair.esme.ends(), [(1, Outcome::Answered(CommandStatus::ESME_RSYSERR))]);
    assert_eq!(pair.smsc.session.stats().unanswered, 1);
    // Who answers now is told, and the peer is not.
    let token = pair.smsc.asked.pop_front().unwrap();
    pair.smsc.sent.clear();
    let late = pair.smsc.session.reject(token, CommandStatus::ESME_ROK);
    assert_eq!(late, Err(RespondError::Expired));
    assert_eq!(pair.smsc.transmit(), []);
    assert!(pair.smsc.session.is_idle());
}

/// As long as it is not read, a peer cannot be blamed for its silence, nor for a PDU that has not ended.
#[test]
fn what_is_not_read_is_not_heard() {
    let mut config = Config::default();
    config.max_unwritten = 1000;
    config.write_stall = secs(3600);
    let mut pair = Pair::bound_with(config);
    pair.smsc.answers = Answers::Later;
    pair.smsc.takes = 0;
    pair.cut = true;
    for number in 0..100 {
        pair.smsc.recv(pair.now, &wire::octets(number, &wire::submit("hello")));
    }
    pair.smsc.recv(pair.now, &[0, 0, 0]); // the beginning of another
    for _ in 0..100 {
        let token = pair.smsc.asked.pop_front().unwrap();
        pair.smsc
            .session
            .respond(token, CommandStatus::ESME_ROK, &wire::submit_resp("id"))
            .unwrap();
    }
    assert!(pair.smsc.session.is_paused());
    for _ in 0..100 {
        pair.pass(secs(7));
        assert_eq!(pair.smsc.closed, None, "{:?}", pair.now - pair.began);
    }
    // Then the peer reads again. What it sent meanwhile is not here yet.
    pair.smsc.takes = usize::MAX;
    pair.smsc.transmit_all();
    assert!(!pair.smsc.session.is_paused());
    pair.smsc.timeout(pair.now);
    pair.pass(secs(9));
    assert_eq!(pair.smsc.closed, None);
    pair.pass(secs(2));
    assert_eq!(pair.smsc.closed, Some(CloseReason::PduRead));
}

/// "Never" is a duration too.
#[test]
fn durations_without_end() {
    let mut config = Config::default();
    for time in [
        &mut config.session_init,
        &mut config.enquire_link,
        &mut config.enquire_link_response,
        &mut config.response,
        &mut config.answer,
        &mut config.pdu_read,
        &mut config.write_stall,
        &mut config.drain,
    ] {
        *time = Duration::MAX;
    }
    let mut pair = Pair::bound_with(config);
    pair.smsc.answers = Answers::Later;
    pair.submit(1).unwrap();
    pair.settle();
    pair.esme.recv(pair.now, &[0]);
    pair.pass(secs(86_400));
    assert_eq!((pair.esme.closed, pair.smsc.closed), (None, None));
    pair.smsc.answer(pair.now, CommandStatus::ESME_ROK);
    pair.esme.session.unbind(pair.now);
    pair.pass(secs(86_400));
}

/// After `poll_timeout` has come, it is later: a loop that trusts it does not spin.
#[test]
fn the_next_time_is_never_now() {
    let mut pair = Pair::bound();
    pair.cut = true;
    pair.smsc.answers = Answers::Later;
    pair.submit(1).unwrap();
    pair.esme.recv(pair.now, &wire::octets(1, &wire::deliver("hello")));
    let mut turns = 0;
    while let Some(at) = pair.esme.session.poll_timeout() {
        assert!(at > pair.now || turns == 0);
        pair.now = pair.now.max(at);
        pair.esme.timeout(pair.now);
        turns += 1;
        assert!(turns < 20);
    }
}

/// A session at rest is small, and holds nothing.
#[test]
fn small_at_rest() {
    assert!(size_of::<Session<u32>>() <= 1024, "{}", size_of::<Session<u32>>());
}
