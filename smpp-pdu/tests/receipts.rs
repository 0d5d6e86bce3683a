//! Receipts: every variant and state of the tables, and round trips.

#[allow(dead_code)]
#[path = "common/csv.rs"]
mod csv;

use csv::spec;
use proptest::prelude::*;
use smpp_pdu::receipt::{Confidence, Draft, DraftError, Field, IdBase, IdPolicy, Receipt, Report, Sniff, text_of};
use smpp_pdu::time::{DateTime, Digits};
use smpp_pdu::{
    Codec, DataCoding, DataSm, DeliverSm, EsmClass, Header, MessageState, NetworkErrorType, ShortMessage, Tlvs, tlv,
};

const GOOD: &[u8] =
    b"id:0123456789 sub:001 dlvrd:001 submit date:2501311200 done date:2501311205 stat:DELIVRD err:000 text:Hello";

fn date(text: &[u8]) -> DateTime {
    Receipt::parse(text).done_date().unwrap().local
}

#[test]
fn every_state_is_known() {
    for row in spec("delivery_receipt_states.csv") {
        let text = format!("id:1 stat:{} err:000", row["stat"]);
        let receipt = Receipt::parse(text.as_bytes());
        let number = row["message_state"].parse().ok().map(MessageState);
        assert_eq!(
            (receipt.stat(), receipt.state()),
            (Some(row["stat"].as_bytes()), number),
            "{row:?}"
        );
        let is_final = match row["final"].as_str() {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        };
        assert_eq!(receipt.is_final(), is_final, "{row:?}");
        if let Some(state) = number
            && row["stat"] != "DELIVERED"
        {
            let written = Draft::new(b"1", state).text().unwrap();
            assert_eq!(Receipt::parse(&written).stat(), Some(row["stat"].as_bytes()));
            assert_eq!(state.name(), Some(row["state"].as_str()));
        }
    }
}

/// One test for each row: what is named twice or not at all fails.
#[test]
fn every_variant_is_read() {
    let rows = spec("delivery_receipt_variants.csv");
    let ids: Vec<&str> = rows.iter().map(|row| row["id"].as_str()).collect();
    let tested: Vec<&str> = VARIANTS.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids, tested);
    for (_, test) in VARIANTS {
        test();
    }
}

