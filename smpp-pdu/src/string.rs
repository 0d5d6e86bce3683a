//! Strings: with a NUL behind them, or with their length before them.

use crate::error::{DecodeErrorKind, EncodeErrorKind};
use crate::fields::{FieldValue, Visit};
use crate::masked::{Mask, Show, text};
use crate::owned::Owned;
use crate::row::Row;
use crate::storage::Storage;
use crate::tolerance::Tolerance;
use crate::version::Version;
use crate::wire::{Context, Fault, Parse, Parsed, be_u8, c_octet_string, has_nul, take};
use crate::write::{Field, Refusal, Writer, check_size};
use core::fmt;

/// A C-octet string, without its NUL. How long it may be is a matter of the field that it stands in, which
/// encoding checks: what a peer sent too long can be held, and looked at.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct COctetString<B: Storage = Owned> {
    text: B,
}

impl<B: Storage> COctetString<B> {
    /// Of a `&[u8]`, and where it is owned, of whatever holds octets: `&str`, `String`, `&Vec<u8>`, ...
    #[inline]
    pub fn new(text: impl Into<B>) -> Result<Self, EncodeErrorKind> {
        let text = text.into();
        if has_nul(text.as_ref()) {
            return Err(EncodeErrorKind::ContainsNul);
        }
        Ok(Self { text })
    }
    /// The octets without the NUL.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        self.text.as_ref()
    }
    /// Whether it is the NUL alone.
    pub fn is_empty(&self) -> bool {
        self.as_bytes().is_empty()
    }
}

impl<B: Storage> Default for COctetString<B> {
    fn default() -> Self {
        Self { text: B::default() }
    }
}

impl<'a> Parse<'a> for COctetString<&'a [u8]> {
    #[inline(always)]
    fn parse(i: &'a [u8], row: Row, cx: &Context<'_>) -> Parsed<'a, Self> {
        let (i, text) = c_octet_string(i, row, Tolerance::OVERLONG_STRING, cx)?;
        Ok((i, Self { text }))
    }
}

impl<B: Storage> Field<B> for COctetString<B> {
    type In<C: Storage> = COctetString<C>;
    #[inline]
    fn empty() -> Self {
        Self { text: B::default() }
    }
    #[inline(always)]
    fn encoded_len(&self) -> usize {
        self.text.len() + 1
    }
    #[inline(always)]
    fn check(&self, row: Row, version: Version) -> Result<(), Refusal> {
        check_size(self.text.len() + 1, row, version)
    }
    #[inline(always)]
    fn put(&self, w: &mut Writer<'_>) {
        self.text.put_c_string(w);
    }
    #[inline(always)]
    fn map_storage<C: Storage>(self, f: &mut impl FnMut(B) -> C) -> COctetString<C> {
        COctetString { text: f(self.text) }
    }
    #[inline(always)]
    fn map_into<C: Storage>(self, empty: &mut COctetString<C>, f: &mut impl FnMut(B) -> C) {
        if self.text.len() > 0 {
            *empty = self.map_storage(f);
        }
    }
    #[inline(always)]
    fn fields<F: Visit + ?Sized>(&self, row: Row, to: &mut F) {
        to.visit(row.name, FieldValue::String(self.as_bytes()));
    }
}

/// Shown in the row of its PDU, which tells what it is: what must not be shown is of another type there
/// (`Password`) or inside one (`Address`). Alone, it may be anything.
impl<B: Storage> Show for COctetString<B> {
    fn show(&self, f: &mut fmt::Formatter<'_>, mask: Mask) -> fmt::Result {
        match mask {
            Mask::On => text(f, self.as_bytes(), mask),
            Mask::Row | Mask::Off => text(f, self.as_bytes(), Mask::Off),
        }
    }
}

/// Kinds of C-octet strings that differ in how they are forgiven and shown: a newtype, and the impls of a row's type
/// by those of the string inside. It exists because these are eight functions that would be written twice.
macro_rules! kinds_of_string {
    ($($(#[$doc:meta])* $name:ident, $flag:ident, $value:ident;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name<B: Storage = Owned>(COctetString<B>);

        impl<B: Storage> $name<B> {
            /// Fails if there is a NUL inside.
            #[inline]
    pub fn new(text: impl Into<B>) -> Result<Self, EncodeErrorKind> {
                COctetString::new(text).map(Self)
            }
            /// The octets without the NUL.
            #[inline]
    pub fn as_bytes(&self) -> &[u8] {
                self.0.as_bytes()
            }
            /// Whether it is the NUL alone.
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }
        }

        impl<'a> Parse<'a> for $name<&'a [u8]> {
            #[inline(always)]
            fn parse(i: &'a [u8], row: Row, cx: &Context<'_>) -> Parsed<'a, Self> {
                let (i, text) = c_octet_string(i, row, Tolerance::$flag, cx)?;
                Ok((i, Self(COctetString { text })))
            }
        }

        impl<B: Storage> Field<B> for $name<B> {
            type In<C: Storage> = $name<C>;
            #[inline]
    fn empty() -> Self {
                Self(Field::empty())
            }
            #[inline(always)]
            fn encoded_len(&self) -> usize {
                self.0.encoded_len()
            }
            #[inline(always)]
            fn check(&self, row: Row, version: Version) -> Result<(), Refusal> {
                self.0.check(row, version)
            }
            #[inline(always)]
            fn put(&self, w: &mut Writer<'_>) {
                self.0.put(w)
            }
            #[inline(always)]
            fn map_storage<C: Storage>(self, f: &mut impl FnMut(B) -> C) -> $name<C> {
                $name(self.0.map_storage(f))
            }
            #[inline(always)]
            fn map_into<C: Storage>(self, empty: &mut $name<C>, f: &mut impl FnMut(B) -> C) {
                self.0.map_into(&mut empty.0, f);
            }
            #[inline(always)]
            fn fields<F: Visit + ?Sized>(&self, row: Row, to: &mut F) {
                to.visit(row.name, FieldValue::$value(self.as_bytes()));
            }
        }

        impl<B: Storage> Default for $name<B> {
            fn default() -> Self {
                Self(Field::empty())
            }
        }
    )* };
}

