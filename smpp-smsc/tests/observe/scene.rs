//! Sessions in which all happens that can be seen, once, under a clock that nobody waits for.

use crate::recorder::Recorded;
use smpp_esme::{CallError, Client, Esme};
use smpp_pdu::{
    Address, BindTransceiver, COctetString, Codec, CommandId, CommandStatus, DeliverSm, Encode, Header, Kept, Npi,
    Password, Pdu, ShortMessage, SubmitSm, SubmitSmResp, Ton, next_frame,
};
use smpp_session::driver::{Asked, Connection, Reply, Served, Service, span};
use smpp_session::{Received, Role};
use smpp_smsc::{Acceptor, Bind, Config, ConnectionInfo, Handler, Peer, Reject, Server, Stats, async_trait};
use std::io;
use std::sync::{Arc, LazyLock, Mutex};
use std::task::Context;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tracing::Instrument;
use tracing_subscriber::fmt::MakeWriter;

pub(crate) const SYSTEM_ID: &str = "esmesystem";
pub(crate) const PASSWORD: &str = "pa55word";
pub(crate) const NUMBER: &str = "447700900123";
pub(crate) const TEXT: &str = "meet me at noon";
pub(crate) const MESSAGE_ID: &str = "msgid7F3A";
/// How many strangers come at once.
pub(crate) const FLOOD: u64 = 3_000;

/// What was seen of it all.
pub(crate) struct Scene {
    pub(crate) recorded: Recorded,
    pub(crate) log: String,
    /// What the server has counted.
    pub(crate) server: Stats,
}

pub(crate) static SCENE: LazyLock<Scene> = LazyLock::new(|| {
    let (recorded, log) = (Recorded::default(), Log::default());
    metrics::set_global_recorder(recorded.clone()).unwrap();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .without_time()
        .with_writer(log.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    let server = runtime.block_on(async { tokio::time::timeout(Duration::from_secs(3600), play()).await.unwrap() });
    // What is left of it ends here.
    drop(runtime);
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    Scene { recorded, log, server }
});

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(octets);
        Ok(octets.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;
    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// Knows one account, and does what the text of a message says.
struct Desk;

#[async_trait]
impl Acceptor for Desk {
    async fn bind(&self, bind: &Bind, _: &ConnectionInfo) -> Result<Arc<dyn Handler>, Reject> {
        match bind.password.as_bytes() == PASSWORD.as_bytes() {
            true => Ok(Arc::new(Desk)),
            false => Err(CommandStatus::ESME_RINVPASWD.into()),
        }
    }
}

#[async_trait]
impl Handler for Desk {
    async fn submit_sm(&self, pdu: Kept<SubmitSm>) -> Result<SubmitSmResp, Reject> {
        let text = String::from_utf8_lossy(pdu.view().short_message.as_bytes()).into_owned();
        match text.trim_start_matches(TEXT) {
            " full" => return Err(CommandStatus::ESME_RMSGQFUL.into()),
            " odd" => return Err(CommandStatus(0x0000_0abc).into()),
            // After the client has given it up, and before the server does.
            " late" => tokio::time::sleep(Duration::from_secs(40)).await,
            " never" => std::future::pending().await,
            _ => {}
        }
        Ok(SubmitSmResp {
            message_id: COctetString::new(MESSAGE_ID).unwrap(),
            ..SubmitSmResp::default()
        })
    }
    fn bound(&self, peer: &Peer) {
        let peer = peer.clone();
        tokio::spawn(async move {
            let _ = peer
                .deliver_sm(&DeliverSm {
                    source_addr: address(),
                    short_message: text(""),
                    ..DeliverSm::default()
                })
                .await;
        });
    }
}

fn address() -> Address {
    Address {
        ton: Ton::INTERNATIONAL,
        npi: Npi::ISDN,
        addr: COctetString::new(NUMBER).unwrap(),
    }
}

fn text(what: &str) -> ShortMessage {
    ShortMessage::new(format!("{TEXT}{what}")).unwrap()
}

fn submit(what: &str) -> SubmitSm {
    SubmitSm {
        destination_addr: address(),
        short_message: text(what),
        ..SubmitSm::default()
    }
}

async fn play() -> Stats {
    let mut config = Config::default();
    config.max_inbound = 3;
    let server = Server::builder(Desk).config(config).max_connections(3).build();
    binds_that_are_refused(&server).await;
    a_client(&server).await;
    a_peer_of_octets(&server).await;
    a_client_that_loses_its_centre().await;
    strangers(&server).await;
    drop(nobody_polls());
    server.shutdown().await;
    // One more is turned away, for it is over.
    assert!(server.serve(tokio::io::duplex(1).0).await.is_none());
    server.stats()
}

fn serve(server: &Server) -> DuplexStream {
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    let server = server.clone();
    tokio::spawn(async move { server.serve(theirs).await });
    ours
}

async fn connect(server: &Server, password: &str) -> Result<(Client, smpp_esme::Inbound), smpp_esme::BindError> {
    let builder = Esme::builder(&format!("smpp://{SYSTEM_ID}:{password}@host")).unwrap();
    builder.window(3).connect_over(serve(server)).await
}

async fn binds_that_are_refused(server: &Server) {
    assert!(connect(server, "wrong").await.is_err());
}

async fn a_client(server: &Server) {
    let (client, mut inbound) = connect(server, PASSWORD).await.unwrap();
    if let Some(smpp_esme::Delivery::DeliverSm(_, responder)) = inbound.recv().await {
        let _ = responder.accept();
    }
    client.submit_sm(&submit("")).await.unwrap();
    for what in [" full", " odd"] {
        assert!(matches!(
            client.submit_sm(&submit(what)).await,
            Err(CallError::Rejected(_))
        ));
    }
    for what in [" late", " never"] {
        assert!(matches!(
            client.submit_sm(&submit(what)).await,
            Err(CallError::TimedOut)
        ));
    }
    // Both are answered by now, or given up by the server, and nobody waits for it.
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(client.stats().stray >= 2, "{:?}", client.stats());
    client.unbind().await;
}

fn octets(pdu: &impl Encode, number: u32) -> Vec<u8> {
    let mut octets = Vec::new();
    Codec::default()
        .encode(Header::request(number), pdu, &mut octets)
        .unwrap();
    octets
}

/// A PDU put together by hand.
fn raw(command: u32, number: u32, body: &[u8]) -> Vec<u8> {
    let header = [16 + body.len() as u32, command, 0, number]
        .map(u32::to_be_bytes)
        .concat();
    [header, body.to_vec()].concat()
}

fn bind() -> BindTransceiver {
    BindTransceiver {
        system_id: COctetString::new(SYSTEM_ID).unwrap(),
        password: Password::new(PASSWORD).unwrap(),
        interface_version: 0x34,
        ..BindTransceiver::default()
    }
}

/// A connection that has a driver, and whose future is never polled.
fn nobody_polls() -> impl Future {
    let connection = Connection::new(Role::Esme, Config::default());
    connection
        .drive(tokio::io::empty(), Nobody)
        .instrument(span(Role::Esme, 0))
}

struct Nobody;

impl Service for Nobody {
    type Response = Pdu;
    type Handling = std::future::Pending<Option<Reply<Pdu>>>;

    fn request<'a>(&self, _: &mut Context<'_>, asked: Asked<'a>, _: &Received<'_>) -> Served<'a, Self::Handling> {
        asked.reject(CommandStatus::ESME_RINVCMDID)
    }
}

