//! `Debug` and `Display` that do not leak: texts and addresses by length only, passwords not at all. The two show the
//! same.

use crate::address::Address;
use crate::codec::Decoded;
use crate::pdu::Pdu;
use crate::storage::Storage;
use crate::string::{COctetString, ShortMessage, Time};
use crate::tlv::Tlvs;
use core::fmt;

#[derive(Clone, Copy)]
pub(crate) enum Mask {
    On,
    /// On, in the row of a PDU, whose name tells what a C-octet string is.
    Row,
    Off,
}

/// `Debug` and `Display`, told whether to mask.
pub(crate) trait Show {
    /// Left out of the PDU that it stands in, masked or not.
    const SECRET: bool = false;
    fn show(&self, f: &mut fmt::Formatter<'_>, mask: Mask) -> fmt::Result;

    fn with(&self, mask: Mask) -> Shown<'_, Self> {
        Shown { value: self, mask }
    }
}

/// A value on its way to a `Formatter`.
pub(crate) struct Shown<'a, T: ?Sized> {
    value: &'a T,
    mask: Mask,
}

impl<T: Show> fmt::Debug for Shown<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.show(f, self.mask)
    }
}
impl<T: Show> fmt::Display for Shown<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.show(f, self.mask)
    }
}

impl<T: Show> Show for Option<T> {
    fn show(&self, f: &mut fmt::Formatter<'_>, mask: Mask) -> fmt::Result {
        fmt::Debug::fmt(&self.as_ref().map(|value| value.with(mask)), f)
    }
}

/// Adds a row to the `Debug` of its PDU.
pub(crate) fn row<T: Show>(f: &mut fmt::DebugStruct<'_, '_>, name: &str, value: &T, mask: Mask) {
    if !T::SECRET {
        let mask = match mask {
            Mask::On | Mask::Row => Mask::Row,
            Mask::Off => Mask::Off,
        };
        f.field(name, &value.with(mask));
    }
}

pub(crate) fn text(f: &mut fmt::Formatter<'_>, octets: &[u8], mask: Mask) -> fmt::Result {
    match mask {
        Mask::On | Mask::Row => write!(f, "<{} octets>", octets.len()),
        Mask::Off => write!(f, "\"{}\"", octets.escape_ascii()),
    }
}

/// `Debug` and `Display`, masked, and their counterpart, of types that have `Show`.
macro_rules! masked {
    ($($name:ident)*) => { $(
        impl<B: Storage> fmt::Debug for $name<B> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.show(f, Mask::On)
            }
        }
        impl<B: Storage> fmt::Display for $name<B> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.show(f, Mask::On)
            }
        }
        impl<B: Storage> $name<B> {
            /// `Debug` and `Display` that show texts and addresses. A password they do not show either.
            pub fn reveal(&self) -> impl fmt::Debug + fmt::Display {
                self.with(Mask::Off)
            }
        }
    )* };
}
pub(crate) use masked;

masked! { Pdu Address COctetString ShortMessage Time Tlvs }

impl<P: Show> Show for Decoded<P> {
    fn show(&self, f: &mut fmt::Formatter<'_>, mask: Mask) -> fmt::Result {
        let Self { header, pdu, forgiven } = self;
        if f.alternate() {
            pdu.show(f, mask)?;
            write!(f, "\n  {:<24} {:?}", "command_status", header.command_status)?;
            write!(f, "\n  {:<24} {}", "sequence_number", header.sequence_number)?;
            return if forgiven.is_empty() {
                Ok(())
            } else {
                write!(f, "\n  {:<24} {forgiven:?}", "forgiven")
            };
        }
        let mut f = f.debug_struct("Decoded");
        f.field("header", header)
            .field("pdu", &pdu.with(mask))
            .field("forgiven", forgiven)
            .finish()
    }
}
#[allow(private_bounds)]
impl<P: Show> Decoded<P> {
    /// `Debug` and `Display` that show texts and addresses. A password they do not show either.
    pub fn reveal(&self) -> impl fmt::Debug + fmt::Display {
        self.with(Mask::Off)
    }
}
#[allow(private_bounds)]
impl<P: Show> fmt::Debug for Decoded<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.show(f, Mask::On)
    }
}
#[allow(private_bounds)]
impl<P: Show> fmt::Display for Decoded<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.show(f, Mask::On)
    }
}
