//! Tags with the type of their value.

use core::{fmt, marker::PhantomData};

/// A tag, and the type of its value.
pub struct Key<T: ?Sized> {
    /// The number on the wire.
    pub tag: u16,
    /// The name, for errors.
    pub name: &'static str,
    _value: PhantomData<fn() -> T>,
}

impl<T: ?Sized> Key<T> {
    /// A key that this crate does not know: a vendor's own, 0x1400 to 0x3FFF (v3.4 §5.3.1, v5.0 §4.8.1).
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
impl<T: ?Sized> PartialEq for Key<T> {
    fn eq(&self, other: &Self) -> bool {
        self.tag == other.tag
    }
}
impl<T: ?Sized> Eq for Key<T> {}
impl<T: ?Sized> fmt::Debug for Key<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:#06x})", self.name, self.tag)
    }
}

/// A TLV that is there, but whose octets are no value of its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct TlvError {
    /// Which TLV.
    pub tag: u16,
    /// Its name.
    pub name: &'static str,
    /// How many octets its value has.
    pub len: usize,
}

impl fmt::Display for TlvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tag, name, len } = self;
        write!(f, "{name} ({tag:#06x}): its {len} octets are no value of its type")
    }
}
impl core::error::Error for TlvError {}
