//! Each limit of a session is exceeded over a real socket: what the ESME sees, and what the server is told.

use crate::esme::{Esme, PATIENCE, bind, pdu};
use crate::peer::{ASK, raw, with_vendor};
use crate::{Log, server};
use smpp_pdu::{CommandId, CommandStatus, DeliverSm, DeliverSmResp, EnquireLink, ShortMessage, SubmitSm, UnbindResp};
use smpp_session::driver::CallError;
use smpp_smsc::{BindLimit, CloseReason, Config, Free, Peer};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::time::timeout;

/// A time that is up at once.
const SHORT: Duration = Duration::from_millis(20);

struct Bound {
    esme: Esme,
    log: Log,
    peer: Peer,
    address: SocketAddr,
}

async fn bound(change: impl FnOnce(&mut Config)) -> Bound {
    let mut config = with_vendor();
    change(&mut config);
    let (server, mut log) = server(|builder| builder.config(config));
    let address = server.listen("127.0.0.1:0").await.unwrap();
    let esme = Esme::bound(address, "a").await;
    let peer = log.bound().await;
    Bound {
        esme,
        log,
        peer,
        address,
    }
}

fn submit(sequence_number: u32, text: &str) -> Vec<u8> {
    let short_message = ShortMessage::new(text.to_owned()).unwrap();
    let submit = SubmitSm {
        short_message,
        ..SubmitSm::default()
    };
    pdu(sequence_number, &submit)
}

/// The next PDU, which has this command, and its number.
async fn asked(esme: &mut Esme, command: CommandId) -> u32 {
    let decoded = esme.recv().await;
    assert_eq!(decoded.pdu.command_id(), command);
    decoded.header.sequence_number
}

#[tokio::test]
async fn a_pdu_that_does_not_end_in_time() {
    let mut it = bound(|config| config.pdu_read = SHORT).await;
    it.esme.send(&submit(2, "half")[..20]).await;
    assert!(it.esme.is_closed().await);
    assert_eq!(it.log.closed().await, CloseReason::PduRead);
}

#[tokio::test]
async fn a_pdu_that_is_too_long() {
    let mut it = bound(|config| config.max_pdu = 100).await;
    let longest = submit(2, &"x".repeat(100 - submit(2, "").len()));
    assert_eq!(longest.len(), 100);
    it.esme.send(&longest).await;
    assert_eq!(
        it.esme.answer(CommandId::SUBMIT_SM_RESP, 2).await,
        CommandStatus::ESME_ROK
    );
    it.esme.send(&submit(3, &"x".repeat(101 - submit(2, "").len()))).await;
    assert_eq!(
        it.esme.answer(CommandId::GENERIC_NACK, 0).await,
        CommandStatus::ESME_RINVCMDLEN
    );
    assert!(it.esme.is_closed().await);
    assert_eq!(it.log.closed().await, CloseReason::Framing { command_length: 101 });
}

/// More than may wait are refused, the others are answered for when their time is up.
#[tokio::test]
async fn requests_that_nobody_answers() {
    let mut it = bound(|config| (config.max_inbound, config.answer) = (2, Duration::from_millis(200))).await;
    for number in 2..=4 {
        it.esme.send(&submit(number, "never")).await;
    }
    assert_eq!(
        it.esme.answer(CommandId::SUBMIT_SM_RESP, 4).await,
        CommandStatus::ESME_RTHROTTLED
    );
    for number in 2..=3 {
        assert_eq!(
            it.esme.answer(CommandId::SUBMIT_SM_RESP, number).await,
            CommandStatus::ESME_RSYSERR
        );
    }
    let stats = it.peer.stats();
    assert_eq!((stats.throttled, stats.unanswered), (1, 2));
}

/// Binds, and asks until it is closed for that it reads nothing. How many questions were taken, and how many answers were
/// made, with that to the bind.
async fn asks_and_reads_nothing(mut deaf: impl AsyncWrite + Unpin, log: &mut Log) -> (u64, u64) {
    deaf.write_all(&bind("deaf")).await.unwrap();
    let peer = log.bound().await;
    // Each is given back.
    let (question, mut asked) = (raw(ASK, &"x".repeat(60_000)), 0);
    let stalled = async {
        loop {
            tokio::select! {
                reason = log.closed() => return reason,
                written = deaf.write_all(&question) => if written.is_ok() { asked += 1 },
            }
        }
    };
    assert_eq!(timeout(PATIENCE, stalled).await.unwrap(), CloseReason::WriteStalled);
    (asked, peer.stats().pdus_out)
}

