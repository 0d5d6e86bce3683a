//! Transports that hold little, in both directions: who does not read makes the other wait.

use crate::pair::{Answers, End, Pair, Side};
use smpp_pdu::CommandStatus;
use smpp_session::{CloseReason, Config, Outcome};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// One direction: octets that were written and not read.
struct Pipe {
    octets: VecDeque<u8>,
    holds: usize,
}

impl Pipe {
    fn new(holds: usize) -> Self {
        Self {
            octets: VecDeque::new(),
            holds,
        }
    }

    /// One turn of an owner that writes what there is room for, and of one that reads `reads` octets at most, and none
    /// while the session is paused.
    fn carry(&mut self, from: &mut Side, to: &mut Side, reads: usize, now: Instant) {
        from.timeout(now);
        from.takes = self.holds - self.octets.len();
        self.octets.extend(from.transmit());
        if !to.session.is_paused() {
            let read: Vec<u8> = self.octets.drain(..reads.min(self.octets.len())).collect();
            to.recv(now, &read);
        }
    }
}

/// Both sides fill their windows at once, read and answer slowly, and neither reads while it is paused.
fn flood(mut pair: Pair, messages: u32, holds: usize, reads: usize, answers: usize) -> [Vec<(u32, End)>; 2] {
    let (mut up, mut down) = (Pipe::new(holds), Pipe::new(holds));
    let (mut asked, mut ends) = ([0; 2], [Vec::new(), Vec::new()]);
    let mut turns = 0;
    pair.esme.answers = Answers::Later;
    pair.smsc.answers = Answers::Later;
    let mut paused = false;
    while ends.iter().any(|ended| ended.len() < messages as usize) {
        while asked[0] < messages && pair.submit(asked[0]).is_ok() {
            asked[0] += 1;
        }
        while asked[1] < messages && pair.deliver(asked[1]).is_ok() {
            asked[1] += 1;
        }
        up.carry(&mut pair.esme, &mut pair.smsc, reads, pair.now);
        down.carry(&mut pair.smsc, &mut pair.esme, reads, pair.now);
        for (side, ended) in [&mut pair.esme, &mut pair.smsc].into_iter().zip(&mut ends) {
            paused |= side.session.is_paused();
            for _ in 0..answers {
                side.try_answer(pair.now, CommandStatus::ESME_ROK);
            }
            ended.extend(side.ends());
            assert_eq!(side.closed, None, "after {turns} turns; was paused: {paused}");
        }
        pair.now += Duration::from_millis(10);
        turns += 1;
        assert!(turns < 200_000, "it stands still: {asked:?} asked");
    }
    ends
}

fn config() -> Config {
    let mut config = Config::default();
    config.response = Duration::from_secs(86_400);
    config.answer = Duration::from_secs(86_400);
    config
}

#[test]
fn both_windows_full_and_both_sides_slow() {
    for window in [1, 10, 300] {
        for (holds, reads, answers) in [(64, 7, 1), (64, 64, 3), (500, 50, 1), (4096, 1000, 10)] {
            let mut config = config();
            config.window = window;
            config.max_unwritten_requests = 1_000;
            // Room for the answers to all that the other side may ask at once.
            config.max_unwritten = 1_000 + 100 + 20 * window;
            let ends = flood(Pair::bound_with(config), 400, holds, reads, answers);
            for ended in ends {
                let ok = Outcome::Answered(CommandStatus::ESME_ROK);
                assert!(
                    ended.into_iter().all(|(_, end)| end == ok),
                    "window {window}, {holds} octets"
                );
            }
        }
    }
}

/// Where there is no room for these answers both sides can stop. That is no silence for ever: it has a time, and then a
/// name.
#[test]
fn both_sides_stop_and_it_has_an_end() {
    let mut config = config();
    config.window = 1_000;
    config.max_unwritten_requests = 50_000;
    config.max_unwritten = 100;
    let mut pair = Pair::bound_with(config);
    let (mut up, mut down) = (Pipe::new(100), Pipe::new(100));
    for context in 0..500 {
        pair.submit(context).unwrap();
        pair.deliver(context).unwrap();
    }
    let began = pair.now;
    while pair.esme.closed.is_none() && pair.smsc.closed.is_none() {
        up.carry(&mut pair.esme, &mut pair.smsc, 100, pair.now);
        down.carry(&mut pair.smsc, &mut pair.esme, 100, pair.now);
        pair.now += Duration::from_millis(100);
        assert!(pair.now - began < Duration::from_secs(35));
    }
    let gone = CloseReason::WriteStalled;
    for side in [&mut pair.esme, &mut pair.smsc] {
        if side.closed == Some(gone) {
            let ends = side.ends();
            assert_eq!(ends.len(), 500);
            let lost = ends.iter().filter(|(_, end)| *end == Outcome::NotWritten(gone));
            assert!(lost.count() > 400);
        }
    }
    assert!(pair.esme.closed == Some(gone) || pair.smsc.closed == Some(gone));
}
