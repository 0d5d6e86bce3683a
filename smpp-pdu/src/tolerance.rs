//! What one peer forgives the other.

use core::fmt;
use core::ops::BitOr;

/// Leniencies by name: what a codec forgives, and what a PDU needed forgiven.
///
/// Each flag is one thing that peers of the field do against the specification. [`Tolerance::strict`] has none of
/// them, [`Tolerance::field`] all.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Tolerance(u16);

macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $bit:literal;)*) => {
        impl Tolerance {
            $( $(#[$doc])* pub const $name: Self = Self(1 << $bit); )*
            /// Every flag with its name, as the flags' own constants spell it.
            pub const NAMES: &'static [(Tolerance, &'static str)] = &[$( (Self::$name, stringify!($name)), )*];
        }
    };
}

flags! {
    /// A C-octet string longer than its field (passwords, addresses, message ids of lax peers; R037).
    OVERLONG_STRING = 0;
    /// A short_message longer than its version allows (255 octets from peers that said 3.4; R063).
    OVERLONG_SHORT_MESSAGE = 1;
    /// A time that is neither empty nor of 16 characters (12 characters, as in receipts; R033).
    BAD_TIME_LENGTH = 2;
    /// An sm_length beyond the end of the PDU: short_message is what is there (Nextel MX; R065).
    SHORT_MESSAGE_CUT = 3;
    /// A C-octet string that ends with the PDU and not with a NUL (submit_sm_resp of several centres).
    MISSING_NUL = 4;
    /// Octets behind the last field that are no TLV: dropped (a NUL behind short_message; a body behind the header of
    /// enquire_link_resp; R042).
    TRAILING_OCTETS = 5;
    /// A TLV that reaches beyond the PDU: it is dropped, those before it are kept (Netfors; R042).
    TLV_OVERRUN = 6;
    /// A response without its body though the status is 0, or the version is 3.3 (R092).
    MISSING_BODY = 7;
    /// The body of an error response that cannot be read: it is dropped as a whole. No leniency, for every codec does
    /// it (R089, R091), but a report.
    UNREADABLE_BODY = 8;
}

impl Tolerance {
    /// Forgives nothing, except what is wrong with the body of an error response: its status is not lost for that
    /// (v5.0 §3.2.1.3).
    pub const fn strict() -> Self {
        Self(0)
    }
    /// Forgives all that was seen in the field: the default of live sessions.
    pub const fn field() -> Self {
        Self(0xff)
    }
    /// Whether no flag is set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
    /// Whether every flag of `other` is set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
    /// These flags and those of `other`.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    /// These flags without those of `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
    /// The flags that are set, one by one.
    pub fn iter(self) -> impl Iterator<Item = Self> {
        Self::NAMES
            .iter()
            .map(|&(flag, _)| flag)
            .filter(move |&flag| self.contains(flag))
    }
}

impl BitOr for Tolerance {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        self.with(other)
    }
}

/// The names of the flags with ` | ` between them.
impl fmt::Debug for Tolerance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between = "";
        for &(flag, name) in Self::NAMES {
            if self.contains(flag) {
                write!(f, "{between}{name}")?;
                between = " | ";
            }
        }
        if self.is_empty() { f.write_str("none") } else { Ok(()) }
    }
}
