//! What submits.

use smpp_pdu::{EnquireLink, EnquireLinkResp, Request, Storage, SubmitSm, SubmitSmResp, Version};
use smpp_session::driver::{CallError, Handle};
use smpp_session::{CloseReason, State, Stats};
use std::future::Future;

/// A bound session: cheap to clone, usable from any task.
///
/// Each request waits for a place in the window, in line, and then for its answer; [`CallError`] tells what has become
/// of one that has none. A request that is dropped while it waits in line is never sent; one that is dropped later
/// keeps its place in the window until the SMSC answers or the time for it is up.
///
/// When all clones and the session's [`Inbound`](crate::Inbound) are gone, what is in flight is waited for, and the
/// session unbinds. To wait for that, [`Self::unbind`].
#[derive(Debug, Clone)]
pub struct Client(Handle);

impl Client {
    pub(crate) fn new(handle: Handle) -> Self {
        Self(handle)
    }

    /// Submits a short message (v3.4 §4.4.1, v5.0 §4.2.1.1).
    pub fn submit_sm<B: Storage + Sync>(
        &self,
        pdu: &SubmitSm<B>,
    ) -> impl Future<Output = Result<SubmitSmResp, CallError>> + Send {
        self.0.request(pdu)
    }

    /// As [`Self::submit_sm`], but fails with [`WindowFull`](crate::RequestError::WindowFull) instead of waiting for
    /// the window.
    pub fn try_submit_sm<B: Storage + Sync>(
        &self,
        pdu: &SubmitSm<B>,
    ) -> impl Future<Output = Result<SubmitSmResp, CallError>> + Send {
        self.0.try_request(pdu)
    }

    /// Sends any request, owned or by reference.
    pub fn request<R>(&self, pdu: R) -> impl Future<Output = Result<R::Response, CallError>> + Send
    where
        R: Request<Response: Default> + Send,
    {
        self.0.request(pdu)
    }

    /// As [`Self::request`], but fails with [`WindowFull`](crate::RequestError::WindowFull) instead of waiting for the
    /// window.
    pub fn try_request<R>(&self, pdu: R) -> impl Future<Output = Result<R::Response, CallError>> + Send
    where
        R: Request<Response: Default> + Send,
    {
        self.0.try_request(pdu)
    }

    /// Asks whether the SMSC is there (v3.4 §4.11.1, v5.0 §4.1.2.1). A silent link is asked without this, and outside
    /// the window.
    pub fn enquire_link(&self) -> impl Future<Output = Result<EnquireLinkResp, CallError>> + Send {
        self.0.request(EnquireLink::default())
    }

    /// Takes no more requests, waits for what is in flight ([`Config::drain`](crate::Config::drain) at most), unbinds,
    /// and waits for the end.
    pub async fn unbind(&self) -> CloseReason {
        self.0.unbind();
        self.0.closed().await
    }

    /// Waits for the end of the session, whoever brings it.
    pub async fn closed(&self) -> CloseReason {
        self.0.closed().await
    }

    /// Where the session stands.
    pub fn state(&self) -> State {
        self.0.state()
    }
    /// Whether requests are still taken.
    pub fn is_open(&self) -> bool {
        self.0.is_open()
    }
    /// The version that both sides speak.
    pub fn version(&self) -> Version {
        self.0.codec().version
    }
    /// How many requests wait for their answer.
    pub fn in_flight(&self) -> usize {
        self.0.in_flight()
    }
    /// Changes how many may.
    pub fn set_window(&self, window: usize) {
        self.0.set_window(window);
    }
    /// What the session has counted.
    pub fn stats(&self) -> Stats {
        self.0.stats()
    }
}
