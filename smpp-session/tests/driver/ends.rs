//! However a session ends, each call has one outcome, and the true one.

use crate::desk::{Desk, HandsOver, Side, against_octets, pair, poll_once, read_pdu};
use crate::{on_each_runtime, on_paused_clock, wire};
use futures_util::future::join_all;
use smpp_pdu::{CommandId, CommandStatus, Header, Unbind};
use smpp_session::driver::{CallError, Connection};
use smpp_session::{CloseReason, Config, Role};
use std::sync::Arc;
use std::task::{Wake, Waker};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

#[test]
fn the_last_handle_unbinds() {
    on_each_runtime(|| async {
        let (esme, mut smsc) = pair(Config::default(), 64).await;
        let call = tokio::spawn({
            let handle = esme.handle.clone();
            async move { handle.request(wire::submit("gate")).await }
        });
        smsc.sees("gate").await;
        drop(esme.handle);
        smsc.gate.add_permits(1);
        // What is in flight is waited for.
        call.await.unwrap().unwrap();
        assert_eq!(esme.task.await.unwrap(), CloseReason::Unbound);
        assert_eq!(smsc.handle.closed().await, CloseReason::Unbound);
        let late = smsc.handle.request(wire::deliver("late")).await;
        assert!(
            matches!(late, Err(CallError::NotWritten(CloseReason::Unbound))),
            "{late:?}"
        );
        assert_eq!(smsc.task.await.unwrap(), CloseReason::Unbound);
    });
}

#[test]
fn the_service_is_told_why_and_once() {
    on_each_runtime(|| async {
        let (esme, mut smsc) = pair(Config::default(), 64).await;
        esme.handle.unbind();
        smsc.sees("Unbound").await;
        smsc.sees("closed: Unbound").await;
        assert_eq!(smsc.task.await.unwrap(), CloseReason::Unbound);
        assert_eq!(smsc.seen.recv().await, None);
    });
}

#[test]
fn the_last_handle_goes_before_the_bind() {
    on_each_runtime(|| async {
        let (a, _b) = tokio::io::duplex(64);
        let esme = Side::run(Role::Esme, Config::default(), a);
        drop((esme.handle, _b));
        esme.task.await.unwrap();
    });
}

/// Fifteen calls on a window of ten.
async fn all_lost(esme: Side, lose: impl AsyncFnOnce(&mut Side)) -> Vec<CallError> {
    let mut esme = esme;
    let handle = esme.handle.clone();
    let mut calls: Vec<_> = (0..15).map(|_| handle.request(wire::submit("never"))).collect();
    for call in &mut calls {
        assert!(!poll_once(call).await);
    }
    lose(&mut esme).await;
    let ends = join_all(calls).await;
    ends.into_iter().map(Result::unwrap_err).collect()
}

fn counted(ends: &[CallError], gone: CloseReason) -> (usize, usize) {
    let maybe = ends
        .iter()
        .filter(|end| matches!(end, CallError::MaybeDelivered(reason) if *reason == gone));
    let not = ends
        .iter()
        .filter(|end| matches!(end, CallError::NotWritten(reason) if *reason == gone));
    (maybe.count(), not.count())
}

#[test]
fn the_driver_is_dropped() {
    on_each_runtime(|| async {
        let (esme, mut smsc) = pair(Config::default(), 1 << 16).await;
        let ends = all_lost(esme, async |esme: &mut Side| {
            for _ in 0..10 {
                smsc.sees("never").await;
            }
            esme.task.abort();
        });
        assert_eq!(counted(&ends.await, CloseReason::Local), (10, 5));
    });
}

#[test]
fn the_peer_goes() {
    on_each_runtime(|| async {
        let (esme, mut peer) = against_octets(Config::default(), 1 << 16).await;
        let ends = all_lost(esme, async |_: &mut Side| {
            for _ in 0..10 {
                read_pdu(&mut peer).await;
            }
            drop(peer);
        });
        assert_eq!(counted(&ends.await, CloseReason::PeerClosed), (10, 5));
    });
}

