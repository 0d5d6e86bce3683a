use crate::desk::{pair, poll_once};
use crate::{on_each_runtime, wire};
use smpp_session::{CloseReason, Config};
use tokio::task::JoinSet;

fn window(window: usize) -> Config {
    let mut config = Config::default();
    config.window = window;
    config
}

/// Both directions at once, 500 tasks each, on windows of two, through pipes that hold little.
#[test]
fn both_directions_through_a_small_pipe() {
    for room in [1, 64] {
        on_each_runtime(|| async {
            let (esme, smsc) = pair(window(2), room).await;
            let (mut up, mut down) = (JoinSet::new(), JoinSet::new());
            for i in 0..500 {
                let (client, peer) = (esme.handle.clone(), smsc.handle.clone());
                let text = if i % 3 == 0 { "later" } else { "now" };
                up.spawn(async move { client.request(wire::submit(text)).await.map(drop) });
                down.spawn(async move { peer.request(wire::deliver("hello")).await.map(drop) });
            }
            for end in up.join_all().await.into_iter().chain(down.join_all().await) {
                end.unwrap();
            }
        });
    }
}

/// Every window with as many tasks and with ten times as many: none stalls.
#[test]
fn no_window_stalls() {
    for places in [1, 2, 3, 7, 10, 64, 100, 300, 1000] {
        on_each_runtime(|| async {
            let (esme, _smsc) = pair(window(places), 4096).await;
            for tasks in [places, places * 10] {
                let mut all = JoinSet::new();
                for _ in 0..tasks {
                    let handle = esme.handle.clone();
                    all.spawn(async move { handle.request(wire::submit("now")).await.map(drop) });
                }
                for end in all.join_all().await {
                    end.unwrap();
                }
            }
        });
    }
}

/// Many tasks, a small window, every fifth call dropped after one poll: nothing hangs, and nothing is left behind.
#[test]
fn stress() {
    on_each_runtime(|| async {
        let (esme, smsc) = pair(window(3), 256).await;
        let mut all = JoinSet::new();
        for t in 0..16 {
            let handle = esme.handle.clone();
            all.spawn(async move {
                for i in 0..500 {
                    let text = if (i + t) % 3 == 0 { "later" } else { "now" };
                    let mut call = handle.request(wire::submit(text));
                    if (i * 7 + t) % 5 == 0 {
                        poll_once(&mut call).await;
                    } else {
                        call.await.unwrap();
                    }
                }
            });
        }
        all.join_all().await;
        esme.handle.request(wire::submit("now")).await.unwrap(); // behind those that were dropped
        let (client, server) = (esme.handle.stats(), smsc.handle.stats());
        assert_eq!(client.requests_out, client.answered);
        assert_eq!(client.requests_out, server.requests_in);
        assert!(client.requests_out >= 16 * 400 + 2);
        assert_eq!((client.stray, server.refused, server.malformed), (0, 0, 0));
        assert_eq!(esme.handle.in_flight(), 0);
        drop(esme.handle);
        assert_eq!(esme.task.await.unwrap(), CloseReason::Unbound);
    });
}
