//! Owned storage, and the way from a view to it.

use crate::write::{Field, Writer};
use alloc::{string::String, vec::Vec};
use bytes::{Bytes, BytesMut};
use core::{fmt, hash, mem};

/// Addresses (20 octets), times (16), credentials and most message ids are no longer than this.
const INLINE: usize = 22;

/// Octets that borrow nothing: up to 22 of them inline, more in `Bytes`. Nobody writes its name: it is what
/// all types hold that are not told otherwise (`SubmitSm` is `SubmitSm<Owned>`).
#[derive(Clone)]
pub struct Owned(Repr);

/// 32 octets: the two are told apart by a pointer of `Bytes` that cannot be null, which leaves 24.
#[derive(Clone)]
enum Repr {
    /// The octets, zeros behind them (one at least), and last how many they are.
    Inline([u8; INLINE + 2]),
    Shared(Bytes),
}

#[inline(always)]
fn inline_len(&[.., len]: &[u8; INLINE + 2]) -> usize {
    len.into()
}

/// Three words, the last with the length on top. What is no whole word is the end of one that overlaps the
/// word before: half of what a call of memcpy costs.
#[inline(always)]
fn inline(s: &[u8]) -> [u8; INLINE + 2] {
    let word = |octets: &[u8; 8]| u64::from_le_bytes(*octets);
    let len = s.len();
    let (mut a, mut b, mut c) = (0, 0, 0);
    if let Some((first, rest)) = s.split_first_chunk() {
        a = word(first);
        // Its last octets, as many as are beyond `words`; there may be none.
        let end = |words: usize| {
            s.last_chunk()
                .map_or(0, |last| word(last) >> 8 >> (8 * (words * 8 + 7 - len)))
        };
        match rest.first_chunk() {
            Some(second) => (b, c) = (word(second), end(2)),
            None => b = end(1),
        }
    } else {
        for &octet in s.iter().rev() {
            a = a << 8 | u64::from(octet);
        }
    }
    let mut octets = [0; INLINE + 2];
    for (room, word) in octets.as_chunks_mut().0.iter_mut().zip([a, b, c | (len as u64) << 56]) {
        *room = word.to_le_bytes();
    }
    octets
}

impl Owned {
    /// A field of `frame`, which it shares if it is long.
    #[inline(always)]
    pub(crate) fn slice_of(frame: &Bytes, field: &[u8]) -> Self {
        Self::new(field, |field| frame.slice_ref(field))
    }
    #[inline(always)]
    fn new(s: &[u8], long: impl FnOnce(&[u8]) -> Bytes) -> Self {
        if s.len() > INLINE {
            Self(Repr::Shared(long(s)))
        } else {
            Self(Repr::Inline(inline(s)))
        }
    }
    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        match &self.0 {
            Repr::Inline(octets) => inline_len(octets),
            Repr::Shared(octets) => octets.len(),
        }
    }
    /// Longer by `more` octets, which `fill` writes. It allocates only where the whole is no longer inline.
    pub(crate) fn extend(&mut self, more: usize, fill: impl FnOnce(&mut [u8])) {
        let (old, len) = (self.len(), self.len() + more);
        let mut short = [0; INLINE];
        if let Some(room) = short.get_mut(..len) {
            let (head, tail) = room.split_at_mut(old);
            head.copy_from_slice(self.as_ref());
            fill(tail);
            *self = Self(Repr::Inline(inline(room)));
            return;
        }
        let mut room = self.take_long(more);
        room.resize(len, 0);
        let (_, tail) = room.split_at_mut(old);
        fill(tail);
        self.0 = Repr::Shared(room.freeze());
    }
    /// The octets, with room for more: those of `self` where nobody shares them, else a copy.
    fn take_long(&mut self, more: usize) -> BytesMut {
        let copy = |octets: &[u8]| {
            let mut room = BytesMut::with_capacity(octets.len() + more);
            room.extend_from_slice(octets);
            room
        };
        match mem::take(self).0 {
            Repr::Inline(octets) => copy(octets.get(..inline_len(&octets)).unwrap_or_default()),
            Repr::Shared(octets) => octets.try_into_mut().unwrap_or_else(|shared| copy(&shared)),
        }
    }
    #[inline(always)]
    pub(crate) fn put_c_string(&self, w: &mut Writer<'_>) {
        match &self.0 {
            Repr::Inline(octets) => w.padded(octets, inline_len(octets) + 1),
            Repr::Shared(octets) => {
                w.slice(octets);
                w.array([0]);
            }
        }
    }
}

