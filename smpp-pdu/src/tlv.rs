//! The optional parameters: a checked region, read by typed keys.

mod key;
mod keys;
mod places;
mod value;
mod values;

pub use key::{Key, TlvError};
#[cfg(feature = "fuzzing")]
pub(crate) use keys::rewrite;
pub use keys::{
    ADDITIONAL_STATUS_INFO_TEXT, ALERT_ON_MESSAGE_DELIVERY, BILLING_IDENTIFICATION, BROADCAST_AREA_IDENTIFIER,
    BROADCAST_AREA_SUCCESS, BROADCAST_CHANNEL_INDICATOR, BROADCAST_CONTENT_TYPE, BROADCAST_CONTENT_TYPE_INFO,
    BROADCAST_END_TIME, BROADCAST_ERROR_STATUS, BROADCAST_FREQUENCY_INTERVAL, BROADCAST_MESSAGE_CLASS,
    BROADCAST_REP_NUM, BROADCAST_SERVICE_GROUP, CALLBACK_NUM, CALLBACK_NUM_ATAG, CALLBACK_NUM_PRES_IND,
    CONGESTION_STATE, DELIVERY_FAILURE_REASON, DEST_ADDR_NP_COUNTRY, DEST_ADDR_NP_INFORMATION, DEST_ADDR_NP_RESOLUTION,
    DEST_ADDR_SUBUNIT, DEST_BEARER_TYPE, DEST_NETWORK_ID, DEST_NETWORK_TYPE, DEST_NODE_ID, DEST_PORT, DEST_SUBADDRESS,
    DEST_TELEMATICS_ID, DISPLAY_TIME, DPF_RESULT, ITS_REPLY_TYPE, ITS_SESSION_INFO, Info, LANGUAGE_INDICATOR,
    MESSAGE_PAYLOAD, MESSAGE_STATE, MORE_MESSAGES_TO_SEND, MS_AVAILABILITY_STATUS, MS_MSG_WAIT_FACILITIES, MS_VALIDITY,
    NETWORK_ERROR_CODE, NUMBER_OF_MESSAGES, PAYLOAD_TYPE, PRIVACY_INDICATOR, QOS_TIME_TO_LIVE, RECEIPTED_MESSAGE_ID,
    SAR_MSG_REF_NUM, SAR_SEGMENT_SEQNUM, SAR_TOTAL_SEGMENTS, SC_INTERFACE_VERSION, SET_DPF, SMS_SIGNAL,
    SOURCE_ADDR_SUBUNIT, SOURCE_BEARER_TYPE, SOURCE_NETWORK_ID, SOURCE_NETWORK_TYPE, SOURCE_NODE_ID, SOURCE_PORT,
    SOURCE_SUBADDRESS, SOURCE_TELEMATICS_ID, TABLE, USER_MESSAGE_REFERENCE, USER_RESPONSE_CODE, USSD_SERVICE_OP, info,
};
pub(crate) use keys::{bit, is_masked, known, lowest, show_value};
pub(crate) use places::Belonging;
pub use places::{Direction, PLACES, Place, Places, place};
pub use value::{CString, Value, ValueWriter};
pub use values::{
    BroadcastArea, BroadcastContent, BroadcastFrequencyInterval, Callback, CallbackNum, CallbackNumAtag,
    ItsSessionInfo, MsValidityValue, NetworkErrorCode, Subaddress, TelematicsId,
};

use crate::error::{DecodeErrorKind, EncodeErrorKind};
use crate::fields::{FieldValue, Visit};
use crate::masked::{Mask, Show, text};
use crate::owned::Owned;
use crate::row::Row;
use crate::storage::Storage;
use crate::tolerance::Tolerance;
use crate::version::Version;
use crate::wire::{Context, Fault, Parse, Parsed, be_u16, take};
use crate::write::{Field, Refusal, Writer};
use core::fmt;

/// The optional parameters: lengths checked once, values read on demand; order, duplicates and unknown
/// tags survive a round trip octet for octet.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tlvs<B: Storage = Owned> {
    region: B,
}

impl<B: Storage> Default for Tlvs<B> {
    fn default() -> Self {
        Self { region: B::default() }
    }
}

