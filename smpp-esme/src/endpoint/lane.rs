//! The order of requests that belong together. A lane lets them begin in the order in which they came, and brings those
//! that a lost bind gives back into that order again.
//!
//! ```text
//!   enter ──▶ waits ──begun──▶ under way ──leave──▶
//!               ▲                  │
//!               └── again, or moved┘
//! ```
//!
//! Nothing here wakes anybody: who is returned is to be woken, without the lock.

use super::spread::BindId;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Which requests belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum LaneKey {
    /// All that have no key of their own.
    All,
    /// Those of one key.
    Key(u64),
}

/// A place in a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) lane: LaneKey,
    number: u64,
}

/// Lanes that somebody is in, or holds open; `W` is who waits for his turn.
#[derive(Debug)]
pub(crate) struct Lanes<W> {
    /// Each begins when the one before has ended, and not only when it is under way.
    one_by_one: bool,
    lanes: HashMap<LaneKey, Lane<W>>,
}

#[derive(Debug)]
struct Lane<W> {
    arrivals: u64,
    waiting: BTreeMap<u64, Option<W>>,
    under_way: BTreeSet<u64>,
    /// The bind that all of it goes by.
    on: Option<BindId>,
    /// Who holds it open, with nothing in it.
    holders: usize,
}

impl<W> Default for Lane<W> {
    fn default() -> Self {
        Self {
            arrivals: 0,
            waiting: BTreeMap::new(),
            under_way: BTreeSet::new(),
            on: None,
            holders: 0,
        }
    }
}

impl<W> Lanes<W> {
    pub(crate) fn new(one_by_one: bool) -> Self {
        Self {
            one_by_one,
            lanes: HashMap::new(),
        }
    }

    /// The key keeps its bind while it is held, even with nothing under way.
    pub(crate) fn hold(&mut self, key: LaneKey) {
        self.lanes.entry(key).or_default().holders += 1;
    }

    pub(crate) fn let_go(&mut self, key: LaneKey) {
        if let Some(lane) = self.lanes.get_mut(&key) {
            lane.holders = lane.holders.saturating_sub(1);
        }
        self.tidy(key);
    }

    /// The last place in a lane.
    pub(crate) fn enter(&mut self, key: LaneKey) -> Place {
        let lane = self.lanes.entry(key).or_default();
        lane.arrivals += 1;
        lane.waiting.insert(lane.arrivals, None);
        Place {
            lane: key,
            number: lane.arrivals,
        }
    }

    /// Whether it is this one's turn to begin.
    pub(crate) fn is_next(&self, place: Place) -> bool {
        self.lanes.get(&place.lane).is_some_and(|lane| {
            let first = lane.waiting.first_key_value().map(|(number, _)| *number);
            first == Some(place.number) && (!self.one_by_one || lane.under_way.is_empty())
        })
    }

    /// Waits for its turn.
    pub(crate) fn wait(&mut self, place: Place, who: W) {
        if let Some(waiting) = self.lane(place).and_then(|lane| lane.waiting.get_mut(&place.number)) {
            *waiting = Some(who);
        }
    }

    /// It is under way: whose turn is it now?
    #[must_use]
    pub(crate) fn begun(&mut self, place: Place) -> Option<W> {
        let lane = self.lane(place)?;
        lane.waiting.remove(&place.number)?;
        lane.under_way.insert(place.number);
        self.next(place.lane)
    }

    /// It was not sent, or is to be sent once more: it waits again, in its old place.
    pub(crate) fn again(&mut self, place: Place) {
        if let Some(lane) = self.lane(place)
            && lane.under_way.remove(&place.number)
        {
            lane.waiting.insert(place.number, None);
        }
    }

    /// It has ended: whose turn is it now?
    #[must_use]
    pub(crate) fn leave(&mut self, place: Place) -> Option<W> {
        let lane = self.lane(place)?;
        lane.waiting.remove(&place.number);
        lane.under_way.remove(&place.number);
        let next = self.next(place.lane);
        self.tidy(place.lane);
        next
    }

    /// The bind that this lane goes by.
    pub(crate) fn on(&self, key: LaneKey) -> Option<BindId> {
        self.lanes.get(&key)?.on
    }

    /// The lane goes by this bind. If it went by another, that one is gone: what was under way there has ended, or comes
    /// back, and nothing that came later may begin before that is known. Whose turn is it now?
    #[must_use]
    pub(crate) fn move_to(&mut self, key: LaneKey, bind: BindId) -> Option<W> {
        let lane = self.lanes.get_mut(&key)?;
        if lane.on.replace(bind) != Some(bind) {
            for number in std::mem::take(&mut lane.under_way) {
                lane.waiting.insert(number, None);
            }
        }
        self.next(key)
    }

