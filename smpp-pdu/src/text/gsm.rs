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
            match find(main, extension, c) {
                Some(Found::Main(_)) => septets += 1,
                Some(Found::Extension(_)) => septets += 2,
                None => Lost::add(&mut lost, at),
            }
        }
        lost.map_or(Ok(septets), Err)
    }
    /// As [`count`](Self::count), but it stops at the first that is in neither table.
    pub(super) fn count_if_all(self, text: &str) -> Option<usize> {
        let (main, extension) = self.pages();
        let septets = text.chars().map(|c| match find(main, extension, c)? {
            Found::Main(_) => Some(1),
            Found::Extension(_) => Some(2),
        });
        septets.sum()
    }
    /// Whether `c` is in one of the tables.
    pub fn contains(self, c: char) -> bool {
        let (main, extension) = self.pages();
        find(main, extension, c).is_some()
    }

    /// Of an octet, or of an escape and the one behind it.
    pub(super) fn decode_one(self, septets: &[u8]) -> (String, Option<TextError>) {
        let (text, bad) = self.decode_or(septets);
        (text, bad.map(|(error, _)| error))
    }

    /// Whether the single shift table has a character there.
    pub(super) fn has_extension(self, septet: u8) -> bool {
        self.pages().1.utf8(septet) != 0
    }

    fn pages(self) -> (&'static Page, &'static Page) {
        (Page::locking(self.locking), Page::single(self.single))
    }
    fn encode_or(self, text: &str, replacement: Option<u8>) -> (Vec<u8>, Option<Lost>) {
        let (main, extension) = self.pages();
        let mut out = vec![0; text.len().saturating_mul(2)];
        let (mut rest, mut at, mut lost) = (text, 0, None);
        loop {
            let room = out.get_mut(at..).unwrap_or_default();
            let plain = copy_plain(|octet| main.ascii(octet), rest.as_bytes(), room);
            at += plain;
            let mut chars = rest.get(plain..).unwrap_or_default().chars();
            let Some(c) = chars.next() else { break };
            let septets = match find(main, extension, c) {
                Some(Found::Main(septet)) => [septet, NONE],
                Some(Found::Extension(septet)) => [ESCAPE, septet],
                None => {
                    let offset = text.len() - chars.as_str().len() - c.len_utf8();
                    Lost::add(&mut lost, offset);
                    [lossy_septet(main, c).or(replacement).unwrap_or(NONE), NONE]
                }
            };
            for (room, septet) in out.iter_mut().skip(at).zip(septets) {
                *room = septet;
            }
            at += septets.iter().filter(|&&septet| septet != NONE).count();
            rest = chars.as_str();
        }
        out.truncate(at);
        (out, lost)
    }
    /// The text, and of what is wrong the first and how many there are.
    fn decode_or(self, septets: &[u8]) -> Read {
        let (main, extension) = self.pages();
        // Three octets a septet at most, and room for the last write of four.
        let mut out = vec![0; septets.len().saturating_mul(3).saturating_add(1)];
        let (mut at, mut bad) = (0, None);
        let mut input = septets;
        loop {
            let room = out.get_mut(at..).unwrap_or_default();
            let plain = copy_plain(|septet| main.plain(septet), input, room);
            at += plain;
            let left = input.get(plain..).unwrap_or_default();
            let Some((&septet, rest)) = left.split_first() else {
                break;
            };
            input = rest;
            let mut cell = main.utf8(septet);
            if cell == 0 {
                let offset = septets.len() - rest.len() - 1;
                (cell, input) = special(main, extension, septet, rest, |kind| note(&mut bad, offset, kind));
            }
            let [a, b, c, len] = cell.to_le_bytes();
            if let Some(room) = out.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
                *room = [a, b, c, 0];
            }
            at += usize::from(len);
        }
        out.truncate(at);
        // Only whole characters were written.
        (String::from_utf8(out).unwrap_or_default(), bad)
    }
}

/// Copies while there is an octet for an octet; how many.
#[inline(always)]
fn copy_plain(octet: impl Fn(u8) -> u8, input: &[u8], out: &mut [u8]) -> usize {
    let mut copied = 0;
    for (&read, room) in input.iter().zip(out) {
        let written = octet(read);
        if written == NONE {
            break;
        }
        *room = written;
        copied += 1;
    }
    copied
}

enum Found {
    Main(u8),
    Extension(u8),
}

#[inline]
fn find(main: &Page, extension: &Page, c: char) -> Option<Found> {
    if let Some(septet) = main.septet(c) {
        return Some(Found::Main(septet));
    }
    let septet = extension.septet(c)?;
    // The euro stands in the oldest Telugu table only: it is read, not written.
    let telugu_euro = c == '€' && core::ptr::eq(extension, Page::single(Language::Telugu));
    (!telugu_euro).then_some(Found::Extension(septet))
}

/// The nearest there is, where old tables had the character itself.
fn lossy_septet(main: &Page, c: char) -> Option<u8> {
    match c {
        'ç' => main.septet('Ç'),
        _ => None,
    }
}

const REPLACEMENT: u32 = 3 << 24 | 0xbd_bf_ef;
const SPACE: u32 = 1 << 24 | 0x20;

/// What stands at an octet that is no plain septet, and what is left behind it.
#[cold]
#[inline(never)]
fn special<'a>(
    main: &Page,
    extension: &Page,
    septet: u8,
    rest: &'a [u8],
    bad: impl FnOnce(TextErrorKind),
) -> (u32, &'a [u8]) {
    if septet != ESCAPE {
        bad(match septet {
            0x80.. => TextErrorKind::Octet(septet),
            _ => TextErrorKind::Unassigned(septet),
        });
        return (REPLACEMENT, rest);
    }
    let Some((&second, after)) = rest.split_first() else {
        bad(TextErrorKind::Escape);
        return (REPLACEMENT, rest);
    };
    match (extension.utf8(second), second) {
        (0, ESCAPE) => (SPACE, after),
        // Dropped, and the septet read as if it were alone: if it is bad, that is found there.
        (0, _) if main.utf8(second) != 0 => (main.utf8(second), after),
        (0, _) => {
            bad(match second {
                0x80.. => TextErrorKind::Octet(second),
                _ => TextErrorKind::Unassigned(second),
            });
            (REPLACEMENT, after)
        }
        (cell, _) => (cell, after),
    }
}
