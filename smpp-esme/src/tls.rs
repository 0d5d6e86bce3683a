//! TLS (feature `tls`): whom a client trusts, and what it shows, from PEM files. An embedder that wants more of it makes
//! its own [`rustls::ClientConfig`]. Nothing here turns verification off.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
pub use tokio_rustls::rustls;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// TLS 1.2 and 1.3 with servers whose certificate one of those in `ca` has issued; without, one of those that the
/// system trusts. `shown` is the certificate chain of one file, the client's own first, and the private key of another
/// (PKCS #8, PKCS #1 or SEC 1), for servers that ask for them (mutual TLS). The files are read now and not looked at
/// again.
pub fn client_config(ca: Option<&Path>, shown: Option<(&Path, &Path)>) -> Result<Arc<ClientConfig>, TlsError> {
    let roots = match ca {
        Some(path) => roots_of(path)?,
        None => roots_of_the_system()?,
    };
    // Named, and not the process's: another crate may have brought a second provider along.
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Handshake)?
        .with_root_certificates(roots);
    let config = match shown {
        None => config.with_no_client_auth(),
        Some((certificates, key)) => {
            let chain = read_certificates(certificates)?;
            let private = PrivateKeyDer::from_pem_file(key).map_err(|error| TlsError::read(key, error))?;
            config
                .with_client_auth_cert(chain, private)
                .map_err(|error| TlsError::Refused(key.into(), error))?
        }
    };
    Ok(Arc::new(config))
}

fn roots_of(path: &Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in read_certificates(path)? {
        let refused = |error| TlsError::Refused(path.into(), error);
        roots.add(certificate).map_err(refused)?;
    }
    Ok(roots)
}

/// Systems have one or another that no verifier takes: the others count.
fn roots_of_the_system() -> Result<RootCertStore, TlsError> {
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "of the system's certificates");
    }
    let mut roots = RootCertStore::empty();
    match roots.add_parsable_certificates(found.certs) {
        (0, _) => Err(TlsError::NoRoots),
        _ => Ok(roots),
    }
}

fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let read = read.map_err(|error| TlsError::read(path, error))?;
    if read.is_empty() {
        return Err(TlsError::Empty(path.into()));
    }
    Ok(read)
}

/// What a builder knows of it.
#[derive(Clone, Default)]
pub(crate) struct Tls {
    /// Nothing for the system's roots, and no certificate to show.
    pub(crate) config: Option<Arc<ClientConfig>>,
    /// Nothing for the host's.
    pub(crate) name: Option<ServerName<'static>>,
}

impl Tls {
    /// The client's side of the handshake.
    pub(crate) async fn handshake(&self, host: Option<&str>, io: TcpStream) -> Result<TlsStream<TcpStream>, TlsError> {
        let name = match (&self.name, host) {
            (Some(name), _) => name.clone(),
            (None, Some(host)) => ServerName::try_from(host.to_owned()).map_err(|_| TlsError::Name)?,
            (None, None) => return Err(TlsError::Name),
        };
        let config = match &self.config {
            Some(config) => config.clone(),
            None => system().await?,
        };
        let connected = TlsConnector::from(config).connect(name, io).await;
        connected.map_err(TlsError::of_handshake)
    }
}

/// Files are read, which no task of a runtime should wait for.
async fn system() -> Result<Arc<ClientConfig>, TlsError> {
    let read = tokio::task::spawn_blocking(|| client_config(None, None)).await;
    read.unwrap_or(Err(TlsError::NoRoots))
}

/// Without the configuration, which has a key in it.
impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Why there is no TLS.
#[derive(Debug)]
#[non_exhaustive]
pub enum TlsError {
    /// This file cannot be read.
    Io(PathBuf, io::Error),
    /// This file is no PEM.
    Pem(PathBuf),
    /// What is looked for is not in this file.
    Empty(PathBuf),
    /// What is in this file is not what it should be; of a key also that it is not the certificate's.
    Refused(PathBuf, rustls::Error),
    /// The system has no certificates that it trusts.
    NoRoots,
    /// The host's name cannot be that of a certificate, or there is none: give one by
    /// [`Builder::tls_server_name`](crate::Builder::tls_server_name).
    Name,
    /// The server's certificate is not one to trust: of another name, expired, or of an authority that is not known.
    Certificate(rustls::CertificateError),
    /// The handshake failed otherwise: they have no version or cipher in common, or the other end does not speak TLS.
    Handshake(rustls::Error),
    /// The connection broke within the handshake.
    Broken(io::Error),
}

