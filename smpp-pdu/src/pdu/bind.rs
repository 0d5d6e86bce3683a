//! Binding and unbinding (v3.4 §4.1, §4.2; v5.0 §4.1.1).
//!
//! bind_transceiver and its response came with v3.4. They are known to 3.3 all the same: a peer that binds with them
//! may state an interface_version of 0x33 or less, and must be answered in the version that it stated.

use crate::address::Address;
use crate::fields::{self, Visit};
use crate::masked::{self, Mask, Show};
use crate::owned::{Owned, own_into};
use crate::row::{Row, Size};
use crate::storage::Storage;
use crate::string::{COctetString, Password};
use crate::table::{row, setter, size, table};
use crate::tlv::Tlvs;
use crate::version::Version;
use crate::wire::{Context, Parse, Parsed};
use crate::write::{Field, Refusal, Writer};
use core::fmt;

table! {
    /// Asks the SMSC for a session: to submit (v3.4 §4.1.1, v5.0 §4.1.1.1).
    BindTransmitter {
        /// Who the ESME is.
        system_id: COctetString<B>, 16;
        /// What proves it.
        password: Password<B>, 9;
        /// What kind of system it is; may be empty.
        system_type: COctetString<B>, 13;
        /// The version that the ESME speaks: 0x34 for 3.4.
        interface_version: u8;
        /// The addresses that it serves; may be empty.
        address_range: Address<B>, 41, ["addr_ton", "addr_npi"];
        /// The optional parameters.
        tlvs: Tlvs<B>;
    }
}
table! {
    /// Answers bind_transmitter (v3.4 §4.1.2, v5.0 §4.1.1.2).
    BindTransmitterResp {
        /// Who the SMSC is.
        system_id: COctetString<B>, 16;
        /// The optional parameters.
        tlvs: Tlvs<B>;
    }
}
table! {
    /// Asks the SMSC for a session: to be delivered to (v3.4 §4.1.3, v5.0 §4.1.1.3).
    BindReceiver {
        /// Who the ESME is.
        system_id: COctetString<B>, 16;
        /// What proves it.
        password: Password<B>, 9;
        /// What kind of system it is; may be empty.
        system_type: COctetString<B>, 13;
        /// The version that the ESME speaks: 0x34 for 3.4.
        interface_version: u8;
        /// The addresses that it serves; may be empty.
        address_range: Address<B>, 41, ["addr_ton", "addr_npi"];
        /// The optional parameters.
        tlvs: Tlvs<B>;
    }
}
table! {
    /// Answers bind_receiver (v3.4 §4.1.4, v5.0 §4.1.1.4).
    BindReceiverResp {
        /// Who the SMSC is.
        system_id: COctetString<B>, 16;
        /// The optional parameters.
        tlvs: Tlvs<B>;
    }
}
table! {
    /// Asks the SMSC for a session: both to submit and to be delivered to (v3.4 §4.1.5, v5.0 §4.1.1.5). Known to 3.3
    /// too: peers state 0x33 whatever they do.
    BindTransceiver {
        /// Who the ESME is.
        system_id: COctetString<B>, 16;
        /// What proves it.
        password: Password<B>, 9;
        /// What kind of system it is; may be empty.
        system_type: COctetString<B>, 13;
        /// The version that the ESME speaks: 0x34 for 3.4.
        interface_version: u8;
        /// The addresses that it serves; may be empty.
        address_range: Address<B>, 41, ["addr_ton", "addr_npi"];
        /// The optional parameters.
        tlvs: Tlvs<B>;
    }
}
table! {
    /// Answers bind_transceiver (v3.4 §4.1.6, v5.0 §4.1.1.6), in 3.3 too.
    BindTransceiverResp {
        /// Who the SMSC is.
        system_id: COctetString<B>, 16;
        /// The optional parameters.
        tlvs: Tlvs<B>;
    }
}
table! {
    /// Asks an ESME, on a connection that the SMSC made, to bind (v3.4 §4.1.7, v5.0 §4.1.1.7). It has no response.
    Outbind {
        /// Who the SMSC is.
        system_id: COctetString<B>, 16;
        /// What proves it.
        password: Password<B>, 9;
        /// The optional parameters.
        tlvs: Tlvs<B>;
    }
}
table! {
    /// Asks for the end of the session, from either side (v3.4 §4.2.1, v5.0 §4.1.1.8).
    Unbind {
        /// The optional parameters.
        tlvs: Tlvs<B>;
    }
}
table! {
    /// Answers unbind (v3.4 §4.2.2, v5.0 §4.1.1.9).
    UnbindResp {
        /// The optional parameters.
        tlvs: Tlvs<B>;
    }
}
