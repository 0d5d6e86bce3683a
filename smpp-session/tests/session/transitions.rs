//! The life of a session, row by row of a copy of the specification's table: each has its story, and each story a row.

use crate::pair::{OK, Pair, Side};
use crate::permissions::side_in;
use crate::wire;
use smpp_pdu::{BindTransceiverResp, CommandId, CommandStatus, EnquireLink, Outbind, Unbind, Version, tlv};
use smpp_session::{CloseReason, Config, Outcome, RequestError, Role, State};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

const TABLE: &str = include_str!("../spec/session_transitions.csv");

type Story = fn(Version);

/// By what happens.
const STORIES: [(&str, Story); 16] = [
    ("ESME opens the network connection", connected),
    ("MC opens a network connection to the ESME", connected_by_the_centre),
    ("MC sends outbind", outbind),
    ("bind_transmitter answered with ESME_ROK", bound_as_transmitter),
    ("bind_receiver answered with ESME_ROK", bound_as_receiver),
    ("bind_transceiver answered with ESME_ROK", bound_as_transceiver),
    ("bind answered with an error", bind_refused),
    ("ESME refuses the outbind (system_id, password)", outbind_refused),
    ("session_init expires", session_init),
    ("bind request received", bound_already),
    ("unbind sent by either side", unbind),
    ("unbind_resp sent or received", unbound),
    (
        "operation request received (not enquire_link, generic_nack)",
        asked_while_unbound,
    ),
    ("network connection lost or closed by the peer", connection_lost),
    ("inactivity timer expires", inactivity),
    ("response timer expires", response),
];

const ROLES: [Role; 2] = [Role::Esme, Role::Smsc];
const BOUND: [State; 3] = [State::BoundTx, State::BoundRx, State::BoundTrx];

#[test]
fn every_row() {
    let mut told = BTreeSet::new();
    for row in TABLE.lines().skip(1) {
        let cells = cells(row);
        let [_, _, event, _, _, versions, ..] = &cells[..] else {
            panic!("{row}")
        };
        let (event, story) = STORIES
            .iter()
            .find(|(name, _)| name == event)
            .unwrap_or_else(|| panic!("no story of: {event}"));
        assert!(told.insert(event), "{event} twice");
        for version in versions.split(' ') {
            story(match version {
                "3.3" => Version::V33,
                "3.4" => Version::V34,
                "5.0" => Version::V50,
                other => panic!("no version {other}"),
            });
        }
    }
    assert_eq!(told.len(), STORIES.len(), "a story without a row");
}

/// Cells, of which some are quoted.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    for (at, part) in line.split('"').enumerate() {
        let mut parts = if at % 2 == 0 {
            part.split(',').collect()
        } else {
            vec![part]
        }
        .into_iter();
        cells.last_mut().unwrap().push_str(parts.next().unwrap());
        cells.extend(parts.map(str::to_owned));
    }
    cells
}

fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn config(version: Version) -> Config {
    let mut config = Config::default();
    config.version = version;
    config
}

/// What a bind of this kind and version says.
fn bind(number: u32, command: CommandId, version: Version) -> Vec<u8> {
    let mut pdu = wire::transceiver();
    pdu.interface_version = version.interface_version();
    renamed(wire::octets(number, &pdu), command)
}

fn renamed(mut frame: Vec<u8>, command: CommandId) -> Vec<u8> {
    frame[4..8].copy_from_slice(&command.0.to_be_bytes());
    frame
}

/// Closes when session_init, which began with the session, is over, and not before.
fn closes_after_session_init(mut side: Side, began: Instant) {
    side.timeout(began + secs(10) - Duration::from_millis(1));
    assert_eq!(side.closed, None);
    side.timeout(began + secs(10));
    assert_eq!(side.closed, Some(CloseReason::SessionInit));
    assert_eq!(side.session.state(), State::Closed);
}

