//! Instructions per message of a server and of a client, as a user has them, the runtime's included; counted by valgrind's
//! callgrind, and held to a budget: `budget.txt` beside this file.
//!
//! ```text
//! cargo bench -p smpp-smsc --bench icount -- dist
//! cargo bench -p smpp-smsc --bench icount --profile release -- release
//! ```
//!
//! The other side is raw frames over a pair of sockets, on the same thread, and is not counted. Without the name of a
//! profile it prints the figures and holds them to nothing.

mod raw;

use smpp_esme::Esme;
use smpp_pdu::{AnyResponse, COctetString, Kept, Pdu, SubmitSm, SubmitSmResp};
use smpp_smsc::{Acceptor, Bind, ConnectionInfo, Handler, Reject, Server, async_trait};
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::hint::black_box;
use std::pin::pin;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use tokio::net::UnixStream;
use tokio::task::JoinSet;

/// Messages of each case.
const MESSAGES: usize = 20_000;

/// What is measured, with as many requests in flight.
const CASES: [(&str, usize); 6] = [
    ("async", 10),
    ("async", 100),
    ("sync", 10),
    ("sync", 100),
    ("client", 10),
    ("client", 100),
];

/// Callgrind counts in here, and writes a file each time before it is entered.
#[inline(never)]
fn timed_region(work: impl FnOnce()) {
    work();
}

/// And not in here.
#[inline(never)]
fn apart_region<R>(work: impl FnOnce() -> R) -> R {
    work()
}

async fn apart<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|cx| apart_region(|| future.as_mut().poll(cx))).await
}

/// Accepts every bind, and every submit.
struct Gate {
    at_once: bool,
}

#[async_trait]
impl Acceptor for Gate {
    async fn bind(&self, _: &Bind, _: &ConnectionInfo) -> Result<Arc<dyn Handler>, Reject> {
        Ok(match self.at_once {
            true => Arc::new(AtOnce),
            false => Arc::new(Ready),
        })
    }
}

fn accepted() -> SubmitSmResp {
    SubmitSmResp {
        message_id: COctetString::new("0123456789ABCDEF").unwrap(),
        ..SubmitSmResp::default()
    }
}

/// Answers on the synchronous path.
struct AtOnce;

#[async_trait]
impl Handler for AtOnce {
    fn at_once(&self, pdu: &Pdu<&[u8]>) -> Option<Result<AnyResponse, Reject>> {
        let Pdu::SubmitSm(pdu) = pdu else { return None };
        black_box(pdu);
        Some(Ok(accepted().into()))
    }
}

/// Is given what it could keep, and is ready at once.
struct Ready;

#[async_trait]
impl Handler for Ready {
    async fn submit_sm(&self, pdu: Kept<SubmitSm>) -> Result<SubmitSmResp, Reject> {
        black_box(&pdu.view());
        Ok(accepted())
    }
}

async fn server(at_once: bool, window: usize) {
    let server = Server::builder(Gate { at_once }).build();
    let (io, peer) = UnixStream::pair().unwrap();
    let serves = tokio::spawn(async move { server.serve(io).await });
    apart(raw::submits(peer, window, MESSAGES)).await.unwrap();
    assert!(serves.await.unwrap().is_some());
}

async fn client(window: usize) {
    let (io, peer) = UnixStream::pair().unwrap();
    let accepts = tokio::spawn(apart(raw::accepts(peer)));
    let esme = Esme::builder("smpp://esme:secret@smsc").unwrap().window(window);
    let (client, inbound) = esme.connect_over(io).await.unwrap();
    let mut tasks = JoinSet::new();
    for _ in 0..window {
        let client = client.clone();
        tasks.spawn(async move {
            for _ in 0..MESSAGES / window {
                client.submit_sm(&black_box(raw::submit())).await.unwrap();
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
    drop((client, inbound));
    accepts.await.unwrap().unwrap();
}

/// Runs all that is measured, under callgrind: one region for each, in this order.
fn work() {
    for (case, window) in CASES {
        timed_region(|| {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = runtime.enable_all().build().unwrap();
            match case {
                "client" => runtime.block_on(client(window)),
                handler => runtime.block_on(server(handler == "sync", window)),
            }
        });
    }
}

/// Instructions per message of all that is measured.
fn counted() -> Vec<u64> {
    let dir = std::env::temp_dir().join(format!("smpp-smsc-icount-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let out = dir.join("callgrind.out");
    let run = Command::new("valgrind")
        .args(["--tool=callgrind", "--collect-atstart=no"])
        .args(["--toggle-collect=*timed_region*", "--toggle-collect=*apart_region*"])
        .arg("--dump-before=icount::timed_region*")
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(std::env::current_exe().unwrap())
        .arg("--work")
        .output()
        .expect("valgrind is needed");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    // What the n-th region took stands in the file that was written before the next one, at last at the end.
    let total = |n: usize| -> u64 {
        let number = if n == CASES.len() {
            String::new()
        } else {
            format!(".{}", n + 1)
        };
        let dump = std::fs::read_to_string(format!("{}{number}", out.display())).unwrap();
        let totals = dump.lines().find_map(|line| line.strip_prefix("totals: ")).unwrap();
        totals.trim().parse().unwrap()
    };
    let counts = (1..=CASES.len()).map(|n| total(n) / MESSAGES as u64).collect();
    std::fs::remove_dir_all(&dir).unwrap();
    counts
}

/// `case window dist release`, one line each.
fn budget(profile: &str) -> BTreeMap<(String, usize), u64> {
    let column = match profile {
        "dist" => 2,
        "release" => 3,
        _ => panic!("no such profile: {profile}"),
    };
    let table = include_str!("budget.txt").lines().filter(|line| !line.starts_with('#'));
    let row = |line: &str| {
        let cells: Vec<&str> = line.split_whitespace().collect();
        (
            (cells[0].into(), cells[1].parse().unwrap()),
            cells[column].parse().unwrap(),
        )
    };
    table.map(row).collect()
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let budget = match arguments.first().map(String::as_str) {
        Some("--work") => {
            work();
            return ExitCode::SUCCESS;
        }
        Some(profile) => Some(budget(profile)),
        None => None,
    };
    let mut fine = true;
    println!("{:12} {:>6} {:>8} {:>8}", "case", "window", "counted", "budget");
    for ((case, window), count) in CASES.into_iter().zip(counted()) {
        let most = budget.as_ref().map(|budget| budget[&(case.to_owned(), window)]);
        let above = most.is_some_and(|most| count > most);
        fine &= !above;
        let shown = most.map_or_else(|| "-".into(), |most| most.to_string());
        println!(
            "{case:12} {window:>6} {count:>8} {shown:>8}{}",
            if above { "  ABOVE" } else { "" }
        );
    }
    if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
