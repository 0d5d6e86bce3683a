//! How a session ends that the centre does not want any more, or has forgotten.

use crate::fake::{esme, soon};
use crate::ledger::{Fate, Ledger, texts};
use crate::script::{Act, Next, Script};
use crate::smsc::Smsc;
use smpp_esme::pdu::CommandId;
use smpp_esme::{CallError, CloseReason};
use std::time::Duration;
use tokio::time::Instant;

const ANSWER: CommandId = CommandId::SUBMIT_SM_RESP;

/// What is in flight is answered before the end, and what waits in line is not sent any more.
#[tokio::test(start_paused = true)]
async fn the_centre_unbinds() {
    let late = Act::Delay(Duration::from_secs(5));
    let smsc = Smsc::new(
        Script::default()
            .on(ANSWER, 1, Act::Then(Next::Unbind))
            .on(ANSWER, 2..=10, late),
    );
    let (client, mut inbound) = smsc.bound(esme()).await;
    let (mut ledger, began) = (Ledger::default(), Instant::now());
    let ends = ledger.submit(&client, texts(15)).await;
    assert_eq!(ledger.fates(), [(Fate::Answered, 10), (Fate::Unsent, 5)].into());
    assert!(
        matches!(ends[14], Err(CallError::NotWritten(CloseReason::Unbound))),
        "{:?}",
        ends[14]
    );
    assert_eq!(soon(client.closed()).await, CloseReason::Unbound);
    assert_eq!(began.elapsed().as_secs(), 5);
    assert!(soon(inbound.recv()).await.is_none());
    let record = smsc.until(|record| !record.closed.is_empty()).await;
    assert_eq!(
        (record.closed, record.heard[&CommandId::UNBIND_RESP]),
        (vec![CloseReason::Unbound], 1)
    );
    ledger.balances(&smsc);
}

/// It does not answer what is in flight either: that is waited for as long as `drain` says, and is unknown then.
#[tokio::test(start_paused = true)]
async fn the_centre_unbinds_and_answers_nothing() {
    let smsc = Smsc::new(
        Script::default()
            .on(ANSWER, 1, Act::Then(Next::Unbind))
            .on(ANSWER, 2.., Act::Drop),
    );
    let (client, _inbound) = smsc.bound(esme()).await;
    let (mut ledger, began) = (Ledger::default(), Instant::now());
    let ends = ledger.submit(&client, texts(15)).await;
    assert_eq!(
        ledger.fates(),
        [(Fate::Answered, 1), (Fate::Unsent, 5), (Fate::Unknown, 9)].into()
    );
    assert!(
        matches!(ends[1], Err(CallError::MaybeDelivered(CloseReason::Unbound))),
        "{:?}",
        ends[1]
    );
    assert_eq!(began.elapsed().as_secs(), 10);
    ledger.balances(&smsc);
}

/// Our own unbind, unanswered, ends after its time too.
#[tokio::test(start_paused = true)]
async fn an_unbind_that_is_not_answered() {
    let never = Act::Delay(Duration::from_secs(3600));
    let smsc = Smsc::new(Script::default().on(CommandId::UNBIND_RESP, .., never));
    let (client, _inbound) = smsc.bound(esme()).await;
    let (mut ledger, began) = (Ledger::default(), Instant::now());
    ledger.submit(&client, texts(5)).await;
    assert_eq!(soon(client.unbind()).await, CloseReason::UnbindTimeout);
    assert_eq!(began.elapsed().as_secs(), 10);
    ledger.balances(&smsc);
}

/// Thirty seconds of silence, ten for the answer: then the link is dead, and what is in flight is unknown.
#[tokio::test(start_paused = true)]
async fn silent_to_enquire_link() {
    let silent = Script::default().on(ANSWER, .., Act::Drop);
    let smsc = Smsc::new(silent.on(CommandId::ENQUIRE_LINK_RESP, .., Act::Drop));
    let patient = esme().configure(|config| config.response = Duration::from_secs(300));
    let (client, mut inbound) = smsc.bound(patient).await;
    let (mut ledger, began) = (Ledger::default(), Instant::now());
    let ends = ledger.submit(&client, texts(15)).await;
    assert!(
        matches!(ends[0], Err(CallError::MaybeDelivered(CloseReason::LinkDead))),
        "{:?}",
        ends[0]
    );
    assert_eq!(ledger.fates(), [(Fate::Unsent, 5), (Fate::Unknown, 10)].into());
    assert_eq!(began.elapsed().as_secs(), 40);
    assert!(soon(inbound.recv()).await.is_none());
    assert_eq!(smsc.record().heard(CommandId::ENQUIRE_LINK), 1);
    ledger.balances(&smsc);
}

/// Silent to enquire_link alone: whatever else it says is a sign of life.
#[tokio::test(start_paused = true)]
async fn silent_to_enquire_link_and_busy() {
    let late = Act::Delay(Duration::from_secs(35));
    let script = Script::default().on(CommandId::ENQUIRE_LINK_RESP, .., Act::Drop);
    let smsc = Smsc::new(script.on(ANSWER, .., late));
    let patient = esme().configure(|config| config.response = Duration::from_secs(60));
    let (client, _inbound) = smsc.bound(patient).await;
    let mut ledger = Ledger::default();
    for text in texts(4) {
        assert!(ledger.submit(&client, [text]).await[0].is_ok());
    }
    assert!(client.is_open() && smsc.record().heard(CommandId::ENQUIRE_LINK) >= 4);
    ledger.balances(&smsc);
}

/// A new client for each connection that is lost: no message of one is sent by the next, and all have their fate.
#[tokio::test(start_paused = true)]
async fn flapping() {
    // Of three connections one is closed behind an answer, one in the middle of it, and one instead of it.
    let script = (1..=30).fold(Script::default(), |script, connection| {
        let act = [Act::Then(Next::Close), Act::Cut(9), Act::Cut(0)][connection % 3];
        script.on(ANSWER, 1 + connection % 7, act).of(connection)
    });
    let smsc = Smsc::new(script);
    let mut ledger = Ledger::default();
    for connection in 1..=30 {
        let (client, _inbound) = smsc.bound(esme()).await;
        let some = texts(12).map(|text| format!("{connection}-{text}"));
        ledger.submit(&client, some).await;
        assert_eq!(soon(client.closed()).await, CloseReason::PeerClosed);
    }
    let fates = ledger.fates();
    assert!(
        [Fate::Answered, Fate::Unsent, Fate::Unknown]
            .iter()
            .all(|fate| fates[fate] >= 20),
        "{fates:?}"
    );
    assert_eq!(fates.values().sum::<usize>(), 360);
    assert_eq!(smsc.record().connections, 30);
    ledger.balances(&smsc);
}
