//! congestion_state, through the handles of both sides.

use crate::desk::Side;
use crate::{on_each_runtime, wire};
use smpp_pdu::{BindTransceiver, CongestionState, Version};
use smpp_session::{Config, Role};

#[test]
fn said_by_one_handle_and_heard_by_the_other() {
    on_each_runtime(|| async {
        let mut config = Config::default();
        (config.version, config.unstated_version) = (Version::V50, Version::V50);
        let (a, b) = tokio::io::duplex(1 << 16);
        let (esme, smsc) = (
            Side::run(Role::Esme, config.clone(), a),
            Side::run(Role::Smsc, config, b),
        );
        let bind = BindTransceiver {
            interface_version: 0x50,
            ..wire::transceiver()
        };
        esme.handle.request(bind).await.unwrap();
        esme.handle.request(wire::submit("now")).await.unwrap();
        assert_eq!(esme.handle.peer_congestion(), None);
        for load in [0, 85] {
            smsc.handle.set_congestion(Some(CongestionState(load)));
            let resp = esme.handle.request(wire::submit("now")).await.unwrap();
            assert_eq!(resp.message_id.as_bytes(), b"id");
            assert_eq!(esme.handle.peer_congestion(), Some(CongestionState(load)));
        }
    });
}
