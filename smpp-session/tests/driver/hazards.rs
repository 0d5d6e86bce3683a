//! What could knock a loop over that shares a thread and a lock.

use crate::desk::{Side, against_octets, pair, poll_once};
use crate::{on_each_runtime, wire};
use smpp_pdu::Header;
use smpp_session::driver::{Connection, Handle};
use smpp_session::{Config, Role};
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// A task that asks its session something when it is woken, and when it is dropped.
struct CallsBack {
    handle: Handle,
    woken: Arc<Notify>,
    dropped: Arc<AtomicUsize>,
}

impl Wake for CallsBack {
    fn wake(self: Arc<Self>) {
        let mut call = self.handle.request(wire::submit("from a waker"));
        let polled = Pin::new(&mut call).poll(&mut Context::from_waker(Waker::noop()));
        assert!(polled.is_pending(), "it was sent, and is dropped in flight");
        drop(call);
        self.woken.notify_one();
    }
}
impl Drop for CallsBack {
    fn drop(&mut self) {
        let _ = self.handle.stats();
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn wakers_call_back() {
    on_each_runtime(|| async {
        let (esme, mut smsc) = pair(Config::default(), 1 << 16).await;
        let (woken, dropped) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
        let waker = || {
            let (handle, woken, dropped) = (esme.handle.clone(), woken.clone(), dropped.clone());
            Waker::from(Arc::new(CallsBack { handle, woken, dropped }))
        };
        let mut call = pin!(esme.handle.request(wire::submit("gate")));
        // Another waker at each poll: the one before it is dropped. No answer comes meanwhile.
        for _ in 0..3 {
            assert!(call.as_mut().poll(&mut Context::from_waker(&waker())).is_pending());
        }
        assert_eq!(dropped.load(Ordering::Relaxed), 2);
        smsc.gate.add_permits(1);
        woken.notified().await;
        let end = poll_fn(|cx| call.as_mut().poll(cx)).await;
        end.unwrap();
        smsc.sees("gate").await;
        smsc.sees("from a waker").await;
        // Misuse is told, and leaves the waker alone.
        let mut bind = pin!(esme.handle.request(wire::transceiver()));
        assert!(bind.as_mut().poll(&mut Context::from_waker(&waker())).is_ready());
        assert_eq!(dropped.load(Ordering::Relaxed), 4);
    });
}

/// Counts how often a driver is polled.
struct Counted<F>(Pin<Box<F>>, Arc<AtomicUsize>);

impl<F: Future> Future for Counted<F> {
    type Output = F::Output;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.as_mut().poll(cx)
    }
}

/// A driver that is parked on a socket that takes nothing is not woken for what it cannot write.
#[test]
fn a_blocked_socket_and_ten_thousand_calls() {
    on_each_runtime(|| async {
        let mut config = Config::default();
        config.window = 20_000;
        let (io, mut peer) = tokio::io::duplex(64);
        let connection = Connection::new(Role::Esme, config);
        let handle = connection.handle();
        let polls = Arc::new(AtomicUsize::new(0));
        let drive = connection.drive(io, crate::desk::HandsOver::new(&handle).0);
        tokio::spawn(Counted(Box::pin(drive), polls.clone()));
        let bind = async {
            let mut frame = [0; 64];
            let n = peer.read(&mut frame).await.unwrap();
            assert_eq!(n, wire::with_header(Header::request(1), &wire::transceiver()).len());
            let resp = wire::with_header(Header::request(1), &wire::transceiver_resp());
            peer.write_all(&resp).await.unwrap();
        };
        let (bound, ()) = tokio::join!(handle.request(wire::transceiver()), bind);
        bound.unwrap();
        // The socket is full with the first of them.
        let mut calls: Vec<_> = (0..10).map(|_| Box::pin(handle.request(wire::submit("now")))).collect();
        for call in &mut calls {
            assert!(!poll_once(call).await);
        }
        while handle.state().is_bound() && polls.load(Ordering::Relaxed) < 3 {
            tokio::task::yield_now().await;
        }
        let before = polls.load(Ordering::Relaxed);
        for n in 0..10_000 {
            let mut call = Box::pin(handle.request(wire::submit("now")));
            assert!(!poll_once(&mut call).await);
            calls.push(call);
            if n % 100 == 0 {
                tokio::task::yield_now().await;
            }
        }
        // Once a second it looks about; a machine that is slow may take several.
        let polled = polls.load(Ordering::Relaxed) - before;
        assert!(polled < 30, "polled {polled} times for 10,000 calls");
        // All are there once the peer reads.
        let mut octets = 0;
        let each = wire::with_header(Header::request(1), &wire::submit("now")).len();
        let (mut room, mut left) = (vec![0; 1 << 16], 10_010 * each);
        while left > 0 {
            let n = peer.read(&mut room).await.unwrap();
            octets += n;
            left -= n.min(left);
        }
        assert_eq!(octets, 10_010 * each);
    });
}

/// A peer that always has another request, and takes every answer.
struct Flood {
    octets: Vec<u8>,
    at: usize,
}

impl AsyncRead for Flood {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        let rest = &self.octets[self.at..];
        let n = rest.len().min(buf.remaining());
        buf.put_slice(&rest[..n]);
        self.at += n;
        if self.at == self.octets.len() {
            // Without the bind, which stands first.
            self.at = wire::with_header(Header::request(1), &wire::transceiver()).len();
        }
        Poll::Ready(Ok(()))
    }
}
impl AsyncWrite for Flood {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, octets: &[u8]) -> Poll<std::io::Result<usize>> {
        Poll::Ready(Ok(octets.len()))
    }
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Answers everything at once.
struct AtOnce;
impl smpp_session::driver::Service for AtOnce {
    type Response = smpp_pdu::Pdu;
    type Handling = std::future::Pending<Option<smpp_session::driver::Reply<smpp_pdu::Pdu>>>;
    fn request<'a>(
        &self,
        _: &mut Context<'_>,
        asked: smpp_session::driver::Asked<'a>,
        _: &smpp_session::Received<'_>,
    ) -> smpp_session::driver::Served<'a, Self::Handling> {
        crate::desk::answer(asked)
    }
}

