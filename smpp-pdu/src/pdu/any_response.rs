//! Any response, for those who answer.

use super::{
    BindReceiverResp, BindTransceiverResp, BindTransmitterResp, BroadcastSmResp, CancelBroadcastSmResp, CancelSmResp,
    DataSmResp, DeliverSmResp, EnquireLinkResp, QueryBroadcastSmResp, QuerySmResp, ReplaceSmResp, SubmitMultiResp,
    SubmitSmResp, UnbindResp, Unknown,
};
use crate::codec::Header;
use crate::codes::CommandId;
use crate::error::EncodeError;
use crate::masked::{Mask, Show, masked};
use crate::owned::Owned;
use crate::storage::Storage;
use crate::version::Version;
use crate::write::{Encode, Write};
use alloc::boxed::Box;
use core::fmt;

/// The enum, and its way to each variant: it exists because four impls say the same of every response. A row is the
/// variant and what holds its response: itself, or a box for those that are seldom and large.
macro_rules! any_response {
    ($($name:ident: $held:ty,)*) => {
        /// Any response that has a body: what a server moves about between its handlers and the wire, a quarter of the
        /// size of a [`Pdu`](crate::Pdu). `Unknown` is the response to a vendor's own command.
        #[derive(Clone, PartialEq, Eq)]
        #[non_exhaustive]
        #[allow(missing_docs)] // each is documented at its type
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(rename_all = "snake_case", bound(serialize = "", deserialize = "B: From<alloc::vec::Vec<u8>>")))]
        pub enum AnyResponse<B: Storage = Owned> {
            $( $name($held), )*
        }
        $(
            impl<B: Storage> From<$name<B>> for AnyResponse<B> {
                #[inline(always)]
                fn from(body: $name<B>) -> Self {
                    Self::$name(body.into())
                }
            }
        )*
        impl<B: Storage> Write for AnyResponse<B> {
            #[inline(always)]
            fn write<'o>(
                &self,
                header: Header,
                version: Version,
                room: impl FnOnce(usize) -> Option<&'o mut [u8]>,
            ) -> Result<usize, EncodeError> {
                match self {
                    $( Self::$name(body) => apart::<$name<B>>(body, header, version, room), )*
                }
            }
        }
        impl<B: Storage> Encode for AnyResponse<B> {
            #[inline]
            fn command_id(&self) -> CommandId {
                match self {
                    $( Self::$name(body) => body.command_id(), )*
                }
            }
        }
        impl<B: Storage> Show for AnyResponse<B> {
            fn show(&self, f: &mut fmt::Formatter<'_>, mask: Mask) -> fmt::Result {
                match self {
                    $( Self::$name(body) => body.show(f, mask), )*
                }
            }
        }
        masked! { AnyResponse }
    };
}

any_response! {
    BindReceiverResp: BindReceiverResp<B>,
    BindTransmitterResp: BindTransmitterResp<B>,
    BindTransceiverResp: BindTransceiverResp<B>,
    SubmitSmResp: SubmitSmResp<B>,
    DataSmResp: DataSmResp<B>,
    SubmitMultiResp: Box<SubmitMultiResp<B>>,
    DeliverSmResp: DeliverSmResp<B>,
    QuerySmResp: Box<QuerySmResp<B>>,
    CancelSmResp: CancelSmResp<B>,
    ReplaceSmResp: ReplaceSmResp<B>,
    BroadcastSmResp: BroadcastSmResp<B>,
    QueryBroadcastSmResp: QueryBroadcastSmResp<B>,
    CancelBroadcastSmResp: CancelBroadcastSmResp<B>,
    EnquireLinkResp: EnquireLinkResp<B>,
    UnbindResp: UnbindResp<B>,
    Unknown: Unknown<B>,
}

/// Out of line, one copy a response: as arms of one function they would share its stack frame and spill to it.
#[inline(never)]
fn apart<'o, T: Write>(
    body: &T,
    header: Header,
    version: Version,
    room: impl FnOnce(usize) -> Option<&'o mut [u8]>,
) -> Result<usize, EncodeError> {
    body.write(header, version, room)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{COctetString, Codec, Pdu};
    use alloc::vec::Vec;

    #[test]
    fn encodes_as_the_pdu_does_and_is_smaller() {
        let response = SubmitSmResp {
            message_id: COctetString::new("17").unwrap(),
            ..SubmitSmResp::default()
        };
        let (any, pdu) = (AnyResponse::from(response.clone()), Pdu::from(response));
        let (codec, mut a, mut b) = (Codec::default(), Vec::new(), Vec::new());
        codec.encode(Header::request(7), &any, &mut a).unwrap();
        codec.encode(Header::request(7), &pdu, &mut b).unwrap();
        assert_eq!((a, any.command_id()), (b, pdu.command_id()));
        assert!(size_of::<AnyResponse>() <= 72, "{}", size_of::<AnyResponse>());
    }
}
