//! The centre: honest sessions behind a [`Tap`] each, and a record of what they got.

use crate::fake::{esme, message};
use crate::script::{Next, Script};
use crate::tap::{Item, Tap, Told};
use smpp_esme::pdu::{
    BindReceiverResp, BindTransceiverResp, BindTransmitterResp, COctetString, Codec, CommandId, CommandStatus, Header,
    Outbind, Password, Pdu, SubmitSmResp,
};
use smpp_esme::{Bound, Builder, Client, CloseReason, Config, Connect, ConnectError, Inbound, async_trait};
use smpp_session::{Event, Outcome, Received, Role, Session};
use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf, duplex, split};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A centre; a clone is the same one.
#[derive(Debug, Clone)]
pub(crate) struct Smsc {
    script: Arc<Script>,
    record: Arc<watch::Sender<Record>>,
}

/// What has come to a centre, and what became of what it asked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record {
    pub(crate) connections: usize,
    /// Why those that are over are.
    pub(crate) closed: Vec<CloseReason>,
    /// How many PDUs of each kind the clients have sent.
    pub(crate) heard: HashMap<CommandId, usize>,
    /// When each connection came.
    pub(crate) came: Vec<Instant>,
    /// The messages, as often and in the order in which they came.
    pub(crate) arrivals: Vec<String>,
    /// The messages, by their texts.
    pub(crate) got: BTreeMap<String, Got>,
    /// The deliver_sm, by what became of them.
    pub(crate) deliveries: Deliveries,
}

/// How often a message has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Got {
    pub(crate) times: usize,
    /// Of these, so often the answer said that the centre does not have it.
    pub(crate) refused: usize,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Deliveries {
    pub(crate) asked: usize,
    pub(crate) accepted: usize,
    pub(crate) throttled: usize,
    pub(crate) refused: usize,
    pub(crate) unknown: usize,
    pub(crate) unsent: usize,
}

impl Deliveries {
    pub(crate) fn ended(&self) -> usize {
        self.accepted + self.throttled + self.refused + self.unknown + self.unsent
    }
}

impl Record {
    /// How many PDUs of a kind the clients have sent.
    pub(crate) fn heard(&self, command: CommandId) -> usize {
        self.heard.get(&command).copied().unwrap_or_default()
    }
}

impl Smsc {
    pub(crate) fn new(script: Script) -> Self {
        let (script, record) = (Arc::new(script), Arc::default());
        Self { script, record }
    }

    /// A new connection to it.
    pub(crate) fn connect(&self) -> DuplexStream {
        let (ours, theirs) = duplex(PIPE);
        self.serve(ours, Begins::Client);
        theirs
    }

    /// A new connection that it opens itself, with an outbind.
    pub(crate) fn call(&self) -> DuplexStream {
        let (ours, theirs) = duplex(PIPE);
        self.serve(ours, Begins::Centre);
        theirs
    }

    /// A client over a new connection, bound.
    pub(crate) async fn bound(&self, builder: Builder) -> (Client, Inbound) {
        builder.connect_over(self.connect()).await.expect("bound")
    }

    /// Takes connections by TCP, at the address that is returned.
    pub(crate) async fn listen(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let (address, smsc) = (listener.local_addr().expect("an address"), self.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                smsc.serve(stream, Begins::Client);
            }
        });
        address
    }

    /// A client by TCP, bound.
    pub(crate) async fn bound_by_tcp(&self) -> (Client, Inbound) {
        let address = self.listen().await;
        esme().addresses([address]).connect().await.expect("bound")
    }

    fn serve<IO: Stream>(&self, io: IO, begins: Begins) {
        self.note(|record| {
            record.connections += 1;
            record.came.push(now());
        });
        let number = self.record.borrow().connections;
        let mut session = Session::new(Role::Smsc, generous(), now());
        if begins == Begins::Centre {
            session.notify(now(), &outbind()).expect("an open session");
        }
        let connection = Connection {
            smsc: self.clone(),
            session,
            tap: Tap::new(self.script.clone(), number),
            asked: HashMap::new(),
            input: Vec::new(),
            output: Vec::new(),
            deliver: 0,
            deaf: false,
            end: None,
        };
        tokio::spawn(connection.run(io));
    }

    pub(crate) fn record(&self) -> Record {
        self.record.borrow().clone()
    }

    /// Waits until the record is so.
    pub(crate) async fn until(&self, reached: impl FnMut(&Record) -> bool) -> Record {
        let mut record = self.record.subscribe();
        let waiting = record.wait_for(reached);
        let reached = tokio::time::timeout(PATIENCE, waiting).await;
        reached.expect("in time").expect("the record is ours").clone()
    }

    fn note(&self, note: impl FnOnce(&mut Record)) {
        self.record.send_modify(note);
    }
}

