//! One connection: its bind, its handler, and the requests in the handler's hands.

use super::Server;
use super::handling::{Handled, Handling, refuse, serve};
use super::limits::Seat;
use super::strangers;
use crate::acceptor::{Bind, ConnectionInfo};
use crate::handler::{Handler, Reject};
use crate::peer::Peer;
use smpp_pdu::{
    AnyResponse, BindReceiverResp, BindTransceiverResp, BindTransmitterResp, CommandStatus, Pdu, Tlvs, Version, tlv,
};
use smpp_session::driver::{self, Asked, Handle};
use smpp_session::{CloseReason, Received, State};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Context;

/// What the driver asks when the ESME does.
pub(super) struct Service {
    seat: Seat,
    info: ConnectionInfo,
    handle: Handle,
    /// How many binds were given to the acceptor: only the last is still waited for.
    binds: AtomicU32,
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
    pub(super) fn new(seat: Seat, info: ConnectionInfo, handle: Handle) -> Self {
        Self {
            seat,
            info,
            handle,
            binds: AtomicU32::new(0),
            candidate: Mutex::default(),
            handler: OnceLock::new(),
            ended: OnceLock::new(),
        }
    }

    /// The connection has its session: said within the future, which is what its span is put on.
    pub(super) fn begins(&self) {
        tracing::debug!(peer = ?self.info.address, "connected");
    }

    /// The first word counts.
    fn closed(&self, reason: CloseReason) {
        if self.ended.set(reason).is_ok()
            && let Some(handler) = self.handler.get()
        {
            handler.closed(reason, self.handle.stats().abandoned);
        }
    }

    /// The connection is gone. Of one that has asked for nothing, the log says what it was.
    pub(super) fn over(&self, reason: CloseReason) {
        self.closed(reason);
        if self.handle.stats().pdus_in == 0
            && let Some(what) = strangers::name(reason)
            && let Some(left_out) = self.server().0.lines.strangers()
        {
            tracing::info!(address = ?self.info.address, left_out, "no SMPP: {what}");
        }
    }

    fn server(&self) -> &Server {
        self.seat.server()
    }

    fn candidate(&self) -> MutexGuard<'_, Option<Arc<dyn Handler>>> {
        self.candidate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nobody has been accepted yet: a bind, or nothing.
    #[cold]
    fn unbound<'a>(&self, cx: &mut Context<'_>, asked: Asked<'a>, received: &Received<'_>) -> Handled<'a, '_> {
        match received.pdu {
            Pdu::BindTransceiver(_) | Pdu::BindReceiver(_) | Pdu::BindTransmitter(_) => self.bind(cx, asked, received),
            _ => refuse(asked, CommandStatus::ESME_RINVBNDSTS),
        }
    }

    fn bind<'a>(&self, cx: &mut Context<'_>, asked: Asked<'a>, received: &Received<'_>) -> Handled<'a, '_> {
        let forgiven = match received.forgiven.is_empty() {
            true => Vec::new(),
            false => self.handle.codec().forgiven(received.frame),
        };
        let Some(bind) = Bind::new(&received.pdu, forgiven) else {
            return refuse(asked, CommandStatus::ESME_RINVCMDID);
        };
        let number = self.binds.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        let judged = async move {
            let result = self.judge(&bind, number).await;
            if let Err(reject) = &result {
                tracing::info!(kind = ?bind.kind, status = %reject.status(), "bind refused");
            }
            result
        };
        asked.begin(cx, |token| Handling::Bind(Some(token), Box::pin(judged)))
    }

    async fn judge(&self, bind: &Bind, number: u32) -> Result<AnyResponse, Reject> {
        let handler = self.server().0.acceptor.bind(bind, &self.info).await?;
        // One that took so long that it was answered for, and followed by another, is void.
        if self.binds.load(Ordering::Relaxed) != number {
            return Err(CommandStatus::ESME_RSYSERR.into());
        }
        let (system_id, limit) = (bind.system_id.as_bytes(), handler.bind_limit());
        if !self.server().may_bind(self.info.id, system_id, limit) {
            return Err(CommandStatus::ESME_RALYBND.into());
        }
        *self.candidate() = Some(handler);
        Ok(self.bind_response(bind))
    }

    fn bind_response(&self, bind: &Bind) -> AnyResponse {
        let system_id = self.server().0.settings.system_id.clone();
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

impl<'h> driver::Service for &'h Service {
    type Response = AnyResponse;
    type Handling = Handling<'h>;

    #[inline(always)]
    fn request<'a>(&self, cx: &mut Context<'_>, asked: Asked<'a>, received: &Received<'_>) -> Handled<'a, 'h> {
        let this: &'h Service = self;
        // A bound session is asked for no bind: the session answers that itself.
        let Some(handler) = this.handler.get() else {
            return this.unbound(cx, asked, received);
        };
        if !received.forgiven.is_empty() {
            let forgiven = this.handle.codec().forgiven(received.frame);
            if let Err(reject) = handler.forgive(&forgiven) {
                return refuse(asked, reject);
            }
        }
        serve(&**handler, &received.pdu, cx, asked)
    }

    fn closed(&self, reason: CloseReason) {
        Service::closed(self, reason);
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
