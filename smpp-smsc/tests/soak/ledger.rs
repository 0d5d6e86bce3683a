//! What one side sent, what it was told of each message, and how often the other side got it.

use smpp_session::Retry;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard};
use tokio::sync::watch;

/// The messages of one direction, which are their numbers.
#[derive(Debug)]
pub(crate) struct Ledger {
    pages: Mutex<Pages>,
    /// How many have no end yet.
    open: watch::Sender<usize>,
}

#[derive(Debug)]
struct Pages {
    waits: VecDeque<usize>,
    ends: Vec<Option<End>>,
    /// How often the other side got each.
    got: Vec<usize>,
    counts: Counts,
}

/// What the sender was told of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Answered,
    Unknown,
}

/// How the messages of one direction ended, and what the other side counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) submitted: usize,
    pub(crate) answered: usize,
    pub(crate) unknown: usize,
    /// So often one was told to be not sent, and went by another connection.
    pub(crate) unsent: usize,
    /// So often the other side has refused one for now.
    pub(crate) refused: usize,
    pub(crate) got: usize,
}

impl Ledger {
    pub(crate) fn new(messages: usize) -> Self {
        let pages = Pages {
            waits: (0..messages).collect(),
            ends: vec![None; messages],
            got: vec![0; messages],
            counts: Counts {
                submitted: messages,
                ..Counts::default()
            },
        };
        Self {
            pages: Mutex::new(pages),
            open: watch::Sender::new(messages),
        }
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().expect("nobody panics over it")
    }

    /// The next to send.
    pub(crate) fn take(&self) -> Option<usize> {
        self.pages().waits.pop_front()
    }

    /// What its sender was told of one that was taken; whether more may be sent over the same connection.
    pub(crate) fn end<T>(&self, message: usize, told: Result<T, Retry>) -> bool {
        let mut pages = self.pages();
        assert_eq!(pages.ends[message], None, "it has ended before");
        let (end, goes_on) = match told {
            Ok(_) => (End::Answered, true),
            Err(Retry::MayDouble) => (End::Unknown, false),
            Err(Retry::Unsent) => {
                pages.counts.unsent += 1;
                pages.waits.push_front(message);
                return false;
            }
            Err(other) => panic!("nobody refuses these for good: {other}"),
        };
        *match end {
            End::Answered => &mut pages.counts.answered,
            End::Unknown => &mut pages.counts.unknown,
        } += 1;
        pages.ends[message] = Some(end);
        drop(pages);
        self.open.send_modify(|open| *open -= 1);
        goes_on
    }

    /// The other side has refused one for now.
    pub(crate) fn refused(&self) {
        self.pages().counts.refused += 1;
    }

    /// The other side got one.
    pub(crate) fn got(&self, message: usize) {
        let mut pages = self.pages();
        pages.got[message] += 1;
        pages.counts.got += 1;
    }

    /// Waits until all have an end.
    pub(crate) async fn ended(&self) {
        let mut open = self.open.subscribe();
        open.wait_for(|&open| open == 0).await.expect("it is ours");
    }

    pub(crate) fn counts(&self) -> Counts {
        self.pages().counts
    }

    /// What does not add up, if something does not.
    pub(crate) fn imbalance(&self) -> Option<String> {
        let pages = self.pages();
        let Counts {
            submitted,
            answered,
            unknown,
            got,
            ..
        } = pages.counts;
        if submitted != answered + unknown {
            return Some(format!("{submitted} were sent, and {} have an end", answered + unknown));
        }
        for (message, (end, &got)) in pages.ends.iter().zip(&pages.got).enumerate() {
            let fits = match end {
                Some(End::Answered) => got == 1,
                Some(End::Unknown) => got <= 1,
                None => false,
            };
            if !fits {
                return Some(format!("message {message} is {end:?}, and came {got} times"));
            }
        }
        (got < answered || got > answered + unknown)
            .then(|| format!("{got} came, and not {answered} to {}", answered + unknown))
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            submitted,
            answered,
            unknown,
            unsent,
            refused,
            got,
        } = self;
        write!(
            f,
            "{submitted} = {answered} answered + {unknown} unknown; the other side got {got}, "
        )?;
        write!(f, "of {answered} to {}; ", answered + unknown)?;
        write!(
            f,
            "{refused} times it refused one for now, {unsent} times one was told to be not sent"
        )
    }
}
