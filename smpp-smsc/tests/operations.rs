//! A handler's operations, as the session at the other end of the stream sees them.

use async_trait::async_trait;
use smpp_pdu::{
    AnyResponse, BindTransceiver, BroadcastSm, BroadcastSmResp, COctetString, CancelBroadcastSm, CancelBroadcastSmResp,
    CancelSm, CancelSmResp, CommandStatus, DataSm, DataSmResp, Kept, MessageState, Pdu, QueryBroadcastSm,
    QueryBroadcastSmResp, QuerySm, QuerySmResp, ReplaceSm, ReplaceSmResp, Request, ShortMessage, SubmitMulti,
    SubmitMultiResp, SubmitSm, SubmitSmResp, Tlvs, Version, tlv,
};
use smpp_session::driver::{Asked, CallError, Connection, Handle, Reply, Served, Service};
use smpp_session::{Received, Role};
use smpp_smsc::{Acceptor, Bind, CloseReason, Config, ConnectionInfo, Handler, Peer, Reject, Server};
use std::future::Pending;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;

/// One handler for every session.
struct Always<H>(Arc<H>);

#[async_trait]
impl<H: Handler> Acceptor for Always<H> {
    async fn bind(&self, _: &Bind, _: &ConnectionInfo) -> Result<Arc<dyn Handler>, Reject> {
        Ok(self.0.clone())
    }
}

/// An ESME that is asked nothing.
struct Silent;

impl Service for Silent {
    type Response = Pdu;
    type Handling = Pending<Option<Reply<Pdu>>>;
    fn request<'a>(&self, _: &mut Context<'_>, asked: Asked<'a>, _: &Received<'_>) -> Served<'a, Self::Handling> {
        asked.reject(CommandStatus::ESME_RINVCMDID)
    }
}

/// The other end of a session with `handler`, at `version`, bound.
async fn bound<H: Handler>(handler: Arc<H>, version: Version) -> Handle {
    session(handler, version).await.0
}

/// The same, and the task at its end of the stream.
async fn session<H: Handler>(handler: Arc<H>, version: Version) -> (Handle, JoinHandle<CloseReason>) {
    let mut config = Config::default();
    config.version = Version::V50;
    // Of a peer that is gone.
    config.drain = Duration::from_millis(20);
    let server = Server::builder(Always(handler)).config(config.clone()).build();
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    tokio::spawn(async move { server.serve(theirs).await });
    config.version = version;
    let connection = Connection::new(Role::Esme, config);
    let handle = connection.handle();
    let task = tokio::spawn(connection.drive(ours, Silent));
    let interface_version = version.interface_version();
    let bind = BindTransceiver {
        interface_version,
        ..BindTransceiver::default()
    };
    handle.request(bind).await.unwrap();
    assert_eq!(handle.codec().version, version);
    (handle, task)
}

fn id(id: &str) -> COctetString {
    COctetString::new(id).unwrap()
}

/// Runs `$test!` with every operation and a request of it.
macro_rules! each_operation {
    ($test:ident) => {
        $test! {
            submit_sm SubmitSm SubmitSmResp;
            submit_multi SubmitMulti SubmitMultiResp;
            data_sm DataSm DataSmResp;
            query_sm QuerySm QuerySmResp;
            cancel_sm CancelSm CancelSmResp;
            replace_sm ReplaceSm ReplaceSmResp;
            broadcast_sm BroadcastSm BroadcastSmResp;
            query_broadcast_sm QueryBroadcastSm QueryBroadcastSmResp;
            cancel_broadcast_sm CancelBroadcastSm CancelBroadcastSmResp;
        }
    };
}

/// A response that nothing else gives.
fn answer_of<R: Default>(change: impl FnOnce(&mut R)) -> R {
    let mut response = R::default();
    change(&mut response);
    response
}

/// Its own answer to each.
struct Answers;

