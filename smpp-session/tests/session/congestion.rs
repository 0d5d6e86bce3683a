//! congestion_state: said to a peer of 5.0 in what may carry it, and heard (v5.0 §2.9, §4.8.4.18).

use crate::pair::{Answers, Pair};
use crate::wire;
use smpp_pdu::{
    BindTransceiver, BindTransceiverResp, CancelSm, CancelSmResp, CommandId, CommandStatus, CongestionState, DeliverSm,
    Header, SubmitSmResp, Unbind, Version, next_frame, tlv,
};
use smpp_session::{Config, Event, Outcome, RespondError, State};
use std::time::Duration;

const LOAD: CongestionState = CongestionState(85);
/// As it stands at the end of a response.
const SAID: [u8; 5] = [0x04, 0x28, 0, 1, 85];

/// Both sides speak `version` at most; nobody is bound.
fn pair(version: Version) -> Pair {
    let mut config = Config::default();
    config.version = version;
    let mut pair = Pair::new(config);
    pair.smsc.answers = Answers::Later;
    pair
}

fn bind(pair: &mut Pair, stated: Version) -> Vec<u8> {
    let bind = BindTransceiver {
        interface_version: stated.interface_version(),
        ..wire::transceiver()
    };
    pair.esme.request(pair.now, 0, &bind).unwrap();
    pair.settle();
    let token = pair.smsc.asked.pop_front().unwrap();
    let mut resp = BindTransceiverResp::default();
    if stated >= Version::V34 {
        resp.tlvs
            .set(tlv::SC_INTERFACE_VERSION, stated.interface_version())
            .unwrap();
    }
    pair.smsc
        .session
        .respond(token, CommandStatus::ESME_ROK, &resp)
        .unwrap();
    pair.smsc.events();
    let sent = pair.smsc.transmit_all();
    pair.esme.recv(pair.now, &sent);
    assert_eq!(pair.esme.session.state(), State::BoundTrx);
    pair.esme.ended.clear();
    sent
}

fn bound() -> Pair {
    let mut pair = pair(Version::V50);
    bind(&mut pair, Version::V50);
    pair
}

/// The PDUs that were sent; their lengths are right, or there would be none.
fn frames(mut sent: &[u8]) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    while let Some(frame) = next_frame(&mut sent, smpp_pdu::MAX_PDU).unwrap() {
        frames.push(frame.to_vec());
    }
    assert!(sent.is_empty());
    frames
}

