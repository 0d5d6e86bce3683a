//! Who gets the next place: the bind with the most free window, or the one that a key has chosen.
//!
//! Each bind has so many places, and whoever asks takes one until the request has ended. Who finds none waits, first
//! come first served, in the line of all or, with a key, in that of one bind. A place that comes free goes to who has
//! waited longest, of the two lines that it can serve. Nothing here wakes anybody or looks at a clock.

use super::state::MemberId;
use std::collections::BTreeMap;
use std::mem;

/// One bind of a member: the next one after it was lost is another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct BindId {
    pub(crate) member: MemberId,
    /// Of all binds of the endpoint.
    pub(crate) number: u64,
}

/// The binds that are up, and who waits for a place on them. `L` is what reaches a bind, `W` who waits.
#[derive(Debug)]
pub(crate) struct Spread<L, W> {
    slots: Vec<Slot<L, W>>,
    line: BTreeMap<u64, W>,
    arrivals: u64,
    /// Where the search begins, so that equals take turns.
    turn: usize,
    /// How long a line may become before those are looked for in it who wait no more.
    sweep_at: usize,
}

#[derive(Debug)]
struct Slot<L, W> {
    id: BindId,
    link: L,
    window: usize,
    places: usize,
    taken: usize,
    /// Some gave their place back before the SMSC had answered: the window has less room than the places say.
    stale: bool,
    line: BTreeMap<u64, W>,
}

impl<L, W> Default for Spread<L, W> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            line: BTreeMap::new(),
            arrivals: 0,
            turn: 0,
            sweep_at: SWEEP,
        }
    }
}

impl<L: Clone, W> Spread<L, W> {
    /// A bind has come up, with a window of that many, and that many places.
    pub(crate) fn up(&mut self, id: BindId, link: L, window: usize, places: usize) {
        self.slots.push(Slot {
            id,
            link,
            window,
            places,
            taken: 0,
            stale: false,
            line: BTreeMap::new(),
        });
    }

    /// A bind is gone, or gets nothing more. Who waited for it waits for any.
    pub(crate) fn down(&mut self, id: BindId) {
        if let Some(at) = self.slots.iter().position(|slot| slot.id == id) {
            let slot = self.slots.swap_remove(at);
            self.line.extend(slot.line);
        }
    }

    pub(crate) fn is_up(&self, id: BindId) -> bool {
        self.slots.iter().any(|slot| slot.id == id)
    }

    /// Whether no bind takes requests: there is none, or there are only receivers.
    pub(crate) fn is_empty(&self) -> bool {
        self.slots.iter().all(|slot| slot.places == 0)
    }

    /// A place on the bind with the most free window, unless somebody waits already. `in_flight` is asked where the
    /// places do not say all.
    pub(crate) fn take(&mut self, in_flight: impl Fn(&L) -> usize) -> Option<L> {
        if !self.line.is_empty() || self.slots.is_empty() {
            return None;
        }
        self.turn = (self.turn + 1) % self.slots.len();
        let (before, from) = self.slots.split_at_mut(self.turn);
        let mut best: Option<(&mut Slot<L, W>, isize)> = None;
        for slot in from.iter_mut().chain(before).filter(|slot| slot.taken < slot.places) {
            let free = slot.free(&in_flight);
            if best.as_ref().is_none_or(|(_, most)| free > *most) {
                best = Some((slot, free));
            }
        }
        best.map(|(slot, _)| slot.take())
    }

    /// A place on this bind, if it has one and nobody waits for it already.
    pub(crate) fn take_on(&mut self, id: BindId) -> Option<L> {
        let any_waits = !self.line.is_empty();
        let slot = self.slot(id)?;
        (slot.taken < slot.places && slot.line.is_empty() && !any_waits).then(|| slot.take())
    }

    /// Waits for a place on any bind.
    pub(crate) fn wait(&mut self, who: W, waits: impl Fn(&W) -> bool) {
        self.arrivals += 1;
        self.line.insert(self.arrivals, who);
        self.sweep(waits);
    }

    /// Waits for a place on this bind, or on any if it is gone.
    pub(crate) fn wait_on(&mut self, id: BindId, who: W, waits: impl Fn(&W) -> bool) {
        self.arrivals += 1;
        let arrival = self.arrivals;
        match self.slot(id) {
            Some(slot) => slot.line.insert(arrival, who),
            None => self.line.insert(arrival, who),
        };
        self.sweep(waits);
    }

    /// Gives a place back; who is returned has it now. `answered` is whether its request has ended for the SMSC too.
    pub(crate) fn give_back(&mut self, id: BindId, answered: bool) -> Option<W> {
        let slot = self.slots.iter_mut().find(|slot| slot.id == id)?;
        slot.stale |= !answered;
        let next = match slot.taken <= slot.places {
            true => first(&mut slot.line, &mut self.line),
            false => None,
        };
        slot.taken -= usize::from(next.is_none());
        next
    }

