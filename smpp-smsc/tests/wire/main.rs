//! The server as a peer sees it, over real sockets.
#![cfg(feature = "centre")]

mod client;

use client::{Client, bind, centre, forgets_all, pdu, submit};
use smpp_pdu::{
    CommandId, CommandStatus, DeliverSmResp, EnquireLink, EsmClass, MessageState, Pdu, RegisteredDelivery, SubmitSm,
    tlv,
};
use std::collections::HashSet;

const NUMBER: &str = "447700900123";

/// Somebody else is still served.
async fn serves(address: std::net::SocketAddr) {
    let mut client = Client::bound(address, "smppclient2").await;
    client
        .send(&pdu(2, &submit(NUMBER, "still there", RegisteredDelivery::NONE)))
        .await;
    assert_eq!(client.accepted().await.0, 2);
    client.unbind().await;
}

/// Bound, and not to be delivered to.
async fn transmitter(address: std::net::SocketAddr, system_id: &str) -> Client {
    let mut client = Client::connect(address).await;
    let bind = smpp_pdu::BindTransmitter {
        system_id: smpp_pdu::COctetString::new(system_id).unwrap(),
        password: smpp_pdu::Password::new("password").unwrap(),
        interface_version: 0x34,
        ..smpp_pdu::BindTransmitter::default()
    };
    client.send(&pdu(1, &bind)).await;
    assert_eq!(
        client.answer(CommandId::BIND_TRANSMITTER_RESP, 1).await,
        CommandStatus::ESME_ROK
    );
    client
}

#[tokio::test]
async fn bind_and_submit_in_one_segment() {
    let (server, _, address) = centre(|_| ()).await;
    let mut client = Client::connect(address).await;
    let mut octets = pdu(1, &bind("smppclient1", "password"));
    octets.extend(pdu(2, &submit(NUMBER, "at once", RegisteredDelivery::NONE)));
    client.send(&octets).await;
    assert_eq!(
        client.answer(CommandId::BIND_TRANSCEIVER_RESP, 1).await,
        CommandStatus::ESME_ROK
    );
    assert_eq!(client.accepted().await.0, 2);
    client.unbind().await;
    server.shutdown().await;
}