/// Calls are told to the octet what has become of them, and the peer's octets say the same.
#[test]
fn the_peer_goes_and_has_read_little() {
    on_paused_clock(|| async {
        let (esme, mut peer) = against_octets(Config::default(), 64).await;
        let ends = all_lost(esme, async |_: &mut Side| {
            read_pdu(&mut peer).await;
            peer.shutdown().await.unwrap();
        });
        let ends = ends.await;
        let (maybe, not) = counted(&ends, CloseReason::PeerClosed);
        assert_eq!(maybe + not, 15);
        let mut rest = Vec::new();
        peer.read_to_end(&mut rest).await.unwrap();
        // One was read, and of the others so many began.
        let len = wire::octets(1, &wire::submit("never")).len();
        assert_eq!(maybe, 1 + rest.len().div_ceil(len));
    });
}

/// The peer closes its side while our unbind is on its way, and reads no more: what is not written then stays so.
#[test]
fn the_peer_closes_on_our_unbind() {
    on_paused_clock(|| async {
        for (half, gone) in [(true, CloseReason::UnbindTimeout), (false, CloseReason::Unbound)] {
            let config = Config::default();
            let drained = config.drain + Duration::from_millis(1);
            let (esme, mut peer) = against_octets(config, 64).await;
            let (mut rest, len) = (Vec::new(), wire::octets(1, &wire::submit("never")).len());
            let ends = all_lost(esme, async |esme: &mut Side| {
                esme.handle.unbind();
                tokio::time::sleep(drained).await;
                assert!(!esme.handle.state().is_bound());
                if half {
                    peer.shutdown().await.unwrap();
                    assert_eq!(esme.handle.closed().await, gone);
                    peer.read_to_end(&mut rest).await.unwrap();
                } else {
                    drop(peer);
                }
            });
            let ends = ends.await;
            let (maybe, not) = counted(&ends, gone);
            assert_eq!(maybe + not, 15, "{ends:?}");
            if half {
                assert_eq!(maybe, rest.len().div_ceil(len));
            } else {
                assert!((1..10).contains(&maybe), "{maybe}");
            }
        }
    });
}

/// The peer unbinds while calls wait for the window: they were not sent, and that is no misuse.
#[test]
fn the_peer_unbinds() {
    on_each_runtime(|| async {
        let (esme, mut peer) = against_octets(Config::default(), 1 << 16).await;
        let ends = all_lost(esme, async |_: &mut Side| {
            let mut numbers = Vec::new();
            for _ in 0..10 {
                numbers.push(read_pdu(&mut peer).await.2);
            }
            peer.write_all(&wire::octets(1, &Unbind::default())).await.unwrap();
            for number in numbers {
                let full = wire::bare(CommandId::SUBMIT_SM_RESP, CommandStatus::ESME_RMSGQFUL, number);
                peer.write_all(&full).await.unwrap();
            }
            assert_eq!(
                read_pdu(&mut peer).await,
                (CommandId::UNBIND_RESP, CommandStatus::ESME_ROK, 1)
            );
        });
        let ends = ends.await;
        let rejected = ends.iter().filter(|end| matches!(end, CallError::Rejected(_))).count();
        assert_eq!(
            (rejected, counted(&ends, CloseReason::Unbound)),
            (10, (0, 5)),
            "{ends:?}"
        );
    });
}

/// The peer has unbound and still waits for an answer of ours: what is asked now was not sent, and that is no misuse.
#[test]
fn asked_while_the_peer_unbinds() {
    on_each_runtime(|| async {
        let (mut esme, mut peer) = against_octets(Config::default(), 1 << 16).await;
        let mut octets = wire::with_header(Header::request(1), &wire::deliver("gate"));
        octets.extend(wire::with_header(Header::request(2), &Unbind::default()));
        peer.write_all(&octets).await.unwrap();
        esme.sees("gate").await;
        esme.sees("Unbound").await;
        let end = esme.handle.request(wire::submit("now")).await;
        assert!(
            matches!(end, Err(CallError::NotWritten(CloseReason::Unbound))),
            "{end:?}"
        );
        esme.gate.add_permits(1);
        assert_eq!(read_pdu(&mut peer).await.0, CommandId::DELIVER_SM_RESP);
        assert_eq!(read_pdu(&mut peer).await.0, CommandId::UNBIND_RESP);
    });
}

