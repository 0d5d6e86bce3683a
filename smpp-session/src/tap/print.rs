//! PDUs as text, for people.

use super::{Direction, Ends, Listener, Seen, Tap};
use smpp_pdu::{Codec, Header, Tolerance, Version};
use std::fmt::Write as _;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::UNIX_EPOCH;

/// Each PDU as a line of what it is, and its octets in hexadecimal:
///
/// ```text
/// 1732871508.123456 #1 > enquire_link, 16 octets
///   0000  00 00 00 10 00 00 00 15 00 00 00 00 00 00 00 02  ................
/// ```
///
/// The number is the connection's ([`Ends::number`]); `<` came from the peer, `>` went to it.
#[derive(Debug, Clone)]
pub struct Hex(Printer);

/// Each PDU as the table of its fields that `{:#}` of it is; what cannot be read, by the reason:
///
/// ```text
/// 1732871508.123456 #1 > enquire_link, 16 octets
/// EnquireLink
///   command_status           ESME_ROK
///   sequence_number          2
/// ```
#[derive(Debug, Clone)]
pub struct Decoded(Printer);

/// The two differ in what stands below the line: it exists so that all else stands once.
macro_rules! printers {
    ($($name:ident: $below:expr;)*) => { $(
        impl $name {
            /// Writes to `out`, one call a PDU, from whichever task the connection runs in. An error of it is told in the
            /// log once, and it is written to no more.
            pub fn new(out: impl Write + Send + 'static) -> Self {
                let out = Arc::new(Mutex::new(Out::new(out)));
                Self(Printer { out, reveals: false, number: 0, below: $below })
            }
            /// Shows passwords, texts and addresses too.
            #[must_use]
            pub fn reveal(mut self) -> Self {
                self.0.reveals = true;
                self
            }
        }
        impl Tap for $name {
            fn connection(&self, ends: &Ends) -> Box<dyn Listener> {
                Box::new(Printer { number: ends.number, ..self.0.clone() })
            }
            fn reveals(&self) -> bool {
                self.0.reveals
            }
        }
    )* };
}
printers! {
    Hex: hex;
    Decoded: decoded;
}

#[derive(Clone)]
struct Printer {
    out: Arc<Mutex<Out>>,
    reveals: bool,
    number: u64,
    below: fn(&mut String, &Seen<'_>, bool),
}

impl Listener for Printer {
    fn seen(&mut self, seen: &Seen<'_>) {
        let since = seen.time.duration_since(UNIX_EPOCH).unwrap_or_default();
        let way = match seen.direction {
            Direction::In => '<',
            Direction::Out => '>',
        };
        let mut text = String::new();
        let _ = write!(
            text,
            "{}.{:06} #{} {way} ",
            since.as_secs(),
            since.subsec_micros(),
            self.number
        );
        match Header::peek(seen.octets).filter(|_| seen.is_pdu) {
            Some((command, _)) => _ = write!(text, "{command}"),
            None => text.push_str("no PDU"),
        }
        let _ = writeln!(text, ", {} octets", seen.octets.len());
        (self.below)(&mut text, seen, self.reveals);
        self.out
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .write(text.as_bytes());
    }
}

impl std::fmt::Debug for Printer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Printer")
            .field("reveals", &self.reveals)
            .finish_non_exhaustive()
    }
}

fn hex(text: &mut String, seen: &Seen<'_>, _: bool) {
    for (at, row) in seen.octets.chunks(16).enumerate() {
        let _ = write!(text, "  {:04x} ", at * 16);
        for column in 0..16 {
            let _ = match row.get(column) {
                Some(octet) => write!(text, " {octet:02x}"),
                None => write!(text, "   "),
            };
        }
        text.push_str("  ");
        text.extend(row.iter().map(|&octet| match octet {
            b' '..=b'~' => char::from(octet),
            _ => '.',
        }));
        text.push('\n');
    }
}

fn decoded(text: &mut String, seen: &Seen<'_>, reveals: bool) {
    if !seen.is_pdu {
        return;
    }
    let _ = match LENIENT.decode(seen.octets) {
        Ok(pdu) if reveals => writeln!(text, "{:#}", pdu.reveal()),
        Ok(pdu) => writeln!(text, "{pdu:#}"),
        Err(error) => writeln!(text, "  cannot be read: {error}"),
    };
}

/// A tap does not know what version its session works at; no other allows more.
const LENIENT: Codec = Codec {
    version: Version::V50,
    tolerance: Tolerance::field(),
};

/// Where a tap writes to, until that fails.
pub(super) struct Out {
    to: Option<Box<dyn Write + Send>>,
}

impl Out {
    pub(super) fn new(to: impl Write + Send + 'static) -> Self {
        Self { to: Some(Box::new(to)) }
    }

    /// All of it, or nothing any more: half a record would spoil what is behind it.
    pub(super) fn write(&mut self, record: &[u8]) {
        if let Some(to) = &mut self.to
            && let Err(error) = to.write_all(record)
        {
            tracing::warn!(kind = ?error.kind(), "a tap cannot write, and writes no more");
            self.to = None;
        }
    }
}
