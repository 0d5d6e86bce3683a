//! TLS and mutual TLS, with an authority that lives as long as a test.

use crate::esme::{Esme, PATIENCE};
use crate::{Log, has_connections, server};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use smpp_pdu::CommandStatus;
use smpp_smsc::rustls::pki_types::pem::PemObject;
use smpp_smsc::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use smpp_smsc::rustls::{ClientConfig, RootCertStore, ServerConfig, crypto::ring::default_provider};
use smpp_smsc::tls::{TlsError, server_config};
use smpp_smsc::{Config, Server, ServerBuilder};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// An authority, and files of what it has issued.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    files: Files,
}

/// A directory of its own, gone with the test.
struct Files(PathBuf);

impl Files {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("smpp-smsc-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let files = Files::new(name);
        files.write("ca.pem", &issuer.pem());
        Self { issuer, files }
    }

    fn ca(&self) -> PathBuf {
        self.files.0.join("ca.pem")
    }

    /// Files of a certificate and its key.
    fn issue(&self, name: &str) -> (PathBuf, PathBuf) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (
            self.files.write(&format!("{name}.crt"), &certificate.pem()),
            self.files.write(&format!("{name}.key"), &key.serialize_pem()),
        )
    }

    /// A client that trusts it, and shows a certificate.
    fn client(&self, shown: Option<&(PathBuf, PathBuf)>) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let config = match shown {
            None => config.with_no_client_auth(),
            Some((certificate, key)) => {
                let chain = vec![CertificateDer::from_pem_file(certificate).unwrap()];
                let key = PrivateKeyDer::from_pem_file(key).unwrap();
                config.with_client_auth_cert(chain, key).unwrap()
            }
        };
        TlsConnector::from(Arc::new(config))
    }
}

async fn listen(config: Arc<ServerConfig>) -> (Server, Log, SocketAddr) {
    listen_as(config, |builder| builder).await
}

async fn listen_as(
    config: Arc<ServerConfig>,
    change: impl FnOnce(ServerBuilder) -> ServerBuilder,
) -> (Server, Log, SocketAddr) {
    let (server, log) = server(change);
    let address = server.listen_tls("127.0.0.1:0", config).await.unwrap();
    (server, log, address)
}

/// A handshake: the error may also come with what is read first, for a client of TLS 1.3 is done before the server.
async fn connect(address: SocketAddr, client: &TlsConnector) -> std::io::Result<Esme<TlsStream<TcpStream>>> {
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    Ok(Esme::over(client.connect(name, stream).await?))
}

async fn is_refused(address: SocketAddr, client: &TlsConnector) {
    if let Ok(mut esme) = connect(address, client).await {
        let error = timeout(PATIENCE, esme.io.read_u8()).await.unwrap().unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidData, "no alert: {error}");
    }
}

#[tokio::test]
async fn a_session_over_tls_ends_with_close_notify() {
    let authority = Authority::new("tls");
    let (certificate, key) = authority.issue("localhost");
    let (server, mut log, address) = listen(server_config(certificate, key, None).unwrap()).await;
    let mut esme = connect(address, &authority.client(None)).await.unwrap();
    assert_eq!(esme.bind("a").await, CommandStatus::ESME_ROK);
    let info = log.connection().await;
    assert!(info.tls && info.certificates.is_empty());
    assert_eq!(info.address, Some(esme.io.get_ref().0.local_addr().unwrap()));
    for _ in 0..3 {
        assert_eq!(esme.submit().await, CommandStatus::ESME_ROK);
    }
    esme.unbind().await;
    // Without it, an end is an error: anybody could have cut the connection.
    assert!(esme.next().await.unwrap().is_none());
    esme.io.shutdown().await.unwrap();
    has_connections(&server, 0).await;
}

#[tokio::test]
async fn a_client_shows_its_certificate_to_the_acceptor() {
    let authority = Authority::new("mtls");
    let (certificate, key) = authority.issue("localhost");
    let shown = authority.issue("client");
    let config = server_config(certificate, key, Some(&authority.ca())).unwrap();
    let (_server, mut log, address) = listen(config).await;
    let mut esme = connect(address, &authority.client(Some(&shown))).await.unwrap();
    assert_eq!(esme.bind("a").await, CommandStatus::ESME_ROK);
    let expected = CertificateDer::from_pem_file(&shown.0).unwrap().to_vec();
    assert_eq!(log.connection().await.certificates, [expected]);
}

