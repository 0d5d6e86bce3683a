//! The attackers: so many of each kind, each at its own pace, so that an attack is the same on every machine, and costs
//! this one a small part of a processor.

use crate::Fault;
use smpp_pdu::{BindTransceiver, COctetString, Codec, Encode, EnquireLink, Header, ShortMessage, SubmitSm};
use std::future::pending;
use std::io::Result;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{interval, timeout};

/// One kind of attack.
struct Kind {
    name: &'static str,
    /// How many of it there are at once; or, of those that only come and go, how many a second.
    number: u64,
    /// What is counted, of one a second; or of one in all.
    pace: Pace,
    done: AtomicU64,
    /// Whether the server is to close each of them for it, within a phase.
    ends: bool,
    closed: AtomicU64,
}

enum Pace {
    /// Each is one connection, begun anew so many times a second.
    Comes,
    /// Each does so much a second.
    Each(u64),
    /// Each does so much once.
    Once(u64),
}

const fn kind(name: &'static str, number: u64, pace: Pace) -> Kind {
    let (done, closed) = (AtomicU64::new(0), AtomicU64::new(0));
    Kind {
        name,
        number,
        pace,
        done,
        ends: false,
        closed,
    }
}

/// One that lasts until the server has had enough of it.
const fn lasting(name: &'static str, number: u64, pace: Pace) -> Kind {
    let mut kind = kind(name, number, pace);
    kind.ends = true;
    kind
}

/// Connects, and leaves without a word.
static LEAVE: Kind = kind("connect and leave", 200, Pace::Comes);
/// Binds, sends half a submit_sm, and resets the connection.
static RESET: Kind = kind("reset in a PDU", 200, Pace::Comes);
/// Sends a kilobyte of noise.
static GARBAGE: Kind = kind("garbage", 100, Pace::Comes);
/// Connects, and says nothing.
static SILENT: Kind = lasting("connect and stay", 100, Pace::Once(1));
/// Binds, and sends a long PDU octet by octet; when it is closed, begins again.
static LORIS: Kind = lasting("octets, one by one", 200, Pace::Each(10));
/// Submits, and reads an octet now and then.
static SLOW: Kind = kind("submits, slow readers", 20, Pace::Each(100));
/// Submits 10,000 at once, and then what the server still takes, and reads nothing.
static DEAF: Kind = lasting("submits, no readers", 12, Pace::Once(10_000));
/// Submits 10,000 at once that the handler does not answer.
static KEPT: Kind = kind("submits, unanswered", 8, Pace::Once(10_000));
/// Asks whether the server is there; when it is closed, begins again.
static FLOOD: Kind = lasting("enquire_links", 10, Pace::Each(2_000));

static KINDS: [&Kind; 9] = [&LEAVE, &RESET, &GARBAGE, &SILENT, &LORIS, &SLOW, &DEAF, &KEPT, &FLOOD];

/// Where messages go that the handler does not answer.
pub(crate) const NOWHERE: &str = "0";
const SOMEBODY: &str = "447700900123";
/// Many times what the server may keep for one that does not read: if it kept it all, it would be seen to grow.
const WITHOUT_END: u64 = 200_000;
/// A PDU that a phase does not see the end of.
const LONG: u32 = 60_000;

impl Kind {
    fn did(&self, number: u64) {
        self.done.fetch_add(number, Relaxed);
    }

    fn is_closed(&self) {
        self.closed.fetch_add(1, Relaxed);
    }

    /// How much all of it is to do.
    fn stated(&self, seconds: u64) -> u64 {
        self.number
            * match self.pace {
                Pace::Comes => seconds,
                Pace::Each(pace) => pace * seconds,
                Pace::Once(number) => number,
            }
    }
}

/// Attacks for so many seconds, and prints what was done, and what was to be.
#[tokio::main(flavor = "current_thread")]
pub(crate) async fn run(address: &str, seconds: &str) -> std::result::Result<(), Fault> {
    let (address, seconds) = (address.parse()?, seconds.parse()?);
    let _ = timeout(Duration::from_secs(seconds), all(address)).await;
    for kind in KINDS {
        let (closed, due) = (kind.closed.load(Relaxed), if kind.ends { kind.number } else { 0 });
        println!(
            "{} {} {closed} {due} {}",
            kind.done.load(Relaxed),
            kind.stated(seconds),
            kind.name
        );
    }
    Ok(())
}

