//! The outgoing window: our requests that wait for their answer.

use crate::sequence::Sequence;
use smpp_pdu::CommandId;
use std::time::{Duration, Instant};

/// How the outgoing window stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct WindowSnapshot {
    /// How many requests may wait at once ([`set_window`](crate::Session::set_window)).
    pub capacity: usize,
    /// How many wait; more than may, if the window was made smaller since.
    pub in_flight: usize,
    /// The one that has waited longest: a peer that slows down shows here first.
    pub oldest: Option<Oldest>,
}

/// The request of ours that has waited longest for its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Oldest {
    /// Which command.
    pub command_id: CommandId,
    /// As [`request`](crate::Session::request) gave it.
    pub sequence_number: u32,
    /// For how long it waits.
    pub age: Duration,
}

/// A request of ours whose fate is unknown: the peer may have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Unanswered {
    /// Which command.
    pub command_id: CommandId,
    /// As [`request`](crate::Session::request) gave it.
    pub sequence_number: u32,
}

/// How much of a request has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Written {
    /// Not an octet: the peer does not have it.
    Nothing,
    /// Some octets, and not the last.
    InPart,
    /// All of it.
    Whole,
}

/// One request of ours that waits for its answer.
#[derive(Debug)]
pub(crate) struct Slot<T> {
    pub(crate) sequence: u32,
    pub(crate) command: CommandId,
    /// What answers it.
    pub(crate) response: CommandId,
    pub(crate) deadline: Instant,
    /// Where its first octet stands in the outgoing stream: tells not written from maybe delivered.
    pub(crate) at: u64,
    /// How many octets it has there.
    pub(crate) len: usize,
    pub(crate) context: T,
}

/// A slab indexed by sequence number; nothing is allocated before the first request.
#[derive(Debug)]
pub(crate) struct Window<T> {
    slots: Vec<Option<Slot<T>>>,
    open: usize,
    numbers: Sequence,
}

impl<T> Slot<T> {
    pub(crate) fn unanswered(&self) -> Unanswered {
        Unanswered {
            command_id: self.command,
            sequence_number: self.sequence,
        }
    }
}

impl<T> Window<T> {
    pub(crate) fn new(numbers: Sequence) -> Self {
        Self {
            slots: Vec::new(),
            open: 0,
            numbers,
        }
    }

    /// How many wait.
    #[inline]
    pub(crate) fn open(&self) -> usize {
        self.open
    }

    /// The next sequence number whose place is free; at most half of the places are taken, so it is near. A number
    /// that is in flight has its place taken, and so is skipped when the numbers come round; so are those
    /// that are `taken` and have no place.
    #[inline]
    pub(crate) fn reserve(&mut self, taken: impl Fn(u32) -> bool) -> u32 {
        if (self.open + 1) * 2 > self.slots.len() {
            self.grow();
        }
        loop {
            let number = self.numbers.next();
            if let Some(None) = self.slots.get(self.place(number))
                && !(self.numbers.come_round() && taken(number))
            {
                return number;
            }
        }
    }

    /// A power of two, so that a number's place is its low bits.
    #[cold]
    fn grow(&mut self) {
        let places = (self.slots.len() * 2).max(8);
        let old = std::mem::take(&mut self.slots);
        self.slots.resize_with(places, || None);
        for slot in old.into_iter().flatten() {
            let place = self.place(slot.sequence);
            if let Some(free) = self.slots.get_mut(place) {
                *free = Some(slot);
            }
        }
    }

    #[inline]
    fn place(&self, number: u32) -> usize {
        number as usize & self.slots.len().wrapping_sub(1)
    }

    /// Takes the place of a number that [`Self::reserve`] has given.
    #[inline]
    pub(crate) fn insert(&mut self, slot: Slot<T>) {
        let place = self.place(slot.sequence);
        if let Some(free) = self.slots.get_mut(place) {
            *free = Some(slot);
            self.open += 1;
        }
    }

