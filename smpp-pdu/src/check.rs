//! What decoding does not judge: values, and which of them go together.

use crate::codes::{CommandId, CommandStatus, EsmClass, Npi, RegisteredDelivery, Ton};
use crate::fields::FieldValue;
use crate::storage::Storage;
use crate::time::{is_absolute, is_final_date, is_relative};
use crate::tlv::{self, Place, Tlvs};
use crate::version::Version;
use core::fmt;

/// A value that the version does not allow, or values that do not go together: the first of a PDU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct CheckError {
    /// The PDU.
    pub command: CommandId,
    /// The field or the TLV, as the specification spells it.
    pub field: &'static str,
    /// What is wrong with it.
    pub kind: CheckErrorKind,
}

/// What is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum CheckErrorKind {
    /// No time, or one that the field does not take (R146, R147).
    Time,
    /// A value that is reserved, or must be another here.
    Reserved {
        /// What the peer sent.
        value: u32,
    },
    /// No destination, where there must be one (R124).
    NoDestination,
    /// short_message and message_payload at once (R060, R061).
    BothTexts,
    /// A TLV whose value has too few or too many octets (R043).
    TlvLength {
        /// How many it has.
        len: usize,
    },
    /// A TLV whose value is impossible (R044, R052).
    TlvValue,
    /// A TLV that must be there (R046, R055, R056, R137).
    TlvMissing,
    /// A TLV that must not stand beside a UDH (R053).
    TlvBesideUdh,
    /// Not as many of it as of what it goes with (R048, R049).
    TlvsUnpaired,
}

impl CheckError {
    /// What to refuse the PDU with (v3.4 §5.1.3, v5.0 §4.7.6).
    pub fn command_status(&self) -> CommandStatus {
        match self.kind {
            CheckErrorKind::NoDestination => CommandStatus::ESME_RINVNUMDESTS,
            CheckErrorKind::BothTexts => CommandStatus::ESME_RINVMSGLEN,
            CheckErrorKind::TlvLength { .. } => CommandStatus::ESME_RINVTLVLEN,
            CheckErrorKind::TlvValue | CheckErrorKind::TlvsUnpaired => CommandStatus::ESME_RINVTLVVAL,
            CheckErrorKind::TlvMissing => CommandStatus::ESME_RMISSINGTLV,
            CheckErrorKind::TlvBesideUdh => CommandStatus::ESME_RTLVNOTALLWD,
            CheckErrorKind::Time | CheckErrorKind::Reserved { .. } => self.status_of_field(),
        }
    }
    fn status_of_field(&self) -> CommandStatus {
        match self.field {
            "schedule_delivery_time" => CommandStatus::ESME_RINVSCHED,
            "validity_period" => CommandStatus::ESME_RINVEXPIRY,
            "priority_flag" => CommandStatus::ESME_RINVPRTFLG,
            "esm_class" => CommandStatus::ESME_RINVESMCLASS,
            "registered_delivery" => CommandStatus::ESME_RINVREGDLVFLG,
            "replace_if_present_flag" => CommandStatus::ESME_RINVREPFLAG,
            "sm_default_msg_id" => CommandStatus::ESME_RINVDFTMSGID,
            "source_addr_ton" => CommandStatus::ESME_RINVSRCTON,
            "source_addr_npi" => CommandStatus::ESME_RINVSRCNPI,
            "dest_addr_ton" => CommandStatus::ESME_RINVDSTTON,
            "dest_addr_npi" => CommandStatus::ESME_RINVDSTNPI,
            _ => CommandStatus::ESME_RUNKNOWNERR,
        }
    }
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { command, field, kind } = self;
        write!(f, "{command:?}.{field}: {kind}")
    }
}
impl core::error::Error for CheckError {}

impl fmt::Display for CheckErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time => f.write_str("not a time that this field takes"),
            Self::Reserved { value } => write!(f, "{value:#x} is not a value of this field"),
            Self::NoDestination => f.write_str("no destination"),
            Self::BothTexts => f.write_str("short_message and message_payload at once"),
            Self::TlvLength { len } => write!(f, "a value of {len} octets"),
            Self::TlvValue => f.write_str("an impossible value"),
            Self::TlvMissing => f.write_str("it is missing"),
            Self::TlvBesideUdh => f.write_str("not beside a user data header"),
            Self::TlvsUnpaired => f.write_str("not as many of it as of what it goes with"),
        }
    }
}

