//! A message centre in memory: accounts that bind and submit, simulated handsets that take their messages, and the
//! receipts for these.
//!
//! ```text
//!   submit_sm ─▶ Session ─▶ Store ─▶ handset (after a delay) ─▶ receipt ─▶ Outbox of the account ─▶ deliver_sm
//!                   ◀─ message_id                   └─ owned address ─▶ Outbox of its account ─▶ deliver_sm
//! ```

mod account;
mod handset;
mod message_id;
mod outbox;
mod receipt;
mod session;
mod store;

pub use account::{Account, AccountError};

use crate::acceptor::{Acceptor, Bind, ConnectionInfo};
use crate::handler::{Handler, Reject};
use account::Accounts;
use async_trait::async_trait;
use handset::Handsets;
use session::Session;
use smpp_pdu::CommandStatus;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use store::Store;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// How a [`Centre`] behaves.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CentreConfig {
    /// Who may bind.
    pub accounts: Vec<Account>,
    /// Whether a bind is refused with ESME_RBINDFAIL whatever is wrong with it, so that strangers learn nothing of the
    /// accounts (R110). If not, it is ESME_RINVSYSID or ESME_RINVPASWD. Yes.
    pub uniform_bind_failure: bool,
    /// How long a simulated handset takes. 500 ms.
    pub handset_delay: Duration,
    /// Messages and receipts that the store holds; beyond that submissions are refused with ESME_RMSGQFUL. 100,000.
    pub capacity: usize,
    /// How many of them may be one account's. 50,000.
    pub account_capacity: usize,
}

impl Default for CentreConfig {
    fn default() -> Self {
        Self {
            accounts: Vec::new(),
            uniform_bind_failure: true,
            handset_delay: Duration::from_millis(500),
            capacity: 100_000,
            account_capacity: 50_000,
        }
    }
}

impl CentreConfig {
    /// The accounts `smppclient1` and `smppclient2` with password `password`, who own the addresses 10001 and 10002;
    /// wrong binds are told precisely what is wrong with them.
    pub fn demo() -> Self {
        let account = |system_id: &str, address: &str| Account {
            system_id: system_id.into(),
            password: "password".into(),
            addresses: vec![address.into()],
        };
        Self {
            accounts: vec![account("smppclient1", "10001"), account("smppclient2", "10002")],
            uniform_bind_failure: false,
            ..Self::default()
        }
    }
}

/// A message centre. Clones are the same one.
#[derive(Clone)]
pub struct Centre(Arc<Inner>);

struct Inner {
    accounts: Accounts,
    uniform_bind_failure: bool,
    store: Store,
    /// No more messages are taken.
    closed: AtomicBool,
    handsets: Handsets,
    /// They end with the centre.
    _tasks: JoinSet<()>,
}

impl Centre {
    /// A centre whose tasks run on the current tokio runtime. Fails if two accounts share a name or an address, or one
    /// has a name or password that no bind could say.
    pub fn new(config: CentreConfig) -> Result<Self, AccountError> {
        let accounts = Accounts::new(config.accounts)?;
        let (handsets, messages) = mpsc::unbounded_channel();
        let mut tasks = JoinSet::new();
        tasks.spawn(handset::run(messages, config.handset_delay));
        for outbox in accounts.outboxes() {
            tasks.spawn(outbox::run(outbox.clone()));
        }
        Ok(Self(Arc::new(Inner {
            accounts,
            uniform_bind_failure: config.uniform_bind_failure,
            store: Store::new(config.capacity, config.account_capacity),
            closed: AtomicBool::new(false),
            handsets,
            _tasks: tasks,
        })))
    }

    /// Takes no more messages: submissions are refused with ESME_RSYSERR, for who submits to keep them. Before a
    /// shutdown, so that nothing is accepted that would be lost with the process.
    pub fn close(&self) {
        self.0.closed.store(true, Ordering::Relaxed);
    }

    /// Messages and receipts that are in the store now.
    pub fn stored(&self) -> usize {
        self.0.store.len()
    }
}

#[async_trait]
impl Acceptor for Centre {
    async fn bind(&self, bind: &Bind, _: &ConnectionInfo) -> Result<Arc<dyn Handler>, Reject> {
        let refused = |precise| match self.0.uniform_bind_failure {
            true => Reject::new(CommandStatus::ESME_RBINDFAIL),
            false => Reject::new(precise),
        };
        if let Some(forgiven) = bind.forgiven.first() {
            return Err(refused(forgiven.error.command_status()));
        }
        let Some(account) = self.0.accounts.get(bind.system_id.as_bytes()) else {
            return Err(refused(CommandStatus::ESME_RINVSYSID));
        };
        if !account.password_is(bind.password.as_bytes()) {
            return Err(refused(CommandStatus::ESME_RINVPASWD));
        }
        Ok(Arc::new(Session::new(self.clone(), account.outbox.clone(), bind)))
    }
}

impl fmt::Debug for Centre {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Centre")
            .field("stored", &self.stored())
            .finish_non_exhaustive()
    }
}
