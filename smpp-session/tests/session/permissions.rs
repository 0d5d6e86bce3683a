//! The table in `state.rs` against a copy of the one that this project enforces: cell by cell, both ways.

use crate::pair::{Answers, Side};
use crate::wire;
use smpp_pdu::{BindTransceiverResp, Codec, CommandId, CommandStatus, Outbind, Pdu, Unbind, Version, tlv};
use smpp_session::{Config, Permission, Role, State, permission};
use std::collections::BTreeMap;
use std::time::Instant;

const TABLE: &str = include_str!("../spec/permissions.csv");

const VERSIONS: [(&str, Version); 3] = [("3.3", Version::V33), ("3.4", Version::V34), ("5.0", Version::V50)];
const STATES: [(&str, State); 6] = [
    ("OPEN", State::Open),
    ("OUTBOUND", State::Outbound),
    ("BOUND_TX", State::BoundTx),
    ("BOUND_RX", State::BoundRx),
    ("BOUND_TRX", State::BoundTrx),
    ("UNBOUND", State::Unbound),
];

fn of<T: Copy>(names: &[(&str, T)], name: &str) -> T {
    let found = names.iter().find(|(known, _)| *known == name);
    found.unwrap_or_else(|| panic!("no {name}")).1
}

fn command(name: &str) -> CommandId {
    let found = CommandId::NAMES.iter().find(|(_, known)| *known == name);
    found.unwrap_or_else(|| panic!("no {name}")).0
}

/// Whether the ESME may, and whether the SMSC may, in each state.
type Row = BTreeMap<&'static str, (bool, bool)>;

fn table() -> BTreeMap<(Version, CommandId), Row> {
    let mut table: BTreeMap<_, Row> = BTreeMap::new();
    for row in TABLE.lines().skip(1) {
        let mut cells = row.splitn(6, ',');
        let mut cell = || cells.next().unwrap();
        let (version, name, state) = (of(&VERSIONS, cell()), command(cell()), cell());
        let may = of(&STATES, state);
        let (esme, smsc) = (cell() == "yes", cell() == "yes");
        let old = table.entry((version, name)).or_default().insert(state, (esme, smsc));
        assert_eq!(old, None, "{name} {may:?} twice");
    }
    table
}

#[test]
fn every_cell() {
    let (table, mut cells) = (table(), 0);
    for (&(version, command), states) in table.iter().filter(|((_, command), _)| !command.is_response()) {
        assert_eq!(states.len(), STATES.len(), "{command}");
        for (state, &(esme, smsc)) in states {
            for (role, may) in [(Role::Esme, esme), (Role::Smsc, smsc)] {
                let expected = if may {
                    Permission::Allowed
                } else {
                    Permission::Forbidden
                };
                let got = permission(version, role, command, of(&STATES, state));
                assert_eq!(got, expected, "{command} from {role:?} in {state} at {version:?}");
                cells += 1;
            }
        }
    }
    assert!(cells > 400, "{cells}");
}

/// What the table does not know is unknown, responses among it; and on a closed session nothing is allowed.
#[test]
fn nothing_else() {
    let table = table();
    let known = CommandId::NAMES.iter().map(|&(command, _)| command);
    let strange = [0, 0x0a, 0x0c, 0x999, 0x0001_0201, 0x7fff_ffff, u32::MAX].map(CommandId);
    for (_, version) in VERSIONS {
        for command in known.clone().chain(strange) {
            let listed = !command.is_response() && table.contains_key(&(version, command));
            for role in [Role::Esme, Role::Smsc] {
                for (_, state) in STATES {
                    let unknown = permission(version, role, command, state) == Permission::Unknown;
                    assert_eq!(unknown, !listed, "{command} from {role:?} in {state:?} at {version:?}");
                }
                let closed = permission(version, role, command, State::Closed);
                assert_ne!(closed, Permission::Allowed, "{command}");
            }
        }
    }
}

