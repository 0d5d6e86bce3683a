//! The tables as they are used: a septet's character in UTF-8, and the way back. Made of `tables.rs` by the compiler.

use super::language::Language;
use super::tables::{LOCKING, SINGLE, Table};

/// A table of 128 septets, both ways.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    /// NUL, which no table has, where there is no character, and above 0x7F, so that any octet is an index.
    chars: [char; 256],
    /// The septet of an ASCII character, or [`NONE`].
    ascii: [u8; 128],
    /// Of another character by its [`place`]: the character, and its septet in the lowest octet; or [`EMPTY`].
    rest: [u32; 256],
}

impl Page {
    pub(super) fn locking(language: Language) -> &'static Self {
        page_of(&LOCKING_PAGES, language)
    }
    pub(super) fn single(language: Language) -> &'static Self {
        page_of(&SINGLE_PAGES, language)
    }
    /// NUL where there is none, and for what is no septet.
    #[inline(always)]
    pub(super) fn char(&self, septet: u8) -> char {
        self.chars.get(usize::from(septet)).copied().unwrap_or('\0')
    }
    /// The septet of a character, or [`NONE`].
    #[inline(always)]
    pub(super) fn septet(&self, c: char) -> u8 {
        let point = u32::from(c);
        if c.is_ascii() {
            return self.ascii.get(point as usize).copied().unwrap_or(NONE);
        }
        let entry = self.rest.get(place(point)).copied().unwrap_or(EMPTY);
        let [septet, ..] = entry.to_le_bytes();
        if entry >> 8 == point { septet } else { NONE }
    }
}

/// No septet has this number.
pub(super) const NONE: u8 = 0xff;
/// No character has this number.
const EMPTY: u32 = u32::MAX;

/// Where to look for a character beyond ASCII: no two of a table have the same place, which the compiler proves.
const fn place(point: u32) -> usize {
    (point.wrapping_add((point >> 8).wrapping_mul(140)) & 0xff) as usize
}

static LOCKING_PAGES: [Page; 14] = pages(LOCKING);
static SINGLE_PAGES: [Page; 14] = pages(SINGLE);

fn page_of(pages: &'static [Page; 14], language: Language) -> &'static Page {
    let [default, ..] = pages;
    pages.get(usize::from(language.identifier())).unwrap_or(default)
}

/// Runs in the compiler alone, as the functions below: an index out of bounds is a compile error.
#[allow(clippy::indexing_slicing)]
const fn pages(tables: [&Table; 14]) -> [Page; 14] {
    let mut pages = [const { page(&[0; 128]) }; 14];
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
        chars: ['\0'; 256],
        ascii: [NONE; 128],
        rest: [EMPTY; 256],
    };
    let mut septet = 128;
    while septet > 0 {
        septet -= 1;
        let point = table[septet];
        if point == 0 {
            continue;
        }
        let Some(c) = char::from_u32(point as u32) else {
            panic!("no character")
        };
        page.chars[septet] = c;
        if point < 0x80 {
            page.ascii[point as usize] = septet as u8;
            continue;
        }
        let (point, place) = (point as u32, place(point as u32));
        assert!(
            page.rest[place] == EMPTY || page.rest[place] >> 8 == point,
            "two characters at a place"
        );
        page.rest[place] = point << 8 | septet as u32;
    }
    page
}