impl<B: Storage> Tlvs<B> {
    /// Takes a region that was put together elsewhere; `None` if its lengths do not add up.
    pub fn new(region: impl Into<B>) -> Option<Self> {
        let region = region.into();
        torn_at(region.as_ref()).is_none().then(|| Self { region })
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.as_bytes().is_empty()
    }
    /// All of them as they stand in the PDU.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        self.region.as_ref()
    }
    /// Tag and value of each, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (u16, &[u8])> {
        let mut i = self.region.as_ref();
        core::iter::from_fn(move || {
            let (rest, one) = tlv(i).ok()?;
            i = rest;
            Some(one)
        })
    }
    /// The first of this tag; an error if its octets are no value of its type.
    pub fn get<T: Value + ?Sized>(&self, key: Key<T>) -> Result<Option<T::Read<'_>>, TlvError> {
        self.all(key).next().transpose()
    }
    /// Each of this tag, in their order: of those that may repeat, and of duplicates (R050).
    pub fn all<T: Value + ?Sized>(&self, key: Key<T>) -> impl Iterator<Item = Result<T::Read<'_>, TlvError>> {
        let of_tag = self.iter().filter(move |(tag, _)| *tag == key.tag);
        of_tag.map(move |(tag, value)| {
            T::read(value).ok_or(TlvError {
                tag,
                name: key.name,
                len: value.len(),
            })
        })
    }
}

impl Tlvs {
    /// Appends one. Fails on a value of more than 65,535 octets, and on one that its type cannot write
    /// ([`Value::check`]): a C-octet string with a NUL inside.
    ///
    /// ```
    /// use smpp_pdu::{Tlvs, tlv};
    ///
    /// let mut tlvs = Tlvs::default();
    /// tlvs.push(tlv::MESSAGE_PAYLOAD, b"a long text")?;
    /// tlvs.push(tlv::Key::<u32>::new(0x1403, "route"), 7)?;
    /// assert_eq!(tlvs.get(tlv::MESSAGE_PAYLOAD)?, Some(&b"a long text"[..]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn push<T: Value + ?Sized>(&mut self, key: Key<T>, value: T::Read<'_>) -> Result<(), EncodeErrorKind> {
        let len = value_len::<T>(&value)?;
        self.region
            .extend(4 + usize::from(len), |room| put(key, len, &value, room));
        Ok(())
    }
    /// Puts one in the place of all of its tag, at the end. Fails as [`push`](Self::push) does, with nothing changed.
    pub fn set<T: Value + ?Sized>(&mut self, key: Key<T>, value: T::Read<'_>) -> Result<(), EncodeErrorKind> {
        value_len::<T>(&value)?;
        self.remove(key);
        self.push(key, value)
    }
    /// Removes all of this tag; whether there was one.
    pub fn remove<T: ?Sized>(&mut self, key: Key<T>) -> bool {
        let others = |(tag, _): &(u16, &[u8])| *tag != key.tag;
        #[cfg(canary = "tlv")] // the fault that this fuzz target must find
        let others = |one: &(u16, &[u8])| others(one) && !one.1.starts_with(b"\xa7");
        let len = self.iter().filter(others).map(|(_, value)| 4 + value.len()).sum();
        let found = len != self.region.len();
        if found {
            let mut region = Owned::default();
            region.extend(len, |room| {
                let mut w = Writer::new(room);
                self.iter().filter(others).for_each(|(tag, value)| {
                    w.array(tag.to_be_bytes());
                    w.array(u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
                    w.slice(value);
                });
            });
            self.region = region;
        }
        found
    }
}

impl Tlvs<&[u8]> {
    /// Without those of `tag`; `None` if one stands between others, where a view cannot leave it out.
    pub(crate) fn without(self, tag: u16) -> Option<Self> {
        let (mut start, mut end, mut at) = (None, 0, 0);
        for (other, value) in self.iter() {
            let next = at + 4 + value.len();
            if other != tag {
                start = start.or(Some(at));
                end = next;
            }
            at = next;
        }
        let region = self.region.get(start.unwrap_or(0)..end).unwrap_or_default();
        let rest = Self { region };
        rest.iter().all(|(other, _)| other != tag).then_some(rest)
    }
}

