//! What is logged by accident tells nobody's number, text or password, whichever type it is printed from.

use smpp_pdu::receipt::{Report, Sniff};
use smpp_pdu::udh::Element;
use smpp_pdu::{
    Address, BindReceiver, COctetString, Codec, Header, Npi, Password, Pdu, ShortMessage, SubmitSm, Tlvs, Ton, Unknown,
    tlv,
};

fn submit() -> SubmitSm {
    let mut submit = SubmitSm::default().short_message(ShortMessage::new("hello").unwrap());
    submit.destination_addr = Address {
        ton: Ton::INTERNATIONAL,
        npi: Npi::ISDN,
        addr: COctetString::new("447700900123").unwrap(),
    };
    submit
}

/// `Display` is `Debug`, masked and in clear, on one line and as a table.
#[test]
fn display_shows_what_debug_shows() {
    let submit = submit();
    let pdu = Pdu::from(submit.clone());
    let line = format!("{submit}");
    assert!(line.starts_with("SubmitSm { ") && !line.contains('\n'), "{line}");
    assert!(
        line.contains("short_message: <5 octets>") && !line.contains("4477"),
        "{line}"
    );
    let table = format!("{submit:#}");
    assert!(table.starts_with("SubmitSm\n  service_type "), "{table}");
    assert!(!table.contains("hello") && !table.contains("4477"), "{table}");
    assert!(format!("{}", submit.reveal()).contains("447700900123"));
    assert!(format!("{:#}", submit.reveal()).contains("\n  short_message            \"hello\""));

    let same = |debug: [String; 4], display: [String; 4]| assert_eq!(debug, display);
    same(
        [
            format!("{pdu:?}"),
            format!("{pdu:#?}"),
            format!("{:?}", pdu.reveal()),
            format!("{:#?}", pdu.reveal()),
        ],
        [
            format!("{pdu}"),
            format!("{pdu:#}"),
            format!("{}", pdu.reveal()),
            format!("{:#}", pdu.reveal()),
        ],
    );
    let mut frame = Vec::new();
    Codec::default().encode(Header::request(7), &pdu, &mut frame).unwrap();
    let decoded = Codec::default().decode(&frame).unwrap();
    same(
        [
            format!("{decoded:?}"),
            format!("{decoded:#?}"),
            format!("{:?}", decoded.reveal()),
            format!("{:#?}", decoded.reveal()),
        ],
        [
            format!("{decoded}"),
            format!("{decoded:#}"),
            format!("{}", decoded.reveal()),
            format!("{:#}", decoded.reveal()),
        ],
    );
    let unknown = Unknown {
        command_id: smpp_pdu::CommandId(0x0001_0200),
        body: &b"hello"[..],
    };
    assert_eq!(format!("{unknown}"), format!("{unknown:?}"));
    assert_eq!(format!("{}", submit.destination_addr), "international/isdn <12 octets>");
    let bind = BindReceiver {
        password: Password::new("secret08").unwrap(),
        ..BindReceiver::default()
    };
    for shown in [
        format!("{bind}"),
        format!("{bind:#}"),
        format!("{}", bind.reveal()),
        format!("{:#}", bind.reveal()),
    ] {
        assert!(!shown.contains("secret08"), "{shown}");
    }
}

/// What helps to build and to read holds texts and numbers too.
#[test]
fn what_builds_and_what_was_read_is_masked_too() {
    let mut room = [0; 64];
    let mut builder = tlv::Builder::new(&mut room);
    builder.push(tlv::MESSAGE_PAYLOAD, b"hello").unwrap();
    assert_eq!(format!("{builder:?}"), "Builder { len: 9, room: 64 }");
    assert_eq!(format!("{builder:#?}").find("104"), None);

    struct Loud;
    impl tlv::Value for Loud {
        type Read<'a> = &'a [u8];
        fn read(octets: &[u8]) -> Option<&[u8]> {
            Some(octets)
        }
        fn write(value: &&[u8], out: &mut tlv::ValueWriter<'_>) {
            out.put(value);
            assert_eq!(format!("{out:?}"), "ValueWriter { len: 5 }");
        }
    }
    let mut tlvs = Tlvs::default();
    tlvs.push(tlv::Key::<Loud>::new(0x1400, "loud"), b"hello").unwrap();

    let other = Element::Other {
        identifier: 0x22,
        data: b"447700900123",
    };
    assert_eq!(format!("{other:?}"), "Other { identifier: 34, data: <12 octets> }");
    let concat = smpp_pdu::udh::Concat {
        reference: 7,
        is_wide: false,
        total: 2,
        part: 1,
    };
    assert_eq!(
        format!("{:?}", Element::Concat(concat)),
        "Concat(Concat { reference: 7, is_wide: false, total: 2, part: 1 })"
    );

    let mut tlvs = Tlvs::default();
    tlvs.push(tlv::RECEIPTED_MESSAGE_ID, b"447700900123").unwrap();
    let report = Report::of(
        smpp_pdu::EsmClass::DELIVERY_RECEIPT,
        b"id:1 text:hello",
        &tlvs,
        Sniff::No,
    )
    .unwrap();
    let shown = format!("{report:?} {report:#?}");
    assert!(shown.contains("<12 octets>"), "{shown}");
    assert!(!shown.contains("hello") && !shown.contains("52"), "{shown}");
}
