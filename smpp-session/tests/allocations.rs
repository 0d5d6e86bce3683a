//! What a session takes of memory: nothing before its first use, nothing for a message, and after a burst it gives back
//! what that took.

use smpp_pdu::{BindTransceiver, CommandId, CommandStatus, CongestionState, ShortMessage, SubmitSm, Version};
use smpp_session::{Config, Event, Overload, RequestToken, Role, Session, VendorCommand};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn submit() -> SubmitSm<&'static [u8]> {
    let mut submit = SubmitSm::borrowed();
    submit.short_message = ShortMessage::new(&b"hello"[..]).unwrap();
    submit
}

struct Two {
    esme: Session<u32>,
    smsc: Session<u32>,
    up: Vec<u8>,
    down: Vec<u8>,
    waiting: Vec<RequestToken>,
}

impl Two {
    fn carry(&mut self, now: Instant) -> usize {
        let mut answered = 0;
        self.up.clear();
        self.esme.poll_transmit(&mut self.up);
        self.esme.handle_written(self.up.len());
        let mut input = &self.up[..];
        while let Some(event) = self.smsc.handle_bytes(now, &mut input) {
            if let Event::Request(received) = event {
                self.waiting.push(received.token);
            }
        }
        for token in self.waiting.drain(..) {
            self.smsc.reject(token, CommandStatus::ESME_ROK).unwrap();
        }
        self.down.clear();
        self.smsc.poll_transmit(&mut self.down);
        self.smsc.handle_written(self.down.len());
        let mut input = &self.down[..];
        while let Some(event) = self.esme.handle_bytes(now, &mut input) {
            answered += usize::from(matches!(event, Event::Ended { .. }));
        }
        while self.esme.poll_event().is_some() || self.smsc.poll_event().is_some() {}
        answered
    }
}

// One test: what others allocate meanwhile would be counted.
#[test]
fn memory() {
    let mut config = Config::default();
    config.window = 1000;
    of_two_sessions(&config, 0x34);
    // And with all that can be switched on.
    config.overload = Overload::Pause;
    config.inactivity = Some(Duration::from_secs(3600));
    (config.version, config.unstated_version) = (Version::V50, Version::V50);
    let (ask, answer) = (CommandId(0x0001_0201), CommandId(0x8001_0201));
    config.vendor.push(VendorCommand::new(ask, answer).unwrap());
    of_two_sessions(&config, 0x50);
}

fn of_two_sessions(config: &Config, interface_version: u8) {
    let mut now = Instant::now();
    // What a session is given is not its own: many may share it.
    let shared = Arc::new(config.clone());
    let [ours, theirs] = [shared.clone(), shared];

    let region = Region::new(ALLOCATOR);
    let esme = Session::<u32>::new(Role::Esme, ours, now);
    let smsc = Session::<u32>::new(Role::Smsc, theirs, now);
    assert_eq!(region.change().allocations, 0, "before the first use");
    assert!(size_of::<Session<u32>>() <= 1024);

    let waiting = Vec::with_capacity(1000);
    let region = Region::new(ALLOCATOR);
    let (up, down) = (Vec::new(), Vec::new());
    let mut two = Two {
        esme,
        smsc,
        up,
        down,
        waiting,
    };
    let bind = BindTransceiver {
        interface_version,
        ..BindTransceiver::borrowed()
    };
    two.esme.request(now, 0, &bind).unwrap();
    assert_eq!(two.carry(now), 1);
    assert_eq!(two.esme.codec().version, config.version);
    two.smsc.set_congestion(Some(CongestionState(50)));
    for round in 0..3 {
        let messages = Region::new(ALLOCATOR);
        for context in 0..1000 {
            two.esme.request(now, context, &submit()).unwrap();
        }
        assert_eq!(two.carry(now), 1000);
        let change = messages.change();
        // Buffers grow in the first two rounds, for they change places.
        if round == 2 {
            assert_eq!(change.allocations + change.reallocations, 0, "for 1,000 messages");
        }
    }

    let said = two.esme.peer_congestion();
    assert_eq!(said.is_some(), config.version == Version::V50);

    // Two minutes of silence.
    for _ in 0..24 {
        now += Duration::from_secs(5);
        two.esme.handle_timeout(now);
        two.smsc.handle_timeout(now);
        two.carry(now);
        two.up.shrink_to_fit();
        two.down.shrink_to_fit();
    }
    let change = region.change();
    let kept = change.bytes_allocated as isize - change.bytes_deallocated as isize;
    assert!(kept < 4096, "{kept} octets of two silent sessions");
}