const VARIANTS: [(&str, fn()); 22] = [
    ("V1", || {
        let policy = IdPolicy {
            base: IdBase::ResponseHex,
            ..IdPolicy::default()
        };
        assert!(policy.matches(b"33E95179", Receipt::parse(b"id:870928761 stat:DELIVRD").id().unwrap()));
    }),
    ("V2", || {
        let receipt = Receipt::parse(b"id:0221067780 stat:DELIVRD");
        assert_eq!(receipt.id(), Some(&b"0221067780"[..]));
        assert!(IdPolicy::default().matches(b"221067780", receipt.id().unwrap()));
    }),
    ("V3", || {
        let id = b"1298d520-b783-49d9-87af-643d7bf13304";
        let receipt = [b"id:", &id[..], b" sub:001"].concat();
        assert_eq!(Receipt::parse(&receipt).id(), Some(&id[..]));
    }),
    ("V4", || assert!(IdPolicy::default().matches(b"3f3a6fac", b"3F3A6FAC"))),
    ("V5", || {
        let text = b"id:1526758174 submit date:1701240904 done date:1701240904 stat:DELIVRD err:000 text:hellow";
        let receipt = Receipt::parse(text);
        assert_eq!(
            (receipt.sub(), receipt.dlvrd(), receipt.text()),
            (None, None, Some(&b"hellow"[..]))
        );
        assert_eq!(receipt.state(), Some(MessageState::DELIVERED));
    }),
    ("V6", || {
        let receipt = Receipt::parse(b"id:1 sub:1 dlvrd:12 stat:DELIVRD");
        assert_eq!((receipt.sub(), receipt.dlvrd()), (Some(1), Some(12)));
    }),
    ("V7", || assert_eq!(date(b"done date:190608165232").second, 32)),
    ("V8", || {
        assert_eq!(date(b"done date:180711070003912+ stat:X").second, 3)
    }),
    ("V9", || {
        assert_eq!(Receipt::parse(b"done date:0000000000 stat:DELIVRD").done_date(), None);
        assert_eq!(Receipt::parse(b"done date: stat:DELIVRD").done_date(), None);
    }),
    ("V10", || {
        let err = |text| {
            (
                Receipt::parse(text).err().unwrap().to_vec(),
                Receipt::parse(text).error_number(),
            )
        };
        assert_eq!(err(b"err:0"), (b"0".to_vec(), Some(0)));
        assert_eq!(err(b"err:0000 "), (b"0000".to_vec(), Some(0)));
        assert_eq!(err(b"err:21b"), (b"21b".to_vec(), None));
    }),
    ("V11", || {
        assert_eq!(Receipt::parse(b"stat:DELIVRD err:000").text(), None);
        assert_eq!(Receipt::parse(b"stat:DELIVRD text:").text(), Some(&b""[..]));
        assert_eq!(Receipt::parse(b"STAT:DELIVRD Text:Hello").text(), Some(&b"Hello"[..]));
    }),
    ("V12", || {
        let receipt = Receipt::parse(b"id:1 stat:DELIVRD text:call me: id:7 err:9 stat:EXPIRED \x1b\xff");
        assert_eq!(receipt.text(), Some(&b"call me: id:7 err:9 stat:EXPIRED \x1b\xff"[..]));
        assert_eq!((receipt.id(), receipt.err()), (Some(&b"1"[..]), None));
    }),
    ("V13", || {
        let receipt = Receipt::parse(b"id:1 done date:180903120816 DELIVRD err:000 Text: stat:EXPIRED");
        assert_eq!(receipt.state(), Some(MessageState::DELIVERED));
        assert!(receipt.done_date().is_some());
        assert_eq!(Receipt::parse(b"the word DELIVRD alone").state(), None);
    }),
    ("V14", || {
        let receipt = Receipt::parse(b"id:1 stat:FAILED err:042");
        assert_eq!((receipt.stat(), receipt.state()), (Some(&b"FAILED"[..]), None));
    }),
    ("V15", || {
        assert_eq!(
            Receipt::parse(b"id:1 stat:ACCEPTD").state(),
            Some(MessageState::ACCEPTED)
        );
        assert_eq!(Receipt::parse(b"id:1 stat:ENROUTE").is_final(), Some(false));
    }),
    ("V16", || {
        let mut tlvs = <Tlvs>::default();
        let report = |tlvs: &Tlvs| {
            let report = Report::of(EsmClass::DELIVERY_RECEIPT, GOOD, tlvs, Sniff::No).unwrap();
            (report.message_id().unwrap().to_vec(), report.state().unwrap())
        };
        assert_eq!(report(&tlvs), (b"0123456789".to_vec(), MessageState::DELIVERED));
        tlvs.push(tlv::RECEIPTED_MESSAGE_ID, b"other").unwrap();
        tlvs.push(tlv::MESSAGE_STATE, MessageState::EXPIRED).unwrap();
        assert_eq!(report(&tlvs), (b"other".to_vec(), MessageState::EXPIRED));
    }),
    ("V17", || {
        let mut tlvs = <Tlvs>::default();
        Draft::new(b"7", MessageState::REJECTED).add_tlvs(&mut tlvs).unwrap();
        let report = Report::of(EsmClass::DELIVERY_RECEIPT, b"", &tlvs, Sniff::No).unwrap();
        assert_eq!(
            (report.message_id(), report.confidence()),
            (Some(&b"7"[..]), Confidence::Certain)
        );
        assert_eq!(
            (report.state(), report.is_final()),
            (Some(MessageState::REJECTED), Some(true))
        );
    }),
    ("V18", || {
        let mut pdu = DataSm {
            esm_class: EsmClass::DELIVERY_RECEIPT,
            ..DataSm::default()
        };
        pdu.tlvs.push(tlv::MESSAGE_PAYLOAD, GOOD).unwrap();
        let text = pdu.receipt_text();
        let report = Report::of(pdu.esm_class, &text, &pdu.tlvs, Sniff::No).unwrap();
        assert_eq!(report.message_id(), Some(&b"0123456789"[..]));
    }),
    ("V19", || {
        let mut pdu = DeliverSm::default();
        pdu.tlvs.push(tlv::MESSAGE_PAYLOAD, GOOD).unwrap();
        assert_eq!(&*pdu.receipt_text(), GOOD);
        pdu.short_message = ShortMessage::new("id:1").unwrap();
        assert_eq!(&*pdu.receipt_text(), b"id:1");
    }),
    ("V20", || {
        let none = Tlvs::<&[u8]>::default();
        assert_eq!(Report::of(EsmClass::DEFAULT, GOOD, &none, Sniff::No), None);
        let sniffed = Report::of(EsmClass::DEFAULT, GOOD, &none, Sniff::Yes).unwrap();
        assert_eq!(sniffed.confidence(), Confidence::Guess);
        let mut tlvs = <Tlvs>::default();
        tlvs.push(tlv::RECEIPTED_MESSAGE_ID, b"7").unwrap();
        assert_eq!(
            Report::of(EsmClass::DEFAULT, GOOD, &tlvs, Sniff::No)
                .unwrap()
                .confidence(),
            Confidence::Likely
        );
    }),
    ("V21", || {
        for value in [&b"7"[..], b"7\0", b"7\0\0"] {
            let region = [&[0, 0x1e, 0, value.len() as u8], value].concat();
            let tlvs = Tlvs::<&[u8]>::new(&region[..]).unwrap();
            let report = Report::of(EsmClass::DELIVERY_RECEIPT, b"", &tlvs, Sniff::No).unwrap();
            assert_eq!(report.message_id(), Some(&b"7"[..]));
        }
    }),
    ("V22", || {
        let receipt = Receipt::parse(b"stat: DELIVRD, id: 77 ,submitdate: 1701240904;done_date:1701240904\r\nerr: 0");
        assert_eq!(
            (receipt.stat(), receipt.err()),
            (Some(&b"DELIVRD"[..]), Some(&b"0"[..]))
        );
        assert_eq!(receipt.id(), Some(&b"77"[..]));
        assert_eq!(receipt.submit_date(), receipt.done_date());
        assert!(receipt.submit_date().is_some());
    }),
];

