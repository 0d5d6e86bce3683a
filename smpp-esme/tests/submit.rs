//! Requests and their outcomes.

mod fake;

use fake::{Raw, bound, esme, is_rejected, message_id, soon, submit};
use futures_util::FutureExt;
use futures_util::future::join_all;
use smpp_esme::pdu::{COctetString, CommandStatus, Pdu, QuerySm, SubmitSm, UnbindResp};
use smpp_esme::{CallError, CloseReason, RequestError, State};
use std::time::Duration;

#[tokio::test]
async fn answered() {
    let (client, _inbound, mut centre) = bound(esme()).await;
    let pdu = submit("hello");
    let answer = async {
        let (pdu, responder) = centre.submitted().await;
        assert_eq!(pdu.short_message.as_bytes(), b"hello");
        responder.respond(CommandStatus::ESME_ROK, &message_id("17")).unwrap();
    };
    let (response, ()) = soon(async { tokio::join!(client.submit_sm(&pdu), answer) }).await;
    assert_eq!(response.unwrap().message_id.as_bytes(), b"17");
    assert_eq!((client.stats().answered, client.in_flight()), (2, 0));
}

#[tokio::test]
async fn a_view_is_submitted_as_well() {
    let (client, _inbound, mut centre) = bound(esme()).await;
    let mut pdu = SubmitSm::borrowed();
    pdu.destination_addr.addr = COctetString::new(&b"447700900123"[..]).unwrap();
    let answer = async {
        let (pdu, responder) = centre.submitted().await;
        assert_eq!(pdu.destination_addr.addr.as_bytes(), b"447700900123");
        responder.respond(CommandStatus::ESME_ROK, &message_id("1")).unwrap();
    };
    let (response, ()) = soon(async { tokio::join!(client.submit_sm(&pdu), answer) }).await;
    assert!(response.is_ok());
}

#[tokio::test]
async fn rejected_by_each_status() {
    let (client, _inbound, mut centre) = bound(esme()).await;
    for status in [
        CommandStatus::ESME_RTHROTTLED,
        CommandStatus::ESME_RMSGQFUL,
        CommandStatus::ESME_RINVDSTADR,
        CommandStatus(0x0402),
    ] {
        let pdu = submit("");
        let reject = async { centre.submitted().await.1.reject(status).unwrap() };
        let (response, ()) = soon(async { tokio::join!(client.submit_sm(&pdu), reject) }).await;
        assert!(is_rejected(response, status));
    }
}

#[tokio::test]
async fn the_window_is_waited_for_or_not() {
    let (client, _inbound, mut centre) = bound(esme().window(1)).await;
    let first = tokio::spawn({
        let client = client.clone();
        async move { client.submit_sm(&submit("1")).await }
    });
    let (_, responder) = centre.submitted().await;
    assert!(matches!(
        soon(client.try_submit_sm(&submit("2"))).await,
        Err(CallError::Refused(RequestError::WindowFull))
    ));
    let second = tokio::spawn({
        let client = client.clone();
        async move { client.request(submit("3")).await }
    });
    responder.respond(CommandStatus::ESME_ROK, &message_id("1")).unwrap();
    let (pdu, responder) = centre.submitted().await;
    assert_eq!(pdu.short_message.as_bytes(), b"3");
    responder.respond(CommandStatus::ESME_ROK, &message_id("3")).unwrap();
    assert!(soon(first).await.unwrap().is_ok() && soon(second).await.unwrap().is_ok());
}

#[tokio::test]
async fn any_other_request() {
    let (client, _inbound, mut centre) = bound(esme()).await;
    assert!(soon(client.enquire_link()).await.is_ok());
    let query = QuerySm {
        message_id: COctetString::new("1").unwrap(),
        ..QuerySm::default()
    };
    let refuse = async {
        let asked = centre.asked().await;
        asked.responder.reject(CommandStatus::ESME_RQUERYFAIL).unwrap();
    };
    let (response, ()) = soon(async { tokio::join!(client.request(&query), refuse) }).await;
    assert!(is_rejected(response, CommandStatus::ESME_RQUERYFAIL));
}

