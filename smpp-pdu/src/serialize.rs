//! The feature `serde`: everything is written whole, texts, addresses and passwords too. `Debug` hides those because it
//! happens by accident; nobody serialises by accident.
//!
//! In formats for people (JSON), octets are a string if they are UTF-8 without control characters other than tab and
//! line ends, else `{"hex": "00ff"}`; either way they come back as they were. In others they are octets.

use crate::check::{CheckError, CheckErrorKind};
use crate::codes::CommandId;
use crate::error::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind};
use crate::list::{Destinations, UnsuccessSmes};
use crate::owned::Owned;
use crate::pdu::ROWS;
use crate::storage::Storage;
use crate::string::{COctetString, Password, ShortMessage, Time};
use crate::tlv::{self, TlvError, Tlvs};
use crate::tolerance::Tolerance;
use alloc::{string::String, vec::Vec};
use core::fmt::{self, Write as _};
use serde::de::{Error as _, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Octets as they are written, for `#[serde(with = ...)]`.
pub(crate) mod octets {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(octets: &impl AsRef<[u8]>, to: S) -> Result<S::Ok, S::Error> {
        let octets = octets.as_ref();
        if !to.is_human_readable() {
            return to.serialize_bytes(octets);
        }
        match text(octets) {
            Some(text) => to.serialize_str(text),
            None => {
                let mut map = to.serialize_map(Some(1))?;
                map.serialize_entry(HEX, &digits(octets))?;
                map.end()
            }
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>, B: From<Vec<u8>>>(from: D) -> Result<B, D::Error> {
        let octets = if from.is_human_readable() {
            from.deserialize_any(Octets)?
        } else {
            from.deserialize_byte_buf(Octets)?
        };
        Ok(octets.into())
    }
}

const HEX: &str = "hex";

fn text(octets: &[u8]) -> Option<&str> {
    let text = core::str::from_utf8(octets).ok()?;
    let shown = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r');
    text.chars().all(shown).then_some(text)
}

fn digits(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut digits, octet| {
        // A `String` takes all.
        let _ = write!(digits, "{octet:02x}");
        digits
    })
}

fn undigits(digits: &str) -> Option<Vec<u8>> {
    let (pairs, []) = digits.as_bytes().as_chunks::<2>() else {
        return None;
    };
    let digit = |digit: u8| {
        char::from(digit)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    pairs
        .iter()
        .map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?))
        .collect()
}

struct Octets;

impl<'de> Visitor<'de> for Octets {
    type Value = Vec<u8>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, or octets as {\"hex\": \"00ff\"}")
    }
    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Vec<u8>, E> {
        Ok(text.into())
    }
    fn visit_bytes<E: serde::de::Error>(self, octets: &[u8]) -> Result<Vec<u8>, E> {
        Ok(octets.into())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<u8>, A::Error> {
        let Some((key, digits)) = map.next_entry::<String, String>()? else {
            return Err(A::Error::missing_field(HEX));
        };
        if key != HEX || map.next_key::<String>()?.is_some() {
            return Err(A::Error::unknown_field(&key, &[HEX]));
        }
        undigits(&digits).ok_or_else(|| A::Error::invalid_value(Unexpected::Str(&digits), &self))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<u8>, A::Error> {
        let mut octets = Vec::new();
        while let Some(octet) = seq.next_element()? {
            octets.push(octet);
        }
        Ok(octets)
    }
}

impl Serialize for Owned {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        octets::serialize(self, to)
    }
}
impl<'de> Deserialize<'de> for Owned {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        octets::deserialize(from)
    }
}

/// Types that are made of their octets by `new`. It exists because their impls differ in the name alone.
macro_rules! strings {
    ($($(#[$doc:meta])* $name:ident)*) => { $(
        $(#[$doc])*
        impl<B: Storage> Serialize for $name<B> {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                octets::serialize(&self.as_bytes(), to)
            }
        }
        impl<'de, B: Storage + From<Vec<u8>>> Deserialize<'de> for $name<B> {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                Self::new(octets::deserialize::<D, Vec<u8>>(from)?).map_err(D::Error::custom)
            }
        }
    )* };
}
strings! {
    COctetString
    /// Writes the password, as it stands: what is read back must bind.
    Password
    Time
    ShortMessage
}

