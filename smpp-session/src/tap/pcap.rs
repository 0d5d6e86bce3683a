//! PDUs in a file that Wireshark reads.

use super::print::Out;
use super::{Direction, Ends, Listener, Seen, Tap};
use crate::config::Role;
use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// A capture in the format of libpcap, with nanoseconds: Wireshark and tshark read it, and know the PDUs for SMPP.
///
/// Each connection is one of TCP, from SYN to FIN, over IPv4 or IPv6, between the addresses that it has; where it has
/// none, between some of documentation (192.0.2.0/24). Each PDU begins a segment. What TCP did with them is not in it: it
/// is made up, as are the sequence numbers. So is what TLS did: the PDUs stand there in clear.
#[derive(Clone)]
pub struct Pcap {
    out: Arc<Mutex<Out>>,
    reveals: bool,
}

impl Pcap {
    /// Begins the file. Each packet is one call of `out`, from whichever task the connection runs in; an error is told in
    /// the log once, and nothing more is written.
    pub fn new(mut out: impl Write + Send + 'static) -> io::Result<Self> {
        let header = [NANOSECONDS, VERSION, 0, 0, LONGEST, RAW_IP];
        out.write_all(&header.map(u32::to_le_bytes).concat())?;
        Ok(Self {
            out: Arc::new(Mutex::new(Out::new(out))),
            reveals: false,
        })
    }
    /// Begins the file at `path`, in place of one that is there; nobody but its owner may read it.
    pub fn create(path: impl AsRef<Path>) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Self::new(options.open(path)?)
    }
    /// Shows passwords, texts and addresses too.
    #[must_use]
    pub fn reveal(mut self) -> Self {
        self.reveals = true;
        self
    }
}

impl Tap for Pcap {
    fn connection(&self, ends: &Ends) -> Box<dyn Listener> {
        let (ours, theirs) = addresses(ends);
        let mut flow = Flow {
            out: self.out.clone(),
            ours: End { address: ours, next: 0 },
            theirs: End {
                address: theirs,
                next: 0,
            },
        };
        flow.open(ends.dialled);
        Box::new(flow)
    }
    fn reveals(&self) -> bool {
        self.reveals
    }
}

impl fmt::Debug for Pcap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pcap")
            .field("reveals", &self.reveals)
            .finish_non_exhaustive()
    }
}

/// One connection of TCP.
struct Flow {
    out: Arc<Mutex<Out>>,
    ours: End,
    theirs: End,
}

#[derive(Clone, Copy)]
struct End {
    address: SocketAddr,
    /// The sequence number of its next octet.
    next: u32,
}

impl Flow {
    /// The handshake: without it, a capture of two connections with one pair of addresses would be one.
    fn open(&mut self, dialled: bool) {
        let now = SystemTime::now();
        let (caller, called) = match dialled {
            true => (Direction::Out, Direction::In),
            false => (Direction::In, Direction::Out),
        };
        self.packet(now, caller, SYN, &[]);
        self.packet(now, called, SYN | ACK, &[]);
        self.packet(now, caller, ACK, &[]);
    }

    fn packet(&mut self, time: SystemTime, direction: Direction, flags: u8, payload: &[u8]) {
        let (from, to) = match direction {
            Direction::In => (&mut self.theirs, &self.ours),
            Direction::Out => (&mut self.ours, &self.theirs),
        };
        // What opens has nothing to acknowledge.
        let acknowledged = if flags & ACK == 0 { 0 } else { to.next };
        let tcp = tcp(from, to, acknowledged, flags, payload);
        let numbered = payload.len() + usize::from(flags & (SYN | FIN) != 0);
        from.next = from.next.wrapping_add(u32::try_from(numbered).unwrap_or(u32::MAX));
        let packet = ip(from.address.ip(), to.address.ip(), tcp);

        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        let len = u32::try_from(packet.len()).unwrap_or(u32::MAX);
        // Its field for the seconds ends in 2106.
        let header = [since.as_secs() as u32, since.subsec_nanos(), len, len];
        let record = [header.map(u32::to_le_bytes).concat(), packet].concat();
        self.out.lock().unwrap_or_else(PoisonError::into_inner).write(&record);
    }
}

impl Listener for Flow {
    fn seen(&mut self, seen: &Seen<'_>) {
        for segment in seen.octets.chunks(SEGMENT) {
            self.packet(seen.time, seen.direction, PSH | ACK, segment);
        }
    }
}

impl Drop for Flow {
    fn drop(&mut self) {
        let now = SystemTime::now();
        self.packet(now, Direction::Out, FIN | ACK, &[]);
        self.packet(now, Direction::In, FIN | ACK, &[]);
        self.packet(now, Direction::Out, ACK, &[]);
    }
}

