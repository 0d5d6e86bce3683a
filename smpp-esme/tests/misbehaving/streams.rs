//! What becomes of the octets.

use crate::fake::{esme, soon, submit};
use crate::ledger::{Fate, Ledger, texts};
use crate::script::{Act, Next, Script};
use crate::smsc::{PIPE, Smsc};
use smpp_esme::pdu::{Codec, CommandId, Header, MAX_PDU};
use smpp_esme::{CallError, CloseReason};
use std::time::Duration;
use tokio::time::Instant;

const ANSWER: CommandId = CommandId::SUBMIT_SM_RESP;
const BOUND: CommandId = CommandId::BIND_TRANSCEIVER_RESP;

#[tokio::test(start_paused = true)]
async fn octet_by_octet() {
    let slow = Act::Octets(Duration::from_millis(20));
    let smsc = Smsc::new(Script::default().on(BOUND, .., slow).on(ANSWER, .., slow));
    let (client, _inbound) = smsc.bound(esme()).await;
    let mut ledger = Ledger::default();
    for text in texts(20) {
        let end = ledger.submit(&client, [text.clone()]).await.remove(0);
        assert_eq!(end.unwrap().message_id.as_bytes(), text.as_bytes());
    }
    assert_eq!(ledger.fates(), [(Fate::Answered, 20)].into());
    ledger.balances(&smsc);
}

/// Ten seconds from the first octet; the others are told with it, and what waits in line was not sent.
#[tokio::test(start_paused = true)]
async fn octet_by_octet_for_ever() {
    let smsc = Smsc::new(Script::default().on(ANSWER, 1, Act::Octets(Duration::from_secs(1))));
    let (client, _inbound) = smsc.bound(esme()).await;
    let (mut ledger, began) = (Ledger::default(), Instant::now());
    let ends = ledger.submit(&client, texts(15)).await;
    assert!(matches!(ends[0], Err(CallError::MaybeDelivered(CloseReason::PduRead))));
    assert_eq!(ledger.fates(), [(Fate::Unsent, 5), (Fate::Unknown, 10)].into());
    assert_eq!(began.elapsed().as_secs(), 10);
    ledger.balances(&smsc);
}

/// Wherever it is cut: what was answered before is, what is in flight is not known, what waits in line was not sent.
#[tokio::test(start_paused = true)]
async fn closed_in_the_middle_of_a_pdu() {
    for octets in [0, 1, 4, 15, 16, 17, 21] {
        let smsc = Smsc::new(Script::default().on(ANSWER, 3, Act::Cut(octets)));
        let (client, mut inbound) = smsc.bound(esme()).await;
        let mut ledger = Ledger::default();
        let ends = ledger.submit(&client, texts(15)).await;
        assert_eq!(ledger.fates().get(&Fate::Answered), Some(&2), "{octets} octets");
        assert!(matches!(
            ends[2],
            Err(CallError::MaybeDelivered(CloseReason::PeerClosed))
        ));
        assert!(matches!(ends[14], Err(CallError::NotWritten(CloseReason::PeerClosed))));
        assert_eq!(soon(client.closed()).await, CloseReason::PeerClosed);
        assert!(soon(inbound.recv()).await.is_none());
        ledger.balances(&smsc);
    }
}

/// A length that cannot be trusted is the end, and the centre is told so; none of it is waited for or kept.
#[tokio::test(start_paused = true)]
async fn a_huge_length() {
    for length in [u32::MAX, 0x4854_5450, MAX_PDU as u32 + 1, 15, 0] {
        let smsc = Smsc::new(Script::default().on(ANSWER, 3, Act::Length(length)));
        let (client, _inbound) = smsc.bound(esme()).await;
        let (mut ledger, began) = (Ledger::default(), Instant::now());
        let ends = ledger.submit(&client, texts(10)).await;
        let reason = CloseReason::Framing { command_length: length };
        assert!(matches!(ends[2], Err(CallError::MaybeDelivered(r)) if r == reason));
        assert_eq!(ledger.fates(), [(Fate::Answered, 2), (Fate::Unknown, 8)].into());
        assert_eq!(began.elapsed().as_secs(), 0);
        assert_eq!(soon(client.closed()).await, reason);
        smsc.until(|record| record.heard(CommandId::GENERIC_NACK) == 1).await;
        ledger.balances(&smsc);
    }
}

