//! The table of the TLVs (v3.4 §5.3.2, v5.0 §4.8.4).

#[cfg(feature = "fuzzing")]
use super::Tlvs;
use super::value::{CString, Value};
use super::values::{
    BroadcastArea, BroadcastContent, BroadcastFrequencyInterval, CallbackNum, CallbackNumAtag, ItsSessionInfo,
    MsValidityValue, NetworkErrorCode, Subaddress, TelematicsId,
};
use super::{Key, Octets};
use crate::codes::{
    AddrSubunit, AlertOnMessageDelivery, BearerType, BroadcastChannelIndicator, BroadcastMessageClass,
    CallbackNumPresInd, CommandStatus, CongestionState, DeliveryFailureReason, DestAddrNpResolution, DisplayTime,
    DpfResult, ItsReplyType, LanguageIndicator, MessageState, MoreMessagesToSend, MsAvailabilityStatus,
    MsMsgWaitFacilities, NetworkType, PayloadType, PrivacyIndicator, SetDpf, UssdServiceOp,
};
use crate::masked::{Mask, Show};
use core::fmt;

/// What the specification says of a TLV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Info {
    /// Its tag.
    pub tag: u16,
    /// Its name, as v5.0 spells it.
    pub name: &'static str,
    /// The fewest and the most octets that its value has in v3.4; `None` if v3.4 has no such TLV.
    pub v34: Option<(u16, u16)>,
    /// The same of v5.0.
    pub v50: (u16, u16),
    /// Whether there may be several in a PDU.
    pub repeats: bool,
}

/// What the specification says of a tag; `None` of a vendor's, and of what is reserved.
pub fn info(tag: u16) -> Option<&'static Info> {
    known(tag).map(|(_, info)| info)
}

/// The same, with its place in the table.
#[inline(always)]
pub(crate) fn known(tag: u16) -> Option<(usize, &'static Info)> {
    let at = place_of(tag)?;
    TABLE.get(at).map(|info| (at, info))
}

/// The bit of a tag in a set of them; 0 if it is not in the table.
#[inline(always)]
pub(crate) const fn bit(tag: u16) -> u64 {
    match place_of(tag) {
        Some(at) => 1 << at,
        None => 0,
    }
}

/// That with the lowest tag of a set.
pub(crate) fn lowest(bits: u64) -> Option<&'static Info> {
    TABLE.get(usize::try_from(bits.trailing_zeros()).ok()?)
}

// One bit each.
const _: () = assert!(TABLE.len() <= 64);

/// How `Debug` prints a value.
#[derive(Clone, Copy)]
enum As {
    /// As its type does.
    Type,
    /// As octets, which are no secret.
    Octets,
    /// As octets, which may be a text or an address: masked.
    Secret,
}

