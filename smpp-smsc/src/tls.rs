//! TLS (feature `tls`): what a server shows, and whom it lets in, from PEM files. An embedder that wants more of it makes
//! its own [`rustls::ServerConfig`].
//!
//! ```no_run
//! use smpp_smsc::{Server, tls};
//! use std::path::Path;
//!
//! # async fn listen(server: Server) -> Result<(), Box<dyn std::error::Error>> {
//! let config = tls::server_config("server.crt", "server.key", Some(Path::new("clients-ca.crt")))?;
//! println!("smpps listening on {}", server.listen_tls("0.0.0.0:3550", config).await?);
//! # Ok(())
//! # }
//! ```

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
pub use tokio_rustls::rustls;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

/// TLS 1.2 and 1.3 with the certificate chain of one file, the server's own first, and the private key of another
/// (PKCS #8, PKCS #1 or SEC 1). With `client_ca`, a client must show a certificate that one of those in this file has
/// issued (mutual TLS); without, none is asked for. The files are read now and not looked at again.
pub fn server_config(
    certificates: impl AsRef<Path>,
    key: impl AsRef<Path>,
    client_ca: Option<&Path>,
) -> Result<Arc<ServerConfig>, TlsError> {
    // Named, and not the process's: another crate may have brought a second provider along.
    let provider = Arc::new(default_provider());
    let (certificates, key) = (certificates.as_ref(), key.as_ref());
    let refused = |path: &Path, error: rustls::Error| TlsError::Refused(path.into(), error);
    let chain = read_certificates(certificates)?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| TlsError::read(key, error))?;
    let config = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| refused(certificates, error))?;
    let config = match client_ca {
        None => config.with_no_client_auth(),
        Some(path) => {
            let mut roots = RootCertStore::empty();
            for certificate in read_certificates(path)? {
                roots.add(certificate).map_err(|error| refused(path, error))?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                .build()
                .map_err(|error| refused(path, rustls::Error::General(error.to_string())))?;
            config.with_client_cert_verifier(verifier)
        }
    };
    let config = config
        .with_single_cert(chain, private)
        .map_err(|error| refused(key, error))?;
    Ok(Arc::new(config))
}

fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let read = read.map_err(|error| TlsError::read(path, error))?;
    if read.is_empty() {
        return Err(TlsError::Empty(path.into()));
    }
    Ok(read)
}

/// Why there is no TLS; with the file that it is about.
#[derive(Debug)]
#[non_exhaustive]
pub enum TlsError {
    /// It cannot be read.
    Io(PathBuf, io::Error),
    /// It is no PEM.
    Pem(PathBuf),
    /// What is looked for is not in it.
    Empty(PathBuf),
    /// It is not what it should be; of a key also that it is not the certificate's.
    Refused(PathBuf, rustls::Error),
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
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Pem(path) => write!(f, "{}: it is no PEM", path.display()),
            Self::Empty(path) => write!(f, "{}: what is looked for is not in it", path.display()),
            Self::Refused(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}
impl std::error::Error for TlsError {}
