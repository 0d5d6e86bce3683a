//! Reading that pauses while requests have no place.

use crate::desk::{HandsOver, Side, read_pdu};
use crate::{on_each_runtime, wire};
use futures_util::future::join_all;
use smpp_pdu::{CommandId, CommandStatus};
use smpp_session::driver::Connection;
use smpp_session::{CloseReason, Config, Overload, Role};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

fn pauses(max_inbound: usize) -> Config {
    let mut config = Config::default();
    config.max_inbound = max_inbound;
    config.overload = Overload::Pause;
    config
}

#[test]
fn everything_is_answered_and_nothing_refused() {
    on_each_runtime(|| async {
        for room in [7, 1 << 16] {
            let mut eager = Config::default();
            eager.window = 100;
            let (a, b) = tokio::io::duplex(room);
            let esme = Side::run(Role::Esme, eager, a);
            let smsc = Side::run(Role::Smsc, pauses(3), b);
            esme.handle.request(wire::transceiver()).await.unwrap();
            let texts = ["later", "hand over", "now"];
            let calls = join_all((0..150).map(|n| esme.handle.request(wire::submit(texts[n % 3])))).await;
            assert!(calls.into_iter().all(|end| end.is_ok()));
            assert_eq!(smsc.handle.stats().throttled, 0);
            assert_eq!(smsc.handle.stats().requests_in, 151);
            esme.handle.unbind();
            assert_eq!(smsc.task.await.unwrap(), CloseReason::Unbound);
        }
    });
}

/// A peer that does not take its answers is still read while there is room for them: an answer wakes the driver for it,
/// though the socket is blocked.
#[test]
fn an_answer_resumes_it_on_a_blocked_socket() {
    const ROUNDS: u32 = 30;
    on_each_runtime(|| async {
        let (a, mut peer) = tokio::io::duplex(50);
        let connection = Connection::new(Role::Smsc, pauses(1));
        let handle = connection.handle();
        let (service, mut responders) = HandsOver::new(&handle);
        let task = tokio::spawn(connection.drive(a, service));
        peer.write_all(&wire::octets(1, &wire::transceiver())).await.unwrap();
        let bind = responders.recv().await.unwrap();
        bind.respond(CommandStatus::ESME_ROK, &wire::transceiver_resp())
            .unwrap();
        assert_eq!(read_pdu(&mut peer).await.0, CommandId::BIND_TRANSCEIVER_RESP);
        // From here on it reads nothing, and writes all the same.
        let mut octets = Vec::new();
        for number in 0..ROUNDS {
            octets.extend(wire::octets(2 + number, &wire::submit("hello")));
        }
        let peer = tokio::spawn(async move {
            peer.write_all(&octets).await.unwrap();
            peer
        });
        let began = Instant::now();
        for _ in 0..ROUNDS {
            let responder = responders.recv().await.unwrap();
            responder
                .respond(CommandStatus::ESME_ROK, &wire::submit_resp("id"))
                .unwrap();
        }
        // A driver that only looked about would have taken a second for each.
        assert!(began.elapsed() < Duration::from_secs(15));
        let mut peer = peer.await.unwrap();
        for number in 0..ROUNDS {
            let ok = CommandStatus::ESME_ROK;
            assert_eq!(read_pdu(&mut peer).await, (CommandId::SUBMIT_SM_RESP, ok, 2 + number));
        }
        drop(peer);
        drop(handle);
        assert_eq!(task.await.unwrap(), CloseReason::PeerClosed);
    });
}

/// A peer that writes and does not read: when `max_unwritten` octets wait for it, it is not read either. When it reads
/// again nothing of it was lost.
#[test]
fn answers_that_nobody_reads_stop_it() {
    const SUBMITS: u32 = 2_000;
    const ROOM: usize = 4_096;
    // On one thread, so that who yields lets all the others do what they can.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(async {
        let mut config = Config::default();
        config.max_unwritten = 1_000;
        let (a, mut peer) = tokio::io::duplex(ROOM);
        let smsc = Side::run(Role::Smsc, config, a);
        peer.write_all(&wire::octets(1, &wire::transceiver())).await.unwrap();
        assert_eq!(read_pdu(&mut peer).await.0, CommandId::BIND_TRANSCEIVER_RESP);
        let (mut reads, mut writes) = tokio::io::split(peer);
        let writing = tokio::spawn(async move {
            for number in 0..SUBMITS {
                let submit = wire::octets(2 + number, &wire::submit("at once"));
                writes.write_all(&submit).await.unwrap();
            }
            writes
        });
        for _ in 0..10 * SUBMITS {
            tokio::task::yield_now().await;
        }
        assert!(!writing.is_finished(), "all of it was read");
        // An answer has 19 octets; those of one more may be there than may wait.
        let most = (ROOM + 1_000) / 19 + 2;
        let answered = smsc.handle.stats().requests_in;
        assert!(answered <= most as u64, "{answered} were read, and {most} may be");
        let mut answer = [0; 19];
        for number in 0..SUBMITS {
            reads.read_exact(&mut answer).await.unwrap();
            let ok = CommandStatus::ESME_ROK;
            assert_eq!(wire::read(&answer), [(CommandId::SUBMIT_SM_RESP, ok, 2 + number)]);
        }
        drop(reads.unsplit(writing.await.unwrap()));
        assert_eq!(smsc.task.await.unwrap(), CloseReason::PeerClosed);
    });
}
