//! The live calls: requests whose futures wait for an outcome.

use super::kept::Kept;
use crate::error::RequestError;
use crate::event::{Answer, Outcome};
use std::task::{Poll, Waker};

/// Which call a request belongs to: an entry of [`Calls`] that is its future's alone until the future frees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CallKey(u32);

/// How a call ended. Its answer, if it has one, stands beside it: it is large, and each move of it would be a copy.
pub(crate) type End = Result<Outcome<()>, RequestError>;

/// The calls stand apart from the window's slots, so an answer that its task is slow to fetch takes no place in the
/// window.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    entries: Vec<Place>,
    free: Vec<CallKey>,
    unclaimed: usize,
    dropped: usize,
}

/// An entry, and room for its answer, which is used again: no octet of it is moved or zeroed for what comes next.
#[derive(Debug, Default)]
struct Place {
    entry: Entry,
    answer: Kept,
}

#[derive(Debug, Default)]
pub(crate) enum Entry {
    #[default]
    Free,
    Waiting(Waker),
    Ended(End),
    /// The future was dropped; the entry stays until the session says how the request ended.
    Dropped,
}

impl Calls {
    /// A place for a call: it is [`wait`](Self::wait)ed for once its request is on its way.
    #[inline]
    pub(crate) fn reserve(&mut self) -> CallKey {
        if let Some(key) = self.free.pop() {
            return key;
        }
        self.entries.push(Place::default());
        // One call is one future in memory: there are never 2³² of them.
        CallKey(u32::try_from(self.entries.len() - 1).unwrap_or(u32::MAX))
    }

    /// The call's future waits. The waker is taken from `waker`, and cloned by nobody under the lock: it is a user's.
    #[inline]
    pub(crate) fn wait(&mut self, key: CallKey, waker: &mut Option<Waker>) {
        if let Some((entry, waker)) = self.entry(key).zip(waker.take()) {
            *entry = Entry::Waiting(waker);
        }
    }

    /// Ended, woken, and not fetched yet: tasks that will soon run, and may soon ask again.
    #[inline]
    pub(crate) fn unclaimed(&self) -> usize {
        self.unclaimed
    }

    #[inline]
    fn entry(&mut self, key: CallKey) -> Option<&mut Entry> {
        self.entries.get_mut(key.0 as usize).map(|place| &mut place.entry)
    }

    /// Frees the entry; what it held is dropped by the caller, after the lock if it is a waker.
    pub(crate) fn remove(&mut self, key: CallKey) -> Option<Entry> {
        let place = self.entries.get_mut(key.0 as usize)?;
        let entry = std::mem::take(&mut place.entry);
        place.answer.forget();
        self.dropped -= usize::from(matches!(entry, Entry::Dropped));
        self.free(key);
        Some(entry)
    }

    /// The entry is [`Entry::Free`]: another call may have it. What a burst has left is given back when nothing waits.
    #[inline]
    fn free(&mut self, key: CallKey) {
        self.free.push(key);
        if self.free.len() == self.entries.len() && self.entries.len() > 64 {
            *self = Self::default();
        }
    }

    /// How many are not waited for any more, and did not end yet.
    pub(crate) fn dropped(&self) -> usize {
        self.dropped
    }

    pub(crate) fn is_dropped(&self, key: CallKey) -> bool {
        let place = self.entries.get(key.0 as usize);
        place.is_some_and(|place| matches!(place.entry, Entry::Dropped))
    }

    /// What `read` makes of the end of a call that has one, and of the answer that is told by it.
    #[inline(always)] // its result is large, and each call on its way would move it
    pub(crate) fn claim<A>(&mut self, key: CallKey, read: impl FnOnce(&End, &mut Kept) -> A) -> Poll<A> {
        let Some(place) = self.entries.get_mut(key.0 as usize) else {
            return Poll::Pending; // no future has such a key
        };
        let Entry::Ended(end) = &place.entry else {
            return Poll::Pending;
        };
        let end = read(end, &mut place.answer);
        place.answer.forget();
        place.entry = Entry::Free;
        self.unclaimed -= 1;
        self.free(key);
        Poll::Ready(end)
    }

    /// Exchanges the waker of a call that waits. False of one that has ended.
    pub(crate) fn wait_with(&mut self, key: CallKey, waker: &mut Waker) -> bool {
        let Some(Entry::Waiting(old)) = self.entry(key) else {
            return false;
        };
        std::mem::swap(old, waker);
        true
    }