#[test]
fn what_is_no_receipt_is_not_taken_for_one() {
    let none = Tlvs::<&[u8]>::default();
    let of = |esm_class, text: &'static str, sniff| {
        Report::of(EsmClass(esm_class), text.as_bytes(), &none, sniff).map(|report| report.confidence())
    };
    // Acknowledgements of the recipient's, in any mode and with any feature.
    for esm_class in [0x08, 0x10, 0x18, 0x08 | 0x40, 0x10 | 0x03] {
        assert_eq!(of(esm_class, "id:1 stat:DELIVRD", Sniff::No), None);
    }
    for text in [
        "",
        "hello",
        "my id: 7",
        "id:7",
        "stat:DELIVRD",
        "Your id:7, stat:ok",
        "The id:1 is known, stat:DELIVRD",
    ] {
        assert_eq!(of(0, text, Sniff::Yes), None, "{text}");
    }
    assert_eq!(of(0x04, "", Sniff::No), Some(Confidence::Unreadable));
    assert_eq!(of(0x44, "id:1 stat:DELIVRD", Sniff::No), Some(Confidence::Certain));
    assert_eq!(of(0x07, "id:1 stat:DELIVRD", Sniff::No), Some(Confidence::Certain));
    let notification = Report::of(EsmClass(0x20), b"id:1 stat:DELIVRD", &none, Sniff::No).unwrap();
    assert!(notification.is_intermediate && notification.is_final() == Some(false));
}

#[test]
fn texts_in_ucs2_and_behind_a_header_are_found() {
    let ucs2: Vec<u8> = GOOD.iter().flat_map(|octet| [0, *octet]).collect();
    assert_eq!(&*text_of(EsmClass::DELIVERY_RECEIPT, DataCoding::UCS2, &ucs2), GOOD);
    assert_eq!(&*text_of(EsmClass::DELIVERY_RECEIPT, DataCoding::DEFAULT, &ucs2), GOOD);
    assert_eq!(&*text_of(EsmClass::DELIVERY_RECEIPT, DataCoding::UCS2, GOOD), GOOD);
    let with_header = [b"\x05\x00\x03\x01\x02\x01", GOOD].concat();
    assert_eq!(&*text_of(EsmClass(0x44), DataCoding::DEFAULT, &with_header), GOOD);
    // UDHI, and no header: whole.
    assert_eq!(&*text_of(EsmClass(0x44), DataCoding::DEFAULT, GOOD), GOOD);
}

