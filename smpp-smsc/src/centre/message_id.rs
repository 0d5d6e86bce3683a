//! Names of messages.

use smpp_pdu::{COctetString, Version};
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU32, Ordering};

/// A message's name: ten decimal digits, as in receipts (v3.4 Appendix B); eight hexadecimal ones for an ESME of v3.3,
/// which has no room for more (R083).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct MessageId(u32);

impl MessageId {
    pub(super) fn text(self, version: Version) -> COctetString {
        let text = match version {
            Version::V33 => format!("{:08X}", self.0),
            _ => format!("{:010}", self.0),
        };
        // Digits have no NUL among them.
        COctetString::new(&text).unwrap_or_default()
    }
}

/// Numbers one after another, from a random one: what a centre in memory has forgotten it should not name again soon.
#[derive(Debug)]
pub(super) struct MessageIds(AtomicU32);

impl MessageIds {
    pub(super) fn new() -> Self {
        let random = RandomState::new().hash_one(());
        Self(AtomicU32::new(random as u32))
    }
    pub(super) fn next(&self) -> MessageId {
        MessageId(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_fit_their_version() {
        for id in [0, 1, u32::MAX] {
            let text = |version| MessageId(id).text(version).as_bytes().len();
            assert_eq!([Version::V33, Version::V34, Version::V50].map(text), [8, 10, 10]);
        }
        assert_eq!(MessageId(0xabc).text(Version::V33).as_bytes(), b"00000ABC");
        assert_eq!(MessageId(0xabc).text(Version::V34).as_bytes(), b"0000002748");
        let ids = MessageIds::new();
        assert_ne!(ids.next(), ids.next());
    }
}
