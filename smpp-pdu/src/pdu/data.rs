//! Data, and word that a subscriber is back (v3.4 §4.7, §4.12; v5.0 §4.2.2, §4.1.3).

use crate::address::Address;
use crate::codes::{DataCoding, EsmClass, RegisteredDelivery};
use crate::fields::{self, Visit};
use crate::masked::{self, Mask, Show};
use crate::owned::{Owned, own_into};
use crate::row::{Row, Size};
use crate::storage::Storage;
use crate::string::COctetString;
use crate::table::{row, setter, size, table};
use crate::tlv::Tlvs;
use crate::version::Version;
use crate::wire::{Context, Parse, Parsed};
use crate::write::{Field, Refusal, Writer};
use core::fmt;

table! {
    /// Carries data either way, its text in message_payload (v3.4 §4.7.1, v5.0 §4.2.2.1).
    DataSm {
        /// SMS application service; empty for the SMSC's default.
        service_type: COctetString<B>, 6;
        /// Who sends.
        source_addr: Address<B>, 65, ["source_addr_ton", "source_addr_npi"];
        /// Who receives.
        destination_addr: Address<B>, 65, ["dest_addr_ton", "dest_addr_npi"];
        /// Mode, type and features.
        esm_class: EsmClass;
        /// Which receipts are asked for.
        registered_delivery: RegisteredDelivery;
        /// The alphabet of the text.
        data_coding: DataCoding;
        /// The optional parameters.
        tlvs: Tlvs<B>;
    }
}
table! {
    /// Answers data_sm (v3.4 §4.7.2, v5.0 §4.2.2.2).
    DataSmResp {
        /// The SMSC's name for the message: opaque (R069).
        message_id: COctetString<B>, 65;
        /// The optional parameters.
        tlvs: Tlvs<B>;
    }
}
table! {
    /// Tells an ESME that a subscriber can be reached again (v3.4 §4.12.1, v5.0 §4.1.3.1). It has no response.
    AlertNotification {
        /// The subscriber.
        source_addr: Address<B>, 65, ["source_addr_ton", "source_addr_npi"];
        /// The ESME whose message had failed.
        esme_addr: Address<B>, 65, ["esme_addr_ton", "esme_addr_npi"];
        /// The optional parameters.
        tlvs: Tlvs<B>;
    }
}
