//! Codes of TLVs.

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
    /// Where in a mobile station a message goes or comes from (v3.4 §5.3.2.1, v5.0 §4.8.4.23).
    AddrSubunit(u8, be_u8) {
        /// Unknown (default); GSM: no class.
        UNKNOWN = 0x00, "unknown";
        /// MS display; GSM class 0.
        MS_DISPLAY = 0x01, "ms_display";
        /// Mobile equipment; GSM class 1.
        MOBILE_EQUIPMENT = 0x02, "mobile_equipment";
        /// Smart card 1; GSM class 2.
        SMART_CARD_1 = 0x03, "smart_card_1";
        /// External unit 1; GSM class 3.
        EXTERNAL_UNIT_1 = 0x04, "external_unit_1";
    }
}
codes! {
    /// Kind of network (v3.4 §5.3.2.3, v5.0 §4.8.4.26).
    NetworkType(u8, be_u8) {
        /// Unknown.
        UNKNOWN = 0x00, "unknown";
        /// GSM.
        GSM = 0x01, "gsm";
        /// ANSI-136/TDMA.
        TDMA = 0x02, "tdma";
        /// IS-95/CDMA.
        CDMA = 0x03, "cdma";
        /// PDC.
        PDC = 0x04, "pdc";
        /// PHS.
        PHS = 0x05, "phs";
        /// IDEN.
        IDEN = 0x06, "iden";
        /// AMPS.
        AMPS = 0x07, "amps";
        /// Paging network.
        PAGING = 0x08, "paging";
    }
}
codes! {
    /// Kind of bearer (v3.4 §5.3.2.5, v5.0 §4.8.4.24).
    BearerType(u8, be_u8) {
        /// Unknown.
        UNKNOWN = 0x00, "unknown";
        /// SMS.
        SMS = 0x01, "sms";
        /// Circuit switched data.
        CSD = 0x02, "csd";
        /// Packet data.
        PACKET = 0x03, "packet";
        /// USSD.
        USSD = 0x04, "ussd";
        /// CDPD.
        CDPD = 0x05, "cdpd";
        /// DataTAC.
        DATATAC = 0x06, "datatac";
        /// FLEX/ReFLEX.
        FLEX = 0x07, "flex";
        /// Cell broadcast.
        CELL_BROADCAST = 0x08, "cell_broadcast";
    }
}
codes! {
    /// What a payload is (v3.4 §5.3.2.10, v5.0 §4.8.4.44).
    PayloadType(u8, be_u8) {
        /// Default (WDP for WAP).
        DEFAULT = 0x00, "default";
        /// WCMP.
        WCMP = 0x01, "wcmp";
    }
}
codes! {
    /// How private a message is (v3.4 §5.3.2.14, v5.0 §4.8.4.45).
    PrivacyIndicator(u8, be_u8) {
        /// Not restricted (default).
        NOT_RESTRICTED = 0x00, "not_restricted";
        /// Restricted.
        RESTRICTED = 0x01, "restricted";
        /// Confidential.
        CONFIDENTIAL = 0x02, "confidential";
        /// Secret.
        SECRET = 0x03, "secret";
    }
}
codes! {
    /// Kind of subaddress (v3.4 §5.3.2.15, v5.0 §4.8.4.60).
    SubaddressTag(u8, be_u8) {
        /// Reserved.
        RESERVED_1 = 0x01, "reserved_1";
        /// Reserved.
        RESERVED_2 = 0x02, "reserved_2";
        /// NSAP, even.
        NSAP_EVEN = 0x80, "nsap_even";
        /// NSAP, odd.
        NSAP_ODD = 0x88, "nsap_odd";
        /// User specified, at most 22 octets.
        USER = 0xa0, "user";
    }
}
codes! {
    /// Language of a text (v3.4 §5.3.2.19, v5.0 §4.8.4.35).
    LanguageIndicator(u8, be_u8) {
        /// Unspecified (default).
        UNSPECIFIED = 0x00, "unspecified";
        /// English.
        ENGLISH = 0x01, "english";
        /// French.
        FRENCH = 0x02, "french";
        /// Spanish.
        SPANISH = 0x03, "spanish";
        /// German.
        GERMAN = 0x04, "german";
        /// Portuguese.
        PORTUGUESE = 0x05, "portuguese";
    }
}
codes! {
    /// Whether the delivery pending flag was set (v3.4 §5.3.2.28, v5.0 §4.8.4.32).
    DpfResult(u8, be_u8) {
        /// Delivery pending flag not set.
        NOT_SET = 0x00, "not_set";
        /// Set.
        SET = 0x01, "set";
    }
}
codes! {
    /// Whether to set the delivery pending flag (v3.4 §5.3.2.29, v5.0 §4.8.4.52).
    SetDpf(u8, be_u8) {
        /// Not requested.
        NOT_REQUESTED = 0x00, "not_requested";
        /// Requested (default).
        REQUESTED = 0x01, "requested";
    }
}
codes! {
    /// Whether a subscriber can be reached (v3.4 §5.3.2.30, v5.0 §4.8.4.39).
    MsAvailabilityStatus(u8, be_u8) {
        /// Available (default).
        AVAILABLE = 0x00, "available";
        /// Denied: suspended, no SMS.
        DENIED = 0x01, "denied";
        /// Unavailable.
        UNAVAILABLE = 0x02, "unavailable";
    }
}
codes! {
    /// Whose error code it is (v3.4 §5.3.2.31, v5.0 §4.8.4.42).
    NetworkErrorType(u8, be_u8) {
        /// ANSI-136 (5.0: access denied reason).
        ANSI136_ACCESS_DENIED = 0x01, "ansi136_access_denied";
        /// IS-95 (5.0: access denied reason).
        IS95_ACCESS_DENIED = 0x02, "is95_access_denied";
        /// GSM.
        GSM = 0x03, "gsm";
        /// ANSI-136 cause code. Since v5.0.
        ANSI136_CAUSE = 0x04, "ansi136_cause";
        /// IS-95 cause code. Since v5.0.
        IS95_CAUSE = 0x05, "is95_cause";
        /// ANSI-41 error. Since v5.0.
        ANSI41 = 0x06, "ansi41";
        /// SMPP error. Since v5.0.
        SMPP = 0x07, "smpp";
        /// MC specific. Since v5.0.
        MC_SPECIFIC = 0x08, "mc_specific";
    }
}
codes! {
    /// Why a message was not delivered (v3.4 §5.3.2.33, v5.0 §4.8.4.19).
    DeliveryFailureReason(u8, be_u8) {
        /// Destination unavailable.
        UNAVAILABLE = 0x00, "unavailable";
        /// Destination address invalid (suspended, no SMS).
        INVALID_ADDRESS = 0x01, "invalid_address";
        /// Permanent network error.
        PERMANENT_NETWORK = 0x02, "permanent_network";
        /// Temporary network error.
        TEMPORARY_NETWORK = 0x03, "temporary_network";
    }
}
codes! {
    /// Whether more follow (v3.4 §5.3.2.34, v5.0 §4.8.4.38).
    MoreMessagesToSend(u8, be_u8) {
        /// No more.
        NO = 0x00, "no";
        /// More follow (default).
        YES = 0x01, "yes";
    }
}
codes! {
    /// How a handset shows a message (v3.4 §5.3.2.26, v5.0 §4.8.4.31).
    DisplayTime(u8, be_u8) {
        /// Temporary.
        TEMPORARY = 0x00, "temporary";
        /// Default (default).
        DEFAULT = 0x01, "default";
        /// Invoke.
        INVOKE = 0x02, "invoke";
    }
}
codes! {
    /// How long a handset keeps a message (v3.4 §5.3.2.27, v5.0 §4.8.4.41).
    MsValidity(u8, be_u8) {
        /// Store indefinitely (default).
        STORE_INDEFINITELY = 0x00, "store_indefinitely";
        /// Until power down.
        POWER_DOWN = 0x01, "power_down";
        /// Until the registration area (SID) changes.
        REGISTRATION_AREA = 0x02, "registration_area";
        /// Display only.
        DISPLAY_ONLY = 0x03, "display_only";
        /// Relative period in octets 2-4. Since v5.0.
        RELATIVE = 0x04, "relative";
    }
}
codes! {
    /// Unit of a time that a handset keeps a message (v5.0 §4.8.4.41).
    MsValidityUnit(u8, be_u8) {
        /// Seconds.
        SECONDS = 0x00, "seconds";
        /// Minutes.
        MINUTES = 0x01, "minutes";
        /// Hours.
        HOURS = 0x02, "hours";
        /// Days.
        DAYS = 0x03, "days";
        /// Weeks.
        WEEKS = 0x04, "weeks";
        /// Months.
        MONTHS = 0x05, "months";
        /// Years.
        YEARS = 0x06, "years";
    }
}
codes! {
    /// How a handset alerts (v3.4 §5.3.2.41, v5.0 §4.8.4.2).
    AlertOnMessageDelivery(u8, be_u8) {
        /// Mobile default (default). Since v5.0.
        DEFAULT = 0x00, "default";
        /// Low priority. Since v5.0.
        LOW = 0x01, "low";
        /// Medium priority. Since v5.0.
        MEDIUM = 0x02, "medium";
        /// High priority. Since v5.0.
        HIGH = 0x03, "high";
    }
}
codes! {
    /// What a handset asks its user for (v3.4 §5.3.2.42, v5.0 §4.8.4.33).
    ItsReplyType(u8, be_u8) {
        /// Digit.
        DIGIT = 0x00, "digit";
        /// Number.
        NUMBER = 0x01, "number";
        /// Telephone no.
        TELEPHONE_NO = 0x02, "telephone_no";
        /// Password.
        PASSWORD = 0x03, "password";
        /// Character line.
        CHARACTER_LINE = 0x04, "character_line";
        /// Menu.
        MENU = 0x05, "menu";
        /// Date.
        DATE = 0x06, "date";
        /// Time.
        TIME = 0x07, "time";
        /// Continue.
        CONTINUE = 0x08, "continue";
    }
}
codes! {
    /// Operation of a USSD dialogue (v3.4 §5.3.2.44, v5.0 §4.8.4.64).
    UssdServiceOp(u8, be_u8) {
        /// PSSD indication.
        PSSD_INDICATION = 0x00, "pssd_indication";
        /// PSSR indication.
        PSSR_INDICATION = 0x01, "pssr_indication";
        /// USSR request.
        USSR_REQUEST = 0x02, "ussr_request";
        /// USSN request.
        USSN_REQUEST = 0x03, "ussn_request";
        /// PSSD response.
        PSSD_RESPONSE = 0x10, "pssd_response";
        /// PSSR response.
        PSSR_RESPONSE = 0x11, "pssr_response";
        /// USSR confirm.
        USSR_CONFIRM = 0x12, "ussr_confirm";
        /// USSN confirm.
        USSN_CONFIRM = 0x13, "ussn_confirm";
    }
}
codes! {
    /// Whether a ported number was asked for (v5.0 §4.8.4.22).
    DestAddrNpResolution(u8, be_u8) {
        /// Query not performed (default).
        NOT_PERFORMED = 0x00, "not_performed";
        /// Queried, not ported.
        NOT_PORTED = 0x01, "not_ported";
        /// Queried, ported.
        PORTED = 0x02, "ported";
    }
}
bits! {
    /// Which messages wait at a subscriber's, and whether that is shown (v3.4 §5.3.2.13, v5.0 §4.8.4.40). The
    /// constants are single parts of it.
    MsMsgWaitFacilities(u8, be_u8) {
        0x80 {
            /// The indication is on.
            ACTIVE = 0x80, "active";
        }
        0x03 {
            /// Voice mail.
            VOICEMAIL = 0x00, "voicemail";
            /// Fax.
            FAX = 0x01, "fax";
            /// E-mail.
            EMAIL = 0x02, "email";
            /// Others.
            OTHER = 0x03, "other";
        }
    }
}
bits! {
    /// Whether a callback number may be shown, and who vouches for it (v3.4 §5.3.2.37, v5.0 §4.8.4.17). The constants
    /// are single parts of it.
    CallbackNumPresInd(u8, be_u8) {
        0x0c {
            /// It may be shown.
            PRESENTATION_ALLOWED = 0x00, "presentation_allowed";
            /// It must not be shown.
            PRESENTATION_RESTRICTED = 0x04, "presentation_restricted";
            /// There is none.
            PRESENTATION_NOT_AVAILABLE = 0x08, "presentation_not_available";
            /// Reserved.
            PRESENTATION_RESERVED = 0x0c, "presentation_reserved";
        }
        0x03 {
            /// The user's, not screened.
            USER_NOT_SCREENED = 0x00, "user_not_screened";
            /// The user's, verified.
            USER_PASSED = 0x01, "user_passed";
            /// The user's, found wrong.
            USER_FAILED = 0x02, "user_failed";
            /// The network's.
            NETWORK = 0x03, "network";
        }
    }
}

code! {
    /// How loaded a message centre is: 0 to 100 percent (v5.0 §4.8.4.18; R114). 90 counts as nearing congestion.
    CongestionState(u8, be_u8)
}
impl CongestionState {
    /// Nothing to do.
    pub const IDLE: Self = Self(0);
    /// As full as it can be.
    pub const CONGESTED: Self = Self(100);

    /// The name of the range that it is in.
    pub const fn name(self) -> Option<&'static str> {
        match self.0 {
            0 => Some("idle"),
            1..=29 => Some("low"),
            30..=49 => Some("medium"),
            50..=79 => Some("high"),
            80..=89 => Some("optimum"),
            90..=99 => Some("nearing"),
            100 => Some("congested"),
            101.. => None,
        }
    }
}
impl fmt::Debug for CongestionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.0, self.name().unwrap_or("reserved"))
    }
}
