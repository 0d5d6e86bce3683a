//! What one side sent, what it was told of each message, and how often the other side got it.

use smpp_session::Retry;
use smpp_session::driver::CallError;
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
    /// So often one was told to be not sent, and was taken to the next connection.
    pub(crate) unsent: usize,
    /// So often one was told to be refused for now, and was sent again.
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
    pub(crate) fn end<T>(&self, message: usize, told: Result<T, CallError>, retry: fn(&CallError) -> Retry) -> bool {
        let mut pages = self.pages();
        assert_eq!(pages.ends[message], None, "it has ended before");
        let retry = told.as_ref().map_err(retry).map(drop);
        match retry {
            Ok(()) => {
                pages.counts.answered += 1;
                pages.ends[message] = Some(End::Answered);
            }
            Err(Retry::MayDouble) => {
                pages.counts.unknown += 1;
                pages.ends[message] = Some(End::Unknown);
            }
            Err(Retry::Unsent) => {
                pages.counts.unsent += 1;
                pages.waits.push_front(message);
                return false;
            }
            Err(Retry::Later | Retry::Slower) => {
                pages.counts.refused += 1;
                pages.waits.push_back(message);
                return true;
            }
            Err(other) => panic!("nobody refuses these for good: {other}"),
        }
        drop(pages);
        self.open.send_modify(|open| *open -= 1);
        !matches!(retry, Err(Retry::MayDouble))
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
            "{unsent} times not sent, and {refused} times refused for now, it was sent again"
        )
    }
}
