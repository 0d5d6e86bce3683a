//! A PDU as the list of its fields, flat and by the specification's names: for dumps, checks and tests.

use crate::masked::{Mask, text};
use crate::tlv;
use core::fmt;

/// The value of a field, or a TLV.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum FieldValue<'a> {
    /// An integer or a code; `Debug` of the second gives the name of the value, where it has one.
    Integer(u32, &'a dyn fmt::Debug),
    /// A C-octet string that tells neither sender nor recipient: a time, a message_id, a system_id.
    String(&'a [u8]),
    /// The digits of an address, or the name of a list.
    Address(&'a [u8]),
    /// The octets of a text.
    Text(&'a [u8]),
    /// A password.
    Secret(&'a [u8]),
    /// A TLV; the name of its field is that of the tag, or empty.
    Tlv(u16, &'a [u8]),
}

impl FieldValue<'_> {
    /// The octets of what is no integer.
    pub fn octets(&self) -> Option<&[u8]> {
        match *self {
            Self::Integer(..) => None,
            Self::String(octets) | Self::Address(octets) | Self::Text(octets) => Some(octets),
            Self::Secret(octets) | Self::Tlv(_, octets) => Some(octets),
        }
    }
}

/// Who is told each field of a PDU. A trait and not `FnMut` alone: a closure is inlined at the compiler's pleasure.
pub(crate) trait Visit {
    fn visit(&mut self, name: &'static str, value: FieldValue<'_>);
}

impl<F: FnMut(&'static str, FieldValue<'_>) + ?Sized> Visit for F {
    #[inline(always)]
    fn visit(&mut self, name: &'static str, value: FieldValue<'_>) {
        self(name, value);
    }
}

/// Masked: texts and addresses by their length, passwords not at all.
impl fmt::Debug for FieldValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(f, self, Mask::On)
    }
}

pub(crate) fn show(f: &mut fmt::Formatter<'_>, value: &FieldValue<'_>, mask: Mask) -> fmt::Result {
    match *value {
        FieldValue::Integer(number, name) => {
            write!(f, "{number}")?;
            // A name begins with a letter, a value that has none with a digit.
            let name = alloc::format!("{name:?}");
            match name.trim_matches('"') {
                name if name.starts_with(|c: char| c.is_ascii_alphabetic()) => write!(f, " ({name})"),
                _ => Ok(()),
            }
        }
        FieldValue::String(octets) => text(f, octets, Mask::Off),
        FieldValue::Address(octets) | FieldValue::Text(octets) => text(f, octets, mask),
        FieldValue::Secret(_) => f.write_str("<secret>"),
        FieldValue::Tlv(tag, octets) => tlv::show_value(f, tag, octets, mask),
    }
}

/// Calls another with each field of a PDU.
pub(crate) type Each<'a> = dyn Fn(&mut dyn FnMut(&'static str, FieldValue<'_>)) + 'a;

/// One field a line, aligned.
pub(crate) fn table(f: &mut fmt::Formatter<'_>, name: &str, fields: &Each<'_>, mask: Mask) -> fmt::Result {
    f.write_str(name)?;
    let mut result = Ok(());
    fields(&mut |name, value| {
        let mut line = || {
            match (value, name) {
                (FieldValue::Tlv(tag, _), "") => write!(f, "\n  {:<24} ", Tag(tag))?,
                _ => write!(f, "\n  {name:<24} ")?,
            }
            // Each on one line, whatever the flags of `f` are.
            write!(f, "{:?}", Shown(value, mask))
        };
        if result.is_ok() {
            result = line();
        }
    });
    result
}

struct Shown<'a>(FieldValue<'a>, Mask);

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(f, &self.0, self.1)
    }
}

struct Tag(u16);

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&alloc::format!("{:#06x}", self.0))
    }
}
