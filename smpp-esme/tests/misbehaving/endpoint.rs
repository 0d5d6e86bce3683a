//! The same faults, and an endpoint that is bound again whatever happens.

use crate::fake::esme;
use crate::ledger::{Fate, Ledger, texts};
use crate::script::{Act, Next, Numbered, Script};
use crate::smsc::{Line, PATIENCE, Smsc};
use smpp_esme::pdu::{CommandId, CommandStatus};
use smpp_esme::{
    CallError, CloseReason, Delivery, Endpoint, EndpointBuilder, EndpointError, EndpointInbound, Order, RetryPolicy,
    StopReason,
};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::{Instant, timeout};

const ANSWER: CommandId = CommandId::SUBMIT_SM_RESP;
const BOUND: CommandId = CommandId::BIND_TRANSCEIVER_RESP;

/// An endpoint of so many binds to one centre, with nothing bound yet.
async fn endpoint(
    script: Script,
    binds: usize,
    change: impl FnOnce(EndpointBuilder) -> EndpointBuilder,
) -> (Endpoint, EndpointInbound, Smsc) {
    let smsc = Smsc::new(script);
    let member = |builder: EndpointBuilder, _| builder.member(Line(esme(), smsc.clone()));
    let builder = (0..binds).fold(change(Endpoint::builder()), member);
    let (endpoint, inbound) = builder.start().await;
    (endpoint, inbound, smsc)
}

/// Everything that was refused for now is sent again, as often as it takes.
fn again(builder: EndpointBuilder) -> EndpointBuilder {
    builder.retry(RetryPolicy::default())
}

/// What the centre got of each message, in the order in which it did for the last time.
fn order(smsc: &Smsc) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let arrivals = smsc.record().arrivals;
    let mut last: Vec<_> = arrivals
        .into_iter()
        .rev()
        .filter(|text| seen.insert(text.clone()))
        .collect();
    last.reverse();
    last
}

/// All of them at the thirtieth submission of each connection, and what the messages come to.
const FAULTS: [(Act, &[Fate]); 17] = [
    (Act::Pass, &[Fate::Answered]),
    (Act::Delay(Duration::from_secs(20)), &[Fate::Answered]),
    (Act::Delay(Duration::from_secs(50)), &[Fate::Answered, Fate::Unknown]),
    (Act::Drop, &[Fate::Answered, Fate::Unknown]),
    (Act::Refuse(CommandStatus::ESME_RTHROTTLED), &[Fate::Answered]),
    (Act::Refuse(CommandStatus::ESME_RMSGQFUL), &[Fate::Answered]),
    (
        Act::Refuse(CommandStatus::ESME_RINVDSTADR),
        &[Fate::Answered, Fate::Refused],
    ),
    (
        Act::Nack(CommandStatus::ESME_RINVCMDID, Numbered::Yes),
        &[Fate::Answered, Fate::Refused],
    ),
    (
        Act::Nack(CommandStatus::ESME_RINVCMDID, Numbered::No),
        &[Fate::Answered, Fate::Unknown],
    ),
    (Act::Number(4711), &[Fate::Answered, Fate::Unknown]),
    (Act::Command(CommandId::DATA_SM_RESP), &[Fate::Answered, Fate::Unknown]),
    (Act::Twice, &[Fate::Answered]),
    (Act::Bare, &[Fate::Answered]),
    (Act::Octets(Duration::from_millis(100)), &[Fate::Answered]),
    (Act::Cut(17), &[Fate::Answered, Fate::Unknown]),
    (Act::Length(u32::MAX), &[Fate::Answered, Fate::Unknown]),
    (Act::Then(Next::Unbind), &[Fate::Answered]),
];

/// Each has an end, nothing that may be there is sent again, and the endpoint works on.
#[tokio::test(start_paused = true)]
async fn each_fault_now_and_then() {
    for (act, fates) in FAULTS {
        let (endpoint, _inbound, smsc) = endpoint(Script::default().on(ANSWER, 30, act), 3, again).await;
        let mut ledger = Ledger::default();
        ledger.submit(&endpoint, texts(300)).await;
        let told: Vec<_> = ledger.fates().into_keys().collect();
        assert_eq!(told, fates, "{act:?}");
        ledger.balances(&smsc);
        let last = ledger.submit(&endpoint, ["the last".into()]).await.remove(0);
        assert!(last.is_ok(), "{act:?}");
        ledger.balances(&smsc);
    }
}

/// The order of the callers is that of the centre, however often it says no.
#[tokio::test(start_paused = true)]
async fn throttled_and_full_with_the_order_kept() {
    for status in [CommandStatus::ESME_RTHROTTLED, CommandStatus::ESME_RMSGQFUL] {
        // Of each connection the first, and three more in the middle.
        let refuse = Act::Refuse(status);
        let script = Script::default().on(ANSWER, 1, refuse).on(ANSWER, 5..=7, refuse);
        let ordered = |builder| again(builder).order(Order::Kept);
        let (endpoint, _inbound, smsc) = endpoint(script, 2, ordered).await;
        let mut ledger = Ledger::default();
        ledger.submit(&endpoint, texts(40)).await;
        assert_eq!(ledger.fates(), [(Fate::Answered, 40)].into());
        assert_eq!(order(&smsc), texts(40).collect::<Vec<_>>());
        assert!(smsc.record().arrivals.len() > 40, "some were refused");
        ledger.balances(&smsc);
    }
}