/// Which side has the first word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begins {
    Client,
    Centre,
}

fn outbind() -> Outbind {
    Outbind {
        system_id: COctetString::new("smsc").expect("a short name"),
        password: Password::new("secret").expect("a short password"),
        ..Outbind::default()
    }
}

/// Octets that a connection holds of each direction.
pub(crate) const PIPE: usize = 64 * 1024;

/// What a member of an endpoint connects by: a new connection to a centre each time.
#[derive(Debug, Clone)]
pub(crate) struct Line(pub(crate) Builder, pub(crate) Smsc);

#[async_trait]
impl Connect for Line {
    async fn connect(&self) -> Result<Bound, ConnectError> {
        Ok(self.0.connect_over(self.1.connect()).await?.into())
    }
}

/// Longer than whatever a stopped clock waits for; a story without one that takes so long hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(600);

/// A centre of which no limit stands in the way of its script.
fn generous() -> Config {
    let mut config = Config::default();
    (config.window, config.max_inbound) = (100_000, 100_000);
    (config.max_unwritten_requests, config.max_unwritten) = (usize::MAX / 2, usize::MAX);
    (config.enquire_link, config.session_init) = (Duration::MAX, Duration::MAX);
    config
}

fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// A stream that may have a harder end than its close.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {
    fn reset(self);
}

impl Stream for DuplexStream {
    fn reset(self) {}
}

impl Stream for TcpStream {
    fn reset(self) {
        self.set_zero_linger().expect("a socket");
    }
}

struct Connection {
    smsc: Smsc,
    session: Session<()>,
    tap: Tap,
    /// The messages that wait for their answer, by their sequence numbers.
    asked: HashMap<u32, String>,
    /// What the session has not looked at.
    input: Vec<u8>,
    /// What the stream has not taken.
    output: Vec<u8>,
    /// How many deliver_sm are still to be sent.
    deliver: usize,
    deaf: bool,
    end: Option<Next>,
}

impl Connection {
    async fn run<IO: Stream>(mut self, io: IO) {
        let (mut reader, mut writer) = split(io);
        let mut open = true;
        while open {
            self.turn();
            if self.output.is_empty() && (self.end.is_some() || self.is_over()) {
                break;
            }
            open = self.wait(&mut reader, &mut writer).await;
        }
        // What came with the end.
        self.session.handle_eof();
        self.turn();
        if let Some(Next::Reset) = self.end {
            reader.unsplit(writer).reset();
        }
    }

    /// The session is, and the tap has nothing left.
    fn is_over(&self) -> bool {
        self.session.poll_timeout().is_none() && self.tap.poll_timeout().is_none()
    }

    /// Waits for the first of what comes, what is taken and what is due; whether there is still a stream.
    async fn wait<IO: Stream>(&mut self, reader: &mut ReadHalf<IO>, writer: &mut WriteHalf<IO>) -> bool {
        let due = [self.session.poll_timeout(), self.tap.poll_timeout()];
        let due = due.into_iter().flatten().min().unwrap_or_else(|| now() + PATIENCE);
        let mut octets = Vec::new();
        tokio::select! {
            read = reader.read_buf(&mut octets), if !self.deaf => match read {
                Ok(n) if n > 0 => self.receive(&octets),
                _ => return false,
            },
            written = writer.write(&self.output), if !self.output.is_empty() => match written {
                Ok(n) => drop(self.output.drain(..n)),
                Err(_) => return false,
            },
            () = tokio::time::sleep_until(due.into()) => {}
        }
        true
    }

