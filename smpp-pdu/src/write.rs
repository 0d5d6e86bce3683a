//! Octets out: checks, then the exact length, then the octets.

use crate::codec::Header;
use crate::codes::{CommandId, scalar};
use crate::error::{EncodeError, EncodeErrorKind};
use crate::fields::{FieldValue, Visit};
use crate::frame::HEADER_LEN;
use crate::pdu::Pdu;
use crate::row::Row;
use crate::storage::Storage;
use crate::version::Version;
use crate::wire::{Context, Parse, Parsed, body_may_be_absent};
use core::mem;

/// A type that a row can have, written or moved to other storage. Bodies of PDUs are such types too.
pub(crate) trait Field<B: Storage>: Sized {
    type In<C: Storage>: Field<C>;
    fn empty() -> Self;
    /// Exactly what `put` writes.
    fn encoded_len(&self) -> usize;
    /// What the type alone does not rule out: the sizes of its row.
    fn check(&self, row: Row, version: Version) -> Result<(), Refusal>;
    fn put(&self, w: &mut Writer<'_>);
    fn map_storage<C: Storage>(self, f: &mut impl FnMut(B) -> C) -> Self::In<C>;
    /// The same into `empty`, which is: what is empty here too is not written, and nothing is moved.
    #[inline(always)]
    fn map_into<C: Storage>(self, empty: &mut Self::In<C>, f: &mut impl FnMut(B) -> C) {
        *empty = self.map_storage(f);
    }
    /// Each field of the specification that is in it, in their order.
    fn fields<F: Visit + ?Sized>(&self, row: Row, to: &mut F);
}

/// An `EncodeError` that does not know its PDU yet.
pub(crate) struct Refusal {
    field: &'static str,
    kind: EncodeErrorKind,
}

impl Refusal {
    pub(crate) fn kind(&self) -> EncodeErrorKind {
        self.kind
    }
    #[cold]
    fn size(size: usize, row: Row, version: Version) -> Self {
        Self {
            field: row.name,
            kind: EncodeErrorKind::Size {
                size,
                max: row.size.of(version),
            },
        }
    }
    #[cold]
    pub(crate) fn version(field: &'static str) -> Self {
        Self {
            field,
            kind: EncodeErrorKind::Version,
        }
    }
}

/// The check of most fields: is `size` what the row allows?
#[inline(always)]
pub(crate) fn check_size(size: usize, row: Row, version: Version) -> Result<(), Refusal> {
    if row.size.allows(size, version) {
        Ok(())
    } else {
        Err(Refusal::size(size, row, version))
    }
}

/// A slice that was made large enough: room is checked once a PDU, nothing grows. What is behind a PDU may be written over.
pub(crate) struct Writer<'a> {
    rest: &'a mut [u8],
}

impl<'a> Writer<'a> {
    pub(crate) fn new(room: &'a mut [u8]) -> Self {
        Self { rest: room }
    }
    #[inline(always)]
    pub(crate) fn slice(&mut self, s: &[u8]) {
        // Most are empty, and a call of memcpy costs more than this.
        if s.is_empty() {
            return;
        }
        if let Some((head, tail)) = mem::take(&mut self.rest).split_at_mut_checked(s.len()) {
            head.copy_from_slice(s);
            self.rest = tail;
        }
    }
    /// The first `len` of `octets`. Most are written all, with those behind for the next field to overwrite: a
    /// store of known size, and no call of memcpy.
    #[inline(always)]
    pub(crate) fn padded(&mut self, octets: &[u8; 24], len: usize) {
        let rest = mem::take(&mut self.rest);
        match rest.first_chunk_mut::<24>() {
            Some(room) => *room = *octets,
            None => copy_start(rest, octets, len),
        }
        self.rest = rest.get_mut(len..).unwrap_or_default();
    }
    #[inline(always)]
    pub(crate) fn array<const N: usize>(&mut self, a: [u8; N]) {
        if let Some((head, tail)) = mem::take(&mut self.rest).split_first_chunk_mut::<N>() {
            *head = a;
            self.rest = tail;
        }
    }
}

/// At the end of a PDU, as a message_id is.
#[inline(never)]
fn copy_start(room: &mut [u8], octets: &[u8], len: usize) {
    let (Some(room), Some(octets)) = (room.get_mut(..len), octets.get(..len)) else {
        return;
    };
    // A call of memcpy costs more.
    if !copy_ends::<16>(room, octets) && !copy_ends::<8>(room, octets) {
        room.copy_from_slice(octets);
    }
}