fn connected(version: Version) {
    let now = Instant::now();
    let smsc = Side::new(Role::Smsc, config(version), now);
    assert_eq!(smsc.session.state(), State::Open);
    closes_after_session_init(smsc, now);
}

fn connected_by_the_centre(version: Version) {
    let now = Instant::now();
    let esme = Side::new(Role::Esme, config(version), now);
    assert_eq!(esme.session.state(), State::Open);
    closes_after_session_init(esme, now);
}

/// The bind is waited for anew.
fn outbind(version: Version) {
    for role in ROLES {
        let now = Instant::now();
        let mut side = Side::new(role, config(version), now);
        side.timeout(now + secs(9));
        match role {
            Role::Esme => side.recv(now + secs(9), &wire::octets(1, &Outbind::default())),
            Role::Smsc => side.session.notify(now + secs(9), &Outbind::default()).unwrap(),
        }
        side.transmit_all();
        assert_eq!(side.session.state(), State::Outbound);
        closes_after_session_init(side, now + secs(9));
    }
}

fn bound_as_transmitter(version: Version) {
    becomes(CommandId::BIND_TRANSMITTER, State::BoundTx, version);
}

fn bound_as_receiver(version: Version) {
    becomes(CommandId::BIND_RECEIVER, State::BoundRx, version);
}

fn bound_as_transceiver(version: Version) {
    becomes(CommandId::BIND_TRANSCEIVER, State::BoundTrx, version);
}

fn becomes(command: CommandId, state: State, version: Version) {
    for side in before_the_bind(version) {
        let side = answered(side, command, version, CommandStatus::ESME_ROK);
        assert_eq!(side.session.state(), state);
        assert_eq!(side.states.last(), Some(&state));
        // session_init is over: what comes next is enquire_link.
        let mut side = side;
        side.timeout(Instant::now() + secs(29));
        assert_eq!(side.closed, None);
        side.timeout(Instant::now() + secs(31));
        assert_eq!(wire::read(&side.transmit_all())[0].0, CommandId::ENQUIRE_LINK);
    }
}

/// Of both roles, in both states.
fn before_the_bind(version: Version) -> impl Iterator<Item = Side> {
    let states = [State::Open, State::Outbound].into_iter();
    states.flat_map(move |state| ROLES.into_iter().filter_map(move |role| side_in(role, version, state)))
}

/// A bind goes and is answered.
fn answered(mut side: Side, command: CommandId, version: Version, status: CommandStatus) -> Side {
    let now = Instant::now();
    let octets = bind(5, command, version);
    match side.session.role() {
        Role::Smsc => {
            side.recv(now, &octets);
            side.answer(now, status);
        }
        Role::Esme => {
            let pdu = smpp_pdu::Codec::default().decode(&octets).unwrap().pdu;
            let number = side.request(now, 0, &pdu).unwrap();
            let mut resp = BindTransceiverResp::default();
            let ours = version.interface_version();
            resp.tlvs.set(tlv::SC_INTERFACE_VERSION, ours).unwrap();
            let answer = match status {
                CommandStatus::ESME_ROK => renamed(wire::octets(number, &resp), command.response()),
                _ => wire::bare(command.response(), status, number),
            };
            side.recv(now, &answer);
            assert_eq!(side.ends(), [(0, Outcome::Answered(status))]);
        }
    }
    side.transmit_all();
    side
}

/// Nothing changes, and another may follow.
fn bind_refused(version: Version) {
    for side in before_the_bind(version) {
        let before = side.session.state();
        let side = answered(
            side,
            CommandId::BIND_TRANSMITTER,
            version,
            CommandStatus::ESME_RINVPASWD,
        );
        assert_eq!(side.session.state(), before);
        let side = answered(side, CommandId::BIND_RECEIVER, version, CommandStatus::ESME_ROK);
        assert_eq!(side.session.state(), State::BoundRx);
    }
}

