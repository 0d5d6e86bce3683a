//! Faults that were seen in the field, each with its story. Captures are cloudhopper-smpp's (Apache-2.0).

use crate::pair::{Answers, End, OK, Pair, Side};
use crate::wire;
use smpp_pdu::{CommandId, CommandStatus, DataSm, EnquireLink, SubmitSmResp, Tolerance};
use smpp_session::{CloseReason, Config, Event, Outcome, Role, Session, State};
use std::time::{Duration, Instant};

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|c| !c.is_ascii_whitespace()).collect();
    let octet = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(octet).collect()
}

/// The frame, with another sequence_number.
fn numbered(frame: &str, number: u32) -> Vec<u8> {
    let mut frame = hex(frame);
    frame[12..16].copy_from_slice(&number.to_be_bytes());
    frame
}

/// An unknown request and an unknown response of 17 octets, and an enquire_link behind them: nothing is out of step.
#[test]
fn unknown_pdus_of_an_odd_length() {
    for command in ["00000110", "80000110"] {
        let mut pair = Pair::bound();
        let stream = hex(&format!(
            "00000011 {command} 00000000 0a342ee7 0f 00000010 00000015 00000000 0a342ee8"
        ));
        pair.smsc.recv(pair.now, &stream);
        let alive = (CommandId::ENQUIRE_LINK_RESP, CommandStatus::ESME_ROK, 0x0a34_2ee8);
        assert_eq!(wire::read(&pair.smsc.transmit_all()).last(), Some(&alive));
    }
}

/// A PDU that ends before its fields do takes no octet of the next one.
#[test]
fn a_pdu_that_is_cut_short() {
    let whole = wire::octets(7, &wire::deliver("hello"));
    for cut in 16..whole.len() {
        let mut config = Config::default();
        config.tolerance = Tolerance::strict();
        let mut pair = Pair::bound_with(config);
        let mut stream = whole[..cut].to_vec();
        stream[..4].copy_from_slice(&u32::try_from(cut).unwrap().to_be_bytes());
        stream.extend(wire::octets(8, &wire::deliver("hello")));
        pair.esme.recv(pair.now, &stream);
        let answers = wire::read(&pair.esme.transmit_all());
        assert_eq!(answers.len(), 2, "{cut}: {answers:?}");
        assert_eq!((answers[0].0, answers[0].2), (CommandId::DELIVER_SM_RESP, 7));
        assert_ne!(answers[0].1, CommandStatus::ESME_ROK, "{cut}");
        assert_eq!(answers[1], (CommandId::DELIVER_SM_RESP, CommandStatus::ESME_ROK, 8));
    }
}

/// Receipts with lengths that do not fit, from Nextel and from Netfors: they are taken, for a refusal would bring them
/// again for days.
#[test]
fn receipts_whose_lengths_lie() {
    for capture in [
        "00000039000000050000000000000001000101393939393139393134353933000000363436340000000000000000080010c1e1e9edf3faf1fc",
        "000000a40000000500000000000000050001013233343830333337363831353100050056414e534f000400000000040000006369643a303030\
         30303033303035207375623a30303120646c7672643a303031207375626d697420646174653a3130303131383134333120646f6e6520646174\
         653a3130303131383134333120737461743a44454c49565244206572723a3030302074650427000102001e00413330303500",
    ] {
        let mut pair = Pair::bound();
        let octets = hex(capture);
        let number = u32::from_be_bytes(octets[12..16].try_into().unwrap());
        pair.esme.recv(pair.now, &octets);
        let taken = (CommandId::DELIVER_SM_RESP, CommandStatus::ESME_ROK, number);
        assert_eq!(wire::read(&pair.esme.transmit_all()), [taken]);
        assert_eq!(pair.esme.session.stats().forgiven, 1);
    }
}

/// Numbers that the specification has not come back as they are.
#[test]
fn a_deliver_sm_of_a_high_number() {
    let mut pair = Pair::bound();
    pair.esme.recv(
        pair.now,
        &hex("000000390000000500000000806A179B000101393939393139393134353933000000363436340000000000000000080008c1e1e9edf3faf1fc"),
    );
    assert_eq!(pair.esme.transmit_all(), hex("000000118000000500000000806A179B00"));
}

