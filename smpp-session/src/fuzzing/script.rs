//! What a run of octets says to do. Every run of octets is a script.

#![allow(clippy::indexing_slicing)] // each index is masked

use crate::config::{Config, Overload, Role};
use crate::vendor::VendorCommand;
use smpp_pdu::{CommandId, CommandStatus, Tolerance, Version};
use std::time::Duration;

/// One step. Its numbers are small, so that they meet.
#[derive(Debug)]
pub(super) enum Op {
    /// The application asks, or tells: a frame of which the number is not used.
    Ask(Vec<u8>),
    /// It answers one of those that wait: which, how, and with which status.
    Answer(usize, u8, CommandStatus),
    /// It forgets one.
    Forget(usize),
    /// The owner takes what is to be sent.
    Take,
    /// So many of the octets that were taken are written.
    Write(usize),
    /// The clock moves, and what is due is done.
    Pass(u64),
    /// The peer sends it.
    Come(Vec<u8>),
    Window(usize),
    /// This side is so loaded.
    Congest(u8),
    Unbind,
    Close,
    Eof,
}

pub(super) struct Script<'a> {
    rest: &'a [u8],
}

impl<'a> Script<'a> {
    pub(super) fn new(octets: &'a [u8]) -> Self {
        Self { rest: octets }
    }

    fn octet(&mut self) -> u8 {
        let Some((&octet, rest)) = self.rest.split_first() else {
            return 0;
        };
        self.rest = rest;
        octet
    }

    fn octets(&mut self) -> &'a [u8] {
        let len = usize::from(self.octet()).min(self.rest.len());
        let (octets, rest) = self.rest.split_at(len);
        self.rest = rest;
        octets
    }

    /// The side, its limits, and whether its application answers at once.
    pub(super) fn settings(&mut self) -> (Role, Config, bool) {
        let (side, limits) = (self.octet(), self.octet());
        let role = if side & 1 == 0 { Role::Esme } else { Role::Smsc };
        let mut config = Config {
            version: match side >> 1 & 3 {
                0 => Version::V33,
                3 => Version::V50,
                _ => Version::V34,
            },
            tolerance: if side & 8 == 0 {
                Tolerance::field()
            } else {
                Tolerance::strict()
            },
            window: usize::from(limits & 7),
            max_inbound: usize::from(limits >> 3 & 3) + 1,
            max_pdu: 1000,
            max_unwritten: 800,
            max_unwritten_requests: 200,
            ..Config::default()
        };
        if side & 0x80 != 0 {
            // One of the list.
            config
                .vendor
                .extend(VendorCommand::new(CommandId(0x999), CommandId(0x8000_0999)));
        }
        if limits & 0x80 != 0 {
            config.overload = Overload::Pause;
            config.free.unknown = 3;
            config.free.stray = 3;
            config.free.malformed = 3;
        }
        if limits & 0x20 != 0 {
            // In an order that no default has.
            config.answer = Duration::from_secs(4);
            config.response = Duration::from_secs(3);
            config.write_stall = Duration::from_secs(7);
            config.pdu_read = Duration::from_secs(2);
            config.inactivity = Some(Duration::from_secs(5));
        }
        if limits & 0x40 != 0 {
            config.unanswered = STATUSES[usize::from(side >> 5 & 3)];
        }
        (role, config, side & 0x10 != 0)
    }

    pub(super) fn op(&mut self) -> Option<Op> {
        if self.rest.is_empty() {
            return None;
        }
        let octet = self.octet();
        let high = octet >> 4;
        Some(match octet & 0x0f {
            0 | 1 => Op::Ask(frame(self.octet(), CommandStatus::ESME_ROK, 0)),
            2 | 3 => Op::Answer(high.into(), self.octet(), STATUSES[usize::from(high & 3)]),
            4 => Op::Forget(high.into()),
            5 => Op::Take,
            6 => Op::Write(self.octet().into()),
            7 => Op::Pass(u64::from(self.octet()) * 20),
            8 => Op::Pass(u64::from(self.octet()) * 250),
            9 | 10 => Op::Come(frame(self.octet(), STATUSES[usize::from(high & 3)], self.octet())),
            11 => Op::Come(self.octets().to_vec()),
            12 => Op::Come(framed(self.octets())),
            13 => Op::Window(high.into()),
            14 if high >= 8 => Op::Congest(high * 8),
            14 => Op::Unbind,
            _ if high == 0 => Op::Close,
            _ if high == 1 => Op::Eof,
            // Several at once.
            _ => Op::Come(
                (0..high)
                    .flat_map(|_| frame(self.octet(), CommandStatus::ESME_ROK, self.octet()))
                    .collect(),
            ),
        })
    }
}

