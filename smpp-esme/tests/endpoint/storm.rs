//! Many tasks over binds that come and go: each request ends once, and is there at most once.

use crate::fake::{Asked, esme, submit};
use crate::{Smsc, accept, within};
use smpp_esme::pdu::Pdu;
use smpp_esme::{Endpoint, EndpointBuilder, Order, Retry};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const TASKS: usize = 10_000;

/// How often each text has come, and whether it was answered.
type Ledger = Arc<Mutex<HashMap<Vec<u8>, (usize, bool)>>>;

/// Accepts binds, and breaks each after so many requests, of which the last are not answered.
async fn flap(mut smsc: Smsc, ledger: Ledger, lasts: usize) {
    loop {
        let mut centre = smsc.bound().await;
        for n in 0..lasts {
            // Whatever has not come by now does not come to this one any more.
            let asked = tokio::time::timeout(Duration::from_secs(5), centre.next()).await;
            let Ok(Some(Asked {
                pdu: Pdu::SubmitSm(pdu),
                responder,
            })) = asked
            else {
                break;
            };
            let answered = n + 5 < lasts;
            let mut ledger = ledger.lock().unwrap();
            let entry = ledger.entry(pdu.short_message.as_bytes().to_vec()).or_default();
            *entry = (entry.0 + 1, answered);
            drop(ledger);
            match answered {
                true => accept(responder),
                false => std::mem::forget(responder),
            }
        }
        // What is answered is on its way.
        tokio::time::sleep(Duration::from_millis(1)).await;
        centre.vanish().await;
    }
}

async fn storm(build: impl FnOnce(EndpointBuilder) -> EndpointBuilder, tasks: usize, keyed: bool) {
    let ledger = Ledger::default();
    let mut builder = build(Endpoint::builder().reconnect(|reconnect| reconnect.per_minute = 60));
    let mut flapping = Vec::new();
    for lasts in [40, 97] {
        let smsc = Smsc::reached_by(esme());
        builder = builder.member(smsc.line());
        flapping.push(tokio::spawn(flap(smsc, ledger.clone(), lasts)));
    }
    let (endpoint, _inbound) = builder.start().await;
    let mut running = Vec::new();
    for n in 0..tasks {
        let endpoint = endpoint.clone();
        running.push(tokio::spawn(async move {
            let pdu = submit(&n.to_string());
            match keyed && n % 2 == 0 {
                true => endpoint.sticky(n % 50).submit_sm(&pdu).await,
                false => endpoint.submit_sm(&pdu).await,
            }
        }));
    }
    let (mut answered, mut unknown) = (0, 0);
    for (n, task) in running.into_iter().enumerate() {
        let end = within(24 * 3600, task).await.unwrap();
        let came = ledger.lock().unwrap().get(n.to_string().as_bytes()).copied();
        match end {
            Ok(_) => {
                answered += 1;
                assert_eq!(came, Some((1, true)), "{n} came once, and was answered");
            }
            Err(error) => {
                unknown += 1;
                assert_eq!(error.retry(), Retry::MayDouble, "{error}");
                assert!(came.is_none_or(|(times, _)| times == 1), "{n} came {came:?} times");
            }
        }
    }
    assert_eq!(answered + unknown, tasks);
    let came = ledger.lock().unwrap().len();
    assert!(
        (answered..=answered + unknown).contains(&came),
        "{answered} <= {came} <= {answered} + {unknown}"
    );
    assert!(unknown > 0 && answered > tasks / 2, "{answered} and {unknown}");
    flapping.into_iter().for_each(|task| task.abort());
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_tasks_over_a_flapping_pair() {
    storm(|builder| builder, TASKS, false).await;
}

#[tokio::test(start_paused = true)]
async fn with_keys_among_them() {
    storm(|builder| builder, TASKS, true).await;
}

#[tokio::test(start_paused = true)]
async fn one_by_one_for_each_key() {
    storm(|builder| builder.order(Order::Kept), 1000, true).await;
}
