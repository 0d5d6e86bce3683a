//! Octets in. The only file that knows nom: its parsers run over `&[u8]` in complete mode, as
//! `fn(&[u8], Row, ..) -> IResult<&[u8], T, Fault>`, and a PDU is one chain of them. What nom gives here is
//! that shape, its `?`, and its errors; the leaves are ours.

use crate::codec::{Codec, Decoded, Header};
use crate::codes::{CommandId, CommandStatus};
use crate::error::{DecodeError, DecodeErrorKind};
use crate::frame::HEADER_LEN;
use crate::row::{Row, Size};
use crate::tolerance::Tolerance;
use crate::version::Version;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use nom::IResult;

pub(crate) type Parsed<'a, T> = IResult<&'a [u8], T, Fault>;

/// A type that a row can have. Every parser is `inline(always)`: a `Parsed` that crosses a call goes
/// through memory, which costs more than the parser does.
pub(crate) trait Parse<'a>: Sized {
    fn parse(i: &'a [u8], row: Row, cx: &Context<'_>) -> Parsed<'a, Self>;
}

/// What the parsers know besides octets and row.
pub(crate) struct Context<'c> {
    pub(crate) codec: &'c Codec,
    /// That of a response; OK in a request, where it says nothing.
    status: CommandStatus,
    used: Cell<Tolerance>,
    /// Where each use is written down; nowhere, but for [`Codec::forgiven`].
    uses: Option<&'c RefCell<Vec<(Tolerance, Fault)>>>,
}

impl<'c> Context<'c> {
    pub(crate) fn new(codec: &'c Codec, status: CommandStatus) -> Self {
        Self {
            codec,
            status,
            used: Cell::new(Tolerance::strict()),
            uses: None,
        }
    }
    /// What was forgiven up to here; from now on nothing is.
    #[inline(always)]
    pub(crate) fn take_used(&self) -> Tolerance {
        self.used.replace(Tolerance::strict())
    }
    /// What was forgiven since [`take_used`](Self::take_used), whose result is added again.
    #[inline(always)]
    pub(crate) fn add_used(&self, before: Tolerance) -> Tolerance {
        let since = self.used.get();
        self.used.set(since.with(before));
        since
    }
    /// Asked only where something is wrong already: a clean PDU pays nothing for leniency. To an error response
    /// all is forgiven: its status matters, and its body is to be ignored (v5.0 §3.2.1.3) or to explain it.
    #[cold]
    pub(crate) fn forgive(&self, flag: Tolerance, fault: Fault) -> Result<(), nom::Err<Fault>> {
        if !self.codec.tolerance.contains(flag) && self.status == CommandStatus::ESME_ROK {
            return Err(nom::Err::Error(fault));
        }
        self.used.set(self.used.get().with(flag));
        if let Some(uses) = self.uses {
            uses.borrow_mut().push((flag, fault));
        }
        Ok(())
    }
}

/// nom's error: how many octets were left (the offset, less the frame's length), where, and why.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fault {
    left: usize,
    field: &'static str,
    kind: DecodeErrorKind,
}

impl Fault {
    #[cold]
    pub(crate) fn new(i: &[u8], field: &'static str, kind: DecodeErrorKind) -> Self {
        Self {
            left: i.len(),
            field,
            kind,
        }
    }
    #[cold]
    pub(crate) fn at<'a, T>(i: &[u8], field: &'static str, kind: DecodeErrorKind) -> Parsed<'a, T> {
        Err(nom::Err::Error(Fault {
            left: i.len(),
            field,
            kind,
        }))
    }
}

// The leaves are ours and not `nom::number` and `nom::bytes`: those call methods of `nom::Input` that are
// not `#[inline]`, so that without LTO across crates, which is what users have, every octet costs a call.

#[inline(always)]
fn array<const N: usize>(i: &[u8], row: Row) -> Parsed<'_, [u8; N]> {
    match i.split_first_chunk() {
        Some((octets, rest)) => Ok((rest, *octets)),
        None => Fault::at(i, row.name, DecodeErrorKind::Truncated),
    }
}

#[inline(always)]
pub(crate) fn take(i: &[u8], n: usize, row: Row) -> Parsed<'_, &[u8]> {
    match i.split_at_checked(n) {
        Some((octets, rest)) => Ok((rest, octets)),
        None => Fault::at(i, row.name, DecodeErrorKind::Truncated),
    }
}

/// Big-endian integers of one, two and four octets.
macro_rules! be {
    ($($name:ident: $int:ty)*) => { $(
        #[inline(always)]
        pub(crate) fn $name(i: &[u8], row: Row) -> Parsed<'_, $int> {
            let (i, octets) = array(i, row)?;
            Ok((i, <$int>::from_be_bytes(octets)))
        }
    )* };
}
be! { be_u8: u8 be_u16: u16 be_u32: u32 }

