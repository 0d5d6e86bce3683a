//! Values of several parts.

use super::keys::{
    BROADCAST_AREA_IDENTIFIER, BROADCAST_ERROR_STATUS, CALLBACK_NUM, CALLBACK_NUM_ATAG, CALLBACK_NUM_PRES_IND,
};
use super::{TlvError, Tlvs, Value, ValueWriter};
use crate::codes::{
    BroadcastAreaFormat, BroadcastContentType, BroadcastFrequencyUnit, BroadcastNetworkType, CallbackNumPresInd,
    CommandStatus, DataCoding, MsValidity, MsValidityUnit, NetworkErrorType, Npi, SubaddressTag, Ton,
};
use crate::error::EncodeErrorKind;
use crate::masked::{Mask, text};
use crate::storage::Storage;
use core::fmt;
use core::iter;

/// The network's own error (v3.4 §5.3.2.31, v5.0 §4.8.4.42).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NetworkErrorCode {
    /// Whose error it is.
    pub network_type: NetworkErrorType,
    /// The error, as that network numbers it.
    pub error_code: u16,
}

impl Value for NetworkErrorCode {
    type Read<'a> = Self;
    fn read(octets: &[u8]) -> Option<Self> {
        let &[network_type, high, low] = octets else {
            return None;
        };
        Some(Self {
            network_type: NetworkErrorType(network_type),
            error_code: u16::from_be_bytes([high, low]),
        })
    }
    fn write(value: &Self, out: &mut ValueWriter<'_>) {
        out.put(&[value.network_type.0]);
        out.put(&value.error_code.to_be_bytes());
    }
}

/// Which step of which dialogue it is, in USSD and in interactive CDMA services (v3.4 §5.3.2.43, v5.0 §4.8.4.34).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ItsSessionInfo {
    /// Which dialogue; the SMSC numbers them.
    pub session_number: u8,
    /// Which step of it: 0 to 127. More is not written ([`EncodeErrorKind::Value`]).
    pub sequence_number: u8,
    /// Whether the dialogue ends with it.
    pub end_of_session: bool,
}

impl Value for ItsSessionInfo {
    type Read<'a> = Self;
    fn read(octets: &[u8]) -> Option<Self> {
        let &[session_number, step] = octets else { return None };
        Some(Self {
            session_number,
            sequence_number: step >> 1,
            end_of_session: step & 1 != 0,
        })
    }
    fn check(value: &Self) -> Result<(), EncodeErrorKind> {
        match value.sequence_number {
            ..=127 => Ok(()),
            step => Err(EncodeErrorKind::Value {
                value: step.into(),
                max: 127,
            }),
        }
    }
    fn write(value: &Self, out: &mut ValueWriter<'_>) {
        let end = u8::from(value.end_of_session);
        out.put(&[value.session_number, value.sequence_number << 1 | end]);
    }
}

/// A number to call back (v3.4 §5.3.2.36, v5.0 §4.8.4.15).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CallbackNum<'a> {
    /// 0: two digits an octet (TBCD); 1: ASCII.
    pub digit_mode: u8,
    /// Type of number.
    pub ton: Ton,
    /// Numbering plan.
    pub npi: Npi,
    /// The digits, in that mode.
    pub digits: &'a [u8],
}

impl Value for CallbackNum<'static> {
    type Read<'a> = CallbackNum<'a>;
    fn read(octets: &[u8]) -> Option<CallbackNum<'_>> {
        let (&[digit_mode, ton, npi], digits) = octets.split_first_chunk()?;
        Some(CallbackNum {
            digit_mode,
            ton: Ton(ton),
            npi: Npi(npi),
            digits,
        })
    }
    fn write(value: &CallbackNum<'_>, out: &mut ValueWriter<'_>) {
        out.put(&[value.digit_mode, value.ton.0, value.npi.0]);
        out.put(value.digits);
    }
}

/// Values of one octet and a text or an address, which `Debug` masks. It exists because there are three of them, which
/// differ in names only.
macro_rules! tagged {
    ($( $(#[$doc:meta])* $name:ident { $(#[$first_doc:meta])* $first:ident: $code:ident, $(#[$rest_doc:meta])* $rest:ident } )*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name<'a> {
            $(#[$first_doc])*
            pub $first: $code,
            $(#[$rest_doc])*
            pub $rest: &'a [u8],
        }
        impl Value for $name<'static> {
            type Read<'a> = $name<'a>;
            fn read(octets: &[u8]) -> Option<$name<'_>> {
                let (&first, $rest) = octets.split_first()?;
                Some($name { $first: $code(first), $rest })
            }
            fn write(value: &$name<'_>, out: &mut ValueWriter<'_>) {
                out.put(&[value.$first.0]);
                out.put(value.$rest);
            }
        }
        impl fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?} ", self.$first)?;
                text(f, self.$rest, Mask::On)
            }
        }
    )* };
}

tagged! {
    /// A name for a callback_num (v3.4 §5.3.2.37, v5.0 §4.8.4.16).
    CallbackNumAtag {
        /// The alphabet of the text.
        data_coding: DataCoding,
        /// The name.
        text
    }
    /// A subaddress (v3.4 §5.3.2.15, v5.0 §4.8.4.60).
    Subaddress {
        /// Its kind.
        tag: SubaddressTag,
        /// The subaddress.
        subaddress
    }
    /// An area of a broadcast (v5.0 §4.8.4.4).
    BroadcastArea {
        /// How it is given.
        format: BroadcastAreaFormat,
        /// A name, or figures as 3GPP TS 23.032 has them.
        area
    }
}