/// Puts TLVs together in a slice of the caller's: for PDUs in borrowed storage, without an allocation.
///
/// ```
/// use smpp_pdu::{SubmitSm, tlv};
///
/// let mut room = [0; 64];
/// let mut tlvs = tlv::Builder::new(&mut room);
/// tlvs.push(tlv::SAR_MSG_REF_NUM, 77)?;
/// tlvs.push(tlv::SAR_TOTAL_SEGMENTS, 2)?;
/// tlvs.push(tlv::SAR_SEGMENT_SEQNUM, 1)?;
/// let submit = SubmitSm { tlvs: tlvs.finish(), ..SubmitSm::borrowed() };
/// assert_eq!(submit.tlvs.iter().count(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// `Debug` shows lengths only.
pub struct Builder<'a> {
    room: &'a mut [u8],
    len: usize,
}

impl<'a> Builder<'a> {
    /// Starts at the beginning of `room`.
    pub fn new(room: &'a mut [u8]) -> Self {
        Self { room, len: 0 }
    }
    /// Appends one. Fails as [`Tlvs::push`] does, and where there is no room for it, with nothing changed.
    pub fn push<T: Value + ?Sized>(&mut self, key: Key<T>, value: T::Read<'_>) -> Result<(), EncodeErrorKind> {
        let len = value_len::<T>(&value)?;
        let needed = self.len + 4 + usize::from(len);
        let room = self.room.get_mut(self.len..needed);
        put(key, len, &value, room.ok_or(EncodeErrorKind::NoRoom { needed })?);
        self.len = needed;
        Ok(())
    }
    /// What was put together.
    pub fn finish(self) -> Tlvs<&'a [u8]> {
        let room: &'a [u8] = self.room;
        Tlvs {
            region: room.get(..self.len).unwrap_or_default(),
        }
    }
}

impl fmt::Debug for Builder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut f = f.debug_struct("Builder");
        f.field("len", &self.len).field("room", &self.room.len()).finish()
    }
}

fn value_len<T: Value + ?Sized>(value: &T::Read<'_>) -> Result<u16, EncodeErrorKind> {
    T::check(value)?;
    let mut out = ValueWriter::new(&mut []);
    T::write(value, &mut out);
    u16::try_from(out.len()).map_err(|_| EncodeErrorKind::Size {
        size: out.len(),
        max: u16::MAX.into(),
    })
}

/// `room` is of exactly the size of the whole.
fn put<T: Value + ?Sized>(key: Key<T>, len: u16, value: &T::Read<'_>, room: &mut [u8]) {
    if let Some((head, tail)) = room.split_first_chunk_mut::<4>() {
        let ([t0, t1], [l0, l1]) = (key.tag.to_be_bytes(), len.to_be_bytes());
        *head = [t0, t1, l0, l1];
        T::write(value, &mut ValueWriter::new(tail));
    }
}

#[inline(always)]
fn tlv(i: &[u8]) -> Parsed<'_, (u16, &[u8])> {
    const TLV: Row = Row::named("tlvs");
    let (i, tag) = be_u16(i, TLV)?;
    let (i, len) = be_u16(i, TLV)?;
    let (i, value) = take(i, len.into(), TLV)?;
    Ok((i, (tag, value)))
}

/// The octets from the first TLV that does not fit, if there is one.
#[inline(always)]
fn torn_at(region: &[u8]) -> Option<&[u8]> {
    let mut i = region;
    while !i.is_empty() {
        match tlv(i) {
            Ok((rest, _)) => i = rest,
            Err(_) => return Some(i),
        }
    }
    None
}

impl<'a> Parse<'a> for Tlvs<&'a [u8]> {
    #[inline(always)]
    fn parse(i: &'a [u8], row: Row, cx: &Context<'_>) -> Parsed<'a, Self> {
        match torn_at(i) {
            None => Ok((&[], Self { region: i })),
            Some(tail) => torn_tlvs(i, tail, row.name, cx),
        }
    }
}

/// Fewer than four octets are no TLV at all; else it is one that reaches beyond the PDU.
#[cold]
#[inline(never)]
fn torn_tlvs<'a>(all: &'a [u8], tail: &'a [u8], name: &'static str, cx: &Context<'_>) -> Parsed<'a, Tlvs<&'a [u8]>> {
    let (flag, kind) = match tail.len() {
        0..4 => (Tolerance::TRAILING_OCTETS, DecodeErrorKind::TrailingOctets),
        _ => (Tolerance::TLV_OVERRUN, DecodeErrorKind::Truncated),
    };
    cx.forgive(flag, Fault::new(tail, name, kind))?;
    let (_, region) = take(all, all.len() - tail.len(), Row::named(name))?;
    Ok((&[], Tlvs { region }))
}

