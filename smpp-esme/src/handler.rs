//! What the SMSC sends, answered by a handler.

use crate::ears::{Ears, Hooked, Hooks};
use async_trait::async_trait;
use smpp_pdu::{AlertNotification, CommandStatus, DataSm, DataSmResp, DeliverSm, DeliverSmResp, Pdu};
use smpp_session::driver::{Asked, Connection, Reply, Served, Service};
use smpp_session::{CloseReason, Received, RequestToken};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite};

/// Answers what the SMSC sends to one session, in place of [`Inbound`](crate::Inbound).
///
/// Requests begin in the order of the wire, each where it arrives: a handler that is ready at once is answered in the
/// same write, and one that is not does not hold up the next. The error is the status to refuse with.
///
/// ```no_run
/// use smpp_esme::pdu::{CommandStatus, DeliverSm, DeliverSmResp};
/// use smpp_esme::{Esme, Handler, async_trait};
///
/// struct Printer;
///
/// #[async_trait]
/// impl Handler for Printer {
///     async fn deliver_sm(&self, pdu: DeliverSm) -> Result<DeliverSmResp, CommandStatus> {
///         println!("{:?}", pdu.reveal());
///         Ok(DeliverSmResp::default())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let builder = Esme::builder("smpp://smppclient1:password@127.0.0.1:2775?bind=rx")?;
/// let client = builder.handler(Printer).connect().await?;
/// println!("{}", client.closed().await);
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait Handler: Send + Sync + 'static {
    /// A message or a receipt (v3.4 §4.6.1, v5.0 §4.3.1.1). A positive answer says that it is in safe hands: the SMSC
    /// forgets it.
    async fn deliver_sm(&self, pdu: DeliverSm) -> Result<DeliverSmResp, CommandStatus>;

    /// The same, by the other operation (v3.4 §4.7.1, v5.0 §4.2.2.1). Refused with ESME_RINVCMDID.
    async fn data_sm(&self, pdu: DataSm) -> Result<DataSmResp, CommandStatus> {
        let _ = pdu;
        Err(CommandStatus::ESME_RINVCMDID)
    }

    /// A subscriber has become available (v3.4 §4.12.1, v5.0 §4.1.3.1). It has no answer, and must not block.
    fn alert_notification(&self, pdu: AlertNotification) {
        let _ = pdu;
    }

    /// The session is over, however it ended: it is [`CloseReason::Local`] where the runtime did. Of a transmitter and a
    /// receiver that are one, both are, and it is why the first ended.
    fn closed(&self, reason: CloseReason) {
        let _ = reason;
    }
}

/// One handler for several sessions.
#[async_trait]
impl<H: Handler + ?Sized> Handler for Arc<H> {
    async fn deliver_sm(&self, pdu: DeliverSm) -> Result<DeliverSmResp, CommandStatus> {
        (**self).deliver_sm(pdu).await
    }

    async fn data_sm(&self, pdu: DataSm) -> Result<DataSmResp, CommandStatus> {
        (**self).data_sm(pdu).await
    }

    fn alert_notification(&self, pdu: AlertNotification) {
        (**self).alert_notification(pdu);
    }

    fn closed(&self, reason: CloseReason) {
        (**self).closed(reason);
    }
}

/// Hears for a [`Handler`], and tells it of the end when there is nobody any more who could hear.
#[derive(Clone)]
pub(crate) struct Told(Arc<Telling>);

struct Telling {
    handler: Arc<dyn Handler>,
    end: Mutex<End>,
}

#[derive(Debug, Clone, Copy)]
enum End {
    /// Nobody has said why: the runtime ended.
    Untold,
    Because(CloseReason),
    /// It is not the end: another hears.
    None,
}

impl Told {
    pub(crate) fn new(handler: Arc<dyn Handler>) -> Self {
        Self(Arc::new(Telling {
            handler,
            end: Mutex::new(End::Untold),
        }))
    }

    fn end(&self) -> MutexGuard<'_, End> {
        self.0.end.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ears for Told {
    async fn drive<IO>(self, connection: Connection, io: IO, hooks: Hooks) -> CloseReason
    where
        IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let asking = Asking(&*self.0.handler);
        connection.drive(io, Hooked::new(asking, hooks)).await
    }

    fn ended(&self, reason: CloseReason) {
        let mut end = self.end();
        if let End::Untold = *end {
            *end = End::Because(reason);
        }
    }

    fn stand_back(&self) {
        *self.end() = End::None;
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        let end = self.end.get_mut().unwrap_or_else(PoisonError::into_inner);
        match *end {
            End::Untold => self.handler.closed(CloseReason::Local),
            End::Because(reason) => self.handler.closed(reason),
            End::None => {}
        }
    }
}

/// What the connection's task asks when the SMSC sends something.
struct Asking<'a>(&'a dyn Handler);

impl<'h> Service for Asking<'h> {
    type Response = Pdu;
    type Handling = Handling<'h>;

    fn request<'a>(&self, cx: &mut Context<'_>, asked: Asked<'a>, received: &Received<'_>) -> Served<'a, Handling<'h>> {
        match &received.pdu {
            Pdu::DeliverSm(pdu) => asked.begin(cx, |token| {
                Handling::DeliverSm(Some(token), self.0.deliver_sm(pdu.into()))
            }),
            Pdu::DataSm(pdu) => asked.begin(cx, |token| Handling::DataSm(Some(token), self.0.data_sm(pdu.into()))),
            _ => asked.reject(CommandStatus::ESME_RINVCMDID),
        }
    }

    fn notice(&self, received: Received<'_, ()>) {
        if let Pdu::AlertNotification(pdu) = received.pdu {
            self.0.alert_notification(pdu.into_owned());
        }
    }
}

type Answering<'a, T> = Pin<Box<dyn Future<Output = Result<T, CommandStatus>> + Send + 'a>>;

/// One call of the handler, and the token that its result answers.
enum Handling<'a> {
    DeliverSm(Option<RequestToken>, Answering<'a, DeliverSmResp>),
    DataSm(Option<RequestToken>, Answering<'a, DataSmResp>),
}

impl Future for Handling<'_> {
    type Output = Option<Reply<Pdu>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (token, result) = match &mut *self {
            Self::DeliverSm(token, answering) => (token, ready!(answering.as_mut().poll(cx)).map(Pdu::from)),
            Self::DataSm(token, answering) => (token, ready!(answering.as_mut().poll(cx)).map(Pdu::from)),
        };
        Poll::Ready(token.take().map(|token| match result {
            Ok(response) => Reply::new(token, response),
            Err(status) => Reply::refusal(token, refusing(status)),
        }))
    }
}

/// ESME_ROK refuses nothing.
fn refusing(status: CommandStatus) -> CommandStatus {
    match status {
        CommandStatus::ESME_ROK => CommandStatus::ESME_RSYSERR,
        status => status,
    }
}
