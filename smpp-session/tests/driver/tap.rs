//! A tap sees what crosses the wire, and changes nothing of it.

use crate::desk::{Desk, pair_over, read_pdu};
use crate::{on_each_runtime, wire};
use smpp_pdu::{CommandId, Header, SubmitSm};
use smpp_session::driver::{Connection, Handle};
use smpp_session::tap::{Direction, Ends, Hex, Listener, Pcap, Seen, Tap, Tapped};
use smpp_session::{CloseReason, Config, Role};
use std::io::Write;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// Each PDU, and whether it was one.
type Told = Arc<Mutex<Vec<(Direction, bool, Vec<u8>)>>>;

#[derive(Clone, Default)]
struct Recorder {
    told: Told,
    reveals: bool,
    panics: bool,
}

impl Tap for Recorder {
    fn connection(&self, _: &Ends) -> Box<dyn Listener> {
        Box::new(self.clone())
    }
    fn reveals(&self) -> bool {
        self.reveals
    }
}

impl Listener for Recorder {
    fn seen(&mut self, seen: &Seen<'_>) {
        self.told
            .lock()
            .unwrap()
            .push((seen.direction, seen.is_pdu, seen.octets.to_vec()));
        assert!(!self.panics, "as it was told");
    }
}

impl Recorder {
    fn of(&self, way: Direction) -> Vec<Vec<u8>> {
        let told = self.told.lock().unwrap();
        let one_way = told.iter().filter(|(direction, ..)| *direction == way);
        one_way.map(|(.., octets)| octets.clone()).collect()
    }
}

const SECRETS: [&str; 3] = ["447700900123", "meet me", "pa55word"];

/// With a number.
fn submit(text: &str) -> SubmitSm {
    wire::submit(text)
}

/// What both sides see is the same, each PDU once and in order, whatever the pipe makes of it.
#[test]
fn both_ends_see_the_same_over_any_pipe() {
    on_each_runtime(|| async {
        for room in [1, 7, 1 << 16] {
            let (a, b) = tokio::io::duplex(room);
            let (ours, theirs) = (Recorder::default(), Recorder::default());
            let tapped = |io, tap: &Recorder, role| Tapped::new(io, tap, &Ends::new(role), 1 << 17);
            let (a, b) = (tapped(a, &ours, Role::Esme), tapped(b, &theirs, Role::Smsc));
            let (esme, smsc) = pair_over(Config::default(), a, b).await;
            for n in 0..20 {
                esme.handle.request(submit(&format!("meet me {n}"))).await.unwrap();
            }
            // The peer's own tap hears of an answer when it is written, which may be when it is here already.
            esme.handle.unbind();
            esme.handle.closed().await;
            smsc.handle.closed().await;
            let sent = esme.handle.stats().pdus_out;
            let came = esme.handle.stats().pdus_in;
            assert_eq!(ours.of(Direction::Out).len() as u64, sent);
            assert_eq!(ours.of(Direction::In).len() as u64, came);
            assert_eq!(ours.of(Direction::Out), theirs.of(Direction::In));
            assert_eq!(ours.of(Direction::In), theirs.of(Direction::Out));
            for (_, is_pdu, octets) in ours.told.lock().unwrap().iter() {
                assert!(is_pdu);
                for secret in SECRETS {
                    assert!(!String::from_utf8_lossy(octets).contains(secret));
                }
            }
        }
    });
}

#[test]
fn who_asks_for_it_sees_all() {
    on_each_runtime(|| async {
        let (a, b) = tokio::io::duplex(1 << 16);
        let tap = Recorder {
            reveals: true,
            ..Recorder::default()
        };
        let a = Tapped::new(a, &tap, &Ends::new(Role::Esme), 1 << 17);
        let b = Tapped::new(b, &Recorder::default(), &Ends::new(Role::Smsc), 1 << 17);
        let (esme, _smsc) = pair_over(Config::default(), a, b).await;
        esme.handle.request(submit("meet me")).await.unwrap();
        let sent = tap.of(Direction::Out).concat();
        assert!(String::from_utf8_lossy(&sent).contains("447700900123"));
    });
}

