//! Each limit is reached, exceeded, and left again.

use crate::esme::Esme;
use crate::{has_connections, limited, server};
use smpp_pdu::CommandStatus;
use smpp_smsc::{BindLimit, CloseReason, Config, Server};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::time::timeout;

const V4: &str = "127.0.0.1:0";
const V6: &str = "[::1]:0";

/// Every way in which a session may end: what one does to a bound one.
const ENDS: [&str; 5] = ["unbind", "half a PDU", "no length", "without a word", "by the server"];

async fn end(mut esme: Esme, how: &str, log: &mut crate::Log) {
    let peer = log.bound().await;
    let reason = match how {
        "no length" => CloseReason::Framing { command_length: 0 },
        "unbind" | "by the server" => CloseReason::Unbound,
        _ => CloseReason::PeerClosed,
    };
    match how {
        "unbind" => esme.unbind().await,
        "half a PDU" => esme.send(&[0, 0, 0, 16, 0]).await,
        "no length" => esme.send(&[0; 16]).await,
        "by the server" => {
            peer.unbind();
            esme.recv().await;
        }
        _ => {}
    }
    drop(esme);
    assert_eq!(log.closed().await, reason);
}

async fn is_turned_away(address: SocketAddr) {
    assert!(Esme::connect(address).await.is_closed().await);
}

#[tokio::test]
async fn connections_in_total_of_all_listeners() {
    let (server, mut log) = server(|builder| builder.max_connections(2));
    let addresses = [server.listen(V4).await.unwrap(), server.listen(V6).await.unwrap()];
    for how in ENDS {
        // Not bound is a connection too.
        let silent = Esme::connect(addresses[1]).await;
        has_connections(&server, 1).await;
        let esme = Esme::bound(addresses[0], "a").await;
        is_turned_away(addresses[0]).await;
        is_turned_away(addresses[1]).await;
        end(esme, how, &mut log).await;
        has_connections(&server, 1).await;
        let mut esme = Esme::bound(addresses[1], "b").await;
        assert_eq!(esme.submit().await, CommandStatus::ESME_ROK);
        log.bound().await;
        drop((esme, silent));
        has_connections(&server, 0).await;
    }
}

#[tokio::test]
async fn connections_of_one_address() {
    let (server, mut log) = server(|builder| builder.max_connections_per_address(1));
    let addresses = [server.listen(V4).await.unwrap(), server.listen(V6).await.unwrap()];
    for how in ENDS {
        let esme = Esme::bound(addresses[0], "a").await;
        is_turned_away(addresses[0]).await;
        has_connections(&server, 1).await;
        end(esme, how, &mut log).await;
        has_connections(&server, 0).await;
        // Another address is another matter.
        let other = Esme::bound(addresses[1], "a").await;
        let again = Esme::bound(addresses[0], "a").await;
        is_turned_away(addresses[1]).await;
        log.bound().await;
        log.bound().await;
        drop((other, again));
        has_connections(&server, 0).await;
    }
}

#[tokio::test]
async fn who_never_binds_gives_its_place_back_in_time() {
    let mut config = Config::default();
    config.session_init = Duration::from_millis(20);
    let (server, _log) = server(|builder| builder.config(config).max_connections_per_address(1));
    let address = server.listen(V4).await.unwrap();
    for _ in 0..2 {
        let mut silent = Esme::connect(address).await;
        assert!(silent.is_closed().await);
        drop(silent);
        has_connections(&server, 0).await;
    }
}

/// The sessions of one system_id, at a server that allows one.
async fn one_session_of_a_system_id((server, mut log): (Server, crate::Log)) {
    let address = server.listen(V4).await.unwrap();
    for how in ENDS {
        let esme = Esme::bound(address, "a").await;
        let mut second = Esme::connect(address).await;
        assert_eq!(second.bind("a").await, CommandStatus::ESME_RALYBND);
        // Under another name it may, on the same connection too.
        assert_eq!(second.bind("b").await, CommandStatus::ESME_ROK);
        has_connections(&server, 2).await;
        end(esme, how, &mut log).await;
        has_connections(&server, 1).await;
        let third = Esme::bound(address, "a").await;
        log.bound().await;
        drop((second, third));
        has_connections(&server, 0).await;
    }
}

#[tokio::test]
async fn sessions_of_one_system_id_as_the_server_has_it() {
    one_session_of_a_system_id(server(|builder| builder.bind_limit(BindLimit::refusing(1)))).await;
}

#[tokio::test]
async fn sessions_of_one_system_id_as_its_account_has_it() {
    let builder = |builder: smpp_smsc::ServerBuilder| builder.bind_limit(BindLimit::refusing(7));
    one_session_of_a_system_id(limited(Some(BindLimit::refusing(1)), builder)).await;
}

/// The session ends with the response, and not with the connection, which waits for its peer to close it.
#[tokio::test]
async fn a_session_that_is_unbound_counts_no_more_while_its_connection_lasts() {
    let (server, mut log) = server(|builder| builder.bind_limit(BindLimit::refusing(1)));
    let address = server.listen(V4).await.unwrap();
    let mut first = Esme::bound(address, "a").await;
    first.unbind().await;
    // The connection is waited for a little longer than this.
    let told = timeout(Duration::from_secs(4), log.closed()).await;
    assert_eq!(told.expect("its handler is told at once"), CloseReason::Unbound);
    let _second = Esme::bound(address, "a").await;
    assert_eq!(server.connections(), 2);
}

/// A handler that is refused its place hears nothing more of the session.
#[tokio::test]
async fn a_refused_bind_is_no_session() {
    let (server, mut log) = server(|builder| builder.bind_limit(BindLimit::refusing(0)));
    let address = server.listen(V4).await.unwrap();
    let mut esme = Esme::connect(address).await;
    assert_eq!(esme.bind("a").await, CommandStatus::ESME_RALYBND);
    assert_eq!(esme.submit().await, CommandStatus::ESME_RINVBNDSTS);
    drop(esme);
    has_connections(&server, 0).await;
    assert!(matches!(log.next().await, crate::Seen::Bind(..)));
    assert!(log.0.try_recv().is_err(), "neither bound nor closed");
}
