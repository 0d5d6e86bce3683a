//! The codec as a whole: views and owned values, errors and what is forgiven, absent and empty bodies, versions.

mod common;

use bytes::{Bytes, BytesMut};
use common::{FIELD, HEADER, STRICT, address, encoded, frame, hex, submit};
use smpp_pdu::{
    Address, BindTransceiver, COctetString, Codec, CommandId, CommandStatus, DataSm, DecodeErrorKind, DeliverSm,
    EncodeErrorKind, EnquireLinkResp, Header, MessageState, Npi, Owned, Password, Pdu, QuerySmResp, ShortMessage,
    SubmitSm, SubmitSmResp, Time, Tlvs, Tolerance, Ton, Version, tlv,
};

const V33: Codec = Codec {
    version: Version::V33,
    ..STRICT
};
const V50: Codec = Codec {
    version: Version::V50,
    ..STRICT
};

#[test]
fn round_trip_view_owned_and_bytes() {
    let f = encoded(&STRICT, submit());
    let d = STRICT.decode(&f).unwrap();
    assert_eq!(d.pdu, Pdu::from(submit()));
    assert_eq!(d.forgiven, Tolerance::strict());
    let Pdu::SubmitSm(sm) = &d.pdu else { panic!() };
    assert_eq!(sm.tlvs.get(tlv::SAR_MSG_REF_NUM), Ok(Some(77)));
    assert_eq!(sm.tlvs.get(tlv::MESSAGE_STATE), Ok(None));
    let owned = STRICT.decode_bytes(&Bytes::from(f.clone())).unwrap();
    assert_eq!(owned, d.clone().into_owned());
    let mut out = BytesMut::new();
    STRICT.encode(owned.header, &owned.pdu, &mut out).unwrap();
    assert_eq!(out, f);
    let mut out = b"before".to_vec();
    assert_eq!(STRICT.encode(owned.header, &owned.pdu, &mut out), Ok(f.len()));
    assert_eq!(out, [b"before", &f[..]].concat());
    let mut slice = [0; 300];
    assert_eq!(STRICT.encode_to(d.header, &d.pdu, &mut slice), Ok(f.len()));
    assert_eq!(slice[..f.len()], f[..]);
    let e = STRICT.encode_to(d.header, &d.pdu, &mut slice[..20]).unwrap_err();
    assert_eq!(e.kind, EncodeErrorKind::NoRoom { needed: f.len() });
}

#[test]
fn the_header_can_be_read_alone() {
    let f = frame(0x8000_0004, 0x58, b"");
    let header = Header {
        command_status: CommandStatus::ESME_RTHROTTLED,
        sequence_number: 7,
    };
    assert_eq!(Header::peek(&f), Some((CommandId::SUBMIT_SM_RESP, header)));
    assert_eq!(Header::peek(&f[..15]), None);
    assert_eq!(Header::request(7), HEADER);
}

#[test]
fn errors_know_field_and_offset() {
    let f = encoded(&STRICT, submit());
    let e = STRICT.decode(&f[..20]).unwrap_err();
    let expected = (CommandId::SUBMIT_SM, "source_addr", 19, DecodeErrorKind::Unterminated);
    assert_eq!((e.command, e.field, e.offset, e.kind), expected);
    // The parts of a value have the specification's names.
    let parts = ["source_addr_ton", "source_addr_npi"].into_iter().zip(17..);
    for (field, len) in parts.chain(["dest_addr_ton", "dest_addr_npi"].into_iter().zip(32..)) {
        let e = STRICT.decode(&f[..len]).unwrap_err();
        assert_eq!((e.field, e.offset, e.kind), (field, len, DecodeErrorKind::Truncated));
    }
    let e = STRICT.decode(&frame(4, 0, b"TOOLONG\0")).unwrap_err();
    let size = DecodeErrorKind::Size { size: 8, max: 6 };
    assert_eq!((e.field, e.offset, e.kind), ("service_type", 16, size));
    let e = STRICT.decode(&f[..10]).unwrap_err();
    assert_eq!((e.field, e.offset), ("command_status", 8));
    let e = STRICT.decode(&frame(4, 0, &[0; 16])).unwrap_err();
    assert_eq!((e.field, e.offset), ("sm_length", 32));
    let multi = |dests: &[u8]| {
        STRICT
            .decode(&frame(0x21, 0, &[b"\0\x01\x01123\0", dests].concat()))
            .unwrap_err()
    };
    let places = [
        multi(b""),
        multi(b"\x01\x01"),
        multi(b"\x01\x01\x01\x01123456789012345678901\0"),
        multi(b"\x01\x02list"),
        multi(b"\x02\x02list\0\x03"),
    ];
    let fields = [
        "number_of_dests",
        "dest_addr_ton",
        "destination_addr",
        "dl_name",
        "dest_flag",
    ];
    assert_eq!(places.map(|e| e.field), fields);
}

