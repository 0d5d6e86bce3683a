//! Which requests which side may send when.

use crate::config::Role;
use smpp_pdu::{CommandId, Version};

/// Where a session stands (v3.4 §2.2, v5.0 §2.3).
///
/// ```text
///            outbind            bind accepted
///   Open ─────────────▶ Outbound ─────────────┐
///    │                                        ▼              unbind from
///    └──────────────────────────▶ BoundTx / BoundRx / BoundTrx ──────────▶ Unbound ──▶ Closed
///          bind accepted                                     either side      unbind_resp
/// ```
///
/// Every state goes to `Closed` when the connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Connected, not bound.
    Open,
    /// The SMSC has sent outbind and waits for the bind.
    Outbound,
    /// Bound as transmitter: the ESME submits.
    BoundTx,
    /// Bound as receiver: the ESME is delivered to.
    BoundRx,
    /// Bound as transceiver: both.
    BoundTrx,
    /// One side has asked for the end; what is in flight may still be answered.
    Unbound,
    /// Over.
    Closed,
}

impl State {
    /// Whether it is one of the three bound states.
    pub const fn is_bound(self) -> bool {
        matches!(self, Self::BoundTx | Self::BoundRx | Self::BoundTrx)
    }
    /// The state after a bind of this kind is accepted; `None` if it is no bind.
    pub const fn bound_by(bind: CommandId) -> Option<Self> {
        match bind {
            CommandId::BIND_TRANSMITTER => Some(Self::BoundTx),
            CommandId::BIND_RECEIVER => Some(Self::BoundRx),
            CommandId::BIND_TRANSCEIVER => Some(Self::BoundTrx),
            _ => None,
        }
    }
}

/// Whether `from` may send a request in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// This version has no such command: generic_nack ESME_RINVCMDID.
    Unknown,
    /// Not in this state, or not this side: its own response, ESME_RINVBNDSTS or ESME_RALYBND.
    Forbidden,
    /// It may.
    Allowed,
}

/// Whether `from` may send the request `command` in `state`, at `version` (v3.4 §2.3, v5.0 §2.4).
///
/// Where the specification's tables forget something, this one has it: replace_sm on a transceiver, enquire_link
/// before the bind.
#[inline]
pub const fn permission(version: Version, from: Role, command: CommandId, state: State) -> Permission {
    match allowed_states(version, from, command) {
        None => Permission::Unknown,
        Some(states) if states & bit(state) == 0 => Permission::Forbidden,
        Some(_) => Permission::Allowed,
    }
}

const fn bit(state: State) -> u8 {
    1 << state as u8
}

const OPEN: u8 = bit(State::Open);
const UNBOUND_TOO: u8 = OPEN | bit(State::Outbound) | BOUND | bit(State::Unbound);
const BINDING: u8 = OPEN | bit(State::Outbound);
const TX: u8 = bit(State::BoundTx) | bit(State::BoundTrx);
const RX: u8 = bit(State::BoundRx) | bit(State::BoundTrx);
const BOUND: u8 = TX | RX;

/// One bit a state; `None` for a command that the version has not. The three versions differ only in what they have.
#[inline]
const fn allowed_states(version: Version, from: Role, command: CommandId) -> Option<u8> {
    const V34: u8 = Version::V34.interface_version();
    const V50: u8 = Version::V50.interface_version();
    let version = version.interface_version();
    let (esme, smsc) = match command {
        // Peers state 0x00 to 0x33 whatever they do, so a transceiver is known to 3.3 too.
        CommandId::BIND_RECEIVER | CommandId::BIND_TRANSMITTER | CommandId::BIND_TRANSCEIVER => (BINDING, 0),
        CommandId::SUBMIT_SM
        | CommandId::SUBMIT_MULTI
        | CommandId::QUERY_SM
        | CommandId::CANCEL_SM
        | CommandId::REPLACE_SM => (TX, 0),
        CommandId::DELIVER_SM => (0, RX),
        CommandId::UNBIND => (BOUND, BOUND),
        CommandId::ENQUIRE_LINK => (UNBOUND_TOO, UNBOUND_TOO),
        CommandId::OUTBIND if version >= V34 => (0, OPEN),
        CommandId::ALERT_NOTIFICATION if version >= V34 => (0, RX),
        CommandId::DATA_SM if version >= V34 => (TX, RX),
        CommandId::BROADCAST_SM | CommandId::QUERY_BROADCAST_SM | CommandId::CANCEL_BROADCAST_SM if version >= V50 => {
            (TX, 0)
        }
        _ => return None,
    };
    Some(match from {
        Role::Esme => esme,
        Role::Smsc => smsc,
    })
}
