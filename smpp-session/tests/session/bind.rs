use crate::pair::{Answers, OK, Pair};
use crate::wire;
use smpp_pdu::{BindTransceiver, BindTransceiverResp, CommandId, CommandStatus, Pdu, Version, tlv};
use smpp_session::{CloseReason, Config, Event, Outcome, RequestError, Role, Session, State};
use std::time::{Duration, Instant};

fn bind_as(version: Version) -> BindTransceiver {
    BindTransceiver {
        interface_version: version.interface_version(),
        ..wire::transceiver()
    }
}

fn speaks(version: Version) -> Config {
    let mut config = Config::default();
    config.version = version;
    config
}

#[test]
fn accepted() {
    let mut pair = Pair::new(Config::default());
    pair.esme.request(pair.now, 1, &wire::transceiver()).unwrap();
    pair.settle();
    assert_eq!(pair.esme.ends(), [(1, OK)]);
    assert_eq!(pair.esme.states, [State::BoundTrx]);
    assert_eq!(pair.smsc.states, [State::BoundTrx]);
}

#[test]
fn each_kind_leads_to_its_state() {
    for (pdu, state) in [
        (Pdu::from(wire::transmitter()), State::BoundTx),
        (Pdu::from(wire::receiver()), State::BoundRx),
        (Pdu::from(wire::transceiver()), State::BoundTrx),
    ] {
        let mut pair = Pair::new(Config::default());
        pair.esme.request(pair.now, 1, &pdu).unwrap();
        pair.settle();
        assert_eq!([pair.esme.session.state(), pair.smsc.session.state()], [state; 2]);
    }
}

#[test]
fn refused_and_tried_again() {
    let mut pair = Pair::new(Config::default());
    pair.smsc.answers = Answers::Later;
    pair.esme.request(pair.now, 1, &wire::transceiver()).unwrap();
    pair.settle();
    pair.smsc.answer(pair.now, CommandStatus::ESME_RINVPASWD);
    pair.settle();
    assert_eq!(
        pair.esme.ends(),
        [(1, Outcome::Answered(CommandStatus::ESME_RINVPASWD))]
    );
    assert_eq!(pair.esme.session.state(), State::Open);
    assert_eq!(
        pair.submit(2),
        Err(RequestError::WrongState(CommandId::SUBMIT_SM, State::Open))
    );
    pair.smsc.answers = Answers::AtOnce;
    pair.bind();
}

#[test]
fn refused_for_good_when_the_time_for_it_is_up() {
    let mut pair = Pair::new(Config::default());
    pair.smsc.answers = Answers::Later;
    pair.esme.request(pair.now, 1, &wire::transceiver()).unwrap();
    pair.settle();
    pair.smsc.answer(pair.now, CommandStatus::ESME_RBINDFAIL);
    pair.pass(Duration::from_secs(9));
    assert_eq!(pair.smsc.closed, None);
    pair.pass(Duration::from_secs(1));
    assert_eq!(pair.smsc.closed, Some(CloseReason::SessionInit));
}

/// A bind that was refused by generic_nack is a bind that was refused.
#[test]
fn nacked_and_session_init_goes_on() {
    let now = Instant::now();
    let mut esme = crate::pair::Side::new(Role::Esme, Config::default(), now);
    esme.request(now, 1, &wire::transceiver()).unwrap();
    esme.transmit();
    // A sweep while it is on its way leaves the timer of the bind alone.
    esme.timeout(now + Duration::from_secs(11));
    let nack = wire::bare(CommandId::GENERIC_NACK, CommandStatus::ESME_RINVCMDID, 1);
    esme.recv(now + Duration::from_secs(12), &nack);
    assert_eq!(esme.ends(), [(1, Outcome::Nacked(CommandStatus::ESME_RINVCMDID))]);
    let at = esme.session.poll_timeout().unwrap();
    assert!(at <= now + Duration::from_secs(12));
    esme.timeout(now + Duration::from_secs(12));
    assert_eq!(esme.closed, Some(CloseReason::SessionInit));
}

#[test]
fn a_second_bind_is_already_bound() {
    let mut pair = Pair::bound();
    let again = wire::octets(77, &wire::transmitter());
    pair.smsc.recv(pair.now, &again);
    assert_eq!(
        wire::read(&pair.smsc.transmit()),
        [(CommandId::BIND_TRANSMITTER_RESP, CommandStatus::ESME_RALYBND, 77)]
    );
    pair.submit(1).unwrap();
    pair.settle();
    assert_eq!(pair.esme.ends(), [(1, OK)]);
}

