//! The program `smpp` against a centre whose part the test plays: what it prints, and each exit code.
#![cfg(feature = "cli")]

mod fake;

use fake::program::{PASSWORD, Port, TO, ended, events, smpp};
use fake::{Raw, ask, is_rejected, message, message_id, receipt, soon};
use serde_json::json;
use smpp_esme::pdu::{CommandStatus, DataCoding, DeliverSm, MessageState, Npi, Pdu, RegisteredDelivery, Ton, tlv};
use smpp_esme::{CloseReason, Config};
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::time::Instant;
use tokio::sync::oneshot;

#[tokio::test]
async fn send_prints_the_message_id() {
    let port = Port::new().await;
    let running = port.smpp("send", &["--from", "10001", TO[0], TO[1], "Hello"]);
    let (centre, pdu, responder) = port.submitted().await;
    assert_eq!(pdu.short_message.as_bytes(), b"Hello");
    assert_eq!(pdu.data_coding, DataCoding::DEFAULT);
    assert_eq!(pdu.registered_delivery, RegisteredDelivery::NONE);
    let (from, to) = (&pdu.source_addr, &pdu.destination_addr);
    assert_eq!((from.ton, from.npi), (Ton::NETWORK_SPECIFIC, Npi::UNKNOWN));
    assert_eq!((to.ton, to.npi), (Ton::INTERNATIONAL, Npi::ISDN));
    assert_eq!(
        (from.addr.as_bytes(), to.addr.as_bytes()),
        (&b"10001"[..], &b"447700900123"[..])
    );
    responder.respond(CommandStatus::ESME_ROK, &message_id("17")).unwrap();
    assert_eq!(ended(running).await, (0, "17\n".into(), "".into()));
    assert_eq!(centre.closed().await, CloseReason::Unbound);
}

#[tokio::test]
async fn send_waits_for_its_own_receipt() {
    let port = Port::new().await;
    let running = port.smpp("send", &[TO[0], TO[1], "--receipt", "--wait", "20s", "Grüße, ж"]);
    let (centre, pdu, responder) = port.submitted().await;
    assert_eq!(pdu.registered_delivery, RegisteredDelivery::RECEIPT);
    assert_eq!(pdu.data_coding, DataCoding::UCS2);
    responder.respond(CommandStatus::ESME_ROK, &message_id("17")).unwrap();
    for other in [
        receipt("18", "DELIVRD"),
        // An escaped line feed: a form feed in GSM 7-bit.
        message("feed\u{1b}\n"),
        receipt("17", "ENROUTE"),
        receipt("17", "UNDELIV"),
    ] {
        assert!(ask(&centre.handle, other).await.is_ok());
    }
    let (code, stdout, stderr) = ended(running).await;
    assert_eq!(code, 0);
    let line = |stat| format!("id:17 stat:{stat} err:000 submit_date:2511241200 done_date:2511241201\n");
    assert_eq!(stdout, format!("17\n{}{}", line("ENROUTE"), line("UNDELIV")));
    assert_eq!(
        stderr,
        "also arrived: receipt  -> : id:18 stat:DELIVRD err:000 submit_date:2511241200 done_date:2511241201\n\
         also arrived:  -> : feed\\u{c}\n"
    );
    assert_eq!(centre.closed().await, CloseReason::Unbound);
}

#[tokio::test]
async fn a_receipt_that_comes_before_the_answer_counts() {
    let port = Port::new().await;
    let running = port.smpp("send", &[TO[0], TO[1], "--receipt", "--json", "x"]);
    let (centre, _, responder) = port.submitted().await;
    let mut early = DeliverSm {
        short_message: Default::default(),
        ..receipt("", "")
    };
    early.tlvs.push(tlv::RECEIPTED_MESSAGE_ID, b"17").unwrap();
    early.tlvs.push(tlv::MESSAGE_STATE, MessageState::DELIVERED).unwrap();
    assert!(ask(&centre.handle, early).await.is_ok());
    responder.respond(CommandStatus::ESME_ROK, &message_id("17")).unwrap();
    let (code, stdout, stderr) = ended(running).await;
    assert_eq!((code, stderr), (0, String::new()));
    let events = events(&stdout);
    assert_eq!(events.len(), 3);
    assert_eq!(
        events[0],
        json!({"event": "submitted", "message_id": "17", "command_status": 0, "command_status_name": "ESME_ROK"})
    );
    assert_eq!(
        (&events[1]["event"], &events[1]["id"], &events[1]["message_state"]),
        (&json!("receipt"), &json!("17"), &json!(2))
    );
    assert_eq!(events[2], json!({"event": "closed", "reason": "unbound"}));
}

