//! Whole scripts by chance: whatever comes together, each message has its one end.

use crate::fake::esme;
use crate::ledger::{Fate, Ledger, texts};
use crate::script::{Act, Next, Numbered, Script};
use crate::smsc::{Line, Smsc};
use smpp_esme::pdu::{CommandId, CommandStatus};
use smpp_esme::{Delivery, Endpoint, EndpointInbound, Order, RetryPolicy};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::timeout;

/// SplitMix64: the same chance for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }

    fn act(&mut self) -> Act {
        let status = [
            CommandStatus::ESME_RTHROTTLED,
            CommandStatus::ESME_RMSGQFUL,
            CommandStatus::ESME_RSYSERR,
            CommandStatus::ESME_RINVDSTADR,
        ][self.below(4) as usize];
        match self.below(18) {
            0 | 1 => Act::Delay(Duration::from_millis(self.below(45_000))),
            2 => Act::Drop,
            3 | 4 => Act::Refuse(status),
            5 => Act::Nack(status, Numbered::Yes),
            6 => Act::Nack(status, Numbered::No),
            7 => Act::Number(1_000_000),
            8 => Act::Command(CommandId::DATA_SM_RESP),
            9 => Act::Length(self.below(1 << 20) as u32),
            10 => Act::Twice,
            11 => Act::Bare,
            12 => Act::Cut(self.below(23) as usize),
            13 => Act::Octets(Duration::from_millis(self.below(600))),
            14 => Act::Then(Next::Close),
            15 => Act::Then(Next::Deaf),
            16 => Act::Then(Next::Unbind),
            _ => Act::Then(Next::Deliver(self.below(50) as usize)),
        }
    }

    /// Of the first connections one in eight answers, one in four binds, and one in four keep-alives.
    fn script(&mut self) -> Script {
        let mut script = Script::default();
        for connection in 1..=40 {
            for number in 1..=60 {
                if self.below(8) == 0 {
                    script = script.on(CommandId::SUBMIT_SM_RESP, number, self.act()).of(connection);
                }
            }
            for command in [CommandId::BIND_TRANSCEIVER_RESP, CommandId::ENQUIRE_LINK_RESP] {
                if self.below(4) == 0 {
                    script = script.on(command, 1, self.act()).of(connection);
                }
            }
        }
        script
    }
}

/// By so many binds, with or without order. Stops are what a nacked or refused bind may lead to, and then all that waits
/// is told so.
async fn story(seed: u64) {
    let mut chance = Chance(seed);
    let smsc = Smsc::new(chance.script());
    let (binds, messages) = (1 + chance.below(4), 50 + chance.below(150) as usize);
    let order = if chance.below(4) == 0 { Order::Kept } else { Order::Free };
    let mut builder = Endpoint::builder().retry(RetryPolicy::default()).order(order);
    for _ in 0..binds {
        let window = 1 + chance.below(20) as usize;
        builder = builder.member(Line(esme().window(window), smsc.clone()));
    }
    let (endpoint, inbound) = builder.start().await;
    let taking = tokio::spawn(take(inbound));
    let mut ledger = Ledger::default();
    ledger.submit(&endpoint, texts(messages)).await;
    ledger.balances(&smsc);
    let stopped = endpoint.watch().borrow().stopped().is_some();
    assert_eq!(
        ledger.fates().contains_key(&Fate::Unsent),
        stopped,
        "seed {seed}: {:?}",
        ledger.fates()
    );
    endpoint.close(Duration::from_secs(10)).await;
    ledger.balances(&smsc);
    let (taken, told) = (taking.await.expect("no panic"), smsc.record().deliveries);
    let unknown = told.asked - told.accepted - told.throttled - told.refused - told.unsent;
    assert!(
        told.accepted <= taken && taken <= told.accepted + unknown,
        "seed {seed}: {taken} of {told:?}"
    );
}

/// How many were taken and accepted; none comes twice.
async fn take(mut inbound: EndpointInbound) -> usize {
    let (mut seen, mut taken) = (BTreeSet::new(), 0);
    while let Some((_, delivery)) = inbound.recv().await {
        let Delivery::DeliverSm(pdu, responder) = delivery else {
            panic!("a deliver_sm")
        };
        assert!(seen.insert(pdu.short_message.as_bytes().to_vec()), "it comes again");
        taken += usize::from(responder.accept().is_ok());
    }
    taken
}

#[tokio::test(start_paused = true)]
async fn whatever_comes_together() {
    for seed in 0..60 {
        // Nine hours of stopped clock, if each of a hundred messages had its worst.
        let ended = timeout(Duration::from_secs(9 * 3600), story(seed)).await;
        assert!(ended.is_ok(), "seed {seed} hangs");
    }
}