/// The submit finds the session bound, whenever the bind is answered.
#[test]
fn a_submit_in_the_segment_of_the_bind() {
    let both = [
        wire::octets(1, &wire::transceiver()),
        wire::octets(2, &wire::submit("hello")),
    ]
    .concat();
    for chop in [1, 7, both.len()] {
        let mut pair = Pair::new(Config::default());
        pair.smsc.answers = Answers::Later;
        for part in both.chunks(chop) {
            pair.smsc.recv(pair.now, part);
        }
        assert!(pair.smsc.session.is_paused());
        assert_eq!(pair.smsc.asked.len(), 1);
        pair.smsc.answer(pair.now, CommandStatus::ESME_ROK);
        assert_eq!(pair.smsc.states, [State::BoundTrx]);
        assert_eq!(pair.smsc.asked.len(), 1);
        pair.smsc.answer(pair.now, CommandStatus::ESME_ROK);
        assert_eq!(
            wire::read(&pair.smsc.transmit()),
            [
                (CommandId::BIND_TRANSCEIVER_RESP, CommandStatus::ESME_ROK, 1),
                (CommandId::SUBMIT_SM_RESP, CommandStatus::ESME_ROK, 2)
            ]
        );
    }
}

/// A deliver_sm right behind the bind_resp finds the client bound.
#[test]
fn a_deliver_in_the_segment_of_the_answer() {
    let mut pair = Pair::new(Config::default());
    pair.esme.request(pair.now, 1, &wire::transceiver()).unwrap();
    let octets = pair.esme.transmit();
    pair.smsc.recv(pair.now, &octets);
    pair.deliver(2).unwrap();
    pair.settle();
    assert_eq!(pair.smsc.ends(), [(2, OK)]);
}

/// The time for the bind is up with it, but the peer learns why.
#[test]
fn a_bind_that_nobody_answers() {
    let mut pair = Pair::new(Config::default());
    pair.smsc.answers = Answers::Later;
    let both = [
        wire::octets(1, &wire::transceiver()),
        wire::octets(2, &wire::submit("hello")),
    ]
    .concat();
    pair.smsc.recv(pair.now, &both);
    pair.smsc.timeout(pair.now + Duration::from_secs(60));
    assert_eq!(pair.smsc.closed, Some(CloseReason::SessionInit));
    assert_eq!(
        wire::read(&pair.smsc.transmit()),
        [(CommandId::BIND_TRANSCEIVER_RESP, CommandStatus::ESME_RSYSERR, 1)]
    );
}

#[test]
fn what_follows_a_bind_that_is_refused_finds_the_session_open() {
    let mut pair = Pair::new(Config::default());
    pair.smsc.answers = Answers::Later;
    let both = [
        wire::octets(1, &wire::transceiver()),
        wire::octets(2, &wire::submit("hello")),
    ]
    .concat();
    pair.smsc.recv(pair.now, &both);
    pair.smsc.answer(pair.now, CommandStatus::ESME_RINVPASWD);
    assert_eq!(
        wire::read(&pair.smsc.transmit()),
        [
            (CommandId::BIND_TRANSCEIVER_RESP, CommandStatus::ESME_RINVPASWD, 1),
            (CommandId::SUBMIT_SM_RESP, CommandStatus::ESME_RINVBNDSTS, 2)
        ]
    );
}

/// A late or second answer to a bind changes nothing.
#[test]
fn two_binds_on_the_way() {
    let now = Instant::now();
    let mut esme = crate::pair::Side::new(Role::Esme, Config::default(), now);
    esme.request(now, 1, &wire::transmitter()).unwrap();
    esme.request(now, 2, &wire::receiver()).unwrap();
    esme.recv(
        now,
        &wire::bare(CommandId::BIND_TRANSMITTER_RESP, CommandStatus::ESME_ROK, 1),
    );
    assert_eq!(esme.session.state(), State::BoundTx);
    esme.recv(
        now,
        &wire::bare(CommandId::BIND_RECEIVER_RESP, CommandStatus::ESME_ROK, 2),
    );
    assert_eq!(esme.session.state(), State::BoundTx);
    assert_eq!(esme.ends(), [(1, OK), (2, OK)]);
}

