//! When an account has as many sessions as it may, one that nothing was heard of may give way.

use crate::esme::{Esme, pdu};
use crate::{has_connections, server};
use smpp_pdu::{CommandId, CommandStatus, UnbindResp};
use smpp_smsc::{BindLimit, CloseReason, Config};
use std::time::Duration;

#[tokio::test]
async fn the_one_that_was_silent_longest_gives_way_in_order() {
    let (server, mut log) = server(|builder| builder.bind_limit(BindLimit::replacing(2, Duration::ZERO)));
    let address = server.listen("127.0.0.1:0").await.unwrap();
    let mut first = Esme::bound(address, "a").await;
    let mut second = Esme::bound(address, "a").await;
    // Since then the first was heard of.
    assert_eq!(first.submit().await, CommandStatus::ESME_ROK);
    let mut third = Esme::bound(address, "a").await;
    // The second is alive after all, and is told: what it asks before it agrees is served.
    let unbind = second.recv().await;
    assert_eq!(unbind.pdu.command_id(), CommandId::UNBIND);
    assert_eq!(second.submit().await, CommandStatus::ESME_ROK);
    // It does not count any more: there is a place that the first can give away.
    let mut fourth = Esme::bound(address, "a").await;
    assert_eq!(first.recv().await.pdu.command_id(), CommandId::UNBIND);
    second
        .send(&pdu(unbind.header.sequence_number, &UnbindResp::default()))
        .await;
    assert!(second.is_closed().await);
    drop(second);
    assert_eq!(log.closed().await, CloseReason::Unbound);
    drop(first);
    has_connections(&server, 2).await;
    assert_eq!(third.submit().await, CommandStatus::ESME_ROK);
    assert_eq!(fourth.submit().await, CommandStatus::ESME_ROK);
}

/// As the field has it: the connection of an ESME is dead and its side knows; it comes again before this side does.
#[tokio::test]
async fn one_whose_keep_alive_is_overdue_gives_way() {
    let mut config = Config::default();
    config.enquire_link = Duration::from_millis(20);
    config.enquire_link_response = Duration::from_secs(3600);
    config.drain = Duration::from_millis(20);
    let limit = BindLimit::replacing(1, config.enquire_link);
    let (server, mut log) = server(|builder| builder.config(config).bind_limit(limit));
    let address = server.listen("127.0.0.1:0").await.unwrap();
    let mut dead = Esme::bound(address, "a").await;
    // It is asked for a sign of life, and gives none.
    assert_eq!(dead.recv().await.pdu.command_id(), CommandId::ENQUIRE_LINK);
    let _again = Esme::bound(address, "a").await;
    assert_eq!(log.closed().await, CloseReason::UnbindTimeout);
    // It did not count any more long before that, nor does it afterwards.
    has_connections(&server, 1).await;
}

#[tokio::test]
async fn who_was_heard_of_stays() {
    for limit in [
        BindLimit::refusing(1),
        BindLimit::replacing(1, Duration::from_secs(3600)),
    ] {
        let (server, _log) = server(|builder| builder.bind_limit(limit));
        let address = server.listen("127.0.0.1:0").await.unwrap();
        let mut first = Esme::bound(address, "a").await;
        let mut second = Esme::connect(address).await;
        assert_eq!(second.bind("a").await, CommandStatus::ESME_RALYBND);
        assert_eq!(first.submit().await, CommandStatus::ESME_ROK);
        first.unbind().await;
        assert_eq!(second.bind("a").await, CommandStatus::ESME_ROK);
    }
    let (server, _log) = server(|builder| builder.bind_limit(BindLimit::replacing(0, Duration::ZERO)));
    let address = server.listen("127.0.0.1:0").await.unwrap();
    let status = Esme::connect(address).await.bind("a").await;
    assert_eq!(
        status,
        CommandStatus::ESME_RALYBND,
        "nobody is there who could give way"
    );
}
