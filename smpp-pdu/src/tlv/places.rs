//! Which TLV belongs in which PDU (v3.4 §4, v5.0 §4: the tables of optional parameters).
//!
//! A receiver ignores one that does not belong (R040): this is for senders, and for whoever wants to know.

use super::Key;
use super::keys::bit;
use crate::codes::CommandId;
use crate::version::Version;

/// What the specification says of a TLV in a PDU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// Expressly excluded.
    Excluded,
    /// Not listed: to be ignored (R040).
    Unlisted,
    /// May be there.
    Optional,
    /// Must be there if the message needs it.
    Conditional,
    /// Must be there.
    Mandatory,
}

/// Who sends the PDU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// ESME → SMSC.
    ToSmsc,
    /// SMSC → ESME.
    ToEsme,
    /// Either way.
    Both,
}

/// TLVs of one PDU, of which the two versions say the same.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Places {
    /// The PDU.
    pub command: CommandId,
    /// Which way it goes.
    pub direction: Direction,
    /// What v3.4 says.
    pub v34: Place,
    /// What v5.0 says.
    pub v50: Place,
    /// Of these.
    pub tags: &'static [u16],
}

/// What `version` says of a TLV in a PDU, whichever way that goes. v3.3 has no TLVs.
pub fn place<T: ?Sized>(key: Key<T>, command: CommandId, version: Version) -> Place {
    let here = PLACES
        .iter()
        .filter(|row| row.command == command && row.tags.contains(&key.tag));
    let said = here.map(|row| match version {
        Version::V33 => Place::Unlisted,
        Version::V34 => row.v34,
        Version::V50 => row.v50,
    });
    said.max().unwrap_or(Place::Unlisted)
}

/// The TLVs that belong in a PDU in one version, a [`bit`] each.
#[derive(Clone, Copy)]
pub(crate) struct Belonging {
    /// All of them.
    pub(crate) listed: u64,
    pub(crate) conditional: u64,
    pub(crate) mandatory: u64,
}

impl Belonging {
    pub(crate) const NOTHING: Self = Self {
        listed: 0,
        conditional: 0,
        mandatory: 0,
    };

    /// In v3.4 and in v5.0, whichever way the PDU goes: for constants.
    pub(crate) const fn of(command: CommandId) -> [Self; 2] {
        let (mut v34, mut v50, mut rows) = (Self::NOTHING, Self::NOTHING, PLACES);
        while let [row, rest @ ..] = rows {
            let mut tags = row.tags;
            while let (true, [tag, rest @ ..]) = (row.command.0 == command.0, tags) {
                v34 = v34.with(row.v34, bit(*tag));
                v50 = v50.with(row.v50, bit(*tag));
                tags = rest;
            }
            rows = rest;
        }
        [v34, v50]
    }
    const fn with(self, place: Place, bit: u64) -> Self {
        let Self {
            listed,
            conditional,
            mandatory,
        } = self;
        match place {
            Place::Excluded | Place::Unlisted => self,
            Place::Optional => Self {
                listed: listed | bit,
                ..self
            },
            Place::Conditional => Self {
                listed: listed | bit,
                conditional: conditional | bit,
                ..self
            },
            Place::Mandatory => Self {
                listed: listed | bit,
                mandatory: mandatory | bit,
                ..self
            },
        }
    }
}

/// The rows of a table: `COMMAND, direction, v3.4, v5.0: KEYS;`. It exists so that keys stand in it by their names.
macro_rules! places {
    ($( $command:ident, $direction:ident, $v34:ident, $v50:ident: $($key:ident)*; )*) => {
        /// The whole table.
        pub const PLACES: &[Places] = &[$( Places {
            command: CommandId::$command,
            direction: Direction::$direction,
            v34: Place::$v34,
            v50: Place::$v50,
            tags: &[$( super::$key.tag, )*],
        }, )*];
    };
}

