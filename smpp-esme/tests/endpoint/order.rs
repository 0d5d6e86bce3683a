//! Requests that belong together, and those that are sent again.

use crate::fake::{Centre, esme, submit};
use crate::{Smsc, accept, endpoint, submits, submitted, within};
use smpp_esme::pdu::{CommandStatus, SubmitSmResp};
use smpp_esme::{Attempts, Endpoint, EndpointError, Order, RetryPolicy, Sticky};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::Instant;

fn sends(view: &Sticky, text: &str) -> JoinHandle<Result<SubmitSmResp, EndpointError>> {
    let (view, pdu) = (view.clone(), submit(text));
    tokio::spawn(async move { view.submit_sm(&pdu).await })
}

/// Answers as many, and says what they were.
async fn serve(centre: &mut Centre, n: usize) -> Vec<String> {
    let mut seen = Vec::new();
    for _ in 0..n {
        let (text, responder) = submitted(centre).await;
        accept(responder);
        seen.push(text);
    }
    seen
}

/// Refuses as many times, and then accepts all; says what came.
async fn throttle(centre: &mut Centre, times: usize, accepted: usize) -> Vec<String> {
    let mut seen = Vec::new();
    for _ in 0..times {
        let (text, responder) = submitted(centre).await;
        responder.reject(CommandStatus::ESME_RTHROTTLED).unwrap();
        seen.push(text);
    }
    seen.extend(serve(centre, accepted).await);
    seen
}

fn texts(n: usize) -> Vec<String> {
    (0..n).map(|n| n.to_string()).collect()
}

#[tokio::test(start_paused = true)]
async fn all_parts_of_a_message_go_by_one_bind_in_order() {
    let mut smscs = [Smsc::reached_by(esme().window(2)), Smsc::reached_by(esme().window(2))];
    let (endpoint, _inbound, mut centres) = endpoint(|b| b, &mut smscs).await;
    let mut used = [0, 0];
    for key in 0..20 {
        let view = endpoint.sticky(("message", key));
        let tasks: Vec<_> = texts(7).iter().map(|text| sends(&view, text)).collect();
        let [a, b] = &mut centres;
        let (seen, by) = tokio::select! {
            seen = serve(a, 7) => (seen, 0),
            seen = serve(b, 7) => (seen, 1),
        };
        assert_eq!(seen, texts(7));
        used[by] += 1;
        for task in tasks {
            assert!(within(20, task).await.unwrap().is_ok());
        }
    }
    assert!(used[0] > 2 && used[1] > 2, "keys are spread: {used:?}");
}

#[tokio::test(start_paused = true)]
async fn a_key_stays_on_its_bind_when_others_come() {
    let mut smscs = [Smsc::new()];
    let (endpoint, _inbound, [mut first]) = endpoint(|b| b, &mut smscs).await;
    let views: Vec<_> = (0..20).map(|key| endpoint.sticky(key)).collect();
    for view in &views {
        let task = sends(view, "1");
        serve(&mut first, 1).await;
        assert!(within(20, task).await.unwrap().is_ok());
    }
    let mut late = Smsc::new();
    endpoint.add(late.line());
    let mut other = late.bound().await;
    crate::all_bound(&endpoint, 2).await;
    for view in &views {
        let task = sends(view, "2");
        serve(&mut first, 1).await;
        assert!(within(20, task).await.unwrap().is_ok());
    }
    // Nobody holds them any more: they choose anew.
    drop(views);
    let tasks: Vec<_> = (0..20).map(|key| sends(&endpoint.sticky(key), "3")).collect();
    assert_eq!(within(20, submitted(&mut other)).await.0, "3");
    drop(tasks);
}

#[tokio::test(start_paused = true)]
async fn a_lost_bind_does_not_change_the_order_of_a_key() {
    // All three are under way on the first bind when it is lost, and two of them were not sent.
    let mut smscs = [Smsc::reached_by(esme().window(1))];
    let (endpoint, _inbound, [mut centre]) = endpoint(|b| b, &mut smscs).await;
    let view = endpoint.sticky("key");
    let tasks: Vec<_> = texts(20).iter().map(|text| sends(&view, text)).collect();
    let (first, _responder) = submitted(&mut centre).await;
    assert_eq!(first, "0");
    centre.vanish().await;
    let mut centre = smscs[0].bound().await;
    assert_eq!(serve(&mut centre, 10).await, texts(11)[1..]);
    let (next, _responder) = submitted(&mut centre).await;
    assert_eq!(next, "11");
    centre.vanish().await;
    let mut centre = smscs[0].bound().await;
    assert_eq!(serve(&mut centre, 8).await, texts(20)[12..]);
    for (n, task) in tasks.into_iter().enumerate() {
        assert_eq!(within(20, task).await.unwrap().is_err(), n == 0 || n == 11);
    }
}

async fn throttling(
    order: Order,
) -> (
    Endpoint,
    Smsc,
    Centre,
    Vec<JoinHandle<Result<SubmitSmResp, EndpointError>>>,
) {
    let mut smscs = [Smsc::new()];
    let build = |b: smpp_esme::EndpointBuilder| b.retry(RetryPolicy::default()).order(order);
    let (endpoint, _inbound, [centre]) = endpoint(build, &mut smscs).await;
    let tasks = texts(4).iter().map(|text| submits(&endpoint, text)).collect();
    let [smsc] = smscs;
    (endpoint, smsc, centre, tasks)
}

