//! The bind: its kinds, and what became of it.

use crate::error::BindError;
use smpp_pdu::{
    Address, BindReceiver, BindTransceiver, BindTransmitter, COctetString, CommandStatus, Npi, Password, Ton,
};
use smpp_session::driver::{CallError, Handle};
use smpp_session::{Config, RequestError};

/// What a session is bound for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum BindKind {
    /// To submit and to be delivered to.
    #[default]
    Transceiver,
    /// To submit.
    Transmitter,
    /// To be delivered to.
    Receiver,
    /// A transceiver; or, where the SMSC says that it has no such bind (ESME_RINVCMDID, by bind_transceiver_resp or by
    /// generic_nack; R107) and at version 3.3, which has none (R086), a transmitter and a receiver on two connections to
    /// the same address. They are one [`Client`](crate::Client).
    Auto,
}

impl BindKind {
    /// Whether the session may submit.
    pub const fn submits(self) -> bool {
        !matches!(self, Self::Receiver)
    }
    /// Whether the session is delivered to.
    pub const fn receives(self) -> bool {
        !matches!(self, Self::Transmitter)
    }
    /// What is tried on one connection.
    pub(crate) const fn on_one_stream(self) -> Self {
        match self {
            Self::Auto => Self::Transceiver,
            kind => kind,
        }
    }
}

/// Who binds, and as what. Neither password nor address is shown by `Debug`.
#[derive(Debug, Clone)]
pub(crate) struct Bind {
    pub(crate) kind: BindKind,
    pub(crate) system_id: COctetString,
    pub(crate) password: Password,
    pub(crate) system_type: COctetString,
    pub(crate) address_range: Address,
}

impl Default for Bind {
    fn default() -> Self {
        Self {
            kind: BindKind::default(),
            system_id: COctetString::default(),
            password: Password::default(),
            system_type: COctetString::default(),
            address_range: Address {
                ton: Ton::UNKNOWN,
                npi: Npi::UNKNOWN,
                addr: COctetString::default(),
            },
        }
    }
}

/// One of the three binds, which differ in name only: it exists so that their fields are listed once.
macro_rules! request {
    ($pdu:ident, $bind:expr, $config:expr) => {
        $pdu {
            system_id: $bind.system_id.clone(),
            password: $bind.password.clone(),
            system_type: $bind.system_type.clone(),
            interface_version: $config.version.interface_version(),
            address_range: $bind.address_range.clone(),
            ..$pdu::default()
        }
    };
}

impl Bind {
    /// Binds the session of `handle`.
    pub(crate) async fn send(&self, handle: &Handle, kind: BindKind, config: &Config) -> Result<(), BindError> {
        let answered = match kind {
            BindKind::Transceiver | BindKind::Auto => {
                handle.request(request!(BindTransceiver, self, config)).await.map(drop)
            }
            BindKind::Transmitter => handle.request(request!(BindTransmitter, self, config)).await.map(drop),
            BindKind::Receiver => handle.request(request!(BindReceiver, self, config)).await.map(drop),
        };
        answered.or_else(judge)
    }
}

fn judge(error: CallError) -> Result<(), BindError> {
    Err(match error {
        // It was accepted, and the session is bound: nothing is needed of the rest.
        CallError::Unreadable(_) => return Ok(()),
        CallError::Rejected(rejection) => BindError::Refused(rejection.command_status()),
        // That of a generic_nack may be 0, from those who do not care (R014).
        CallError::Nacked(CommandStatus::ESME_ROK) => BindError::Refused(CommandStatus::ESME_RBINDFAIL),
        CallError::Nacked(status) => BindError::Refused(status),
        CallError::TimedOut => BindError::NotAnswered,
        CallError::Refused(RequestError::Encode(error)) => BindError::Invalid(error),
        CallError::NotWritten(reason) | CallError::MaybeDelivered(reason) => BindError::Closed(reason),
        other => BindError::NotSent(Box::new(other)),
    })
}
