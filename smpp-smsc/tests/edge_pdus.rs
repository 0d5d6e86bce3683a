//! Malformed and borderline PDUs, from a copy of the specification's, each over a socket of its own: what a server
//! answers, with the strict profile and with that of the field.

use async_trait::async_trait;
use smpp_pdu::{
    AnyResponse, BindTransceiver, COctetString, Codec, CommandId, CommandStatus, DataSmResp, Encode, EnquireLink,
    Forgiven, Header, Pdu, QuerySmResp, SubmitMultiResp, SubmitSmResp, Tolerance, Version, tlv,
};
use smpp_smsc::{Acceptor, Bind, Config, ConnectionInfo, Handler, Reject, Server};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

const TABLE: &str = include_str!("../../smpp-pdu/tests/spec/edge_pdus.csv");
const PATIENCE: Duration = Duration::from_secs(20);

/// What of a PDU is judged, beyond what the session refuses by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Judges {
    /// Nothing: it is served however it was read.
    Nothing,
    /// What had to be forgiven is refused.
    Forgiven,
    /// Its values.
    Values,
}

#[derive(Clone, Copy)]
struct Desk {
    version: Version,
    judges: Judges,
}

impl Desk {
    fn forgives(&self, forgiven: &[Forgiven]) -> Result<(), Reject> {
        match forgiven.first() {
            Some(forgiven) if self.judges == Judges::Forgiven => Err(forgiven.error.command_status().into()),
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl Acceptor for Desk {
    async fn bind(&self, bind: &Bind, _: &ConnectionInfo) -> Result<Arc<dyn Handler>, Reject> {
        self.forgives(&bind.forgiven)?;
        Ok(Arc::new(*self))
    }
}

#[async_trait]
impl Handler for Desk {
    fn at_once(&self, pdu: &Pdu<&[u8]>) -> Option<Result<AnyResponse, Reject>> {
        if self.judges == Judges::Values
            && let Err(error) = pdu.check(self.version)
        {
            return Some(Err(error.command_status().into()));
        }
        Some(Ok(match pdu {
            // How the text begins comes back as the name of the message.
            Pdu::SubmitSm(pdu) => {
                let payload = pdu.tlvs.get(tlv::MESSAGE_PAYLOAD).ok().flatten();
                let text = payload.unwrap_or(pdu.short_message.as_bytes());
                let message_id = COctetString::new(text.get(..2).unwrap_or_default()).unwrap_or_default();
                let tlvs = Default::default();
                SubmitSmResp { message_id, tlvs }.into()
            }
            Pdu::SubmitMulti(_) => SubmitMultiResp::default().into(),
            Pdu::DataSm(_) => DataSmResp::default().into(),
            Pdu::QuerySm(_) => QuerySmResp::default().into(),
            _ => return None,
        }))
    }
    fn forgive(&self, forgiven: &[Forgiven]) -> Result<(), Reject> {
        self.forgives(forgiven)
    }
}

/// A row that is sent to a message centre.
struct Case {
    name: String,
    /// Where the session stands.
    states: Vec<String>,
    octets: Vec<u8>,
    layer: String,
    expected: String,
    status: Option<CommandStatus>,
    /// What the field's profile makes of it.
    field: String,
}

impl Case {
    /// Those of a version.
    fn all(version: &str) -> impl Iterator<Item = Self> {
        let rows = TABLE.lines().skip(1).map(cells);
        rows.filter(move |row| row[1].contains(version) && row[2] != "esme")
            .map(|row| {
                let [name, _, _, state, hex, layer, expected, status, field, ..] = &row[..] else {
                    panic!("{row:?}")
                };
                let octet = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
                let status = status
                    .strip_prefix("0x")
                    .map(|hex| u32::from_str_radix(hex, 16).unwrap());
                let states = match state.as_str() {
                    "any" => vec!["OPEN", "BOUND_TX", "BOUND_RX", "BOUND_TRX"],
                    state => vec![state],
                };
                Self {
                    name: name.clone(),
                    states: states.into_iter().map(String::from).collect(),
                    octets: (0..hex.len()).step_by(2).map(octet).collect(),
                    layer: layer.clone(),
                    expected: expected.clone(),
                    status: status.map(CommandStatus),
                    field: field.clone(),
                }
            })
    }

    fn command(&self) -> CommandId {
        CommandId(u32::from_be_bytes(self.octets[4..8].try_into().unwrap()))
    }
    fn number(&self) -> u32 {
        u32::from_be_bytes(self.octets[12..16].try_into().unwrap())
    }

    /// The answer: its command, status and sequence number; `None` for a response.
    fn answer(&self, strict: bool, judges: Judges) -> Option<(CommandId, CommandStatus, u32)> {
        let status = self.status.unwrap_or(CommandStatus::ESME_ROK);
        if self.layer == "frame" {
            return Some((CommandId::GENERIC_NACK, status, 0));
        }
        if self.command().is_response() {
            return None;
        }
        if self.expected.contains("generic_nack") {
            return Some((CommandId::GENERIC_NACK, status, self.number()));
        }
        let found = match self.layer.as_str() {
            "decode" => strict || self.field == "as strict" || judges == Judges::Forgiven,
            "check" => judges == Judges::Values,
            _ => true,
        };
        let status = if found { status } else { CommandStatus::ESME_ROK };
        Some((self.command().response(), status, self.number()))
    }
}

/// Cells, of which some are quoted.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            c => cells.last_mut().unwrap().push(c),
        }
    }
    cells
}