/// One that does all that is wrong.
async fn a_peer_of_octets(server: &Server) {
    let mut io = serve(server);
    io.write_all(&octets(&bind(), 1)).await.unwrap();
    let mut forgiven = octets(&submit(""), 2);
    forgiven.push(0);
    let len = forgiven.len() as u32;
    forgiven[..4].copy_from_slice(&len.to_be_bytes());
    let mut all = forgiven;
    for number in 3..40 {
        // Cut in the text.
        all.extend(raw(
            CommandId::SUBMIT_SM.0,
            number,
            format!("\0\0\0{NUMBER}").as_bytes(),
        ));
    }
    all.extend(raw(0x0001_0201, 50, TEXT.as_bytes()));
    all.extend(raw(0x0004_2000, 51, TEXT.as_bytes()));
    all.extend(octets(&bind(), 52));
    for number in 60..70 {
        all.extend(octets(&submit(" never"), number));
    }
    io.write_all(&all).await.unwrap();
    // Its deliver_sm is refused.
    let (mut came, mut room) = (Vec::new(), [0; 4096]);
    'reading: loop {
        let n = io.read(&mut room).await.unwrap();
        came.extend_from_slice(&room[..n]);
        let mut rest = &came[..];
        while let Some(frame) = next_frame(&mut rest, 1 << 17).unwrap() {
            let (command, header) = Header::peek(frame).unwrap();
            if command == CommandId::DELIVER_SM {
                let mut nack = raw(CommandId::GENERIC_NACK.0, header.sequence_number, b"");
                nack[11] = 8;
                io.write_all(&nack).await.unwrap();
                break 'reading;
            }
        }
    }
    // Long enough for what there is to be published.
    tokio::time::sleep(Duration::from_secs(20)).await;
}

async fn a_client_that_loses_its_centre() {
    let (ours, mut theirs) = tokio::io::duplex(1 << 16);
    let asking = tokio::spawn(async move {
        let builder = Esme::builder(&format!("smpp://{SYSTEM_ID}:{PASSWORD}@host?bind=tx")).unwrap();
        let (client, _inbound) = builder.connect_over(ours).await.unwrap();
        client.submit_sm(&submit("")).await
    });
    let mut room = [0; 4096];
    assert!(theirs.read(&mut room).await.unwrap() > 0);
    let resp = raw(CommandId::BIND_TRANSMITTER_RESP.0, 1, b"centre\0");
    theirs.write_all(&resp).await.unwrap();
    assert!(theirs.read(&mut room).await.unwrap() > 0);
    drop(theirs);
    assert!(matches!(asking.await.unwrap(), Err(CallError::MaybeDelivered(_))));
}

async fn strangers(server: &Server) {
    let mut all = Vec::new();
    while server.connections() < 3 {
        all.push(serve(server));
        tokio::task::yield_now().await;
    }
    for _ in 0..FLOOD {
        assert!(server.serve(tokio::io::duplex(1).0).await.is_none());
    }
    drop(all);
    while server.connections() > 0 {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    // And those that are let in, and ask for nothing.
    for _ in 0..FLOOD {
        let (ours, theirs) = tokio::io::duplex(64);
        let (mut ours, served) = (ours, server.serve(theirs));
        ours.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        drop(ours);
        assert!(served.await.is_some());
    }
}
