//! What comes in place of the answer to a submit_sm.

use crate::fake::{esme, is_rejected, soon};
use crate::ledger::{Fate, Ledger, texts};
use crate::script::{Act, Numbered, Script};
use crate::smsc::Smsc;
use smpp_esme::pdu::{CommandId, CommandStatus, SubmitSmResp};
use smpp_esme::{CallError, Client, Inbound, Retry};
use std::time::Duration;
use tokio::time::{Instant, sleep};

const ANSWER: CommandId = CommandId::SUBMIT_SM_RESP;

/// A client of a centre whose answers to submit_sm are as the script has it.
async fn bound(script: Script) -> (Client, Inbound, Smsc) {
    let smsc = Smsc::new(script);
    let (client, inbound) = smsc.bound(esme()).await;
    (client, inbound, smsc)
}

fn id(response: &SubmitSmResp) -> &str {
    std::str::from_utf8(response.message_id.as_bytes()).unwrap()
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test(start_paused = true)]
async fn late_and_still_in_time() {
    let (client, _inbound, smsc) = bound(Script::default().on(ANSWER, 1, Act::Delay(seconds(29)))).await;
    let (mut ledger, began) = (Ledger::default(), Instant::now());
    assert!(ledger.submit(&client, texts(1)).await[0].is_ok());
    assert_eq!(began.elapsed().as_secs(), 29);
    assert_eq!(client.stats().stray, 0);
    ledger.balances(&smsc);
}

/// It is told unknown when its time is up; what comes later is counted, and takes no other's place.
#[tokio::test(start_paused = true)]
async fn later_than_anyone_waits() {
    let (client, _inbound, smsc) = bound(Script::default().on(ANSWER, 1, Act::Delay(seconds(45)))).await;
    let (mut ledger, began) = (Ledger::default(), Instant::now());
    let end = ledger.submit(&client, texts(1)).await.remove(0);
    assert!(matches!(end, Err(CallError::TimedOut)));
    assert_eq!((began.elapsed().as_secs(), client.in_flight()), (30, 0));
    sleep(seconds(20)).await;
    let second = ledger.submit(&client, ["second".into()]).await.remove(0).unwrap();
    assert_eq!((id(&second), client.stats().stray), ("second", 1));
    ledger.balances(&smsc);
}

/// Each place in the window is taken for as long as an answer may come, and is free again then: ten at a time.
#[tokio::test(start_paused = true)]
async fn no_answer_to_anything() {
    let (client, _inbound, smsc) = bound(Script::default().on(ANSWER, .., Act::Drop)).await;
    let (mut ledger, began) = (Ledger::default(), Instant::now());
    ledger.submit(&client, texts(30)).await;
    assert_eq!(ledger.fates(), [(Fate::Unknown, 30)].into());
    assert_eq!(began.elapsed().as_secs(), 90);
    // The link is asked meanwhile, and answers: it is not dead.
    assert!(client.is_open() && smsc.record().heard(CommandId::ENQUIRE_LINK) >= 2);
    ledger.balances(&smsc);
}

#[tokio::test(start_paused = true)]
async fn one_answer_of_many_is_lost() {
    let (client, _inbound, smsc) = bound(Script::default().on(ANSWER, 4, Act::Drop)).await;
    let mut ledger = Ledger::default();
    let ends = ledger.submit(&client, texts(8)).await;
    for (number, end) in (1..).zip(ends) {
        match number {
            4 => assert!(matches!(end, Err(CallError::TimedOut))),
            _ => assert_eq!(id(&end.unwrap()), format!("{number:05}")),
        }
    }
    ledger.balances(&smsc);
}

