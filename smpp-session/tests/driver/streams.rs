//! Streams that are no plain sockets, and sockets that die.

use crate::desk::{HandsOver, pair_over, poll_once};
use crate::{on_each_runtime, wire};
use futures_util::future::{join_all, maybe_done};
use smpp_pdu::{CommandId, CommandStatus, Header};
use smpp_session::driver::{CallError, Connection, Handle};
use smpp_session::{CloseReason, Config, Role};
use std::io::{Error, ErrorKind, Result};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf};
use tokio::task::JoinHandle;

/// Keeps what is written until it is flushed, as TLS does its records, and is never ready to flush at once.
struct Keeps<IO> {
    io: IO,
    kept: Vec<u8>,
    asked: bool,
}

impl<IO: AsyncWrite + Unpin> Keeps<IO> {
    fn pass_on(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        while !self.kept.is_empty() {
            let n = ready!(Pin::new(&mut self.io).poll_write(cx, &self.kept))?;
            self.kept.drain(..n);
        }
        Pin::new(&mut self.io).poll_flush(cx)
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for Keeps<IO> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Keeps<IO> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<Result<usize>> {
        if self.kept.len() >= 100 {
            ready!(self.pass_on(cx))?;
        }
        let n = octets.len().min(30);
        self.kept.extend_from_slice(&octets[..n]);
        Poll::Ready(Ok(n))
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.asked = !self.asked;
        if self.asked {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.pass_on(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        ready!(self.pass_on(cx))?;
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

/// All of it comes through, the last word too, and nobody has to say more before it does.
#[test]
fn a_stream_that_keeps_until_it_is_flushed() {
    on_each_runtime(|| async {
        for room in [1, 64, 1 << 16] {
            let keeps = |io| Keeps {
                io,
                kept: Vec::new(),
                asked: false,
            };
            let (a, b) = tokio::io::duplex(room);
            let (esme, smsc) = pair_over(Config::default(), keeps(a), keeps(b)).await;
            for _ in 0..20 {
                esme.handle.request(wire::submit("later")).await.unwrap();
            }
            let calls = join_all((0..50).map(|_| esme.handle.request(wire::submit("now"))));
            assert!(calls.await.iter().all(std::result::Result::is_ok));
            esme.handle.unbind();
            assert_eq!(esme.task.await.unwrap(), CloseReason::Unbound);
            assert_eq!(smsc.task.await.unwrap(), CloseReason::Unbound);
        }
    });
}

/// A pipe of which one way fails, after so many octets.
struct Fails {
    io: DuplexStream,
    /// Written before a write takes nothing.
    takes: usize,
    /// Whether reading fails where it would wait.
    reads: bool,
}

impl AsyncRead for Fails {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        match Pin::new(&mut self.io).poll_read(cx, buf) {
            Poll::Pending if self.takes == 0 && !self.reads => Poll::Ready(Err(Error::from(ErrorKind::TimedOut))),
            read => read,
        }
    }
}

impl AsyncWrite for Fails {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<Result<usize>> {
        let n = self.takes.min(octets.len());
        if n == 0 {
            return Poll::Ready(Ok(0));
        }
        let n = ready!(Pin::new(&mut self.io).poll_write(cx, &octets[..n]))?;
        self.takes -= n;
        Poll::Ready(Ok(n))
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

fn drive<IO: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    config: Config,
    io: IO,
) -> (Handle, JoinHandle<CloseReason>) {
    let connection = Connection::new(Role::Esme, config);
    let handle = connection.handle();
    let service = HandsOver::new(&handle).0;
    (handle, tokio::spawn(connection.drive(io, service)))
}

async fn bind<IO: AsyncRead + AsyncWrite + Unpin>(handle: &Handle, peer: &mut IO) {
    let answers = async {
        let mut frame = vec![0; wire::octets(1, &wire::transceiver()).len()];
        peer.read_exact(&mut frame).await.unwrap();
        let resp = wire::with_header(Header::request(1), &wire::transceiver_resp());
        peer.write_all(&resp).await.unwrap();
    };
    let (bound, ()) = tokio::join!(handle.request(wire::transceiver()), answers);
    bound.unwrap();
}

/// One message is taken, half of another, and then nothing any more: each has its true outcome, and what is asked later
/// is not even begun.
#[test]
fn a_stream_that_takes_nothing_any_more() {
    on_each_runtime(|| async {
        for reads in [true, false] {
            let (io, mut peer) = tokio::io::duplex(1 << 16);
            let bound = wire::octets(1, &wire::transceiver()).len();
            let each = wire::octets(1, &wire::submit("x")).len();
            let takes = bound + each + each / 2;
            let (handle, task) = drive(Config::default(), Fails { io, takes, reads });
            bind(&handle, &mut peer).await;
            let mut calls: Vec<_> = (0..4).map(|_| maybe_done(handle.request(wire::submit("x")))).collect();
            for call in &mut calls {
                // With threads of its own the driver may have found out before the last of them is asked.
                poll_once(call).await;
            }
            while handle.is_open() {
                tokio::task::yield_now().await;
            }
            // As soon as it is known, and not when the time of a stalled writer is up.
            assert!(handle.state().is_bound() || !reads);
            let late = handle.request(wire::submit("late")).await;
            assert!(matches!(late, Err(CallError::NotWritten(_))), "{late:?}");
            // Reading fails, or ends.
            peer.shutdown().await.unwrap();
            let gone = task.await.unwrap();
            assert_eq!(gone, CloseReason::PeerClosed);
            join_all(&mut calls).await;
            let ends = calls.iter_mut().map(|call| Pin::new(call).take_output());
            let ends: Vec<_> = ends.map(|end| end.expect("it has ended").unwrap_err()).collect();
            for (n, end) in ends.iter().enumerate() {
                match end {
                    CallError::MaybeDelivered(reason) => assert!(n < 2 && *reason == gone, "{ends:?}"),
                    CallError::NotWritten(reason) => assert!(n >= 2 && *reason == gone, "{ends:?}"),
                    other => panic!("{other:?}"),
                }
            }
            // The peer has seen as much, and no more.
            let mut seen = Vec::new();
            peer.read_to_end(&mut seen).await.unwrap();
            assert_eq!(seen.len(), each + each / 2);
        }
    });
}

/// A peer that resets in the middle of a PDU, over a real socket.
#[test]
fn a_reset_in_the_middle_of_a_pdu() {
    on_each_runtime(|| async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let socket = tokio::net::TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let (mut peer, _) = listener.accept().await.unwrap();
        let mut config = Config::default();
        config.window = 1;
        let (handle, task) = drive(config, socket);
        bind(&handle, &mut peer).await;
        let (mut sent, mut waits) = (
            pin!(handle.request(wire::submit("sent"))),
            pin!(handle.request(wire::submit("waits"))),
        );
        assert!(!poll_once(&mut sent).await && !poll_once(&mut waits).await);
        let mut frame = vec![0; wire::octets(1, &wire::submit("sent")).len()];
        peer.read_exact(&mut frame).await.unwrap();
        assert_eq!(wire::read(&frame), [(CommandId::SUBMIT_SM, CommandStatus::ESME_ROK, 2)]);
        peer.write_all(&wire::octets(7, &wire::deliver("half"))[..20])
            .await
            .unwrap();
        peer.set_zero_linger().unwrap();
        drop(peer);
        let gone = CloseReason::PeerClosed;
        assert_eq!(task.await.unwrap(), gone);
        let (sent, waits) = (sent.await, waits.await);
        assert!(
            matches!(sent, Err(CallError::MaybeDelivered(reason)) if reason == gone),
            "{sent:?}"
        );
        assert!(
            matches!(waits, Err(CallError::NotWritten(reason)) if reason == gone),
            "{waits:?}"
        );
    });
}
