//! PDUs to tell stories with, and their octets.

use smpp_pdu::{
    BindReceiver, BindTransceiver, BindTransceiverResp, BindTransmitter, COctetString, Codec, CommandId, CommandStatus,
    DeliverSm, Encode, Header, ShortMessage, SubmitSm, SubmitSmResp, Unknown,
};

pub(crate) fn transceiver() -> BindTransceiver {
    BindTransceiver {
        system_id: COctetString::new("esme").unwrap(),
        interface_version: 0x34,
        ..BindTransceiver::default()
    }
}

pub(crate) fn transmitter() -> BindTransmitter {
    BindTransmitter {
        interface_version: 0x34,
        ..BindTransmitter::default()
    }
}

pub(crate) fn receiver() -> BindReceiver {
    BindReceiver {
        interface_version: 0x34,
        ..BindReceiver::default()
    }
}

pub(crate) fn transceiver_resp() -> BindTransceiverResp {
    BindTransceiverResp::default()
}

pub(crate) fn submit(text: &str) -> SubmitSm {
    let mut submit = SubmitSm::default();
    submit.destination_addr.addr = COctetString::new("447700900123").unwrap();
    submit.short_message = ShortMessage::new(text.to_owned()).unwrap();
    submit
}

pub(crate) fn deliver(text: &str) -> DeliverSm {
    DeliverSm {
        short_message: ShortMessage::new(text.to_owned()).unwrap(),
        ..DeliverSm::default()
    }
}

pub(crate) fn submit_resp(id: &str) -> SubmitSmResp {
    SubmitSmResp {
        message_id: COctetString::new(id.to_owned()).unwrap(),
        ..SubmitSmResp::default()
    }
}

/// The octets of a request.
pub(crate) fn octets(sequence_number: u32, pdu: &impl Encode) -> Vec<u8> {
    with_header(Header::request(sequence_number), pdu)
}

pub(crate) fn with_header(header: Header, pdu: &impl Encode) -> Vec<u8> {
    let mut out = Vec::new();
    Codec::default().encode(header, pdu, &mut out).unwrap();
    out
}

/// The octets of a PDU without a body.
pub(crate) fn bare(command: CommandId, status: CommandStatus, sequence_number: u32) -> Vec<u8> {
    with_header(
        Header {
            command_status: status,
            sequence_number,
        },
        &Unknown::<&[u8]> {
            command_id: command,
            body: &[],
        },
    )
}

/// What a stream of whole PDUs says: command, status, number.
pub(crate) fn read(mut stream: &[u8]) -> Vec<(CommandId, CommandStatus, u32)> {
    let mut pdus = Vec::new();
    while let Some(frame) = smpp_pdu::next_frame(&mut stream, smpp_pdu::MAX_PDU).unwrap() {
        let (command, header) = Header::peek(frame).unwrap();
        pdus.push((command, header.command_status, header.sequence_number));
    }
    assert!(stream.is_empty(), "half a PDU at the end");
    pdus
}
