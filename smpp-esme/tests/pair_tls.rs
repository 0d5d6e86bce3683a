//! The bind type auto over TLS: each connection that it takes is one of TLS, and its certificate is checked.
#![cfg(feature = "tls")]

mod fake;

use fake::authority::Authority;
use fake::{Asked, Centre, message_id, soon, submit};
use smpp_esme::pdu::{CommandId, CommandStatus};
use smpp_esme::tls::{TlsError, client_config};
use smpp_esme::{Builder, CloseReason, ConnectError, Delivery, Esme, State};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// Where the centre listens, with a certificate for localhost.
struct Port {
    listener: TcpListener,
    authority: Authority,
    acceptor: TlsAcceptor,
}

impl Port {
    /// `test` is the name of the test.
    async fn new(test: &str) -> Self {
        let authority = Authority::new(test);
        Self {
            listener: TcpListener::bind("127.0.0.1:0").await.unwrap(),
            acceptor: authority.acceptor(&authority.issue("localhost"), false),
            authority,
        }
    }

    fn builder(&self) -> Builder {
        let port = self.listener.local_addr().unwrap().port();
        let builder = Esme::builder(&format!("smpps://esme:pa55word@localhost:{port}?bind=auto")).unwrap();
        builder.tls(client_config(Some(&self.authority.ca()), None).unwrap())
    }

    /// A connection whose handshake comes to an end.
    async fn accept(&self) -> Centre {
        let (stream, _) = soon(self.listener.accept()).await.unwrap();
        let stream = soon(self.acceptor.accept(stream)).await.unwrap();
        assert_eq!(stream.get_ref().1.server_name(), Some("localhost"));
        Centre::over(stream)
    }

    /// A connection whose bind, which is of this kind, is accepted.
    async fn accepts(&self, kind: CommandId) -> Centre {
        let mut centre = self.accept().await;
        assert_eq!(centre.accept_bind().await.command_id(), kind);
        centre
    }

    async fn has_no_transceiver(&self) {
        let mut centre = self.accept().await;
        let Asked { pdu, responder } = centre.asked().await;
        assert_eq!(pdu.command_id(), CommandId::BIND_TRANSCEIVER);
        responder.reject(CommandStatus::ESME_RINVCMDID).unwrap();
        assert_eq!(centre.closed().await, CloseReason::PeerClosed);
    }
}

#[tokio::test]
async fn a_transceiver_where_there_is_one() {
    let port = Port::new("auto-trx").await;
    let builder = port.builder();
    let (connected, centre) = soon(async {
        let centre = port.accepts(CommandId::BIND_TRANSCEIVER);
        tokio::join!(builder.connect(), centre)
    })
    .await;
    let (client, _inbound) = connected.unwrap();
    assert!(!client.is_pair());
    assert_eq!(
        (client.state(), centre.handle.state()),
        (State::BoundTrx, State::BoundTrx)
    );
}

#[tokio::test]
async fn two_are_one_where_there_is_none() {
    let port = Port::new("auto-pair").await;
    let builder = port.builder();
    let centre = async {
        port.has_no_transceiver().await;
        let transmitter = port.accepts(CommandId::BIND_TRANSMITTER).await;
        (transmitter, port.accepts(CommandId::BIND_RECEIVER).await)
    };
    let (connected, (mut transmitter, receiver)) = soon(async { tokio::join!(builder.connect(), centre) }).await;
    let (client, mut inbound) = connected.unwrap();
    assert!(client.is_pair());

    let pdu = submit("out");
    let answer = async {
        let (_, responder) = transmitter.submitted().await;
        responder.respond(CommandStatus::ESME_ROK, &message_id("1")).unwrap();
    };
    let (response, ()) = soon(async { tokio::join!(client.submit_sm(&pdu), answer) }).await;
    assert_eq!(response.unwrap().message_id.as_bytes(), b"1");
    let hear = async {
        let Some(Delivery::DeliverSm(_, responder)) = inbound.recv().await else {
            panic!("no deliver_sm")
        };
        responder.accept().unwrap();
    };
    let ((), delivered) = soon(async { tokio::join!(hear, receiver.deliver("in")) }).await;
    assert!(delivered.is_ok());

    assert_eq!(soon(client.unbind()).await, CloseReason::Unbound);
    for centre in [transmitter, receiver] {
        assert_eq!(centre.closed().await, CloseReason::Unbound);
    }
}

/// The third connection meets a certificate that is not trusted: the transmitter does not stay alone.
#[tokio::test]
async fn the_receivers_connection_is_checked_too() {
    let (port, stranger) = (Port::new("auto-known").await, Authority::new("auto-unknown"));
    let (builder, other) = (port.builder(), stranger.acceptor(&stranger.issue("localhost"), false));
    let centre = async {
        port.has_no_transceiver().await;
        let transmitter = port.accepts(CommandId::BIND_TRANSMITTER).await;
        let (stream, _) = soon(port.listener.accept()).await.unwrap();
        assert!(soon(other.accept(stream)).await.is_err());
        transmitter
    };
    let (connected, transmitter) = soon(async { tokio::join!(builder.connect(), centre) }).await;
    let error = connected.map(drop).unwrap_err();
    assert!(matches!(&error, ConnectError::Tls(TlsError::Certificate(_))), "{error}");
    assert_eq!(transmitter.closed().await, CloseReason::Unbound);
}