#[async_trait]
impl Handler for Answers {
    async fn submit_sm(&self, pdu: Kept<SubmitSm>) -> Result<SubmitSmResp, Reject> {
        Ok(answer_of(|it: &mut SubmitSmResp| {
            it.message_id = id(if pdu.view().short_message.is_empty() { "1" } else { "?" })
        }))
    }
    async fn submit_multi(&self, _: Kept<SubmitMulti>) -> Result<SubmitMultiResp, Reject> {
        Ok(answer_of(|it: &mut SubmitMultiResp| it.message_id = id("2")))
    }
    async fn data_sm(&self, _: Kept<DataSm>) -> Result<DataSmResp, Reject> {
        Ok(answer_of(|it: &mut DataSmResp| it.message_id = id("3")))
    }
    async fn query_sm(&self, _: Kept<QuerySm>) -> Result<QuerySmResp, Reject> {
        Ok(answer_of(|it: &mut QuerySmResp| {
            it.message_state = MessageState::ENROUTE
        }))
    }
    async fn cancel_sm(&self, _: Kept<CancelSm>) -> Result<CancelSmResp, Reject> {
        Ok(CancelSmResp::default())
    }
    async fn replace_sm(&self, _: Kept<ReplaceSm>) -> Result<ReplaceSmResp, Reject> {
        tokio::task::yield_now().await;
        Ok(ReplaceSmResp::default())
    }
    async fn broadcast_sm(&self, _: Kept<BroadcastSm>) -> Result<BroadcastSmResp, Reject> {
        Ok(answer_of(|it: &mut BroadcastSmResp| it.message_id = id("7")))
    }
    async fn query_broadcast_sm(&self, _: Kept<QueryBroadcastSm>) -> Result<QueryBroadcastSmResp, Reject> {
        Ok(answer_of(|it: &mut QueryBroadcastSmResp| it.message_id = id("8")))
    }
    async fn cancel_broadcast_sm(&self, _: Kept<CancelBroadcastSm>) -> Result<CancelBroadcastSmResp, Reject> {
        Ok(CancelBroadcastSmResp::default())
    }
}

#[tokio::test]
async fn each_operation_has_its_method_and_its_answer() {
    let esme = bound(Arc::new(Answers), Version::V50).await;
    assert_eq!(esme.request(SubmitSm::default()).await.unwrap().message_id, id("1"));
    assert_eq!(esme.request(SubmitMulti::default()).await.unwrap().message_id, id("2"));
    assert_eq!(esme.request(DataSm::default()).await.unwrap().message_id, id("3"));
    let state = esme.request(QuerySm::default()).await.unwrap().message_state;
    assert_eq!(state, MessageState::ENROUTE);
    esme.request(CancelSm::default()).await.unwrap();
    esme.request(ReplaceSm::default()).await.unwrap();
    assert_eq!(esme.request(BroadcastSm::default()).await.unwrap().message_id, id("7"));
    let queried = esme.request(QueryBroadcastSm::default()).await.unwrap();
    assert_eq!(queried.message_id, id("8"));
    esme.request(CancelBroadcastSm::default()).await.unwrap();
}

fn status<R: std::fmt::Debug>(result: Result<R, CallError>) -> CommandStatus {
    result.unwrap_err().command_status().unwrap()
}

/// Nothing of its own.
struct Bare;
#[async_trait]
impl Handler for Bare {}

#[tokio::test]
async fn what_is_not_implemented_is_refused_by_its_own_response() {
    let esme = bound(Arc::new(Bare), Version::V50).await;
    macro_rules! refused {
        ($($method:ident $request:ident $response:ident;)*) => { $(
            let rejection = match esme.request($request::default()).await {
                Err(CallError::Rejected(rejection)) => rejection,
                other => panic!("{other:?}"),
            };
            assert_eq!(rejection.command_status(), CommandStatus::ESME_RINVCMDID);
            let own = <$request as Request>::COMMAND_ID.response();
            assert_eq!(rejection.decode().unwrap().pdu.command_id(), own);
        )* };
    }
    each_operation! { refused }
}

