//! Codes of mandatory fields and of TLVs.

use super::{bits, code, codes, scalar};
use crate::fields::{FieldValue, Visit};
use crate::masked::{Mask, Show};
use crate::row::Row;
use crate::storage::Storage;
use crate::tlv::{Value, ValueWriter};
use crate::version::Version;
use crate::wire::{Context, Parse, Parsed, be_u8};
use crate::write::{Field, Refusal, Writer};
use core::fmt;

codes! {
    /// Type of number (v3.4 §5.2.5, v5.0 §4.7.1).
    Ton(u8, be_u8) {
        /// Not known: the centre decides.
        UNKNOWN = 0, "unknown";
        /// With country code, without prefix.
        INTERNATIONAL = 1, "international";
        /// Within the country.
        NATIONAL = 2, "national";
        /// The network's own.
        NETWORK_SPECIFIC = 3, "network_specific";
        /// A short code.
        SUBSCRIBER_NUMBER = 4, "subscriber";
        /// Letters.
        ALPHANUMERIC = 5, "alphanumeric";
        /// Abbreviated.
        ABBREVIATED = 6, "abbreviated";
    }
}
codes! {
    /// Numbering plan (v3.4 §5.2.6, v5.0 §4.7.2).
    Npi(u8, be_u8) {
        /// Not known.
        UNKNOWN = 0, "unknown";
        /// Telephone numbers (E.163, E.164).
        ISDN = 1, "isdn";
        /// Data (X.121).
        DATA = 3, "data";
        /// Telex (F.69).
        TELEX = 4, "telex";
        /// Land mobile (E.212).
        LAND_MOBILE = 6, "land_mobile";
        /// National.
        NATIONAL = 8, "national";
        /// Private.
        PRIVATE = 9, "private";
        /// ERMES.
        ERMES = 10, "ermes";
        /// IP.
        INTERNET = 14, "internet";
        /// WAP client id.
        WAP_CLIENT_ID = 18, "wap";
    }
}
codes! {
    /// The alphabet of a text, or that it is none (v3.4 §5.2.19, v5.0 §4.7.7).
    DataCoding(u8, be_u8) {
        /// The centre's default alphabet: by convention GSM 03.38.
        DEFAULT = 0, "mc_default";
        /// IA5, ASCII.
        IA5 = 1, "ia5";
        /// Octets, 8 bit.
        OCTET_UNSPECIFIED = 2, "octet_2";
        /// ISO-8859-1.
        LATIN1 = 3, "latin1";
        /// Octets, 8 bit.
        OCTET = 4, "octet_4";
        /// JIS X 0208-1990.
        JIS = 5, "jis";
        /// ISO-8859-5.
        CYRILLIC = 6, "cyrillic";
        /// ISO-8859-8.
        HEBREW = 7, "hebrew";
        /// UCS-2 (ISO/IEC-10646), big endian.
        UCS2 = 8, "ucs2";
        /// Pictograms.
        PICTOGRAM = 9, "pictogram";
        /// ISO-2022-JP, for music codes.
        ISO_2022_JP = 10, "iso2022jp";
        /// Extended kanji JIS X 0212-1990.
        EXTENDED_KANJI_JIS = 13, "ext_kanji";
        /// KS C 5601.
        KSC5601 = 14, "ksc5601";
    }
}
codes! {
    /// Where a message stands (v3.4 §5.2.28, v5.0 §4.7.15).
    MessageState(u8, be_u8) {
        /// Waits for its time. Since v5.0.
        SCHEDULED = 0, "SCHEDULED";
        /// On its way.
        ENROUTE = 1, "ENROUTE";
        /// Delivered: final.
        DELIVERED = 2, "DELIVERED";
        /// Its validity period is over: final.
        EXPIRED = 3, "EXPIRED";
        /// Cancelled: final.
        DELETED = 4, "DELETED";
        /// Cannot be delivered: final.
        UNDELIVERABLE = 5, "UNDELIVERABLE";
        /// Read by somebody on the subscriber's behalf: final.
        ACCEPTED = 6, "ACCEPTED";
        /// Not known.
        UNKNOWN = 7, "UNKNOWN";
        /// Rejected: final.
        REJECTED = 8, "REJECTED";
        /// Skipped: final. Since v5.0.
        SKIPPED = 9, "SKIPPED";
    }
}
bits! {
    /// Mode, type and features of a message (v3.4 §5.2.12, v5.0 §4.7.12). The constants are single parts of it.
    EsmClass(u8, be_u8) {
        0x03 {
            /// The centre's default mode, a plain message.
            DEFAULT = 0x00, "mode_default";
            /// Datagram: one attempt (R129).
            DATAGRAM = 0x01, "mode_datagram";
            /// Transaction: the response tells the outcome (R128).
            FORWARD = 0x02, "mode_forward";
            /// Store and forward, where that is not the default.
            STORE_AND_FORWARD = 0x03, "mode_store_and_forward";
        }
        0x3c {
            /// A plain message.
            NORMAL = 0x00, "type_default";
            /// A delivery receipt (SMSC → ESME).
            DELIVERY_RECEIPT = 0x04, "type_mc_delivery_receipt";
            /// The recipient's handset or program acknowledges delivery.
            SME_DELIVERY_ACK = 0x08, "type_sme_delivery_ack";
            /// The recipient acknowledges by hand.
            SME_MANUAL_ACK = 0x10, "type_sme_manual_ack";
            /// The end of a conversation (Korean CDMA; SMSC → ESME).
            CONVERSATION_ABORT = 0x18, "type_conversation_abort";
            /// Word of a message that is not final yet (SMSC → ESME).
            INTERMEDIATE_NOTIFICATION = 0x20, "type_intermediate_notification";
        }
        0xc0 {
            /// No features of GSM.
            GSM_NONE = 0x00, "gsm_none";
            /// A UDH stands before the text.
            UDHI = 0x40, "gsm_udhi";
            /// The reply takes the same path.
            REPLY_PATH = 0x80, "gsm_reply_path";
            /// Both.
            UDHI_REPLY_PATH = 0xc0, "gsm_udhi_reply_path";
        }
    }
}

