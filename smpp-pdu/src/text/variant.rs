//! Vendors' variants of the default alphabet, as data.

use super::alphabet::{Read, note};
use super::error::{Lost, TextError};
use super::gsm::{ESCAPE, Gsm};
use alloc::string::String;
use alloc::vec::Vec;

/// The default alphabet and its extension, with some octets that mean something else. An octet may be above 0x7F.
///
/// ```
/// use smpp_pdu::text::{AIRWIDE, Alphabet, Variant};
///
/// assert_eq!(Alphabet::Variant(&AIRWIDE).encode("me@home")?, b"me@home");
///
/// // One of your own.
/// static OURS: Variant = Variant { name: "ours", changes: &[(0x80, '€')] };
/// assert_eq!(Alphabet::Variant(&OURS).decode(b"5 \x80")?, "5 €");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Variant {
    /// What it is called.
    pub name: &'static str,
    /// Octets and their characters; each is read and written so, before the default alphabet is asked. A character
    /// whose octet is taken cannot be written.
    pub changes: &'static [(u8, char)],
}

/// Airwide's message centres: `@`, `$` and `_` where ASCII has them.
pub static AIRWIDE: Variant = Variant {
    name: "Airwide",
    changes: &[(0x40, '@'), (0x24, '$'), (0x5f, '_')],
};

/// T-Mobile in the Netherlands: the euro in one octet.
pub static TMOBILE_NL: Variant = Variant {
    name: "T-Mobile NL",
    changes: &[(0x80, '€')],
};

impl Variant {
    fn char_of(&self, octet: u8) -> Option<char> {
        self.changes
            .iter()
            .find(|change| change.0 == octet)
            .map(|change| change.1)
    }
    /// One or two octets of a character, of which the first may be an escape.
    fn write(&self, c: char, out: &mut Vec<u8>) -> bool {
        if let Some(&(octet, _)) = self.changes.iter().find(|change| change.1 == c) {
            out.push(octet);
            return true;
        }
        let mut utf8 = [0; 4];
        let Ok(septets) = Gsm::DEFAULT.encode(c.encode_utf8(&mut utf8)) else {
            return false;
        };
        let taken = matches!(septets[..], [septet] if self.char_of(septet).is_some());
        if !taken {
            out.extend(septets);
        }
        !taken
    }
    pub(super) fn contains(&self, c: char) -> bool {
        self.write(c, &mut Vec::new())
    }
    pub(super) fn encode_lossy(&self, text: &str) -> (Vec<u8>, Option<Lost>) {
        let (mut out, mut lost) = (Vec::with_capacity(text.len()), None);
        for (at, c) in text.char_indices() {
            if !self.write(c, &mut out) {
                Lost::add(&mut lost, at);
                self.write('?', &mut out);
            }
        }
        (out, lost)
    }
    pub(super) fn decode(&self, octets: &[u8]) -> Read {
        let (mut text, mut bad, mut at) = (String::with_capacity(octets.len()), None, 0);
        while let Some(&octet) = octets.get(at) {
            if let Some(c) = self.char_of(octet) {
                text.push(c);
                at += 1;
                continue;
            }
            // Dropped, as the standard has it: what follows is in the main table, and there in the variant's.
            if let [ESCAPE, second, ..] = octets.get(at..).unwrap_or_default()
                && !is_announced(*second)
            {
                at += 1;
                continue;
            }
            let end = octets.len().min(at + if octet == ESCAPE { 2 } else { 1 });
            let (one, wrong) = Gsm::DEFAULT.decode_one(octets.get(at..end).unwrap_or_default());
            text.push_str(&one);
            if let Some(TextError { offset, kind }) = wrong {
                note(&mut bad, at + offset, kind);
            }
            at = end;
        }
        (text, bad)
    }
}

/// Whether an escape before it changes what it means.
fn is_announced(septet: u8) -> bool {
    septet == ESCAPE || Gsm::DEFAULT.has_extension(septet)
}
