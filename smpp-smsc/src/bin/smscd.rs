//! `smscd`: a message centre to run.

use clap::{ArgAction, Parser};
use smpp_smsc::Server;
use smpp_smsc::centre::{Account, Centre, CentreConfig};
use smpp_smsc::rustls::ServerConfig;
use smpp_smsc::tap::Pcap;
use smpp_smsc::tls::server_config;
use std::error::Error;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// An SMPP message centre in memory, with simulated handsets.
///
/// It serves the accounts smppclient1 and smppclient2, both with the password "password"; they own the addresses 10001
/// and 10002; or those of --account instead. A message to any other address arrives at a simulated handset after half a
/// second.
#[derive(Parser)]
#[command(name = "smscd", version)]
struct Args {
    /// Where to listen for SMPP; port 0 picks a free port, which the line on standard output tells.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:2775")]
    smpp: String,
    /// Where to listen for SMPP over TLS as well; it has its line on standard output too.
    #[arg(long, value_name = "ADDR", requires_all = ["tls_cert", "tls_key"])]
    smpps: Option<String>,
    /// The certificate chain for TLS: PEM, the server's own first.
    #[arg(long, value_name = "FILE", requires = "smpps")]
    tls_cert: Option<PathBuf>,
    /// The private key for TLS: PEM.
    #[arg(long, value_name = "FILE", requires = "smpps")]
    tls_key: Option<PathBuf>,
    /// Clients over TLS must show a certificate that one of these authorities has issued: PEM.
    #[arg(long, value_name = "FILE", requires = "smpps")]
    tls_client_ca: Option<PathBuf>,
    /// Who may bind, and the address that it owns, if any: instead of the two accounts above, and as often as there are
    /// accounts. Wrong binds are then all refused with ESME_RBINDFAIL. The password has no colon, and it is no secret:
    /// whoever may list the processes of this machine can read it.
    #[arg(long = "account", value_name = "ID:PASSWORD[:ADDRESS]")]
    accounts: Vec<String>,
    /// Refuse every wrong bind with ESME_RBINDFAIL, and not with what is wrong with it.
    #[arg(long)]
    uniform_bind_failure: bool,
    /// Write what crosses the wire, of every connection, to a capture that Wireshark reads, passwords, texts and
    /// addresses masked.
    #[arg(long, value_name = "FILE")]
    tap: Option<PathBuf>,
    /// With --tap, mask nothing.
    #[arg(long, requires = "tap")]
    tap_reveal: bool,
    /// Log more: -v what happens, -vv in detail. RUST_LOG goes before it.
    #[arg(short, action = ArgAction::Count)]
    verbose: u8,
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    log_to_stderr(args.verbose);
    let (result, code) = match configured(&args) {
        Ok(configured) => (run(args, configured).await, ExitCode::FAILURE),
        // As for an argument that is unknown.
        Err(error) => (Err(error), ExitCode::from(2)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody may be listening any more.
            let _ = writeln!(std::io::stderr(), "smscd: {error}");
            code
        }
    }
}

/// For the port of TLS, if there is one.
type Tls = Option<Arc<ServerConfig>>;

/// What the arguments come to.
struct Configured {
    centre: Centre,
    tls: Tls,
    tap: Option<Pcap>,
}

/// All that may be wrong with the arguments is found before a port opens.
fn configured(args: &Args) -> Result<Configured, Box<dyn Error>> {
    let mut config = CentreConfig::demo();
    if !args.accounts.is_empty() {
        let accounts = (1..)
            .zip(&args.accounts)
            .map(|(number, text)| account(text).map_err(|error| format!("--account, number {number}: {error}")));
        config.accounts = accounts.collect::<Result<_, _>>()?;
        config.uniform_bind_failure = true;
    }
    config.uniform_bind_failure |= args.uniform_bind_failure;
    let tls = match (&args.tls_cert, &args.tls_key) {
        (Some(certificates), Some(key)) => Some(server_config(certificates, key, args.tls_client_ca.as_deref())?),
        _ => None,
    };
    let tap = match &args.tap {
        Some(path) => {
            let pcap = Pcap::create(path).map_err(|error| format!("{}: {error}", path.display()))?;
            Some(if args.tap_reveal { pcap.reveal() } else { pcap })
        }
        None => None,
    };
    let centre = Centre::new(config)?;
    Ok(Configured { centre, tls, tap })
}

/// What is wrong is told without the text, in which a password may stand.
fn account(text: &str) -> Result<Account, &'static str> {
    let mut parts = text.splitn(3, ':');
    let (Some(system_id), Some(password)) = (parts.next(), parts.next()) else {
        return Err("it is not ID:PASSWORD or ID:PASSWORD:ADDRESS");
    };
    let address = parts.next();
    if address.is_some_and(|address| !(1..=20).contains(&address.len())) {
        return Err("an address has 1 to 20 octets");
    }
    Ok(Account {
        system_id: system_id.into(),
        password: password.into(),
        addresses: address.map(String::from).into_iter().collect(),
    })
}

async fn run(args: Args, configured: Configured) -> Result<(), Box<dyn Error>> {
    let Configured { centre, tls, tap } = configured;
    // Before the port opens: who sees the line below may send a signal at once.
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut server = Server::builder(centre.clone()).system_id("smscd");
    if let Some(tap) = tap {
        server = server.tap(tap);
    }
    let server = server.build();
    let address = server
        .listen(&args.smpp)
        .await
        .map_err(|error| format!("{}: {error}", args.smpp))?;
    // Both ports are open before either is told.
    let tls_address = match (args.smpps, tls) {
        (Some(smpps), Some(config)) => {
            let listening = server.listen_tls(&smpps, config).await;
            Some(listening.map_err(|error| format!("{smpps}: {error}"))?)
        }
        _ => None,
    };
    writeln!(std::io::stdout(), "smpp listening on {address}")?;
    if let Some(address) = tls_address {
        writeln!(std::io::stdout(), "smpps listening on {address}")?;
    }
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
    let drained = tokio::select! {
        drained = server.shutdown() => drained,
        _ = terminate.recv() => return Err("ended by a second signal".into()),
        _ = interrupt.recv() => return Err("ended by a second signal".into()),
    };
    if drained.unanswered + drained.unknown > 0 {
        let (unanswered, unknown) = (drained.unanswered, drained.unknown);
        tracing::warn!(
            unanswered,
            unknown,
            "requests whose end the other side does not know, or this one"
        );
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
