use crate::desk::{Side, against_octets, pair, poll_once, read_pdu};
use crate::{on_each_runtime, on_paused_clock, wire};
use smpp_pdu::{Codec, CommandId, CommandStatus, DeliverSmResp, EnquireLink, Header, Pdu};
use smpp_session::driver::CallError;
use smpp_session::{Config, RequestError, Retry, Role, State};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};

fn window(window: usize) -> Config {
    let mut config = Config::default();
    config.window = window;
    config
}

#[test]
fn dropped_in_the_backlog_is_never_sent() {
    on_each_runtime(|| async {
        let (esme, mut smsc) = pair(window(1), 1 << 16).await;
        let first = tokio::spawn({
            let handle = esme.handle.clone();
            async move { handle.request(wire::submit("gate")).await }
        });
        smsc.sees("gate").await;
        for _ in 0..100 {
            let mut given_up = esme.handle.request(wire::submit("given up"));
            assert!(!poll_once(&mut given_up).await);
        }
        let mut last = esme.handle.request(wire::submit("last"));
        assert!(!poll_once(&mut last).await);
        smsc.gate.add_permits(1);
        last.await.unwrap();
        first.await.unwrap().unwrap();
        smsc.sees("last").await;
        assert_eq!(esme.handle.stats().requests_out, 3);
    });
}

#[test]
fn what_is_taken_back_is_never_sent_and_what_was_sent_is_not_taken_back() {
    on_each_runtime(|| async {
        let (esme, mut smsc) = pair(window(1), 1 << 16).await;
        let mut sent = esme.handle.request(wire::submit("gate"));
        assert!(!poll_once(&mut sent).await && !sent.withdraw());
        smsc.sees("gate").await;
        let (mut new, mut waits) = (
            esme.handle.request(wire::submit("new")),
            esme.handle.request(wire::submit("waits")),
        );
        assert!(!poll_once(&mut waits).await);
        assert!(new.withdraw() && waits.withdraw());
        // There is nothing to wait for, and nothing to take back a second time.
        assert!(!poll_once(&mut new).await && !poll_once(&mut waits).await);
        assert!(!new.withdraw() && !waits.withdraw());
        let mut last = esme.handle.request(wire::submit("last"));
        assert!(!poll_once(&mut last).await);
        smsc.gate.add_permits(1);
        (&mut sent).await.unwrap();
        assert!(!sent.withdraw());
        last.await.unwrap();
        smsc.sees("last").await;
        assert_eq!(esme.handle.stats().requests_out, 3);
    });
}

/// The next deliver_sm: its number and its text.
async fn delivered(peer: &mut DuplexStream) -> (Header, String) {
    let mut frame = vec![0; 4];
    peer.read_exact(&mut frame).await.unwrap();
    frame.resize(u32::from_be_bytes(frame[..].try_into().unwrap()) as usize, 0);
    peer.read_exact(&mut frame[4..]).await.unwrap();
    let decoded = Codec::default().decode(&frame).unwrap();
    let Pdu::DeliverSm(deliver) = decoded.pdu else {
        panic!("{:?}", decoded.pdu)
    };
    let text = String::from_utf8(deliver.short_message.as_bytes().to_vec()).unwrap();
    (decoded.header, text)
}

/// An answer frees a place, and before the one that waits in line has taken it a handler asks for one: it comes behind.
#[test]
fn nobody_overtakes_who_waits_in_line() {
    on_each_runtime(|| async {
        let (a, mut peer) = tokio::io::duplex(1 << 16);
        let smsc = Side::run(Role::Smsc, window(1), a);
        peer.write_all(&wire::octets(1, &wire::transceiver())).await.unwrap();
        assert_eq!(read_pdu(&mut peer).await.0, CommandId::BIND_TRANSCEIVER_RESP);
        *smsc.call_back.lock().unwrap() = Some(smsc.handle.clone());
        let mut first = smsc.handle.request(wire::deliver("first"));
        let mut second = smsc.handle.request(wire::deliver("second"));
        assert!(!poll_once(&mut first).await && !poll_once(&mut second).await);
        let (header, text) = delivered(&mut peer).await;
        assert_eq!(text, "first");
        // In one read.
        let mut octets = wire::with_header(header, &DeliverSmResp::default());
        octets.extend(wire::octets(2, &wire::submit("call back")));
        peer.write_all(&octets).await.unwrap();
        for expected in ["second", "back"] {
            let (header, text) = delivered(&mut peer).await;
            assert_eq!(text, expected);
            let octets = wire::with_header(header, &DeliverSmResp::default());
            peer.write_all(&octets).await.unwrap();
        }
        first.await.unwrap();
        second.await.unwrap();
        assert_eq!(read_pdu(&mut peer).await.0, CommandId::SUBMIT_SM_RESP);
    });
}

