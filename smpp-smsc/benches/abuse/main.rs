//! The well-behaved among attackers, over real sockets: what they keep of their rate, and what the server needs for it.
//!
//! ```text
//! cargo bench -p smpp-smsc --profile release --bench abuse -- short     # under a minute
//! cargo bench -p smpp-smsc --profile release --bench abuse -- long
//! ```
//!
//! Three processes: the server; the well-behaved, who judge; the attackers, one process for each attack. How it is
//! measured, and what is asked, stands in `docs/abuse.md`.

mod attackers;
mod honest;
mod process;
mod server;
mod verdict;

use honest::Honest;
use process::{Child, Gauge};
use smpp_smsc::Config;
use std::process::ExitCode;
use std::time::Duration;
use verdict::{Phase, Round};

/// What differs between the forms.
struct Form {
    rounds: u32,
    /// Of each half of a round.
    phase: Duration,
    /// The server's limits that attackers run into. In the short form its timers are shortened, and enquire_links are
    /// fewer, so that each limit is met well within a phase.
    config: Config,
}

impl Form {
    fn named(name: &str) -> Option<Self> {
        let mut config = Config::default();
        let (rounds, seconds) = match name {
            "short" => {
                config.pdu_read = Duration::from_secs(2);
                config.session_init = Duration::from_secs(3);
                config.write_stall = Duration::from_secs(1);
                config.free.enquire_link = 2_000;
                (3, 4)
            }
            // Longer than the longest of the timers, a write that stalls.
            "long" => (5, 40),
            _ => return None,
        };
        let phase = Duration::from_secs(seconds);
        Some(Self { rounds, phase, config })
    }
}

fn main() -> ExitCode {
    // Cargo says that this is a benchmark.
    let args: Vec<_> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    let done = match args[..] {
        ["server", form] => Form::named(form).ok_or("no such form".into()).and_then(server::run),
        ["attackers", address, seconds] => attackers::run(address, seconds),
        [form] => Form::named(form)
            .ok_or("short or long?".into())
            .and_then(|it| judge(form, &it)),
        _ => Err("short or long?".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("abuse: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What went wrong, in words.
type Fault = Box<dyn std::error::Error>;

#[tokio::main]
async fn judge(name: &str, form: &Form) -> Result<(), Fault> {
    process::many_files()?;
    let mut server = Child::start(&["server", name])?;
    let address = server.line()?;
    let honest = Honest::bound(address.parse()?).await?;
    // What is allocated at first use is so before anything is measured.
    honest.submit_for(form.phase / 2).await?;
    let gauge = Gauge::of(server.id());
    let mut rounds = Vec::new();
    verdict::heading();
    for _ in 0..form.rounds {
        let quiet = half(&honest, &gauge, form, None).await?;
        quiet.print("alone");
        let mut attackers = Child::start(&["attackers", &address, &form.phase.as_secs().to_string()])?;
        let attacked = half(&honest, &gauge, form, Some(&mut attackers)).await?;
        attacked.print("attacked");
        let let_go_on = attackers::as_stated(&attackers.rest()?)?;
        rounds.push(Round {
            quiet,
            attacked,
            let_go_on,
        });
    }
    honest.are_all_there().await?;
    let taken: u64 = server.rest()?.trim().parse()?;
    verdict::of(&rounds, &honest, taken)
}

/// Half a round: the well-behaved alone, or among attackers.
async fn half(honest: &Honest, gauge: &Gauge, form: &Form, attackers: Option<&mut Child>) -> Result<Phase, Fault> {
    let watched = gauge.watch(attackers.as_ref().map(|it| it.id()));
    let submitted = honest.submit_for(form.phase).await?;
    Ok(Phase {
        seconds: form.phase.as_secs_f64(),
        submitted,
        spent: watched.end().await,
    })
}
