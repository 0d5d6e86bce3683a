//! A message centre whose part the test plays: what the client asks comes out of [`Centre::asked`], and the test
//! answers it. One that plays by a script, and counts what it gets, is in `misbehaving`.
#![allow(dead_code)] // each test file uses a part of it

#[cfg(feature = "tls")]
pub(crate) mod authority;
#[cfg(feature = "cli")]
pub(crate) mod program;

use smpp_esme::pdu::{
    BindReceiverResp, BindTransceiverResp, BindTransmitterResp, COctetString, Codec, CommandStatus, DeliverSm,
    DeliverSmResp, Encode, EsmClass, Header, Pdu, Request, ShortMessage, SubmitSm, SubmitSmResp, next_frame,
};
use smpp_esme::{CallError, Client, CloseReason, Config, Inbound};
use smpp_session::driver::{self, Connection, Handle, Reply, Responder, Responders, Served, Service};
use smpp_session::{Received, Role};
use std::future::{Future, Pending};
use std::task::Context;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, copy_bidirectional, duplex};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// What must happen happens within this.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), what)
        .await
        .expect("in time")
}

/// One session of the centre.
#[derive(Debug)]
pub(crate) struct Centre {
    pub(crate) handle: Handle,
    asked: mpsc::UnboundedReceiver<Asked>,
    driver: JoinHandle<CloseReason>,
}

/// A request of the client.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) pdu: Pdu,
    pub(crate) responder: Responder,
}

impl Centre {
    /// A centre, and the client's end of the connection to it.
    pub(crate) fn in_memory() -> (DuplexStream, Self) {
        let (ours, theirs) = duplex(64 * 1024);
        (theirs, Self::over(ours))
    }

    pub(crate) fn over(io: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Self {
        let mut config = Config::default();
        config.version = smpp_esme::pdu::Version::V50;
        Self::with(io, config)
    }

    pub(crate) fn with(io: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, config: Config) -> Self {
        let connection = Connection::new(Role::Smsc, config);
        let handle = connection.handle();
        let (tell, asked) = mpsc::unbounded_channel();
        let service = Telling {
            responders: handle.responders(),
            tell,
        };
        Self {
            handle,
            asked,
            driver: tokio::spawn(connection.drive(io, service)),
        }
    }

    /// The next request; nothing once the session is over.
    pub(crate) async fn next(&mut self) -> Option<Asked> {
        soon(self.asked.recv()).await
    }

    /// The same, and it may take as long as it likes.
    pub(crate) async fn next_ever(&mut self) -> Option<Asked> {
        self.asked.recv().await
    }

    pub(crate) async fn asked(&mut self) -> Asked {
        self.next().await.expect("a request")
    }

    /// The next request, which is a bind, is accepted.
    pub(crate) async fn accept_bind(&mut self) -> Pdu {
        let Asked { pdu, responder } = self.asked().await;
        let response: Pdu = match pdu {
            Pdu::BindTransceiver(_) => BindTransceiverResp::default().into(),
            Pdu::BindTransmitter(_) => BindTransmitterResp::default().into(),
            Pdu::BindReceiver(_) => BindReceiverResp::default().into(),
            ref other => panic!("no bind: {other:?}"),
        };
        responder.respond(CommandStatus::ESME_ROK, &response).unwrap();
        pdu
    }

    /// The next request, which is a submit_sm.
    pub(crate) async fn submitted(&mut self) -> (SubmitSm, Responder) {
        match self.asked().await {
            Asked {
                pdu: Pdu::SubmitSm(pdu),
                responder,
            } => (pdu, responder),
            other => panic!("no submit_sm: {other:?}"),
        }
    }

    pub(crate) async fn deliver(&self, text: &str) -> Result<DeliverSmResp, CallError> {
        soon(self.handle.request(message(text))).await
    }

    /// The connection breaks.
    pub(crate) async fn vanish(self) {
        self.driver.abort();
        let _ = soon(self.driver).await;
    }

    /// The session is over: why.
    pub(crate) async fn closed(&self) -> CloseReason {
        soon(self.handle.closed()).await
    }
}

/// A client that is bound to a centre.
pub(crate) async fn bound(builder: smpp_esme::Builder) -> (Client, Inbound, Centre) {
    let (io, mut centre) = Centre::in_memory();
    let (connected, _) = soon(async { tokio::join!(builder.connect_over(io), centre.accept_bind()) }).await;
    let (client, inbound) = connected.expect("bound");
    (client, inbound, centre)
}

pub(crate) fn esme() -> smpp_esme::Builder {
    smpp_esme::Builder::new(
        COctetString::new("esme").unwrap(),
        smpp_esme::pdu::Password::new("pa55word").unwrap(),
    )
}

pub(crate) fn submit(text: &str) -> SubmitSm {
    SubmitSm {
        short_message: ShortMessage::new(text).unwrap(),
        ..SubmitSm::default()
    }
}

pub(crate) fn message(text: &str) -> DeliverSm {
    DeliverSm {
        short_message: ShortMessage::new(text).unwrap(),
        ..DeliverSm::default()
    }
}

pub(crate) fn receipt(message_id: &str, stat: &str) -> DeliverSm {
    DeliverSm {
        esm_class: EsmClass::DELIVERY_RECEIPT,
        ..message(&format!(
            "id:{message_id} sub:001 dlvrd:001 submit date:2511241200 done date:2511241201 stat:{stat} err:000 text:"
        ))
    }
}

pub(crate) fn message_id(id: &str) -> SubmitSmResp {
    SubmitSmResp {
        message_id: COctetString::new(id).unwrap(),
        ..SubmitSmResp::default()
    }
}

struct Telling {
    responders: Responders,
    tell: mpsc::UnboundedSender<Asked>,
}

impl Service for Telling {
    type Response = SubmitSmResp;
    type Handling = Pending<Option<Reply<SubmitSmResp>>>;