    /// The future is gone. Returns what it held, to be dropped after the lock: a waker is a user's value.
    pub(crate) fn abandon(&mut self, key: CallKey) -> Option<Entry> {
        match self.entry(key)? {
            entry @ Entry::Waiting(_) => {
                let held = std::mem::replace(entry, Entry::Dropped);
                self.dropped += 1;
                Some(held)
            }
            Entry::Ended(_) => {
                self.unclaimed -= 1;
                self.remove(key)
            }
            Entry::Free | Entry::Dropped => None,
        }
    }

    /// Leaves the end for the call's task, whom the caller wakes after the lock.
    #[inline(always)] // in the loop over answers it is most of what is done
    pub(crate) fn end(&mut self, key: CallKey, end: Result<Outcome<Answer<'_>>, RequestError>) -> Option<Waker> {
        let place = self.entries.get_mut(key.0 as usize)?;
        if !matches!(place.entry, Entry::Waiting(_)) {
            self.remove(key); // nobody waits for it
            return None;
        }
        let end = end.map(|outcome| outcome.map(|answer| place.answer.keep(&answer)));
        let Entry::Waiting(waker) = std::mem::replace(&mut place.entry, Entry::Ended(end)) else {
            return None; // it is what it was above
        };
        self.unclaimed += 1;
        Some(waker)
    }
}

#[cfg(all(test, not(border_model)))]
mod tests {
    use super::*;
    use crate::event::CloseReason;
    use smpp_pdu::{Codec, CommandStatus};
    use std::panic::{AssertUnwindSafe, catch_unwind};

    /// A call that an answer has ended which is longer than most.
    fn answered(calls: &mut Calls) -> CallKey {
        let frame = [&[0, 0, 0, 120, 0x80, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 1][..], &[b'x'; 104]].concat();
        let key = calls.reserve();
        calls.wait(key, &mut Some(Waker::noop().clone()));
        let answer = Answer::new(Codec::default(), &frame);
        assert!(calls.end(key, Ok(Outcome::Answered(answer))).is_some());
        assert_eq!(calls.unclaimed(), 1);
        key
    }

    /// However a call's future has done with an answer, its room is the next one's, and empty.
    #[test]
    fn of_an_answer_nothing_is_kept_that_was_read_taken_or_not_wanted() {
        let ways: [fn(&mut Calls, CallKey); 4] = [
            |calls, key| {
                let status = |end: &End, answer: &mut Kept| {
                    assert_eq!(*end, Ok(Outcome::Answered(())));
                    answer.command_status()
                };
                assert_eq!(calls.claim(key, status), Poll::Ready(CommandStatus::ESME_ROK));
            },
            |calls, key| {
                let Poll::Ready(taken) = calls.claim(key, |_, answer| answer.take()) else {
                    panic!("it has an end")
                };
                assert_eq!(format!("{taken:?}"), "ESME_ROK in 120 octets");
            },
            |calls, key| assert!(calls.abandon(key).is_some()),
            // A fault of ours: the end is still its future's, and of nobody else.
            |calls, key| {
                let read = catch_unwind(AssertUnwindSafe(|| calls.claim(key, |_, _| panic!("as it was told"))));
                assert!(read.is_err() && calls.unclaimed() == 1 && calls.free.is_empty());
                assert!(calls.abandon(key).is_some());
            },
        ];
        for way in ways {
            let mut calls = Calls::default();
            let key = answered(&mut calls);
            way(&mut calls, key);
            assert_eq!((calls.unclaimed(), &calls.free[..]), (0, &[key][..]));
            let kept = calls.entries.iter().map(|place| format!("{:?}", place.answer));
            assert!(kept.eq(["ESME_RUNKNOWNERR in 0 octets"]));
            // Nor has the next one it, which ends without an answer.
            let next = calls.reserve();
            calls.wait(next, &mut Some(Waker::noop().clone()));
            let reason = CloseReason::Local;
            assert!(calls.end(next, Ok(Outcome::NotWritten(reason))).is_some());
            let end = calls.claim(next, |end, _| matches!(end, Ok(Outcome::NotWritten(_))));
            assert_eq!((next, end), (key, Poll::Ready(true)));
        }
    }
}
