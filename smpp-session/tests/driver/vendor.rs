//! A vendor's own command, through the driver.

use crate::desk::HandsOver;
use crate::{on_each_runtime, wire};
use smpp_pdu::{CommandId, CommandStatus, Unknown};
use smpp_session::driver::{CallError, Connection};
use smpp_session::{Config, RequestError, Role, VendorCommand};

const ASK: CommandId = CommandId(0x0001_0201);
const ANSWER: CommandId = CommandId(0x8001_0277);

fn pdu(command_id: CommandId, body: &str) -> Unknown {
    Unknown {
        command_id,
        body: body.into(),
    }
}

#[test]
fn through_the_window_and_the_backlog() {
    on_each_runtime(|| async {
        let mut config = Config::default();
        config.window = 1;
        config.vendor.push(VendorCommand::new(ASK, ANSWER).unwrap());
        let (a, b) = tokio::io::duplex(1 << 16);
        let (esme, smsc) = (
            Connection::new(Role::Esme, config.clone()),
            Connection::new(Role::Smsc, config),
        );
        let (handle, centre) = (esme.handle(), smsc.handle());
        let (nobody, _) = HandsOver::new(&handle);
        let (desk, mut responders) = HandsOver::new(&centre);
        tokio::spawn(esme.drive(a, nobody));
        tokio::spawn(smsc.drive(b, desk));
        let answers = async {
            let bind = responders.recv().await.unwrap();
            bind.respond(CommandStatus::ESME_ROK, &wire::transceiver_resp())
                .unwrap();
            let ok = responders.recv().await.unwrap();
            ok.respond(CommandStatus::ESME_ROK, &pdu(ANSWER, "enough")).unwrap();
            let busy = responders.recv().await.unwrap();
            busy.respond(CommandStatus(0x401), &pdu(ANSWER, "later")).unwrap();
            drop(responders.recv().await.unwrap());
        };
        let asks = async {
            handle.request(wire::transceiver()).await.unwrap();
            tokio::join!(
                handle.request_vendor(pdu(ASK, "how much is left?")),
                handle.request_vendor(pdu(ASK, "and now?")),
                handle.request_vendor(pdu(ASK, "hello?")),
            )
        };
        let ((first, second, third), ()) = tokio::join!(asks, answers);
        assert_eq!(first.unwrap(), pdu(ANSWER, "enough"));
        match second {
            Err(CallError::Rejected(rejection)) => assert_eq!(rejection.command_status(), CommandStatus(0x401)),
            other => panic!("{other:?}"),
        }
        let nobody_answered = third.unwrap_err().command_status();
        assert_eq!(nobody_answered, Some(CommandStatus::ESME_RSYSERR));
        let other = CommandId(0x0001_0299);
        let unregistered = handle.request_vendor(pdu(other, "")).await;
        assert!(
            matches!(&unregistered, Err(CallError::Refused(RequestError::NotARequest(id))) if *id == other),
            "{unregistered:?}"
        );
    });
}