/// The octets before the NUL, which is consumed; `flag` is what forgives a wrong size.
#[inline(always)]
pub(crate) fn c_octet_string<'a>(i: &'a [u8], row: Row, flag: Tolerance, cx: &Context<'_>) -> Parsed<'a, &'a [u8]> {
    // Most C-octet strings of real traffic are empty.
    if let [0, rest @ ..] = i {
        return Ok((rest, &[]));
    }
    match position_of_nul(i).and_then(|nul| i.split_at_checked(nul)) {
        Some((text, [_, rest @ ..])) if row.size.allows(text.len() + 1, cx.codec.version) => Ok((rest, text)),
        _ => irregular_string(i, row.name, row.size, flag, cx),
    }
}

/// Takes name and size and not the `Row`: that is too large for registers, and the compiler puts it into
/// memory early, on the way of strings that are regular.
#[cold]
#[inline(never)]
fn irregular_string<'a>(
    i: &'a [u8],
    name: &'static str,
    size: Size,
    flag: Tolerance,
    cx: &Context<'_>,
) -> Parsed<'a, &'a [u8]> {
    let (text, rest) = match position_of_nul(i).and_then(|nul| i.split_at_checked(nul)) {
        Some((text, rest)) => (text, rest.get(1..).unwrap_or_default()),
        None if i.is_empty() => return Fault::at(i, name, DecodeErrorKind::Truncated),
        None => {
            cx.forgive(
                Tolerance::MISSING_NUL,
                Fault::new(i, name, DecodeErrorKind::Unterminated),
            )?;
            (i, &[][..])
        }
    };
    let (len, version) = (text.len() + 1, cx.codec.version);
    if !size.allows(len, version) {
        cx.forgive(
            flag,
            Fault::new(
                i,
                name,
                DecodeErrorKind::Size {
                    size: len,
                    max: size.of(version),
                },
            ),
        )?;
    }
    Ok((rest, text))
}

/// Sixteen octets at a time while none is NUL; then the half that has it, by its lowest zero. Out of line: its two words
/// come back in registers, and a copy for every string of every PDU would be four times the code.
#[inline(never)]
pub(crate) fn position_of_nul(i: &[u8]) -> Option<usize> {
    let (mut rest, mut at) = (i, 0);
    while let Some((block, more)) = rest.split_first_chunk::<16>() {
        // This fold becomes one vector comparison; `any`, `contains` and a bit mask do not.
        if block.iter().fold(false, |nul, &c| nul | (c == 0)) {
            let (halves, _) = block.as_chunks();
            let &[first, second] = halves else { break };
            return Some(at + nul_of_word(first).or_else(|| Some(8 + nul_of_word(second)?))?);
        }
        (rest, at) = (more, at + 16);
    }
    if let Some((word, more)) = rest.split_first_chunk() {
        if let Some(n) = nul_of_word(*word) {
            return Some(at + n);
        }
        (rest, at) = (more, at + 8);
    }
    rest.iter().position(|&c| c == 0).map(|n| at + n)
}

#[inline(always)]
fn nul_of_word(word: [u8; 8]) -> Option<usize> {
    let w = u64::from_le_bytes(word);
    // The top bit of each octet that is zero; only the lowest is sure, and only that is used.
    let zeros = w.wrapping_sub(0x0101_0101_0101_0101) & !w & 0x8080_8080_8080_8080;
    (zeros != 0).then(|| zeros.trailing_zeros() as usize / 8)
}

/// Whether there is a NUL at all, which is less than to say where. The ends of what is short overlap.
#[inline]
pub(crate) fn has_nul(s: &[u8]) -> bool {
    let nul_of_block = |block: &[u8; 16]| block.iter().fold(false, |nul, &c| nul | (c == 0));
    if let Some(end) = s.last_chunk() {
        let (blocks, _) = s.as_chunks();
        return blocks
            .iter()
            .fold(nul_of_block(end), |nul, block| nul | nul_of_block(block));
    }
    match (s.first_chunk(), s.last_chunk()) {
        (Some(first), Some(last)) => nul_of_word(*first).is_some() || nul_of_word(*last).is_some(),
        _ => s.contains(&0),
    }
}

#[inline(always)]
pub(crate) fn command_id(i: &[u8]) -> Parsed<'_, u32> {
    let (i, _) = be_u32(i, Row::named("command_length"))?;
    be_u32(i, Row::named("command_id"))
}

/// All of it at once; the words one by one only to say where one that is too short ends.
#[inline(always)]
fn header(i: &[u8]) -> Parsed<'_, Header> {
    match (i.get(HEADER_LEN..), Header::peek(i)) {
        (Some(body), Some((_, header))) => Ok((body, header)),
        _ => short_header(i),
    }
}

#[cold]
#[inline(never)]
fn short_header<T>(i: &[u8]) -> Parsed<'_, T> {
    let (rest, _) = command_id(i)?;
    let (rest, _) = be_u32(rest, Row::named("command_status"))?;
    Fault::at(rest, "sequence_number", DecodeErrorKind::Truncated)
}

