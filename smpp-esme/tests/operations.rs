//! Each operation of an ESME: what goes out, what comes back, and what the window has to do with it.

mod fake;

use fake::{Asked, Centre, bound, esme, is_rejected, message_id, soon, submit};
use smpp_esme::pdu::{
    BroadcastSm, BroadcastSmResp, COctetString, CancelBroadcastSm, CancelBroadcastSmResp, CancelSm, CancelSmResp,
    CommandId, CommandStatus, DataSm, DataSmResp, MessageState, Pdu, QueryBroadcastSm, QueryBroadcastSmResp, QuerySm,
    QuerySmResp, ReplaceSm, ReplaceSmResp, SubmitMulti, SubmitMultiResp, SubmitSm, SubmitSmResp, Unknown, Version, tlv,
};
use smpp_esme::{BindKind, Builder, CallError, Client, CloseReason, Inbound, RequestError, VendorCommand};
use smpp_session::driver::Responder;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::{Duration, Instant};

/// A client that is bound to a centre that says it speaks 5.0.
async fn bound_v50() -> (Client, Inbound, Centre) {
    // The fake centre does not say its version.
    let builder = esme().version(Version::V50);
    bound(builder.configure(|config| config.unstated_version = Version::V50)).await
}

/// A string that tells one request from another.
fn mark(text: &str) -> COctetString {
    COctetString::new(text).unwrap()
}

/// Sends `$request` by the two methods of its name: the centre sees it as it is and answers it with `$response`, which
/// comes back; and refuses it, which comes back too. A window that is full stops the second method only.
macro_rules! operation {
    ($name:ident $try_name:ident $request:expr => $response:expr) => {
        #[tokio::test]
        async fn $name() {
            let (client, _inbound, mut centre) = bound_v50().await;
            let (request, response) = ($request, $response);
            for tried in [false, true] {
                let ask = async {
                    match tried {
                        false => (client.$name(&request).await, client.$name(&request).await),
                        true => (client.$try_name(&request).await, client.$try_name(&request).await),
                    }
                };
                let answer = async {
                    let Asked { pdu, responder } = centre.asked().await;
                    assert_eq!(pdu, Pdu::from(request.clone()));
                    responder.respond(CommandStatus::ESME_ROK, &response).unwrap();
                    let Asked { responder, .. } = centre.asked().await;
                    responder.reject(CommandStatus::ESME_RX_R_APPN).unwrap();
                };
                let ((accepted, refused), ()) = soon(async { tokio::join!(ask, answer) }).await;
                assert_eq!(accepted.unwrap(), response);
                assert!(is_rejected(refused, CommandStatus::ESME_RX_R_APPN));
            }
            client.set_window(1);
            let mut waits = pin!(client.$name(&request));
            assert!(poll_once(waits.as_mut()).await.is_pending());
            let _unanswered = centre.asked().await;
            assert!(is_window_full(soon(client.$try_name(&request)).await));
        }
    };
}

operation!(submit_sm try_submit_sm SubmitSm { service_type: mark("A"), ..SubmitSm::default() }
    => SubmitSmResp { message_id: mark("1"), ..SubmitSmResp::default() });
operation!(submit_multi try_submit_multi SubmitMulti { service_type: mark("B"), ..SubmitMulti::default() }
    => SubmitMultiResp { message_id: mark("2"), ..SubmitMultiResp::default() });
operation!(data_sm try_data_sm DataSm { service_type: mark("C"), ..DataSm::default() }
    => DataSmResp { message_id: mark("3"), ..DataSmResp::default() });
operation!(query_sm try_query_sm QuerySm { message_id: mark("D"), ..QuerySm::default() }
    => QuerySmResp { message_id: mark("D"), message_state: MessageState::ENROUTE, ..QuerySmResp::default() });
operation!(cancel_sm try_cancel_sm CancelSm { message_id: mark("E"), ..CancelSm::default() } => CancelSmResp::default());
operation!(replace_sm try_replace_sm ReplaceSm { message_id: mark("F"), ..ReplaceSm::default() }
    => ReplaceSmResp::default());
operation!(broadcast_sm try_broadcast_sm BroadcastSm { service_type: mark("G"), ..BroadcastSm::default() }
    => BroadcastSmResp { message_id: mark("4"), ..BroadcastSmResp::default() });
operation!(query_broadcast_sm try_query_broadcast_sm
QueryBroadcastSm { message_id: mark("H"), ..QueryBroadcastSm::default() } => {
    let mut response = QueryBroadcastSmResp { message_id: mark("H"), ..QueryBroadcastSmResp::default() };
    response.tlvs.push(tlv::MESSAGE_STATE, MessageState::DELIVERED).unwrap();
    response
});
operation!(cancel_broadcast_sm try_cancel_broadcast_sm
    CancelBroadcastSm { message_id: mark("I"), ..CancelBroadcastSm::default() } => CancelBroadcastSmResp::default());

#[tokio::test]
async fn what_the_session_does_not_have_is_not_sent() {
    let (client, _inbound, mut centre) = bound(esme()).await;
    let broadcast = soon(client.broadcast_sm(&BroadcastSm::default())).await;
    assert!(matches!(
        broadcast,
        Err(CallError::Refused(RequestError::NotARequest(CommandId::BROADCAST_SM)))
    ));
    soon(client.unbind()).await;
    assert!(centre.next().await.is_none());
    let (client, _inbound, mut centre) = bound(esme().bind(BindKind::Receiver)).await;
    let query = soon(client.query_sm(&QuerySm::default())).await;
    assert!(matches!(query, Err(CallError::Refused(RequestError::WrongState(..)))));
    soon(client.unbind()).await;
    assert!(centre.next().await.is_none());
}

