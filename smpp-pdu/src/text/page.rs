//! The tables as they are used: a septet's character in UTF-8, and the way back. Made of `tables.rs` by the compiler.

use super::language::Language;
use super::tables::{LOCKING, SINGLE, Table};

/// A table of 128 septets, both ways.
#[derive(Debug)]
pub(super) struct Page {
    /// UTF-8, first octet lowest, its length in the highest; 0 where there is no character.
    utf8: [u32; 128],
    /// The septet of an ASCII character, or [`NONE`].
    ascii: [u8; 128],
    /// The ASCII character of a septet, or [`NONE`].
    plain: [u8; 128],
    /// Of other characters by their lowest octet: the septet to look at, [`NONE`], or [`SEVERAL`].
    rest: [u8; 256],
}

impl Page {
    pub(super) fn locking(language: Language) -> &'static Self {
        page_of(&LOCKING_PAGES, language)
    }
    pub(super) fn single(language: Language) -> &'static Self {
        page_of(&SINGLE_PAGES, language)
    }
    /// As in `utf8`; 0 for what is no septet.
    #[inline(always)]
    pub(super) fn utf8(&self, septet: u8) -> u32 {
        self.utf8.get(usize::from(septet)).copied().unwrap_or(0)
    }
    /// The septet of an ASCII character, or [`NONE`].
    #[inline(always)]
    pub(super) fn ascii(&self, octet: u8) -> u8 {
        self.ascii.get(usize::from(octet)).copied().unwrap_or(NONE)
    }
    /// The ASCII character of a septet, or [`NONE`].
    #[inline(always)]
    pub(super) fn plain(&self, septet: u8) -> u8 {
        self.plain.get(usize::from(septet)).copied().unwrap_or(NONE)
    }
    #[inline]
    pub(super) fn septet(&self, c: char) -> Option<u8> {
        let found = match u8::try_from(c) {
            Ok(octet) if octet.is_ascii() => self.ascii(octet),
            _ => self.beyond_ascii(c),
        };
        (found != NONE).then_some(found)
    }
    fn beyond_ascii(&self, c: char) -> u8 {
        let Ok(point) = u16::try_from(u32::from(c)) else {
            return NONE;
        };
        let wanted = cell(point);
        let [low, _] = point.to_le_bytes();
        match self.rest.get(usize::from(low)).copied() {
            Some(SEVERAL) => (0..128).find(|&septet| self.utf8(septet) == wanted).unwrap_or(NONE),
            Some(septet) if self.utf8(septet) == wanted => septet,
            _ => NONE,
        }
    }
}

/// No septet has this number.
pub(super) const NONE: u8 = 0xff;
/// Several characters share this lowest octet: look at each septet.
const SEVERAL: u8 = 0xfe;

static LOCKING_PAGES: [Page; 14] = pages(LOCKING);
static SINGLE_PAGES: [Page; 14] = pages(SINGLE);

fn page_of(pages: &'static [Page; 14], language: Language) -> &'static Page {
    let [default, ..] = pages;
    pages.get(usize::from(language.identifier())).unwrap_or(default)
}

/// Runs in the compiler alone, as the functions below: an index out of bounds is a compile error.
#[allow(clippy::indexing_slicing)]
const fn pages(tables: [&Table; 14]) -> [Page; 14] {
    const EMPTY: Page = Page {
        utf8: [0; 128],
        ascii: [NONE; 128],
        plain: [NONE; 128],
        rest: [NONE; 256],
    };
    let mut pages = [EMPTY; 14];
    let mut n = 0;
    while n < 14 {
        pages[n] = page(tables[n]);
        n += 1;
    }
    pages
}

/// Where a character stands twice (¡ and * in the Indic single shift tables) the first septet is the one to write.
#[allow(clippy::indexing_slicing)]
const fn page(table: &Table) -> Page {
    let mut page = Page {
        utf8: [0; 128],
        ascii: [NONE; 128],
        plain: [NONE; 128],
        rest: [NONE; 256],
    };
    let mut septet = 128;
    while septet > 0 {
        septet -= 1;
        let point = table[septet];
        if point == 0 {
            continue;
        }
        page.utf8[septet] = cell(point);
        let low = (point & 0xff) as usize;
        if point < 0x80 {
            page.ascii[low] = septet as u8;
            page.plain[septet] = low as u8;
        } else if page.rest[low] == NONE {
            page.rest[low] = septet as u8;
        } else {
            page.rest[low] = SEVERAL;
        }
    }
    page
}

/// A character of the basic plane as in [`Page::utf8`].
const fn cell(point: u16) -> u32 {
    let point = point as u32;
    let (top, middle, low) = (point >> 12, point >> 6 & 0x3f, point & 0x3f);
    if point < 0x80 {
        1 << 24 | point
    } else if point < 0x800 {
        2 << 24 | (0x80 | low) << 8 | 0xc0 | middle
    } else {
        3 << 24 | (0x80 | low) << 16 | (0x80 | middle) << 8 | 0xe0 | top
    }
}
