//! `smpp://system_id:password@host:port?key=value`, and `smpps://`.

use crate::bind::BindKind;
use crate::builder::Builder;
use crate::tcp::Host;
#[cfg(feature = "tls")]
use crate::tls::Tls;
use percent_encoding::percent_decode_str;
use smpp_pdu::{COctetString, Password, Version};
use std::fmt;
use std::net::Ipv6Addr;

/// What is wrong with a URL. Nothing of its system_id and password is quoted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum UrlError {
    /// It begins neither with `smpp://` nor with `smpps://`.
    Scheme,
    /// It begins with `smpps://`, and the feature `tls` is off.
    NoTls,
    /// A character stands unencoded in system_id or password that ends them.
    Userinfo,
    /// A NUL in a field that cannot hold one.
    Nul(&'static str),
    /// No host.
    Host,
    /// What stands in brackets is no IPv6 address, or one stands without them.
    Ipv6,
    /// The port is no number from 1 to 65,535.
    Port,
    /// Something stands between the address and the query.
    Path,
    /// A key that is not known.
    Key(String),
    /// The value that a key has is not one of those that it may have.
    Value {
        /// The key.
        key: &'static str,
        /// What it may be.
        expected: &'static str,
    },
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scheme => f.write_str("the URL begins neither with smpp:// nor with smpps://"),
            Self::NoTls => f.write_str("smpps:// needs the feature tls"),
            Self::Userinfo => f.write_str("in system_id and password / ? # @ are written %2F %3F %23 %40"),
            Self::Nul(field) => write!(f, "the {field} of the URL has a NUL in it"),
            Self::Host => f.write_str("the URL has no host"),
            Self::Ipv6 => f.write_str("the IPv6 address of the URL is not one in brackets"),
            Self::Port => f.write_str("the port of the URL is no number from 1 to 65535"),
            Self::Path => f.write_str("the URL has a path, which means nothing here"),
            Self::Key(key) => write!(f, "the URL has an unknown key, {}", key.escape_debug()),
            Self::Value { key, expected } => write!(f, "{key} in the URL must be {expected}"),
        }
    }
}
impl std::error::Error for UrlError {}

pub(crate) fn parse(url: &str) -> Result<Builder, UrlError> {
    let (scheme, rest) = url.split_once("://").ok_or(UrlError::Scheme)?;
    let default_port = match scheme.to_ascii_lowercase().as_str() {
        "smpp" => PORT,
        "smpps" if cfg!(feature = "tls") => TLS_PORT,
        "smpps" => return Err(UrlError::NoTls),
        _ => return Err(UrlError::Scheme),
    };
    let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    if rest.contains('@') {
        return Err(UrlError::Userinfo);
    }
    let (userinfo, address) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (system_id, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
    let mut builder = Builder::new(
        COctetString::new(octets(system_id)).map_err(|_| UrlError::Nul("system_id"))?,
        Password::new(octets(password)).map_err(|_| UrlError::Nul("password"))?,
    );
    builder.tcp.host = Some(host(address, default_port)?);
    #[cfg(feature = "tls")]
    if default_port == TLS_PORT {
        builder.tls = Some(Tls::default());
    }
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    if let Some(query) = rest.strip_prefix('?') {
        query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .try_fold(builder, option)
    } else if rest.is_empty() {
        Ok(builder)
    } else {
        Err(UrlError::Path)
    }
}

fn octets(encoded: &str) -> Vec<u8> {
    percent_decode_str(encoded).collect()
}

fn host(address: &str, default_port: u16) -> Result<Host, UrlError> {
    let (name, port) = match address.strip_prefix('[') {
        Some(rest) => {
            let (name, port) = rest.split_once(']').ok_or(UrlError::Ipv6)?;
            name.parse::<Ipv6Addr>().map_err(|_| UrlError::Ipv6)?;
            (name, port)
        }
        None => address.split_at(address.find(':').unwrap_or(address.len())),
    };
    let port = match port.strip_prefix(':') {
        Some(port) if port.contains(':') => return Err(UrlError::Ipv6),
        Some("") => default_port,
        Some(port) => number(port).filter(|&port| port != 0).ok_or(UrlError::Port)?,
        None if port.is_empty() => default_port,
        None => return Err(UrlError::Port),
    };
    if name.is_empty() {
        return Err(UrlError::Host);
    }
    Ok(Host {
        name: name.into(),
        port,
    })
}

/// Digits only: `parse` alone would take a sign too.
fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.bytes().all(|c| c.is_ascii_digit()).then_some(())?;
    text.parse().ok()
}

