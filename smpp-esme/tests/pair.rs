//! The bind type auto: a transceiver, or a transmitter and a receiver that are one.

mod fake;

use fake::{Asked, Centre, Raw, esme, message, message_id, soon, submit};
use smpp_esme::pdu::{CommandId, CommandStatus, DeliverSm, DeliverSmResp, GenericNack, Pdu, Version};
use smpp_esme::{
    BindError, BindKind, Builder, CallError, Client, CloseReason, ConnectError, Delivery, Esme, Handler, Inbound,
    State, async_trait,
};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// Where the centre listens.
struct Port(TcpListener);

/// How a centre says that it has no transceivers.
#[derive(Debug, Clone, Copy)]
enum Refusal {
    ByItsResponse,
    ByNack,
}
const REFUSALS: [Refusal; 2] = [Refusal::ByItsResponse, Refusal::ByNack];

impl Port {
    async fn new() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    fn builder(&self) -> Builder {
        let address = self.0.local_addr().unwrap();
        esme().addresses([address]).bind(BindKind::Auto)
    }

    async fn accept(&self) -> Centre {
        let (stream, _) = soon(self.0.accept()).await.unwrap();
        Centre::over(stream)
    }

    /// A connection whose bind, which is of this kind, is accepted.
    async fn accepts(&self, kind: CommandId) -> Centre {
        let mut centre = self.accept().await;
        assert_eq!(centre.accept_bind().await.command_id(), kind);
        centre
    }

    /// A connection whose bind is refused with a status.
    async fn refuses(&self, kind: CommandId, status: CommandStatus) {
        let mut centre = self.accept().await;
        let Asked { pdu, responder } = centre.asked().await;
        assert_eq!(pdu.command_id(), kind);
        responder.reject(status).unwrap();
        assert_eq!(centre.closed().await, CloseReason::PeerClosed);
    }

    async fn has_no_transceiver(&self, refusal: Refusal) {
        match refusal {
            Refusal::ByItsResponse => {
                let status = CommandStatus::ESME_RINVCMDID;
                self.refuses(CommandId::BIND_TRANSCEIVER, status).await;
            }
            Refusal::ByNack => {
                let mut raw = Raw::over(soon(self.0.accept()).await.unwrap().0);
                let (pdu, sequence) = raw.read().await;
                assert!(matches!(pdu, Pdu::BindTransceiver(_)));
                let nack = raw.frame(CommandStatus::ESME_RINVCMDID, sequence, &GenericNack::default());
                raw.write(&nack).await;
            }
        }
    }

    async fn accepts_pair(&self) -> (Centre, Centre) {
        let transmitter = self.accepts(CommandId::BIND_TRANSMITTER).await;
        (transmitter, self.accepts(CommandId::BIND_RECEIVER).await)
    }
}

/// A client, and its two sessions as the centre has them.
struct Bound {
    client: Client,
    inbound: Inbound,
    transmitter: Centre,
    receiver: Centre,
}

async fn pair() -> Bound {
    let (port, refusal) = (Port::new().await, Refusal::ByItsResponse);
    let builder = port.builder();
    let centre = async {
        port.has_no_transceiver(refusal).await;
        port.accepts_pair().await
    };
    let (connected, (transmitter, receiver)) = soon(async { tokio::join!(builder.connect(), centre) }).await;
    let (client, inbound) = connected.unwrap();
    Bound {
        client,
        inbound,
        transmitter,
        receiver,
    }
}

#[tokio::test]
async fn a_transceiver_where_there_is_one() {
    let port = Port::new().await;
    let url = format!("smpp://esme:pa55word@{}?bind=auto", port.0.local_addr().unwrap());
    let builder = Esme::builder(&url).unwrap();
    let centre = port.accepts(CommandId::BIND_TRANSCEIVER);
    let (connected, centre) = soon(async { tokio::join!(builder.connect(), centre) }).await;
    let (client, _inbound) = connected.unwrap();
    assert!(!client.is_pair());
    assert_eq!(
        (client.state(), centre.handle.state()),
        (State::BoundTrx, State::BoundTrx)
    );
}

