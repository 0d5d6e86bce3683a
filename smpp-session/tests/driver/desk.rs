//! Two sessions over a pipe, and a service that does what a message says.

use crate::wire;
use smpp_pdu::{CommandId, CommandStatus, Pdu};
use smpp_session::driver::{Asked, Connection, Handle, Reply, Responder, Responders, Served, Service};
use smpp_session::{CloseReason, Config, Received, RequestToken, Role, State};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;

pub(crate) type Handling = Pin<Box<dyn Future<Output = Option<Reply<Pdu>>> + Send>>;

/// What a service has been asked and told, in order.
pub(crate) struct Desk {
    pub(crate) seen: mpsc::UnboundedSender<String>,
    /// "gate" waits for a place here.
    pub(crate) gate: Arc<Semaphore>,
    pub(crate) responders: Responders,
    /// Called for "call back".
    pub(crate) call_back: Arc<Mutex<Option<Handle>>>,
}

/// The usual answer.
fn body(command: CommandId) -> Option<Pdu> {
    match command {
        CommandId::BIND_TRANSCEIVER => Some(wire::transceiver_resp().into()),
        CommandId::SUBMIT_SM => Some(wire::submit_resp("id").into()),
        CommandId::DELIVER_SM => Some(Pdu::DeliverSmResp(None)),
        _ => None,
    }
}

/// Given later.
fn reply(token: RequestToken) -> Reply<Pdu> {
    match body(token.command_id()) {
        Some(body) => Reply::new(token, body),
        None => Reply::refusal(token, CommandStatus::ESME_RINVCMDID),
    }
}

/// Given at once.
pub(crate) fn answer<H>(asked: Asked<'_>) -> Served<'_, H> {
    match body(asked.token().command_id()) {
        Some(body) => asked.respond(&body),
        None => asked.reject(CommandStatus::ESME_RINVCMDID),
    }
}

impl Service for Desk {
    type Response = Pdu;
    type Handling = Handling;

    fn request<'a>(&self, cx: &mut Context<'_>, asked: Asked<'a>, received: &Received<'_>) -> Served<'a, Handling> {
        let text = match &received.pdu {
            Pdu::SubmitSm(submit) => String::from_utf8(submit.short_message.as_bytes().to_vec()).unwrap(),
            Pdu::DeliverSm(deliver) => String::from_utf8(deliver.short_message.as_bytes().to_vec()).unwrap(),
            pdu => pdu.command_id().to_string(),
        };
        let _ = self.seen.send(text.clone());
        let (gate, responders) = (self.gate.clone(), self.responders.clone());
        match &*text {
            "panic" => panic!("as it was told"),
            "at once" => answer(asked),
            "at last" => asked.respond_last(&wire::submit_resp("id")),
            "explain" => asked.reject_with(CommandStatus::ESME_RMSGQFUL, &wire::submit_resp("why")),
            "answer and panic" => {
                let _answered: Served<'_, Handling> = answer(asked);
                panic!("as it was told");
            }
            "answer and ask" => {
                let served = answer(asked);
                let handle = self.call_back.lock().unwrap().clone().unwrap();
                assert_eq!(handle.state(), State::BoundTrx);
                served
            }
            "hand over in a future" => asked.begin(cx, |token| -> Handling {
                drop(responders.responder(token));
                Box::pin(async { None })
            }),
            "drop panics" | "drop panics later" => asked.begin(cx, |token| -> Handling {
                let later = &*text == "drop panics later";
                Box::pin(PanicsAtLast {
                    token: Some(token),
                    later,
                })
            }),
            "not polled" => {
                let token = asked.into_token();
                Served::Handling(Box::pin(async { Some(reply(token)) }))
            }
            "forget" => {
                drop(responders.responder(asked.into_token()));
                Served::HandedOn
            }
            "hand over" => {
                let responder = responders.responder(asked.into_token());
                tokio::spawn(async move {
                    tokio::task::yield_now().await;
                    responder.respond(CommandStatus::ESME_ROK, &wire::submit_resp("id"))
                });
                Served::HandedOn
            }
            "call back" => {
                // Under no lock: whatever it asks is answered.
                let handle = self.call_back.lock().unwrap().clone().unwrap();
                assert_eq!(handle.state(), State::BoundTrx);
                asked.begin(cx, |token| -> Handling {
                    Box::pin(async move {
                        handle.request(wire::deliver("back")).await.unwrap();
                        Some(reply(token))
                    })
                })
            }
            "hold" => {
                let handle = self.call_back.lock().unwrap().clone();
                asked.begin(cx, |token| -> Handling { Box::pin(Holds(Some(token), handle)) })
            }
            _ => asked.begin(cx, |token| -> Handling {
                Box::pin(async move {
                    match &*text {
                        "later" => tokio::task::yield_now().await,
                        "never" => std::future::pending().await,
                        "panic later" => {
                            tokio::task::yield_now().await;
                            panic!("as it was told");
                        }
                        "gate" => gate.acquire().await.unwrap().forget(),
                        _ => {}
                    }
                    Some(reply(token))
                })
            }),
        }
    }

    fn state(&self, state: State) {
        let _ = self.seen.send(format!("{state:?}"));
    }

    fn closed(&self, reason: CloseReason) {
        let _ = self.seen.send(format!("closed: {reason:?}"));
    }
}

/// Ready at once, and asks its session something when it is dropped.
struct Holds(Option<RequestToken>, Option<Handle>);

