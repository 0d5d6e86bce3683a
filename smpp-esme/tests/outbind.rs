//! SMSCs that call: by a stream, and by a listener that strangers find too.

mod fake;

use fake::{Centre, esme, soon};
use smpp_esme::pdu::{COctetString, CommandId, CommandStatus, EnquireLink, Header, Outbind as Said, Password, Version};
use smpp_esme::{
    Accept, BindError, BindKind, CloseReason, Config, Delivery, Outbind, OutbindError, OutbindListener, State,
};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::net::TcpStream;

fn said() -> Said {
    Said {
        system_id: COctetString::new("smsc").unwrap(),
        password: Password::new("s3cret").unwrap(),
        ..Said::default()
    }
}

/// A centre that has called over a pipe, and what came of it.
async fn called() -> (Outbind, Centre) {
    let (io, centre) = Centre::in_memory();
    centre.handle.notify(&said()).unwrap();
    (soon(esme().outbind_over(io)).await.unwrap(), centre)
}

async fn refused(error: Result<Outbind, OutbindError>) -> OutbindError {
    error.map(drop).unwrap_err()
}

fn reason(error: &OutbindError) -> CloseReason {
    match error {
        OutbindError::Stranger { reason, .. } => *reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn it_is_bound_to_as_a_receiver() {
    let (outbind, mut centre) = called().await;
    assert_eq!(outbind.system_id().as_bytes(), b"smsc");
    assert_eq!((outbind.password(), outbind.peer_addr()), (&b"s3cret"[..], None));
    let (bound, asked) = soon(async { tokio::join!(outbind.bind(), centre.accept_bind()) }).await;
    let (client, mut inbound) = bound.unwrap();
    assert_eq!(asked.command_id(), CommandId::BIND_RECEIVER);
    assert_eq!(
        (client.state(), centre.handle.state()),
        (State::BoundRx, State::BoundRx)
    );
    let hear = async {
        let Some(Delivery::DeliverSm(pdu, responder)) = inbound.recv().await else {
            panic!("no deliver_sm")
        };
        responder.accept().unwrap();
        pdu
    };
    let (heard, delivered) = soon(async { tokio::join!(hear, centre.deliver("called")) }).await;
    assert!(heard.short_message.as_bytes() == b"called" && delivered.is_ok());
    assert_eq!(soon(client.unbind()).await, CloseReason::Unbound);
    assert_eq!(centre.closed().await, CloseReason::Unbound);
}

#[tokio::test]
async fn or_as_what_is_asked_for() {
    for (kind, command) in [
        (BindKind::Receiver, CommandId::BIND_RECEIVER),
        (BindKind::Transmitter, CommandId::BIND_TRANSMITTER),
        (BindKind::Transceiver, CommandId::BIND_TRANSCEIVER),
        (BindKind::Auto, CommandId::BIND_TRANSCEIVER),
    ] {
        let (outbind, mut centre) = called().await;
        let (bound, asked) = soon(async { tokio::join!(outbind.bind_as(kind), centre.accept_bind()) }).await;
        assert!(bound.is_ok());
        assert_eq!(asked.command_id(), command);
    }
}

#[tokio::test]
async fn who_calls_is_judged() {
    let (outbind, _centre) = called().await;
    assert!(outbind.is_from("smsc", "s3cret"));
    for (system_id, password) in [
        ("smsc", "s3creT"),
        ("smsc", ""),
        ("smsc", "s3crets"),
        ("smscs", "s3cret"),
        ("", ""),
        ("s3cret", "smsc"),
    ] {
        assert!(!outbind.is_from(system_id, password), "{system_id} {password}");
    }
    let debug = format!("{outbind:?}");
    assert!(!debug.contains("smsc") && !debug.contains("s3cret"), "{debug}");
}

/// Not a PDU more (R102).
#[tokio::test]
async fn refused_it_hears_nothing_more() {
    let (mut io, theirs) = duplex(1 << 10);
    io.write_all(&frame(&said())).await.unwrap();
    drop(soon(esme().outbind_over(theirs)).await.unwrap());
    let mut rest = Vec::new();
    soon(io.read_to_end(&mut rest)).await.unwrap();
    assert!(rest.is_empty(), "{rest:?}");
}

#[tokio::test]
async fn a_bind_may_be_refused_by_who_has_called() {
    let (outbind, mut centre) = called().await;
    let refuse = async {
        let asked = centre.asked().await;
        asked.responder.reject(CommandStatus::ESME_RBINDFAIL).unwrap();
    };
    let (bound, ()) = soon(async { tokio::join!(outbind.bind(), refuse) }).await;
    let error = bound.map(drop).unwrap_err();
    assert!(matches!(error, BindError::Refused(CommandStatus::ESME_RBINDFAIL)));
}

/// Who calls and is not answered does not wait for ever.
#[tokio::test]
async fn a_judgement_that_takes_too_long() {
    let (io, centre) = Centre::in_memory();
    centre.handle.notify(&said()).unwrap();
    let builder = esme().configure(|config| config.session_init = Duration::from_millis(10));
    let outbind = soon(builder.outbind_over(io)).await.unwrap();
    assert_eq!(centre.closed().await, CloseReason::PeerClosed);
    let error = soon(outbind.bind()).await.map(drop).unwrap_err();
    assert!(
        matches!(error, BindError::Closed(CloseReason::SessionInit)),
        "{error:?}"
    );
}

#[tokio::test]
async fn strangers_are_named() {
    let gone = async |octets: &[u8], config: fn(&mut Config)| {
        let (mut io, theirs) = duplex(1 << 16);
        io.write_all(octets).await.unwrap();
        let error = soon(esme().configure(config).outbind_over(theirs)).await;
        reason(&refused(error).await)
    };
    let hasty: fn(&mut Config) = |config| config.session_init = Duration::from_millis(10);
    assert_eq!(gone(b"", hasty).await, CloseReason::SessionInit);
    // Other PDUs are not what is waited for.
    assert_eq!(
        gone(&frame(&EnquireLink::default()), hasty).await,
        CloseReason::SessionInit
    );
    let command_length = u32::from_be_bytes(*b"GET ");
    assert_eq!(
        gone(b"GET / HTTP/1.1\r\n\r\n", |_| ()).await,
        CloseReason::Framing { command_length }
    );
    let few: fn(&mut Config) = |config| config.free.enquire_link = 3;
    assert!(matches!(
        gone(&frame(&EnquireLink::default()).repeat(5), few).await,
        CloseReason::Free(_)
    ));
    // Half an outbind.
    let slow: fn(&mut Config) = |config| config.pdu_read = Duration::from_millis(10);
    assert_eq!(gone(&frame(&said())[..20], slow).await, CloseReason::PduRead);
    // Nothing but the connection.
    let (io, theirs) = duplex(1);
    drop(io);
    let error = refused(soon(esme().outbind_over(theirs)).await).await;
    assert_eq!(reason(&error), CloseReason::PeerClosed);
}

#[tokio::test]
async fn version_3_3_has_none() {
    let (io, _centre) = Centre::in_memory();
    let error = refused(soon(esme().version(Version::V33).outbind_over(io)).await).await;
    assert!(matches!(error, OutbindError::Version));
}

fn frame(pdu: &impl smpp_esme::pdu::Encode) -> Vec<u8> {
    let mut octets = Vec::new();
    let header = Header::request(7);
    smpp_esme::pdu::Codec::default()
        .encode(header, pdu, &mut octets)
        .unwrap();
    octets
}

/// A centre that calls by TCP.
async fn call(listener: &OutbindListener) -> Centre {
    let address = listener.local_addr().unwrap();
    let centre = Centre::over(TcpStream::connect(address).await.unwrap());
    centre.handle.notify(&said()).unwrap();
    centre
}

#[tokio::test]
async fn by_tcp_among_strangers() {
    let mut listener = esme().listen("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut silent = Vec::new();
    for _ in 0..5 {
        silent.push(TcpStream::connect(address).await.unwrap());
    }
    let mut scanner = TcpStream::connect(address).await.unwrap();
    scanner.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let from = scanner.local_addr().unwrap();
    let OutbindError::Stranger { peer_addr, reason } = refused(soon(listener.accept()).await).await else {
        panic!("a stranger")
    };
    assert_eq!(peer_addr, Some(from));
    assert!(matches!(reason, CloseReason::Framing { .. }));
    // The silent hold nobody up.
    for _ in 0..3 {
        let mut centre = call(&listener).await;
        let outbind = soon(listener.accept()).await.unwrap();
        assert!(outbind.peer_addr().is_some() && outbind.is_from("smsc", "s3cret"));
        let (bound, _) = soon(async { tokio::join!(outbind.bind(), centre.accept_bind()) }).await;
        assert_eq!(soon(bound.unwrap().0.unbind()).await, CloseReason::Unbound);
    }
    assert!(format!("{listener:?}").contains("waiting: 5"), "{listener:?}");
}

/// Connections as a test makes them.
struct Script(VecDeque<io::Result<DuplexStream>>);

impl Accept for Script {
    type Io = DuplexStream;

    fn poll_accept(&mut self, _: &mut Context<'_>) -> Poll<io::Result<(DuplexStream, Option<SocketAddr>)>> {
        match self.0.pop_front() {
            Some(next) => Poll::Ready(next.map(|io| (io, None))),
            None => Poll::Pending,
        }
    }
}

#[tokio::test]
async fn no_more_are_waited_for_than_may_be() {
    let mut ends = Vec::new();
    let connections = (0..50).map(|_| {
        let (io, theirs) = duplex(1 << 10);
        ends.push(io);
        Ok(theirs)
    });
    let script = Script(connections.collect());
    let mut listener = esme().outbinds(script).max_waiting(3);
    // The first three of fifty are silent, and what they do next is the end of them.
    for n in 0..50 {
        assert!(poll_fn(|cx| Poll::Ready(std::pin::pin!(listener.accept()).poll(cx).is_pending())).await);
        assert!(format!("{listener:?}").contains(&format!("waiting: {}", 3.min(50 - n))));
        drop(ends.remove(0));
        let gone = refused(soon(listener.accept()).await).await;
        assert_eq!(reason(&gone), CloseReason::PeerClosed);
    }
}

/// Want of descriptors, most often: it is said, and the next is accepted after a while.
#[tokio::test(start_paused = true)]
async fn an_error_is_not_the_end() {
    let (io, centre) = Centre::in_memory();
    centre.handle.notify(&said()).unwrap();
    let failure = || Err(io::Error::other("too many open files"));
    let script = Script([failure(), failure(), Ok(io)].into());
    let mut listener = esme().outbinds(script);
    let begun = tokio::time::Instant::now();
    for waited in [0, 10] {
        let error = refused(soon(listener.accept()).await).await;
        assert!(matches!(error, OutbindError::Accept(_)), "{error}");
        assert!(begun.elapsed() >= Duration::from_millis(waited));
    }
    assert!(soon(listener.accept()).await.unwrap().is_from("smsc", "s3cret"));
    assert!(begun.elapsed() >= Duration::from_millis(30));
}
