//! Answers, given later.

use smpp_pdu::{CommandStatus, Encode};
use smpp_session::RespondError;
use smpp_session::driver;
use std::fmt;

/// Answers one request of the SMSC, from any task. Dropped without an answer, it answers
/// [`Config::unanswered`](crate::Config::unanswered).
#[must_use = "the SMSC waits for an answer, and sends again what it gets none for"]
pub struct Responder {
    inner: Option<driver::Responder>,
    unanswered: CommandStatus,
}

impl Responder {
    pub(crate) fn new(inner: driver::Responder, unanswered: CommandStatus) -> Self {
        Self {
            inner: Some(inner),
            unanswered,
        }
    }

    /// It is in safe hands: ESME_ROK, with nothing else to say.
    pub fn accept(self) -> Result<(), RespondError> {
        self.reject(CommandStatus::ESME_ROK)
    }

    /// Answers with a status alone.
    pub fn reject(mut self, status: CommandStatus) -> Result<(), RespondError> {
        self.take()?.reject(status)
    }

    /// Answers with a status and a response, which must be the one to the request.
    pub fn respond(mut self, status: CommandStatus, response: &impl Encode) -> Result<(), RespondError> {
        self.take()?.respond(status, response)
    }

    /// It is there until this value is consumed.
    fn take(&mut self) -> Result<driver::Responder, RespondError> {
        self.inner.take().ok_or(RespondError::Closed)
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        if let Some(inner) = self.inner.take() {
            // That the session is over, or the time for the answer, is nobody's concern here.
            let _ = inner.reject(self.unanswered);
        }
    }
}

impl fmt::Debug for Responder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Responder")
    }
}
