//! A session's codec, and what it gives and takes besides the PDU.

use crate::buffer::{Buffer, OfTheCrate};
use crate::codes::{CommandId, CommandStatus};
use crate::error::{DecodeError, EncodeError};
use crate::frame::HEADER_LEN;
use crate::owned::Owned;
use crate::pdu::{Pdu, Response};
use crate::storage::Storage;
use crate::tolerance::Tolerance;
use crate::version::Version;
use crate::wire::{self, Fault, Parse, located, message};
use crate::write::{Encode, write_error_response};
use alloc::vec::Vec;
use bytes::Bytes;
use core::cell::RefCell;

/// How one session reads and writes: the version agreed at bind, and what it forgives.
///
/// Decoding judges structure only: lengths, terminators, the walk over the TLVs. Encoding refuses what the version
/// forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Codec {
    /// Sizes follow it.
    pub version: Version,
    /// What decoding forgives. Encoding forgives nothing.
    pub tolerance: Tolerance,
}

/// 3.4 and [`Tolerance::field`].
impl Default for Codec {
    fn default() -> Self {
        Self {
            version: Version::V34,
            tolerance: Tolerance::field(),
        }
    }
}

/// The status and sequence_number of a header; its command_id is the PDU's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Header {
    /// 0 in requests.
    pub command_status: CommandStatus,
    /// 1 to 0x7FFFFFFF in what follows the specification; whatever the peer sent in what was decoded.
    pub sequence_number: u32,
}

impl Header {
    /// The header of a request.
    pub const fn request(sequence_number: u32) -> Self {
        Self {
            command_status: CommandStatus::ESME_ROK,
            sequence_number,
        }
    }
    /// Reads the header of a frame, and which PDU it is; `None` of fewer than 16 octets.
    #[inline]
    pub fn peek(frame: &[u8]) -> Option<(CommandId, Self)> {
        let octets: &[u8; HEADER_LEN] = frame.first_chunk()?;
        let [_, _, _, _, id @ .., s0, s1, s2, s3, n0, n1, n2, n3] = octets;
        let command_status = CommandStatus(u32::from_be_bytes([*s0, *s1, *s2, *s3]));
        let sequence_number = u32::from_be_bytes([*n0, *n1, *n2, *n3]);
        Some((
            CommandId(u32::from_be_bytes(*id)),
            Self {
                command_status,
                sequence_number,
            },
        ))
    }
}

/// A PDU with its header, and what had to be forgiven to read it.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Decoded<P = Pdu> {
    /// Its header, less the command_id.
    pub header: Header,
    /// The PDU: any ([`Pdu`]), or of one kind.
    pub pdu: P,
    /// Empty for a PDU without fault; else [`Codec::forgiven`] tells the fields.
    pub forgiven: Tolerance,
}

/// One leniency that a PDU needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Forgiven {
    /// Which.
    pub flag: Tolerance,
    /// What a codec without it says: field, offset, and the status to refuse the PDU with.
    pub error: DecodeError,
}