impl TlsError {
    /// What a file of keys says is not repeated.
    fn read(path: &Path, error: pem::Error) -> Self {
        match error {
            pem::Error::Io(error) => Self::Io(path.into(), error),
            pem::Error::NoItemsFound => Self::Empty(path.into()),
            _ => Self::Pem(path.into()),
        }
    }

    fn of_handshake(error: io::Error) -> Self {
        let told = error.get_ref().and_then(|told| told.downcast_ref::<rustls::Error>());
        match told {
            Some(rustls::Error::InvalidCertificate(fault)) => Self::Certificate(fault.clone()),
            Some(other) => Self::Handshake(other.clone()),
            None => Self::Broken(error),
        }
    }

    /// Whether it stays so until somebody changes something. A certificate is not waited for: who speaks there may be
    /// another than is meant.
    pub(crate) fn is_permanent(&self) -> bool {
        !matches!(self, Self::Handshake(_) | Self::Broken(_))
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Pem(path) => write!(f, "{}: it is no PEM", path.display()),
            Self::Empty(path) => write!(f, "{}: what is looked for is not in it", path.display()),
            Self::Refused(path, error) => write!(f, "{}: {error}", path.display()),
            Self::NoRoots => f.write_str("TLS: the system has no certificates that it trusts"),
            Self::Name => f.write_str("TLS: there is no name that the server's certificate could have"),
            Self::Certificate(rustls::CertificateError::UnknownIssuer) => {
                f.write_str("TLS: the server's certificate is not trusted: nobody that is trusted has issued it")
            }
            Self::Certificate(fault) => write!(f, "TLS: the server's certificate is not trusted: {fault}"),
            Self::Handshake(error) => write!(f, "TLS: {error}"),
            Self::Broken(error) => write!(f, "TLS: the connection broke in the handshake: {error}"),
        }
    }
}

impl std::error::Error for TlsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(_, error) | Self::Broken(error) => Some(error),
            Self::Refused(_, error) | Self::Handshake(error) => Some(error),
            Self::Pem(_) | Self::Empty(_) | Self::NoRoots | Self::Name | Self::Certificate(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_reads_well() {
        let refused = || io::Error::other("no such file");
        for (error, text) in [
            (TlsError::Io("ca.pem".into(), refused()), "ca.pem: no such file"),
            (TlsError::Pem("ca.pem".into()), "ca.pem: it is no PEM"),
            (
                TlsError::Empty("ca.pem".into()),
                "ca.pem: what is looked for is not in it",
            ),
            (
                TlsError::Refused("key.pem".into(), rustls::Error::General("no".into())),
                "key.pem: unexpected error: no",
            ),
            (TlsError::NoRoots, "TLS: the system has no certificates that it trusts"),
            (
                TlsError::Name,
                "TLS: there is no name that the server's certificate could have",
            ),
            (
                TlsError::Certificate(rustls::CertificateError::UnknownIssuer),
                "TLS: the server's certificate is not trusted: nobody that is trusted has issued it",
            ),
            (
                TlsError::Certificate(rustls::CertificateError::Revoked),
                "TLS: the server's certificate is not trusted: Revoked",
            ),
            (
                TlsError::Handshake(rustls::Error::HandshakeNotComplete),
                "TLS: handshake not complete",
            ),
            (
                TlsError::Broken(refused()),
                "TLS: the connection broke in the handshake: no such file",
            ),
        ] {
            assert_eq!(error.to_string(), text);
            let passes = matches!(error, TlsError::Handshake(_) | TlsError::Broken(_));
            assert_eq!(error.is_permanent(), !passes, "{text}");
        }
    }
}