/// The session is over while it waits in line: that end is told.
#[test]
fn an_end_is_not_taken_back() {
    on_each_runtime(|| async {
        let (esme, mut peer) = against_octets(window(1), 1 << 16).await;
        let mut sent = esme.handle.request(wire::submit("a"));
        let mut waits = esme.handle.request(wire::submit("b"));
        assert!(!poll_once(&mut sent).await && !poll_once(&mut waits).await);
        assert_eq!(read_pdu(&mut peer).await.0, CommandId::SUBMIT_SM);
        drop(peer);
        assert!(matches!(sent.await, Err(CallError::MaybeDelivered(_))));
        assert!(!waits.withdraw());
        assert!(matches!(waits.await, Err(CallError::NotWritten(_))));
    });
}

#[test]
fn dropped_in_flight_keeps_its_place_until_it_is_answered() {
    on_each_runtime(|| async {
        let (esme, mut smsc) = pair(window(1), 1 << 16).await;
        let mut given_up = esme.handle.request(wire::submit("gate"));
        assert!(!poll_once(&mut given_up).await);
        smsc.sees("gate").await;
        drop(given_up);
        assert_eq!(esme.handle.in_flight(), 1);
        let snapshot = esme.handle.window();
        let oldest = snapshot.oldest.unwrap();
        assert_eq!((snapshot.capacity, snapshot.in_flight), (1, 1));
        assert_eq!(oldest.command_id, CommandId::SUBMIT_SM);
        assert!(oldest.age < Duration::from_secs(30));
        let full = esme.handle.try_request(wire::submit("now")).await;
        assert!(
            matches!(full, Err(CallError::Refused(RequestError::WindowFull))),
            "{full:?}"
        );
        smsc.gate.add_permits(1);
        esme.handle.request(wire::submit("now")).await.unwrap();
        assert_eq!(esme.handle.in_flight(), 0);
        esme.handle.try_request(wire::submit("now")).await.unwrap();
    });
}

#[test]
fn misuse_is_told_at_once() {
    on_each_runtime(|| async {
        let (esme, mut smsc) = pair(window(1), 1 << 16).await;
        let deliver = esme.handle.request(wire::deliver("no")).await;
        assert!(matches!(deliver, Err(CallError::Refused(RequestError::WrongState(..)))));
        // Behind others too.
        let mut first = esme.handle.request(wire::submit("gate"));
        let mut second = esme.handle.request(wire::submit("now"));
        assert!(!poll_once(&mut first).await && !poll_once(&mut second).await);
        let deliver = esme.handle.request(wire::deliver("no")).await;
        assert!(matches!(deliver, Err(CallError::Refused(RequestError::WrongState(..)))));
        smsc.sees("gate").await;
        smsc.gate.add_permits(1);
        first.await.unwrap();
        second.await.unwrap();
    });
}

/// An answer whose task was gone is nobody's: not even that of the call that has its place next.
#[test]
fn an_answer_that_nobody_fetched_is_given_to_no_other() {
    on_each_runtime(|| async {
        let (esme, mut peer) = against_octets(window(10), 1 << 16).await;
        let answer = |number, id: &str| {
            let header = Header::request(number);
            wire::with_header(header, &wire::submit_resp(id))
        };
        let mut given_up = esme.handle.request(wire::submit("a"));
        let mut second = esme.handle.request(wire::submit("b"));
        assert!(!poll_once(&mut given_up).await && !poll_once(&mut second).await);
        // Of which the first is longer than most.
        peer.write_all(&[answer(2, &"x".repeat(64)), answer(3, "b")].concat())
            .await
            .unwrap();
        assert_eq!(second.await.unwrap().message_id.as_bytes(), b"b");
        drop(given_up);
        for (number, id) in [(4, "c".to_owned()), (5, "d".repeat(64)), (6, "e".to_owned())] {
            let mut call = esme.handle.request(wire::submit("next"));
            assert!(!poll_once(&mut call).await);
            peer.write_all(&answer(number, &id)).await.unwrap();
            assert_eq!(call.await.unwrap().message_id.as_bytes(), id.as_bytes());
        }
    });
}

