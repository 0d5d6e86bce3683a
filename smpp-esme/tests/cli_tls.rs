//! The program `smpp` by TLS: what it trusts, what it shows, and how it ends if that is not enough.
#![cfg(feature = "cli")]

mod fake;

use fake::authority::{Authority, Issued};
use fake::{Centre, message_id, soon};
use smpp_esme::pdu::CommandStatus;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

/// The program, running on a thread of its own, which no runtime waits for. `trusted` is what the system trusts.
fn smpp(args: &[&str], trusted: &Path) -> oneshot::Receiver<Output> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_smpp"));
    command.args(args).stdin(Stdio::null()).env_remove("RUST_LOG");
    command.env("SSL_CERT_FILE", trusted).env_remove("SSL_CERT_DIR");
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || tell.send(command.output().unwrap()));
    told
}

async fn ended(running: oneshot::Receiver<Output>) -> (i32, String, String) {
    let output = soon(running).await.unwrap();
    let text = |octets| String::from_utf8(octets).unwrap();
    let code = output.status.code().expect("no signal");
    (code, text(output.stdout), text(output.stderr))
}

struct Port(TcpListener);

impl Port {
    async fn new() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    /// `smpp send` to it, with more options.
    fn send(&self, options: &[&str], trusted: &Path) -> oneshot::Receiver<Output> {
        let port = self.0.local_addr().unwrap().port();
        let url = format!("smpps://esme:pa55word@localhost:{port}");
        let args = [&["send", "--url", &url, "--to", "447700900123"], options, &["Hello"]].concat();
        smpp(&args, trusted)
    }

    /// Answers one message; not even a bind, if the client does not come to an end of the handshake.
    async fn serve(&self, acceptor: &TlsAcceptor) {
        let (stream, _) = soon(self.0.accept()).await.unwrap();
        let Ok(stream) = soon(acceptor.accept(stream)).await else {
            return;
        };
        let mut centre = Centre::over(stream);
        centre.accept_bind().await;
        let (_, responder) = centre.submitted().await;
        responder.respond(CommandStatus::ESME_ROK, &message_id("17")).unwrap();
        centre.closed().await;
    }
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[tokio::test]
async fn what_the_system_trusts_or_the_option_says() {
    let port = Port::new().await;
    let (authority, stranger) = (Authority::new("cli"), Authority::new("cli-stranger"));
    let acceptor = authority.acceptor(&authority.issue("localhost"), false);
    let (ours, theirs) = (authority.ca(), stranger.ca());
    let sent = (0, "17\n".to_owned(), String::new());
    let running = port.send(&[], &ours);
    port.serve(&acceptor).await;
    assert_eq!(ended(running).await, sent);
    // The option goes in place of the system, and is no addition to it.
    let running = port.send(&["--tls-ca", path(&ours)], &theirs);
    port.serve(&acceptor).await;
    assert_eq!(ended(running).await, sent);
    for (options, trusted) in [(&[][..], &theirs), (&["--tls-ca", path(&theirs)][..], &ours)] {
        let running = port.send(options, trusted);
        port.serve(&acceptor).await;
        let (code, stdout, stderr) = ended(running).await;
        assert_eq!((code, stdout.as_str()), (3, ""), "{stderr}");
        let said = "smpp: no connection: TLS: the server's certificate is not trusted: ";
        assert!(stderr.starts_with(said) && stderr.lines().count() == 1, "{stderr}");
    }
}

#[tokio::test]
async fn a_certificate_to_show() {
    let (port, authority) = (Port::new().await, Authority::new("cli-mutual"));
    let acceptor = authority.acceptor(&authority.issue("localhost"), true);
    let Issued { certificate, key } = authority.issue("esme");
    let options = ["--tls-cert", path(&certificate), "--tls-key", path(&key)];
    let running = port.send(&options, &authority.ca());
    port.serve(&acceptor).await;
    assert_eq!(ended(running).await, (0, "17\n".into(), "".into()));
    let running = port.send(&[], &authority.ca());
    port.serve(&acceptor).await;
    assert_eq!(ended(running).await.0, 3);
}

#[tokio::test]
async fn options_that_do_not_fit() {
    let (port, authority) = (Port::new().await, Authority::new("cli-usage"));
    let (ca, Issued { certificate, .. }) = (authority.ca(), authority.issue("esme"));
    let plain = [
        "receive",
        "--url",
        "smpp://esme:pa55word@localhost",
        "--tls-ca",
        path(&ca),
    ];
    for (running, text) in [
        (
            smpp(&plain, &ca),
            "smpp: the options of TLS go with smpps:// in the URL\n",
        ),
        (
            port.send(&["--tls-cert", path(&certificate)], &ca),
            "smpp: --tls-key <FILE> is missing (--help tells more)\n",
        ),
        (
            port.send(&["--tls-ca", "no-such-file"], &ca),
            "smpp: no-such-file: No such file or directory (os error 2)\n",
        ),
    ] {
        assert_eq!(ended(running).await, (2, "".into(), text.into()));
    }
}
