//! The judge of `check`.

use super::{CheckError, CheckErrorKind};
use crate::codes::{CommandId, DestAddrNpResolution, EsmClass, Npi, RegisteredDelivery, Ton};
use crate::fields::{FieldValue, Visit};
use crate::time::{is_absolute, is_final_date, is_relative};
use crate::tlv::{self, Belonging, Value, bit};
use crate::version::Version;

/// Judges a PDU: its fields and TLVs one by one, each once, then what goes together.
///
/// A message centre asks this of every message, so it is inlined into the walk over the fields, whose names are
/// constants there, and asks after TLVs only where there are any.
pub(crate) struct Judge {
    command: CommandId,
    version: Version,
    belonging: Belonging,
    esm_class: EsmClass,
    priority_flag: u32,
    /// Whether short_message has any octets.
    text: bool,
    /// The TLVs of the table that are there, a bit each.
    seen: u64,
    gathered: Gathered,
    result: Result<(), CheckError>,
}

/// What must be known of some TLVs besides that they are there. Of the numbers, the first of their tag counts.
#[derive(Default)]
struct Gathered {
    /// How many there are of each in `COUNTED`.
    counts: [u32; COUNTED.len()],
    sar_msg_ref_num: Option<u16>,
    sar_total_segments: Option<u8>,
    sar_segment_seqnum: Option<u8>,
    ported: bool,
}

impl Judge {
    /// `belonging` is what belongs in the command, in v3.4 and in v5.0. v3.3 has no TLVs.
    #[inline(always)]
    pub(crate) fn new(command: CommandId, [v34, v50]: [Belonging; 2], version: Version) -> Self {
        let belonging = match version {
            Version::V33 => Belonging::NOTHING,
            Version::V34 => v34,
            Version::V50 => v50,
        };
        Self {
            command,
            version,
            belonging,
            esm_class: EsmClass::DEFAULT,
            priority_flag: 0,
            text: false,
            seen: 0,
            gathered: Gathered::default(),
            result: Ok(()),
        }
    }
    #[inline(always)]
    pub(crate) fn verdict(self) -> Result<(), CheckError> {
        self.result?;
        if self.version == Version::V33 {
            return Ok(());
        }
        if self.belonging.conditional | self.belonging.mandatory != 0 {
            self.required()?;
        }
        if self.seen == 0 { Ok(()) } else { self.together() }
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
            "number_of_dests" if value == 0 => return self.error(name, CheckErrorKind::NoDestination),
            "number_of_dests" => value < 255 || self.version == Version::V50,
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
        let Some((at, info)) = tlv::known(tag) else {
            return Ok(());
        };
        let bit = 1 << at;
        if bit & GATHERED != 0 {
            self.gather(tag, value, self.seen & bit == 0);
        }
        self.seen |= bit;
        let lengths = match self.version {
            Version::V33 => None,
            Version::V34 => info.v34,
            Version::V50 => Some(info.v50),
        };
        let (Some((min, max)), true) = (lengths, self.belonging.listed & bit != 0) else {
            return Ok(());
        };
        let len = value.len();
        let fits = (usize::from(min)..=usize::from(max)).contains(&len);
        let keeps = tag == tlv::MS_VALIDITY.tag && len != 1 && len != 4;
        self.ensure(fits && !keeps, info.name, CheckErrorKind::TlvLength { len })
    }

    #[inline(never)]
    fn gather(&mut self, tag: u16, value: &[u8], first: bool) {
        let gathered = &mut self.gathered;
        for (count, counted) in gathered.counts.iter_mut().zip(COUNTED) {
            *count += u32::from(counted == tag);
        }
        if first && tag == tlv::SAR_MSG_REF_NUM.tag {
            gathered.sar_msg_ref_num = u16::read(value);
        } else if first && tag == tlv::SAR_TOTAL_SEGMENTS.tag {
            gathered.sar_total_segments = u8::read(value);
        } else if first && tag == tlv::SAR_SEGMENT_SEQNUM.tag {
            gathered.sar_segment_seqnum = u8::read(value);
        } else if first && tag == tlv::DEST_ADDR_NP_RESOLUTION.tag {
            gathered.ported = DestAddrNpResolution::read(value) == Some(DestAddrNpResolution::PORTED);
        }
    }

    #[inline(never)]
    fn required(&self) -> Result<(), CheckError> {
        let Belonging {
            conditional, mandatory, ..
        } = self.belonging;
        let mut must = mandatory;
        // A receipt, or another word of a message's fate, needs no text.
        if self.esm_class.0 & EsmClass::TYPE_MASK == 0 {
            must |= conditional;
        }
        // An immediate broadcast is sent without (R144).
        if self.priority_flag == 1 {
            must &= !bit(tlv::BROADCAST_REP_NUM.tag);
        }
        match tlv::lowest(must & !self.seen) {
            Some(missing) => self.error(missing.name, CheckErrorKind::TlvMissing),
            None => Ok(()),
        }
    }