/// Without order, those behind it do not wait.
#[tokio::test(start_paused = true)]
async fn throttled_with_the_order_free() {
    let refuse = Act::Refuse(CommandStatus::ESME_RTHROTTLED);
    let (endpoint, _inbound, smsc) = endpoint(Script::default().on(ANSWER, ..=3, refuse), 1, again).await;
    let mut ledger = Ledger::default();
    ledger.submit(&endpoint, texts(40)).await;
    assert_eq!(ledger.fates(), [(Fate::Answered, 40)].into());
    let passed: Vec<_> = texts(40).skip(3).chain(texts(3)).collect();
    let order = order(&smsc);
    assert_eq!(order[..37], passed[..37]);
    assert_eq!(smsc.record().arrivals.len(), 43);
    ledger.balances(&smsc);
}

/// It gives up after so many times, and says what the centre has said.
#[tokio::test(start_paused = true)]
async fn throttled_for_ever() {
    let refuse = Act::Refuse(CommandStatus::ESME_RTHROTTLED);
    let (endpoint, _inbound, smsc) = endpoint(Script::default().on(ANSWER, .., refuse), 2, again).await;
    let mut ledger = Ledger::default();
    for end in ledger.submit(&endpoint, texts(5)).await {
        assert_eq!(end.unwrap_err().command_status(), Some(CommandStatus::ESME_RTHROTTLED));
    }
    let got = smsc.record().got;
    assert!(got.values().all(|got| (got.times, got.refused) == (11, 11)), "{got:?}");
    ledger.balances(&smsc);
}

/// Without a policy nothing that was refused is sent again.
#[tokio::test(start_paused = true)]
async fn throttled_without_a_policy() {
    let refuse = Act::Refuse(CommandStatus::ESME_RTHROTTLED);
    let (endpoint, _inbound, smsc) = endpoint(Script::default().on(ANSWER, ..=3, refuse), 1, |b| b).await;
    let mut ledger = Ledger::default();
    ledger.submit(&endpoint, texts(10)).await;
    assert_eq!(ledger.fates(), [(Fate::Answered, 7), (Fate::Refused, 3)].into());
    assert_eq!(smsc.record().arrivals.len(), 10);
    ledger.balances(&smsc);
}

/// Every connection ends after some answers, in one way or another. What was not sent waits for the next; what may be
/// there is told so, and never sent again.
#[tokio::test(start_paused = true)]
async fn flapping() {
    let acts = [
        Act::Then(Next::Close),
        Act::Cut(9),
        Act::Cut(0),
        Act::Length(3),
        Act::Then(Next::Unbind),
    ];
    let script = (1..=1000).fold(Script::default(), |script, connection| {
        let act = acts[connection % acts.len()];
        script.on(ANSWER, 1 + connection % 7, act).of(connection)
    });
    let (endpoint, _inbound, smsc) = endpoint(script, 4, again).await;
    let mut ledger = Ledger::default();
    ledger.submit(&endpoint, texts(500)).await;
    let fates = ledger.fates();
    assert_eq!(fates[&Fate::Answered] + fates[&Fate::Unknown], 500, "{fates:?}");
    assert!(smsc.record().connections > 40);
    ledger.balances(&smsc);
}

/// Ten connections a minute at most, and what waits is sent when one holds.
#[tokio::test(start_paused = true)]
async fn closed_after_each_bind_is_no_storm() {
    let script = Script::default().on(BOUND, 1, Act::Then(Next::Close)).of(..=30);
    let (endpoint, _inbound, smsc) = endpoint(script, 1, |b| b).await;
    let (mut ledger, began) = (Ledger::default(), Instant::now());
    ledger.submit(&endpoint, texts(20)).await;
    assert_eq!(ledger.fates(), [(Fate::Answered, 20)].into());
    let came = smsc.record().came;
    assert_eq!(came.len(), 31);
    assert!(
        came.windows(11)
            .all(|some| some[10] - some[0] >= Duration::from_secs(60))
    );
    // Full jitter up to a minute, of which the half is the mean.
    assert!(began.elapsed() > Duration::from_secs(300), "{:?}", began.elapsed());
    ledger.balances(&smsc);
}

/// Each try has its thirty seconds, and what waits is sent when one is answered.
#[tokio::test(start_paused = true)]
async fn binds_that_are_never_answered() {
    let script = Script::default().on(BOUND, 1, Act::Drop).of(..=3);
    let (endpoint, _inbound, smsc) = endpoint(script, 1, |b| b).await;
    let mut ledger = Ledger::default();
    ledger.submit(&endpoint, texts(20)).await;
    assert_eq!(ledger.fates(), [(Fate::Answered, 20)].into());
    let came = smsc.record().came;
    for (tries, longest) in came.windows(2).zip([31, 32, 34]) {
        let apart = (tries[1] - tries[0]).as_secs_f64();
        assert!((30.0..f64::from(longest)).contains(&apart), "{apart} s");
    }
    assert_eq!(came.len(), 4);
    ledger.balances(&smsc);
}

