//! The body of the fuzz target `session`: any operations on a session, and any octets of its peer.
//!
//! Three sessions live through the same script. One is given what comes as it comes, one octet by octet, and one is asked
//! for answers in a row, as the driver asks; they must say and send the same. What a session promises is looked at after
//! every step.

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
    let side = |chunk, rows| Side::new(role, &config, at_once, chunk, rows, now);
    let mut sides = [side(usize::MAX, false), side(1, false), side(usize::MAX, true)];
    while let Some(op) = script.op() {
        if let Op::Pass(millis) = op {
            now += Duration::from_millis(millis);
        }
        for side in &mut sides {
            side.apply(now, &op);
            side.check(now);
        }
        Side::agree(&mut sides);
    }
    for mut side in sides {
        side.apply(now, &Op::Close);
        side.apply(now, &Op::Take);
        side.apply(now, &Op::Write(usize::MAX));
        side.check(now);
        side.judge();
    }
}
