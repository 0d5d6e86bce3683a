//! Who answers the peer's requests.

use super::border::{Border, Locked};
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
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

/// Answers the peer's requests: what smpp-esme and smpp-smsc make of a user's handler.
pub trait Service {
    /// What answers a request that takes its time, if not a status alone.
    type Response: Encode;
    /// A request whose answer takes its time. Its output is the answer; nothing, if a [`Responder`] has the token.
    type Handling: Future<Output = Option<Reply<Self::Response>>> + Unpin;

    /// A request, under no lock. It borrows from the read buffer: what is to be kept of it must be copied here. It is lent
    /// where it lies: it is large, and each move of it would be a copy.
    ///
    /// It is answered by what `asked` makes of it; or that gives its token to a [`Responder`] ([`Served::HandedOn`]), or to a
    /// future that is woken by `cx` ([`Asked::begin`]). If nobody answers, the session does when its time is up.
    fn request<'a>(
        &self,
        cx: &mut Context<'_>,
        asked: Asked<'a>,
        received: &Received<'_>,
    ) -> Served<'a, Self::Handling>;

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

/// A request that waits to be answered, here and now or later.
#[must_use = "the peer waits for an answer"]
pub struct Asked<'a> {
    token: RequestToken,
    border: &'a Border,
}

impl<'a> Asked<'a> {
    #[inline]
    pub(crate) fn new(token: RequestToken, border: &'a Border) -> Self {
        Self { token, border }
    }

    /// Which request it is.
    pub fn token(&self) -> &RequestToken {
        &self.token
    }

    /// To answer later, by a [`Responder`] or a [`Served::Handling`].
    pub fn into_token(self) -> RequestToken {
        self.token
    }

    /// Answers with ESME_ROK. That the response cannot be encoded the peer learns by a status of its own.
    pub fn respond<E: Encode, H>(self, body: &E) -> Served<'a, H> {
        respond(&mut self.border.lock().session, &self.token, body);
        Served::Answered(Answered(None))
    }

    /// As [`Self::respond`], and the driver goes on under the lock that this takes, which saves taking it twice.
    ///
    /// It is for the last that a service does. Before it returns, nothing may ask the session anything, be it a [`Handle`],
    /// a [`Responder`] or a local that does so when it is dropped: it would wait for itself. What panics there ends the
    /// session.
    #[inline]
    pub fn respond_last<E: Encode, H>(self, body: &E) -> Served<'a, H> {
        let mut s = self.border.lock();
        respond(&mut s.session, &self.token, body);
        Served::Answered(Answered(Some(s)))
    }

    /// Answers with a status alone.
    pub fn reject<H>(self, status: CommandStatus) -> Served<'a, H> {
        let _ = self.border.lock().session.reject(self.token, status);
        Served::Answered(Answered(None))
    }

    /// Answers with a status, and what explains it.
    pub fn reject_with<E: Encode, H>(self, status: CommandStatus, body: &E) -> Served<'a, H> {
        let _ = self.border.lock().session.respond(self.token, status, body);
        Served::Answered(Answered(None))
    }

    /// Answers by a future that is polled at once, and waits beside the socket only if it is not ready.
    pub fn begin<H, B>(self, cx: &mut Context<'_>, handling: impl FnOnce(RequestToken) -> H) -> Served<'a, H>
    where
        H: Future<Output = Option<Reply<B>>> + Unpin,
        B: Encode,
    {
        let mut handling = handling(self.token);
        match Pin::new(&mut handling).poll(cx) {
            Poll::Pending => Served::Handling(handling),
            Poll::Ready(None) => Served::HandedOn,
            Poll::Ready(Some(reply)) => {
                reply.send(&mut self.border.lock().session);
                Served::Answered(Answered(None))
            }
        }
    }
}

impl fmt::Debug for Asked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Asked").field(&self.token).finish()
    }
}

/// Out of line, one copy a response: in a service that gives several they would share its stack frame and spill to it.
#[inline(never)]
fn respond<E: Encode>(session: &mut Session<CallKey>, token: &RequestToken, body: &E) {
    let _ = session.respond(token.again(), CommandStatus::ESME_ROK, body);
}

/// What a service makes of a request.
#[derive(Debug)]
#[must_use = "it has the answer, or what will be"]
pub enum Served<'a, H> {
    /// It is answered.
    Answered(Answered<'a>),
    /// A [`Responder`] has the token.
    HandedOn,
    /// The answer takes its time: it waits beside the socket. It should have been polled, by [`Asked::begin`] or with the
    /// same context: else that comes with the next turn of the loop.
    Handling(H),
}

/// That it is answered; and of [`Asked::respond_last`], the lock that it has taken.
pub struct Answered<'a>(pub(crate) Option<Locked<'a>>);

impl fmt::Debug for Answered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answered")
    }
}

/// The answer to a request that took its time.
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
