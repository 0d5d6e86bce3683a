//! What is pushed to an ESME, what becomes of it, and commands of a vendor's own.

use crate::esme::{Esme, pdu};
use crate::{has_connections, server};
use smpp_pdu::{
    AlertNotification, BindTransmitter, COctetString, Codec, CommandId, CommandStatus, DataSm, DataSmResp, DeliverSm,
    DeliverSmResp, Encode, GenericNack, Header, Pdu, UnbindResp, Unknown,
};
use smpp_session::RequestError;
use smpp_session::driver::CallError;
use smpp_smsc::{
    Acceptor, Bind, CloseReason, Config, ConnectionInfo, Handler, Peer, Reject, Server, VendorCommand, async_trait,
};
use std::sync::Arc;
use tokio::task::JoinHandle;

/// A response with a status.
fn refusal(status: CommandStatus, sequence_number: u32, body: &impl Encode) -> Vec<u8> {
    let header = Header {
        command_status: status,
        sequence_number,
    };
    let mut octets = Vec::new();
    Codec::default().encode(header, body, &mut octets).unwrap();
    octets
}

fn delivers(peer: &Peer) -> JoinHandle<Result<DeliverSmResp, CallError>> {
    let peer = peer.clone();
    tokio::spawn(async move { peer.deliver_sm(&DeliverSm::default()).await })
}

fn sends_data(peer: &Peer) -> JoinHandle<Result<DataSmResp, CallError>> {
    let peer = peer.clone();
    tokio::spawn(async move { peer.data_sm(&DataSm::default()).await })
}

#[tokio::test]
async fn each_push_has_its_outcome() {
    let (server, mut log) = server(|builder| builder);
    let address = server.listen("127.0.0.1:0").await.unwrap();
    let mut esme = Esme::bound(address, "a").await;
    let peer = log.bound().await;
    assert_eq!((peer.window().in_flight, peer.window().oldest), (0, None));

    let (delivered, asked) = (delivers(&peer), esme.recv().await);
    assert_eq!(asked.pdu, Pdu::from(DeliverSm::default()));
    let window = peer.window();
    let oldest = window.oldest.unwrap();
    assert_eq!((window.in_flight, window.capacity), (1, 10));
    assert_eq!(oldest.command_id, CommandId::DELIVER_SM);
    assert_eq!(oldest.sequence_number, asked.header.sequence_number);
    let heard = peer.last_heard();
    esme.send(&pdu(asked.header.sequence_number, &DeliverSmResp::default()))
        .await;
    delivered.await.unwrap().unwrap();
    assert!(peer.last_heard() > heard);

    let (delivered, asked) = (delivers(&peer), esme.recv().await);
    let answer = refusal(
        CommandStatus::ESME_RX_T_APPN,
        asked.header.sequence_number,
        &DeliverSmResp::default(),
    );
    esme.send(&answer).await;
    let status = delivered.await.unwrap().unwrap_err().command_status();
    assert_eq!(status, Some(CommandStatus::ESME_RX_T_APPN));

    let (sent, asked) = (sends_data(&peer), esme.recv().await);
    assert_eq!(asked.pdu, Pdu::from(DataSm::default()));
    let message_id = COctetString::new("of the ESME").unwrap();
    let response = DataSmResp {
        message_id: message_id.clone(),
        ..DataSmResp::default()
    };
    esme.send(&pdu(asked.header.sequence_number, &response)).await;
    assert_eq!(sent.await.unwrap().unwrap().message_id, message_id);

    let (sent, asked) = (sends_data(&peer), esme.recv().await);
    let nack = refusal(
        CommandStatus::ESME_RINVCMDID,
        asked.header.sequence_number,
        &GenericNack::default(),
    );
    esme.send(&nack).await;
    let nacked = sent.await.unwrap();
    assert!(matches!(nacked, Err(CallError::Nacked(CommandStatus::ESME_RINVCMDID))));

    let alert = AlertNotification {
        esme_addr: smpp_pdu::Address {
            ton: smpp_pdu::Ton::INTERNATIONAL,
            npi: smpp_pdu::Npi::ISDN,
            addr: COctetString::new("10001").unwrap(),
        },
        ..AlertNotification::default()
    };
    peer.alert_notification(&alert).unwrap();
    assert_eq!(esme.recv().await.pdu, Pdu::from(alert.clone()));

    let lost = delivers(&peer);
    esme.recv().await;
    drop(esme);
    let lost = lost.await.unwrap();
    assert!(matches!(lost, Err(CallError::MaybeDelivered(CloseReason::PeerClosed))));
    let late = peer.deliver_sm(&DeliverSm::default()).await;
    assert!(matches!(late, Err(CallError::NotWritten(CloseReason::PeerClosed))));
    assert!(peer.alert_notification(&alert).is_err() && !peer.is_open());
    let stats = peer.stats();
    let counted = (
        stats.requests_out,
        stats.answered,
        stats.nacked,
        stats.maybe_delivered,
        stats.not_written,
    );
    assert_eq!(counted, (5, 3, 1, 1, 0));
    assert_eq!((stats.requests_in, stats.in_hand), (1, 0));
}