/// This side's address and the peer's, of one family.
fn addresses(ends: &Ends) -> (SocketAddr, SocketAddr) {
    let number = u16::try_from(ends.number % 16_384).unwrap_or_default();
    let esme = SocketAddr::from((ESME, 49_152 + number));
    let smsc = SocketAddr::from((SMSC, 2775));
    let (ours, theirs) = match ends.role {
        Role::Esme => (esme, smsc),
        Role::Smsc => (smsc, esme),
    };
    let canonical = |address: SocketAddr| SocketAddr::new(address.ip().to_canonical(), address.port());
    let ours = canonical(ends.local.unwrap_or(ours));
    let theirs = canonical(ends.peer.unwrap_or(theirs));
    if ours.is_ipv4() == theirs.is_ipv4() {
        return (ours, theirs);
    }
    let v6 = |address: SocketAddr| match address.ip() {
        IpAddr::V4(ip) => SocketAddr::new(ip.to_ipv6_mapped().into(), address.port()),
        IpAddr::V6(_) => address,
    };
    (v6(ours), v6(theirs))
}

fn tcp(from: &End, to: &End, acknowledged: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let mut octets = Vec::with_capacity(TCP_HEADER + payload.len());
    octets.extend(from.address.port().to_be_bytes());
    octets.extend(to.address.port().to_be_bytes());
    octets.extend(from.next.to_be_bytes());
    octets.extend(acknowledged.to_be_bytes());
    // Five words of header; the largest window; a checksum that is filled in below; nothing urgent.
    octets.extend([5 << 4, flags, 0xff, 0xff, 0, 0, 0, 0]);
    octets.extend(payload);
    let len = u32::try_from(octets.len()).unwrap_or(u32::MAX).to_be_bytes();
    let pseudo = [
        ip_octets(from.address.ip()),
        ip_octets(to.address.ip()),
        len.to_vec(),
        vec![0, 0, 0, TCP],
    ]
    .concat();
    let sum = checksum([&pseudo, &octets]);
    fill(&mut octets, 16, sum);
    octets
}

fn ip(from: IpAddr, to: IpAddr, tcp: Vec<u8>) -> Vec<u8> {
    let addresses = [ip_octets(from), ip_octets(to)].concat();
    let header = if from.is_ipv4() {
        let len = u16::try_from(IPV4_HEADER + tcp.len()).unwrap_or(u16::MAX).to_be_bytes();
        // Version and words of header, no service, its length; no fragment; a time to live; a checksum.
        let [high, low] = len;
        let mut header = [&[0x45, 0, high, low, 0, 0, 0x40, 0, 64, TCP, 0, 0], &addresses[..]].concat();
        let sum = checksum([&header, &[]]);
        fill(&mut header, 10, sum);
        header
    } else {
        let [high, low] = u16::try_from(tcp.len()).unwrap_or(u16::MAX).to_be_bytes();
        [&[0x60, 0, 0, 0, high, low, TCP, 64], &addresses[..]].concat()
    };
    [header, tcp].concat()
}

fn ip_octets(ip: IpAddr) -> Vec<u8> {
    match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    }
}

fn fill(octets: &mut [u8], at: usize, sum: u16) {
    if let Some(room) = octets.get_mut(at..at + 2) {
        room.copy_from_slice(&sum.to_be_bytes());
    }
}

/// The internet's (RFC 1071) over parts, of which all but the last are even.
fn checksum<const N: usize>(parts: [&[u8]; N]) -> u16 {
    let word = |pair: &[u8]| match *pair {
        [high, low] => u32::from(u16::from_be_bytes([high, low])),
        [high] => u32::from(high) << 8,
        _ => 0,
    };
    // 2¹⁶ words at most, of 2¹⁶ each.
    let mut sum: u32 = parts.iter().flat_map(|part| part.chunks(2)).map(word).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap_or_default()
}

/// Of the file: written in this machine's order of octets or another's, and with nanoseconds.
const NANOSECONDS: u32 = 0xa1b2_3c4d;
/// 2.4, as two numbers of 16 bits.
const VERSION: u32 = 2 | 4 << 16;
/// No packet is longer.
const LONGEST: u32 = 262_144;
/// LINKTYPE_RAW: packets begin with the header of IPv4 or IPv6.
const RAW_IP: u32 = 101;

const IPV4_HEADER: usize = 20;
const TCP_HEADER: usize = 20;
/// The protocol of IP.
const TCP: u8 = 6;
/// Octets of a PDU in one packet: a length of IP has 16 bits.
const SEGMENT: usize = 32 * 1024;

const FIN: u8 = 1;
const SYN: u8 = 2;
const PSH: u8 = 8;
const ACK: u8 = 16;

const ESME: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
const SMSC: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 2);