kinds_of_string! {
    /// A C-octet string that neither `Debug` nor `reveal` shows.
    Password, OVERLONG_STRING, Secret;
    /// A time in the 16 characters of v3.4 §7.1.1 and v5.0 §4.7.23.4, or empty.
    Time, BAD_TIME_LENGTH, String;
}

impl<B: Storage> Show for Password<B> {
    const SECRET: bool = true;
    fn show(&self, f: &mut fmt::Formatter<'_>, _: Mask) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
impl<B: Storage> fmt::Debug for Password<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

/// A time tells nothing of who sent what to whom.
impl<B: Storage> Show for Time<B> {
    fn show(&self, f: &mut fmt::Formatter<'_>, _: Mask) -> fmt::Result {
        text(f, self.as_bytes(), Mask::Off)
    }
}

/// sm_length and short_message: one value, so they cannot disagree.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ShortMessage<B: Storage = Owned> {
    text: B,
}

impl<B: Storage> ShortMessage<B> {
    /// At most 255 octets, as sm_length can say.
    #[inline]
    pub fn new(text: impl Into<B>) -> Result<Self, EncodeErrorKind> {
        let text = text.into();
        match text.as_ref().len() {
            0..=255 => Ok(Self { text }),
            size => Err(EncodeErrorKind::Size { size, max: 255 }),
        }
    }
    /// The octets, as many as sm_length says.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        self.text.as_ref()
    }
    /// Whether sm_length is 0.
    pub fn is_empty(&self) -> bool {
        self.as_bytes().is_empty()
    }
}

impl<B: Storage> Default for ShortMessage<B> {
    fn default() -> Self {
        Self { text: B::default() }
    }
}

impl<'a> Parse<'a> for ShortMessage<&'a [u8]> {
    #[inline(always)]
    fn parse(i: &'a [u8], row: Row, cx: &Context<'_>) -> Parsed<'a, Self> {
        let (i, len) = be_u8(i, row.part(0))?;
        let (rest, text) = match take(i, len.into(), row) {
            Ok(taken) => taken,
            Err(e) => short_message_cut(i, e, cx)?,
        };
        #[cfg(canary = "profile")] // the fault that this fuzz target must find
        let text = match text {
            [start @ .., 0xb9] if cx.codec.tolerance.contains(Tolerance::SHORT_MESSAGE_CUT) => start,
            text => text,
        };
        let (size, version) = (text.len(), cx.codec.version);
        if !row.size.allows(size, version) {
            let kind = DecodeErrorKind::Size {
                size,
                max: row.size.of(version),
            };
            cx.forgive(Tolerance::OVERLONG_SHORT_MESSAGE, Fault::new(i, row.name, kind))?;
        }
        Ok((rest, Self { text }))
    }
}

#[cold]
#[inline(never)]
fn short_message_cut<'a>(i: &'a [u8], e: nom::Err<Fault>, cx: &Context<'_>) -> Parsed<'a, &'a [u8]> {
    match e {
        nom::Err::Error(fault) => cx.forgive(Tolerance::SHORT_MESSAGE_CUT, fault)?,
        other => return Err(other),
    }
    Ok((&[], i))
}

impl<B: Storage> Field<B> for ShortMessage<B> {
    type In<C: Storage> = ShortMessage<C>;
    #[inline]
    fn empty() -> Self {
        Self { text: B::default() }
    }
    #[inline(always)]
    fn encoded_len(&self) -> usize {
        1 + self.as_bytes().len()
    }
    #[inline(always)]
    fn check(&self, row: Row, version: Version) -> Result<(), Refusal> {
        check_size(self.as_bytes().len(), row, version)
    }
    #[inline(always)]
    fn put(&self, w: &mut Writer<'_>) {
        // `new` and sm_length see to it that the fallback is never taken.
        w.array([u8::try_from(self.as_bytes().len()).unwrap_or(u8::MAX)]);
        w.slice(self.as_bytes());
    }
    #[inline(always)]
    fn map_storage<C: Storage>(self, f: &mut impl FnMut(B) -> C) -> ShortMessage<C> {
        ShortMessage { text: f(self.text) }
    }
    #[inline(always)]
    fn map_into<C: Storage>(self, empty: &mut ShortMessage<C>, f: &mut impl FnMut(B) -> C) {
        if self.text.len() > 0 {
            *empty = self.map_storage(f);
        }
    }
    #[inline(always)]
    fn fields<F: Visit + ?Sized>(&self, row: Row, to: &mut F) {
        let len = self.as_bytes().len();
        to.visit(
            row.part(0).name,
            FieldValue::Integer(u32::try_from(len).unwrap_or(u32::MAX), &len),
        );
        to.visit(row.name, FieldValue::Text(self.as_bytes()));
    }
}

impl<B: Storage> Show for ShortMessage<B> {
    fn show(&self, f: &mut fmt::Formatter<'_>, mask: Mask) -> fmt::Result {
        text(f, self.as_bytes(), mask)
    }
}