/// A response can occur exactly where its request may be sent by the other side.
#[test]
fn responses_mirror_requests() {
    let table = table();
    for ((version, command), states) in &table {
        let request = CommandId(command.0 & !CommandId::RESPONSE);
        if !command.is_response() || *command == CommandId::GENERIC_NACK {
            continue;
        }
        let requests = &table[&(*version, request)];
        for (state, &(esme, smsc)) in states {
            // Unbind is answered in the state that it has led to.
            if request != CommandId::UNBIND {
                let (by_esme, by_smsc) = requests[state];
                assert_eq!((esme, smsc), (by_smsc, by_esme), "{command} in {state} at {version:?}");
            }
        }
    }
}

/// A session in that state, to which nothing has been answered.
pub(crate) fn side_in(role: Role, version: Version, state: State) -> Option<Side> {
    let now = Instant::now();
    let mut config = Config::default();
    config.version = version;
    let mut side = Side::new(role, config, now);
    side.answers = Answers::Later;
    let outbind = Outbind::default();
    let bind = match state {
        State::Open => return Some(side),
        State::Outbound if version == Version::V33 => return None,
        State::Outbound => {
            match role {
                Role::Esme => side.recv(now, &wire::octets(1, &outbind)),
                Role::Smsc => side.session.notify(now, &outbind).unwrap(),
            }
            side.transmit_all();
            return Some(side);
        }
        State::BoundTx => Pdu::from(wire::transmitter()),
        State::BoundRx => Pdu::from(wire::receiver()),
        _ => Pdu::from(wire::transceiver()),
    };
    let mut bind = wire::octets(1, &bind);
    // The octet of interface_version, with three NULs of an empty address_range behind it.
    let at = bind.len() - 4;
    bind[at] = version.interface_version();
    match role {
        Role::Smsc => {
            side.recv(now, &bind);
            side.answer(now, CommandStatus::ESME_ROK);
        }
        Role::Esme => {
            let bind = Codec::default().decode(&bind).unwrap().pdu;
            side.request(now, 0, &bind).unwrap();
            let mut resp = BindTransceiverResp::default();
            resp.tlvs
                .set(tlv::SC_INTERFACE_VERSION, version.interface_version())
                .unwrap();
            let mut resp = wire::octets(1, &resp);
            resp[4..8].copy_from_slice(&bind.command_id().response().0.to_be_bytes());
            side.recv(now, &resp);
        }
    }
    if state == State::Unbound {
        let pending = match role {
            Role::Smsc => wire::octets(2, &wire::submit("hello")),
            Role::Esme => wire::octets(2, &wire::deliver("hello")),
        };
        side.recv(now, &pending);
        side.recv(now, &wire::octets(3, &Unbind::default()));
    }
    side.transmit_all();
    assert_eq!((side.session.state(), side.session.codec().version), (state, version));
    Some(side)
}

/// What the table forbids gets its own response, and what it does not know a generic_nack; the state stays as it is.
#[test]
fn what_is_forbidden_is_refused() {
    let now = Instant::now();
    let strange = [(CommandId(0x999), "a strange one")];
    for (_, version) in VERSIONS {
        for (_, state) in STATES {
            for role in [Role::Esme, Role::Smsc] {
                for &(command, name) in CommandId::NAMES.iter().chain(&strange) {
                    let allowed = permission(version, role.peer(), command, state);
                    if command.is_response() || allowed == Permission::Allowed {
                        continue;
                    }
                    let Some(mut side) = side_in(role, version, state) else {
                        continue;
                    };
                    side.recv(now, &wire::bare(command, CommandStatus::ESME_ROK, 77));
                    let status = if state.is_bound() && State::bound_by(command).is_some() {
                        CommandStatus::ESME_RALYBND
                    } else {
                        CommandStatus::ESME_RINVBNDSTS
                    };
                    let expected = match (allowed, command) {
                        (Permission::Unknown, _) => {
                            vec![(CommandId::GENERIC_NACK, CommandStatus::ESME_RINVCMDID, 77)]
                        }
                        (_, CommandId::OUTBIND | CommandId::ALERT_NOTIFICATION) => vec![],
                        _ => vec![(command.response(), status, 77)],
                    };
                    let got = wire::read(&side.transmit_all());
                    assert_eq!(got, expected, "{name} to {role:?} in {state:?} at {version:?}");
                    assert_eq!(side.session.state(), state);
                    assert_eq!(side.closed, None);
                }
            }
        }
    }
}