fn octets(sequence_number: u32, pdu: &impl Encode) -> Vec<u8> {
    let mut octets = Vec::new();
    let header = Header::request(sequence_number);
    Codec::default().encode(header, pdu, &mut octets).unwrap();
    octets
}

async fn serve(desk: Desk, tolerance: Tolerance) -> (Server, SocketAddr) {
    let mut config = Config::default();
    (config.version, config.tolerance) = (desk.version, tolerance);
    let server = Server::builder(desk).config(config).build();
    let address = server.listen("127.0.0.1:0").await.unwrap();
    (server, address)
}

async fn frame(stream: &mut TcpStream) -> Vec<u8> {
    let mut frame = vec![0; 16];
    timeout(PATIENCE, stream.read_exact(&mut frame)).await.unwrap().unwrap();
    let len = u32::from_be_bytes(frame[..4].try_into().unwrap());
    frame.resize(len.try_into().unwrap(), 0);
    timeout(PATIENCE, stream.read_exact(&mut frame[16..]))
        .await
        .unwrap()
        .unwrap();
    frame
}

fn read(frame: &[u8]) -> (CommandId, CommandStatus, u32) {
    let (command, header) = Header::peek(frame).unwrap();
    (command, header.command_status, header.sequence_number)
}

/// A connection in a state.
async fn connect(address: SocketAddr, state: &str, version: Version) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let command = match state {
        "OPEN" => return stream,
        "BOUND_TX" => CommandId::BIND_TRANSMITTER,
        "BOUND_RX" => CommandId::BIND_RECEIVER,
        "BOUND_TRX" => CommandId::BIND_TRANSCEIVER,
        other => panic!("{other}"),
    };
    let bind = BindTransceiver {
        interface_version: version.interface_version(),
        ..BindTransceiver::default()
    };
    // The three have one body.
    let mut bind = octets(1, &bind);
    bind[4..8].copy_from_slice(&command.0.to_be_bytes());
    stream.write_all(&bind).await.unwrap();
    let answer = read(&frame(&mut stream).await);
    assert_eq!(answer, (command.response(), CommandStatus::ESME_ROK, 1));
    stream
}

/// Sends it, and looks at all that comes.
async fn send(mut stream: TcpStream, case: &Case, expected: Option<(CommandId, CommandStatus, u32)>, what: &str) {
    stream.write_all(&case.octets).await.unwrap();
    if let Some(expected) = expected {
        let answer = frame(&mut stream).await;
        assert_eq!(read(&answer), expected, "{what}");
        if expected.1 != CommandStatus::ESME_ROK {
            assert_eq!(answer.len(), 16, "{what}: an error has no body");
        } else if let Some((_, text)) = case.expected.split_once("text ") {
            let text = text.trim_start_matches("is ").as_bytes();
            assert_eq!(&answer[16..16 + text.len()], text, "{what}");
        }
    }
    if case.layer == "frame" {
        let rest = timeout(PATIENCE, stream.read_u8()).await.unwrap();
        assert!(rest.is_err(), "{what}: it is closed");
        return;
    }
    // Nothing else came, and the session goes on.
    stream.write_all(&octets(99, &EnquireLink::default())).await.unwrap();
    let alive = (CommandId::ENQUIRE_LINK_RESP, CommandStatus::ESME_ROK, 99);
    assert_eq!(read(&frame(&mut stream).await), alive, "{what}");
}

/// Every row of these layers at one version; returns how often one was sent.
async fn rows(version: Version, layers: &[&str], tolerance: Tolerance, judges: Judges) -> usize {
    let (_server, address) = serve(Desk { version, judges }, tolerance).await;
    let (strict, mut sent) = (tolerance.is_empty(), 0);
    let name = if version == Version::V34 { "3.4" } else { "5.0" };
    for case in Case::all(name).filter(|case| layers.contains(&case.layer.as_str())) {
        for state in &case.states {
            let what = format!(
                "{} at {name} in {state}, strict: {strict}, judges {judges:?}",
                case.name
            );
            let stream = connect(address, state, version).await;
            send(stream, &case, case.answer(strict, judges), &what).await;
            sent += 1;
        }
    }
    sent
}

const ALL: &[&str] = &["frame", "session", "decode", "check"];

#[tokio::test]
async fn with_the_strict_profile() {
    let (v34, v50) = (Version::V34, Version::V50);
    assert_eq!(rows(v34, ALL, Tolerance::strict(), Judges::Values).await, 72);
    assert_eq!(rows(v50, ALL, Tolerance::strict(), Judges::Values).await, 74);
}

/// The handler gets what was forgiven, and serves it or refuses it.
#[tokio::test]
async fn with_the_profile_of_the_field() {
    for version in [Version::V34, Version::V50] {
        for judges in [Judges::Nothing, Judges::Forgiven] {
            assert!(rows(version, ALL, Tolerance::field(), judges).await > 60);
        }
    }
}

/// A value that cannot be is found whatever is forgiven.
#[tokio::test]
async fn values_are_judged_with_either_profile() {
    for version in [Version::V34, Version::V50] {
        assert!(rows(version, &["check"], Tolerance::field(), Judges::Values).await > 8);
    }
}
