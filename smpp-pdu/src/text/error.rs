//! What a text loses, and why octets are no text.

use core::fmt;

/// Characters of a text that an alphabet lacks. It holds none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost {
    /// Where the first of them starts: an index into the text, in octets.
    pub first: usize,
    /// How many there are.
    pub count: usize,
}

impl Lost {
    pub(super) fn add(lost: &mut Option<Self>, at: usize) {
        lost.get_or_insert(Self { first: at, count: 0 }).count += 1;
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, count } = self;
        write!(
            f,
            "the alphabet lacks {count} of the characters, the first at octet {first}"
        )
    }
}
impl core::error::Error for Lost {}

/// Why octets are no text of an alphabet, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextError {
    /// Octets from the start, at most their number. Of packed text, septets.
    pub offset: usize,
    /// What is wrong there.
    pub kind: TextErrorKind,
}

/// What is wrong with the octets of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TextErrorKind {
    /// An octet that the alphabet does not have.
    Octet(u8),
    /// A septet that the tables in use have no character for.
    Unassigned(u8),
    /// An escape that nothing follows.
    Escape,
    /// Bits that are not 0 behind the last whole septet of packed text.
    SpareBits,
    /// Half of a 16-bit unit.
    HalfUnit,
    /// A surrogate without its other half.
    Surrogate,
    /// Octets that are no character of a multi-octet encoding.
    Sequence,
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { offset, kind } = self;
        write!(f, "at {offset}: {kind}")
    }
}
impl core::error::Error for TextError {}

impl fmt::Display for TextErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Octet(octet) => write!(f, "octet {octet:#04x} is not in the alphabet"),
            Self::Unassigned(septet) => write!(f, "septet {septet:#04x} has no character in the tables in use"),
            Self::Escape => f.write_str("an escape that nothing follows"),
            Self::SpareBits => f.write_str("bits behind the last whole septet"),
            Self::HalfUnit => f.write_str("half of a 16-bit unit"),
            Self::Surrogate => f.write_str("a surrogate without its other half"),
            Self::Sequence => f.write_str("octets that are no character"),
        }
    }
}
