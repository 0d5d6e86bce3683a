//! The server: its sessions, and their end. Who has a place stands in `limits`, what a listener does in `listen`, and
//! what comes before the first PDU in `prelude`.

mod builder;
mod connection;
mod drain;
mod handling;
mod limits;
mod lines;
mod listen;
mod outbind;
mod prelude;
mod proxy;
mod strangers;
#[cfg(feature = "tls")]
mod tls;

pub use builder::ServerBuilder;
pub use drain::Drained;
pub use limits::BindLimit;
pub use lines::METRICS;
pub use outbind::OutbindError;

use crate::acceptor::{Acceptor, ConnectionInfo};
use builder::Settings;
use connection::Service;
use limits::{Live, Seat};
use lines::Lines;
use smpp_session::driver::{Connection, span};
use smpp_session::tap::{Ends, Tap};
use smpp_session::{CloseReason, Role, Stats};
use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tracing::{Instrument, Span};

/// Accepts connections and serves them, one task each. Clones are the same server.
#[derive(Clone)]
pub struct Server(Arc<Inner>);

struct Inner {
    acceptor: Arc<dyn Acceptor>,
    settings: Settings,
    next_id: AtomicU64,
    live: Mutex<Live>,
    lines: Lines,
    /// How much there is that a shutdown waits for, and whether it is the end.
    phase: watch::Sender<Phase>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Phase {
    listeners: usize,
    connections: usize,
    ending: bool,
}

impl Server {
    /// A server whose binds `acceptor` judges.
    pub fn builder(acceptor: impl Acceptor) -> ServerBuilder {
        ServerBuilder::new(Arc::new(acceptor))
    }

    fn new(acceptor: Arc<dyn Acceptor>, settings: Settings) -> Self {
        Self(Arc::new(Inner {
            acceptor,
            settings,
            next_id: AtomicU64::new(1),
            live: Mutex::default(),
            lines: Lines::default(),
            phase: watch::Sender::default(),
        }))
    }

    /// Serves one connection over any stream, to its end. Returns why it ended; `None` if it was turned away, for
    /// there are too many or the server is being shut down.
    pub async fn serve<IO>(&self, io: IO) -> Option<CloseReason>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        let arrival = self.arrival(None)?;
        let span = arrival.span();
        Some(arrival.session(io).instrument(span).await)
    }

    /// Takes a place for a connection, and begins its session: what it must do in time it must do from now on. `None`
    /// if it is turned away.
    fn arrival(&self, address: Option<SocketAddr>) -> Option<Box<Arrival>> {
        let info = ConnectionInfo::new(self.0.next_id.fetch_add(1, Ordering::Relaxed), address);
        let config = self.0.settings.config.clone();
        let bind_by = Instant::now().checked_add(config.session_init);
        let connection = Connection::new(Role::Smsc, config);
        let seat = self.seat(info.id, connection.handle())?;
        Some(Box::new(Arrival {
            connection,
            info,
            seat,
            bind_by,
        }))
    }

    /// How many connections there are, bound or not.
    pub fn connections(&self) -> usize {
        self.live().len()
    }

    /// What all sessions together have counted, those that are over included.
    pub fn stats(&self) -> Stats {
        self.live().stats()
    }

    /// What is put on a connection.
    fn tapping(&self, info: &ConnectionInfo) -> Option<(Arc<dyn Tap>, Ends)> {
        let tap = self.0.settings.tap.clone()?;
        let ends = Ends::new(Role::Smsc)
            .dialled(info.dialled)
            .between(info.local, info.address);
        Some((tap, ends))
    }

    fn live(&self) -> MutexGuard<'_, Live> {
        self.0.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that has its place, and no session under way yet. It is boxed, for the future that serves it holds it as
/// long as the session lasts.
struct Arrival {
    connection: Connection,
    info: ConnectionInfo,
    seat: Seat,
    /// Until when the session must be bound, whatever comes before that; `None` for ever.
    bind_by: Option<Instant>,
}

impl Arrival {
    /// Of all that is said of it.
    fn span(&self) -> Span {
        span(Role::Smsc, self.info.id)
    }

    /// Runs its session to the end. What the future is given once and no more, it is given in a box: it would hold it as
    /// long as the session lasts.
    #[allow(clippy::boxed_local)] // it is boxed already
    fn session<IO>(self: Box<Self>, io: IO) -> impl Future<Output = CloseReason>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        let Self {
            connection, info, seat, ..
        } = *self;
        let tap = seat.server().tapping(&info).map(Box::new);
        let service = Service::new(seat, info, connection.handle());
        let given = Box::new((connection, io, tap));
        async move {
            service.begins();
            let (connection, io, tap) = unboxed(given);
            let reason = match tap {
                None => connection.drive(io, &service).await,
                Some(tap) => Box::pin(connection.drive_tapped(io, Some(unboxed(tap)), &service)).await,
            };
            service.over(reason);
            reason
        }
    }
}

/// What is in a box, which is given back here: a future that took its parts out of it would keep the box to its own end.
#[allow(clippy::boxed_local)] // that is what it is for
fn unboxed<T>(given: Box<T>) -> T {
    *given
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("connections", &self.connections())
            .finish_non_exhaustive()
    }
}