/// A PDU of the list. The highest two bits of `which` make numbers that no session uses.
fn frame(which: u8, status: CommandStatus, number: u8) -> Vec<u8> {
    let (command, body) = PDUS[usize::from(which & 31)];
    let number = match which >> 6 {
        3 if number == 0 => 0x8000_0000,
        2 if number == 0 => u32::MAX,
        _ => number.into(),
    };
    let mut frame = vec![0; 4];
    frame.extend(command.to_be_bytes());
    frame.extend(status.0.to_be_bytes());
    frame.extend(number.to_be_bytes());
    frame.extend(body);
    framed(&frame)
}

/// One frame of all the octets: its command_length is made to fit, for a fuzzer seldom finds it.
fn framed(octets: &[u8]) -> Vec<u8> {
    let mut frame = octets.to_vec();
    if let (Some(length), Ok(len)) = (frame.first_chunk_mut(), u32::try_from(octets.len())) {
        *length = len.to_be_bytes();
    }
    frame
}

const STATUSES: [CommandStatus; 4] = [
    CommandStatus::ESME_ROK,
    CommandStatus::ESME_RTHROTTLED,
    CommandStatus::ESME_RPROHIBITED,
    CommandStatus(0x400),
];

const TLV: &[u8] = &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 4, 0, 2, 0, 7];

/// A command and a body.
pub(super) const PDUS: [(u32, &[u8]); 32] = [
    (0x0000_0009, &[0, 0, 0, 0x34, 0, 0, 0]), // bind_transceiver
    (0x0000_0002, &[0, 0, 0, 0x34, 0, 0, 0]), // bind_transmitter
    (0x0000_0001, &[0, 0, 0, 0x50, 0, 0, 0]), // bind_receiver
    (0x0000_0009, &[0, 0, 0, 0x33, 0, 0, 0]),
    (0x0000_0009, &[0, 0, 0, 0x50, 0, 0, 0]),
    (0x0000_0004, &[0; 17]),      // submit_sm
    (0x0000_0005, &[0; 17]),      // deliver_sm
    (0x0000_0103, &[0; 10]),      // data_sm
    (0x0000_0003, &[0; 4]),       // query_sm
    (0x0000_0015, &[]),           // enquire_link
    (0x0000_0006, &[]),           // unbind
    (0x0000_000b, &[0; 2]),       // outbind
    (0x0000_0102, &[0; 6]),       // alert_notification
    (0x0000_0004, TLV),           // submit_sm with a TLV
    (0x0000_0111, &[0; 11]),      // broadcast_sm
    (0x0000_0008, &[0; 8]),       // cancel_sm
    (0x8000_0000, &[]),           // generic_nack
    (0x8000_0004, b"x\0"),        // submit_sm_resp
    (0x8000_0005, &[0]),          // deliver_sm_resp
    (0x8000_0103, &[0]),          // data_sm_resp
    (0x8000_0003, &[0, 0, 2, 0]), // query_sm_resp
    (0x8000_0009, &[0]),          // bind_transceiver_resp
    (0x8000_0009, &[0, 2, 0x10, 0, 1, 0x34]),
    (0x8000_0009, &[0, 2, 0x10, 0, 1, 0x33]),
    (0x8000_0009, &[0, 2, 0x10, 0, 1, 0x50]),
    (0x8000_0002, &[0]),                      // bind_transmitter_resp
    (0x8000_0001, &[0, 2, 0x10, 0, 1, 0x50]), // bind_receiver_resp
    (0x8000_0015, &[]),                       // enquire_link_resp
    (0x8000_0006, &[]),                       // unbind_resp
    (0x0000_0999, &[7; 3]),                   // no command
    (0x8000_0999, &[]),                       // no response
    (0x0000_0004, &[0]),                      // submit_sm, cut
];
