//! How long a request may wait for a place in the window.

use smpp_session::driver::{Call, CallError, VendorCall};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Sleep, sleep};

/// A request that is taken back if it still waits in line for the window when its time is up. Sent, it has the time for
/// its answer, however long it waited in line.
#[must_use = "nothing is sent until it is polled"]
pub(crate) struct Offered<C> {
    call: C,
    offer: Offer,
}

/// A clock runs only for a request that was not over at its first poll.
enum Offer {
    Unlimited,
    Within(Duration),
    Runs(Pin<Box<Sleep>>),
}

/// What can be taken back before it is sent.
pub(crate) trait Withdraw: Unpin {
    fn withdraw(&mut self) -> bool;
}

impl<R> Withdraw for Call<'_, R> {
    fn withdraw(&mut self) -> bool {
        Call::withdraw(self)
    }
}

impl Withdraw for VendorCall<'_> {
    fn withdraw(&mut self) -> bool {
        VendorCall::withdraw(self)
    }
}

impl<C> Offered<C> {
    pub(crate) fn new(call: C, offer: Option<Duration>) -> Self {
        let offer = offer.map_or(Offer::Unlimited, Offer::Within);
        Self { call, offer }
    }
}

impl<C, A> Future for Offered<C>
where
    C: Future<Output = Result<A, CallError>> + Withdraw,
{
    type Output = Result<A, CallError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { call, offer } = &mut *self;
        if let Offer::Unlimited = offer {
            return Pin::new(call).poll(cx); // in one move: what it returns is large
        }
        let polled = Pin::new(&mut *call).poll(cx);
        if polled.is_ready() {
            return polled;
        }
        if let Offer::Within(time) = *offer {
            *offer = Offer::Runs(Box::pin(sleep(time)));
        }
        let Offer::Runs(clock) = offer else {
            return Poll::Pending;
        };
        if clock.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        *offer = Offer::Unlimited;
        match call.withdraw() {
            true => Poll::Ready(Err(CallError::OfferTimedOut)),
            // Sent meanwhile, or ended: of that its waker tells.
            false => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use smpp_pdu::SubmitSmResp;
    use std::collections::VecDeque;

    /// What becomes of a call, poll by poll, and whether it can be taken back.
    struct Scripted {
        polls: VecDeque<bool>,
        waits_in_line: bool,
    }

    impl Future for Scripted {
        type Output = Result<SubmitSmResp, CallError>;
        fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
            match self.polls.pop_front() {
                Some(true) => Poll::Ready(Ok(SubmitSmResp::default())),
                _ => Poll::Pending,
            }
        }
    }

    impl Withdraw for Scripted {
        fn withdraw(&mut self) -> bool {
            self.waits_in_line
        }
    }

    async fn ended(polls: &[bool], waits_in_line: bool) -> Result<SubmitSmResp, CallError> {
        let polls = polls.iter().copied().collect();
        let call = Scripted { polls, waits_in_line };
        let offered = Offered::new(call, Some(Duration::from_millis(1)));
        let ended = tokio::time::timeout(Duration::from_secs(20), offered).await;
        ended.expect("it hangs")
    }

    #[tokio::test]
    async fn what_waits_in_line_is_taken_back() {
        assert!(matches!(ended(&[], true).await, Err(CallError::OfferTimedOut)));
    }

    #[tokio::test]
    async fn what_has_ended_is_not() {
        assert!(ended(&[true], true).await.is_ok());
        // The clock wakes it, and by then it has an end.
        assert!(ended(&[false, true], true).await.is_ok());
    }

    #[tokio::test]
    async fn what_was_sent_goes_on() {
        let call = Scripted {
            polls: VecDeque::new(),
            waits_in_line: false,
        };
        let mut offered = Offered::new(call, Some(Duration::from_millis(1)));
        let later = Duration::from_millis(20);
        assert!(tokio::time::timeout(later, &mut offered).await.is_err());
        assert!(matches!(offered.offer, Offer::Unlimited), "its time was up meanwhile");
        offered.call.polls = [true].into();
        assert!(offered.await.is_ok());
    }
}
