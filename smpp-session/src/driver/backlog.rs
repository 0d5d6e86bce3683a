//! Requests that wait for a place in the window.

use super::calls::CallKey;
use smpp_pdu::{Codec, Encode, EncodeError, Header};
use std::collections::VecDeque;

/// What may lie before the head of the queue until the octets are moved to the front.
const SLACK: usize = 64 * 1024;

/// Encoded requests, first come first served; as many as there are tasks that wait.
#[derive(Debug, Default)]
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
