//! The link itself (v3.4 §4.3, §4.11; v5.0 §4.1.2, §4.1.4).

use crate::fields::{self, Visit};
use crate::masked::{self, Mask, Show};
use crate::owned::{Owned, own_into};
use crate::row::Row;
use crate::storage::Storage;
use crate::table::{row, setter, table};
use crate::tlv::Tlvs;
use crate::version::Version;
use crate::wire::{Context, Parse, Parsed};
use crate::write::{Field, Refusal, Writer};
use core::fmt;

table! {
    /// Asks whether the peer is alive (v3.4 §4.11.1, v5.0 §4.1.2.1).
    EnquireLink {
        /// The optional parameters.
        tlvs: Tlvs<B>;
    }
}
table! {
    /// Answers enquire_link (v3.4 §4.11.2, v5.0 §4.1.2.2).
    EnquireLinkResp {
        /// The optional parameters.
        tlvs: Tlvs<B>;
    }
}
table! {
    /// Refuses what has no response of its own: an unknown command, a length that cannot be trusted (v3.4 §4.3.1,
    /// v5.0 §4.1.4.1). Its sequence_number is that of the PDU it refuses, or 0.
    GenericNack {
        /// The optional parameters.
        tlvs: Tlvs<B>;
    }
}
