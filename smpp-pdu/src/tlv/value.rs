//! What a TLV's value can be: integers, codes, strings, octets, and what a user adds.

use crate::error::EncodeErrorKind;
use crate::wire::has_nul;
use core::fmt;

/// What a TLV's value can be read as and written from; implement it for a type of your own.
pub trait Value {
    /// What it is read as, and written from.
    type Read<'a>: fmt::Debug;
    /// `None` if the octets are no such value: as a rule, because there are too few or too many of them.
    fn read(octets: &[u8]) -> Option<Self::Read<'_>>;
    /// Whether `value` can be written, so that it is read again as it is; asked before it is. All can, unless told
    /// otherwise.
    fn check(value: &Self::Read<'_>) -> Result<(), EncodeErrorKind> {
        let _ = value;
        Ok(())
    }
    /// Gives the octets of `value` to `out`, the same ones each time: it is called twice, first to count them.
    fn write(value: &Self::Read<'_>, out: &mut ValueWriter<'_>);
}

/// Where [`Value::write`] puts the octets of a value.
///
/// `Debug` shows how many there are.
pub struct ValueWriter<'a> {
    room: &'a mut [u8],
    len: usize,
}

impl<'a> ValueWriter<'a> {
    pub(crate) fn new(room: &'a mut [u8]) -> Self {
        Self { room, len: 0 }
    }
    /// Appends octets.
    #[inline]
    pub fn put(&mut self, octets: &[u8]) {
        let end = self.len + octets.len();
        if let Some(room) = self.room.get_mut(self.len..end) {
            room.copy_from_slice(octets);
        }
        self.len = end;
    }
    pub(crate) fn len(&self) -> usize {
        self.len
    }
}

impl fmt::Debug for ValueWriter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ValueWriter").field("len", &self.len).finish()
    }
}

macro_rules! integers {
    ($($int:ty)*) => { $(
        impl Value for $int {
            type Read<'a> = $int;
            fn read(octets: &[u8]) -> Option<$int> {
                octets.try_into().ok().map(<$int>::from_be_bytes)
            }
            fn write(value: &$int, out: &mut ValueWriter<'_>) {
                out.put(&value.to_be_bytes());
            }
        }
    )* };
}
integers! { u8 u16 u32 }

/// Octets as they are, any number of them.
impl Value for [u8] {
    type Read<'a> = &'a [u8];
    fn read(octets: &[u8]) -> Option<&[u8]> {
        Some(octets)
    }
    fn write(value: &&[u8], out: &mut ValueWriter<'_>) {
        out.put(value);
    }
}

/// A C-octet string, read and given without its NUL. A value that lacks the NUL is read as it is: peers leave it out
/// of receipted_message_id. What stands behind the first NUL is not read, and a NUL inside is not written
/// ([`EncodeErrorKind::ContainsNul`]).
#[derive(Debug)]
pub enum CString {}

impl Value for CString {
    type Read<'a> = &'a [u8];
    fn read(octets: &[u8]) -> Option<&[u8]> {
        octets.split(|&octet| octet == 0).next()
    }
    fn check(value: &&[u8]) -> Result<(), EncodeErrorKind> {
        match has_nul(value) {
            true => Err(EncodeErrorKind::ContainsNul),
            false => Ok(()),
        }
    }
    fn write(value: &&[u8], out: &mut ValueWriter<'_>) {
        out.put(value);
        out.put(&[0]);
    }
}