/// Refuses all, each second time after a while, and says more.
#[derive(Default)]
struct Explains(AtomicBool);

fn because() -> Tlvs {
    let mut tlvs = Tlvs::default();
    tlvs.push(tlv::ADDITIONAL_STATUS_INFO_TEXT, b"full").unwrap();
    tlvs
}

fn explained() -> Reject {
    Reject::new(CommandStatus::ESME_RMSGQFUL).with_tlvs(because())
}

macro_rules! explains {
    ($($method:ident $request:ident $response:ident;)*) => {
        #[async_trait]
        impl Handler for Explains { $(
            async fn $method(&self, _: Kept<$request>) -> Result<$response, Reject> {
                if self.0.fetch_xor(true, Ordering::Relaxed) {
                    tokio::task::yield_now().await;
                }
                Err(explained())
            }
        )* }
    };
}
each_operation! { explains }

#[tokio::test]
async fn a_refusal_explains_itself_by_tlvs_where_the_version_has_them() {
    let esme = bound(Arc::new(Explains::default()), Version::V50).await;
    macro_rules! explained {
        ($($method:ident $request:ident $response:ident;)*) => { $(
            let Err(CallError::Rejected(rejection)) = esme.request($request::default()).await else { panic!() };
            assert_eq!(rejection.command_status(), CommandStatus::ESME_RMSGQFUL);
            let expected = answer_of(|it: &mut $response| it.tlvs = because());
            assert_eq!(rejection.decode().unwrap().pdu.into_owned(), Pdu::from(expected));
        )* };
    }
    // Twice nine: each of them at once, and later.
    for _ in 0..2 {
        each_operation! { explained }
    }
    // Before TLVs there is the status alone.
    let esme = bound(Arc::new(Explains::default()), Version::V33).await;
    assert_eq!(
        status(esme.request(SubmitSm::default()).await),
        CommandStatus::ESME_RMSGQFUL
    );
}

/// Answers from the read buffer what begins with "now"; a wrong response to what begins with "wrong".
struct AtOnce;

#[async_trait]
impl Handler for AtOnce {
    fn at_once(&self, pdu: &Pdu<&[u8]>) -> Option<Result<AnyResponse, Reject>> {
        let Pdu::SubmitSm(pdu) = pdu else { return None };
        match pdu.short_message.as_bytes() {
            b"now" => Some(Ok(
                answer_of(|it: &mut SubmitSmResp| it.message_id = id("at once")).into()
            )),
            b"no" => Some(Err(explained())),
            b"wrong" => Some(Ok(DataSmResp::default().into())),
            _ => None,
        }
    }
    async fn submit_sm(&self, _: Kept<SubmitSm>) -> Result<SubmitSmResp, Reject> {
        Ok(answer_of(|it: &mut SubmitSmResp| it.message_id = id("later")))
    }
}

#[tokio::test]
async fn what_needs_no_waiting_is_answered_without_a_future() {
    let esme = bound(Arc::new(AtOnce), Version::V34).await;
    let submit = |text: &str| SubmitSm {
        short_message: ShortMessage::new(text).unwrap(),
        ..SubmitSm::default()
    };
    assert_eq!(esme.request(submit("now")).await.unwrap().message_id, id("at once"));
    assert_eq!(esme.request(submit("other")).await.unwrap().message_id, id("later"));
    assert_eq!(status(esme.request(submit("no")).await), CommandStatus::ESME_RMSGQFUL);
    assert_eq!(status(esme.request(submit("wrong")).await), CommandStatus::ESME_RSYSERR);
    assert_eq!(
        status(esme.request(DataSm::default()).await),
        CommandStatus::ESME_RINVCMDID
    );
}

/// Does by hand what an async method cannot: it panics before there is a future, or leaves one that asks its session when it
/// is dropped.
#[derive(Default)]
struct ByHand(Arc<OnceLock<Peer>>);

