//! The optional parameters: a checked region, read by typed keys.

use crate::error::DecodeErrorKind;
use crate::masked::{Mask, Show, text};
use crate::owned::Owned;
use crate::row::Row;
use crate::storage::Storage;
use crate::tolerance::Tolerance;
use crate::version::Version;
use crate::wire::{Context, Fault, Parse, Parsed, be_u16, take};
use crate::write::{Field, Refusal, Writer};
use core::{fmt, marker::PhantomData};

/// The optional parameters: lengths checked once, values read on demand; order, duplicates and unknown
/// tags survive a round trip octet for octet.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tlvs<B: Storage = Owned> {
    region: B,
}

impl<B: Storage> Default for Tlvs<B> {
    fn default() -> Self {
        Self { region: B::default() }
    }
}

impl<B: Storage> Tlvs<B> {
    /// Takes a region that was put together elsewhere; `None` if its lengths do not add up.
    pub fn new(region: impl Into<B>) -> Option<Self> {
        let region = region.into();
        torn_at(region.as_ref()).is_none().then(|| Self { region })
    }
    pub fn iter(&self) -> impl Iterator<Item = (u16, &[u8])> {
        let mut i = self.region.as_ref();
        core::iter::from_fn(move || {
            let (rest, one) = tlv(i).ok()?;
            i = rest;
            Some(one)
        })
    }
    /// The first of this tag; an error if its length is not its type's.
    pub fn get<T: Value + ?Sized>(&self, key: Key<T>) -> Result<Option<T::Read<'_>>, TlvError> {
        match self.iter().find(|(tag, _)| *tag == key.tag) {
            Some((tag, value)) => T::read(value).map(Some).ok_or(TlvError {
                tag,
                name: key.name,
                len: value.len(),
            }),
            None => Ok(None),
        }
    }
}

/// A tag, and the type of its value.
pub struct Key<T: ?Sized> {
    pub tag: u16,
    pub name: &'static str,
    _value: PhantomData<fn() -> T>,
}

impl<T: ?Sized> Key<T> {
    /// A key that this crate does not know: a vendor's own.
    pub const fn new(tag: u16, name: &'static str) -> Self {
        Self {
            tag,
            name,
            _value: PhantomData,
        }
    }
}

// By hand, since `derive` would ask the same of `T`, of which a key has none.
impl<T: ?Sized> Copy for Key<T> {}
impl<T: ?Sized> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}

/// A TLV that is there, but whose length is not its type's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TlvError {
    pub tag: u16,
    pub name: &'static str,
    pub len: usize,
}

/// What a TLV's value can be read as; implement it for a type of your own.
pub trait Value {
    type Read<'a>;
    /// `None` if the octets are no such value.
    fn read(octets: &[u8]) -> Option<Self::Read<'_>>;
}

macro_rules! integers {
    ($($int:ty)*) => { $(
        impl Value for $int {
            type Read<'a> = $int;
            fn read(octets: &[u8]) -> Option<$int> {
                octets.try_into().ok().map(<$int>::from_be_bytes)
            }
        }
    )* };
}
integers! { u8 u16 u32 }

impl Value for [u8] {
    type Read<'a> = &'a [u8];
    fn read(octets: &[u8]) -> Option<&[u8]> {
        Some(octets)
    }
}

/// The keys as constants, and for `Debug` their names and whether a value may be shown: only that of a tag
/// known to hold neither text nor address may.
macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident: $ty:ty = $tag:literal, $mask:ident;)*) => {
        $( $(#[$doc])* pub const $name: Key<$ty> = Key::new($tag, stringify!($name)); )*
        fn known(tag: u16) -> Option<(&'static str, Mask)> {
            match tag {
                $( $tag => Some((stringify!($name), Mask::$mask)), )*
                _ => None,
            }
        }
    };
}
keys! {
    RECEIPTED_MESSAGE_ID: [u8] = 0x001e, Off;
    SAR_MSG_REF_NUM: u16 = 0x020c, Off;
    NETWORK_ERROR_CODE: [u8] = 0x0423, Off;
    MESSAGE_PAYLOAD: [u8] = 0x0424, On;
    DELIVERY_FAILURE_REASON: u8 = 0x0425, Off;
    MESSAGE_STATE: u8 = 0x0427, Off;
}

#[inline(always)]
fn tlv(i: &[u8]) -> Parsed<'_, (u16, &[u8])> {
    const TLV: Row = Row::named("tlvs");
    let (i, tag) = be_u16(i, TLV)?;
    let (i, len) = be_u16(i, TLV)?;
    let (i, value) = take(i, len.into(), TLV)?;
    Ok((i, (tag, value)))
}

