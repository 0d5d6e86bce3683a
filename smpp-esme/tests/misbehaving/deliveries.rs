//! What the centre sends of its own.

use crate::fake::{esme, soon};
use crate::ledger::{Fate, Ledger, texts};
use crate::script::{Act, Next, Script};
use crate::smsc::Smsc;
use smpp_esme::Delivery;
use smpp_esme::pdu::CommandId;

const BURST: usize = 10_000;

fn burst() -> Smsc {
    let deliver = Act::Then(Next::Deliver(BURST));
    Smsc::new(Script::default().on(CommandId::BIND_TRANSCEIVER_RESP, 1, deliver))
}

/// Nobody takes them: as many wait as may, and the others are refused at once. What is submitted meanwhile is
/// answered, and what waits is still there for whoever comes.
#[tokio::test(start_paused = true)]
async fn a_burst_that_nobody_takes() {
    let smsc = burst();
    let (client, mut inbound) = smsc.bound(esme()).await;
    let mut ledger = Ledger::default();
    ledger.submit(&client, texts(20)).await;
    assert_eq!(ledger.fates(), [(Fate::Answered, 20)].into());
    ledger.balances(&smsc);

    let record = smsc.until(|record| record.deliveries.ended() == BURST - 1000).await;
    assert_eq!(record.deliveries.throttled, BURST - 1000);
    for _ in 0..1000 {
        let Some(Delivery::DeliverSm(_, responder)) = soon(inbound.recv()).await else {
            panic!("a deliver_sm")
        };
        responder.accept().unwrap();
    }
    let record = smsc.until(|record| record.deliveries.ended() == BURST).await;
    assert_eq!(
        (record.deliveries.accepted, record.deliveries.throttled),
        (1000, BURST - 1000)
    );
}

/// Each is taken or refused, exactly once, and both sides have the same number of each.
#[tokio::test(start_paused = true)]
async fn a_burst_that_is_taken_as_it_comes() {
    let smsc = burst();
    let (client, mut inbound) = smsc.bound(esme()).await;
    let taking = tokio::spawn(async move {
        let mut taken = 0;
        while let Some(Delivery::DeliverSm(_, responder)) = inbound.recv().await {
            taken += usize::from(responder.accept().is_ok());
        }
        taken
    });
    let mut ledger = Ledger::default();
    ledger.submit(&client, texts(20)).await;
    assert_eq!(ledger.fates(), [(Fate::Answered, 20)].into());
    ledger.balances(&smsc);
    let record = smsc.until(|record| record.deliveries.ended() == BURST).await;
    soon(client.unbind()).await;
    let taken = taking.await.unwrap();
    assert_eq!(record.deliveries.accepted, taken);
    assert_eq!(record.deliveries.throttled, BURST - taken);
    assert!(taken >= 1000);
}

/// Room for all of them: none is refused.
#[tokio::test(start_paused = true)]
async fn a_burst_with_room_for_it() {
    let smsc = burst();
    let builder = esme().configure(|config| config.max_inbound = BURST);
    let (_client, mut inbound) = smsc.bound(builder).await;
    for _ in 0..BURST {
        let Some(Delivery::DeliverSm(_, responder)) = soon(inbound.recv()).await else {
            panic!("a deliver_sm")
        };
        responder.accept().unwrap();
    }
    let record = smsc.until(|record| record.deliveries.ended() == BURST).await;
    assert_eq!(record.deliveries.accepted, BURST);
}