#[test]
fn tolerance_is_named_and_reported() {
    let ok = |f: &[u8], flags: Tolerance| {
        assert_eq!(FIELD.decode(f).unwrap().forgiven, flags, "{f:x?}");
        assert_eq!(STRICT.decode(f).is_ok(), flags.is_empty(), "{f:x?}");
        // The report has each of them once more, with the error of a codec that does not forgive it.
        let report = FIELD.forgiven(f);
        let reported = report.iter().fold(Tolerance::strict(), |all, one| all | one.flag);
        assert_eq!(reported, flags);
        assert_eq!(STRICT.decode(f).err(), report.first().map(|one| one.error));
    };
    // As captured from peers of the field: Nextel MX, Netfors, and several centres' answers.
    ok(&hex("0000001080000004000000000a342ee1"), Tolerance::MISSING_BODY);
    ok(&frame(0x8000_0004, 0x58, b""), Tolerance::strict());
    ok(&hex("0000001180000004000000000a342ee100"), Tolerance::strict());
    ok(&hex("0000001180000004000000000a342ee139"), Tolerance::MISSING_NUL);
    ok(&hex("00000015800000090000000e00004db3534d534300"), Tolerance::strict());
    ok(&frame(0x15, 0, b"x"), Tolerance::TRAILING_OCTETS);
    ok(&frame(0x8000_0005, 0, b"12345\0"), Tolerance::OVERLONG_STRING);
    let long_password = frame(9, 0, b"sys\0much too long a password\0\0\x34\x01\x01\0");
    ok(&long_password, Tolerance::OVERLONG_STRING);
    let netfors = hex(
        "000000a40000000500000000000000050001013233343830333337363831353100050056414e534f00040000000004000000\
         6369643a30303030303033303035207375623a30303120646c7672643a303031207375626d697420646174653a3130303131\
         383134333120646f6e6520646174653a3130303131383134333120737461743a44454c49565244206572723a303030207465\
         0427000102001e00413330303500",
    );
    ok(&netfors, Tolerance::TLV_OVERRUN);
    let Pdu::DeliverSm(sm) = FIELD.decode(&netfors).unwrap().pdu else {
        panic!()
    };
    assert_eq!(sm.tlvs.get(tlv::MESSAGE_STATE), Ok(Some(MessageState::DELIVERED)));
    assert_eq!(sm.tlvs.iter().count(), 1);
    let e = STRICT.decode(&netfors).unwrap_err();
    assert_eq!((e.field, e.offset), ("tlvs", netfors.len() - 9));
    let mut f = encoded(
        &STRICT,
        SubmitSm {
            tlvs: Tlvs::default(),
            ..submit()
        },
    );
    f.push(0);
    ok(&f, Tolerance::TRAILING_OCTETS);
    let nextel = hex(
        "00000039000000050000000000000001000101393939393139393134353933000000363436340000000000000000080010c1e1e9ed\
         f3faf1fc",
    );
    ok(&nextel, Tolerance::SHORT_MESSAGE_CUT);
    let Pdu::DeliverSm(sm) = FIELD.decode(&nextel).unwrap().pdu else {
        panic!()
    };
    assert_eq!(sm.short_message.as_bytes().len(), 8);
    let e = STRICT.decode(&nextel).unwrap_err();
    assert_eq!(
        (e.field, e.kind, e.offset),
        ("short_message", DecodeErrorKind::Truncated, 49)
    );
}

#[test]
fn one_leniency_can_be_taken_away() {
    let f = frame(9, 0, b"sys\0much too long a password\0\0\x34\x01\x01\0");
    let tolerance = Tolerance::field().without(Tolerance::OVERLONG_STRING);
    let e = Codec { tolerance, ..FIELD }.decode(&f).unwrap_err();
    assert_eq!(
        (e.field, e.command_status()),
        ("password", CommandStatus::ESME_RINVPASWD)
    );
    assert!(
        Codec {
            tolerance: Tolerance::OVERLONG_STRING,
            ..FIELD
        }
        .decode(&f)
        .is_ok()
    );
}

#[test]
fn absent_is_not_empty() {
    let round_trip = |codec: Codec, f: &[u8]| {
        let d = codec.decode(f).unwrap();
        let mut out = BytesMut::new();
        codec.encode(d.header, &d.pdu, &mut out).unwrap();
        assert_eq!(out, f);
        matches!(d.pdu, Pdu::SubmitSmResp(Some(_)))
    };
    // Whatever was there is there again: no body, an empty one, and an error that explains itself by a TLV.
    assert!(!round_trip(STRICT, &frame(0x8000_0004, 0x58, b"")));
    assert!(round_trip(STRICT, &frame(0x8000_0004, 0x58, b"\0")));
    assert!(round_trip(STRICT, &frame(0x8000_0004, 0x58, b"\0\x04\x25\0\x01\x02")));
    assert!(round_trip(STRICT, &frame(0x8000_0004, 0, b"\0")));
    assert!(round_trip(V33, &frame(0x8000_0004, 0x58, b"\0")));
    // Where a body must be, `None` is written as an empty one, and read only if that is forgiven.
    let encoded = |codec: Codec, command_status| {
        let (mut out, header) = (
            [0; 17],
            Header {
                command_status,
                ..HEADER
            },
        );
        let n = codec
            .encode_to(header, &Pdu::<&[u8]>::SubmitSmResp(None), &mut out)
            .unwrap();
        out[..n].to_vec()
    };
    assert_eq!(
        encoded(STRICT, CommandStatus::ESME_RTHROTTLED),
        frame(0x8000_0004, 0x58, b"")
    );
    assert_eq!(
        encoded(V33, CommandStatus::ESME_RTHROTTLED),
        frame(0x8000_0004, 0x58, b"\0")
    );
    assert_eq!(encoded(STRICT, CommandStatus::ESME_ROK), frame(0x8000_0004, 0, b"\0"));
    let lax = Codec {
        tolerance: Tolerance::field(),
        ..V33
    };
    assert_eq!(
        lax.decode(&frame(0x8000_0004, 0x58, b"")).unwrap().forgiven,
        Tolerance::MISSING_BODY
    );
    assert!(STRICT.decode(&frame(0x8000_0004, 0, b"")).is_err());
    assert_eq!(
        FIELD.decode(&frame(0x8000_0004, 0, b"")).unwrap().pdu,
        Pdu::SubmitSmResp(None)
    );
}