#[test]
fn one_that_panics_costs_no_session() {
    on_each_runtime(|| async {
        let (a, b) = tokio::io::duplex(1 << 16);
        let tap = Recorder {
            panics: true,
            ..Recorder::default()
        };
        let a = Tapped::new(a, &tap, &Ends::new(Role::Esme), 1 << 17);
        let b = Tapped::new(b, &Recorder::default(), &Ends::new(Role::Smsc), 1 << 17);
        let (esme, _smsc) = pair_over(Config::default(), a, b).await;
        esme.handle.request(submit("meet me")).await.unwrap();
        assert_eq!(tap.told.lock().unwrap().len(), 1, "it is asked no more");
    });
}

/// A stream that takes half of what it is given, and then nothing.
#[test]
fn what_was_not_written_was_not_sent() {
    on_each_runtime(|| async {
        let (a, mut b) = tokio::io::duplex(20);
        let tap = Recorder {
            reveals: true,
            ..Recorder::default()
        };
        let mut a = Tapped::new(a, &tap, &Ends::new(Role::Esme), 1 << 17);
        let link = wire::with_header(Header::request(1), &smpp_pdu::EnquireLink::default());
        let two = [link.clone(), link.clone()].concat();
        assert_eq!(a.write(&two).await.unwrap(), 20);
        assert_eq!(tap.of(Direction::Out), std::slice::from_ref(&link));
        // It is not waited for, and so not sent.
        let mut pending = Box::pin(a.write(&two[20..]));
        assert!(!crate::desk::poll_once(&mut pending).await);
        drop(pending);
        assert_eq!(tap.of(Direction::Out), std::slice::from_ref(&link));
        b.write_all(b"GET / HTTP/1.1").await.unwrap();
        a.read_exact(&mut [0; 14]).await.unwrap();
        drop(a);
        let told = tap.told.lock().unwrap().clone();
        assert_eq!(
            told[1..],
            [
                (Direction::In, false, b"GET / HTTP/1.1".to_vec()),
                (Direction::Out, false, link[..4].to_vec()),
            ]
        );
    });
}

#[derive(Clone, Default)]
struct File(Arc<Mutex<Vec<u8>>>);

