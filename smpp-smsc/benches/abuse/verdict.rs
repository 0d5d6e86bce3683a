//! What is asked, and whether it was so.

use crate::Fault;
use crate::honest::{Honest, Submitted};
use crate::process::Spent;
use std::time::Duration;

/// Of their rate, what the well-behaved keep: the median of the rounds.
const KEPT: f64 = 0.9;
/// How much more memory than before an attack the server may hold during one, in KiB.
const GROWTH: u64 = 64 * 1024;

/// Half a round.
#[derive(Debug)]
pub(crate) struct Phase {
    pub(crate) seconds: f64,
    pub(crate) submitted: Submitted,
    pub(crate) spent: Spent,
}

#[derive(Debug)]
pub(crate) struct Round {
    pub(crate) quiet: Phase,
    pub(crate) attacked: Phase,
    /// Attacks that the server was to put an end to, and has not.
    pub(crate) let_go_on: Vec<String>,
}

pub(crate) fn heading() {
    println!(
        "            messages/s   in time/s      p50      p99      max   CPU: server   honest  attackers   memory"
    );
}

impl Phase {
    /// Answers in time, a second.
    fn rate(&self) -> f64 {
        self.submitted.in_time as f64 / self.seconds
    }

    fn milliseconds(&self, share: f64) -> f64 {
        let delays = &self.submitted.delays;
        let at = ((delays.len() as f64 * share) as usize).min(delays.len().saturating_sub(1));
        delays.get(at).unwrap_or(&Duration::ZERO).as_secs_f64() * 1e3
    }

    pub(crate) fn print(&self, what: &str) {
        let cpu = self.spent.cpu.map(|seconds| 100.0 * seconds / self.seconds);
        println!(
            "{what:<12}{:10.0}  {:10.0}  {:5.1} ms {:5.1} ms {:5.0} ms  {:10.0} % {:6.0} % {:8.0} %  {:3} MiB",
            self.submitted.offered as f64 / self.seconds,
            self.rate(),
            self.milliseconds(0.5),
            self.milliseconds(0.99),
            self.milliseconds(1.0),
            cpu[0],
            cpu[1],
            cpu[2],
            self.spent.memory / 1024,
        );
    }
}

/// Tells the figures that count, and all that is wrong with them.
pub(crate) fn of(rounds: &[Round], honest: &Honest, taken_by_server: u64) -> Result<(), Fault> {
    let mut kept: Vec<_> = rounds.iter().map(|it| it.attacked.rate() / it.quiet.rate()).collect();
    kept.sort_by(f64::total_cmp);
    let kept = kept.get(kept.len() / 2).copied().unwrap_or(0.0);
    let before = rounds.first().map_or(0, |it| it.quiet.spent.memory);
    let most = rounds.iter().map(|it| it.attacked.spent.memory).max().unwrap_or(0);
    let growth = most.saturating_sub(before);
    println!(
        "kept {:.1} % of the rate (median; {:.0} % are asked); memory grew by {:.1} MiB ({} are allowed)",
        100.0 * kept,
        100.0 * KEPT,
        growth as f64 / 1024.0,
        GROWTH / 1024,
    );
    println!("{} messages, each answered once; no session lost", honest.taken());
    let mut faults = Vec::new();
    if kept < KEPT {
        faults.push("the well-behaved have lost too much of their rate".to_owned());
    }
    if growth > GROWTH {
        faults.push("the server has grown too much".to_owned());
    }
    // In each round: a machine that has much else to do may be late in one.
    let always = |name: &String| rounds.iter().all(|round| round.let_go_on.contains(name));
    let let_go_on = rounds.first().map_or(&[][..], |round| &round.let_go_on);
    for name in let_go_on.iter().filter(|name| always(name)) {
        faults.push(format!("the server has let them go on: {name}"));
    }
    if honest.taken() != taken_by_server {
        faults.push(format!("the server has taken {taken_by_server} of them"));
    }
    if honest.stray() > 0 {
        faults.push(format!("{} answers came twice", honest.stray()));
    }
    faults.is_empty().then_some(()).ok_or(faults.join("; ").into())
}