impl Future for Holds {
    type Output = Option<Reply<Pdu>>;
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(self.0.take().map(reply))
    }
}
impl Drop for Holds {
    fn drop(&mut self) {
        if let Some(handle) = &self.1 {
            let _ = handle.stats();
        }
    }
}

/// Panics when it is dropped and has answered.
struct PanicsAtLast {
    token: Option<RequestToken>,
    later: bool,
}

impl Future for PanicsAtLast {
    type Output = Option<Reply<Pdu>>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if std::mem::take(&mut self.later) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(self.token.take().map(reply))
    }
}
impl Drop for PanicsAtLast {
    fn drop(&mut self) {
        assert!(self.token.is_some(), "as it was told");
    }
}

/// Answers everything by a responder that a test holds.
pub(crate) struct HandsOver {
    responders: Responders,
    to: mpsc::UnboundedSender<Responder>,
    told: Mutex<Vec<String>>,
}

impl HandsOver {
    pub(crate) fn new(handle: &Handle) -> (Self, mpsc::UnboundedReceiver<Responder>) {
        let (to, responders) = mpsc::unbounded_channel();
        let service = Self {
            responders: handle.responders(),
            to,
            told: Mutex::default(),
        };
        (service, responders)
    }
}

impl Service for HandsOver {
    type Response = Pdu;
    type Handling = std::future::Pending<Option<Reply<Pdu>>>;
    fn request<'a>(
        &self,
        _: &mut Context<'_>,
        asked: Asked<'a>,
        received: &Received<'_>,
    ) -> Served<'a, Self::Handling> {
        let mut told = self.told.lock().unwrap();
        told.push(received.pdu.command_id().to_string());
        if received.pdu.command_id() == CommandId::SUBMIT_SM {
            // It finds the service told of the bind.
            assert_eq!(told[..3], ["bind_transceiver", "BoundTrx", "submit_sm"]);
        }
        let _ = self.to.send(self.responders.responder(asked.into_token()));
        Served::HandedOn
    }
    fn state(&self, state: State) {
        self.told.lock().unwrap().push(format!("{state:?}"));
    }
}

/// One side, running.
pub(crate) struct Side {
    pub(crate) handle: Handle,
    pub(crate) task: JoinHandle<CloseReason>,
    pub(crate) seen: mpsc::UnboundedReceiver<String>,
    pub(crate) gate: Arc<Semaphore>,
    pub(crate) call_back: Arc<Mutex<Option<Handle>>>,
}

impl Side {
    pub(crate) fn run<IO>(role: Role, config: Config, io: IO) -> Self
    where
        IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let connection = Connection::new(role, config);
        let handle = connection.handle();
        let (to, seen) = mpsc::unbounded_channel();
        let (gate, call_back) = (Arc::new(Semaphore::new(0)), Arc::default());
        let desk = Desk {
            seen: to,
            gate: Arc::clone(&gate),
            responders: handle.responders(),
            call_back: Arc::clone(&call_back),
        };
        Self {
            handle,
            task: tokio::spawn(connection.drive(io, desk)),
            seen,
            gate,
            call_back,
        }
    }

    /// Waits until the service has been asked, or told, `text`.
    pub(crate) async fn sees(&mut self, text: &str) {
        assert_eq!(self.seen.recv().await.as_deref(), Some(text));
    }
}

/// Both sides, bound, over a pipe of `room` octets each way.
pub(crate) async fn pair(config: Config, room: usize) -> (Side, Side) {
    let (a, b) = tokio::io::duplex(room);
    pair_over(config, a, b).await
}

/// The same, over other streams.
pub(crate) async fn pair_over<IO>(config: Config, a: IO, b: IO) -> (Side, Side)
where
    IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let esme = Side::run(Role::Esme, config.clone(), a);
    let mut smsc = Side::run(Role::Smsc, config, b);
    esme.handle.request(wire::transceiver()).await.unwrap();
    smsc.sees("bind_transceiver").await;
    smsc.sees("BoundTrx").await;
    (esme, smsc)
}

/// A client that is bound to a peer of octets, which has read the bind and answered it.
pub(crate) async fn against_octets(config: Config, room: usize) -> (Side, DuplexStream) {
    let (a, mut b) = tokio::io::duplex(room);
    let mut esme = Side::run(Role::Esme, config, a);
    let (bound, ()) = tokio::join!(esme.handle.request(wire::transceiver()), async {
        assert_eq!(read_pdu(&mut b).await.0, CommandId::BIND_TRANSCEIVER);
        let resp = wire::with_header(smpp_pdu::Header::request(1), &wire::transceiver_resp());
        tokio::io::AsyncWriteExt::write_all(&mut b, &resp).await.unwrap();
    });
    bound.unwrap();
    esme.sees("BoundTrx").await;
    (esme, b)
}

/// The next PDU: its command, status and number.
pub(crate) async fn read_pdu(io: &mut DuplexStream) -> (CommandId, CommandStatus, u32) {
    use tokio::io::AsyncReadExt as _;
    let mut frame = vec![0; 4];
    io.read_exact(&mut frame).await.unwrap();
    let len = u32::from_be_bytes(frame[..4].try_into().unwrap()) as usize;
    frame.resize(len, 0);
    io.read_exact(&mut frame[4..]).await.unwrap();
    wire::read(&frame)[0]
}

/// Polls once.
pub(crate) async fn poll_once<F: Future + Unpin>(future: &mut F) -> bool {
    std::future::poll_fn(|cx| Poll::Ready(Pin::new(&mut *future).poll(cx).is_ready())).await
}
