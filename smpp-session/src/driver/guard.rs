//! A service's code may panic: that costs the request that it was asked, and no other.

use super::service::Reply;
use crate::inbound::RequestToken;
use smpp_pdu::CommandStatus;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

/// `None` if it panics. What it leaves in a state that nobody foresaw is the service's own.
#[inline]
pub(crate) fn caught<R>(f: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(f)).ok()
}

/// A request being handled, and what answers it if that panics.
pub(crate) struct Guarded<F> {
    /// Until it is over: it may panic when it is dropped, too.
    handling: Option<F>,
    token: RequestToken,
}

impl<F> Guarded<F> {
    pub(crate) fn new(handling: F, token: RequestToken) -> Self {
        Self {
            handling: Some(handling),
            token,
        }
    }
}

impl<F, B> Future for Guarded<F>
where
    F: Future<Output = Option<Reply<B>>> + Unpin,
{
    type Output = Option<Reply<B>>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(handling) = &mut self.handling else {
            return Poll::Ready(None);
        };
        let polled = caught(|| Pin::new(handling).poll(cx));
        if !matches!(polled, Some(Poll::Pending)) {
            // What it has answered it has, whatever it leaves.
            caught(|| drop(self.handling.take()));
        }
        polled.unwrap_or_else(|| {
            Poll::Ready(Some(Reply {
                token: self.token.again(),
                status: CommandStatus::ESME_RSYSERR,
                body: None,
            }))
        })
    }
}
