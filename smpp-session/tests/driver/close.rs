//! What `Handle::close` says of the requests that a session leaves behind, however it ends.

use crate::desk::{Side, against_octets, pair, poll_once, read_pdu};
use crate::{on_each_runtime, on_paused_clock, wire};
use smpp_pdu::{CommandId, CommandStatus, Unbind};
use smpp_session::driver::{CallError, Closed, Connection};
use smpp_session::{CloseReason, Config, Free, Role};
use std::time::Duration;
use tokio::io::{AsyncWriteExt as _, DuplexStream};
use tokio::time::Instant;

const LONG: Duration = Duration::from_secs(600);
const SHORT: Duration = Duration::from_millis(10);

/// Ten requests in the window, of which the peer has read `read`, and five in line behind them; of each the last is
/// dropped. Then `lose` brings the end about, of which `close` must say the same as the futures do.
async fn left(
    config: Config,
    room: usize,
    read: u32,
    lose: impl AsyncFnOnce(Side, DuplexStream) -> Closed,
) -> (Closed, Vec<u32>) {
    let (esme, mut peer) = against_octets(config, room).await;
    let handle = esme.handle.clone();
    let mut calls: Vec<_> = (0..15).map(|_| handle.request(wire::submit("never"))).collect();
    for call in &mut calls {
        assert!(!poll_once(call).await);
    }
    for number in 2..2 + read {
        let ok = CommandStatus::ESME_ROK;
        assert_eq!(read_pdu(&mut peer).await, (CommandId::SUBMIT_SM, ok, number));
    }
    drop((calls.remove(14), calls.remove(9)));
    let closed = lose(esme, peer).await;
    let (mut unknown, mut not_sent) = (0, 0);
    for call in calls {
        match call.await.expect_err("nothing was answered") {
            CallError::MaybeDelivered(reason) if reason == closed.reason => unknown += 1,
            CallError::TimedOut => unknown += 1,
            CallError::NotWritten(reason) if reason == closed.reason => not_sent += 1,
            other => panic!("{other}"),
        }
    }
    let all: Vec<_> = closed.unanswered.iter().map(|request| request.command_id).collect();
    assert!(all.iter().all(|command| *command == CommandId::SUBMIT_SM), "{all:?}");
    let mut numbers: Vec<_> = closed
        .unanswered
        .iter()
        .map(|request| request.sequence_number)
        .collect();
    numbers.sort_unstable();
    // And the one of the window that was dropped.
    assert_eq!(numbers.len() + closed.not_sent, unknown + not_sent + 1);
    assert!(numbers.len() >= unknown && closed.not_sent >= not_sent);
    // It is told as often as it is asked.
    assert_eq!(handle.close(Duration::ZERO).await, closed);
    (closed, numbers)
}

/// All that the peer has read is unknown, and the rest was not sent.
async fn all_left(config: Config, gone: CloseReason, lose: impl AsyncFnOnce(Side, DuplexStream) -> Closed) {
    let (closed, numbers) = left(config, 1 << 16, 10, lose).await;
    assert_eq!(closed.reason, gone);
    assert_eq!((numbers, closed.not_sent), ((2..12).collect(), 4));
}

/// What a peer is told that is silent, but agrees to the end.
async fn agree(peer: &mut DuplexStream) {
    let (command, _, number) = read_pdu(peer).await;
    assert_eq!(command, CommandId::UNBIND);
    let resp = wire::bare(CommandId::UNBIND_RESP, CommandStatus::ESME_ROK, number);
    peer.write_all(&resp).await.unwrap();
}

#[test]
fn nothing_is_left_of_what_was_answered() {
    on_each_runtime(|| async {
        let (esme, mut smsc) = pair(Config::default(), 1 << 16).await;
        let handle = esme.handle.clone();
        let mut calls: Vec<_> = (0..3).map(|_| handle.request(wire::submit("gate"))).collect();
        for call in &mut calls {
            assert!(!poll_once(call).await);
            smsc.sees("gate").await;
        }
        let mut closing = Box::pin(handle.close(LONG));
        assert!(!poll_once(&mut closing).await);
        let late = handle.request(wire::submit("late")).await;
        assert!(matches!(late, Err(CallError::NotWritten(CloseReason::Local))));
        smsc.gate.add_permits(3);
        for call in calls {
            call.await.unwrap();
        }
        let closed = closing.await;
        assert_eq!(
            (closed.reason, closed.unanswered, closed.not_sent),
            (CloseReason::Unbound, vec![], 0)
        );
    });
}

#[test]
fn the_time_is_up() {
    on_paused_clock(|| {
        all_left(
            Config::default(),
            CloseReason::Unbound,
            async |esme: Side, mut peer: DuplexStream| tokio::join!(esme.handle.close(SHORT), agree(&mut peer)).0,
        )
    });
}