    /// A place for somebody who waits, while there are both: to be asked again until there are not, when a bind has come
    /// or gone.
    pub(crate) fn hand_out(&mut self) -> Option<(L, W)> {
        let mut free: Vec<_> = self.slots.iter_mut().filter(|slot| slot.taken < slot.places).collect();
        free.sort_by_key(|slot| slot.window.saturating_sub(slot.taken));
        free.into_iter().rev().find_map(|slot| {
            let who = first(&mut slot.line, &mut self.line)?;
            Some((slot.take(), who))
        })
    }

    /// All who wait; nobody does afterwards.
    pub(crate) fn clear(&mut self) -> Vec<W> {
        let lines = self.slots.iter_mut().map(|slot| mem::take(&mut slot.line));
        let waiting: Vec<_> = lines.flat_map(BTreeMap::into_values).collect();
        let of_all = mem::take(&mut self.line).into_values();
        waiting.into_iter().chain(of_all).collect()
    }

    /// The bind that a key chooses: each key and member have a number, and the greatest wins. A member that comes or goes
    /// changes the choice of the keys that choose it, and of no others.
    pub(crate) fn chosen(&self, key: u64) -> Option<BindId> {
        let able = self.slots.iter().filter(|slot| slot.places > 0);
        let best = able.max_by_key(|slot| mixed(key ^ mixed(slot.id.member.number())));
        best.map(|slot| slot.id)
    }

    fn slot(&mut self, id: BindId) -> Option<&mut Slot<L, W>> {
        self.slots.iter_mut().find(|slot| slot.id == id)
    }

    /// Those who have gone take no memory for long. A sweep is paid for by those who came since the last.
    fn sweep(&mut self, waits: impl Fn(&W) -> bool) {
        let lines = self.slots.iter().map(|slot| slot.line.len());
        if lines.sum::<usize>() + self.line.len() < self.sweep_at {
            return;
        }
        let lines = self.slots.iter_mut().map(|slot| &mut slot.line);
        let mut left = 0;
        for line in lines.chain([&mut self.line]) {
            line.retain(|_, who| waits(who));
            left += line.len();
        }
        self.sweep_at = SWEEP.max(2 * left);
    }
}

impl<L: Clone, W> Slot<L, W> {
    fn take(&mut self) -> L {
        self.taken += 1;
        self.link.clone()
    }

    fn free(&mut self, in_flight: impl Fn(&L) -> usize) -> isize {
        let mut used = self.taken;
        if self.stale {
            let flying = in_flight(&self.link);
            self.stale = flying > self.taken;
            used = used.max(flying);
        }
        isize::try_from(self.window).unwrap_or(isize::MAX) - isize::try_from(used).unwrap_or(isize::MAX)
    }
}

/// Who has waited longest in one of two lines.
fn first<W>(one: &mut BTreeMap<u64, W>, other: &mut BTreeMap<u64, W>) -> Option<W> {
    let arrival = |line: &BTreeMap<u64, W>| line.first_key_value().map_or(u64::MAX, |(arrival, _)| *arrival);
    let line = if arrival(one) < arrival(other) { one } else { other };
    line.pop_first().map(|(_, who)| who)
}

/// A number that looks like any other (the finalizer of splitmix64).
fn mixed(n: u64) -> u64 {
    let n = n.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    n ^ (n >> 31)
}