#[test]
fn the_lower_version_of_both_sides() {
    use Version::{V33, V34, V50};
    for (esme, smsc, agreed) in [
        (V33, V33, V33),
        (V33, V34, V33),
        (V33, V50, V33),
        (V34, V33, V33),
        (V34, V34, V34),
        (V34, V50, V34),
        (V50, V33, V33),
        (V50, V34, V34),
        (V50, V50, V50),
    ] {
        let mut pair = Pair::of(speaks(esme), speaks(smsc));
        pair.smsc.answers = Answers::Later;
        pair.esme.request(pair.now, 1, &bind_as(esme)).unwrap();
        pair.settle();
        // Whoever speaks 3.4 or more says so to whoever does.
        let mut resp = wire::transceiver_resp();
        if esme >= V34 && smsc >= V34 {
            resp.tlvs
                .set(tlv::SC_INTERFACE_VERSION, smsc.interface_version())
                .unwrap();
        }
        let token = pair.smsc.asked.pop_front().unwrap();
        pair.smsc
            .session
            .respond(token, CommandStatus::ESME_ROK, &resp)
            .unwrap();
        pair.settle();
        assert_eq!(
            pair.smsc.session.codec().version,
            agreed,
            "{esme:?} and {smsc:?} at the SMSC"
        );
        // A message centre that does not say is taken for one of 3.4.
        let said = if smsc == V33 { esme.min(V34) } else { agreed };
        assert_eq!(
            pair.esme.session.codec().version,
            said,
            "{esme:?} and {smsc:?} at the ESME"
        );
    }
}

/// What a bind states is what the centre counts on, whatever this side could speak besides (R084).
#[test]
fn the_version_that_the_bind_states() {
    use Version::{V33, V34, V50};
    for (speaks_at_most, stated, agreed) in [(V50, V34, V34), (V50, V33, V33), (V34, V50, V34), (V50, V50, V50)] {
        let mut pair = Pair::of(speaks(speaks_at_most), speaks(V50));
        pair.esme
            .request(pair.now, 1, &smpp_pdu::EnquireLink::default())
            .unwrap();
        let number = pair.esme.request(pair.now, 2, &bind_as(stated)).unwrap();
        pair.esme
            .request(pair.now, 3, &smpp_pdu::EnquireLink::default())
            .unwrap();
        let mut resp = wire::transceiver_resp();
        resp.tlvs.set(tlv::SC_INTERFACE_VERSION, 0x50).unwrap();
        pair.esme.recv(pair.now, &wire::octets(number, &resp));
        assert_eq!(pair.esme.session.codec().version, agreed);
    }
}

/// A centre that does not say what it speaks, and an owner who knows it.
#[test]
fn a_centre_that_does_not_say_is_what_the_owner_takes_it_for() {
    use Version::{V33, V34, V50};
    for (unstated, tlvs) in [(V33, false), (V34, true), (V50, true)] {
        let mut config = speaks(V50);
        assert_eq!(config.unstated_version, V34);
        config.unstated_version = unstated;
        let mut pair = Pair::of(config, speaks(V50));
        pair.esme.request(pair.now, 1, &bind_as(V50)).unwrap();
        pair.settle();
        assert_eq!(pair.esme.session.codec().version, unstated);
        let mut submit = wire::submit("hello");
        submit.tlvs.set(tlv::USER_MESSAGE_REFERENCE, 7).unwrap();
        let sent = pair.esme.request(pair.now, 2, &submit);
        assert_eq!(sent.is_ok(), tlvs, "{unstated:?}: {sent:?}");
    }
}

/// No TLV to a peer below 3.4 (R081, R082), and 3.4 has no broadcast.
#[test]
fn what_the_version_has_not_is_refused() {
    let mut pair = Pair::of(speaks(Version::V33), Config::default());
    pair.smsc.answers = Answers::Later;
    pair.esme.request(pair.now, 1, &bind_as(Version::V33)).unwrap();
    pair.settle();
    let mut resp = BindTransceiverResp::default();
    resp.tlvs.set(tlv::SC_INTERFACE_VERSION, 0x34).unwrap();
    let token = pair.smsc.asked.pop_front().unwrap();
    let refused = pair.smsc.session.respond(token, CommandStatus::ESME_ROK, &resp);
    assert!(refused.is_err(), "a TLV to a peer of 3.3");
    pair.settle();
    // The peer got an answer nevertheless, and may bind again.
    assert_eq!(pair.esme.ends(), [(1, Outcome::Answered(CommandStatus::ESME_RSYSERR))]);
    pair.smsc.answers = Answers::AtOnce;
    pair.esme.request(pair.now, 2, &bind_as(Version::V33)).unwrap();
    pair.settle();
    let mut deliver = wire::deliver("x");
    deliver.tlvs.set(tlv::Key::<u8>::new(0x1400, "a vendor's"), 1).unwrap();
    assert!(matches!(
        pair.smsc.request(pair.now, 3, &deliver),
        Err(RequestError::Encode(_))
    ));
}

