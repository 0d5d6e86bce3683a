//! Instructions per message, request and response, both sides together, without IO; counted by valgrind's callgrind, and
//! held to a budget: `budget.txt` beside this file.
//!
//! ```text
//! cargo bench -p smpp-session --features tokio --bench icount -- dist
//! cargo bench -p smpp-session --features tokio --bench icount --profile release -- release
//! ```
//!
//! Without the name of a profile it prints the figures and holds them to nothing.

use smpp_pdu::{
    BindTransceiver, BindTransceiverResp, COctetString, CommandStatus, Pdu, ShortMessage, SubmitSm, SubmitSmResp,
};
use smpp_session::driver::{Asked, Connection, Reply, Served, Service};
use smpp_session::{Config, Event, Outcome, Received, Role, Session};
use std::collections::BTreeMap;
use std::future::Pending;
use std::hint::black_box;
use std::process::{Command, ExitCode};
use std::task::Context;
use std::time::Instant;

/// Messages of each case.
const MESSAGES: usize = 20_000;

/// What is measured: two sessions, and two drivers over a pipe, with as many requests in flight.
const CASES: [(&str, usize); 4] = [("sessions", 1), ("sessions", 100), ("drivers", 10), ("drivers", 100)];

/// Callgrind counts in here alone, and writes a file each time before it is entered.
#[inline(never)]
fn timed_region(work: impl FnOnce()) {
    work();
}

fn config(window: usize) -> Config {
    let mut config = Config::default();
    config.window = window;
    config
}

fn bind() -> BindTransceiver {
    BindTransceiver {
        interface_version: 0x34,
        ..BindTransceiver::default()
    }
}

const TEXT: &[u8] = &[b'x'; 130];

/// Some 190 octets, borrowed.
fn submit() -> SubmitSm<&'static [u8]> {
    let mut submit = SubmitSm::borrowed();
    submit.source_addr.addr = COctetString::new(&b"10001"[..]).unwrap();
    submit.destination_addr.addr = COctetString::new(&b"447700900123"[..]).unwrap();
    submit.short_message = ShortMessage::new(TEXT).unwrap();
    submit
}

fn accepted() -> SubmitSmResp<&'static [u8]> {
    let mut resp = SubmitSmResp::borrowed();
    resp.message_id = COctetString::new(&b"0123456789ABCDEF"[..]).unwrap();
    resp
}

/// Answers all that has come, from the view.
fn serve(session: &mut Session<u32>, now: Instant, mut input: &[u8]) {
    while let Some(event) = session.handle_bytes(now, &mut input) {
        let Event::Request(received) = event else { continue };
        match &received.pdu {
            Pdu::SubmitSm(submit) => {
                black_box(submit);
                session
                    .respond(received.token, CommandStatus::ESME_ROK, &accepted())
                    .unwrap();
            }
            _ => {
                let resp = BindTransceiverResp::borrowed();
                session.respond(received.token, CommandStatus::ESME_ROK, &resp).unwrap();
            }
        }
    }
    while session.poll_event().is_some() {}
}

fn carry(from: &mut Session<u32>, wire: &mut Vec<u8>) {
    wire.clear();
    from.poll_transmit(wire);
    from.handle_written(wire.len());
}

fn sessions(window: usize) {
    let now = Instant::now();
    let mut esme = Session::new(Role::Esme, config(window), now);
    let mut smsc = Session::new(Role::Smsc, config(window), now);
    let (mut up, mut down) = (Vec::new(), Vec::new());
    let mut exchange = |esme: &mut Session<u32>| {
        carry(esme, &mut up);
        serve(&mut smsc, now, &up);
        carry(&mut smsc, &mut down);
        let (mut input, mut answered) = (&down[..], 0);
        while let Some(event) = esme.handle_bytes(now, &mut input) {
            if let Event::Ended {
                outcome: Outcome::Answered(answer),
                ..
            } = event
            {
                answered += usize::from(answer.command_status() == CommandStatus::ESME_ROK);
            }
        }
        while esme.poll_event().is_some() {}
        answered
    };
    esme.request(now, 0, &bind()).unwrap();
    assert_eq!(exchange(&mut esme), 1);
    timed_region(|| {
        for _ in 0..MESSAGES / window {
            for _ in 0..window {
                esme.request(now, 0, &black_box(submit())).unwrap();
            }
            assert_eq!(exchange(&mut esme), window);
        }
    });
}

/// Answers at once.
struct Desk;

impl Service for Desk {
    type Response = Pdu;
    type Handling = Pending<Option<Reply<Pdu>>>;

    fn request<'a>(
        &self,
        _: &mut Context<'_>,
        asked: Asked<'a>,
        received: &Received<'_>,
    ) -> Served<'a, Self::Handling> {
        let body = match &received.pdu {
            Pdu::SubmitSm(submit) => {
                black_box(submit);
                let message_id = COctetString::new("0123456789ABCDEF").unwrap();
                Pdu::from(SubmitSmResp {
                    message_id,
                    ..SubmitSmResp::default()
                })
            }
            _ => Pdu::from(BindTransceiverResp::default()),
        };
        asked.respond(&body)
    }
}

fn drivers(window: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (a, b) = tokio::io::duplex(1 << 16);
        let (esme, smsc) = (
            Connection::new(Role::Esme, config(window)),
            Connection::new(Role::Smsc, config(window)),
        );
        let handle = esme.handle();
        let _keeps = smsc.handle();
        tokio::spawn(esme.drive(a, Desk));
        tokio::spawn(smsc.drive(b, Desk));
        handle.request(bind()).await.unwrap();
        let submit = submit().into_owned();
        let tasks: Vec<_> = (0..window)
            .map(|_| {
                let (handle, submit) = (handle.clone(), submit.clone());
                async move {
                    for _ in 0..MESSAGES / window {
                        handle.request(&submit).await.unwrap();
                    }
                }
            })
            .collect();
        let mut tasks: tokio::task::JoinSet<()> = tasks.into_iter().collect();
        while tasks.join_next().await.is_some() {}
    });
}

/// Runs all that is measured, under callgrind: one region for each, in this order.
fn work() {
    for (case, window) in CASES {
        match case {
            "sessions" => sessions(window),
            _ => timed_region(|| drivers(window)),
        }
    }
}

/// Instructions per message of all that is measured.
fn counted() -> Vec<u64> {
    let dir = std::env::temp_dir().join(format!("smpp-session-icount-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let out = dir.join("callgrind.out");
    let run = Command::new("valgrind")
        .args(["--tool=callgrind", "--collect-atstart=no"])
        .args(["--toggle-collect=*timed_region*", "--dump-before=icount::timed_region*"])
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