/// The octets from the first TLV that does not fit, if there is one.
#[inline(always)]
fn torn_at(region: &[u8]) -> Option<&[u8]> {
    let mut i = region;
    while !i.is_empty() {
        match tlv(i) {
            Ok((rest, _)) => i = rest,
            Err(_) => return Some(i),
        }
    }
    None
}

impl<'a> Parse<'a> for Tlvs<&'a [u8]> {
    #[inline(always)]
    fn parse(i: &'a [u8], row: Row, cx: &Context<'_>) -> Parsed<'a, Self> {
        match torn_at(i) {
            None => Ok((&[], Self { region: i })),
            Some(tail) => torn_tlvs(i, tail, row.name, cx),
        }
    }
}

/// Fewer than four octets are no TLV at all; else it is one that reaches beyond the PDU.
#[cold]
#[inline(never)]
fn torn_tlvs<'a>(all: &'a [u8], tail: &'a [u8], name: &'static str, cx: &Context<'_>) -> Parsed<'a, Tlvs<&'a [u8]>> {
    let (flag, kind) = match tail.len() {
        0..4 => (Tolerance::TRAILING_OCTETS, DecodeErrorKind::TrailingOctets),
        _ => (Tolerance::TLV_OVERRUN, DecodeErrorKind::Truncated),
    };
    cx.forgive(flag, Fault::new(tail, name, kind))?;
    let (_, region) = take(all, all.len() - tail.len(), Row::named(name))?;
    Ok((&[], Tlvs { region }))
}

impl<B: Storage> Field<B> for Tlvs<B> {
    type In<C: Storage> = Tlvs<C>;
    fn empty() -> Self {
        Self { region: B::default() }
    }
    #[inline(always)]
    fn encoded_len(&self) -> usize {
        self.region.as_ref().len()
    }
    /// v3.3 has no TLVs (R081, R082).
    #[inline(always)]
    fn check(&self, row: Row, version: Version) -> Result<(), Refusal> {
        if version == Version::V33 && self.region.len() != 0 {
            Err(Refusal::version(row.name))
        } else {
            Ok(())
        }
    }
    #[inline(always)]
    fn put(&self, w: &mut Writer<'_>) {
        w.slice(self.region.as_ref())
    }
    #[inline(always)]
    fn map_storage<C: Storage>(self, f: &mut impl FnMut(B) -> C) -> Tlvs<C> {
        Tlvs { region: f(self.region) }
    }
}

impl<B: Storage> Show for Tlvs<B> {
    fn show(&self, f: &mut fmt::Formatter<'_>, mask: Mask) -> fmt::Result {
        let mut map = f.debug_map();
        for (tag, value) in self.iter() {
            match known(tag) {
                Some((name, Mask::Off)) => map.entry(&format_args!("{name}"), &Octets(value).with(Mask::Off)),
                Some((name, _)) => map.entry(&format_args!("{name}"), &Octets(value).with(mask)),
                None => map.entry(&format_args!("{tag:#06x}"), &Octets(value).with(mask)),
            };
        }
        map.finish()
    }
}

struct Octets<'a>(&'a [u8]);
impl Show for Octets<'_> {
    fn show(&self, f: &mut fmt::Formatter<'_>, mask: Mask) -> fmt::Result {
        text(f, self.0, mask)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::time::Duration;

    #[test]
    fn tlv_keys_are_open() {
        struct Millis;
        impl Value for Millis {
            type Read<'a> = Duration;
            fn read(octets: &[u8]) -> Option<Duration> {
                <[u8; 2]>::try_from(octets)
                    .ok()
                    .map(|ms| Duration::from_millis(u16::from_be_bytes(ms).into()))
            }
        }
        const LATENCY: Key<Millis> = Key::new(0x1403, "latency");
        const ROUTE: Key<u32> = Key::new(0x1404, "route");
        let tlvs = Tlvs::<&[u8]>::new(&[0x14, 3, 0, 2, 1, 0, 0x14, 4, 0, 1, 9][..]).unwrap();
        assert_eq!(tlvs.get(LATENCY), Ok(Some(Duration::from_millis(256))));
        assert_eq!(
            tlvs.get(ROUTE),
            Err(TlvError {
                tag: 0x1404,
                name: "route",
                len: 1
            })
        );
    }
}