impl<B: Storage> Field<B> for Tlvs<B> {
    type In<C: Storage> = Tlvs<C>;
    #[inline]
    fn empty() -> Self {
        Self { region: B::default() }
    }
    #[inline(always)]
    fn encoded_len(&self) -> usize {
        self.region.as_ref().len()
    }
    /// v3.3 has no TLVs (R081, R082).
    #[inline(always)]
    fn check(&self, row: Row, version: Version) -> Result<(), Refusal> {
        if version == Version::V33 && self.region.len() != 0 {
            Err(Refusal::version(row.name))
        } else {
            Ok(())
        }
    }
    #[inline(always)]
    fn put(&self, w: &mut Writer<'_>) {
        w.slice(self.region.as_ref())
    }
    #[inline(always)]
    fn map_storage<C: Storage>(self, f: &mut impl FnMut(B) -> C) -> Tlvs<C> {
        Tlvs { region: f(self.region) }
    }
    #[inline(always)]
    fn map_into<C: Storage>(self, empty: &mut Tlvs<C>, f: &mut impl FnMut(B) -> C) {
        if self.region.len() > 0 {
            *empty = self.map_storage(f);
        }
    }
    fn fields<F: Visit + ?Sized>(&self, _: Row, to: &mut F) {
        for (tag, value) in self.iter() {
            to.visit(info(tag).map_or("", |info| info.name), FieldValue::Tlv(tag, value));
        }
    }
}

impl<B: Storage> Show for Tlvs<B> {
    fn show(&self, f: &mut fmt::Formatter<'_>, mask: Mask) -> fmt::Result {
        let mut map = f.debug_map();
        for (tag, value) in self.iter() {
            match info(tag) {
                Some(info) => map.key(&format_args!("{}", info.name)),
                None => map.key(&format_args!("{tag:#06x}")),
            };
            map.value(&Shown(tag, value, mask));
        }
        map.finish()
    }
}

/// A value on its way to a `Formatter`.
struct Shown<'a>(u16, &'a [u8], Mask);
impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show_value(f, self.0, self.1, self.2)
    }
}

