//! The end, and what it leaves behind.

use crate::fake::{esme, submit};
use crate::{Smsc, accept, endpoint, submits, submitted, within};
use smpp_esme::pdu::{CommandId, Pdu};
use smpp_esme::{CallError, CloseReason, Config, Endpoint, EndpointError, MemberState, StopReason};
use std::time::Duration;
use tokio::time::Instant;

const SOON: Duration = Duration::from_secs(5);

#[tokio::test(start_paused = true)]
async fn what_has_begun_goes_on_and_nothing_begins() {
    let mut smscs = [Smsc::reached_by(esme().window(1))];
    let (endpoint, _inbound, [mut centre]) = endpoint(|b| b, &mut smscs).await;
    let tasks: Vec<_> = (0..5).map(|_| submits(&endpoint, "")).collect();
    let (_, mut responder) = submitted(&mut centre).await;
    let closing = tokio::spawn({
        let endpoint = endpoint.clone();
        async move { endpoint.close(SOON).await }
    });
    within(20, endpoint.watch().wait_for(|state| state.closing))
        .await
        .unwrap();
    assert!(matches!(
        endpoint.submit_sm(&submit("")).await,
        Err(EndpointError::Closed)
    ));
    for _ in 0..4 {
        accept(responder);
        responder = submitted(&mut centre).await.1;
    }
    accept(responder);
    let closed = within(20, closing).await.unwrap();
    assert_eq!(closed.len(), 1);
    assert_eq!(closed[0].reason, Some(CloseReason::Unbound));
    assert!(closed[0].unknown.is_empty());
    for task in tasks {
        assert!(within(20, task).await.unwrap().is_ok());
    }
    let state = endpoint.watch().borrow().clone();
    assert!(matches!(
        state.members[0].state,
        MemberState::Stopped(StopReason::Closed)
    ));
    assert!(matches!(state.stopped(), Some(StopReason::Closed)));
    // Again, it has nothing to do.
    assert_eq!(within(20, endpoint.close(SOON)).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn it_returns_what_is_unknown_and_nothing_else() {
    let mut smscs = [Smsc::reached_by(esme().window(2)), Smsc::reached_by(esme().window(2))];
    let (endpoint, _inbound, [mut a, mut b]) = endpoint(|b| b, &mut smscs).await;
    let tasks: Vec<_> = (0..20).map(|_| submits(&endpoint, "")).collect();
    let mut responders = Vec::new();
    for centre in [&mut a, &mut b] {
        for _ in 0..2 {
            responders.push(submitted(centre).await.1);
        }
    }
    // One is answered, and one is not waited for any more.
    accept(responders.remove(0));
    accept(submitted(&mut a).await.1);
    let begun = Instant::now();
    // Nothing else is answered, and with that the unbind is not either.
    let closed = within(60, endpoint.close(Duration::ZERO)).await;
    assert!(
        begun.elapsed() <= Config::default().drain + SOON,
        "{:?}",
        begun.elapsed()
    );
    assert!(
        closed
            .iter()
            .all(|closed| closed.reason == Some(CloseReason::UnbindTimeout))
    );
    let (mut answered, mut unknown, mut not_sent) = (0, 0, 0);
    for task in tasks {
        match within(20, task).await.unwrap() {
            Ok(_) => answered += 1,
            Err(error) if error.may_be_delivered() => unknown += 1,
            Err(error) => {
                assert_eq!(error.retry(), smpp_esme::Retry::Unsent, "{error}");
                not_sent += 1;
            }
        }
    }
    let listed: Vec<_> = closed.iter().flat_map(|closed| &closed.unknown).collect();
    assert!(listed.iter().all(|request| request.command_id == CommandId::SUBMIT_SM));
    assert_eq!(listed.len(), unknown);
    assert_eq!(answered + unknown + not_sent, 20);
    assert!(answered >= 1 && unknown >= 3, "{answered} {unknown} {not_sent}");
}

#[tokio::test(start_paused = true)]
async fn a_future_that_was_dropped_is_listed_too() {
    let mut smscs = [Smsc::new()];
    let (endpoint, _inbound, [mut centre]) = endpoint(|b| b, &mut smscs).await;
    let task = submits(&endpoint, "");
    let _responder = submitted(&mut centre).await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    let closed = within(60, endpoint.close(Duration::ZERO)).await;
    let unknown = &closed[0].unknown;
    assert_eq!(unknown.len(), 1);
    assert_eq!(
        (unknown[0].command_id, unknown[0].sequence_number),
        (CommandId::SUBMIT_SM, 2)
    );
}

#[tokio::test(start_paused = true)]
async fn without_a_bind_it_ends_at_once() {
    let smsc = Smsc::new();
    smsc.is_dead(usize::MAX);
    let (endpoint, _inbound) = Endpoint::builder().member(smsc.line()).start().await;
    let waiting = submits(&endpoint, "");
    tokio::time::sleep(Duration::from_secs(100)).await;
    let begun = Instant::now();
    let closed = within(1, endpoint.close(SOON)).await;
    assert_eq!(begun.elapsed(), Duration::ZERO);
    assert!(closed[0].reason.is_none() && closed[0].unknown.is_empty());
    assert!(matches!(within(1, waiting).await.unwrap(), Err(EndpointError::Closed)));
}

#[tokio::test(start_paused = true)]
async fn the_last_handle_unbinds() {
    let mut smscs = [Smsc::new()];
    let (endpoint, inbound, [mut centre]) = endpoint(|b| b, &mut smscs).await;
    let view = endpoint.sticky(1);
    drop(endpoint);
    let other = view.clone();
    drop((view, inbound));
    let asked = tokio::time::timeout(SOON, centre.next()).await;
    assert!(asked.is_err(), "somebody still holds it");
    drop(other);
    assert_eq!(centre.closed().await, CloseReason::Unbound);
    assert!(centre.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_member_that_comes_too_late_stops_at_once() {
    let mut smscs = [Smsc::new()];
    let (endpoint, _inbound, _centres) = endpoint(|b| b, &mut smscs).await;
    let _ = within(60, endpoint.close(SOON)).await;
    let late = Smsc::new();
    let id = endpoint.add(late.line());
    let mut status = endpoint.watch_member(id).unwrap();
    within(20, status.wait_for(|status| status.stopped().is_some()))
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_session_that_the_smsc_unbinds_loses_nothing() {
    let mut smscs = [Smsc::reached_by(esme().window(1))];
    let (endpoint, _inbound, [mut centre]) = endpoint(|b| b, &mut smscs).await;
    let tasks: Vec<_> = (0..3).map(|_| submits(&endpoint, "")).collect();
    let (_, responder) = submitted(&mut centre).await;
    centre.handle.unbind();
    accept(responder);
    let mut next = smscs[0].bound().await;
    let mut served = 0;
    let all = async {
        for task in tasks {
            match task.await.unwrap() {
                Ok(_) => {}
                Err(EndpointError::Call(CallError::MaybeDelivered(_))) => panic!("it was answered or never sent"),
                Err(other) => panic!("{other}"),
            }
        }
    };
    let serve = async {
        while let Some(asked) = next.next().await {
            if let Pdu::SubmitSm(_) = asked.pdu {
                served += 1;
                accept(asked.responder);
            }
        }
    };
    tokio::select! {
        () = all => {}
        () = serve => {}
        () = tokio::time::sleep(Duration::from_secs(60)) => panic!("in time"),
    }
    assert!(served <= 2);
}
