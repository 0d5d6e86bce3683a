//! One part, as a PDU has it.

use crate::address::Address;
use crate::codes::{EsmClass, Npi, Ton};
use crate::storage::Storage;
use crate::string::COctetString;
use crate::tlv::{self, Tlvs};
use crate::udh::{Concat, Udh};
use crate::write::Field;
use alloc::vec::Vec;
use core::fmt;

/// A part of a longer message.
///
/// `Debug` shows the numbers, and not the text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Segment<'a> {
    /// What said so.
    pub kind: Kind,
    /// What the parts have in common.
    pub reference: u16,
    /// How many parts there are, from 1.
    pub total: u8,
    /// Which one it is, 1 to `total`: another one is refused.
    pub part: u8,
    /// The user data header with its length octet; empty if there is none.
    pub header: &'a [u8],
    /// The part's own text. Packed septets are to be unpacked before: they have fill bits of their own.
    pub text: &'a [u8],
}

/// What says that a PDU is a part. References of different kinds have nothing to do with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A user data header with a reference of 8 bits.
    Udh8,
    /// A user data header with a reference of 16 bits.
    Udh16,
    /// The SAR TLVs.
    Sar,
}

impl<'a> Segment<'a> {
    /// Of a PDU's user data: message_payload or, if there is none, short_message. A user data header counts before SAR
    /// TLVs. `None` if it is a whole message: without either, with numbers that make no sense (R153), or with a total of
    /// 1.
    pub fn of<B: Storage>(esm_class: EsmClass, user_data: &'a [u8], tlvs: &Tlvs<B>) -> Option<Self> {
        let udh = match esm_class.0 & EsmClass::UDHI.0 {
            0 => None,
            _ => Udh::split(user_data),
        };
        let (header, text) = match udh {
            Some((udh, text)) => (user_data.get(..udh.encoded_len()).unwrap_or_default(), text),
            None => (&[][..], user_data),
        };
        let (kind, concat) = match udh.and_then(|(udh, _)| udh.concat()) {
            Some(concat) if concat.is_wide => (Kind::Udh16, concat),
            Some(concat) => (Kind::Udh8, concat),
            None => (Kind::Sar, sar(tlvs)?),
        };
        let Concat {
            reference, total, part, ..
        } = concat;
        (total > 1).then_some(Self {
            kind,
            reference,
            total,
            part,
            header,
            text,
        })
    }
}

impl fmt::Debug for Segment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kind,
            reference,
            total,
            part,
            text,
            ..
        } = self;
        let octets = text.len();
        write!(
            f,
            "Segment {{ {kind:?} {reference:#06x}, part {part} of {total}, text: <{octets} octets> }}"
        )
    }
}

/// The three must be there, and make sense (v3.4 §5.3.2.22, v5.0 §4.8.4.48).
fn sar<B: Storage>(tlvs: &Tlvs<B>) -> Option<Concat> {
    if tlvs.is_empty() {
        return None;
    }
    let concat = Concat {
        reference: tlvs.get(tlv::SAR_MSG_REF_NUM).ok()??,
        is_wide: true,
        total: tlvs.get(tlv::SAR_TOTAL_SEGMENTS).ok()??,
        part: tlvs.get(tlv::SAR_SEGMENT_SEQNUM).ok()??,
    };
    concat.is_valid().then_some(concat)
}

/// From whom to whom a part goes.
#[derive(Debug)]
pub struct Ends<'a, B: Storage> {
    /// The PDU's source_addr.
    pub source: &'a Address<B>,
    /// The PDU's destination_addr.
    pub destination: &'a Address<B>,
}

// By hand, since `derive` would ask the same of `B`.
impl<B: Storage> Clone for Ends<'_, B> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<B: Storage> Copy for Ends<'_, B> {}

/// What the parts of a message have in common.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    kind: Kind,
    reference: u16,
    pub(super) total: u8,
    /// Type, plan, and address with a NUL behind it, twice.
    ends: Vec<u8>,
}

impl Key {
    pub(super) fn new<B: Storage>(ends: Ends<'_, B>, segment: &Segment<'_>) -> Self {
        let mut octets = Vec::with_capacity(48);
        for end in [ends.source, ends.destination] {
            octets.extend([end.ton.0, end.npi.0]);
            octets.extend(end.addr.as_bytes());
            octets.push(0);
        }
        Self {
            kind: segment.kind,
            reference: segment.reference,
            total: segment.total,
            ends: octets,
        }
    }
    pub(super) fn kind(&self) -> Kind {
        self.kind
    }
    pub(super) fn reference(&self) -> u16 {
        self.reference
    }
    /// Source and destination.
    pub(super) fn ends(&self) -> (Address, Address) {
        let source = self.ends.iter().skip(2).position(|octet| *octet == 0);
        let (source, destination) = self.ends.split_at_checked(3 + source.unwrap_or(0)).unwrap_or_default();
        (address(source), address(destination))
    }
    pub(super) fn octets(&self) -> usize {
        self.ends.len()
    }
}

/// As [`Key::new`] writes it.
fn address(octets: &[u8]) -> Address {
    match octets {
        [ton, npi, addr @ .., 0] => Address {
            ton: Ton(*ton),
            npi: Npi(*npi),
            addr: COctetString::new(addr).unwrap_or_default(),
        },
        _ => Field::empty(),
    }
}
