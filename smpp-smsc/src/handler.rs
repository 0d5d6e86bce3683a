//! Who answers the requests of one session.

use crate::peer::Peer;
use crate::server::BindLimit;
use async_trait::async_trait;
use smpp_pdu::{
    AnyResponse, BroadcastSm, BroadcastSmResp, CancelBroadcastSm, CancelBroadcastSmResp, CancelSm, CancelSmResp,
    CommandStatus, DataSm, DataSmResp, Forgiven, Kept, Pdu, QueryBroadcastSm, QueryBroadcastSmResp, QuerySm,
    QuerySmResp, ReplaceSm, ReplaceSmResp, SubmitMulti, SubmitMultiResp, SubmitSm, SubmitSmResp, Tlvs, Unknown,
};
use smpp_session::CloseReason;
use std::fmt;

/// The operations of an ESME, and what a handler makes of each. It exists so that a method, its refusal with TLVs and
/// its way through [`Handling`](crate::server) cannot disagree.
///
/// `$hand!` is given the same list: a row is the PDU's doc, its method, the PDU and its response.
macro_rules! operations {
    ($hand:ident) => {
        $hand! {
            /// The ESME submits a message (v3.4 §4.4.1, v5.0 §4.2.1.1). A positive answer says that the message is in
            /// safe hands: the ESME forgets it.
            submit_sm: SubmitSm -> SubmitSmResp;
            /// The ESME submits a message to several (v3.4 §4.5.1, v5.0 §4.2.3.1). A positive answer says so of all
            /// destinations but those of unsuccess_sme.
            submit_multi: SubmitMulti -> SubmitMultiResp;
            /// The ESME sends data (v3.4 §4.7.1, v5.0 §4.2.2.1). A positive answer says that they are in safe hands.
            data_sm: DataSm -> DataSmResp;
            /// What became of a message (v3.4 §4.8.1, v5.0 §4.5.2.1)?
            query_sm: QuerySm -> QuerySmResp;
            /// One message, or all between two addresses, are not to be delivered any more (v3.4 §4.9.1, v5.0
            /// §4.5.1.1).
            cancel_sm: CancelSm -> CancelSmResp;
            /// A message that waits gets another text, or another time (v3.4 §4.10.1, v5.0 §4.5.3.1).
            replace_sm: ReplaceSm -> ReplaceSmResp;
            /// A message to all handsets of an area (v5.0 §4.4.1.1).
            broadcast_sm: BroadcastSm -> BroadcastSmResp;
            /// What became of a broadcast (v5.0 §4.6.1.1)?
            query_broadcast_sm: QueryBroadcastSm -> QueryBroadcastSmResp;
            /// A broadcast is to end (v5.0 §4.6.2.1).
            cancel_broadcast_sm: CancelBroadcastSm -> CancelBroadcastSmResp;
        }
    };
}
pub(crate) use operations;

/// Declares [`Handler`] from the list.
macro_rules! handler {
    ($($(#[$doc:meta])* $method:ident: $request:ident -> $response:ident;)*) => {
        /// Answers the requests of one session. What is not implemented is refused with ESME_RINVCMDID in the
        /// operation's own response.
        ///
        /// A request is [`Kept`], which may go into a queue or another task: `pdu.view()` reads it, and
        /// `pdu.view().into_owned()` is an owned PDU, to be changed.
        ///
        /// Requests of one session begin in the order of the wire, each where it arrives: a handler that is ready at
        /// once is answered in the same write, and one that is not does not hold up the next. The order of the answers
        /// is the handler's.
        #[async_trait]
        pub trait Handler: Send + Sync + 'static {
            $(
                $(#[$doc])*
                async fn $method(&self, pdu: Kept<$request>) -> Result<$response, Reject> {
                    let _ = pdu;
                    Err(CommandStatus::ESME_RINVCMDID.into())
                }
            )*

            /// A vendor's own command, one of those in [`Config::vendor`](crate::Config::vendor), its body as octets;
            /// the answer has the command_id that is registered there. Another answer becomes ESME_RSYSERR.
            async fn vendor(&self, pdu: Kept<Unknown>) -> Result<Unknown, Reject> {
                let _ = pdu;
                Err(CommandStatus::ESME_RINVCMDID.into())
            }

            /// The synchronous path, asked first: an answer that needs no waiting, from the PDU as it lies in the read
            /// buffer, with neither a copy of it nor a future. `None`, the default, leaves it to the operation's own
            /// method. It holds up its connection, and its thread, for as long as it takes.
            ///
            /// The answer must be the operation's own response: another is refused, and becomes ESME_RSYSERR.
            fn at_once(&self, pdu: &Pdu<&[u8]>) -> Option<Result<AnyResponse, Reject>> {
                let _ = pdu;
                None
            }

            /// A request needed leniency to be read: may it be served? By default yes. [`Forgiven::error`] has the
            /// status to refuse it with.
            fn forgive(&self, forgiven: &[Forgiven]) -> Result<(), Reject> {
                let _ = forgiven;
                Ok(())
            }

            /// How many sessions there may be of the system_id whose bind led to this handler; `None`, the default: as
            /// many as [`ServerBuilder::bind_limit`](crate::ServerBuilder::bind_limit) says. It is asked once, before the
            /// bind is accepted.
            fn bind_limit(&self) -> Option<BindLimit> {
                None
            }

            /// The session is bound: what is pushed to `peer` from here on follows the response to the bind.
            fn bound(&self, peer: &Peer) {
                let _ = peer;
            }

            /// The session is over, for `reason`. So many of its requests were never answered: the ESME does not know
            /// what became of them, whatever their handlers still do.
            fn closed(&self, reason: CloseReason, unanswered: u64) {
                let _ = (reason, unanswered);
            }
        }
    };
}
operations! { handler }

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
    pub(crate) fn tlvs(&self) -> Option<&Tlvs> {
        self.tlvs.as_deref()
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