impl AsRef<[u8]> for Owned {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        match &self.0 {
            Repr::Inline(octets) => octets.get(..inline_len(octets)).unwrap_or_default(),
            Repr::Shared(octets) => octets,
        }
    }
}

impl Default for Owned {
    #[inline]
    fn default() -> Self {
        Self(Repr::Inline([0; INLINE + 2]))
    }
}

/// A copy of whatever holds octets: `&str`, `&[u8]`, `&Vec<u8>`, ...
impl<T: AsRef<[u8]> + ?Sized> From<&T> for Owned {
    #[inline]
    fn from(octets: &T) -> Self {
        Self::new(octets.as_ref(), Bytes::copy_from_slice)
    }
}
/// Shared if it is long, not copied.
impl From<Bytes> for Owned {
    #[inline]
    fn from(octets: Bytes) -> Self {
        if octets.len() > INLINE {
            Self(Repr::Shared(octets))
        } else {
            (&octets).into()
        }
    }
}
impl From<Vec<u8>> for Owned {
    fn from(octets: Vec<u8>) -> Self {
        Bytes::from(octets).into()
    }
}
impl From<String> for Owned {
    fn from(text: String) -> Self {
        Bytes::from(text).into()
    }
}

impl PartialEq for Owned {
    fn eq(&self, other: &Self) -> bool {
        self.as_ref() == other.as_ref()
    }
}
impl Eq for Owned {}
impl hash::Hash for Owned {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.as_ref().hash(state);
    }
}

/// By length only: they may be an address or a password.
impl fmt::Debug for Owned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} octets>", self.as_ref().len())
    }
}

/// A body, owned: what is not inline is copied into one buffer of about its size.
#[inline(always)]
pub(crate) fn own<'a, T: Field<&'a [u8]> + Copy>(body: T) -> T::In<Owned> {
    let mut owned = Field::empty();
    own_into(&body, &mut owned);
    owned
}

/// The same into `owned`, which is empty.
#[inline(always)]
pub(crate) fn own_into<'a, T: Field<&'a [u8]> + Copy>(body: &T, owned: &mut T::In<Owned>) {
    // Counted without a branch: most fields are short, but not always the same.
    let mut long = 0;
    body.map_storage(&mut |s: &'a [u8]| {
        long += usize::from(s.len() > INLINE);
        s
    });
    // One text at most, as a rule: it is its own buffer.
    if long <= 1 {
        body.map_into(owned, &mut |s| Owned::new(s, Bytes::copy_from_slice));
    } else {
        own_gathered(body, owned);
    }
}

/// Of several long fields: in one buffer.
#[inline]
fn own_gathered<'a, T: Field<&'a [u8]> + Copy>(body: &T, owned: &mut T::In<Owned>) {
    let mut octets = gathered_for(*body);
    body.map_into(owned, &mut |s| Owned::new(s, |s| octets.split_to(s.len())));
}

/// The fields that are not inline.
#[inline(always)]
fn gathered_for<'a>(body: impl Field<&'a [u8]> + Copy) -> Bytes {
    let mut len = 0;
    each_long(body, |s| len += s.len());
    // With the octets inside the owner, they and `Bytes`' count are one allocation.
    match len {
        0 => Bytes::new(),
        1..=40 => gathered([0; 40], len, body),
        41..=80 => gathered([0; 80], len, body),
        81..=160 => gathered([0; 160], len, body),
        161..=320 => gathered([0; 320], len, body),
        321..=640 => gathered([0; 640], len, body),
        641..=1280 => gathered([0; 1280], len, body),
        _ => {
            let mut room = alloc::vec![0; len];
            gather(&mut room, body);
            room.into()
        }
    }
}

/// The fields that are not inline, in their order.
#[inline(always)]
fn each_long<'a, T: Field<&'a [u8]> + Copy>(body: T, mut f: impl FnMut(&'a [u8])) {
    body.map_storage(&mut |s: &'a [u8]| {
        if s.len() > INLINE {
            f(s);
        }
        s
    });
}

fn gathered<'a, const N: usize>(mut room: [u8; N], len: usize, body: impl Field<&'a [u8]> + Copy) -> Bytes {
    gather(&mut room, body);
    let mut octets = Bytes::from_owner(room);
    octets.truncate(len);
    octets
}

fn gather<'a>(room: &mut [u8], body: impl Field<&'a [u8]> + Copy) {
    let mut w = Writer::new(room);
    each_long(body, |s| w.slice(s));
}