/// Fails if there was less than half of an attack that was to be: then nothing is proven. Returns those attacks that
/// the server is to put an end to, and has let go on: it has closed less than half of them.
pub(crate) fn as_stated(printed: &str) -> std::result::Result<Vec<String>, Fault> {
    let (mut told, mut let_go_on) = (Vec::new(), Vec::new());
    for line in printed.lines() {
        let mut words = line.splitn(5, ' ');
        let mut number = || -> std::result::Result<u64, Fault> { Ok(words.next().ok_or("no number")?.parse()?) };
        let (done, stated, closed, due) = (number()?, number()?, number()?, number()?);
        let name = words.next().ok_or("no name")?;
        if done < stated / 2 {
            return Err(format!("{name}: {done} of {stated}: the attackers were too slow").into());
        }
        if closed < due / 2 {
            let_go_on.push(name.to_owned());
        }
        told.push(match due {
            0 => format!("{done} {name}"),
            _ => format!("{done} {name} ({closed} closed)"),
        });
    }
    println!("            {}", told.join(", "));
    (told.len() == KINDS.len())
        .then_some(let_go_on)
        .ok_or("not all attackers tell what they did".into())
}

async fn all(address: SocketAddr) {
    let mut all = JoinSet::new();
    for _ in 0..SILENT.number {
        all.spawn(async move {
            let _ = silent(address).await;
        });
    }
    for _ in 0..LORIS.number {
        all.spawn(again(move || loris(address)));
    }
    for _ in 0..SLOW.number {
        all.spawn(again(move || slow(address)));
    }
    for _ in 0..FLOOD.number {
        all.spawn(again(move || flood(address)));
    }
    for _ in 0..DEAF.number {
        all.spawn(async move {
            if deaf(address).await.is_err() {
                DEAF.is_closed();
            }
        });
    }
    for _ in 0..KEPT.number {
        all.spawn(async move {
            let _ = kept(address).await;
        });
    }
    all.spawn(come_and_go(&LEAVE, move || leave(address)));
    all.spawn(come_and_go(&RESET, move || reset(address)));
    all.spawn(come_and_go(&GARBAGE, move || garbage(address)));
    all.join_all().await;
    pending().await
}

/// One after the other.
async fn again<F: Future<Output = Result<()>>>(attack: impl Fn() -> F) {
    loop {
        if attack().await.is_err() {
            tokio::task::yield_now().await;
        }
    }
}

/// Beside each other.
async fn come_and_go<F>(kind: &'static Kind, attack: impl Fn() -> F)
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    let mut tick = interval(Duration::from_secs(1) / kind.number as u32);
    let mut here = JoinSet::new();
    loop {
        tick.tick().await;
        here.spawn(attack());
        while let Some(gone) = here.try_join_next() {
            if matches!(gone, Ok(Ok(()))) {
                kind.did(1);
            }
        }
    }
}

async fn leave(address: SocketAddr) -> Result<()> {
    TcpStream::connect(address).await.map(drop)
}

async fn reset(address: SocketAddr) -> Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(&pdu(&bind())).await?;
    stream.read_exact(&mut [0; 16]).await?;
    stream.write_all(&pdu(&submit(SOMEBODY))[..100]).await?;
    stream.set_zero_linger()
}

async fn garbage(address: SocketAddr) -> Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    // Xorshift: what it is does not matter, but that it is the same in every run.
    let mut noise = 0x9E37_79B9_7F4A_7C15_u64 ^ GARBAGE.done.load(Relaxed);
    let octets: Vec<u8> = std::iter::repeat_with(|| {
        noise ^= noise << 13;
        noise ^= noise >> 7;
        noise ^= noise << 17;
        noise.to_be_bytes()[0]
    })
    .take(1_024)
    .collect();
    stream.write_all(&octets).await?;
    // Closed, or reset: the server has had enough.
    let _ = stream.read_to_end(&mut Vec::new()).await;
    stream.set_zero_linger()
}

