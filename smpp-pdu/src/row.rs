//! What a row of a PDU's table says besides the type: the specification's name and size columns.

use crate::version::Version;

/// Always a constant, and free where parsers are inlined into their table. A function that is not inlined takes
/// `name` and `size` and not the `Row`, which would go through memory.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    /// As the specification spells it, for errors.
    pub(crate) name: &'static str,
    pub(crate) size: Size,
    /// The names of what a row holds besides its last field: the specification has no row `source_addr` of
    /// type address but three, `source_addr_ton`, `source_addr_npi` and `source_addr`.
    pub(crate) parts: &'static [&'static str],
}

impl Row {
    /// A field of its type's own size, outside of any table.
    pub(crate) const fn named(name: &'static str) -> Self {
        Self {
            name,
            size: Size::ANY,
            parts: &[],
        }
    }
    /// The row of a part of this one.
    #[inline(always)]
    pub(crate) fn part(self, n: usize) -> Self {
        Self::named(self.parts.get(n).copied().unwrap_or(self.name))
    }
    /// Another name for the same size.
    #[inline(always)]
    pub(crate) fn renamed(self, name: &'static str) -> Self {
        Self { name, ..self }
    }
}

/// The size column, which may differ between versions. It counts a C-octet string's NUL.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    v33: u16,
    v34: u16,
    v50: u16,
    /// 0 where less is allowed; else only 1, the largest, and this are.
    fixed: u16,
}

impl Size {
    pub(crate) const ANY: Self = Self::max(u16::MAX);

    pub(crate) const fn max(max: u16) -> Self {
        Self {
            v33: max,
            v34: max,
            v50: max,
            fixed: 0,
        }
    }
    #[inline(always)]
    pub(crate) const fn of(self, version: Version) -> usize {
        let size = match version {
            Version::V33 => self.v33,
            Version::V34 => self.v34,
            Version::V50 => self.v50,
        };
        size as usize
    }
    #[inline(always)]
    pub(crate) const fn allows(self, size: usize, version: Version) -> bool {
        if self.fixed != 0 {
            size == 1 || size == self.of(version) || size == self.fixed as usize
        } else {
            size <= self.of(version)
        }
    }
}

/// The largest size, where versions differ.
pub(crate) const fn by_version(v33: u16, v34: u16, v50: u16) -> Size {
    Size {
        v33,
        v34,
        v50,
        fixed: 0,
    }
}

/// "1 or n": empty, which is the NUL alone, or of exactly this size.
pub(crate) const fn fixed(size: u16) -> Size {
    fixed_or(size, 1)
}

/// "1 or n", and by a note `other` as well.
pub(crate) const fn fixed_or(size: u16, other: u16) -> Size {
    Size {
        fixed: other,
        ..Size::max(size)
    }
}

/// "1 or n", where versions differ.
pub(crate) const fn fixed_by_version(v33: u16, v34: u16, v50: u16) -> Size {
    Size {
        fixed: 1,
        ..by_version(v33, v34, v50)
    }
}
