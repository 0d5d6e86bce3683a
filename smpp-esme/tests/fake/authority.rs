//! An authority that lives as long as a test, and what it has issued.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use smpp_esme::rustls::crypto::ring::default_provider;
use smpp_esme::rustls::pki_types::pem::PemObject;
use smpp_esme::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use smpp_esme::rustls::server::WebPkiClientVerifier;
use smpp_esme::rustls::{RootCertStore, ServerConfig};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    files: Files,
}

/// The files of a certificate and its key.
#[derive(Debug, Clone)]
pub(crate) struct Issued {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// A directory of its own, gone with the test.
struct Files(PathBuf);

impl Files {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("smpp-esme-{}-{name}", std::process::id()));
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
    /// `name` is that of the test: two at once must not have the same.
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let files = Files::new(name);
        files.write("ca.pem", &issuer.pem());
        Self { issuer, files }
    }

    pub(crate) fn ca(&self) -> PathBuf {
        self.files.0.join("ca.pem")
    }

    pub(crate) fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).unwrap();
        roots
    }

    /// A file of any other content.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        self.files.write(name, text)
    }

    pub(crate) fn issue(&self, name: &str) -> Issued {
        self.issue_as(name, |_| {})
    }

    pub(crate) fn issue_expired(&self, name: &str) -> Issued {
        self.issue_as(name, |params| {
            params.not_before = date_time_ymd(2000, 1, 1);
            params.not_after = date_time_ymd(2001, 1, 1);
        })
    }

    fn issue_as(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Issued {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Issued {
            certificate: self.files.write(&format!("{name}.crt"), &certificate.pem()),
            key: self.files.write(&format!("{name}.key"), &key.serialize_pem()),
        }
    }

    /// A server that shows `issued`, and asks for a certificate of this authority if `asks`.
    pub(crate) fn acceptor(&self, issued: &Issued, asks: bool) -> TlsAcceptor {
        let provider = Arc::new(default_provider());
        let config = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .unwrap();
        let config = match asks {
            false => config.with_no_client_auth(),
            true => config.with_client_cert_verifier(
                WebPkiClientVerifier::builder_with_provider(Arc::new(self.roots()), provider)
                    .build()
                    .unwrap(),
            ),
        };
        let key = PrivateKeyDer::from_pem_file(&issued.key).unwrap();
        let config = config.with_single_cert(vec![der(&issued.certificate)], key).unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// The certificate in a file.
pub(crate) fn der(path: &Path) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(path).unwrap()
}
