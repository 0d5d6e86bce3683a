//! The bodies of the fuzz targets: each panics where the crate does not hold what it promises.

mod input;
mod receipt;
mod text;
mod time;
mod udh_reassembly;

pub use receipt::receipt;
pub use text::text;
pub use time::time;
pub use udh_reassembly::udh_reassembly;

use crate::buffer::SendBuffer;
use crate::codec::{Codec, Decoded, Header};
use crate::error::{DecodeError, EncodeErrorKind};
use crate::frame::{FrameError, HEADER_LEN, MAX_PDU, next_frame, split_frame};
use crate::kept::Kept;
use crate::mask::mask;
use crate::pdu::Pdu;
use crate::tlv::{self, Key, Tlvs};
use crate::tolerance::Tolerance;
use crate::version::Version;
use alloc::vec::Vec;
use arbitrary::{Result, Unstructured};
use bytes::{Bytes, BytesMut};
use core::fmt::{self, Write as _};

const VERSIONS: [Version; 3] = [Version::V33, Version::V34, Version::V50];

/// A stream: its frames are what their lengths say, and the same in chunks of any size.
pub fn frame(stream: &[u8]) {
    for max in [HEADER_LEN, 64, MAX_PDU] {
        let mut rest = stream;
        let mut frames = Vec::new();
        let end = loop {
            match next_frame(&mut rest, max) {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break Ok(()),
                Err(e) => break Err(e),
            }
        };
        assert_eq!([frames.concat(), rest.to_vec()].concat(), stream);
        for frame in &frames {
            assert!((HEADER_LEN..=max).contains(&frame.len()), "{} octets", frame.len());
            assert_eq!(length(frame), Some(frame.len()));
            assert!(Header::peek(frame).is_some());
        }
        match (length(rest), end) {
            (None, end) => assert_eq!(end, Ok(())),
            (Some(len), Ok(())) => assert!((HEADER_LEN..=max).contains(&len) && len > rest.len(), "{len} octets"),
            (Some(len), Err(_)) => assert!(!(HEADER_LEN..=max).contains(&len), "{len} octets"),
        }
        for size in [1, 3, 16, 100, stream.len().max(1)] {
            let (chunked, chunked_end) = chunked(stream.chunks(size), max);
            assert_eq!(chunked, frames, "in chunks of {size}");
            assert_eq!(chunked_end, end, "in chunks of {size}");
        }
    }
}

fn length(octets: &[u8]) -> Option<usize> {
    let length = octets.first_chunk().map(|length| u32::from_be_bytes(*length))?;
    usize::try_from(length).ok()
}

fn chunked<'a>(chunks: impl Iterator<Item = &'a [u8]>, max: usize) -> (Vec<Bytes>, Result<(), FrameError>) {
    let (mut buffer, mut frames) = (BytesMut::new(), Vec::new());
    for chunk in chunks {
        buffer.extend_from_slice(chunk);
        loop {
            match split_frame(&mut buffer, max) {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(e) => return (frames, Err(e)),
            }
        }
    }
    (frames, Ok(()))
}

/// Octets to a PDU and back, then any PDU to octets and back.
pub fn pdu_roundtrip(octets: &[u8]) {
    let frame = framed(octets);
    for version in VERSIONS {
        octets_round_trip(version, Tolerance::strict(), &frame);
        octets_round_trip(version, Tolerance::field(), &frame);
    }
    keeps_its_shape(octets);
    keeps_its_shape(&frame);
    let mut u = Unstructured::new(octets);
    if let Ok((version, header, pdu)) = any_pdu(&mut u) {
        pdu_round_trips(version, header, &pdu);
    }
}

/// What is masked is as long as before, under the same header, and as readable; once is enough.
fn keeps_its_shape(frame: &[u8]) {
    let codec = Codec {
        version: Version::V50,
        tolerance: Tolerance::field(),
    };
    let mut masked = frame.to_vec();
    mask(&mut masked);
    assert_eq!(
        (masked.len(), masked.get(..HEADER_LEN)),
        (frame.len(), frame.get(..HEADER_LEN))
    );
    if frame.len() >= HEADER_LEN {
        assert_eq!(codec.decode(&masked).is_ok(), codec.decode(frame).is_ok());
    }
    let once = masked.clone();
    mask(&mut masked);
    assert_eq!(masked, once);
}

