//! The PROXY protocol, versions 1 and 2: a load balancer says for whom it speaks.

use proxy_header::{ParseConfig, ProxyHeader};
use std::fmt;
use std::io;
use std::net::SocketAddr;
use tokio::io::{AsyncRead, AsyncReadExt};

/// What the binary header of version 2 begins with.
const V2: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
/// Octets of version 1, with the end of its line; the protocol's own bound.
const LONGEST_V1: usize = 107;
/// Octets of version 2 behind the first sixteen: addresses are 216 at most, and what else a load balancer tells (the
/// name that its client asked for, a certificate's subject, an id) has room enough.
const LONGEST_V2: usize = 2048;

/// Reads the header, and no octet behind it. Returns the address that it states; `None` if the proxy speaks for itself,
/// as for a health check.
pub(super) async fn stated_address<IO>(io: &mut IO) -> Result<Option<SocketAddr>, ProxyError>
where
    IO: AsyncRead + Unpin,
{
    let octets = read_header(io).await?;
    // The rest of what a proxy says for itself is not to be looked at.
    if octets.starts_with(V2) && octets.get(V2.len()) == Some(&0x20) {
        return Ok(None);
    }
    let config = ParseConfig {
        include_tlvs: false,
        ..ParseConfig::default()
    };
    let (header, _) = ProxyHeader::parse(&octets, config).map_err(|_| ProxyError::Malformed)?;
    Ok(header.proxied_address().map(|stated| stated.source))
}

async fn read_header<IO>(io: &mut IO) -> Result<Vec<u8>, ProxyError>
where
    IO: AsyncRead + Unpin,
{
    // The shortest of version 1 has fifteen octets, of version 2 sixteen.
    let mut octets = vec![0; V2.len()];
    io.read_exact(&mut octets).await?;
    if octets == V2 {
        let mut rest = [0; 4];
        io.read_exact(&mut rest).await?;
        let [_, _, high, low] = rest;
        let len = usize::from(u16::from_be_bytes([high, low]));
        if len > LONGEST_V2 {
            return Err(ProxyError::TooLong);
        }
        octets.extend(rest);
        let at = octets.len();
        octets.resize(at + len, 0);
        io.read_exact(&mut octets[at..]).await?;
    } else if octets.starts_with(b"PROXY ") {
        // Where the line ends only its end tells.
        while !octets.ends_with(b"\r\n") {
            if octets.len() == LONGEST_V1 {
                return Err(ProxyError::TooLong);
            }
            octets.push(io.read_u8().await?);
        }
    } else {
        return Err(ProxyError::NoHeader);
    }
    Ok(octets)
}

/// Why a connection of a proxy is not served.
#[derive(Debug)]
pub(super) enum ProxyError {
    NoHeader,
    TooLong,
    Malformed,
    NotInTime(&'static str),
    Io(io::Error),
}

impl From<io::Error> for ProxyError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl fmt::Display for ProxyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHeader => f.write_str("it begins with no PROXY header"),
            Self::TooLong => f.write_str("its PROXY header is too long"),
            Self::Malformed => f.write_str("its PROXY header cannot be read"),
            Self::NotInTime(reason) => write!(f, "its PROXY header did not come: {reason}"),
            Self::Io(error) => write!(f, "its PROXY header did not come: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v2(command: u8, family: u8, body: &[u8]) -> Vec<u8> {
        let len = u16::try_from(body.len()).unwrap().to_be_bytes();
        [&V2[..], &[command, family], &len, body].concat()
    }

    /// What is stated, or why not; and how much is left of what follows.
    async fn read(header: &[u8]) -> (String, usize) {
        let octets = [header, &[7; 9]].concat();
        let mut rest = &octets[..];
        let text = match stated_address(&mut rest).await {
            Ok(Some(address)) => address.to_string(),
            Ok(None) => "itself".to_owned(),
            Err(error) => error.to_string(),
        };
        (text, rest.len())
    }

    #[tokio::test]
    async fn what_a_header_states_and_not_an_octet_more() {
        let mut v6 = vec![0x20; 32];
        v6.extend([0x11, 0x22, 0x33, 0x44]);
        let v4 = [192, 0, 2, 1, 192, 0, 2, 9, 0x11, 0x22, 0x33, 0x44];
        let with_tlv = [&v4[..], b"\x04\0\x01x"].concat();
        for (header, stated) in [
            (
                b"PROXY TCP4 192.0.2.1 192.0.2.9 4386 2775\r\n".to_vec(),
                "192.0.2.1:4386",
            ),
            (
                b"PROXY TCP6 2001:db8::1 2001:db8::2 1 2\r\n".to_vec(),
                "[2001:db8::1]:1",
            ),
            (b"PROXY UNKNOWN\r\n".to_vec(), "itself"),
            (b"PROXY UNKNOWN 1 2 3 4\r\n".to_vec(), "itself"),
            (v2(0x21, 0x11, &v4), "192.0.2.1:4386"),
            (v2(0x21, 0x11, &with_tlv), "192.0.2.1:4386"),
            (v2(0x21, 0x21, &v6), "[2020:2020:2020:2020:2020:2020:2020:2020]:4386"),
            (v2(0x21, 0x00, b""), "itself"),
            (v2(0x20, 0x11, &v4), "itself"),
            (v2(0x20, 0x77, b"whatever"), "itself"),
            (v2(0x20, 0x00, &[0; LONGEST_V2]), "itself"),
        ] {
            assert_eq!(read(&header).await, (stated.to_owned(), 9), "{header:?}");
        }
    }

    #[tokio::test]
    async fn what_is_no_header() {
        let long = [b"PROXY UNKNOWN ".to_vec(), vec![b'x'; 200]].concat();
        for (octets, error) in [
            (
                b"\0\0\0\x10\0\0\0\x15\0\0\0\0\0\0\0\x01".to_vec(),
                "it begins with no PROXY header",
            ),
            (
                b"PROXYTCP4 192.0.2.1 192.0.2.9 1 2\r\n".to_vec(),
                "it begins with no PROXY header",
            ),
            (long, "its PROXY header is too long"),
            (v2(0x20, 0, &[0; LONGEST_V2 + 1]), "its PROXY header is too long"),
            (
                b"PROXY TCP4 192.0.2.1 nonsense 1 2\r\n".to_vec(),
                "its PROXY header cannot be read",
            ),
            (v2(0x23, 0x11, &[0; 12]), "its PROXY header cannot be read"),
            (v2(0x21, 0x11, &[0; 11]), "its PROXY header cannot be read"),
        ] {
            assert_eq!(read(&octets).await.0, error, "{octets:?}");
        }
        let whole = v2(0x21, 0x11, &[0; 12]);
        for len in 0..whole.len() {
            let error = stated_address(&mut &whole[..len]).await.unwrap_err();
            assert!(matches!(error, ProxyError::Io(_)), "{len}");
        }
    }
}