#[test]
fn a_bad_length_is_answered_and_the_connection_ends() {
    on_each_runtime(|| async {
        let (esme, mut peer) = against_octets(Config::default(), 1 << 16).await;
        peer.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        peer.shutdown().await.unwrap();
        assert_eq!(
            read_pdu(&mut peer).await,
            (CommandId::GENERIC_NACK, CommandStatus::ESME_RINVCMDLEN, 0)
        );
        assert_eq!(peer.read(&mut [0]).await.unwrap(), 0);
        let gone = CloseReason::Framing {
            command_length: u32::from_be_bytes(*b"GET "),
        };
        assert_eq!(esme.task.await.unwrap(), gone);
    });
}

/// A peer that asks and does not read its answers: what waits for it is bounded, and then it has had its time.
#[test]
fn a_peer_that_does_not_read() {
    on_paused_clock(|| async {
        let mut config = Config::default();
        config.max_unwritten = 10_000;
        let (a, mut b) = tokio::io::duplex(64);
        let smsc = Side::run(Role::Smsc, config, a);
        let flood = async {
            b.write_all(&wire::octets(1, &wire::transceiver())).await.unwrap();
            let enquire = wire::bare(CommandId::ENQUIRE_LINK, CommandStatus::ESME_ROK, 7);
            let mut asked = 0;
            loop {
                tokio::select! {
                    reason = smsc.handle.closed() => break (reason, asked),
                    written = b.write_all(&enquire) => asked += usize::from(written.is_ok()),
                }
            }
        };
        let (reason, asked) = flood.await;
        assert_eq!(reason, CloseReason::WriteStalled);
        // One read may be on its way when the bound is reached.
        assert!((600..5_000).contains(&asked), "{asked}");
    });
}

/// Who has a handle of a connection that nobody drives is told, and does not wait for ever.
#[test]
fn nobody_drives() {
    on_each_runtime(|| async {
        for begun in [false, true] {
            let connection = Connection::new(Role::Esme, Config::default());
            let handle = connection.handle();
            let mut call = handle.request(wire::transceiver());
            assert!(!poll_once(&mut call).await);
            if begun {
                let desk = Desk {
                    seen: tokio::sync::mpsc::unbounded_channel().0,
                    gate: Arc::default_gate(),
                    responders: handle.responders(),
                    call_back: Arc::default(),
                };
                drop(connection.drive(tokio::io::empty(), desk));
            } else {
                drop(connection);
            }
            assert!(matches!(call.await, Err(CallError::NotWritten(CloseReason::Local))));
            assert_eq!(handle.closed().await, CloseReason::Local);
        }
    });
}

trait Gate {
    fn default_gate() -> Self;
}
impl Gate for Arc<tokio::sync::Semaphore> {
    fn default_gate() -> Self {
        Self::new(tokio::sync::Semaphore::new(0))
    }
}

struct Counted;
impl Wake for Counted {
    fn wake(self: Arc<Self>) {}
}

/// A task that has waited for the end, and does no more, is not remembered for as long as the session lives.
#[test]
fn nobody_waits_for_the_end_any_more() {
    on_each_runtime(|| async {
        let (esme, _smsc) = pair(Config::default(), 64).await;
        let counted = Arc::new(Counted);
        let waker = Waker::from(Arc::clone(&counted));
        let mut cx = std::task::Context::from_waker(&waker);
        {
            let mut waiting: Vec<_> = (0..10).map(|_| Box::pin(esme.handle.closed())).collect();
            for closed in &mut waiting {
                assert!(closed.as_mut().poll(&mut cx).is_pending());
                assert!(closed.as_mut().poll(&mut cx).is_pending());
            }
        }
        assert_eq!(Arc::strong_count(&counted), 2); // ours and the waker's
        let closed = tokio::spawn({
            let handle = esme.handle.clone();
            async move { handle.closed().await }
        });
        esme.handle.unbind();
        assert_eq!(closed.await.unwrap(), CloseReason::Unbound);
    });
}

