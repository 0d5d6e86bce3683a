//! A PDU that is kept as it came: the octets of its fields in one allocation, and how long each is.

use crate::masked::{Mask, Show};
use crate::storage::Storage;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

/// A PDU that borrows nothing and is read by its [`view`](Self::view): one allocation whatever fields it has, and besides
/// that, of a submit_sm, 96 octets in place of the owned form's 248. That one is for what is to be changed:
/// `kept.view().into_owned()`.
///
/// `Kept<SubmitSm>` keeps a submit_sm, `Kept<Pdu>` any PDU.
///
/// ```
/// use smpp_pdu::{Codec, Kept, Pdu, SubmitSm};
///
/// # let frame = &mut Vec::new();
/// # let submit = SubmitSm::borrowed().short_message(smpp_pdu::ShortMessage::new(&b"Hello"[..])?)?;
/// # Codec::default().encode(smpp_pdu::Header::request(1), &submit, frame)?;
/// let Pdu::SubmitSm(view) = Codec::default().decode(frame)?.pdu else { panic!("a submit_sm") };
/// let kept: Kept<SubmitSm> = Kept::new(&view);
/// frame.clear();
/// assert_eq!(kept.view().short_message.as_bytes(), b"Hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Kept<P: Keep> {
    /// Those of all fields, one behind the other.
    octets: Box<[u8]>,
    lengths: P::Lengths,
}

impl<P: Keep> Kept<P> {
    /// A copy of all that `view` borrows.
    // Out of line, one copy a PDU: as arms of one function they would share its stack frame and spill to it.
    #[inline(never)]
    pub fn new(view: &P::View<'_>) -> Self {
        let mut len = 0;
        P::lengths(view, &mut |field| {
            len += field.len();
            Length(0)
        });
        let mut octets = Vec::with_capacity(len);
        P::lengths(view, &mut |field| {
            // Most are empty, and a call of memcpy costs more than this.
            if !field.is_empty() {
                octets.extend_from_slice(field);
            }
            Length(0)
        });
        Self {
            octets: octets.into(),
            lengths: P::lengths(view, &mut |field| Length(field.len())),
        }
    }

    /// The PDU.
    #[inline]
    pub fn view(&self) -> P::View<'_> {
        let mut rest = &*self.octets;
        P::view(&self.lengths, &mut |Length(len)| {
            let field = rest.split_off(..len);
            debug_assert!(field.is_some(), "a length of another PDU");
            field.unwrap_or_default()
        })
    }

    /// `Debug` and `Display` that show texts and addresses. A password they do not show either.
    pub fn reveal(&self) -> impl fmt::Debug + fmt::Display {
        self.with(Mask::Off)
    }
}

impl<P: Keep> Clone for Kept<P> {
    fn clone(&self) -> Self {
        Self {
            octets: self.octets.clone(),
            lengths: self.lengths.clone(),
        }
    }
}

/// By the fields.
impl<P: Keep> PartialEq for Kept<P> {
    fn eq(&self, other: &Self) -> bool {
        let (this, other): (P::View<'_>, P::View<'_>) = (self.view(), other.view());
        this == other
    }
}
impl<P: Keep> Eq for Kept<P> {}

/// As its view.
impl<P: Keep> Show for Kept<P> {
    fn show(&self, f: &mut fmt::Formatter<'_>, mask: Mask) -> fmt::Result {
        self.view().show(f, mask)
    }
}
impl<P: Keep> fmt::Debug for Kept<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.show(f, Mask::On)
    }
}
impl<P: Keep> fmt::Display for Kept<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.show(f, Mask::On)
    }
}

/// What can be [`Kept`]: each PDU, and [`Pdu`](crate::Pdu). Nobody else can have it.
#[allow(private_bounds)]
pub trait Keep: Sealed {
    /// The PDU, borrowed.
    type View<'a>: Clone + Eq + Show;
    /// The PDU, with the lengths of its fields in their stead.
    #[doc(hidden)]
    type Lengths: Clone;
    #[doc(hidden)]
    fn lengths<'a>(view: &Self::View<'a>, f: &mut impl FnMut(&'a [u8]) -> Length) -> Self::Lengths;
    #[doc(hidden)]
    fn view<'a>(lengths: &Self::Lengths, f: &mut impl FnMut(Length) -> &'a [u8]) -> Self::View<'a>;
}

pub(crate) trait Sealed {}

/// How long a field is: no storage, but in the place of one. It has no octets of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Length(usize);

impl AsRef<[u8]> for Length {
    fn as_ref(&self) -> &[u8] {
        &[]
    }
}
impl Storage for Length {}

/// Implements `Keep` by the storage of what has a `map_storage`. It exists for the two lists of PDUs' macros.
macro_rules! keep {
    ($name:ident) => {
        impl crate::kept::Sealed for $name {}
        impl crate::kept::Keep for $name {
            type View<'a> = $name<&'a [u8]>;
            type Lengths = $name<Length>;
            #[inline(always)]
            fn lengths<'a>(view: &Self::View<'a>, f: &mut impl FnMut(&'a [u8]) -> Length) -> Self::Lengths {
                (*view).map_storage(f)
            }
            #[inline(always)]
            fn view<'a>(lengths: &Self::Lengths, f: &mut impl FnMut(Length) -> &'a [u8]) -> Self::View<'a> {
                (*lengths).map_storage(f)
            }
        }
    };
}
pub(crate) use keep;
