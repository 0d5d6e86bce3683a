//! Addresses, alone and in submit_multi's list.

use crate::codes::{Npi, Ton};
use crate::error::DecodeErrorKind;
use crate::fields::{FieldValue, Visit};
use crate::masked::{Mask, Show, text};
use crate::owned::Owned;
use crate::row::Row;
use crate::storage::Storage;
use crate::string::COctetString;
use crate::version::Version;
use crate::wire::{Context, Fault, Parse, Parsed};
use crate::write::{Field, Refusal, Writer};
use core::fmt;

/// Type of number, numbering plan and digits: three fields of the specification that only mean something
/// together.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        deny_unknown_fields,
        bound(serialize = "", deserialize = "B: From<alloc::vec::Vec<u8>>")
    )
)]
pub struct Address<B: Storage = Owned> {
    /// Type of number.
    pub ton: Ton,
    /// Numbering plan.
    pub npi: Npi,
    /// The digits, or letters.
    pub addr: COctetString<B>,
}

/// Nobody: of unknown type and plan, and empty.
impl<B: Storage> Default for Address<B> {
    fn default() -> Self {
        Field::empty()
    }
}

impl<'a> Parse<'a> for Address<&'a [u8]> {
    #[inline(always)]
    fn parse(i: &'a [u8], row: Row, cx: &Context<'_>) -> Parsed<'a, Self> {
        // The two octets at once; of two that are not there, the first missing is the one to name.
        let Some((&[ton, npi], i)) = i.split_first_chunk() else {
            return Fault::at(&[], row.part(i.len()).name, DecodeErrorKind::Truncated);
        };
        let (i, addr) = Parse::parse(i, row, cx)?;
        Ok((
            i,
            Self {
                ton: Ton(ton),
                npi: Npi(npi),
                addr,
            },
        ))
    }
}

impl<B: Storage> Field<B> for Address<B> {
    type In<C: Storage> = Address<C>;
    #[inline]
    fn empty() -> Self {
        Self {
            ton: Ton::UNKNOWN,
            npi: Npi::UNKNOWN,
            addr: Field::empty(),
        }
    }
    #[inline(always)]
    fn encoded_len(&self) -> usize {
        2 + self.addr.encoded_len()
    }
    #[inline(always)]
    fn check(&self, row: Row, version: Version) -> Result<(), Refusal> {
        self.addr.check(row, version)
    }
    #[inline(always)]
    fn put(&self, w: &mut Writer<'_>) {
        w.array([self.ton.0]);
        w.array([self.npi.0]);
        #[cfg(canary = "pdu_roundtrip")] // the fault that this fuzz target must find
        if self.npi.0 == 0xc5 {
            return w.array([0]);
        }
        self.addr.put(w);
    }
    #[inline(always)]
    fn map_storage<C: Storage>(self, f: &mut impl FnMut(B) -> C) -> Address<C> {
        Address {
            ton: self.ton,
            npi: self.npi,
            addr: self.addr.map_storage(f),
        }
    }
    #[inline(always)]
    fn map_into<C: Storage>(self, empty: &mut Address<C>, f: &mut impl FnMut(B) -> C) {
        (empty.ton, empty.npi) = (self.ton, self.npi);
        self.addr.map_into(&mut empty.addr, f);
    }
    #[inline(always)]
    fn fields<F: Visit + ?Sized>(&self, row: Row, to: &mut F) {
        Field::<B>::fields(&self.ton, row.part(0), to);
        Field::<B>::fields(&self.npi, row.part(1), to);
        to.visit(row.name, FieldValue::Address(self.addr.as_bytes()));
    }
}

impl<B: Storage> Show for Address<B> {
    fn show(&self, f: &mut fmt::Formatter<'_>, mask: Mask) -> fmt::Result {
        write!(f, "{:?}/{:?} ", self.ton, self.npi)?;
        text(f, self.addr.as_bytes(), mask)
    }
}
