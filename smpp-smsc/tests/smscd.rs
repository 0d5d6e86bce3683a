//! The program: what it says, and how it ends.
#![cfg(feature = "daemon")]

use smpp_pdu::{BindTransceiver, COctetString, Codec, CommandStatus, Header, Password};
use smpp_smsc::rustls;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

fn smscd(args: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_smscd"));
    command
        .args(args)
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// The address of the line that it prints when it listens.
fn listening(child: &mut Child) -> String {
    listening_as(&mut BufReader::new(child.stdout.as_mut().unwrap()), "smpp")
}

fn listening_as(stdout: &mut impl BufRead, what: &str) -> String {
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    let address = line.strip_prefix(&format!("{what} listening on "));
    address.unwrap_or_else(|| panic!("{line}")).trim_end().to_owned()
}

fn signal(child: &Child, name: &str) {
    assert!(
        Command::new("kill")
            .args([name, &child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
}

#[test]
fn signals_end_it_in_order() {
    for name in ["-TERM", "-INT"] {
        let mut child = smscd(&["--smpp", "127.0.0.1:0", "-v"]);
        let address = listening(&mut child);
        assert!(
            address.starts_with("127.0.0.1:") && !address.ends_with(":0"),
            "{address}"
        );
        TcpStream::connect(&address).unwrap();
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        let log = String::from_utf8(output.stderr).unwrap();
        assert!(log.contains("pdus received=0 sent=0"), "{log}");
    }
}

#[test]
fn an_address_that_is_taken_is_said_in_one_line() {
    let mut first = smscd(&["--smpp", "127.0.0.1:0"]);
    let address = listening(&mut first);
    let second = smscd(&["--smpp", &address]).wait_with_output().unwrap();
    let error = String::from_utf8(second.stderr).unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert!(
        error.starts_with(&format!("smscd: {address}: ")) && error.lines().count() == 1,
        "{error}"
    );
    signal(&first, "-TERM");
    assert!(first.wait().unwrap().success());
}

#[test]
fn says_its_version_and_refuses_what_it_does_not_know() {
    let version = smscd(&["--version"]).wait_with_output().unwrap();
    assert_eq!(
        String::from_utf8(version.stdout).unwrap(),
        format!("smscd {}\n", env!("CARGO_PKG_VERSION"))
    );
    assert_eq!(
        smscd(&["--nonsense"]).wait_with_output().unwrap().status.code(),
        Some(2)
    );
}

/// The status of a bind_transceiver_resp, or that there is none.
fn bind(stream: &mut (impl Read + Write), system_id: &str, password: &str) -> u32 {
    let bind = BindTransceiver {
        system_id: COctetString::new(system_id).unwrap(),
        password: Password::new(password).unwrap(),
        interface_version: 0x34,
        ..BindTransceiver::default()
    };
    let mut octets = Vec::new();
    Codec::default().encode(Header::request(1), &bind, &mut octets).unwrap();
    stream.write_all(&octets).unwrap();
    let mut header = [0; 16];
    stream.read_exact(&mut header).unwrap();
    u32::from_be_bytes(header[8..12].try_into().unwrap())
}

#[test]
fn accounts_of_the_command_line_are_the_only_ones() {
    let accounts = ["--account", "one:secret1:447700900001", "--account", "two:secret2"];
    let mut child = smscd(&[&["--smpp", "127.0.0.1:0", "-vv"], &accounts[..]].concat());
    let address = listening(&mut child);
    let status = |system_id, password| bind(&mut TcpStream::connect(&address).unwrap(), system_id, password);
    assert_eq!((status("one", "secret1"), status("two", "secret2")), (0, 0));
    let refused = CommandStatus::ESME_RBINDFAIL.0;
    assert_eq!(
        (status("one", "secret2"), status("three", "secret1")),
        (refused, refused)
    );
    assert_eq!(status("smppclient1", "password"), refused);
    signal(&child, "-TERM");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(log.contains("bound") && !log.contains("secret"), "{log}");
}

#[test]
fn arguments_that_cannot_be_are_told_before_a_port_opens() {
    for (args, error) in [
        (
            &["--account", "secret"][..],
            "--account, number 1: it is not ID:PASSWORD or ID:PASSWORD:ADDRESS",
        ),
        (
            &["--account", "a:b", "--account", "c:secret:"],
            "--account, number 2: an address has 1 to 20 octets",
        ),
        (
            &["--account", "a:secret123"],
            "account \"a\": a password has at most 8 octets and no NUL",
        ),
        (
            &["--account", ":secret"],
            "account \"\": a system_id has 1 to 15 octets and no NUL",
        ),
        (
            &["--account", "a:secret", "--account", "a:secret"],
            "account \"a\" is there twice",
        ),
        (
            &[
                "--smpps",
                "127.0.0.1:0",
                "--tls-cert",
                "/nonexistent",
                "--tls-key",
                "/nonexistent",
            ],
            "/nonexistent: No such file or directory (os error 2)",
        ),
    ] {
        let output = smscd(&[&["--smpp", "127.0.0.1:0"], args].concat())
            .wait_with_output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty(), "{args:?}");
        assert_eq!(String::from_utf8(output.stderr).unwrap(), format!("smscd: {error}\n"));
    }
    // What belongs together is asked for together.
    for args in [
        &["--smpps", "127.0.0.1:0"][..],
        &["--tls-cert", "f", "--tls-key", "f"],
        &["--tls-client-ca", "f"],
    ] {
        let output = smscd(args).wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
    }
}

#[test]
fn the_help_says_that_arguments_are_visible() {
    let help = smscd(&["--help"]).wait_with_output().unwrap();
    let help = String::from_utf8(help.stdout)
        .unwrap()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert!(
        help.contains("whoever may list the processes of this machine can read it"),
        "{help}"
    );
}

#[test]
fn it_serves_tls_beside_and_asks_for_a_certificate() {
    let directory = std::env::temp_dir().join(format!("smscd-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let mut params = rcgen::CertificateParams::default();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let ca = rcgen::CertifiedIssuer::self_signed(params, rcgen::KeyPair::generate().unwrap()).unwrap();
    let issue = |name: &str| {
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.signed_by(&key, &ca).unwrap(), key)
    };
    let file = |name: &str, text: String| {
        let path = directory.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (certificate, key) = issue("localhost");
    let (cert, key) = (file("crt", certificate.pem()), file("key", key.serialize_pem()));
    let ca_file = file("ca", ca.pem());
    let mut child = smscd(&[
        "--smpp",
        "127.0.0.1:0",
        "--smpps",
        "127.0.0.1:0",
        "--tls-cert",
        &cert,
        "--tls-key",
        &key,
        "--tls-client-ca",
        &ca_file,
    ]);
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let plain = listening_as(&mut stdout, "smpp");
    let tls = listening_as(&mut stdout, "smpps");
    assert_eq!(
        bind(&mut TcpStream::connect(plain).unwrap(), "smppclient1", "password"),
        0
    );

    let mut roots = rustls::RootCertStore::empty();
    roots.add(ca.der().clone()).unwrap();
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let (certificate, key) = issue("client");
    let shown = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let with = config
        .clone()
        .with_client_auth_cert(vec![certificate.der().clone()], shown)
        .unwrap();
    let connect = |config: rustls::ClientConfig| {
        let session = rustls::ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
        rustls::StreamOwned::new(session, TcpStream::connect(&tls).unwrap())
    };
    assert_eq!(bind(&mut connect(with), "smppclient1", "password"), 0);
    let mut without = connect(config.with_no_client_auth());
    assert!(without.read(&mut [0; 16]).is_err());
    signal(&child, "-TERM");
    assert!(child.wait().unwrap().success());
    std::fs::remove_dir_all(directory).unwrap();
}