#[test]
fn an_error_is_not_lost_for_its_body() {
    // R089 to R091: what can be read of it is kept, the rest is dropped and reported, however strict the codec.
    let decoded = |id, body: &[u8]| {
        let d = STRICT.decode(frame(id, 0x0b, body).leak()).unwrap();
        assert_eq!(d.header.command_status, CommandStatus(0x0b));
        assert!(STRICT.decode(&frame(id, 0, body)).is_err());
        assert!(STRICT.decode(&frame(id & 0x7fff_ffff, 0x0b, body)).is_err());
        (d.pdu, d.forgiven)
    };
    let resp = |id: &'static [u8], tlvs: &'static [u8]| {
        let (message_id, tlvs) = (COctetString::new(id).unwrap(), Tlvs::new(tlvs).unwrap());
        Pdu::from(SubmitSmResp { message_id, tlvs })
    };
    let body = b"\x0a\0\x04\x25\0\x01\x02\x14\0\0\x09zz";
    let kept = resp(b"\x0a", b"\x04\x25\0\x01\x02");
    assert_eq!(decoded(0x8000_0004, body), (kept, Tolerance::TLV_OVERRUN));
    assert_eq!(
        decoded(0x8000_0004, b"no NUL"),
        (resp(b"no NUL", b""), Tolerance::MISSING_NUL)
    );
    let bare = EnquireLinkResp::borrowed().into();
    assert_eq!(decoded(0x8000_0015, b"x"), (bare, Tolerance::TRAILING_OCTETS));
    assert_eq!(
        decoded(0x8000_0003, b"id\0\0\x02"),
        (Pdu::QuerySmResp(None), Tolerance::UNREADABLE_BODY)
    );
}

/// An ESME_ROK with a body that cannot be read is no answer, whatever is forgiven: the message_id is in it.
#[test]
fn a_positive_response_must_be_readable() {
    let lax = Codec {
        tolerance: Tolerance::UNREADABLE_BODY,
        ..STRICT
    };
    let f = frame(0x8000_0003, 0, b"id\0\0\x02");
    assert!(lax.decode(&f).is_err());
    assert!(lax.decode_response_or_empty::<QuerySmResp>(&f).is_err());
}

#[test]
fn a_response_without_a_body_is_as_good_as_an_empty_one() {
    let lax = Codec {
        tolerance: Tolerance::MISSING_BODY,
        ..STRICT
    };
    let read = |f: &[u8]| lax.decode_response_or_empty::<SubmitSmResp>(f).unwrap();
    assert_eq!(read(&frame(0x8000_0004, 8, b"")).pdu, SubmitSmResp::default());
    let positive = read(&frame(0x8000_0004, 0, b""));
    assert_eq!(
        (positive.pdu, positive.forgiven),
        (SubmitSmResp::default(), Tolerance::MISSING_BODY)
    );
    assert_eq!(
        read(&frame(0x8000_0004, 0, b"1234\0")).pdu.message_id.as_bytes(),
        b"1234"
    );
    assert!(
        STRICT
            .decode_response_or_empty::<SubmitSmResp>(&frame(0x8000_0004, 0, b""))
            .is_err()
    );
    let bare = frame(0x8000_0015, 0, b"");
    assert!(STRICT.decode_response_or_empty::<EnquireLinkResp>(&bare).is_ok());
}

#[test]
fn an_unreadable_list_does_not_lose_what_was_forgiven_before_it() {
    // A message_id of ten characters where 3.3 allows eight, then an unsuccess_sme that is not there.
    let frame = frame(0x8000_0021, 0x45, b"0123456789\0\x01");
    let decoded = V33.decode(&frame).unwrap();
    assert_eq!(
        decoded.forgiven,
        Tolerance::OVERLONG_STRING | Tolerance::UNREADABLE_BODY
    );
    let flags: Vec<_> = V33.forgiven(&frame).iter().map(|one| one.flag).collect();
    assert_eq!(flags, [Tolerance::OVERLONG_STRING, Tolerance::UNREADABLE_BODY]);
}