/// It is told at once and in order, and nothing is sent a second time by itself.
#[tokio::test(start_paused = true)]
async fn throttled_and_full_so_often() {
    for status in [CommandStatus::ESME_RTHROTTLED, CommandStatus::ESME_RMSGQFUL] {
        let (client, _inbound, smsc) = bound(Script::default().on(ANSWER, ..=3, Act::Refuse(status))).await;
        let (mut ledger, began) = (Ledger::default(), Instant::now());
        for (number, end) in (1..).zip(ledger.submit(&client, texts(5)).await) {
            let retry = end.as_ref().map_err(CallError::retry).map(drop);
            assert_eq!(retry, if number <= 3 { Err(Retry::Slower) } else { Ok(()) });
            assert_eq!(is_rejected(end, status), number <= 3);
        }
        assert_eq!(began.elapsed().as_secs(), 0);
        assert_eq!(smsc.record().heard(CommandId::SUBMIT_SM), 5);
        ledger.balances(&smsc);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_with_a_number_that_nobody_has() {
    let (client, _inbound, smsc) = bound(Script::default().on(ANSWER, 2, Act::Number(4711))).await;
    let mut ledger = Ledger::default();
    let ends = ledger.submit(&client, texts(3)).await;
    assert!(matches!(ends[1], Err(CallError::TimedOut)));
    assert_eq!(ledger.fates(), [(Fate::Answered, 2), (Fate::Unknown, 1)].into());
    assert_eq!((client.stats().stray, client.is_open()), (1, true));
    ledger.balances(&smsc);
}

/// The number of another request: that one has its answer, and its own comes too late for anyone.
#[tokio::test(start_paused = true)]
async fn an_answer_with_the_number_of_another_request() {
    // The bind has number 1.
    let (client, _inbound, smsc) = bound(Script::default().on(ANSWER, 1, Act::Number(3))).await;
    let mut ledger = Ledger::default();
    let ends = ledger.submit(&client, texts(2)).await;
    assert!(matches!(ends[0], Err(CallError::TimedOut)));
    // Whoever cares sees by the message_id that it is none of his.
    assert_eq!(id(ends[1].as_ref().unwrap()), "00001");
    assert_eq!((client.stats().stray, client.is_open()), (1, true));
    ledger.balances(&smsc);
}

#[tokio::test(start_paused = true)]
async fn the_answer_to_another_command() {
    for command in [
        CommandId::DATA_SM_RESP,
        CommandId::DELIVER_SM_RESP,
        CommandId::UNBIND_RESP,
    ] {
        let (client, _inbound, smsc) = bound(Script::default().on(ANSWER, 2, Act::Command(command))).await;
        let mut ledger = Ledger::default();
        let ends = ledger.submit(&client, texts(3)).await;
        assert!(matches!(ends[1], Err(CallError::TimedOut)));
        assert_eq!(ledger.fates(), [(Fate::Answered, 2), (Fate::Unknown, 1)].into());
        assert_eq!((client.stats().stray, client.is_open()), (1, true));
        ledger.balances(&smsc);
    }
}

#[tokio::test(start_paused = true)]
async fn answered_twice() {
    let (client, _inbound, smsc) = bound(Script::default().on(ANSWER, .., Act::Twice)).await;
    let mut ledger = Ledger::default();
    for (number, end) in (1..).zip(ledger.submit(&client, texts(25)).await) {
        assert_eq!(id(&end.unwrap()), format!("{number:05}"));
    }
    assert!(soon(client.enquire_link()).await.is_ok(), "what came last was read");
    assert_eq!(client.stats().stray, 25);
    ledger.balances(&smsc);
}

#[tokio::test(start_paused = true)]
async fn nacked_with_its_number() {
    let nack = Act::Nack(CommandStatus::ESME_RINVCMDID, Numbered::Yes);
    let (client, _inbound, smsc) = bound(Script::default().on(ANSWER, 2, nack)).await;
    let mut ledger = Ledger::default();
    let ends = ledger.submit(&client, texts(3)).await;
    assert!(matches!(ends[1], Err(CallError::Nacked(CommandStatus::ESME_RINVCMDID))));
    assert_eq!(ledger.fates(), [(Fate::Answered, 2), (Fate::Refused, 1)].into());
    assert_eq!(client.stats().stray, 0);
    ledger.balances(&smsc);
}

/// Nobody knows what it was for: it is not guessed, and not answered.
#[tokio::test(start_paused = true)]
async fn nacked_without_a_number() {
    let nack = Act::Nack(CommandStatus::ESME_RSYSERR, Numbered::No);
    let (client, _inbound, smsc) = bound(Script::default().on(ANSWER, 2, nack)).await;
    let mut ledger = Ledger::default();
    let ends = ledger.submit(&client, texts(3)).await;
    assert!(matches!(ends[1], Err(CallError::TimedOut)));
    assert_eq!(ledger.fates(), [(Fate::Answered, 2), (Fate::Unknown, 1)].into());
    assert_eq!((client.stats().stray, client.is_open()), (1, true));
    assert_eq!(smsc.record().heard(CommandId::GENERIC_NACK), 0);
    ledger.balances(&smsc);
}

/// The last comes first, and each finds its request.
#[tokio::test(start_paused = true)]
async fn out_of_order() {
    let backwards = |script: Script, number| script.on(ANSWER, number, Act::Delay(seconds(11 - number as u64)));
    let (client, _inbound, smsc) = bound((1..=10).fold(Script::default(), backwards)).await;
    let (mut ledger, began) = (Ledger::default(), Instant::now());
    for (number, end) in (1..).zip(ledger.submit(&client, texts(10)).await) {
        assert_eq!(id(&end.unwrap()), format!("{number:05}"));
    }
    assert_eq!((began.elapsed().as_secs(), client.stats().stray), (10, 0));
    ledger.balances(&smsc);
}

/// ESME_ROK without a body: it is accepted, and there is no message_id.
#[tokio::test(start_paused = true)]
async fn bodies_absent() {
    let (client, _inbound, smsc) = bound(Script::default().on(ANSWER, .., Act::Bare)).await;
    let mut ledger = Ledger::default();
    for end in ledger.submit(&client, texts(3)).await {
        assert_eq!(id(&end.unwrap()), "");
    }
    ledger.balances(&smsc);
}
