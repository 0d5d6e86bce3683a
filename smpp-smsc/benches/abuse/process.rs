//! The processes of a run, and what they take of the machine.

use crate::Fault;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::io::{BufRead, BufReader, Read};
use std::process::{ChildStdout, Command, Stdio};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// 2,500 binds, and all that attackers open beside them.
const FILES: u64 = 8_192;

/// Children inherit it.
pub(crate) fn many_files() -> Result<(), Fault> {
    let limit = getrlimit(Resource::Nofile);
    if limit.maximum.is_some_and(|maximum| maximum < FILES) {
        return Err(format!("{FILES} open files are needed, and this machine allows fewer").into());
    }
    if limit.current.is_some_and(|current| current < FILES) {
        let (current, maximum) = (Some(FILES), limit.maximum);
        setrlimit(Resource::Nofile, Rlimit { current, maximum })?;
    }
    Ok(())
}

/// This program in another part. It is killed when it is dropped.
pub(crate) struct Child {
    process: std::process::Child,
    stdout: BufReader<ChildStdout>,
}

impl Child {
    pub(crate) fn start(args: &[&str]) -> Result<Self, Fault> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn()?;
        let stdout = process.stdout.take().ok_or("no standard output")?;
        let stdout = BufReader::new(stdout);
        Ok(Self { process, stdout })
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    pub(crate) fn line(&mut self) -> Result<String, Fault> {
        let mut line = String::new();
        self.stdout.read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }

    /// Lets it end: all that it prints still.
    pub(crate) fn rest(&mut self) -> Result<String, Fault> {
        drop(self.process.stdin.take());
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest)?;
        let status = self.process.wait()?;
        status
            .success()
            .then_some(rest)
            .ok_or(format!("a child ends with {status}").into())
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What the server holds and all take.
pub(crate) struct Gauge {
    server: u32,
}

/// What a phase has taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spent {
    /// The most memory that the server held, in KiB.
    pub(crate) memory: u64,
    /// Seconds of CPU: of the server, of the well-behaved, of the attackers.
    pub(crate) cpu: [f64; 3],
}

pub(crate) struct Watched {
    end: oneshot::Sender<()>,
    watching: JoinHandle<Spent>,
}

impl Gauge {
    pub(crate) fn of(server: u32) -> Self {
        Self { server }
    }

    /// Looks every 20 ms until it is told to end.
    pub(crate) fn watch(&self, attackers: Option<u32>) -> Watched {
        let server = self.server;
        let (end, mut ended) = oneshot::channel();
        let cpu = move || [cpu(server), cpu(std::process::id()), attackers.map_or(0.0, cpu)];
        let watching = tokio::spawn(async move {
            let before = cpu();
            let (mut memory, mut after) = (memory(server), before);
            let mut tick = tokio::time::interval(Duration::from_millis(20));
            loop {
                tokio::select! {
                    _ = tick.tick() => {}
                    _ = &mut ended => break,
                }
                memory = memory.max(self::memory(server));
                // The attackers may be gone before the last look.
                let now = cpu();
                for (most, now) in after.iter_mut().zip(now) {
                    *most = most.max(now);
                }
            }
            let cpu = std::array::from_fn(|part| after[part] - before[part]);
            Spent { memory, cpu }
        });
        Watched { end, watching }
    }
}

impl Watched {
    pub(crate) async fn end(self) -> Spent {
        let _ = self.end.send(());
        self.watching.await.unwrap_or(Spent {
            memory: 0,
            cpu: [0.0; 3],
        })
    }
}

/// VmRSS of /proc/PID/status, in KiB; 0 of a process that is gone.
fn memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// utime and stime of /proc/PID/stat, in hundredths of a second; 0 of a process that is gone.
fn cpu(process: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // Behind the name, which may hold anything: state is the third field, utime the fourteenth.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks = fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}