/// Any PDU that a version can write, or a response without its body.
fn any_pdu(u: &mut Unstructured<'_>) -> Result<(Version, Header, Pdu)> {
    let (version, header) = u.arbitrary()?;
    let pdu = Pdu::arbitrary_in(u, version)?;
    match Pdu::empty_response(pdu.command_id()) {
        Some(bodiless) if u.arbitrary()? => Ok((version, header, bodiless)),
        _ => Ok((version, header, pdu)),
    }
}

/// One frame of all the octets: its command_length is made to fit, for a fuzzer seldom finds it.
fn framed(octets: &[u8]) -> Bytes {
    let mut frame = octets.to_vec();
    if let (Some(length), Ok(len)) = (frame.first_chunk_mut(), u32::try_from(octets.len())) {
        *length = len.to_be_bytes();
    }
    frame.into()
}

/// What decodes without a report encodes to the same octets, or its version does not have it; view and owned agree;
/// an error or a report is about octets that are there.
pub fn octets_round_trip(version: Version, tolerance: Tolerance, frame: &Bytes) {
    let codec = Codec { version, tolerance };
    let decoded = codec.decode(frame);
    let owned = codec.decode_bytes(frame);
    assert_eq!(owned, decoded.clone().map(Decoded::into_owned));
    let uses = codec.forgiven(frame);
    uses.iter().for_each(|forgiven| is_about(&forgiven.error, frame));
    let decoded = match decoded {
        Ok(decoded) => decoded,
        Err(e) => return is_about(&e, frame),
    };
    assert_eq!(
        uses.iter().fold(Tolerance::strict(), |all, one| all | one.flag),
        decoded.forgiven
    );
    let _ = write!(Nowhere, "{decoded:?} {decoded:#?} {:?}", decoded.reveal());
    let _ = decoded.pdu.check(version);
    let kept = Kept::<Pdu>::new(&decoded.pdu);
    assert_eq!(kept.view(), decoded.pdu);
    assert_eq!(kept.view().into_owned(), decoded.pdu.clone().into_owned());
    let (mut of_view, mut of_owned) = (Vec::new(), BytesMut::new());
    let encoded = codec.encode(decoded.header, &decoded.pdu, &mut of_view);
    assert_eq!(
        encoded,
        codec.encode(decoded.header, &decoded.pdu.clone().into_owned(), &mut of_owned)
    );
    assert_eq!(of_view, of_owned);
    match encoded {
        Ok(_) if decoded.forgiven.is_empty() => assert_eq!(of_view, frame[..]),
        Ok(_) => pdu_round_trips(version, decoded.header, &decoded.pdu.into_owned()),
        Err(e) => assert!(
            !decoded.forgiven.is_empty() || e.kind == EncodeErrorKind::Version,
            "{e}"
        ),
    }
}

fn is_about(error: &DecodeError, frame: &[u8]) {
    assert!(error.offset <= frame.len(), "{error}");
    assert_ne!(error.command_status().0, 0, "{error}");
    let _ = write!(Nowhere, "{error} {error:?}");
}

/// What can be encoded decodes strictly to itself, from a view and owned, unless it was a response without a body
/// where one must be.
pub fn pdu_round_trips(version: Version, header: Header, pdu: &Pdu) {
    let strict = Codec {
        version,
        tolerance: Tolerance::strict(),
    };
    let mut frame = Vec::new();
    let Ok(len) = strict.encode(header, pdu, &mut frame) else {
        return assert!(frame.is_empty());
    };
    assert_eq!((length(&frame), frame.len()), (Some(len), len));
    let mut room = alloc::vec![0xff; len];
    assert_eq!(strict.encode_to(header, pdu, &mut room), Ok(len));
    assert_eq!(room, frame);
    // Its room has what was sent before.
    let mut buffer = SendBuffer::from(alloc::vec![0xff; len + 64]);
    buffer.clear();
    assert_eq!(strict.encode(header, pdu, &mut buffer), Ok(len));
    assert_eq!(buffer.as_ref(), frame);
    let frame = Bytes::from(frame);
    let decoded = strict.decode_bytes(&frame);
    assert_eq!(strict.decode(&frame).map(Decoded::into_owned), decoded);
    match decoded {
        Ok(decoded) if decoded.pdu == *pdu => {
            assert_eq!((decoded.header, decoded.forgiven), (header, Tolerance::strict()));
        }
        Ok(decoded) => {
            let mut empty = Vec::new();
            assert_eq!(strict.encode(header, &decoded.pdu, &mut empty), Ok(len));
            let bodiless = Pdu::empty_response(pdu.command_id());
            assert!(bodiless.as_ref() == Some(pdu) && empty == frame, "{:?}", pdu.reveal());
        }
        Err(e) => panic!("{e}: {:?}", pdu.reveal()),
    }
}

