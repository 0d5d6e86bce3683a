//! An ESME that does as it is told, octet for octet, over any stream.

use smpp_pdu::{
    BindTransceiver, COctetString, Codec, CommandId, CommandStatus, Decoded, Encode, Header, SubmitSm, Unbind,
    split_frame,
};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A server is as good as dead if it takes longer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Esme<IO = TcpStream> {
    pub(crate) io: IO,
    input: bytes::BytesMut,
}

impl Esme {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self::over(stream)
    }

    /// Connected and bound.
    pub(crate) async fn bound(address: SocketAddr, system_id: &str) -> Self {
        let mut esme = Self::connect(address).await;
        assert_eq!(esme.bind(system_id).await, CommandStatus::ESME_ROK);
        esme
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> Esme<IO> {
    pub(crate) fn over(io: IO) -> Self {
        let input = bytes::BytesMut::new();
        Self { io, input }
    }

    pub(crate) async fn send(&mut self, octets: &[u8]) {
        timeout(PATIENCE, self.io.write_all(octets)).await.unwrap().unwrap();
        timeout(PATIENCE, self.io.flush()).await.unwrap().unwrap();
    }

    /// The next PDU; `None` once the other side has closed, and `Err` if it did so without a word of its own.
    pub(crate) async fn next(&mut self) -> io::Result<Option<Decoded>> {
        loop {
            if let Some(frame) = split_frame(&mut self.input, smpp_pdu::MAX_PDU).unwrap() {
                return Ok(Some(Codec::default().decode_bytes(&frame).unwrap()));
            }
            let read = self.io.read_buf(&mut self.input);
            if timeout(PATIENCE, read).await.expect("the server says something")? == 0 {
                assert!(self.input.is_empty(), "it was closed in the middle of a PDU");
                return Ok(None);
            }
        }
    }

    pub(crate) async fn recv(&mut self) -> Decoded {
        self.next().await.unwrap().expect("a PDU, and not the end")
    }

    /// The status of the next PDU, which must be this answer.
    pub(crate) async fn answer(&mut self, command: CommandId, sequence_number: u32) -> CommandStatus {
        let decoded = self.recv().await;
        let got = (decoded.pdu.command_id(), decoded.header.sequence_number);
        assert_eq!(got, (command, sequence_number));
        decoded.header.command_status
    }

    /// Binds as transceiver.
    pub(crate) async fn bind(&mut self, system_id: &str) -> CommandStatus {
        self.send(&bind(system_id)).await;
        self.answer(CommandId::BIND_TRANSCEIVER_RESP, 1).await
    }

    pub(crate) async fn submit(&mut self) -> CommandStatus {
        self.send(&pdu(2, &SubmitSm::default())).await;
        self.answer(CommandId::SUBMIT_SM_RESP, 2).await
    }

    /// Asks for the end, and has it agreed to.
    pub(crate) async fn unbind(&mut self) {
        self.send(&pdu(3, &Unbind::default())).await;
        let status = self.answer(CommandId::UNBIND_RESP, 3).await;
        assert_eq!(status, CommandStatus::ESME_ROK);
    }

    /// Nothing comes any more but the end.
    pub(crate) async fn is_closed(&mut self) -> bool {
        matches!(self.next().await, Ok(None) | Err(_))
    }
}

pub(crate) fn pdu(sequence_number: u32, pdu: &impl Encode) -> Vec<u8> {
    let mut octets = Vec::new();
    let header = Header::request(sequence_number);
    Codec::default().encode(header, pdu, &mut octets).unwrap();
    octets
}

pub(crate) fn bind(system_id: &str) -> Vec<u8> {
    let bind = BindTransceiver {
        system_id: COctetString::new(system_id).unwrap(),
        interface_version: 0x34,
        ..BindTransceiver::default()
    };
    pdu(1, &bind)
}
