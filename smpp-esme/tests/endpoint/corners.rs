//! What comes together that seldom does.

use crate::fake::{Asked, Centre, esme, submit};
use crate::{Smsc, accept, endpoint, submits, submitted, within};
use smpp_esme::pdu::{CommandStatus, SubmitSmResp};
use smpp_esme::{
    Attempts, BindKind, CloseReason, Config, Delivery, Endpoint, EndpointBuilder, EndpointError, EndpointInbound,
    MemberState, Order, Pace, RetryPolicy, Sticky, StopReason,
};
use smpp_session::driver::Responder;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::task::{Context, Wake, Waker};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

const HOUR: Duration = Duration::from_secs(3600);
const SOON: Duration = Duration::from_secs(5);

/// A removal that has an hour, and a request that nobody answers.
async fn removing(endpoint: &Endpoint) -> impl Future<Output = Option<smpp_esme::MemberClosed>> + use<> {
    let id = endpoint.watch().borrow().members[0].id;
    let endpoint = endpoint.clone();
    let mut states = endpoint.watch();
    let removing = tokio::spawn(async move { endpoint.remove(id, HOUR).await });
    let drains = |state: &smpp_esme::EndpointState| matches!(state.members[0].state, MemberState::Draining);
    within(20, states.wait_for(drains)).await.unwrap();
    async { removing.await.unwrap() }
}

