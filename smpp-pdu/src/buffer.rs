//! What PDUs are appended to.

use alloc::vec::Vec;
use bytes::{BufMut, BytesMut};
use core::fmt;
pub(crate) use sealed::OfTheCrate;
use sealed::Sealed;

/// What a PDU is appended to: a [`SendBuffer`], which is made for it, a `Vec<u8>` or a `BytesMut`.
pub trait Buffer: AsRef<[u8]> + AsMut<[u8]> + Sealed {}
impl Buffer for SendBuffer {}
impl Buffer for Vec<u8> {}
impl Buffer for BytesMut {}

/// What appends a PDU. A bound reaches a trait's methods though nobody can name the trait: these take what nobody outside
/// can make.
mod sealed {
    use super::*;

    #[derive(Debug)]
    pub struct OfTheCrate(pub(crate) ());

    pub trait Sealed {
        /// Room for `len` octets behind what is there, always. There may be more, which may be written too, and means
        /// nothing.
        fn room(&mut self, len: usize, _: OfTheCrate) -> Option<&mut [u8]>;
        /// So many octets of the room belong to what is there.
        fn appended(&mut self, len: usize, _: OfTheCrate);
    }
    impl Sealed for SendBuffer {
        #[inline(always)]
        fn room(&mut self, len: usize, _: OfTheCrate) -> Option<&mut [u8]> {
            if self.octets.len() - self.len < len + SLACK {
                self.lengthen(len);
            }
            self.octets.get_mut(self.len..)
        }
        #[inline(always)]
        fn appended(&mut self, len: usize, _: OfTheCrate) {
            self.len += len;
        }
    }
    impl Sealed for Vec<u8> {
        #[inline(always)]
        fn room(&mut self, len: usize, _: OfTheCrate) -> Option<&mut [u8]> {
            let at = self.len();
            // Of what most are no longer than, a copy takes half of what `resize` does.
            match ZEROS.get(..len) {
                Some(zeros) => self.extend_from_slice(zeros),
                None => self.resize(at + len, 0),
            }
            self.get_mut(at..)
        }
        #[inline(always)]
        fn appended(&mut self, _: usize, _: OfTheCrate) {}
    }
    impl Sealed for BytesMut {
        #[inline(always)]
        fn room(&mut self, len: usize, _: OfTheCrate) -> Option<&mut [u8]> {
            let at = self.len();
            // Not `resize`, which is not `#[inline]`.
            self.put_bytes(0, len);
            self.get_mut(at..)
        }
        #[inline(always)]
        fn appended(&mut self, _: usize, _: OfTheCrate) {}
    }
}
const ZEROS: &[u8; 256] = &[0; 256];
/// Room behind each PDU, for stores of known size that go beyond its end.
const SLACK: usize = 24;
/// How much room is made ahead at most.
const AHEAD: usize = 1024;

/// Octets to be sent, that PDUs are appended to one after another. Its room is made ahead and for many, where a `Vec`
/// has each PDU's cleared before it is written.
#[derive(Clone, Default)]
pub struct SendBuffer {
    /// Those to be sent, and room behind them.
    octets: Vec<u8>,
    len: usize,
}

impl SendBuffer {
    /// An empty one, which has allocated nothing.
    pub const fn new() -> Self {
        Self {
            octets: Vec::new(),
            len: 0,
        }
    }
    /// An empty one that holds `capacity` octets without allocating again.
    pub fn with_capacity(capacity: usize) -> Self {
        Self::from(Vec::with_capacity(capacity.saturating_add(SLACK)))
    }
    /// How many octets are to be sent.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }
    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
    /// Appends octets.
    #[inline]
    pub fn extend_from_slice(&mut self, octets: &[u8]) {
        let room = self.room(octets.len(), OfTheCrate(()));
        if let Some(room) = room.and_then(|room| room.get_mut(..octets.len())) {
            room.copy_from_slice(octets);
            self.appended(octets.len(), OfTheCrate(()));
        }
    }
    /// Forgets what is to be sent. Its room stays.
    pub fn clear(&mut self) {
        self.len = 0;
    }
    /// Gives back what is allocated for more than `capacity` octets, as far as those that are to be sent allow.
    pub fn shrink_to(&mut self, capacity: usize) {
        self.octets.truncate(self.len);
        self.octets.shrink_to(capacity);
    }
    /// Exchanges what is to be sent with `octets`, without a copy of either.
    pub fn swap(&mut self, octets: &mut Vec<u8>) {
        self.octets.truncate(self.len);
        core::mem::swap(&mut self.octets, octets);
        self.len = self.octets.len();
    }
    #[cold]
    #[inline(never)]
    fn lengthen(&mut self, len: usize) {
        let len = self.len + len;
        let mut room = len + len.clamp(SLACK, AHEAD);
        // Not more than there is memory for, if that is enough.
        if len + SLACK <= self.octets.capacity() {
            room = room.min(self.octets.capacity());
        }
        self.octets.resize(room, 0);
    }
}

impl AsRef<[u8]> for SendBuffer {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        self.octets.get(..self.len).unwrap_or_default()
    }
}
impl AsMut<[u8]> for SendBuffer {
    #[inline]
    fn as_mut(&mut self) -> &mut [u8] {
        self.octets.get_mut(..self.len).unwrap_or_default()
    }
}
impl From<Vec<u8>> for SendBuffer {
    fn from(octets: Vec<u8>) -> Self {
        Self {
            len: octets.len(),
            octets,
        }
    }
}
impl From<SendBuffer> for Vec<u8> {
    fn from(mut buffer: SendBuffer) -> Self {
        buffer.octets.truncate(buffer.len);
        buffer.octets
    }
}