/// The first `N` octets and the last, which are all of what has between `N` and twice that. Not of what has fewer.
#[inline(always)]
fn copy_ends<const N: usize>(room: &mut [u8], octets: &[u8]) -> bool {
    let (Some(first), Some(last)) = (octets.first_chunk::<N>(), octets.last_chunk::<N>()) else {
        return false;
    };
    if octets.len() > 2 * N {
        return false;
    }
    if let Some(room) = room.first_chunk_mut() {
        *room = *first;
    }
    if let Some(room) = room.last_chunk_mut() {
        *room = *last;
    }
    true
}

/// `room` gives a slice of as many octets as it is asked for, or more.
#[inline(always)]
pub(crate) fn write_pdu<'o, B: Storage>(
    id: u32,
    since: Version,
    body: &impl Field<B>,
    header: Header,
    version: Version,
    room: impl FnOnce(usize) -> Option<&'o mut [u8]>,
) -> Result<usize, EncodeError> {
    let error = |r: Refusal| EncodeError {
        command: CommandId(id),
        field: r.field,
        kind: r.kind,
    };
    if version < since {
        return Err(error(Refusal::version("")));
    }
    body.check(Row::named(""), version).map_err(error)?;
    let len = HEADER_LEN + body.encoded_len();
    let no_room = || {
        error(Refusal {
            field: "",
            kind: EncodeErrorKind::NoRoom { needed: len },
        })
    };
    let command_length = u32::try_from(len).map_err(|_| no_room())?;
    let room = room(len).ok_or_else(no_room)?;
    let behind = room.len().saturating_sub(len);
    let mut w = Writer::new(room);
    // At once: each piece would have its own check of the room.
    let mut octets = [0; HEADER_LEN];
    let words = [command_length, id, header.command_status.0, header.sequence_number];
    for (room, word) in octets.as_chunks_mut().0.iter_mut().zip(words) {
        *room = word.to_be_bytes();
    }
    w.array(octets);
    body.put(&mut w);
    // What a PDU did not overwrite would be another's.
    debug_assert_eq!(w.rest.len(), behind);
    Ok(len)
}

/// A response whose body is `None`: left out where that is allowed, else written with empty fields.
#[inline(never)]
pub(crate) fn write_without_body<'o, B: Storage, T: Field<B>>(
    id: u32,
    since: Version,
    header: Header,
    version: Version,
    room: impl FnOnce(usize) -> Option<&'o mut [u8]>,
) -> Result<usize, EncodeError> {
    if body_may_be_absent(header.command_status, version) {
        write_pdu::<B>(id, since, &NoBody, header, version, room)
    } else {
        write_pdu::<B>(id, since, &T::empty(), header, version, room)
    }
}

/// The body of a PDU that has none.
#[derive(Debug)]
pub(crate) struct NoBody;
scalar! { NoBody: NoBody, (i, _row) => Ok((i, NoBody)), _body => [] }

/// What can be encoded: a [`Pdu`](crate::Pdu), or one PDU's own type.
pub trait Encode: Write {
    /// Its command_id.
    fn command_id(&self) -> CommandId;
}

impl<T: Encode + ?Sized> Encode for &T {
    fn command_id(&self) -> CommandId {
        (**self).command_id()
    }
}
impl<T: Write + ?Sized> Write for &T {
    #[inline(always)]
    fn write<'o>(
        &self,
        header: Header,
        version: Version,
        room: impl FnOnce(usize) -> Option<&'o mut [u8]>,
    ) -> Result<usize, EncodeError> {
        (**self).write(header, version, room)
    }
}

pub(crate) use sealed::Write;

/// Nobody outside can name the trait, and so reach what it does.
pub(crate) mod sealed {
    use super::*;

    pub trait Write {
        fn write<'o>(
            &self,
            header: Header,
            version: Version,
            room: impl FnOnce(usize) -> Option<&'o mut [u8]>,
        ) -> Result<usize, EncodeError>;
    }
}

pub(crate) fn write_error_response<'o>(
    request: CommandId,
    header: Header,
    version: Version,
    room: impl FnOnce(usize) -> Option<&'o mut [u8]>,
) -> Result<usize, EncodeError> {
    match Pdu::<&[u8]>::empty_response(request) {
        Some(pdu) if request.is_in(version) => pdu.write(header, version, room),
        _ => write_pdu::<&[u8]>(CommandId::GENERIC_NACK.0, Version::V33, &NoBody, header, version, room),
    }
}