impl fmt::Debug for CallbackNum<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}/{:?} ", self.ton, self.npi)?;
        text(f, self.digits, Mask::On)
    }
}

/// What a broadcast is about (v5.0 §4.8.4.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BroadcastContent {
    /// The network that numbers the contents.
    pub network_type: BroadcastNetworkType,
    /// The content; the names are those of a generic network.
    pub content_type: BroadcastContentType,
}

impl Value for BroadcastContent {
    type Read<'a> = Self;
    fn read(octets: &[u8]) -> Option<Self> {
        let &[network_type, high, low] = octets else {
            return None;
        };
        Some(Self {
            network_type: BroadcastNetworkType(network_type),
            content_type: BroadcastContentType(u16::from_be_bytes([high, low])),
        })
    }
    fn write(value: &Self, out: &mut ValueWriter<'_>) {
        out.put(&[value.network_type.0]);
        out.put(&value.content_type.0.to_be_bytes());
    }
}

/// The time between two broadcasts (v5.0 §4.8.4.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BroadcastFrequencyInterval {
    /// What is counted.
    pub unit: BroadcastFrequencyUnit,
    /// How many of them.
    pub count: u16,
}

impl Value for BroadcastFrequencyInterval {
    type Read<'a> = Self;
    fn read(octets: &[u8]) -> Option<Self> {
        let &[unit, high, low] = octets else { return None };
        Some(Self {
            unit: BroadcastFrequencyUnit(unit),
            count: u16::from_be_bytes([high, low]),
        })
    }
    fn write(value: &Self, out: &mut ValueWriter<'_>) {
        out.put(&[value.unit.0]);
        out.put(&value.count.to_be_bytes());
    }
}

/// How long a handset keeps a message (v3.4 §5.3.2.27, v5.0 §4.8.4.41).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MsValidityValue {
    /// What ends it.
    pub validity: MsValidity,
    /// With [`MsValidity::RELATIVE`]: unit and number. Since v5.0.
    pub period: Option<(MsValidityUnit, u16)>,
}

impl Value for MsValidityValue {
    type Read<'a> = Self;
    fn read(octets: &[u8]) -> Option<Self> {
        let (validity, period) = match *octets {
            [validity] => (validity, None),
            [validity, unit, high, low] => (validity, Some((MsValidityUnit(unit), u16::from_be_bytes([high, low])))),
            _ => return None,
        };
        let validity = MsValidity(validity);
        Some(Self { validity, period })
    }
    fn write(value: &Self, out: &mut ValueWriter<'_>) {
        out.put(&[value.validity.0]);
        if let Some((unit, count)) = value.period {
            out.put(&[unit.0]);
            out.put(&count.to_be_bytes());
        }
    }
}

/// One octet; of two, as some peers send, the first.
#[derive(Debug)]
pub enum TelematicsId {}

impl Value for TelematicsId {
    type Read<'a> = u8;
    fn read(octets: &[u8]) -> Option<u8> {
        match *octets {
            [id] | [id, _] => Some(id),
            _ => None,
        }
    }
    fn write(value: &u8, out: &mut ValueWriter<'_>) {
        out.put(&[*value]);
    }
}

/// A value, or none at all: alert_on_message_delivery.
impl<T: Value> Value for Option<T> {
    type Read<'a> = Option<T::Read<'a>>;
    fn read(octets: &[u8]) -> Option<Option<T::Read<'_>>> {
        match octets {
            [] => Some(None),
            _ => T::read(octets).map(Some),
        }
    }
    fn check(value: &Option<T::Read<'_>>) -> Result<(), EncodeErrorKind> {
        value.as_ref().map_or(Ok(()), T::check)
    }
    fn write(value: &Option<T::Read<'_>>, out: &mut ValueWriter<'_>) {
        if let Some(value) = value {
            T::write(value, out);
        }
    }
}

/// A number to call back, with what goes with it (R048).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Callback<'a> {
    /// The number.
    pub number: CallbackNum<'a>,
    /// Whether it may be shown; there are as many as numbers, or none.
    pub pres_ind: Option<CallbackNumPresInd>,
    /// Its name; there are as many as numbers, or none.
    pub atag: Option<CallbackNumAtag<'a>>,
}

impl<B: Storage> Tlvs<B> {
    /// Each callback_num with the callback_num_pres_ind and the callback_num_atag at the same position (R048).
    pub fn callbacks(&self) -> impl Iterator<Item = Result<Callback<'_>, TlvError>> {
        let pres_inds = self.all(CALLBACK_NUM_PRES_IND).map(Some).chain(iter::repeat(None));
        let atags = self.all(CALLBACK_NUM_ATAG).map(Some).chain(iter::repeat(None));
        let numbers = self.all(CALLBACK_NUM).zip(pres_inds).zip(atags);
        numbers.map(|((number, pres_ind), atag)| {
            let (number, pres_ind, atag) = (number?, pres_ind.transpose()?, atag.transpose()?);
            Ok(Callback { number, pres_ind, atag })
        })
    }
    /// Of a broadcast_sm_resp: each area that failed, with the broadcast_error_status at the same position (R049).
    pub fn failed_areas(&self) -> impl Iterator<Item = Result<(BroadcastArea<'_>, Option<CommandStatus>), TlvError>> {
        let statuses = self.all(BROADCAST_ERROR_STATUS).map(Some).chain(iter::repeat(None));
        let areas = self.all(BROADCAST_AREA_IDENTIFIER).zip(statuses);
        areas.map(|(area, status)| Ok((area?, status.transpose()?)))
    }
}