/// On one thread: who floods has his turns, and a hundred others have theirs between them.
#[test]
fn one_floods_and_a_hundred_are_quiet() {
    // A thread that gets nowhere runs no timer either, so its time is looked after from another.
    let (alive, ended) = std::sync::mpsc::channel::<()>();
    let starved = std::thread::spawn(move || {
        let _alive = alive;
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_all().build().unwrap().block_on(floods());
    });
    let within = std::time::Duration::from_secs(60);
    let ended = ended.recv_timeout(within);
    assert_eq!(
        ended,
        Err(std::sync::mpsc::RecvTimeoutError::Disconnected),
        "the quiet are served"
    );
    starved.join().unwrap();
}

async fn floods() {
    let mut octets = wire::with_header(Header::request(1), &wire::transceiver());
    for n in 2..1000 {
        octets.extend(wire::with_header(Header::request(n), &wire::submit("now")));
    }
    let polls = Arc::new(AtomicUsize::new(0));
    let flooded = Connection::new(Role::Smsc, Config::default());
    let handle = flooded.handle();
    tokio::spawn(Counted(
        Box::pin(flooded.drive(Flood { octets, at: 0 }, AtOnce)),
        polls.clone(),
    ));
    let mut quiet = JoinSet::new();
    for _ in 0..100 {
        quiet.spawn(async {
            let (esme, _smsc) = pair(Config::default(), 1 << 16).await;
            for _ in 0..10 {
                esme.handle.request(wire::submit("now")).await.unwrap();
            }
        });
    }
    quiet.join_all().await;
    let (polls, served) = (polls.load(Ordering::Relaxed), handle.stats().requests_in);
    // Each turn of the runtime polls every task that has something to do once.
    assert!(polls > 10 && served > 1000, "{polls} polls, {served} requests");
    assert!(
        polls < 5_000,
        "{polls} polls of who floods, for 1,100 requests of the quiet"
    );
    assert_eq!(handle.stats().refused, 0);
}

/// A long PDU that comes octet by octet is read to where it lies: it costs its length, not its square.
#[test]
fn a_long_pdu_octet_by_octet() {
    on_each_runtime(|| async {
        let (mut esme, mut peer) = against_octets(Config::default(), 1).await;
        let mut deliver = wire::deliver("long");
        let payload = vec![b'x'; 20_000];
        deliver = deliver.message_payload(&payload).unwrap();
        let mut octets = wire::with_header(Header::request(7), &deliver);
        octets.extend(wire::with_header(Header::request(8), &wire::deliver("behind it")));
        peer.write_all(&octets).await.unwrap();
        esme.sees("").await;
        esme.sees("behind it").await;
        for number in [7, 8] {
            assert_eq!(crate::desk::read_pdu(&mut peer).await.2, number);
        }
    });
}

