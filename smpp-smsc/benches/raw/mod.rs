//! The other side, in frames that were made before: no session, nothing allocated for a message.

use smpp_pdu::{
    Address, BindTransceiver, BindTransceiverResp, COctetString, Codec, Encode, Header, Npi, RegisteredDelivery,
    ShortMessage, SubmitSm, SubmitSmResp, Ton,
};
use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

/// What is submitted: 213 octets with its header.
pub(crate) fn submit() -> SubmitSm<&'static [u8]> {
    SubmitSm {
        source_addr: address(),
        destination_addr: address(),
        registered_delivery: RegisteredDelivery::RECEIPT,
        short_message: ShortMessage::new(&TEXT[..]).unwrap(),
        ..SubmitSm::borrowed()
    }
}

/// As an ESME: keeps `window` of its submits unanswered, until `messages` of them have their answer.
pub(crate) async fn submits(mut io: UnixStream, window: usize, messages: usize) -> io::Result<()> {
    let bind = BindTransceiver {
        interface_version: 0x34,
        ..BindTransceiver::borrowed()
    };
    io.write_all(&frame(&bind)).await?;
    let mut tail = [0; HEADER];
    io.read_exact(&mut tail).await?;
    let rest = command_length(&tail) - HEADER;
    io.read_exact(&mut vec![0; rest]).await?;

    let (submit, answer) = (frame(&submit()), frame(&accepted()).len());
    let batch = submit.repeat(window);
    let (mut asked, mut octets) = (window.min(messages), 0);
    io.write_all(&batch[..asked * submit.len()]).await?;
    let mut room = vec![0; batch.len()];
    let mut answered = 0;
    while answered < messages {
        octets += read(&mut io, &mut room).await?;
        let more = (octets / answer).min(messages - asked);
        answered += octets / answer;
        octets %= answer;
        asked += more;
        io.write_all(&batch[..more * submit.len()]).await?;
    }
    Ok(())
}

/// As an SMSC: accepts whatever it is asked, until the peer ends.
pub(crate) async fn accepts(mut io: UnixStream) -> io::Result<()> {
    let (bound, accepted) = (frame(&BindTransceiverResp::borrowed()), frame(&accepted()));
    let (mut room, mut have, mut answers) = (vec![0; 1 << 16], 0, Vec::new());
    loop {
        have += match read(&mut io, &mut room[have..]).await {
            Ok(n) => n,
            Err(_) => return Ok(()),
        };
        let mut at = 0;
        while have - at >= HEADER && have - at >= command_length(&room[at..]) {
            let begins = answers.len();
            match room[at + 7] {
                SUBMIT_SM => answers.extend_from_slice(&accepted),
                UNBIND => return Ok(()),
                _ => answers.extend_from_slice(&bound),
            }
            answers[begins + 12..begins + 16].copy_from_slice(&room[at + 12..at + 16]);
            at += command_length(&room[at..]);
        }
        room.copy_within(at..have, 0);
        have -= at;
        io.write_all(&answers).await?;
        answers.clear();
    }
}

async fn read(io: &mut UnixStream, room: &mut [u8]) -> io::Result<usize> {
    match io.read(room).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        n => Ok(n),
    }
}

fn command_length(frame: &[u8]) -> usize {
    u32::from_be_bytes(*frame.first_chunk().unwrap()) as usize
}

fn accepted() -> SubmitSmResp<&'static [u8]> {
    let message_id = COctetString::new(&b"0123456789ABCDEF"[..]).unwrap();
    SubmitSmResp {
        message_id,
        ..SubmitSmResp::borrowed()
    }
}

fn address() -> Address<&'static [u8]> {
    Address {
        ton: Ton::INTERNATIONAL,
        npi: Npi::ISDN,
        addr: COctetString::new(&b"12345678901234567890"[..]).unwrap(),
    }
}

fn frame(pdu: &impl Encode) -> Vec<u8> {
    let mut frame = Vec::new();
    Codec::default().encode(Header::request(1), pdu, &mut frame).unwrap();
    frame
}

const TEXT: [u8; 140] = [b'x'; 140];
const HEADER: usize = 16;
const SUBMIT_SM: u8 = 4;
const UNBIND: u8 = 6;
