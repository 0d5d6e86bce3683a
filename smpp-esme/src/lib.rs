//! An SMPP client on tokio: connect and bind from a URL, submit, receive, unbind.
//!
#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod bind;
mod builder;
mod client;
mod connect;
mod ears;
mod endpoint;
mod error;
mod handler;
mod inbound;
mod listen;
mod offer;
mod operations;
mod outbind;
mod pair;
mod queue;
mod responder;
mod tcp;
#[cfg(feature = "tls")]
pub mod tls;
mod url;

pub use async_trait::async_trait;
pub use bind::BindKind;
pub use builder::{Builder, Esme, HandledBuilder};
pub use client::Client;
pub use endpoint::{
    Attempts, Bound, Connect, ENDPOINT_METRICS, Endpoint, EndpointBuilder, EndpointError, EndpointInbound,
    EndpointState, Failure, MemberClosed, MemberId, MemberState, MemberStatus, Order, Pace, Reconnect, RetryPolicy,
    Sticky, StopReason,
};
pub use error::{BindError, ConnectError};
pub use handler::Handler;
pub use inbound::{Delivery, Inbound};
pub use listen::{Accept, OutbindListener, TcpAccept};
pub use outbind::{Outbind, OutbindError};
pub use responder::Responder;
pub use smpp_pdu as pdu;
pub use smpp_session::driver::{CallError, Closed, Rejection};
pub use smpp_session::tap;
pub use smpp_session::{
    BindRetry, CloseReason, Config, RequestError, RespondError, Retry, State, Stats, Unanswered, VendorCommand,
};
#[cfg(feature = "tls")]
pub use tls::rustls;
pub use url::UrlError;

/// The book's chapter, of which one example needs TLS.
#[cfg(all(doctest, feature = "tls"))]
#[doc = include_str!("../../docs/client.md")]
struct Chapter;

/// The book's chapter on endpoints.
#[cfg(doctest)]
#[doc = include_str!("../../docs/endpoint.md")]
struct EndpointChapter;