#[tokio::test(start_paused = true)]
async fn throttled_and_sent_again_the_order_is_kept() {
    let begun = Instant::now();
    let (_endpoint, _smsc, mut centre, tasks) = throttling(Order::Kept).await;
    let seen = within(60, throttle(&mut centre, 3, 4)).await;
    assert_eq!(seen, ["0", "0", "0", "0", "1", "2", "3"]);
    for task in tasks {
        assert!(within(20, task).await.unwrap().is_ok());
    }
    assert_eq!(begun.elapsed().as_secs(), 1 + 2 + 4);
}

#[tokio::test(start_paused = true)]
async fn throttled_and_sent_again_out_of_order_where_that_is_free() {
    let (_endpoint, _smsc, mut centre, tasks) = throttling(Order::Free).await;
    let seen = within(60, throttle(&mut centre, 1, 4)).await;
    assert_eq!(seen, ["0", "1", "2", "3", "0"]);
    for task in tasks {
        assert!(within(20, task).await.unwrap().is_ok());
    }
}

#[tokio::test(start_paused = true)]
async fn each_key_has_its_own_order() {
    let mut smscs = [Smsc::new()];
    let build = |b: smpp_esme::EndpointBuilder| b.retry(RetryPolicy::default()).order(Order::Kept);
    let (endpoint, _inbound, [mut centre]) = endpoint(build, &mut smscs).await;
    let (a, b) = (endpoint.sticky("a"), endpoint.sticky("b"));
    let tasks = [
        sends(&a, "a0"),
        sends(&a, "a1"),
        sends(&b, "b0"),
        submits(&endpoint, "free"),
    ];
    let (text, refused) = submitted(&mut centre).await;
    assert_eq!(text, "a0");
    refused.reject(CommandStatus::ESME_RMSGQFUL).unwrap();
    assert_eq!(serve(&mut centre, 4).await, ["b0", "free", "a0", "a1"]);
    for task in tasks {
        assert!(within(20, task).await.unwrap().is_ok());
    }
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_lets_the_next_begin() {
    let mut smscs = [Smsc::new()];
    let (endpoint, _inbound, [mut centre]) = endpoint(|b| b.order(Order::Kept), &mut smscs).await;
    let [first, second, third] = ["1", "2", "3"].map(|text| submits(&endpoint, text));
    let (text, responder) = submitted(&mut centre).await;
    assert_eq!(text, "1");
    second.abort();
    accept(responder);
    assert_eq!(serve(&mut centre, 1).await, ["3"]);
    assert!(within(20, first).await.unwrap().is_ok() && within(20, third).await.unwrap().is_ok());
    // Without waiting, it is not the turn of another.
    let task = submits(&endpoint, "4");
    let (_, responder) = submitted(&mut centre).await;
    assert!(matches!(
        endpoint.try_submit_sm(&submit("5")).await,
        Err(EndpointError::Busy)
    ));
    accept(responder);
    assert!(within(20, task).await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn no_more_often_than_the_policy_says() {
    let mut policy = RetryPolicy::default();
    policy.slower.longest = Duration::from_secs(5);
    let mut smscs = [Smsc::new()];
    let (endpoint, _inbound, [mut centre]) = endpoint(|b| b.retry(policy), &mut smscs).await;
    for (status, times) in [
        (CommandStatus::ESME_RSYSERR, 4),
        (CommandStatus::ESME_RMSGQFUL, 11),
        (CommandStatus::ESME_RINVDSTADR, 1),
    ] {
        let task = submits(&endpoint, "");
        for _ in 0..times {
            let (_, responder) = within(60, submitted(&mut centre)).await;
            responder.reject(status).unwrap();
        }
        let error = within(20, task).await.unwrap().unwrap_err();
        assert_eq!(error.command_status(), Some(status));
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_smsc_may_have_is_sent_again_only_if_that_is_said() {
    for again in [false, true] {
        let mut policy = RetryPolicy::default();
        if again {
            policy.may_double = Attempts {
                most: 1,
                first: Duration::from_secs(1),
                longest: Duration::from_secs(1),
            };
        }
        let mut smscs = [Smsc::new()];
        let (endpoint, _inbound, [mut centre]) = endpoint(|b| b.retry(policy), &mut smscs).await;
        let task = submits(&endpoint, "once");
        let _responder = submitted(&mut centre).await;
        centre.vanish().await;
        let mut centre = smscs[0].bound().await;
        if again {
            assert_eq!(serve(&mut centre, 1).await, ["once"]);
        }
        let end = within(20, task).await.unwrap();
        assert_eq!(end.is_ok(), again);
        assert!(again || end.is_err_and(|error| error.may_be_delivered()));
        let more = tokio::time::timeout(Duration::from_secs(10), centre.next()).await;
        assert!(more.is_err(), "nothing more");
    }
}

#[tokio::test(start_paused = true)]
async fn closing_does_not_wait_for_what_is_to_be_sent_again() {
    let mut smscs = [Smsc::new()];
    let (endpoint, _inbound, [mut centre]) = endpoint(|b| b.retry(RetryPolicy::default()), &mut smscs).await;
    let task = submits(&endpoint, "");
    submitted(&mut centre)
        .await
        .1
        .reject(CommandStatus::ESME_RTHROTTLED)
        .unwrap();
    tokio::time::sleep(Duration::from_millis(1)).await;
    let begun = Instant::now();
    within(20, endpoint.close(Duration::from_secs(10))).await;
    assert_eq!(begun.elapsed(), Duration::ZERO);
    let error = within(20, task).await.unwrap().unwrap_err();
    assert_eq!(error.command_status(), Some(CommandStatus::ESME_RTHROTTLED));
}