/// Nothing of ours may be sent by a version that was not agreed on.
#[test]
fn nothing_waits_in_the_backlog_for_the_bind() {
    on_each_runtime(|| async {
        let (a, mut b) = tokio::io::duplex(1 << 16);
        let esme = Side::run(Role::Esme, window(1), a);
        let mut first = esme.handle.request(EnquireLink::default());
        let mut bind = esme.handle.request(wire::transceiver());
        assert!(!poll_once(&mut first).await && !poll_once(&mut bind).await);
        let early = esme.handle.request(wire::submit("early")).await;
        let wrong = RequestError::WrongState(CommandId::SUBMIT_SM, State::Open);
        assert!(
            matches!(early, Err(CallError::Refused(error)) if error == wrong),
            "{early:?}"
        );
        assert_eq!(read_pdu(&mut b).await.0, CommandId::ENQUIRE_LINK);
    });
}

#[test]
fn every_answer_comes_as_what_it_is() {
    on_each_runtime(|| async {
        let (esme, mut peer) = against_octets(window(10), 1 << 16).await;
        let handle = &esme.handle;
        let (rejected, nacked, strange) = tokio::join!(
            handle.request(wire::submit("a")),
            handle.request(wire::submit("b")),
            handle.request(wire::submit("c")),
            async {
                for answer in [
                    wire::bare(CommandId::SUBMIT_SM_RESP, CommandStatus::ESME_RMSGQFUL, 2),
                    wire::bare(CommandId::GENERIC_NACK, CommandStatus::ESME_RSYSERR, 3),
                    wire::bare(CommandId::SUBMIT_SM_RESP, CommandStatus::ESME_ROK, 4),
                ] {
                    read_pdu(&mut peer).await;
                    peer.write_all(&answer).await.unwrap();
                }
            },
        )
        .into_first_three();
        let rejected = rejected.unwrap_err();
        assert_eq!(rejected.command_status(), Some(CommandStatus::ESME_RMSGQFUL));
        assert_eq!(rejected.to_string(), "rejected: ESME_RMSGQFUL");
        assert_eq!(
            (rejected.retry(), rejected.retry_delivery()),
            (Retry::Slower, Retry::Slower)
        );
        assert!(matches!(nacked, Err(CallError::Nacked(CommandStatus::ESME_RSYSERR))));
        // A missing body is forgiven.
        assert!(strange.unwrap().message_id.is_empty());
    });
}

trait FirstThree<A, B, C> {
    fn into_first_three(self) -> (A, B, C);
}
impl<A, B, C> FirstThree<A, B, C> for (A, B, C, ()) {
    fn into_first_three(self) -> (A, B, C) {
        (self.0, self.1, self.2)
    }
}

/// A driver that had no thread for a while looks at what has come before it looks at the clock.
#[test]
fn an_answer_that_is_here_is_not_too_late() {
    on_paused_clock(|| async {
        let config = Config::default();
        let late = config.response + Duration::from_millis(1);
        let (esme, mut peer) = against_octets(config, 1 << 16).await;
        let mut call = esme.handle.request(wire::submit("hello"));
        assert!(!poll_once(&mut call).await);
        read_pdu(&mut peer).await;
        let answer = wire::bare(CommandId::SUBMIT_SM_RESP, CommandStatus::ESME_ROK, 2);
        peer.write_all(&answer).await.unwrap();
        // The thread was busy elsewhere meanwhile: nobody has run since.
        tokio::time::advance(late).await;
        call.await.unwrap();
    });
}
