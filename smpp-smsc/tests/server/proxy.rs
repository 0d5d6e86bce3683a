//! PROXY headers: from where they are believed, and from where they are not.

use crate::esme::{Esme, bind};
use crate::{Log, has_connections, server};
use smpp_pdu::{CommandId, CommandStatus};
use smpp_smsc::{Config, Server, ServerBuilder};
use std::net::SocketAddr;
use std::time::Duration;

/// All of this machine's own addresses.
const HERE: [&str; 2] = ["127.0.0.0/8", "::1/128"];

async fn behind_a_proxy(change: impl FnOnce(ServerBuilder) -> ServerBuilder) -> (Server, Log, SocketAddr) {
    let (server, log) = server(|builder| change(builder.proxy_from(HERE.map(|range| range.parse().unwrap()))));
    let address = server.listen("127.0.0.1:0").await.unwrap();
    (server, log, address)
}

fn v1(source: &str) -> Vec<u8> {
    let family = if source.contains(':') { "TCP6" } else { "TCP4" };
    format!("PROXY {family} {source} {source} 4386 2775\r\n").into_bytes()
}

fn v2(source: [u8; 4]) -> Vec<u8> {
    let mut octets = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c".to_vec();
    octets.extend(source);
    octets.extend([192, 0, 2, 9, 0x11, 0x22, 0x0a, 0xd7]);
    octets
}

/// The header and the bind in one segment: what is behind the header is the session's.
async fn bound_as(address: SocketAddr, header: &[u8]) -> Esme {
    let mut esme = Esme::connect(address).await;
    esme.send(&[header, &bind("a")].concat()).await;
    let status = esme.answer(CommandId::BIND_TRANSCEIVER_RESP, 1).await;
    assert_eq!(status, CommandStatus::ESME_ROK);
    esme
}

#[tokio::test]
async fn the_address_is_the_stated_one() {
    let (_server, mut log, address) = behind_a_proxy(|builder| builder).await;
    for (header, stated) in [
        (v1("192.0.2.1"), Some("192.0.2.1:4386")),
        (v1("2001:db8::1"), Some("[2001:db8::1]:4386")),
        (v2([198, 51, 100, 7]), Some("198.51.100.7:4386")),
        (b"PROXY UNKNOWN\r\n".to_vec(), None),
    ] {
        let mut esme = bound_as(address, &header).await;
        assert_eq!(esme.submit().await, CommandStatus::ESME_ROK);
        let (info, own) = (log.connection().await, esme.io.local_addr().unwrap());
        assert_eq!(info.address, Some(stated.map_or(own, |stated| stated.parse().unwrap())));
        assert_eq!(info.proxy, Some(own));
    }
}

#[tokio::test]
async fn a_header_may_come_octet_by_octet() {
    let (_server, mut log, address) = behind_a_proxy(|builder| builder).await;
    let mut esme = Esme::connect(address).await;
    for octet in [v1("192.0.2.1"), bind("a")].concat() {
        esme.send(&[octet]).await;
        tokio::task::yield_now().await;
    }
    esme.answer(CommandId::BIND_TRANSCEIVER_RESP, 1).await;
    assert_eq!(log.connection().await.address, Some("192.0.2.1:4386".parse().unwrap()));
}

#[tokio::test]
async fn the_stated_address_is_counted() {
    let (server, mut log, address) = behind_a_proxy(|builder| builder.max_connections_per_address(1)).await;
    let mut first = bound_as(address, &v1("2001:db8:0:1::1")).await;
    let neighbour = bound_as(address, &v1("2001:db8:0:2::1")).await;
    let mut again = Esme::connect(address).await;
    again.send(&v1("2001:db8:0:1:ffff::2")).await;
    assert!(again.is_closed().await, "one network of IPv6 is one address");
    first.unbind().await;
    drop((first, neighbour));
    has_connections(&server, 0).await;
    bound_as(address, &v1("2001:db8:0:1:ffff::2")).await;
    for _ in 0..3 {
        log.connection().await;
    }
}

#[tokio::test]
async fn from_a_trusted_range_there_must_be_one_and_in_time() {
    let mut config = Config::default();
    config.session_init = Duration::from_millis(30);
    let (server, mut log, address) = behind_a_proxy(|builder| builder.config(config)).await;
    for octets in [&bind("a")[..], b"", b"PROXY TCP4 192.0.2.1", b"GET / HTTP/1.1\r\n\r\n"] {
        let mut esme = Esme::connect(address).await;
        esme.send(octets).await;
        assert!(esme.is_closed().await);
        drop(esme);
        has_connections(&server, 0).await;
    }
    assert!(log.0.try_recv().is_err(), "a bind was judged");
}

#[tokio::test]
async fn from_elsewhere_it_is_garbage() {
    let elsewhere = ["192.0.2.0/24".parse().unwrap()];
    let (server, mut log) = server(|builder| builder.proxy_from(elsewhere));
    let address = server.listen("127.0.0.1:0").await.unwrap();
    for header in [v1("192.0.2.1"), v2([192, 0, 2, 1])] {
        let mut esme = Esme::connect(address).await;
        esme.send(&[header, bind("a")].concat()).await;
        let status = esme.answer(CommandId::GENERIC_NACK, 0).await;
        assert_eq!(status, CommandStatus::ESME_RINVCMDLEN);
        assert!(esme.is_closed().await);
    }
    assert!(log.0.try_recv().is_err(), "a bind was judged");
    // And who sends none is served.
    Esme::bound(address, "a").await;
    assert_eq!(log.connection().await.proxy, None);
}

/// A listener of both families has addresses of IPv4 in the form of IPv6.
#[tokio::test]
async fn a_range_of_ipv4_holds_at_a_listener_of_both() {
    let (server, mut log) = server(|builder| builder.proxy_from(["127.0.0.0/8".parse().unwrap()]));
    let address = server.listen("[::]:0").await.unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], address.port()));
    bound_as(address, &v1("192.0.2.1")).await;
    assert_eq!(log.connection().await.address, Some("192.0.2.1:4386".parse().unwrap()));
}
