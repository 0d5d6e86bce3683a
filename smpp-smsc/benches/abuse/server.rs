//! The server under attack: every bind is accepted, every submit_sm answered.

use crate::attackers::NOWHERE;
use crate::{Fault, Form};
use smpp_pdu::{COctetString, Kept, SubmitSm, SubmitSmResp};
use smpp_smsc::{Acceptor, Bind, ConnectionInfo, Handler, Reject, Server, async_trait};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::AsyncReadExt;

/// Prints where it listens. At the end of its standard input it prints how many submit_sm of the well-behaved it has
/// taken, and ends.
#[tokio::main]
pub(crate) async fn run(form: Form) -> Result<(), Fault> {
    let taken = Arc::new(AtomicU64::new(0));
    let server = Server::builder(Desk(taken.clone())).config(form.config).build();
    let address = server.listen("127.0.0.1:0").await?;
    writeln!(std::io::stdout(), "{address}")?;
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    writeln!(std::io::stdout(), "{}", taken.load(Ordering::Relaxed))?;
    Ok(())
}

/// Counts what the well-behaved submit.
struct Desk(Arc<AtomicU64>);

#[async_trait]
impl Acceptor for Desk {
    async fn bind(&self, bind: &Bind, _: &ConnectionInfo) -> Result<Arc<dyn Handler>, Reject> {
        Ok(match bind.system_id.as_bytes() == crate::honest::BUSY.as_bytes() {
            true => Arc::new(Numbers(self.0.clone())),
            false => Arc::new(LongNames),
        })
    }
}

/// Each message its own number.
struct Numbers(Arc<AtomicU64>);

#[async_trait]
impl Handler for Numbers {
    async fn submit_sm(&self, _: Kept<SubmitSm>) -> Result<SubmitSmResp, Reject> {
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        answer(&number.to_string())
    }
}

/// The longest of message_ids: who does not read its answers is to cost as much as it can. To what goes nowhere there
/// is no answer.
struct LongNames;

#[async_trait]
impl Handler for LongNames {
    async fn submit_sm(&self, submit: Kept<SubmitSm>) -> Result<SubmitSmResp, Reject> {
        if submit.view().destination_addr.addr.as_bytes() == NOWHERE.as_bytes() {
            std::future::pending::<()>().await;
        }
        answer(&"x".repeat(64))
    }
}

fn answer(message_id: &str) -> Result<SubmitSmResp, Reject> {
    Ok(SubmitSmResp {
        message_id: COctetString::new(message_id).unwrap_or_default(),
        ..SubmitSmResp::default()
    })
}
