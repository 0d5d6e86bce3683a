//! What comes in place of the answer to the bind.

use crate::fake::{esme, soon};
use crate::script::{Act, Next, Numbered, Script};
use crate::smsc::Smsc;
use smpp_esme::pdu::{CommandId, CommandStatus};
use smpp_esme::{BindError, BindKind, BindRetry, CloseReason};
use std::time::Duration;
use tokio::time::Instant;

const BOUND: CommandId = CommandId::BIND_TRANSCEIVER_RESP;

/// Why there is no session, with a centre that does this in place of the answer.
async fn refused(act: Act) -> (BindError, Smsc) {
    let smsc = Smsc::new(Script::default().on(BOUND, .., act));
    let bound = esme().connect_over(smsc.connect()).await;
    (bound.expect_err("no session"), smsc)
}

/// It is given up after thirty seconds, and not tried a second time by itself; the connection is closed with it.
#[tokio::test(start_paused = true)]
async fn never_answered() {
    let began = Instant::now();
    let (error, smsc) = refused(Act::Drop).await;
    assert!(matches!(error, BindError::NotAnswered));
    assert_eq!((began.elapsed().as_secs(), error.retry()), (30, BindRetry::Transient));
    let record = smsc.until(|record| !record.closed.is_empty()).await;
    assert_eq!(record.heard(BOUND_BY), 1);
}
const BOUND_BY: CommandId = CommandId::BIND_TRANSCEIVER;

#[tokio::test(start_paused = true)]
async fn rejected_by_each_class() {
    for (status, retry) in [
        (CommandStatus::ESME_RINVPASWD, BindRetry::Permanent),
        (CommandStatus::ESME_RINVSYSID, BindRetry::Permanent),
        (CommandStatus::ESME_RALYBND, BindRetry::Contended),
        (CommandStatus::ESME_RBINDFAIL, BindRetry::Contended),
        (CommandStatus::ESME_RSYSERR, BindRetry::Transient),
        (CommandStatus::ESME_RTHROTTLED, BindRetry::Transient),
        (CommandStatus(0x0000_0400), BindRetry::Transient),
        (CommandStatus::ESME_RINVCMDID, BindRetry::OtherBindType),
    ] {
        for act in [Act::Refuse(status), Act::Nack(status, Numbered::Yes)] {
            let (error, smsc) = refused(act).await;
            assert!(
                matches!(error, BindError::Refused(refused) if refused == status),
                "{error:?}"
            );
            assert_eq!(error.retry(), retry, "{status}");
            let record = smsc.until(|record| !record.closed.is_empty()).await;
            assert_eq!(record.heard(BOUND_BY), 1);
        }
    }
}

/// A generic_nack refuses, whatever its status.
#[tokio::test(start_paused = true)]
async fn nacked_with_no_error() {
    let (error, _) = refused(Act::Nack(CommandStatus::ESME_ROK, Numbered::Yes)).await;
    assert!(
        matches!(error, BindError::Refused(CommandStatus::ESME_RBINDFAIL)),
        "{error:?}"
    );
}

/// A nack of nobody knows what, an answer to another bind, and one with another number are no answers.
#[tokio::test(start_paused = true)]
async fn answered_beside_the_point() {
    for act in [
        Act::Nack(CommandStatus::ESME_RSYSERR, Numbered::No),
        Act::Command(CommandId::BIND_RECEIVER_RESP),
        Act::Number(2),
    ] {
        let (error, _) = refused(act).await;
        assert!(matches!(error, BindError::NotAnswered), "{act:?}: {error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn cut_off_and_of_any_length() {
    for octets in [0, 7, 16] {
        let (error, _) = refused(Act::Cut(octets)).await;
        assert!(matches!(error, BindError::Closed(CloseReason::PeerClosed)), "{error:?}");
        assert_eq!(error.retry(), BindRetry::Transient);
    }
    let (error, _) = refused(Act::Length(1 << 31)).await;
    let framing = CloseReason::Framing {
        command_length: 1 << 31,
    };
    assert!(
        matches!(error, BindError::Closed(reason) if reason == framing),
        "{error:?}"
    );
}

/// A header alone accepts a bind as well, of each kind.
#[tokio::test(start_paused = true)]
async fn without_a_body() {
    for (kind, command) in [
        (BindKind::Transceiver, CommandId::BIND_TRANSCEIVER_RESP),
        (BindKind::Transmitter, CommandId::BIND_TRANSMITTER_RESP),
        (BindKind::Receiver, CommandId::BIND_RECEIVER_RESP),
    ] {
        let smsc = Smsc::new(Script::default().on(command, .., Act::Bare));
        let (client, _inbound) = smsc.bound(esme().bind(kind)).await;
        assert!(client.is_open());
    }
}

/// Twice, and late: the second is counted, and changes nothing.
#[tokio::test(start_paused = true)]
async fn accepted_twice_and_late() {
    let smsc = Smsc::new(
        Script::default()
            .on(BOUND, 1, Act::Twice)
            .of(1)
            .on(BOUND, 1, Act::Delay(Duration::from_secs(29)))
            .of(2),
    );
    let (client, _inbound) = smsc.bound(esme()).await;
    assert!(soon(client.enquire_link()).await.is_ok() && client.is_open());
    assert_eq!(client.stats().stray, 1);
    let began = Instant::now();
    let (client, _inbound) = smsc.bound(esme()).await;
    assert_eq!((began.elapsed().as_secs(), client.is_open()), (29, true));
}

/// Closed right behind the response: there was a bind, and it is over.
#[tokio::test(start_paused = true)]
async fn closed_behind_the_answer() {
    let smsc = Smsc::new(Script::default().on(BOUND, 1, Act::Then(Next::Close)));
    let (client, mut inbound) = smsc.bound(esme()).await;
    assert_eq!(soon(client.closed()).await, CloseReason::PeerClosed);
    assert!(!client.is_open() && soon(inbound.recv()).await.is_none());
}
