//! The server: listeners, connections, and their end.

mod connection;
mod handling;

use crate::acceptor::{Acceptor, ConnectionInfo};
use connection::Service;
use smpp_pdu::COctetString;
use smpp_session::driver::{Connection, Handle};
use smpp_session::{CloseReason, Config, Role, Stats};
use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tokio::sync::watch;

/// Accepts connections and serves them, one task each. Clones are the same server.
#[derive(Clone)]
pub struct Server(Arc<Inner>);

struct Inner {
    acceptor: Arc<dyn Acceptor>,
    config: Config,
    system_id: COctetString,
    max_connections: usize,
    next_id: AtomicU64,
    live: Mutex<Live>,
    /// How many connections there are, and whether it is the end.
    phase: watch::Sender<Phase>,
}

#[derive(Default)]
struct Live {
    sessions: HashMap<u64, Handle>,
    /// Of those that are over.
    ended: Stats,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Phase {
    connections: usize,
    ending: bool,
}

/// Builds a [`Server`].
#[derive(Clone)]
pub struct ServerBuilder {
    acceptor: Arc<dyn Acceptor>,
    config: Config,
    system_id: COctetString,
    max_connections: usize,
}

impl ServerBuilder {
    /// Limits and timers of each session.
    #[must_use]
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }
    /// Who the server says it is, in the responses to binds: 15 octets at most. `smsc`.
    ///
    /// A name that is too long or has a NUL inside is cut there.
    #[must_use]
    pub fn system_id(mut self, system_id: &str) -> Self {
        let end = system_id.bytes().take(15).take_while(|&c| c != 0).count();
        self.system_id = COctetString::new(&system_id.as_bytes()[..end]).unwrap_or_default();
        self
    }
    /// How many connections there may be at once; the next is closed as soon as it is accepted. 10,000.
    #[must_use]
    pub fn max_connections(mut self, max_connections: usize) -> Self {
        self.max_connections = max_connections;
        self
    }
    /// A server that listens nowhere yet.
    pub fn build(self) -> Server {
        Server(Arc::new(Inner {
            acceptor: self.acceptor,
            config: self.config,
            system_id: self.system_id,
            max_connections: self.max_connections,
            next_id: AtomicU64::new(1),
            live: Mutex::default(),
            phase: watch::Sender::default(),
        }))
    }
}

impl Server {
    /// A server whose binds `acceptor` judges.
    pub fn builder(acceptor: impl Acceptor) -> ServerBuilder {
        ServerBuilder {
            acceptor: Arc::new(acceptor),
            config: Config::default(),
            system_id: COctetString::new("smsc").unwrap_or_default(),
            max_connections: 10_000,
        }
    }

    /// Accepts TCP connections at `address` until the server is shut down, in a task of its own. Returns the address:
    /// with port 0, which one it is.
    pub async fn listen(&self, address: impl ToSocketAddrs) -> io::Result<SocketAddr> {
        let listener = TcpListener::bind(address).await?;
        let local = listener.local_addr()?;
        tokio::spawn(self.clone().accept(listener));
        Ok(local)
    }

    async fn accept(self, listener: TcpListener) {
        let mut phase = self.0.phase.subscribe();
        let mut patience = Duration::from_millis(10);
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                _ = phase.wait_for(|phase| phase.ending) => return,
            };
            match accepted {
                Ok((stream, address)) => {
                    patience = Duration::from_millis(10);
                    self.welcome(stream, address);
                }
                // Out of descriptors, most often: others must be closed before it is worth trying again.
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(patience).await;
                    patience = (patience * 2).min(Duration::from_secs(1));
                }
            }
        }
    }

    fn welcome(&self, stream: TcpStream, address: SocketAddr) {
        // What is written is written in whole batches: nothing is gained by holding the end of one back.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
        let server = self.clone();
        tokio::spawn(async move { server.serve_from(stream, Some(address)).await });
    }

    /// Serves one connection over any stream, to its end. Returns why it ended; `None` if it was turned away, for
    /// there are too many or the server is being shut down.
    pub async fn serve<IO>(&self, io: IO) -> Option<CloseReason>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        self.serve_from(io, None).await
    }

    async fn serve_from<IO>(&self, io: IO, address: Option<SocketAddr>) -> Option<CloseReason>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        let info = ConnectionInfo {
            id: self.0.next_id.fetch_add(1, Ordering::Relaxed),
            address,
        };
        let connection = Connection::new(Role::Smsc, self.0.config.clone());
        let Some(seat) = self.seat(info.id, connection.handle()) else {
            tracing::warn!(
                connection = info.id,
                "turned away: too many connections, or the server is ending"
            );
            return None;
        };
        tracing::debug!(connection = info.id, "connected");
        let (id, acceptor, system_id) = (info.id, self.0.acceptor.clone(), self.0.system_id.clone());
        let service = Service::new(acceptor, system_id, info, connection.handle());
        let reason = connection.drive(io, &service).await;
        service.closed(reason);
        tracing::debug!(connection = id, %reason, "closed");
        drop(seat);
        Some(reason)
    }

    /// A place among the live connections, given back when it is dropped.
    fn seat(&self, id: u64, handle: Handle) -> Option<Seat<'_>> {
        let mut live = self.live();
        if live.sessions.len() >= self.0.max_connections || self.0.phase.borrow().ending {
            return None;
        }
        live.sessions.insert(id, handle);
        self.0.phase.send_modify(|phase| phase.connections += 1);
        Some(Seat { server: self, id })
    }

    /// Accepts nothing more, unbinds every session once what is in flight has ended, and waits for the last. A session
    /// has [`Config::drain`] for what is in flight, as long again for its unbind to be answered, and five seconds to
    /// take its last PDU.
    pub async fn shutdown(&self) {
        self.0.phase.send_modify(|phase| phase.ending = true);
        for handle in self.live().sessions.values() {
            handle.unbind();
        }
        let mut phase = self.0.phase.subscribe();
        // The sender lives in this server.
        let _ = phase.wait_for(|phase| phase.connections == 0).await;
    }

    /// How many connections there are.
    pub fn connections(&self) -> usize {
        self.live().sessions.len()
    }

    /// What all sessions together have counted, those that are over included.
    pub fn stats(&self) -> Stats {
        let live = self.live();
        let mut sum = live.ended;
        live.sessions.values().for_each(|handle| sum += handle.stats());
        sum
    }

    fn live(&self) -> MutexGuard<'_, Live> {
        self.0.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Seat<'a> {
    server: &'a Server,
    id: u64,
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let mut live = self.server.live();
        if let Some(handle) = live.sessions.remove(&self.id) {
            live.ended += handle.stats();
            drop(live);
            self.server.0.phase.send_modify(|phase| phase.connections -= 1);
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("connections", &self.connections())
            .finish_non_exhaustive()
    }
}
impl fmt::Debug for ServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerBuilder")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