fn stalls_soon(config: &mut Config) {
    (config.max_unwritten, config.write_stall) = (100_000, Duration::from_millis(300));
}

/// Who asks, and does not read its answers, is closed when it has taken nothing for `write_stall`.
#[tokio::test]
async fn answers_that_nobody_reads() {
    let mut it = bound(stalls_soon).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(1).unwrap();
    let deaf = socket.connect(it.address).await.unwrap();
    // Far more than the system keeps for a socket.
    let (asked, answered) = asks_and_reads_nothing(deaf, &mut it.log).await;
    assert!(asked > 2 && answered <= asked + 1, "{answered} answers to {asked}");
}

/// Until then it is read no further than `max_unwritten` allows; over a pipe, for what a system keeps is not known.
#[tokio::test]
async fn questions_of_who_reads_no_answers() {
    let mut config = with_vendor();
    stalls_soon(&mut config);
    let (server, mut log) = server(|builder| builder.config(config));
    let (deaf, theirs) = tokio::io::duplex(4_096);
    tokio::spawn(async move { server.serve(theirs).await });
    let (asked, answered) = asks_and_reads_nothing(deaf, &mut log).await;
    // Two answers are more than may wait, and there is one to the bind.
    assert_eq!(answered, 3);
    // What was read with the second, and what the pipe holds.
    assert!(asked <= 4, "{asked} questions were read");
}

#[tokio::test]
async fn what_is_free_is_so_for_a_while() {
    let mut it = bound(|config| config.free.enquire_link = 3).await;
    for number in 2..=5 {
        it.esme.send(&pdu(number, &EnquireLink::default())).await;
    }
    for number in 2..=4 {
        assert_eq!(
            it.esme.answer(CommandId::ENQUIRE_LINK_RESP, number).await,
            CommandStatus::ESME_ROK
        );
    }
    while !it.esme.is_closed().await {}
    assert_eq!(it.log.closed().await, CloseReason::Free(Free::EnquireLink));
}

#[tokio::test]
async fn a_silent_link_is_asked_and_then_given_up() {
    let mut it = bound(|config| (config.enquire_link, config.enquire_link_response) = (SHORT, SHORT)).await;
    asked(&mut it.esme, CommandId::ENQUIRE_LINK).await;
    assert!(it.esme.is_closed().await);
    assert_eq!(it.log.closed().await, CloseReason::LinkDead);
}

#[tokio::test]
async fn a_session_without_transactions() {
    for answers in [true, false] {
        let mut it = bound(|config| (config.inactivity, config.drain) = (Some(SHORT), SHORT)).await;
        let number = asked(&mut it.esme, CommandId::UNBIND).await;
        if answers {
            it.esme.send(&pdu(number, &UnbindResp::default())).await;
        }
        assert!(it.esme.is_closed().await);
        let reason = it.log.closed().await;
        match answers {
            true => assert_eq!(reason, CloseReason::Inactive),
            false => assert_eq!(reason, CloseReason::UnbindTimeout),
        }
    }
}

/// One push more than the window has places waits; one that is not answered in time gives its place back.
#[tokio::test]
async fn the_window_and_the_time_of_an_answer() {
    let mut it = bound(|config| (config.window, config.response) = (1, Duration::from_millis(200))).await;
    let push = |peer: &Peer| {
        let peer = peer.clone();
        tokio::spawn(async move { peer.deliver_sm(&DeliverSm::default()).await })
    };
    let first = push(&it.peer);
    asked(&mut it.esme, CommandId::DELIVER_SM).await;
    assert_eq!(it.peer.room(), 0);
    let second = push(&it.peer);
    assert!(matches!(first.await.unwrap(), Err(CallError::TimedOut)));
    let number = asked(&mut it.esme, CommandId::DELIVER_SM).await;
    it.esme.send(&pdu(number, &DeliverSmResp::default())).await;
    second.await.unwrap().unwrap();
}

/// Who guesses passwords may do so ten times; the answer to the last of them is written.
#[tokio::test]
async fn binds_that_are_refused() {
    let mut config = Config::default();
    // It is not closed for that it is not bound.
    config.session_init = Duration::from_secs(3600);
    let (server, _log) = server(|builder| builder.config(config).bind_limit(BindLimit::refusing(0)));
    let address = server.listen("127.0.0.1:0").await.unwrap();
    let mut esme = Esme::connect(address).await;
    for _ in 0..=Config::default().free.refused_bind {
        assert_eq!(esme.bind("a").await, CommandStatus::ESME_RALYBND);
    }
    assert!(esme.is_closed().await);
}
