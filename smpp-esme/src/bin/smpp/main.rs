//! `smpp`: sends and receives short messages from the command line.

mod address;
mod args;
mod failure;
mod message;
mod output;
mod patience;
mod receipt;
mod receive;
mod send;
mod text;

use args::Command;
use failure::Failure;
use std::io::{self, IsTerminal};
use std::process::ExitCode;
use tokio::runtime::Builder;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let args = match args::parse() {
        Ok(args) => args,
        Err(code) => return code,
    };
    log_to_stderr(args.verbose);
    match run(args.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure::say(&failure);
            failure.exit_code()
        }
    }
}

/// One thread: the connection's task has written its last word before this one hears that it is over.
fn run(command: Command) -> Result<(), Failure> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let done = runtime.block_on(async {
        match command {
            Command::Send(send) => send::run(send).await,
            Command::Receive(receive) => receive::run(receive).await,
        }
    });
    // A resolver that is still at work is not waited for.
    runtime.shutdown_background();
    done
}

fn log_to_stderr(verbose: u8) {
    let level = ["warn", "info", "debug"].get(usize::from(verbose)).unwrap_or(&"trace");
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        // By a macro that panics where standard error is lost.
        .log_internal_errors(false)
        .init();
}
