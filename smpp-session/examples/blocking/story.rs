//! Two applications: a message centre that takes a message and sends the receipt for it, and a client that submits one.

use smpp_pdu::{
    BindTransceiver, BindTransceiverResp, COctetString, CommandId, CommandStatus, DeliverSm, DeliverSmResp, EsmClass,
    Pdu, RegisteredDelivery, ShortMessage, SubmitSm, SubmitSmResp,
};
use smpp_session::{Event, Session};
use std::time::Instant;

/// What the client has seen.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) message_id: String,
    pub(crate) receipt: String,
}

pub(crate) fn bind() -> BindTransceiver {
    BindTransceiver {
        system_id: COctetString::new("example").unwrap(),
        interface_version: 0x34,
        ..BindTransceiver::default()
    }
}

/// The message centre. Its own requests have no names.
pub(crate) fn smsc(session: &mut Session<()>, event: Event<'_, ()>) {
    let Event::Request(received) = event else { return };
    let token = received.token;
    let ok = CommandStatus::ESME_ROK;
    match received.pdu {
        Pdu::BindTransceiver(_) => session.respond(token, ok, &BindTransceiverResp::default()).unwrap(),
        Pdu::SubmitSm(submit) => {
            let resp = SubmitSmResp {
                message_id: COctetString::new("42").unwrap(),
                ..SubmitSmResp::default()
            };
            session.respond(token, ok, &resp).unwrap();
            let receipt = DeliverSm {
                // From whom the message went to, and back.
                source_addr: submit.into_owned().destination_addr,
                esm_class: EsmClass(0x04),
                short_message: ShortMessage::new("id:42 stat:DELIVRD").unwrap(),
                ..DeliverSm::default()
            };
            session.request(Instant::now(), (), &receipt).unwrap();
        }
        _ => session.reject(token, CommandStatus::ESME_RINVCMDID).unwrap(),
    }
}

/// The client, whose requests have the names "bind" and "submit". It unbinds once it has the receipt.
pub(crate) fn esme(
    text: &'static str,
    seen: &mut Seen,
) -> impl FnMut(&mut Session<&'static str>, Event<'_, &'static str>) {
    move |session, event| match event {
        Event::Ended {
            context: "bind",
            outcome,
        } => {
            println!("bind: {outcome:?}");
            let mut submit = SubmitSm {
                registered_delivery: RegisteredDelivery(1),
                short_message: ShortMessage::new(text).unwrap(),
                ..SubmitSm::default()
            };
            submit.destination_addr.addr = COctetString::new("447700900123").unwrap();
            session.request(Instant::now(), "submit", &submit).unwrap();
        }
        Event::Ended {
            context: "submit",
            outcome: smpp_session::Outcome::Answered(answer),
        } => {
            let resp = answer.decode_as::<SubmitSmResp>().unwrap().pdu.unwrap();
            seen.message_id = String::from_utf8_lossy(resp.message_id.as_bytes()).into_owned();
            println!("submitted as {}", seen.message_id);
        }
        Event::Request(received) => match received.pdu {
            Pdu::DeliverSm(receipt) => {
                seen.receipt = String::from_utf8_lossy(receipt.short_message.as_bytes()).into_owned();
                println!("receipt: {}", seen.receipt);
                let resp = DeliverSmResp::default();
                session.respond(received.token, CommandStatus::ESME_ROK, &resp).unwrap();
                session.unbind(Instant::now());
            }
            _ => session.reject(received.token, CommandStatus::ESME_RINVCMDID).unwrap(),
        },
        Event::Closed(reason) => println!("closed: {reason}"),
        other => assert!(
            matches!(other, Event::State(_)),
            "{other:?} of {}",
            CommandId::SUBMIT_SM
        ),
    }
}