fn option(builder: Builder, pair: &str) -> Result<Builder, UrlError> {
    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
    let wrong = |key, expected| UrlError::Value { key, expected };
    Ok(match key {
        "bind" => builder.bind(match value {
            "trx" => BindKind::Transceiver,
            "tx" => BindKind::Transmitter,
            "rx" => BindKind::Receiver,
            "auto" => BindKind::Auto,
            _ => return Err(wrong("bind", "trx, tx, rx or auto")),
        }),
        "system_type" => {
            builder.system_type(COctetString::new(octets(value)).map_err(|_| UrlError::Nul("system_type"))?)
        }
        "version" => builder.version(match value {
            "3.3" => Version::V33,
            "3.4" => Version::V34,
            "5.0" => Version::V50,
            _ => return Err(wrong("version", "3.3, 3.4 or 5.0")),
        }),
        "window" => builder.window(
            number(value)
                .filter(|&window| window > 0)
                .ok_or(wrong("window", "a number from 1"))?,
        ),
        _ => return Err(UrlError::Key(key.into())),
    })
}

/// SMPP's at IANA.
const PORT: u16 = 2775;
/// What those who offer SMPP by TLS have agreed on.
const TLS_PORT: u16 = 3550;

#[cfg(test)]
mod tests {
    use super::*;

    fn address(url: &str) -> (String, u16) {
        let host = parse(url).unwrap().tcp.host.unwrap();
        (host.name, host.port)
    }

    #[test]
    fn addresses() {
        for (url, name, port) in [
            ("smpp://id:pw@127.0.0.1:2776", "127.0.0.1", 2776),
            ("smpp://id:pw@smsc.example", "smsc.example", 2775),
            ("SMPP://id:pw@smsc.example/", "smsc.example", 2775),
            ("smpp://id:pw@smsc.example:/?bind=tx", "smsc.example", 2775),
            ("smpp://id:pw@[::1]:2776?bind=tx", "::1", 2776),
            ("smpp://[2001:db8::1]", "2001:db8::1", 2775),
        ] {
            assert_eq!(address(url), (name.into(), port), "{url}");
        }
    }

    #[cfg(feature = "tls")]
    #[test]
    fn smpps_is_tls_and_has_a_port_of_its_own() {
        for (url, port, tls) in [
            ("smpps://id:pw@smsc.example", 3550, true),
            ("SMPPS://id:pw@smsc.example:/", 3550, true),
            ("smpps://smsc.example:2775?bind=tx", 2775, true),
            ("smpp://smsc.example:3550", 3550, false),
        ] {
            assert_eq!(address(url), ("smsc.example".into(), port), "{url}");
            assert_eq!(parse(url).unwrap().is_tls(), tls, "{url}");
        }
    }

    #[cfg(not(feature = "tls"))]
    #[test]
    fn smpps_is_never_plain() {
        let error = parse("smpps://id:secret@h").unwrap_err();
        assert_eq!(error.to_string(), "smpps:// needs the feature tls");
    }

