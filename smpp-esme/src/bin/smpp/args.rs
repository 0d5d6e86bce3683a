//! The command line.

use crate::address;
use crate::failure::{self, Failure, USAGE};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgAction, Parser, Subcommand};
use smpp_esme::pdu::Address;
use smpp_esme::tap::Pcap;
use smpp_esme::tls::client_config;
use smpp_esme::{Builder, ConnectError, Esme};
use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Sends and receives short messages over SMPP.
#[derive(Debug, Parser)]
#[command(name = "smpp", version, after_help = EXIT_CODES)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Log more on standard error: -v what happens, -vv in detail. RUST_LOG goes before it.
    #[arg(short, long, action = ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Send one message: prints its message_id, then the receipt if one is asked for.
    #[command(after_help = SEND_EXAMPLES)]
    Send(Send),
    /// Print what arrives, until Ctrl-C. A second one does not wait for the SMSC.
    #[command(after_help = RECEIVE_EXAMPLES)]
    Receive(Receive),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Send {
    #[command(flatten)]
    pub(crate) common: Common,
    /// The source address: digits with or without a +, a short code, or up to 11 letters. Without it, the SMSC's choice.
    #[arg(long, value_name = "ADDRESS", default_value = "", value_parser = address::parse)]
    pub(crate) from: Address,
    /// The destination address.
    #[arg(long, value_name = "ADDRESS", value_parser = address::parse)]
    pub(crate) to: Address,
    /// Ask for a receipt of the final outcome, and wait for it.
    #[arg(long)]
    pub(crate) receipt: bool,
    /// How long to wait for the receipt: 10s, 500ms, 2m. With 0s it is asked for and not waited for.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration, requires = "receipt")]
    pub(crate) wait: Duration,
    /// How long the SMSC has to take the connection, the bind and the message, together.
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration)]
    pub(crate) response: Duration,
    /// For how long what was surely not sent, or refused for now, is tried again: 30s, 2m. Without it once.
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = duration)]
    pub(crate) retry: Duration,
    /// The text, of one part: 160 characters of GSM 7-bit, as data_coding 0, or else 70 of UCS-2.
    /// One that begins with a hyphen stands behind --.
    pub(crate) text: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Receive {
    #[command(flatten)]
    pub(crate) common: Common,
    /// End after so many.
    #[arg(long, value_name = "N", value_parser = count)]
    pub(crate) count: Option<u64>,
    /// End when the connection is lost, instead of connecting again.
    #[arg(long)]
    pub(crate) once: bool,
}

#[derive(clap::Args)]
pub(crate) struct Common {
    /// smpp://system_id:password@host:port, with ?bind=trx|tx|rx|auto&system_type=…&version=3.3|3.4|5.0&window=… behind it.
    /// In system_id and password, / ? # @ are written %2F %3F %23 %40; an IPv6 address stands in brackets.
    /// smpps:// is TLS.
    #[arg(long)]
    url: String,
    /// With smpps://, trust what is issued by a certificate of this PEM file, and not what the system trusts.
    #[arg(long, value_name = "FILE")]
    tls_ca: Option<PathBuf>,
    /// With smpps://, show the certificate of this PEM file. It needs --tls-key.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The private key of --tls-cert, a PEM file.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Write what crosses the wire to a capture that Wireshark reads, passwords, texts and addresses masked.
    #[arg(long, value_name = "FILE")]
    tap: Option<PathBuf>,
    /// With --tap, mask nothing.
    #[arg(long, requires = "tap")]
    tap_reveal: bool,
    /// Print one JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
}

impl Common {
    /// Not by clap, which quotes what it cannot read, and with it the password.
    pub(crate) fn builder(&self) -> Result<Builder, Failure> {
        let builder = self.tapped(Esme::builder(&self.url).map_err(ConnectError::from)?)?;
        let (ca, shown) = (
            self.tls_ca.as_deref(),
            self.tls_cert.as_deref().zip(self.tls_key.as_deref()),
        );
        if ca.is_none() && shown.is_none() {
            return Ok(builder);
        }
        if !builder.is_tls() {
            return Err(Failure::NoTls);
        }
        Ok(builder.tls(client_config(ca, shown)?))
    }

    fn tapped(&self, builder: Builder) -> io::Result<Builder> {
        let Some(path) = &self.tap else {
            return Ok(builder);
        };
        let pcap = Pcap::create(path)?;
        Ok(builder.tap(if self.tap_reveal { pcap.reveal() } else { pcap }))
    }
}

impl std::fmt::Debug for Common {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Common")
            .field("json", &self.json)
            .finish_non_exhaustive()
    }
}

/// The command line of this process, or the exit code where there is nothing to do: it was help, or it is wrong.
pub(crate) fn parse() -> Result<Args, ExitCode> {
    Args::try_parse().map_err(|error| {
        if !error.use_stderr() {
            error.exit();
        }
        failure::say(wrong(&error));
        ExitCode::from(USAGE)
    })
}

/// What is wrong, on one line. clap's own text quotes what was written, and a URL that stands where none is expected
/// has a password in it, with or without its scheme.
fn wrong(error: &clap::Error) -> String {
    let option = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(option)) => option.clone(),
        Some(ContextValue::Strings(options)) => options.join(" "),
        _ => String::new(),
    };
    let what = match error.kind() {
        // Alone of all, this one is as it was written.
        ErrorKind::UnknownArgument if is_name(&option) => format!("there is no option {option}"),
        ErrorKind::UnknownArgument => "an argument stands where none is expected".into(),
        ErrorKind::MissingRequiredArgument => format!("{option} is missing"),
        ErrorKind::InvalidValue => format!("{option} has no value"),
        ErrorKind::ValueValidation => match error.source() {
            // Ours: each option has a parser here that says what is expected, and quotes nothing.
            Some(expected) => format!("{option}: {expected}"),
            None => format!("{option} is wrong"),
        },
        ErrorKind::TooManyValues => format!("{option} takes no value"),
        ErrorKind::ArgumentConflict => format!("{option} is there twice"),
        ErrorKind::InvalidUtf8 => "an argument is not UTF-8".into(),
        ErrorKind::InvalidSubcommand
        | ErrorKind::MissingSubcommand
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => "a command is expected, send or receive".into(),
        _ => "the command line is wrong".into(),
    };
    format!("{what} (--help tells more)")
}

