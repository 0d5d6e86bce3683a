//! A message centre that misbehaves as a script has it, and what the client makes of that: each story says exactly what,
//! and ends with its [`ledger`], in which no message is lost unreported, or sent twice unreported.
//!
//! The centre is the session of `smpp-session` without its driver; the script stands outside it, behind `poll_transmit`
//! and in front of `handle_bytes` ([`tap`]). The clock is stopped wherever no socket is needed.

mod answers;
mod binds;
mod chance;
mod deliveries;
mod endpoint;
#[path = "../fake/mod.rs"]
mod fake;
mod ledger;
mod links;
mod outbind;
mod script;
mod smsc;
mod streams;
mod tap;