/// Ten thousand in one burst, and a service that takes its time: what waits is bounded, and the rest is refused.
#[test]
fn a_burst_that_nobody_can_serve() {
    on_each_runtime(|| async {
        let mut config = Config::default();
        config.max_inbound = 100;
        let (esme, mut peer) = against_octets(config, 1 << 20).await;
        let burst: Vec<u8> = (1..=10_000)
            .flat_map(|n| wire::with_header(Header::request(n), &wire::deliver("gate")))
            .collect();
        let (mut read, mut write) = tokio::io::split(&mut peer);
        let wrote = async { write.write_all(&burst).await.unwrap() };
        let answers = async {
            let mut numbers = vec![0_u8; 10_001];
            let (mut refused, mut octets, mut room) = (0, Vec::new(), vec![0; 1 << 16]);
            while refused < 9_900 {
                let n = read.read(&mut room).await.unwrap();
                octets.extend_from_slice(&room[..n]);
                let whole = octets.len() - octets.len() % 16;
                for answer in octets.drain(..whole).collect::<Vec<_>>().chunks(16) {
                    let (_, status, number) = wire::read(answer)[0];
                    assert_eq!(status, smpp_pdu::CommandStatus::ESME_RTHROTTLED);
                    numbers[number as usize] += 1;
                    refused += 1;
                }
            }
            numbers
        };
        let (mut numbers, ()) = tokio::join!(answers, wrote);
        esme.gate.add_permits(100);
        for _ in 0..100 {
            let (_, status, number) = crate::desk::read_pdu(&mut peer).await;
            assert_eq!(status, smpp_pdu::CommandStatus::ESME_ROK);
            numbers[number as usize] += 1;
        }
        assert!(numbers[1..].iter().all(|&n| n == 1), "each is answered once");
    });
}

/// Cancelled at whichever poll, a call leaks nothing: what was sent is answered, and what was not never goes.
#[test]
fn dropped_at_each_poll() {
    on_each_runtime(|| async {
        let mut config = Config::default();
        config.window = 1;
        let (esme, smsc) = pair(config, 16).await;
        for polls in 0..12 {
            let other = esme.handle.clone();
            let other = tokio::spawn(async move { other.request(wire::submit("later")).await.map(drop) });
            let mut call = esme.handle.request(wire::submit("now"));
            for _ in 0..polls {
                if poll_once(&mut call).await {
                    break;
                }
                tokio::task::yield_now().await;
            }
            drop(call);
            other.await.unwrap().unwrap();
        }
        esme.handle.request(wire::submit("now")).await.unwrap();
        let (client, server) = (esme.handle.stats(), smsc.handle.stats());
        assert_eq!(client.requests_out, client.answered);
        assert_eq!(client.requests_out, server.requests_in);
        assert_eq!((esme.handle.in_flight(), client.stray), (0, 0));
    });
}

/// A driver that is dropped at whichever poll ends every call, with an outcome that is true.
#[test]
fn the_driver_is_dropped_at_each_poll() {
    on_each_runtime(|| async {
        for polls in 0..20 {
            let (a, b) = tokio::io::duplex(16);
            let _smsc = Side::run(Role::Smsc, Config::default(), b);
            let connection = Connection::new(Role::Esme, Config::default());
            let handle = connection.handle();
            let ends = Arc::new(Mutex::new(Vec::new()));
            let mut calls = JoinSet::new();
            let (asks, told) = (handle.clone(), ends.clone());
            calls.spawn(async move {
                let bound = asks.request(wire::transceiver()).await.map(drop);
                let went = bound.is_ok();
                told.lock().unwrap().push(bound);
                if went {
                    let end = asks.request(wire::submit("later")).await.map(drop);
                    told.lock().unwrap().push(end);
                }
            });
            let mut drive = Box::pin(connection.drive(a, AtOnce));
            for _ in 0..polls {
                tokio::task::yield_now().await;
                poll_once(&mut drive).await;
            }
            drop(drive);
            calls.join_all().await;
            let ends = ends.lock().unwrap();
            assert!(
                !ends.is_empty() && ends.iter().rev().skip(1).all(Result::is_ok),
                "{ends:?}"
            );
            assert!(!handle.is_open());
        }
    });
}
