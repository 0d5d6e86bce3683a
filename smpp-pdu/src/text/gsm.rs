//! GSM 7-bit text, a septet an octet: the form that SMPP carries (R154).

use super::alphabet::{Read, note};
use super::error::{Lost, TextError, TextErrorKind};
use super::language::Language;
use super::page::{NONE, Page};
use alloc::string::String;
use alloc::{vec, vec::Vec};

/// The GSM 7-bit alphabet with the tables in use: the default ones, or a language's (3GPP TS 23.038 §6.2.1).
///
/// Septets are unpacked, one in an octet, as SMPP peers exchange them; [`pack`](super::pack) and
/// [`unpack`](super::unpack) change that.
///
/// ```
/// use smpp_pdu::text::{Gsm, Language};
///
/// assert_eq!(Gsm::DEFAULT.encode("1 €")?, b"1 \x1b\x65");
/// assert_eq!(Gsm::DEFAULT.decode(b"1 \x1b\x65")?, "1 €");
///
/// // What would be lost is told, and not replaced.
/// let lost = Gsm::DEFAULT.encode("ağaç").unwrap_err();
/// assert_eq!((lost.first, lost.count), (1, 2));
/// let turkish = Gsm { single: Language::Turkish, ..Gsm::DEFAULT };
/// assert_eq!(turkish.encode("ağaç")?, b"a\x1bga\x1bc");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Gsm {
    /// The table of plain septets (§A.3).
    pub locking: Language,
    /// The table of septets behind an escape, 0x1B (§A.2).
    pub single: Language,
}

/// Announces a septet of the single shift table (3GPP TS 23.038 §6.2.1).
pub(crate) const ESCAPE: u8 = 0x1b;

impl Gsm {
    /// The default alphabet and its extension table.
    pub const DEFAULT: Self = Self {
        locking: Language::Default,
        single: Language::Default,
    };

    /// Septets of `text`, at most two for a character. Fails if a character is in neither table, and then says how
    /// many there are.
    pub fn encode(self, text: &str) -> Result<Vec<u8>, Lost> {
        let (septets, lost) = self.encode_or(text, None);
        lost.map_or(Ok(septets), Err)
    }
    /// Septets of `text`, with `?` for what is in neither table, and how many of these there were.
    ///
    /// ç, which the default alphabet lacks, becomes septet 0x09: Ç by the standard, ç on some handsets. It counts as
    /// lost.
    pub fn encode_lossy(self, text: &str) -> (Vec<u8>, Option<Lost>) {
        self.encode_or(text, Some(b'?'))
    }
    /// The text of `septets`. As the standard has it, an escape before a septet that the single shift table lacks is
    /// dropped, and two escapes are a space. Fails at an octet above 0x7F, at an escape that nothing follows, and at a
    /// septet that the tables lack.
    pub fn decode(self, septets: &[u8]) -> Result<String, TextError> {
        match self.decode_or(septets) {
            (text, None) => Ok(text),
            (_, Some((error, _))) => Err(error),
        }
    }
    /// The text of `septets`, with U+FFFD for what [`decode`](Self::decode) refuses, and how many of these there were.
    pub fn decode_lossy(self, septets: &[u8]) -> (String, usize) {
        let (text, bad) = self.decode_or(septets);
        (text, bad.map_or(0, |(_, count)| count))
    }
    /// How many septets `text` takes; fails as [`encode`](Self::encode) does. Allocates nothing.
    pub fn count(self, text: &str) -> Result<usize, Lost> {
        let (main, extension) = self.pages();
        let (mut septets, mut lost) = (0, None);
        for (at, c) in text.char_indices() {
            match len(main, extension, c) {
                0 => Lost::add(&mut lost, at),
                len => septets += len,
            }
        }
        lost.map_or(Ok(septets), Err)
    }
    /// As [`count`](Self::count), but it stops at the first that is in neither table.
    pub(super) fn count_if_all(self, text: &str) -> Option<usize> {
        let (main, extension) = self.pages();
        let septets = text
            .chars()
            .map(|c| Some(len(main, extension, c)).filter(|len| *len > 0));
        septets.sum()
    }
    /// Whether `c` is in one of the tables.
    pub fn contains(self, c: char) -> bool {
        let (main, extension) = self.pages();
        len(main, extension, c) > 0
    }