fn outbind_refused(version: Version) {
    let mut esme = side_in(Role::Esme, version, State::Outbound).unwrap();
    esme.session.close(CloseReason::Local);
    esme.events();
    assert_eq!(esme.session.state(), State::Closed);
    assert_eq!(esme.transmit(), []);
}

fn session_init(version: Version) {
    for mut side in before_the_bind(version) {
        side.timeout(Instant::now() + secs(10));
        assert_eq!(side.closed, Some(CloseReason::SessionInit));
        assert_eq!(side.transmit(), []);
    }
}

fn bound_already(version: Version) {
    let now = Instant::now();
    for (role, state) in ROLES.into_iter().flat_map(|role| BOUND.map(|state| (role, state))) {
        let mut side = side_in(role, version, state).unwrap();
        for command in [
            CommandId::BIND_TRANSMITTER,
            CommandId::BIND_RECEIVER,
            CommandId::BIND_TRANSCEIVER,
        ] {
            side.recv(now, &bind(9, command, version));
            let answer = (command.response(), CommandStatus::ESME_RALYBND, 9);
            assert_eq!(wire::read(&side.transmit_all()), [answer]);
            assert_eq!(side.session.state(), state);
        }
    }
}

fn unbind(version: Version) {
    let now = Instant::now();
    for (role, state) in ROLES.into_iter().flat_map(|role| BOUND.map(|state| (role, state))) {
        // From this side.
        let mut side = side_in(role, version, state).unwrap();
        side.session.unbind(now);
        assert_eq!(side.session.state(), State::Unbound);
        let sent = wire::read(&side.transmit_all());
        assert_eq!(sent[0].0, CommandId::UNBIND);
        let refused = side.request(now, 1, &EnquireLink::default());
        assert_eq!(
            refused,
            Err(RequestError::WrongState(CommandId::ENQUIRE_LINK, State::Unbound))
        );
        side.recv(
            now,
            &wire::bare(CommandId::UNBIND_RESP, CommandStatus::ESME_ROK, sent[0].2),
        );
        assert_eq!(side.closed, Some(CloseReason::Unbound));
        // From the peer.
        let mut side = side_in(role, version, state).unwrap();
        side.recv(now, &wire::octets(9, &Unbind::default()));
        assert_eq!(side.states.last(), Some(&State::Unbound));
        let answer = (CommandId::UNBIND_RESP, CommandStatus::ESME_ROK, 9);
        assert_eq!(wire::read(&side.transmit_all()), [answer]);
        assert_eq!(side.closed, Some(CloseReason::Unbound));
    }
}

/// The message centre closes, whichever side has asked.
fn unbound(version: Version) {
    let now = Instant::now();
    let mut asked = side_in(Role::Smsc, version, State::Unbound).unwrap();
    asked.answer(now, CommandStatus::ESME_ROK);
    assert_eq!(
        wire::read(&asked.transmit_all()).last().unwrap().0,
        CommandId::UNBIND_RESP
    );
    let mut asks = side_in(Role::Smsc, version, State::BoundTrx).unwrap();
    asks.session.unbind(now);
    let number = wire::read(&asks.transmit_all())[0].2;
    asks.recv(
        now,
        &wire::bare(CommandId::UNBIND_RESP, CommandStatus::ESME_ROK, number),
    );
    for mut side in [asked, asks] {
        side.events();
        assert_eq!(side.closed, Some(CloseReason::Unbound));
        assert_eq!(side.session.state(), State::Closed);
    }
}

