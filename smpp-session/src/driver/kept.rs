//! An answer that waits for its task.

use super::error::CallError;
use crate::event::Answer;
use smpp_pdu::{Codec, CommandStatus, DecodeError, Decoded, Header, Pdu, Response};
use std::fmt;

/// Octets of an answer that stand in the value itself: those of most, so that nothing is allocated by one task and
/// freed by another.
const INLINE: usize = 54;

/// The octets of an answer, and the codec to read them with. Of none it is the room for one.
#[derive(Clone)]
pub(crate) struct Kept {
    codec: Codec,
    /// How many of those in the value itself are its; what is longer is in `long`.
    len: u8,
    short: [u8; INLINE],
    long: Option<Box<[u8]>>,
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            codec: Codec::default(),
            len: 0,
            short: [0; INLINE],
            long: None,
        }
    }
}

impl Kept {
    /// Another answer, in its place.
    #[inline]
    pub(crate) fn keep(&mut self, answer: &Answer<'_>) {
        let frame = answer.frame();
        self.codec = answer.codec();
        match (self.short.get_mut(..frame.len()), u8::try_from(frame.len())) {
            (Some(room), Ok(len)) => {
                room.copy_from_slice(frame);
                (self.len, self.long) = (len, None);
            }
            _ => self.long = Some(frame.into()),
        }
    }

    /// The answer, whose room stays.
    pub(crate) fn take(&mut self) -> Self {
        Self {
            long: self.long.take(),
            ..*self
        }
    }

    /// Nobody wants it any more: what it has allocated is given back.
    #[inline]
    pub(crate) fn forget(&mut self) {
        (self.len, self.long) = (0, None);
    }

    #[inline]
    fn frame(&self) -> &[u8] {
        match &self.long {
            None => self.short.get(..usize::from(self.len)).unwrap_or_default(),
            Some(octets) => octets,
        }
    }

    pub(crate) fn command_status(&self) -> CommandStatus {
        Header::peek(self.frame()).map_or(CommandStatus::ESME_RUNKNOWNERR, |(_, header)| header.command_status)
    }

    /// Whether it says ESME_ROK.
    #[inline]
    pub(crate) fn is_positive(&self) -> bool {
        self.command_status() == CommandStatus::ESME_ROK
    }

    pub(crate) fn decode(&self) -> Result<Decoded<Pdu<&[u8]>>, DecodeError> {
        self.codec.decode(self.frame())
    }

    /// Of a body that is missing and was forgiven: as good as an empty one. Out of line: what it returns is made where its
    /// caller wants it.
    #[inline(never)]
    pub(crate) fn decode_as<R: Response>(&self) -> Result<R, CallError> {
        match self.codec.decode_response_or_empty(self.frame()) {
            Ok(decoded) => Ok(decoded.pdu),
            Err(error) => Err(CallError::Unreadable(error)),
        }
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {} octets", self.command_status(), self.frame().len())
    }
}
