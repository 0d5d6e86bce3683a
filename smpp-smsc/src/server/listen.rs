//! Listeners.

use super::{Phase, Server};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tracing::Instrument;

/// How long nothing is accepted after an error, at first and at most: it doubles.
const FIRST: Duration = Duration::from_millis(10);
const LAST: Duration = Duration::from_secs(1);

/// What a listener expects on its connections.
#[derive(Clone)]
pub(super) enum Transport {
    Plain,
    #[cfg(feature = "tls")]
    Tls(std::sync::Arc<crate::rustls::ServerConfig>),
}

/// What accepts: a listener, or in tests one that cannot.
trait Accept: Send + 'static {
    fn accept(&self) -> impl Future<Output = io::Result<(TcpStream, SocketAddr)>> + Send;
}

impl Accept for TcpListener {
    async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        self.accept().await
    }
}

impl Server {
    /// Accepts TCP connections at `address` until the server is shut down, in a task of its own. Returns the address:
    /// with port 0, which one it is. A server may listen at several addresses, of IPv4 and of IPv6.
    ///
    /// While connections cannot be accepted, most often for want of descriptors, it is tried again after 10 ms, doubling
    /// to a second.
    pub async fn listen(&self, address: impl ToSocketAddrs) -> io::Result<SocketAddr> {
        self.listen_for(address, Transport::Plain).await
    }

    pub(super) async fn listen_for(&self, address: impl ToSocketAddrs, transport: Transport) -> io::Result<SocketAddr> {
        let listener = TcpListener::bind(address).await?;
        let local = listener.local_addr()?;
        self.accept_from(listener, transport, FIRST);
        Ok(local)
    }

    fn accept_from(&self, listener: impl Accept, transport: Transport, first: Duration) {
        self.0.phase.send_modify(|phase| phase.listeners += 1);
        let listening = Listening(self.clone());
        tokio::spawn(async move { listening.0.accept(listener, transport, first).await });
    }

    async fn accept(&self, listener: impl Accept, transport: Transport, first: Duration) {
        let mut phase = self.0.phase.subscribe();
        let mut patience = first;
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                _ = phase.wait_for(is_ending) => return,
            };
            match accepted {
                Ok((stream, address)) => {
                    patience = first;
                    self.welcome(stream, address, transport.clone());
                }
                // Out of descriptors, most often: others must be closed before it is worth trying again.
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::select! {
                        () = tokio::time::sleep(patience) => {}
                        _ = phase.wait_for(is_ending) => return,
                    }
                    patience = (patience * 2).min(LAST);
                }
            }
        }
    }

    /// One that is turned away costs no task.
    fn welcome(&self, stream: TcpStream, address: SocketAddr, transport: Transport) {
        let Some(mut arrival) = self.arrival(Some(address)) else {
            return;
        };
        arrival.info.local = stream.local_addr().ok();
        // What is written is written in whole batches: nothing is gained by holding the end of one back.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
        let span = arrival.span();
        tokio::spawn(arrival.accepted(Box::new((stream, transport))).instrument(span));
    }
}

/// A listener is gone when its task is.
struct Listening(Server);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.0.phase.send_modify(|phase| phase.listeners -= 1);
    }
}

pub(super) fn is_ending(phase: &Phase) -> bool {
    phase.ending
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Acceptor, Bind, ConnectionInfo, Handler, Reject, async_trait};
    use std::sync::Arc;
    use tokio::sync::mpsc;
    use tokio::time::timeout;

    struct Nobody;

    #[async_trait]
    impl Acceptor for Nobody {
        async fn bind(&self, _: &Bind, _: &ConnectionInfo) -> Result<Arc<dyn Handler>, Reject> {
            Err(smpp_pdu::CommandStatus::ESME_RBINDFAIL.into())
        }
    }

    struct Fails(mpsc::UnboundedSender<()>);

    impl Accept for Fails {
        async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
            let _ = self.0.send(());
            Err(io::ErrorKind::Other.into())
        }
    }

    #[tokio::test]
    async fn it_is_tried_again_and_a_shutdown_does_not_wait_for_that() {
        for (first, tries) in [(Duration::from_millis(1), 3), (Duration::from_secs(3600), 1)] {
            let server = Server::builder(Nobody).build();
            let (tried, mut tries_seen) = mpsc::unbounded_channel();
            server.accept_from(Fails(tried), Transport::Plain, first);
            for _ in 0..tries {
                tries_seen.recv().await.unwrap();
            }
            let ended = timeout(Duration::from_secs(20), server.shutdown()).await;
            assert!(ended.is_ok(), "it waits for the next try");
            assert!(tries_seen.is_closed(), "the listener is gone");
        }
    }
}