fn asked_while_unbound(version: Version) {
    let now = Instant::now();
    for role in ROLES {
        let mut side = side_in(role, version, State::Unbound).unwrap();
        let (asked, response) = match role {
            Role::Smsc => (wire::octets(9, &wire::submit("hello")), CommandId::SUBMIT_SM_RESP),
            Role::Esme => (wire::octets(9, &wire::deliver("hello")), CommandId::DELIVER_SM_RESP),
        };
        side.recv(now, &asked);
        let answer = (response, CommandStatus::ESME_RINVBNDSTS, 9);
        assert_eq!(wire::read(&side.transmit_all()), [answer]);
        assert_eq!(side.session.state(), State::Unbound);
        // But this is answered.
        side.recv(now, &wire::bare(CommandId::ENQUIRE_LINK, CommandStatus::ESME_ROK, 10));
        let answer = (CommandId::ENQUIRE_LINK_RESP, CommandStatus::ESME_ROK, 10);
        assert_eq!(wire::read(&side.transmit_all()), [answer]);
    }
}

fn connection_lost(version: Version) {
    let now = Instant::now();
    let states = [State::Open, State::Outbound, State::Unbound].into_iter().chain(BOUND);
    for (role, state) in states.flat_map(|state| ROLES.map(|role| (role, state))) {
        let Some(mut side) = side_in(role, version, state) else {
            continue;
        };
        side.ends();
        let waits = side.request(now, 1, &EnquireLink::default()).is_ok();
        side.transmit_all();
        side.eof();
        // Who has asked for the end may close.
        let reason = match state {
            State::Unbound => CloseReason::Unbound,
            _ => CloseReason::PeerClosed,
        };
        let expected = waits.then_some((1, Outcome::MaybeDelivered(reason)));
        assert_eq!(side.ends(), expected.into_iter().collect::<Vec<_>>());
        assert_eq!((side.closed, side.session.state()), (Some(reason), State::Closed));
    }
}

/// By unbind, which lets who is asked at this moment answer.
fn inactivity(version: Version) {
    for inactive in ROLES {
        let mut busy = config(version);
        busy.inactivity = Some(secs(100));
        let (esme, smsc) = match inactive {
            Role::Esme => (busy, config(version)),
            Role::Smsc => (config(version), busy),
        };
        let mut pair = Pair::of(esme, smsc);
        pair.bind();
        pair.pass(secs(99));
        assert_eq!((pair.esme.closed, pair.smsc.closed), (None, None));
        pair.pass(secs(1));
        let ended = (Some(CloseReason::Inactive), Some(CloseReason::Unbound));
        let (esme, smsc) = (pair.esme.closed, pair.smsc.closed);
        assert_eq!(
            if inactive == Role::Esme {
                (esme, smsc)
            } else {
                (smsc, esme)
            },
            ended
        );
    }
}

/// The operation has failed, and nothing else has changed.
fn response(version: Version) {
    let states = [State::Open, State::Outbound].into_iter().chain(BOUND);
    for (role, state) in states.flat_map(|state| ROLES.map(|role| (role, state))) {
        let Some(mut side) = side_in(role, version, state) else {
            continue;
        };
        side.ends();
        let now = Instant::now();
        let number = side.request(now, 1, &EnquireLink::default()).unwrap();
        side.transmit_all();
        // Something is heard meanwhile, and so the link lives. (No bind comes, but a request of ours waits.)
        let heard = now + secs(29);
        side.recv(heard, &wire::bare(CommandId::GENERIC_NACK, CommandStatus::ESME_ROK, 0));
        assert_eq!(side.ends(), []);
        side.timeout(now + secs(30));
        assert_eq!(side.ends(), [(1, Outcome::TimedOut)]);
        if state.is_bound() {
            assert_eq!((side.session.state(), side.closed), (state, None));
            // Its answer comes late, and is borne.
            side.recv(
                heard,
                &wire::bare(CommandId::ENQUIRE_LINK_RESP, CommandStatus::ESME_ROK, number),
            );
            assert_eq!(side.strays.pop(), Some((CommandId::ENQUIRE_LINK_RESP, number)));
            let again = side.request(heard, 2, &EnquireLink::default()).unwrap();
            side.recv(
                heard,
                &wire::bare(CommandId::ENQUIRE_LINK_RESP, CommandStatus::ESME_ROK, again),
            );
            assert_eq!(side.ends(), [(2, OK)]);
        }
    }
}