/// submit_sm_resp without a body, with an empty id, and with an id that nothing ends.
#[test]
fn answers_to_submit_sm_as_they_come() {
    for (capture, id) in [
        ("0000001080000004000000000a342ee1", ""),
        ("0000001180000004000000000a342ee100", ""),
        ("0000001180000004000000000a342ee139", "9"),
    ] {
        let now = Instant::now();
        let mut pair = Pair::bound();
        pair.smsc.answers = Answers::Later;
        let number = pair.submit(1).unwrap();
        pair.settle();
        let octets = numbered(capture, number);
        let mut rest = &octets[..];
        let Some(Event::Ended {
            context: 1,
            outcome: Outcome::Answered(answer),
        }) = pair.esme.session.handle_bytes(now, &mut rest)
        else {
            panic!("{capture}")
        };
        assert_eq!(answer.command_status(), CommandStatus::ESME_ROK);
        let read = answer.decode_as::<SubmitSmResp>().unwrap().pdu;
        assert_eq!(
            read.map_or(String::new(), |resp| {
                String::from_utf8_lossy(resp.message_id.as_bytes()).into_owned()
            }),
            id
        );
    }
}

/// A bind that is refused, with a system_id in its answer.
#[test]
fn a_bind_refused_with_a_body() {
    let now = Instant::now();
    let mut esme = Side::new(Role::Esme, Config::default(), now);
    let number = esme.request(now, 1, &wire::transceiver()).unwrap();
    esme.recv(now, &numbered("00000015800000090000000e00004db3534d534300", number));
    assert_eq!(esme.ends(), [(1, Outcome::Answered(CommandStatus::ESME_RINVPASWD))]);
    assert_eq!((esme.session.state(), esme.closed), (State::Open, None));
}

/// A nack that says ESME_ROK is a nack; one that names no request ends none.
#[test]
fn nacks_without_a_reason() {
    let mut pair = Pair::bound();
    pair.smsc.answers = Answers::Later;
    let number = pair.submit(1).unwrap();
    let ok = CommandStatus::ESME_ROK;
    pair.esme.recv(pair.now, &wire::bare(CommandId::GENERIC_NACK, ok, 0));
    assert_eq!(pair.esme.ends(), []);
    pair.esme
        .recv(pair.now, &wire::bare(CommandId::GENERIC_NACK, ok, number));
    assert_eq!(pair.esme.ends(), [(1, Outcome::Nacked(ok))]);
}

/// The same answer twice, and one after forty minutes: told, counted, and nobody's end.
#[test]
fn answers_twice_and_much_too_late() {
    let mut pair = Pair::bound();
    let number = pair.submit(1).unwrap();
    pair.settle();
    let again = wire::with_header(smpp_pdu::Header::request(number), &wire::submit_resp("id"));
    pair.esme.recv(pair.now, &again);
    assert_eq!(pair.esme.ends(), [(1, OK)]);
    assert_eq!(pair.esme.strays, [(CommandId::SUBMIT_SM_RESP, number)]);
    pair.smsc.answers = Answers::Later;
    let number = pair.submit(2).unwrap();
    pair.pass(Duration::from_secs(40 * 60));
    assert_eq!(pair.esme.ends(), [(2, Outcome::TimedOut)]);
    let late = wire::with_header(smpp_pdu::Header::request(number), &wire::submit_resp("id"));
    pair.esme.recv(pair.now, &late);
    assert_eq!(pair.esme.ends(), []);
    // And the centre has answered for its application meanwhile: late, too.
    assert_eq!(pair.esme.session.stats().stray, 3);
    assert_eq!(pair.esme.closed, None);
}

/// Each way to say "too much" is an answer, and its place is free again.
#[test]
fn three_ways_to_say_too_much() {
    let mut config = Config::default();
    config.window = 1;
    let mut pair = Pair::bound_with(config);
    pair.smsc.answers = Answers::Later;
    for (context, status) in [0x45, 0x14, 0x58].map(CommandStatus).into_iter().enumerate() {
        let context = u32::try_from(context).unwrap();
        pair.submit(context).unwrap();
        pair.settle();
        pair.smsc.answer(pair.now, status);
        pair.settle();
        assert_eq!(pair.esme.ends(), [(context, Outcome::Answered(status))]);
    }
}

