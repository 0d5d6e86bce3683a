//! A command that the tables do not have.

use crate::codec::Header;
use crate::codes::CommandId;
use crate::error::EncodeError;
use crate::fields::Visit;
use crate::kept::{Length, keep};
use crate::masked::{Mask, Show, masked, text};
use crate::owned::{Owned, own};
use crate::row::Row;
use crate::storage::Storage;
use crate::version::Version;
use crate::write::{Encode, Field, Refusal, Write, Writer, write_pdu};
use core::fmt;

/// A command that this crate does not know, kept whole: a vendor's own, one of a later version, or nonsense. It
/// encodes octet for octet as it came.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        deny_unknown_fields,
        bound(serialize = "", deserialize = "B: From<alloc::vec::Vec<u8>>")
    )
)]
pub struct Unknown<B: Storage = Owned> {
    /// Its command_id.
    pub command_id: CommandId,
    /// Every octet behind the header.
    #[cfg_attr(feature = "serde", serde(with = "crate::serialize::octets"))]
    pub body: B,
}

impl Unknown<&[u8]> {
    /// Owned, by one allocation at most.
    pub fn into_owned(self) -> Unknown {
        Unknown {
            command_id: self.command_id,
            body: own(Octets(self.body)).0,
        }
    }
}

impl<B: Storage> Unknown<B> {
    pub(super) fn map_storage<C: Storage>(self, f: &mut impl FnMut(B) -> C) -> Unknown<C> {
        Unknown {
            command_id: self.command_id,
            body: f(self.body),
        }
    }
}
keep! { Unknown }

impl From<&Unknown<&[u8]>> for Unknown {
    fn from(view: &Unknown<&[u8]>) -> Self {
        view.into_owned()
    }
}

impl<B: Storage> Write for Unknown<B> {
    fn write<'o>(
        &self,
        header: Header,
        version: Version,
        room: impl FnOnce(usize) -> Option<&'o mut [u8]>,
    ) -> Result<usize, EncodeError> {
        write_pdu::<&[u8]>(
            self.command_id.0,
            Version::V33,
            &Octets(self.body.as_ref()),
            header,
            version,
            room,
        )
    }
}
impl<B: Storage> Encode for Unknown<B> {
    fn command_id(&self) -> CommandId {
        self.command_id
    }
}

impl<B: Storage> Show for Unknown<B> {
    fn show(&self, f: &mut fmt::Formatter<'_>, mask: Mask) -> fmt::Result {
        write!(f, "{:?} ", self.command_id)?;
        text(f, self.body.as_ref(), mask)
    }
}
masked! { Unknown }

/// A body that is nothing but octets.
#[derive(Clone, Copy)]
struct Octets<B>(B);

impl<B: Storage> Field<B> for Octets<B> {
    type In<C: Storage> = Octets<C>;
    fn empty() -> Self {
        Self(B::default())
    }
    fn encoded_len(&self) -> usize {
        self.0.as_ref().len()
    }
    fn check(&self, _: Row, _: Version) -> Result<(), Refusal> {
        Ok(())
    }
    fn put(&self, w: &mut Writer<'_>) {
        w.slice(self.0.as_ref());
    }
    fn map_storage<C: Storage>(self, f: &mut impl FnMut(B) -> C) -> Octets<C> {
        Octets(f(self.0))
    }
    fn fields<F: Visit + ?Sized>(&self, _: Row, _: &mut F) {}
}
