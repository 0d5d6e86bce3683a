//! Codes are open newtypes: unknown values survive a round trip and print as hex.

mod broadcast;
mod command_id;
mod command_status;
mod fields;
mod tlvs;

pub use broadcast::{
    BroadcastAreaFormat, BroadcastChannelIndicator, BroadcastContentType, BroadcastFrequencyUnit,
    BroadcastMessageClass, BroadcastNetworkType,
};
pub use command_id::CommandId;
pub use command_status::CommandStatus;
pub use fields::{DataCoding, EsmClass, MessageState, Npi, RegisteredDelivery, Ton};
pub use tlvs::{
    AddrSubunit, AlertOnMessageDelivery, BearerType, CallbackNumPresInd, CongestionState, DeliveryFailureReason,
    DestAddrNpResolution, DisplayTime, DpfResult, ItsReplyType, LanguageIndicator, MoreMessagesToSend,
    MsAvailabilityStatus, MsMsgWaitFacilities, MsValidity, MsValidityUnit, NetworkErrorType, NetworkType, PayloadType,
    PrivacyIndicator, SetDpf, SubaddressTag, UssdServiceOp,
};

use crate::fields::{FieldValue, Visit};
use crate::masked::{Mask, Show};
use crate::row::Row;
use crate::storage::Storage;
use crate::version::Version;
use crate::wire::{Context, Parse, Parsed, be_u8};
use crate::write::{Field, Refusal, Writer};
use core::fmt;

/// `Parse` and `Field` of a type of fixed size: `type: zero, (input, row) => parsed, value => octets`.
macro_rules! scalar {
    ($ty:ty: $zero:expr, ($i:ident, $row:ident) => $parsed:expr, $value:ident => $octets:expr) => {
        impl<'a> Parse<'a> for $ty {
            #[inline(always)]
            fn parse($i: &'a [u8], $row: Row, _: &Context<'_>) -> Parsed<'a, Self> {
                $parsed
            }
        }
        impl<B: Storage> Field<B> for $ty {
            type In<C: Storage> = Self;
            #[inline]
            fn empty() -> Self {
                $zero
            }
            #[inline(always)]
            fn encoded_len(&self) -> usize {
                size_of::<Self>()
            }
            #[inline(always)]
            fn check(&self, _: Row, _: Version) -> Result<(), Refusal> {
                Ok(())
            }
            #[inline(always)]
            fn put(&self, w: &mut Writer<'_>) {
                let $value = self;
                w.array($octets)
            }
            #[inline(always)]
            fn map_storage<C: Storage>(self, _: &mut impl FnMut(B) -> C) -> Self {
                self
            }
            #[inline(always)]
            fn fields<F: Visit + ?Sized>(&self, row: Row, to: &mut F) {
                let $value = self;
                let octets: &[u8] = &$octets;
                if !octets.is_empty() {
                    let number = octets
                        .iter()
                        .fold(0, |number, &octet| number << 8 | u32::from(octet));
                    to.visit(row.name, FieldValue::Integer(number, self));
                }
            }
        }
    };
}
pub(crate) use scalar;

scalar! { u8: 0, (i, row) => be_u8(i, row), octet => [*octet] }

impl Show for u8 {
    fn show(&self, f: &mut fmt::Formatter<'_>, _: Mask) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// A code without names: an open newtype that prints as its `Debug`, which is not in here, and can be a row and a TLV.
/// It exists for the codes below, which differ in what their values are called.
macro_rules! code {
    ($(#[$doc:meta])* $name:ident($int:ty, $parser:path)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(transparent))]
        pub struct $name(pub $int);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self, f)
            }
        }
        impl Show for $name {
            fn show(&self, f: &mut fmt::Formatter<'_>, _: Mask) -> fmt::Result {
                fmt::Debug::fmt(self, f)
            }
        }
        impl Value for $name {
            type Read<'a> = Self;
            fn read(octets: &[u8]) -> Option<Self> {
                octets.try_into().ok().map(<$int>::from_be_bytes).map(Self)
            }
            fn write(value: &Self, out: &mut ValueWriter<'_>) {
                out.put(&value.0.to_be_bytes());
            }
        }
        scalar! { $name: Self(0), (i, row) => $parser(i, row).map(|(i, n)| (i, Self(n))), code => code.0.to_be_bytes() }
    };
}
pub(crate) use code;

/// The named values of a code, which `Debug` and `Display` print; others print as hex. It exists because every code
/// needs the same constants, names and impls: `Name(integer, parser) { NAME = number, "what it prints"; }`.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident($int:ty, $parser:path) {
        $( $(#[$value_doc:meta])* $value:ident = $number:literal, $shown:literal; )*
    }) => {
        code! { $(#[$doc])* $name($int, $parser) }
        impl $name {
            $( $(#[$value_doc])* pub const $value: Self = Self($number); )*
            /// Every named value with its name, as the specification spells it.
            pub const NAMES: &'static [($name, &'static str)] = &[$( (Self::$value, $shown), )*];

            /// The name that the specification has for this value.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $( $number => Some($shown), )*
                    _ => None,
                }
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
                    None => write!(f, "{:#x}", self.0),
                }
            }
        }
    };
}
pub(crate) use codes;

/// A code of several parts, each under a mask of its own, which `Debug` and `Display` print with `|` between them; what
/// has no name prints as hex. It exists for what `codes` exists for.
macro_rules! bits {
    ($(#[$doc:meta])* $name:ident($int:ty, $parser:path) {
        $( $mask:literal { $( $(#[$value_doc:meta])* $value:ident = $number:literal, $shown:literal; )* } )*
    }) => {
        code! { $(#[$doc])* $name($int, $parser) }
        impl $name {
            $( $( $(#[$value_doc])* pub const $value: Self = Self($number); )* )*
            /// Every named part: the mask that it is under, its value and its name, as the specification spells it.
            pub const PARTS: &'static [($int, $name, &'static str)] = &[$( $( ($mask, Self::$value, $shown), )* )*];
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let (mut left, mut between) = (self.0, "");
                for &(mask, part, name) in Self::PARTS {
                    if left & mask != 0 && left & mask == part.0 {
                        write!(f, "{between}{name}")?;
                        (left, between) = (left & !mask, " | ");
                    }
                }
                if left != 0 || between.is_empty() {
                    write!(f, "{between}{left:#x}")?;
                }
                Ok(())
            }
        }
    };
}
pub(crate) use bits;
