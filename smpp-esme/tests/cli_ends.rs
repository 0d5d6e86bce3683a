//! How the program `smpp` ends, what it tries again, and what it never does: each exit code says what has become of the
//! message.
#![cfg(feature = "cli")]

mod fake;

use fake::program::{Port, TO, ended, events, smpp};
use fake::{Centre, Raw, ask, message, message_id, receipt, soon};
use smpp_esme::CloseReason;
use smpp_esme::pdu::{CommandId, CommandStatus, Pdu, RegisteredDelivery, UnbindResp};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use tokio::sync::oneshot;

impl Port {
    async fn raw(&self) -> Raw {
        Raw::over(soon(self.0.accept()).await.unwrap().0)
    }

    async fn bound_as(&self, kind: CommandId) -> Centre {
        let mut centre = self.centre().await;
        assert_eq!(centre.accept_bind().await.command_id(), kind);
        centre
    }

    async fn refuses(&self, status: CommandStatus) {
        let mut centre = self.centre().await;
        centre.asked().await.responder.reject(status).unwrap();
        assert_eq!(centre.closed().await, CloseReason::PeerClosed);
    }
}

/// Nobody tries again what has been tried as often as was asked for.
async fn nobody_comes(port: Port) {
    let another = tokio::time::timeout(std::time::Duration::ZERO, port.0.accept()).await;
    assert!(another.is_err(), "a second connection");
}

#[tokio::test]
async fn exit_3_when_the_bind_is_not_answered() {
    let port = Port::new().await;
    let running = port.smpp("send", &[TO[0], TO[1], "--response", "500ms", "x"]);
    let _silent = soon(port.0.accept()).await.unwrap();
    assert_eq!(ended(running).await, (3, "".into(), "smpp: no bind in time\n".into()));
}

#[tokio::test]
async fn exit_6_when_the_message_is_not_answered() {
    let port = Port::new().await;
    let running = port.smpp("send", &[TO[0], TO[1], "--response", "3s", "x"]);
    let mut centre = port.raw().await;
    centre.accept_bind(&[]).await;
    assert!(matches!(centre.read().await.0, Pdu::SubmitSm(_)));
    let (pdu, sequence) = centre.read().await;
    assert!(matches!(pdu, Pdu::Unbind(_)), "{pdu:?}");
    let agreed = centre.frame(CommandStatus::ESME_ROK, sequence, &UnbindResp::default());
    centre.write(&agreed).await;
    let text = "smpp: the message: not answered in time\n";
    assert_eq!(ended(running).await, (6, "".into(), text.into()));
}

/// An answer that comes while the session ends is one.
#[tokio::test]
async fn exit_0_when_the_answer_comes_at_the_last_moment() {
    let port = Port::new().await;
    let running = port.smpp("send", &[TO[0], TO[1], "--response", "3s", "x"]);
    let mut centre = port.raw().await;
    centre.accept_bind(&[]).await;
    let (_, submitted) = centre.read().await;
    let (pdu, sequence) = centre.read().await;
    assert!(matches!(pdu, Pdu::Unbind(_)), "{pdu:?}");
    let ok = CommandStatus::ESME_ROK;
    let mut octets = centre.frame(ok, submitted, &message_id("17"));
    octets.extend(centre.frame(ok, sequence, &UnbindResp::default()));
    centre.write(&octets).await;
    assert_eq!(ended(running).await, (0, "17\n".into(), "".into()));
}

/// The program with a standard output that is gone; its exit code.
fn unread(args: &[&str]) -> oneshot::Receiver<Option<i32>> {
    let (ours, theirs) = UnixStream::pair().unwrap();
    drop(ours);
    let mut program = Command::new(env!("CARGO_BIN_EXE_smpp"));
    program.args(args).stdin(Stdio::null()).stderr(Stdio::null());
    let mut child = program.stdout(OwnedFd::from(theirs)).spawn().unwrap();
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || tell.send(child.wait().unwrap().code()));
    told
}

#[tokio::test]
async fn exit_1_when_nobody_reads_what_is_printed() {
    let port = Port::new().await;
    let running = unread(&["send", "--url", &port.url(), TO[0], TO[1], "x"]);
    let (_centre, _, responder) = port.submitted().await;
    responder.respond(CommandStatus::ESME_ROK, &message_id("17")).unwrap();
    assert_eq!(soon(running).await.unwrap(), Some(1));

    let running = unread(&["receive", "--url", &port.url()]);
    let centre = port.bound().await;
    // It is not printed, and so not accepted.
    assert!(ask(&centre.handle, message("Hello")).await.is_err());
    assert_eq!(soon(running).await.unwrap(), Some(1));
}

/// Each of these is over soon, and the next try begins a second later.
#[tokio::test]
async fn what_was_surely_not_taken_is_tried_again() {
    let again = [TO[0], TO[1], "--retry", "1h", "x"];
    // The connection is lost before the bind is answered.
    let port = Port::new().await;
    let running = port.smpp("send", &again);
    drop(soon(port.0.accept()).await);
    let (_centre, _, responder) = port.submitted().await;
    responder.respond(CommandStatus::ESME_ROK, &message_id("17")).unwrap();
    assert_eq!(ended(running).await, (0, "17\n".into(), "".into()));
    // The SMSC still holds an old bind.
    let running = port.smpp("send", &again);
    port.refuses(CommandStatus::ESME_RALYBND).await;
    let (_centre, _, responder) = port.submitted().await;
    responder.respond(CommandStatus::ESME_ROK, &message_id("18")).unwrap();
    assert_eq!(ended(running).await, (0, "18\n".into(), "".into()));
}