#[test]
fn a_response_is_read_as_what_is_waited_for() {
    let f = frame(0x8000_0004, 0, b"1234\0");
    let d = FIELD.decode_response::<SubmitSmResp>(&f).unwrap();
    assert_eq!(d.pdu.unwrap().message_id.as_bytes(), b"1234");
    assert_eq!(
        FIELD
            .decode_response::<SubmitSmResp>(&frame(0x8000_0004, 8, b""))
            .unwrap()
            .pdu,
        None
    );
    assert!(
        STRICT
            .decode_response::<SubmitSmResp>(&frame(0x8000_0004, 0, b""))
            .is_err()
    );
    assert!(
        FIELD
            .decode_response::<EnquireLinkResp>(&frame(0x8000_0015, 0, b""))
            .unwrap()
            .pdu
            .is_some()
    );
}

#[test]
fn requests_are_refused_as_their_version_allows() {
    let refused = |codec: Codec, request| {
        let (mut out, header) = (
            Vec::new(),
            Header {
                command_status: CommandStatus::ESME_RSYSERR,
                ..HEADER
            },
        );
        assert_eq!(codec.encode_error(request, header, &mut out), out.len());
        out
    };
    assert_eq!(refused(STRICT, CommandId::SUBMIT_SM), frame(0x8000_0004, 8, b""));
    assert_eq!(refused(V33, CommandId::SUBMIT_SM), frame(0x8000_0004, 8, b"\0"));
    assert_eq!(refused(STRICT, CommandId::UNBIND), frame(0x8000_0006, 8, b""));
    for (codec, request) in [
        (V50, CommandId(0x999)),
        (STRICT, CommandId::BROADCAST_SM),
        (V33, CommandId::DATA_SM),
    ] {
        assert_eq!(refused(codec, request), frame(0x8000_0000, 8, b""));
    }
}

#[test]
fn owned_at_every_length() {
    let text = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for len in 0..=text.len() {
        let (text, octets) = (&text[..len], &text.as_bytes()[..len]);
        let shared = Owned::from(Bytes::copy_from_slice(octets));
        assert_eq!((shared.as_ref(), Owned::from(text).as_ref()), (octets, octets));
        assert_eq!((shared, Owned::from(String::from(text))), (text.into(), text.into()));
        // As the last octets of the frame, and as those before others.
        for tlvs in [&b""[..], b"\x14\0\0\0", &[b"\x14\0\0\x30", &[9; 48][..]].concat()] {
            let resp = SubmitSmResp {
                message_id: COctetString::new(text).unwrap(),
                tlvs: Tlvs::new(Bytes::copy_from_slice(tlvs)).unwrap(),
            };
            let wire = frame(0x8000_0004, 0, &[octets, b"\0", tlvs].concat());
            let mut out = [0xff; 128];
            let n = STRICT.encode_to(HEADER, &resp, &mut out).unwrap();
            assert_eq!(out[..n], wire);
            assert!(out[n..].iter().all(|&c| c == 0xff));
            assert_eq!(
                STRICT.decode_bytes(&wire.clone().into()).unwrap().pdu,
                resp.clone().into()
            );
            assert_eq!(STRICT.decode(&wire).unwrap().into_owned().pdu, resp.into());
        }
    }
    assert_eq!(size_of::<Owned>(), size_of::<Bytes>());
}

#[test]
fn views_of_two_frames_meet() {
    fn reply<'a>(sm: SubmitSm<&'static [u8]>, text: &'a [u8]) -> Pdu<&'a [u8]> {
        let (source_addr, destination_addr) = (sm.destination_addr, sm.source_addr);
        let short_message = ShortMessage::new(text).unwrap();
        DeliverSm {
            source_addr,
            destination_addr,
            short_message,
            ..DeliverSm::borrowed()
        }
        .into()
    }
    let text = Vec::from(b"hello");
    let Pdu::DeliverSm(sm) = reply(submit(), &text) else {
        panic!()
    };
    assert_eq!(sm.source_addr, submit().destination_addr);
}

#[test]
fn what_was_forgiven_can_be_held_and_is_not_sent() {
    let f = frame(9, 0, b"sys\0much too long a password\0\0\x34\x01\x01\0");
    let d = FIELD.decode(&f).unwrap();
    let refusal = |d: &smpp_pdu::Decoded<Pdu<&[u8]>>| {
        let e = FIELD.encode(d.header, &d.pdu, &mut BytesMut::new()).unwrap_err();
        (e.field, e.kind)
    };
    assert_eq!(refusal(&d), ("password", EncodeErrorKind::Size { size: 25, max: 9 }));
    // Inside a list too, of which each entry is named.
    let body = [b"\0\x01\x01123\0\x02\x01\x01\x011\0\x02", &[b'L'; 21][..], &[0; 11]].concat();
    let d = FIELD.decode(frame(0x21, 0, &body).leak()).unwrap();
    assert_eq!(d.forgiven, Tolerance::OVERLONG_STRING);
    assert_eq!(refusal(&d), ("dl_name", EncodeErrorKind::Size { size: 22, max: 21 }));
}