impl EsmClass {
    /// The bits of the messaging mode.
    pub const MODE_MASK: u8 = 0x03;
    /// The bits of the message type: v3.4 and v5.0 use bits 5 to 2.
    pub const TYPE_MASK: u8 = 0x3c;

    /// Whether the type is that of a delivery receipt, whatever mode and features say.
    pub const fn is_delivery_receipt(self) -> bool {
        self.0 & Self::TYPE_MASK == Self::DELIVERY_RECEIPT.0
    }
    /// Whether a UDH stands before the text, whatever mode and type say.
    pub const fn has_udh(self) -> bool {
        self.0 & Self::UDHI.0 != 0
    }
}

bits! {
    /// Which receipts are asked for (v3.4 §5.2.17, v5.0 §4.7.21). The constants are single parts of it.
    RegisteredDelivery(u8, be_u8) {
        0x03 {
            /// None.
            NONE = 0x00, "receipt_none";
            /// Of the final outcome, good or bad.
            RECEIPT = 0x01, "receipt_final";
            /// Of failure only.
            RECEIPT_ON_FAILURE = 0x02, "receipt_failure";
            /// Of success only. Since v5.0; reserved in v3.4.
            RECEIPT_ON_SUCCESS = 0x03, "receipt_success";
        }
        0x0c {
            /// No acknowledgement of the recipient.
            ACK_NONE = 0x00, "ack_none";
            /// That of the recipient's handset or program.
            ACK_DELIVERY = 0x04, "ack_delivery";
            /// That of the recipient's hand.
            ACK_MANUAL = 0x08, "ack_manual";
            /// Both.
            ACK_BOTH = 0x0c, "ack_both";
        }
        0x10 {
            /// No word before the final outcome.
            INTERMEDIATE_NONE = 0x00, "intermediate_none";
            /// Word before the final outcome.
            INTERMEDIATE = 0x10, "intermediate";
        }
    }
}

impl RegisteredDelivery {
    /// The bits that ask for a receipt of the centre.
    pub const RECEIPT_MASK: u8 = 0x03;

    /// Only what it says of a receipt of the centre.
    #[must_use]
    pub const fn receipt(self) -> Self {
        Self(self.0 & Self::RECEIPT_MASK)
    }
}