/// On the same session.
#[tokio::test]
async fn what_is_refused_for_now_is_sent_again() {
    for status in [CommandStatus::ESME_RTHROTTLED, CommandStatus::ESME_RMSGQFUL] {
        let port = Port::new().await;
        let running = port.smpp("send", &[TO[0], TO[1], "--retry", "1h", "x"]);
        let (mut centre, first, responder) = port.submitted().await;
        responder.reject(status).unwrap();
        let (second, responder) = centre.submitted().await;
        assert_eq!(first, second);
        responder.respond(CommandStatus::ESME_ROK, &message_id("17")).unwrap();
        assert_eq!(ended(running).await, (0, "17\n".into(), "".into()));
        nobody_comes(port).await;
    }
}

#[tokio::test]
async fn the_time_for_trying_again_ends() {
    let port = Port::new().await;
    let running = port.smpp("send", &[TO[0], TO[1], "--retry", "500ms", "x"]);
    let (mut centre, _, responder) = port.submitted().await;
    responder.reject(CommandStatus::ESME_RTHROTTLED).unwrap();
    if let Some(asked) = centre.next().await {
        asked.responder.reject(CommandStatus::ESME_RTHROTTLED).unwrap();
    }
    let text = "smpp: the message: rejected: ESME_RTHROTTLED\n";
    assert_eq!(ended(running).await, (5, "".into(), text.into()));
    nobody_comes(port).await;
}

/// However long there would be: what is refused for good, and what may have been taken.
#[tokio::test]
async fn what_does_not_pass_is_not_tried_again() {
    let again = [TO[0], TO[1], "--retry", "1h", "x"];
    let port = Port::new().await;
    let running = port.smpp("send", &again);
    port.refuses(CommandStatus::ESME_RINVPASWD).await;
    let text = "smpp: bind refused: ESME_RINVPASWD\n";
    assert_eq!(ended(running).await, (4, "".into(), text.into()));

    let running = port.smpp("send", &again);
    let (_centre, _, responder) = port.submitted().await;
    responder.reject(CommandStatus::ESME_RINVDSTADR).unwrap();
    let text = "smpp: the message: rejected: ESME_RINVDSTADR\n";
    assert_eq!(ended(running).await, (5, "".into(), text.into()));

    let running = port.smpp("send", &again);
    let (centre, _, _responder) = port.submitted().await;
    centre.vanish().await;
    let text = "smpp: the message: sent, and not answered: the peer closed the connection\n";
    assert_eq!(ended(running).await, (6, "".into(), text.into()));
    nobody_comes(port).await;
}

#[tokio::test]
async fn send_as_a_transmitter() {
    let port = Port::new().await;
    let url = format!("{}?bind=tx", port.url());
    for (args, asked_for) in [
        (&["x"][..], RegisteredDelivery::NONE),
        (&["--receipt", "--wait", "0s", "x"], RegisteredDelivery::RECEIPT),
    ] {
        let running = smpp(&[&["send", "--url", &url, TO[0], TO[1]], args].concat());
        let mut centre = port.bound_as(CommandId::BIND_TRANSMITTER).await;
        let (pdu, responder) = centre.submitted().await;
        assert_eq!(pdu.registered_delivery, asked_for);
        responder.respond(CommandStatus::ESME_ROK, &message_id("17")).unwrap();
        assert_eq!(ended(running).await, (0, "17\n".into(), "".into()));
    }
}

/// Where there are no transceivers, the receipt comes by the receiver.
#[tokio::test]
async fn send_with_bind_auto() {
    let port = Port::new().await;
    let url = format!("{}?bind=auto", port.url());
    let running = smpp(&["send", "--url", &url, TO[0], TO[1], "--receipt", "--wait", "1h", "x"]);
    port.refuses(CommandStatus::ESME_RINVCMDID).await;
    let mut transmitter = port.bound_as(CommandId::BIND_TRANSMITTER).await;
    let receiver = port.bound_as(CommandId::BIND_RECEIVER).await;
    let (_, responder) = transmitter.submitted().await;
    responder.respond(CommandStatus::ESME_ROK, &message_id("17")).unwrap();
    assert!(ask(&receiver.handle, receipt("17", "DELIVRD")).await.is_ok());
    let (code, stdout, stderr) = ended(running).await;
    assert_eq!((code, stdout.lines().count(), &*stderr), (0, 2, ""));
    for centre in [transmitter, receiver] {
        assert_eq!(centre.closed().await, CloseReason::Unbound);
    }
}

#[tokio::test]
async fn receive_connects_again() {
    let port = Port::new().await;
    let running = port.smpp("receive", &["--count", "2", "--json"]);
    let centre = port.bound().await;
    assert!(ask(&centre.handle, message("one")).await.is_ok());
    centre.vanish().await;
    let centre = port.bound().await;
    assert!(ask(&centre.handle, message("two")).await.is_ok());
    let (code, stdout, stderr) = ended(running).await;
    let texts: Vec<_> = events(&stdout).iter().map(|event| event["text"].clone()).collect();
    assert_eq!((code, &texts[..2]), (0, &["one".into(), "two".into()][..]));
    assert!(stderr.contains("lost") && stderr.lines().count() == 1, "{stderr}");
    assert_eq!(centre.closed().await, CloseReason::Unbound);
}

#[tokio::test]
async fn receive_does_not_connect_again_where_it_is_of_no_use() {
    let port = Port::new().await;
    let running = port.smpp("receive", &[]);
    port.bound().await.vanish().await;
    port.refuses(CommandStatus::ESME_RINVPASWD).await;
    let (code, stdout, stderr) = ended(running).await;
    assert_eq!((code, &*stdout), (4, ""), "{stderr}");
    assert!(stderr.ends_with("smpp: bind refused: ESME_RINVPASWD\n"), "{stderr}");
}
