//! From a connection to a bound session, or to the reason why there is none.

mod fake;

use fake::{Centre, bound, esme, soon};
use smpp_esme::pdu::{Address, BindTransceiver, COctetString, CommandStatus, Npi, Pdu, Ton, Version};
use smpp_esme::{BindError, BindKind, CloseReason, ConnectError, Esme, State};
use std::time::Duration;
use tokio::net::TcpListener;

#[tokio::test]
async fn every_field_of_the_bind_goes_out() {
    let (io, mut centre) = Centre::in_memory();
    let address_range = Address {
        ton: Ton::INTERNATIONAL,
        npi: Npi::ISDN,
        addr: COctetString::new("^4477").unwrap(),
    };
    let builder = esme()
        .system_type(COctetString::new("VMA").unwrap())
        .version(Version::V50)
        .address_range(address_range.clone());
    let (connected, asked) = soon(async { tokio::join!(builder.connect_over(io), centre.accept_bind()) }).await;
    let expected = BindTransceiver {
        system_id: COctetString::new("esme").unwrap(),
        password: smpp_esme::pdu::Password::new("pa55word").unwrap(),
        system_type: COctetString::new("VMA").unwrap(),
        interface_version: 0x50,
        address_range,
        ..BindTransceiver::default()
    };
    assert_eq!(asked, Pdu::BindTransceiver(expected));
    assert_eq!(connected.unwrap().0.state(), State::BoundTrx);
}

#[tokio::test]
async fn each_kind_binds_as_what_it_is() {
    for (kind, state) in [
        (BindKind::Transceiver, State::BoundTrx),
        (BindKind::Transmitter, State::BoundTx),
        (BindKind::Receiver, State::BoundRx),
    ] {
        let (client, _inbound, centre) = bound(esme().bind(kind)).await;
        assert_eq!((client.state(), centre.handle.state()), (state, state));
    }
}

#[tokio::test]
async fn a_refused_bind_says_why_and_closes_the_connection() {
    for status in [
        CommandStatus::ESME_RINVPASWD,
        CommandStatus::ESME_RINVSYSID,
        CommandStatus::ESME_RBINDFAIL,
        CommandStatus::ESME_RALYBND,
        CommandStatus::ESME_RINVSYSTYP,
        CommandStatus::ESME_RSYSERR,
        CommandStatus::ESME_RTHROTTLED,
        CommandStatus(0x0400),
    ] {
        let (io, mut centre) = Centre::in_memory();
        let refuse = async {
            centre.asked().await.responder.reject(status).unwrap();
        };
        let builder = esme();
        let (connected, ()) = soon(async { tokio::join!(builder.connect_over(io), refuse) }).await;
        assert!(matches!(connected, Err(BindError::Refused(refused)) if refused == status));
        assert_eq!(centre.closed().await, CloseReason::PeerClosed);
    }
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_answer_says_so() {
    let (io, mut centre) = Centre::in_memory();
    let vanish = async move {
        let _asked = centre.asked().await;
        centre.vanish().await;
    };
    let builder = esme();
    let (connected, ()) = soon(async { tokio::join!(builder.connect_over(io), vanish) }).await;
    assert!(matches!(connected, Err(BindError::Closed(CloseReason::PeerClosed))));
}

#[tokio::test]
async fn what_does_not_fit_is_not_sent() {
    let (io, mut centre) = Centre::in_memory();
    let long = smpp_esme::pdu::Password::new("far too long").unwrap();
    let error = soon(esme().password(long).connect_over(io)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the bind cannot be sent: bind_transceiver.password: 13 octets where 9 are allowed"
    );
    assert!(centre.next().await.is_none());
}

#[tokio::test]
async fn both_sides_speak_the_lower_version() {
    // The fake centre does not say its own, and is taken for one of 3.4 at most.
    for (ours, agreed) in [
        (Version::V33, Version::V33),
        (Version::V34, Version::V34),
        (Version::V50, Version::V34),
    ] {
        let (client, _inbound, _centre) = bound(esme().version(ours)).await;
        assert_eq!(client.version(), agreed);
    }
}

#[tokio::test]
async fn by_url_over_tcp() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smpp://esme:p%40ss@{}?bind=tx", listener.local_addr().unwrap());
    let builder = Esme::builder(&url).unwrap();
    let accept = async {
        let (stream, _) = listener.accept().await.unwrap();
        let mut centre = Centre::over(stream);
        let Pdu::BindTransmitter(bind) = centre.accept_bind().await else {
            panic!("no bind_transmitter")
        };
        assert_eq!(bind.password.as_bytes(), b"p@ss");
        centre
    };
    let (connected, centre) = soon(async { tokio::join!(builder.connect(), accept) }).await;
    let (client, _inbound) = connected.unwrap();
    assert_eq!(soon(client.unbind()).await, CloseReason::Unbound);
    assert_eq!(centre.closed().await, CloseReason::Unbound);
}

/// The first address takes nothing; the host has no say.
#[tokio::test]
async fn the_next_address_is_tried() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let builder = esme()
        .host("no.such.host.invalid", 2775)
        .addresses([free, listener.local_addr().unwrap()]);
    let accept = async {
        let mut centre = Centre::over(listener.accept().await.unwrap().0);
        centre.accept_bind().await;
        centre
    };
    let (connected, _centre) = soon(async { tokio::join!(builder.connect(), accept) }).await;
    assert_eq!(connected.unwrap().0.state(), State::BoundTrx);
}

#[tokio::test]
async fn nobody_there() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = soon(esme().host("127.0.0.1", free.port()).connect()).await.unwrap_err();
    assert!(matches!(error, ConnectError::Io(_)));
    let error = soon(esme().connect()).await.unwrap_err();
    assert!(matches!(error, ConnectError::NoHost));
    assert_eq!(error.to_string(), "no connection: no host is given");
    // Nothing is as fast as that.
    let hasty = esme().host("127.0.0.1", free.port()).connect_timeout(Duration::ZERO);
    assert!(soon(hasty.connect()).await.is_err());
}
