//! TLS: who is trusted, who is not, and what is said then.
#![cfg(feature = "tls")]

mod fake;

use fake::authority::{Authority, Issued, der};
use fake::{Centre, soon};
use smpp_esme::rustls::crypto::ring::default_provider;
use smpp_esme::rustls::pki_types::ServerName;
use smpp_esme::rustls::{CertificateError, ClientConfig};
use smpp_esme::tls::{TlsError, client_config};
use smpp_esme::{BindError, BindRetry, Builder, Client, CloseReason, ConnectError, Esme, Handler, Inbound, State};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// A port where somebody will listen.
struct Port(TcpListener);

impl Port {
    async fn new() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    /// A client of it, under a name, which trusts `authority`.
    fn client(&self, host: &str, authority: &Authority) -> Builder {
        self.untrusting(host)
            .tls(client_config(Some(&authority.ca()), None).unwrap())
    }

    fn untrusting(&self, host: &str) -> Builder {
        let port = self.0.local_addr().unwrap().port();
        Esme::builder(&format!("smpps://esme:pa55word@{host}:{port}")).unwrap()
    }

    /// The server's side of a handshake, and of the bind. What it has heard of the client, if that came to an end.
    async fn accept(&self, acceptor: &TlsAcceptor) -> Option<(Centre, Heard)> {
        let (stream, _) = self.0.accept().await.unwrap();
        let stream = acceptor.accept(stream).await.ok()?;
        let session = stream.get_ref().1;
        let heard = Heard {
            name: session.server_name().map(Into::into),
            shown: session.peer_certificates().map(|chain| chain[0].to_vec()),
        };
        let mut centre = Centre::over(stream);
        centre.accept_bind().await;
        Some((centre, heard))
    }
}

struct Heard {
    name: Option<String>,
    shown: Option<Vec<u8>>,
}

type Connected = Result<(Client, Inbound), ConnectError>;

async fn meet(port: &Port, builder: &Builder, acceptor: &TlsAcceptor) -> (Connected, Option<(Centre, Heard)>) {
    soon(async { tokio::join!(builder.connect(), port.accept(acceptor)) }).await
}

/// Both sides agree that there is a session, which ends in order; what the server has heard.
async fn is_bound(port: &Port, builder: &Builder, acceptor: &TlsAcceptor) -> Heard {
    let (connected, accepted) = meet(port, builder, acceptor).await;
    let ((client, _inbound), (centre, heard)) = (connected.unwrap(), accepted.unwrap());
    assert_eq!(client.state(), State::BoundTrx);
    assert_eq!(soon(client.unbind()).await, CloseReason::Unbound);
    assert_eq!(centre.closed().await, CloseReason::Unbound);
    heard
}