impl Write for File {
    fn write(&mut self, octets: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(octets);
        Ok(octets.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// One packet of a capture: addresses and ports, sequence and acknowledged number, flags, octets.
#[derive(Debug, Clone, PartialEq)]
struct Packet {
    from: Vec<u8>,
    to: Vec<u8>,
    sequence: u32,
    acknowledged: u32,
    flags: u8,
    payload: Vec<u8>,
}

fn sums_up(octets: &[u8]) -> bool {
    let mut sum: u32 = octets
        .chunks(2)
        .map(|pair| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0)))
        .sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum == 0xffff
}

fn packets(file: &File) -> Vec<Packet> {
    let file = file.0.lock().unwrap();
    let (header, mut rest) = file.split_at(24);
    assert_eq!(header[..8], [0x4d, 0x3c, 0xb2, 0xa1, 2, 0, 4, 0]);
    assert_eq!(header[20..], [101, 0, 0, 0]);
    let mut packets = Vec::new();
    while !rest.is_empty() {
        let len = u32::from_le_bytes(rest[8..12].try_into().unwrap()) as usize;
        assert_eq!(rest[8..12], rest[12..16]);
        let (packet, behind) = rest[16..].split_at(len);
        rest = behind;
        let (addresses, ip_len, total) = match packet[0] >> 4 {
            4 => {
                assert!(sums_up(&packet[..20]));
                (12..20, 20, usize::from(u16::from_be_bytes([packet[2], packet[3]])))
            }
            6 => (8..40, 40, 40 + usize::from(u16::from_be_bytes([packet[4], packet[5]]))),
            other => panic!("IP of version {other}"),
        };
        assert_eq!(total, len);
        let tcp = &packet[ip_len..];
        let pseudo = [
            &packet[addresses.clone()],
            &(tcp.len() as u32).to_be_bytes(),
            &[0, 0, 0, 6],
            tcp,
        ]
        .concat();
        assert!(sums_up(&pseudo));
        let number = |at: usize| u32::from_be_bytes(tcp[at..at + 4].try_into().unwrap());
        let (from, to) = packet[addresses.clone()].split_at(addresses.len() / 2);
        packets.push(Packet {
            from: [from, &tcp[..2]].concat(),
            to: [to, &tcp[2..4]].concat(),
            sequence: number(4),
            acknowledged: number(8),
            flags: tcp[13],
            payload: tcp[20..].to_vec(),
        });
    }
    packets
}

#[test]
fn a_capture_is_a_connection_of_tcp() {
    on_each_runtime(|| async {
        for (local, peer) in [
            (None, None),
            (Some("10.0.0.1:5000"), Some("10.0.0.2:2775")),
            (Some("[2001:db8::1]:5000"), Some("10.0.0.2:2775")),
        ] {
            let file = File::default();
            let pcap = Pcap::new(file.clone()).unwrap();
            let address = |text: Option<&str>| text.map(|text| text.parse().unwrap());
            let ends = Ends::new(Role::Esme).between(address(local), address(peer));
            let (a, b) = tokio::io::duplex(1 << 18);
            let b = Tapped::new(b, &Recorder::default(), &Ends::new(Role::Smsc), 1 << 17);
            let tap: Arc<dyn Tap> = Arc::new(pcap);
            let (esme, _smsc) = pair_over(Config::default(), Tapped::new(a, &*tap, &ends, 1 << 17), b).await;
            // Longer than a packet of IP can be.
            let long = wire::submit("").message_payload(&[b'x'; 65_535]).unwrap();
            esme.handle.request(long).await.unwrap();
            let stats = esme.handle.stats();
            esme.handle.unbind();
            esme.handle.closed().await;
            drop(esme);
            let packets = packets(&file);
            assert_eq!(
                packets.iter().take(3).map(|packet| packet.flags).collect::<Vec<_>>(),
                [2, 18, 16]
            );
            for (at, packet) in packets.iter().enumerate() {
                let before = &packets[..at];
                let sent: u32 = before
                    .iter()
                    .filter(|other| other.from == packet.from)
                    .map(|other| other.payload.len() as u32 + u32::from(other.flags & 3 != 0))
                    .sum();
                let came: u32 = before
                    .iter()
                    .filter(|other| other.to == packet.from)
                    .map(|other| other.payload.len() as u32 + u32::from(other.flags & 3 != 0))
                    .sum();
                assert_eq!(
                    (packet.sequence, packet.acknowledged),
                    (sent, if at == 0 { 0 } else { came }),
                    "packet {at}"
                );
                assert_ne!(packet.from, packet.to);
            }
            let ours = &packets[0].from;
            let sent = packets
                .iter()
                .filter(|packet| packet.from == *ours)
                .flat_map(|packet| packet.payload.clone())
                .collect::<Vec<_>>();
            let mut rest = &sent[..];
            let mut pdus = 0;
            while let Some(_frame) = smpp_pdu::next_frame(&mut rest, 1 << 17).unwrap() {
                pdus += 1;
            }
            assert!(rest.is_empty());
            // The last is our unbind.
            assert_eq!(pdus, stats.pdus_out + 1);
        }
    });
}

/// With `drive_tapped`, as the builders of smpp-esme and smpp-smsc put it.
#[test]
fn a_driver_takes_a_tap() {
    on_each_runtime(|| async {
        let file = File::default();
        let (a, mut b) = tokio::io::duplex(1 << 16);
        let connection = Connection::new(Role::Esme, Config::default());
        let handle: Handle = connection.handle();
        let tap: Option<(Arc<dyn Tap>, Ends)> = Some((Arc::new(Hex::new(file.clone())), Ends::new(Role::Esme)));
        let (seen, _) = tokio::sync::mpsc::unbounded_channel();
        let desk = Desk {
            seen,
            gate: Arc::new(tokio::sync::Semaphore::new(0)),
            responders: handle.responders(),
            call_back: Arc::default(),
        };
        let driving = tokio::spawn(connection.drive_tapped(a, tap, desk));
        let asked = tokio::spawn(async move { handle.request(wire::transceiver()).await });
        assert_eq!(read_pdu(&mut b).await.0, CommandId::BIND_TRANSCEIVER);
        drop(b);
        assert!(asked.await.unwrap().is_err());
        assert_eq!(driving.await.unwrap(), CloseReason::PeerClosed);
        let text = String::from_utf8(file.0.lock().unwrap().clone()).unwrap();
        let line = text.lines().next().unwrap();
        assert!(line.contains(" > bind_transceiver, "), "{line}");
        assert!(text.lines().nth(1).unwrap().starts_with("  0000  00 00 00 "), "{text}");
    });
}
