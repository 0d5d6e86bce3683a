//! Malformed and borderline PDUs, from a copy of the specification's: what a session answers with the strict profile,
//! and with that of the field. Rows of the layers above the session are decoded by it, and no more.

use crate::pair::{Answers, Side};
use crate::wire;
use smpp_pdu::{BindTransceiverResp, CommandId, CommandStatus, Tolerance, Version, tlv};
use smpp_session::{CloseReason, Config, Role, State};
use std::time::Instant;

const TABLE: &str = include_str!("../spec/edge_pdus.csv");

/// Cells, of which some are quoted.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            c => cells.last_mut().unwrap().push(c),
        }
    }
    cells
}

fn side(to: &str, state: &str, version: Version, tolerance: Tolerance) -> Side {
    let now = Instant::now();
    let role = if to == "esme" { Role::Esme } else { Role::Smsc };
    let mut config = Config::default();
    (config.version, config.tolerance) = (version, tolerance);
    let mut side = Side::new(role, config, now);
    side.answers = Answers::Later;
    if state == "OPEN" {
        return side;
    }
    let command = match state {
        "BOUND_TX" => CommandId::BIND_TRANSMITTER,
        "BOUND_RX" => CommandId::BIND_RECEIVER,
        _ => CommandId::BIND_TRANSCEIVER,
    };
    let mut bind = wire::transceiver();
    bind.interface_version = version.interface_version();
    let mut bind = wire::octets(1, &bind);
    bind[4..8].copy_from_slice(&command.0.to_be_bytes());
    match role {
        Role::Smsc => {
            side.recv(now, &bind);
            side.answer(now, CommandStatus::ESME_ROK);
        }
        Role::Esme => {
            let bind = smpp_pdu::Codec::default().decode(&bind).unwrap().pdu;
            side.request(now, 0, &bind).unwrap();
            let mut resp = BindTransceiverResp::default();
            resp.tlvs
                .set(tlv::SC_INTERFACE_VERSION, version.interface_version())
                .unwrap();
            let mut resp = wire::octets(1, &resp);
            resp[4..8].copy_from_slice(&command.response().0.to_be_bytes());
            side.recv(now, &resp);
        }
    }
    side.transmit_all();
    side
}

/// The answer, or that the application was asked (and answered ESME_ROK).
fn answer(side: &mut Side, octets: &[u8]) -> Vec<(CommandId, CommandStatus, u32)> {
    let now = Instant::now();
    side.recv(now, octets);
    if let Some(token) = side.asked.pop_front() {
        side.session.reject(token, CommandStatus::ESME_ROK).unwrap();
    }
    wire::read(&side.transmit_all())
}

#[test]
fn every_row() {
    let mut rows = 0;
    for line in TABLE.lines().skip(1) {
        let row = cells(line);
        let [name, versions, to, state, hex, layer, expected, status, field, ..] = &row[..] else {
            panic!("{line}")
        };
        let octets: Vec<u8> = (0..hex.len() / 2)
            .map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
            .collect();
        let command = CommandId(u32::from_be_bytes(octets[4..8].try_into().unwrap()));
        let number = u32::from_be_bytes(octets[12..16].try_into().unwrap());
        let status = status
            .strip_prefix("0x")
            .map(|hex| CommandStatus(u32::from_str_radix(hex, 16).unwrap()));
        for version in [("3.4", Version::V34), ("5.0", Version::V50)] {
            if !versions.contains(version.0) {
                continue;
            }
            let what = format!("{name} at {}", version.0);
            for strict in [true, false] {
                let tolerance = if strict {
                    Tolerance::strict()
                } else {
                    Tolerance::field()
                };
                let mut side = side(to, state, version.1, tolerance);
                let before = side.session.state();
                let got = answer(&mut side, &octets);
                rows += 1;
                if layer == "frame" {
                    assert_eq!(got, [(CommandId::GENERIC_NACK, status.unwrap(), 0)], "{what}");
                    assert!(matches!(side.closed, Some(CloseReason::Framing { .. })), "{what}");
                    continue;
                }
                let decoded = layer == "check" || !strict && field != "as strict";
                let expected = match (command.is_response(), layer.as_str()) {
                    (true, _) => vec![],
                    (_, "session") if expected.contains("generic_nack") => {
                        vec![(CommandId::GENERIC_NACK, status.unwrap(), number)]
                    }
                    _ if decoded => vec![(command.response(), CommandStatus::ESME_ROK, number)],
                    _ => vec![(command.response(), status.unwrap(), number)],
                };
                assert_eq!(got, expected, "{what}, strict: {strict}");
                assert_eq!(side.closed, None, "{what}");
                if State::bound_by(command).is_none() {
                    assert_eq!(side.session.state(), before, "{what}");
                }
            }
        }
    }
    assert!(rows > 150, "{rows}");
}