    #[inline(never)]
    fn together(&self) -> Result<(), CheckError> {
        let payload = self.has(tlv::MESSAGE_PAYLOAD.tag);
        // In v5.0 the payload supersedes.
        let both = self.version == Version::V34 && self.text && payload && self.command != CommandId::REPLACE_SM;
        self.ensure(!both, "short_message", CheckErrorKind::BothTexts)?;
        if self.esm_class.has_udh() {
            for (tag, name) in BESIDE_UDH {
                self.ensure(!self.has(tag), name, CheckErrorKind::TlvBesideUdh)?;
            }
        }
        self.segments()?;
        self.pairs()?;
        if self.version == Version::V50 {
            self.needs()
        } else {
            Ok(())
        }
    }

    #[inline(always)]
    fn has(&self, tag: u16) -> bool {
        self.seen & bit(tag) != 0
    }

    /// Numbers of segments count only together (R051), from 1 (R052).
    fn segments(&self) -> Result<(), CheckError> {
        let Gathered {
            sar_msg_ref_num,
            sar_total_segments,
            sar_segment_seqnum,
            ..
        } = self.gathered;
        let (Some(_), Some(total), Some(number)) = (sar_msg_ref_num, sar_total_segments, sar_segment_seqnum) else {
            return Ok(());
        };
        self.ensure(total != 0, tlv::SAR_TOTAL_SEGMENTS.name, CheckErrorKind::TlvValue)?;
        let within = (1..=total).contains(&number);
        self.ensure(within, tlv::SAR_SEGMENT_SEQNUM.name, CheckErrorKind::TlvValue)
    }

    /// If there is any of the first, there are as many as of what it goes with (R048, R049).
    fn pairs(&self) -> Result<(), CheckError> {
        let [numbers, pres_inds, atags, areas, statuses] = self.gathered.counts;
        let paired = [
            (pres_inds, numbers, tlv::CALLBACK_NUM_PRES_IND.name),
            (atags, numbers, tlv::CALLBACK_NUM_ATAG.name),
            (statuses, areas, tlv::BROADCAST_ERROR_STATUS.name),
        ];
        for (count, of_other, name) in paired {
            self.ensure(count == 0 || count == of_other, name, CheckErrorKind::TlvsUnpaired)?;
        }
        Ok(())
    }

    /// The first needs the second (R055, R056).
    fn needs(&self) -> Result<(), CheckError> {
        let ported = self.gathered.ported;
        let needs = [
            (
                self.has(tlv::SOURCE_NETWORK_ID.tag),
                tlv::SOURCE_NODE_ID.tag,
                tlv::SOURCE_NODE_ID.name,
            ),
            (
                self.has(tlv::DEST_NETWORK_ID.tag),
                tlv::DEST_NODE_ID.tag,
                tlv::DEST_NODE_ID.name,
            ),
            (
                ported,
                tlv::DEST_ADDR_NP_INFORMATION.tag,
                tlv::DEST_ADDR_NP_INFORMATION.name,
            ),
            (ported, tlv::DEST_ADDR_NP_COUNTRY.tag, tlv::DEST_ADDR_NP_COUNTRY.name),
        ];
        for (there, needed, name) in needs {
            self.ensure(!there || self.has(needed), name, CheckErrorKind::TlvMissing)?;
        }
        Ok(())
    }
}

/// The first fault counts.
impl Visit for Judge {
    #[inline(always)]
    fn visit(&mut self, name: &'static str, value: FieldValue<'_>) {
        if self.result.is_ok() {
            self.result = self.judged(name, &value);
        }
    }
}

/// What `pairs` compares.
const COUNTED: [u16; 5] = [
    tlv::CALLBACK_NUM.tag,
    tlv::CALLBACK_NUM_PRES_IND.tag,
    tlv::CALLBACK_NUM_ATAG.tag,
    tlv::BROADCAST_AREA_IDENTIFIER.tag,
    tlv::BROADCAST_ERROR_STATUS.tag,
];

/// The TLVs that `gather` looks at.
const GATHERED: u64 = {
    let [a, b, c, d, e] = COUNTED;
    bit(a)
        | bit(b)
        | bit(c)
        | bit(d)
        | bit(e)
        | bit(tlv::SAR_MSG_REF_NUM.tag)
        | bit(tlv::SAR_TOTAL_SEGMENTS.tag)
        | bit(tlv::SAR_SEGMENT_SEQNUM.tag)
        | bit(tlv::DEST_ADDR_NP_RESOLUTION.tag)
};

/// What the user data header says itself (R053).
const BESIDE_UDH: [(u16, &str); 5] = [
    (tlv::SAR_MSG_REF_NUM.tag, tlv::SAR_MSG_REF_NUM.name),
    (tlv::SAR_TOTAL_SEGMENTS.tag, tlv::SAR_TOTAL_SEGMENTS.name),
    (tlv::SAR_SEGMENT_SEQNUM.tag, tlv::SAR_SEGMENT_SEQNUM.name),
    (tlv::SOURCE_PORT.tag, tlv::SOURCE_PORT.name),
    (tlv::DEST_PORT.tag, tlv::DEST_PORT.name),
];