#[test]
fn limits_follow_the_version() {
    let text: &'static [u8] = &[b'a'; 255];
    let sm = || SubmitSm {
        short_message: ShortMessage::new(text).unwrap(),
        ..submit()
    };
    let f = encoded(&V50, sm());
    assert!(V50.decode(&f).is_ok());
    let e = STRICT.decode(&f).unwrap_err();
    assert_eq!(
        (e.field, e.kind),
        ("short_message", DecodeErrorKind::Size { size: 255, max: 254 })
    );
    let refused = |codec: Codec, pdu: Pdu<&'static [u8]>| {
        codec
            .encode(HEADER, &pdu, &mut BytesMut::new())
            .err()
            .map(|e| (e.field, e.kind))
    };
    let long = EncodeErrorKind::Size { size: 255, max: 254 };
    assert_eq!(refused(STRICT, sm().into()), Some(("short_message", long)));
    // A size is a matter of the row: the same string is well in one and refused in another.
    let string = |n| COctetString::new(&text[..n]).unwrap();
    let address = |n| Address {
        ton: Ton::UNKNOWN,
        npi: Npi::UNKNOWN,
        addr: string(n),
    };
    assert_eq!(
        refused(
            STRICT,
            DataSm {
                source_addr: address(64),
                ..DataSm::borrowed()
            }
            .into()
        ),
        None
    );
    let e = refused(
        STRICT,
        SubmitSm {
            source_addr: address(21),
            ..submit()
        }
        .into(),
    );
    assert_eq!(e, Some(("source_addr", EncodeErrorKind::Size { size: 22, max: 21 })));
    for (n, ok) in [(0, true), (15, false), (16, true), (17, false)] {
        let e = refused(
            STRICT,
            SubmitSm {
                validity_period: Time::new(&text[..n]).unwrap(),
                ..submit()
            }
            .into(),
        );
        assert_eq!(e.map(|e| e.0), (!ok).then_some("validity_period"));
    }
    let dests = [b"\0\0\0\0\xff".to_vec(), b"\x02list\0".repeat(255), [0; 10].to_vec()].concat();
    let dests: &'static [u8] = frame(0x21, 0, &dests).leak();
    let multi = V50.decode(dests).unwrap().pdu;
    assert_eq!(refused(V50, multi.clone()), None);
    assert_eq!(
        refused(STRICT, multi.clone()),
        Some(("number_of_dests", EncodeErrorKind::Size { size: 255, max: 254 }))
    );
    // R124: what could not be sent again is not read either, nor passed.
    for codec in [STRICT, FIELD, V33] {
        let e = codec.decode(dests).unwrap_err();
        let size = DecodeErrorKind::Size { size: 255, max: 254 };
        assert_eq!((e.field, e.offset, e.kind), ("number_of_dests", 20, size));
        assert_eq!(e.command_status(), CommandStatus::ESME_RINVNUMDESTS);
        let e = multi.check(codec.version).unwrap_err();
        assert_eq!(
            (e.field, e.command_status()),
            ("number_of_dests", CommandStatus::ESME_RINVNUMDESTS)
        );
    }
    assert_eq!(multi.check(Version::V50), Ok(()));
    let id = |n| SubmitSmResp {
        message_id: string(n),
        ..SubmitSmResp::borrowed()
    };
    assert_eq!(refused(V33, id(8).into()), None);
    assert_eq!(
        refused(V33, id(9).into()),
        Some(("message_id", EncodeErrorKind::Size { size: 10, max: 9 }))
    );
}

#[test]
fn a_version_has_its_pdus_and_tlvs() {
    let refused = |codec: Codec, pdu: Pdu<&'static [u8]>| {
        codec
            .encode(HEADER, &pdu, &mut BytesMut::new())
            .err()
            .map(|e| (e.field, e.kind))
    };
    let version = EncodeErrorKind::Version;
    assert_eq!(refused(V33, DataSm::borrowed().into()), Some(("", version)));
    // Peers state 0x33 whatever they do, and must be answered.
    assert_eq!(refused(V33, BindTransceiver::borrowed().into()), None);
    assert_eq!(refused(V33, submit().into()), Some(("tlvs", version)));
    assert_eq!(
        refused(
            V33,
            SubmitSm {
                tlvs: Tlvs::default(),
                ..submit()
            }
            .into()
        ),
        None
    );
    let broadcast = || smpp_pdu::BroadcastSm::borrowed().into();
    assert_eq!(refused(STRICT, broadcast()), Some(("", version)));
    assert_eq!(refused(V50, broadcast()), None);
}