/// A length within reason that no octets follow: ten seconds, and no more than what came is kept.
#[tokio::test(start_paused = true)]
async fn a_length_that_is_never_filled() {
    let smsc = Smsc::new(Script::default().on(ANSWER, 3, Act::Length(MAX_PDU as u32)));
    let (client, _inbound) = smsc.bound(esme()).await;
    let (mut ledger, began) = (Ledger::default(), Instant::now());
    ledger.submit(&client, texts(10)).await;
    assert_eq!(ledger.fates(), [(Fate::Answered, 2), (Fate::Unknown, 8)].into());
    assert_eq!(soon(client.closed()).await, CloseReason::PduRead);
    assert_eq!(began.elapsed().as_secs(), 10);
    ledger.balances(&smsc);
}

/// It reads no more: who takes nothing for thirty seconds is gone. What the stream has taken a part of is unknown, to
/// the octet, and all else was not sent.
#[tokio::test(start_paused = true)]
async fn deaf_from_the_bind_on() {
    let smsc = Smsc::new(Script::default().on(BOUND, 1, Act::Then(Next::Deaf)));
    let patient = esme()
        .window(2000)
        .configure(|config| config.response = Duration::from_secs(300));
    let (client, _inbound) = smsc.bound(patient).await;
    let (mut ledger, began) = (Ledger::default(), Instant::now());
    let ends = ledger.submit(&client, texts(3000)).await;
    assert!(matches!(
        ends[0],
        Err(CallError::MaybeDelivered(CloseReason::WriteStalled))
    ));
    assert!(matches!(
        ends[2999],
        Err(CallError::NotWritten(CloseReason::WriteStalled))
    ));
    let mut message = Vec::new();
    let length = Codec::default().encode(Header::request(2), &submit("00001"), &mut message);
    let begun = PIPE.div_ceil(length.unwrap());
    assert_eq!(
        ledger.fates(),
        [(Fate::Unsent, 3000 - begun), (Fate::Unknown, begun)].into()
    );
    assert_eq!(began.elapsed().as_secs(), 30);
    ledger.balances(&smsc);
}

/// Right behind the response to the bind: there was a session, and nothing more is written to it.
#[tokio::test]
async fn reset_after_the_bind() {
    let smsc = Smsc::new(Script::default().on(BOUND, 1, Act::Then(Next::Reset)));
    let (client, mut inbound) = soon(smsc.bound_by_tcp()).await;
    assert_eq!(soon(client.closed()).await, CloseReason::PeerClosed);
    assert!(soon(inbound.recv()).await.is_none());
    let mut ledger = Ledger::default();
    soon(ledger.submit(&client, texts(3))).await;
    assert_eq!(ledger.fates(), [(Fate::Unsent, 3)].into());
    assert!(smsc.record().got.is_empty());
    ledger.balances(&smsc);
}

#[tokio::test]
async fn reset_with_requests_in_flight() {
    let smsc = Smsc::new(Script::default().on(ANSWER, 3, Act::Then(Next::Reset)));
    let (client, _inbound) = soon(smsc.bound_by_tcp()).await;
    let mut ledger = Ledger::default();
    let ends = soon(ledger.submit(&client, texts(15))).await;
    assert!(matches!(ends[14], Err(CallError::NotWritten(CloseReason::PeerClosed))));
    // The three answers may have been lost with the connection, or not.
    let fates = ledger.fates();
    let told = |fate| fates.get(&fate).copied().unwrap_or_default();
    assert!(told(Fate::Answered) <= 3 && told(Fate::Unknown) >= 7, "{fates:?}");
    assert_eq!(soon(client.closed()).await, CloseReason::PeerClosed);
    let after = soon(client.submit_sm(&submit("after"))).await;
    assert!(matches!(after, Err(CallError::NotWritten(CloseReason::PeerClosed))));
    ledger.balances(&smsc);
}