#[tokio::test]
async fn what_this_side_may_not_send_is_refused_and_unbind_ends_it() {
    let (server, mut log) = server(|builder| builder);
    let address = server.listen("127.0.0.1:0").await.unwrap();
    let mut esme = Esme::connect(address).await;
    let bind = BindTransmitter {
        interface_version: 0x34,
        ..BindTransmitter::default()
    };
    esme.send(&pdu(1, &bind)).await;
    esme.answer(CommandId::BIND_TRANSMITTER_RESP, 1).await;
    let peer = log.bound().await;
    let wrong_state = |error| matches!(error, CallError::Refused(RequestError::WrongState(..)));
    assert!(wrong_state(peer.deliver_sm(&DeliverSm::default()).await.unwrap_err()));
    assert!(wrong_state(
        peer.alert_notification(&AlertNotification::default()).unwrap_err()
    ));
    peer.set_window(3);
    assert_eq!((peer.window().capacity, peer.room()), (3, 3));
    peer.unbind();
    let unbind = esme.recv().await;
    assert_eq!(unbind.pdu.command_id(), CommandId::UNBIND);
    esme.send(&pdu(unbind.header.sequence_number, &UnbindResp::default()))
        .await;
    assert_eq!(peer.closed().await, CloseReason::Unbound);
    assert!(esme.is_closed().await);
    drop(esme);
    has_connections(&server, 0).await;
}

pub(crate) const ASK: CommandId = CommandId(0x0001_0201);
pub(crate) const ANSWER: CommandId = CommandId(0x8001_0201);

fn own(command_id: CommandId, body: &str) -> Unknown {
    let octets = raw(command_id, body);
    let Pdu::Unknown(pdu) = Codec::default().decode(&octets).unwrap().pdu else {
        panic!("it is known")
    };
    pdu.into_owned()
}

pub(crate) fn raw(command_id: CommandId, body: &str) -> Vec<u8> {
    let len = u32::try_from(16 + body.len()).unwrap();
    let header = [len, command_id.0, 0, 7].map(u32::to_be_bytes).concat();
    [&header, body.as_bytes()].concat()
}

pub(crate) fn with_vendor() -> Config {
    let mut config = Config::default();
    config.vendor.push(VendorCommand::new(ASK, ANSWER).unwrap());
    config
}

#[tokio::test]
async fn a_vendors_command_has_its_method_and_may_be_sent() {
    let (server, mut log) = server(|builder| builder.config(with_vendor()));
    let address = server.listen("127.0.0.1:0").await.unwrap();
    let mut esme = Esme::bound(address, "a").await;
    for (body, status, answer) in [
        ("how much", CommandStatus::ESME_ROK, "how much"),
        ("no", CommandStatus::ESME_RMSGQFUL, ""),
        ("wrong", CommandStatus::ESME_RSYSERR, ""),
    ] {
        esme.send(&raw(ASK, body)).await;
        let got = esme.recv().await;
        assert_eq!(got.pdu, Pdu::Unknown(own(ANSWER, answer)), "{body}");
        assert_eq!((got.header.command_status, got.header.sequence_number), (status, 7));
    }
    esme.send(&raw(CommandId(0x0001_0202), "not registered")).await;
    assert_eq!(
        esme.answer(CommandId::GENERIC_NACK, 7).await,
        CommandStatus::ESME_RINVCMDID
    );

    let peer = log.bound().await;
    let asked = tokio::spawn(async move { peer.request_vendor(own(ASK, "and you?")).await });
    let got = esme.recv().await;
    assert_eq!(got.pdu, Pdu::Unknown(own(ASK, "and you?")));
    esme.send(&pdu(got.header.sequence_number, &own(ANSWER, "nothing")))
        .await;
    assert_eq!(asked.await.unwrap().unwrap(), own(ANSWER, "nothing"));
}

/// Nothing of its own.
struct Bare;

#[async_trait]
impl Acceptor for Bare {
    async fn bind(&self, _: &Bind, _: &ConnectionInfo) -> Result<Arc<dyn Handler>, Reject> {
        Ok(Arc::new(Bare))
    }
}
impl Handler for Bare {}

#[tokio::test]
async fn a_vendors_command_that_no_handler_has_is_refused_by_its_own_response() {
    let server = Server::builder(Bare).config(with_vendor()).build();
    let address = server.listen("127.0.0.1:0").await.unwrap();
    let mut esme = Esme::bound(address, "a").await;
    esme.send(&raw(ASK, "how much")).await;
    assert_eq!(esme.answer(ANSWER, 7).await, CommandStatus::ESME_RINVCMDID);
}