/// There is no session, on neither side, and it is for the certificate.
async fn is_refused(port: &Port, builder: &Builder, acceptor: &TlsAcceptor) -> CertificateError {
    let (connected, accepted) = meet(port, builder, acceptor).await;
    assert!(accepted.is_none(), "the server has seen a bind");
    let error = connected.map(drop).unwrap_err();
    assert_eq!(error.retry(), BindRetry::Permanent);
    let text = error.to_string();
    assert!(
        text.starts_with("no connection: TLS: the server's certificate is not trusted: "),
        "{text}"
    );
    match error {
        ConnectError::Tls(TlsError::Certificate(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_certificate_of_the_host_is_good() {
    let (port, authority) = (Port::new().await, Authority::new("good"));
    let acceptor = authority.acceptor(&authority.issue("localhost"), false);
    let heard = is_bound(&port, &port.client("localhost", &authority), &acceptor).await;
    assert_eq!((heard.name.as_deref(), heard.shown), (Some("localhost"), None));
}

/// Of an address there is nothing to tell the server, but the certificate must have it.
#[tokio::test]
async fn a_certificate_of_the_address_is_good() {
    let (port, authority) = (Port::new().await, Authority::new("address"));
    let acceptor = authority.acceptor(&authority.issue("127.0.0.1"), false);
    let heard = is_bound(&port, &port.client("127.0.0.1", &authority), &acceptor).await;
    assert_eq!(heard.name, None);
    let other = authority.acceptor(&authority.issue("127.0.0.2"), false);
    is_refused(&port, &port.client("127.0.0.1", &authority), &other).await;
}

#[tokio::test]
async fn a_handler_is_served_by_tls_too() {
    struct Silent;
    #[smpp_esme::async_trait]
    impl Handler for Silent {
        async fn deliver_sm(
            &self,
            _: smpp_esme::pdu::DeliverSm,
        ) -> Result<smpp_esme::pdu::DeliverSmResp, smpp_esme::pdu::CommandStatus> {
            Ok(Default::default())
        }
    }
    let (port, authority) = (Port::new().await, Authority::new("handler"));
    let acceptor = authority.acceptor(&authority.issue("localhost"), false);
    let builder = port.client("localhost", &authority).handler(Silent);
    let (client, accepted) = soon(async { tokio::join!(builder.connect(), port.accept(&acceptor)) }).await;
    let (client, (centre, _)) = (client.unwrap(), accepted.unwrap());
    assert!(centre.deliver("by TLS").await.is_ok());
    assert_eq!(soon(client.unbind()).await, CloseReason::Unbound);
}

#[tokio::test]
async fn the_name_of_the_certificate_can_be_another_than_the_hosts() {
    let (port, authority) = (Port::new().await, Authority::new("other-name"));
    let acceptor = authority.acceptor(&authority.issue("smsc.example"), false);
    let named = port
        .client("localhost", &authority)
        .tls_server_name(ServerName::try_from("smsc.example").unwrap());
    assert_eq!(
        is_bound(&port, &named, &acceptor).await.name.as_deref(),
        Some("smsc.example")
    );
    // Of addresses alone no name is known: one must be given.
    let address = port.0.local_addr().unwrap();
    let nameless = fake::esme()
        .addresses([address])
        .tls(client_config(Some(&authority.ca()), None).unwrap());
    let (connected, _) = soon(async { tokio::join!(nameless.connect(), port.0.accept()) }).await;
    assert!(matches!(connected, Err(ConnectError::Tls(TlsError::Name))));
    let named = nameless.tls_server_name(ServerName::try_from("smsc.example").unwrap());
    is_bound(&port, &named, &acceptor).await;
}

#[tokio::test]
async fn a_wrong_name_is_refused() {
    let (port, authority) = (Port::new().await, Authority::new("wrong-name"));
    let acceptor = authority.acceptor(&authority.issue("smsc.example"), false);
    let fault = is_refused(&port, &port.client("localhost", &authority), &acceptor).await;
    assert!(
        matches!(fault, CertificateError::NotValidForNameContext { .. }),
        "{fault:?}"
    );
}

#[tokio::test]
async fn an_unknown_authority_is_refused() {
    let port = Port::new().await;
    let (authority, stranger) = (Authority::new("known"), Authority::new("unknown"));
    let acceptor = stranger.acceptor(&stranger.issue("localhost"), false);
    let fault = is_refused(&port, &port.client("localhost", &authority), &acceptor).await;
    // Two authorities that have the same name, and not the same key.
    assert!(
        matches!(fault, CertificateError::UnknownIssuer | CertificateError::BadSignature),
        "{fault:?}"
    );
}

/// Whatever the system trusts, it is not an authority that was made a moment ago.
#[tokio::test]
async fn smpps_alone_trusts_the_system() {
    let (port, authority) = (Port::new().await, Authority::new("system"));
    let acceptor = authority.acceptor(&authority.issue("localhost"), false);
    let (connected, accepted) = meet(&port, &port.untrusting("localhost"), &acceptor).await;
    assert!(accepted.is_none());
    assert!(matches!(
        connected.map(drop),
        Err(ConnectError::Tls(TlsError::Certificate(_) | TlsError::NoRoots))
    ));
}

#[tokio::test]
async fn an_expired_certificate_is_refused() {
    let (port, authority) = (Port::new().await, Authority::new("expired"));
    let acceptor = authority.acceptor(&authority.issue_expired("localhost"), false);
    let fault = is_refused(&port, &port.client("localhost", &authority), &acceptor).await;
    assert!(matches!(fault, CertificateError::ExpiredContext { .. }), "{fault:?}");
}

#[tokio::test]
async fn a_client_shows_its_certificate() {
    let (port, authority) = (Port::new().await, Authority::new("mutual"));
    let acceptor = authority.acceptor(&authority.issue("localhost"), true);
    let Issued { certificate, key } = authority.issue("esme");
    let shows = client_config(Some(&authority.ca()), Some((&certificate, &key))).unwrap();
    let heard = is_bound(&port, &port.untrusting("localhost").tls(shows), &acceptor).await;
    assert_eq!(heard.shown, Some(der(&certificate).to_vec()));
    // Without one there is no bind: the client of TLS 1.3 learns of it behind the handshake.
    let (connected, accepted) = meet(&port, &port.client("localhost", &authority), &acceptor).await;
    assert!(accepted.is_none());
    assert!(matches!(
        connected.map(drop),
        Err(ConnectError::Bind(BindError::Closed(_)) | ConnectError::Tls(_))
    ));
}

#[tokio::test]
async fn an_embedders_own_configuration() {
    let (port, authority) = (Port::new().await, Authority::new("own"));
    let acceptor = authority.acceptor(&authority.issue("localhost"), false);
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(authority.roots())
        .with_no_client_auth();
    is_bound(&port, &port.untrusting("localhost").tls(Arc::new(config)), &acceptor).await;
    // Field by field, and no URL.
    let port_number = port.0.local_addr().unwrap().port();
    let by_fields = fake::esme()
        .host("localhost", port_number)
        .tls(client_config(Some(&authority.ca()), None).unwrap());
    is_bound(&port, &by_fields, &acceptor).await;
}

#[tokio::test]
async fn who_does_not_speak_tls_is_said_to() {
    let (port, authority) = (Port::new().await, Authority::new("plain"));
    let builder = port.client("localhost", &authority);
    let chat = async {
        let (mut stream, _) = port.0.accept().await.unwrap();
        stream.write_all(b"220 ready\r\n").await.unwrap();
        stream
    };
    let (connected, _stream) = soon(async { tokio::join!(builder.connect(), chat) }).await;
    let error = connected.map(drop).unwrap_err();
    assert!(matches!(&error, ConnectError::Tls(TlsError::Handshake(_))), "{error}");
    assert_eq!(error.retry(), BindRetry::Transient);
    let hang_up = async { drop(port.0.accept().await.unwrap()) };
    let (connected, ()) = soon(async { tokio::join!(builder.connect(), hang_up) }).await;
    let error = connected.map(drop).unwrap_err();
    assert!(matches!(&error, ConnectError::Tls(TlsError::Broken(_))), "{error}");
}

#[tokio::test]
async fn a_handshake_has_the_time_of_the_connection() {
    let (port, authority) = (Port::new().await, Authority::new("silent"));
    let builder = port
        .client("127.0.0.1", &authority)
        .connect_timeout(Duration::from_millis(100));
    let (connected, _silent) = soon(async { tokio::join!(builder.connect(), port.0.accept()) }).await;
    assert!(matches!(connected.map(drop), Err(ConnectError::TimedOut)));
}

#[test]
fn files_that_are_of_no_use() {
    let authority = Authority::new("files");
    let (issued, other) = (authority.issue("esme"), authority.issue("other"));
    let (empty, broken) = (
        authority.file("empty.pem", ""),
        authority.file(
            "broken.pem",
            "-----BEGIN CERTIFICATE-----\nsecret!\n-----END CERTIFICATE-----\n",
        ),
    );
    let no_certificate = authority.file(
        "none.pem",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    );
    let missing = Path::new("no/such/file.pem");
    let fails = |ca: &Path, shown| client_config(Some(ca), shown).map(drop).unwrap_err();
    assert!(matches!(fails(missing, None), TlsError::Io(path, _) if path == missing));
    assert!(matches!(fails(&empty, None), TlsError::Empty(path) if path == empty));
    assert!(matches!(fails(&broken, None), TlsError::Pem(path) if path == broken));
    assert!(matches!(fails(&no_certificate, None), TlsError::Refused(path, _) if path == no_certificate));
    let ca = &authority.ca();
    let mismatched = fails(ca, Some((issued.certificate.as_path(), other.key.as_path())));
    assert!(matches!(mismatched, TlsError::Refused(path, _) if path == other.key));
    let no_key = fails(ca, Some((issued.certificate.as_path(), issued.certificate.as_path())));
    assert!(matches!(no_key, TlsError::Empty(path) if path == issued.certificate));
}

#[test]
fn no_key_in_debug() {
    let authority = Authority::new("debug");
    let Issued { certificate, key } = authority.issue("esme");
    let config = client_config(Some(&authority.ca()), Some((&certificate, &key))).unwrap();
    let text = format!("{:?}", fake::esme().tls(config));
    assert!(text.contains("Tls") && !text.contains("resolver"), "{text}");
}
