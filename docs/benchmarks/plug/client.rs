//! Ours: smpp-esme's client. WINDOW tasks a connection, each `submit_sm().await` in a loop.

use smpp_esme::pdu::{Address, COctetString, Npi, RegisteredDelivery, ShortMessage, SubmitSm, Ton};
use smpp_esme::{Client, Esme};
use smpp_session_bench::{Args, Latency, Phase, count, frames, nodelay, raise_nofile, report};
use std::time::Instant;

static PHASE: Phase = Phase::new();

fn address() -> Address<&'static [u8]> {
    Address {
        ton: Ton::INTERNATIONAL,
        npi: Npi::ISDN,
        addr: COctetString::new(frames::ADDR.as_bytes()).unwrap(),
    }
}

async fn submitter(client: Client) -> Latency {
    let mut l = Latency(hdrhistogram::Histogram::new_with_bounds(1, 60_000_000_000, 2).unwrap());
    while !PHASE.stopped() {
        let t = Instant::now();
        let measuring = PHASE.measuring();
        let address = address();
        let submit = SubmitSm {
            source_addr: address,
            destination_addr: address,
            registered_delivery: RegisteredDelivery::RECEIPT,
            short_message: ShortMessage::new(&frames::TEXT[..]).unwrap(),
            ..SubmitSm::borrowed()
        };
        client.submit_sm(&submit).await.unwrap();
        count(1);
        if measuring {
            l.add(t);
        }
    }
    l
}

fn main() {
    raise_nofile();
    assert!(nodelay(), "the client turns Nagle's algorithm off itself");
    let a = Args::parse();
    let b = a.clone();
    let rt = a.runtime();
    let (handles, _inbound) = rt.block_on(async move {
        let (mut handles, mut inbounds) = (Vec::new(), Vec::new());
        let esme = Esme::builder(&format!("smpp://bench:bench@127.0.0.1:{}", b.port)).unwrap().window(b.window);
        for _ in 0..b.conns {
            let (client, inbound) = esme.connect().await.expect("bind");
            inbounds.push(inbound);
            for _ in 0..b.window {
                handles.push(tokio::spawn(submitter(client.clone())));
            }
        }
        (handles, inbounds)
    });
    let secs = PHASE.conduct(&a);
    let lat = rt.block_on(async {
        let mut all = Latency::new();
        for h in handles {
            all.0.add(&h.await.unwrap().0).unwrap();
        }
        all
    });
    report(&lat, secs);
    std::process::exit(0);
}