#[tokio::test]
async fn one_octet_at_a_time() {
    let (_server, _, address) = centre(|_| ()).await;
    let mut client = Client::connect(address).await;
    let mut octets = pdu(1, &bind("smppclient1", "password"));
    octets.extend(pdu(2, &submit(NUMBER, "slowly", RegisteredDelivery::NONE)));
    octets.extend(pdu(3, &EnquireLink::default()));
    for octet in octets {
        client.send(&[octet]).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(
        client.answer(CommandId::BIND_TRANSCEIVER_RESP, 1).await,
        CommandStatus::ESME_ROK
    );
    assert_eq!(client.accepted().await.0, 2);
    assert_eq!(
        client.answer(CommandId::ENQUIRE_LINK_RESP, 3).await,
        CommandStatus::ESME_ROK
    );
    client.unbind().await;
}

#[tokio::test]
async fn two_thousand_submits_without_reading() {
    let (server, centre, address) = centre(|_| ()).await;
    let mut client = Client::bound(address, "smppclient1").await;
    let submits: Vec<u8> = (2..2002)
        .flat_map(|n| pdu(n, &submit(NUMBER, "many", RegisteredDelivery::NONE)))
        .collect();
    client.send(&submits).await;
    let (mut numbers, mut ids) = (HashSet::new(), HashSet::new());
    for _ in 2..2002 {
        let (number, id) = client.accepted().await;
        assert!(
            numbers.insert(number) && ids.insert(id),
            "{number} was answered twice, or named as another"
        );
    }
    assert_eq!(numbers, (2..2002).collect());
    client.unbind().await;
    server.shutdown().await;
    let stats = server.stats();
    assert_eq!((stats.pdus_in, stats.pdus_out, stats.refused), (2002, 2002, 0));
    assert!(centre.stored() <= 2000);
}

#[tokio::test]
async fn who_says_no_more_still_gets_the_answers() {
    let (_server, _, address) = centre(|_| ()).await;
    let mut client = Client::bound(address, "smppclient1").await;
    // More answers than a socket holds: they wait for a reader.
    let submit = submit(NUMBER, "", RegisteredDelivery::NONE);
    let submits: Vec<u8> = (2..40_002).flat_map(|n| pdu(n, &submit)).collect();
    client.send(&submits).await;
    client.half_close().await;
    for n in 2..40_002 {
        assert_eq!(client.accepted().await.0, n);
    }
    assert!(client.recv().await.is_none());
}

#[tokio::test]
async fn a_receipt_says_what_became_of_the_message() {
    let (_server, centre, address) = centre(|_| ()).await;
    let mut client = Client::bound(address, "smppclient1").await;
    client
        .send(&pdu(
            2,
            &submit(NUMBER, "hello, somebody out there", RegisteredDelivery::RECEIPT),
        ))
        .await;
    // With handsets that take no time the receipt may come first.
    let (mut message_id, mut receipt) = (None, None);
    while message_id.is_none() || receipt.is_none() {
        let decoded = client.recv().await.unwrap();
        match decoded.pdu {
            Pdu::SubmitSmResp(Some(response)) => message_id = Some(response.message_id.as_bytes().to_vec()),
            Pdu::DeliverSm(pdu) => receipt = Some((decoded.header.sequence_number, pdu)),
            other => panic!("{other:?}"),
        }
    }
    let (Some(message_id), Some((sequence_number, receipt))) = (message_id, receipt) else {
        panic!()
    };
    assert_eq!(receipt.esm_class, EsmClass::DELIVERY_RECEIPT);
    assert_eq!(
        (
            receipt.source_addr.addr.as_bytes(),
            receipt.destination_addr.addr.as_bytes()
        ),
        (NUMBER.as_bytes(), &b"10001"[..])
    );
    assert_eq!(receipt.tlvs.get(tlv::MESSAGE_STATE), Ok(Some(MessageState::DELIVERED)));
    assert_eq!(receipt.tlvs.get(tlv::RECEIPTED_MESSAGE_ID), Ok(Some(&message_id[..])));
    let text = String::from_utf8(receipt.short_message.as_bytes().to_vec()).unwrap();
    let id = String::from_utf8(message_id).unwrap();
    assert!(
        text.starts_with(&format!("id:{id} sub:001 dlvrd:001 submit date:")),
        "{text}"
    );
    assert!(
        text.ends_with(" stat:DELIVRD err:000 text:hello, somebody out "),
        "{text}"
    );
    client.send(&pdu(sequence_number, &DeliverSmResp::default())).await;
    client.unbind().await;
    forgets_all(&centre).await;
}

#[tokio::test]
async fn receipts_wait_for_a_receiver_and_are_not_lost_with_a_session() {
    let (_server, centre, address) = centre(|_| ()).await;
    let mut client = transmitter(address, "smppclient1").await;
    client
        .send(&pdu(2, &submit(NUMBER, "later", RegisteredDelivery::RECEIPT)))
        .await;
    let (_, id) = client.accepted().await;
    client.unbind().await;
    assert_eq!(centre.stored(), 1);
    let mut receiver = Client::bound(address, "smppclient1").await;
    let decoded = receiver.recv().await.unwrap();
    let Pdu::DeliverSm(receipt) = decoded.pdu else { panic!() };
    assert_eq!(receipt.tlvs.get(tlv::RECEIPTED_MESSAGE_ID), Ok(Some(&id[..])));
    receiver
        .send(&pdu(decoded.header.sequence_number, &DeliverSmResp::default()))
        .await;
    receiver.unbind().await;
    forgets_all(&centre).await;
}

#[tokio::test]
async fn a_message_to_an_owned_address_goes_to_its_account() {
    let (_server, _, address) = centre(|_| ()).await;
    let (mut one, mut two) = (
        Client::bound(address, "smppclient1").await,
        Client::bound(address, "smppclient2").await,
    );
    one.send(&pdu(2, &submit("10002", "between us", RegisteredDelivery::RECEIPT)))
        .await;
    let (_, id) = one.accepted().await;
    let decoded = two.recv().await.unwrap();
    let Pdu::DeliverSm(message) = decoded.pdu else { panic!() };
    assert_eq!(
        (message.short_message.as_bytes(), message.esm_class),
        (&b"between us"[..], EsmClass::DEFAULT)
    );
    two.send(&pdu(decoded.header.sequence_number, &DeliverSmResp::default()))
        .await;
    let Pdu::DeliverSm(receipt) = one.recv().await.unwrap().pdu else {
        panic!()
    };
    assert_eq!(receipt.tlvs.get(tlv::RECEIPTED_MESSAGE_ID), Ok(Some(&id[..])));
    two.unbind().await;
}

/// A bind that answers nothing holds up what is in its window, and no more.
#[tokio::test]
async fn a_silent_receiver_does_not_starve_the_others() {
    let (_server, centre, address) = centre(|_| ()).await;
    let _silent = Client::bound(address, "smppclient1").await;
    let mut client = Client::bound(address, "smppclient1").await;
    let submit = submit(NUMBER, "", RegisteredDelivery::RECEIPT);
    let submits: Vec<u8> = (2..402).flat_map(|n| pdu(n, &submit)).collect();
    client.send(&submits).await;
    let mut receipts = HashSet::new();
    // The default window is of ten.
    while receipts.len() < 390 {
        let decoded = client.recv().await.unwrap();
        if let Pdu::DeliverSm(receipt) = decoded.pdu {
            let id = receipt.tlvs.get(tlv::RECEIPTED_MESSAGE_ID).unwrap().unwrap().to_vec();
            assert!(receipts.insert(id), "a receipt came twice");
            client
                .send(&pdu(decoded.header.sequence_number, &DeliverSmResp::default()))
                .await;
        }
    }
    assert!(centre.stored() >= 10);
}

#[tokio::test]
async fn messages_arrive_in_their_order() {
    let (_server, _, address) = centre(|_| ()).await;
    let mut client = Client::bound(address, "smppclient1").await;
    // An account may write to itself.
    let submits: Vec<u8> = (2..102)
        .flat_map(|n| pdu(n, &submit("10001", &n.to_string(), RegisteredDelivery::RECEIPT)))
        .collect();
    client.send(&submits).await;
    let (mut next, mut receipts) = (2, 0);
    while next < 102 || receipts < 100 {
        let decoded = client.recv().await.unwrap();
        let Pdu::DeliverSm(message) = decoded.pdu else { continue };
        client
            .send(&pdu(decoded.header.sequence_number, &DeliverSmResp::default()))
            .await;
        if message.esm_class == EsmClass::DELIVERY_RECEIPT {
            receipts += 1;
        } else {
            assert_eq!(message.short_message.as_bytes(), next.to_string().as_bytes());
            next += 1;
        }
    }
}

#[tokio::test]
async fn wrong_binds_are_told_what_is_wrong() {
    for (uniform, id, password, expected) in [
        (false, "smppclient1", "wrong", CommandStatus::ESME_RINVPASWD),
        (false, "somebody", "password", CommandStatus::ESME_RINVSYSID),
        (true, "smppclient1", "wrong", CommandStatus::ESME_RBINDFAIL),
        (true, "somebody", "password", CommandStatus::ESME_RBINDFAIL),
    ] {
        let (_server, _, address) = centre(|config| config.uniform_bind_failure = uniform).await;
        let mut client = Client::connect(address).await;
        client.send(&pdu(1, &bind(id, password))).await;
        assert_eq!(client.answer(CommandId::BIND_TRANSCEIVER_RESP, 1).await, expected);
        serves(address).await;
        // And it may try again.
        client.send(&pdu(2, &bind("smppclient1", "password"))).await;
        assert_eq!(
            client.answer(CommandId::BIND_TRANSCEIVER_RESP, 2).await,
            CommandStatus::ESME_ROK
        );
    }
}

#[tokio::test]
async fn what_the_state_does_not_allow() {
    let (_server, _, address) = centre(|_| ()).await;
    let mut client = Client::connect(address).await;
    client
        .send(&pdu(1, &submit(NUMBER, "too early", RegisteredDelivery::NONE)))
        .await;
    assert_eq!(
        client.answer(CommandId::SUBMIT_SM_RESP, 1).await,
        CommandStatus::ESME_RINVBNDSTS
    );
    client.send(&pdu(2, &bind("smppclient1", "password"))).await;
    assert_eq!(
        client.answer(CommandId::BIND_TRANSCEIVER_RESP, 2).await,
        CommandStatus::ESME_ROK
    );
    client.send(&pdu(3, &bind("smppclient1", "password"))).await;
    assert_eq!(
        client.answer(CommandId::BIND_TRANSCEIVER_RESP, 3).await,
        CommandStatus::ESME_RALYBND
    );
    client
        .send(&pdu(4, &submit(NUMBER, "bound all the same", RegisteredDelivery::NONE)))
        .await;
    assert_eq!(client.accepted().await.0, 4);
    serves(address).await;
}

#[tokio::test]
async fn unknown_commands_and_lengths_that_cannot_be() {
    let (_server, _, address) = centre(|_| ()).await;
    let mut client = Client::bound(address, "smppclient1").await;
    client.send(b"\0\0\0\x14\0\0\x09\x99\0\0\0\0\0\0\0\x07body").await;
    assert_eq!(
        client.answer(CommandId::GENERIC_NACK, 7).await,
        CommandStatus::ESME_RINVCMDID
    );
    client.send(&pdu(8, &EnquireLink::default())).await;
    assert_eq!(
        client.answer(CommandId::ENQUIRE_LINK_RESP, 8).await,
        CommandStatus::ESME_ROK
    );
    serves(address).await;
    for length in [0, 15, 128 * 1024 + 1, u32::MAX] {
        let mut client = Client::bound(address, "smppclient1").await;
        client
            .send(&[&length.to_be_bytes()[..], b"\0\0\0\x15\0\0\0\0\0\0\0\x07"].concat())
            .await;
        assert_eq!(
            client.answer(CommandId::GENERIC_NACK, 0).await,
            CommandStatus::ESME_RINVCMDLEN
        );
        assert!(client.recv().await.is_none(), "it is closed after a length of {length}");
        serves(address).await;
    }
}

#[tokio::test]
async fn what_the_centre_does_not_do_it_refuses() {
    let (_server, centre, address) = centre(|_| ()).await;
    let mut client = Client::bound(address, "smppclient1").await;
    let plain = || submit(NUMBER, "later, perhaps", RegisteredDelivery::NONE);
    let schedule_delivery_time = smpp_pdu::Time::new("000000010000000R").unwrap();
    let requests = [
        (
            submit("", "to nobody", RegisteredDelivery::NONE),
            CommandStatus::ESME_RINVDSTADR,
        ),
        (
            SubmitSm {
                schedule_delivery_time,
                ..plain()
            },
            CommandStatus::ESME_RINVSCHED,
        ),
        (
            SubmitSm {
                replace_if_present_flag: 1,
                ..plain()
            },
            CommandStatus::ESME_RINVSUBREP,
        ),
        (
            SubmitSm {
                sm_default_msg_id: 9,
                ..plain()
            },
            CommandStatus::ESME_RINVDFTMSGID,
        ),
        (
            SubmitSm {
                esm_class: EsmClass::DELIVERY_RECEIPT,
                ..plain()
            },
            CommandStatus::ESME_RINVESMCLASS,
        ),
        (
            SubmitSm {
                priority_flag: 4,
                ..plain()
            },
            CommandStatus::ESME_RINVPRTFLG,
        ),
    ];
    for (number, (request, status)) in (2..).zip(requests) {
        client.send(&pdu(number, &request)).await;
        assert_eq!(client.answer(CommandId::SUBMIT_SM_RESP, number).await, status);
    }
    assert_eq!(centre.stored(), 0);
    client.unbind().await;
}

#[tokio::test]
async fn a_full_store_refuses() {
    let (_server, centre, address) = centre(|config| config.capacity = 1).await;
    let mut client = Client::bound(address, "smppclient1").await;
    // Nobody is bound who could take it.
    client
        .send(&pdu(2, &submit("10002", "waits", RegisteredDelivery::NONE)))
        .await;
    client.accepted().await;
    client
        .send(&pdu(3, &submit("10002", "too many", RegisteredDelivery::NONE)))
        .await;
    assert_eq!(
        client.answer(CommandId::SUBMIT_SM_RESP, 3).await,
        CommandStatus::ESME_RMSGQFUL
    );
    assert_eq!(centre.stored(), 1);
}

#[tokio::test]
async fn one_account_does_not_shut_out_the_others() {
    let (_server, centre, address) = centre(|config| config.account_capacity = 1).await;
    let mut client = Client::bound(address, "smppclient1").await;
    for (number, full) in [(2, false), (3, true)] {
        client
            .send(&pdu(number, &submit("10002", "waits", RegisteredDelivery::NONE)))
            .await;
        let status = client.answer(CommandId::SUBMIT_SM_RESP, number).await;
        assert_eq!(status == CommandStatus::ESME_RMSGQFUL, full);
    }
    assert_eq!(centre.stored(), 1);
    let mut other = transmitter(address, "smppclient2").await;
    other
        .send(&pdu(2, &submit(NUMBER, "not mine", RegisteredDelivery::NONE)))
        .await;
    other.accepted().await;
}

#[tokio::test]
async fn a_centre_that_ends_takes_nothing_more() {
    let (_server, centre, address) = centre(|_| ()).await;
    let mut client = Client::bound(address, "smppclient1").await;
    centre.close();
    client
        .send(&pdu(2, &submit(NUMBER, "too late", RegisteredDelivery::NONE)))
        .await;
    assert_eq!(
        client.answer(CommandId::SUBMIT_SM_RESP, 2).await,
        CommandStatus::ESME_RSYSERR
    );
}

#[tokio::test]
async fn shutdown_unbinds_who_is_bound_and_closes_who_is_not() {
    let (server, _, address) = centre(|_| ()).await;
    let (mut bound, mut open) = (
        Client::bound(address, "smppclient1").await,
        Client::connect(address).await,
    );
    open.send(&pdu(1, &EnquireLink::default())).await;
    assert_eq!(
        open.answer(CommandId::ENQUIRE_LINK_RESP, 1).await,
        CommandStatus::ESME_ROK
    );
    let ending = tokio::spawn({
        let server = server.clone();
        async move { server.shutdown().await }
    });
    let decoded = bound.recv().await.unwrap();
    assert_eq!(decoded.pdu.command_id(), CommandId::UNBIND);
    bound
        .send(&pdu(decoded.header.sequence_number, &smpp_pdu::UnbindResp::default()))
        .await;
    assert!(bound.recv().await.is_none() && open.recv().await.is_none());
    drop((bound, open));
    ending.await.unwrap();
    assert_eq!(server.connections(), 0);
    assert!(
        tokio::net::TcpStream::connect(address).await.is_err(),
        "it listens no more"
    );
}