    /// Frees the place of `number`, if that request is one to which the response `fits`.
    #[inline]
    pub(crate) fn take(&mut self, number: u32, fits: impl Fn(CommandId) -> bool) -> Option<Slot<T>> {
        let place = self.place(number);
        let slot = self
            .slots
            .get_mut(place)?
            .take_if(|slot| slot.sequence == number && fits(slot.response))?;
        self.open -= 1;
        Some(slot)
    }

    /// The one that waits longest.
    pub(crate) fn oldest(&self) -> Option<&Slot<T>> {
        self.slots.iter().flatten().min_by_key(|slot| slot.at)
    }

    /// The one of that number.
    pub(crate) fn find(&self, number: u32) -> Option<&Slot<T>> {
        let slot = self.slots.get(self.place(number))?.as_ref();
        slot.filter(|slot| slot.sequence == number)
    }

    /// Frees the places whose time is up, in no order; returns the earliest deadline of the others.
    pub(crate) fn expire(&mut self, now: Instant, mut expired: impl FnMut(Slot<T>)) -> Option<Instant> {
        let mut next = None;
        for place in &mut self.slots {
            if let Some(slot) = place.take_if(|slot| slot.deadline <= now) {
                self.open -= 1;
                expired(slot);
            } else if let Some(slot) = place {
                next = Some(next.map_or(slot.deadline, |next: Instant| next.min(slot.deadline)));
            }
        }
        next
    }

    /// Everything that waits, in the order of the stream; nothing waits afterwards.
    pub(crate) fn drain(&mut self) -> Vec<Slot<T>> {
        self.open = 0;
        let mut slots: Vec<_> = std::mem::take(&mut self.slots).into_iter().flatten().collect();
        slots.sort_by_key(|slot| slot.at);
        slots
    }

    /// Gives back what a burst has left, if nothing waits.
    pub(crate) fn shrink(&mut self) {
        if self.open == 0 && self.slots.len() > 32 {
            self.slots = Vec::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(sequence: u32, now: Instant) -> Slot<u32> {
        Slot {
            sequence,
            command: CommandId::SUBMIT_SM,
            response: CommandId::SUBMIT_SM_RESP,
            deadline: now,
            at: 0,
            len: 0,
            context: sequence,
        }
    }

    #[test]
    fn a_number_in_flight_is_skipped_when_they_come_round() {
        let now = Instant::now();
        let mut window = Window::new(Sequence::new(0x7fff_fffe));
        for expected in [0x7fff_fffe, 0x7fff_ffff, 1] {
            let number = window.reserve(|_| false);
            assert_eq!(number, expected);
            window.insert(slot(number, now));
        }
        window.numbers = Sequence::new(0x7fff_fffe);
        let number = window.reserve(|_| false);
        assert!(![0x7fff_fffe, 0x7fff_ffff, 1].contains(&number), "{number}");
    }

    #[test]
    fn a_number_of_what_takes_no_place_is_skipped_too() {
        let mut window = Window::<u32>::new(Sequence::new(0x7fff_fffe));
        let taken = |number| [0x7fff_ffff, 1, 3].contains(&number);
        assert_eq!(window.reserve(taken), 0x7fff_fffe);
        assert_eq!([(); 3].map(|()| window.reserve(taken)), [2, 4, 5]);
    }

    #[test]
    fn grows_and_keeps_what_waits() {
        let now = Instant::now();
        let mut window = Window::new(Sequence::new(1));
        for _ in 0..1000 {
            let number = window.reserve(|_| false);
            window.insert(slot(number, now));
        }
        assert_eq!(window.open(), 1000);
        assert!(window.take(17, |_| false).is_none());
        for number in 1..=1000 {
            assert_eq!(window.take(number, |_| true).map(|slot| slot.context), Some(number));
            assert!(window.take(number, |_| true).is_none());
        }
        assert_eq!(window.open(), 0);
        window.shrink();
        assert!(window.slots.is_empty() && window.take(1, |_| true).is_none());
    }
}
