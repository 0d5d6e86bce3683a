//! The border between tasks and a loop, in every order in which threads can meet there: loom tries each. The loop is not
//! the driver's but the least that keeps its promise, to look at everything before it parks: no wake may be lost.
//! A model with three preemptions is tried whole: more than that no such fault has needed.
//!
//! Run it by `RUSTFLAGS="--cfg border_model" cargo test -p smpp-session --features tokio --lib --release model`.

use super::border::{Border, EndCalls};
use super::handle::Handle;
use crate::config::{Config, Role};
use crate::event::Event;
use loom::thread;
use smpp_pdu::{EnquireLink, EnquireLinkResp};
use std::sync::Arc;
use std::task::{Wake, Waker};

struct Unparks(thread::Thread);

impl Wake for Unparks {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// As the driver does: what there is to do first, and the waker left only where there was nothing. Answers whatever is
/// sent, until the last handle is gone.
fn run(border: &Border) {
    let waker = Waker::from(Arc::new(Unparks(thread::current())));
    let (mut sent, mut input) = (Vec::new(), Vec::new());
    loop {
        let mut wake = Vec::new();
        let mut s = border.lock();
        s.driver.take();
        let mut rest = &input[..];
        let mut timed = true;
        while let Some(event) = s.next_event(&mut rest, &mut timed) {
            if let Event::Ended { context, outcome } = event {
                wake.extend(s.calls.end(context, Ok(outcome)));
            }
        }
        input.clear();
        s.issue(&mut wake);
        let took = s.session.poll_transmit(&mut sent);
        let over = !took && s.ending && s.backlog.is_empty() && s.session.is_idle();
        if !took {
            s.driver = Some(waker.clone());
        }
        drop(s);
        wake.into_iter().for_each(Waker::wake);
        if over {
            return;
        }
        if took {
            for request in sent.chunks(16) {
                let number: [u8; 4] = request[12..].try_into().expect("a header");
                input.extend(
                    [16, 0x8000_0015, 0, u32::from_be_bytes(number)]
                        .into_iter()
                        .flat_map(u32::to_be_bytes),
                );
            }
            let written = sent.len();
            border.lock().session.handle_written(written);
            sent.clear();
        } else {
            thread::park();
        }
    }
}

/// So many tasks, on threads of their own, ask at once on a window of `window`; `drops` of them give up after one poll.
fn model(tasks: usize, window: usize, drops: usize) {
    let mut explored = loom::model::Builder::new();
    explored.preemption_bound = Some(3);
    explored.check(move || {
        let mut config = Config::default();
        config.window = window;
        let border = Border::new(Role::Esme, config);
        let handle = Handle::new(&border);
        let threads: Vec<_> = (0..tasks)
            .map(|task| {
                let handle = handle.clone();
                thread::spawn(move || {
                    let mut call = handle.request(EnquireLink::default());
                    if task < drops {
                        let mut once = std::task::Context::from_waker(Waker::noop());
                        let _ = std::pin::Pin::new(&mut call).poll(&mut once);
                    } else {
                        let answer: EnquireLinkResp = loom::future::block_on(call).expect("it is answered");
                        assert_eq!(answer, EnquireLinkResp::default());
                    }
                })
            })
            .collect();
        drop(handle);
        run(&border);
        for thread in threads {
            thread.join().expect("no thread panics");
        }
        let stats = border.lock().session.stats();
        assert_eq!(stats.requests_out, stats.answered);
        assert!(stats.answered as usize >= tasks - drops);
        drop(EndCalls(border));
    });
}

#[test]
fn two_tasks_and_a_place_for_each() {
    model(2, 2, 0);
}

#[test]
fn two_tasks_and_one_place() {
    model(2, 1, 0);
}

#[test]
fn one_that_waits_behind_one_that_gives_up() {
    model(2, 1, 1);
}
