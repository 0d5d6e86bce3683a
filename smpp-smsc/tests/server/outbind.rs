//! Sessions that the server begins, with an ESME that waits for them.

use crate::server;
use smpp_pdu::{
    BindReceiver, COctetString, Codec, CommandStatus, DeliverSm, DeliverSmResp, Outbind, Password, Pdu, Version,
};
use smpp_session::driver::{Asked, Connection, Handle, Reply, Served, Service};
use smpp_session::{Received, RequestError, Role};
use smpp_smsc::{CloseReason, Config, OutbindError};
use std::future::Pending;
use std::task::Context;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// Tells of outbinds, and takes every message.
struct Waits(mpsc::UnboundedSender<Outbind>);

impl Service for Waits {
    type Response = DeliverSmResp;
    type Handling = Pending<Option<Reply<DeliverSmResp>>>;

    fn request<'a>(
        &self,
        _: &mut Context<'_>,
        asked: Asked<'a>,
        received: &Received<'_>,
    ) -> Served<'a, Self::Handling> {
        match &received.pdu {
            Pdu::DeliverSm(_) => asked.respond(&DeliverSmResp::default()),
            _ => asked.reject(CommandStatus::ESME_RINVCMDID),
        }
    }
    fn notice(&self, received: Received<'_, ()>) {
        if let Pdu::Outbind(outbind) = received.pdu {
            let _ = self.0.send(outbind.into_owned());
        }
    }
}

/// The next connection of a listener, and the outbind that came by it.
async fn called(listener: &TcpListener) -> (Handle, Outbind) {
    let connection = Connection::new(Role::Esme, Config::default());
    let (handle, (outbinds, mut outbind)) = (connection.handle(), mpsc::unbounded_channel());
    let (stream, _) = listener.accept().await.unwrap();
    tokio::spawn(connection.drive(stream, Waits(outbinds)));
    (handle, outbind.recv().await.unwrap())
}

fn outbind() -> Outbind {
    Outbind {
        system_id: COctetString::new("smsc").unwrap(),
        password: Password::new("secret").unwrap(),
        ..Outbind::default()
    }
}

/// The client of this project is called, and delivered to.
#[tokio::test]
async fn smpp_esme_is_called() {
    let (server, _log) = server(|builder| builder);
    let system_id = COctetString::new("esme").unwrap();
    let esme = smpp_esme::Builder::new(system_id, Password::new("pw").unwrap());
    let mut listener = esme.listen("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let served = tokio::spawn({
        let server = server.clone();
        async move { server.outbind(address, &outbind()).await }
    });
    let called = listener.accept().await.unwrap();
    assert!(called.is_from("smsc", "secret"));
    let (client, _inbound) = called.bind().await.unwrap();
    assert_eq!(client.state(), smpp_esme::State::BoundRx);
    assert_eq!(client.unbind().await, CloseReason::Unbound);
    assert_eq!(served.await.unwrap().unwrap(), CloseReason::Unbound);
}

#[tokio::test]
async fn the_session_that_follows_is_one_like_others() {
    let (server, mut log) = server(|builder| builder);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let served = tokio::spawn({
        let server = server.clone();
        async move { server.outbind(address, &outbind()).await }
    });
    let (esme, called_by) = called(&listener).await;
    assert_eq!(called_by, outbind());
    let bind = BindReceiver {
        interface_version: 0x34,
        ..BindReceiver::default()
    };
    esme.request(bind).await.unwrap();
    assert_eq!(log.connection().await.address, Some(address));
    log.bound().await.deliver_sm(&DeliverSm::default()).await.unwrap();
    esme.unbind();
    assert_eq!(served.await.unwrap().unwrap(), CloseReason::Unbound);
    assert_eq!(log.closed().await, CloseReason::Unbound);
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn who_does_not_bind_has_the_time_for_it() {
    let mut config = Config::default();
    config.session_init = Duration::from_millis(20);
    let (server, _log) = server(|builder| builder.config(config));
    let (ours, mut theirs) = tokio::io::duplex(1 << 10);
    let heard = tokio::spawn(async move {
        let mut octets = Vec::new();
        theirs.read_to_end(&mut octets).await.map(|_| octets)
    });
    let ended = server.serve_outbind(ours, &outbind()).await.unwrap();
    assert_eq!(ended, CloseReason::SessionInit);
    let heard = heard.await.unwrap().unwrap();
    assert_eq!(
        Codec::default().decode(&heard).unwrap().pdu.into_owned(),
        Pdu::from(outbind())
    );
}

#[tokio::test]
async fn what_comes_to_no_session() {
    let (at_v33, _log) = server(|builder| {
        let mut config = Config::default();
        config.version = Version::V33;
        builder.config(config)
    });
    let (ours, theirs) = tokio::io::duplex(1 << 10);
    let refused = at_v33.serve_outbind(ours, &outbind()).await.unwrap_err();
    assert!(matches!(refused, OutbindError::Refused(RequestError::NotARequest(_))));
    assert_eq!(refused.to_string(), "not sent: outbind is no request of this version");
    assert_eq!(at_v33.connections(), 0);
    drop(theirs);

    let (server, _log) = server(|builder| builder.max_connections(0));
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let refused = server.outbind(gone, &outbind()).await.unwrap_err();
    assert!(matches!(&refused, OutbindError::Connect(_)) && refused.to_string().starts_with("not connected: "));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let refused = server
        .outbind(listener.local_addr().unwrap(), &outbind())
        .await
        .unwrap_err();
    assert!(matches!(refused, OutbindError::TurnedAway));
    assert_eq!(refused.to_string(), "too many connections, or the server is ending");
}
