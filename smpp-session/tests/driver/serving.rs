//! What services do.

use crate::desk::{HandsOver, Side, pair, read_pdu};
use crate::{on_each_runtime, on_paused_clock, wire};
use futures_util::future::join_all;
use smpp_pdu::{CommandId, CommandStatus};
use smpp_session::driver::{CallError, Connection};
use smpp_session::{CloseReason, Config, Role};
use tokio::io::AsyncWriteExt as _;

fn status(end: Result<smpp_pdu::SubmitSmResp, CallError>) -> CommandStatus {
    match end {
        Ok(_) => CommandStatus::ESME_ROK,
        Err(error) => error.command_status().unwrap(),
    }
}

#[test]
fn at_once_later_and_from_another_task() {
    on_each_runtime(|| async {
        let (esme, _smsc) = pair(Config::default(), 1 << 16).await;
        for text in ["now", "at once", "at last", "later", "not polled", "hand over"] {
            esme.handle.request(wire::submit(text)).await.unwrap();
        }
        for text in ["forget", "hand over in a future"] {
            let forgotten = esme.handle.request(wire::submit(text)).await;
            assert_eq!(status(forgotten), CommandStatus::ESME_RSYSERR);
        }
    });
}

/// A service that panics costs its request, and nobody else's.
#[test]
fn panics() {
    on_each_runtime(|| async {
        let (esme, smsc) = pair(Config::default(), 1 << 16).await;
        for text in ["panic", "panic later", "panic", "panic later"] {
            let (mine, others) = tokio::join!(
                esme.handle.request(wire::submit(text)),
                esme.handle.request(wire::submit("later"))
            );
            assert_eq!(status(mine), CommandStatus::ESME_RSYSERR);
            others.unwrap();
        }
        assert_eq!(smsc.handle.in_flight(), 0);
        esme.handle.unbind();
        assert_eq!(smsc.task.await.unwrap(), CloseReason::Unbound);
    });
}

/// What is answered is answered, whatever panics behind it; and the session goes on.
#[test]
fn panics_behind_an_answer() {
    on_each_runtime(|| async {
        let (esme, smsc) = pair(Config::default(), 1 << 16).await;
        for text in ["answer and panic", "drop panics", "drop panics later"] {
            let (mine, others) = tokio::join!(
                esme.handle.request(wire::submit(text)),
                esme.handle.request(wire::submit("later"))
            );
            mine.unwrap();
            others.unwrap();
        }
        esme.handle.unbind();
        assert_eq!(smsc.task.await.unwrap(), CloseReason::Unbound);
    });
}

#[test]
fn a_refusal_has_what_explains_it() {
    on_each_runtime(|| async {
        let (esme, _smsc) = pair(Config::default(), 1 << 16).await;
        let Err(CallError::Rejected(rejection)) = esme.handle.request(wire::submit("explain")).await else {
            panic!("it is refused");
        };
        assert_eq!(rejection.command_status(), CommandStatus::ESME_RMSGQFUL);
        let why = rejection.decode().unwrap().pdu.into_owned();
        assert_eq!(why, wire::submit_resp("why").into());
    });
}

/// A service may ask its own session, under no lock; and what it leaves behind may too.
#[test]
fn calls_back() {
    on_each_runtime(|| async {
        let (esme, smsc) = pair(Config::default(), 1 << 16).await;
        *smsc.call_back.lock().unwrap() = Some(smsc.handle.clone());
        for text in ["call back", "hold", "answer and ask", "call back", "hold"] {
            esme.handle.request(wire::submit(text)).await.unwrap();
        }
        smsc.handle.unbind();
        assert_eq!(esme.task.await.unwrap(), CloseReason::Unbound);
    });
}

/// Handlers that never end: their requests are answered for them, and there are no more of them than may wait.
#[test]
fn never_ready() {
    on_paused_clock(|| async {
        let mut config = Config::default();
        config.max_inbound = 4;
        config.answer = config.response / 2;
        let (esme, _smsc) = pair(config, 1 << 16).await;
        let ends = join_all((0..4).map(|_| esme.handle.request(wire::submit("never")))).await;
        for end in ends {
            assert_eq!(status(end), CommandStatus::ESME_RSYSERR);
        }
        let more = esme.handle.request(wire::submit("never")).await;
        assert_eq!(status(more), CommandStatus::ESME_RTHROTTLED);
    });
}

/// A bind that is thought about, and a request right behind it.
#[test]
fn a_bind_that_is_answered_later() {
    on_each_runtime(|| async {
        let (a, mut peer) = tokio::io::duplex(1 << 16);
        let connection = Connection::new(Role::Smsc, Config::default());
        let handle = connection.handle();
        let (service, mut responders) = HandsOver::new(&handle);
        let task = tokio::spawn(connection.drive(a, service));
        let both = [
            wire::octets(1, &wire::transceiver()),
            wire::octets(2, &wire::submit("hello")),
        ]
        .concat();
        peer.write_all(&both).await.unwrap();
        let bind = responders.recv().await.unwrap();
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert!(responders.try_recv().is_err());
        bind.respond(CommandStatus::ESME_ROK, &wire::transceiver_resp())
            .unwrap();
        let submit = responders.recv().await.unwrap();
        submit
            .respond(CommandStatus::ESME_ROK, &wire::submit_resp("id"))
            .unwrap();
        for expected in [CommandId::BIND_TRANSCEIVER_RESP, CommandId::SUBMIT_SM_RESP] {
            assert_eq!(read_pdu(&mut peer).await.0, expected);
        }
        drop(handle);
        assert_eq!(read_pdu(&mut peer).await.0, CommandId::UNBIND);
        drop(peer);
        assert_eq!(task.await.unwrap(), CloseReason::Unbound);
    });
}

/// A set of handlers that wait is waited for together, and answered in one go.
#[test]
fn many_wait() {
    on_each_runtime(|| async {
        let mut config = Config::default();
        config.window = 1000;
        let (esme, mut smsc) = pair(config, 1 << 16).await;
        let calls = join_all((0..1000).map(|_| esme.handle.request(wire::submit("gate"))));
        let (ends, ()) = tokio::join!(calls, async {
            for _ in 0..1000 {
                smsc.sees("gate").await;
            }
            smsc.gate.add_permits(1000);
        });
        assert!(ends.into_iter().all(|end| end.is_ok()));
    });
}

/// Requests of one session start in the order of the wire.
#[test]
fn in_order() {
    on_each_runtime(|| async {
        let (esme, mut smsc) = pair(Config::default(), 7).await;
        let texts: Vec<String> = (0..100).map(|n| n.to_string()).collect();
        let calls = join_all(texts.iter().map(|text| esme.handle.request(wire::submit(text))));
        let (ends, ()) = tokio::join!(calls, async {
            for text in &texts {
                smsc.sees(text).await;
            }
        });
        assert!(ends.into_iter().all(|end| end.is_ok()));
        let _: &Side = &esme;
    });
}
