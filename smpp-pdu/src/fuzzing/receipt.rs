//! Receipts: any octets are read, what is built is read, and what is none is not taken for one.

use super::Nowhere;
use super::input::Input;
use crate::codes::{DataCoding, EsmClass, MessageState, NetworkErrorType};
use crate::receipt::{Confidence, Draft, DraftError, Field, IdBase, IdPolicy, Receipt, Report, Sniff, text_of};
use crate::time::{DateTime, Digits};
use crate::tlv::{self, NetworkErrorCode, Tlvs};
use core::fmt::Write as _;

/// The first three octets are esm_class, data_coding and the length of the TLVs, which come next; then the user data. A
/// draft is made of the same octets.
pub fn receipt(octets: &[u8]) {
    let mut input = Input::new(octets);
    let (esm_class, data_coding) = (EsmClass(input.octet()), DataCoding(input.octet()));
    let len = input.octet().into();
    let tlvs = Tlvs::<&[u8]>::new(input.take(len)).unwrap_or_default();
    let user_data = input.rest();
    let text = text_of(esm_class, data_coding, user_data);
    assert!(text.len() <= user_data.len());
    read(&text);
    for sniff in [Sniff::No, Sniff::Yes] {
        report(esm_class, &text, &tlvs, sniff);
    }
    let mut input = Input::new(octets);
    built(&mut input);
    ids(&mut input);
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

/// Nothing is made up: each piece stands in the text, behind its key, and what is read of it stands in it.
fn read(text: &[u8]) {
    let receipt = Receipt::parse(text);
    assert_eq!(receipt.raw(), text);
    for field in FIELDS {
        assert!(receipt.field(field).is_none_or(|piece| is_in(piece, text)), "{field:?}");
    }
    let is_of = |value: Option<&[u8]>, field| match (value, receipt.field(field)) {
        (Some(value), Some(piece)) => assert!(!value.is_empty() && is_in(value, piece)),
        (value, _) => assert_eq!(value, None),
    };
    is_of(receipt.id(), Field::Id);
    is_of(receipt.stat(), Field::Stat);
    is_of(receipt.err(), Field::Err);
    assert_eq!(receipt.text(), receipt.field(Field::Text));
    assert!(
        [receipt.sub(), receipt.dlvrd()]
            .iter()
            .flatten()
            .all(|number| *number <= 999)
    );
    assert!(
        receipt
            .error_number()
            .is_none_or(|number| number <= 9999 && receipt.err().is_some())
    );
    for date in [receipt.submit_date(), receipt.done_date()].into_iter().flatten() {
        assert!(date.quarters.is_none_or(|quarters| (-48..=48).contains(&quarters)));
        assert!(DateTime::from_unix(date.local.unix()) == Some(date.local));
        let _ = (date.unix(i32::MAX), date.unix(i32::MIN));
    }
    assert!(receipt.state().is_none() || receipt.stat().is_some());
    assert!(receipt.is_final().is_none() || receipt.stat().is_some());
    let _ = write!(Nowhere, "{receipt:?} {receipt:#?} {:?}", receipt.reveal());
}

fn is_in(piece: &[u8], text: &[u8]) -> bool {
    piece.is_empty()
        || text.as_ptr_range().start <= piece.as_ptr() && piece.as_ptr_range().end <= text.as_ptr_range().end
}

/// esm_class has the last word: what it says is none is none, and what it says is one is.
fn report(esm_class: EsmClass, text: &[u8], tlvs: &Tlvs<&[u8]>, sniff: Sniff) {
    let report = Report::of(esm_class, text, tlvs, sniff);
    let id = tlvs
        .get(tlv::RECEIPTED_MESSAGE_ID)
        .ok()
        .flatten()
        .filter(|id| !id.is_empty());
    let (is_marked, may_be) = match esm_class.0 & 0x3c {
        0x04 | 0x20 => (true, true),
        kind => (false, kind == 0),
    };
    match report {
        None => assert!(!is_marked && (id.is_none() || !may_be)),
        Some(report) => {
            assert_eq!(report.evidence.esm_class, is_marked);
            assert_eq!(report.evidence.tlv, may_be && id.is_some());
            assert!(is_marked || report.evidence.tlv || sniff == Sniff::Yes && report.evidence.text);
            assert_eq!(report.is_intermediate, esm_class.0 & 0x3c == 0x20);
            assert_eq!(report.message_id(), id.filter(|_| may_be).or(report.receipt.id()));
            assert_eq!(
                report.confidence() == Confidence::Guess,
                !is_marked && !report.evidence.tlv
            );
            assert!(!report.is_intermediate || report.is_final() == Some(false));
            let state = tlvs.get(tlv::MESSAGE_STATE).ok().flatten();
            assert_eq!(report.state(), state.or(report.receipt.state()));
            let _ = write!(Nowhere, "{report:?}");
        }
    }
}

/// What is built is read as it was, from octets and from UCS-2, and its TLVs too.
fn built(input: &mut Input<'_>) {
    let date = |input: &mut Input<'_>| {
        // 1970 to 2037: two digits of a year say no more.
        let seconds = input.number().rem_euclid(2_145_916_800) / 60 * 60;
        DateTime::from_unix(seconds).filter(|_| seconds % 7 != 0)
    };
    let (sub, dlvrd) = (input.number().rem_euclid(1000), input.number().rem_euclid(1000));
    let (id, err) = (usize::from(input.up_to(70)), usize::from(input.up_to(4)));
    let draft = Draft {
        sub: u16::try_from(sub).unwrap_or(0),
        dlvrd: u16::try_from(dlvrd).unwrap_or(0),
        submit_date: date(input),
        done_date: date(input),
        digits: match input.up_to(2) {
            0 => Digits::Ten,
            1 => Digits::Twelve,
            _ => Digits::Fourteen,
        },
        err: input.take(err),
        network_error: Some(NetworkErrorCode {
            network_type: NetworkErrorType(input.octet()),
            error_code: 7,
        }),
        text: &[],
        ..Draft::new(input.take(id), MessageState(input.up_to(9)))
    };
    let draft = Draft {
        text: input.rest(),
        ..draft
    };
    let is_word = |octets: &[u8]| !octets.is_empty() && octets.iter().all(u8::is_ascii_alphanumeric);
    let text = match draft.text() {
        Ok(text) => text,
        Err(DraftError::Id) => return assert!(!is_word(draft.id)),
        Err(DraftError::Err) => return assert!(!is_word(draft.err) || draft.err.eq_ignore_ascii_case(b"null")),
    };
    let mut tlvs = <Tlvs>::default();
    assert_eq!(draft.add_tlvs(&mut tlvs), Ok(()));
    let units: alloc::vec::Vec<u8> = text.iter().flat_map(|octet| [0, *octet]).collect();
    let from_ucs2 = text_of(EsmClass::DELIVERY_RECEIPT, DataCoding::UCS2, &units);
    assert_eq!(from_ucs2, text);
    let Some(report) = Report::of(EsmClass::DELIVERY_RECEIPT, &from_ucs2, &tlvs, Sniff::No) else {
        panic!("no receipt");
    };
    assert_eq!(
        (report.message_id(), report.confidence()),
        (Some(draft.id), Confidence::Certain)
    );
    assert_eq!(
        (report.state(), report.network_error),
        (Some(draft.state), draft.network_error)
    );
    let read = report.receipt;
    assert_eq!((read.id(), read.err()), (Some(draft.id), Some(draft.err)));
    assert_eq!((read.sub(), read.dlvrd()), (Some(draft.sub), Some(draft.dlvrd)));
    assert_eq!(read.state(), Some(draft.state));
    assert_eq!(read.text(), Some(draft.text.get(..20).unwrap_or(draft.text)));
    assert_eq!(read.submit_date().map(|date| date.local), draft.submit_date);
    assert_eq!(read.done_date().map(|date| date.local), draft.done_date);
}

/// An id matches itself, however it is written and whatever the policy.
fn ids(input: &mut Input<'_>) {
    let number = input.number().unsigned_abs();
    let hex = alloc::format!("{number:x}");
    let (plain, decimal) = (alloc::format!("{number}"), alloc::format!("000{number}"));
    for fold_case in [false, true] {
        let policy = |base| IdPolicy {
            trim_zeros: true,
            fold_case,
            base,
        };
        assert!(policy(IdBase::ResponseHex).matches(hex.as_bytes(), decimal.as_bytes()));
        assert!(policy(IdBase::ReceiptHex).matches(decimal.as_bytes(), hex.as_bytes()));
        assert!(policy(IdBase::Same).matches(decimal.as_bytes(), plain.as_bytes()));
    }
}
