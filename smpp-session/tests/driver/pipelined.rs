//! All that both sides can have in flight, through sockets that hold little.

use crate::desk::{pair, poll_once};
use crate::{on_each_runtime, wire};
use bytes::BytesMut;
use futures_util::future::join_all;
use smpp_pdu::{Codec, CommandStatus, Header, MAX_PDU, Pdu, SubmitSm, split_frame};
use smpp_session::driver::{Asked, CallError, Connection, Handle, Reply, Served, Service};
use smpp_session::{Config, Received, RequestError, Role};
use std::future::Pending;
use std::task::Context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

const MESSAGES: u32 = 40_000;
/// Octets that each end of a socket may hold, as far as the system lets it be so few.
const BUFFER: u32 = 4 * 1024;

async fn tiny_sockets() -> (TcpStream, TcpStream) {
    let tiny = || {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(BUFFER).unwrap();
        socket.set_send_buffer_size(BUFFER).unwrap();
        socket
    };
    let listener = tiny();
    listener.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = listener.listen(1).unwrap();
    let (one, other) = tokio::join!(tiny().connect(listener.local_addr().unwrap()), listener.accept());
    let (one, (other, _)) = (one.unwrap(), other.unwrap());
    one.set_nodelay(true).unwrap();
    other.set_nodelay(true).unwrap();
    (one, other)
}

/// Long enough for the others to find nothing to do.
async fn pause() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

/// A peer of octets, which pauses before each time that it reads.
struct Peer {
    io: TcpStream,
    input: BytesMut,
}

impl Peer {
    fn new(io: TcpStream) -> Self {
        let input = BytesMut::new();
        Self { io, input }
    }

    /// The whole PDUs of the next octets.
    async fn read(&mut self) -> Vec<(Header, Pdu)> {
        pause().await;
        assert!(self.io.read_buf(&mut self.input).await.unwrap() > 0, "it has closed");
        let mut pdus = Vec::new();
        while let Some(frame) = split_frame(&mut self.input, MAX_PDU).unwrap() {
            let decoded = Codec::default().decode_bytes(&frame).unwrap();
            pdus.push((decoded.header, decoded.pdu));
        }
        pdus
    }
}

fn text(submit: &SubmitSm) -> String {
    String::from_utf8(submit.short_message.as_bytes().to_vec()).unwrap()
}

/// A message centre of octets: each message must be the next.
async fn answers(io: TcpStream) -> u32 {
    let (mut peer, mut seen) = (Peer::new(io), 0);
    while seen < MESSAGES {
        let mut answers = Vec::new();
        for (header, pdu) in peer.read().await {
            match pdu {
                Pdu::BindTransceiver(_) => answers.extend(wire::with_header(header, &wire::transceiver_resp())),
                Pdu::SubmitSm(submit) => {
                    assert_eq!(text(&submit), seen.to_string());
                    answers.extend(wire::with_header(header, &wire::submit_resp(&text(&submit))));
                    seen += 1;
                }
                other => panic!("{other:?}"),
            }
        }
        peer.io.write_all(&answers).await.unwrap();
    }
    seen
}

/// Nothing of it is corrupt, nothing is lost, and each call has its own answer.
#[test]
fn forty_thousand_to_a_peer_that_pauses() {
    on_each_runtime(|| async {
        let (ours, theirs) = tiny_sockets().await;
        let peer = tokio::spawn(answers(theirs));
        let mut config = Config::default();
        config.window = MESSAGES as usize;
        let connection = Connection::new(Role::Esme, config);
        let handle = connection.handle();
        tokio::spawn(connection.drive(ours, Echo));
        handle.request(wire::transceiver()).await.unwrap();
        let submit = |n: u32| {
            let handle: &Handle = &handle;
            async move { handle.request(wire::submit(&n.to_string())).await }
        };
        for (n, answer) in (0..MESSAGES).zip(join_all((0..MESSAGES).map(submit)).await) {
            assert_eq!(answer.unwrap().message_id.as_bytes(), n.to_string().as_bytes());
        }
        assert_eq!(peer.await.unwrap(), MESSAGES);
        let stats = handle.stats();
        assert_eq!((stats.answered, stats.stray), (u64::from(MESSAGES) + 1, 0));
    });
}

/// The answer to a message has its text.
struct Echo;

