//! Eight binds of one endpoint that flap at random, while messages go both ways: every connection is cut at some octet, in one
//! of five manners, and no message may be lost or doubled without being reported as perhaps so.
//!
//! ```text
//! cargo test -p smpp-smsc --test soak                                      5,000 messages each way: seconds
//! cargo test --release -p smpp-smsc --test soak -- 100000 [SEED]           minutes
//! ```
//!
//! It prints its ledger, and fails where that does not balance; and where nothing flapped, for then it proves nothing.

mod centre;
mod chance;
mod esme;
mod ledger;
mod relay;

use centre::Centre;
use chance::Chance;
use ledger::Ledger;
use relay::Cuts;
use smpp_pdu::{ShortMessage, Storage};
use smpp_session::{Config, Stats};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const BINDS: usize = 8;
/// Of each bind and direction.
const WINDOW: usize = 20;
/// Messages each way, where nothing else is asked for.
const MESSAGES: usize = 5_000;
/// What hangs for so long hangs for ever.
const STUCK: Duration = Duration::from_secs(1800);

fn main() -> ExitCode {
    // Whichever task it is that panics.
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        report(panic);
        std::process::exit(101);
    }));
    // What else `cargo test` may be given is meant for others.
    let mut numbers = std::env::args().skip(1).map_while(|argument| argument.parse().ok());
    let messages = numbers.next().map_or(MESSAGES, |messages: u64| messages as usize);
    let seed = numbers.next().unwrap_or(1);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let soaked = runtime.block_on(async { tokio::time::timeout(STUCK, soak(messages, seed)).await });
    match soaked.unwrap_or_else(|_| Err("it hangs".into())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("soak: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn soak(messages: usize, seed: u64) -> Result<(), String> {
    let began = Instant::now();
    let (submissions, deliveries) = (Arc::new(Ledger::new(messages)), Arc::new(Ledger::new(messages)));
    let centre = Centre {
        submissions: submissions.clone(),
        deliveries: deliveries.clone(),
        chance: Arc::new(Mutex::new(Chance::new(seed))),
    };
    let (server, address) = centre.listen(hasty()).await.map_err(|error| error.to_string())?;
    let (address, cuts) = relay::relay(address, seed).await.map_err(|error| error.to_string())?;
    let (endpoint, inbound) = esme::endpoint(address).await;
    let receiving = tokio::spawn(esme::receive(inbound, deliveries.clone()));
    esme::submit(&endpoint, submissions.clone()).await;
    deliveries.ended().await;
    endpoint.close(Duration::from_secs(10)).await;
    receiving.await.map_err(|error| error.to_string())?;
    server.shutdown().await;

    let cuts = cuts.lock().expect("nobody panics over it");
    println!(
        "soak of {messages} messages each way, seed {seed}, in {:.1?}",
        began.elapsed()
    );
    println!(
        "  {} connections, {} cut, {} of them within a PDU",
        cuts.connections,
        cuts.all(),
        cuts.within_a_pdu
    );
    println!("  how: {:?}", cuts.by);
    println!("  submitted: {}", submissions.counts());
    println!("  delivered: {}", deliveries.counts());
    balanced(&submissions, &deliveries, &cuts)?;
    agrees(&server.stats(), &deliveries)
}

fn balanced(submissions: &Ledger, deliveries: &Ledger, cuts: &Cuts) -> Result<(), String> {
    for (ledger, what) in [(submissions, "submit_sm"), (deliveries, "deliver_sm")] {
        if let Some(imbalance) = ledger.imbalance() {
            return Err(format!("{what}: {imbalance}"));
        }
        if ledger.counts().unknown == 0 {
            return Err(format!("{what}: nothing was unknown: it proves nothing"));
        }
    }
    if deliveries.counts().unsent == 0 || submissions.counts().refused == 0 {
        return Err("nothing was not sent, or nothing refused: it proves nothing".into());
    }
    if cuts.forgotten > 0 {
        return Err(format!(
            "{} silent connections were given up by neither side",
            cuts.forgotten
        ));
    }
    if cuts.by.len() < 5 || cuts.all() < 2 * BINDS || cuts.within_a_pdu == 0 {
        return Err("too little was cut: it proves nothing".into());
    }
    Ok(())
}

/// What the server's sessions have counted is what their owner was told.
fn agrees(stats: &Stats, deliveries: &Ledger) -> Result<(), String> {
    let (told, unknown) = (deliveries.counts(), stats.timed_out + stats.maybe_delivered);
    let ended = stats.answered + stats.nacked + unknown + stats.not_written;
    let counted = (stats.requests_out, stats.answered as usize, unknown as usize);
    match counted == (ended, told.answered, told.unknown) {
        true => Ok(()),
        false => Err(format!("the server has counted something else: {stats:?}")),
    }
}

/// Sessions that find out soon about a silent link.
fn hasty() -> Config {
    let mut config = Config::default();
    config.window = WINDOW;
    config.enquire_link = Duration::from_millis(500);
    config.enquire_link_response = Duration::from_millis(500);
    config.session_init = Duration::from_secs(2);
    config.pdu_read = Duration::from_secs(1);
    config
}

/// What a message says, which is its number.
fn number<B: Storage>(text: &ShortMessage<B>) -> Option<usize> {
    std::str::from_utf8(text.as_bytes()).ok()?.parse().ok()
}