/// enquire_link each half second, as gateways of Synway and DBLTek send it, for ten minutes.
#[test]
fn a_peer_that_asks_twice_a_second_whether_the_link_lives() {
    let mut pair = Pair::bound();
    let mut ends = Vec::<(u32, End)>::new();
    for context in 0..1200 {
        pair.esme.request(pair.now, context, &EnquireLink::default()).unwrap();
        pair.pass(Duration::from_millis(500));
        ends.extend(pair.esme.ends());
    }
    assert!(ends.into_iter().eq((0..1200).map(|context| (context, OK))));
    assert_eq!(pair.smsc.closed, None);
    // They are signs of life: the other side has asked for none.
    let probes = wire::read(&pair.smsc.sent);
    assert!(
        probes
            .iter()
            .all(|&(command, ..)| command == CommandId::ENQUIRE_LINK_RESP)
    );
}

/// Receipts come as data_sm, too.
#[test]
fn a_receipt_in_data_sm() {
    let mut pair = Pair::bound();
    pair.esme.recv(pair.now, &wire::octets(7, &DataSm::default()));
    let answered = wire::read(&pair.esme.transmit_all());
    assert_eq!((answered[0].0, answered[0].2), (CommandId::DATA_SM_RESP, 7));
}

/// An answer to enquire_link with a body: with octets too many it is one all the same.
#[test]
fn an_answer_to_enquire_link_with_a_body() {
    let mut pair = Pair::bound();
    pair.cut = true;
    pair.pass(Duration::from_secs(30));
    let number = wire::read(&pair.esme.sent).last().unwrap().2;
    pair.esme.recv(
        pair.now,
        &numbered("00000013 80000015 00000000 00000000 616263", number),
    );
    assert_eq!(pair.esme.strays, []);
    pair.pass(Duration::from_secs(29));
    assert_eq!(pair.esme.closed, None);
}

/// A connection that is half open: what is said arrives, and nothing comes back. Each side learns it by its own timer.
#[test]
fn a_half_open_connection() {
    let mut pair = Pair::bound();
    pair.smsc.answers = Answers::Later;
    pair.submit(1).unwrap();
    pair.settle();
    // The ESME hears no more. It is heard, and so the SMSC lives on by its keep-alive.
    let now = pair.now;
    for second in 1..=40 {
        let at = now + Duration::from_secs(second);
        pair.esme.timeout(at);
        let octets = pair.esme.transmit_all();
        pair.smsc.recv(at, &octets);
        pair.smsc.timeout(at);
        pair.smsc.transmit_all();
    }
    assert_eq!(pair.esme.closed, Some(CloseReason::LinkDead));
    assert_eq!(pair.esme.ends(), [(1, Outcome::TimedOut)]);
    assert_eq!(pair.smsc.closed, None);
    pair.smsc.eof();
    assert_eq!(pair.smsc.closed, Some(CloseReason::PeerClosed));
}

/// The centre closes without unbind, or in the middle of its answer: what was asked may have arrived, and is not lost
/// without a word.
#[test]
fn closed_before_and_in_the_answer() {
    let answer = wire::octets(2, &wire::submit_resp("id"));
    for come in [0, 1, 15, 16, answer.len() - 1] {
        let mut pair = Pair::bound();
        pair.submit(1).unwrap();
        pair.esme.transmit_all();
        pair.esme.recv(pair.now, &answer[..come]);
        pair.esme.eof();
        let gone = CloseReason::PeerClosed;
        assert_eq!(pair.esme.ends(), [(1, Outcome::MaybeDelivered(gone))]);
    }
}

/// What answers at once, before the owner has said that the request is written, finds its request.
#[test]
fn an_answer_faster_than_the_transport() {
    let now = Instant::now();
    let mut session = Session::<u32>::new(Role::Esme, Config::default(), now);
    let number = session.request(now, 7, &wire::transceiver()).unwrap();
    let mut out = Vec::new();
    session.poll_transmit(&mut out);
    let answer = wire::bare(CommandId::BIND_TRANSCEIVER_RESP, CommandStatus::ESME_ROK, number);
    let told = session.handle_bytes(now, &mut &answer[..]);
    assert!(matches!(told, Some(Event::Ended { context: 7, .. })), "{told:?}");
    session.handle_written(out.len());
    assert_eq!(session.unwritten(), 0);
}