#[tokio::test]
async fn a_lost_connection_tells_what_may_have_arrived() {
    let (client, _inbound, mut centre) = bound(esme().window(1)).await;
    let (sent, queued) = (submit("sent"), submit("queued"));
    let vanish = async move {
        let _asked = centre.submitted().await;
        centre.vanish().await;
    };
    let (sent, queued, ()) =
        soon(async { tokio::join!(biased; client.submit_sm(&sent), client.submit_sm(&queued), vanish) }).await;
    let error = sent.unwrap_err();
    assert!(matches!(error, CallError::MaybeDelivered(CloseReason::PeerClosed)));
    assert!(error.may_be_delivered());
    assert!(matches!(queued, Err(CallError::NotWritten(CloseReason::PeerClosed))));
    assert_eq!(soon(client.closed()).await, CloseReason::PeerClosed);
    assert!(!client.is_open());
    assert!(matches!(
        soon(client.submit_sm(&submit(""))).await,
        Err(CallError::NotWritten(CloseReason::PeerClosed))
    ));
}

#[tokio::test]
async fn unbind_waits_for_what_is_in_flight() {
    let (client, _inbound, mut centre) = bound(esme()).await;
    let pdu = submit("");
    let answer = async {
        let (_, responder) = centre.submitted().await;
        responder.respond(CommandStatus::ESME_ROK, &message_id("1")).unwrap();
    };
    let (response, reason, ()) =
        soon(async { tokio::join!(biased; client.submit_sm(&pdu), client.unbind(), answer) }).await;
    assert!(response.is_ok());
    assert_eq!(reason, CloseReason::Unbound);
    assert_eq!(centre.closed().await, CloseReason::Unbound);
    assert_eq!(client.state(), State::Closed);
    assert!(matches!(
        soon(client.submit_sm(&pdu)).await,
        Err(CallError::NotWritten(CloseReason::Unbound))
    ));
}

/// Ten are in flight, and nobody waits for one of them; two stand in line. The centre agrees to the end, and no more.
#[tokio::test]
async fn close_says_what_is_left() {
    let (io, mut centre) = Raw::in_memory();
    let builder = esme();
    let (connected, ()) = soon(async { tokio::join!(builder.connect_over(io), centre.accept_bind(&[])) }).await;
    let (client, _inbound) = connected.unwrap();
    let pdu = submit("");
    let mut calls: Vec<_> = (0..12).map(|_| Box::pin(client.submit_sm(&pdu))).collect();
    for call in &mut calls {
        assert!(call.as_mut().now_or_never().is_none());
    }
    for _ in 0..10 {
        assert!(matches!(centre.read().await, (Pdu::SubmitSm(_), _)));
    }
    drop(calls.remove(0));
    let let_go = async {
        let (pdu, sequence) = centre.read().await;
        assert!(matches!(pdu, Pdu::Unbind(_)), "{pdu:?}");
        let agreed = centre.frame(CommandStatus::ESME_ROK, sequence, &UnbindResp::default());
        centre.write(&agreed).await;
    };
    let (closed, ()) = soon(async { tokio::join!(client.close(Duration::ZERO), let_go) }).await;
    let numbers: Vec<_> = closed.unanswered.iter().map(|left| left.sequence_number).collect();
    assert_eq!(
        (closed.reason, numbers, closed.not_sent),
        (CloseReason::Unbound, (2..12).collect(), 2)
    );
    let ends = soon(join_all(calls)).await;
    let maybe = |end: &&Result<_, CallError>| matches!(end, Err(CallError::MaybeDelivered(CloseReason::Unbound)));
    let not_sent = |end: &&Result<_, CallError>| matches!(end, Err(CallError::NotWritten(CloseReason::Unbound)));
    assert_eq!(
        (ends.iter().filter(maybe).count(), ends.iter().filter(not_sent).count()),
        (9, 2)
    );
}

#[tokio::test]
async fn the_peer_unbinds() {
    let (client, mut inbound, centre) = bound(esme()).await;
    centre.handle.unbind();
    assert_eq!(soon(client.closed()).await, CloseReason::Unbound);
    assert_eq!(centre.closed().await, CloseReason::Unbound);
    assert!(soon(inbound.recv()).await.is_none());
}

#[tokio::test]
async fn the_last_hold_dropped_unbinds_in_order() {
    let (client, inbound, centre) = bound(esme()).await;
    drop(client.clone());
    drop(client);
    // Who receives holds it too.
    let deliver = async { centre.deliver("still bound").await };
    let receive = async {
        let mut inbound = inbound;
        let delivery = inbound.recv().await.expect("a delivery");
        let smpp_esme::Delivery::DeliverSm(_, responder) = delivery else {
            panic!("no deliver_sm")
        };
        responder.accept().unwrap();
    };
    let (delivered, ()) = soon(async { tokio::join!(deliver, receive) }).await;
    assert!(delivered.is_ok());
    assert_eq!(centre.closed().await, CloseReason::Unbound);
}
