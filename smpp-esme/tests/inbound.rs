//! What the SMSC sends: the stream, the responders, the handler, and the order of the wire.

mod fake;

use fake::{Centre, Raw, ask, bound, esme, is_rejected, message, message_id, receipt, soon, submit};
use smpp_esme::pdu::{
    AlertNotification, CommandStatus, DataSm, DeliverSm, DeliverSmResp, EnquireLink, EsmClass, Pdu, QuerySm,
};
use smpp_esme::{CloseReason, Delivery, Handler, Inbound, RespondError, Responder, async_trait};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;
use tokio::sync::oneshot;

async fn delivered(inbound: &mut Inbound) -> (DeliverSm, Responder) {
    match soon(inbound.recv()).await {
        Some(Delivery::DeliverSm(pdu, responder)) => (pdu, responder),
        other => panic!("no deliver_sm: {other:?}"),
    }
}

fn text(pdu: &DeliverSm) -> &str {
    std::str::from_utf8(pdu.short_message.as_bytes()).unwrap()
}

#[tokio::test]
async fn what_stands_behind_the_bind_response_in_one_segment_arrives() {
    let (io, mut centre) = Raw::in_memory();
    let more: Vec<u8> = ["one", "two", "three"]
        .iter()
        .zip(1..)
        .flat_map(|(text, number)| centre.frame(CommandStatus::ESME_ROK, number, &message(text)))
        .collect();
    let builder = esme();
    let (connected, ()) = soon(async { tokio::join!(builder.connect_over(io), centre.accept_bind(&more)) }).await;
    let (_client, mut inbound) = connected.unwrap();
    for (expected, number) in [("one", 1), ("two", 2), ("three", 3)] {
        let (pdu, responder) = delivered(&mut inbound).await;
        assert_eq!(text(&pdu), expected);
        responder.accept().unwrap();
        assert!(matches!(centre.read().await, (Pdu::DeliverSmResp(Some(_)), answered) if answered == number));
    }
}

#[tokio::test]
async fn a_receipt_before_its_response_comes_first() {
    let (client, mut inbound, mut centre) = bound(esme()).await;
    let submitted = tokio::spawn({
        let client = client.clone();
        async move { client.submit_sm(&submit("")).await }
    });
    let (_, responder) = centre.submitted().await;
    let deliver = async { ask(&centre.handle, receipt("7", "DELIVRD")).await };
    let receive = async {
        let (pdu, responder) = delivered(&mut inbound).await;
        assert!(pdu.esm_class.is_delivery_receipt() && !submitted.is_finished());
        responder.accept().unwrap();
    };
    let (accepted, ()) = soon(async { tokio::join!(deliver, receive) }).await;
    assert!(accepted.is_ok());
    responder.respond(CommandStatus::ESME_ROK, &message_id("7")).unwrap();
    let response = soon(submitted).await.unwrap().unwrap();
    assert_eq!(response.message_id.as_bytes(), b"7");
}

/// Whoever sees the receipt finds the response there, however the two are polled.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_right_behind_its_response_does_not_overtake_it() {
    let (client, mut inbound, mut centre) = bound(esme()).await;
    for round in 0..200 {
        let id = round.to_string();
        let pdu = submit("");
        let mut submitting = std::pin::pin!(client.submit_sm(&pdu));
        let play = async {
            let (_, responder) = centre.submitted().await;
            responder.respond(CommandStatus::ESME_ROK, &message_id(&id)).unwrap();
            ask(&centre.handle, receipt(&id, "DELIVRD")).await
        };
        let mut first = None;
        let receive = async {
            let responder = tokio::select! {
                biased;
                response = &mut submitting => {
                    first = Some(response.unwrap());
                    None
                }
                delivery = inbound.recv() => match delivery {
                    Some(Delivery::DeliverSm(_, responder)) => Some(responder),
                    other => panic!("no deliver_sm: {other:?}"),
                },
            };
            let responder = match responder {
                Some(responder) => {
                    // It was not there when it was looked for; now it is, at the first look.
                    let response = futures_util::future::poll_immediate(&mut submitting).await;
                    first = Some(response.expect("the response is there").unwrap());
                    responder
                }
                None => delivered(&mut inbound).await.1,
            };
            responder.accept().unwrap();
        };
        let (accepted, ()) = soon(async { tokio::join!(play, receive) }).await;
        assert!(accepted.is_ok());
        assert_eq!(first.unwrap().message_id.as_bytes(), id.as_bytes());
    }
}