/// Judges a PDU: its fields one by one, then what goes together.
///
/// A message centre asks this of every message, so it is inlined into the walk over the fields, whose names are
/// constants there, and asks after TLVs only where there are any.
pub(crate) struct Judge {
    command: CommandId,
    version: Version,
    esm_class: EsmClass,
    priority_flag: u32,
    /// Whether short_message has any octets.
    text: bool,
    /// The known TLVs that are there, by their places in the table of them.
    seen: u64,
    result: Result<(), CheckError>,
}

impl Judge {
    #[inline(always)]
    pub(crate) fn new(command: CommandId, version: Version) -> Self {
        Self {
            command,
            version,
            esm_class: EsmClass::DEFAULT,
            priority_flag: 0,
            text: false,
            seen: 0,
            result: Ok(()),
        }
    }
    /// The first fault counts.
    #[inline(always)]
    pub(crate) fn field(&mut self, name: &'static str, value: FieldValue<'_>) {
        if self.result.is_ok() {
            self.result = self.judged(name, &value);
        }
    }
    #[inline(always)]
    pub(crate) fn verdict<B: Storage>(self, tlvs: &Tlvs<B>) -> Result<(), CheckError> {
        self.result?;
        if self.version == Version::V33 {
            return Ok(());
        }
        if REQUIRES.contains(&self.command) {
            self.required()?;
        }
        if self.seen == 0 { Ok(()) } else { self.together(tlvs) }
    }

    #[cold]
    fn error(&self, field: &'static str, kind: CheckErrorKind) -> Result<(), CheckError> {
        let command = self.command;
        Err(CheckError { command, field, kind })
    }
    #[inline(always)]
    fn ensure(&self, holds: bool, field: &'static str, kind: CheckErrorKind) -> Result<(), CheckError> {
        if holds { Ok(()) } else { self.error(field, kind) }
    }

    #[inline(always)]
    fn judged(&mut self, name: &'static str, value: &FieldValue<'_>) -> Result<(), CheckError> {
        match *value {
            FieldValue::Integer(value, _) => self.integer(name, value),
            FieldValue::String(octets) => self.ensure(self.time(name, octets), name, CheckErrorKind::Time),
            FieldValue::Text(octets) => {
                self.text = !octets.is_empty();
                Ok(())
            }
            FieldValue::Tlv(tag, octets) => self.tlv(tag, octets),
            FieldValue::Address(_) | FieldValue::Secret(_) => Ok(()),
        }
    }

    /// v3.3 has no relative times (R147).
    #[inline(always)]
    fn time(&self, name: &str, octets: &[u8]) -> bool {
        match name {
            _ if octets.is_empty() => true,
            "schedule_delivery_time" | "validity_period" => {
                is_absolute(octets) || (self.version > Version::V33 && is_relative(octets))
            }
            "final_date" => is_final_date(octets),
            _ => true,
        }
    }

    #[inline(always)]
    fn integer(&mut self, name: &'static str, value: u32) -> Result<(), CheckError> {
        let octet = u8::try_from(value).unwrap_or(u8::MAX);
        let allowed = match name {
            "number_of_dests" => return self.ensure(value != 0, name, CheckErrorKind::NoDestination),
            "priority_flag" => {
                self.priority_flag = value;
                value <= [1, 3, 4].get(self.version as usize).copied().unwrap_or(4)
            }
            "esm_class" => {
                self.esm_class = EsmClass(octet);
                self.esm_class_allowed()
            }
            "registered_delivery" => self.registered_delivery_allowed(RegisteredDelivery(octet)),
            "replace_if_present_flag" => value == 0 || (value == 1 && !self.reserved_for_submit_sm()),
            "sm_default_msg_id" => match self.command {
                CommandId::DELIVER_SM => value == 0 || self.version != Version::V34,
                _ => value != 0xff || self.version != Version::V34,
            },
            "source_addr_ton" | "dest_addr_ton" => Ton(octet).name().is_some(),
            "source_addr_npi" | "dest_addr_npi" => Npi(octet).name().is_some(),
            _ => true,
        };
        self.ensure(allowed, name, CheckErrorKind::Reserved { value })
    }

