//! The user data header before a text (3GPP TS 23.040 §9.2.3.24; v3.4 §5.2.12, R070).
//!
//! ```
//! use smpp_pdu::udh::{Concat, Element, Udh};
//!
//! let (udh, text) = Udh::split(b"\x05\x00\x03\x7b\x02\x01hello").unwrap();
//! let concat = Concat { reference: 123, is_wide: false, total: 2, part: 1 };
//! assert_eq!((udh.concat(), text), (Some(concat), &b"hello"[..]));
//!
//! // A header that does not hold together is none: the user data stays whole.
//! assert_eq!(Udh::split(b"\x10short"), None);
//!
//! let header = Udh::build(&[Element::Ports16 { destination: 2948, originator: 0 }, Element::Concat(concat)]).unwrap();
//! assert_eq!(header, b"\x0b\x05\x04\x0b\x84\x00\x00\x00\x03\x7b\x02\x01");
//! ```

use crate::text::{Gsm, Language};
use alloc::vec::Vec;
use core::fmt;

/// A header that holds together: its elements fill it exactly.
///
/// `Debug` shows its size only: elements of some kinds hold text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Udh<'a> {
    /// Without the length octet.
    elements: &'a [u8],
}

/// An information element.
///
/// `Debug` shows the data of what is not known by its length only: it may be a text.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Element<'a> {
    /// A part of a longer message, 0x00 and 0x08 (§9.2.3.24.1, §9.2.3.24.8). Its numbers are as they stand there, and may
    /// make no sense: [`Udh::concat`] judges.
    Concat(Concat),
    /// Application ports of 8 bits, 0x04: 240 to 255 (§9.2.3.24.3).
    Ports8 {
        /// Where it goes.
        destination: u8,
        /// Where it comes from.
        originator: u8,
    },
    /// Application ports of 16 bits, 0x05 (§9.2.3.24.4).
    Ports16 {
        /// Where it goes.
        destination: u16,
        /// Where it comes from.
        originator: u16,
    },
    /// Messages wait, 0x01; it may stand several times (§9.2.3.24.2).
    Indication {
        /// Whether the message is to be stored.
        store: bool,
        /// Of what kind the waiting ones are: 0 voice, 1 fax, 2 mail, 3 other.
        kind: u8,
        /// How many there are.
        count: u8,
    },
    /// The single shift table, 0x24 (§9.2.3.24.15). A reserved identifier is read as the default table.
    SingleShift(Language),
    /// The locking shift table, 0x25 (§9.2.3.24.16). A reserved identifier is read as the default table.
    LockingShift(Language),
    /// Any other, or one of the above with data of the wrong length.
    Other {
        /// Its identifier.
        identifier: u8,
        /// At most 253 octets.
        data: &'a [u8],
    },
}

/// Which part of which message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Concat {
    /// What the parts of a message have in common: 8 bits, or 16.
    pub reference: u16,
    /// Whether the reference has 16 bits.
    pub is_wide: bool,
    /// How many parts there are, from 1.
    pub total: u8,
    /// Which one it is, from 1.
    pub part: u8,
}

impl Concat {
    /// Whether total and part make sense; an element where they do not is to be ignored (R153).
    pub const fn is_valid(&self) -> bool {
        self.part >= 1 && self.part <= self.total
    }
}

/// What [`Udh::split_tolerant`] forgave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Quirk {
    /// The length octet is missing: the user data starts with the concatenation element itself.
    MissingLength,
    /// A reference of 16 bits under the identifier of one of 8.
    WideReference,
}

impl<'a> Udh<'a> {
    /// Header and text of user data whose esm_class has the UDHI bit, from whichever field it comes. `None` if the header
    /// is longer than the data, or its elements do not fill it exactly: the data is to be taken whole then.
    pub fn split(user_data: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (len, rest) = user_data.split_first()?;
        let (elements, text) = rest.split_at_checked(usize::from(*len))?;
        let mut left = elements;
        while !left.is_empty() {
            (_, left) = element(left)?;
        }
        Some((Self { elements }, text))
    }
    /// The same, and what some peers send: their concatenation is still read. What was forgiven is told.
    pub fn split_tolerant(user_data: &'a [u8]) -> Option<(Option<Concat>, &'a [u8], Option<Quirk>)> {
        if let [0, 3, reference, total, part, text @ ..] = user_data {
            let concat = narrow(*reference, *total, *part);
            if concat.is_valid() {
                return Some((Some(concat), text, Some(Quirk::MissingLength)));
            }
        }
        let (udh, text) = Self::split(user_data)?;
        let quirk = udh.elements().find_map(|element| match element {
            Element::Other { identifier: 0, data } => wide(data).filter(Concat::is_valid),
            _ => None,
        });
        match (udh.concat(), quirk) {
            (None, Some(concat)) => Some((Some(concat), text, Some(Quirk::WideReference))),
            (concat, _) => Some((concat, text, None)),
        }
    }
    /// The header of these elements, its length octet first. `None` above 140 octets in all: no message has room for it.
    pub fn build(elements: &[Element<'_>]) -> Option<Vec<u8>> {
        let mut header = alloc::vec![0];
        for element in elements {
            element.put(&mut header)?;
        }
        let len = u8::try_from(header.len() - 1).ok().filter(|_| header.len() <= 140)?;
        *header.first_mut()? = len;
        Some(header)
    }
    /// Octets of the header, its length octet among them.
    pub fn encoded_len(&self) -> usize {
        1 + self.elements.len()
    }
    /// The elements in their order.
    pub fn elements(&self) -> impl Iterator<Item = Element<'a>> + use<'a> {
        let mut left = self.elements;
        core::iter::from_fn(move || {
            let (one, rest) = element(left)?;
            left = rest;
            Some(one)
        })
    }
    /// Which part of which message it is: of several such elements the last, without those that make no sense (R153).
    pub fn concat(&self) -> Option<Concat> {
        let of_concat = |element| match element {
            Element::Concat(concat) if concat.is_valid() => Some(concat),
            _ => None,
        };
        self.elements().filter_map(of_concat).last()
    }
    /// Destination and originator port, of 8 or 16 bits: the last that are there.
    pub fn ports(&self) -> Option<(u16, u16)> {
        let of_ports = |element| match element {
            Element::Ports8 {
                destination,
                originator,
            } => Some((destination.into(), originator.into())),
            Element::Ports16 {
                destination,
                originator,
            } => Some((destination, originator)),
            _ => None,
        };
        self.elements().filter_map(of_ports).last()
    }
    /// The GSM 7-bit tables that it names; the default ones where it names none.
    pub fn gsm(&self) -> Gsm {
        self.elements().fold(Gsm::DEFAULT, |gsm, element| match element {
            Element::SingleShift(single) => Gsm { single, ..gsm },
            Element::LockingShift(locking) => Gsm { locking, ..gsm },
            _ => gsm,
        })
    }
}

impl fmt::Debug for Udh<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Udh <{} octets>", self.encoded_len())
    }
}

