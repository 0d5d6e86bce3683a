//! An answer that waits for its task.

use crate::event::Answer;
use smpp_pdu::{Codec, CommandStatus, DecodeError, Decoded, Header, Pdu, Response};
use std::fmt;

/// Octets of an answer that stand in the value itself: those of most, so that nothing is allocated by one task and
/// freed by another.
const INLINE: usize = 54;

/// The octets of an answer, and the codec to read them with.
#[derive(Clone)]
pub(crate) struct Kept {
    codec: Codec,
    octets: Octets,
}

#[derive(Clone)]
enum Octets {
    Inline(u8, [u8; INLINE]),
    Heap(Box<[u8]>),
}

impl Kept {
    #[inline]
    pub(crate) fn new(answer: &Answer<'_>) -> Self {
        let frame = answer.frame();
        let mut octets = [0; INLINE];
        let octets = match (octets.get_mut(..frame.len()), u8::try_from(frame.len())) {
            (Some(room), Ok(len)) => {
                room.copy_from_slice(frame);
                Octets::Inline(len, octets)
            }
            _ => Octets::Heap(frame.into()),
        };
        Self {
            codec: answer.codec(),
            octets,
        }
    }

    fn frame(&self) -> &[u8] {
        match &self.octets {
            Octets::Inline(len, octets) => octets.get(..usize::from(*len)).unwrap_or_default(),
            Octets::Heap(octets) => octets,
        }
    }

    pub(crate) fn command_status(&self) -> CommandStatus {
        Header::peek(self.frame()).map_or(CommandStatus::ESME_RUNKNOWNERR, |(_, header)| header.command_status)
    }

    pub(crate) fn decode(&self) -> Result<Decoded<Pdu<&[u8]>>, DecodeError> {
        self.codec.decode(self.frame())
    }

    #[inline]
    pub(crate) fn decode_as<R: Response>(&self) -> Result<Decoded<Option<R>>, DecodeError> {
        self.codec.decode_response(self.frame())
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {} octets", self.command_status(), self.frame().len())
    }
}
