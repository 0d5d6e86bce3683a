//! A session of SMPP 3.3, 3.4 or 5.0 as a state machine: no IO, no clock, no threads.
//!
//! [`Session`] is one side of one connection, ESME or SMSC. Octets and the time go in; events, octets and the next
//! deadline come out. It knows binds and states, the window, which answer belongs to which request, keep-alive and every
//! other timer, and what became of each request when a connection is lost. What carries the octets is its owner's: a
//! blocking socket, an event loop, sequenced packets, a test.
//!
//! With the feature `tokio`, `driver` runs a session over any `AsyncRead + AsyncWrite`: the loop that smpp-esme and
//! smpp-smsc share.
//!
//! # The run loop
//!
//! Three steps: what has come and is due, what is to be sent, and a wait for whichever comes first. This is all of it,
//! over a socket of the standard library; `examples/` has it for other transports.
//!
//! ```
//! use smpp_session::{CloseReason, Config, Event, Outcome, Role, Session};
//! use smpp_pdu::{BindTransceiver, BindTransceiverResp, CommandStatus, Pdu, SubmitSm, SubmitSmResp};
//! use std::io::{ErrorKind, Read, Write};
//! use std::net::{TcpListener, TcpStream};
//! use std::time::{Duration, Instant};
//!
//! fn run(
//!     mut socket: TcpStream,
//!     mut session: Session<&'static str>,
//!     mut application: impl FnMut(&mut Session<&'static str>, Event<'_, &'static str>),
//! ) -> std::io::Result<CloseReason> {
//!     let (mut input, mut room, mut out, mut closed) = (Vec::new(), [0; 4096], Vec::new(), None);
//!     loop {
//!         // 1. What came before, what comes, what is due. Events come one at a time, and are answered as they come.
//!         let now = Instant::now();
//!         let mut rest = &input[..];
//!         loop {
//!             let mut event = session.poll_event().or_else(|| session.handle_bytes(now, &mut rest));
//!             if event.is_none() {
//!                 session.handle_timeout(now);
//!                 event = session.poll_event();
//!             }
//!             match event {
//!                 None => break,
//!                 Some(Event::Closed(reason)) => closed = Some(reason),
//!                 Some(event) => application(&mut session, event),
//!             }
//!         }
//!         // Half a PDU is kept until the rest comes.
//!         let used = input.len() - rest.len();
//!         input.drain(..used);
//!
//!         // 2. What is to be sent, and how much of it the transport has taken.
//!         while session.poll_transmit(&mut out) {
//!             socket.write_all(&out)?;
//!             session.handle_written(out.len());
//!             out.clear();
//!         }
//!         if let Some(reason) = closed {
//!             return Ok(reason);
//!         }
//!
//!         // 3. What comes, until something is due.
//!         let due = session.poll_timeout().map(|at| at - Instant::now());
//!         socket.set_read_timeout(due.map(|due| due.max(Duration::from_millis(1))))?;
//!         match socket.read(&mut room) {
//!             Ok(0) => session.handle_eof(),
//!             Ok(n) => input.extend_from_slice(&room[..n]),
//!             Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
//!             Err(e) => return Err(e), // the session's requests would end by `handle_eof`, too
//!         }
//!     }
//! }
//!
//! let listener = TcpListener::bind("127.0.0.1:0")?;
//! let address = listener.local_addr()?;
//! let centre = std::thread::spawn(move || {
//!     let session = Session::new(Role::Smsc, Config::default(), Instant::now());
//!     run(listener.accept()?.0, session, |session, event| {
//!         let Event::Request(received) = event else { return };
//!         let sent = match received.pdu {
//!             Pdu::BindTransceiver(_) => {
//!                 session.respond(received.token, CommandStatus::ESME_ROK, &BindTransceiverResp::default())
//!             }
//!             Pdu::SubmitSm(_) => session.respond(received.token, CommandStatus::ESME_ROK, &SubmitSmResp::default()),
//!             _ => session.reject(received.token, CommandStatus::ESME_RINVCMDID),
//!         };
//!         sent.expect("answered in time, and by what answers it");
//!     })
//! });
//!
//! let mut session = Session::new(Role::Esme, Config::default(), Instant::now());
//! let bind = BindTransceiver { interface_version: 0x34, ..BindTransceiver::default() };
//! session.request(Instant::now(), "the bind", &bind).expect("an open session may bind");
//! let reason = run(TcpStream::connect(address)?, session, |session, event| {
//!     match event {
//!         Event::Ended { context: "the bind", outcome: Outcome::Answered(answer) } => {
//!             assert_eq!(answer.command_status(), CommandStatus::ESME_ROK);
//!             session.request(Instant::now(), "a message", &SubmitSm::default()).expect("a bound session may submit");
//!         }
//!         Event::Ended { context: "a message", outcome } => {
//!             println!("{outcome:?}");
//!             session.unbind(Instant::now());
//!         }
//!         _ => {}
//!     }
//! })?;
//! assert_eq!(reason, CloseReason::Unbound);
//! assert_eq!(centre.join().expect("the centre does not panic")?, CloseReason::Unbound);
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # States
//!
//! ```text
//!            outbind            bind accepted
//!   Open ─────────────▶ Outbound ─────────────┐
//!    │                                        ▼              unbind from
//!    └──────────────────────────▶ BoundTx / BoundRx / BoundTrx ──────────▶ Unbound ──▶ Closed
//!          bind accepted                                     either side      unbind_resp
//! ```
//!
//! Every state goes to `Closed` when the connection ends, when a timer runs out, and when the peer sends a
//! command_length that cannot be trusted. Which side may send which request in which state, at which version, is
//! [`permission`].
//!
//! # What becomes of a request
//!
//! Each request that [`Session::request`] takes ends in exactly one [`Outcome`], and its context comes back with it. It
//! is in the window before an octet of it is written, so no answer is too fast. When a connection is lost,
//! [`Outcome::NotWritten`] is what surely was not sent and may be sent again elsewhere;
//! [`Outcome::MaybeDelivered`] and [`Outcome::TimedOut`] are what the peer may have. That is exact to the octet as long as
//! [`Session::handle_written`] tells what the transport took, and as nothing more is written after [`Event::Closed`]
//! with a reason that does not [linger](CloseReason::lingers). While a request waits, [`Session::written`] tells how much
//! of it has left, and [`Session::window`] how long the oldest has waited.
//!
//! # What the application never sees
//!
//! The session answers enquire_link and unbind; it refuses unknown commands (generic_nack, ESME_RINVCMDID), what the
//! state forbids (ESME_RINVBNDSTS, ESME_RALYBND), what cannot be read (the status of the field), and more than
//! [`Config::max_inbound`] requests at once (ESME_RTHROTTLED), each by its own response. Responses and generic_nacks that
//! nobody waits for are events and are never answered. A PDU that cannot be read never ends a session; thousands of them
//! within a minute do.
//!
//! A session that works at 5.0 says in its responses how loaded it is, where its owner says so
//! ([`Session::set_congestion`]), and hears it of the peer ([`Session::peer_congestion`]).
//!
//! A vendor's own commands are unknown ones, unless they are registered ([`Config::vendor`]): then they are requests of
//! a bound session like others.
//!
//! # Limits
//!
//! All stand in [`Config`], for each is what a peer, by fault or on purpose, could otherwise use without end: memory
//! ([`window`](Config::window), [`max_inbound`](Config::max_inbound), [`max_pdu`](Config::max_pdu),
//! [`max_unwritten`](Config::max_unwritten)), what costs it nothing ([`free`](Config::free)), or time (the rest).
//! Responses and keep-alive take no place in the window and wait behind nothing.
//!
//! What a peer may do without taking a place is counted by its kind, a [`Free`]: enquire_links, unknown commands, what
//! cannot be read or what the state forbids, responses that nobody waits for, binds that are refused. Past its bound within a minute the session
//! ends with [`CloseReason::Free`], after the answers that wait are written. Output that it does not read needs no such
//! count: [`max_unwritten`](Config::max_unwritten) stops the reading, and [`write_stall`](Config::write_stall) ends the
//! session. All of it is counted in [`Stats`].
//!
//! Input is left alone, and [`Session::is_paused`], while the application thinks about a bind, since what follows the
//! bind must find the session bound; while a peer that asks does not take its answers; and, with [`Overload::Pause`],
//! while a request has no place. What is not read is not heard: meanwhile nobody is blamed for silence or for half a PDU,
//! and the end of a connection is not noticed until [`Config::answer`] or [`Config::write_stall`] is up. Take nothing
//! from the transport meanwhile, or bound what you keep: that is what makes the peer wait.
#![warn(missing_docs, clippy::indexing_slicing, clippy::unwrap_used)]

mod config;
mod deadline;
mod error;
mod event;
mod free;
mod inbound;
mod retry;
mod sequence;
mod session;
mod state;
mod stats;
mod tally;
mod vendor;
mod window;

pub use config::{Config, Overload, Role};
pub use error::{RequestError, RespondError};
pub use event::{Answer, CloseReason, Event, Outcome, Received};
pub use free::{Free, FreeLimits};
pub use inbound::RequestToken;
pub use retry::{BindRetry, Retry};
pub use session::Session;
pub use state::{Permission, State, permission};
pub use stats::Stats;
pub use vendor::VendorCommand;
pub use window::{Oldest, Unanswered, WindowSnapshot, Written};

#[cfg(feature = "tokio")]
pub mod driver;
#[cfg(feature = "tokio")]
pub mod metrics;
#[cfg(feature = "tokio")]
pub mod tap;

#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;

/// The README's examples.
#[cfg(all(doctest, feature = "tokio"))]
#[doc = include_str!("../README.md")]
struct Readme;

/// The examples of the book's chapter.
#[cfg(doctest)]
#[doc = include_str!("../../docs/session.md")]
struct Chapter;