#[tokio::test]
async fn what_comes_before_the_answer_is_bounded() {
    let port = Port::new().await;
    let running = port.smpp("send", &[TO[0], TO[1], "--receipt", "x"]);
    let (centre, _, responder) = port.submitted().await;
    assert!(ask(&centre.handle, receipt("17", "DELIVRD")).await.is_ok());
    for _ in 1..1_000 {
        assert!(ask(&centre.handle, receipt("18", "DELIVRD")).await.is_ok());
    }
    let throttled = ask(&centre.handle, receipt("18", "DELIVRD")).await;
    assert!(is_rejected(throttled, CommandStatus::ESME_RTHROTTLED));
    // What cannot be the receipt that is waited for does not wait with the others.
    assert!(ask(&centre.handle, message("Hello")).await.is_ok());
    responder.respond(CommandStatus::ESME_ROK, &message_id("17")).unwrap();
    let (code, stdout, stderr) = ended(running).await;
    assert_eq!((code, stdout.lines().count()), (0, 2));
    assert_eq!(stderr.lines().next(), Some("also arrived:  -> : Hello"));
    assert_eq!(stderr.lines().count(), 1_000);
}

#[tokio::test]
async fn nothing_is_kept_for_who_waits_for_no_receipt() {
    let port = Port::new().await;
    let running = port.smpp("send", &[TO[0], TO[1], "x"]);
    let (centre, _, responder) = port.submitted().await;
    for _ in 0..1_001 {
        assert!(ask(&centre.handle, receipt("18", "DELIVRD")).await.is_ok());
    }
    responder.respond(CommandStatus::ESME_ROK, &message_id("17")).unwrap();
    let (code, stdout, stderr) = ended(running).await;
    assert_eq!((code, &*stdout, stderr.lines().count()), (0, "17\n", 1_001));
}

#[tokio::test]
async fn exit_7_when_no_receipt_comes() {
    let port = Port::new().await;
    let running = port.smpp("send", &[TO[0], TO[1], "--receipt", "--wait", "10ms", "x"]);
    let (_centre, _, responder) = port.submitted().await;
    responder.respond(CommandStatus::ESME_ROK, &message_id("17")).unwrap();
    let text = "smpp: the message was accepted, and no receipt came in time\n";
    assert_eq!(ended(running).await, (7, "17\n".into(), text.into()));

    let running = port.smpp("send", &[TO[0], TO[1], "--receipt", "--wait", "1h", "x"]);
    let (centre, _, responder) = port.submitted().await;
    responder.respond(CommandStatus::ESME_ROK, &message_id("18")).unwrap();
    centre.handle.unbind();
    let text = "smpp: the message was accepted, and no receipt came before the end of the session: unbound\n";
    assert_eq!(ended(running).await, (7, "18\n".into(), text.into()));
}

#[tokio::test]
async fn exit_6_when_the_message_may_be_on_its_way() {
    let port = Port::new().await;
    let running = port.smpp("send", &[TO[0], TO[1], "x"]);
    let (centre, _, _responder) = port.submitted().await;
    centre.vanish().await;
    let text = "smpp: the message: sent, and not answered: the peer closed the connection\n";
    assert_eq!(ended(running).await, (6, "".into(), text.into()));
}

#[tokio::test]
async fn exit_5_when_the_message_is_rejected() {
    let port = Port::new().await;
    let running = port.smpp("send", &[TO[0], TO[1], "x", "--json"]);
    let (_centre, _, responder) = port.submitted().await;
    responder.reject(CommandStatus::ESME_RTHROTTLED).unwrap();
    let (code, stdout, stderr) = ended(running).await;
    assert_eq!((code, &*stderr), (5, "smpp: the message: rejected: ESME_RTHROTTLED\n"));
    assert_eq!(
        events(&stdout),
        [
            json!({"event": "rejected", "command_status": 0x58, "command_status_name": "ESME_RTHROTTLED"}),
            json!({"event": "closed", "reason": "unbound"}),
        ]
    );
}

#[tokio::test]
async fn exit_4_when_the_bind_is_refused() {
    let port = Port::new().await;
    for (command, args) in [("send", &[TO[0], TO[1], "x"][..]), ("receive", &[])] {
        let running = port.smpp(command, args);
        let mut centre = port.centre().await;
        let refuse = centre.asked().await.responder;
        refuse.reject(CommandStatus::ESME_RINVPASWD).unwrap();
        let text = "smpp: bind refused: ESME_RINVPASWD\n";
        assert_eq!(ended(running).await, (4, "".into(), text.into()));
    }
}

