//! Cell broadcast, since v5.0 (v5.0 §4.4, §4.6).

use crate::address::Address;
use crate::codes::DataCoding;
use crate::fields::{self, Visit};
use crate::masked::{self, Mask, Show};
use crate::owned::{Owned, own_into};
use crate::row::{Row, Size, fixed};
use crate::storage::Storage;
use crate::string::{COctetString, Time};
use crate::table::{row, setter, size, table};
use crate::tlv::Tlvs;
use crate::version::Version;
use crate::wire::{Context, Parse, Parsed};
use crate::write::{Field, Refusal, Writer};
use core::fmt;

table! {
    /// Submits a message to all in certain areas, which its TLVs name (v5.0 §4.4.1.1; R137).
    BroadcastSm {
        /// Broadcast service; empty for the SMSC's default.
        service_type: COctetString<B>, 6;
        /// Who sends.
        source_addr: Address<B>, 21, ["source_addr_ton", "source_addr_npi"];
        /// The broadcast to replace; empty for a new one, and where user_message_reference names it (R139).
        message_id: COctetString<B>, 65;
        /// 0 is normal, 1 immediate, 2 high, 4 background.
        priority_flag: u8;
        /// When to begin; empty for at once.
        schedule_delivery_time: Time<B>, fixed(17);
        /// Until when; empty where broadcast_rep_num and broadcast_frequency_interval say it (R144).
        validity_period: Time<B>, fixed(17);
        /// 1 to replace a broadcast.
        replace_if_present_flag: u8;
        /// The alphabet of the text.
        data_coding: DataCoding;
        /// A text that the SMSC knows.
        sm_default_msg_id: u8;
        /// The optional parameters.
        tlvs: Tlvs<B>;
    }
}
table! {
    /// Answers broadcast_sm (v5.0 §4.4.1.2).
    BroadcastSmResp {
        /// The SMSC's name for the broadcast: opaque (R069).
        message_id: COctetString<B>, 65;
        /// The optional parameters.
        tlvs: Tlvs<B>;
    }
}
table! {
    /// Asks where a broadcast stands (v5.0 §4.6.1.1).
    QueryBroadcastSm {
        /// The broadcast; empty where user_message_reference names it (R141).
        message_id: COctetString<B>, 65;
        /// Who sent it, as it was submitted.
        source_addr: Address<B>, 21, ["source_addr_ton", "source_addr_npi"];
        /// The optional parameters.
        tlvs: Tlvs<B>;
    }
}
table! {
    /// Answers query_broadcast_sm, area by area in its TLVs (v5.0 §4.6.1.3; R142).
    QueryBroadcastSmResp {
        /// The broadcast that was asked about.
        message_id: COctetString<B>, 65;
        /// The optional parameters.
        tlvs: Tlvs<B>;
    }
}
table! {
    /// Cancels a broadcast, or with an empty message_id several (v5.0 §4.6.2.1; R143).
    CancelBroadcastSm {
        /// Only those of this service, in a group.
        service_type: COctetString<B>, 6;
        /// The broadcast; empty where user_message_reference names it, and for a group.
        message_id: COctetString<B>, 65;
        /// Who sent it, as it was submitted.
        source_addr: Address<B>, 21, ["source_addr_ton", "source_addr_npi"];
        /// The optional parameters.
        tlvs: Tlvs<B>;
    }
}
table! {
    /// Answers cancel_broadcast_sm (v5.0 §4.6.2.3).
    CancelBroadcastSmResp {
        /// The optional parameters.
        tlvs: Tlvs<B>;
    }
}
