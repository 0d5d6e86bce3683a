//! A relay between the two sides that cuts every connection, sooner or later, at some octet.

use crate::chance::Chance;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// How a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cut {
    /// Both sides are told that it is over, behind what they were sent.
    Closed,
    /// Both are reset: what they were sent and have not read is lost too.
    Reset,
    /// What the client sends is lost, for a while; then it is closed.
    Deaf,
    /// What the server sends is, in the same way.
    Mute,
    /// All is, and neither side is told anything: they find out by enquire_link.
    Silent,
}

const CUTS: [Cut; 5] = [Cut::Closed, Cut::Reset, Cut::Deaf, Cut::Mute, Cut::Silent];
/// Octets of one direction after which a connection is cut, at most. A message and its answer have some 100.
const LIFE: u64 = 8_000;
/// Octets of a bind, or its answer.
const BIND: u64 = 60;
/// How long a side is not heard before its connection is closed.
const UNHEARD: Duration = Duration::from_millis(50);
/// Longer than a silent connection may live: a side that has not found out by then never will.
const FORGOTTEN: Duration = Duration::from_secs(30);

/// What became of the connections.
#[derive(Debug, Default)]
pub(crate) struct Cuts {
    pub(crate) connections: usize,
    pub(crate) by: BTreeMap<Cut, usize>,
    /// Of these, in the middle of a PDU.
    pub(crate) within_a_pdu: usize,
    /// Silent connections that neither side has given up.
    pub(crate) forgotten: usize,
}

impl Cuts {
    pub(crate) fn all(&self) -> usize {
        self.by.values().sum()
    }
}

/// Relays to `server` until its runtime ends. Returns where, and what it counts.
pub(crate) async fn relay(server: SocketAddr, seed: u64) -> io::Result<(SocketAddr, Arc<Mutex<Cuts>>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let (address, cuts) = (listener.local_addr()?, Arc::<Mutex<Cuts>>::default());
    let (counts, mut chance) = (cuts.clone(), Chance::new(seed));
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let Ok(server) = TcpStream::connect(server).await else {
                continue;
            };
            counts.lock().unwrap().connections += 1;
            let fate = Fate::by(&mut chance);
            tokio::spawn(Relayed::new(client, server, fate, counts.clone()).run());
        }
    });
    Ok((address, cuts))
}

/// When and how one connection is cut.
struct Fate {
    /// Whether the octets of the client are counted, or those of the server.
    upwards: bool,
    left: usize,
    cut: Cut,
}

impl Fate {
    fn by(chance: &mut Chance) -> Self {
        let cut = CUTS[chance.below(CUTS.len() as u64) as usize];
        Self {
            // What is lost begins where it is cut: there is no hole in what is heard.
            upwards: match cut {
                Cut::Deaf => true,
                Cut::Mute => false,
                _ => chance.below(2) == 0,
            },
            // Some do not live to be bound.
            left: match chance.below(8) {
                0 => chance.below(BIND) as usize,
                _ => chance.below(LIFE) as usize,
            },
            cut,
        }
    }
}

struct Relayed {
    client: TcpStream,
    server: TcpStream,
    fate: Fate,
    pdus: Pdus,
    cuts: Arc<Mutex<Cuts>>,
}

impl Relayed {
    fn new(client: TcpStream, server: TcpStream, fate: Fate, cuts: Arc<Mutex<Cuts>>) -> Self {
        for stream in [&client, &server] {
            let _ = stream.set_nodelay(true);
        }
        let pdus = Pdus::default();
        Self {
            client,
            server,
            fate,
            pdus,
            cuts,
        }
    }

    async fn run(mut self) {
        // One that a side has closed before is no cut.
        if self.until_cut().await.is_ok() {
            self.count();
            self.cut().await;
        }
    }

    fn count(&self) {
        let mut cuts = self.cuts.lock().unwrap();
        *cuts.by.entry(self.fate.cut).or_default() += 1;
        cuts.within_a_pdu += usize::from(!self.pdus.is_between());
    }

    /// An error is that a side has closed it, or broken it.
    async fn until_cut(&mut self) -> io::Result<()> {
        let (mut up, mut down) = ([0; 2048], [0; 2048]);
        while self.fate.left > 0 {
            let (to, octets, counts) = tokio::select! {
                read = self.client.read(&mut up) => (&mut self.server, &up[..some(read)?], self.fate.upwards),
                read = self.server.read(&mut down) => (&mut self.client, &down[..some(read)?], !self.fate.upwards),
            };
            let octets = if counts {
                &octets[..octets.len().min(self.fate.left)]
            } else {
                octets
            };
            if counts {
                self.fate.left -= octets.len();
                self.pdus.pass(octets);
            }
            to.write_all(octets).await?;
        }
        Ok(())
    }

    async fn cut(mut self) {
        match self.fate.cut {
            Cut::Closed => {}
            Cut::Reset => {
                for stream in [&self.client, &self.server] {
                    let _ = stream.set_zero_linger();
                }
            }
            Cut::Deaf => drop(timeout(UNHEARD, copy_one(&mut self.client, &mut self.server, false, true)).await),
            Cut::Mute => drop(timeout(UNHEARD, copy_one(&mut self.client, &mut self.server, true, false)).await),
            Cut::Silent => {
                let swallow = copy_one(&mut self.client, &mut self.server, false, false);
                let forgotten = timeout(FORGOTTEN, swallow).await.is_err();
                self.cuts.lock().unwrap().forgotten += usize::from(forgotten);
            }
        }
    }
}

/// Relays, or swallows, what each side sends, until one of them ends it.
async fn copy_one(client: &mut TcpStream, server: &mut TcpStream, up: bool, down: bool) -> io::Result<()> {
    let (mut from_client, mut from_server) = ([0; 2048], [0; 2048]);
    loop {
        tokio::select! {
            read = client.read(&mut from_client) => {
                let octets = &from_client[..some(read)?];
                if up {
                    server.write_all(octets).await?;
                }
            }
            read = server.read(&mut from_server) => {
                let octets = &from_server[..some(read)?];
                if down {
                    client.write_all(octets).await?;
                }
            }
        }
    }
}

/// The end of a stream is an end of the relay, too.
fn some(read: io::Result<usize>) -> io::Result<usize> {
    match read? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        n => Ok(n),
    }
}

/// Where the PDUs of one direction begin.
#[derive(Debug, Default)]
struct Pdus {
    /// The beginning of a command_length.
    length: Vec<u8>,
    /// What is left of the PDU behind it.
    left: usize,
}

impl Pdus {
    fn pass(&mut self, octets: &[u8]) {
        for &octet in octets {
            if self.left > 0 {
                self.left -= 1;
                continue;
            }
            self.length.push(octet);
            if let &[a, b, c, d] = &self.length[..] {
                self.left = u32::from_be_bytes([a, b, c, d]) as usize - 4;
                self.length.clear();
            }
        }
    }

    fn is_between(&self) -> bool {
        self.left == 0 && self.length.is_empty()
    }
}