/// Lists, entry by entry. It exists because their impls differ in the name alone.
macro_rules! lists {
    ($($name:ident)*) => { $(
        impl<B: Storage> Serialize for $name<B> {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_seq(self.iter())
            }
        }
        impl<'de, B: Storage + From<Vec<u8>>> Deserialize<'de> for $name<B> {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                Self::of_any_length(&Vec::deserialize(from)?).map_err(D::Error::custom)
            }
        }
    )* };
}
lists! { Destinations UnsuccessSmes }

#[derive(Serialize, Deserialize)]
#[serde(
    rename = "Tlv",
    deny_unknown_fields,
    bound(serialize = "B: AsRef<[u8]>", deserialize = "B: From<Vec<u8>>")
)]
struct OneTlv<B> {
    tag: u16,
    #[serde(with = "octets")]
    value: B,
}

impl<B: Storage> Serialize for Tlvs<B> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.iter().map(|(tag, value)| OneTlv { tag, value }))
    }
}
impl<'de, B: Storage + From<Vec<u8>>> Deserialize<'de> for Tlvs<B> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut region = Vec::new();
        for OneTlv { tag, value } in Vec::<OneTlv<Vec<u8>>>::deserialize(from)? {
            let len = u16::try_from(value.len()).map_err(D::Error::custom)?;
            region.extend(tag.to_be_bytes());
            region.extend(len.to_be_bytes());
            region.extend(value);
        }
        Self::new(region).ok_or_else(|| D::Error::custom("lengths that do not add up"))
    }
}

/// As the names of its flags.
impl Serialize for Tolerance {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let set = Self::NAMES.iter().filter(|(flag, _)| self.contains(*flag));
        to.collect_seq(set.map(|(_, name)| name))
    }
}
impl<'de> Deserialize<'de> for Tolerance {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(from)?;
        names.iter().try_fold(Self::strict(), |all, name| {
            let found = Self::NAMES.iter().find(|(_, known)| known == name);
            let unknown = || D::Error::invalid_value(Unexpected::Str(name), &"the name of a leniency");
            found.map(|(flag, _)| all | *flag).ok_or_else(unknown)
        })
    }
}

/// The name of a field or a TLV. Errors hold it as a `&'static str`, so only what this crate has can be read.
struct Name(&'static str);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = String::deserialize(from)?;
        let rows = ROWS.iter().copied().flatten().copied().flatten().copied();
        let tlvs = tlv::TABLE.iter().map(|info| info.name);
        let found = OTHER_NAMES
            .iter()
            .copied()
            .chain(rows)
            .chain(tlvs)
            .find(|known| *known == name);
        let unknown = || D::Error::invalid_value(Unexpected::Str(&name), &"the name of a field or a TLV");
        found.map(Self).ok_or_else(unknown)
    }
}

/// What errors name and no table does: the header, and what the entries of lists are made of.
const OTHER_NAMES: &[&str] = &[
    "",
    "command_length",
    "command_id",
    "command_status",
    "sequence_number",
    "dest_flag",
    "dl_name",
    "error_status_code",
];

/// Errors that have the name of a field. It exists because `derive` would make them read only what lives for ever.
macro_rules! named {
    ($($error:ident { $name:ident $(, $field:ident: $ty:ty)* })*) => { $(
        impl<'de> Deserialize<'de> for $error {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                #[derive(Deserialize)]
                #[serde(deny_unknown_fields)]
                struct $error {
                    $name: Name,
                    $( $field: $ty, )*
                }
                let $error { $name $(, $field)* } = Deserialize::deserialize(from)?;
                Ok(Self { $name: $name.0 $(, $field)* })
            }
        }
    )* };
}
named! {
    DecodeError { field, command: CommandId, offset: usize, kind: DecodeErrorKind }
    EncodeError { field, command: CommandId, kind: EncodeErrorKind }
    CheckError { field, command: CommandId, kind: CheckErrorKind }
    TlvError { name, tag: u16, len: usize }
}