impl Codec {
    /// Reads one whole PDU, as framed by its command_length; without an allocation, borrowed from `frame`.
    ///
    /// A command that is not known is kept whole ([`Pdu::Unknown`]). Fails on what the tolerance does not forgive.
    pub fn decode<'a>(&self, frame: &'a [u8]) -> Result<Decoded<Pdu<&'a [u8]>>, DecodeError> {
        self.decode_with(frame, None, |field| field)
    }

    /// The same, owned, without an allocation: what is short is copied, what is long is a slice of `frame`.
    ///
    /// (Taking a view and a frame apart would let a caller mix two frames, at which `slice_ref` panics.)
    pub fn decode_bytes(&self, frame: &Bytes) -> Result<Decoded, DecodeError> {
        self.decode_with(frame, None, |field| Owned::slice_of(frame, field))
    }

    /// Reads a response of the kind that is waited for, owned: one allocation at most. `None` is a response without a
    /// body. The frame's command_id is not looked at: the caller has matched it.
    #[inline]
    pub fn decode_response<R: Response>(&self, frame: &[u8]) -> Result<Decoded<Option<R>>, DecodeError> {
        R::read(self, frame)
    }

    /// As [`Self::decode_response`], for who does not tell a response without a body from one whose fields are empty.
    #[inline]
    pub fn decode_response_or_empty<R: Response>(&self, frame: &[u8]) -> Result<Decoded<R>, DecodeError> {
        R::read_or_empty(self, frame)
    }

    /// Each leniency that reading `frame` took, in the order of the fields. It reads the frame anew: a PDU without
    /// fault pays nothing for this report.
    pub fn forgiven(&self, frame: &[u8]) -> Vec<Forgiven> {
        let uses = RefCell::default();
        let _ = self.decode_with(frame, Some(&uses), |field: &[u8]| field);
        let forgiven = |(flag, fault)| Forgiven {
            flag,
            error: located(frame, nom::Err::Error(fault)),
        };
        uses.into_inner().into_iter().map(forgiven).collect()
    }

    /// Out of line, one copy a PDU, which writes its result where the caller of `decode` wants it:
    /// as arms of one function they would share its stack frame and spill to it.
    #[inline(never)]
    pub(crate) fn read<'a, const ID: u32, T: Parse<'a>, M>(
        &self,
        frame: &'a [u8],
        uses: Option<&RefCell<Vec<(Tolerance, Fault)>>>,
        map: impl FnOnce(T) -> M,
    ) -> Result<Decoded<M>, DecodeError> {
        match message::<ID, T, M>(frame, self, uses, map) {
            Ok((_, decoded)) => Ok(decoded),
            Err(e) => Err(located(frame, e)),
        }
    }

    /// The same in its caller, which takes what it reads apart: whole, it would be moved there. (`read` does not ask this one:
    /// the compiler makes ten instructions more of that.)
    #[inline(always)]
    pub(crate) fn read_here<'a, const ID: u32, T: Parse<'a>, M>(
        &self,
        frame: &'a [u8],
        uses: Option<&RefCell<Vec<(Tolerance, Fault)>>>,
        map: impl FnOnce(T) -> M,
    ) -> Result<Decoded<M>, DecodeError> {
        match message::<ID, T, M>(frame, self, uses, map) {
            Ok((_, decoded)) => Ok(decoded),
            Err(e) => Err(located(frame, e)),
        }
    }

    /// A command that the tables do not have: header and the octets behind it.
    #[cold]
    #[inline(never)]
    pub(crate) fn read_unknown<'a, B: Storage>(
        &self,
        frame: &'a [u8],
        store: impl FnOnce(&'a [u8]) -> B,
    ) -> Result<Decoded<Pdu<B>>, DecodeError> {
        let (body, (command_id, header)) = wire::any_header(frame).map_err(|e| located(frame, e))?;
        Ok(Decoded {
            header,
            pdu: Pdu::unknown(command_id, store(body)),
            forgiven: Tolerance::strict(),
        })
    }

    /// Appends one PDU; on error `out` is as it was. Returns how many octets it has.
    #[inline]
    pub fn encode(&self, header: Header, pdu: &impl Encode, out: &mut impl Buffer) -> Result<usize, EncodeError> {
        let written = pdu.write(header, self.version, |len| out.room(len, OfTheCrate(())));
        out.appended(written.as_ref().map_or(0, |len| *len), OfTheCrate(()));
        written
    }

    /// Writes one PDU to the start of `out`, which a caller keeps and need not clear. Returns how many octets it has;
    /// fails if `out` is too small.
    #[inline]
    pub fn encode_to(&self, header: Header, pdu: &impl Encode, out: &mut [u8]) -> Result<usize, EncodeError> {
        pdu.write(header, self.version, |len| out.get_mut(..len))
    }

    /// Appends the response to `request` that refuses it: without a body where the version allows that, else with
    /// empty fields (v3.4 §4.4.2, v5.0 §3.2.1.3; R087, R088, R090).
    ///
    /// To a command that has no response of its own it is a generic_nack.
    pub fn encode_error(&self, request: CommandId, header: Header, out: &mut impl Buffer) -> usize {
        let written = write_error_response(request, header, self.version, |len| out.room(len, OfTheCrate(())));
        // Neither size nor version can be wrong with it, and the buffer grows.
        let len = written.unwrap_or_default();
        out.appended(len, OfTheCrate(()));
        len
    }
}

impl Decoded<Pdu<&[u8]>> {
    /// Owned, for a view whose frame is gone: what is not inline is copied into one buffer of about its size.
    pub fn into_owned(self) -> Decoded {
        Decoded {
            header: self.header,
            pdu: self.pdu.into_owned(),
            forgiven: self.forgiven,
        }
    }
}
