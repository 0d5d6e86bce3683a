//! A client that does as it is told, octet for octet.

use smpp_pdu::{
    Address, BindTransceiver, COctetString, Codec, CommandId, CommandStatus, Decoded, Encode, Header, Npi, Password,
    Pdu, RegisteredDelivery, ShortMessage, SubmitSm, SubmitSmResp, Ton, split_frame,
};
use smpp_smsc::Server;
use smpp_smsc::centre::{Centre, CentreConfig};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A server is as good as dead if it takes longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A message centre with the demo's accounts, whose handsets take no time.
pub(crate) async fn centre(change: impl FnOnce(&mut CentreConfig)) -> (Server, Centre, SocketAddr) {
    let mut config = CentreConfig::demo();
    config.handset_delay = Duration::ZERO;
    change(&mut config);
    let centre = Centre::new(config).unwrap();
    let server = Server::builder(centre.clone()).build();
    let address = server.listen("127.0.0.1:0").await.unwrap();
    (server, centre, address)
}

/// Waits until nothing is owed any more: the last answer was sent, and may not have been looked at yet.
pub(crate) async fn forgets_all(centre: &Centre) {
    let forgotten = async {
        while centre.stored() > 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, forgotten).await.unwrap();
}

pub(crate) struct Client {
    stream: TcpStream,
    input: bytes::BytesMut,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            input: bytes::BytesMut::new(),
        }
    }

    /// Connected and bound as transceiver.
    pub(crate) async fn bound(address: SocketAddr, system_id: &str) -> Self {
        let mut client = Self::connect(address).await;
        client.send(&pdu(1, &bind(system_id, "password"))).await;
        assert_eq!(
            client.answer(CommandId::BIND_TRANSCEIVER_RESP, 1).await,
            CommandStatus::ESME_ROK
        );
        client
    }

    pub(crate) async fn send(&mut self, octets: &[u8]) {
        timeout(PATIENCE, self.stream.write_all(octets)).await.unwrap().unwrap();
    }

    /// Says no more, and still listens.
    pub(crate) async fn half_close(&mut self) {
        self.stream.shutdown().await.unwrap();
    }

    /// The next PDU; `None` when the server has closed.
    pub(crate) async fn recv(&mut self) -> Option<Decoded> {
        loop {
            if let Some(frame) = split_frame(&mut self.input, smpp_pdu::MAX_PDU).unwrap() {
                return Some(Codec::default().decode_bytes(&frame).unwrap());
            }
            if timeout(PATIENCE, self.stream.read_buf(&mut self.input))
                .await
                .unwrap()
                .unwrap()
                == 0
            {
                assert!(self.input.is_empty(), "the server closed in the middle of a PDU");
                return None;
            }
        }
    }

    /// The status of the next PDU, which must be this answer.
    pub(crate) async fn answer(&mut self, command: CommandId, sequence_number: u32) -> CommandStatus {
        let decoded = self.recv().await.unwrap();
        assert_eq!(
            (decoded.pdu.command_id(), decoded.header.sequence_number),
            (command, sequence_number)
        );
        decoded.header.command_status
    }

    /// The next PDU, which must be a submit_sm_resp: its sequence number and message_id.
    pub(crate) async fn accepted(&mut self) -> (u32, Vec<u8>) {
        let decoded = self.recv().await.unwrap();
        assert_eq!(decoded.header.command_status, CommandStatus::ESME_ROK);
        let Pdu::SubmitSmResp(Some(SubmitSmResp { message_id, .. })) = decoded.pdu else {
            panic!("{:?}", decoded.pdu);
        };
        (decoded.header.sequence_number, message_id.as_bytes().to_vec())
    }

    pub(crate) async fn unbind(mut self) {
        self.send(&pdu(99, &smpp_pdu::Unbind::default())).await;
        assert_eq!(self.answer(CommandId::UNBIND_RESP, 99).await, CommandStatus::ESME_ROK);
        assert!(self.recv().await.is_none());
    }
}

pub(crate) fn pdu(sequence_number: u32, pdu: &impl Encode) -> Vec<u8> {
    let mut octets = Vec::new();
    Codec::default()
        .encode(Header::request(sequence_number), pdu, &mut octets)
        .unwrap();
    octets
}

pub(crate) fn bind(system_id: &str, password: &str) -> BindTransceiver {
    BindTransceiver {
        system_id: COctetString::new(system_id).unwrap(),
        password: Password::new(password).unwrap(),
        interface_version: 0x34,
        ..BindTransceiver::default()
    }
}

pub(crate) fn submit(destination: &str, text: &str, registered_delivery: RegisteredDelivery) -> SubmitSm {
    let address = |addr| {
        let addr = COctetString::new(addr).unwrap();
        Address {
            ton: Ton::INTERNATIONAL,
            npi: Npi::ISDN,
            addr,
        }
    };
    SubmitSm {
        source_addr: address("10001"),
        destination_addr: address(destination),
        registered_delivery,
        short_message: ShortMessage::new(text).unwrap(),
        ..SubmitSm::default()
    }
}
