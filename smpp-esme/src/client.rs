//! What submits.

use crate::offer::Offered;
use crate::operations::operations;
use crate::pair::Pair;
use smpp_pdu::{CongestionState, EnquireLink, EnquireLinkResp, Request, Unknown, Version};
use smpp_session::driver::{CallError, Closed, Handle};
use smpp_session::{CloseReason, State, Stats};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// A bound session: cheap to clone, usable from any task.
///
/// Each request waits for a place in the window, in line and no longer than
/// [`Builder::offer_timeout`](crate::Builder::offer_timeout) says, and then for its answer; [`CallError`] tells what
/// has become of one that has none. A request that is dropped while it waits in line is never sent; one that is dropped
/// later keeps its place in the window until the SMSC answers or the time for it is up.
///
/// Of [`BindKind::Auto`](crate::BindKind::Auto) it may be a transmitter and a receiver: requests go to the former,
/// [`Inbound`](crate::Inbound) hears of the latter, and they are one in that both are unbound together. If one ends, for
/// whatever reason, the other is unbound at once, in order: what is in flight there is still waited for.
///
/// When all clones and the session's [`Inbound`](crate::Inbound) are gone, what is in flight is waited for, and the
/// session unbinds. To wait for that, [`Self::unbind`].
#[derive(Debug, Clone)]
pub struct Client {
    /// What submits.
    handle: Handle,
    /// Where another session is delivered to.
    pair: Option<Arc<Pair>>,
    offer_timeout: Option<Duration>,
}

operations!(
    Client,
    CallError,
    "Which of them the session has, its bind and its version say",
    "[`WindowFull`](crate::RequestError::WindowFull)"
);

impl Client {
    pub(crate) fn new(handle: Handle, offer_timeout: Option<Duration>) -> Self {
        Self {
            handle,
            pair: None,
            offer_timeout,
        }
    }

    /// Of two sessions that are one; `transmitter` is that of the pair.
    pub(crate) fn of_pair(transmitter: Handle, pair: Arc<Pair>, offer_timeout: Option<Duration>) -> Self {
        Self {
            handle: transmitter,
            pair: Some(pair),
            offer_timeout,
        }
    }

    /// Sends any request, owned or by reference.
    pub fn request<R>(&self, pdu: R) -> impl Future<Output = Result<R::Response, CallError>> + Send
    where
        R: Request<Response: Default> + Send,
    {
        self.request_within(pdu, self.offer_timeout)
    }

    /// As [`Self::request`], with another limit in place of its own.
    pub(crate) fn request_within<R>(
        &self,
        pdu: R,
        offer: Option<Duration>,
    ) -> impl Future<Output = Result<R::Response, CallError>> + Send
    where
        R: Request<Response: Default> + Send,
    {
        Offered::new(self.handle.request(pdu), offer)
    }

    /// As [`Self::request`], but fails with [`WindowFull`](crate::RequestError::WindowFull) instead of waiting for the
    /// window.
    pub fn try_request<R>(&self, pdu: R) -> impl Future<Output = Result<R::Response, CallError>> + Send
    where
        R: Request<Response: Default> + Send,
    {
        self.handle.try_request(pdu)
    }

    /// Sends a request of a vendor's own, which was registered in [`Config::vendor`](crate::Config::vendor); both it
    /// and its response have their bodies as octets (v3.4 Table 5-1, v5.0 Table 4-44).
    pub fn request_vendor(&self, pdu: Unknown) -> impl Future<Output = Result<Unknown, CallError>> + Send {
        self.request_vendor_within(pdu, self.offer_timeout)
    }

    /// As [`Self::request_vendor`], with another limit in place of its own.
    pub(crate) fn request_vendor_within(
        &self,
        pdu: Unknown,
        offer: Option<Duration>,
    ) -> impl Future<Output = Result<Unknown, CallError>> + Send {
        Offered::new(self.handle.request_vendor(pdu), offer)
    }

    /// As [`Self::request_vendor`], but fails with [`WindowFull`](crate::RequestError::WindowFull) instead of waiting
    /// for the window.
    pub fn try_request_vendor(&self, pdu: Unknown) -> impl Future<Output = Result<Unknown, CallError>> + Send {
        self.handle.try_request_vendor(pdu)
    }

    /// Asks whether the SMSC is there (v3.4 §4.11.1, v5.0 §4.1.2.1). A silent link is asked without this, and outside
    /// the window.
    pub fn enquire_link(&self) -> impl Future<Output = Result<EnquireLinkResp, CallError>> + Send {
        self.request(EnquireLink::default())
    }

    /// Takes no more requests, waits for what is in flight ([`Config::drain`](crate::Config::drain) at most), unbinds,
    /// and waits for the end.
    pub async fn unbind(&self) -> CloseReason {
        match &self.pair {
            Some(pair) => pair.unbind(),
            None => self.handle.unbind(),
        }
        self.closed().await
    }

    /// As [`Self::unbind`], but waits no longer than `within` for what is in flight, and says what is left: the requests
    /// whose fate is unknown, those among them whose futures were dropped, and how many were never sent. Each request
    /// still has its own outcome, of which its own future tells.
    ///
    /// Of several calls, and of [`Self::unbind`], the one that ends first counts. Once the unbind is sent, its answer may
    /// take [`Config::drain`](crate::Config::drain), and the last PDU five seconds. Of a session that is over already
    /// it tells at once, however that ended. Dropped before its end, it goes on without anybody who waits.
    pub async fn close(&self, within: Duration) -> Closed {
        match &self.pair {
            Some(pair) => pair.close(within).await,
            None => self.handle.close(within).await,
        }
    }

    /// Waits for the end of the session, whoever brings it.
    pub async fn closed(&self) -> CloseReason {
        match &self.pair {
            Some(pair) => pair.closed().await,
            None => self.handle.closed().await,
        }
    }

    /// Whether it is a transmitter and a receiver ([`BindKind::Auto`](crate::BindKind::Auto)).
    pub fn is_pair(&self) -> bool {
        self.pair.is_some()
    }
    /// Where the session stands. A pair is [`BoundTrx`](State::BoundTrx) as long as both are bound.
    pub fn state(&self) -> State {
        match &self.pair {
            Some(pair) => pair.state(),
            None => self.handle.state(),
        }
    }
    /// Whether requests are still taken.
    pub fn is_open(&self) -> bool {
        match &self.pair {
            Some(pair) => pair.is_open(),
            None => self.handle.is_open(),
        }
    }
    /// The version that both sides speak; of a pair, that of the transmitter.
    pub fn version(&self) -> Version {
        self.handle.codec().version
    }
    /// How many requests wait for their answer.
    pub fn in_flight(&self) -> usize {
        self.handle.in_flight()
    }
    /// How many may.
    pub(crate) fn window(&self) -> usize {
        self.handle.window().capacity
    }
    /// How loaded the SMSC has last said that it is.
    pub(crate) fn peer_congestion(&self) -> Option<u8> {
        self.handle.peer_congestion().map(|CongestionState(load)| load)
    }
    /// Changes how many may.
    pub fn set_window(&self, window: usize) {
        self.handle.set_window(window);
    }
    /// What the session has counted; a pair, together.
    pub fn stats(&self) -> Stats {
        match &self.pair {
            Some(pair) => pair.stats(),
            None => self.handle.stats(),
        }
    }
}
