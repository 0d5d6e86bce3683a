//! What a centre does to its own PDUs.

use smpp_esme::pdu::{CommandId, CommandStatus};
use std::ops::{RangeFrom, RangeFull, RangeInclusive, RangeToInclusive};
use std::time::Duration;

/// What becomes of one PDU that the session wants to send.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Act {
    Pass,
    /// Later; what comes behind it does not wait, and overtakes it.
    Delay(Duration),
    /// Never. The request that it answers was received all the same.
    Drop,
    /// With this status, and without a body.
    Refuse(CommandStatus),
    /// As a generic_nack, with its number or with number 0.
    Nack(CommandStatus, Numbered),
    /// With another sequence_number.
    Number(u32),
    /// With another command_id.
    Command(CommandId),
    /// With another command_length, and nothing else changed.
    Length(u32),
    Twice,
    /// The header alone.
    Bare,
    /// So many octets of it, and then the end of the connection.
    Cut(usize),
    /// Octet by octet, so far from one another.
    Octets(Duration),
    /// As it is, and then something else happens.
    Then(Next),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Numbered {
    Yes,
    No,
}

/// What follows a PDU.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Next {
    Close,
    /// The connection is reset, where there is such a thing.
    Reset,
    /// Nothing is read any more.
    Deaf,
    Unbind,
    /// So many deliver_sm at once.
    Deliver(usize),
}

/// Rules, of which the first that fits counts; where none does the PDU passes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script(Vec<Rule>);

#[derive(Debug, Clone)]
struct Rule {
    connections: Which,
    command: CommandId,
    numbers: Which,
    act: Act,
}

impl Script {
    /// What becomes of the PDUs of this kind; `numbers` counts those of one connection, from 1.
    pub(crate) fn on(mut self, command: CommandId, numbers: impl Into<Which>, act: Act) -> Self {
        self.0.push(Rule {
            connections: (..).into(),
            command,
            numbers: numbers.into(),
            act,
        });
        self
    }

    /// The rule before this is one for these connections, which are counted from 1.
    pub(crate) fn of(mut self, connections: impl Into<Which>) -> Self {
        self.0.last_mut().expect("a rule").connections = connections.into();
        self
    }

    pub(crate) fn act(&self, connection: usize, command: CommandId, number: usize) -> Act {
        let fits =
            |rule: &&Rule| rule.command == command && rule.connections.has(connection) && rule.numbers.has(number);
        self.0.iter().find(fits).map_or(Act::Pass, |rule| rule.act)
    }
}

/// One, some, or all.
#[derive(Debug, Clone)]
pub(crate) struct Which(RangeInclusive<usize>);

impl Which {
    fn has(&self, number: usize) -> bool {
        self.0.contains(&number)
    }
}

impl From<usize> for Which {
    fn from(number: usize) -> Self {
        Self(number..=number)
    }
}
impl From<RangeInclusive<usize>> for Which {
    fn from(range: RangeInclusive<usize>) -> Self {
        Self(range)
    }
}
impl From<RangeFrom<usize>> for Which {
    fn from(range: RangeFrom<usize>) -> Self {
        Self(range.start..=usize::MAX)
    }
}
impl From<RangeToInclusive<usize>> for Which {
    fn from(range: RangeToInclusive<usize>) -> Self {
        Self(1..=range.end)
    }
}
impl From<RangeFull> for Which {
    fn from(_: RangeFull) -> Self {
        Self(1..=usize::MAX)
    }
}
