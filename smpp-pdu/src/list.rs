//! Lists inside a PDU: a count, and as many entries.

use crate::codec::Codec;
use crate::codes::CommandStatus;
use crate::error::{DecodeErrorKind, EncodeErrorKind};
use crate::fields::{FieldValue, Visit};
use crate::masked::{Mask, Show, masked};
use crate::multi::{Destination, UnsuccessSme};
use crate::owned::Owned;
use crate::row::{Row, Size, by_version};
use crate::storage::Storage;
use crate::tolerance::Tolerance;
use crate::version::Version;
use crate::wire::{Context, Fault, Parse, Parsed, be_u8, take};
use crate::write::{Field, Refusal, Writer, check_size};
use core::fmt;

/// The lists: type, entry, the name of the count and how many it may say. The macro exists because they differ in
/// these only.
macro_rules! lists {
    ($( $(#[$doc:meta])* $name:ident of $entry:ident, $count:literal, $most:expr; )*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name<B: Storage = Owned> {
            count: u8,
            /// Whether an entry is longer than the specification allows.
            overlong: bool,
            region: B,
        }

        impl<B: Storage> $name<B> {
            const COUNT: Row = Row { size: $most, ..Row::named($count) };

            /// How many there are.
            pub fn len(&self) -> usize {
                self.count.into()
            }
            /// Whether there are none.
            pub fn is_empty(&self) -> bool {
                self.count == 0
            }
            /// Each of them, in their order.
            pub fn iter(&self) -> impl Iterator<Item = $entry<&[u8]>> {
                let mut i = self.region.as_ref();
                (0..self.count).map_while(move |_| entry(&mut i))
            }
        }

        impl $name {
            /// Appends one. Fails on the 256th, and on an address or name that is too long.
            pub fn push<B: Storage>(&mut self, entry: &$entry<B>) -> Result<(), EncodeErrorKind> {
                let (count, len) = (next(self.count)?, entry_len(entry)?);
                self.region.extend(len, |room| entry.put(&mut Writer::new(room)));
                self.count = count;
                Ok(())
            }
        }

        impl<'a> $name<&'a [u8]> {
            /// Put together at the start of `room`, without an allocation. Fails on the 256th, on an address or name
            /// that is too long, and where the room ends.
            pub fn borrowed<'b>(
                room: &'a mut [u8],
                entries: impl IntoIterator<Item = $entry<&'b [u8]>>,
            ) -> Result<Self, EncodeErrorKind> {
                let (mut count, mut at) = (0, 0);
                for entry in entries {
                    let len = entry_len(&entry)?;
                    let to = room.get_mut(at..at + len).ok_or(EncodeErrorKind::NoRoom { needed: at + len })?;
                    entry.put(&mut Writer::new(to));
                    (count, at) = (next(count)?, at + len);
                }
                let region = room.get(..at).unwrap_or_default();
                Ok(Self { count, overlong: false, region })
            }
        }

        #[cfg(feature = "serde")]
        impl<B: Storage + From<alloc::vec::Vec<u8>>> $name<B> {
            /// Of what was decoded, which may be longer than can be encoded. Fails on the 256th.
            pub(crate) fn of_any_length(entries: &[$entry]) -> Result<Self, EncodeErrorKind> {
                let size = entries.len();
                let count = u8::try_from(size).map_err(|_| EncodeErrorKind::Size { size, max: 255 })?;
                let mut region = alloc::vec![0; entries.iter().map(Field::encoded_len).sum()];
                let mut w = Writer::new(&mut region);
                entries.iter().for_each(|entry| entry.put(&mut w));
                let overlong = entries.iter().any(|entry| entry_len(entry).is_err());
                Ok(Self { count, overlong, region: region.into() })
            }
        }

        impl<B: Storage> Default for $name<B> {
            fn default() -> Self {
                Self { count: 0, overlong: false, region: B::default() }
            }
        }

        impl<'a> Parse<'a> for $name<&'a [u8]> {
            #[inline(always)]
            fn parse(i: &'a [u8], row: Row, cx: &Context<'_>) -> Parsed<'a, Self> {
                let (entries, count) = be_u8(i, Row::named($count))?;
                let max = Self::COUNT.size.of(cx.codec.version);
                if usize::from(count) > max {
                    let size = count.into();
                    return Fault::at(i, $count, DecodeErrorKind::Size { size, max });
                }
                let before = cx.take_used();
                let mut rest = entries;
                for _ in 0..count {
                    (rest, _) = match $entry::parse(rest, Row { size: row.size, ..$entry::<&[u8]>::ROW }, cx) {
                        Ok(parsed) => parsed,
                        Err(e) => {
                            // An error response is kept without its body, and with what was forgiven before.
                            cx.add_used(before);
                            return Err(e);
                        }
                    };
                }
                let overlong = cx.add_used(before).contains(Tolerance::OVERLONG_STRING);
                let (rest, region) = take(entries, entries.len() - rest.len(), row)?;
                Ok((rest, Self { count, overlong, region }))
            }
        }

        impl<B: Storage> Field<B> for $name<B> {
            type In<C: Storage> = $name<C>;
            #[inline]
    fn empty() -> Self {
                Self::default()
            }
            #[inline(always)]
            fn encoded_len(&self) -> usize {
                1 + self.region.len()
            }
            #[inline(always)]
            fn check(&self, _: Row, version: Version) -> Result<(), Refusal> {
                check_size(self.count.into(), Self::COUNT, version)?;
                if self.overlong { check_each(self.iter(), version) } else { Ok(()) }
            }
            #[inline(always)]
            fn put(&self, w: &mut Writer<'_>) {
                w.array([self.count]);
                w.slice(self.region.as_ref());
            }
            #[inline(always)]
            fn map_storage<C: Storage>(self, f: &mut impl FnMut(B) -> C) -> $name<C> {
                $name { count: self.count, overlong: self.overlong, region: f(self.region) }
            }
            #[inline(always)]
            fn fields<F: Visit + ?Sized>(&self, _: Row, to: &mut F) {
                to.visit($count, FieldValue::Integer(self.count.into(), &self.count));
                // Not by `iter`, whose closure is not inlined into every walk.
                let mut i = self.region.as_ref();
                for _ in 0..self.count {
                    let Some(entry) = entry::<$entry<_>>(&mut i) else { return };
                    entry.fields($entry::<&[u8]>::ROW, to);
                }
            }
        }

        impl<B: Storage> Show for $name<B> {
            fn show(&self, f: &mut fmt::Formatter<'_>, mask: Mask) -> fmt::Result {
                f.debug_list().entries(self.iter().map(|entry| Entry(entry, mask))).finish()
            }
        }
        masked! { $name }
    )* };
}