#[tokio::test]
async fn without_the_right_certificate_nobody_comes_in() {
    let (authority, stranger) = (Authority::new("right"), Authority::new("wrong"));
    let (certificate, key) = authority.issue("localhost");
    let config = server_config(certificate, key, Some(&authority.ca())).unwrap();
    let (server, mut log, address) = listen(config).await;
    is_refused(address, &authority.client(None)).await;
    is_refused(address, &authority.client(Some(&stranger.issue("client")))).await;
    // And a client does not take a server of an authority that it does not know.
    assert!(connect(address, &stranger.client(None)).await.is_err());
    has_connections(&server, 0).await;
    assert!(log.0.try_recv().is_err(), "a bind was judged");
}

/// A load balancer that leaves TLS to the server says for whom it speaks before the handshake.
#[tokio::test]
async fn a_proxy_header_comes_before_the_handshake() {
    let authority = Authority::new("proxy");
    let (certificate, key) = authority.issue("localhost");
    let config = server_config(certificate, key, None).unwrap();
    let here = ["127.0.0.0/8".parse().unwrap()];
    let (_server, mut log, address) = listen_as(config, |builder| builder.proxy_from(here)).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let header = b"PROXY TCP4 192.0.2.1 192.0.2.9 4386 3550\r\n";
    stream.write_all(header).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut esme = Esme::over(authority.client(None).connect(name, stream).await.unwrap());
    assert_eq!(esme.bind("a").await, CommandStatus::ESME_ROK);
    let info = log.connection().await;
    assert_eq!(
        (info.address, info.tls),
        (Some("192.0.2.1:4386".parse().unwrap()), true)
    );
}

#[tokio::test]
async fn a_handshake_counts_has_its_time_and_ends_with_the_server() {
    let authority = Authority::new("half");
    let (certificate, key) = authority.issue("localhost");
    let config = server_config(certificate, key, None).unwrap();
    let hello = [0x16, 0x03, 0x01, 0x02];
    let mut times = Config::default();
    times.session_init = Duration::from_millis(30);
    let (server, _log, address) = listen_as(config.clone(), |builder| builder.config(times).max_connections(1)).await;
    let mut half = Esme::connect(address).await;
    half.send(&hello).await;
    has_connections(&server, 1).await;
    assert!(Esme::connect(address).await.is_closed().await, "it has no place");
    assert!(half.is_closed().await);
    has_connections(&server, 0).await;

    let (server, _log, address) = listen(config).await;
    let mut half = Esme::connect(address).await;
    half.send(&hello).await;
    has_connections(&server, 1).await;
    timeout(Duration::from_secs(5), server.shutdown()).await.unwrap();
    assert!(half.is_closed().await);
}

#[tokio::test]
async fn smpp_without_tls_is_no_handshake() {
    let authority = Authority::new("plain");
    let (certificate, key) = authority.issue("localhost");
    let (server, mut log, address) = listen(server_config(certificate, key, None).unwrap()).await;
    let mut plain = Esme::connect(address).await;
    plain.send(&crate::esme::bind("a")).await;
    let mut answer = Vec::new();
    let _ = timeout(PATIENCE, plain.io.read_to_end(&mut answer)).await.unwrap();
    assert_eq!(answer.first(), Some(&0x15), "an alert");
    has_connections(&server, 0).await;
    assert!(log.0.try_recv().is_err());
}

#[test]
fn files_that_make_no_tls() {
    let authority = Authority::new("files");
    let (certificate, key) = authority.issue("localhost");
    let (_, other_key) = authority.issue("other");
    let files = &authority.files;
    let (empty, nonsense) = (files.write("empty", ""), files.write("nonsense", "-----BEGIN SECRET"));
    let text = |result: Result<Arc<ServerConfig>, TlsError>| result.unwrap_err().to_string();
    let says = |path: &PathBuf, what: &str| format!("{}: {what}", path.display());
    let missing = files.0.join("missing");
    assert!(text(server_config(&missing, &key, None)).starts_with(&says(&missing, "")));
    let absent = "what is looked for is not in it";
    assert_eq!(text(server_config(&empty, &key, None)), says(&empty, absent));
    assert_eq!(text(server_config(&certificate, &empty, None)), says(&empty, absent));
    assert_eq!(
        text(server_config(&certificate, &key, Some(&empty))),
        says(&empty, absent)
    );
    assert_eq!(
        text(server_config(&certificate, &nonsense, None)),
        says(&nonsense, "it is no PEM")
    );
    assert!(text(server_config(&certificate, &other_key, None)).contains("KeyMismatch"));
    assert!(server_config(&certificate, &key, Some(&authority.ca())).is_ok());
}
