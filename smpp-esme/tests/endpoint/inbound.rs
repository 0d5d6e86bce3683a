//! What the SMSCs send to several members.

use crate::fake::{Raw, esme, is_rejected, message, receipt};
use crate::{Smsc, endpoint, within};
use futures_util::FutureExt as _;
use smpp_esme::pdu::{CommandStatus, DeliverSm, DeliverSmResp, Pdu, UnbindResp};
use smpp_esme::{CallError, Delivery, Endpoint, EndpointInbound, Handler, MemberId, async_trait};
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

async fn next(inbound: &mut EndpointInbound) -> (MemberId, String) {
    match within(20, inbound.recv()).await {
        Some((id, Delivery::DeliverSm(pdu, responder))) => {
            let text = String::from_utf8(pdu.short_message.as_bytes().to_vec()).unwrap();
            let _ = responder.accept();
            (id, text)
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn each_bind_is_heard_and_answered_on_itself() {
    let mut smscs = [Smsc::new(), Smsc::new()];
    let (_endpoint, mut inbound, [a, b]) = endpoint(|b| b, &mut smscs).await;
    let (first, second, ()) = tokio::join!(a.deliver("from a"), b.deliver("from b"), async {
        let mut heard = [next(&mut inbound).await, next(&mut inbound).await];
        heard.sort();
        let heard = heard.map(|(id, text)| (id.number(), text));
        assert_eq!(heard, [(1, "from a".to_owned()), (2, "from b".to_owned())]);
    });
    assert!(first.is_ok() && second.is_ok());
}

#[tokio::test(start_paused = true)]
async fn each_bind_is_heard_in_the_order_of_the_wire_and_the_busy_one_does_not_drown_the_other() {
    let mut smscs = [Smsc::reached_by(esme()), Smsc::new()];
    let (_endpoint, mut inbound, [a, b]) = endpoint(|b| b, &mut smscs).await;
    a.handle.set_window(200);
    let texts: Vec<_> = (0..100).map(|n| n.to_string()).collect();
    let sends = async {
        futures_util::future::join_all(texts.iter().map(|text| a.deliver(text))).await;
    };
    let (_, _, ()) = tokio::join!(sends, b.deliver("b"), async {
        let (mut heard, mut at) = (Vec::new(), 0);
        for n in 0..101 {
            match next(&mut inbound).await {
                (id, text) if id.number() == 1 => heard.push(text),
                _ => at = n,
            }
        }
        assert_eq!(heard, texts);
        assert!(at < 3, "after {at} of the other");
    });
}

#[tokio::test(start_paused = true)]
async fn a_response_is_there_before_the_receipt_behind_it() {
    let mut smscs = [Smsc::new()];
    let (endpoint, mut inbound, [mut centre]) = endpoint(|b| b, &mut smscs).await;
    let pdu = crate::fake::submit("");
    let asks = async {
        let mut submit = std::pin::pin!(endpoint.submit_sm(&pdu));
        tokio::select! {
            biased;
            response = &mut submit => assert_eq!(response.unwrap().message_id.as_bytes(), b"17"),
            delivery = inbound.recv() => panic!("{delivery:?}"),
        }
        assert!(next(&mut inbound).await.1.starts_with("id:17 "));
    };
    let plays = async {
        let (_, responder) = centre.submitted().await;
        let id = crate::fake::message_id("17");
        responder.respond(CommandStatus::ESME_ROK, &id).unwrap();
        crate::fake::ask(&centre.handle, receipt("17", "DELIVRD"))
            .await
            .unwrap();
    };
    within(20, async { tokio::join!(asks, plays) }).await;
}

#[tokio::test(start_paused = true)]
async fn it_goes_on_with_the_next_bind() {
    let mut smscs = [Smsc::new()];
    let (endpoint, mut inbound, [centre]) = endpoint(|b| b, &mut smscs).await;
    let (delivered, _) = tokio::join!(centre.deliver("1"), next(&mut inbound));
    delivered.unwrap();
    centre.vanish().await;
    let centre = smscs[0].bound().await;
    let (delivered, heard) = tokio::join!(centre.deliver("2"), next(&mut inbound));
    delivered.unwrap();
    assert_eq!(heard.1, "2");
    let _ = endpoint.close(Duration::from_secs(1)).await;
    assert!(within(20, inbound.recv()).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn what_lost_binds_have_left_is_bounded() {
    let mut smscs = [Smsc::new()];
    let (endpoint, mut inbound, [mut centre]) = endpoint(|b| b, &mut smscs).await;
    for n in 0..5 {
        let handle = centre.handle.clone();
        let text = n.to_string();
        let delivered = tokio::spawn(async move { handle.request(message(&text)).await });
        tokio::time::sleep(Duration::from_millis(1)).await;
        centre.vanish().await;
        assert!(within(20, delivered).await.unwrap().is_err());
        centre = smscs[0].bound().await;
        crate::all_bound(&endpoint, 1).await;
    }
    // The last lost one's, and then what comes now.
    assert_eq!(next(&mut inbound).await.1, "4");
    let (delivered, heard) = tokio::join!(centre.deliver("now"), next(&mut inbound));
    delivered.unwrap();
    assert_eq!(heard.1, "now");
}

/// The SMSC agrees to the unbind, and keeps the connection: so it is not over yet when its member is removed.
#[tokio::test(start_paused = true)]
async fn who_reads_hears_of_the_end_when_the_last_member_is_removed() {
    let mut smsc = Smsc::new();
    let (endpoint, mut inbound) = Endpoint::builder().member(smsc.line()).start().await;
    let mut centre = Raw::over(smsc.stream().await);
    centre.accept_bind(&[]).await;
    crate::all_bound(&endpoint, 1).await;
    let id = endpoint.watch().borrow().members[0].id;
    let reads = tokio::spawn(async move { inbound.recv().await.is_none() });
    let agrees = async {
        let (unbind, number) = centre.read().await;
        assert!(matches!(unbind, Pdu::Unbind(_)), "{unbind:?}");
        let agreed = centre.frame(CommandStatus::ESME_ROK, number, &UnbindResp::default());
        centre.write(&agreed).await;
    };
    tokio::join!(endpoint.close(Duration::from_secs(1)), agrees);
    assert!(!reads.is_finished());
    let _ = endpoint.remove(id, Duration::ZERO).await;
    assert!(within(60, reads).await.unwrap());
}

/// What one SMSC has more than anybody takes does not count against another.
#[tokio::test(start_paused = true)]
async fn each_member_has_its_own_bound() {
    let few = || Smsc::reached_by(esme().configure(|config| config.max_inbound = 2));
    let mut smscs = [few(), few()];
    let (_endpoint, mut inbound, [a, b]) = endpoint(|b| b, &mut smscs).await;
    let waiting = [(&a, "1"), (&a, "2"), (&b, "3"), (&b, "4")].map(|(centre, text)| {
        let (handle, pdu) = (centre.handle.clone(), message(text));
        tokio::spawn(async move { handle.request(pdu).await })
    });
    tokio::time::sleep(Duration::from_millis(1)).await;
    for centre in [&a, &b] {
        assert!(is_rejected(
            centre.deliver("more").await,
            CommandStatus::ESME_RTHROTTLED
        ));
    }
    for _ in 0..4 {
        next(&mut inbound).await;
    }
    for delivered in waiting {
        assert!(within(20, delivered).await.unwrap().is_ok());
    }
}

/// A waker that, dropped, removes a member.
struct Removes(Endpoint, MemberId);

impl Wake for Removes {
    fn wake(self: Arc<Self>) {}
}

impl Drop for Removes {
    fn drop(&mut self) {
        // It has stopped before, so this does not wait.
        let _ = self.0.remove(self.1, Duration::ZERO).now_or_never();
    }
}

/// Even one that is removed while somebody looks for what has come of it.
#[tokio::test(start_paused = true)]
async fn nothing_is_kept_of_a_member_that_was_removed() {
    for while_it_is_polled in [false, true] {
        let mut smscs = [Smsc::new(), Smsc::new()];
        let (endpoint, mut inbound, [a, _b]) = endpoint(|b| b, &mut smscs).await;
        let id = endpoint.watch().borrow().members[0].id;
        let removes = Waker::from(Arc::new(Removes(endpoint.clone(), id)));
        assert!(inbound.poll_recv(&mut Context::from_waker(&removes)).is_pending());
        drop(removes);
        for text in ["1", "2", "3"] {
            let handle = a.handle.clone();
            tokio::spawn(async move { handle.request(message(text)).await });
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
        a.vanish().await;
        smscs[0].refuse(CommandStatus::ESME_RINVPASWD).await;
        let mut status = endpoint.watch_member(id).unwrap();
        within(20, status.wait_for(|status| status.stopped().is_some()))
            .await
            .unwrap();
        let mut cx = Context::from_waker(Waker::noop());
        if !while_it_is_polled {
            within(20, endpoint.remove(id, Duration::ZERO)).await.unwrap();
        }
        let mut came = 0;
        while inbound.poll_recv(&mut cx).is_ready() {
            came += 1;
        }
        // Its last waker goes when the other bind is looked at.
        assert_eq!(came, if while_it_is_polled { 2 } else { 0 });
    }
}

#[tokio::test(start_paused = true)]
async fn who_does_not_want_it_drops_it() {
    let mut smscs = [Smsc::new()];
    let (_endpoint, inbound, [centre]) = endpoint(|b| b, &mut smscs).await;
    drop(inbound);
    let error = centre.deliver("").await.unwrap_err();
    assert!(matches!(error, CallError::Rejected(rejection)
        if rejection.command_status() == CommandStatus::ESME_RSYSERR));
    centre.vanish().await;
    let centre = smscs[0].bound().await;
    assert!(centre.deliver("").await.is_err(), "nor of the next bind");
}

#[tokio::test]
async fn a_handler_answers_in_its_place() {
    #[derive(Default)]
    struct Heard(Mutex<Vec<String>>);

    #[async_trait]
    impl Handler for Heard {
        async fn deliver_sm(&self, pdu: DeliverSm) -> Result<DeliverSmResp, CommandStatus> {
            let text = String::from_utf8_lossy(pdu.short_message.as_bytes()).into_owned();
            self.0.lock().unwrap().push(text);
            Ok(DeliverSmResp::default())
        }
    }

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let heard = Arc::new(Heard::default());
    let builder = esme()
        .addresses([listener.local_addr().unwrap()])
        .handler(heard.clone());
    let (_endpoint, _inbound) = Endpoint::builder().member(builder).start().await;
    for text in ["1", "2"] {
        let (io, _) = crate::fake::soon(listener.accept()).await.unwrap();
        let mut centre = crate::fake::Centre::over(io);
        centre.accept_bind().await;
        assert!(centre.deliver(text).await.is_ok());
        centre.vanish().await;
    }
    assert_eq!(*heard.0.lock().unwrap(), ["1", "2"]);
}
