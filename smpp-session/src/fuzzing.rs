//! The body of the fuzz target `session`: any operations on a session, and any octets of its peer.
//!
//! Two sessions live through the same script. One is given what comes as it comes, the other octet by octet, and they
//! must say and send the same. What a session promises is looked at after every step.

mod script;
mod side;

use script::{Op, Script};
use side::Side;
use std::time::{Duration, Instant};

/// Panics where a session does not hold what it promises.
pub fn session(octets: &[u8]) {
    let mut script = Script::new(octets);
    let (role, config, at_once) = script.settings();
    let mut now = Instant::now();
    let side = |chunk| Side::new(role, &config, at_once, chunk, now);
    let (mut whole, mut single) = (side(usize::MAX), side(1));
    while let Some(op) = script.op() {
        if let Op::Pass(millis) = op {
            now += Duration::from_millis(millis);
        }
        for side in [&mut whole, &mut single] {
            side.apply(now, &op);
            side.check(now);
        }
        whole.agrees_with(&mut single);
    }
    for mut side in [whole, single] {
        side.apply(now, &Op::Close);
        side.apply(now, &Op::Take);
        side.apply(now, &Op::Write(usize::MAX));
        side.check(now);
        side.judge();
    }
}
