//! Takes whatever is submitted, from the read buffer and without a copy, and counts it: a bound for load tests.
//! `cargo run --release -p smpp-smsc --example sink`.

use smpp_pdu::{AnyResponse, COctetString, CommandStatus, DataSmResp, Pdu, SubmitMultiResp, SubmitSmResp};
use smpp_smsc::{Acceptor, Bind, ConnectionInfo, Handler, Reject, Server, async_trait};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

#[derive(Clone, Default)]
pub(crate) struct Sink(Arc<AtomicU64>);

impl Sink {
    pub(crate) fn taken(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Acceptor for Sink {
    async fn bind(&self, _: &Bind, _: &ConnectionInfo) -> Result<Arc<dyn Handler>, Reject> {
        Ok(Arc::new(self.clone()))
    }
}

#[async_trait]
impl Handler for Sink {
    fn at_once(&self, pdu: &Pdu<&[u8]>) -> Option<Result<AnyResponse, Reject>> {
        let number = self.0.fetch_add(1, Ordering::Relaxed).to_string();
        let Ok(message_id) = COctetString::new(&number) else {
            return Some(Err(CommandStatus::ESME_RSYSERR.into()));
        };
        Some(Ok(match pdu {
            Pdu::SubmitSm(_) => SubmitSmResp {
                message_id,
                ..SubmitSmResp::default()
            }
            .into(),
            Pdu::SubmitMulti(_) => SubmitMultiResp {
                message_id,
                ..SubmitMultiResp::default()
            }
            .into(),
            Pdu::DataSm(_) => DataSmResp {
                message_id,
                ..DataSmResp::default()
            }
            .into(),
            _ => return Some(Err(CommandStatus::ESME_RINVCMDID.into())),
        }))
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let sink = Sink::default();
    let server = Server::builder(sink.clone()).system_id("sink").build();
    println!("smpp listening on {}", server.listen("127.0.0.1:2775").await?);
    loop {
        let before = sink.taken();
        tokio::time::sleep(Duration::from_secs(1)).await;
        println!("{} a second", sink.taken() - before);
    }
}