/// Ready at once.
struct Asks(Arc<OnceLock<Peer>>);

impl Future for Asks {
    type Output = Result<SubmitSmResp, Reject>;
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(Ok(answer_of(|it: &mut SubmitSmResp| it.message_id = id("asks"))))
    }
}
impl Drop for Asks {
    fn drop(&mut self) {
        assert_eq!(self.0.get().unwrap().version(), Version::V34);
    }
}

impl Handler for ByHand {
    fn submit_sm<'h, 'f>(
        &'h self,
        pdu: Kept<SubmitSm>,
    ) -> Pin<Box<dyn Future<Output = Result<SubmitSmResp, Reject>> + Send + 'f>>
    where
        'h: 'f,
        Self: 'f,
    {
        match pdu.view().short_message.as_bytes() {
            b"panic" => panic!("as it was told"),
            b"panic within" => Box::pin(async { panic!("as it was told") }),
            _ => Box::pin(Asks(self.0.clone())),
        }
    }
    fn bound(&self, peer: &Peer) {
        assert!(self.0.set(peer.clone()).is_ok());
    }
}

#[test]
fn a_panic_costs_its_request_and_what_a_future_leaves_may_ask_the_session() {
    // A thread that waits for itself runs no timer either, so its time is looked after from another.
    let (alive, ended) = std::sync::mpsc::channel::<()>();
    let asks = std::thread::spawn(move || {
        let _alive = alive;
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_all().build().unwrap().block_on(by_hand());
    });
    let ended = ended.recv_timeout(Duration::from_secs(20));
    assert_eq!(ended, Err(RecvTimeoutError::Disconnected), "it waits for itself");
    asks.join().unwrap();
}

async fn by_hand() {
    let (esme, _task) = session(Arc::new(ByHand::default()), Version::V34).await;
    for (text, answer) in [
        ("panic", Err(CommandStatus::ESME_RSYSERR)),
        ("ask", Ok(id("asks"))),
        ("panic within", Err(CommandStatus::ESME_RSYSERR)),
        ("ask", Ok(id("asks"))),
    ] {
        let submit = SubmitSm::default().short_message(ShortMessage::new(text).unwrap());
        let answered = esme.request(submit).await.map(|resp| resp.message_id);
        assert_eq!(answered.map_err(|error| error.command_status().unwrap()), answer);
    }
}

/// Answers one request, and none that follows.
struct AnswersOne {
    allowed: Semaphore,
    begun: mpsc::UnboundedSender<()>,
    ended: mpsc::UnboundedSender<(CloseReason, u64)>,
}

#[async_trait]
impl Handler for AnswersOne {
    async fn submit_sm(&self, _: Kept<SubmitSm>) -> Result<SubmitSmResp, Reject> {
        let _ = self.begun.send(());
        self.allowed
            .acquire()
            .await
            .map_err(|_| CommandStatus::ESME_RSYSERR)?
            .forget();
        Ok(SubmitSmResp::default())
    }
    fn closed(&self, reason: CloseReason, unanswered: u64) {
        let _ = self.ended.send((reason, unanswered));
    }
}

#[tokio::test]
async fn the_handler_is_told_how_many_requests_the_end_left_unanswered() {
    let ((begun, mut begins), (ended, mut ends)) = (mpsc::unbounded_channel(), mpsc::unbounded_channel());
    let allowed = Semaphore::new(1);
    let (esme, task) = session(Arc::new(AnswersOne { allowed, begun, ended }), Version::V34).await;
    esme.request(SubmitSm::default()).await.unwrap();
    for _ in 0..3 {
        let esme = esme.clone();
        tokio::spawn(async move { esme.request(SubmitSm::default()).await });
    }
    for _ in 0..4 {
        begins.recv().await.unwrap();
    }
    // The ESME is gone without a word.
    task.abort();
    assert_eq!(ends.recv().await.unwrap(), (CloseReason::PeerClosed, 3));
    assert!(ends.recv().await.is_none(), "it is told once");
}
