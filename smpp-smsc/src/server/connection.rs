//! One connection: its bind, its handler, and the requests in the handler's hands.

use crate::acceptor::{Acceptor, Bind, ConnectionInfo};
use crate::handler::{Handler, Reject};
use crate::peer::Peer;
use smpp_pdu::{
    AnyResponse, BindReceiverResp, BindTransceiverResp, BindTransmitterResp, COctetString, CommandStatus, Pdu,
    SubmitSmResp, Tlvs, Version, tlv,
};
use smpp_session::driver::{self, Handle, Reply};
use smpp_session::{CloseReason, Received, RequestToken, State};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, ready};

/// What the driver asks when the ESME does.
pub(super) struct Service {
    acceptor: Arc<dyn Acceptor>,
    system_id: COctetString,
    info: ConnectionInfo,
    handle: Handle,
    /// How many binds were given to the acceptor: only the last is still waited for.
    binds: AtomicU64,
    /// Whom the last bind was given; its handler once the session is bound by it.
    candidate: Mutex<Option<Arc<dyn Handler>>>,
    /// Since the session is bound.
    handler: OnceLock<Arc<dyn Handler>>,
    ended: OnceLock<CloseReason>,
}

/// However the connection ends, its handler is told.
impl Drop for Service {
    fn drop(&mut self) {
        self.closed(CloseReason::Local);
    }
}

impl Service {
    pub(super) fn new(
        acceptor: Arc<dyn Acceptor>,
        system_id: COctetString,
        info: ConnectionInfo,
        handle: Handle,
    ) -> Self {
        Self {
            acceptor,
            system_id,
            info,
            handle,
            binds: AtomicU64::new(0),
            candidate: Mutex::default(),
            handler: OnceLock::new(),
            ended: OnceLock::new(),
        }
    }

    /// The first word counts.
    pub(super) fn closed(&self, reason: CloseReason) {
        if self.ended.set(reason).is_ok()
            && let Some(handler) = self.handler.get()
        {
            handler.closed(reason);
        }
    }

    fn candidate(&self) -> MutexGuard<'_, Option<Arc<dyn Handler>>> {
        self.candidate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bind(&self, received: Received<'_>) -> Handling<'_> {
        let forgiven = match received.forgiven.is_empty() {
            true => Vec::new(),
            false => self.handle.codec().forgiven(received.frame),
        };
        let Some(bind) = Bind::new(&received.pdu, forgiven) else {
            return Handling::refused(received.token, CommandStatus::ESME_RINVCMDID);
        };
        let number = self.binds.fetch_add(1, Ordering::Relaxed) + 1;
        let judged = async move {
            let handler = self.acceptor.bind(&bind, &self.info).await?;
            // One that took so long that it was answered for, and followed by another, is void.
            if self.binds.load(Ordering::Relaxed) != number {
                return Err(CommandStatus::ESME_RSYSERR.into());
            }
            *self.candidate() = Some(handler);
            tracing::info!(connection = self.info.id, kind = ?bind.kind, "accepted");
            Ok(self.bind_response(&bind))
        };
        Handling::Bind(Some(received.token), Box::pin(judged))
    }

    fn bind_response(&self, bind: &Bind) -> AnyResponse {
        let system_id = self.system_id.clone();
        let mut tlvs = Tlvs::default();
        let ours = self.handle.codec().version;
        if bind.version() >= Version::V34 && ours >= Version::V34 {
            // One octet always fits (R079, R081).
            let _ = tlvs.push(tlv::SC_INTERFACE_VERSION, ours.interface_version());
        }
        match bind.kind {
            crate::BindKind::Transmitter => BindTransmitterResp { system_id, tlvs }.into(),
            crate::BindKind::Receiver => BindReceiverResp { system_id, tlvs }.into(),
            crate::BindKind::Transceiver => BindTransceiverResp { system_id, tlvs }.into(),
        }
    }
}

impl<'a> driver::Service for &'a Service {
    type Response = AnyResponse;
    type Handling = Handling<'a>;

    fn request(&self, received: Received<'_>) -> Handling<'a> {
        let this: &'a Service = self;
        if matches!(
            received.pdu,
            Pdu::BindTransceiver(_) | Pdu::BindReceiver(_) | Pdu::BindTransmitter(_)
        ) {
            return this.bind(received);
        }
        let Some(handler) = this.handler.get() else {
            return Handling::refused(received.token, CommandStatus::ESME_RINVBNDSTS);
        };
        if !received.forgiven.is_empty() {
            let forgiven = this.handle.codec().forgiven(received.frame);
            if let Err(reject) = handler.forgive(&forgiven) {
                return Handling::refused(received.token, reject);
            }
        }
        match received.pdu {
            Pdu::SubmitSm(pdu) => Handling::SubmitSm(Some(received.token), handler.submit_sm(pdu.into_owned())),
            _ => Handling::refused(received.token, CommandStatus::ESME_RINVCMDID),
        }
    }

    fn state(&self, state: State) {
        let Some(handler) = state.is_bound().then(|| self.candidate().take()).flatten() else {
            return;
        };
        // A session is bound once.
        if self.handler.set(handler.clone()).is_ok() {
            handler.bound(&Peer::new(self.handle.clone()));
        }
    }
}

type Judging<'a> = Pin<Box<dyn Future<Output = Result<AnyResponse, Reject>> + Send + 'a>>;
type Answering<'a, T> = Pin<Box<dyn Future<Output = Result<T, Reject>> + Send + 'a>>;

/// One call of a handler: async-trait's box, borrowed from the connection's own frame, and the token that its result
/// answers.
pub(super) enum Handling<'a> {
    Refused(Option<RequestToken>, Reject),
    Bind(Option<RequestToken>, Judging<'a>),
    SubmitSm(Option<RequestToken>, Answering<'a, SubmitSmResp>),
}

impl Handling<'_> {
    fn refused(token: RequestToken, reject: impl Into<Reject>) -> Self {
        Self::Refused(Some(token), reject.into())
    }
}

impl Future for Handling<'_> {
    type Output = Option<Reply<AnyResponse>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (token, result) = match &mut *self {
            Self::Refused(token, reject) => (token, Err(reject.clone())),
            Self::Bind(token, judging) => (token, ready!(judging.as_mut().poll(cx))),
            Self::SubmitSm(token, answering) => (token, ready!(answering.as_mut().poll(cx)).map(AnyResponse::from)),
        };
        Poll::Ready(token.take().map(|token| match result {
            Ok(response) => Reply::new(token, response),
            Err(reject) => refusal(token, reject),
        }))
    }
}

/// A status alone; or with TLVs, in the operation's own response.
#[cold]
fn refusal(token: RequestToken, reject: Reject) -> Reply<AnyResponse> {
    let (status, tlvs) = reject.into_parts();
    let body = tlvs.and_then(|tlvs| match token.command_id() {
        smpp_pdu::CommandId::SUBMIT_SM => Some(
            SubmitSmResp {
                tlvs,
                ..SubmitSmResp::default()
            }
            .into(),
        ),
        _ => None,
    });
    Reply { token, status, body }
}
