//! Sessions that the centre begins, and two that are one.

use crate::fake::{esme, soon};
use crate::ledger::{Fate, Ledger, texts};
use crate::script::{Act, Next, Numbered, Script};
use crate::smsc::Smsc;
use smpp_esme::pdu::{CommandId, CommandStatus};
use smpp_esme::{BindError, BindKind, CloseReason, Delivery, OutbindError};
use std::time::Duration;
use tokio::time::Instant;

const OUTBIND: CommandId = CommandId::OUTBIND;
const AS_RECEIVER: CommandId = CommandId::BIND_RECEIVER_RESP;
const AS_TRANSCEIVER: CommandId = CommandId::BIND_TRANSCEIVER_RESP;

/// However it comes: it is bound to on the same connection, and what the centre had is taken.
#[tokio::test(start_paused = true)]
async fn called_and_bound_to() {
    for act in [
        Act::Pass,
        Act::Delay(Duration::from_secs(9)),
        Act::Octets(Duration::from_millis(100)),
    ] {
        let deliver = Act::Then(Next::Deliver(100));
        let smsc = Smsc::new(Script::default().on(OUTBIND, 1, act).on(AS_RECEIVER, 1, deliver));
        let call = esme().outbind_over(smsc.call()).await.expect("a call");
        assert!(call.is_from("smsc", "secret"));
        let (client, mut inbound) = call.bind().await.expect("bound");
        for _ in 0..100 {
            let Some(Delivery::DeliverSm(_, responder)) = soon(inbound.recv()).await else {
                panic!("a deliver_sm")
            };
            responder.accept().unwrap();
        }
        let record = smsc.until(|record| record.deliveries.ended() == 100).await;
        assert_eq!((record.connections, record.deliveries.accepted), (1, 100));
        assert_eq!(soon(client.unbind()).await, CloseReason::Unbound);
    }
}

/// What is no outbind, or none in time, is not bound to.
#[tokio::test(start_paused = true)]
async fn a_call_that_says_nothing() {
    for (act, reason, seconds) in [
        (Act::Drop, CloseReason::SessionInit, 10),
        (Act::Delay(Duration::from_secs(11)), CloseReason::SessionInit, 10),
        (Act::Bare, CloseReason::SessionInit, 10),
        (Act::Command(CommandId::SUBMIT_SM), CloseReason::SessionInit, 10),
        (Act::Octets(Duration::from_secs(1)), CloseReason::PduRead, 10),
        (Act::Cut(0), CloseReason::PeerClosed, 0),
        (Act::Cut(20), CloseReason::PeerClosed, 0),
        (Act::Length(7), CloseReason::Framing { command_length: 7 }, 0),
    ] {
        let smsc = Smsc::new(Script::default().on(OUTBIND, 1, act));
        let began = Instant::now();
        let Err(OutbindError::Stranger { reason: why, .. }) = soon(esme().outbind_over(smsc.call())).await else {
            panic!("{act:?}: no call")
        };
        assert_eq!((why, began.elapsed().as_secs()), (reason, seconds), "{act:?}");
        assert_eq!(smsc.record().heard(CommandId::BIND_RECEIVER), 0);
    }
}

/// The call was one, and the bind to it comes to nothing; or it comes twice, and the second is not listened to.
#[tokio::test(start_paused = true)]
async fn called_and_not_bound_to() {
    let refusal = CommandStatus::ESME_RINVPASWD;
    for (act, seconds) in [
        (Act::Drop, 30),
        (Act::Cut(9), 0),
        (Act::Refuse(refusal), 0),
        (Act::Nack(refusal, Numbered::Yes), 0),
    ] {
        let smsc = Smsc::new(Script::default().on(AS_RECEIVER, 1, act));
        let call = esme().outbind_over(smsc.call()).await.expect("a call");
        let began = Instant::now();
        let error = call.bind().await.expect_err("no session");
        let fits = match act {
            Act::Drop => matches!(error, BindError::NotAnswered),
            Act::Cut(_) => matches!(error, BindError::Closed(CloseReason::PeerClosed)),
            _ => matches!(error, BindError::Refused(status) if status == refusal),
        };
        assert!(fits, "{act:?}: {error:?}");
        assert_eq!(began.elapsed().as_secs(), seconds, "{act:?}");
    }
    let smsc = Smsc::new(Script::default().on(OUTBIND, 1, Act::Twice));
    let call = esme().outbind_over(smsc.call()).await.expect("a call");
    let (client, _inbound) = call.bind().await.expect("bound");
    assert!(soon(client.enquire_link()).await.is_ok() && client.is_open());
}

/// Bound to as a transceiver it submits as any other does.
#[tokio::test(start_paused = true)]
async fn called_and_submitted_to() {
    let smsc = Smsc::new(Script::default().on(CommandId::SUBMIT_SM_RESP, 5, Act::Cut(3)));
    let call = esme().outbind_over(smsc.call()).await.expect("a call");
    let (client, _inbound) = call.bind_as(BindKind::Transceiver).await.expect("bound");
    let mut ledger = Ledger::default();
    ledger.submit(&client, texts(20)).await;
    assert_eq!(
        ledger.fates(),
        [(Fate::Answered, 4), (Fate::Unsent, 10), (Fate::Unknown, 6)].into()
    );
    ledger.balances(&smsc);
}

/// A centre without transceivers: the fault of one of the two is the end of both, and each message has its one fate.
#[tokio::test]
async fn a_transmitter_and_a_receiver_of_which_one_is_cut() {
    let none = CommandStatus::ESME_RINVCMDID;
    for refusal in [Act::Refuse(none), Act::Nack(none, Numbered::Yes)] {
        for (command, act) in [
            (CommandId::SUBMIT_SM_RESP, Act::Cut(3)),
            (CommandId::SUBMIT_SM_RESP, Act::Length(0)),
            (CommandId::SUBMIT_SM_RESP, Act::Then(Next::Unbind)),
            (CommandId::BIND_RECEIVER_RESP, Act::Then(Next::Reset)),
        ] {
            let smsc = Smsc::new(Script::default().on(AS_TRANSCEIVER, 1, refusal).on(command, 1.., act));
            let builder = esme().bind(BindKind::Auto).addresses([smsc.listen().await]);
            let mut ledger = Ledger::default();
            match soon(builder.connect()).await {
                Ok((client, mut inbound)) => {
                    soon(ledger.submit(&client, texts(20))).await;
                    soon(client.closed()).await;
                    assert!(soon(inbound.recv()).await.is_none() && !client.is_open());
                }
                // The receiver was gone before both were one.
                Err(error) => assert!(command != CommandId::SUBMIT_SM_RESP, "{error}"),
            }
            ledger.balances(&smsc);
        }
    }
}