    fn receive(&mut self, octets: &[u8]) {
        let (smsc, asked) = (&self.smsc, &mut self.asked);
        self.tap.receive(octets, &mut self.input, |frame| {
            let (command, header) = Header::peek(frame).expect("a header");
            smsc.note(|record| *record.heard.entry(command).or_default() += 1);
            if let Ok(Pdu::SubmitSm(pdu)) = Codec::default().decode(frame).map(|decoded| decoded.pdu) {
                let text = String::from_utf8(pdu.short_message.as_bytes().to_vec()).expect("a text");
                smsc.note(|record| {
                    record.arrivals.push(text.clone());
                    record.got.entry(text.clone()).or_default().times += 1;
                });
                asked.insert(header.sequence_number, text);
            }
        });
    }

    /// What has come, what is due, and what is to be sent for it.
    fn turn(&mut self) {
        let (now, input) = (now(), std::mem::take(&mut self.input));
        let mut rest = &input[..];
        while let Some(event) = self.session.handle_bytes(now, &mut rest) {
            self.event(event);
        }
        self.session.handle_timeout(now);
        while let Some(event) = self.session.poll_event() {
            self.event(event);
        }
        for _ in 0..std::mem::take(&mut self.deliver) {
            self.smsc.note(|record| record.deliveries.asked += 1);
            let text = self.smsc.record.borrow().deliveries.asked.to_string();
            let asked = self.session.request(now, (), &message(&text));
            if asked.is_err() {
                self.smsc.note(|record| record.deliveries.unsent += 1); // it has begun to end
            }
        }
        self.send(now);
    }

    fn send(&mut self, now: Instant) {
        let mut out = Vec::new();
        if self.session.poll_transmit(&mut out) {
            self.session.handle_written(out.len());
        }
        let (smsc, asked) = (&self.smsc, &mut self.asked);
        self.tap.send(
            now,
            &out,
            |Told {
                 sequence_number,
                 refused,
             }| {
                let Some(text) = asked.remove(&sequence_number) else {
                    return;
                };
                smsc.note(|record| record.got.entry(text).or_default().refused += usize::from(refused));
            },
        );
        while self.end.is_none()
            && let Some(item) = self.tap.poll(now)
        {
            match item {
                Item::Octets(octets) | Item::Slowly(octets, _) => self.output.extend(octets),
                Item::Next(Next::Deaf) => self.deaf = true,
                Item::Next(Next::Unbind) => self.session.unbind(now),
                Item::Next(Next::Deliver(number)) => self.deliver += number,
                Item::Next(end) => self.end = Some(end),
            }
        }
        // What came out of the tap may have more to send.
        if self.session.has_transmit() || self.deliver > 0 {
            self.turn();
        }
    }

    fn event(&mut self, event: Event<'_, ()>) {
        match event {
            Event::Request(received) => answer(&mut self.session, received),
            Event::Ended { outcome, .. } => {
                let outcome = outcome.map(|answer| answer.command_status());
                self.smsc.note(|record| record.deliveries.count(outcome));
            }
            Event::Closed(reason) => self.smsc.note(|record| record.closed.push(reason)),
            _ => {}
        }
    }
}

impl Deliveries {
    fn count(&mut self, outcome: Outcome<CommandStatus>) {
        *match outcome {
            Outcome::Answered(CommandStatus::ESME_ROK) => &mut self.accepted,
            Outcome::Answered(CommandStatus::ESME_RTHROTTLED) => &mut self.throttled,
            Outcome::Answered(_) | Outcome::Nacked(_) => &mut self.refused,
            Outcome::NotWritten(_) => &mut self.unsent,
            _ => &mut self.unknown,
        } += 1;
    }
}

/// Everything is accepted; the message_id of a message is its text.
fn answer(session: &mut Session<()>, Received { token, pdu, .. }: Received<'_>) {
    let response: Pdu = match pdu {
        Pdu::BindTransceiver(_) => BindTransceiverResp::default().into(),
        Pdu::BindTransmitter(_) => BindTransmitterResp::default().into(),
        Pdu::BindReceiver(_) => BindReceiverResp::default().into(),
        Pdu::SubmitSm(pdu) => SubmitSmResp {
            message_id: COctetString::new(pdu.short_message.as_bytes()).expect("a short text"),
            ..SubmitSmResp::default()
        }
        .into(),
        other => panic!("no client of these stories sends that: {other:?}"),
    };
    session
        .respond(token, CommandStatus::ESME_ROK, &response)
        .expect("answered");
}
