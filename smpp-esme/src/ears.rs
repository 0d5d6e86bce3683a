//! Who hears what the SMSC sends: a queue, a handler, or, on a transmitter, nobody; and who else is told of it.

use crate::pair::Tie;
use smpp_pdu::{CommandStatus, DeliverSmResp, Outbind, Pdu};
use smpp_session::driver::{Asked, Connection, Reply, Served, Service};
use smpp_session::tap::Ends;
use smpp_session::{CloseReason, Received, State};
use std::future::{Future, Pending};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Context;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::oneshot;

/// What hears. Clones are the same; it is over when the last is gone.
pub(crate) trait Ears: Clone + Send + Sync + 'static {
    /// Runs one session, whose inbound PDUs come here.
    fn drive<IO>(self, connection: Connection, io: IO, hooks: Hooks) -> impl Future<Output = CloseReason> + Send
    where
        IO: AsyncRead + AsyncWrite + Send + Unpin + 'static;

    /// A session that hears has ended.
    fn ended(&self, reason: CloseReason);

    /// Another takes its place, before there was anything to hear.
    fn stand_back(&self);
}

/// What else is told of a session.
#[derive(Default)]
pub(crate) struct Hooks {
    /// Of two that are one.
    pub(crate) tie: Option<Arc<Tie>>,
    /// Who waits for an outbind.
    outbind: Mutex<Option<oneshot::Sender<Outbind>>>,
    /// Whose connection it is, for a tap; nothing of a stream that nobody knows more of.
    pub(crate) ends: Option<Ends>,
}

impl Hooks {
    pub(crate) fn tie(tie: Arc<Tie>) -> Self {
        Self {
            tie: Some(tie),
            ..Self::default()
        }
    }

    pub(crate) fn outbind(tell: oneshot::Sender<Outbind>) -> Self {
        Self {
            outbind: Mutex::new(Some(tell)),
            ..Self::default()
        }
    }
}

/// A service, and the hooks.
pub(crate) struct Hooked<S> {
    service: S,
    hooks: Hooks,
}

impl<S> Hooked<S> {
    pub(crate) fn new(service: S, hooks: Hooks) -> Self {
        Self { service, hooks }
    }
}

impl<S: Service> Service for Hooked<S> {
    type Response = S::Response;
    type Handling = S::Handling;

    fn request<'a>(
        &self,
        cx: &mut Context<'_>,
        asked: Asked<'a>,
        received: &Received<'_>,
    ) -> Served<'a, Self::Handling> {
        self.service.request(cx, asked, received)
    }

    fn notice(&self, received: Received<'_, ()>) {
        let Pdu::Outbind(outbind) = received.pdu else {
            return self.service.notice(received);
        };
        let tell = self.hooks.outbind.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(tell) = tell {
            // Nobody waits any more: nobody holds the session either.
            let _ = tell.send(outbind.into_owned());
        }
    }

    fn state(&self, state: State) {
        self.service.state(state);
    }

    fn closed(&self, reason: CloseReason) {
        self.service.closed(reason);
        // Before its last word is written, which may take a while.
        if let Some(tie) = &self.hooks.tie {
            tie.ended(reason);
        }
    }
}

/// A transmitter is delivered nothing; its user hears by the receiver, and is gone when both are.
#[derive(Clone)]
pub(crate) struct Deaf<E>(pub(crate) E);

impl<E: Ears> Ears for Deaf<E> {
    async fn drive<IO>(self, connection: Connection, io: IO, hooks: Hooks) -> CloseReason
    where
        IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        connection.drive(io, Hooked::new(Refusing, hooks)).await
    }

    fn ended(&self, reason: CloseReason) {
        self.0.ended(reason);
    }

    fn stand_back(&self) {
        self.0.stand_back();
    }
}

/// What comes nevertheless is not offered.
struct Refusing;

impl Service for Refusing {
    type Response = DeliverSmResp;
    type Handling = Pending<Option<Reply<DeliverSmResp>>>;

    fn request<'a>(&self, _: &mut Context<'_>, asked: Asked<'a>, _: &Received<'_>) -> Served<'a, Self::Handling> {
        asked.reject(CommandStatus::ESME_RINVCMDID)
    }
}
