//! The tokio driver: the one IO loop that both sides of this workspace share, and what stands between it and user
//! tasks.
//!
//! ```text
//!   Handle      ──request──▶ ┌ Border: one Mutex ────────────┐ ◀──turn── Driver (the connection's only task)
//!   (any task)  ◀──outcome── │ Session<CallKey>, the calls,  │           read → session → service inline
//!   Responder   ──respond──▶ │ the backlog, driver's waker   │           → exchange → one write
//!                            └───────────────────────────────┘
//! ```
//!
//! **The lock** is held for one request's encoding, for one answer's reading, or for 64 events of a turn; never across a
//! wake, a service's code, a system call, an await, or the drop of a user's value. There are two exceptions: what a service
//! does behind [`Asked::respond_last`], and the drop of a response, whose octets may be a user's [`Bytes`](bytes::Bytes).
//!
//! **Wakes.** A request wakes the driver only when it is parked, so once a batch. An outcome wakes its call, once. A
//! free place in the window wakes nobody: who waits for one has left his encoded PDU in the backlog, and the driver
//! sends it.
//!
//! **The clock** is the runtime's, so that a test may stop it. It is read once a turn, and by whoever wakes a parked
//! driver. It is looked at after what has come: a driver that had no thread for a while blames nobody for it.

mod backlog;
mod border;
mod calls;
mod clock;
mod closed;
mod error;
mod guard;
mod handle;
mod kept;
mod link;
mod meter;
#[cfg(all(test, border_model))]
mod model;
mod seldom;
mod service;
mod turn;

pub use closed::Closed;
pub use error::{CallError, Rejection};
pub use handle::{Call, Handle, VendorCall};
pub use seldom::Seldom;
pub use service::{Answered, Asked, Reply, Responder, Responders, Served, Service};

use crate::config::{Config, Role};
use crate::event::CloseReason;
use crate::tap::{Ends, Tap, Tapped};
use border::{Border, EndCalls};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::sleep_until;
use tracing::field::Empty;
use turn::{Driver, Turn};

/// How long a session that is over may still write its last PDU, and its peer take it.
const LINGER: Duration = Duration::from_secs(5);

/// The span of one connection, `smpp`, with which side this is and the connection's number; the driver adds kind and version
/// once the session is bound. What carries a connection is instrumented with it, so that each line of the log says whose
/// it is.
///
/// Its level is that of errors: whichever lines a filter lets through, it lets their span through too.
pub fn span(role: Role, connection: u64) -> tracing::Span {
    tracing::error_span!("smpp", role = role.name(), connection, kind = Empty, version = Empty)
}

/// A connection that has a session and no driver yet.
#[derive(Debug)]
pub struct Connection {
    border: EndCalls,
    handle: Handle,
}

impl Connection {
    /// A session that begins now. Sessions may share a `config`.
    pub fn new(role: Role, config: impl Into<Arc<Config>>) -> Self {
        let border = Border::new(role, config);
        Self {
            handle: Handle::new(&border),
            border: EndCalls(border),
        }
    }

    /// What user tasks hold. When the last handle is gone, the session is drained and unbound.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Runs the session over `io` to its end; it is the connection's only task. The peer's requests go to `service`,
    /// which answers at once, later from elsewhere, or by a future that waits beside the socket.
    ///
    /// Dropped before its end, or never polled, it ends every call with its outcome, and closes `io`; the
    /// [metrics](crate::metrics) count it from this call on. A service that panics costs the request that it was asked,
    /// which is answered ESME_RSYSERR.
    pub fn drive<IO, S>(self, io: IO, service: S) -> impl Future<Output = CloseReason>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
        S: Service,
    {
        let Self { border, handle } = self;
        // Ours does not keep the session alive.
        drop(handle);
        // Made here, for a future holds what it was given as long as it lasts, and what it makes of it too.
        let mut driver = Driver::new(io, border, service);
        async move {
            let mut timer = pin!(sleep_until(clock::now().into()));
            // Not a future of the driver's own, which this one would hold beside what it is about.
            let reason = loop {
                match poll_fn(|cx| driver.poll(cx, timer.as_mut())).await {
                    Turn::Yield => tokio::task::yield_now().await,
                    Turn::Closed(reason) => break reason,
                }
            };
            driver.over(reason);
            if reason.lingers() {
                // A peer that is still sending would be reset, and might lose our last PDU with that.
                // Boxed, for what it needs would be held by every session as long as it lasts.
                let _ = Box::pin(tokio::time::timeout(LINGER, driver.finish())).await;
            }
            reason
        }
    }

    /// As [`Self::drive`], with a tap on the stream if there is one.
    pub async fn drive_tapped<IO, S>(self, io: IO, tap: Option<(Arc<dyn Tap>, Ends)>, service: S) -> CloseReason
    where
        IO: AsyncRead + AsyncWrite + Unpin,
        S: Service,
    {
        match tap {
            None => self.drive(io, service).await,
            Some((tap, ends)) => {
                let max_pdu = self.border.0.lock().session.config().max_pdu;
                // In a box: nobody else's future has room for it.
                Box::pin(self.drive(Tapped::new(io, &*tap, &ends, max_pdu), service)).await
            }
        }
    }
}