#[tokio::test]
async fn two_are_one_where_there_is_none() {
    for refusal in REFUSALS {
        let port = Port::new().await;
        let builder = port.builder();
        let centre = async {
            port.has_no_transceiver(refusal).await;
            port.accepts_pair().await
        };
        let (connected, centre) = soon(async { tokio::join!(builder.connect(), centre) }).await;
        let ((client, mut inbound), (mut transmitter, receiver)) = (connected.unwrap(), centre);
        assert!(client.is_pair() && client.is_open(), "{refusal:?}");
        assert_eq!(client.state(), State::BoundTrx);

        let pdu = submit("out");
        let answer = async {
            let (_, responder) = transmitter.submitted().await;
            responder.respond(CommandStatus::ESME_ROK, &message_id("1")).unwrap();
        };
        let (response, ()) = soon(async { tokio::join!(client.submit_sm(&pdu), answer) }).await;
        assert_eq!(response.unwrap().message_id.as_bytes(), b"1");

        let hear = async {
            let Some(Delivery::DeliverSm(pdu, responder)) = inbound.recv().await else {
                panic!("no deliver_sm")
            };
            responder.accept().unwrap();
            pdu
        };
        let (heard, delivered) = soon(async { tokio::join!(hear, receiver.deliver("in")) }).await;
        assert_eq!((heard, delivered.is_ok()), (message("in"), true));

        // Two binds and a submit_sm; one deliver_sm.
        let stats = client.stats();
        assert_eq!((stats.requests_out, stats.answered, stats.requests_in), (3, 3, 1));

        assert_eq!(soon(client.unbind()).await, CloseReason::Unbound);
        for centre in [transmitter, receiver] {
            assert_eq!(centre.closed().await, CloseReason::Unbound);
        }
        assert_eq!(client.state(), State::Closed);
        assert!(soon(inbound.recv()).await.is_none());
    }
}

#[tokio::test]
async fn at_3_3_no_transceiver_is_asked_for() {
    let port = Port::new().await;
    let builder = port.builder().version(Version::V33);
    let (connected, _centres) = soon(async { tokio::join!(builder.connect(), port.accepts_pair()) }).await;
    let (client, _inbound) = connected.unwrap();
    assert_eq!((client.is_pair(), client.version()), (true, Version::V33));
}

/// Nor over a stream that there is only one of.
#[tokio::test]
async fn over_one_stream_it_is_a_transceiver() {
    let (io, mut centre) = Centre::in_memory();
    let builder = esme().bind(BindKind::Auto);
    let (connected, asked) = soon(async { tokio::join!(builder.connect_over(io), centre.accept_bind()) }).await;
    assert!(matches!(asked, Pdu::BindTransceiver(_)) && !connected.unwrap().0.is_pair());
}

#[tokio::test]
async fn another_refusal_is_the_end_of_it() {
    for status in [CommandStatus::ESME_RINVPASWD, CommandStatus::ESME_RALYBND] {
        let port = Port::new().await;
        let builder = port.builder();
        let refuse = port.refuses(CommandId::BIND_TRANSCEIVER, status);
        let (connected, ()) = soon(async { tokio::join!(builder.connect(), refuse) }).await;
        let error = connected.map(drop).unwrap_err();
        assert!(matches!(error, ConnectError::Bind(BindError::Refused(refused)) if refused == status));
    }
}

#[tokio::test]
async fn a_transmitter_alone_is_let_go() {
    let port = Port::new().await;
    let builder = port.builder();
    let centre = async {
        port.has_no_transceiver(Refusal::ByNack).await;
        let transmitter = port.accepts(CommandId::BIND_TRANSMITTER).await;
        let full = CommandStatus::ESME_RALYBND;
        port.refuses(CommandId::BIND_RECEIVER, full).await;
        transmitter
    };
    let (connected, transmitter) = soon(async { tokio::join!(builder.connect(), centre) }).await;
    let error = connected.map(drop).unwrap_err();
    assert!(matches!(
        error,
        ConnectError::Bind(BindError::Refused(CommandStatus::ESME_RALYBND))
    ));
    assert_eq!(transmitter.closed().await, CloseReason::Unbound);
}