#[test]
fn debug_does_not_leak() {
    let mut sm = submit();
    sm.tlvs = Tlvs::new(&b"\x04\x24\0\x05world\x04\x27\0\x01\x02\x14\0\0\x02zz"[..]).unwrap();
    let bind = BindTransceiver {
        password: Password::new(&b"pa55"[..]).unwrap(),
        ..BindTransceiver::borrowed()
    };
    let dests = b"\0\x01\x01123\0\x02\x01\x01\x01447946\0\x02friends\0\0\0\0\0\0\0\0\0\0\0";
    let multi = STRICT.decode(&frame(0x21, 0, dests).leak()[..]).unwrap();
    let masked = format!(
        "{:?} {:?} {multi:?} {:?}",
        Pdu::from(sm),
        Pdu::from(bind),
        bind.password
    );
    for secret in [
        "4477",
        "447946",
        "friends",
        "hello",
        "world",
        "zz",
        "pa55",
        "password: ",
    ] {
        assert!(!masked.contains(secret), "{secret} in {masked}");
    }
    assert!(
        masked.contains("source_addr: international/isdn <12 octets>"),
        "{masked}"
    );
    assert!(masked.contains("message_state: DELIVERED"), "{masked}");
    let shown = format!("{:?} {:?} {:?}", Pdu::from(sm).reveal(), bind.reveal(), multi.reveal());
    for text in ["447700900123", "447946", "friends", "hello", "world", "zz"] {
        assert!(shown.contains(text), "{text} not in {shown}");
    }
    assert!(!shown.contains("pa55"), "{shown}");
    // What a string is, the name of its row tells: alone, or as an owned one's octets, it is masked.
    let bind = BindTransceiver {
        system_id: COctetString::new(&b"esme1"[..]).unwrap(),
        ..bind
    };
    assert!(format!("{bind:?}").contains(r#"system_id: "esme1""#));
    assert_eq!(
        format!("{:?} {:?}", bind.system_id, Owned::from("4477")),
        "<5 octets> <4 octets>"
    );
    assert_eq!(
        format!("{:?} {:?}", bind.system_id.reveal(), bind.password),
        r#""esme1" <secret>"#
    );
    assert_eq!(
        format!("{:?}", address(b"4477").reveal()),
        r#"international/isdn "4477""#
    );
}

/// A text in the wrong TLV is still a text.
#[test]
fn what_no_tlv_should_hold_is_masked_too() {
    let secret = b"447700900123 says hello";
    // An id of a message, a time, and who runs a network or is served by it: these are no texts or addresses.
    let open = [
        "receipted_message_id",
        "broadcast_end_time",
        "broadcast_service_group",
        "source_network_id",
        "dest_network_id",
        "source_node_id",
        "dest_node_id",
        "dest_addr_np_country",
    ];
    for info in tlv::TABLE {
        let mut tlvs = Tlvs::default();
        tlvs.push(tlv::Key::<[u8]>::new(info.tag, ""), secret).unwrap();
        let pdu = Pdu::from(SubmitSm::default().tlvs(tlvs));
        let masked = format!("{pdu:?} {pdu:#?}");
        assert_eq!(masked.contains("hello"), open.contains(&info.name), "{masked}");
        assert!(format!("{:?}", pdu.reveal()).contains("hello"), "{}", info.name);
        assert!(format!("{:#?}", pdu.reveal()).contains("hello"), "{}", info.name);
    }
}

#[test]
fn a_text_is_set_in_one_place() {
    let text = |text| ShortMessage::new(text).unwrap();
    let sm = SubmitSm::default()
        .short_message(text("short"))
        .message_payload(b"long")
        .unwrap();
    assert!(sm.short_message.is_empty() && sm.check(Version::V34).is_ok());
    assert_eq!(sm.tlvs.get(tlv::MESSAGE_PAYLOAD), Ok(Some(&b"long"[..])));
    let sm = sm.short_message(text("short"));
    assert_eq!((sm.short_message.as_bytes(), sm.tlvs.is_empty()), (&b"short"[..], true));
    // The same of views.
    let mut room = [0; 64];
    let short = ShortMessage::new(&b"short"[..]).unwrap();
    let sm = submit().message_payload(b"long", &mut room).unwrap();
    assert!(sm.short_message.is_empty() && sm.tlvs.iter().count() == 3);
    let sm = sm.short_message(short).unwrap();
    assert_eq!(sm.tlvs, submit().tlvs);
    let sm = submit().tlvs(Tlvs::new(&b"\x04\x24\0\x01x"[..]).unwrap());
    assert_eq!(
        sm.check(Version::V34).unwrap_err().command_status(),
        CommandStatus::ESME_RINVMSGLEN
    );
    assert!(sm.short_message(short).unwrap().tlvs.is_empty());
    // Between others, a view cannot leave it out: it does not become a PDU with both.
    let between = Tlvs::new(&b"\x02\x04\0\x02\0\x01\x04\x24\0\x01x\x02\x04\0\x02\0\x02"[..]).unwrap();
    let sm = submit().short_message(ShortMessage::default()).unwrap().tlvs(between);
    assert_eq!(sm.short_message(short), Err(EncodeErrorKind::BothTexts));
    assert_eq!(sm.short_message(ShortMessage::default()), Ok(sm));
    assert!(sm.tlvs(Tlvs::default()).short_message(short).is_ok());
    assert_eq!(sm.into_owned().short_message(text("short")).tlvs.iter().count(), 2);
    for at in [
        &b"\x04\x24\0\x01x\x02\x04\0\x02\0\x01"[..],
        b"\x02\x04\0\x02\0\x01\x04\x24\0\0\x04\x24\0\x01x",
    ] {
        let sm = sm.tlvs(Tlvs::new(at).unwrap()).short_message(short).unwrap();
        assert_eq!(
            (sm.short_message, sm.tlvs.as_bytes()),
            (short, &b"\x02\x04\0\x02\0\x01"[..])
        );
    }
    // A peer's may have both, and goes on as it came.
    let came = encoded(&V50, submit().tlvs(between));
    assert_eq!(encoded(&V50, V50.decode(&came).unwrap().pdu), came);
    let sm = submit().message_payload(b"long", &mut []);
    assert!(matches!(sm, Err(EncodeErrorKind::NoRoom { .. })));
}

#[test]
fn every_error_prints() {
    use smpp_pdu::{CheckError, CheckErrorKind as Check, DecodeError, EncodeError, FrameError};
    let command = CommandId::SUBMIT_SM;
    let decode = [
        (DecodeErrorKind::Truncated, "the PDU ends before the field does"),
        (DecodeErrorKind::Unterminated, "no NUL before the end of the PDU"),
        (
            DecodeErrorKind::Size { size: 8, max: 6 },
            "8 octets where 6 are allowed",
        ),
        (
            DecodeErrorKind::DestFlag(3),
            "a dest_flag of 3, which is neither 1 nor 2",
        ),
        (
            DecodeErrorKind::TrailingOctets,
            "octets behind the last field that are no TLV",
        ),
    ];
    for (kind, said) in decode {
        let e = DecodeError {
            command,
            field: "tlvs",
            offset: 9,
            kind,
        };
        assert_eq!(e.to_string(), format!("submit_sm.tlvs at octet 9: {said}"));
        let e = DecodeError { field: "", ..e };
        assert_eq!(e.to_string(), format!("submit_sm at octet 9: {said}"));
    }
    let encode = [
        (
            EncodeErrorKind::Size { size: 8, max: 6 },
            "8 octets where 6 are allowed",
        ),
        (EncodeErrorKind::ContainsNul, "a NUL inside the string"),
        (
            EncodeErrorKind::Value { value: 128, max: 127 },
            "128 where 127 is the most",
        ),
        (EncodeErrorKind::Version, "not in this version of SMPP"),
        (EncodeErrorKind::NoRoom { needed: 9 }, "the PDU needs 9 octets"),
        (EncodeErrorKind::BothTexts, "short_message and message_payload at once"),
    ];
    for (kind, said) in encode {
        let e = EncodeError {
            command,
            field: "service_type",
            kind,
        };
        assert_eq!(e.to_string(), format!("submit_sm.service_type: {said}"));
        assert_eq!(kind.to_string(), said);
    }
    let check = [
        (
            Check::Time,
            "not a time that this field takes",
            CommandStatus::ESME_RINVSCHED,
        ),
        (
            Check::Reserved { value: 9 },
            "0x9 is not a value of this field",
            CommandStatus::ESME_RINVSCHED,
        ),
        (Check::NoDestination, "no destination", CommandStatus::ESME_RINVNUMDESTS),
        (
            Check::BothTexts,
            "short_message and message_payload at once",
            CommandStatus::ESME_RINVMSGLEN,
        ),
        (
            Check::TlvLength { len: 2 },
            "a value of 2 octets",
            CommandStatus::ESME_RINVTLVLEN,
        ),
        (Check::TlvValue, "an impossible value", CommandStatus::ESME_RINVTLVVAL),
        (Check::TlvMissing, "it is missing", CommandStatus::ESME_RMISSINGTLV),
        (
            Check::TlvBesideUdh,
            "not beside a user data header",
            CommandStatus::ESME_RTLVNOTALLWD,
        ),
        (
            Check::TlvsUnpaired,
            "not as many of it as of what it goes with",
            CommandStatus::ESME_RINVTLVVAL,
        ),
    ];
    for (kind, said, status) in check {
        let e = CheckError {
            command,
            field: "schedule_delivery_time",
            kind,
        };
        assert_eq!(e.to_string(), format!("submit_sm.schedule_delivery_time: {said}"));
        assert_eq!(e.command_status(), status);
    }
    let e = tlv::TlvError {
        tag: 0x1404,
        name: "route",
        len: 1,
    };
    assert_eq!(e.to_string(), "route (0x1404): its 1 octets are no value of its type");
    let e: FrameError = smpp_pdu::next_frame(&mut &[0; 16][..], 64).unwrap_err();
    assert_eq!(e.to_string(), "a command_length of 0, not between 16 and 64");
}

#[test]
fn values_that_go_together() {
    let checked = |pdu: SubmitSm, version| pdu.check(version).err().map(|e| (e.field, e.command_status()));
    let sm = SubmitSm::default;
    let esm_class = smpp_pdu::EsmClass::UDHI;
    let mut tlvs = Tlvs::default();
    tlvs.push(tlv::SAR_MSG_REF_NUM, 7).unwrap();
    tlvs.push(tlv::SAR_TOTAL_SEGMENTS, 2).unwrap();
    // A segment's numbers count only together (R051), and are within (R052).
    assert_eq!(checked(sm().tlvs(tlvs.clone()), Version::V34), None);
    tlvs.push(tlv::SAR_SEGMENT_SEQNUM, 3).unwrap();
    let impossible = Some(("sar_segment_seqnum", CommandStatus::ESME_RINVTLVVAL));
    assert_eq!(checked(sm().tlvs(tlvs.clone()), Version::V34), impossible);
    tlvs.set(tlv::SAR_SEGMENT_SEQNUM, 2).unwrap();
    assert_eq!(checked(sm().tlvs(tlvs.clone()), Version::V34), None);
    let beside = Some(("sar_msg_ref_num", CommandStatus::ESME_RTLVNOTALLWD));
    assert_eq!(checked(sm().tlvs(tlvs).esm_class(esm_class), Version::V34), beside);
    // Transaction mode is not for submit_sm in v3.4 (R128); relative times are not in v3.3 (R147).
    let forward = sm().esm_class(smpp_pdu::EsmClass::FORWARD);
    assert_eq!(checked(forward.clone(), Version::V50), None);
    assert_eq!(
        checked(forward, Version::V34),
        Some(("esm_class", CommandStatus::ESME_RINVESMCLASS))
    );
    let relative = sm().validity_period(Time::new("000001000000000R").unwrap());
    assert_eq!(checked(relative.clone(), Version::V34), None);
    assert_eq!(
        checked(relative, Version::V33),
        Some(("validity_period", CommandStatus::ESME_RINVEXPIRY))
    );
    // As many companions as numbers (R048), and they meet by position.
    let number = tlv::CallbackNum {
        digit_mode: 1,
        ton: Ton::UNKNOWN,
        npi: Npi::ISDN,
        digits: b"5551234",
    };
    let mut tlvs = Tlvs::default();
    tlvs.push(tlv::CALLBACK_NUM, number).unwrap();
    tlvs.push(tlv::CALLBACK_NUM_PRES_IND, smpp_pdu::CallbackNumPresInd::NETWORK)
        .unwrap();
    tlvs.push(tlv::CALLBACK_NUM, number).unwrap();
    let unpaired = Some(("callback_num_pres_ind", CommandStatus::ESME_RINVTLVVAL));
    assert_eq!(checked(sm().tlvs(tlvs.clone()), Version::V34), unpaired);
    let pres_inds: Vec<_> = tlvs.callbacks().map(|callback| callback.unwrap().pres_ind).collect();
    assert_eq!(pres_inds, [Some(smpp_pdu::CallbackNumPresInd::NETWORK), None]);
    // What must be there (R046, R055, R137).
    let mut tlvs = Tlvs::default();
    tlvs.push(tlv::SOURCE_NETWORK_ID, b"120801").unwrap();
    let lone = Some(("source_node_id", CommandStatus::ESME_RMISSINGTLV));
    assert_eq!(checked(sm().tlvs(tlvs), Version::V50), lone);
    let broadcast = smpp_pdu::BroadcastSm::default();
    let missing = broadcast.check(Version::V50).unwrap_err();
    assert_eq!(missing.command_status(), CommandStatus::ESME_RMISSINGTLV);
}

#[test]
fn values_of_several_parts() {
    use smpp_pdu::tlv::{ItsSessionInfo, MsValidityValue, Value, ValueWriter};
    let _: fn(&ItsSessionInfo, &mut ValueWriter<'_>) = ItsSessionInfo::write;
    let info = ItsSessionInfo {
        session_number: 7,
        sequence_number: 65,
        end_of_session: true,
    };
    let mut tlvs = Tlvs::default();
    tlvs.push(tlv::USSD_SERVICE_OP, smpp_pdu::UssdServiceOp::USSR_REQUEST)
        .unwrap();
    tlvs.push(tlv::ITS_SESSION_INFO, info).unwrap();
    tlvs.push(tlv::ALERT_ON_MESSAGE_DELIVERY, None).unwrap();
    let validity = smpp_pdu::MsValidity::RELATIVE;
    let keeps = MsValidityValue {
        validity,
        period: Some((smpp_pdu::MsValidityUnit::HOURS, 5)),
    };
    tlvs.push(tlv::MS_VALIDITY, keeps).unwrap();
    tlvs.push(tlv::Key::<[u8]>::new(0x0010, "source_telematics_id"), &[1, 2])
        .unwrap();
    let octets =
        b"\x05\x01\0\x01\x02\x13\x83\0\x02\x07\x83\x13\x0c\0\0\x12\x04\0\x04\x04\x02\0\x05\0\x10\0\x02\x01\x02";
    assert_eq!(tlvs.as_bytes(), octets);
    assert_eq!(tlvs.get(tlv::ITS_SESSION_INFO), Ok(Some(info)));
    assert_eq!(
        tlvs.get(tlv::USSD_SERVICE_OP).unwrap().unwrap().to_string(),
        "ussr_request"
    );
    assert_eq!(tlvs.get(tlv::ALERT_ON_MESSAGE_DELIVERY), Ok(Some(None)));
    assert_eq!(tlvs.get(tlv::MS_VALIDITY), Ok(Some(keeps)));
    assert_eq!(tlvs.get(tlv::SOURCE_TELEMATICS_ID), Ok(Some(1)));
    let printed = format!("{tlvs:?}");
    assert!(
        printed.starts_with("{ussd_service_op: ussr_request, its_session_info: ItsSessionInfo"),
        "{printed}"
    );
}

#[test]
fn a_table_for_people() {
    let bind = BindTransceiver::borrowed()
        .system_id(COctetString::new(&b"esme1"[..]).unwrap())
        .password(Password::new(&b"pa55"[..]).unwrap())
        .address_range(address(b"4477"));
    let table = "BindTransceiver
  system_id                \"esme1\"
  password                 <secret>
  system_type              \"\"
  interface_version        0
  addr_ton                 1 (international)
  addr_npi                 1 (isdn)
  address_range            \"4477\"";
    assert_eq!(format!("{:#?}", bind.reveal()), table);
    assert_eq!(format!("{bind:#?}"), table.replace("\"4477\"", "<4 octets>"));
}
