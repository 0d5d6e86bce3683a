//! What a session counts besides [`Stats`](crate::Stats), for metrics and logs: by command and by status, and how long
//! answers took.

use crate::state::State;
use smpp_pdu::{CommandId, CommandStatus, DecodeError};
use std::time::Duration;

/// Requests and notices by command: that of the last in three instructions.
#[derive(Debug)]
pub(crate) struct ByCommand {
    last: (CommandId, u32),
    others: Vec<(CommandId, u32)>,
}

impl ByCommand {
    pub(crate) const NONE: Self = Self {
        last: (UNKNOWN, 0),
        others: Vec::new(),
    };

    #[inline(always)]
    pub(crate) fn count(&mut self, command: CommandId) {
        let (last, count) = &mut self.last;
        match *last == command {
            true => *count = count.wrapping_add(1),
            false => self.count_another(command),
        }
    }

    /// It was counted, and comes again.
    #[cold]
    pub(crate) fn forget(&mut self, command: CommandId) {
        let command = counted_as(command);
        if let Some((_, count)) = self.all().find(|(other, _)| *other == command) {
            *count = count.saturating_sub(1);
        }
    }

    #[cold]
    #[inline(never)]
    fn count_another(&mut self, command: CommandId) {
        let known = self.others.iter().any(|(other, _)| *other == command);
        let command = if known { command } else { counted_as(command) };
        if self.last.0 != command {
            match self.others.iter_mut().find(|(other, _)| *other == command) {
                Some(other) => std::mem::swap(other, &mut self.last),
                // Nothing of it would be lost; and before the first there is nothing.
                None if self.last.1 == 0 => self.last.0 = command,
                None => self.others.push(std::mem::replace(&mut self.last, (command, 0))),
            }
        }
        self.last.1 = self.last.1.wrapping_add(1);
    }

    fn all(&mut self) -> impl Iterator<Item = &mut (CommandId, u32)> {
        self.others.iter_mut().chain([&mut self.last])
    }

    /// The name of each command that was counted since this was last asked, and how often.
    #[cfg(feature = "tokio")]
    pub(crate) fn take(&mut self) -> Vec<(&'static str, u64)> {
        let counted = self.all().filter(|(_, count)| *count > 0);
        let named = counted.map(|(command, count)| (name(*command), std::mem::take(count).into()));
        named.collect()
    }
}

/// A peer may send 2³² commands: those that have no name are two, a vendor's and nobody's.
#[cold]
fn counted_as(command: CommandId) -> CommandId {
    match command.name().is_some() {
        true => command,
        // "Reserved for SMSC vendor" (v3.4 §5.1.2.1, v5.0 §4.7.5).
        false if matches!(command.0, 0x0001_0200..=0x0001_02ff) => VENDOR,
        false => UNKNOWN,
    }
}

#[cfg(feature = "tokio")]
fn name(command: CommandId) -> &'static str {
    match command.name() {
        Some(name) => name,
        None if command == VENDOR => "vendor",
        None => "unknown",
    }
}

/// In place of all that are a vendor's, and of all that are nobody's.
const VENDOR: CommandId = CommandId(0x0001_0200);
const UNKNOWN: CommandId = CommandId(0);

/// What is out of the ordinary, by its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rare {
    /// A request of ours, answered with another status than ESME_ROK.
    Answered(CommandStatus),
    /// A request of ours, refused by generic_nack.
    Nacked(CommandStatus),
    /// A request of the peer that the application has answered with another status than ESME_ROK.
    Refused(CommandStatus),
    /// A bind, of whichever side, and its answer.
    Bind(State, CommandStatus),
}

/// All of it.
#[derive(Debug)]
pub(crate) struct Tally {
    /// Of the peer.
    pub(crate) received: ByCommand,
    /// Of ours.
    pub(crate) sent: ByCommand,
    /// Which answers are timed: those whose number has none of these bits.
    untimed: u32,
    /// It takes no room before there is something.
    apart: Option<Box<Apart>>,
}

/// What is not counted for each message.
#[derive(Debug, Default)]
struct Apart {
    /// As many as there are kinds and known statuses, at most.
    rare: Vec<(Rare, u32)>,
    /// What was wrong with the last PDU that could not be read, until it is asked.
    malformed: Option<Box<DecodeError>>,
    /// How long some of the answers took, since it was last asked: in microseconds.
    times: Vec<u32>,
}

impl Tally {
    pub(crate) const NOTHING: Self = Self {
        received: ByCommand::NONE,
        sent: ByCommand::NONE,
        untimed: 0,
        apart: None,
    };

    #[cold]
    pub(crate) fn rare(&mut self, rare: Rare) {
        // A peer may send 2³² statuses: those that have no name are one.
        let named = |status: CommandStatus| match status.name().is_some() {
            true => status,
            false => OTHER,
        };
        let rare = match rare {
            Rare::Answered(status) => Rare::Answered(named(status)),
            Rare::Nacked(status) => Rare::Nacked(named(status)),
            Rare::Refused(status) => Rare::Refused(named(status)),
            Rare::Bind(state, status) => Rare::Bind(state, named(status)),
        };
        let all = &mut self.apart().rare;
        match all.iter_mut().find(|(other, _)| *other == rare) {
            Some((_, count)) => *count = count.saturating_add(1),
            None => {
                if all.capacity() == 0 {
                    all.reserve_exact(1); // the bind: most sessions have no other for long
                }
                all.push((rare, 1));
            }
        }
    }

