//! What several of the tests need.
#![allow(dead_code)] // each test uses a part of it

pub(crate) mod csv;

use bytes::BytesMut;
use smpp_pdu::{
    Address, COctetString, Codec, CommandStatus, Header, Npi, Pdu, ShortMessage, SubmitSm, Time, Tlvs, Tolerance, Ton,
    Version,
};

pub(crate) const STRICT: Codec = Codec {
    version: Version::V34,
    tolerance: Tolerance::strict(),
};
pub(crate) const FIELD: Codec = Codec {
    version: Version::V34,
    tolerance: Tolerance::field(),
};
pub(crate) const HEADER: Header = Header {
    command_status: CommandStatus::ESME_ROK,
    sequence_number: 7,
};

pub(crate) fn hex(digits: &str) -> Vec<u8> {
    assert!(digits.len().is_multiple_of(2), "an odd number of digits: {digits}");
    let octet = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(octet).collect()
}

/// A PDU put together by hand.
pub(crate) fn frame(id: u32, status: u32, body: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    for n in [16 + body.len() as u32, id, status, 7] {
        frame.extend_from_slice(&n.to_be_bytes());
    }
    frame.extend_from_slice(body);
    frame
}

pub(crate) fn address(digits: &'static [u8]) -> Address<&'static [u8]> {
    Address {
        ton: Ton::INTERNATIONAL,
        npi: Npi::ISDN,
        addr: COctetString::new(digits).unwrap(),
    }
}

pub(crate) fn submit() -> SubmitSm<&'static [u8]> {
    SubmitSm {
        source_addr: address(b"447700900123"),
        destination_addr: address(b"4479460000001"),
        validity_period: Time::new(&b"000001000000000R"[..]).unwrap(),
        short_message: ShortMessage::new(&b"hello"[..]).unwrap(),
        tlvs: Tlvs::new(&[2, 0xc, 0, 2, 0, 77, 0x14, 1, 0, 1, 9][..]).unwrap(),
        ..SubmitSm::borrowed()
    }
}

pub(crate) fn encoded<'a>(codec: &Codec, pdu: impl Into<Pdu<&'a [u8]>>) -> Vec<u8> {
    let mut out = BytesMut::new();
    codec.encode(HEADER, &pdu.into(), &mut out).unwrap();
    out.to_vec()
}
