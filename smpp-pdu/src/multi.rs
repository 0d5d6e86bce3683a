//! What submit_multi and its response list.

use crate::address::Address;
use crate::codes::CommandStatus;
use crate::error::DecodeErrorKind;
use crate::fields::{FieldValue, Visit};
use crate::list::ListEntry;
use crate::masked::{Mask, Show, masked, text};
use crate::owned::Owned;
use crate::row::{Row, Size};
use crate::storage::Storage;
use crate::string::COctetString;
use crate::version::Version;
use crate::wire::{Context, Fault, Parse, Parsed, be_u8};
use crate::write::{Field, Refusal, Writer};
use core::fmt;

/// One dest_address of submit_multi (v3.4 §4.5.1.1, v5.0 §4.2.3.1).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        rename_all = "snake_case",
        bound(serialize = "", deserialize = "B: From<alloc::vec::Vec<u8>>")
    )
)]
pub enum Destination<B: Storage = Owned> {
    /// An SME, dest_flag 1: at most 20 characters of address.
    Address(Address<B>),
    /// A distribution list of the SMSC, dest_flag 2: at most 20 characters of name.
    DistributionList(COctetString<B>),
}

impl<B: Storage> ListEntry<B> for Destination<B> {
    const ROW: Row = Row {
        name: "destination_addr",
        size: Size::max(21),
        parts: &["dest_addr_ton", "dest_addr_npi"],
    };
}

impl<'a> Parse<'a> for Destination<&'a [u8]> {
    #[inline(always)]
    fn parse(i: &'a [u8], row: Row, cx: &Context<'_>) -> Parsed<'a, Self> {
        match be_u8(i, Row::named("dest_flag"))? {
            (i, 1) => Parse::parse(i, row, cx).map(|(i, address)| (i, Self::Address(address))),
            (i, 2) => Parse::parse(i, row.renamed("dl_name"), cx).map(|(i, name)| (i, Self::DistributionList(name))),
            (_, flag) => Fault::at(i, "dest_flag", DecodeErrorKind::DestFlag(flag)),
        }
    }
}

impl<B: Storage> Field<B> for Destination<B> {
    type In<C: Storage> = Destination<C>;
    fn empty() -> Self {
        Self::Address(Field::empty())
    }
    fn encoded_len(&self) -> usize {
        match self {
            Self::Address(address) => 1 + address.encoded_len(),
            Self::DistributionList(name) => 1 + name.encoded_len(),
        }
    }
    fn check(&self, row: Row, version: Version) -> Result<(), Refusal> {
        match self {
            Self::Address(address) => address.check(row, version),
            Self::DistributionList(name) => name.check(row.renamed("dl_name"), version),
        }
    }
    fn put(&self, w: &mut Writer<'_>) {
        match self {
            Self::Address(address) => {
                w.array([1]);
                address.put(w);
            }
            Self::DistributionList(name) => {
                w.array([2]);
                name.put(w);
            }
        }
    }
    fn map_storage<C: Storage>(self, f: &mut impl FnMut(B) -> C) -> Destination<C> {
        match self {
            Self::Address(address) => Destination::Address(address.map_storage(f)),
            Self::DistributionList(name) => Destination::DistributionList(name.map_storage(f)),
        }
    }
    #[inline(always)]
    fn fields<F: Visit + ?Sized>(&self, row: Row, to: &mut F) {
        match self {
            Self::Address(address) => {
                to.visit("dest_flag", FieldValue::Integer(1, &"sme"));
                address.fields(row, to);
            }
            Self::DistributionList(name) => {
                to.visit("dest_flag", FieldValue::Integer(2, &"dl"));
                to.visit("dl_name", FieldValue::Address(name.as_bytes()));
            }
        }
    }
}

impl<B: Storage> Show for Destination<B> {
    fn show(&self, f: &mut fmt::Formatter<'_>, mask: Mask) -> fmt::Result {
        match self {
            Self::Address(address) => address.show(f, mask),
            Self::DistributionList(name) => {
                f.write_str("list ")?;
                text(f, name.as_bytes(), mask)
            }
        }
    }
}

/// One unsuccess_sme of submit_multi_resp (v3.4 §4.5.2.1, v5.0 §4.2.3.2).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        deny_unknown_fields,
        bound(serialize = "", deserialize = "B: From<alloc::vec::Vec<u8>>")
    )
)]
pub struct UnsuccessSme<B: Storage = Owned> {
    /// The destination that was not taken: at most 20 characters of address.
    pub destination_addr: Address<B>,
    /// Why.
    pub error_status_code: CommandStatus,
}

impl<B: Storage> ListEntry<B> for UnsuccessSme<B> {
    const ROW: Row = <Destination<B> as ListEntry<B>>::ROW;
}

impl<'a> Parse<'a> for UnsuccessSme<&'a [u8]> {
    #[inline(always)]
    fn parse(i: &'a [u8], row: Row, cx: &Context<'_>) -> Parsed<'a, Self> {
        let (i, destination_addr) = Parse::parse(i, row, cx)?;
        let (i, error_status_code) = Parse::parse(i, Row::named("error_status_code"), cx)?;
        Ok((
            i,
            Self {
                destination_addr,
                error_status_code,
            },
        ))
    }
}

impl<B: Storage> Field<B> for UnsuccessSme<B> {
    type In<C: Storage> = UnsuccessSme<C>;
    fn empty() -> Self {
        Self {
            destination_addr: Field::empty(),
            error_status_code: CommandStatus::ESME_ROK,
        }
    }
    fn encoded_len(&self) -> usize {
        self.destination_addr.encoded_len() + Field::<B>::encoded_len(&self.error_status_code)
    }
    fn check(&self, row: Row, version: Version) -> Result<(), Refusal> {
        self.destination_addr.check(row, version)
    }
    fn put(&self, w: &mut Writer<'_>) {
        self.destination_addr.put(w);
        Field::<B>::put(&self.error_status_code, w);
    }
    fn map_storage<C: Storage>(self, f: &mut impl FnMut(B) -> C) -> UnsuccessSme<C> {
        UnsuccessSme {
            destination_addr: self.destination_addr.map_storage(f),
            error_status_code: self.error_status_code,
        }
    }
    #[inline(always)]
    fn fields<F: Visit + ?Sized>(&self, row: Row, to: &mut F) {
        self.destination_addr.fields(row, to);
        Field::<B>::fields(&self.error_status_code, Row::named("error_status_code"), to);
    }
}

impl<B: Storage> Show for UnsuccessSme<B> {
    fn show(&self, f: &mut fmt::Formatter<'_>, mask: Mask) -> fmt::Result {
        self.destination_addr.show(f, mask)?;
        write!(f, " {:?}", self.error_status_code)
    }
}
masked! { Destination UnsuccessSme }