/// The keys as constants, the table of what the specification says of them, and how they are shown. It exists because
/// each row is needed three times: `NAME: type = tag, "name", octets in v3.4, octets in v5.0, repeats, shown as;`.
macro_rules! keys {
    ($(
        $(#[$doc:meta])*
        $name:ident: $ty:ty = $tag:literal, $spelt:literal, [$($v34:literal..=$v34_max:literal)?],
            [$v50:literal..=$v50_max:literal], $repeats:literal, $shown:ident;
    )*) => {
        $( $(#[$doc])* pub const $name: Key<$ty> = Key::new($tag, $spelt); )*

        /// Every TLV of the specification, in the order of the tags.
        pub const TABLE: &[Info] = &[$( Info {
            tag: $tag,
            name: $spelt,
            v34: length![$($v34 $v34_max)?],
            v50: ($v50, $v50_max),
            repeats: $repeats,
        }, )*];

        /// What `place_of` counts.
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        enum At { $( $name, )* }

        /// Where a tag stands in the table: a `match`, which is a jump where a search would be a loop.
        #[inline(always)]
        const fn place_of(tag: u16) -> Option<usize> {
            match tag {
                $( $tag => Some(At::$name as usize), )*
                _ => None,
            }
        }

        /// For the fuzz target `tlv`: reads a value and writes it.
        #[cfg(feature = "fuzzing")]
        pub(crate) fn rewrite(tag: u16, value: &[u8]) {
            match tag {
                $( $tag => rewrite_as::<$ty>(value), )*
                _ => {}
            }
        }

        /// `Debug` of a value.
        pub(crate) fn show_value(f: &mut fmt::Formatter<'_>, tag: u16, value: &[u8], mask: Mask) -> fmt::Result {
            match tag {
                $( $tag => show_as::<$ty>(f, value, As::$shown, mask), )*
                _ => Octets(value).show(f, mask),
            }
        }

        /// Whether `Debug` of a value masks it.
        pub(crate) fn is_masked(tag: u16, value: &[u8]) -> bool {
            match tag {
                $( $tag => is_masked_as::<$ty>(value, As::$shown), )*
                _ => true,
            }
        }
    };
}

/// The lengths of a version, or that it has none.
macro_rules! length {
    [] => { None };
    [$min:literal $max:literal] => { Some(($min, $max)) };
}

fn show_as<T: Value + ?Sized>(f: &mut fmt::Formatter<'_>, value: &[u8], shown: As, mask: Mask) -> fmt::Result {
    match (shown, T::read(value)) {
        (As::Type, Some(value)) => fmt::Debug::fmt(&value, f),
        (As::Octets, _) => Octets(value).show(f, Mask::Off),
        // What is no value of its type may be a text all the same.
        (As::Secret, _) | (As::Type, None) => Octets(value).show(f, mask),
    }
}

fn is_masked_as<T: Value + ?Sized>(value: &[u8], shown: As) -> bool {
    match shown {
        As::Type => T::read(value).is_none(),
        As::Octets => false,
        As::Secret => true,
    }
}

/// What is read is written to octets that are read and written as themselves.
#[cfg(feature = "fuzzing")]
fn rewrite_as<T: Value + ?Sized>(value: &[u8]) {
    fn written<T: Value + ?Sized>(value: &[u8]) -> Option<Tlvs> {
        let mut tlvs = Tlvs::default();
        tlvs.push(Key::<T>::new(0, ""), T::read(value)?).ok()?;
        Some(tlvs)
    }
    if let Some(first) = written::<T>(value) {
        let again = first.iter().next().and_then(|(_, value)| written::<T>(value));
        assert_eq!(again.as_ref(), Some(&first), "{value:x?}");
    }
}

keys! {
    /// Where in the recipient's station the message goes (v3.4 §5.3.2.1, v5.0 §4.8.4.23).
    DEST_ADDR_SUBUNIT: AddrSubunit = 0x0005, "dest_addr_subunit", [1..=1], [1..=1], false, Type;
    /// The recipient's network (v3.4 §5.3.2.3, v5.0 §4.8.4.26).
    DEST_NETWORK_TYPE: NetworkType = 0x0006, "dest_network_type", [1..=1], [1..=1], false, Type;
    /// The recipient's bearer (v3.4 §5.3.2.5, v5.0 §4.8.4.24).
    DEST_BEARER_TYPE: BearerType = 0x0007, "dest_bearer_type", [1..=1], [1..=1], false, Type;
    /// The recipient's telematic interworking (v3.4 §5.3.2.7, v5.0 §4.8.4.29).
    DEST_TELEMATICS_ID: u16 = 0x0008, "dest_telematics_id", [2..=2], [2..=2], false, Type;
    /// Where in the sender's station the message comes from (v3.4 §5.3.2.2, v5.0 §4.8.4.54).
    SOURCE_ADDR_SUBUNIT: AddrSubunit = 0x000d, "source_addr_subunit", [1..=1], [1..=1], false, Type;
    /// The sender's network (v3.4 §5.3.2.4, v5.0 §4.8.4.57).
    SOURCE_NETWORK_TYPE: NetworkType = 0x000e, "source_network_type", [1..=1], [1..=1], false, Type;
    /// The sender's bearer (v3.4 §5.3.2.6, v5.0 §4.8.4.55).
    SOURCE_BEARER_TYPE: BearerType = 0x000f, "source_bearer_type", [1..=1], [1..=1], false, Type;
    /// The sender's telematic interworking. Two octets, as some peers send, are read too (v3.4 §5.3.2.8, v5.0 §4.8.4.61).
    SOURCE_TELEMATICS_ID: TelematicsId = 0x0010, "source_telematics_id", [1..=1], [1..=1], false, Type;
    /// Seconds that the message is kept; over validity_period (R068) (v3.4 §5.3.2.9, v5.0 §4.8.4.46).
    QOS_TIME_TO_LIVE: u32 = 0x0017, "qos_time_to_live", [4..=4], [4..=4], false, Type;
    /// What the payload is (v3.4 §5.3.2.10, v5.0 §4.8.4.44).
    PAYLOAD_TYPE: PayloadType = 0x0019, "payload_type", [1..=1], [1..=1], false, Type;
    /// What a response's status means, in words (v3.4 §5.3.2.11, v5.0 §4.8.4.1).
    ADDITIONAL_STATUS_INFO_TEXT: CString = 0x001d, "additional_status_info_text", [1..=256], [1..=256], false, Secret;
    /// The message that a receipt is about, as the SMSC named it (v3.4 §5.3.2.12, v5.0 §4.8.4.47).
    RECEIPTED_MESSAGE_ID: CString = 0x001e, "receipted_message_id", [1..=65], [1..=65], false, Octets;
    /// Which messages wait, and whether that is shown (v3.4 §5.3.2.13, v5.0 §4.8.4.40).
    MS_MSG_WAIT_FACILITIES: MsMsgWaitFacilities = 0x0030, "ms_msg_wait_facilities", [1..=1], [1..=1], false, Type;
    /// How private the message is (v3.4 §5.3.2.14, v5.0 §4.8.4.45).
    PRIVACY_INDICATOR: PrivacyIndicator = 0x0201, "privacy_indicator", [1..=1], [1..=1], false, Type;
    /// The sender's subaddress (v3.4 §5.3.2.15, v5.0 §4.8.4.60).
    SOURCE_SUBADDRESS: Subaddress<'static> = 0x0202, "source_subaddress", [2..=23], [2..=23], false, Secret;
    /// The recipient's subaddress; not in submit_multi (R127) (v3.4 §5.3.2.16, v5.0 §4.8.4.28).
    DEST_SUBADDRESS: Subaddress<'static> = 0x0203, "dest_subaddress", [2..=23], [2..=23], false, Secret;
    /// The ESME's own number of the message (R057) (v3.4 §5.3.2.17, v5.0 §4.8.4.62).
    USER_MESSAGE_REFERENCE: u16 = 0x0204, "user_message_reference", [2..=2], [2..=2], false, Type;
    /// What the recipient chose (v3.4 §5.3.2.18, v5.0 §4.8.4.63).
    USER_RESPONSE_CODE: u8 = 0x0205, "user_response_code", [1..=1], [1..=1], false, Type;
    /// The sender's application port (v3.4 §5.3.2.20, v5.0 §4.8.4.59).
    SOURCE_PORT: u16 = 0x020a, "source_port", [2..=2], [2..=2], false, Type;
    /// The recipient's application port; destination_port in v3.4 (v3.4 §5.3.2.21, v5.0 §4.8.4.30).
    DEST_PORT: u16 = 0x020b, "dest_port", [2..=2], [2..=2], false, Type;
    /// Joins the segments of one message (R051) (v3.4 §5.3.2.22, v5.0 §4.8.4.48).
    SAR_MSG_REF_NUM: u16 = 0x020c, "sar_msg_ref_num", [2..=2], [2..=2], false, Type;
    /// The language of the text (v3.4 §5.3.2.19, v5.0 §4.8.4.35).
    LANGUAGE_INDICATOR: LanguageIndicator = 0x020d, "language_indicator", [1..=1], [1..=1], false, Type;
    /// How many segments there are, from 1 (R052) (v3.4 §5.3.2.23, v5.0 §4.8.4.50).
    SAR_TOTAL_SEGMENTS: u8 = 0x020e, "sar_total_segments", [1..=1], [1..=1], false, Type;
    /// Which segment this is, from 1 (R052) (v3.4 §5.3.2.24, v5.0 §4.8.4.49).
    SAR_SEGMENT_SEQNUM: u8 = 0x020f, "sar_segment_seqnum", [1..=1], [1..=1], false, Type;
    /// The version that the SMSC speaks, in a bind's response (R079 to R082) (v3.4 §5.3.2.25, v5.0 §4.8.4.51).
    SC_INTERFACE_VERSION: u8 = 0x0210, "sc_interface_version", [1..=1], [1..=1], false, Type;
    /// Whether a callback_num may be shown: as many as there are of those (R048) (v3.4 §5.3.2.37, v5.0 §4.8.4.17).
    CALLBACK_NUM_PRES_IND: CallbackNumPresInd = 0x0302, "callback_num_pres_ind", [1..=1], [1..=1], true, Type;
    /// A name for a callback_num: as many as there are of those (R048) (v3.4 §5.3.2.38, v5.0 §4.8.4.16).
    CALLBACK_NUM_ATAG: CallbackNumAtag<'static> = 0x0303, "callback_num_atag", [1..=65], [1..=65], true, Secret;
    /// How many messages wait (v3.4 §5.3.2.39, v5.0 §4.8.4.43).
    NUMBER_OF_MESSAGES: u8 = 0x0304, "number_of_messages", [1..=1], [1..=1], false, Type;
    /// A number to call back; may repeat (R048) (v3.4 §5.3.2.36, v5.0 §4.8.4.15).
    CALLBACK_NUM: CallbackNum<'static> = 0x0381, "callback_num", [4..=19], [4..=19], true, Secret;
    /// Whether the delivery pending flag was set (R059) (v3.4 §5.3.2.28, v5.0 §4.8.4.32).
    DPF_RESULT: DpfResult = 0x0420, "dpf_result", [1..=1], [1..=1], false, Type;
    /// Whether to set the delivery pending flag (R136) (v3.4 §5.3.2.29, v5.0 §4.8.4.52).
    SET_DPF: SetDpf = 0x0421, "set_dpf", [1..=1], [1..=1], false, Type;
    /// Whether the subscriber can be reached (R059) (v3.4 §5.3.2.30, v5.0 §4.8.4.39).
    MS_AVAILABILITY_STATUS: MsAvailabilityStatus = 0x0422, "ms_availability_status", [1..=1], [1..=1], false, Type;
    /// The network's own error (v3.4 §5.3.2.31, v5.0 §4.8.4.42).
    NETWORK_ERROR_CODE: NetworkErrorCode = 0x0423, "network_error_code", [3..=3], [3..=3], false, Type;
    /// The text, in place of short_message (R060) (v3.4 §5.3.2.32, v5.0 §4.8.4.36).
    MESSAGE_PAYLOAD: [u8] = 0x0424, "message_payload", [0..=65535], [0..=65535], false, Secret;
    /// Why a message was not delivered (v3.4 §5.3.2.33, v5.0 §4.8.4.19).
    DELIVERY_FAILURE_REASON: DeliveryFailureReason = 0x0425, "delivery_failure_reason", [1..=1], [1..=1], false, Type;
    /// Whether more follow for the same recipient (v3.4 §5.3.2.34, v5.0 §4.8.4.38).
    MORE_MESSAGES_TO_SEND: MoreMessagesToSend = 0x0426, "more_messages_to_send", [1..=1], [1..=1], false, Type;
    /// Where the message stands (v3.4 §5.3.2.35, v5.0 §4.8.4.37).
    MESSAGE_STATE: MessageState = 0x0427, "message_state", [1..=1], [1..=1], false, Type;
    /// How loaded the SMSC is, in any response (R114) (v5.0 §4.8.4.18).
    CONGESTION_STATE: CongestionState = 0x0428, "congestion_state", [], [1..=1], false, Type;
    /// The operation of a USSD dialogue (v3.4 §5.3.2.44, v5.0 §4.8.4.64).
    USSD_SERVICE_OP: UssdServiceOp = 0x0501, "ussd_service_op", [1..=1], [1..=1], false, Type;
    /// Which channel (v5.0 §4.8.4.7).
    BROADCAST_CHANNEL_INDICATOR: BroadcastChannelIndicator = 0x0600, "broadcast_channel_indicator", [], [1..=1], false, Type;
    /// What the broadcast is about (v5.0 §4.8.4.8).
    BROADCAST_CONTENT_TYPE: BroadcastContent = 0x0601, "broadcast_content_type", [], [3..=3], false, Type;
    /// More about what it is about (v5.0 §4.8.4.6).
    BROADCAST_CONTENT_TYPE_INFO: [u8] = 0x0602, "broadcast_content_type_info", [], [1..=255], false, Secret;
    /// Its class (v5.0 §4.8.4.12).
    BROADCAST_MESSAGE_CLASS: BroadcastMessageClass = 0x0603, "broadcast_message_class", [], [1..=1], false, Type;
    /// How often it is sent; 0 without end, or as often as validity_period says (R144) (v5.0 §4.8.4.13).
    BROADCAST_REP_NUM: u16 = 0x0604, "broadcast_rep_num", [], [2..=2], false, Type;
    /// The time between two times (v5.0 §4.8.4.11).
    BROADCAST_FREQUENCY_INTERVAL: BroadcastFrequencyInterval = 0x0605, "broadcast_frequency_interval", [], [3..=3], false, Type;
    /// An area; may repeat. In the response, one that failed (R049) (v5.0 §4.8.4.4).
    BROADCAST_AREA_IDENTIFIER: BroadcastArea<'static> = 0x0606, "broadcast_area_identifier", [], [1..=101], true, Secret;
    /// Why an area failed: as many as there are of those (R049) (v5.0 §4.8.4.10).
    BROADCAST_ERROR_STATUS: CommandStatus = 0x0607, "broadcast_error_status", [], [4..=4], true, Type;
    /// Percent of an area that was reached; 255 if that is not known (v5.0 §4.8.4.5).
    BROADCAST_AREA_SUCCESS: u8 = 0x0608, "broadcast_area_success", [], [1..=1], true, Type;
    /// When it ended: 15 or 16 characters (v5.0 §4.8.4.9).
    BROADCAST_END_TIME: CString = 0x0609, "broadcast_end_time", [], [16..=17], false, Octets;
    /// Who is to get it (v5.0 §4.8.4.14).
    BROADCAST_SERVICE_GROUP: [u8] = 0x060a, "broadcast_service_group", [], [1..=255], false, Octets;
    /// For the operator's bills; its first octet tells the format (v5.0 §4.8.4.3).
    BILLING_IDENTIFICATION: [u8] = 0x060b, "billing_identification", [], [1..=1024], false, Secret;
    /// The sender's network; with source_node_id (R055) (v5.0 §4.8.4.56).
    SOURCE_NETWORK_ID: CString = 0x060d, "source_network_id", [], [7..=65], false, Octets;
    /// The recipient's network; with dest_node_id (R055) (v5.0 §4.8.4.25).
    DEST_NETWORK_ID: CString = 0x060e, "dest_network_id", [], [7..=65], false, Octets;
    /// The sender's node: 6 digits (v5.0 §4.8.4.58).
    SOURCE_NODE_ID: [u8] = 0x060f, "source_node_id", [], [6..=6], false, Octets;
    /// The recipient's node: 6 digits (v5.0 §4.8.4.27).
    DEST_NODE_ID: [u8] = 0x0610, "dest_node_id", [], [6..=6], false, Octets;
    /// Whether a ported number was asked for (v5.0 §4.8.4.22).
    DEST_ADDR_NP_RESOLUTION: DestAddrNpResolution = 0x0611, "dest_addr_np_resolution", [], [1..=1], false, Type;
    /// The routing number of a ported one (R056) (v5.0 §4.8.4.21).
    DEST_ADDR_NP_INFORMATION: [u8] = 0x0612, "dest_addr_np_information", [], [10..=10], false, Secret;
    /// The country of its operator (R056) (v5.0 §4.8.4.20).
    DEST_ADDR_NP_COUNTRY: [u8] = 0x0613, "dest_addr_np_country", [], [1..=5], false, Octets;
    /// How the handset shows the message (v3.4 §5.3.2.26, v5.0 §4.8.4.31).
    DISPLAY_TIME: DisplayTime = 0x1201, "display_time", [1..=1], [1..=1], false, Type;
    /// How the handset alerts (TDMA) (v3.4 §5.3.2.40, v5.0 §4.8.4.53).
    SMS_SIGNAL: u16 = 0x1203, "sms_signal", [2..=2], [2..=2], false, Type;
    /// How long the handset keeps the message (v3.4 §5.3.2.27, v5.0 §4.8.4.41).
    MS_VALIDITY: MsValidityValue = 0x1204, "ms_validity", [1..=1], [1..=4], false, Type;
    /// How the handset alerts (CDMA); without a value, by its default (v3.4 §5.3.2.41, v5.0 §4.8.4.2).
    ALERT_ON_MESSAGE_DELIVERY: Option<AlertOnMessageDelivery> = 0x130c, "alert_on_message_delivery", [0..=0], [0..=1], false, Type;
    /// What the handset asks its user for (v3.4 §5.3.2.42, v5.0 §4.8.4.33).
    ITS_REPLY_TYPE: ItsReplyType = 0x1380, "its_reply_type", [1..=1], [1..=1], false, Type;
    /// Which step of which dialogue this is (v3.4 §5.3.2.43, v5.0 §4.8.4.34).
    ITS_SESSION_INFO: ItsSessionInfo = 0x1383, "its_session_info", [2..=2], [2..=2], false, Type;
}