#[test]
fn said_in_each_response_that_may_say_it_and_heard() {
    let mut pair = bound();
    assert_eq!(pair.esme.session.peer_congestion(), None);
    pair.smsc.session.set_congestion(Some(LOAD));
    // A body, then the load; the message is whole.
    pair.submit(1).unwrap();
    pair.settle();
    pair.smsc.answer(pair.now, CommandStatus::ESME_ROK);
    let sent = pair.smsc.transmit_all();
    let plain = wire::with_header(Header::request(2), &wire::submit_resp("id"));
    assert_eq!(sent.len(), plain.len() + 5);
    assert_eq!((&sent[4..plain.len()], &sent[plain.len()..]), (&plain[4..], &SAID[..]));
    assert_eq!(frames(&sent).len(), 1);
    let mut input = &sent[..];
    match pair.esme.session.handle_bytes(pair.now, &mut input) {
        Some(Event::Ended {
            outcome: Outcome::Answered(answer),
            ..
        }) => {
            assert_eq!(answer.congestion_state(), Some(LOAD));
            let resp = answer.decode_as::<SubmitSmResp>().unwrap().pdu.unwrap();
            assert_eq!(resp.message_id.as_bytes(), b"id");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(pair.esme.session.peer_congestion(), Some(LOAD));
    // What has no body, and what the session answers by itself.
    pair.smsc.recv(
        pair.now,
        &wire::bare(CommandId::ENQUIRE_LINK, CommandStatus::ESME_ROK, 7),
    );
    pair.smsc.recv(pair.now, &wire::octets(8, &CancelSm::default()));
    let token = pair.smsc.asked.pop_front().unwrap();
    let ok = CommandStatus::ESME_ROK;
    pair.smsc.session.respond(token, ok, &CancelSmResp::default()).unwrap();
    pair.smsc.recv(pair.now, &wire::octets(9, &Unbind::default()));
    let sent = frames(&pair.smsc.transmit_all());
    assert_eq!(sent.len(), 3);
    assert!(sent.iter().all(|frame| frame.len() == 21 && frame[16..] == SAID));
}

#[test]
fn the_esme_says_it_too_and_hears_it_by_enquire_link() {
    let mut pair = bound();
    pair.esme.session.set_congestion(Some(CongestionState(200)));
    pair.pass(Duration::from_secs(30));
    let reserved = CongestionState(100);
    assert_eq!(pair.smsc.session.peer_congestion(), Some(reserved));
    pair.esme.session.set_congestion(Some(CongestionState(0)));
    pair.deliver(1).unwrap();
    pair.settle();
    assert_eq!(pair.smsc.session.peer_congestion(), Some(CongestionState(0)));
    // Who says no more leaves what was said.
    pair.esme.session.set_congestion(None);
    pair.deliver(2).unwrap();
    pair.settle();
    assert_eq!(pair.smsc.ends().len(), 2);
    assert_eq!(pair.smsc.session.peer_congestion(), Some(CongestionState(0)));
}

/// What is nothing but a status stays so, and a generic_nack; what is not a response says nothing.
#[test]
fn not_where_it_has_no_place() {
    let mut pair = bound();
    pair.smsc.session.set_congestion(Some(LOAD));
    for number in 1..=3 {
        pair.smsc.recv(pair.now, &wire::octets(number, &wire::submit("hello")));
    }
    let token = pair.smsc.asked.pop_front().unwrap();
    let full = CommandStatus::ESME_RMSGQFUL;
    pair.smsc.session.reject(token, full).unwrap();
    let token = pair.smsc.asked.pop_front().unwrap();
    let nothing = smpp_pdu::Pdu::<&[u8]>::SubmitSmResp(None);
    pair.smsc.session.respond(token, full, &nothing).unwrap();
    pair.smsc
        .recv(pair.now, &wire::bare(CommandId(0x999), CommandStatus::ESME_ROK, 7));
    pair.smsc.recv(pair.now, &wire::octets(8, &DeliverSm::default()));
    pair.smsc.recv(pair.now, &wire::octets(9, &wire::transceiver()));
    let sent = frames(&pair.smsc.transmit_all());
    assert_eq!(sent.len(), 5);
    assert!(sent.iter().all(|frame| frame.len() == 16), "{sent:?}");
    // A refusal that explains itself has a body.
    let token = pair.smsc.asked.pop_front().unwrap();
    pair.smsc.session.respond(token, full, &wire::submit_resp("")).unwrap();
    let sent = pair.smsc.transmit_all();
    assert_eq!((sent.len(), &sent[17..]), (22, &SAID[..]));
    pair.deliver(1).unwrap();
    pair.pass(Duration::from_secs(30));
    let sent = frames(&pair.smsc.sent);
    let requests = sent.iter().filter(|frame| frame[4] & 0x80 == 0);
    assert!(requests.clone().count() > 1);
    assert!(requests.into_iter().all(|frame| !frame.ends_with(&SAID)));
}

/// An answer that says it of its own is left as it is.
#[test]
fn never_twice() {
    let mut pair = bound();
    pair.smsc.session.set_congestion(Some(LOAD));
    pair.smsc.recv(pair.now, &wire::octets(1, &wire::submit("hello")));
    let token = pair.smsc.asked.pop_front().unwrap();
    let mut resp = wire::submit_resp("id");
    resp.tlvs.set(tlv::CONGESTION_STATE, CongestionState(7)).unwrap();
    pair.smsc
        .session
        .respond(token, CommandStatus::ESME_ROK, &resp)
        .unwrap();
    let sent = pair.smsc.transmit_all();
    assert_eq!((sent.len(), sent.last()), (16 + 3 + 5, Some(&7)));
}

/// Not before the bind is accepted, and then as both have agreed: to a peer of 5.0 in the answer to its bind, to others
/// never.
#[test]
fn to_a_peer_of_5_0_alone() {
    for ours in [Version::V34, Version::V50] {
        for theirs in [Version::V33, Version::V34, Version::V50] {
            let mut pair = pair(ours);
            pair.smsc.session.set_congestion(Some(LOAD));
            let enquire_link = wire::bare(CommandId::ENQUIRE_LINK, CommandStatus::ESME_ROK, 7);
            pair.smsc.recv(pair.now, &enquire_link);
            assert_eq!(pair.smsc.transmit_all().len(), 16);
            let says = ours.min(theirs) == Version::V50;
            let sent = bind(&mut pair, theirs);
            assert_eq!(sent.ends_with(&SAID), says, "{ours:?} and {theirs:?}");
            pair.smsc.recv(pair.now, &enquire_link);
            assert_eq!(pair.smsc.transmit_all().len(), if says { 21 } else { 16 });
            // Nor is it heard of one.
            let number = pair.submit(1).unwrap();
            let mut resp = wire::submit_resp("id");
            resp.tlvs.set(tlv::CONGESTION_STATE, LOAD).unwrap();
            pair.esme.recv(pair.now, &wire::octets(number, &resp));
            assert_eq!(pair.esme.session.peer_congestion().is_some(), says);
        }
    }
}

/// What this side would not read it does not make.
#[test]
fn no_longer_than_a_pdu_may_be() {
    let submit = wire::octets(1, &wire::submit("hello"));
    let longest = submit.len().max(wire::octets(1, &wire::transceiver()).len());
    for more in [0, 1] {
        let mut config = Config::default();
        (config.version, config.max_pdu) = (Version::V50, longest);
        let mut pair = Pair::new(config);
        pair.smsc.answers = Answers::Later;
        bind(&mut pair, Version::V50);
        pair.smsc.session.set_congestion(Some(LOAD));
        pair.smsc.recv(pair.now, &submit);
        let token = pair.smsc.asked.pop_front().unwrap();
        let resp = wire::submit_resp(&"x".repeat(longest - 16 - 1 - 5 + more));
        pair.smsc
            .session
            .respond(token, CommandStatus::ESME_ROK, &resp)
            .unwrap();
        let sent = pair.smsc.transmit_all();
        assert_eq!(
            (sent.len(), sent.ends_with(&SAID)),
            if more == 0 {
                (longest, true)
            } else {
                (longest - 4, false)
            }
        );
    }
}

/// An answer that cannot be encoded leaves nothing of itself.
#[test]
fn an_answer_that_cannot_be_encoded() {
    let mut pair = bound();
    pair.smsc.session.set_congestion(Some(LOAD));
    pair.smsc.recv(pair.now, &wire::octets(1, &wire::submit("hello")));
    let token = pair.smsc.asked.pop_front().unwrap();
    let resp = wire::submit_resp(&"x".repeat(70));
    let refused = pair.smsc.session.respond(token, CommandStatus::ESME_ROK, &resp);
    assert!(matches!(refused, Err(RespondError::Encode(_))), "{refused:?}");
    let sent = wire::read(&pair.smsc.transmit_all());
    assert_eq!(sent, [(CommandId::SUBMIT_SM_RESP, CommandStatus::ESME_RSYSERR, 1)]);
}
