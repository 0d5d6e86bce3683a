//! Instructions per PDU, counted by valgrind's callgrind, and held to a budget: `budget.txt` beside this file. They
//! are the same in each run, which time is not.
//!
//! In the profile of the benchmarks and of what is shipped, and in cargo's own release profile, which is what a user
//! of the crate gets; each fails if a case is above its budget:
//!
//! ```text
//! cargo bench -p smpp-pdu --bench icount -- dist
//! cargo bench -p smpp-pdu --bench icount --profile release -- release
//! ```
//!
//! Without the name of a profile it prints the figures and holds them to nothing.

mod texts;
mod traffic;

use bytes::{Bytes, BytesMut};
use smpp_pdu::{
    Address, COctetString, DataSm, Decoded, DeliverSm, Header, Kept, MAX_PDU, Npi, Pdu, RegisteredDelivery, SendBuffer,
    ShortMessage, SubmitMulti, SubmitSm, Ton, next_frame,
};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, ExitCode};
use texts::Case;
use traffic::{CODEC, DIGITS, frames, text};

/// The cases: single PDUs, and what a busy link sees of them.
const CASES: [&str; 8] = [
    "enquire_link",
    "submit_sm",
    "submit_sm_resp",
    "deliver_sm",
    "deliver_sm_resp",
    "submit_multi50",
    "data_sm_1k",
    "stream",
];

/// What is measured of each case. Builds are measured of submit_sm alone.
const OPERATIONS: [&str; 11] = [
    "decode",
    "decode_bytes",
    "decode+into_owned",
    "decode+keep",
    "encode",
    "encode_bytesmut",
    "encode_buffer",
    "encode_owned",
    "build+encode",
    "build_owned+encode",
    "check",
];

fn measured() -> impl Iterator<Item = (&'static str, &'static str)> {
    let builds = |operation: &str| operation.starts_with("build");
    OPERATIONS
        .into_iter()
        .flat_map(|operation| CASES.map(|case| (operation, case)))
        .filter(move |&(operation, case)| !builds(operation) || case == "submit_sm")
        .chain(texts::CASES.map(|case| (TEXT, case)))
}

/// Texts are counted per 100 octets, beside a walk over a table and a copy; a receipt is counted whole.
const TEXT: &str = "text";

/// What a count is divided by.
fn units(operation: &str, case: &'static str) -> u64 {
    match (operation, case) {
        (TEXT, "receipt_parse") => 1,
        (TEXT, _) => Case::new(case).octets() as u64 / 100,
        _ => frames(case).1 as u64,
    }
}

/// Callgrind counts in here alone, and writes a file each time before it is entered.
#[inline(never)]
fn timed_region(work: impl FnOnce()) {
    work();
}

fn each_frame<'a>(mut input: &'a [u8], mut f: impl FnMut(&'a [u8])) {
    while let Ok(Some(frame)) = next_frame(&mut input, MAX_PDU) {
        f(frame);
    }
}

fn decode(operation: &str, octets: &[u8]) {
    match operation {
        "decode" => timed_region(|| {
            each_frame(octets, |frame| {
                let decoded = CODEC.decode(frame);
                assert!(decoded.is_ok());
                black_box(&decoded);
            });
        }),
        "decode_bytes" => {
            let mut frames: Vec<Bytes> = Vec::new();
            each_frame(octets, |frame| frames.push(Bytes::copy_from_slice(frame)));
            // One reader of many frames: what they share is counted already.
            let _held = frames.clone();
            timed_region(|| {
                for frame in &frames {
                    let decoded = CODEC.decode_bytes(frame);
                    assert!(decoded.is_ok());
                    black_box(&decoded);
                }
            });
        }
        "decode+keep" => timed_region(|| {
            each_frame(octets, |frame| {
                if let Ok(decoded) = CODEC.decode(frame) {
                    keep(&decoded.pdu);
                }
            });
        }),
        _ => timed_region(|| {
            each_frame(octets, |frame| {
                if let Ok(decoded) = CODEC.decode(frame) {
                    black_box(&decoded.into_owned());
                }
            });
        }),
    }
}

/// Kept and read, messages each as what it is: as a handler has it.
fn keep(pdu: &Pdu<&[u8]>) {
    match pdu {
        Pdu::SubmitSm(pdu) => {
            black_box(&Kept::<SubmitSm>::new(pdu).view());
        }
        Pdu::DeliverSm(pdu) => {
            black_box(&Kept::<DeliverSm>::new(pdu).view());
        }
        Pdu::SubmitMulti(pdu) => {
            black_box(&Kept::<SubmitMulti>::new(pdu).view());
        }
        Pdu::DataSm(pdu) => {
            black_box(&Kept::<DataSm>::new(pdu).view());
        }
        pdu => {
            black_box(&Kept::<Pdu>::new(pdu).view());
        }
    }
}

fn encode(operation: &str, octets: &[u8]) {
    let mut views = Vec::new();
    each_frame(octets, |frame| views.push(CODEC.decode(frame).unwrap()));
    let owned: Vec<Decoded> = views.iter().cloned().map(Decoded::into_owned).collect();
    let mut room = vec![0; octets.len()];
    let mut at = 0;
    match operation {
        "encode" => timed_region(|| {
            for Decoded { header, pdu, .. } in &views {
                at += CODEC.encode_to(*header, pdu, &mut room[at..]).unwrap();
            }
        }),
        "encode_owned" => timed_region(|| {
            for Decoded { header, pdu, .. } in &owned {
                at += CODEC.encode_to(*header, pdu, &mut room[at..]).unwrap();
            }
        }),
        "encode_buffer" => {
            let mut out = SendBuffer::with_capacity(octets.len() + 2048);
            timed_region(|| {
                for Decoded { header, pdu, .. } in &views {
                    CODEC.encode(*header, pdu, &mut out).unwrap();
                }
            });
            room.copy_from_slice(out.as_ref());
        }
        _ => {
            let mut out = BytesMut::with_capacity(octets.len());
            timed_region(|| {
                for Decoded { header, pdu, .. } in &views {
                    CODEC.encode(*header, pdu, &mut out).unwrap();
                }
            });
            room.copy_from_slice(&out);
        }
    }
    assert!(room == octets, "{operation} gives other octets");
}

