//! Listeners for SMSCs that call.

use crate::builder::Builder;
use crate::outbind::{Outbind, OutbindError};
use crate::tcp::Tcp;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tokio::time::{Sleep, sleep};

/// Where connections come from.
pub trait Accept: Send + 'static {
    /// What a connection is.
    type Io: AsyncRead + AsyncWrite + Send + Unpin + 'static;

    /// Polls for the next, and for where it comes from if that can be said.
    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(Self::Io, Option<SocketAddr>)>>;
}

/// TCP, with nodelay and keep-alive as a [`Builder`] has them.
#[derive(Debug)]
pub struct TcpAccept {
    listener: TcpListener,
    tcp: Tcp,
}

impl Accept for TcpAccept {
    type Io = TcpStream;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, Option<SocketAddr>)>> {
        self.listener.poll_accept(cx).map(|accepted| {
            let (stream, address) = accepted?;
            self.tcp.tune(&stream)?;
            Ok((stream, Some(address)))
        })
    }
}

/// Waits for SMSCs that call. As many connections as [`Self::max_waiting`] says are waited for at once, each for
/// [`Config::session_init`](crate::Config::session_init) at most; further ones are not accepted before one of these is
/// over. Nothing is accepted while nobody waits in [`Self::accept`].
pub struct OutbindListener<A: Accept = TcpAccept> {
    builder: Builder,
    source: A,
    max_waiting: usize,
    waiting: FuturesUnordered<Waiting>,
    /// After an error nothing is accepted for a while.
    rest: Option<Pin<Box<Sleep>>>,
    patience: Duration,
}

type Waiting = Pin<Box<dyn Future<Output = Result<Outbind, OutbindError>> + Send>>;

impl Builder {
    /// Listens at a TCP address for SMSCs that call; of the builder, host and TLS have no part in it.
    pub async fn listen(&self, address: impl ToSocketAddrs) -> io::Result<OutbindListener> {
        let source = TcpAccept {
            listener: TcpListener::bind(address).await?,
            tcp: self.tcp.clone(),
        };
        Ok(self.outbinds(source))
    }

    /// The same for connections of any kind. What must come before the first PDU, as a handshake of TLS, is the
    /// source's, and so is bounding it.
    pub fn outbinds<A: Accept>(&self, source: A) -> OutbindListener<A> {
        OutbindListener {
            builder: self.clone(),
            source,
            max_waiting: MAX_WAITING,
            waiting: FuturesUnordered::new(),
            rest: None,
            patience: FIRST,
        }
    }
}

impl OutbindListener {
    /// Where it listens: with port 0, which one it is.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.source.listener.local_addr()
    }
}

impl<A: Accept> OutbindListener<A> {
    /// How many connections may be waited for at once. 100.
    #[must_use]
    pub fn max_waiting(mut self, max_waiting: usize) -> Self {
        self.max_waiting = max_waiting;
        self
    }

    /// The next SMSC that has called, for its outbind to be judged; or the next who has not, with the reason. An error is
    /// never the end of the listener: after one of accepting, it accepts nothing for 10 ms, doubling to a second.
    /// Cancel-safe.
    ///
    /// Judge before long: the SMSC's time runs, and those behind it wait.
    pub async fn accept(&mut self) -> Result<Outbind, OutbindError> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Outbind, OutbindError>> {
        loop {
            if let Poll::Ready(Some(called)) = self.waiting.poll_next_unpin(cx) {
                return Poll::Ready(called);
            }
            if self.waiting.len() >= self.max_waiting || self.rests(cx) {
                return Poll::Pending;
            }
            match self.source.poll_accept(cx) {
                Poll::Ready(Ok((io, address))) => {
                    self.patience = FIRST;
                    let builder = self.builder.clone();
                    self.waiting
                        .push(Box::pin(async move { builder.outbind_from(io, address).await }));
                }
                Poll::Ready(Err(error)) => {
                    self.rest = Some(Box::pin(sleep(self.patience)));
                    self.patience = (self.patience * 2).min(LAST);
                    return Poll::Ready(Err(OutbindError::Accept(error)));
                }
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    fn rests(&mut self, cx: &mut Context<'_>) -> bool {
        let rests = self
            .rest
            .as_mut()
            .is_some_and(|rest| rest.as_mut().poll(cx).is_pending());
        if !rests {
            self.rest = None;
        }
        rests
    }
}

impl<A: Accept> fmt::Debug for OutbindListener<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutbindListener")
            .field("waiting", &self.waiting.len())
            .finish_non_exhaustive()
    }
}

/// SMSCs that call are few; more is strangers, who have no claim on memory.
const MAX_WAITING: usize = 100;
/// As a server has it: out of descriptors, others must be closed before it is worth trying again.
const FIRST: Duration = Duration::from_millis(10);
const LAST: Duration = Duration::from_secs(1);
