//! `smscd`: a message centre to run.

use clap::{ArgAction, Parser};
use smpp_smsc::Server;
use smpp_smsc::centre::{Centre, CentreConfig};
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// An SMPP message centre in memory, with simulated handsets.
///
/// It serves the accounts smppclient1 and smppclient2, both with the password "password"; they own the addresses 10001
/// and 10002. A message to any other address arrives at a simulated handset after half a second.
#[derive(Debug, Parser)]
#[command(name = "smscd", version)]
struct Args {
    /// Where to listen for SMPP; port 0 picks a free port, which the line on standard output tells.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:2775")]
    smpp: String,
    /// Refuse every wrong bind with ESME_RBINDFAIL, and not with what is wrong with it.
    #[arg(long)]
    uniform_bind_failure: bool,
    /// Log more: -v what happens, -vv in detail. RUST_LOG goes before it.
    #[arg(short, action = ArgAction::Count)]
    verbose: u8,
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    log_to_stderr(args.verbose);
    match run(args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody may be listening any more.
            let _ = writeln!(std::io::stderr(), "smscd: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> Result<(), Box<dyn std::error::Error>> {
    // Before the port opens: who sees the line below may send a signal at once.
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut config = CentreConfig::demo();
    config.uniform_bind_failure = args.uniform_bind_failure;
    let centre = Centre::new(config)?;
    let server = Server::builder(centre.clone()).system_id("smscd").build();
    let address = server
        .listen(&args.smpp)
        .await
        .map_err(|error| format!("{}: {error}", args.smpp))?;
    writeln!(std::io::stdout(), "smpp listening on {address}")?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!(
        connections = server.connections(),
        "ending: no new connections, the sessions are unbound"
    );
    centre.close();
    // A second signal ends it at once.
    tokio::select! {
        () = server.shutdown() => {}
        _ = terminate.recv() => return Err("ended by a second signal".into()),
        _ = interrupt.recv() => return Err("ended by a second signal".into()),
    }
    let stats = server.stats();
    tracing::info!("pdus received={} sent={}", stats.pdus_in, stats.pdus_out);
    if centre.stored() > 0 {
        tracing::warn!(messages = centre.stored(), "messages and receipts in memory are lost");
    }
    Ok(())
}

fn log_to_stderr(verbose: u8) {
    let level = ["warn", "info", "debug"].get(usize::from(verbose)).unwrap_or(&"trace");
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let stderr = std::io::stderr;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal())
        .log_internal_errors(false)
        .init();
}
