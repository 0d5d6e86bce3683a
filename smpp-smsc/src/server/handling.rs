//! One request in a handler's hands.

use crate::handler::{Handler, Reject, operations};
use smpp_pdu::{
    AnyResponse, BindReceiverResp, BindTransceiverResp, BindTransmitterResp, BroadcastSmResp, CancelBroadcastSmResp,
    CancelSmResp, CommandId, CommandStatus, DataSmResp, Encode, Kept, Pdu, QueryBroadcastSmResp, QuerySmResp,
    ReplaceSmResp, Request, SubmitMultiResp, SubmitSmResp, Tlvs, Unknown,
};
use smpp_session::RequestToken;
use smpp_session::driver::{Asked, Reply, Served};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// What async-trait makes of a method: a box, borrowed from the connection's own frame.
pub(super) type Answering<'a, T> = Pin<Box<dyn Future<Output = Result<T, Reject>> + Send + 'a>>;

/// What the driver gets for a request.
pub(super) type Handled<'a, 'h> = Served<'a, Handling<'h>>;

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
        pub(super) fn serve<'a, 'h>(
            handler: &'h dyn Handler,
            pdu: &Pdu<&[u8]>,
            cx: &mut Context<'_>,
            asked: Asked<'a>,
        ) -> Handled<'a, 'h> {
            if let Some(result) = handler.at_once(pdu) {
                return respond(asked, &result);
            }
            match pdu {
                $( Pdu::$request(pdu) => {
                    begin(handler.$method(Kept::new(pdu)), cx, asked, Handling::$request)
                } )*
                Pdu::Unknown(pdu) => begin(handler.vendor(Kept::new(pdu)), cx, asked, Handling::Vendor),
                _ => refuse(asked, CommandStatus::ESME_RINVCMDID),
            }
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

/// Polled where it begins: what is ready at once is encoded as what the handler returned. `waits` makes the rest.
#[inline(always)]
fn begin<'a, 'h, T: Encode>(
    mut answering: Answering<'h, T>,
    cx: &mut Context<'_>,
    asked: Asked<'a>,
    waits: impl FnOnce(Option<RequestToken>, Answering<'h, T>) -> Handling<'h>,
) -> Handled<'a, 'h> {
    // Looked at where it lies, as the PDU is.
    let polled = answering.as_mut().poll(cx);
    let Poll::Ready(result) = &polled else {
        return Served::Handling(waits(Some(asked.into_token()), answering));
    };
    // Before there is a lock: it is a user's value.
    drop(answering);
    respond(asked, result)
}

#[inline(always)]
fn respond<'a, 'h, T: Encode>(asked: Asked<'a>, result: &Result<T, Reject>) -> Handled<'a, 'h> {
    match result {
        // Nothing that follows asks the session anything: what is left is the response.
        Ok(response) => asked.respond_last(response),
        Err(reject) => refuse(asked, reject.clone()),
    }
}

#[cold]
pub(super) fn refuse<'a, 'h>(asked: Asked<'a>, reject: impl Into<Reject>) -> Handled<'a, 'h> {
    let reject = reject.into();
    match body(asked.token(), &reject) {
        Some(body) => asked.reject_with(reject.status(), &body),
        None => asked.reject(reject.status()),
    }
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
    Poll::Ready(Some(match result {
        Ok(response) => Reply::new(token, response.into()),
        Err(reject) => Reply {
            body: body(&token, &reject),
            status: reject.status(),
            token,
        },
    }))
}

/// Of a refusal: none, or the TLVs in the operation's own response.
fn body(token: &RequestToken, reject: &Reject) -> Option<AnyResponse> {
    with_tlvs(token.command_id(), reject.tlvs()?.clone())
}