    /// A type that is reserved (R071), or transaction mode in v3.4, which has it in data_sm only (R128). v3.3 does not
    /// use the field.
    fn esm_class_allowed(&self) -> bool {
        let of = |mask| EsmClass(self.esm_class.0 & mask);
        let submits = matches!(self.command, CommandId::SUBMIT_SM | CommandId::SUBMIT_MULTI);
        let named = EsmClass::PARTS.iter();
        let mut types = named.filter(|(mask, ..)| *mask == EsmClass::TYPE_MASK);
        match self.version {
            Version::V33 => true,
            Version::V34 if submits && of(EsmClass::MODE_MASK) == EsmClass::FORWARD => false,
            Version::V34 | Version::V50 => types.any(|&(mask, part, _)| part == of(mask)),
        }
    }
    fn registered_delivery_allowed(&self, value: RegisteredDelivery) -> bool {
        match self.version {
            Version::V33 => value.0 <= 1,
            Version::V34 => value.0 < 0x20 && value.receipt() != RegisteredDelivery::RECEIPT_ON_SUCCESS,
            Version::V50 => value.0 < 0x20,
        }
    }
    /// v3.4 has replace_if_present_flag in submit_multi and deliver_sm, but must be 0 there (R126, R130).
    fn reserved_for_submit_sm(&self) -> bool {
        let others = matches!(self.command, CommandId::SUBMIT_MULTI | CommandId::DELIVER_SM);
        self.version == Version::V34 && others
    }

    /// One that does not belong is ignored (R040), as is a value that is reserved (R045).
    #[inline(never)]
    fn tlv(&mut self, tag: u16, value: &[u8]) -> Result<(), CheckError> {
        let Some((at, info)) = known(tag) else { return Ok(()) };
        self.seen |= 1 << at;
        let place = tlv::place(tlv::Key::<[u8]>::new(tag, info.name), self.command, self.version);
        let lengths = match self.version {
            Version::V33 => None,
            Version::V34 => info.v34,
            Version::V50 => Some(info.v50),
        };
        let (Some((min, max)), true) = (lengths, place > Place::Unlisted) else {
            return Ok(());
        };
        let len = value.len();
        let fits = (usize::from(min)..=usize::from(max)).contains(&len);
        let keeps = tag == tlv::MS_VALIDITY.tag && len != 1 && len != 4;
        self.ensure(fits && !keeps, info.name, CheckErrorKind::TlvLength { len })
    }

    #[inline(never)]
    fn required(&self) -> Result<(), CheckError> {
        for row in tlv::PLACES.iter().filter(|row| row.command == self.command) {
            let place = if self.version == Version::V50 { row.v50 } else { row.v34 };
            let must = match place {
                Place::Mandatory => true,
                // A receipt, or another word of a message's fate, needs no text.
                Place::Conditional => self.esm_class.0 & EsmClass::TYPE_MASK == 0,
                _ => false,
            };
            for &tag in row.tags.iter().filter(|_| must) {
                // An immediate broadcast is sent without (R144).
                let spared = tag == tlv::BROADCAST_REP_NUM.tag && self.priority_flag == 1;
                self.ensure(spared || self.has(tag), name(tag), CheckErrorKind::TlvMissing)?;
            }
        }
        Ok(())
    }

    #[inline(never)]
    fn together<B: Storage>(&self, tlvs: &Tlvs<B>) -> Result<(), CheckError> {
        let payload = self.has(tlv::MESSAGE_PAYLOAD.tag);
        // In v5.0 the payload supersedes.
        let both = self.version == Version::V34 && self.text && payload && self.command != CommandId::REPLACE_SM;
        self.ensure(!both, "short_message", CheckErrorKind::BothTexts)?;
        if self.esm_class.has_udh() {
            for tag in BESIDE_UDH {
                self.ensure(!self.has(tag), name(tag), CheckErrorKind::TlvBesideUdh)?;
            }
        }
        self.segments(tlvs)?;
        for (tag, with) in AS_MANY {
            let paired = !self.has(tag) || number(tlvs, tag) == number(tlvs, with);
            self.ensure(paired, name(tag), CheckErrorKind::TlvsUnpaired)?;
        }
        for (tag, needed) in NEEDS {
            let ported = tag != tlv::DEST_ADDR_NP_RESOLUTION.tag
                || tlvs.get(tlv::DEST_ADDR_NP_RESOLUTION) == Ok(Some(crate::codes::DestAddrNpResolution::PORTED));
            let needs = self.version == Version::V50 && ported && self.has(tag);
            self.ensure(!needs || self.has(needed), name(needed), CheckErrorKind::TlvMissing)?;
        }
        Ok(())
    }