#[test]
fn network_errors_are_read_and_written() {
    let error = tlv::NetworkErrorCode {
        network_type: NetworkErrorType(3),
        error_code: 0x1234,
    };
    let mut tlvs = <Tlvs>::default();
    let draft = Draft {
        network_error: Some(error),
        ..Draft::new(b"1", MessageState::UNDELIVERABLE)
    };
    draft.add_tlvs(&mut tlvs).unwrap();
    let report = Report::of(EsmClass::DELIVERY_RECEIPT, b"", &tlvs, Sniff::No).unwrap();
    assert_eq!(report.network_error, Some(error));
}

#[test]
fn a_draft_refuses_what_could_not_be_read() {
    // Of the last ones, a reader would take a part for another field, or for none.
    for id in [&b""[..], b"a b", b"a\0", b"1;2", b"err:5", b"7-stat:", b"\xb7sub:7"] {
        assert_eq!(
            Draft::new(id, MessageState::DELIVERED).text(),
            Err(DraftError::Id),
            "{id:?}"
        );
    }
    for id in [&b"a:b"[..], b"0", b"std:7", b"1298d520-b783-49d9-87af-643d7bf13304"] {
        assert!(Draft::new(id, MessageState::DELIVERED).text().is_ok(), "{id:?}");
    }
    for err in [&b""[..], b"null", b"text:", b"1;"] {
        let draft = Draft {
            err,
            ..Draft::new(b"1", MessageState::DELIVERED)
        };
        assert_eq!(draft.text(), Err(DraftError::Err), "{err:?}");
    }
    let draft = Draft {
        err: b"0 1",
        ..Draft::new(b"1", MessageState::DELIVERED)
    };
    assert_eq!(
        draft.text().unwrap_err().to_string(),
        "the receipt's err could not be read again"
    );
    assert_eq!(DraftError::Id.to_string(), "the receipt's id could not be read again");
}

#[test]
fn nothing_personal_is_shown_unasked() {
    let receipt = Receipt::parse(b"id:447700900123 stat:DELIVRD text:secret");
    assert!(!format!("{receipt:?}").contains("secret") && !format!("{receipt:?}").contains("4477"));
    assert!(format!("{:?}", receipt.reveal()).contains("secret"));
    let draft = Draft {
        text: b"secret",
        ..Draft::new(b"447700900123", MessageState::DELIVERED)
    };
    assert!(!format!("{draft:?}").contains("secret") && !format!("{draft:?}").contains("4477"));
}

fn any_date() -> impl Strategy<Value = Option<DateTime>> {
    proptest::option::of((0..1_700_000_000_i64).prop_map(|seconds| DateTime::from_unix(seconds).unwrap()))
}

