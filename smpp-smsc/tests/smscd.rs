//! The program: what it says, and how it ends.
#![cfg(feature = "daemon")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

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
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    line.strip_prefix("smpp listening on ").unwrap().trim_end().to_owned()
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
        std::net::TcpStream::connect(&address).unwrap();
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
