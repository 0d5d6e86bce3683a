//! The other side of a bound session, to push to.

use smpp_pdu::{AlertNotification, DataSm, DataSmResp, DeliverSm, DeliverSmResp, Request, Response, Unknown, Version};
use smpp_session::driver::{CallError, Handle};
use smpp_session::{CloseReason, State, Stats, WindowSnapshot};
use std::time::Instant;

/// The ESME of a bound session: cheap to clone, usable from any task.
#[derive(Debug, Clone)]
pub struct Peer(Handle);

impl Peer {
    pub(crate) fn new(handle: Handle) -> Self {
        Self(handle)
    }

    /// Delivers a message or a receipt (v3.4 §4.6.1, v5.0 §4.3.1.1), and waits for the ESME's answer; while the
    /// window is full it waits in line. The error says whether the ESME may have it.
    pub async fn deliver_sm(&self, pdu: &DeliverSm) -> Result<DeliverSmResp, CallError> {
        self.0.request(pdu).await
    }

    /// Delivers data (v3.4 §4.7.1, v5.0 §4.2.2.1); as [`Self::deliver_sm`] in all else.
    pub async fn data_sm(&self, pdu: &DataSm) -> Result<DataSmResp, CallError> {
        self.0.request(pdu).await
    }

    /// Tells that a handset can be reached again (v3.4 §4.12.1, v5.0 §4.1.3.1). It has no answer: `Ok` says that it is
    /// queued to be written, and not that the ESME has it. It takes no place in the window, and waits for none; while
    /// too much waits to be written it is refused with [`WindowFull`](smpp_session::RequestError::WindowFull).
    pub fn alert_notification(&self, pdu: &AlertNotification) -> Result<(), CallError> {
        self.0.notify(pdu)
    }

    /// Sends a vendor's own command, one of those in [`Config::vendor`](crate::Config::vendor).
    pub async fn request_vendor(&self, pdu: Unknown) -> Result<Unknown, CallError> {
        self.0.request_vendor(pdu).await
    }

    /// Sends any request.
    pub async fn request<R: Request>(&self, pdu: R) -> Result<R::Response, CallError>
    where
        R::Response: Response + Default,
    {
        self.0.request(pdu).await
    }

    /// Takes no more requests, waits for what is in flight, and unbinds. Returns at once: see [`Self::closed`].
    pub fn unbind(&self) {
        self.0.unbind();
    }
    /// Waits for the end of the session.
    pub async fn closed(&self) -> CloseReason {
        self.0.closed().await
    }
    /// The version that both sides speak.
    pub fn version(&self) -> Version {
        self.0.codec().version
    }
    /// How many requests it would take at once: what its window has free, while nothing waits in line for it.
    pub fn room(&self) -> usize {
        self.0.room()
    }
    /// How many requests may wait for their answer at once; it begins as [`Config::window`](crate::Config::window).
    pub fn set_window(&self, window: usize) {
        self.0.set_window(window);
    }
    /// The window as it stands, and what has waited longest in it.
    pub fn window(&self) -> WindowSnapshot {
        self.0.window()
    }
    /// When anything was last heard of it.
    pub fn last_heard(&self) -> Instant {
        self.0.last_heard()
    }
    /// Whether anything more may be pushed to it.
    pub fn is_open(&self) -> bool {
        self.0.is_open()
    }
    /// Where the session stands.
    pub fn state(&self) -> State {
        self.0.state()
    }
    /// What the session has counted.
    pub fn stats(&self) -> Stats {
        self.0.stats()
    }
}