    /// Of an octet, or of an escape and the one behind it.
    pub(super) fn decode_one(self, septets: &[u8]) -> (String, Option<TextError>) {
        let (text, bad) = self.decode_or(septets);
        (text, bad.map(|(error, _)| error))
    }

    /// Whether the single shift table has a character there.
    pub(super) fn has_extension(self, septet: u8) -> bool {
        self.pages().1.char(septet) != '\0'
    }

    fn pages(self) -> (&'static Page, &'static Page) {
        (Page::locking(self.locking), Page::single(self.single))
    }
    fn encode_or(self, text: &str, replacement: Option<u8>) -> (Vec<u8>, Option<Lost>) {
        let (main, extension) = self.pages();
        // Two septets a character at most.
        let mut out = vec![0; text.len().saturating_mul(2)];
        let (mut chars, mut at, mut lost) = (text.chars(), 0, None);
        while let Some(c) = chars.next() {
            let mut septet = main.septet(c);
            if septet == NONE {
                let shifted = in_extension(extension, c);
                if shifted != NONE {
                    put(&mut out, &mut at, ESCAPE);
                    septet = shifted;
                } else {
                    Lost::add(&mut lost, text.len() - chars.as_str().len() - c.len_utf8());
                    let Some(replacement) = lossy_septet(main, c).or(replacement) else {
                        continue;
                    };
                    septet = replacement;
                }
            }
            put(&mut out, &mut at, septet);
        }
        out.truncate(at);
        (out, lost)
    }
    /// The text, and of what is wrong the first and how many there are.
    fn decode_or(self, septets: &[u8]) -> Read {
        let (main, extension) = self.pages();
        // Three octets a septet at most.
        let mut text = String::with_capacity(septets.len().saturating_mul(3));
        let (mut bad, mut input) = (None, septets.iter());
        while let Some(&septet) = input.next() {
            let mut c = main.char(septet);
            if c == '\0' {
                let rest = input.as_slice();
                let offset = septets.len() - rest.len() - 1;
                let (found, rest) = special(main, extension, septet, rest, |kind| note(&mut bad, offset, kind));
                (c, input) = (found, rest.iter());
            }
            text.push(c);
        }
        (text, bad)
    }
}

#[inline(always)]
fn put(out: &mut [u8], at: &mut usize, septet: u8) {
    if let Some(room) = out.get_mut(*at) {
        *room = septet;
        *at += 1;
    }
}

/// How many septets a character takes; 0 if it is in neither table.
#[inline]
fn len(main: &Page, extension: &Page, c: char) -> usize {
    match (main.septet(c), || in_extension(extension, c)) {
        (NONE, second) if second() == NONE => 0,
        (NONE, _) => 2,
        _ => 1,
    }
}

/// The septet behind an escape, or [`NONE`]. The euro stands in the oldest Telugu table only: it is read, not written.
#[inline]
fn in_extension(extension: &Page, c: char) -> u8 {
    let septet = extension.septet(c);
    let telugu_euro = c == '€' && core::ptr::eq(extension, Page::single(Language::Telugu));
    if telugu_euro { NONE } else { septet }
}

/// The nearest there is, where old tables had the character itself.
fn lossy_septet(main: &Page, c: char) -> Option<u8> {
    match c {
        'ç' => Some(main.septet('Ç')).filter(|septet| *septet != NONE),
        _ => None,
    }
}

/// What stands at an octet that the main table has no character for, and what is left behind it.
#[cold]
#[inline(never)]
fn special<'a>(
    main: &Page,
    extension: &Page,
    septet: u8,
    rest: &'a [u8],
    bad: impl FnOnce(TextErrorKind),
) -> (char, &'a [u8]) {
    let unknown = |septet| match septet {
        0x80.. => TextErrorKind::Octet(septet),
        _ => TextErrorKind::Unassigned(septet),
    };
    let (kind, rest) = match (septet, rest.split_first()) {
        (ESCAPE, Some((&second, after))) => match (extension.char(second), main.char(second)) {
            ('\0', _) if second == ESCAPE => return (' ', after),
            ('\0', '\0') => (unknown(second), after),
            // Dropped, and the septet read as if it were alone.
            ('\0', c) => return (c, after),
            (c, _) => return (c, after),
        },
        (ESCAPE, None) => (TextErrorKind::Escape, rest),
        _ => (unknown(septet), rest),
    };
    bad(kind);
    (char::REPLACEMENT_CHARACTER, rest)
}
