//! Which PDU it is (v3.4 §5.1.2, v5.0 §4.7.5).

use super::{code, codes, scalar};
use crate::fields::{FieldValue, Visit};
use crate::masked::{Mask, Show};
use crate::row::Row;
use crate::storage::Storage;
use crate::tlv::{Value, ValueWriter};
use crate::version::Version;
use crate::wire::{Context, Parse, Parsed, be_u32};
use crate::write::{Field, Refusal, Writer};
use core::fmt;

impl CommandId {
    /// The bit that a response has and its request has not.
    pub const RESPONSE: u32 = 0x8000_0000;

    /// Whether it is a response, or a generic_nack.
    #[inline]
    pub const fn is_response(self) -> bool {
        self.0 & Self::RESPONSE != 0
    }
    /// The command_id of the response to it (R020).
    #[must_use]
    #[inline]
    pub const fn response(self) -> Self {
        Self(self.0 | Self::RESPONSE)
    }
    /// Whether `version` has it, and this crate a table for it (v5.0 §1.4.1; R086). The operations that only v3.3 has
    /// are kept whole, as unknown ones are.
    pub const fn is_in(self, version: Version) -> bool {
        match self.since() {
            Some(since) => since as u8 <= version as u8,
            None => false,
        }
    }
}

codes! {
    /// The operation of a PDU (v3.4 §5.1.2.1, v5.0 §4.7.5).
    CommandId(u32, be_u32) {
        /// (v3.4 §4.1.3, v5.0 §4.1.1.3)
        BIND_RECEIVER = 0x0000_0001, "bind_receiver";
        /// (v3.4 §4.1.4, v5.0 §4.1.1.4)
        BIND_RECEIVER_RESP = 0x8000_0001, "bind_receiver_resp";
        /// (v3.4 §4.1.1, v5.0 §4.1.1.1)
        BIND_TRANSMITTER = 0x0000_0002, "bind_transmitter";
        /// (v3.4 §4.1.2, v5.0 §4.1.1.2)
        BIND_TRANSMITTER_RESP = 0x8000_0002, "bind_transmitter_resp";
        /// (v3.4 §4.8.1, v5.0 §4.5.2.1)
        QUERY_SM = 0x0000_0003, "query_sm";
        /// (v3.4 §4.8.2, v5.0 §4.5.2.2)
        QUERY_SM_RESP = 0x8000_0003, "query_sm_resp";
        /// (v3.4 §4.4.1, v5.0 §4.2.1.1)
        SUBMIT_SM = 0x0000_0004, "submit_sm";
        /// (v3.4 §4.4.2, v5.0 §4.2.1.2)
        SUBMIT_SM_RESP = 0x8000_0004, "submit_sm_resp";
        /// (v3.4 §4.6.1, v5.0 §4.3.1.1)
        DELIVER_SM = 0x0000_0005, "deliver_sm";
        /// (v3.4 §4.6.2, v5.0 §4.3.1.2)
        DELIVER_SM_RESP = 0x8000_0005, "deliver_sm_resp";
        /// (v3.4 §4.2.1, v5.0 §4.1.1.8)
        UNBIND = 0x0000_0006, "unbind";
        /// (v3.4 §4.2.2, v5.0 §4.1.1.9)
        UNBIND_RESP = 0x8000_0006, "unbind_resp";
        /// (v3.4 §4.10.1, v5.0 §4.5.3.1)
        REPLACE_SM = 0x0000_0007, "replace_sm";
        /// (v3.4 §4.10.2, v5.0 §4.5.3.2)
        REPLACE_SM_RESP = 0x8000_0007, "replace_sm_resp";
        /// (v3.4 §4.9.1, v5.0 §4.5.1.1)
        CANCEL_SM = 0x0000_0008, "cancel_sm";
        /// (v3.4 §4.9.2, v5.0 §4.5.1.2)
        CANCEL_SM_RESP = 0x8000_0008, "cancel_sm_resp";
        /// (v3.4 §4.1.5, v5.0 §4.1.1.5)
        BIND_TRANSCEIVER = 0x0000_0009, "bind_transceiver";
        /// (v3.4 §4.1.6, v5.0 §4.1.1.6)
        BIND_TRANSCEIVER_RESP = 0x8000_0009, "bind_transceiver_resp";
        /// (v3.4 §4.1.7.1, v5.0 §4.1.1.7)
        OUTBIND = 0x0000_000b, "outbind";
        /// (v3.4 §4.11.1, v5.0 §4.1.2.1)
        ENQUIRE_LINK = 0x0000_0015, "enquire_link";
        /// (v3.4 §4.11.2, v5.0 §4.1.2.2)
        ENQUIRE_LINK_RESP = 0x8000_0015, "enquire_link_resp";
        /// (v3.4 §4.5.1, v5.0 §4.2.3.1)
        SUBMIT_MULTI = 0x0000_0021, "submit_multi";
        /// (v3.4 §4.5.2, v5.0 §4.2.3.2)
        SUBMIT_MULTI_RESP = 0x8000_0021, "submit_multi_resp";
        /// Of v3.3 only (v3.3 §6.3.10.1).
        PARAM_RETRIEVE = 0x0000_0022, "param_retrieve";
        /// Of v3.3 only (v3.3 §6.3.10.2).
        PARAM_RETRIEVE_RESP = 0x8000_0022, "param_retrieve_resp";
        /// Of v3.3 only (v3.3 §6.3.6.5).
        QUERY_LAST_MSGS = 0x0000_0023, "query_last_msgs";
        /// Of v3.3 only (v3.3 §6.3.6.6).
        QUERY_LAST_MSGS_RESP = 0x8000_0023, "query_last_msgs_resp";
        /// Of v3.3 only (v3.3 §6.3.6.8).
        QUERY_MSG_DETAILS = 0x0000_0024, "query_msg_details";
        /// Of v3.3 only (v3.3 §6.3.6.9).
        QUERY_MSG_DETAILS_RESP = 0x8000_0024, "query_msg_details_resp";
        /// (v3.4 §4.12.1, v5.0 §4.1.3.1)
        ALERT_NOTIFICATION = 0x0000_0102, "alert_notification";
        /// (v3.4 §4.7.1, v5.0 §4.2.2.1)
        DATA_SM = 0x0000_0103, "data_sm";
        /// (v3.4 §4.7.2, v5.0 §4.2.2.2)
        DATA_SM_RESP = 0x8000_0103, "data_sm_resp";
        /// (v5.0 §4.4.1.1)
        BROADCAST_SM = 0x0000_0111, "broadcast_sm";
        /// (v5.0 §4.4.1.2)
        BROADCAST_SM_RESP = 0x8000_0111, "broadcast_sm_resp";
        /// (v5.0 §4.6.1.1)
        QUERY_BROADCAST_SM = 0x0000_0112, "query_broadcast_sm";
        /// (v5.0 §4.6.1.3)
        QUERY_BROADCAST_SM_RESP = 0x8000_0112, "query_broadcast_sm_resp";
        /// (v5.0 §4.6.2.1)
        CANCEL_BROADCAST_SM = 0x0000_0113, "cancel_broadcast_sm";
        /// (v5.0 §4.6.2.3)
        CANCEL_BROADCAST_SM_RESP = 0x8000_0113, "cancel_broadcast_sm_resp";
        /// (v3.4 §4.3.1, v5.0 §4.1.4.1)
        GENERIC_NACK = 0x8000_0000, "generic_nack";
    }
}
