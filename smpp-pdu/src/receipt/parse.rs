//! A receipt's text, taken to pieces. It cannot fail, and allocates nothing.

use super::stat;
use crate::codes::MessageState;
use crate::masked::{Mask, text as masked_text};
use crate::time::ReceiptDate;
use core::fmt;

/// The text of a receipt, read as peers write it: fields in any order and case, some missing, the rest cut off.
///
/// What is no receipt at all has no fields: whether it is one, [`Report`](super::Report) judges. `Debug` shows neither
/// id nor text; [`reveal`](Self::reveal) does.
///
/// ```
/// use smpp_pdu::MessageState;
/// use smpp_pdu::receipt::Receipt;
///
/// let receipt = Receipt::parse(b"id:7bf4-01 stat:DELIVRD err: 21b donedate:20250131120507 Text:call me: id 7");
/// assert_eq!(receipt.id(), Some(&b"7bf4-01"[..]));
/// assert_eq!(receipt.state(), Some(MessageState::DELIVERED));
/// assert_eq!(receipt.err(), Some(&b"21b"[..]));
/// assert_eq!(receipt.done_date().unwrap().local.second, 7);
/// assert_eq!(receipt.sub(), None);
/// assert_eq!(receipt.text(), Some(&b"call me: id 7"[..]));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Receipt<'a> {
    raw: &'a [u8],
    /// By [`Field`].
    pieces: [Option<&'a [u8]>; 8],
}

/// A field of a receipt (v3.4 table B-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// `id`.
    Id,
    /// `sub`.
    Sub,
    /// `dlvrd`.
    Dlvrd,
    /// `submit date`.
    SubmitDate,
    /// `done date`.
    DoneDate,
    /// `stat`.
    Stat,
    /// `err`.
    Err,
    /// `text`.
    Text,
}