#[test]
fn outbind_asks_for_a_bind() {
    let outbind = smpp_pdu::Outbind::default();
    let mut pair = Pair::new(Config::default());
    pair.smsc.session.notify(pair.now, &outbind).unwrap();
    assert_eq!(pair.smsc.session.state(), State::Outbound);
    pair.settle();
    assert_eq!(pair.esme.notices, [CommandId::OUTBIND]);
    assert_eq!(pair.esme.states, [State::Outbound]);
    pair.bind();
    // On a bound session it is no use, and has no answer.
    let again = wire::octets(9, &outbind);
    pair.esme.recv(pair.now, &again);
    assert_eq!(pair.esme.transmit(), []);
}

/// The ESME has all its time from the outbind on, however long nothing was told to the session before.
#[test]
fn the_bind_that_an_outbind_asks_for_has_all_its_time() {
    let mut pair = Pair::new(Config::default());
    let outbound = pair.now + Duration::from_secs(9);
    let outbind = smpp_pdu::Outbind::default();
    pair.smsc.session.notify(outbound, &outbind).unwrap();
    pair.smsc.timeout(outbound + Duration::from_secs(9));
    assert_eq!(pair.smsc.closed, None);
    pair.smsc.timeout(outbound + Duration::from_secs(10));
    assert_eq!(pair.smsc.closed, Some(CloseReason::SessionInit));
}

/// Nobody who looks at a session or an event sees what is in the messages.
#[test]
fn debug_shows_neither_texts_nor_numbers_nor_passwords() {
    let now = Instant::now();
    let mut session = Session::<u32>::new(Role::Smsc, Config::default(), now);
    let mut bind = wire::transceiver();
    bind.password = smpp_pdu::Password::new("secret").unwrap();
    let octets = [wire::octets(1, &bind), wire::octets(2, &wire::submit("hello"))].concat();
    let mut input = &octets[..];
    let mut shown = String::new();
    let Some(Event::Request(received)) = session.handle_bytes(now, &mut input) else {
        panic!()
    };
    shown += &format!("{received:?}");
    session
        .respond(received.token, CommandStatus::ESME_ROK, &wire::transceiver_resp())
        .unwrap();
    let event = session.handle_bytes(now, &mut input).unwrap();
    shown += &format!("{event:?}");
    session.request(now, 7, &wire::deliver("hello")).unwrap();
    shown += &format!("{session:?}");
    for secret in ["secret", "hello", "447700900123"] {
        assert!(!shown.contains(secret), "{shown}");
        let octets = format!("{:?}", secret.as_bytes());
        let octets = octets.trim_matches(['[', ']']);
        assert!(!shown.contains(octets), "the octets of {secret}: {shown}");
    }
}

/// However a bind is accepted, the session speaks what both sides do.
#[test]
fn accepted_by_a_status_alone() {
    let mut pair = Pair::of(speaks(Version::V33), speaks(Version::V50));
    pair.smsc.answers = Answers::Later;
    pair.esme.request(pair.now, 1, &bind_as(Version::V33)).unwrap();
    pair.settle();
    let token = pair.smsc.asked.pop_front().unwrap();
    pair.smsc.session.reject(token, CommandStatus::ESME_ROK).unwrap();
    pair.settle();
    assert_eq!(pair.smsc.session.state(), State::BoundTrx);
    assert_eq!(pair.smsc.session.codec().version, Version::V33);
}

/// Silence of the application accepts nobody.
#[test]
fn a_bind_that_nobody_answers_is_not_accepted() {
    let mut config = Config::default();
    config.unanswered = CommandStatus::ESME_ROK;
    config.answer = Duration::from_secs(5);
    let mut pair = Pair::of(Config::default(), config);
    pair.smsc.answers = Answers::Later;
    pair.esme.request(pair.now, 1, &wire::transceiver()).unwrap();
    pair.pass(Duration::from_secs(5));
    assert_eq!(pair.smsc.session.state(), State::Open);
    assert_eq!(pair.esme.ends(), [(1, Outcome::Answered(CommandStatus::ESME_RSYSERR))]);
}
