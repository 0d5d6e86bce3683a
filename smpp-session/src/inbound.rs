//! The peer's requests that wait for our answer.

use smpp_pdu::CommandId;
use std::time::Instant;

/// The obligation to answer one request of the peer: not `Clone`, and consumed by
/// [`respond`](crate::Session::respond) or [`reject`](crate::Session::reject), so that a request is answered once.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "the peer waits for an answer"]
pub struct RequestToken {
    command_id: CommandId,
    sequence_number: u32,
    place: u32,
    /// Of the place: a token whose request was answered for it (its time was up) fits no more.
    generation: u32,
}

impl RequestToken {
    /// The same obligation, for the driver: whichever of the two is used first answers.
    #[cfg(feature = "tokio")]
    #[inline]
    pub(crate) fn again(&self) -> Self {
        Self { ..*self }
    }
    /// The request's command_id.
    pub fn command_id(&self) -> CommandId {
        self.command_id
    }
    /// The request's sequence_number, as the peer sent it: 0 and numbers above 0x7FFFFFFF too (R030).
    pub fn sequence_number(&self) -> u32 {
        self.sequence_number
    }
}

#[derive(Debug)]
struct Place {
    generation: u32,
    /// Nothing while the place is free.
    waits: Option<Waiting>,
}

/// A request that waits for our answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waiting {
    pub(crate) command: CommandId,
    pub(crate) sequence: u32,
    deadline: Instant,
}

/// As many places as have waited at once; nothing is allocated before the first request.
#[derive(Debug, Default)]
pub(crate) struct Inbound {
    places: Vec<Place>,
    free: Vec<u32>,
    /// Of new places: beyond that of every place that was given back, so that no old token fits one of them.
    first: u32,
}

impl Inbound {
    /// How many wait.
    #[inline]
    pub(crate) fn open(&self) -> usize {
        self.places.len() - self.free.len()
    }

    #[inline]
    pub(crate) fn insert(&mut self, command: CommandId, sequence: u32, deadline: Instant) -> RequestToken {
        let waits = Some(Waiting {
            command,
            sequence,
            deadline,
        });
        let token = |place, generation| RequestToken {
            command_id: command,
            sequence_number: sequence,
            place,
            generation,
        };
        if let Some(place) = self.free.pop()
            && let Some(free) = self.places.get_mut(place as usize)
        {
            free.waits = waits;
            return token(place, free.generation);
        }
        if self.places.capacity() == 0 {
            self.places.reserve_exact(1); // the bind's: most sessions are idle, and have no other
        }
        self.places.push(Place {
            generation: self.first,
            waits,
        });
        // As many as `Config::max_inbound`, which memory bounds far below 2³².
        token(u32::try_from(self.places.len() - 1).unwrap_or(u32::MAX), self.first)
    }

    /// Frees the token's place; `None` if the request was answered for it.
    #[inline]
    pub(crate) fn take(&mut self, token: &RequestToken) -> Option<Waiting> {
        let place = self.places.get_mut(token.place as usize)?;
        if place.generation != token.generation {
            return None;
        }
        let waiting = place.waits.take()?;
        place.generation = place.generation.wrapping_add(1);
        self.free.push(token.place);
        Some(waiting)
    }

    /// Frees the places whose time is up; returns the earliest deadline of the others.
    pub(crate) fn expire(&mut self, now: Instant, mut expired: impl FnMut(Waiting)) -> Option<Instant> {
        let mut next: Option<Instant> = None;
        for (at, place) in (0..).zip(&mut self.places) {
            if let Some(waiting) = place.waits.take_if(|waiting| waiting.deadline <= now) {
                place.generation = place.generation.wrapping_add(1);
                self.free.push(at);
                expired(waiting);
            } else if let Some(waiting) = place.waits {
                next = Some(next.map_or(waiting.deadline, |next| next.min(waiting.deadline)));
            }
        }
        next
    }

    /// Gives back what a burst has left, if nothing waits.
    pub(crate) fn shrink(&mut self) {
        if self.open() == 0 && self.places.len() > 32 {
            let last = self.places.iter().map(|place| place.generation).max();
            *self = Self {
                first: last.unwrap_or(self.first).wrapping_add(1),
                ..Self::default()
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_token_fits_once_and_not_after_its_time() {
        let (now, mut inbound) = (Instant::now(), Inbound::default());
        let later = now + Duration::from_secs(1);
        let a = inbound.insert(CommandId::SUBMIT_SM, 7, later);
        let b = inbound.insert(CommandId::SUBMIT_SM, 7, now);
        assert_eq!(inbound.open(), 2);
        let mut expired = Vec::new();
        assert_eq!(
            inbound.expire(now, |waiting| expired.push(waiting.sequence)),
            Some(later)
        );
        assert_eq!((expired, inbound.open()), (vec![7], 1));
        let c = inbound.insert(CommandId::DATA_SM, 8, later);
        assert!(inbound.take(&b).is_none(), "its request was answered for it");
        assert_eq!(inbound.take(&a).map(|waiting| waiting.sequence), Some(7));
        assert!(inbound.take(&a).is_none());
        assert_eq!(
            inbound.take(&c).map(|waiting| waiting.command),
            Some(CommandId::DATA_SM)
        );
        assert_eq!(inbound.open(), 0);
    }

    #[test]
    fn an_old_token_fits_no_new_place() {
        let (now, mut inbound) = (Instant::now(), Inbound::default());
        let old: Vec<_> = (0..40).map(|n| inbound.insert(CommandId::SUBMIT_SM, n, now)).collect();
        inbound.expire(now, |_| ());
        inbound.shrink();
        assert!(inbound.places.is_empty());
        let new: Vec<_> = (0..40).map(|n| inbound.insert(CommandId::SUBMIT_SM, n, now)).collect();
        assert!(old.iter().all(|token| inbound.take(token).is_none()));
        assert!(new.iter().all(|token| inbound.take(token).is_some()));
        assert_eq!(inbound.open(), 0);
    }
}
