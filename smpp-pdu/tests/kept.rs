//! A PDU that is kept is what it was, without its frame.

mod common;

use common::{FIELD, HEADER, STRICT, csv, encoded, frame, hex, submit};
use smpp_pdu::{
    COctetString, Codec, DataSm, DeliverSm, EnquireLink, Kept, Pdu, QuerySm, ShortMessage, SubmitMulti, SubmitSm,
    Tolerance, Unknown, Version,
};

/// It is told apart from its view by nothing but that it outlives the frame.
fn is_kept(codec: &Codec, frame: &[u8]) -> Kept<Pdu> {
    let view = codec.decode(frame).unwrap().pdu;
    let kept = Kept::<Pdu>::new(&view);
    assert_eq!(kept.view(), view);
    assert_eq!(kept.view().into_owned(), view.clone().into_owned());
    assert_eq!(kept.clone(), kept);
    let shown = |kept: &dyn std::fmt::Debug, view: &dyn std::fmt::Debug| {
        assert_eq!(format!("{kept:?}"), format!("{view:?}"));
        assert_eq!(format!("{kept:#?}"), format!("{view:#?}"));
    };
    shown(&kept, &view);
    shown(&kept.reveal(), &view.reveal());
    assert_eq!(format!("{kept} {kept:#}"), format!("{view} {view:#}"));
    kept
}

#[test]
fn every_golden_pdu() {
    let rows = csv::spec_or_env("golden_pdus.csv");
    assert!(rows.len() > 100, "only {} rows", rows.len());
    for row in rows {
        let version = match &*row["version"] {
            "3.3" => Version::V33,
            "3.4" => Version::V34,
            _ => Version::V50,
        };
        let tolerance = Tolerance::strict();
        let codec = Codec { version, tolerance };
        let octets = hex(&row["hex"]);
        let kept = is_kept(&codec, &octets);
        // Its octets are those of the wire.
        let header = codec.decode(&octets).unwrap().header;
        let mut again = Vec::new();
        codec.encode(header, &kept.view(), &mut again).unwrap();
        assert_eq!(again, octets, "{}", row["name"]);
    }
}

/// Each by the type of its own, as a handler is given it.
#[test]
fn pdus_of_one_kind() {
    macro_rules! kinds {
        ($($name:ident $id:literal $body:expr;)*) => { $({
            let frame = frame($id, 0, $body);
            let Pdu::$name(view) = FIELD.decode(&frame).unwrap().pdu else { panic!() };
            let kept: Kept<$name> = Kept::new(&view);
            assert_eq!(kept.view(), view);
            assert_eq!(kept.view().into_owned(), view.into_owned());
        })* };
    }
    kinds! {
        SubmitSm 0x4 b"\0\x01\x01123\0\0\x01456\0\x40\0\0\0\0\x01\0\x04\0\x03abc\x14\x00\0\x02xy";
        DeliverSm 0x5 b"CMT\0\x01\x01123\0\0\x01456\0\x04\0\0\0\0\0\0\0\0\0\x00\x1e\0\x03id\0";
        DataSm 0x103 b"\0\x01\x01123\0\0\x01456\0\x04\0\0\x04\x24\0\x05hello";
        SubmitMulti 0x21 b"\0\x01\x01123\0\x02\x01\x01\x01447700900123\0\x02list\0\0\0\0\0\0\x01\0\0\0\x05hello";
        QuerySm 0x3 b"0123456789\0\x01\x01123\0";
        EnquireLink 0x15 b"";
        Unknown 0x999 b"whatever";
    }
}

/// What is forgiven too: strings without their NUL, fields that are not there.
#[test]
fn what_was_forgiven() {
    let kept = is_kept(&FIELD, b"\0\0\0\x11\x80\0\0\x04\0\0\0\0\0\0\0\x079");
    assert!(matches!(kept.view(), Pdu::SubmitSmResp(Some(resp)) if resp.message_id.as_bytes() == b"9"));
    // An address of 25 octets, which may be held and not be sent.
    let list = b"\0\x01\x01123\0\x01\x01\x01\x011234567890123456789012345\0\0\0\0\0\0\x01\0\0\0\x05hello";
    let overlong = is_kept(&FIELD, &frame(0x21, 0, list));
    let mut out = Vec::new();
    assert!(FIELD.encode(HEADER, &overlong.view(), &mut out).is_err());
    let bodiless = is_kept(&FIELD, &frame(0x8000_0004, 8, b""));
    assert_eq!(bodiless.view(), Pdu::SubmitSmResp(None));
}

/// Fields of several frames, and of none.
#[test]
fn a_view_that_was_put_together() {
    let (frame, text) = (encoded(&STRICT, submit()), b"of another".to_vec());
    let Pdu::SubmitSm(view) = STRICT.decode(&frame).unwrap().pdu else {
        panic!()
    };
    let view = view.short_message(ShortMessage::new(&text[..]).unwrap()).unwrap();
    let kept = Kept::<SubmitSm>::new(&view);
    assert_eq!(kept.view(), view);
    assert_eq!(kept.view().source_addr, submit().source_addr);
    assert_eq!(
        Kept::<SubmitSm>::new(&SubmitSm::borrowed()).view(),
        SubmitSm::borrowed()
    );
    assert_ne!(Kept::<SubmitSm>::new(&submit()), kept);
}

/// In a number, or in where one field ends and the next begins.
#[test]
fn what_differs_is_not_equal() {
    let number = SubmitSm {
        priority_flag: 1,
        ..submit()
    };
    assert_ne!(Kept::<SubmitSm>::new(&number), Kept::<SubmitSm>::new(&submit()));
    let of = |service_type: &'static [u8], addr: &'static [u8]| {
        let mut submit = SubmitSm::borrowed();
        submit.service_type = COctetString::new(service_type).unwrap();
        submit.source_addr.addr = COctetString::new(addr).unwrap();
        Kept::<SubmitSm>::new(&submit)
    };
    assert_eq!(of(b"1", b"2"), of(b"1", b"2"));
    assert_ne!(of(b"1", b"2"), of(b"12", b""));
}

#[test]
fn numbers_and_texts_are_masked() {
    let kept = Kept::<SubmitSm>::new(&submit());
    for shown in [
        format!("{kept}"),
        format!("{kept:?}"),
        format!("{kept:#}"),
        format!("{kept:#?}"),
    ] {
        assert!(!shown.contains("4477") && !shown.contains("hello"), "{shown}");
    }
    assert!(kept.reveal().to_string().contains("447700900123"));
}

/// As its documentation has it: besides its octets.
#[test]
fn it_is_small() {
    #[cfg(target_pointer_width = "64")]
    assert_eq!((size_of::<Kept<SubmitSm>>(), size_of::<SubmitSm>()), (96, 248));
}
