//! A server of SMPP 3.3, 3.4 and 5.0 on tokio: accept connections, judge binds, answer requests, push messages.
//!
//! ```
//! use smpp_pdu::{COctetString, CommandStatus, Kept, SubmitSm, SubmitSmResp};
//! use smpp_smsc::{Acceptor, Bind, ConnectionInfo, Handler, Reject, Server, async_trait};
//! use std::sync::Arc;
//!
//! struct Gateway;
//!
//! #[async_trait]
//! impl Acceptor for Gateway {
//!     async fn bind(&self, bind: &Bind, _: &ConnectionInfo) -> Result<Arc<dyn Handler>, Reject> {
//!         if bind.system_id.as_bytes() == b"esme" && bind.password.as_bytes() == b"secret" {
//!             Ok(Arc::new(Account))
//!         } else {
//!             Err(CommandStatus::ESME_RBINDFAIL.into())
//!         }
//!     }
//! }
//!
//! struct Account;
//!
//! #[async_trait]
//! impl Handler for Account {
//!     async fn submit_sm(&self, _: Kept<SubmitSm>) -> Result<SubmitSmResp, Reject> {
//!         let message_id = COctetString::new("1").map_err(|_| CommandStatus::ESME_RSYSERR)?;
//!         Ok(SubmitSmResp { message_id, ..SubmitSmResp::default() })
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let server = Server::builder(Gateway).system_id("gateway").build();
//! let address = server.listen("127.0.0.1:0").await?;
//! println!("smpp listening on {address}");
//! server.shutdown().await;
//! # Ok(())
//! # }
//! ```
#![warn(missing_docs)]

mod acceptor;
#[cfg(feature = "centre")]
pub mod centre;
mod handler;
mod peer;
mod server;
#[cfg(feature = "tls")]
pub mod tls;

pub use acceptor::{Acceptor, Bind, BindKind, ConnectionInfo};
pub use async_trait::async_trait;
pub use handler::{Handler, Reject};
pub use ipnet::IpNet;
pub use peer::Peer;
pub use server::{BindLimit, Drained, METRICS, OutbindError, Server, ServerBuilder};
pub use smpp_session::driver::CallError;
pub use smpp_session::tap;
pub use smpp_session::{CloseReason, Config, Free, FreeLimits, Stats, VendorCommand};
#[cfg(feature = "tls")]
pub use tls::rustls;

/// The book's chapter, of which one example needs TLS.
#[cfg(all(doctest, feature = "tls"))]
#[doc = include_str!("../../docs/server.md")]
struct Chapter;

/// The book's chapter on what can be seen.
#[cfg(doctest)]
#[doc = include_str!("../../docs/observability.md")]
struct Observability;

/// The README's example.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