/// Of two who close, the one that waits less counts, whichever came first; both are told.
#[test]
fn the_shortest_time_counts() {
    on_paused_clock(|| async {
        for (first, second) in [(LONG, SHORT), (SHORT, LONG)] {
            all_left(
                Config::default(),
                CloseReason::Unbound,
                async |esme: Side, mut peer: DuplexStream| {
                    let (a, b) = (esme.handle.close(first), esme.handle.close(second));
                    let (a, b, ()) = tokio::join!(a, b, agree(&mut peer));
                    assert_eq!(a, b);
                    a
                },
            )
            .await;
        }
    });
}

/// What waits in line is still sent before the end, and if it is not answered either, it is unknown.
#[test]
fn the_time_for_the_answers_is_up_before() {
    on_paused_clock(|| async {
        let mut config = Config::default();
        config.response = SHORT;
        let (closed, numbers) = left(config, 1 << 16, 10, async |esme: Side, mut peer: DuplexStream| {
            let line = async {
                for _ in 0..4 {
                    assert_eq!(read_pdu(&mut peer).await.0, CommandId::SUBMIT_SM);
                }
                agree(&mut peer).await;
            };
            tokio::join!(esme.handle.close(LONG), line).0
        })
        .await;
        assert_eq!(closed.reason, CloseReason::Unbound);
        assert_eq!((numbers, closed.not_sent), ((2..16).collect(), 0));
    });
}

#[test]
fn the_peer_answers_not_even_the_unbind() {
    on_paused_clock(|| {
        let mut config = Config::default();
        config.drain = SHORT;
        all_left(config, CloseReason::UnbindTimeout, async |esme: Side, _peer| {
            esme.handle.close(SHORT).await
        })
    });
}

#[test]
fn the_peer_goes() {
    on_each_runtime(|| async {
        for close_first in [true, false] {
            all_left(
                Config::default(),
                CloseReason::PeerClosed,
                async |esme: Side, peer: DuplexStream| {
                    let mut closing = Box::pin(esme.handle.close(LONG));
                    if close_first {
                        assert!(!poll_once(&mut closing).await);
                    }
                    drop(peer);
                    if !close_first {
                        assert_eq!(esme.handle.closed().await, CloseReason::PeerClosed);
                    }
                    closing.await
                },
            )
            .await;
        }
    });
}

#[test]
fn the_peer_has_read_a_part() {
    on_each_runtime(|| async {
        let (closed, numbers) = left(Config::default(), 64, 3, async |esme: Side, peer: DuplexStream| {
            drop(peer);
            esme.handle.close(LONG).await
        })
        .await;
        assert_eq!(closed.reason, CloseReason::PeerClosed);
        // Three were read, and what else has begun to leave may be there.
        assert!(numbers.starts_with(&[2, 3, 4]) && numbers.len() < 10, "{numbers:?}");
        assert_eq!(numbers.len() + closed.not_sent, 14);
    });
}

/// It answers nothing, and its unbind is agreed to when the time for that is up.
#[test]
fn the_peer_unbinds() {
    on_paused_clock(|| {
        let mut config = Config::default();
        config.drain = SHORT;
        all_left(
            config,
            CloseReason::Unbound,
            async |esme: Side, mut peer: DuplexStream| {
                peer.write_all(&wire::octets(1, &Unbind::default())).await.unwrap();
                assert_eq!(read_pdu(&mut peer).await.0, CommandId::UNBIND_RESP);
                esme.handle.close(LONG).await
            },
        )
    });
}

/// It says no more, and the answers' time is up while it could still hear what it is owed.
#[test]
fn the_peer_half_closes_and_the_time_for_the_answers_is_up() {
    on_paused_clock(|| async {
        let mut config = Config::default();
        config.response = SHORT;
        let (closed, numbers) = left(config, 1 << 16, 10, async |mut esme: Side, mut peer: DuplexStream| {
            peer.write_all(&wire::octets(7, &wire::deliver("gate"))).await.unwrap();
            peer.shutdown().await.unwrap();
            esme.sees("gate").await;
            // The answers' time and no more: the driver's own is due then.
            tokio::time::sleep(SHORT).await;
            assert!(!esme.handle.is_open());
            esme.gate.add_permits(1);
            esme.handle.close(LONG).await
        })
        .await;
        assert_eq!(closed.reason, CloseReason::PeerClosed);
        assert!(
            numbers.len() <= 10 && numbers.len() + closed.not_sent == 14,
            "{closed:?}"
        );
    });
}

/// To the millisecond: nothing else wakes the driver then.
#[test]
fn the_times_of_an_end_are_kept() {
    on_paused_clock(|| async {
        let mut config = Config::default();
        config.drain = SHORT;
        let (esme, mut peer) = against_octets(config.clone(), 1 << 16).await;
        let mut call = Box::pin(esme.handle.request(wire::submit("never")));
        assert!(!poll_once(&mut call).await);
        read_pdu(&mut peer).await;
        let begun = Instant::now();
        let (closed, ()) = tokio::join!(esme.handle.close(3 * SHORT), async {
            agree(&mut peer).await;
            assert_eq!(begun.elapsed(), 3 * SHORT);
        });
        assert_eq!(closed.reason, CloseReason::Unbound);

        // A peer that says no more has so long to get its answers.
        let (mut esme, mut peer) = against_octets(config, 1 << 16).await;
        peer.write_all(&wire::octets(7, &wire::deliver("never"))).await.unwrap();
        esme.sees("never").await;
        let begun = Instant::now();
        peer.shutdown().await.unwrap();
        assert_eq!(esme.handle.closed().await, CloseReason::PeerClosed);
        assert_eq!(begun.elapsed(), SHORT);
    });
}