    /// All who wait; nobody does afterwards, though each keeps his place.
    pub(crate) fn clear(&mut self) -> Vec<W> {
        let waiting = self.lanes.values_mut().flat_map(|lane| lane.waiting.values_mut());
        waiting.filter_map(Option::take).collect()
    }

    fn next(&mut self, key: LaneKey) -> Option<W> {
        let lane = self.lanes.get_mut(&key)?;
        if self.one_by_one && !lane.under_way.is_empty() {
            return None;
        }
        lane.waiting.first_entry()?.get_mut().take()
    }

    fn lane(&mut self, place: Place) -> Option<&mut Lane<W>> {
        self.lanes.get_mut(&place.lane)
    }

    fn tidy(&mut self, key: LaneKey) {
        let empty = |lane: &Lane<W>| lane.waiting.is_empty() && lane.under_way.is_empty() && lane.holders == 0;
        if self.lanes.get(&key).is_some_and(empty) {
            self.lanes.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::state::MemberId;
    use super::*;

    const KEY: LaneKey = LaneKey::Key(7);

    fn bind(number: u64) -> BindId {
        BindId {
            member: MemberId::new(1),
            number,
        }
    }

    #[test]
    fn they_begin_in_the_order_in_which_they_came() {
        let mut lanes = Lanes::new(false);
        let (first, second, third) = (lanes.enter(KEY), lanes.enter(KEY), lanes.enter(KEY));
        assert!(lanes.is_next(first) && !lanes.is_next(second));
        lanes.wait(second, 2);
        lanes.wait(third, 3);
        assert_eq!(lanes.begun(first), Some(2));
        assert!(lanes.is_next(second));
        // One that is dropped lets the next go.
        assert_eq!(lanes.leave(second), Some(3));
        assert_eq!(lanes.begun(third), None);
        assert_eq!((lanes.leave(first), lanes.leave(third)), (None, None));
        assert!(lanes.lanes.is_empty());
    }

    #[test]
    fn one_by_one_each_begins_when_the_one_before_has_ended() {
        let mut lanes = Lanes::new(true);
        let (first, second) = (lanes.enter(KEY), lanes.enter(KEY));
        let other = lanes.enter(LaneKey::All);
        lanes.wait(second, 2);
        assert_eq!(lanes.begun(first), None);
        assert!(!lanes.is_next(second) && lanes.is_next(other));
        // To be sent once more, it is still the first.
        lanes.again(first);
        assert!(lanes.is_next(first) && !lanes.is_next(second));
        assert_eq!(lanes.begun(first), None);
        assert_eq!(lanes.leave(first), Some(2));
    }

    #[test]
    fn what_a_lost_bind_gives_back_begins_in_its_old_place() {
        let mut lanes = Lanes::new(false);
        assert_eq!(lanes.move_to(KEY, bind(1)), None);
        let [a, b, c] = [lanes.enter(KEY), lanes.enter(KEY), lanes.enter(KEY)];
        for place in [a, b, c] {
            assert_eq!(lanes.begun(place), None);
        }
        // The task of the third hears of it first.
        lanes.again(c);
        assert!(lanes.is_next(c));
        assert_eq!(lanes.move_to(KEY, bind(2)), None);
        assert!(!lanes.is_next(c), "nobody knows yet what has become of the others");
        lanes.wait(c, 3);
        lanes.again(b);
        assert!(!lanes.is_next(b));
        lanes.wait(b, 2);
        // The first was perhaps delivered, and is over.
        assert_eq!(lanes.leave(a), Some(2));
        assert_eq!(lanes.move_to(KEY, bind(2)), None, "nothing is new");
        assert_eq!(lanes.begun(b), Some(3));
        assert_eq!(lanes.begun(c), None);
    }

    #[test]
    fn a_lane_is_there_while_it_is_held() {
        let mut lanes = Lanes::<u32>::new(false);
        lanes.hold(KEY);
        lanes.hold(KEY);
        assert_eq!(lanes.move_to(KEY, bind(1)), None);
        let place = lanes.enter(KEY);
        assert_eq!(lanes.leave(place), None);
        lanes.let_go(KEY);
        assert_eq!(lanes.on(KEY), Some(bind(1)));
        lanes.let_go(KEY);
        assert_eq!(lanes.on(KEY), None);
    }

    #[test]
    fn all_can_be_woken_and_keep_their_places() {
        let mut lanes = Lanes::new(true);
        let [a, b] = [lanes.enter(KEY), lanes.enter(KEY)];
        lanes.wait(b, 2);
        assert_eq!(lanes.clear(), [2]);
        assert!(lanes.is_next(a) && !lanes.is_next(b));
    }
}
