//! The examples do what they say.

use smpp_esme::{Client, ConnectError, Delivery, Esme, Inbound};
use smpp_pdu::{Address, COctetString, CommandStatus, ShortMessage, SubmitMulti, SubmitSm};
use smpp_smsc::Server;
use std::time::Duration;
use tokio::time::timeout;

#[path = "../examples/echo.rs"]
#[allow(dead_code)]
mod echo;
#[path = "../examples/forwarder.rs"]
#[allow(dead_code)]
mod forwarder;
#[path = "../examples/sink.rs"]
#[allow(dead_code)]
mod sink;
#[cfg(unix)]
#[path = "../examples/unix_socket.rs"]
#[allow(dead_code)]
mod unix_socket;

async fn client_of(server: &Server) -> (Client, Inbound) {
    let address = server.listen("127.0.0.1:0").await.unwrap();
    let url = format!("smpp://esme:secret@{address}");
    Esme::builder(&url).unwrap().connect().await.unwrap()
}

fn submit(text: &str) -> SubmitSm {
    let addr = |addr: &str| Address {
        addr: COctetString::new(addr).unwrap(),
        ..Address::default()
    };
    SubmitSm {
        source_addr: addr("10001"),
        destination_addr: addr("447700900123"),
        short_message: ShortMessage::new(text).unwrap(),
        ..SubmitSm::default()
    }
}

#[tokio::test]
async fn echo_sends_it_back() {
    let (client, mut inbound) = client_of(&Server::builder(echo::Gate).build()).await;
    let sent = submit("there and back");
    client.submit_sm(&sent).await.unwrap();
    let delivery = timeout(Duration::from_secs(20), inbound.recv()).await.unwrap();
    let Some(Delivery::DeliverSm(deliver, responder)) = delivery else {
        panic!("{delivery:?}")
    };
    responder.accept().unwrap();
    assert_eq!(deliver.short_message, sent.short_message);
    assert_eq!(
        (deliver.source_addr, deliver.destination_addr),
        (sent.destination_addr, sent.source_addr)
    );
}

#[tokio::test]
async fn sink_counts() {
    let sink = sink::Sink::default();
    let (client, _inbound) = client_of(&Server::builder(sink.clone()).build()).await;
    for number in 0..3 {
        let response = client.submit_sm(&submit("away")).await.unwrap();
        assert_eq!(response.message_id.as_bytes(), number.to_string().as_bytes());
    }
    client.request(SubmitMulti::default()).await.unwrap();
    assert_eq!(sink.taken(), 4);
}

#[tokio::test]
async fn forwarder_hands_on_and_back() {
    let sink = sink::Sink::default();
    let behind = Server::builder(sink.clone()).build();
    let (upstream, _inbound) = client_of(&behind).await;
    let (client, _inbound) = client_of(&Server::builder(forwarder::Forwarder(upstream.clone())).build()).await;
    let response = client.submit_sm(&submit("on")).await.unwrap();
    assert_eq!((response.message_id.as_bytes(), sink.taken()), (&b"0"[..], 1));
    // With nobody behind it, the ESME keeps its message.
    behind.shutdown().await;
    upstream.closed().await;
    let error = client.submit_sm(&submit("kept")).await.unwrap_err();
    assert_eq!(error.command_status(), Some(CommandStatus::ESME_RMSGQFUL));
}

#[cfg(unix)]
#[tokio::test]
async fn over_a_unix_socket() -> Result<(), ConnectError> {
    let path = std::env::temp_dir().join(format!("smpp-{}.sock", std::process::id()));
    let listener = tokio::net::UnixListener::bind(&path)?;
    tokio::spawn(unix_socket::accept(
        Server::builder(unix_socket::Gate).build(),
        listener,
    ));
    let stream = tokio::net::UnixStream::connect(&path).await?;
    std::fs::remove_file(&path)?;
    let builder = Esme::builder("smpp://esme:secret@localhost")?;
    let (client, _inbound) = builder.connect_over(stream).await?;
    let response = client.submit_sm(&submit("by file")).await.unwrap();
    assert_eq!(response.message_id.as_bytes(), b"1");
    Ok(())
}