/// The header of a PDU whose command is not known yet, and which that is.
pub(crate) fn any_header(i: &[u8]) -> Parsed<'_, (CommandId, Header)> {
    let (_, id) = command_id(i)?;
    let (i, header) = header(i)?;
    Ok((i, (CommandId(id), header)))
}

/// One whole PDU. The body comes as the type `T` and not as a function: a function passed by value is
/// inlined at the compiler's pleasure.
#[inline(always)]
pub(crate) fn message<'a, const ID: u32, T: Parse<'a>, M>(
    i: &'a [u8],
    codec: &Codec,
    uses: Option<&RefCell<Vec<(Tolerance, Fault)>>>,
    map: impl FnOnce(T) -> M,
) -> Parsed<'a, Decoded<M>> {
    let (i, header) = header(i)?;
    let status = if CommandId(ID).is_response() {
        header.command_status
    } else {
        CommandStatus::ESME_ROK
    };
    let cx = Context {
        uses,
        ..Context::new(codec, status)
    };
    let (i, body) = T::parse(i, Row::named(""), &cx)?;
    Ok((
        i,
        Decoded {
            header,
            pdu: map(body),
            forgiven: cx.used.get(),
        },
    ))
}

/// The fault as told to the caller. It reads command_id anew, so that the clean path need not carry it.
#[cold]
#[inline(never)]
pub(crate) fn located(frame: &[u8], e: nom::Err<Fault>) -> DecodeError {
    let command = CommandId(command_id(frame).map_or(0, |(_, id)| id));
    match e {
        nom::Err::Error(f) | nom::Err::Failure(f) => DecodeError {
            command,
            field: f.field,
            offset: frame.len() - f.left,
            kind: f.kind,
        },
        // Complete parsers never say so.
        nom::Err::Incomplete(_) => DecodeError {
            command,
            field: "",
            offset: frame.len(),
            kind: DecodeErrorKind::Truncated,
        },
    }
}

/// The body of a response: `None` is none at all, which is not the same as one whose fields are empty.
impl<'a, T: Parse<'a>> Parse<'a> for Option<T> {
    #[inline(always)]
    fn parse(i: &'a [u8], row: Row, cx: &Context<'_>) -> Parsed<'a, Self> {
        if i.is_empty() {
            absent_body(i, cx)?;
            return Ok((i, None));
        }
        match T::parse(i, row, cx) {
            Ok((i, body)) => Ok((i, Some(body))),
            Err(e) => {
                unreadable_body(i, e, cx)?;
                Ok((&[], None))
            }
        }
    }
}

/// Says only whether it is forgiven: a body that it returned would go through memory on the way of one that is readable.
#[cold]
#[inline(never)]
fn unreadable_body(i: &[u8], e: nom::Err<Fault>, cx: &Context<'_>) -> Result<(), nom::Err<Fault>> {
    if cx.status == CommandStatus::ESME_ROK {
        return Err(e);
    }
    let fault = match e {
        nom::Err::Error(fault) | nom::Err::Failure(fault) => fault,
        nom::Err::Incomplete(_) => Fault::new(i, "", DecodeErrorKind::Truncated),
    };
    cx.forgive(Tolerance::UNREADABLE_BODY, fault)
}

#[cold]
#[inline(never)]
fn absent_body(i: &[u8], cx: &Context<'_>) -> Result<(), nom::Err<Fault>> {
    if body_may_be_absent(cx.status, cx.codec.version) {
        return Ok(());
    }
    cx.forgive(Tolerance::MISSING_BODY, Fault::new(i, "", DecodeErrorKind::Truncated))
}

/// "The body is not returned if the command_status field contains a non-zero value" (v3.4 §4.4.2, v5.0
/// §3.2.1.3); in v3.3 it always is, with a NUL for each string (v3.3 §6.3.3.2).
pub(crate) fn body_may_be_absent(status: CommandStatus, version: Version) -> bool {
    status != CommandStatus::ESME_ROK && version >= Version::V34
}

#[cfg(test)]
mod tests {
    use super::{has_nul, position_of_nul};

    #[test]
    fn nul_is_found_wherever_it_is() {
        for len in 0..70 {
            for fill in [1, 0x7f, 0x80, 0xff] {
                let mut s = alloc::vec![fill; len];
                assert_eq!((position_of_nul(&s), has_nul(&s)), (None, false));
                for at in (0..len).rev() {
                    s[at] = 0;
                    assert_eq!((position_of_nul(&s), has_nul(&s)), (Some(at), true));
                    let mut alone = alloc::vec![fill; len];
                    alone[at] = 0;
                    assert_eq!((position_of_nul(&alone), has_nul(&alone)), (Some(at), true));
                }
            }
        }
    }
}
