//! What becomes of a message that was submitted: asked, cancelled, replaced (v3.4 §4.8 to §4.10; v5.0 §4.5).

use crate::address::Address;
use crate::codes::{MessageState, RegisteredDelivery};
use crate::fields::{self, Visit};
use crate::masked::{self, Mask, Show};
use crate::owned::{Owned, own_into};
use crate::row::{Row, Size, by_version, fixed, fixed_or};
use crate::storage::Storage;
use crate::string::{COctetString, ShortMessage, Time};
use crate::table::{row, setter, size, table};
use crate::tlv::Tlvs;
use crate::version::Version;
use crate::wire::{Context, Parse, Parsed};
use crate::write::{Field, Refusal, Writer};
use core::fmt;

table! {
    /// Asks where a message stands (v3.4 §4.8.1, v5.0 §4.5.2.1).
    QuerySm {
        /// The message, as the SMSC named it.
        message_id: COctetString<B>, by_version(9, 65, 65);
        /// Who sent it, as it was submitted.
        source_addr: Address<B>, 21, ["source_addr_ton", "source_addr_npi"];
        /// The optional parameters.
        tlvs: Tlvs<B>;
    }
}
table! {
    /// Answers query_sm (v3.4 §4.8.2, v5.0 §4.5.2.2).
    QuerySmResp {
        /// The message that was asked about.
        message_id: COctetString<B>, by_version(9, 65, 65);
        /// When it came to its final state; empty before (R097). Absolute, of 16 characters, or of 12 (v3.4 §7.1.1).
        final_date: Time<B>, fixed_or(17, 13);
        /// Where it stands.
        message_state: MessageState;
        /// The network's error, or 0.
        error_code: u8;
        /// The optional parameters.
        tlvs: Tlvs<B>;
    }
}
table! {
    /// Cancels a message, or with an empty message_id all between two addresses (v3.4 §4.9.1, v5.0 §4.5.1.1; R121).
    CancelSm {
        /// Only those of this service, in a group.
        service_type: COctetString<B>, 6;
        /// The message, or empty for a group.
        message_id: COctetString<B>, by_version(9, 65, 65);
        /// Who sent it, as it was submitted.
        source_addr: Address<B>, 21, ["source_addr_ton", "source_addr_npi"];
        /// Who was to receive it; may be empty where message_id is not.
        destination_addr: Address<B>, 21, ["dest_addr_ton", "dest_addr_npi"];
        /// The optional parameters.
        tlvs: Tlvs<B>;
    }
}
table! {
    /// Answers cancel_sm (v3.4 §4.9.2, v5.0 §4.5.1.2).
    CancelSmResp {
        /// The optional parameters.
        tlvs: Tlvs<B>;
    }
}
table! {
    /// Replaces the text and times of a message that waits (v3.4 §4.10.1, v5.0 §4.5.3.1).
    ReplaceSm {
        /// The message, as the SMSC named it.
        message_id: COctetString<B>, by_version(9, 65, 65);
        /// Who sent it, as it was submitted.
        source_addr: Address<B>, 21, ["source_addr_ton", "source_addr_npi"];
        /// When to deliver it first; empty to leave that as it is (R120).
        schedule_delivery_time: Time<B>, fixed(17);
        /// Until when to try; empty to leave that as it is (R120).
        validity_period: Time<B>, fixed(17);
        /// Which receipts are asked for.
        registered_delivery: RegisteredDelivery;
        /// A text that the SMSC knows, instead of short_message.
        sm_default_msg_id: u8;
        /// The text, with sm_length.
        short_message: ShortMessage<B>, by_version(160, 254, 255), ["sm_length"];
        /// The optional parameters.
        tlvs: Tlvs<B>;
    }
}
table! {
    /// Answers replace_sm (v3.4 §4.10.2, v5.0 §4.5.3.2).
    ReplaceSmResp {
        /// The optional parameters.
        tlvs: Tlvs<B>;
    }
}