    #[cold]
    pub(crate) fn malformed(&mut self, error: DecodeError) {
        self.apart().malformed = Some(Box::new(error));
    }

    /// Whether the answer of this number is timed: every one while there are few, and one of 64 while there are many.
    #[inline(always)]
    pub(crate) fn is_timed(&self, sequence: u32) -> bool {
        sequence & self.untimed == 0
    }

    #[cold]
    pub(crate) fn time(&mut self, took: Duration) {
        let times = &mut self.apart().times;
        if times.len() < TIMES {
            times.push(took.as_micros().try_into().unwrap_or(u32::MAX));
        }
        if times.len() >= FEW {
            self.untimed = ONE_OF_64;
        }
    }

    fn apart(&mut self) -> &mut Apart {
        self.apart.get_or_insert_default()
    }
}

/// For who publishes it.
#[cfg(feature = "tokio")]
impl Tally {
    #[inline]
    pub(crate) fn has_malformed(&self) -> bool {
        self.apart.as_ref().is_some_and(|apart| apart.malformed.is_some())
    }

    pub(crate) fn take_malformed(&mut self) -> Option<DecodeError> {
        self.apart.as_mut()?.malformed.take().map(|error| *error)
    }

    /// What was rare, and how long answers took. An idle session keeps no room for either.
    pub(crate) fn take_apart(&mut self) -> (Vec<(Rare, u32)>, Vec<Duration>) {
        let Some(mut apart) = self.apart.take() else {
            return (Vec::new(), self.timed(Vec::new()));
        };
        let taken = (std::mem::take(&mut apart.rare), std::mem::take(&mut apart.times));
        self.apart = apart.malformed.is_some().then_some(apart);
        (taken.0, self.timed(taken.1))
    }

    fn timed(&mut self, times: Vec<u32>) -> Vec<Duration> {
        // As many as one of 64 would be of those that are too many to time each.
        if times.len() < FEW / 64 {
            self.untimed = 0;
        }
        let micros = times.into_iter().map(u64::from);
        micros.map(Duration::from_micros).collect()
    }
}

/// A status that has no name.
const OTHER: CommandStatus = CommandStatus(u32::MAX);

/// So many are timed between two looks before only a part is, and at most so many then.
const FEW: usize = 64;
const TIMES: usize = 128;
const ONE_OF_64: u32 = 0x3f;

#[cfg(all(test, feature = "tokio"))]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_counted_under_its_name() {
        for &(command, name) in CommandId::NAMES {
            let mut counts = ByCommand::NONE;
            counts.count(command);
            counts.forget(command);
            counts.count(command);
            assert_eq!(counts.take(), [(name, 1)]);
            assert_eq!(counts.take(), []);
        }
        for (command, name) in [
            (0x0001_0200, "vendor"),
            (0x0001_02ff, "vendor"),
            (0x0001_0300, "unknown"),
            (0, "unknown"),
            (0x14, "unknown"),
        ] {
            let mut counts = ByCommand::NONE;
            counts.count(CommandId(command));
            counts.count(CommandId(command));
            counts.forget(CommandId(command));
            assert_eq!(counts.take(), [(name, 1)], "{command:#x}");
        }
    }

    #[test]
    fn several_in_turn() {
        let mut counts = ByCommand::NONE;
        counts.count(CommandId::BIND_TRANSCEIVER);
        for _ in 0..1000 {
            counts.count(CommandId::SUBMIT_SM);
            counts.count(CommandId::DATA_SM);
        }
        let mut taken = counts.take();
        taken.sort_unstable();
        assert_eq!(taken, [("bind_transceiver", 1), ("data_sm", 1000), ("submit_sm", 1000)]);
    }

    /// A peer chooses its commands, but not how much is kept of them.
    #[test]
    fn commands_are_bounded() {
        let mut counts = ByCommand::NONE;
        (0..0x0003_0000).for_each(|command| counts.count(CommandId(command)));
        assert!(counts.others.len() <= CommandId::NAMES.len() + 1);
        assert_eq!(counts.take().iter().map(|(_, count)| count).sum::<u64>(), 0x0003_0000);
    }

    /// A peer chooses its statuses, but not how much is kept of them.
    #[test]
    fn statuses_are_bounded() {
        let mut tally = Tally::NOTHING;
        for status in 0..100_000 {
            tally.rare(Rare::Answered(CommandStatus(status)));
        }
        let rare = tally.take_apart().0;
        assert!(rare.len() <= CommandStatus::NAMES.len() + 1);
        assert_eq!(rare.iter().map(|(_, count)| count).sum::<u32>(), 100_000);
    }

    #[test]
    fn all_are_timed_until_they_are_many() {
        let mut tally = Tally::NOTHING;
        for number in 1..=100_000 {
            if tally.is_timed(number) {
                tally.time(Duration::ZERO);
            }
        }
        assert_eq!(tally.take_apart().1.len(), TIMES);
        assert!(!tally.is_timed(1) && tally.is_timed(64));
        assert_eq!(tally.take_apart().1.len(), 0);
        assert!(tally.is_timed(1));
    }
}
