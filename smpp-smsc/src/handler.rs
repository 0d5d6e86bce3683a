//! Who answers the requests of one session.

use crate::peer::Peer;
use async_trait::async_trait;
use smpp_pdu::{CommandStatus, Forgiven, SubmitSm, SubmitSmResp, Tlvs};
use smpp_session::CloseReason;
use std::fmt;

/// Answers the requests of one session. What is not implemented is refused with ESME_RINVCMDID in the operation's own
/// response.
///
/// Requests of one session begin in the order of the wire, each where it arrives: a handler that is ready at once is
/// answered in the same write, and one that is not does not hold up the next.
#[async_trait]
pub trait Handler: Send + Sync + 'static {
    /// The ESME submits a message (v3.4 §4.4.1, v5.0 §4.2.1.1). A positive answer says that the message is in safe
    /// hands: the ESME forgets it.
    async fn submit_sm(&self, pdu: SubmitSm) -> Result<SubmitSmResp, Reject> {
        let _ = pdu;
        Err(CommandStatus::ESME_RINVCMDID.into())
    }

    /// A request needed leniency to be read: may it be served? By default yes. [`Forgiven::error`] has the status to
    /// refuse it with.
    fn forgive(&self, forgiven: &[Forgiven]) -> Result<(), Reject> {
        let _ = forgiven;
        Ok(())
    }

    /// The session is bound: what is pushed to `peer` from here on follows the response to the bind.
    fn bound(&self, peer: &Peer) {
        let _ = peer;
    }

    /// The session is over.
    fn closed(&self, reason: CloseReason) {
        let _ = reason;
    }
}

/// Why a request is refused: its status, and for some, TLVs that explain it (R091).
#[derive(Clone, PartialEq, Eq)]
pub struct Reject {
    status: CommandStatus,
    tlvs: Option<Box<Tlvs>>,
}

impl Reject {
    /// With a status alone; ESME_ROK, which refuses nothing, becomes ESME_RSYSERR.
    pub fn new(status: CommandStatus) -> Self {
        let status = if status == CommandStatus::ESME_ROK {
            CommandStatus::ESME_RSYSERR
        } else {
            status
        };
        Self { status, tlvs: None }
    }
    /// With TLVs, such as delivery_failure_reason.
    #[must_use]
    pub fn with_tlvs(mut self, tlvs: Tlvs) -> Self {
        self.tlvs = Some(Box::new(tlvs));
        self
    }
    /// The status.
    pub fn status(&self) -> CommandStatus {
        self.status
    }
    pub(crate) fn into_parts(self) -> (CommandStatus, Option<Tlvs>) {
        (self.status, self.tlvs.map(|tlvs| *tlvs))
    }
}

impl From<CommandStatus> for Reject {
    fn from(status: CommandStatus) -> Self {
        Self::new(status)
    }
}

impl fmt::Debug for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reject").field(&self.status).finish()
    }
}