/// Whether it can be nothing but a misspelt option.
fn is_name(option: &str) -> bool {
    option.starts_with('-') && option.bytes().all(|c| c.is_ascii_lowercase() || c == b'-')
}

fn count(text: &str) -> Result<u64, &'static str> {
    text.parse()
        .ok()
        .filter(|&count| count > 0)
        .ok_or("a number from 1 is expected")
}

fn duration(text: &str) -> Result<Duration, String> {
    let unit = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit);
    let number: u32 = number.parse().map_err(|_| EXPECTED)?;
    Ok(match unit {
        "ms" => Duration::from_millis(number.into()),
        "s" | "" => Duration::from_secs(number.into()),
        "m" => Duration::from_secs(60 * u64::from(number)),
        "h" => Duration::from_secs(3600 * u64::from(number)),
        _ => return Err(EXPECTED.into()),
    })
}
const EXPECTED: &str = "a number with ms, s, m or h is expected, such as 10s";

const EXIT_CODES: &str = "Exit codes: 0 all that was asked for came, 1 standard output or the system failed, 2 usage, \
3 not sent, 4 bind refused and so not sent, 5 message refused, 6 message sent and not answered: nobody knows, \
7 message taken, and no receipt in time.";

const SEND_EXAMPLES: &str = "Examples:
  smpp send --url smpp://smppclient1:password@127.0.0.1:2775 --from 10001 --to 447700900123 \"Hello\"
  smpp send --url smpp://smppclient1:password@[::1] --from Example --to 447700900123 --receipt --wait 30s --json \"Grüße\"

The message_id is the first line on standard output; with --receipt the receipt is the next. Whatever else arrives
meanwhile is answered, and printed on standard error (with --json on standard output).

There is one connection and one bind. Within --retry both are made again, and the message is sent again, as long as it
surely was not taken: no connection, a bind that is refused for now, a message that is throttled or finds a full queue.
What may have been taken is never sent twice. It ends within --response and 10 s, and what --wait and --retry add.

Exit codes: 0 all that was asked for came, 1 standard output or the system failed, 2 usage, 3 not sent, for there was no
connection, no answer to the bind, or the session ended first, 4 not sent, for the bind was refused, 5 the message was
refused, 6 it was sent and not answered: it may have been taken, 7 it was taken, and no receipt came in time.";

const RECEIVE_EXAMPLES: &str = "Examples:
  smpp receive --url 'smpp://smppclient1:password@127.0.0.1:2775?bind=rx'
  smpp receive --url smpp://smppclient1:password@127.0.0.1:2775 --count 1 --json

Each message is answered when it is printed. The first bind is tried once; if the connection is lost later, it is made
again, after a second at first and a minute at last, until a bind is refused for good.

Exit codes: 0 ended by Ctrl-C or --count, 1 standard output or the system failed, 2 usage, 3 no connection or no answer to
the bind, or with --once the connection was lost, 4 bind refused.";

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn durations() {
        for (text, milliseconds) in [
            ("10s", 10_000),
            ("500ms", 500),
            ("2m", 120_000),
            ("1h", 3_600_000),
            ("3", 3_000),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in ["", "s", "-1s", "1.5s", "1 s", "10 parsecs", "4294967296s"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn counts() {
        assert_eq!(count("1"), Ok(1));
        for text in ["", "0", "-1", "1.5", "18446744073709551616"] {
            assert!(count(text).is_err(), "{text}");
        }
    }

    #[test]
    fn no_secret_in_what_is_wrong() {
        for url in [
            "smpp://id:secret@host",
            "id:secret@host",
            "-id:secret@host",
            "--id:secret@host",
            "--secret1",
        ] {
            for args in [
                &[url][..],
                &["receive", url],
                &["receive", "--url"],
                &["receive", &format!("--ur={url}")],
                &["receive", "--count", url],
                &["receive", &format!("--count={url}")],
                &["receive", &format!("--json={url}")],
                &["receive", "--url=smpp://h", &format!("--url={url}")],
                &["receive", "--url=smpp://h", url],
                &["receive", "--url=smpp://h", "--", url],
                &["help", url],
                &["send", &format!("--url={url}"), "--to=1"],
                &[
                    "send",
                    "--url=smpp://h",
                    "--to=1",
                    "--receipt",
                    &format!("--wait={url}"),
                    "x",
                ],
                &["send", "--url=smpp://h", "--to=1", &format!("--receipt={url}"), "x"],
                &["send", "--url=smpp://h", "--to=1", "x", url],
            ] {
                let error = Args::try_parse_from([&["smpp"], args].concat()).unwrap_err();
                let text = wrong(&error);
                assert!(!text.contains("secret"), "{args:?}: {text}");
                assert!(
                    !text.contains(['\n', '\x1b']) && !text.starts_with([' ', ':']),
                    "{args:?}: {text}"
                );
            }
        }
    }

    #[test]
    fn no_secret_in_debug() {
        let args = Args::try_parse_from(["smpp", "receive", "--url", "smpp://id:secret@host"]).unwrap();
        assert!(!format!("{args:?}").contains("secret"));
    }
}