proptest! {
    #[test]
    fn what_is_built_is_read(
        id in "[!-+.-:<-{}~]{1,64}", sub in 0..1000_u16, dlvrd in 0..1000_u16, submit_date in any_date(),
        done_date in any_date(), digits in 0..3_u8, state in 0..10_u8, err in "[0-9a-zA-Z]{3}",
        text in proptest::collection::vec(any::<u8>(), 0..60),
    ) {
        let digits = [Digits::Ten, Digits::Twelve, Digits::Fourteen][usize::from(digits)];
        let draft = Draft {
            sub, dlvrd, submit_date, done_date, digits, err: err.as_bytes(), text: &text,
            ..Draft::new(id.as_bytes(), MessageState(state))
        };
        let written = match draft.text() {
            Ok(written) => written,
            // One that looks like a field of its own.
            Err(DraftError::Id) => {
                prop_assert!(id.contains(':'));
                return Ok(());
            }
            Err(e) => {
                prop_assert!(err.eq_ignore_ascii_case("null"), "{}", e);
                return Ok(());
            }
        };
        prop_assert!(written.len() <= 241);
        let receipt = Receipt::parse(&written);
        prop_assert_eq!(receipt.id(), Some(id.as_bytes()));
        prop_assert_eq!((receipt.sub(), receipt.dlvrd()), (Some(sub), Some(dlvrd)));
        prop_assert_eq!(receipt.state(), Some(MessageState(state)));
        prop_assert_eq!(receipt.err(), Some(err.as_bytes()));
        prop_assert_eq!(receipt.text(), Some(&text[..text.len().min(20)]));
        for (read, date) in [(receipt.submit_date(), submit_date), (receipt.done_date(), done_date)] {
            let seconds = |date: DateTime| match digits {
                Digits::Ten => date.unix() / 60 * 60,
                _ => date.unix(),
            };
            prop_assert_eq!(read.map(|read| read.unix(0)), date.map(seconds));
        }
    }

    #[test]
    fn parse_of_any_octets_returns(text in proptest::collection::vec(any::<u8>(), 0..300)) {
        read_all(&text)?;
    }

    #[test]
    fn parse_of_any_fields_returns(text in "((id|sub|dlvrd|submit ?date|done date|stat|err|text| |:|[0-9]{1,12}|DELIVRD)[ :]?){0,30}") {
        read_all(text.as_bytes())?;
    }

    #[test]
    fn any_prefix_is_read(end in 0..GOOD.len()) {
        let whole = Receipt::parse(GOOD);
        let cut = Receipt::parse(&GOOD[..end]);
        // What is there of a field is its beginning.
        for field in FIELDS {
            if let Some(piece) = cut.field(field) {
                prop_assert!(whole.field(field).unwrap_or_default().starts_with(piece.trim_ascii_end())
                    || piece.len() >= whole.field(field).map_or(0, <[u8]>::len));
            }
        }
    }
}

const FIELDS: [Field; 8] = [
    Field::Id,
    Field::Sub,
    Field::Dlvrd,
    Field::SubmitDate,
    Field::DoneDate,
    Field::Stat,
    Field::Err,
    Field::Text,
];

fn read_all(text: &[u8]) -> Result<(), TestCaseError> {
    let receipt = Receipt::parse(text);
    prop_assert_eq!(receipt.raw(), text);
    let _ = (
        receipt.id(),
        receipt.sub(),
        receipt.dlvrd(),
        receipt.submit_date(),
        receipt.done_date(),
    );
    let _ = (
        receipt.state(),
        receipt.is_final(),
        receipt.err(),
        receipt.error_number(),
        receipt.text(),
    );
    let pieces: usize = FIELDS
        .iter()
        .filter_map(|field| receipt.field(*field))
        .map(<[u8]>::len)
        .sum();
    prop_assert!(pieces <= 2 * text.len());
    let _ = Report::of(EsmClass::DEFAULT, text, &Tlvs::<&[u8]>::default(), Sniff::Yes);
    let _ = text_of(EsmClass::UDHI, DataCoding::UCS2, text);
    Ok(())
}

#[test]
fn a_receipt_goes_over_the_wire() {
    let draft = Draft::new(b"0123456789", MessageState::DELIVERED);
    let mut pdu = DeliverSm {
        esm_class: EsmClass::DELIVERY_RECEIPT,
        short_message: ShortMessage::new(draft.text().unwrap()).unwrap(),
        ..DeliverSm::default()
    };
    draft.add_tlvs(&mut pdu.tlvs).unwrap();
    let mut octets = [0; 512];
    let len = Codec::default()
        .encode_to(Header::request(1), &pdu, &mut octets)
        .unwrap();
    let decoded = Codec::default().decode(&octets[..len]).unwrap();
    let smpp_pdu::Pdu::DeliverSm(view) = decoded.pdu else {
        panic!()
    };
    let text = view.receipt_text();
    let report = Report::of(view.esm_class, &text, &view.tlvs, Sniff::No).unwrap();
    assert_eq!(
        (report.message_id(), report.confidence()),
        (Some(&b"0123456789"[..]), Confidence::Certain)
    );
}
