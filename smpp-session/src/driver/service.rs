//! Who answers the peer's requests.

use super::border::Border;
use super::calls::CallKey;
use super::handle::Handle;
use crate::error::RespondError;
use crate::event::{CloseReason, Received};
use crate::inbound::RequestToken;
use crate::session::Session;
use crate::state::State;
use smpp_pdu::{CommandStatus, Encode};
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Weak};

/// Answers the peer's requests: what smpp-esme and smpp-smsc make of a user's handler.
pub trait Service {
    /// What answers, if not a status alone.
    type Response: Encode;
    /// A request being handled. Its output is the answer; nothing, if a [`Responder`] has the token.
    type Handling: Future<Output = Option<Reply<Self::Response>>> + Unpin;

    /// A request, and the token that answers it. It borrows from the read buffer: what is to be kept of it must be copied
    /// here. It is lent where it lies: it is large, and each move of it would be a copy.
    fn request(&self, token: RequestToken, received: &Received<'_>) -> Served<Self::Handling, Self::Response>;

    /// What has no answer: alert_notification, outbind.
    fn notice(&self, received: Received<'_, ()>) {
        let _ = received;
    }

    /// The session was bound, or is being unbound. What made it so is queued to be sent before anything that is
    /// requested from here on.
    fn state(&self, state: State) {
        let _ = state;
    }

    /// The session is over, and asks nothing more. Its last PDU may still be on its way, and its peer may keep the
    /// connection open for a while. A driver that is dropped, or panics, does not come to this.
    fn closed(&self, reason: CloseReason) {
        let _ = reason;
    }
}

/// What a service makes of a request.
#[derive(Debug)]
pub enum Served<H, B> {
    /// The answer is there, without a future.
    Answered(Reply<B>),
    /// A [`Responder`] has the token.
    HandedOn,
    /// It is polled at once; if it is not ready, it waits beside the socket.
    Handling(H),
}

/// The answer to a request.
#[derive(Debug)]
pub struct Reply<B> {
    /// The request.
    pub token: RequestToken,
    /// What became of it.
    pub status: CommandStatus,
    /// The response; nothing for a status alone.
    pub body: Option<B>,
}

impl<B: Encode> Reply<B> {
    /// A response with its body.
    pub fn new(token: RequestToken, body: B) -> Self {
        Self {
            token,
            status: CommandStatus::ESME_ROK,
            body: Some(body),
        }
    }
    /// A status alone.
    pub fn refusal(token: RequestToken, status: CommandStatus) -> Self {
        Self {
            token,
            status,
            body: None,
        }
    }

    /// That it comes too late, or cannot be encoded, the peer learns by a status of its own.
    #[inline]
    pub(crate) fn send(&self, session: &mut Session<CallKey>) {
        let token = self.token.again();
        let _ = match &self.body {
            Some(body) => session.respond(token, self.status, body),
            None => session.reject(token, self.status),
        };
    }
}

/// Makes the [`Responder`]s of one session, for a service that hands requests on. It does not keep the session alive,
/// as a [`Handle`] inside the service would.
#[derive(Clone)]
pub struct Responders(Weak<Border>);

impl Responders {
    pub(crate) fn new(border: &Arc<Border>) -> Self {
        Self(Arc::downgrade(border))
    }

    /// For a request that came to this session.
    #[inline]
    pub fn responder(&self, token: RequestToken) -> Responder {
        Responder {
            border: self.0.clone(),
            token: Some(token),
        }
    }
}

impl fmt::Debug for Responders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Responders")
    }
}

/// Answers one request later, from any task. Dropped without an answer, it answers ESME_RSYSERR.
pub struct Responder {
    border: Weak<Border>,
    token: Option<RequestToken>,
}

impl Responder {
    /// For a request that came to the session of `handle`. It does not keep the session alive.
    pub fn new(handle: &Handle, token: RequestToken) -> Self {
        handle.responders().responder(token)
    }

    /// Answers.
    pub fn respond<E: Encode>(mut self, status: CommandStatus, body: &E) -> Result<(), RespondError> {
        self.with(|session, token| session.respond(token, status, body))
    }

    /// Answers with a status alone.
    pub fn reject(mut self, status: CommandStatus) -> Result<(), RespondError> {
        self.with(|session, token| session.reject(token, status))
    }

    fn with(
        &mut self,
        f: impl FnOnce(&mut Session<CallKey>, RequestToken) -> Result<(), RespondError>,
    ) -> Result<(), RespondError> {
        let (Some(border), Some(token)) = (self.border.upgrade(), self.token.take()) else {
            return Err(RespondError::Closed);
        };
        border.with(|s| {
            s.time();
            f(&mut s.session, token)
        })
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        if self.token.is_some() {
            let _ = self.with(|session, token| session.reject(token, CommandStatus::ESME_RSYSERR));
        }
    }
}

impl fmt::Debug for Responder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Responder").field(&self.token).finish()
    }
}