lists! {
    /// number_of_dests and the dest_address entries of submit_multi (v3.4 §4.5.1, v5.0 §4.2.3.1): walked once when
    /// decoded, read on demand. At most 254, in v5.0 255 (v3.4 §5.2.24, v5.0 §4.7.17).
    Destinations of Destination, "number_of_dests", by_version(254, 254, 255);
    /// no_unsuccess and the unsuccess_sme entries of submit_multi_resp (v3.4 §4.5.2, v5.0 §4.2.3.2): walked once when
    /// decoded, read on demand. At most 255 (v3.4 §5.2.26, v5.0 §4.7.16).
    UnsuccessSmes of UnsuccessSme, "no_unsuccess", Size::max(255);
}

/// The next one of a region that was read before: whatever was forgiven then is forgiven again.
#[inline(always)]
fn entry<'a, E: ListEntry<&'a [u8]> + Parse<'a>>(i: &mut &'a [u8]) -> Option<E> {
    let cx = Context::new(&LENIENT, CommandStatus::ESME_ROK);
    let (rest, entry) = E::parse(i, E::ROW, &cx).ok()?;
    *i = rest;
    Some(entry)
}

const LENIENT: Codec = Codec {
    version: Version::V50,
    tolerance: Tolerance::field(),
};

fn next(count: u8) -> Result<u8, EncodeErrorKind> {
    count
        .checked_add(1)
        .ok_or(EncodeErrorKind::Size { size: 256, max: 255 })
}

/// Octets of an entry that keeps its sizes, which no version changes.
fn entry_len<B: Storage, E: ListEntry<B>>(entry: &E) -> Result<usize, EncodeErrorKind> {
    match entry.check(E::ROW, Version::V50) {
        Ok(()) => Ok(entry.encoded_len()),
        Err(refusal) => Err(refusal.kind()),
    }
}

#[cold]
#[inline(never)]
fn check_each<'a, E: ListEntry<&'a [u8]>>(
    mut entries: impl Iterator<Item = E>,
    version: Version,
) -> Result<(), Refusal> {
    entries.try_for_each(|entry| entry.check(E::ROW, version))
}

/// What a list holds.
pub(crate) trait ListEntry<B: Storage>: Field<B> {
    /// Name, size and parts of the string at its end.
    const ROW: Row;
}

/// An entry on its way to a `Formatter`, which takes none by reference.
struct Entry<T>(T, Mask);

impl<T: Show> fmt::Debug for Entry<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.show(f, self.1)
    }
}
