//! What allocates, counted. A program of its own, without the harness of tests, whose threads would be counted too.

mod common;

use bytes::{Bytes, BytesMut};
use common::{FIELD, HEADER, STRICT, address, encoded, frame, submit};
use smpp_pdu::{
    COctetString, Codec, Destination, Destinations, Kept, MessageState, Pdu, ShortMessage, SubmitMulti, SubmitSm,
    SubmitSmResp, Tlvs, tlv,
};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use std::hint::black_box;

#[global_allocator]
static GLOBAL: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Allocations, and what was allocated anew in place of something smaller.
fn count<T>(work: impl FnOnce() -> T) -> usize {
    let region = Region::new(GLOBAL);
    let result = work();
    let change = region.change();
    drop(result);
    change.allocations + change.reallocations
}

fn frames() -> Vec<Vec<u8>> {
    let text = [b'x'; 140];
    let long = SubmitSm {
        short_message: ShortMessage::new(&text[..]).unwrap(),
        ..submit()
    };
    // Two long fields, as of a receipt: one buffer for both.
    let mut room = [0; 64];
    let mut tlvs = tlv::Builder::new(&mut room);
    tlvs.push(tlv::Key::<[u8]>::new(0x1400, "vendor's"), &[7; 40]).unwrap();
    let two_long = SubmitSm {
        tlvs: tlvs.finish(),
        ..long
    };
    let dests = b"\0\x01\x01123\0\x02\x01\x01\x01447700900123\0\x02list\0\0\0\0\0\0\x01\0\0\0\x05hello";
    let id = b"0123456789012345678901234567890123456789\0";
    vec![
        encoded(&STRICT, long),
        encoded(&STRICT, two_long),
        frame(0x21, 0, dests),
        frame(0x8000_0004, 0, id),
        frame(0x15, 0, b""),
        frame(0x999, 0, &[7; 100]),
    ]
}

fn only_a_copy_allocates_and_once() {
    for frame in frames() {
        let view = STRICT.decode(&frame).unwrap();
        assert_eq!(count(|| black_box(STRICT.decode(&frame).is_ok())), 0);
        assert!(count(|| view.clone().into_owned()) <= 1);
        // A copy as well, and then reading it none.
        let kept = Kept::<Pdu>::new(&view.pdu);
        assert_eq!(count(|| Kept::<Pdu>::new(&view.pdu)), usize::from(frame.len() > 16));
        assert_eq!(count(|| black_box(&kept.view()) == &view.pdu), 0);
        let bytes = Bytes::from(frame.clone());
        let _shared = bytes.clone();
        assert_eq!(count(|| STRICT.decode_bytes(&bytes)), 0);
        let owned = view.clone().into_owned();
        let mut room = [0; 512];
        assert_eq!(count(|| STRICT.encode_to(HEADER, &view.pdu, &mut room)), 0);
        assert_eq!(count(|| STRICT.encode_to(HEADER, &owned.pdu, &mut room)), 0);
        let mut out = BytesMut::with_capacity(512);
        assert_eq!(count(|| STRICT.encode(HEADER, &view.pdu, &mut out)), 0);
        // A lone text becomes shared when it is first copied.
        assert!(count(|| owned.clone()) <= 1);
        assert_eq!(count(|| owned.clone()), 0);
    }
    let resp = frame(0x8000_0004, 0, &[b'7'; 60]);
    assert!(count(|| FIELD.decode_response::<SubmitSmResp>(&resp)) <= 1);
}

fn tlvs_and_destinations_are_walked_and_built_without_an_allocation() {
    let f = encoded(&STRICT, submit());
    let Pdu::SubmitSm(sm) = STRICT.decode(&f).unwrap().pdu else {
        panic!()
    };
    assert_eq!(count(|| sm.tlvs.iter().count()), 0);
    assert_eq!(count(|| sm.tlvs.get(tlv::SAR_MSG_REF_NUM)), 0);
    let (mut room, mut list, mut out) = ([0; 64], [0; 64], [0; 256]);
    let built = count(|| {
        let mut tlvs = tlv::Builder::new(&mut room);
        tlvs.push(tlv::SAR_MSG_REF_NUM, 1).unwrap();
        tlvs.push(tlv::RECEIPTED_MESSAGE_ID, b"id").unwrap();
        let dests = [
            Destination::Address(address(b"4477")),
            Destination::Address(address(b"4478")),
        ];
        let dest_address = Destinations::borrowed(&mut list, dests).unwrap();
        assert_eq!(dest_address.iter().count(), 2);
        let multi = SubmitMulti {
            dest_address,
            tlvs: tlvs.finish(),
            ..SubmitMulti::borrowed()
        };
        STRICT.encode_to(HEADER, &multi, &mut out).unwrap();
    });
    assert_eq!(built, 0);
    // Owned ones too, while they are short.
    let built = count(|| {
        let mut tlvs = Tlvs::default();
        tlvs.push(tlv::MESSAGE_STATE, MessageState::DELIVERED).unwrap();
        let message_id = COctetString::new("0123456789ABCDEF").unwrap();
        let resp = SubmitSmResp { message_id, tlvs };
        Codec::default().encode_to(HEADER, &resp, &mut out).unwrap();
    });
    assert_eq!(built, 0);
}

fn main() {
    only_a_copy_allocates_and_once();
    tlvs_and_destinations_are_walked_and_built_without_an_allocation();
    println!("allocations: as few as they should be");
}