impl<'a> Receipt<'a> {
    /// Of the octets of a text in ASCII or an alphabet that agrees with it for letters and digits; see
    /// [`text_of`](super::text_of) for those in UCS-2.
    ///
    /// A field that stands twice is read where it stands first. What follows `text:` is not read for fields, but where
    /// `stat` is still to come: a message's own words must not pass for a receipt's.
    pub fn parse(text: &'a [u8]) -> Self {
        let mut receipt = Self {
            raw: text,
            pieces: [None; 8],
        };
        let (mut open, mut from, mut at) = (None, 0, 0);
        while let Some(colon) = colon(text, at) {
            at = colon + 1;
            let before = text.get(from..colon).unwrap_or_default();
            let Some((field, len)) = key(before).filter(|(field, _)| receipt.field(*field).is_none()) else {
                continue;
            };
            if open == Some(field) {
                continue;
            }
            let piece = text.get(from..colon - len).unwrap_or_default();
            // A text that is not the last has a space behind it.
            let piece = if open == Some(Field::Text) {
                piece.trim_ascii_end()
            } else {
                piece
            };
            receipt.close(open, piece);
            (open, from) = (Some(field), at);
            if field == Field::Text && receipt.has_stat(colon - len) {
                break;
            }
        }
        receipt.close(open, text.get(from..).unwrap_or_default());
        if receipt.field(Field::Stat).is_none() {
            receipt.has_stat(text.len());
        }
        receipt
    }
    /// All of the text.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }
    /// What stands between the key of a field and the next key, with spaces and separators at its end; `None` if the key
    /// is not there.
    pub fn field(&self, field: Field) -> Option<&'a [u8]> {
        self.pieces.get(field as usize).copied().flatten()
    }
    /// The message that it is about, as the centre wrote it: up to 64 octets by the specification, of any form in the
    /// field. See [`IdPolicy`](super::IdPolicy).
    pub fn id(&self) -> Option<&'a [u8]> {
        self.field(Field::Id).map(trimmed).filter(|id| !id.is_empty())
    }
    /// How many messages were submitted; `None` if there is no number, of 3 digits at most.
    pub fn sub(&self) -> Option<u16> {
        self.number(Field::Sub)
    }
    /// How many messages were delivered; `None` as in [`sub`](Self::sub).
    pub fn dlvrd(&self) -> Option<u16> {
        self.number(Field::Dlvrd)
    }
    /// When the message was submitted; `None` if there is no date, or `0000000000`.
    pub fn submit_date(&self) -> Option<ReceiptDate> {
        ReceiptDate::parse(self.word(Field::SubmitDate)?)
    }
    /// When its final state was reached; `None` as in [`submit_date`](Self::submit_date).
    pub fn done_date(&self) -> Option<ReceiptDate> {
        ReceiptDate::parse(self.word(Field::DoneDate)?)
    }
    /// The word for its state, known or not.
    pub fn stat(&self) -> Option<&'a [u8]> {
        self.word(Field::Stat)
    }
    /// Its state; `None` if the word is none of v3.4 table B-2, of those in use besides, or of their longer forms.
    pub fn state(&self) -> Option<MessageState> {
        stat::state(self.stat()?)
    }
    /// Whether that is final; `None` where the word is unknown, or `UNKNOWN`. Several gateways send `ACCEPTD` early, and
    /// another receipt after it.
    pub fn is_final(&self) -> Option<bool> {
        stat::is_final(self.stat()?)
    }
    /// The error, as the network or the centre writes it; by the specification 3 characters, and not always digits.
    pub fn err(&self) -> Option<&'a [u8]> {
        self.word(Field::Err).filter(|err| !err.eq_ignore_ascii_case(b"null"))
    }
    /// The error, where it is a number of 4 digits at most.
    pub fn error_number(&self) -> Option<u16> {
        decimal(self.err()?, 4)
    }
    /// The beginning of the message, in whatever alphabet that had: up to 20 octets by the specification.
    pub fn text(&self) -> Option<&'a [u8]> {
        self.field(Field::Text)
    }
    /// A `Debug` that shows id and text.
    pub fn reveal(&self) -> impl fmt::Debug {
        Shown(*self, Mask::Off)
    }

    /// Takes a piece of text for the field that was open.
    #[inline]
    fn close(&mut self, open: Option<Field>, piece: &'a [u8]) {
        if let Some(room) = open.and_then(|field| self.pieces.get_mut(field as usize)) {
            *room = Some(piece);
        }
    }
    /// Whether there is a state; if not, one may stand in the first `end` octets without its key.
    #[inline]
    fn has_stat(&mut self, end: usize) -> bool {
        self.field(Field::Stat).is_some() || self.find_bare_stat(end)
    }
    #[cold]
    fn find_bare_stat(&mut self, end: usize) -> bool {
        if self.field(Field::Id).is_none() {
            return false;
        }
        let end = match self.field(Field::Text) {
            Some(text) => end.min(self.raw.len() - text.len()),
            None => end,
        };
        let mut words = self.raw.get(..end).unwrap_or_default().split(u8::is_ascii_whitespace);
        let found = words.find(|word| stat::is_known(word));
        self.close(found.and(Some(Field::Stat)), found.unwrap_or_default());
        found.is_some()
    }
    /// The first word of a piece: what follows is a key that nobody knows, or was cut.
    fn word(&self, field: Field) -> Option<&'a [u8]> {
        let piece = self.field(field)?.trim_ascii_start();
        let end = piece
            .iter()
            .position(|octet| matches!(octet, b' ' | b',' | b';' | b'\r' | b'\n' | b'\t'));
        let word = piece.get(..end.unwrap_or(piece.len()))?;
        #[cfg(canary = "receipt")] // the fault that this fuzz target must find
        let word = word.strip_suffix(b"q").unwrap_or(word);
        (!word.is_empty()).then_some(word)
    }
    fn number(&self, field: Field) -> Option<u16> {
        decimal(self.word(field)?, 3)
    }
    fn show(&self, f: &mut fmt::Formatter<'_>, mask: Mask) -> fmt::Result {
        let mut f = f.debug_struct("Receipt");
        for (field, hidden) in FIELDS {
            if let Some(piece) = self.field(field) {
                let mask = if hidden { mask } else { Mask::Off };
                f.field(field.name(), &Octets(piece, mask));
            }
        }
        f.finish()
    }
}

impl fmt::Debug for Receipt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.show(f, Mask::On)
    }
}

