//! Frames to look at, without what they must not show: as `Debug` of a PDU masks values, this masks octets.

use crate::codec::Codec;
use crate::codes::EsmClass;
use crate::fields::FieldValue;
use crate::frame::HEADER_LEN;
use crate::pdu::Pdu;
use crate::tlv;
use crate::tolerance::Tolerance;
use crate::version::Version;
use alloc::vec::Vec;
use core::ops::Range;

/// Overwrites passwords, texts and addresses in the octets of one PDU, header and all: what `Debug` of it masks, and what
/// no field claims. All else stays octet for octet what it was, so that a capture of it is dissected as before: lengths,
/// NULs, codes, times, message_ids, system_ids.
///
/// What is masked becomes `*`; of a text with a user data header the first octet becomes 0, a header without elements.
///
/// Where a string is longer than its field, all strings are masked: it may be two of them. A PDU that cannot be read,
/// however much is forgiven, and one of a command without a table keep their header alone; fewer octets than a header
/// has are masked wholly.
///
/// ```
/// use smpp_pdu::{COctetString, Codec, Header, Pdu, ShortMessage, SubmitSm, mask};
///
/// let mut submit = SubmitSm::default().short_message(ShortMessage::new("hello")?);
/// submit.destination_addr.addr = COctetString::new("447700900123")?;
/// let mut frame = Vec::new();
/// Codec::default().encode(Header::request(7), &submit, &mut frame)?;
/// mask(&mut frame);
///
/// let Pdu::SubmitSm(masked) = Codec::default().decode(&frame)?.pdu else { panic!() };
/// assert_eq!(masked.destination_addr.addr.as_bytes(), b"************");
/// assert_eq!(masked.short_message.as_bytes(), b"*****");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn mask(frame: &mut [u8]) {
    for Hidden { octets, begins } in hidden(frame) {
        if let Some(octets) = frame.get_mut(octets) {
            octets.fill(FILLER);
            if let Some((first, begins)) = octets.first_mut().zip(begins) {
                *first = begins;
            }
        }
    }
}

/// Where something is masked, and what its first octet becomes if not a filler.
struct Hidden {
    octets: Range<usize>,
    begins: Option<u8>,
}

impl Hidden {
    fn new(octets: Range<usize>) -> Self {
        Self { octets, begins: None }
    }
}

fn hidden(frame: &[u8]) -> Vec<Hidden> {
    if frame.len() < HEADER_LEN {
        return Vec::from([Hidden::new(0..frame.len())]);
    }
    let Ok(decoded) = LENIENT.decode(frame) else {
        return Vec::from([Hidden::new(HEADER_LEN..frame.len())]);
    };
    // A NUL that is lost makes one string of two fields, or of three.
    let is_shifted = decoded.forgiven.iter().any(|flag| RUNS_OVER.contains(flag));
    let (mut hidden, mut has_header) = (Vec::new(), false);
    decoded.pdu.each_field(|name, value| {
        if let FieldValue::Integer(octet, _) = value
            && name == "esm_class"
        {
            has_header = octet & u32::from(EsmClass::UDHI.0) != 0;
        }
        let secret = match value {
            FieldValue::String(octets) if is_shifted => Some(octets),
            value => secret(value),
        };
        let Some(octets) = secret.and_then(|octets| place(frame, octets)) else {
            return;
        };
        let is_text = matches!(value, FieldValue::Text(_) | FieldValue::Tlv(MESSAGE_PAYLOAD, _));
        let begins = (has_header && is_text).then_some(0);
        hidden.push(Hidden { octets, begins });
    });
    hidden.push(Hidden::new(end(frame, &decoded.pdu)..frame.len()));
    hidden
}

/// What is to be masked of a field: a kind of value that is new is not shown before it is listed here.
fn secret(value: FieldValue<'_>) -> Option<&[u8]> {
    match value {
        FieldValue::Integer(..) | FieldValue::String(_) => None,
        FieldValue::Address(octets) | FieldValue::Text(octets) | FieldValue::Secret(octets) => Some(octets),
        FieldValue::Tlv(tag, octets) if tlv::is_masked(tag, octets) => Some(match octets {
            // It is a string with its NUL.
            [text @ .., 0] if tag == tlv::ADDITIONAL_STATUS_INFO_TEXT.tag => text,
            octets => octets,
        }),
        FieldValue::Tlv(..) => None,
    }
}

/// Where the octets of a view lie in its frame; `None` of what does not lie there, which is empty.
fn place(frame: &[u8], octets: &[u8]) -> Option<Range<usize>> {
    let from = octets.as_ptr().addr().checked_sub(frame.as_ptr().addr())?;
    let to = from.checked_add(octets.len())?;
    (to <= frame.len()).then_some(from..to)
}

/// Where the last field ends. What stands behind it was dropped, and may be anything.
fn end(frame: &[u8], pdu: &Pdu<&[u8]>) -> usize {
    match pdu.tlvs() {
        // They are the last row of every PDU. If they are not in the frame, the string before them is, to its end.
        Some(tlvs) => place(frame, tlvs.as_bytes()).map_or(frame.len(), |tlvs| tlvs.end),
        None => HEADER_LEN,
    }
}

const RUNS_OVER: Tolerance = Tolerance::OVERLONG_STRING.with(Tolerance::BAD_TIME_LENGTH);

const FILLER: u8 = b'*';

const MESSAGE_PAYLOAD: u16 = tlv::MESSAGE_PAYLOAD.tag;

/// No version allows more than 5.0 does.
const LENIENT: Codec = Codec {
    version: Version::V50,
    tolerance: Tolerance::field(),
};