#[tokio::test]
async fn exit_3_without_a_connection() {
    let port = Port::new().await;
    let url = port.url();
    drop(port);
    let (code, stdout, stderr) = ended(smpp(&["send", "--url", &url, TO[0], TO[1], "x"])).await;
    assert_eq!((code, &*stdout), (3, ""));
    assert!(stderr.starts_with("smpp: no connection: ") && stderr.lines().count() == 1);

    let port = Port::new().await;
    let running = port.smpp("receive", &[]);
    drop(soon(port.0.accept()).await);
    let (code, _, stderr) = ended(running).await;
    assert_eq!(code, 3, "{stderr}");
}

#[tokio::test]
async fn exit_3_when_the_connection_of_a_receiver_is_lost() {
    let port = Port::new().await;
    let running = port.smpp("receive", &["--once", "--json"]);
    port.bound().await.vanish().await;
    let (code, stdout, stderr) = ended(running).await;
    assert_eq!(
        (code, &*stderr),
        (3, "smpp: the session is over: the peer closed the connection\n")
    );
    assert_eq!(
        events(&stdout),
        [json!({"event": "closed", "reason": "the peer closed the connection"})]
    );
}

#[tokio::test]
async fn exit_2_when_it_is_used_wrongly() {
    let url = format!("smpp://esme:{PASSWORD}@127.0.0.1:1");
    let long = "x".repeat(255);
    for (args, text) in [
        (&["send", "--url", &url, TO[0], TO[1], &long][..], "2 parts"),
        (&["send", "--url", &url, TO[0], "1\u{7}", "x"], "printable"),
        (
            &["send", "--url", &format!("{url}?bind=rx"), TO[0], TO[1], "x"],
            "trx, tx or auto",
        ),
        (&["send", "--url", &url, TO[0], TO[1], "x", "--wait", "soon"], "10s"),
        (
            &[
                "send",
                "--url",
                &format!("{url}?bind=tx"),
                TO[0],
                TO[1],
                "--receipt",
                "x",
            ],
            "with bind=tx no receipt comes here",
        ),
        (&["send", "--url", &url, TO[0], TO[1], "x", "--retry", "soon"], "10s"),
        (&["send", "--url", &url, TO[0], TO[1]], "<TEXT>"),
        (&["send", "--url", &url, TO[0], TO[1], "--recipt"], "--recipt"),
        (&["send", &url, TO[0], TO[1], "x"], "none is expected"),
        (&["receive", &url["smpp://".len()..]], "none is expected"),
        (&[&url], "send or receive"),
        (&[], "send or receive"),
        (&["receive", "--url", &format!("{url}?bind=tx")], "trx, rx or auto"),
        (&["receive", "--url", &format!("{url}?tls=1")], "unknown key, tls"),
        (&["receive", "--url", &format!("http://esme:{PASSWORD}@h")], "smpp://"),
        (&["receive", "--url", &url, "--count", "0"], "count"),
        (&["receive"], "--url"),
    ] {
        let (code, stdout, stderr) = ended(smpp(args)).await;
        assert_eq!((code, &*stdout), (2, ""), "{args:?}");
        assert!(stderr.contains(text), "{stderr}");
        assert!(stderr.starts_with("smpp: ") && stderr.lines().count() == 1, "{stderr}");
    }
}

