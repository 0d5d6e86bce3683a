//! A vendor's own commands: registered, they are requests like others; unregistered, they are unknown.

use crate::pair::{Answers, OK, Pair};
use crate::wire;
use smpp_pdu::{CommandId, CommandStatus, Pdu, Unknown, Version};
use smpp_session::{Config, Event, Outcome, RequestError, RespondError, Role, State, VendorCommand};
use std::time::Duration;

const ASK: CommandId = CommandId(0x0001_0201);
/// Not what bit 31 would make of it.
const ANSWER: CommandId = CommandId(0x8001_0277);
const TELL: CommandId = CommandId(0x0001_0202);

/// `ASK` of either side, `TELL` of the SMSC alone.
fn config() -> Config {
    let mut config = Config::default();
    config.vendor.push(VendorCommand::new(ASK, ANSWER).unwrap());
    let tell = VendorCommand::new(TELL, TELL.response()).unwrap();
    config.vendor.push(tell.only_from(Role::Smsc));
    config
}

fn bound() -> Pair {
    let mut pair = Pair::bound_with(config());
    (pair.esme.answers, pair.smsc.answers) = (Answers::Later, Answers::Later);
    pair
}

fn pdu(command_id: CommandId, body: &[u8]) -> Unknown<&[u8]> {
    Unknown { command_id, body }
}

#[test]
fn asked_and_answered_with_their_bodies() {
    let mut pair = bound();
    let number = pair.esme.request(pair.now, 1, &pdu(ASK, b"how much is left?")).unwrap();
    let octets = pair.esme.transmit_all();
    let mut input = &octets[..];
    let Some(Event::Request(received)) = pair.smsc.session.handle_bytes(pair.now, &mut input) else {
        panic!("no request")
    };
    assert_eq!(received.pdu, Pdu::Unknown(pdu(ASK, b"how much is left?")));
    assert_eq!(
        (received.token.command_id(), received.token.sequence_number()),
        (ASK, number)
    );
    let answer = pdu(ANSWER, b"enough");
    pair.smsc
        .session
        .respond(received.token, CommandStatus::ESME_ROK, &answer)
        .unwrap();
    let octets = pair.smsc.transmit_all();
    match pair.esme.session.handle_bytes(pair.now, &mut &octets[..]) {
        Some(Event::Ended {
            context: 1,
            outcome: Outcome::Answered(answer),
        }) => assert_eq!(answer.decode().unwrap().pdu, Pdu::Unknown(pdu(ANSWER, b"enough"))),
        other => panic!("{other:?}"),
    }
    assert!(pair.esme.session.is_idle() && pair.smsc.session.is_idle());
    assert_eq!(pair.smsc.session.stats().unknown, 0);
}

/// As of any request: a status alone, a time that is up, a place in the window, a wrong answer.
#[test]
fn a_request_like_others() {
    let mut pair = bound();
    pair.esme.session.set_window(3);
    for context in 1..=3 {
        pair.esme.request(pair.now, context, &pdu(ASK, b"")).unwrap();
    }
    let full = pair.esme.request(pair.now, 4, &pdu(ASK, b""));
    assert_eq!(full, Err(RequestError::WindowFull));
    pair.settle();
    let oldest = pair.esme.session.window(pair.now).oldest.unwrap();
    assert_eq!(oldest.command_id, ASK);

    pair.smsc.sent.clear();
    let token = pair.smsc.asked.pop_front().unwrap();
    pair.smsc.session.reject(token, CommandStatus(0x401)).unwrap();
    let token = pair.smsc.asked.pop_front().unwrap();
    let by_bit_31 = pdu(ASK.response(), b"");
    let wrong = pair.smsc.session.respond(token, CommandStatus::ESME_ROK, &by_bit_31);
    let mismatch = RespondError::Mismatch {
        request: ASK,
        response: ASK.response(),
    };
    assert_eq!(wrong, Err(mismatch));
    pair.settle();
    let told = wire::read(&pair.smsc.sent);
    assert!(told.iter().all(|(command, ..)| *command == ANSWER), "{told:?}");
    assert_eq!(
        pair.esme.ends(),
        [
            (1, Outcome::Answered(CommandStatus(0x401))),
            (2, Outcome::Answered(CommandStatus::ESME_RSYSERR))
        ]
    );
    pair.pass(Duration::from_secs(30));
    assert_eq!(pair.esme.ends(), [(3, Outcome::TimedOut)]);
}

