//! A receipt to be sent.

use super::parse::Receipt;
use super::stat;
use crate::codes::MessageState;
use crate::error::EncodeErrorKind;
use crate::time::{DateTime, Digits};
use crate::tlv::{self, NetworkErrorCode, Tlvs};
use alloc::vec::Vec;
use core::fmt;

/// What a receipt says (v3.4 appendix B), for its text and its TLVs.
///
/// ```
/// use smpp_pdu::receipt::Draft;
/// use smpp_pdu::time::DateTime;
/// use smpp_pdu::MessageState;
///
/// let draft = Draft {
///     submit_date: DateTime::new(2025, 1, 31, 12, 0, 0),
///     done_date: DateTime::new(2025, 1, 31, 12, 5, 0),
///     text: b"Your code is 1234. Do not tell anybody.",
///     ..Draft::new(b"0123456789", MessageState::DELIVERED)
/// };
/// let text = "id:0123456789 sub:001 dlvrd:001 submit date:2501311200 done date:2501311205 \
///     stat:DELIVRD err:000 text:Your code is 1234. D";
/// assert_eq!(draft.text()?, text.as_bytes());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Draft<'a> {
    /// The id that the submission was answered with: one word, 1 to 64 octets.
    pub id: &'a [u8],
    /// Messages submitted, 0 to 999; more are written as 999.
    pub sub: u16,
    /// Messages delivered, 0 to 999; more are written as 999.
    pub dlvrd: u16,
    /// When the message was submitted; `None` is written as zeros. The specification names no zone.
    pub submit_date: Option<DateTime>,
    /// When its state was reached; `None` is written as zeros.
    pub done_date: Option<DateTime>,
    /// The form of both dates.
    pub digits: Digits,
    /// The state. One that the specification has no word for is written as UNKNOWN.
    pub state: MessageState,
    /// The error, one word: by the specification 3 characters.
    pub err: &'a [u8],
    /// The message; 20 octets of it are written.
    pub text: &'a [u8],
    /// network_error_code (v3.4 §5.3.2.31, v5.0 §4.8.4.42).
    pub network_error: Option<NetworkErrorCode>,
}

impl<'a> Draft<'a> {
    /// Of one message, without dates and text; with error 000, or 001 if it was not delivered.
    pub fn new(id: &'a [u8], state: MessageState) -> Self {
        let good = !matches!(
            state,
            MessageState::EXPIRED
                | MessageState::DELETED
                | MessageState::UNDELIVERABLE
                | MessageState::UNKNOWN
                | MessageState::REJECTED
                | MessageState::SKIPPED
        );
        let delivered = matches!(state, MessageState::DELIVERED | MessageState::ACCEPTED);
        Self {
            id,
            sub: 1,
            dlvrd: u16::from(delivered),
            submit_date: None,
            done_date: None,
            digits: Digits::Ten,
            state,
            err: if good { b"000" } else { b"001" },
            text: &[],
            network_error: None,
        }
    }
    /// The text, of at most 241 octets with an id of 64 and an err of 3. Fails if [`Receipt`] would not find id or err in
    /// it again: if one is not one word, or reads like a field of its own, as `stat:` does.
    pub fn text(&self) -> Result<Vec<u8>, DraftError> {
        if !is_word(self.id) {
            return Err(DraftError::Id);
        }
        if !is_word(self.err) {
            return Err(DraftError::Err);
        }
        let mut text = Vec::with_capacity(self.id.len() + self.err.len() + 140);
        text.extend(b"id:");
        text.extend(self.id);
        text.extend(b" sub:");
        text.extend(three_digits(self.sub));
        text.extend(b" dlvrd:");
        text.extend(three_digits(self.dlvrd));
        text.extend(b" submit date:");
        self.put_date(self.submit_date, &mut text);
        text.extend(b" done date:");
        self.put_date(self.done_date, &mut text);
        text.extend(b" stat:");
        text.extend(stat::name(self.state).as_bytes());
        text.extend(b" err:");
        text.extend(self.err);
        text.extend(b" text:");
        text.extend(self.text.get(..QUOTED).unwrap_or(self.text));
        let read = Receipt::parse(&text);
        match (read.id() == Some(self.id), read.err() == Some(self.err)) {
            (false, _) => Err(DraftError::Id),
            (_, false) => Err(DraftError::Err),
            _ => Ok(text),
        }
    }
    /// Adds receipted_message_id and message_state, and network_error_code if there is one (R132). Fails if the id is
    /// longer than a TLV.
    pub fn add_tlvs(&self, tlvs: &mut Tlvs) -> Result<(), EncodeErrorKind> {
        tlvs.set(tlv::RECEIPTED_MESSAGE_ID, self.id)?;
        tlvs.set(tlv::MESSAGE_STATE, self.state)?;
        if let Some(error) = self.network_error {
            tlvs.set(tlv::NETWORK_ERROR_CODE, error)?;
        }
        Ok(())
    }

    fn put_date(&self, date: Option<DateTime>, text: &mut Vec<u8>) {
        let mut room = [b'0'; 14];
        let epoch = DateTime::from_unix(0);
        let len = date
            .or(epoch)
            .map_or(0, |date| date.write_receipt_date(self.digits, &mut room));
        if date.is_none() {
            room = [b'0'; 14];
        }
        text.extend(room.iter().take(len));
    }
}

/// By length only.
impl fmt::Debug for Draft<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, state, text, .. } = self;
        write!(
            f,
            "Draft {{ id: <{} octets>, state: {state}, text: <{} octets>, .. }}",
            id.len(),
            text.len()
        )
    }
}

/// Why a receipt cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DraftError {
    /// The id is empty, has separators or control characters in it, or reads like a field of its own.
    Id,
    /// The same of err, or it is `null`.
    Err,
}

impl fmt::Display for DraftError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Id => "the receipt's id could not be read again",
            Self::Err => "the receipt's err could not be read again",
        })
    }
}
impl core::error::Error for DraftError {}

fn is_word(octets: &[u8]) -> bool {
    let separates = |octet: &u8| *octet <= b' ' || matches!(octet, b',' | b';' | b'|');
    !octets.is_empty() && !octets.iter().any(separates)
}

fn three_digits(number: u16) -> [u8; 3] {
    let number = number.min(999);
    // Each is 0 to 9.
    [number / 100, number / 10 % 10, number % 10].map(|digit| b'0' + u8::try_from(digit).unwrap_or(0))
}

/// What a receipt quotes of the message (v3.4 table B-1).
const QUOTED: usize = 20;