/// By length only: they may be texts and numbers.
impl fmt::Debug for SendBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} octets>", self.len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{COctetString, Codec, CommandId, EnquireLink, Header, ShortMessage, SubmitSm, SubmitSmResp};

    fn submit(len: usize) -> SubmitSm {
        SubmitSm {
            short_message: ShortMessage::new(&[b'x'; 255][..len]).unwrap(),
            ..SubmitSm::default()
        }
    }

    /// PDUs of many sizes one behind another, around the steps in which room is made, and octets between them.
    #[test]
    fn holds_what_a_vec_holds() {
        let codec = Codec::default();
        let (mut buffer, mut octets) = (SendBuffer::new(), Vec::new());
        for len in (0..=254).chain((0..=254).rev()) {
            let response = SubmitSmResp {
                message_id: COctetString::new(&[b'7'; 64][..len % 65]).unwrap(),
                ..SubmitSmResp::default()
            };
            codec.encode(Header::request(7), &submit(len), &mut buffer).unwrap();
            codec.encode(Header::request(7), &submit(len), &mut octets).unwrap();
            codec.encode(Header::request(8), &response, &mut buffer).unwrap();
            codec.encode(Header::request(8), &response, &mut octets).unwrap();
            buffer.extend_from_slice(&[0xff; 3000][..len * 10]);
            octets.extend_from_slice(&[0xff; 3000][..len * 10]);
            assert_eq!((buffer.as_ref(), buffer.len()), (&octets[..], octets.len()), "{len}");
        }
        assert_eq!(Vec::from(buffer), octets);
    }

    #[test]
    fn what_is_cleared_or_exchanged_does_not_come_again() {
        let codec = Codec::default();
        let mut buffer = SendBuffer::with_capacity(100);
        let mut link = Vec::new();
        codec
            .encode(Header::request(1), &EnquireLink::default(), &mut link)
            .unwrap();
        for len in [200, 3, 254, 0] {
            codec.encode(Header::request(1), &submit(len), &mut buffer).unwrap();
            let room = buffer.octets.len();
            buffer.clear();
            assert!(buffer.is_empty());
            assert_eq!(buffer.octets.len(), room);
            assert_eq!(buffer.as_ref(), []);
            assert_eq!(buffer.as_mut(), []);
            codec
                .encode(Header::request(1), &EnquireLink::default(), &mut buffer)
                .unwrap();
            assert_eq!(buffer.as_ref(), link);
            let mut out = Vec::new();
            buffer.swap(&mut out);
            assert_eq!((&out, buffer.len()), (&link, 0));
            buffer.swap(&mut out);
            assert_eq!((buffer.as_ref(), out.len()), (&link[..], 0));
            buffer.clear();
        }
    }

    #[test]
    fn a_pdu_that_cannot_be_encoded_leaves_nothing() {
        let long = SubmitSm {
            service_type: COctetString::new("longer than six").unwrap(),
            ..SubmitSm::default()
        };
        let mut buffer = SendBuffer::new();
        buffer.extend_from_slice(b"before");
        assert!(Codec::default().encode(Header::request(1), &long, &mut buffer).is_err());
        assert_eq!(buffer.as_ref(), b"before");
    }

    #[test]
    fn room_is_made_in_steps_and_given_back() {
        let codec = Codec::default();
        let mut buffer = SendBuffer::new();
        codec
            .encode(Header::request(1), &EnquireLink::default(), &mut buffer)
            .unwrap();
        assert!(
            buffer.octets.capacity() <= 64,
            "{} octets for 16",
            buffer.octets.capacity()
        );
        for _ in 0..1000 {
            codec.encode(Header::request(1), &submit(160), &mut buffer).unwrap();
            let room = buffer.octets.len() - buffer.len;
            assert!(room <= 1100, "{room} octets behind {}", buffer.len);
        }
        buffer.clear();
        buffer.shrink_to(64);
        assert!(buffer.octets.capacity() <= 64);
        buffer.extend_from_slice(&[7; 100]);
        buffer.shrink_to(64);
        assert_eq!(buffer.as_ref(), [7; 100]);
    }

    #[test]
    fn holds_what_it_was_made_for_without_allocating_again() {
        for capacity in [40, 100, 1000, 4000] {
            let mut buffer = SendBuffer::with_capacity(capacity);
            let made = buffer.octets.capacity();
            while buffer.len() + 20 <= capacity {
                buffer.extend_from_slice(&[1; 20]);
            }
            assert!(buffer.len() > capacity - 20);
            assert_eq!(buffer.octets.capacity(), made);
        }
    }

    #[test]
    fn refusals_are_appended_too() {
        let (codec, header) = (Codec::default(), Header::request(7));
        let (mut buffer, mut octets) = (SendBuffer::new(), Vec::new());
        for command in [CommandId::SUBMIT_SM, CommandId(0x1_0000)] {
            let len = codec.encode_error(command, header, &mut buffer);
            assert_eq!(len, codec.encode_error(command, header, &mut octets));
        }
        assert_eq!(buffer.as_ref(), octets);
    }

    #[test]
    fn is_shown_by_length() {
        let mut buffer = SendBuffer::new();
        buffer.extend_from_slice(b"secret");
        assert_eq!(alloc::format!("{buffer:?}"), "<6 octets>");
    }
}
