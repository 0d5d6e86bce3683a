//! Messages: submitted and delivered (v3.4 §4.4, §4.6; v5.0 §4.2.1, §4.3.1).

use crate::address::Address;
use crate::codes::{DataCoding, EsmClass, RegisteredDelivery};
use crate::fields::{self, Visit};
use crate::masked::{self, Mask, Show};
use crate::owned::{Owned, own_into};
use crate::row::{Row, Size, by_version, fixed, fixed_by_version};
use crate::storage::Storage;
use crate::string::{COctetString, ShortMessage, Time};
use crate::table::{row, setter, size, table};
use crate::tlv::Tlvs;
use crate::version::Version;
use crate::wire::{Context, Parse, Parsed};
use crate::write::{Field, Refusal, Writer};
use core::fmt;

table! {
    /// Submits a short message to the SMSC (v3.4 §4.4.1, v5.0 §4.2.1.1).
    SubmitSm {
        /// SMS application service; empty for the SMSC's default.
        service_type: COctetString<B>, 6;
        /// Who sends; may be empty, for the address that the SMSC has of the ESME.
        source_addr: Address<B>, 21, ["source_addr_ton", "source_addr_npi"];
        /// Who receives.
        destination_addr: Address<B>, 21, ["dest_addr_ton", "dest_addr_npi"];
        /// Mode, type and features.
        esm_class: EsmClass;
        /// GSM: TP-PID; 0 otherwise.
        protocol_id: u8;
        /// 0 is the lowest.
        priority_flag: u8;
        /// When to deliver it first; empty for at once.
        schedule_delivery_time: Time<B>, fixed(17);
        /// Until when to try; empty for the SMSC's default.
        validity_period: Time<B>, fixed(17);
        /// Which receipts are asked for.
        registered_delivery: RegisteredDelivery;
        /// 1 to replace a message that waits, with the same source, destination and service_type.
        replace_if_present_flag: u8;
        /// The alphabet of the text.
        data_coding: DataCoding;
        /// A text that the SMSC knows, instead of short_message.
        sm_default_msg_id: u8;
        /// The text, with sm_length.
        short_message: ShortMessage<B>, by_version(160, 254, 255), ["sm_length"];
        /// The optional parameters.
        tlvs: Tlvs<B>;
    }
}
table! {
    /// Answers submit_sm (v3.4 §4.4.2, v5.0 §4.2.1.2).
    SubmitSmResp {
        /// The SMSC's name for the message: opaque (R069).
        message_id: COctetString<B>, by_version(9, 65, 65);
        /// The optional parameters.
        tlvs: Tlvs<B>;
    }
}
table! {
    /// Carries a message or a receipt to the ESME (v3.4 §4.6.1, v5.0 §4.3.1.1).
    DeliverSm {
        /// SMS application service.
        service_type: COctetString<B>, 6;
        /// Who sends; may be empty, for the address that the SMSC has of the ESME.
        source_addr: Address<B>, 21, ["source_addr_ton", "source_addr_npi"];
        /// Who receives.
        destination_addr: Address<B>, 21, ["dest_addr_ton", "dest_addr_npi"];
        /// Mode, type and features.
        esm_class: EsmClass;
        /// GSM: TP-PID; 0 otherwise.
        protocol_id: u8;
        /// 0 is the lowest.
        priority_flag: u8;
        /// Unused in v3.4, where it must be empty.
        schedule_delivery_time: Time<B>, fixed_by_version(17, 1, 17);
        /// Unused in v3.4, where it must be empty.
        validity_period: Time<B>, fixed_by_version(17, 1, 17);
        /// Which receipts are asked for.
        registered_delivery: RegisteredDelivery;
        /// Unused in v3.4.
        replace_if_present_flag: u8;
        /// The alphabet of the text.
        data_coding: DataCoding;
        /// Unused in v3.4.
        sm_default_msg_id: u8;
        /// The text, with sm_length.
        short_message: ShortMessage<B>, by_version(160, 254, 255), ["sm_length"];
        /// The optional parameters.
        tlvs: Tlvs<B>;
    }
}
table! {
    /// Answers deliver_sm (v3.4 §4.6.2, v5.0 §4.3.1.2).
    DeliverSmResp {
        /// Unused: empty (R093).
        message_id: COctetString<B>, by_version(9, 1, 65);
        /// The optional parameters.
        tlvs: Tlvs<B>;
    }
}