const ASK: CommandId = CommandId(0x0001_0201);
const ANSWER: CommandId = CommandId(0x8001_0201);

fn vendor(command_id: CommandId, body: &str) -> Unknown {
    Unknown {
        command_id,
        body: body.into(),
    }
}

#[tokio::test]
async fn a_vendors_command_goes_out_as_it_is() {
    let builder = esme().configure(|config| config.vendor.push(VendorCommand::new(ASK, ANSWER).unwrap()));
    let (io, mut centre) = fake::Raw::in_memory();
    let play = async {
        centre.accept_bind(b"").await;
        for body in ["waits", "does not"] {
            let (pdu, sequence) = centre.read().await;
            assert_eq!(pdu, Pdu::Unknown(vendor(ASK, body)));
            let answer = centre.frame(CommandStatus::ESME_ROK, sequence, &vendor(ANSWER, body));
            centre.write(&answer).await;
        }
        centre
    };
    let ask = async {
        let (client, _inbound) = builder.connect_over(io).await.unwrap();
        let first = client.request_vendor(vendor(ASK, "waits")).await.unwrap();
        let second = client.try_request_vendor(vendor(ASK, "does not")).await.unwrap();
        (client, first, second)
    };
    let ((client, first, second), _centre) = soon(async { tokio::join!(ask, play) }).await;
    assert_eq!((first, second), (vendor(ANSWER, "waits"), vendor(ANSWER, "does not")));
    client.set_window(1);
    let mut waits = pin!(client.request_vendor(vendor(ASK, "waits")));
    assert!(poll_once(waits.as_mut()).await.is_pending());
    assert!(is_window_full(
        soon(client.try_request_vendor(vendor(ASK, "full"))).await
    ));
    let other = soon(client.request_vendor(vendor(CommandId(0x0001_0299), ""))).await;
    assert!(matches!(other, Err(CallError::Refused(RequestError::NotARequest(_)))));
}

const OFFER: Duration = Duration::from_millis(20);

/// A client whose window has one place, which a request has that the centre does not answer.
async fn full(builder: Builder) -> (Client, Inbound, Centre, Responder, tokio::task::JoinHandle<Answer>) {
    let (client, inbound, mut centre) = bound(builder.window(1)).await;
    let first = tokio::spawn({
        let client = client.clone();
        async move { client.submit_sm(&submit("first")).await }
    });
    let (_, responder) = centre.submitted().await;
    (client, inbound, centre, responder, first)
}

type Answer = Result<SubmitSmResp, CallError>;

#[tokio::test]
async fn who_waits_too_long_for_the_window_has_sent_nothing() {
    let builder = esme().offer_timeout(OFFER);
    let (client, _inbound, mut centre, responder, first) = full(builder).await;
    let begun = Instant::now();
    let error = soon(client.submit_sm(&submit("too late"))).await.unwrap_err();
    assert!(matches!(error, CallError::OfferTimedOut) && !error.may_be_delivered());
    assert_eq!(error.to_string(), "not sent: no place in the window came free in time");
    assert!(begun.elapsed() >= OFFER);
    // One that comes back to the window does not take the place of the next.
    responder.respond(CommandStatus::ESME_ROK, &message_id("1")).unwrap();
    assert_eq!(soon(first).await.unwrap().unwrap().message_id, mark("1"));
    let next = async {
        let (pdu, responder) = centre.submitted().await;
        assert_eq!(pdu.short_message.as_bytes(), b"next");
        responder.respond(CommandStatus::ESME_ROK, &message_id("2")).unwrap();
    };
    let pdu = submit("next");
    let (answer, ()) = soon(async { tokio::join!(client.submit_sm(&pdu), next) }).await;
    assert_eq!(answer.unwrap().message_id, mark("2"));
    assert_eq!((client.stats().requests_out, client.in_flight()), (3, 0));
}

/// Ended while it waited in line, it says how.
#[tokio::test]
async fn a_lost_connection_goes_before_the_offer() {
    let builder = esme().offer_timeout(OFFER);
    let (client, _inbound, centre, _responder, first) = full(builder).await;
    let pdu = submit("second");
    let mut second = pin!(client.submit_sm(&pdu));
    assert!(poll_once(second.as_mut()).await.is_pending());
    centre.vanish().await;
    assert_eq!(soon(client.closed()).await, CloseReason::PeerClosed);
    assert!(matches!(
        second.await,
        Err(CallError::NotWritten(CloseReason::PeerClosed))
    ));
    assert!(matches!(soon(first).await.unwrap(), Err(CallError::MaybeDelivered(_))));
}

#[tokio::test]
async fn without_an_offer_timeout_it_waits() {
    let (client, _inbound, _centre, _responder, _first) = full(esme()).await;
    let pdu = submit("second");
    let waiting = client.submit_sm(&pdu);
    assert!(tokio::time::timeout(OFFER, waiting).await.is_err());
}

async fn poll_once<F: Future>(mut future: Pin<&mut F>) -> Poll<F::Output> {
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await
}

fn is_window_full<T>(result: Result<T, CallError>) -> bool {
    matches!(result, Err(CallError::Refused(RequestError::WindowFull)))
}