#[tokio::test(start_paused = true)]
async fn an_end_does_not_wait_for_a_removal_that_has_more_time() {
    let mut smscs = [Smsc::new()];
    let (endpoint, _inbound, [mut centre]) = endpoint(|b| b, &mut smscs).await;
    let _unanswered = submits(&endpoint, "");
    let _responder = submitted(&mut centre).await;
    let removed = removing(&endpoint).await;
    let begun = Instant::now();
    within(60, endpoint.close(SOON)).await;
    assert!(begun.elapsed() <= SOON + Config::default().drain + SOON);
    assert_eq!(within(1, removed).await.unwrap().unknown.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn of_two_removals_the_sooner_counts() {
    let mut smscs = [Smsc::new()];
    let (endpoint, _inbound, [mut centre]) = endpoint(|b| b, &mut smscs).await;
    let _unanswered = submits(&endpoint, "");
    let _responder = submitted(&mut centre).await;
    let removed = removing(&endpoint).await;
    let id = endpoint.watch().borrow().members[0].id;
    let sooner = within(60, endpoint.remove(id, SOON)).await.unwrap();
    assert_eq!(sooner.unknown, within(1, removed).await.unwrap().unknown);
}

#[tokio::test(start_paused = true)]
async fn what_only_a_receiver_is_left_for_is_not_called_misuse_at_the_end() {
    let transmitter = Smsc::reached_by(esme().bind(BindKind::Transmitter).window(1));
    let mut smscs = [transmitter, Smsc::reached_by(esme().bind(BindKind::Receiver))];
    let (endpoint, _inbound, [mut tx, _rx]) = endpoint(|b| b, &mut smscs).await;
    let sent = submits(&endpoint, "sent");
    let _responder = submitted(&mut tx).await;
    let waiting: Vec<_> = (0..5).map(|_| submits(&endpoint, "")).collect();
    sleep(Duration::from_millis(1)).await;
    let closing = tokio::spawn({
        let endpoint = endpoint.clone();
        async move { endpoint.close(HOUR).await }
    });
    let mut states = endpoint.watch();
    within(20, states.wait_for(|state| state.closing)).await.unwrap();
    tx.vanish().await;
    assert!(
        within(20, sent)
            .await
            .unwrap()
            .is_err_and(|error| error.may_be_delivered())
    );
    for task in waiting {
        let end = within(20, task).await.unwrap();
        assert!(matches!(end, Err(EndpointError::Closed)), "{end:?}");
    }
    assert_eq!(within(20, closing).await.unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn where_what_submitted_has_stopped_for_good_its_reason_is_told() {
    let mut smscs = [
        Smsc::reached_by(esme().bind(BindKind::Transmitter)),
        Smsc::reached_by(esme().bind(BindKind::Receiver)),
    ];
    let (endpoint, _inbound, [tx, _rx]) = endpoint(|b| b, &mut smscs).await;
    tx.vanish().await;
    let waiting = submits(&endpoint, "");
    smscs[0].refuse(CommandStatus::ESME_RINVPASWD).await;
    let end = within(20, waiting).await.unwrap();
    assert!(
        matches!(end, Err(EndpointError::Stopped(StopReason::Permanent(_)))),
        "{end:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn without_waiting_a_receiver_is_no_bind() {
    let mut smscs = [
        Smsc::reached_by(esme().bind(BindKind::Receiver)),
        Smsc::reached_by(esme().bind(BindKind::Transmitter)),
    ];
    let (endpoint, _inbound, [_rx, tx]) = endpoint(|b| b, &mut smscs).await;
    tx.vanish().await;
    let mut states = endpoint.watch();
    within(20, states.wait_for(|state| state.bound() == 1)).await.unwrap();
    let end = endpoint.try_submit_sm(&submit("")).await;
    assert!(matches!(end, Err(EndpointError::NotBound)), "{end:?}");
}

#[tokio::test(start_paused = true)]
async fn who_is_told_that_it_is_not_his_turn_has_taken_no_token() {
    let mut smscs = [Smsc::new(), Smsc::new()];
    let (endpoint, _inbound, [mut a, mut b]) = endpoint(|b| b.pace(Pace::per_second(1).burst(2)), &mut smscs).await;
    let view = endpoint.sticky("a message");
    let first = tokio::spawn({
        let (view, pdu) = (view.clone(), submit("1"));
        async move { view.submit_sm(&pdu).await }
    });
    let (at, responder) = tokio::select! {
        (_, responder) = submitted(&mut a) => (0, responder),
        (_, responder) = submitted(&mut b) => (1, responder),
    };
    // Its bind is drained: what comes later may not go by another before it has ended.
    let id = endpoint.watch().borrow().members[at].id;
    let removing = tokio::spawn({
        let endpoint = endpoint.clone();
        async move { endpoint.remove(id, HOUR).await }
    });
    let mut states = endpoint.watch();
    within(20, states.wait_for(|state| state.bound() == 1)).await.unwrap();
    let end = view.try_submit_sm(&submit("2")).await;
    assert!(matches!(end, Err(EndpointError::Busy)), "{end:?}");
    let (other, pdu) = (if at == 0 { &mut b } else { &mut a }, submit("3"));
    let (end, ()) = tokio::join!(endpoint.try_submit_sm(&pdu), async { accept(submitted(other).await.1) });
    assert!(end.is_ok(), "{end:?}");
    accept(responder);
    assert!(within(20, first).await.unwrap().is_ok());
    assert!(within(20, removing).await.unwrap().is_some());
}

fn sends(view: &Sticky, text: &str) -> JoinHandle<Result<SubmitSmResp, EndpointError>> {
    let (view, pdu) = (view.clone(), submit(text));
    tokio::spawn(async move { view.submit_sm(&pdu).await })
}

/// The one of two whose bind the first of a key goes by, what answers that, and the other.
async fn went_by(mut a: Centre, mut b: Centre) -> (usize, Centre, Responder, Centre) {
    tokio::select! {
        (_, responder) = submitted(&mut a) => (0, a, responder, b),
        (_, responder) = submitted(&mut b) => (1, b, responder, a),
    }
}

/// The bind of its key is drained, and it is asked which other to go by; but what is under way there comes before it.
#[tokio::test(start_paused = true)]
async fn who_waits_for_his_turn_does_not_go_by_another_bind() {
    let mut smscs = [Smsc::new(), Smsc::new()];
    let (endpoint, _inbound, [a, b]) = endpoint(|b| b, &mut smscs).await;
    let view = endpoint.sticky("a message");
    let first = sends(&view, "1");
    let (at, _drained, responder, mut other) = went_by(a, b).await;
    let mut responder = Some(responder);
    let id = endpoint.watch().borrow().members[at].id;
    let removing = tokio::spawn({
        let endpoint = endpoint.clone();
        async move { endpoint.remove(id, HOUR).await }
    });
    let mut states = endpoint.watch();
    within(20, states.wait_for(|state| state.bound() == 1)).await.unwrap();
    let second = sends(&view, "2");
    sleep(Duration::from_millis(1)).await;
    let third = submits(&endpoint, "3");
    for expected in ["3", "2"] {
        let (text, answers) = within(20, submitted(&mut other)).await;
        assert_eq!(text, expected);
        accept(answers);
        if expected == "3" {
            responder.take().into_iter().for_each(accept);
        }
    }
    for task in [first, second, third] {
        assert!(within(20, task).await.unwrap().is_ok());
    }
    assert!(within(20, removing).await.unwrap().is_some());
}

/// So fast that it does not matter. But with a pace nobody stands in line behind a window: all wait for a place.
fn paced(builder: EndpointBuilder) -> EndpointBuilder {
    builder.pace(Pace::per_second(1_000).burst(1_000))
}

/// Who waits for a place of the bind that its key has goes by another when that bind is lost, and at once.
#[tokio::test(start_paused = true)]
async fn who_waits_for_a_bind_that_is_lost_goes_by_another_at_once() {
    let narrow = || Smsc::reached_by(esme().window(1));
    let mut smscs = [narrow(), narrow()];
    let (endpoint, _inbound, [a, b]) = endpoint(paced, &mut smscs).await;
    let view = endpoint.sticky("a message");
    let first = sends(&view, "1");
    let (at, lost, _responder, mut other) = went_by(a, b).await;
    let second = sends(&view, "2");
    sleep(Duration::from_millis(1)).await;
    smscs[at].is_dead(usize::MAX);
    lost.vanish().await;
    let (text, responder) = within(1, submitted(&mut other)).await;
    assert_eq!(text, "2");
    accept(responder);
    assert!(within(1, second).await.unwrap().is_ok());
    let end = within(1, first).await.unwrap();
    assert!(end.is_err_and(|error| error.may_be_delivered()));
}

/// A place is given to who has waited longest; who has gone meanwhile leaves it to the next.
#[tokio::test(start_paused = true)]
async fn a_place_is_not_lost_on_who_has_gone() {
    let mut smscs = [Smsc::reached_by(esme().window(1))];
    let (endpoint, _inbound, [mut centre]) = endpoint(paced, &mut smscs).await;
    let first = submits(&endpoint, "first");
    let (_, responder) = submitted(&mut centre).await;
    let gone = submits(&endpoint, "gone");
    sleep(Duration::from_millis(1)).await;
    gone.abort();
    assert!(gone.await.is_err());
    accept(responder);
    assert!(within(20, first).await.unwrap().is_ok());
    let next = submits(&endpoint, "next");
    let (text, responder) = within(20, submitted(&mut centre)).await;
    assert_eq!(text, "next");
    accept(responder);
    assert!(within(20, next).await.unwrap().is_ok());
}

/// Once it was refused and is to be sent again, a request may wait for its place as long as at first.
#[tokio::test(start_paused = true)]
async fn who_is_to_be_sent_again_has_its_time_once_more() {
    let mut retry = RetryPolicy::none();
    retry.slower = Attempts {
        most: 1,
        first: 2 * SOON,
        longest: 2 * SOON,
    };
    let mut smscs = [Smsc::reached_by(esme().window(1))];
    let build = |b: EndpointBuilder| b.retry(retry).offer_timeout(SOON);
    let (endpoint, _inbound, [mut centre]) = endpoint(build, &mut smscs).await;
    let again = submits(&endpoint, "again");
    let (_, refused) = submitted(&mut centre).await;
    refused.reject(CommandStatus::ESME_RTHROTTLED).unwrap();
    sleep(SOON).await;
    let between = submits(&endpoint, "between");
    let (text, responder) = submitted(&mut centre).await;
    assert_eq!(text, "between");
    // It has rested, and finds the window full.
    sleep(SOON + SOON / 2).await;
    accept(responder);
    let (text, responder) = within(20, submitted(&mut centre)).await;
    assert_eq!(text, "again");
    accept(responder);
    for task in [again, between] {
        assert!(within(20, task).await.unwrap().is_ok());
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap()
}

#[test]
fn a_member_whose_runtime_is_gone_does_not_let_requests_wait() {
    let (smsc, gone) = (Smsc::new(), runtime());
    // Of the first the task is there, and has not run.
    let (endpoint, mut inbound) = gone.block_on(Endpoint::builder().member(smsc.line()).start());
    drop(gone);
    let ends = |endpoint: Endpoint| async move {
        let error = within(20, endpoint.submit_sm(&submit(""))).await.unwrap_err();
        assert!(matches!(error, EndpointError::Stopped(StopReason::Broken)), "{error:?}");
    };
    runtime().block_on(async {
        ends(endpoint.clone()).await;
        endpoint.add(smsc.line());
        ends(endpoint.clone()).await;
        assert!(within(20, inbound.recv()).await.is_none());
        assert_eq!(within(20, endpoint.close(SOON)).await.len(), 2);
    });
}

/// A waker that, dropped, makes use of the endpoint: a user's value may do anything.
struct Asks(Endpoint);

impl Wake for Asks {
    fn wake(self: Arc<Self>) {}
}

impl Drop for Asks {
    fn drop(&mut self) {
        self.0.add(Smsc::new().line());
    }
}

#[test]
fn no_waker_of_a_reader_is_dropped_under_a_lock() {
    let runtime = runtime();
    let mut smscs = [Smsc::new()];
    let (endpoint, mut inbound, _centres) = runtime.block_on(endpoint(|b| b, &mut smscs));
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for _ in 0..3 {
            let waker = Waker::from(Arc::new(Asks(endpoint.clone())));
            assert!(inbound.poll_recv(&mut Context::from_waker(&waker)).is_pending());
        }
        tell.send(()).unwrap();
    });
    assert!(told.recv_timeout(Duration::from_secs(20)).is_ok(), "it hangs");
}

#[tokio::test(start_paused = true)]
async fn a_bind_that_is_lost_at_the_end_says_what_it_leaves() {
    let mut smscs = [Smsc::new()];
    let (endpoint, _inbound, [mut centre]) = endpoint(|b| b, &mut smscs).await;
    let (dropped, awaited) = (submits(&endpoint, ""), submits(&endpoint, ""));
    let _responders = [submitted(&mut centre).await.1, submitted(&mut centre).await.1];
    dropped.abort();
    let closing = tokio::spawn({
        let endpoint = endpoint.clone();
        async move { endpoint.close(HOUR).await }
    });
    let mut states = endpoint.watch();
    within(20, states.wait_for(|state| state.closing)).await.unwrap();
    centre.vanish().await;
    assert!(
        within(20, awaited)
            .await
            .unwrap()
            .is_err_and(|error| error.may_be_delivered())
    );
    let closed = within(20, closing).await.unwrap();
    assert_eq!(closed[0].unknown.len(), 2);
    assert_eq!(closed[0].reason, Some(CloseReason::PeerClosed));
    assert!(matches!(closed[0].why, StopReason::Closed));
}

#[tokio::test(start_paused = true)]
async fn a_key_does_not_show() {
    let (endpoint, _inbound) = Endpoint::builder().start().await;
    let [one, other] = ["447700900123", "447700900124"].map(|key| format!("{:?}", endpoint.sticky(key)));
    assert_eq!(one, other);
}

#[tokio::test(start_paused = true)]
async fn without_members_there_is_nothing_to_wait_for() {
    let end = within(20, Endpoint::builder().connect()).await;
    assert!(matches!(end, Err(StopReason::Permanent(_))));
}

/// The texts of what is there.
async fn texts(inbound: &mut EndpointInbound, n: usize) -> Vec<String> {
    let mut texts = Vec::new();
    while texts.len() < n {
        let Some((_, Delivery::DeliverSm(pdu, _responder))) = within(20, inbound.recv()).await else {
            panic!("a deliver_sm")
        };
        texts.push(String::from_utf8(pdu.short_message.as_bytes().to_vec()).unwrap());
    }
    texts
}

/// The next bind delivers these, and is lost.
async fn delivers(smsc: &mut Smsc, texts: &[&str]) {
    let centre = smsc.bound().await;
    for text in texts {
        let (handle, pdu) = (centre.handle.clone(), crate::fake::message(text));
        tokio::spawn(async move { handle.request(pdu).await });
        sleep(Duration::from_millis(1)).await;
    }
    centre.vanish().await;
}

#[tokio::test(start_paused = true)]
async fn what_a_lost_bind_has_left_comes_before_what_the_next_brings() {
    let mut smsc = Smsc::new();
    let (_endpoint, mut inbound) = Endpoint::builder().member(smsc.line()).start().await;
    delivers(&mut smsc, &["1", "2", "3"]).await;
    delivers(&mut smsc, &["4", "5"]).await;
    assert_eq!(texts(&mut inbound, 5).await, ["1", "2", "3", "4", "5"]);
}

#[tokio::test(start_paused = true)]
async fn of_lost_binds_the_last_is_kept() {
    let mut smsc = Smsc::new();
    let (_endpoint, mut inbound) = Endpoint::builder().member(smsc.line()).start().await;
    delivers(&mut smsc, &["1", "2", "3"]).await;
    delivers(&mut smsc, &["4", "5"]).await;
    assert_eq!(texts(&mut inbound, 1).await, ["1"]);
    delivers(&mut smsc, &["6"]).await;
    assert_eq!(texts(&mut inbound, 3).await, ["4", "5", "6"]);
}

/// Answers each after a moment, refuses every fifth while it is told to, and goes away now and then.
async fn serves(mut smsc: Smsc, refuses: Arc<AtomicBool>) {
    loop {
        let mut centre = smsc.bound().await;
        for n in 1_u32.. {
            let asked = loop {
                if let Ok(asked) = timeout(SOON, centre.next()).await {
                    break asked;
                }
            };
            let Some(Asked { responder, .. }) = asked else { break };
            sleep(Duration::from_millis(1)).await;
            match refuses.load(Ordering::Relaxed) {
                true if n.is_multiple_of(97) => break,
                true if n.is_multiple_of(5) => responder.reject(CommandStatus::ESME_RTHROTTLED).unwrap(),
                _ => accept(responder),
            }
        }
        centre.vanish().await;
    }
}

/// Many are dropped wherever they stand; then the window is free, and nobody stands in the way of anybody.
async fn drops(order: Order, pace: Option<Pace>) {
    const WINDOW: usize = 4;
    let (smsc, refuses) = (Smsc::reached_by(esme().window(WINDOW)), Arc::new(AtomicBool::new(true)));
    let moment = Duration::from_millis(5);
    let mut policy = RetryPolicy::default();
    (policy.slower.first, policy.slower.longest) = (moment, moment);
    let mut builder = Endpoint::builder()
        .member(smsc.line())
        .retry(policy)
        .order(order)
        .reconnect(|reconnect| {
            (reconnect.first, reconnect.longest) = (moment, moment);
            reconnect.per_minute = 1000;
        });
    if let Some(pace) = pace {
        builder = builder.pace(pace);
    }
    let serving = tokio::spawn(serves(smsc, refuses.clone()));
    let (endpoint, _inbound) = within(20, builder.connect()).await.unwrap();
    let mut tasks = Vec::new();
    for n in 0_u64..3000 {
        let (endpoint, view) = (endpoint.clone(), endpoint.sticky(n % 7));
        let patience = Duration::from_millis(n * 7919 % 211);
        tasks.push(tokio::spawn(async move {
            let pdu = submit(&n.to_string());
            match n % 3 {
                0 => timeout(patience, view.submit_sm(&pdu)).await.is_ok(),
                1 => timeout(patience, endpoint.submit_sm(&pdu)).await.is_ok(),
                _ => timeout(patience, view.try_submit_sm(&pdu))
                    .await
                    .is_ok_and(|end| end.is_ok()),
            }
        }));
        if n.is_multiple_of(10) {
            sleep(Duration::from_millis(15)).await;
        }
    }
    let mut ended = 0;
    for task in tasks {
        ended += usize::from(within(HOUR.as_secs(), task).await.unwrap());
    }
    assert!(
        (100..2900).contains(&ended),
        "{order:?}: {ended} of 3000 were not dropped"
    );
    refuses.store(false, Ordering::Relaxed);
    sleep(HOUR).await;
    for round in 0..3 {
        let tries = (0..WINDOW).map(|n| {
            let view = endpoint.sticky((round, n));
            tokio::spawn(async move { view.try_submit_sm(&submit("")).await })
        });
        for task in tries.collect::<Vec<_>>() {
            let end = within(20, task).await.unwrap();
            assert!(end.is_ok(), "{order:?}: {end:?}");
        }
        sleep(SOON).await;
    }
    serving.abort();
}

#[tokio::test(start_paused = true)]
async fn who_is_dropped_leaves_nothing_taken() {
    for pace in [None, Some(Pace::per_second(2000).burst(20).fixed())] {
        drops(Order::Free, pace).await;
        drops(Order::Kept, pace).await;
    }
}