fn check(octets: &[u8]) {
    let mut views = Vec::new();
    each_frame(octets, |frame| views.push(CODEC.decode(frame).unwrap().pdu));
    timed_region(|| {
        for pdu in &views {
            black_box(&pdu.check(CODEC.version).is_ok());
        }
    });
}

fn build(operation: &str) {
    let (text, mut room) = (text(), [0; 64 * 256]);
    let mut at = 0;
    if operation == "build+encode" {
        timed_region(|| {
            for n in 0..64 {
                let address = |digits: &'static str| Address {
                    ton: Ton::INTERNATIONAL,
                    npi: Npi::ISDN,
                    addr: COctetString::new(digits.as_bytes()).unwrap(),
                };
                let submit = SubmitSm {
                    source_addr: address(black_box(DIGITS)),
                    destination_addr: address(black_box(DIGITS)),
                    registered_delivery: RegisteredDelivery::RECEIPT,
                    short_message: ShortMessage::new(black_box(&text[..])).unwrap(),
                    ..SubmitSm::borrowed()
                };
                at += CODEC
                    .encode_to(Header::request(n + 1), &submit, &mut room[at..])
                    .unwrap();
            }
        });
    } else {
        let text = Bytes::from(text);
        let _held = text.clone();
        timed_region(|| {
            for n in 0..64 {
                let submit = SubmitSm {
                    source_addr: traffic::address(black_box(DIGITS)),
                    destination_addr: traffic::address(black_box(DIGITS)),
                    registered_delivery: RegisteredDelivery::RECEIPT,
                    short_message: ShortMessage::new(black_box(&text).clone()).unwrap(),
                    ..SubmitSm::default()
                };
                at += CODEC
                    .encode_to(Header::request(n + 1), &submit, &mut room[at..])
                    .unwrap();
            }
        });
    }
    black_box(&room[..at]);
}

/// Runs all that is measured, under callgrind: one region for each, in this order.
fn work() {
    for (operation, case) in measured() {
        if operation == TEXT {
            let case = Case::new(case);
            timed_region(|| case.run());
            continue;
        }
        let (octets, _) = frames(case);
        match operation {
            "decode" | "decode_bytes" | "decode+into_owned" | "decode+keep" => decode(operation, &octets),
            "check" => check(&octets),
            "encode" | "encode_bytesmut" | "encode_buffer" | "encode_owned" => encode(operation, &octets),
            _ => build(operation),
        }
    }
}

/// Instructions per PDU of all that is measured.
fn counted(dir: &Path) -> Vec<u64> {
    let out = dir.join("callgrind.out");
    let run = Command::new("valgrind")
        .args(["--tool=callgrind", "--collect-atstart=no"])
        .args(["--toggle-collect=*timed_region*", "--dump-before=icount::timed_region"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(std::env::current_exe().unwrap())
        .arg("--work")
        .output()
        .expect("valgrind is needed");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let last = measured().count();
    // What the n-th region took stands in the file that was written before the next one, at last at the end.
    let total = |n: usize| -> u64 {
        let number = if n == last {
            String::new()
        } else {
            format!(".{}", n + 1)
        };
        let dump = std::fs::read_to_string(format!("{}{number}", out.display())).unwrap();
        let totals = dump.lines().find_map(|line| line.strip_prefix("totals: ")).unwrap();
        totals.trim().parse().unwrap()
    };
    let per_pdu = |(n, (operation, case))| total(n + 1) / units(operation, case);
    measured().enumerate().map(per_pdu).collect()
}

/// `operation case dist release`, one line each.
fn budget(profile: &str) -> BTreeMap<(String, String), u64> {
    let column = match profile {
        "dist" => 2,
        "release" => 3,
        _ => panic!("no such profile: {profile}"),
    };
    let table = include_str!("budget.txt").lines().filter(|line| !line.starts_with('#'));
    let row = |line: &str| {
        let cells: Vec<&str> = line.split_whitespace().collect();
        ((cells[0].into(), cells[1].into()), cells[column].parse().unwrap())
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
        Some(profile) => budget(profile),
        None => BTreeMap::new(),
    };
    let dir = std::env::temp_dir().join(format!("smpp-pdu-icount-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let counts = counted(&dir);
    std::fs::remove_dir_all(&dir).unwrap();
    let mut above = 0;
    println!("{:20} {:16} {:>8} {:>8}", "operation", "case", "counted", "budget");
    for ((operation, case), count) in measured().zip(counts) {
        let most = budget.get(&(operation.into(), case.into()));
        let shown = most.map_or_else(|| "-".into(), u64::to_string);
        let verdict = match most {
            Some(&most) if count > most => {
                above += 1;
                "  ABOVE"
            }
            None if !budget.is_empty() => {
                above += 1;
                "  NO BUDGET"
            }
            _ => "",
        };
        println!("{operation:20} {case:16} {count:>8} {shown:>8}{verdict}");
    }
    if above == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