impl Service for Echo {
    type Response = Pdu;
    type Handling = Pending<Option<Reply<Pdu>>>;
    fn request<'a>(
        &self,
        _: &mut Context<'_>,
        asked: Asked<'a>,
        received: &Received<'_>,
    ) -> Served<'a, Self::Handling> {
        let response = match received.pdu.clone().into_owned() {
            Pdu::SubmitSm(submit) => Pdu::from(wire::submit_resp(&text(&submit))),
            _ => Pdu::from(wire::transceiver_resp()),
        };
        asked.respond(&response)
    }
}

/// The same from the other side: it writes whether or not its answers are read, and reading stops for it.
#[test]
fn forty_thousand_from_a_peer_that_pauses() {
    on_each_runtime(|| async {
        let (ours, theirs) = tiny_sockets().await;
        let mut config = Config::default();
        config.max_unwritten = 32 * 1024;
        let connection = Connection::new(Role::Smsc, config);
        let handle = connection.handle();
        tokio::spawn(connection.drive(ours, Echo));
        let mut all = wire::octets(1, &wire::transceiver());
        for n in 0..MESSAGES {
            all.extend(wire::octets(n + 2, &wire::submit(&n.to_string())));
        }
        let (mut reads, mut writes) = theirs.into_split();
        let writing = tokio::spawn(async move {
            writes.write_all(&all).await.unwrap();
            writes
        });
        let (mut input, mut seen) = (BytesMut::new(), 0);
        while seen <= MESSAGES {
            pause().await;
            assert!(reads.read_buf(&mut input).await.unwrap() > 0, "it has closed");
            while let Some(frame) = split_frame(&mut input, MAX_PDU).unwrap() {
                let decoded = Codec::default().decode_bytes(&frame).unwrap();
                let header = decoded.header;
                assert_eq!(
                    (header.sequence_number, header.command_status),
                    (seen + 1, CommandStatus::ESME_ROK)
                );
                if let Pdu::SubmitSmResp(Some(response)) = decoded.pdu {
                    assert_eq!(response.message_id.as_bytes(), (seen - 1).to_string().as_bytes());
                } else {
                    assert_eq!(seen, 0, "{:?}", decoded.pdu);
                }
                seen += 1;
            }
        }
        writing.await.unwrap();
        let stats = handle.stats();
        assert_eq!((stats.requests_in, stats.refused), (u64::from(MESSAGES) + 1, 0));
    });
}

/// Each side has sent what it may, and waits for the other: so do those that come after. All end.
#[test]
fn both_windows_full_at_once() {
    const WINDOW: usize = 10;
    on_each_runtime(|| async {
        for room in [1, 64, 1 << 16] {
            let mut config = Config::default();
            config.window = WINDOW;
            let (mut esme, mut smsc) = pair(config, room).await;
            esme.sees("BoundTrx").await;
            let (up, down) = (esme.handle.clone(), smsc.handle.clone());
            let mut ups: Vec<_> = (0..3 * WINDOW).map(|_| up.request(wire::submit("gate"))).collect();
            let mut downs: Vec<_> = (0..3 * WINDOW).map(|_| down.request(wire::deliver("gate"))).collect();
            for (up, down) in ups.iter_mut().zip(&mut downs) {
                assert!(!poll_once(up).await && !poll_once(down).await);
            }
            for _ in 0..WINDOW {
                smsc.sees("gate").await;
                esme.sees("gate").await;
            }
            assert_eq!((up.in_flight(), down.in_flight()), (WINDOW, WINDOW));
            assert_eq!((up.room(), down.room()), (0, 0));
            let one_more = up.try_request(wire::submit("now")).await;
            assert!(
                matches!(one_more, Err(CallError::Refused(RequestError::WindowFull))),
                "{one_more:?}"
            );
            let one_more = down.try_request(wire::deliver("now")).await;
            assert!(
                matches!(one_more, Err(CallError::Refused(RequestError::WindowFull))),
                "{one_more:?}"
            );
            smsc.gate.add_permits(ups.len());
            esme.gate.add_permits(downs.len());
            let (ups, downs) = tokio::join!(join_all(ups), join_all(downs));
            assert!(ups.iter().all(Result::is_ok) && downs.iter().all(Result::is_ok));
        }
    });
}
