//! The lists of submit_multi and its response.

mod common;

use common::{HEADER, STRICT, address, frame};
use smpp_pdu::{
    Address, COctetString, CommandStatus, Destination, Destinations, EncodeErrorKind, Npi, Pdu, SubmitMulti,
    SubmitMultiResp, Ton, UnsuccessSme, UnsuccessSmes, Version,
};

fn name(text: &'static [u8]) -> Destination<&'static [u8]> {
    Destination::DistributionList(COctetString::new(text).unwrap())
}

#[test]
fn put_together_owned_and_borrowed() {
    let entries = [Destination::Address(address(b"4479460000001")), name(b"friends")];
    let mut owned = Destinations::default();
    for entry in &entries {
        owned.push(entry).unwrap();
    }
    let mut room = [0; 64];
    let view = Destinations::borrowed(&mut room, entries).unwrap();
    assert_eq!((view.len(), owned.len(), view.is_empty()), (2, 2, false));
    assert!(view.iter().eq(entries) && owned.iter().eq(entries));
    let multi = SubmitMulti::default().dest_address(owned);
    let mut octets = Vec::new();
    STRICT.encode(HEADER, &multi, &mut octets).unwrap();
    let mut again = Vec::new();
    let borrowed = SubmitMulti {
        dest_address: view,
        ..SubmitMulti::borrowed()
    };
    STRICT.encode(HEADER, &borrowed, &mut again).unwrap();
    assert_eq!(again, octets);
    assert_eq!(STRICT.decode(&octets).unwrap().into_owned().pdu, Pdu::from(multi));
}

#[test]
fn what_a_list_cannot_hold() {
    let mut list = Destinations::default();
    for _ in 0..255 {
        list.push(&name(b"list")).unwrap();
    }
    let full = EncodeErrorKind::Size { size: 256, max: 255 };
    assert_eq!(list.push(&name(b"list")), Err(full));
    assert_eq!(list.len(), 255);
    let mut room = [0; 4096];
    assert_eq!(
        Destinations::borrowed(&mut room, [name(b"list"); 256]).unwrap_err(),
        full
    );
    let long = EncodeErrorKind::Size { size: 22, max: 21 };
    assert_eq!(Destinations::default().push(&name(b"123456789012345678901")), Err(long));
    assert_eq!(
        Destinations::borrowed(&mut room, [name(b"123456789012345678901")]).unwrap_err(),
        long
    );
    let no_room = EncodeErrorKind::NoRoom { needed: 12 };
    assert_eq!(
        Destinations::borrowed(&mut [0; 11], [name(b"list"); 2]).unwrap_err(),
        no_room
    );
}

#[test]
fn destinations_that_failed() {
    let addr: COctetString = COctetString::new("4479460000001").unwrap();
    let failed = UnsuccessSme {
        destination_addr: Address {
            ton: Ton::INTERNATIONAL,
            npi: Npi::ISDN,
            addr,
        },
        error_status_code: CommandStatus::ESME_RINVDSTADR,
    };
    let mut list = UnsuccessSmes::default();
    list.push(&failed).unwrap();
    let resp = SubmitMultiResp::default().unsuccess_sme(list);
    let mut octets = Vec::new();
    STRICT.encode(HEADER, &resp, &mut octets).unwrap();
    assert_eq!(
        octets,
        frame(0x8000_0021, 0, b"\0\x01\x01\x014479460000001\0\0\0\0\x0b")
    );
    let decoded = STRICT.decode_response::<SubmitMultiResp>(&octets).unwrap().pdu.unwrap();
    let first = decoded.unsuccess_sme.iter().next().unwrap();
    assert_eq!(first.error_status_code, failed.error_status_code);
    assert_eq!(format!("{first:?}"), "international/isdn <13 octets> ESME_RINVDSTADR");
    assert_eq!(
        format!("{:?}", first.reveal()),
        r#"international/isdn "4479460000001" ESME_RINVDSTADR"#
    );
    assert_eq!(format!("{:?}", name(b"friends").reveal()), r#"list "friends""#);
    assert_eq!(decoded, resp);
    assert!(resp.check(Version::V34).is_ok());
    // None is well in the response, and not in the request (R124).
    assert!(SubmitMultiResp::default().check(Version::V34).is_ok());
    let none = SubmitMulti::default().check(Version::V34).unwrap_err();
    assert_eq!(none.command_status(), CommandStatus::ESME_RINVNUMDESTS);
}