/// All go to the address that has no transceivers, and not to the first that the name has.
#[tokio::test]
async fn both_at_the_same_address() {
    let port = Port::new().await;
    let second = port.0.local_addr().unwrap();
    let first = SocketAddr::from(([127, 0, 0, 107], second.port()));
    let builder = port.builder().addresses([first, second]);
    let centre = async {
        port.has_no_transceiver(Refusal::ByNack).await;
        // From now on the first would take it.
        let listener = TcpListener::bind(first).await.unwrap();
        (port.accepts_pair().await, listener)
    };
    let (connected, _centre) = soon(async { tokio::join!(builder.connect(), centre) }).await;
    assert!(connected.unwrap().0.is_pair());
}

/// Whichever of the two ends, and however: the other is unbound in order, and why the first ended is said.
#[tokio::test]
async fn one_does_not_outlive_the_other() {
    for transmitter_ends in [true, false] {
        for in_order in [true, false] {
            let mut bound = pair().await;
            let (ends, stays) = match transmitter_ends {
                true => (bound.transmitter, bound.receiver),
                false => (bound.receiver, bound.transmitter),
            };
            let expected = match in_order {
                true => {
                    ends.handle.unbind();
                    CloseReason::Unbound
                }
                false => {
                    ends.vanish().await;
                    CloseReason::PeerClosed
                }
            };
            assert_eq!(stays.closed().await, CloseReason::Unbound);
            assert_eq!(soon(bound.client.closed()).await, expected);
            assert!(!bound.client.is_open());
            assert_eq!(bound.client.state(), State::Closed);
            let late = soon(bound.client.submit_sm(&submit("late"))).await;
            assert!(matches!(late, Err(CallError::NotWritten(_))), "{late:?}");
            assert!(soon(bound.inbound.recv()).await.is_none());
        }
    }
}

#[tokio::test]
async fn the_last_hold_dropped_unbinds_both() {
    let bound = pair().await;
    drop(bound.client);
    assert_eq!(
        (bound.transmitter.handle.state(), bound.receiver.handle.state()),
        (State::BoundTx, State::BoundRx)
    );
    drop(bound.inbound);
    assert_eq!(bound.transmitter.closed().await, CloseReason::Unbound);
    assert_eq!(bound.receiver.closed().await, CloseReason::Unbound);
}

#[tokio::test]
async fn close_says_what_the_transmitter_has_left() {
    let mut bound = pair().await;
    let client = bound.client.clone();
    let submitting = tokio::spawn(async move { client.submit_sm(&submit("")).await });
    let asked = bound.transmitter.submitted().await;
    bound.transmitter.vanish().await;
    let closed = soon(bound.client.close(Duration::from_secs(600))).await;
    assert_eq!(closed.reason, CloseReason::PeerClosed);
    assert_eq!((closed.unanswered.len(), closed.not_sent), (1, 0));
    assert!(matches!(
        soon(submitting).await.unwrap(),
        Err(CallError::MaybeDelivered(CloseReason::PeerClosed))
    ));
    drop(asked);
}

struct Tells(mpsc::UnboundedSender<String>);

#[async_trait]
impl Handler for Tells {
    async fn deliver_sm(&self, pdu: DeliverSm) -> Result<DeliverSmResp, CommandStatus> {
        let _ = self
            .0
            .send(String::from_utf8_lossy(pdu.short_message.as_bytes()).into());
        Ok(DeliverSmResp::default())
    }
    fn closed(&self, reason: CloseReason) {
        let _ = self.0.send(format!("closed: {reason}"));
    }
}

/// A handler is told of one end: not of that of the transceiver that there was not.
#[tokio::test]
async fn a_handler_hears_of_both_as_one() {
    for refusal in REFUSALS {
        let port = Port::new().await;
        let (told, mut tells) = mpsc::unbounded_channel();
        let builder = port.builder().handler(Tells(told));
        let centre = async {
            port.has_no_transceiver(refusal).await;
            port.accepts_pair().await
        };
        let (connected, (transmitter, receiver)) = soon(async { tokio::join!(builder.connect(), centre) }).await;
        let client = connected.unwrap();
        receiver.deliver("in").await.unwrap();
        transmitter.vanish().await;
        assert_eq!(receiver.closed().await, CloseReason::Unbound);
        drop((client, builder));
        let mut all = Vec::new();
        while let Some(told) = soon(tells.recv()).await {
            all.push(told);
        }
        assert_eq!(all, ["in", "closed: the peer closed the connection"]);
    }
}
