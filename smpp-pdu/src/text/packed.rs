//! Packed septets (3GPP TS 23.038 §6.1.2.1).

use super::error::{TextError, TextErrorKind};
use alloc::vec::Vec;

/// What stands in the seven spare bits that 8n - 1 packed septets leave: a receiver, which is not told how many septets
/// there are, would take zeros for an `@`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Padding {
    /// A carriage return, as the standard has it (§6.1.2.3.1); a text that ends with one at an octet's end gets a
    /// second.
    #[default]
    Cr,
    /// Zeros, as some peers do; an `@` that fills the last octet cannot be told from them, and is not read.
    Zero,
}

impl Padding {
    /// What a reader drops where it ends with the last octet.
    pub(crate) const fn septet(self) -> u8 {
        match self {
            Self::Cr => CR,
            Self::Zero => 0,
        }
    }
}

const CR: u8 = 0x0d;

/// How many fill bits bring the septets behind a user data header of `octets` (its length octet among them) to a
/// septet's boundary: 0 to 6 (3GPP TS 23.040 §9.2.3.24).
pub const fn fill_bits(octets: usize) -> u8 {
    // 0 to 6.
    ((7 - octets * 8 % 7) % 7) as u8
}

/// Packs `septets`, the lowest bits first, behind `fill` bits of zeros (0 to 6: what is above counts modulo 7). Of
/// octets above 0x7F the highest bit is dropped.
pub fn pack(septets: &[u8], fill: u8, padding: Padding) -> Vec<u8> {
    let fill = fill % 7;
    if septets.is_empty() {
        return Vec::new();
    }
    let mut out = Vec::with_capacity(septets.len() + 2);
    let (mut bits, mut held) = (0_u16, u32::from(fill));
    let mut put = |septet: u8| {
        #[cfg(canary = "text")] // the fault that this fuzz target must find
        let septet = if septet == 0x1e && held == 6 { 0 } else { septet };
        bits |= u16::from(septet & 0x7f) << held;
        held += 7;
        if held >= 8 {
            let [low, high] = bits.to_le_bytes();
            out.push(low);
            bits = high.into();
            held -= 8;
        }
        held
    };
    let mut held = u32::from(fill);
    for &septet in septets {
        held = put(septet);
    }
    let ends_with_cr = held == 0 && septets.last().is_some_and(|&septet| septet & 0x7f == CR);
    // One bit used of the last octet: seven are spare.
    if padding == Padding::Cr && (held == 1 || ends_with_cr) {
        held = put(CR);
    }
    if held > 0 {
        let [low, _] = bits.to_le_bytes();
        out.push(low);
    }
    out
}

/// Unpacks what stands behind `fill` bits (0 to 6: what is above counts modulo 7). A carriage return (or, where the
/// peer pads so, a zero) that ends at the end of the last octet is padding. Fails if bits are left over that are not
/// zero.
pub fn unpack(octets: &[u8], fill: u8, padding: Padding) -> Result<Vec<u8>, TextError> {
    let (septets, spare) = unpack_lossy(octets, fill, padding);
    match spare {
        0 => Ok(septets),
        _ => Err(TextError {
            offset: septets.len(),
            kind: TextErrorKind::SpareBits,
        }),
    }
}

/// As [`unpack`], and the bits left over.
pub(super) fn unpack_lossy(octets: &[u8], fill: u8, padding: Padding) -> (Vec<u8>, u8) {
    let fill = fill % 7;
    let mut septets = Vec::with_capacity(octets.len() + octets.len() / 7 + 1);
    let (mut bits, mut held) = (0_u16, 0_u32);
    let mut skip = u32::from(fill);
    for &octet in octets {
        bits |= u16::from(octet) << held;
        held += 8;
        let skipped = core::mem::take(&mut skip);
        bits >>= skipped;
        held -= skipped;
        while held >= 7 {
            let [low, _] = bits.to_le_bytes();
            septets.push(low & 0x7f);
            bits >>= 7;
            held -= 7;
        }
    }
    // An eighth septet that ends with the octet may be no text.
    if held == 0 && octets.len() > 1 && septets.last() == Some(&padding.septet()) {
        septets.pop();
    }
    let [spare, _] = bits.to_le_bytes();
    (septets, spare)
}