#[tokio::test]
async fn each_way_to_answer() {
    let (_client, mut inbound, centre) = bound(esme()).await;
    let asking = async {
        assert!(centre.deliver("accept").await.is_ok());
        assert!(is_rejected(
            centre.deliver("reject").await,
            CommandStatus::ESME_RX_T_APPN
        ));
        assert!(centre.deliver("respond").await.is_ok());
        // The wrong response is our misuse, and the peer is not left without one.
        assert!(is_rejected(
            centre.deliver("mismatch").await,
            CommandStatus::ESME_RSYSERR
        ));
        assert!(is_rejected(centre.deliver("drop").await, CommandStatus::ESME_RSYSERR));
    };
    let answering = async {
        let mut next = async || delivered(&mut inbound).await.1;
        next().await.accept().unwrap();
        next().await.reject(CommandStatus::ESME_RX_T_APPN).unwrap();
        next()
            .await
            .respond(CommandStatus::ESME_ROK, &DeliverSmResp::default())
            .unwrap();
        let wrong = next().await.respond(CommandStatus::ESME_ROK, &message_id("1"));
        assert!(matches!(wrong, Err(RespondError::Mismatch { .. })));
        drop(next().await);
    };
    soon(async { tokio::join!(asking, answering) }).await;
}

#[tokio::test]
async fn what_nobody_answers_gets_the_status_that_is_set() {
    let builder = esme().configure(|config| config.unanswered = CommandStatus::ESME_RX_T_APPN);
    let (_client, mut inbound, centre) = bound(builder).await;
    let drop_one = async { drop(delivered(&mut inbound).await) };
    let (answer, ()) = soon(async { tokio::join!(centre.deliver("one"), drop_one) }).await;
    assert!(is_rejected(answer, CommandStatus::ESME_RX_T_APPN));
    // What waits in it, and what comes after it.
    let waits = tokio::spawn({
        let handle = centre.handle.clone();
        async move { ask(&handle, message("waits")).await }
    });
    assert!(ask(&centre.handle, EnquireLink::default()).await.is_ok(), "it is there");
    drop(inbound);
    assert!(is_rejected(soon(waits).await.unwrap(), CommandStatus::ESME_RX_T_APPN));
    assert!(is_rejected(
        centre.deliver("after").await,
        CommandStatus::ESME_RX_T_APPN
    ));
}

#[tokio::test]
async fn an_answer_has_its_time() {
    let builder = esme().configure(|config| config.answer = Duration::from_millis(20));
    let (_client, mut inbound, centre) = bound(builder).await;
    let receive = async { delivered(&mut inbound).await };
    let (answer, (_, responder)) = soon(async { tokio::join!(centre.deliver("one"), receive) }).await;
    assert!(is_rejected(answer, CommandStatus::ESME_RSYSERR));
    assert_eq!(responder.accept(), Err(RespondError::Expired));
}