/// A region of TLVs is what a walk over it finds, each value is written as it was read, and what changes it changes a
/// list in the same way.
pub fn tlv(octets: &[u8]) {
    let walked = walk(octets);
    let region = Tlvs::<&[u8]>::new(octets);
    assert_eq!(region.is_some(), walked.is_some());
    if let (Some(region), Some(walked)) = (region, walked) {
        assert_eq!(region.as_bytes(), octets);
        assert!(region.iter().eq(walked.iter().copied()));
        for (tag, value) in walked {
            assert_eq!(
                region.get(Key::<[u8]>::new(tag, "")),
                Ok(region.iter().find(|one| one.0 == tag).map(|one| one.1))
            );
            tlv::rewrite(tag, value);
        }
        let _ = write!(Nowhere, "{region:?} {region:#?} {:?}", region.reveal());
    }
    let _ = changes(&mut Unstructured::new(octets));
}

/// Tags and values by the lengths alone; `None` if they do not add up.
fn walk(mut rest: &[u8]) -> Option<Vec<(u16, &[u8])>> {
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (&[t0, t1, l0, l1], behind) = rest.split_first_chunk()?;
        let (value, behind) = behind.split_at_checked(u16::from_be_bytes([l0, l1]).into())?;
        found.push((u16::from_be_bytes([t0, t1]), value));
        rest = behind;
    }
    Some(found)
}

/// Any changes, to TLVs and to a list of them.
fn changes(u: &mut Unstructured<'_>) -> Result<()> {
    let (mut tlvs, mut list) = (Tlvs::default(), Vec::<(u16, &[u8])>::new());
    while !u.is_empty() {
        // Few tags, so that they meet.
        let key = Key::<[u8]>::new(u.int_in_range(0..=3)?, "");
        let len = list.len();
        match u.int_in_range(0..=3)? {
            0 => {
                list.retain(|(tag, _)| *tag != key.tag);
                assert_eq!(tlvs.remove(key), list.len() < len);
            }
            1 => {
                let value = u.arbitrary()?;
                list.retain(|(tag, _)| *tag != key.tag);
                list.push((key.tag, value));
                assert_eq!(tlvs.set(key, value), Ok(()));
            }
            _ => {
                let value = u.arbitrary()?;
                list.push((key.tag, value));
                assert_eq!(tlvs.push(key, value), Ok(()));
            }
        }
        assert!(tlvs.iter().eq(list.iter().copied()), "{:?}", tlvs.reveal());
        assert_eq!(walk(tlvs.as_bytes()), Some(list.clone()));
    }
    Ok(())
}

/// Leniency changes nothing for what needs none: what a strict codec reads a tolerant one reads as the same value, and
/// what a tolerant one reads without a report a strict one does too.
pub fn profile(octets: &[u8]) {
    let frame = framed(octets);
    for version in VERSIONS {
        let strict = Codec {
            version,
            tolerance: Tolerance::strict(),
        };
        let field = Codec {
            version,
            tolerance: Tolerance::field(),
        };
        match (strict.decode(&frame), field.decode(&frame)) {
            (Ok(strict), field) => assert_eq!(field, Ok(strict)),
            (Err(e), Ok(field)) => assert!(!field.forgiven.is_empty(), "{e}"),
            (Err(_), Err(_)) => {}
        }
    }
}

/// Takes what is printed and keeps nothing of it.
struct Nowhere;

impl fmt::Write for Nowhere {
    fn write_str(&mut self, _: &str) -> fmt::Result {
        Ok(())
    }
}
