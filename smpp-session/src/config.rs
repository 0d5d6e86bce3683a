//! What a session allows, and for how long.

use crate::free::FreeLimits;
use crate::vendor::VendorCommand;
use smpp_pdu::{CommandStatus, MAX_PDU, Tolerance, Version};
use std::time::Duration;

/// Which side of the session this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The client: it binds, submits, and is delivered to.
    Esme,
    /// The message centre (v5.0: MC).
    Smsc,
}

impl Role {
    /// The other side.
    #[must_use]
    pub const fn peer(self) -> Self {
        match self {
            Self::Esme => Self::Smsc,
            Self::Smsc => Self::Esme,
        }
    }

    /// As logs and metrics have it: `esme` or `smsc`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Esme => "esme",
            Self::Smsc => "smsc",
        }
    }
}

/// What becomes of a request that finds [`Config::max_inbound`] others unanswered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Overload {
    /// It is refused with ESME_RTHROTTLED.
    Throttle,
    /// It is not read before an answer frees a place: the peer feels it as a connection that takes no more. Nothing
    /// is refused, and no honest peer has to come again.
    ///
    /// The hazard: answers to our own requests come by the same stream, and none behind that request is read either.
    /// If both sides pause, each may wait for what stands behind the other's requests, until [`Config::answer`] or
    /// [`Config::response`] is up. It is for a peer that asks and is not asked, or for an application whose answers
    /// wait for no answer of that peer. While it lasts nobody is blamed for silence, for our enquire_link goes
    /// unanswered, nor for half a PDU; and the end of the connection is not noticed.
    Pause,
}

/// Limits and timers of one session. Each limit bounds something that the peer could otherwise use without end.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// The highest version to speak; the session works at the lowest of it, of what the bind states and of what the peer
    /// states (R084). 3.4.
    pub version: Version,
    /// What a message centre is taken for that accepts our bind and does not say what it speaks, by
    /// sc_interface_version. 3.4, for many of 3.4 leave it out and take TLVs; the specification would rather have 3.3,
    /// to which no TLV is sent (v3.4 §3.4, v5.0 §2.11.2; R080), and with it none of the operations since.
    pub unstated_version: Version,
    /// What is forgiven when reading. [`Tolerance::field`].
    pub tolerance: Tolerance,
    /// Requests that no version has and this session does: in a bound state they are requests like others, read as
    /// [`Pdu::Unknown`](smpp_pdu::Pdu::Unknown) and answered by their registered response. What is not registered is
    /// refused (R009). None.
    pub vendor: Vec<VendorCommand>,
    /// Our requests that may wait for their answer at once (R028). 10, what most message centres allow.
    pub window: usize,
    /// The peer's requests that may wait for our answer at once, for each takes memory. 1,000.
    pub max_inbound: usize,
    /// What becomes of the next one. [`Overload::Throttle`]: it is an answer and not a silence, and all else is still
    /// read.
    pub overload: Overload,
    /// The longest PDU that is read (R007). 128 KiB: a message_payload of 65,535 octets fits.
    pub max_pdu: usize,
    /// Octets that wait unwritten for a peer that does not read, beyond which no request of ours is encoded. 256 KiB.
    pub max_unwritten_requests: usize,
    /// Octets that wait unwritten beyond which nothing more is read: the peer asks and does not read its answers.
    /// 1 MiB and what requests may add to it.
    pub max_unwritten: usize,
    /// What a peer may do for free, how often within a minute; past it the session ends, for it takes no place that would
    /// slow the peer. [`FreeLimits`] says how often, kind by kind.
    pub free: FreeLimits,
    /// From the connection to the bind (R100): who connects to bind does so at once. 10 s.
    pub session_init: Duration,
    /// Silence of the peer after which the link is probed by enquire_link. 30 s, for many centres want one a minute.
    pub enquire_link: Duration,
    /// From enquire_link to a sign of life, which any PDU is (R104): the only way to notice a connection that died
    /// without a word. 10 s.
    pub enquire_link_response: Duration,
    /// How long a bound session may be without transactions; then this side unbinds, and the reason is
    /// [`CloseReason::Inactive`](crate::CloseReason::Inactive) (v3.4 §7.2, v5.0 §2.7). It is measured from when the
    /// last request of either side was answered or had ended, or the last notice came or went; enquire_link is no
    /// transaction, and while any request waits the session is not inactive. Off: a silent link that answers
    /// enquire_link is of use to the next message, and costs next to nothing.
    pub inactivity: Option<Duration>,
    /// From a request to its answer. 30 s, for shorter times take slow centres for dead ones, and double messages.
    pub response: Duration,
    /// How long a request of the peer may wait for our answer; then it gets [`Config::unanswered`]. 60 s: longer than the
    /// peer waits, as a rule.
    pub answer: Duration,
    /// What a request of the peer gets that nobody answered in time; a bind is not accepted by it. ESME_RSYSERR.
    pub unanswered: CommandStatus,
    /// From a PDU's first octet to its last: peers that send an octet now and then hold memory. 10 s.
    pub pdu_read: Duration,
    /// How long the peer may take nothing of what waits to be written: who takes nothing for so long is gone. 30 s.
    pub write_stall: Duration,
    /// From unbind to the end: how long what is in flight is waited for. 10 s: handlers end, and deployments wait.
    pub drain: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            version: Version::V34,
            unstated_version: Version::V34,
            tolerance: Tolerance::field(),
            vendor: Vec::new(),
            window: 10,
            max_inbound: 1000,
            overload: Overload::Throttle,
            max_pdu: MAX_PDU,
            max_unwritten_requests: 256 * 1024,
            max_unwritten: 1280 * 1024,
            free: FreeLimits::default(),
            session_init: Duration::from_secs(10),
            enquire_link: Duration::from_secs(30),
            enquire_link_response: Duration::from_secs(10),
            inactivity: None,
            response: Duration::from_secs(30),
            answer: Duration::from_secs(60),
            unanswered: CommandStatus::ESME_RSYSERR,
            pdu_read: Duration::from_secs(10),
            write_stall: Duration::from_secs(30),
            drain: Duration::from_secs(10),
        }
    }
}
