//! The program `smpp`, run against a centre whose part the test plays.

use super::{Centre, ask, soon};
use serde_json::Value;
use smpp_esme::pdu::{EnquireLink, SubmitSm};
use smpp_session::driver::Responder;
use std::process::{Command, Output, Stdio};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub(crate) const PASSWORD: &str = "pa55word";

/// A port, and who is to listen there.
pub(crate) struct Port(pub(crate) TcpListener);

impl Port {
    pub(crate) async fn new() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    pub(crate) fn url(&self) -> String {
        format!("smpp://esme:{PASSWORD}@{}", self.0.local_addr().unwrap())
    }

    /// The program, running.
    pub(crate) fn smpp(&self, command: &str, args: &[&str]) -> oneshot::Receiver<Output> {
        let url = self.url();
        smpp(&[&[command, "--url", &url], args].concat())
    }

    pub(crate) async fn centre(&self) -> Centre {
        Centre::over(soon(self.0.accept()).await.unwrap().0)
    }

    pub(crate) async fn bound(&self) -> Centre {
        let mut centre = self.centre().await;
        centre.accept_bind().await;
        // Its answer says that the other has arrived.
        assert!(ask(&centre.handle, EnquireLink::default()).await.is_ok());
        centre
    }

    pub(crate) async fn submitted(&self) -> (Centre, SubmitSm, Responder) {
        let mut centre = self.bound().await;
        let (pdu, responder) = centre.submitted().await;
        (centre, pdu, responder)
    }
}

/// On a thread of its own, which no runtime waits for.
pub(crate) fn smpp(args: &[&str]) -> oneshot::Receiver<Output> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_smpp"));
    command.args(args).stdin(Stdio::null()).env_remove("RUST_LOG");
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || tell.send(command.output().unwrap()));
    told
}

/// Exit code, standard output, standard error: neither of these has the password.
pub(crate) async fn ended(running: oneshot::Receiver<Output>) -> (i32, String, String) {
    let output = soon(running).await.unwrap();
    let text = |octets| String::from_utf8(octets).unwrap();
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    assert!(!stdout.contains(PASSWORD) && !stderr.contains(PASSWORD));
    (output.status.code().expect("no signal"), stdout, stderr)
}

pub(crate) fn events(stdout: &str) -> Vec<Value> {
    stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub(crate) const TO: [&str; 2] = ["--to", "447700900123"];
