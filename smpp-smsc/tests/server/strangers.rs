//! Who comes to the port and is no ESME: named in the log, by one line, and gone.

use crate::esme::Esme;
use crate::{has_connections, server};
use smpp_pdu::{CommandId, CommandStatus};
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use tracing_subscriber::fmt::MakeWriter;

/// What was logged on this thread, which runs both sides of a test.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(octets);
        Ok(octets.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;
    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Lines {
    fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap()
    }
}

#[tokio::test]
async fn each_is_named_in_one_line_without_its_octets() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::INFO)
        .with_ansi(false)
        .with_writer(lines.clone())
        .finish();
    let _logged = tracing::subscriber::set_default(subscriber);
    let (server, mut log) = server(|builder| builder);
    let address = server.listen("127.0.0.1:0").await.unwrap();
    // A request with a body that is longer than anything that is read of it.
    let http = [b"POST /canary HTTP/1.1\r\n\r\n".to_vec(), vec![b'c'; 40_000]].concat();
    for (octets, what) in [
        (&http[..], "an HTTP request"),
        (b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03canary", "a TLS ClientHello"),
        (b"SSH-2.0-canary\r\n", "an SSH client"),
        (b"\r\n\r\n", "blank lines"),
    ] {
        let mut stranger = Esme::connect(address).await;
        stranger.send(octets).await;
        let status = stranger.answer(CommandId::GENERIC_NACK, 0).await;
        assert_eq!(status, CommandStatus::ESME_RINVCMDLEN);
        assert!(stranger.is_closed().await);
        drop(stranger);
        has_connections(&server, 0).await;
        let logged = lines.take();
        assert!(logged.contains(&format!("no SMPP: {what}")), "{logged}");
        assert!(logged.lines().count() == 1 && !logged.contains("canary"), "{logged}");
    }
    let scanner = Esme::connect(address).await;
    has_connections(&server, 1).await;
    drop(scanner);
    has_connections(&server, 0).await;
    assert!(lines.take().contains("a port scanner, or a health check"));
    assert_eq!(server.stats().pdus_in, 0);

    // An ESME that loses its way is no stranger.
    let mut esme = Esme::bound(address, "a").await;
    log.bound().await;
    lines.take();
    esme.send(b"GET ").await;
    esme.answer(CommandId::GENERIC_NACK, 0).await;
    drop(esme);
    has_connections(&server, 0).await;
    let logged = lines.take();
    assert!(!logged.contains("no SMPP") && !logged.contains("GET"), "{logged}");
}