places! {
    ALERT_NOTIFICATION, ToEsme, Optional, Optional:
        MS_AVAILABILITY_STATUS;
    BIND_RECEIVER_RESP, ToEsme, Optional, Optional:
        SC_INTERFACE_VERSION;
    BIND_RECEIVER_RESP, ToEsme, Unlisted, Optional:
        CONGESTION_STATE;
    BIND_TRANSCEIVER_RESP, ToEsme, Optional, Optional:
        SC_INTERFACE_VERSION;
    BIND_TRANSCEIVER_RESP, ToEsme, Unlisted, Optional:
        CONGESTION_STATE;
    BIND_TRANSMITTER_RESP, ToEsme, Optional, Optional:
        SC_INTERFACE_VERSION;
    BIND_TRANSMITTER_RESP, ToEsme, Unlisted, Optional:
        CONGESTION_STATE;
    BROADCAST_SM, ToSmsc, Unlisted, Optional:
        DEST_ADDR_SUBUNIT SOURCE_ADDR_SUBUNIT PAYLOAD_TYPE PRIVACY_INDICATOR SOURCE_SUBADDRESS DEST_SUBADDRESS
        USER_MESSAGE_REFERENCE SOURCE_PORT DEST_PORT LANGUAGE_INDICATOR CALLBACK_NUM_PRES_IND CALLBACK_NUM_ATAG
        CALLBACK_NUM MESSAGE_PAYLOAD BROADCAST_CHANNEL_INDICATOR BROADCAST_CONTENT_TYPE_INFO BROADCAST_MESSAGE_CLASS
        BROADCAST_SERVICE_GROUP DISPLAY_TIME SMS_SIGNAL MS_VALIDITY ALERT_ON_MESSAGE_DELIVERY;
    BROADCAST_SM, ToSmsc, Unlisted, Mandatory:
        BROADCAST_CONTENT_TYPE BROADCAST_REP_NUM BROADCAST_FREQUENCY_INTERVAL BROADCAST_AREA_IDENTIFIER;
    BROADCAST_SM_RESP, ToEsme, Unlisted, Optional:
        CONGESTION_STATE BROADCAST_AREA_IDENTIFIER BROADCAST_ERROR_STATUS;
    CANCEL_BROADCAST_SM, ToSmsc, Unlisted, Optional:
        USER_MESSAGE_REFERENCE BROADCAST_CONTENT_TYPE;
    CANCEL_BROADCAST_SM_RESP, ToEsme, Unlisted, Optional:
        CONGESTION_STATE;
    CANCEL_SM_RESP, ToEsme, Unlisted, Optional:
        CONGESTION_STATE;
    DATA_SM, ToSmsc, Optional, Optional:
        DEST_ADDR_SUBUNIT DEST_NETWORK_TYPE DEST_BEARER_TYPE DEST_TELEMATICS_ID SOURCE_ADDR_SUBUNIT
        SOURCE_NETWORK_TYPE SOURCE_BEARER_TYPE SOURCE_TELEMATICS_ID QOS_TIME_TO_LIVE PAYLOAD_TYPE
        MS_MSG_WAIT_FACILITIES PRIVACY_INDICATOR SOURCE_SUBADDRESS DEST_SUBADDRESS USER_MESSAGE_REFERENCE
        USER_RESPONSE_CODE SOURCE_PORT DEST_PORT SAR_MSG_REF_NUM LANGUAGE_INDICATOR SAR_TOTAL_SEGMENTS
        SAR_SEGMENT_SEQNUM CALLBACK_NUM_PRES_IND CALLBACK_NUM_ATAG NUMBER_OF_MESSAGES CALLBACK_NUM SET_DPF
        MORE_MESSAGES_TO_SEND DISPLAY_TIME SMS_SIGNAL MS_VALIDITY ALERT_ON_MESSAGE_DELIVERY ITS_REPLY_TYPE
        ITS_SESSION_INFO;
    DATA_SM, ToSmsc, Optional, Unlisted:
        RECEIPTED_MESSAGE_ID NETWORK_ERROR_CODE MESSAGE_STATE;
    DATA_SM, ToSmsc, Optional, Conditional:
        MESSAGE_PAYLOAD;
    DATA_SM, ToSmsc, Unlisted, Optional:
        USSD_SERVICE_OP BILLING_IDENTIFICATION SOURCE_NETWORK_ID DEST_NETWORK_ID SOURCE_NODE_ID DEST_NODE_ID
        DEST_ADDR_NP_RESOLUTION DEST_ADDR_NP_INFORMATION DEST_ADDR_NP_COUNTRY;
    DATA_SM, ToEsme, Optional, Optional:
        DEST_ADDR_SUBUNIT SOURCE_ADDR_SUBUNIT PAYLOAD_TYPE RECEIPTED_MESSAGE_ID PRIVACY_INDICATOR SOURCE_SUBADDRESS
        DEST_SUBADDRESS USER_MESSAGE_REFERENCE USER_RESPONSE_CODE SOURCE_PORT DEST_PORT SAR_MSG_REF_NUM
        LANGUAGE_INDICATOR SAR_TOTAL_SEGMENTS SAR_SEGMENT_SEQNUM CALLBACK_NUM_PRES_IND CALLBACK_NUM_ATAG
        CALLBACK_NUM NETWORK_ERROR_CODE MESSAGE_STATE ITS_REPLY_TYPE ITS_SESSION_INFO;
    DATA_SM, ToEsme, Optional, Unlisted:
        DEST_NETWORK_TYPE DEST_BEARER_TYPE DEST_TELEMATICS_ID SOURCE_NETWORK_TYPE SOURCE_BEARER_TYPE
        SOURCE_TELEMATICS_ID QOS_TIME_TO_LIVE MS_MSG_WAIT_FACILITIES NUMBER_OF_MESSAGES SET_DPF
        MORE_MESSAGES_TO_SEND DISPLAY_TIME SMS_SIGNAL MS_VALIDITY ALERT_ON_MESSAGE_DELIVERY;
    DATA_SM, ToEsme, Unlisted, Optional:
        DPF_RESULT USSD_SERVICE_OP SOURCE_NETWORK_ID DEST_NETWORK_ID SOURCE_NODE_ID DEST_NODE_ID
        DEST_ADDR_NP_RESOLUTION DEST_ADDR_NP_INFORMATION DEST_ADDR_NP_COUNTRY;
    DATA_SM, ToEsme, Optional, Conditional:
        MESSAGE_PAYLOAD;
    DATA_SM_RESP, ToSmsc, Optional, Optional:
        ADDITIONAL_STATUS_INFO_TEXT NETWORK_ERROR_CODE DELIVERY_FAILURE_REASON;
    DATA_SM_RESP, ToSmsc, Optional, Unlisted:
        DPF_RESULT;
    DATA_SM_RESP, ToSmsc, Unlisted, Optional:
        CONGESTION_STATE;
    DATA_SM_RESP, ToEsme, Optional, Optional:
        ADDITIONAL_STATUS_INFO_TEXT DPF_RESULT NETWORK_ERROR_CODE DELIVERY_FAILURE_REASON;
    DATA_SM_RESP, ToEsme, Unlisted, Optional:
        CONGESTION_STATE;
    DELIVER_SM, ToEsme, Unlisted, Optional:
        DEST_ADDR_SUBUNIT SOURCE_ADDR_SUBUNIT CALLBACK_NUM_PRES_IND CALLBACK_NUM_ATAG DPF_RESULT USSD_SERVICE_OP
        SOURCE_NETWORK_ID DEST_NETWORK_ID SOURCE_NODE_ID DEST_NODE_ID DEST_ADDR_NP_RESOLUTION
        DEST_ADDR_NP_INFORMATION DEST_ADDR_NP_COUNTRY ITS_REPLY_TYPE;
    DELIVER_SM, ToEsme, Optional, Optional:
        PAYLOAD_TYPE RECEIPTED_MESSAGE_ID PRIVACY_INDICATOR SOURCE_SUBADDRESS DEST_SUBADDRESS USER_MESSAGE_REFERENCE
        USER_RESPONSE_CODE SOURCE_PORT DEST_PORT SAR_MSG_REF_NUM LANGUAGE_INDICATOR SAR_TOTAL_SEGMENTS
        SAR_SEGMENT_SEQNUM CALLBACK_NUM NETWORK_ERROR_CODE MESSAGE_PAYLOAD MESSAGE_STATE ITS_SESSION_INFO;
    DELIVER_SM_RESP, ToSmsc, Unlisted, Optional:
        ADDITIONAL_STATUS_INFO_TEXT NETWORK_ERROR_CODE DELIVERY_FAILURE_REASON CONGESTION_STATE;
    ENQUIRE_LINK_RESP, ToSmsc, Unlisted, Optional:
        CONGESTION_STATE;
    ENQUIRE_LINK_RESP, ToEsme, Unlisted, Optional:
        CONGESTION_STATE;
    QUERY_BROADCAST_SM, ToSmsc, Unlisted, Optional:
        USER_MESSAGE_REFERENCE;
    QUERY_BROADCAST_SM_RESP, ToEsme, Unlisted, Optional:
        USER_MESSAGE_REFERENCE CONGESTION_STATE BROADCAST_END_TIME;
    QUERY_BROADCAST_SM_RESP, ToEsme, Unlisted, Mandatory:
        MESSAGE_STATE BROADCAST_AREA_IDENTIFIER BROADCAST_AREA_SUCCESS;
    QUERY_SM_RESP, ToEsme, Unlisted, Optional:
        CONGESTION_STATE;
    REPLACE_SM, ToSmsc, Unlisted, Optional:
        MESSAGE_PAYLOAD;
    REPLACE_SM_RESP, ToEsme, Unlisted, Optional:
        CONGESTION_STATE;
    SUBMIT_MULTI, ToSmsc, Optional, Optional:
        DEST_ADDR_SUBUNIT SOURCE_ADDR_SUBUNIT PAYLOAD_TYPE MS_MSG_WAIT_FACILITIES PRIVACY_INDICATOR
        SOURCE_SUBADDRESS USER_MESSAGE_REFERENCE SOURCE_PORT DEST_PORT SAR_MSG_REF_NUM LANGUAGE_INDICATOR
        SAR_TOTAL_SEGMENTS SAR_SEGMENT_SEQNUM CALLBACK_NUM_PRES_IND CALLBACK_NUM_ATAG CALLBACK_NUM MESSAGE_PAYLOAD
        DISPLAY_TIME SMS_SIGNAL MS_VALIDITY ALERT_ON_MESSAGE_DELIVERY;
    SUBMIT_MULTI, ToSmsc, Unlisted, Optional:
        DEST_NETWORK_TYPE DEST_BEARER_TYPE DEST_TELEMATICS_ID SOURCE_NETWORK_TYPE SOURCE_BEARER_TYPE
        SOURCE_TELEMATICS_ID QOS_TIME_TO_LIVE USER_RESPONSE_CODE NUMBER_OF_MESSAGES SET_DPF MORE_MESSAGES_TO_SEND
        USSD_SERVICE_OP BILLING_IDENTIFICATION SOURCE_NETWORK_ID DEST_NETWORK_ID SOURCE_NODE_ID DEST_NODE_ID
        DEST_ADDR_NP_RESOLUTION DEST_ADDR_NP_INFORMATION DEST_ADDR_NP_COUNTRY ITS_REPLY_TYPE ITS_SESSION_INFO;
    SUBMIT_MULTI, ToSmsc, Excluded, Excluded:
        DEST_SUBADDRESS;
    SUBMIT_MULTI_RESP, ToEsme, Unlisted, Optional:
        ADDITIONAL_STATUS_INFO_TEXT DPF_RESULT NETWORK_ERROR_CODE DELIVERY_FAILURE_REASON CONGESTION_STATE;
    SUBMIT_SM, ToSmsc, Optional, Optional:
        DEST_ADDR_SUBUNIT SOURCE_ADDR_SUBUNIT PAYLOAD_TYPE MS_MSG_WAIT_FACILITIES PRIVACY_INDICATOR
        SOURCE_SUBADDRESS DEST_SUBADDRESS USER_MESSAGE_REFERENCE USER_RESPONSE_CODE SOURCE_PORT DEST_PORT
        SAR_MSG_REF_NUM LANGUAGE_INDICATOR SAR_TOTAL_SEGMENTS SAR_SEGMENT_SEQNUM CALLBACK_NUM_PRES_IND
        CALLBACK_NUM_ATAG NUMBER_OF_MESSAGES CALLBACK_NUM MESSAGE_PAYLOAD MORE_MESSAGES_TO_SEND USSD_SERVICE_OP
        DISPLAY_TIME SMS_SIGNAL MS_VALIDITY ALERT_ON_MESSAGE_DELIVERY ITS_REPLY_TYPE ITS_SESSION_INFO;
    SUBMIT_SM, ToSmsc, Unlisted, Optional:
        DEST_NETWORK_TYPE DEST_BEARER_TYPE DEST_TELEMATICS_ID SOURCE_NETWORK_TYPE SOURCE_BEARER_TYPE
        SOURCE_TELEMATICS_ID QOS_TIME_TO_LIVE SET_DPF BILLING_IDENTIFICATION SOURCE_NETWORK_ID DEST_NETWORK_ID
        SOURCE_NODE_ID DEST_NODE_ID DEST_ADDR_NP_RESOLUTION DEST_ADDR_NP_INFORMATION DEST_ADDR_NP_COUNTRY;
    SUBMIT_SM_RESP, ToEsme, Unlisted, Optional:
        ADDITIONAL_STATUS_INFO_TEXT DPF_RESULT NETWORK_ERROR_CODE DELIVERY_FAILURE_REASON CONGESTION_STATE;
    UNBIND_RESP, ToSmsc, Unlisted, Optional:
        CONGESTION_STATE;
    UNBIND_RESP, ToEsme, Unlisted, Optional:
        CONGESTION_STATE;
}