    #[test]
    fn credentials_are_octets() {
        for (url, system_id, password) in [
            ("smpp://id:pw@h", &b"id"[..], &b"pw"[..]),
            ("smpp://id:p%40s%3as@h", b"id", b"p@s:s"),
            ("smpp://a%3Ab:p:w@h", b"a:b", b"p:w"),
            ("smpp://id:p@w@h", b"id", b"p@w"),
            ("smpp://%ff%FE:%80@h", b"\xff\xfe", b"\x80"),
            ("smpp://id:50%@h", b"id", b"50%"),
            ("smpp://id:a+b@h", b"id", b"a+b"),
            ("smpp://id@h", b"id", b""),
            ("smpp://h", b"", b""),
        ] {
            let bind = parse(url).unwrap().bind;
            assert_eq!(
                (bind.system_id.as_bytes(), bind.password.as_bytes()),
                (system_id, password),
                "{url}"
            );
        }
    }

    #[test]
    fn options() {
        let builder = parse("smpp://h?bind=rx&system_type=V%20A&version=5.0&window=100").unwrap();
        assert_eq!(builder.bind.kind, BindKind::Receiver);
        assert_eq!(builder.bind.system_type.as_bytes(), b"V A");
        assert_eq!((builder.config.version, builder.config.window), (Version::V50, 100));
        assert_eq!(parse("smpp://h?bind=auto").unwrap().bind.kind, BindKind::Auto);
        let builder = parse("smpp://h").unwrap();
        assert_eq!(builder.bind.kind, BindKind::Transceiver);
        assert_eq!((builder.config.version, builder.config.window), (Version::V34, 10));
    }

    #[test]
    fn what_is_wrong_is_said_and_no_secret_with_it() {
        for (url, text) in [
            ("", "the URL begins neither with smpp:// nor with smpps://"),
            ("id:secret@h", "the URL begins neither with smpp:// nor with smpps://"),
            (
                "http://id:secret@h",
                "the URL begins neither with smpp:// nor with smpps://",
            ),
            (
                "smppss://id:secret@h",
                "the URL begins neither with smpp:// nor with smpps://",
            ),
            (
                "smpp:/id:secret@h",
                "the URL begins neither with smpp:// nor with smpps://",
            ),
            (
                "smpp://id:s/ecret@h",
                "in system_id and password / ? # @ are written %2F %3F %23 %40",
            ),
            (
                "smpp://id:1?secret@h",
                "in system_id and password / ? # @ are written %2F %3F %23 %40",
            ),
            ("smpp://%00:secret@h", "the system_id of the URL has a NUL in it"),
            ("smpp://id:secret%00@h", "the password of the URL has a NUL in it"),
            ("smpp://h?system_type=%00", "the system_type of the URL has a NUL in it"),
            ("smpp://id:secret@", "the URL has no host"),
            ("smpp://id:secret@:2775", "the URL has no host"),
            ("smpp://::1", "the IPv6 address of the URL is not one in brackets"),
            ("smpp://[::1", "the IPv6 address of the URL is not one in brackets"),
            (
                "smpp://[secret]:1",
                "the IPv6 address of the URL is not one in brackets",
            ),
            ("smpp://[::1]1", "the port of the URL is no number from 1 to 65535"),
            ("smpp://id:secret", "the port of the URL is no number from 1 to 65535"),
            ("smpp://h:0", "the port of the URL is no number from 1 to 65535"),
            ("smpp://h:+1", "the port of the URL is no number from 1 to 65535"),
            ("smpp://h:65536", "the port of the URL is no number from 1 to 65535"),
            ("smpp://h/path", "the URL has a path, which means nothing here"),
            ("smpp://h#part", "the URL has a path, which means nothing here"),
            ("smpp://h?tls=yes", "the URL has an unknown key, tls"),
            ("smpp://h?bind=both", "bind in the URL must be trx, tx, rx or auto"),
            ("smpp://h?version=4", "version in the URL must be 3.3, 3.4 or 5.0"),
            ("smpp://h?window=0", "window in the URL must be a number from 1"),
            ("smpp://h?window=", "window in the URL must be a number from 1"),
        ] {
            let error = parse(url).unwrap_err();
            assert_eq!(error.to_string(), text, "{url}");
            assert!(!format!("{error:?}").contains("secret"));
        }
    }
}
