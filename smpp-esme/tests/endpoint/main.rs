//! Several binds as one endpoint, each kept bound.

mod close;
mod corners;
#[path = "../fake/mod.rs"]
mod fake;
mod inbound;
mod metrics;
mod order;
mod pace;
mod reconnect;
mod spread;
mod storm;

use fake::{Centre, esme, message_id};
use smpp_esme::pdu::{CommandStatus, SubmitSmResp, Version};
use smpp_esme::{
    Bound, Builder, Config, Connect, ConnectError, Endpoint, EndpointBuilder, EndpointError, EndpointInbound,
    async_trait,
};
use smpp_session::driver::Responder;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{DuplexStream, duplex};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

/// What must happen happens within this, by the paused clock.
pub(crate) async fn within<T>(seconds: u64, what: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(seconds), what).await.expect("in time")
}

/// An SMSC whose address a member has: each time that the member connects, the test gets the other end.
pub(crate) struct Smsc {
    connections: mpsc::UnboundedReceiver<DuplexStream>,
    line: Line,
}

/// What the member connects by.
#[derive(Clone)]
pub(crate) struct Line {
    builder: Builder,
    to: mpsc::UnboundedSender<DuplexStream>,
    tries: Arc<Mutex<Vec<Instant>>>,
    dead: Arc<AtomicUsize>,
}

#[async_trait]
impl Connect for Line {
    async fn connect(&self) -> Result<Bound, ConnectError> {
        self.tries.lock().unwrap().push(Instant::now());
        if self.dead.load(Ordering::Relaxed) > 0 {
            self.dead.fetch_sub(1, Ordering::Relaxed);
            return Err(ConnectError::TimedOut);
        }
        let (ours, theirs) = duplex(64 * 1024);
        let _ = self.to.send(theirs);
        Ok(self.builder.connect_over(ours).await?.into())
    }
}

/// Hours pass here in which nothing is asked.
pub(crate) fn quiet(config: &mut Config) {
    const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);
    (config.enquire_link, config.response, config.answer) = (A_DAY, A_DAY, A_DAY);
}

impl Smsc {
    pub(crate) fn new() -> Self {
        Self::reached_by(esme())
    }

    pub(crate) fn reached_by(builder: Builder) -> Self {
        let (to, connections) = mpsc::unbounded_channel();
        let line = Line {
            builder: builder.configure(quiet),
            to,
            tries: Arc::default(),
            dead: Arc::default(),
        };
        Self { connections, line }
    }

    pub(crate) fn line(&self) -> Line {
        self.line.clone()
    }

    /// The next so many tries reach nobody.
    pub(crate) fn is_dead(&self, tries: usize) {
        self.line.dead.store(tries, Ordering::Relaxed);
    }

    /// When the member tried, since the first time.
    pub(crate) fn tries(&self) -> Vec<Duration> {
        let tries = self.line.tries.lock().unwrap();
        tries.iter().map(|at| *at - tries[0]).collect()
    }

    /// The next connection's stream.
    pub(crate) async fn stream(&mut self) -> DuplexStream {
        within(3600, self.connections.recv()).await.expect("a connection")
    }

    /// The next connection, before its bind.
    pub(crate) async fn connected(&mut self) -> Centre {
        let io = self.stream().await;
        let mut config = Config::default();
        config.version = Version::V50;
        quiet(&mut config);
        Centre::with(io, config)
    }

    /// The next connection, bound.
    pub(crate) async fn bound(&mut self) -> Centre {
        let mut centre = self.connected().await;
        centre.accept_bind().await;
        centre
    }

    /// The next connection's bind is refused.
    pub(crate) async fn refuse(&mut self, status: CommandStatus) {
        let mut centre = self.connected().await;
        centre.asked().await.responder.reject(status).unwrap();
        centre.closed().await;
    }
}

/// An endpoint whose members are bound.
pub(crate) async fn endpoint<const N: usize>(
    change: impl FnOnce(EndpointBuilder) -> EndpointBuilder,
    smscs: &mut [Smsc; N],
) -> (Endpoint, EndpointInbound, [Centre; N]) {
    let mut builder = change(Endpoint::builder());
    for smsc in smscs.iter() {
        builder = builder.member(smsc.line());
    }
    let (endpoint, inbound) = builder.start().await;
    let mut centres = Vec::new();
    for smsc in smscs.iter_mut() {
        centres.push(smsc.bound().await);
    }
    all_bound(&endpoint, N).await;
    (endpoint, inbound, centres.try_into().unwrap())
}

pub(crate) async fn all_bound(endpoint: &Endpoint, n: usize) {
    let mut states = endpoint.watch();
    within(3600, states.wait_for(|state| state.bound() == n)).await.unwrap();
}

/// Submits a text in a task of its own.
pub(crate) fn submits(endpoint: &Endpoint, text: &str) -> JoinHandle<Result<SubmitSmResp, EndpointError>> {
    let (endpoint, pdu) = (endpoint.clone(), fake::submit(text));
    tokio::spawn(async move { endpoint.submit_sm(&pdu).await })
}

/// The text of the next submit_sm, and what answers it.
pub(crate) async fn submitted(centre: &mut Centre) -> (String, Responder) {
    let (pdu, responder) = centre.submitted().await;
    let text = String::from_utf8(pdu.short_message.as_bytes().to_vec()).unwrap();
    (text, responder)
}

pub(crate) fn accept(responder: Responder) {
    responder.respond(CommandStatus::ESME_ROK, &message_id("1")).unwrap();
}