async fn silent(address: SocketAddr) -> Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    SILENT.did(1);
    until_closed(&mut stream).await;
    SILENT.is_closed();
    Ok(())
}

async fn loris(address: SocketAddr) -> Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    stream.write_all(&pdu(&bind())).await?;
    let (mut reads, mut writes) = stream.split();
    let octets = async {
        let mut tick = interval(Duration::from_millis(100));
        let mut long = pdu(&submit(SOMEBODY));
        long.splice(..4, LONG.to_be_bytes());
        for octet in long.into_iter().cycle() {
            tick.tick().await;
            writes.write_all(&[octet]).await?;
            LORIS.did(1);
        }
        Result::Ok(())
    };
    tokio::select! {
        () = until_closed(&mut reads) => {}
        _ = octets => {}
    }
    LORIS.is_closed();
    Ok(())
}

async fn slow(address: SocketAddr) -> Result<()> {
    let (mut stream, submit) = (bound_with_little_room(address).await?, pdu(&submit(SOMEBODY)));
    let mut tick = interval(Duration::from_millis(50));
    loop {
        tick.tick().await;
        stream.read_exact(&mut [0]).await?;
        for _ in 0..5 {
            stream.write_all(&submit).await?;
        }
        SLOW.did(5);
    }
}

/// Fails when it is closed.
async fn deaf(address: SocketAddr) -> Result<()> {
    let mut stream = bound_with_little_room(address).await?;
    let submits = pdu(&submit(SOMEBODY)).repeat(100);
    for sent in (0..WITHOUT_END).step_by(100) {
        stream.write_all(&submits).await?;
        if sent < 10_000 {
            DEAF.did(100);
        }
    }
    pending().await
}

async fn kept(address: SocketAddr) -> Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(&pdu(&bind())).await?;
    let (mut reads, mut writes) = stream.split();
    let submits = async {
        let submits = pdu(&submit(NOWHERE)).repeat(100);
        for _ in 0..100 {
            writes.write_all(&submits).await?;
            KEPT.did(100);
        }
        pending().await
    };
    tokio::select! {
        () = until_closed(&mut reads) => Ok(()),
        failed = submits => failed,
    }
}

async fn flood(address: SocketAddr) -> Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(&pdu(&bind())).await?;
    let (mut reads, mut writes) = stream.split();
    let asks = async {
        let (twenty, mut tick) = (
            pdu(&EnquireLink::default()).repeat(20),
            interval(Duration::from_millis(10)),
        );
        loop {
            tick.tick().await;
            writes.write_all(&twenty).await?;
            FLOOD.did(20);
        }
    };
    // Closed for it, after a while.
    tokio::select! {
        () = until_closed(&mut reads) => {}
        failed = asks => drop::<Result<()>>(failed),
    }
    FLOOD.is_closed();
    Ok(())
}

/// Reads until the server has closed the connection.
async fn until_closed(reads: &mut (impl AsyncReadExt + Unpin)) {
    let mut room = [0; 4096];
    while matches!(reads.read(&mut room).await, Ok(1..)) {}
}

/// Bound, with the smallest of receive buffers, and the answer to the bind unread.
async fn bound_with_little_room(address: SocketAddr) -> Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(1)?;
    let mut stream = socket.connect(address).await?;
    stream.write_all(&pdu(&bind())).await?;
    Ok(stream)
}

fn bind() -> BindTransceiver {
    BindTransceiver {
        system_id: COctetString::new("attacker").unwrap_or_default(),
        interface_version: 0x34,
        ..BindTransceiver::default()
    }
}

fn submit(to: &str) -> SubmitSm {
    let mut submit = SubmitSm::default();
    submit.destination_addr.addr = COctetString::new(to).unwrap_or_default();
    submit.short_message = ShortMessage::new(&[b'x'; 130][..]).unwrap_or_default();
    submit
}

fn pdu(pdu: &impl Encode) -> Vec<u8> {
    let mut octets = Vec::new();
    // All of them fit into 3.4.
    let _ = Codec::default().encode(Header::request(1), pdu, &mut octets);
    octets
}
