//! The driver over `tokio::io::duplex`: nothing sleeps, everything waits for what must happen. What the clock does is
//! tried with one that stands still.

mod calls;
mod close;
mod congestion;
mod desk;
mod ends;
mod hazards;
mod load;
mod pause;
mod pipelined;
mod serving;
mod streams;
mod tap;
mod vendor;
#[path = "../session/wire.rs"]
#[allow(dead_code)] // the stories of the session use more of it
mod wire;

/// Runs a test on the current thread alone, and on four.
fn on_each_runtime<F: Future>(test: impl Fn() -> F) {
    for threads in [0, 4] {
        let runtime = match threads {
            0 => tokio::runtime::Builder::new_current_thread().enable_all().build(),
            n => tokio::runtime::Builder::new_multi_thread()
                .worker_threads(n)
                .enable_all()
                .build(),
        };
        let runtime = runtime.unwrap();
        runtime.block_on(async {
            let within = std::time::Duration::from_secs(60);
            tokio::time::timeout(within, test()).await.expect("it hangs");
        });
    }
}

/// Runs a test of what the clock does: it stands still as long as anybody has something to do, and then goes on to what
/// is due next. So no time is short or long, but only before another.
fn on_paused_clock<F: Future>(test: impl FnOnce() -> F) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let within = std::time::Duration::from_secs(24 * 60 * 60);
        tokio::time::timeout(within, test()).await.expect("it hangs");
    });
}
