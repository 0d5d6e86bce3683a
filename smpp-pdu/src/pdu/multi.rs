//! A message to many (v3.4 §4.5; v5.0 §4.2.3).

use crate::address::Address;
use crate::codes::{DataCoding, EsmClass, RegisteredDelivery};
use crate::fields::{self, Visit};
use crate::list::{Destinations, UnsuccessSmes};
use crate::masked::{self, Mask, Show};
use crate::owned::{Owned, own_into};
use crate::row::{Row, Size, by_version, fixed};
use crate::storage::Storage;
use crate::string::{COctetString, ShortMessage, Time};
use crate::table::{row, setter, size, table};
use crate::tlv::Tlvs;
use crate::version::Version;
use crate::wire::{Context, Parse, Parsed};
use crate::write::{Field, Refusal, Writer};
use core::fmt;

table! {
    /// Submits a short message to several destinations (v3.4 §4.5.1, v5.0 §4.2.3.1).
    SubmitMulti {
        /// SMS application service; empty for the SMSC's default.
        service_type: COctetString<B>, 6;
        /// Who sends; may be empty, for the address that the SMSC has of the ESME.
        source_addr: Address<B>, 21, ["source_addr_ton", "source_addr_npi"];
        /// Who receives, with number_of_dests.
        dest_address: Destinations<B>, 21, ["number_of_dests"];
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
        /// Reserved in v3.4: 0 (R126).
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
    /// Answers submit_multi (v3.4 §4.5.2, v5.0 §4.2.3.2).
    SubmitMultiResp {
        /// The SMSC's name for the message: opaque (R069).
        message_id: COctetString<B>, by_version(9, 65, 65);
        /// The destinations that were not taken, with no_unsuccess (R096).
        unsuccess_sme: UnsuccessSmes<B>, 21, ["no_unsuccess"];
        /// The optional parameters.
        tlvs: Tlvs<B>;
    }
}