#[tokio::test]
async fn exit_2_when_an_argument_is_not_utf_8() {
    let output = Command::new(env!("CARGO_BIN_EXE_smpp"))
        .args(["send", "--url", &format!("smpp://esme:{PASSWORD}@h"), TO[0], TO[1]])
        .arg(OsStr::from_bytes(b"\xff"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(stderr, "smpp: an argument is not UTF-8 (--help tells more)\n");
}

#[tokio::test]
async fn the_log_is_plain_where_there_is_no_terminal() {
    let port = Port::new().await;
    let running = port.smpp("send", &["-v", TO[0], TO[1], "x"]);
    let (_centre, _, responder) = port.submitted().await;
    responder.respond(CommandStatus::ESME_ROK, &message_id("17")).unwrap();
    let (code, stdout, stderr) = ended(running).await;
    assert_eq!((code, &*stdout), (0, "17\n"));
    assert!(stderr.contains("bound") && !stderr.contains('\x1b'), "{stderr}");
}

#[tokio::test]
async fn a_lost_standard_error_changes_no_exit_code() {
    let smpp = |args: &[&str]| {
        let (ours, theirs) = UnixStream::pair().unwrap();
        drop(ours);
        let mut command = Command::new(env!("CARGO_BIN_EXE_smpp"));
        command.args(args).stdin(Stdio::null()).stdout(Stdio::piped());
        command.stderr(OwnedFd::from(theirs)).spawn().unwrap()
    };
    assert_eq!(smpp(&["receive"]).wait().unwrap().code(), Some(2));

    let port = Port::new().await;
    let mut child = smpp(&["-vvv", "send", "--url", &port.url(), TO[0], TO[1], "x"]);
    let (centre, _, responder) = port.submitted().await;
    assert!(ask(&centre.handle, message("Hello")).await.is_ok());
    responder.respond(CommandStatus::ESME_ROK, &message_id("17")).unwrap();
    assert_eq!(centre.closed().await, CloseReason::Unbound);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[tokio::test]
async fn help_and_version() {
    let (code, stdout, _) = ended(smpp(&["--version"])).await;
    assert_eq!((code, stdout), (0, format!("smpp {}\n", env!("CARGO_PKG_VERSION"))));
    for args in [&["--help"][..], &["send", "--help"], &["receive", "--help"]] {
        let (code, stdout, _) = ended(smpp(args)).await;
        assert_eq!(code, 0);
        assert!(stdout.contains("xit codes:"));
    }
}

#[tokio::test]
async fn receive_ends_after_a_count() {
    let port = Port::new().await;
    let running = port.smpp("receive", &["--count", "2", "--json"]);
    let centre = port.bound().await;
    let mut first = message("Hello");
    first.source_addr.addr = smpp_esme::pdu::COctetString::new("10001").unwrap();
    assert!(ask(&centre.handle, first).await.is_ok());
    assert!(ask(&centre.handle, receipt("17", "DELIVRD")).await.is_ok());
    let (code, stdout, stderr) = ended(running).await;
    assert_eq!((code, stderr), (0, String::new()));
    let events = events(&stdout);
    assert_eq!(
        events[0],
        json!({
            "event": "message", "operation": "deliver_sm",
            "source_addr_ton": 0, "source_addr_npi": 0, "source_addr": "10001",
            "dest_addr_ton": 0, "dest_addr_npi": 0, "destination_addr": "",
            "esm_class": 0, "data_coding": 0, "short_message": "48656c6c6f", "text": "Hello",
        })
    );
    assert_eq!(
        (&events[1]["event"], &events[1]["stat"]),
        (&json!("receipt"), &json!("DELIVRD"))
    );
    assert_eq!(events[2], json!({"event": "closed", "reason": "unbound"}));
    assert_eq!(centre.closed().await, CloseReason::Unbound);
}

#[tokio::test]
async fn receive_unbinds_at_ctrl_c() {
    for signal in ["-INT", "-TERM"] {
        let port = Port::new().await;
        let mut child = Command::new(env!("CARGO_BIN_EXE_smpp"))
            .args(["receive", "--url", &format!("{}?bind=rx", port.url())])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (id, stdout) = (child.id().to_string(), child.stdout.take().unwrap());
        let centre = port.bound().await;
        assert!(ask(&centre.handle, message("Hello\n")).await.is_ok());
        let (tell, told) = oneshot::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            BufReader::new(stdout).read_line(&mut line).unwrap();
            assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
            tell.send((line, child.wait().unwrap().code()))
        });
        assert_eq!(soon(told).await.unwrap(), (" -> : Hello\\n\n".into(), Some(0)));
        assert_eq!(centre.closed().await, CloseReason::Unbound);
    }
}

#[tokio::test]
async fn a_second_ctrl_c_waits_for_nobody() {
    let port = Port::new().await;
    let mut child = Command::new(env!("CARGO_BIN_EXE_smpp"))
        .args(["receive", "--url", &port.url()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let interrupt = {
        let id = child.id().to_string();
        move || assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success())
    };
    let mut centre = Raw::over(soon(port.0.accept()).await.unwrap().0);
    let delivery = centre.frame(CommandStatus::ESME_ROK, 1, &message("Hello"));
    centre.accept_bind(&delivery).await;
    assert!(matches!(centre.read().await.0, Pdu::DeliverSmResp(_)));
    interrupt();
    // It is not answered, and would be waited for.
    assert!(matches!(centre.read().await.0, Pdu::Unbind(_)));
    let begun = Instant::now();
    interrupt();
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || tell.send(child.wait().unwrap().code()));
    assert_eq!(soon(told).await.unwrap(), Some(0));
    assert!(begun.elapsed() < Config::default().response / 4);
}
