//! One request in a handler's hands.

use crate::handler::{Handler, Reject, operations};
use smpp_pdu::{
    AnyResponse, BindReceiverResp, BindTransceiverResp, BindTransmitterResp, BroadcastSmResp, CancelBroadcastSmResp,
    CancelSmResp, CommandId, CommandStatus, DataSmResp, Pdu, QueryBroadcastSmResp, QuerySmResp, ReplaceSmResp, Request,
    SubmitMultiResp, SubmitSmResp, Tlvs, Unknown,
};
use smpp_session::driver::{Reply, Served};
use smpp_session::{Received, RequestToken};
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

        pub(super) fn serve<'a>(handler: &'a dyn Handler, Received { token, pdu, .. }: Received<'_>) -> Handled<'a> {
            if let Some(result) = handler.at_once(&pdu) {
                return Served::Answered(reply(token, result));
            }
            Served::Handling(match pdu {
                $( Pdu::$request(pdu) => Handling::$request(Some(token), handler.$method(pdu.into_owned())), )*
                Pdu::Unknown(pdu) => Handling::Vendor(Some(token), handler.vendor(pdu.into_owned())),
                _ => return refused(token, CommandStatus::ESME_RINVCMDID),
            })
        }

        impl Future for Handling<'_> {
            type Output = Option<Reply<AnyResponse>>;

            fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                let (token, result) = match &mut *self {
                    Self::Bind(token, judging) => (token, ready!(judging.as_mut().poll(cx))),
                    Self::Vendor(token, answering) => {
                        (token, ready!(answering.as_mut().poll(cx)).map(AnyResponse::from))
                    }
                    $(
                        Self::$request(token, answering) => {
                            (token, ready!(answering.as_mut().poll(cx)).map(AnyResponse::from))
                        }
                    )*
                };
                Poll::Ready(token.take().map(|token| reply(token, result)))
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

#[inline]
fn reply(token: RequestToken, result: Result<AnyResponse, Reject>) -> Reply<AnyResponse> {
    match result {
        Ok(response) => Reply::new(token, response),
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
