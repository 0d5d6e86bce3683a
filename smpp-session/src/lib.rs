//! A session of SMPP 3.3, 3.4 or 5.0 as a state machine: no IO, no clock, no threads.
#![warn(missing_docs, clippy::indexing_slicing, clippy::unwrap_used)]

mod config;
mod deadline;
mod error;
mod event;
mod inbound;
mod sequence;
mod session;
mod state;
mod stats;
mod window;

pub use config::{Config, Role};
pub use error::{RequestError, RespondError};
pub use event::{Answer, CloseReason, Event, Outcome, Received};
pub use inbound::RequestToken;
pub use session::Session;
pub use state::{Permission, State, permission};
pub use stats::Stats;

#[cfg(feature = "tokio")]
pub mod driver;
