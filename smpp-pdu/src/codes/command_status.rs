//! What a response says of its request (v3.4 §5.1.3, v5.0 §4.7.6).

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

codes! {
    /// The outcome of a request (v3.4 §5.1.3, v5.0 §4.7.6). Where v3.4 and v5.0 name a code differently, the constant
    /// has the name of v5.0.
    CommandStatus(u32, be_u32) {
        /// Success.
        ESME_ROK = 0x0000, "ESME_ROK";
        /// Short_message or message_payload length not acceptable.
        ESME_RINVMSGLEN = 0x0001, "ESME_RINVMSGLEN";
        /// Command_length too short or too long for the PDU.
        ESME_RINVCMDLEN = 0x0002, "ESME_RINVCMDLEN";
        /// Command_id unknown or not supported.
        ESME_RINVCMDID = 0x0003, "ESME_RINVCMDID";
        /// PDU not allowed in the current session state.
        ESME_RINVBNDSTS = 0x0004, "ESME_RINVBNDSTS";
        /// Bind on an already bound session.
        ESME_RALYBND = 0x0005, "ESME_RALYBND";
        /// Priority_flag illegal or unsupported.
        ESME_RINVPRTFLG = 0x0006, "ESME_RINVPRTFLG";
        /// Registered_delivery invalid or its use disabled.
        ESME_RINVREGDLVFLG = 0x0007, "ESME_RINVREGDLVFLG";
        /// MC wholly or partly out of service.
        ESME_RSYSERR = 0x0008, "ESME_RSYSERR";
        /// Source address too long or with bad characters.
        ESME_RINVSRCADR = 0x000a, "ESME_RINVSRCADR";
        /// Destination address empty, too long or with bad characters.
        ESME_RINVDSTADR = 0x000b, "ESME_RINVDSTADR";
        /// Message_id not valid.
        ESME_RINVMSGID = 0x000c, "ESME_RINVMSGID";
        /// Bind refused: provisioning, wrong credentials or anything else.
        ESME_RBINDFAIL = 0x000d, "ESME_RBINDFAIL";
        /// Password field malformed (length).
        ESME_RINVPASWD = 0x000e, "ESME_RINVPASWD";
        /// System_id field malformed (length).
        ESME_RINVSYSID = 0x000f, "ESME_RINVSYSID";
        /// Cancel_sm failed.
        ESME_RCANCELFAIL = 0x0011, "ESME_RCANCELFAIL";
        /// Replace_sm failed.
        ESME_RREPLACEFAIL = 0x0013, "ESME_RREPLACEFAIL";
        /// Queue full: per destination or in the MC.
        ESME_RMSGQFUL = 0x0014, "ESME_RMSGQFUL";
        /// Service_type unknown or of bad length.
        ESME_RINVSERTYP = 0x0015, "ESME_RINVSERTYP";
        /// Number_of_dests invalid.
        ESME_RINVNUMDESTS = 0x0033, "ESME_RINVNUMDESTS";
        /// Dl_name invalid or not existing.
        ESME_RINVDLNAME = 0x0034, "ESME_RINVDLNAME";
        /// Dest_flag invalid.
        ESME_RINVDESTFLAG = 0x0040, "ESME_RINVDESTFLAG";
        /// Submit with replace unsupported, inappropriate or denied.
        ESME_RINVSUBREP = 0x0042, "ESME_RINVSUBREP";
        /// Esm_class not supported.
        ESME_RINVESMCLASS = 0x0043, "ESME_RINVESMCLASS";
        /// Distribution lists unsupported, denied or unavailable.
        ESME_RCNTSUBDL = 0x0044, "ESME_RCNTSUBDL";
        /// Submission failed, no better code.
        ESME_RSUBMITFAIL = 0x0045, "ESME_RSUBMITFAIL";
        /// Source TON invalid or unsupported.
        ESME_RINVSRCTON = 0x0048, "ESME_RINVSRCTON";
        /// Source NPI invalid or unsupported.
        ESME_RINVSRCNPI = 0x0049, "ESME_RINVSRCNPI";
        /// Destination TON invalid or unsupported.
        ESME_RINVDSTTON = 0x0050, "ESME_RINVDSTTON";
        /// Destination NPI invalid or unsupported.
        ESME_RINVDSTNPI = 0x0051, "ESME_RINVDSTNPI";
        /// System_type of bad length or characters.
        ESME_RINVSYSTYP = 0x0053, "ESME_RINVSYSTYP";
        /// Replace_if_present_flag invalid or unsupported.
        ESME_RINVREPFLAG = 0x0054, "ESME_RINVREPFLAG";
        /// Invalid number of messages.
        ESME_RINVNUMMSGS = 0x0055, "ESME_RINVNUMMSGS";
        /// Rate limit exceeded.
        ESME_RTHROTTLED = 0x0058, "ESME_RTHROTTLED";
        /// Schedule_delivery_time invalid or of bad length.
        ESME_RINVSCHED = 0x0061, "ESME_RINVSCHED";
        /// Validity_period invalid or of bad length.
        ESME_RINVEXPIRY = 0x0062, "ESME_RINVEXPIRY";
        /// Sm_default_msg_id invalid or not found.
        ESME_RINVDFTMSGID = 0x0063, "ESME_RINVDFTMSGID";
        /// Receiver cannot take it now: retry later.
        ESME_RX_T_APPN = 0x0064, "ESME_RX_T_APPN";
        /// Receiver permanent error for the destination: this and all other messages queued for it are not retried.
        ESME_RX_P_APPN = 0x0065, "ESME_RX_P_APPN";
        /// Receiver rejects this message only: not retried, others unaffected.
        ESME_RX_R_APPN = 0x0066, "ESME_RX_R_APPN";
        /// Query failed.
        ESME_RQUERYFAIL = 0x0067, "ESME_RQUERYFAIL";
        /// TLV area corrupt: 1-3 octets left over, or a length running past the end. ESME_RINVOPTPARSTREAM in v3.4.
        ESME_RINVTLVSTREAM = 0x00c0, "ESME_RINVTLVSTREAM";
        /// TLV used in a wrong context or refused by the operator. ESME_ROPTPARNOTALLWD in v3.4.
        ESME_RTLVNOTALLWD = 0x00c1, "ESME_RTLVNOTALLWD";
        /// TLV length invalid. ESME_RINVPARLEN in v3.4.
        ESME_RINVTLVLEN = 0x00c2, "ESME_RINVTLVLEN";
        /// A required TLV is missing. ESME_RMISSINGOPTPARAM in v3.4.
        ESME_RMISSINGTLV = 0x00c3, "ESME_RMISSINGTLV";
        /// TLV value invalid. ESME_RINVOPTPARAMVAL in v3.4.
        ESME_RINVTLVVAL = 0x00c4, "ESME_RINVTLVVAL";
        /// Delivery failed (transaction mode).
        ESME_RDELIVERYFAILURE = 0x00fe, "ESME_RDELIVERYFAILURE";
        /// Unexpected error.
        ESME_RUNKNOWNERR = 0x00ff, "ESME_RUNKNOWNERR";
        /// Service_type not allowed to this ESME. Since v5.0.
        ESME_RSERTYPUNAUTH = 0x0100, "ESME_RSERTYPUNAUTH";
        /// Operation known but denied to this ESME. Since v5.0.
        ESME_RPROHIBITED = 0x0101, "ESME_RPROHIBITED";
        /// Service_type out of service. Since v5.0.
        ESME_RSERTYPUNAVAIL = 0x0102, "ESME_RSERTYPUNAVAIL";
        /// Content not fit for the service_type. Since v5.0.
        ESME_RSERTYPDENIED = 0x0103, "ESME_RSERTYPDENIED";
        /// Data_coding invalid or unsupported. Since v5.0.
        ESME_RINVDCS = 0x0104, "ESME_RINVDCS";
        /// Source_addr_subunit invalid. Since v5.0.
        ESME_RINVSRCADDRSUBUNIT = 0x0105, "ESME_RINVSRCADDRSUBUNIT";
        /// Dest_addr_subunit invalid. Since v5.0.
        ESME_RINVDSTADDRSUBUNIT = 0x0106, "ESME_RINVDSTADDRSUBUNIT";
        /// Broadcast_frequency_interval invalid or unsupported. Since v5.0.
        ESME_RINVBCASTFREQINT = 0x0107, "ESME_RINVBCASTFREQINT";
        /// Broadcast alias name of bad length or characters. Since v5.0.
        ESME_RINVBCASTALIAS_NAME = 0x0108, "ESME_RINVBCASTALIAS_NAME";
        /// Broadcast area format invalid or unsupported. Since v5.0.
        ESME_RINVBCASTAREAFMT = 0x0109, "ESME_RINVBCASTAREAFMT";
        /// Number of broadcast areas invalid or unsupported. Since v5.0.
        ESME_RINVNUMBCAST_AREAS = 0x010a, "ESME_RINVNUMBCAST_AREAS";
        /// Broadcast_content_type invalid or unsupported. Since v5.0.
        ESME_RINVBCASTCNTTYPE = 0x010b, "ESME_RINVBCASTCNTTYPE";
        /// Broadcast_message_class invalid or unsupported. Since v5.0.
        ESME_RINVBCASTMSGCLASS = 0x010c, "ESME_RINVBCASTMSGCLASS";
        /// Broadcast_sm failed. Since v5.0.
        ESME_RBCASTFAIL = 0x010d, "ESME_RBCASTFAIL";
        /// Query_broadcast_sm failed. Since v5.0.
        ESME_RBCASTQUERYFAIL = 0x010e, "ESME_RBCASTQUERYFAIL";
        /// Cancel_broadcast_sm failed. Since v5.0.
        ESME_RBCASTCANCELFAIL = 0x010f, "ESME_RBCASTCANCELFAIL";
        /// Broadcast_rep_num invalid or unsupported. Since v5.0.
        ESME_RINVBCAST_REP = 0x0110, "ESME_RINVBCAST_REP";
        /// Broadcast_service_group invalid or unsupported. Since v5.0.
        ESME_RINVBCASTSRVGRP = 0x0111, "ESME_RINVBCASTSRVGRP";
        /// Broadcast_channel_indicator invalid or unsupported. Since v5.0.
        ESME_RINVBCASTCHANIND = 0x0112, "ESME_RINVBCASTCHANIND";
    }
}