    fn has(&self, tag: u16) -> bool {
        known(tag).is_some_and(|(at, _)| self.seen & 1 << at != 0)
    }

    /// Numbers of segments count only together (R051), from 1 (R052).
    fn segments<B: Storage>(&self, tlvs: &Tlvs<B>) -> Result<(), CheckError> {
        let of = |key| tlvs.get(key).ok().flatten();
        let (total, number) = (of(tlv::SAR_TOTAL_SEGMENTS), of(tlv::SAR_SEGMENT_SEQNUM));
        let (Some(total), Some(number), Ok(Some(_))) = (total, number, tlvs.get(tlv::SAR_MSG_REF_NUM)) else {
            return Ok(());
        };
        self.ensure(total != 0, tlv::SAR_TOTAL_SEGMENTS.name, CheckErrorKind::TlvValue)?;
        let within = (1..=total).contains(&number);
        self.ensure(within, tlv::SAR_SEGMENT_SEQNUM.name, CheckErrorKind::TlvValue)
    }
}

fn number<B: Storage>(tlvs: &Tlvs<B>, tag: u16) -> usize {
    tlvs.iter().filter(|(other, _)| *other == tag).count()
}
/// A TLV of the table, and its place there.
fn known(tag: u16) -> Option<(usize, &'static tlv::Info)> {
    let at = tlv::TABLE.binary_search_by_key(&tag, |info| info.tag).ok()?;
    tlv::TABLE.get(at).map(|info| (at, info))
}
fn name(tag: u16) -> &'static str {
    tlv::info(tag).map_or("", |info| info.name)
}

/// The PDUs that some TLV must be in, as the table of places has them.
const REQUIRES: [CommandId; 3] = [
    CommandId::DATA_SM,
    CommandId::BROADCAST_SM,
    CommandId::QUERY_BROADCAST_SM_RESP,
];

// One bit each.
const _: () = assert!(tlv::TABLE.len() <= 64);

/// What the user data header says itself (R053).
const BESIDE_UDH: [u16; 5] = [
    tlv::SAR_MSG_REF_NUM.tag,
    tlv::SAR_TOTAL_SEGMENTS.tag,
    tlv::SAR_SEGMENT_SEQNUM.tag,
    tlv::SOURCE_PORT.tag,
    tlv::DEST_PORT.tag,
];

/// If there is any of the first, there are as many as of the second (R048, R049).
const AS_MANY: [(u16, u16); 3] = [
    (tlv::CALLBACK_NUM_PRES_IND.tag, tlv::CALLBACK_NUM.tag),
    (tlv::CALLBACK_NUM_ATAG.tag, tlv::CALLBACK_NUM.tag),
    (tlv::BROADCAST_ERROR_STATUS.tag, tlv::BROADCAST_AREA_IDENTIFIER.tag),
];

/// The first needs the second (R055, R056).
const NEEDS: [(u16, u16); 4] = [
    (tlv::SOURCE_NETWORK_ID.tag, tlv::SOURCE_NODE_ID.tag),
    (tlv::DEST_NETWORK_ID.tag, tlv::DEST_NODE_ID.tag),
    (tlv::DEST_ADDR_NP_RESOLUTION.tag, tlv::DEST_ADDR_NP_INFORMATION.tag),
    (tlv::DEST_ADDR_NP_RESOLUTION.tag, tlv::DEST_ADDR_NP_COUNTRY.tag),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_requires_tlvs_is_what_the_table_says() {
        let must = |place| place >= Place::Conditional;
        for row in tlv::PLACES {
            let requires = must(row.v34) || must(row.v50);
            assert!(!requires || REQUIRES.contains(&row.command), "{}", row.command);
        }
    }
}
