//! What a session takes of a server's memory (S8 of the design's goals: an idle one 3 KB at most).

use smpp_pdu::{BindTransceiver, Codec, Header};
use smpp_smsc::{Acceptor, Bind, ConnectionInfo, Handler, Reject, Server, async_trait};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use std::alloc::System;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::runtime::Runtime;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const SESSIONS: usize = 500;
/// Of the heap: with what the allocator itself takes, it is some 200 octets more.
const MOST: usize = 2560;

struct Desk;

#[async_trait]
impl Acceptor for Desk {
    async fn bind(&self, _: &Bind, _: &ConnectionInfo) -> Result<Arc<dyn Handler>, Reject> {
        Ok(Arc::new(Desk))
    }
}
impl Handler for Desk {}

fn held() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

/// Bound ESMEs, which hold nothing of the heap themselves.
fn bind(address: SocketAddr, bind: &[u8], sessions: &mut Vec<TcpStream>) {
    for _ in 0..SESSIONS {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(bind).unwrap();
        let mut header = [0; 16];
        stream.read_exact(&mut header).unwrap();
        assert_eq!(header[4..12], [0x80, 0, 0, 9, 0, 0, 0, 0], "it is accepted");
        sessions.push(stream);
    }
}

/// A stream that is as large as that of TLS, and more.
struct Large {
    io: DuplexStream,
    _state: [u8; Self::SIZE],
}

impl Large {
    const SIZE: usize = 1 << 14;
}

impl AsyncRead for Large {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, room: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, room)
    }
}

impl AsyncWrite for Large {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, octets)
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

// One test: what others allocate meanwhile would be counted.
#[test]
fn memory() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    an_idle_session(&runtime);
    a_large_stream(&runtime);
}

fn an_idle_session(runtime: &Runtime) {
    runtime.block_on(async {
        let server = Server::builder(Desk).build();
        let address = server.listen("127.0.0.1:0").await.unwrap();
        let mut octets = Vec::new();
        let pdu = BindTransceiver {
            interface_version: 0x34,
            ..BindTransceiver::default()
        };
        Codec::default().encode(Header::request(1), &pdu, &mut octets).unwrap();
        let mut sessions = Vec::with_capacity(2 * SESSIONS);
        let round = async |sessions: Vec<TcpStream>| {
            let octets = octets.clone();
            let bound = tokio::task::spawn_blocking(move || {
                let mut sessions = sessions;
                bind(address, &octets, &mut sessions);
                sessions
            });
            bound.await.unwrap()
        };
        // What the first of them has the runtime allocate is not theirs.
        sessions = round(sessions).await;
        let before = held();
        sessions = round(sessions).await;
        let each = (held() - before) / SESSIONS;
        println!("{each} octets for an idle session");
        assert!(each <= MOST, "{each} octets for an idle session");
        assert_eq!(server.connections(), sessions.len());
    });
}

/// Room for a stream is what [`Server::serve`] was given, and what its session reads: no box on its way is kept.
fn a_large_stream(runtime: &Runtime) {
    runtime.block_on(async {
        let server = Server::builder(Desk).build();
        let (_peer, io) = tokio::io::duplex(1);
        let _state = [0; Large::SIZE];
        let before = held();
        let mut serving = Box::pin(server.serve(Large { io, _state }));
        let begun = std::future::poll_fn(|cx| Poll::Ready(serving.as_mut().poll(cx).is_pending()));
        assert!(begun.await);
        let held = held() - before;
        assert!(
            held < 2 * Large::SIZE + 4096,
            "{held} octets for a stream of {}",
            Large::SIZE
        );
    });
}
