//! Requests that wait for a place in the window.

use super::calls::CallKey;
use smpp_pdu::{Codec, Encode, EncodeError, Header};
use std::collections::VecDeque;

/// What may lie before the head of the queue until the octets are moved to the front.
const SLACK: usize = 64 * 1024;

/// Encoded requests, first come first served; as many as there are tasks that wait.
#[derive(Default)]
pub(crate) struct Backlog {
    octets: Vec<u8>,
    head: usize,
    keys: VecDeque<CallKey>,
}

impl Backlog {
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether the request of this call waits here.
    pub(crate) fn contains(&self, key: CallKey) -> bool {
        self.keys.contains(&key)
    }

    /// Forgets the requests of those for whom `keep` is false.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(CallKey) -> bool) {
        let mut kept = Self::default();
        while let Some((key, pdu)) = self.front() {
            if keep(key) {
                kept.octets.extend_from_slice(pdu);
                kept.keys.push_back(key);
            }
            self.head += pdu.len();
            self.keys.pop_front();
        }
        *self = kept;
    }

    /// Encodes `pdu` with a sequence number of 0, in whose place another will be put.
    pub(crate) fn push<E: Encode>(&mut self, codec: Codec, key: CallKey, pdu: &E) -> Result<(), EncodeError> {
        codec.encode(Header::request(0), pdu, &mut self.octets)?;
        self.keys.push_back(key);
        Ok(())
    }

    pub(crate) fn front(&self) -> Option<(CallKey, &[u8])> {
        let octets = self.octets.get(self.head..)?;
        let len = u32::from_be_bytes(*octets.first_chunk()?) as usize;
        Some((*self.keys.front()?, octets.get(..len)?))
    }

    pub(crate) fn pop(&mut self) {
        self.head += self.front().map_or(0, |(_, pdu)| pdu.len());
        self.keys.pop_front();
        if self.keys.is_empty() {
            self.octets.clear();
            self.octets.shrink_to(SLACK);
            self.head = 0;
        } else if self.head > SLACK && self.head > self.octets.len() / 2 {
            self.octets.drain(..self.head);
            self.head = 0;
        }
    }

    /// Whose requests waited; none does afterwards.
    pub(crate) fn drain(&mut self) -> VecDeque<CallKey> {
        std::mem::take(self).keys
    }
}

#[cfg(test)]
mod tests {
    use super::super::border::Border;
    use crate::config::{Config, Role};
    use crate::state::State;
    use smpp_pdu::{EnquireLink, Header};
    use std::task::Waker;

    /// A window that is full for long, and tasks that wait for a while and try again.
    #[test]
    fn who_waits_no_more_takes_no_memory() {
        let config = Config {
            window: 1,
            ..Config::default()
        };
        let border = Border::new(Role::Esme, config);
        let mut s = border.lock();
        assert_eq!(s.session.state(), State::Open);
        let first = s
            .start(&EnquireLink::default(), &mut Some(Waker::noop().clone()))
            .unwrap();
        let mut last = first;
        for round in 0..10_000 {
            let key = s
                .start(&EnquireLink::default(), &mut Some(Waker::noop().clone()))
                .unwrap();
            if round % 1000 == 0 {
                last = key; // is still waited for
            } else {
                s.abandon(key);
            }
            assert!(s.backlog.len() < 300, "{} wait", s.backlog.len());
        }
        // What is left goes its way, in order.
        let mut sent = Vec::new();
        for number in 1..=11 {
            s.session.poll_transmit(&mut sent);
            let mut wake = Vec::new();
            let resp = [16, 0x8000_0015, 0, number].map(u32::to_be_bytes).concat();
            let now = s.now;
            let Some(event) = s.session.handle_bytes(now, &mut &resp[..]) else {
                panic!("{number}")
            };
            let crate::event::Event::Ended { context, outcome } = event else {
                panic!()
            };
            let waited = s.calls.end(context, Ok(outcome)).is_some();
            assert!(waited);
            assert_eq!(context == last, number == 11);
            s.issue(&mut wake);
        }
        assert!(s.backlog.is_empty());
        assert_eq!(s.calls.dropped(), 0);
        assert_eq!(Header::peek(&sent[16 * 10..]).unwrap().1.sequence_number, 11);
    }
}
