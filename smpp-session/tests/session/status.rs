//! Which status a peer is told.

use crate::pair::{Answers, Pair, Side};
use crate::wire;
use smpp_pdu::{
    BindTransceiverResp, CancelSm, CommandId, CommandStatus, DataSm, Encode, QuerySm, ReplaceSm, SubmitSmResp, Version,
    tlv,
};
use smpp_session::{Config, RespondError, Role};
use std::time::Duration;

const TABLE: &str = include_str!("../spec/retry.csv");

/// What a sender makes of each status: of an answer to submit_sm and its like, and of one to deliver_sm.
fn retried() -> Vec<(CommandStatus, [&'static str; 2])> {
    let row = |line: &'static str| {
        let cells: Vec<_> = line.split(',').collect();
        let code = u32::from_str_radix(cells[0].trim_start_matches("0x"), 16).unwrap();
        (CommandStatus(code), [cells[2], cells[3]])
    };
    TABLE.lines().skip(1).map(row).collect()
}

fn of_status(status: CommandStatus) -> [&'static str; 2] {
    let rows = retried();
    rows.iter().find(|(known, _)| *known == status).expect("in the table").1
}

/// What a bound 3.4 peer of `role` is told when its request is rejected with `status`.
fn told(role: Role, request: &impl Encode, status: CommandStatus) -> CommandStatus {
    let mut pair = Pair::bound();
    let side = match role {
        Role::Esme => &mut pair.smsc,
        Role::Smsc => &mut pair.esme,
    };
    side.answers = Answers::Later;
    side.recv(pair.now, &wire::octets(7, request));
    let token = side.asked.pop_front().unwrap();
    let said = side.session.reject(token, status);
    assert!(matches!(said, Err(RespondError::Encode(_))), "{status}");
    only_answer(side, request.command_id(), 7)
}

fn only_answer(side: &mut Side, request: CommandId, number: u32) -> CommandStatus {
    let sent = wire::read(&side.transmit_all());
    assert_eq!((sent.len(), sent[0].0, sent[0].2), (1, request.response(), number));
    sent[0].1
}

/// A status of 5.0 is not said to a peer of 3.4, and what is said in its place has the peer do the same: who sends a
/// message again that can never be accepted does so for ever.
#[test]
fn a_status_of_5_0_keeps_its_nature_below_it() {
    let mut judged = 0;
    for (status, [submit, deliver]) in retried() {
        if status.0 < 0x100 {
            continue;
        }
        let from_esme = [
            told(Role::Esme, &wire::submit("hello"), status),
            told(Role::Esme, &DataSm::default(), status),
            told(Role::Esme, &QuerySm::default(), status),
            told(Role::Esme, &CancelSm::default(), status),
            told(Role::Esme, &ReplaceSm::default(), status),
        ];
        let from_smsc = [
            told(Role::Smsc, &wire::deliver("hello"), status),
            told(Role::Smsc, &DataSm::default(), status),
        ];
        for said in from_esme {
            assert_eq!(of_status(said)[0], submit, "{said} for {status}");
        }
        for said in from_smsc {
            assert_eq!(of_status(said)[1], deliver, "{said} for {status}");
        }
        judged += 1;
    }
    assert_eq!(judged, 19, "0x100 to 0x112");
}

#[test]
fn the_nearest_of_3_4() {
    let submit = wire::submit("hello");
    for (status, expected) in [
        (CommandStatus::ESME_RSERTYPUNAUTH, CommandStatus::ESME_RINVSERTYP),
        (CommandStatus::ESME_RPROHIBITED, CommandStatus::ESME_RSUBMITFAIL),
        (CommandStatus::ESME_RSERTYPUNAVAIL, CommandStatus::ESME_RSYSERR),
        (CommandStatus::ESME_RINVDCS, CommandStatus::ESME_RSUBMITFAIL),
        (CommandStatus::ESME_RINVDSTADDRSUBUNIT, CommandStatus::ESME_RINVTLVVAL),
        (CommandStatus(0x113), CommandStatus::ESME_RUNKNOWNERR),
        (CommandStatus(0x3ff), CommandStatus::ESME_RUNKNOWNERR),
    ] {
        assert_eq!(told(Role::Esme, &submit, status), expected, "{status}");
    }
    assert_eq!(
        told(Role::Smsc, &wire::deliver("hello"), CommandStatus::ESME_RINVDCS),
        CommandStatus::ESME_RX_R_APPN
    );
}

/// With a body, for a bind, and where nobody has answered.
#[test]
fn however_it_comes_to_be_said() {
    let mut pair = Pair::bound();
    pair.smsc.answers = Answers::Later;
    pair.submit(1).unwrap();
    let octets = pair.esme.transmit_all();
    pair.smsc.recv(pair.now, &octets);
    let token = pair.smsc.asked.pop_front().unwrap();
    let resp = SubmitSmResp::default();
    let said = pair.smsc.session.respond(token, CommandStatus::ESME_RPROHIBITED, &resp);
    assert!(matches!(said, Err(RespondError::Encode(_))));
    let said = only_answer(&mut pair.smsc, CommandId::SUBMIT_SM, 2);
    assert_eq!(said, CommandStatus::ESME_RSUBMITFAIL);

    let mut config = Config::default();
    config.unanswered = CommandStatus::ESME_RPROHIBITED;
    config.answer = Duration::from_secs(1);
    let mut pair = Pair::new(config);
    pair.smsc.answers = Answers::Later;
    pair.smsc.recv(pair.now, &wire::octets(1, &wire::transceiver()));
    pair.smsc.timeout(pair.now + Duration::from_secs(1));
    let said = only_answer(&mut pair.smsc, CommandId::BIND_TRANSCEIVER, 1);
    assert_eq!(said, CommandStatus::ESME_RBINDFAIL);
}

/// A refused bind is answered as its version has it, too: a peer of 3.3 knows no TLVs, and no response without a body.
#[test]
fn a_refused_bind_of_3_3() {
    let mut pair = Pair::new(Config::default());
    pair.smsc.answers = Answers::Later;
    let mut bind = wire::transceiver();
    bind.interface_version = 0x33;
    let mut resp = BindTransceiverResp::default();
    resp.tlvs.set(tlv::SC_INTERFACE_VERSION, 0x34).unwrap();
    pair.smsc.recv(pair.now, &wire::octets(1, &bind));
    let token = pair.smsc.asked.pop_front().unwrap();
    let said = pair.smsc.session.respond(token, CommandStatus::ESME_RBINDFAIL, &resp);
    assert!(matches!(said, Err(RespondError::Encode(_))), "{said:?}");
    let sent = pair.smsc.transmit_all();
    // Nothing but an empty system_id, which 3.3 has in every response (v3.3 §6.3.3.2).
    assert_eq!((sent.len(), sent[16]), (17, 0));
    assert_eq!(wire::read(&sent)[0].1, CommandStatus::ESME_RBINDFAIL);
    // And where it is rejected.
    pair.smsc.recv(pair.now, &wire::octets(2, &bind));
    pair.smsc.answer(pair.now, CommandStatus::ESME_RBINDFAIL);
    assert_eq!(pair.smsc.transmit_all().len(), 17);
    // The next one may be of another version.
    assert_eq!(pair.smsc.session.codec().version, Version::V34);
}
