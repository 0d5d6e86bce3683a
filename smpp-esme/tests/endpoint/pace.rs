//! How fast an endpoint goes.

use crate::fake::{Centre, esme, submit};
use crate::{Smsc, accept, endpoint, submits, submitted, within};
use smpp_esme::pdu::{CommandStatus, CongestionState, Version};
use smpp_esme::{CallError, Endpoint, EndpointError, Pace, RetryPolicy};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// Answers all, and says when each came.
fn serving(mut centre: Centre) -> JoinHandle<(Vec<Duration>, Centre)> {
    tokio::spawn(async move {
        let (begun, mut seen) = (Instant::now(), Vec::new());
        while let Ok(Some(asked)) = tokio::time::timeout(Duration::from_secs(15), centre.next()).await {
            seen.push(begun.elapsed());
            accept(asked.responder);
        }
        (seen, centre)
    })
}

#[tokio::test(start_paused = true)]
async fn all_binds_share_one_pace() {
    let mut smscs = [Smsc::new(), Smsc::new()];
    let pace = Pace::per_second(20).burst(4);
    let (endpoint, _inbound, centres) = endpoint(|b| b.pace(pace), &mut smscs).await;
    let tasks: Vec<_> = (0..104).map(|_| submits(&endpoint, "")).collect();
    let mut seen = Vec::new();
    for served in centres.map(serving) {
        let served = within(60, served).await.unwrap().0;
        assert!(served.len() > 20, "both are used");
        seen.extend(served);
    }
    for task in tasks {
        assert!(within(20, task).await.unwrap().is_ok());
    }
    seen.sort();
    let took = seen[103].as_secs_f64();
    assert!((4.9..5.2).contains(&took), "{took} s for a burst of 4 and 100");
    for second in seen.windows(25) {
        let took = second[24] - second[0];
        assert!(took >= Duration::from_millis(990), "25 in {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_waits_no_more_and_who_cannot_wait() {
    let mut smscs = [Smsc::new()];
    let build = |b: smpp_esme::EndpointBuilder| {
        let pace = Pace::per_second(1);
        b.pace(pace).offer_timeout(Duration::from_millis(300))
    };
    let (endpoint, _inbound, [mut centre]) = endpoint(build, &mut smscs).await;
    let task = submits(&endpoint, "");
    accept(submitted(&mut centre).await.1);
    assert!(within(20, task).await.unwrap().is_ok());
    assert!(matches!(
        endpoint.try_submit_sm(&submit("")).await,
        Err(EndpointError::Busy)
    ));
    for _ in 0..3 {
        let error = endpoint.submit_sm(&submit("")).await.unwrap_err();
        assert!(
            matches!(error, EndpointError::Call(CallError::OfferTimedOut)),
            "{error}"
        );
    }
    // None of them has taken a token: the next comes after what is left of the second.
    let task = submits(&endpoint, "last");
    let (text, responder) = submitted(&mut centre).await;
    assert_eq!(text, "last");
    accept(responder);
    assert!(within(20, task).await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn throttled_it_slows_down_and_recovers() {
    for status in [CommandStatus::ESME_RTHROTTLED, CommandStatus::ESME_RMSGQFUL] {
        let mut smscs = [Smsc::new()];
        let build = |b: smpp_esme::EndpointBuilder| b.pace(Pace::per_second(100)).retry(RetryPolicy::default());
        let (endpoint, _inbound, [mut centre]) = endpoint(build, &mut smscs).await;
        assert_eq!(endpoint.rate(), Some(100.0));
        let task = submits(&endpoint, "");
        submitted(&mut centre).await.1.reject(status).unwrap();
        accept(submitted(&mut centre).await.1);
        assert!(within(20, task).await.unwrap().is_ok());
        let slow = endpoint.rate().unwrap();
        assert!(slow < 51.0, "{slow}");
        let tasks: Vec<_> = (0..2000).map(|_| submits(&endpoint, "")).collect();
        let (seen, _centre) = within(200, serving(centre)).await.unwrap();
        assert_eq!(seen.len(), 2000);
        assert_eq!(endpoint.rate(), Some(100.0));
        drop(tasks);
    }
}

#[tokio::test(start_paused = true)]
async fn congestion_slows_it_down() {
    let spoken = esme().configure(|config| (config.version, config.unstated_version) = (Version::V50, Version::V50));
    let mut smscs = [Smsc::reached_by(spoken)];
    let build = |b: smpp_esme::EndpointBuilder| b.pace(Pace::per_second(100));
    let (endpoint, _inbound, [mut centre]) = endpoint(build, &mut smscs).await;
    for (load, slower) in [(85, false), (95, true)] {
        centre.handle.set_congestion(Some(CongestionState(load)));
        let task = submits(&endpoint, "");
        accept(submitted(&mut centre).await.1);
        assert!(within(20, task).await.unwrap().is_ok());
        assert_eq!(
            endpoint.rate() < Some(100.0),
            slower,
            "at {load}: {:?}",
            endpoint.rate()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_bind_that_is_lost_while_a_request_waits_for_its_token() {
    let mut smscs = [Smsc::new()];
    let (endpoint, _inbound, [mut centre]) = endpoint(|b| b.pace(Pace::per_second(1)), &mut smscs).await;
    let tasks = [submits(&endpoint, "0"), submits(&endpoint, "1")];
    accept(submitted(&mut centre).await.1);
    tokio::time::sleep(Duration::from_millis(100)).await;
    centre.vanish().await;
    let mut centre = smscs[0].bound().await;
    assert_eq!(within(20, submitted(&mut centre)).await.0, "1");
    assert!(within(20, async { tasks }).await.into_iter().count() == 2);
}

#[tokio::test(start_paused = true)]
async fn closing_ends_what_waits_for_a_token() {
    let mut smscs = [Smsc::new()];
    let (endpoint, _inbound, [centre]) = endpoint(|b| b.pace(Pace::per_second(1)), &mut smscs).await;
    let tasks: Vec<_> = (0..9).map(|_| submits(&endpoint, "")).collect();
    let served = serving(centre);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    within(20, endpoint.close(Duration::from_secs(3))).await;
    let mut closed = 0;
    for task in tasks {
        let end = within(1, task).await.unwrap();
        closed += usize::from(matches!(end, Err(EndpointError::Closed)));
    }
    let seen = within(60, served).await.unwrap().0.len();
    assert_eq!((seen, closed), (5, 4));
}

/// An SMSC that takes so many a second, and so many at once, and refuses what is above that.
fn bucket(rate: f64, burst: f64) -> impl FnMut() -> bool {
    let (mut tokens, mut filled) = (burst, Instant::now());
    move || {
        tokens = (tokens + filled.elapsed().as_secs_f64() * rate).min(burst);
        filled = Instant::now();
        let takes = tokens >= 1.0;
        tokens -= if takes { 1.0 } else { 0.0 };
        takes
    }
}

/// How many were taken of what came for so long, and how many refused. Each answer takes 20 ms.
async fn judged(centre: &mut Centre, time: Duration, takes: &mut impl FnMut() -> bool) -> (u32, u32) {
    let end = Instant::now() + time;
    let (mut taken, mut refused) = (0, 0);
    while let Ok(Some(asked)) = tokio::time::timeout_at(end, centre.next()).await {
        let takes = takes();
        (taken, refused) = (taken + u32::from(takes), refused + u32::from(!takes));
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            match takes {
                true => accept(asked.responder),
                false => asked.responder.reject(CommandStatus::ESME_RTHROTTLED).unwrap(),
            }
        });
    }
    (taken, refused)
}

/// A hundred, of whom each sends again as soon as he may.
fn crowd(endpoint: &Endpoint) -> Vec<JoinHandle<()>> {
    let one = |_| {
        let endpoint = endpoint.clone();
        tokio::spawn(async move {
            loop {
                let _ = endpoint.submit_sm(&submit("")).await;
            }
        })
    };
    (0..100).map(one).collect()
}

/// However much more was asked for, and however strictly the SMSC counts: there is always somebody who wants to send.
#[tokio::test(start_paused = true)]
async fn it_settles_near_what_the_smsc_takes() {
    const RATE: f64 = 50.0;
    let paces = [
        Pace::adaptive(),
        Pace::per_second(60),
        Pace::per_second(200),
        Pace::per_second(1000),
    ];
    for (pace, burst) in paces.into_iter().flat_map(|pace| [(pace, 1.0), (pace, 5.0)]) {
        let mut smscs = [Smsc::reached_by(esme().window(50))];
        let (endpoint, _inbound, [mut centre]) = endpoint(|b| b.pace(pace), &mut smscs).await;
        let (sending, mut takes) = (crowd(&endpoint), bucket(RATE, burst));
        judged(&mut centre, Duration::from_secs(30), &mut takes).await;
        let (taken, refused) = judged(&mut centre, Duration::from_secs(60), &mut takes).await;
        let could = RATE * 60.0;
        println!("{pace:?}, a burst of {burst}: {taken} of {could} taken, {refused} refused");
        assert!(
            f64::from(taken) >= 0.7 * could,
            "{pace:?}, a burst of {burst}: {taken} of {could}"
        );
        assert!(
            f64::from(refused) <= 0.05 * could,
            "{pace:?}, a burst of {burst}: {refused} refused"
        );
        sending.iter().for_each(JoinHandle::abort);
    }
}

/// Of one that refuses a part whatever the rate, there are some seconds from one refusal to the next.
#[tokio::test(start_paused = true)]
async fn it_is_slow_where_a_part_is_always_refused() {
    for (one_in, least, most) in [(5, 1.0, 2.0), (100, 5.0, 30.0)] {
        let mut smscs = [Smsc::reached_by(esme().window(50))];
        let (endpoint, _inbound, [mut centre]) = endpoint(|b| b.pace(Pace::per_second(200)), &mut smscs).await;
        let (sending, mut n) = (crowd(&endpoint), 0);
        let mut takes = || {
            n += 1;
            n % one_in != 0
        };
        judged(&mut centre, Duration::from_secs(60), &mut takes).await;
        let (taken, refused) = judged(&mut centre, Duration::from_secs(120), &mut takes).await;
        let rate = f64::from(taken + refused) / 120.0;
        println!("one in {one_in} is refused: {rate} a second");
        assert!(
            (least..=most).contains(&rate),
            "one in {one_in} is refused: {rate} a second"
        );
        sending.iter().for_each(JoinHandle::abort);
    }
}
