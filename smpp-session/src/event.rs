//! What a session tells its owner.

use crate::free::Free;
use crate::inbound::RequestToken;
use crate::state::State;
use smpp_pdu::{
    Codec, CommandId, CommandStatus, CongestionState, DecodeError, Decoded, FrameError, Header, Pdu, Response,
    Tolerance, Version, tlv,
};
use std::fmt;

/// What the peer, the clock or the end of the session brings. It borrows from the input and not from the session, so
/// that a request can be answered while it is looked at.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<'a, T> {
    /// The peer asks. It waits for [`respond`](crate::Session::respond) or [`reject`](crate::Session::reject).
    Request(Received<'a>),
    /// The peer tells, and expects no answer: alert_notification, outbind.
    Notice(Received<'a, ()>),
    /// A request of ours has ended, in one of five ways. `context` is what it was made with.
    Ended {
        /// The caller's own.
        context: T,
        /// How.
        outcome: Outcome<Answer<'a>>,
    },
    /// A response or a generic_nack that nobody waits for: late, twice, or made up. It is never answered (R016).
    Stray {
        /// Of the stray.
        command_id: CommandId,
        /// Of the stray.
        sequence_number: u32,
    },
    /// The session was bound, or unbound.
    State(State),
    /// It is over. Nothing comes after it.
    Closed(CloseReason),
}

/// A request of the peer, read; `token` is what answers it, where there is an answer.
#[derive(PartialEq, Eq)]
pub struct Received<'a, K = RequestToken> {
    /// What answers it.
    pub token: K,
    /// What it is.
    pub pdu: Pdu<&'a [u8]>,
    /// What had to be forgiven to read it: a message centre may refuse it for that.
    pub forgiven: Tolerance,
    /// Its octets, header and all.
    pub frame: &'a [u8],
}

/// Without the octets, in which texts, numbers and passwords stand.
impl<K: fmt::Debug> fmt::Debug for Received<'_, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received")
            .field("token", &self.token)
            .field("pdu", &self.pdu)
            .field("forgiven", &self.forgiven)
            .finish_non_exhaustive()
    }
}

/// How a request of ours ended: each that was taken ends in exactly one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome<A> {
    /// The peer has answered, with whatever status.
    Answered(A),
    /// The peer has refused it by generic_nack.
    Nacked(CommandStatus),
    /// No answer came in time. The peer may have it.
    TimedOut,
    /// The session ended before an octet of it was written: the peer does not have it.
    NotWritten(CloseReason),
    /// The session ended after it was written, in part or whole, without an answer. The peer may have it.
    MaybeDelivered(CloseReason),
}

impl<A> Outcome<A> {
    /// The same outcome with another form of the answer.
    pub fn map<B>(self, f: impl FnOnce(A) -> B) -> Outcome<B> {
        match self {
            Self::Answered(answer) => Outcome::Answered(f(answer)),
            Self::Nacked(status) => Outcome::Nacked(status),
            Self::TimedOut => Outcome::TimedOut,
            Self::NotWritten(reason) => Outcome::NotWritten(reason),
            Self::MaybeDelivered(reason) => Outcome::MaybeDelivered(reason),
        }
    }
}

/// The response to a request of ours, not read yet: who needs no more than its status reads no more.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Answer<'a> {
    codec: Codec,
    frame: &'a [u8],
}

impl<'a> Answer<'a> {
    pub(crate) fn new(codec: Codec, frame: &'a [u8]) -> Self {
        Self { codec, frame }
    }
    /// Its status: ESME_ROK if the peer did what it was asked.
    #[inline]
    pub fn command_status(&self) -> CommandStatus {
        Header::peek(self.frame).map_or(CommandStatus::ESME_RUNKNOWNERR, |(_, header)| header.command_status)
    }
    /// Its octets, header and all.
    pub fn frame(&self) -> &'a [u8] {
        self.frame
    }
    /// The codec that the session read it with.
    pub fn codec(&self) -> Codec {
        self.codec
    }
    /// How loaded the peer says that it is; `None` if it does not, or works below 5.0 (v5.0 §4.8.4.18; R114).
    pub fn congestion_state(&self) -> Option<CongestionState> {
        if self.codec.version < Version::V50 {
            return None;
        }
        let decoded = self.codec.decode(self.frame).ok()?;
        decoded.pdu.tlvs()?.get(tlv::CONGESTION_STATE).ok().flatten()
    }
    /// All of it, borrowed.
    pub fn decode(&self) -> Result<Decoded<Pdu<&'a [u8]>>, DecodeError> {
        self.codec.decode(self.frame)
    }
    /// All of it, as the response that the request is known to have, owned.
    pub fn decode_as<R: Response>(&self) -> Result<Decoded<Option<R>>, DecodeError> {
        self.codec.decode_response(self.frame)
    }
}

/// Without the octets, in which a number may stand.
impl fmt::Debug for Answer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {} octets", self.command_status(), self.frame.len())
    }
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CloseReason {
    /// In order, by unbind and unbind_resp.
    Unbound,
    /// In order, by this side, for nothing was asked for [`Config::inactivity`](crate::Config::inactivity).
    Inactive,
    /// The peer closed the connection, or it broke.
    PeerClosed,
    /// The peer was silent, and to enquire_link too.
    LinkDead,
    /// Nobody bound in time.
    SessionInit,
    /// The peer sent a command_length that cannot be trusted.
    Framing {
        /// What it was.
        command_length: u32,
    },
    /// The peer began a PDU and did not end it in time.
    PduRead,
    /// The peer took nothing of what waited for it.
    WriteStalled,
    /// Unbind was not answered in time.
    UnbindTimeout,
    /// The peer did too often what is free for it ([`Config::free`](crate::Config::free)). The answers that wait are
    /// still written: what this side has accepted would else be sent again.
    Free(Free),
    /// This side closed without unbind.
    Local,
}

impl From<FrameError> for CloseReason {
    fn from(error: FrameError) -> Self {
        Self::Framing {
            command_length: error.command_length,
        }
    }
}

impl CloseReason {
    /// Whether what waits to be written is still worth it: the last word of a session that ends in order, the
    /// generic_nack that says why, the answer to the last bind, or answers to what was accepted.
    pub const fn lingers(self) -> bool {
        matches!(
            self,
            Self::Unbound | Self::Inactive | Self::Framing { .. } | Self::SessionInit | Self::Free(_)
        )
    }
}

impl CloseReason {
    /// Its name, for metrics and logs: of few, and without a word of what the peer has sent.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unbound => "unbound",
            Self::Inactive => "inactive",
            Self::PeerClosed => "peer_closed",
            Self::LinkDead => "link_dead",
            Self::SessionInit => "session_init",
            Self::Framing { .. } => "framing",
            Self::PduRead => "pdu_read",
            Self::WriteStalled => "write_stalled",
            Self::UnbindTimeout => "unbind_timeout",
            Self::Free(kind) => kind.close_name(),
            Self::Local => "local",
        }
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unbound => "unbound",
            Self::Inactive => "unbound, for nothing was asked",
            Self::PeerClosed => "the peer closed the connection",
            Self::LinkDead => "the peer did not answer enquire_link",
            Self::SessionInit => "no bind came in time",
            Self::Framing { command_length } => {
                return write!(f, "the peer sent a command_length of {command_length}");
            }
            Self::Free(kind) => return write!(f, "too many {kind} within a minute"),
            Self::PduRead => "the peer did not end a PDU in time",
            Self::WriteStalled => "the peer took nothing of what was to be written",
            Self::UnbindTimeout => "unbind was not answered in time",
            Self::Local => "closed by this side",
        })
    }
}