    fn request<'a>(
        &self,
        _: &mut Context<'_>,
        asked: driver::Asked<'a>,
        received: &Received<'_>,
    ) -> Served<'a, Self::Handling> {
        let asked = Asked {
            pdu: received.pdu.clone().into_owned(),
            responder: self.responders.responder(asked.into_token()),
        };
        // Nobody listens: it is dropped, and answered by that.
        let _ = self.tell.send(asked);
        Served::HandedOn
    }
}

/// A centre without a session: octets, in writes as the test likes them.
#[derive(Debug)]
pub(crate) struct Raw {
    io: DuplexStream,
    input: Vec<u8>,
    codec: Codec,
}

impl Raw {
    pub(crate) fn in_memory() -> (DuplexStream, Self) {
        let (io, theirs) = duplex(64 * 1024);
        let (input, codec) = (Vec::new(), Codec::default());
        (theirs, Self { io, input, codec })
    }

    /// The same at the end of another stream.
    pub(crate) fn over(mut io: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Self {
        let (mut theirs, raw) = Self::in_memory();
        tokio::spawn(async move { copy_bidirectional(&mut io, &mut theirs).await });
        raw
    }

    /// The next PDU, and its sequence number.
    pub(crate) async fn read(&mut self) -> (Pdu, u32) {
        loop {
            let mut input = &self.input[..];
            if let Some(frame) = next_frame(&mut input, 1 << 16).unwrap() {
                let decoded = self.codec.decode(frame).unwrap().into_owned();
                self.input.drain(..frame.len());
                return (decoded.pdu, decoded.header.sequence_number);
            }
            assert_ne!(soon(self.io.read_buf(&mut self.input)).await.unwrap(), 0, "the end");
        }
    }

    /// Encodes a response or, with ESME_ROK, a request.
    pub(crate) fn frame(&self, command_status: CommandStatus, sequence_number: u32, pdu: &impl Encode) -> Vec<u8> {
        let (mut out, header) = (
            Vec::new(),
            Header {
                command_status,
                sequence_number,
            },
        );
        self.codec.encode(header, pdu, &mut out).unwrap();
        out
    }

    pub(crate) async fn write(&mut self, octets: &[u8]) {
        soon(self.io.write_all(octets)).await.unwrap();
    }

    /// Reads a bind and accepts it, with `more` behind it in the same write.
    pub(crate) async fn accept_bind(&mut self, more: &[u8]) {
        let (pdu, sequence) = self.read().await;
        assert!(matches!(pdu, Pdu::BindTransceiver(_)));
        let mut out = self.frame(CommandStatus::ESME_ROK, sequence, &BindTransceiverResp::default());
        out.extend_from_slice(more);
        self.write(&out).await;
    }
}

/// Whether a request was refused with this status.
pub(crate) fn is_rejected<T>(result: Result<T, CallError>, status: CommandStatus) -> bool {
    matches!(result, Err(CallError::Rejected(rejection)) if rejection.command_status() == status)
}

/// For requests that only some tests make.
pub(crate) async fn ask<R>(handle: &Handle, pdu: R) -> Result<R::Response, CallError>
where
    R: Request<Response: Default>,
{
    soon(handle.request(pdu)).await
}
