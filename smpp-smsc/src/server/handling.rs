//! One request in a handler's hands.

use crate::handler::{Handler, Reject, operations};
use smpp_pdu::{
    AnyResponse, BindReceiverResp, BindTransceiverResp, BindTransmitterResp, BroadcastSmResp, CancelBroadcastSmResp,
    CancelSmResp, CommandId, CommandStatus, DataSmResp, Pdu, QueryBroadcastSmResp, QuerySmResp, ReplaceSmResp, Request,
    SubmitMultiResp, SubmitSmResp, Tlvs, Unknown,
};
use smpp_session::RequestToken;
use smpp_session::driver::{Reply, Served};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// What async-trait makes of a method: a box, borrowed from the connection's own frame.
pub(super) type Answering<'a, T> = Pin<Box<dyn Future<Output = Result<T, Reject>> + Send + 'a>>;

/// What the driver gets for a request.
pub(super) type Handled<'a> = Served<Handling<'a>, AnyResponse>;

/// Declares [`serve`] and [`Handling`] from the list of operations: a variant each, so that a handler's own box is the only one.
macro_rules! handling {
    ($($(#[$doc:meta])* $method:ident: $request:ident -> $response:ident;)*) => {
        /// One call of a handler, and the token that its result answers.
        pub(super) enum Handling<'a> {
            Bind(Option<RequestToken>, Answering<'a, AnyResponse>),
            Vendor(Option<RequestToken>, Answering<'a, Unknown>),
            $( $request(Option<RequestToken>, Answering<'a, $response>), )*
        }

        /// In its one caller, and the PDU where it lies: it is large, and each move of it would be a copy.
        #[inline(always)]
        pub(super) fn serve<'a>(handler: &'a dyn Handler, pdu: &Pdu<&[u8]>, token: RequestToken) -> Handled<'a> {
            if let Some(result) = handler.at_once(pdu) {
                return Served::Answered(reply(token, result));
            }
            Served::Handling(match pdu {
                $( Pdu::$request(pdu) => Handling::$request(Some(token), handler.$method(pdu.into())), )*
                Pdu::Unknown(pdu) => Handling::Vendor(Some(token), handler.vendor(pdu.into())),
                _ => return refused(token, CommandStatus::ESME_RINVCMDID),
            })
        }

        impl Future for Handling<'_> {
            type Output = Option<Reply<AnyResponse>>;

            #[inline(always)] // as `serve`
            fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                match &mut *self {
                    Self::Bind(token, judging) => answer(token, judging, cx),
                    Self::Vendor(token, answering) => answer(token, answering, cx),
                    $( Self::$request(token, answering) => answer(token, answering, cx), )*
                }
            }
        }

        /// The response to an operation that has nothing to say but TLVs.
        fn with_tlvs(command: CommandId, tlvs: Tlvs) -> Option<AnyResponse> {
            Some(match command {
                CommandId::BIND_TRANSMITTER => BindTransmitterResp { tlvs, ..BindTransmitterResp::default() }.into(),
                CommandId::BIND_RECEIVER => BindReceiverResp { tlvs, ..BindReceiverResp::default() }.into(),
                CommandId::BIND_TRANSCEIVER => BindTransceiverResp { tlvs, ..BindTransceiverResp::default() }.into(),
                $(
                    command if command == <smpp_pdu::$request as Request>::COMMAND_ID => {
                        #[allow(clippy::needless_update)] // some have nothing but TLVs
                        $response { tlvs, ..$response::default() }.into()
                    }
                )*
                _ => return None,
            })
        }
    };
}
operations! { handling }

pub(super) fn refused<'a>(token: RequestToken, reject: impl Into<Reject>) -> Handled<'a> {
    Served::Answered(refusal(token, reject.into()))
}

/// In each arm: what a handler returns becomes the reply in one move.
#[inline(always)]
fn answer<T: Into<AnyResponse>>(
    token: &mut Option<RequestToken>,
    answering: &mut Answering<'_, T>,
    cx: &mut Context<'_>,
) -> Poll<Option<Reply<AnyResponse>>> {
    let result = ready!(answering.as_mut().poll(cx));
    let Some(token) = token.take() else {
        return Poll::Ready(None);
    };
    Poll::Ready(Some(reply(token, result)))
}

#[inline(always)]
fn reply<T: Into<AnyResponse>>(token: RequestToken, result: Result<T, Reject>) -> Reply<AnyResponse> {
    match result {
        Ok(response) => Reply::new(token, response.into()),
        Err(reject) => refusal(token, reject),
    }
}

/// A status alone; or with TLVs, in the operation's own response.
#[cold]
fn refusal(token: RequestToken, reject: Reject) -> Reply<AnyResponse> {
    let (status, tlvs) = reject.into_parts();
    let body = tlvs.and_then(|tlvs| with_tlvs(token.command_id(), tlvs));
    Reply { token, status, body }
}
