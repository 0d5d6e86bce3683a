//! One bound session of an account.

use super::Centre;
use super::outbox::Outbox;
use crate::acceptor::{Bind, BindKind};
use crate::handler::{Handler, Reject};
use crate::peer::Peer;
use async_trait::async_trait;
use smpp_pdu::{CommandStatus, EsmClass, Forgiven, Kept, SubmitSm, SubmitSmResp, Version};
use smpp_session::CloseReason;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};

pub(super) struct Session {
    centre: Centre,
    outbox: Arc<Outbox>,
    kind: BindKind,
    /// Since it is bound: what both sides speak, and its place among the receivers of the account.
    bound: OnceLock<Bound>,
}

struct Bound {
    version: Version,
    receiver: Option<u64>,
}

impl Session {
    pub(super) fn new(centre: Centre, outbox: Arc<Outbox>, bind: &Bind) -> Self {
        Self {
            centre,
            outbox,
            kind: bind.kind,
            bound: OnceLock::new(),
        }
    }
}

#[async_trait]
impl Handler for Session {
    async fn submit_sm(&self, pdu: Kept<SubmitSm>) -> Result<SubmitSmResp, Reject> {
        let pdu = pdu.view();
        if self.centre.0.closed.load(Ordering::Relaxed) {
            return Err(CommandStatus::ESME_RSYSERR.into());
        }
        let version = self.bound.get().map_or(Version::V34, |bound| bound.version);
        pdu.check(version).map_err(|error| error.command_status())?;
        supported(&pdu)?;
        let message = self.centre.0.store.insert(pdu.into_owned(), version, &self.outbox)?;
        let message_id = message.message_id.clone();
        self.centre.route(message);
        Ok(SubmitSmResp {
            message_id,
            ..SubmitSmResp::default()
        })
    }

    /// What had to be forgiven is refused: a message that was read wrongly must not be sent on.
    fn forgive(&self, forgiven: &[Forgiven]) -> Result<(), Reject> {
        match forgiven.first() {
            Some(forgiven) => Err(forgiven.error.command_status().into()),
            None => Ok(()),
        }
    }

    fn bound(&self, peer: &Peer) {
        let receiver = self.kind.receives().then(|| self.outbox.add(peer.clone()));
        let _ = self.bound.set(Bound {
            version: peer.version(),
            receiver,
        });
    }

    fn closed(&self, _: CloseReason, _: u64) {
        if let Some(receiver) = self.bound.get().and_then(|bound| bound.receiver) {
            self.outbox.remove(receiver);
        }
    }
}

/// What this centre does not do it does not promise: a message that was to wait, or to replace another, is refused
/// and not sent at once, or twice.
fn supported(pdu: &SubmitSm<&[u8]>) -> Result<(), CommandStatus> {
    if pdu.destination_addr.addr.is_empty() {
        Err(CommandStatus::ESME_RINVDSTADR)
    } else if !matches!(pdu.esm_class.0 & EsmClass::TYPE_MASK, 0x00 | 0x08 | 0x10) {
        // Plain, or an acknowledgement of the ESME's own: a receipt is the centre's to write.
        Err(CommandStatus::ESME_RINVESMCLASS)
    } else if !pdu.schedule_delivery_time.is_empty() {
        Err(CommandStatus::ESME_RINVSCHED)
    } else if pdu.replace_if_present_flag != 0 {
        Err(CommandStatus::ESME_RINVSUBREP)
    } else if pdu.sm_default_msg_id != 0 {
        // R076: it knows no canned messages.
        Err(CommandStatus::ESME_RINVDFTMSGID)
    } else {
        Ok(())
    }
}