/// Matched by number, and by the response that was registered (R018).
#[test]
fn the_response_to_it_and_no_other() {
    let mut pair = bound();
    let number = pair.esme.request(pair.now, 1, &pdu(ASK, b"")).unwrap();
    for other in [ASK.response(), CommandId::SUBMIT_SM_RESP, TELL.response()] {
        pair.esme
            .recv(pair.now, &wire::bare(other, CommandStatus::ESME_ROK, number));
        assert_eq!(pair.esme.strays.pop(), Some((other, number)));
    }
    pair.esme
        .recv(pair.now, &wire::bare(ANSWER, CommandStatus::ESME_ROK, number + 1));
    assert_eq!(pair.esme.strays.len(), 1);
    assert_eq!(pair.esme.ends(), []);
    pair.esme
        .recv(pair.now, &wire::bare(ANSWER, CommandStatus::ESME_ROK, number));
    assert_eq!(pair.esme.ends(), [(1, OK)]);
}

#[test]
fn in_bound_states_of_the_sides_that_may() {
    let mut open = Pair::new(config());
    let wrong = RequestError::WrongState(ASK, State::Open);
    assert_eq!(open.esme.request(open.now, 1, &pdu(ASK, b"")), Err(wrong));
    open.smsc.recv(open.now, &wire::bare(ASK, CommandStatus::ESME_ROK, 7));
    let refused = CommandStatus::ESME_RINVBNDSTS;
    assert_eq!(wire::read(&open.smsc.transmit_all()), [(ANSWER, refused, 7)]);

    let mut pair = bound();
    let wrong = RequestError::WrongState(TELL, State::BoundTrx);
    assert_eq!(pair.esme.request(pair.now, 1, &pdu(TELL, b"")), Err(wrong));
    pair.smsc.recv(pair.now, &wire::bare(TELL, CommandStatus::ESME_ROK, 8));
    assert_eq!(wire::read(&pair.smsc.transmit_all()), [(TELL.response(), refused, 8)]);
    pair.smsc.request(pair.now, 1, &pdu(TELL, b"")).unwrap();
    pair.smsc.request(pair.now, 2, &pdu(ASK, b"")).unwrap();
    pair.settle();
    let asked: Vec<CommandId> = pair.esme.asked.iter().map(|token| token.command_id()).collect();
    assert_eq!(asked, [TELL, ASK]);
    assert_eq!(pair.smsc.session.stats().forbidden, 1);

    // A transmitter, at 3.3: the table of states is the specification's, and says nothing of them.
    let mut config = config();
    config.version = Version::V33;
    let mut pair = Pair::new(config);
    pair.esme.request(pair.now, 0, &wire::transmitter()).unwrap();
    pair.settle();
    pair.smsc.answers = Answers::Later;
    pair.esme.request(pair.now, 1, &pdu(ASK, b"body")).unwrap();
    pair.settle();
    assert_eq!(pair.smsc.asked.len(), 1);
}

#[test]
fn what_is_not_registered_is_unknown() {
    let mut pair = bound();
    let unknown = CommandId(0x0001_0203);
    let error = pair.esme.request(pair.now, 1, &pdu(unknown, b""));
    assert_eq!(error, Err(RequestError::NotARequest(unknown)));
    pair.smsc
        .recv(pair.now, &wire::bare(unknown, CommandStatus::ESME_ROK, 7));
    let told = wire::read(&pair.smsc.transmit_all());
    assert_eq!(told, [(CommandId::GENERIC_NACK, CommandStatus::ESME_RINVCMDID, 7)]);
    assert_eq!(pair.smsc.session.stats().unknown, 1);
}

#[test]
fn what_cannot_be_registered() {
    let bad = [
        (CommandId::SUBMIT_SM, ANSWER),
        (CommandId::ENQUIRE_LINK, ANSWER),
        (CommandId::BROADCAST_SM, ANSWER),
        (ASK, CommandId::GENERIC_NACK),
        (ASK, CommandId::SUBMIT_SM_RESP),
        (ASK, TELL),
        (ANSWER, ANSWER),
    ];
    for (request, response) in bad {
        assert_eq!(VendorCommand::new(request, response), None, "{request} {response}");
    }
    let of_3_3 = VendorCommand::new(CommandId::QUERY_LAST_MSGS, CommandId::QUERY_LAST_MSGS_RESP).unwrap();
    assert!(of_3_3.may_come_from(Role::Esme) && of_3_3.may_come_from(Role::Smsc));
}
