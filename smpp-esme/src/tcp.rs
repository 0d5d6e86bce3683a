//! From a name to a TCP connection.

use crate::error::ConnectError;
use socket2::{SockRef, TcpKeepalive};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout, timeout_at};

/// Where to connect to, and how.
#[derive(Debug, Clone)]
pub(crate) struct Tcp {
    pub(crate) host: Option<Host>,
    /// In place of those that the host's name has.
    pub(crate) addresses: Vec<SocketAddr>,
    pub(crate) keepalive: Option<Duration>,
}

#[derive(Debug, Clone)]
pub(crate) struct Host {
    pub(crate) name: String,
    pub(crate) port: u16,
}

impl Default for Tcp {
    fn default() -> Self {
        Self {
            host: None,
            addresses: Vec::new(),
            keepalive: Some(KEEPALIVE),
        }
    }
}

impl Tcp {
    /// Connects to the first address that takes it.
    pub(crate) async fn open(&self, deadline: Instant) -> Result<TcpStream, ConnectError> {
        let addresses = match (&self.addresses[..], &self.host) {
            ([], None) => return Err(ConnectError::NoHost),
            ([], Some(host)) => {
                let found = timeout_at(deadline, lookup_host((host.name.as_str(), host.port))).await;
                found.map_err(|_| ConnectError::TimedOut)??.collect()
            }
            (given, _) => given.to_vec(),
        };
        let stream = in_turn(&addresses, deadline, TcpStream::connect).await?;
        self.tune(&stream)?;
        Ok(stream)
    }

    pub(crate) fn tune(&self, stream: &TcpStream) -> io::Result<()> {
        // What is written is written in whole batches: nothing is gained by holding the end of one back.
        stream.set_nodelay(true)?;
        if let Some(idle) = self.keepalive {
            SockRef::from(stream).set_tcp_keepalive(&TcpKeepalive::new().with_time(idle))?;
        }
        Ok(())
    }
}

/// One address after the other. Each has its share of the time that is left: one that is silent leaves some to those
/// behind it. If none takes it, the failure is that of the last.
async fn in_turn<S, F>(
    addresses: &[SocketAddr],
    deadline: Instant,
    connect: impl Fn(SocketAddr) -> F,
) -> Result<S, ConnectError>
where
    F: Future<Output = io::Result<S>>,
{
    let no_address = || io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    let mut failure = ConnectError::Io(no_address());
    for (&address, left) in addresses.iter().zip((1..=addresses.len()).rev()) {
        let share = deadline.saturating_duration_since(Instant::now()) / u32::try_from(left).unwrap_or(u32::MAX);
        failure = match timeout(share, connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => error.into(),
            Err(_) => ConnectError::TimedOut,
        };
        tracing::debug!(%address, %failure, "not connected");
    }
    Err(failure)
}

/// Below the two hours of most systems, and above enquire_link, which finds a dead link first: it is for the time in
/// which a session is silent on purpose, and for routers that forget connections.
const KEEPALIVE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::future::pending;
    use tokio::net::TcpListener;

    fn addresses<const N: usize>() -> [SocketAddr; N] {
        std::array::from_fn(|n| SocketAddr::from(([192, 0, 2, 1], 2775 + n as u16)))
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(20)
    }

    /// How connecting to the addresses ends, and which of them were tried. `ends` says of each whether it takes the
    /// connection, and nothing of one that is silent.
    async fn tried<const N: usize>(
        ends: [Option<bool>; N],
        time: Duration,
    ) -> (Result<SocketAddr, ConnectError>, Vec<SocketAddr>) {
        let (addresses, tried) = (addresses::<N>(), RefCell::new(Vec::new()));
        let connect = |address| {
            tried.borrow_mut().push(address);
            let end = ends[addresses.iter().position(|known| *known == address).unwrap()];
            async move {
                match end {
                    Some(true) => Ok(address),
                    Some(false) => Err(io::Error::new(io::ErrorKind::ConnectionRefused, address.to_string())),
                    None => pending().await,
                }
            }
        };
        let end = in_turn(&addresses, Instant::now() + time, connect).await;
        (end, tried.into_inner())
    }

    #[tokio::test]
    async fn the_first_that_takes_it() {
        let [first, second, third] = addresses();
        let time = Duration::from_secs(20);
        let (end, asked) = tried([Some(true), Some(true), Some(true)], time).await;
        assert_eq!((end.unwrap(), asked), (first, vec![first]));
        let (end, asked) = tried([Some(false), Some(false), Some(true)], time).await;
        assert_eq!((end.unwrap(), asked), (third, vec![first, second, third]));
    }

    #[tokio::test]
    async fn one_that_is_silent_leaves_time_to_the_next() {
        let [first, second, third] = addresses();
        let (begun, time) = (Instant::now(), Duration::from_millis(1500));
        let (end, asked) = tried([None, None, Some(true)], time).await;
        assert_eq!((end.unwrap(), asked), (third, vec![first, second, third]));
        let took = begun.elapsed();
        assert!(took >= time * 2 / 3 && took < time, "{took:?}: two shares of three");
    }

    #[tokio::test]
    async fn the_failure_is_that_of_the_last() {
        let time = Duration::from_millis(60);
        let (end, asked) = tried([None, Some(false)], time).await;
        assert!(matches!(&end, Err(ConnectError::Io(error)) if error.to_string() == asked[1].to_string()));
        let (end, asked) = tried([Some(false), None], time).await;
        assert!(matches!(end, Err(ConnectError::TimedOut)));
        assert_eq!(asked.len(), 2);
        let (end, _) = tried([], time).await;
        assert_eq!(end.unwrap_err().to_string(), "no connection: the name has no address");
    }

    #[tokio::test]
    async fn a_connection_sends_at_once_and_is_kept_alive() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        for keepalive in [Some(Duration::from_secs(17)), None] {
            let tcp = Tcp {
                addresses: vec![listener.local_addr().unwrap()],
                keepalive,
                ..Tcp::default()
            };
            let stream = tcp.open(soon()).await.unwrap();
            assert!(stream.nodelay().unwrap());
            let socket = SockRef::from(&stream);
            assert_eq!(socket.keepalive().unwrap(), keepalive.is_some());
            if let Some(idle) = keepalive {
                assert_eq!(socket.tcp_keepalive_time().unwrap(), idle);
            }
        }
        assert_eq!(Tcp::default().keepalive, Some(Duration::from_secs(60)));
    }

    #[tokio::test]
    async fn ipv6_by_host_and_by_address() {
        let listener = TcpListener::bind("[::1]:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let host = Host {
            name: "::1".into(),
            port: address.port(),
        };
        for tcp in [
            Tcp {
                host: Some(host),
                ..Tcp::default()
            },
            Tcp {
                addresses: vec![address],
                ..Tcp::default()
            },
        ] {
            assert_eq!(tcp.open(soon()).await.unwrap().peer_addr().unwrap(), address);
        }
    }
}
