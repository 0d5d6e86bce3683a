//! Values out of a run of octets, for fuzzing and property tests: whatever the octets, the value is one that the
//! version can write.

use crate::address::Address;
use crate::codec::Header;
use crate::codes::{CommandId, CommandStatus, DataCoding, EsmClass, MessageState, Npi, RegisteredDelivery, Ton};
use crate::list::{Destinations, UnsuccessSmes};
use crate::multi::{Destination, UnsuccessSme};
use crate::pdu::{Pdu, Unknown};
use crate::row::Row;
use crate::string::{COctetString, Password, ShortMessage, Time};
use crate::tlv::{self, Key, Tlvs};
use crate::version::Version;
use alloc::vec::Vec;
use arbitrary::{Arbitrary, Result, Unstructured};

/// A type that a row can have, made up.
pub(crate) trait Generate: Sized {
    fn generate(u: &mut Unstructured<'_>, row: Row, version: Version) -> Result<Self>;
}

macro_rules! numbers {
    ($($code:ident)*) => { $(
        impl Generate for $code {
            fn generate(u: &mut Unstructured<'_>, _: Row, _: Version) -> Result<Self> {
                Ok(Self(u.arbitrary()?))
            }
        }
    )* };
}
numbers! { CommandStatus DataCoding EsmClass MessageState Npi RegisteredDelivery Ton }

impl Generate for u8 {
    fn generate(u: &mut Unstructured<'_>, _: Row, _: Version) -> Result<Self> {
        u.arbitrary()
    }
}

/// Octets that are no NUL, as many as `row` allows with the NUL behind them.
fn text(u: &mut Unstructured<'_>, row: Row, version: Version) -> Result<Vec<u8>> {
    let most = row.size.of(version).min(128);
    let len = u.int_in_range(0..=most.saturating_sub(1))?;
    let len = if row.size.allows(len + 1, version) {
        len
    } else {
        most - 1
    };
    let octets = (0..len).map(|_| Ok(u.arbitrary::<u8>()?.max(1)));
    octets.collect()
}

macro_rules! strings {
    ($($string:ident)*) => { $(
        impl Generate for $string {
            fn generate(u: &mut Unstructured<'_>, row: Row, version: Version) -> Result<Self> {
                $string::new(text(u, row, version)?).map_err(|_| arbitrary::Error::IncorrectFormat)
            }
        }
    )* };
}
strings! { COctetString Password Time }

impl Generate for ShortMessage {
    fn generate(u: &mut Unstructured<'_>, row: Row, version: Version) -> Result<Self> {
        let len = u.int_in_range(0..=row.size.of(version))?;
        let octets: Result<Vec<u8>> = (0..len).map(|_| u.arbitrary()).collect();
        ShortMessage::new(octets?).map_err(|_| arbitrary::Error::IncorrectFormat)
    }
}

impl Generate for Address {
    fn generate(u: &mut Unstructured<'_>, row: Row, version: Version) -> Result<Self> {
        Ok(Self {
            ton: Ton(u.arbitrary()?),
            npi: Npi(u.arbitrary()?),
            addr: Generate::generate(u, row, version)?,
        })
    }
}

impl Generate for Destination {
    fn generate(u: &mut Unstructured<'_>, row: Row, version: Version) -> Result<Self> {
        Ok(match u.arbitrary()? {
            true => Self::Address(Generate::generate(u, row, version)?),
            false => Self::DistributionList(Generate::generate(u, row, version)?),
        })
    }
}

impl Generate for UnsuccessSme {
    fn generate(u: &mut Unstructured<'_>, row: Row, version: Version) -> Result<Self> {
        Ok(Self {
            destination_addr: Generate::generate(u, row, version)?,
            error_status_code: CommandStatus(u.arbitrary()?),
        })
    }
}

macro_rules! lists {
    ($($list:ident of $entry:ident)*) => { $(
        impl Generate for $list {
            fn generate(u: &mut Unstructured<'_>, row: Row, version: Version) -> Result<Self> {
                let mut list = $list::default();
                for _ in 0..u.int_in_range(0..=5)? {
                    let entry = $entry::generate(u, row, version)?;
                    list.push(&entry).map_err(|_| arbitrary::Error::IncorrectFormat)?;
                }
                Ok(list)
            }
        }
    )* };
}
lists! { Destinations of Destination UnsuccessSmes of UnsuccessSme }

/// Half of them known, half of them anything; v3.3 has none.
impl Generate for Tlvs {
    fn generate(u: &mut Unstructured<'_>, _: Row, version: Version) -> Result<Self> {
        let mut tlvs = Tlvs::default();
        let most = if version == Version::V33 { 0 } else { 5 };
        for _ in 0..u.int_in_range(0..=most)? {
            let tag = match u.arbitrary()? {
                true => u.choose(tlv::TABLE)?.tag,
                false => u.arbitrary()?,
            };
            let len = u.int_in_range(0..=40)?;
            let value: Result<Vec<u8>> = (0..len).map(|_| u.arbitrary()).collect();
            tlvs.push(Key::<[u8]>::new(tag, ""), &value?)
                .map_err(|_| arbitrary::Error::IncorrectFormat)?;
        }
        Ok(tlvs)
    }
}

impl Generate for Unknown {
    fn generate(u: &mut Unstructured<'_>, _: Row, _: Version) -> Result<Self> {
        // 0x0A and what follows it are nobody's.
        let command_id = CommandId(u.int_in_range(0x0001_0200..=0x0001_02ff)?);
        let len = u.int_in_range(0..=64)?;
        let body: Result<Vec<u8>> = (0..len).map(|_| u.arbitrary()).collect();
        Ok(Self {
            command_id,
            body: body?.into(),
        })
    }
}

/// A PDU that v5.0 can write.
impl<'a> Arbitrary<'a> for Pdu {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Pdu::arbitrary_in(u, Version::V50)
    }
}

impl<'a> Arbitrary<'a> for Version {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        u.choose(&[Version::V33, Version::V34, Version::V50]).copied()
    }
}

impl<'a> Arbitrary<'a> for Header {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self {
            command_status: CommandStatus(u.arbitrary()?),
            sequence_number: u.arbitrary()?,
        })
    }
}
