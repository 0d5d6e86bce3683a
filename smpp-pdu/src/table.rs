//! The macros that read the tables of `pdu/`: here the one for a PDU's rows, in `pdus.rs` the one for the list of PDUs.
//! They exist because every row is needed six times (struct, parse, length, check, write, storage) and every PDU as
//! often; none calls itself.

mod pdus;

pub(crate) use pdus::{body, pdus};

/// From the rows of a table (`name: type, size, [names of its parts];`) the struct and all its impls.
macro_rules! table {
    (
        $(#[$doc:meta])* $name:ident {
            $( $(#[$row_doc:meta])* $row:ident: $ty:ty $(, $size:expr $(, [$($part:literal),*])? )?; )*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(deny_unknown_fields, bound(serialize = "", deserialize = "B: From<alloc::vec::Vec<u8>>")))]
        pub struct $name<B: Storage = Owned> {
            $( $(#[$row_doc])* $( $( $(#[doc(alias = $part)])* )? )? pub $row: $ty, )*
        }

        impl<'a> Parse<'a> for $name<&'a [u8]> {
            #[inline(always)]
            fn parse(i: &'a [u8], _: Row, cx: &Context<'_>) -> Parsed<'a, Self> {
                $( let (i, $row) = Parse::parse(i, row!($row $(, $size $(, [$($part),*])? )?), cx)?; )*
                Ok((i, Self { $( $row, )* }))
            }
        }

        impl<B: Storage> Field<B> for $name<B> {
            type In<C: Storage> = $name<C>;
            fn empty() -> Self {
                Self { $( $row: Field::<B>::empty(), )* }
            }
            #[inline(always)]
            fn encoded_len(&self) -> usize {
                0 $( + Field::<B>::encoded_len(&self.$row) )*
            }
            #[inline(always)]
            fn check(&self, _: Row, version: Version) -> Result<(), Refusal> {
                $( Field::<B>::check(&self.$row, row!($row $(, $size)?), version)?; )*
                Ok(())
            }
            #[inline(always)]
            fn put(&self, w: &mut Writer<'_>) {
                $( Field::<B>::put(&self.$row, w); )*
            }
            #[inline(always)]
            fn map_storage<C: Storage>(self, f: &mut impl FnMut(B) -> C) -> $name<C> {
                $name { $( $row: Field::<B>::map_storage(self.$row, f), )* }
            }
            #[inline(always)]
            fn map_into<C: Storage>(self, empty: &mut $name<C>, f: &mut impl FnMut(B) -> C) {
                $( Field::<B>::map_into(self.$row, &mut empty.$row, f); )*
            }
            #[inline(always)]
            fn fields<F: Visit + ?Sized>(&self, _: Row, to: &mut F) {
                $( Field::<B>::fields(&self.$row, row!($row $(, $size $(, [$($part),*])? )?), to); )*
            }
        }

        $( setter! { $name $(#[$row_doc])* $row: $ty } )*

        impl<B: Storage> Show for $name<B> {
            fn show(&self, f: &mut fmt::Formatter<'_>, mask: Mask) -> fmt::Result {
                if f.alternate() {
                    return fields::table(f, stringify!($name), &|to| self.fields(Row::named(""), to), mask);
                }
                let mut f = f.debug_struct(stringify!($name));
                $( masked::row(&mut f, stringify!($row), &self.$row, mask); )*
                f.finish()
            }
        }
        masked::masked! { $name }

        #[cfg(feature = "arbitrary")]
        impl crate::generate::Generate for $name {
            fn generate(u: &mut arbitrary::Unstructured<'_>, _: Row, version: Version) -> arbitrary::Result<Self> {
                Ok(Self {
                    $( $row: crate::generate::Generate::generate(
                        u, row!($row $(, $size $(, [$($part),*])? )?), version,
                    )?, )*
                })
            }
        }
        #[cfg(feature = "arbitrary")]
        impl<'a> arbitrary::Arbitrary<'a> for $name {
            fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
                crate::generate::Generate::generate(u, Row::named(""), Version::V50)
            }
        }

        #[cfg(feature = "serde")]
        impl $name {
            /// The names of the rows, each with those of its parts: what an error can name.
            pub(crate) const ROWS: &'static [&'static [&'static str]] =
                &[$( &[stringify!($row) $( $( $(, $part)* )? )?] ),*];
        }

        impl Default for $name {
            #[inline]
            fn default() -> Self {
                Field::empty()
            }
        }
        impl<'a> $name<&'a [u8]> {
            /// All empty and zero, in borrowed storage: to build and send without an allocation.
            #[inline]
            pub fn borrowed() -> Self {
                Field::empty()
            }
            /// Owned: what is long is copied into one buffer, one allocation at most.
            #[inline]
            pub fn into_owned(self) -> $name {
                $name::from(&self)
            }
        }
        /// As `into_owned`, of a view where it lies: it is large, and each move of it would be a copy.
        impl From<&$name<&[u8]>> for $name {
            fn from(view: &$name<&[u8]>) -> Self {
                let mut owned = Field::empty();
                own_into(view, &mut owned);
                owned
            }
        }
    };
}

/// A setter, by the name of its row; that of short_message is another, which the TLVs concern.
macro_rules! setter {
    ($name:ident $(#[$doc:meta])* short_message: $ty:ty) => {};
    ($name:ident $(#[$doc:meta])* $row:ident: $ty:ty) => {
        impl<B: Storage> $name<B> {
            $(#[$doc])*
            #[must_use]
            #[inline]
            pub fn $row(mut self, $row: $ty) -> Self {
                self.$row = $row;
                self
            }
        }
    };
}

/// The name, size and parts of a row as a constant.
macro_rules! row {
    ($name:ident) => {
        const { Row::named(stringify!($name)) }
    };
    ($name:ident, $size:expr $(, [$($part:literal),*])?) => {
        const { Row { name: stringify!($name), size: size!($size), parts: &[$( $($part),* )?] } }
    };
}

/// A size column: a plain number is the largest size in all versions.
macro_rules! size {
    ($max:literal) => {
        Size::max($max)
    };
    ($size:expr) => {
        $size
    };
}
pub(crate) use {row, setter, size, table};
