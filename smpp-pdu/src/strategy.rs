//! Strategies of proptest, for this crate's tests and for those of its users.
//!
//! Every PDU has one, by its type and the version that it is to be written in:
//!
//! ```
//! use proptest::prelude::*;
//! use smpp_pdu::{Codec, Header, Pdu, SubmitSm, Version, strategy};
//!
//! proptest! {
//!     fn any_submit_sm(submit in any::<SubmitSm>()) { // as 3.4 has it
//!         let mut out = Vec::new();
//!         Codec::default().encode(Header::request(1), &submit, &mut out).unwrap();
//!     }
//!     fn one_of_5_0(submit in any_with::<SubmitSm>(Version::V50)) {
//!         prop_assert!(submit.short_message.as_bytes().len() <= 255);
//!     }
//!     fn whatever_there_is((version, pdu) in strategy::versioned()) {
//!         let _ = pdu.check(version);
//!     }
//! }
//! # any_submit_sm();
//! # one_of_5_0();
//! # whatever_there_is();
//! ```
//!
//! What they give can be encoded, and decodes to itself. Values are any that fit: `check` finds fault with most.
//! A version without the PDU counts as the first that has it. The same goes for `any::<Pdu>()` and for the parts
//! [`Tlvs`], [`Unknown`], [`Header`] and [`Version`]. A response comes with its body: without one it is
//! `Pdu::SubmitSmResp(None)`, which is encoded as an empty body where there must be one.

use crate::codec::Header;
use crate::generate::Generate;
use crate::pdu::{Pdu, Unknown};
use crate::row::Row;
use crate::tlv::Tlvs;
use crate::version::Version;
use alloc::vec::Vec;
use arbitrary::Unstructured;
use core::fmt::Debug;
use proptest::prelude::*;

/// A version.
pub fn version() -> impl Strategy<Value = Version> {
    prop::sample::select(&[Version::V33, Version::V34, Version::V50][..])
}

/// Any PDU that `version` can write, every kind of them as likely.
pub fn pdu(version: Version) -> impl Strategy<Value = Pdu> {
    made_of_octets(move |u| Pdu::arbitrary_in(u, version))
}

/// Any version, and any PDU that it can write.
pub fn versioned() -> impl Strategy<Value = (Version, Pdu)> {
    version().prop_flat_map(|version| (Just(version), pdu(version)))
}

/// What stands behind `Arbitrary` of each PDU.
pub(crate) fn of<T: Generate + Debug + 'static>(version: Version) -> BoxedStrategy<T> {
    made_of_octets(move |u| T::generate(u, Row::named(""), version)).boxed()
}

fn made_of_octets<T: Debug>(make: impl Fn(&mut Unstructured<'_>) -> arbitrary::Result<T>) -> impl Strategy<Value = T> {
    let octets = prop::collection::vec(any::<u8>(), 64..1024);
    octets.prop_filter_map("too few octets", move |octets: Vec<u8>| {
        make(&mut Unstructured::new(&octets)).ok()
    })
}

/// `Arbitrary` by a version: it exists because every PDU has the same.
macro_rules! by_version {
    ($($name:ty: $version:ident => $strategy:expr;)*) => { $(
        /// One that the version can write, 3.4 if there is none said.
        impl proptest::arbitrary::Arbitrary for $name {
            type Parameters = crate::version::Version;
            type Strategy = proptest::strategy::BoxedStrategy<Self>;
            fn arbitrary_with($version: crate::version::Version) -> Self::Strategy {
                $strategy
            }
        }
    )* };
}
pub(crate) use by_version;

by_version! {
    Pdu: version => pdu(version).boxed();
    Unknown: version => of(version);
    Tlvs: version => of(version);
}

impl Arbitrary for Version {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;
    fn arbitrary_with((): ()) -> Self::Strategy {
        version().boxed()
    }
}

/// Any status and any sequence_number.
impl Arbitrary for Header {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;
    fn arbitrary_with((): ()) -> Self::Strategy {
        made_of_octets(|u| u.arbitrary()).boxed()
    }
}
