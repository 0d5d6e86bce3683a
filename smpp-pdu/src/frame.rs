//! PDUs cut from a stream: only command_length is looked at.

use crate::codes::CommandStatus;
use bytes::{Bytes, BytesMut};
use core::fmt;

/// Octets of the header, which is the shortest PDU (v3.4 §3.2, v5.0 §3.2.1).
pub const HEADER_LEN: usize = 16;

/// The longest PDU that is taken unless told otherwise: it holds a message_payload of 65,535 octets (R007).
pub const MAX_PDU: usize = 128 * 1024;

/// A command_length that cannot be trusted: where the next PDU begins is not known, and the stream ends here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct FrameError {
    /// What the peer sent.
    pub command_length: u32,
    /// What is the longest allowed; the shortest is [`HEADER_LEN`].
    pub max: usize,
}

impl FrameError {
    /// What a generic_nack says of it: ESME_RINVCMDLEN (v3.4 §4.3, v5.0 §2.8.2; R004).
    pub fn command_status(&self) -> CommandStatus {
        CommandStatus::ESME_RINVCMDLEN
    }
    /// Whether the octets are the beginning of an HTTP request or response: somebody has the wrong port.
    pub fn looks_like_http(&self) -> bool {
        matches!(
            &self.command_length.to_be_bytes(),
            b"GET " | b"POST" | b"HEAD" | b"PUT " | b"HTTP" | b"OPTI"
        )
    }
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { command_length, max } = self;
        let http = if self.looks_like_http() {
            " (it looks like HTTP)"
        } else {
            ""
        };
        write!(
            f,
            "a command_length of {command_length}, not between {HEADER_LEN} and {max}{http}"
        )
    }
}
impl core::error::Error for FrameError {}

/// Cuts the first whole PDU from `input` and moves `input` behind it; `None` while there is none whole.
///
/// Nothing is read but command_length, and nothing is allocated on its word. `max` is the longest PDU to take.
#[inline]
pub fn next_frame<'a>(input: &mut &'a [u8], max: usize) -> Result<Option<&'a [u8]>, FrameError> {
    let Some(len) = frame_len(input, max)? else {
        return Ok(None);
    };
    Ok(input.split_at_checked(len).map(|(frame, rest)| {
        *input = rest;
        frame
    }))
}

/// As [`next_frame`], from a growing buffer; the frame shares its memory.
#[inline]
pub fn split_frame(input: &mut BytesMut, max: usize) -> Result<Option<Bytes>, FrameError> {
    match frame_len(input, max)? {
        Some(len) if len <= input.len() => Ok(Some(input.split_to(len).freeze())),
        _ => Ok(None),
    }
}

#[inline]
fn frame_len(input: &[u8], max: usize) -> Result<Option<usize>, FrameError> {
    let Some(length) = input.first_chunk() else {
        return Ok(None);
    };
    let command_length = u32::from_be_bytes(*length);
    match usize::try_from(command_length) {
        #[cfg(canary = "frame")] // the fault that this fuzz target must find
        Ok(len) if len == HEADER_LEN - 1 => Ok(Some(len)),
        Ok(len) if (HEADER_LEN..=max).contains(&len) => Ok(Some(len)),
        _ => Err(FrameError { command_length, max }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &[u8] = b"\0\0\0\x12\0\0\0\x15\0\0\0\0\0\0\0\x01ab\0\0\0\x10\0\0\0\x15\0\0\0\0\0\0\0\x02";

    #[test]
    fn two_frames_in_any_chunks() {
        for chunk in 1..=TWO.len() {
            let (mut buffer, mut frames) = (BytesMut::new(), alloc::vec::Vec::new());
            for part in TWO.chunks(chunk) {
                buffer.extend_from_slice(part);
                while let Some(frame) = split_frame(&mut buffer, MAX_PDU).unwrap() {
                    frames.push(frame);
                }
            }
            assert_eq!(frames, [&TWO[..18], &TWO[18..]]);
            assert!(buffer.is_empty());
        }
        let mut input = TWO;
        assert_eq!(next_frame(&mut input, MAX_PDU), Ok(Some(&TWO[..18])));
        assert_eq!(next_frame(&mut input, MAX_PDU), Ok(Some(&TWO[18..])));
        assert_eq!((next_frame(&mut input, MAX_PDU), input), (Ok(None), &[][..]));
    }

    #[test]
    fn a_length_that_cannot_be_trusted() {
        for (length, max) in [(0, 64), (15, 64), (65, 64), (0x7fff_ffff, MAX_PDU), (u32::MAX, MAX_PDU)] {
            let octets = length.to_be_bytes();
            let error = FrameError {
                command_length: length,
                max,
            };
            assert_eq!(next_frame(&mut &octets[..], max), Err(error));
            assert_eq!(split_frame(&mut BytesMut::from(&octets[..]), max), Err(error));
            assert_eq!(error.command_status(), CommandStatus::ESME_RINVCMDLEN);
        }
        let http = next_frame(&mut &b"GET / HTTP/1.1\r\n"[..], MAX_PDU).unwrap_err();
        assert!(http.looks_like_http());
        assert_eq!(
            alloc::format!("{http}"),
            "a command_length of 1195725856, not between 16 and 131072 (it looks like HTTP)"
        );
    }
}
