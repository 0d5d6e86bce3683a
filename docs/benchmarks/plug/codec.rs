//! OURS: smpp-pdu. `decode` gives views; `encode` writes them one behind the other to a buffer that is kept; `build`
//! borrows the texts.

use crate::frames::{Kind, each_frame};
use crate::{OutBuf, Peer};
use ours_pdu::{Address, COctetString, Codec, Header, Npi, Pdu, RegisteredDelivery, ShortMessage, SubmitSm, Ton};
use std::hint::black_box;

pub struct Ours;

/// A send buffer that is not cleared: `encode_to` writes over what was sent.
pub struct SendBuffer {
    room: Vec<u8>,
    len: usize,
}

impl OutBuf for SendBuffer {
    fn with_room(n: usize) -> Self {
        Self { room: vec![0; n], len: 0 }
    }
    fn empty(&mut self) {
        self.len = 0;
    }
    fn written(&self) -> &[u8] {
        &self.room[..self.len]
    }
}

impl Peer for Ours {
    const NAME: &'static str = "ours";
    type Input = &'static [u8];
    type Values = Vec<(Header, Pdu<&'static [u8]>)>;
    type Out = SendBuffer;

    fn supports(_: Kind) -> bool {
        true
    }
    fn input(buf: &'static [u8]) -> Self::Input {
        buf
    }
    fn decode(input: &mut Self::Input) -> usize {
        let codec = Codec::default();
        each_frame(input, |frame| {
            let decoded = codec.decode(frame);
            assert!(decoded.is_ok());
            black_box(&decoded);
        })
    }
    fn values(buf: &'static [u8]) -> Self::Values {
        let mut values = Vec::new();
        each_frame(buf, |frame| {
            let decoded = Codec::default().decode(frame).unwrap();
            values.push((decoded.header, decoded.pdu));
        });
        values
    }
    fn encode(values: &mut Self::Values, out: &mut Self::Out) {
        let codec = Codec::default();
        for (header, pdu) in values.iter() {
            out.len += codec.encode_to(*header, pdu, &mut out.room[out.len..]).unwrap();
        }
    }
    fn build_submit(seq: u32, source: &str, dest: &str, text: &[u8], out: &mut Self::Out) {
        let address = |addr| Address {
            ton: Ton::INTERNATIONAL,
            npi: Npi::ISDN,
            addr: COctetString::new(addr).unwrap(),
        };
        let submit = SubmitSm {
            source_addr: address(source.as_bytes()),
            destination_addr: address(dest.as_bytes()),
            registered_delivery: RegisteredDelivery::RECEIPT,
            short_message: ShortMessage::new(text).unwrap(),
            ..SubmitSm::borrowed()
        };
        let room = &mut out.room[out.len..];
        out.len += Codec::default().encode_to(Header::request(seq), &submit, room).unwrap();
    }
}