#[tokio::test]
async fn a_full_stream_throttles_and_disturbs_nothing_else() {
    let builder = esme().configure(|config| config.max_inbound = 2);
    let (client, mut inbound, mut centre) = bound(builder).await;
    let waiting: Vec<_> = ["one", "two"]
        .map(|text| {
            let handle = centre.handle.clone();
            tokio::spawn(async move { ask(&handle, message(text)).await })
        })
        .into();
    assert!(ask(&centre.handle, EnquireLink::default()).await.is_ok());
    assert!(is_rejected(
        centre.deliver("three").await,
        CommandStatus::ESME_RTHROTTLED
    ));
    // An alert has no answer: it is lost.
    centre.handle.notify(&AlertNotification::default()).unwrap();
    assert!(ask(&centre.handle, EnquireLink::default()).await.is_ok());
    let pdu = submit("");
    let answer = async {
        let (_, responder) = centre.submitted().await;
        responder.respond(CommandStatus::ESME_ROK, &message_id("1")).unwrap();
    };
    let (response, ()) = soon(async { tokio::join!(client.submit_sm(&pdu), answer) }).await;
    assert!(response.is_ok());
    for expected in ["one", "two"] {
        let (pdu, responder) = delivered(&mut inbound).await;
        assert_eq!(text(&pdu), expected);
        responder.accept().unwrap();
    }
    for task in waiting {
        assert!(soon(task).await.unwrap().is_ok());
    }
    let receive = async { delivered(&mut inbound).await.1.accept().unwrap() };
    let (answer, ()) = soon(async { tokio::join!(centre.deliver("four"), receive) }).await;
    assert!(answer.is_ok());
}

#[tokio::test]
async fn whatever_a_session_is_sent() {
    let (_client, mut inbound, centre) = bound(esme()).await;
    let data = DataSm {
        esm_class: EsmClass::DELIVERY_RECEIPT,
        ..DataSm::default()
    };
    let receive = async {
        match inbound.recv().await {
            Some(Delivery::DataSm(pdu, responder)) => {
                assert_eq!(pdu.esm_class, EsmClass::DELIVERY_RECEIPT);
                responder.accept().unwrap();
            }
            other => panic!("no data_sm: {other:?}"),
        }
    };
    let (answer, ()) = soon(async { tokio::join!(ask(&centre.handle, &data), receive) }).await;
    assert!(answer.is_ok());
    centre.handle.notify(&AlertNotification::default()).unwrap();
    assert!(matches!(
        soon(inbound.recv()).await,
        Some(Delivery::AlertNotification(_))
    ));
}

#[tokio::test]
async fn what_waits_is_still_there_after_the_end() {
    // The SMSC may have closed its half alone: for so long the answer to what waits is waited for.
    let builder = esme().configure(|config| config.drain = Duration::from_millis(20));
    let (client, mut inbound, centre) = bound(builder).await;
    // Sent, and so before what follows.
    let handle = centre.handle.clone();
    let mut waits = Box::pin(handle.request(message("last")));
    let polled = std::future::poll_fn(|cx| Poll::Ready(waits.as_mut().poll(cx))).await;
    assert!(polled.is_pending());
    assert!(ask(&centre.handle, EnquireLink::default()).await.is_ok());
    centre.vanish().await;
    assert_eq!(soon(client.closed()).await, CloseReason::PeerClosed);
    let (pdu, responder) = delivered(&mut inbound).await;
    assert_eq!(text(&pdu), "last");
    assert_eq!(responder.accept(), Err(RespondError::Closed));
    assert!(soon(inbound.recv()).await.is_none());
    assert!(soon(inbound.recv()).await.is_none());
}

#[tokio::test]
async fn as_a_stream() {
    use futures_util::Stream;
    use std::pin::Pin;
    let (_client, mut inbound, centre) = bound(esme()).await;
    let receive = async {
        let next = std::future::poll_fn(|cx| Pin::new(&mut inbound).poll_next(cx)).await;
        match next {
            Some(Delivery::DeliverSm(_, responder)) => responder.accept().unwrap(),
            other => panic!("no deliver_sm: {other:?}"),
        }
    };
    let (answer, ()) = soon(async { tokio::join!(centre.deliver("one"), receive) }).await;
    assert!(answer.is_ok());
}