/// Who says no more still gets the answer that a service has not given yet.
#[test]
fn a_half_closed_peer_gets_its_answers() {
    on_each_runtime(|| async {
        let (mut esme, mut peer) = against_octets(Config::default(), 1 << 16).await;
        peer.write_all(&wire::octets(7, &wire::deliver("gate"))).await.unwrap();
        peer.shutdown().await.unwrap();
        esme.sees("gate").await;
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        esme.gate.add_permits(1);
        assert_eq!(
            read_pdu(&mut peer).await,
            (CommandId::DELIVER_SM_RESP, CommandStatus::ESME_ROK, 7)
        );
        assert_eq!(esme.task.await.unwrap(), CloseReason::PeerClosed);
    });
}

/// And the one that was handed to another task.
#[test]
fn a_half_closed_peer_gets_what_a_responder_answers() {
    on_each_runtime(|| async {
        let (a, mut peer) = tokio::io::duplex(1 << 16);
        let connection = Connection::new(Role::Smsc, Config::default());
        let handle = connection.handle();
        let (service, mut asked) = HandsOver::new(&handle);
        let task = tokio::spawn(connection.drive(a, service));
        peer.write_all(&wire::octets(1, &wire::transceiver())).await.unwrap();
        let bind = asked.recv().await.unwrap();
        bind.respond(CommandStatus::ESME_ROK, &wire::transceiver_resp())
            .unwrap();
        peer.write_all(&wire::octets(2, &wire::submit("hello"))).await.unwrap();
        peer.shutdown().await.unwrap();
        let submit = asked.recv().await.unwrap();
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        submit
            .respond(CommandStatus::ESME_ROK, &wire::submit_resp("id"))
            .unwrap();
        let ok = CommandStatus::ESME_ROK;
        assert_eq!(read_pdu(&mut peer).await, (CommandId::BIND_TRANSCEIVER_RESP, ok, 1));
        assert_eq!(read_pdu(&mut peer).await, (CommandId::SUBMIT_SM_RESP, ok, 2));
        assert_eq!(task.await.unwrap(), CloseReason::PeerClosed);
    });
}

/// Who says no more can answer nothing: what is asked while he waits for our answer is not sent, and may go elsewhere.
#[test]
fn a_half_closed_peer_is_asked_nothing() {
    on_each_runtime(|| async {
        let mut config = Config::default();
        config.window = 1;
        let (mut esme, mut peer) = against_octets(config, 1 << 16).await;
        let handle = esme.handle.clone();
        let (mut first, mut second) = (
            handle.request(wire::submit("one")),
            handle.request(wire::submit("waits")),
        );
        assert!(!poll_once(&mut first).await && !poll_once(&mut second).await);
        assert_eq!(read_pdu(&mut peer).await.0, CommandId::SUBMIT_SM);
        peer.write_all(&wire::octets(7, &wire::deliver("gate"))).await.unwrap();
        peer.shutdown().await.unwrap();
        esme.sees("gate").await;
        while handle.is_open() {
            tokio::task::yield_now().await;
        }
        let third = handle.request(wire::submit("three")).await;
        let gone = CloseReason::PeerClosed;
        assert!(
            matches!(third, Err(CallError::NotWritten(reason)) if reason == gone),
            "{third:?}"
        );
        assert_eq!(handle.room(), 0);
        esme.gate.add_permits(1);
        assert!(matches!(first.await, Err(CallError::MaybeDelivered(reason)) if reason == gone));
        assert!(matches!(second.await, Err(CallError::NotWritten(reason)) if reason == gone));
        let mut rest = Vec::new();
        peer.read_to_end(&mut rest).await.unwrap();
        assert_eq!(
            wire::read(&rest),
            [(CommandId::DELIVER_SM_RESP, CommandStatus::ESME_ROK, 7)]
        );
    });
}