/// A line that is shorter costs less than the looking.
const SWEEP: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    type Named = Spread<&'static str, u32>;

    fn bind(member: u64) -> BindId {
        BindId {
            member: MemberId::new(member),
            number: member,
        }
    }

    fn with(binds: &[(u64, &'static str, usize)]) -> Named {
        let mut spread = Named::default();
        for &(member, link, window) in binds {
            spread.up(bind(member), link, window, window);
        }
        spread
    }

    fn nothing(_: &&'static str) -> usize {
        0
    }

    #[test]
    fn the_most_free_window() {
        let mut spread = with(&[(1, "a", 2), (2, "b", 5)]);
        let taken: Vec<_> = (0..7).map(|_| spread.take(nothing).unwrap()).collect();
        assert_eq!(taken[..3], ["b"; 3], "5, 4, 3 against 2");
        assert_eq!(taken.iter().filter(|link| **link == "a").count(), 2);
        assert_eq!(spread.take(nothing), None);
        assert_eq!(spread.give_back(bind(1), true), None);
        assert_eq!(spread.take(nothing), Some("a"));
    }

    #[test]
    fn equals_take_turns() {
        let mut spread = with(&[(1, "a", 9), (2, "b", 9), (3, "c", 9)]);
        let mut taken: Vec<_> = (0..9).map(|_| spread.take(nothing).unwrap()).collect();
        taken.sort_unstable();
        assert_eq!(taken, ["a", "a", "a", "b", "b", "b", "c", "c", "c"]);
        // Also when each is answered before the next.
        let mut spread = with(&[(1, "a", 9), (2, "b", 9)]);
        for _ in 0..4 {
            let first = spread.take(nothing).unwrap();
            spread.give_back(bind(if first == "a" { 1 } else { 2 }), true);
            let second = spread.take(nothing).unwrap();
            spread.give_back(bind(if second == "a" { 1 } else { 2 }), true);
            assert_ne!(first, second);
        }
    }

    #[test]
    fn a_window_that_others_have_left_full_is_not_free() {
        let mut spread = with(&[(1, "a", 3), (2, "b", 2)]);
        assert_eq!(spread.take(nothing), Some("a"));
        spread.give_back(bind(1), false);
        let full = |link: &&str| if *link == "a" { 3 } else { 0 };
        assert_eq!(spread.take(full), Some("b"));
        // When that is over, it counts again.
        assert_eq!(spread.take(nothing), Some("a"));
        assert!(!spread.slots[0].stale);
    }

    #[test]
    fn who_has_waited_longest_is_next() {
        let mut spread = with(&[(1, "a", 1)]);
        spread.take(nothing);
        spread.wait(1, |_| true);
        spread.wait_on(bind(1), 2, |_| true);
        spread.wait(3, |_| true);
        for next in [1, 2, 3] {
            assert_eq!(spread.take(nothing), None, "nobody passes those who wait");
            assert_eq!(spread.take_on(bind(1)), None);
            assert_eq!(spread.give_back(bind(1), true), Some(next));
        }
        assert_eq!(spread.give_back(bind(1), true), None);
        assert_eq!(spread.take_on(bind(1)), Some("a"));
    }

    #[test]
    fn who_waited_for_a_bind_that_is_gone_waits_for_any_in_his_place() {
        let mut spread = with(&[(1, "a", 1), (2, "b", 1)]);
        assert!(spread.take(nothing).is_some() && spread.take(nothing).is_some());
        spread.wait_on(bind(1), 1, |_| true);
        spread.wait(2, |_| true);
        spread.down(bind(1));
        assert!(!spread.is_up(bind(1)) && spread.is_up(bind(2)));
        assert_eq!(spread.give_back(bind(1), true), None, "it has no places any more");
        assert_eq!(spread.hand_out(), None, "all are taken");
        assert_eq!(spread.give_back(bind(2), true), Some(1));
        assert_eq!(spread.give_back(bind(2), true), Some(2));
        spread.wait_on(bind(1), 3, |_| true);
        assert_eq!(spread.clear(), [3]);
    }

    #[test]
    fn who_lost_his_bind_comes_before_who_comes_now() {
        let mut spread = with(&[(1, "a", 1), (2, "b", 2)]);
        assert!(spread.take_on(bind(1)).is_some() && spread.take_on(bind(2)).is_some());
        spread.wait_on(bind(1), 1, |_| true);
        spread.down(bind(1));
        assert_eq!((spread.take(nothing), spread.take_on(bind(2))), (None, None));
        assert_eq!(spread.hand_out(), Some(("b", 1)));
    }

    #[test]
    fn a_bind_that_comes_up_takes_those_who_wait() {
        let mut spread = Named::default();
        (1..=3).for_each(|who| spread.wait(who, |_| true));
        assert_eq!((spread.take(nothing), spread.hand_out()), (None, None));
        spread.up(bind(1), "a", 2, 2);
        assert_eq!(spread.hand_out(), Some(("a", 1)));
        assert_eq!(spread.hand_out(), Some(("a", 2)));
        assert_eq!(spread.hand_out(), None);
    }

    #[test]
    fn a_bind_without_places_gets_nothing() {
        let mut spread = Named::default();
        spread.up(bind(1), "receiver", 10, 0);
        assert_eq!((spread.take(nothing), spread.chosen(7)), (None, None));
        spread.wait(1, |_| true);
        assert_eq!(spread.hand_out(), None);
    }

    #[test]
    fn a_key_stays_with_its_member_when_others_come_and_go() {
        let mut spread = with(&[(1, "a", 1), (2, "b", 1), (3, "c", 1)]);
        let choices = |spread: &Named| -> Vec<_> { (0..900).map(|key| spread.chosen(key).unwrap()).collect() };
        let before = choices(&spread);
        for member in [1, 2, 3] {
            let keys = before.iter().filter(|chosen| **chosen == bind(member)).count();
            assert!((200..400).contains(&keys), "{keys} of 900 choose one of three");
        }
        spread.down(bind(2));
        for (before, after) in before.iter().zip(choices(&spread)) {
            assert!(*before == after || *before == bind(2) && after != bind(2));
        }
        spread.up(bind(2), "b", 1, 1);
        assert_eq!(choices(&spread), before);
    }

    #[test]
    fn who_waits_no_more_takes_no_memory() {
        let mut spread = with(&[(1, "a", 1)]);
        for who in 0..100_000 {
            spread.wait(who, |who| *who % 1000 == 0);
            assert!(spread.line.len() <= 2 * 100 + SWEEP, "{}", spread.line.len());
        }
    }
}
