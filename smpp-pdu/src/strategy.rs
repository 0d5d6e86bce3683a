//! Strategies of proptest, for this crate's tests and for those of its users.

use crate::pdu::Pdu;
use crate::version::Version;
use alloc::vec::Vec;
use arbitrary::Unstructured;
use proptest::prelude::*;

/// A version.
pub fn version() -> impl Strategy<Value = Version> {
    prop::sample::select(&[Version::V33, Version::V34, Version::V50][..])
}

/// Any PDU that `version` can write, every kind of them as likely.
pub fn pdu(version: Version) -> impl Strategy<Value = Pdu> {
    let octets = prop::collection::vec(any::<u8>(), 64..1024);
    octets.prop_filter_map("too few octets", move |octets: Vec<u8>| {
        Pdu::arbitrary_in(&mut Unstructured::new(&octets), version).ok()
    })
}
