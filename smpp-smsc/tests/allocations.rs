//! What a message takes of memory: of a server, the box of an async-trait handler's future and one buffer of what it may
//! keep of the PDU; of a client, nothing.

#[path = "../benches/raw/mod.rs"]
mod raw;

use smpp_esme::Esme;
use smpp_pdu::{COctetString, Kept, SubmitSm, SubmitSmResp};
use smpp_smsc::{Acceptor, Bind, ConnectionInfo, Handler, Reject, Server, async_trait};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::time::timeout;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const MESSAGES: usize = 10_000;
const WINDOW: usize = 100;
/// Of the connection, its bind and its end, on both sides: buffers grow while it is young.
const OF_THE_CONNECTION: usize = 1_000;

struct Gate;

#[async_trait]
impl Acceptor for Gate {
    async fn bind(&self, _: &Bind, _: &ConnectionInfo) -> Result<Arc<dyn Handler>, Reject> {
        Ok(Arc::new(Ready))
    }
}

struct Ready;

#[async_trait]
impl Handler for Ready {
    async fn submit_sm(&self, pdu: Kept<SubmitSm>) -> Result<SubmitSmResp, Reject> {
        assert_eq!(
            pdu.view().short_message.as_bytes(),
            raw::submit().short_message.as_bytes()
        );
        Ok(SubmitSmResp {
            message_id: COctetString::new("0123456789ABCDEF").unwrap(),
            ..SubmitSmResp::default()
        })
    }
}

async fn server() {
    let server = Server::builder(Gate).build();
    let (io, peer) = UnixStream::pair().unwrap();
    let serves = tokio::spawn(async move { server.serve(io).await });
    raw::submits(peer, WINDOW, MESSAGES).await.unwrap();
    assert!(serves.await.unwrap().is_some());
}

async fn client() {
    let (io, peer) = UnixStream::pair().unwrap();
    let accepts = tokio::spawn(raw::accepts(peer));
    let esme = Esme::builder("smpp://esme:secret@smsc").unwrap().window(WINDOW);
    let (client, inbound) = esme.connect_over(io).await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..WINDOW {
        let client = client.clone();
        tasks.spawn(async move {
            for _ in 0..MESSAGES / WINDOW {
                client.submit_sm(&raw::submit()).await.unwrap();
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
    drop((client, inbound));
    accepts.await.unwrap().unwrap();
}

// One test: what others allocate meanwhile would be counted.
#[tokio::test]
async fn of_each_message() {
    let region = Region::new(ALLOCATOR);
    let in_time = timeout(Duration::from_secs(60), server()).await;
    in_time.expect("it hangs");
    let of_server = region.change();
    assert!(
        of_server.allocations <= 2 * MESSAGES + OF_THE_CONNECTION,
        "{of_server:?}"
    );
    assert!(of_server.reallocations <= OF_THE_CONNECTION, "{of_server:?}");

    let region = Region::new(ALLOCATOR);
    let in_time = timeout(Duration::from_secs(60), client()).await;
    in_time.expect("it hangs");
    let of_client = region.change();
    assert!(
        of_client.allocations + of_client.reallocations <= OF_THE_CONNECTION,
        "{of_client:?}"
    );
}