impl fmt::Debug for Element<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Concat(concat) => f.debug_tuple("Concat").field(concat).finish(),
            Self::Ports8 {
                destination,
                originator,
            } => write!(f, "Ports8 {{ destination: {destination}, originator: {originator} }}"),
            Self::Ports16 {
                destination,
                originator,
            } => write!(f, "Ports16 {{ destination: {destination}, originator: {originator} }}"),
            Self::Indication { store, kind, count } => {
                write!(f, "Indication {{ store: {store}, kind: {kind}, count: {count} }}")
            }
            Self::SingleShift(language) => write!(f, "SingleShift({language})"),
            Self::LockingShift(language) => write!(f, "LockingShift({language})"),
            Self::Other { identifier, data } => {
                let octets = data.len();
                write!(f, "Other {{ identifier: {identifier}, data: <{octets} octets> }}")
            }
        }
    }
}

impl Element<'_> {
    fn put(&self, header: &mut Vec<u8>) -> Option<()> {
        match *self {
            Self::Concat(Concat {
                reference,
                is_wide,
                total,
                part,
            }) => {
                let [high, low] = reference.to_be_bytes();
                match is_wide {
                    true => header.extend([0x08, 4, high, low, total, part]),
                    false => header.extend([0x00, 3, low, total, part]),
                }
            }
            Self::Ports8 {
                destination,
                originator,
            } => header.extend([0x04, 2, destination, originator]),
            Self::Ports16 {
                destination,
                originator,
            } => {
                header.extend([0x05, 4]);
                header.extend(destination.to_be_bytes());
                header.extend(originator.to_be_bytes());
            }
            Self::Indication { store, kind, count } => {
                header.extend([0x01, 2, u8::from(store) << 7 | kind & 0x7f, count]);
            }
            Self::SingleShift(language) => header.extend([0x24, 1, language.identifier()]),
            Self::LockingShift(language) => header.extend([0x25, 1, language.identifier()]),
            Self::Other { identifier, data } => {
                header.extend([identifier, u8::try_from(data.len()).ok()?]);
                header.extend(data);
            }
        }
        Some(())
    }
}

fn element(octets: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let [identifier, len, rest @ ..] = octets else {
        return None;
    };
    let (data, rest) = rest.split_at_checked(usize::from(*len))?;
    let language = |identifier| Language::from_identifier(identifier).unwrap_or_default();
    let element = match (*identifier, data) {
        (0x00, [reference, total, part]) => Element::Concat(narrow(*reference, *total, *part)),
        (0x08, _) if data.len() == 4 => Element::Concat(wide(data)?),
        (0x01, [first, count]) => Element::Indication {
            store: first & 0x80 != 0,
            kind: first & 0x7f,
            count: *count,
        },
        (0x04, [destination, originator]) => Element::Ports8 {
            destination: *destination,
            originator: *originator,
        },
        (0x05, [a, b, c, d]) => Element::Ports16 {
            destination: u16::from_be_bytes([*a, *b]),
            originator: u16::from_be_bytes([*c, *d]),
        },
        (0x24, [one]) => Element::SingleShift(language(*one)),
        (0x25, [one]) => Element::LockingShift(language(*one)),
        (identifier, data) => Element::Other { identifier, data },
    };
    Some((element, rest))
}

fn narrow(reference: u8, total: u8, part: u8) -> Concat {
    Concat {
        reference: reference.into(),
        is_wide: false,
        total,
        part,
    }
}

fn wide(data: &[u8]) -> Option<Concat> {
    let [high, low, total, part] = *data else {
        return None;
    };
    Some(Concat {
        reference: u16::from_be_bytes([high, low]),
        is_wide: true,
        total,
        part,
    })
}
