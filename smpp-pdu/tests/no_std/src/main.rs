//! A program without std that frames, decodes, builds and encodes. Its exit code is 0 if all came out as it should.
#![no_std]
#![no_main]

use bytes::{Bytes, BytesMut};
use core::ffi::c_int;
use panic_halt as _;
use smpp_pdu::{COctetString, Codec, Header, MAX_PDU, Pdu, ShortMessage, SubmitSm, next_frame, split_frame, tlv};

#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// What the C runtime calls.
#[unsafe(no_mangle)]
extern "C" fn main() -> c_int {
    match borrowed().and(owned()) {
        Some(()) => 0,
        None => 1,
    }
}

/// What the `alloc` that comes with the compiler refers to, for unwinding. Nothing unwinds here.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

/// Built, encoded, framed and decoded where the octets lie.
fn borrowed() -> Option<()> {
    let codec = Codec::default();
    let mut room = [0; 32];
    let mut tlvs = tlv::Builder::new(&mut room);
    tlvs.push(tlv::SAR_MSG_REF_NUM, 77).ok()?;
    let submit = SubmitSm {
        short_message: ShortMessage::new(&b"hello"[..]).ok()?,
        tlvs: tlvs.finish(),
        ..SubmitSm::borrowed()
    };
    let mut buffer = [0; 256];
    let len = codec.encode_to(Header::request(7), &submit, &mut buffer).ok()?;
    let mut input = buffer.get(..len)?;
    let frame = next_frame(&mut input, MAX_PDU).ok()??;
    let decoded = codec.decode(frame).ok()?;
    (decoded.pdu == Pdu::SubmitSm(submit) && codec.forgiven(frame).is_empty()).then_some(())
}

/// The same with what is long on the heap.
fn owned() -> Option<()> {
    let codec = Codec::default();
    let text = [b'x'; 200];
    let mut submit = SubmitSm::default();
    submit.destination_addr.addr = COctetString::new("447700900123").ok()?;
    submit.short_message = ShortMessage::new(&text).ok()?;
    submit.tlvs.push(tlv::MESSAGE_PAYLOAD, &text).ok()?;
    let mut buffer = BytesMut::new();
    codec.encode(Header::request(8), &submit, &mut buffer).ok()?;
    let frame: Bytes = split_frame(&mut buffer, MAX_PDU).ok()??;
    let pdu = Pdu::SubmitSm(submit);
    let same = codec.decode_bytes(&frame).ok()?.pdu == pdu && codec.decode(&frame).ok()?.into_owned().pdu == pdu;
    same.then_some(())
}