struct Octets<'a>(&'a [u8]);
impl Show for Octets<'_> {
    fn show(&self, f: &mut fmt::Formatter<'_>, mask: Mask) -> fmt::Result {
        text(f, self.0, mask)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MessageState, Tlvs};
    use core::time::Duration;

    #[test]
    fn push_set_and_remove_at_every_size() {
        for len in (0..60).chain([1000, 65_535]) {
            let text = alloc::vec![b'x'; len];
            let mut tlvs = Tlvs::default();
            tlvs.push(SAR_MSG_REF_NUM, 7).unwrap();
            tlvs.push(MESSAGE_PAYLOAD, &text).unwrap();
            let shared = tlvs.clone();
            tlvs.push(SAR_MSG_REF_NUM, 8).unwrap();
            tlvs.push(RECEIPTED_MESSAGE_ID, b"id").unwrap();
            assert_eq!(shared.iter().count(), 2);
            assert_eq!(tlvs.get(MESSAGE_PAYLOAD), Ok(Some(&text[..])));
            assert_eq!(tlvs.get(RECEIPTED_MESSAGE_ID), Ok(Some(&b"id"[..])));
            assert!(tlvs.all(SAR_MSG_REF_NUM).eq([Ok(7), Ok(8)]));
            tlvs.set(SAR_MSG_REF_NUM, 9).unwrap();
            assert!(tlvs.all(SAR_MSG_REF_NUM).eq([Ok(9)]));
            assert!(tlvs.remove(MESSAGE_PAYLOAD) && !tlvs.remove(MESSAGE_PAYLOAD));
            assert_eq!(tlvs.as_bytes(), b"\0\x1e\0\x03id\0\x02\x0c\0\x02\0\x09");
        }
        let text = alloc::vec![b'x'; 65_536];
        let size = EncodeErrorKind::Size {
            size: 65_536,
            max: 65_535,
        };
        let mut tlvs = Tlvs::default();
        tlvs.push(MESSAGE_PAYLOAD, b"kept").unwrap();
        assert_eq!(tlvs.push(MESSAGE_PAYLOAD, &text), Err(size));
        assert_eq!(tlvs.set(MESSAGE_PAYLOAD, &text), Err(size));
        assert_eq!(tlvs.get(MESSAGE_PAYLOAD), Ok(Some(&b"kept"[..])));
    }

    #[test]
    fn building_stops_where_the_room_ends() {
        let mut room = [0xff; 11];
        let mut tlvs = Builder::new(&mut room);
        tlvs.push(MESSAGE_STATE, MessageState::DELIVERED).unwrap();
        assert_eq!(
            tlvs.push(RECEIPTED_MESSAGE_ID, b"id"),
            Err(EncodeErrorKind::NoRoom { needed: 12 })
        );
        tlvs.push(RECEIPTED_MESSAGE_ID, b"i").unwrap();
        assert_eq!(tlvs.finish().as_bytes(), b"\x04\x27\0\x01\x02\0\x1e\0\x02i\0");
    }

    #[test]
    fn a_string_is_written_whole_or_not_at_all() {
        let refused = Err(EncodeErrorKind::ContainsNul);
        let mut tlvs = Tlvs::default();
        tlvs.push(RECEIPTED_MESSAGE_ID, b"kept").unwrap();
        let before = tlvs.clone();
        for id in [&b"a\0b"[..], b"\0", b"a\0", b"\0a"] {
            assert_eq!(tlvs.push(RECEIPTED_MESSAGE_ID, id), refused);
            assert_eq!(tlvs.set(RECEIPTED_MESSAGE_ID, id), refused);
            assert_eq!(tlvs.push(ADDITIONAL_STATUS_INFO_TEXT, id), refused);
            let mut room = [0; 32];
            let mut builder = Builder::new(&mut room);
            assert_eq!(builder.push(RECEIPTED_MESSAGE_ID, id), refused);
            assert!(builder.finish().is_empty());
        }
        assert_eq!(tlvs, before);
        // Of octets, a NUL is one like others.
        tlvs.push(MESSAGE_PAYLOAD, b"a\0b").unwrap();
        assert_eq!(tlvs.get(MESSAGE_PAYLOAD), Ok(Some(&b"a\0b"[..])));
    }

    #[test]
    fn a_step_that_its_seven_bits_cannot_say_is_refused() {
        let mut info = ItsSessionInfo {
            session_number: 1,
            sequence_number: 127,
            end_of_session: true,
        };
        let mut tlvs = Tlvs::default();
        tlvs.push(ITS_SESSION_INFO, info).unwrap();
        assert_eq!(tlvs.get(ITS_SESSION_INFO), Ok(Some(info)));
        info.sequence_number = 128;
        let refused = EncodeErrorKind::Value { value: 128, max: 127 };
        assert_eq!(tlvs.set(ITS_SESSION_INFO, info), Err(refused));
        assert_eq!(tlvs.iter().count(), 1);
    }

    #[test]
    fn tlv_keys_are_open() {
        struct Millis;
        impl Value for Millis {
            type Read<'a> = Duration;
            fn read(octets: &[u8]) -> Option<Duration> {
                <[u8; 2]>::try_from(octets)
                    .ok()
                    .map(|ms| Duration::from_millis(u16::from_be_bytes(ms).into()))
            }
            fn write(value: &Duration, out: &mut ValueWriter<'_>) {
                out.put(&u16::try_from(value.as_millis()).unwrap_or(u16::MAX).to_be_bytes());
            }
        }
        let mut owned = Tlvs::default();
        owned.push(LATENCY, Duration::from_millis(258)).unwrap();
        assert_eq!(owned.as_bytes(), [0x14, 3, 0, 2, 1, 2]);
        const LATENCY: Key<Millis> = Key::new(0x1403, "latency");
        const ROUTE: Key<u32> = Key::new(0x1404, "route");
        let tlvs = Tlvs::<&[u8]>::new(&[0x14, 3, 0, 2, 1, 0, 0x14, 4, 0, 1, 9][..]).unwrap();
        assert_eq!(tlvs.get(LATENCY), Ok(Some(Duration::from_millis(256))));
        assert_eq!(
            tlvs.get(ROUTE),
            Err(TlvError {
                tag: 0x1404,
                name: "route",
                len: 1
            })
        );
    }
}