impl Field {
    /// As the specification spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Sub => "sub",
            Self::Dlvrd => "dlvrd",
            Self::SubmitDate => "submit date",
            Self::DoneDate => "done date",
            Self::Stat => "stat",
            Self::Err => "err",
            Self::Text => "text",
        }
    }
}

/// Whether `Debug` hides them.
const FIELDS: [(Field, bool); 8] = [
    (Field::Id, true),
    (Field::Sub, false),
    (Field::Dlvrd, false),
    (Field::SubmitDate, false),
    (Field::DoneDate, false),
    (Field::Stat, true),
    (Field::Err, true),
    (Field::Text, true),
];

struct Shown<'a>(Receipt<'a>, Mask);
impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.show(f, self.1)
    }
}

pub(super) struct Octets<'a>(pub(super) &'a [u8], pub(super) Mask);
impl fmt::Debug for Octets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        masked_text(f, self.0, self.1)
    }
}

/// Eight octets at a time, in a word.
#[inline(always)]
fn colon(text: &[u8], from: usize) -> Option<usize> {
    const ONES: u64 = u64::MAX / 255;
    let (words, rest) = text.get(from..)?.as_chunks();
    for (n, word) in words.iter().enumerate() {
        let differs = u64::from_le_bytes(*word) ^ (ONES * 0x3a);
        // The lowest bit that is set is of the first colon.
        let found = differs.wrapping_sub(ONES) & !differs & (ONES * 0x80);
        if found != 0 {
            return Some(from + 8 * n + found.trailing_zeros() as usize / 8);
        }
    }
    let at = rest.iter().position(|&octet| octet == b':')?;
    Some(from + 8 * words.len() + at)
}

/// The field whose key `before` ends with, and how many octets of `before` that is. A key is a word of its own.
#[inline(always)]
fn key(before: &[u8]) -> Option<(Field, usize)> {
    let trimmed = match before.last()? {
        0..=b' ' => before.trim_ascii_end(),
        _ => before,
    };
    let (field, rest) = match trimmed.last()? | 0x20 {
        b'd' => match without(trimmed, *b"dlvrd") {
            Some(rest) => (Field::Dlvrd, rest),
            None => (Field::Id, without(trimmed, *b"id")?),
        },
        b'b' => (Field::Sub, without(trimmed, *b"sub")?),
        b'e' => {
            let rest = without(trimmed, *b"date")?;
            let end = rest.iter().rposition(|octet| !matches!(octet, b' ' | b'_' | b'-'))?;
            let rest = rest.get(..=end)?;
            match without(rest, *b"submit") {
                Some(rest) => (Field::SubmitDate, rest),
                None => (Field::DoneDate, without(rest, *b"done")?),
            }
        }
        b't' => match without(trimmed, *b"stat") {
            Some(rest) => (Field::Stat, rest),
            None => (Field::Text, without(trimmed, *b"text")?),
        },
        b'r' => (Field::Err, without(trimmed, *b"err")?),
        _ => return None,
    };
    let is_word = rest.last().is_none_or(|octet| !octet.is_ascii_alphanumeric());
    is_word.then_some((field, before.len() - rest.len()))
}

/// Without the letters of `end`, in either case.
#[inline(always)]
fn without<const N: usize>(text: &[u8], end: [u8; N]) -> Option<&[u8]> {
    let (rest, tail) = text.split_last_chunk::<N>()?;
    // Of what is no letter, nothing becomes one.
    (tail.map(|octet| octet | 0x20) == end).then_some(rest)
}

/// Without spaces around it, and without the separators that some peers write before the next key.
fn trimmed(piece: &[u8]) -> &[u8] {
    let end = piece
        .iter()
        .rposition(|octet| !matches!(octet, b' ' | b',' | b';' | b'|' | b'\r' | b'\n' | b'\t' | 0));
    let piece = end.and_then(|end| piece.get(..=end)).unwrap_or_default();
    piece.trim_ascii_start()
}

fn decimal(word: &[u8], most: usize) -> Option<u16> {
    let fits = (1..=most).contains(&word.len()) && word.iter().all(u8::is_ascii_digit);
    fits.then(|| {
        word.iter()
            .fold(0, |number, octet| number * 10 + u16::from(octet - b'0'))
    })
}