/// It stops, says why to all who wait and to whoever comes, and is heard of no more.
#[tokio::test(start_paused = true)]
async fn a_permanent_refusal() {
    for act in [
        Act::Refuse(CommandStatus::ESME_RINVPASWD),
        Act::Nack(CommandStatus::ESME_RINVSYSID, Numbered::Yes),
    ] {
        let (endpoint, _inbound, smsc) = endpoint(Script::default().on(BOUND, 1, act), 2, |b| b).await;
        let mut ledger = Ledger::default();
        for end in ledger.submit(&endpoint, texts(5)).await {
            assert!(matches!(end, Err(EndpointError::Stopped(StopReason::Permanent(_)))));
        }
        assert_eq!(ledger.fates(), [(Fate::Unsent, 5)].into());
        assert!(
            timeout(PATIENCE / 2, smsc.until(|record| record.connections > 2))
                .await
                .is_err()
        );
        ledger.balances(&smsc);
    }
}

/// The other classes come again, the contended ones late.
#[tokio::test(start_paused = true)]
async fn refusals_that_pass() {
    for (status, seconds) in [
        (CommandStatus::ESME_RALYBND, 60..76),
        (CommandStatus::ESME_RBINDFAIL, 60..76),
        (CommandStatus::ESME_RSYSERR, 0..2),
        (CommandStatus::ESME_RTHROTTLED, 0..2),
    ] {
        let script = Script::default().on(BOUND, 1, Act::Refuse(status)).of(1);
        let (endpoint, _inbound, smsc) = endpoint(script, 1, |b| b).await;
        let (mut ledger, began) = (Ledger::default(), Instant::now());
        ledger.submit(&endpoint, texts(5)).await;
        assert_eq!(ledger.fates(), [(Fate::Answered, 5)].into());
        assert!(
            seconds.contains(&began.elapsed().as_secs()),
            "{status}: {:?}",
            began.elapsed()
        );
        ledger.balances(&smsc);
    }
}

/// Answers that never come: told unknown, and not sent again by any of the binds.
#[tokio::test(start_paused = true)]
async fn what_may_be_there_is_not_sent_again() {
    let (endpoint, _inbound, smsc) = endpoint(Script::default().on(ANSWER, 11.., Act::Drop), 2, again).await;
    let mut ledger = Ledger::default();
    ledger.submit(&endpoint, texts(60)).await;
    assert_eq!(ledger.fates(), [(Fate::Answered, 20), (Fate::Unknown, 40)].into());
    assert_eq!(smsc.record().arrivals.len(), 60);
    ledger.balances(&smsc);
}

/// The dead link is given up after forty seconds and made anew; what was in flight on it is unknown, the rest goes.
#[tokio::test(start_paused = true)]
async fn silent_to_enquire_link() {
    let script = Script::default().on(CommandId::ENQUIRE_LINK_RESP, .., Act::Drop).of(1);
    let script = script.on(ANSWER, .., Act::Drop).of(1);
    let smsc = Smsc::new(script);
    let patient = esme().configure(|config| config.response = Duration::from_secs(300));
    let (endpoint, _inbound) = Endpoint::builder().member(Line(patient, smsc.clone())).start().await;
    let (mut ledger, began) = (Ledger::default(), Instant::now());
    let ends = ledger.submit(&endpoint, texts(15)).await;
    assert!(matches!(
        ends[0],
        Err(EndpointError::Call(CallError::MaybeDelivered(CloseReason::LinkDead)))
    ));
    assert_eq!(ledger.fates(), [(Fate::Answered, 5), (Fate::Unknown, 10)].into());
    assert!((40..42).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    ledger.balances(&smsc);
}

/// From each of two centres at once: each deliver_sm is taken or refused once, and all sides have the same numbers.
#[tokio::test(start_paused = true)]
async fn bursts_by_two_binds() {
    const BURST: usize = 10_000;
    let script = Script::default().on(BOUND, 1, Act::Then(Next::Deliver(BURST)));
    let (endpoint, mut inbound, smsc) = endpoint(script, 2, |b| b).await;
    let taking = tokio::spawn(async move {
        let mut taken = 0;
        while let Some((_, Delivery::DeliverSm(_, responder))) = inbound.recv().await {
            taken += usize::from(responder.accept().is_ok());
        }
        taken
    });
    let mut ledger = Ledger::default();
    ledger.submit(&endpoint, texts(20)).await;
    assert_eq!(ledger.fates(), [(Fate::Answered, 20)].into());
    let record = smsc.until(|record| record.deliveries.ended() == 2 * BURST).await;
    endpoint.close(Duration::from_secs(10)).await;
    let taken = taking.await.unwrap();
    assert_eq!(record.deliveries.accepted, taken);
    assert_eq!(record.deliveries.throttled, 2 * BURST - taken);
    ledger.balances(&smsc);
}
