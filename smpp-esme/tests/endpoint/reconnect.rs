//! Staying bound.

use crate::fake::{esme, submit};
use crate::{Smsc, accept, endpoint, submits, submitted, within};
use smpp_esme::pdu::{CommandStatus, Version};
use smpp_esme::{CallError, CloseReason, Endpoint, EndpointError, Failure, MemberState, StopReason};
use std::time::Duration;
use tokio::time::{Instant, timeout};

#[tokio::test(start_paused = true)]
async fn a_request_waits_for_the_first_bind() {
    let mut smsc = Smsc::new();
    smsc.is_dead(3);
    let (endpoint, _inbound) = Endpoint::builder().member(smsc.line()).start().await;
    let waiting = submits(&endpoint, "hello");
    assert!(matches!(
        endpoint.try_submit_sm(&submit("")).await,
        Err(EndpointError::NotBound)
    ));
    let mut centre = smsc.bound().await;
    let (text, responder) = submitted(&mut centre).await;
    assert_eq!(text, "hello");
    accept(responder);
    assert!(within(20, waiting).await.unwrap().is_ok());
    assert_eq!(smsc.tries().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_lost_bind_is_made_again_and_what_it_had_not_sent_goes_by_it() {
    let mut smscs = [Smsc::reached_by(esme().window(1))];
    let (endpoint, _inbound, [mut centre]) = endpoint(|b| b, &mut smscs).await;
    let (sent, waits) = (submits(&endpoint, "sent"), submits(&endpoint, "waits"));
    let (text, _responder) = submitted(&mut centre).await;
    assert_eq!(text, "sent");
    centre.vanish().await;
    // What the SMSC may have is not sent again.
    let error = within(20, sent).await.unwrap().unwrap_err();
    assert!(matches!(
        error,
        EndpointError::Call(CallError::MaybeDelivered(CloseReason::PeerClosed))
    ));
    let mut centre = smscs[0].bound().await;
    let (text, responder) = submitted(&mut centre).await;
    assert_eq!(text, "waits");
    accept(responder);
    assert!(within(20, waits).await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn the_state_tells_all_of_it() {
    let mut smsc = Smsc::new();
    smsc.is_dead(1);
    let (endpoint, _inbound) = Endpoint::builder().member(smsc.line()).start().await;
    let id = endpoint.watch().borrow().members[0].id;
    assert_eq!(id.to_string(), "1");
    let mut status = endpoint.watch_member(id).unwrap();
    let waits = |state: &MemberState| {
        matches!(
            state,
            MemberState::Connecting {
                attempt: 2,
                next: Some(_)
            }
        )
    };
    let failed = within(20, status.wait_for(|status| waits(&status.state)))
        .await
        .unwrap()
        .clone();
    assert!(matches!(failed.failure, Some(Failure::Connect(error)) if error.to_string().contains("not taken")));
    let centre = smsc.bound().await;
    within(20, endpoint.bound()).await.unwrap();
    let MemberState::Bound { kind, .. } = status.borrow_and_update().state else {
        panic!("bound")
    };
    assert!(kind.submits() && kind.receives());
    centre.vanish().await;
    let lost = within(20, status.wait_for(|status| !status.is_bound()))
        .await
        .unwrap()
        .clone();
    assert!(matches!(lost.failure, Some(Failure::Lost(CloseReason::PeerClosed))));
    assert_eq!(endpoint.watch().borrow().bound(), 0);
    let _bound_again = smsc.bound().await;
    within(20, endpoint.bound()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_smsc_that_takes_each_bind_and_closes_is_not_stormed() {
    let mut smsc = Smsc::new();
    let (_endpoint, _inbound) = Endpoint::builder().member(smsc.line()).start().await;
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(1800) {
        smsc.bound().await.vanish().await;
    }
    let tries = smsc.tries();
    // From the seventh on, half a minute each on average.
    assert!((40..100).contains(&tries.len()), "{} in half an hour", tries.len());
    for minute in tries.windows(11) {
        assert!(minute[10] - minute[0] >= Duration::from_secs(60));
    }
}

#[tokio::test(start_paused = true)]
async fn a_permanent_failure_stops_and_says_so() {
    for status in [
        CommandStatus::ESME_RINVPASWD,
        CommandStatus::ESME_RINVSYSID,
        CommandStatus::ESME_RINVSYSTYP,
        CommandStatus::ESME_RPROHIBITED,
        CommandStatus::ESME_RINVCMDID,
    ] {
        let mut smsc = Smsc::reached_by(esme().version(Version::V50));
        let (endpoint, mut inbound) = Endpoint::builder().member(smsc.line()).start().await;
        let waiting = submits(&endpoint, "");
        smsc.refuse(status).await;
        let error = within(20, waiting).await.unwrap().unwrap_err();
        assert!(matches!(&error, EndpointError::Stopped(StopReason::Permanent(_))));
        assert!(
            error.to_string().ends_with(&format!("bind refused: {status}")),
            "{error}"
        );
        // And so does whoever comes later.
        assert!(matches!(
            endpoint.submit_sm(&submit("")).await,
            Err(EndpointError::Stopped(_))
        ));
        let why = within(20, endpoint.bound()).await.unwrap_err();
        assert!(matches!(why, StopReason::Permanent(_)));
        assert!(within(20, inbound.recv()).await.is_none());
        let long = Duration::from_secs(1800);
        assert!(timeout(long, smsc.connected()).await.is_err(), "it tries no more");
    }
}

#[tokio::test(start_paused = true)]
async fn a_contended_bind_waits_for_a_minute_and_more() {
    for status in [CommandStatus::ESME_RALYBND, CommandStatus::ESME_RBINDFAIL] {
        let mut smsc = Smsc::new();
        let (_endpoint, _inbound) = Endpoint::builder().member(smsc.line()).start().await;
        for _ in 0..3 {
            smsc.refuse(status).await;
        }
        let _centre = smsc.bound().await;
        for pair in smsc.tries().windows(2) {
            let waited = (pair[1] - pair[0]).as_secs_f64();
            assert!((60.0..75.1).contains(&waited), "{waited} s");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn any_other_refusal_passes() {
    let mut smsc = Smsc::new();
    let (endpoint, _inbound) = Endpoint::builder().member(smsc.line()).start().await;
    for status in [CommandStatus::ESME_RSYSERR, CommandStatus::ESME_RTHROTTLED] {
        smsc.refuse(status).await;
    }
    let _centre = smsc.bound().await;
    within(20, endpoint.bound()).await.unwrap();
    let waited = smsc.tries()[2];
    assert!(
        waited <= Duration::from_secs(3),
        "one second and two at most, not {waited:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn who_is_not_bound_lets_requests_wait_no_longer_than_they_may() {
    let smsc = Smsc::new();
    smsc.is_dead(usize::MAX);
    let offer = Duration::from_secs(7);
    let builder = Endpoint::builder().member(smsc.line()).offer_timeout(offer);
    let (endpoint, _inbound) = builder.start().await;
    let begun = Instant::now();
    let error = endpoint.submit_sm(&submit("")).await.unwrap_err();
    assert!(matches!(error, EndpointError::Call(CallError::OfferTimedOut)));
    assert_eq!(begun.elapsed().as_secs(), 7);
}