struct Gate {
    /// What the message `later` waits for.
    open: tokio::sync::Mutex<Option<oneshot::Receiver<()>>>,
    alerts: Arc<Mutex<usize>>,
    closed: Mutex<Option<oneshot::Sender<CloseReason>>>,
}

#[async_trait]
impl Handler for Gate {
    async fn deliver_sm(&self, pdu: DeliverSm) -> Result<DeliverSmResp, CommandStatus> {
        match text(&pdu) {
            "now" => Ok(DeliverSmResp::default()),
            "later" => {
                let open = self.open.lock().await.take().expect("one at a time");
                open.await.map_err(|_| CommandStatus::ESME_RSYSERR)?;
                Ok(DeliverSmResp::default())
            }
            "nothing" => Err(CommandStatus::ESME_ROK),
            _ => Err(CommandStatus::ESME_RX_R_APPN),
        }
    }
    fn alert_notification(&self, _: AlertNotification) {
        *self.alerts.lock().unwrap() += 1;
    }
    fn closed(&self, reason: CloseReason) {
        if let Some(tell) = self.closed.lock().unwrap().take() {
            let _ = tell.send(reason);
        }
    }
}

#[tokio::test]
async fn a_handler_answers_in_place_of_the_stream() {
    let ((open, opened), (tell, told)) = (oneshot::channel(), oneshot::channel());
    let alerts = Arc::new(Mutex::new(0));
    let gate = Gate {
        open: tokio::sync::Mutex::new(Some(opened)),
        alerts: alerts.clone(),
        closed: Mutex::new(Some(tell)),
    };
    let (io, mut centre) = Centre::in_memory();
    let builder = esme().handler(gate);
    assert!(!format!("{builder:?}").contains("pa55word"));
    let (connected, _) = soon(async { tokio::join!(builder.connect_over(io), centre.accept_bind()) }).await;
    let client = connected.unwrap();

    let later = tokio::spawn({
        let handle = centre.handle.clone();
        async move { ask(&handle, message("later")).await }
    });
    assert!(ask(&centre.handle, EnquireLink::default()).await.is_ok());
    assert!(centre.deliver("now").await.is_ok(), "one that waits holds up no other");
    assert!(!later.is_finished());
    open.send(()).unwrap();
    assert!(soon(later).await.unwrap().is_ok());
    assert!(is_rejected(centre.deliver("no").await, CommandStatus::ESME_RX_R_APPN));
    assert!(is_rejected(
        centre.deliver("nothing").await,
        CommandStatus::ESME_RSYSERR
    ));
    let data = ask(&centre.handle, DataSm::default()).await;
    assert!(is_rejected(data, CommandStatus::ESME_RINVCMDID));
    // What only an ESME asks is refused before anybody is asked.
    assert!(ask(&centre.handle, QuerySm::default()).await.is_err());
    centre.handle.notify(&AlertNotification::default()).unwrap();
    assert!(ask(&centre.handle, EnquireLink::default()).await.is_ok());
    assert_eq!(*alerts.lock().unwrap(), 1);

    assert_eq!(soon(client.unbind()).await, CloseReason::Unbound);
    assert_eq!(soon(told).await.unwrap(), CloseReason::Unbound);
}

#[test]
fn a_handler_hears_of_the_end_of_the_runtime() {
    let (tell, mut told) = oneshot::channel();
    let gate = Gate {
        open: tokio::sync::Mutex::default(),
        alerts: Arc::default(),
        closed: Mutex::new(Some(tell)),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (_client, _centre) = runtime.block_on(async {
        let (io, mut centre) = Centre::in_memory();
        let builder = esme().handler(gate);
        let (connected, _) = soon(async { tokio::join!(builder.connect_over(io), centre.accept_bind()) }).await;
        (connected.unwrap(), centre)
    });
    drop(runtime);
    assert_eq!(told.try_recv(), Ok(CloseReason::Local));
}
