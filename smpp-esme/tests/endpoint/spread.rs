//! Several binds as one.

use crate::fake::{esme, is_rejected, submit};
use crate::{Smsc, accept, all_bound, endpoint, submits, submitted, within};
use smpp_esme::pdu::CommandStatus;
use smpp_esme::{BindKind, CallError, EndpointError, RequestError};
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn requests_go_by_the_bind_with_the_most_free_window() {
    let mut smscs = [Smsc::reached_by(esme().window(2)), Smsc::reached_by(esme().window(4))];
    let (endpoint, _inbound, [mut a, mut b]) = endpoint(|b| b, &mut smscs).await;
    let tasks: Vec<_> = (0..6).map(|_| submits(&endpoint, "")).collect();
    let mut responders = Vec::new();
    for _ in 0..2 {
        responders.push(submitted(&mut a).await.1);
    }
    for _ in 0..4 {
        responders.push(submitted(&mut b).await.1);
    }
    responders.into_iter().for_each(accept);
    for task in tasks {
        assert!(within(20, task).await.unwrap().is_ok());
    }
}

#[tokio::test(start_paused = true)]
async fn a_bind_that_is_lost_leaves_what_it_had_not_sent_to_the_other() {
    let mut smscs = [Smsc::reached_by(esme().window(1)), Smsc::reached_by(esme().window(1))];
    let (endpoint, _inbound, [mut a, mut b]) = endpoint(|b| b, &mut smscs).await;
    let tasks: Vec<_> = (0..10).map(|n| submits(&endpoint, &n.to_string())).collect();
    let (lost, _) = submitted(&mut a).await;
    a.vanish().await;
    let mut seen = Vec::new();
    for _ in 0..9 {
        let (text, responder) = submitted(&mut b).await;
        accept(responder);
        seen.push(text);
    }
    seen.push(lost.clone());
    seen.sort();
    assert_eq!(seen, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"], "each once");
    for (n, task) in tasks.into_iter().enumerate() {
        let end = within(20, task).await.unwrap();
        assert_eq!(end.is_err(), n.to_string() == lost, "{end:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_bind_that_says_nothing_does_not_hold_what_others_could_send() {
    let mut smscs = [Smsc::reached_by(esme().window(2)), Smsc::reached_by(esme().window(2))];
    let (endpoint, _inbound, [_silent, mut b]) = endpoint(|b| b, &mut smscs).await;
    let mut tasks: Vec<_> = (0..100).map(|_| submits(&endpoint, "")).collect();
    // It has a window, and as many in line behind it.
    for _ in 0..96 {
        accept(submitted(&mut b).await.1);
    }
    let mut ended = 0;
    for task in &mut tasks {
        ended += usize::from(tokio::time::timeout(Duration::from_secs(1), task).await.is_ok());
    }
    assert_eq!(ended, 96);
}

#[tokio::test(start_paused = true)]
async fn a_member_is_added_while_the_others_work() {
    let (mut smscs, mut late) = ([Smsc::reached_by(esme().window(1))], Smsc::reached_by(esme().window(1)));
    let (endpoint, _inbound, [mut a]) = endpoint(|b| b, &mut smscs).await;
    let tasks: Vec<_> = (0..4).map(|n| submits(&endpoint, &n.to_string())).collect();
    let (_, first) = submitted(&mut a).await;
    let id = endpoint.add(late.line());
    assert_eq!(id.number(), 2);
    let mut b = late.bound().await;
    all_bound(&endpoint, 2).await;
    for _ in 0..2 {
        accept(submitted(&mut b).await.1);
    }
    accept(first);
    accept(submitted(&mut a).await.1);
    for task in tasks {
        assert!(within(20, task).await.unwrap().is_ok());
    }
}

#[tokio::test(start_paused = true)]
async fn a_member_is_removed_and_nothing_is_lost() {
    let mut smscs = [Smsc::reached_by(esme().window(1)), Smsc::reached_by(esme().window(1))];
    let (endpoint, _inbound, [mut a, mut b]) = endpoint(|b| b, &mut smscs).await;
    let tasks: Vec<_> = (0..20).map(|_| submits(&endpoint, "")).collect();
    let (_, first) = submitted(&mut a).await;
    let id = endpoint.watch().borrow().members[0].id;
    let removed = tokio::spawn({
        let endpoint = endpoint.clone();
        async move { endpoint.remove(id, Duration::from_secs(5)).await }
    });
    let answers = tokio::spawn(async move {
        let mut served = 0;
        while let Some(asked) = b.next().await {
            accept(asked.responder);
            served += 1;
            if served == 18 {
                break;
            }
        }
        (served, b)
    });
    accept(first);
    // What was in line behind its window is still sent.
    accept(submitted(&mut a).await.1);
    let closed = within(20, removed).await.unwrap().unwrap();
    assert!(closed.unknown.is_empty(), "{closed:?}");
    assert_eq!(closed.reason, Some(smpp_esme::CloseReason::Unbound));
    for task in tasks {
        assert!(within(20, task).await.unwrap().is_ok());
    }
    let _ = within(20, answers).await;
    assert_eq!(endpoint.watch().borrow().members.len(), 1);
    assert!(endpoint.remove(id, Duration::ZERO).await.is_none());
    assert!(endpoint.watch_member(id).is_none());
}

#[tokio::test(start_paused = true)]
async fn a_receiver_gets_no_requests() {
    let mut smscs = [Smsc::reached_by(esme().bind(BindKind::Receiver)), Smsc::new()];
    let (endpoint, _inbound, [_rx, mut tx]) = endpoint(|b| b, &mut smscs).await;
    for _ in 0..4 {
        let task = submits(&endpoint, "");
        accept(submitted(&mut tx).await.1);
        assert!(within(20, task).await.unwrap().is_ok());
    }
}

#[tokio::test(start_paused = true)]
async fn receivers_alone_submit_nothing_and_say_so() {
    let mut smscs = [Smsc::reached_by(esme().bind(BindKind::Receiver))];
    let (endpoint, _inbound, _centres) = endpoint(|b| b, &mut smscs).await;
    let error = within(20, endpoint.submit_sm(&submit(""))).await.unwrap_err();
    assert!(matches!(
        error,
        EndpointError::Call(CallError::Refused(RequestError::WrongState(..)))
    ));
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_is_not_sent_again_unless_that_is_asked_for() {
    let mut smscs = [Smsc::new()];
    let (endpoint, _inbound, [mut centre]) = endpoint(|b| b, &mut smscs).await;
    let task = submits(&endpoint, "");
    submitted(&mut centre)
        .await
        .1
        .reject(CommandStatus::ESME_RTHROTTLED)
        .unwrap();
    let Err(EndpointError::Call(error)) = within(20, task).await.unwrap() else {
        panic!("refused")
    };
    assert!(is_rejected::<()>(Err(error), CommandStatus::ESME_RTHROTTLED));
}

#[tokio::test(start_paused = true)]
async fn without_waiting_it_is_busy() {
    let mut smscs = [Smsc::reached_by(esme().window(1))];
    let (endpoint, _inbound, [mut centre]) = endpoint(|b| b, &mut smscs).await;
    let task = submits(&endpoint, "");
    let (_, responder) = submitted(&mut centre).await;
    assert!(matches!(
        endpoint.try_submit_sm(&submit("")).await,
        Err(EndpointError::Busy)
    ));
    accept(responder);
    assert!(within(20, task).await.unwrap().is_ok());
}

/// Of what a bind cannot send yet, as much as its window waits in its own line; all else goes by whichever comes first.
#[tokio::test(start_paused = true)]
async fn behind_a_window_as_much_waits_again_and_no_more() {
    let mut smscs = [Smsc::reached_by(esme().window(2))];
    let (endpoint, _inbound, [mut silent]) = endpoint(|b| b, &mut smscs).await;
    let tasks: Vec<_> = (0..10).map(|n| submits(&endpoint, &n.to_string())).collect();
    let mut held = Vec::new();
    for _ in 0..2 {
        held.push(submitted(&mut silent).await.1);
    }
    let mut other = Smsc::reached_by(esme().window(100));
    endpoint.add(other.line());
    let mut other = other.bound().await;
    for n in 4..10 {
        let (text, responder) = submitted(&mut other).await;
        assert_eq!(text, n.to_string());
        accept(responder);
    }
    held.into_iter().for_each(accept);
    for n in 2..4 {
        let (text, responder) = submitted(&mut silent).await;
        assert_eq!(text, n.to_string());
        accept(responder);
    }
    for task in tasks {
        assert!(within(20, task).await.unwrap().is_ok());
    }
}