#[test]
fn the_driver_is_dropped() {
    on_each_runtime(|| {
        all_left(Config::default(), CloseReason::Local, async |esme: Side, _peer| {
            esme.task.abort();
            esme.handle.close(LONG).await
        })
    });
}

/// What a peer sends that ends the session at once.
#[test]
fn the_peer_is_not_to_be_trusted() {
    on_each_runtime(|| async {
        let gone = CloseReason::Framing {
            command_length: u32::from_be_bytes(*b"GET "),
        };
        all_left(Config::default(), gone, async |esme: Side, mut peer: DuplexStream| {
            peer.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
            esme.handle.closed().await;
            esme.handle.close(LONG).await
        })
        .await;
        let mut config = Config::default();
        config.free.enquire_link = 3;
        let gone = CloseReason::Free(Free::EnquireLink);
        all_left(config, gone, async |esme: Side, mut peer: DuplexStream| {
            let enquire = wire::bare(CommandId::ENQUIRE_LINK, CommandStatus::ESME_ROK, 7);
            peer.write_all(&enquire.repeat(5)).await.unwrap();
            esme.handle.closed().await;
            esme.handle.close(LONG).await
        })
        .await;
    });
}

/// The clock ends it.
#[test]
fn the_link_is_dead() {
    on_paused_clock(|| async {
        let mut config = Config::default();
        (config.enquire_link, config.enquire_link_response) = (SHORT, SHORT);
        all_left(config, CloseReason::LinkDead, async |esme: Side, _peer| {
            esme.handle.close(LONG).await
        })
        .await;
        let mut config = Config::default();
        config.pdu_read = SHORT;
        all_left(
            config,
            CloseReason::PduRead,
            async |esme: Side, mut peer: DuplexStream| {
                peer.write_all(&[0, 0, 0, 16, 0]).await.unwrap();
                esme.handle.close(LONG).await
            },
        )
        .await;
    });
}

#[test]
fn the_peer_takes_nothing() {
    on_paused_clock(|| async {
        let mut config = Config::default();
        config.write_stall = SHORT;
        let (closed, numbers) = left(config, 64, 1, async |esme: Side, _peer| esme.handle.close(LONG).await).await;
        assert_eq!(closed.reason, CloseReason::WriteStalled);
        assert!(numbers.starts_with(&[2]) && numbers.len() < 10, "{numbers:?}");
        assert_eq!(numbers.len() + closed.not_sent, 14);
    });
}

/// A session without transactions has nothing to leave behind; nor has one that was never bound, or that nobody drives.
#[test]
fn nothing_is_left_of_nothing() {
    on_paused_clock(|| async {
        let mut config = Config::default();
        config.inactivity = Some(SHORT);
        let (esme, mut peer) = against_octets(config, 1 << 16).await;
        agree(&mut peer).await;
        assert_eq!(esme.handle.closed().await, CloseReason::Inactive);
        let inactive = esme.handle.close(LONG).await;

        let mut config = Config::default();
        config.session_init = SHORT;
        let (a, _b) = tokio::io::duplex(64);
        let unbound = Side::run(Role::Esme, config, a);
        assert_eq!(unbound.handle.closed().await, CloseReason::SessionInit);
        let unbound = unbound.handle.close(LONG).await;

        let connection = Connection::new(Role::Esme, Config::default());
        let undriven = connection.handle();
        drop(connection);
        let undriven = undriven.close(LONG).await;
        for (closed, reason) in [
            (inactive, CloseReason::Inactive),
            (unbound, CloseReason::SessionInit),
            (undriven, CloseReason::Local),
        ] {
            assert_eq!((closed.reason, closed.unanswered, closed.not_sent), (reason, vec![], 0));
        }
    });
}

/// A bind is a request like others.
#[test]
fn a_bind_that_was_not_answered() {
    on_paused_clock(|| async {
        let (a, mut peer) = tokio::io::duplex(1 << 16);
        let esme = Side::run(Role::Esme, Config::default(), a);
        let mut bind = esme.handle.request(wire::transceiver());
        assert!(!poll_once(&mut bind).await);
        assert_eq!(read_pdu(&mut peer).await.0, CommandId::BIND_TRANSCEIVER);
        let closed = esme.handle.close(SHORT).await;
        assert_eq!((closed.reason, closed.not_sent), (CloseReason::Local, 0));
        let [bind_left] = closed.unanswered[..] else {
            panic!("{closed:?}")
        };
        assert_eq!(
            (bind_left.command_id, bind_left.sequence_number),
            (CommandId::BIND_TRANSCEIVER, 1)
        );
        assert!(matches!(bind.await, Err(CallError::MaybeDelivered(CloseReason::Local))));
    });
}
