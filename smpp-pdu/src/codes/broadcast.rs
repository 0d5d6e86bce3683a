//! Codes of cell broadcast, since v5.0.

use super::{code, codes, scalar};
use crate::fields::{FieldValue, Visit};
use crate::masked::{Mask, Show};
use crate::row::Row;
use crate::storage::Storage;
use crate::tlv::{Value, ValueWriter};
use crate::version::Version;
use crate::wire::{Context, Parse, Parsed, be_u8, be_u16};
use crate::write::{Field, Refusal, Writer};
use core::fmt;

codes! {
    /// Which channel (v5.0 §4.8.4.7).
    BroadcastChannelIndicator(u8, be_u8) {
        /// Basic (default).
        BASIC = 0x00, "basic";
        /// Extended.
        EXTENDED = 0x01, "extended";
    }
}
codes! {
    /// Kind of network that a content type is of (v5.0 §4.8.4.8).
    BroadcastNetworkType(u8, be_u8) {
        /// Generic.
        GENERIC = 0x00, "generic";
        /// GSM, TS 23.041.
        GSM = 0x01, "gsm";
        /// TDMA.
        TDMA = 0x02, "tdma";
        /// CDMA.
        CDMA = 0x03, "cdma";
    }
}
codes! {
    /// What a broadcast is about, in a generic network (v5.0 §4.8.4.8).
    BroadcastContentType(u16, be_u16) {
        /// System index.
        SYSTEM_INDEX = 0x0000, "system_index";
        /// Emergency.
        EMERGENCY = 0x0001, "emergency";
        /// Irdb download.
        IRDB_DOWNLOAD = 0x0002, "irdb_download";
        /// News flashes.
        NEWS_FLASHES = 0x0010, "news_flashes";
        /// General news local.
        GENERAL_NEWS_LOCAL = 0x0011, "general_news_local";
        /// General news regional.
        GENERAL_NEWS_REGIONAL = 0x0012, "general_news_regional";
        /// General news national.
        GENERAL_NEWS_NATIONAL = 0x0013, "general_news_national";
        /// General news international.
        GENERAL_NEWS_INTERNATIONAL = 0x0014, "general_news_international";
        /// Business news local.
        BUSINESS_NEWS_LOCAL = 0x0015, "business_news_local";
        /// Business news regional.
        BUSINESS_NEWS_REGIONAL = 0x0016, "business_news_regional";
        /// Business news national.
        BUSINESS_NEWS_NATIONAL = 0x0017, "business_news_national";
        /// Business news international.
        BUSINESS_NEWS_INTERNATIONAL = 0x0018, "business_news_international";
        /// Sports news local.
        SPORTS_NEWS_LOCAL = 0x0019, "sports_news_local";
        /// Sports news regional.
        SPORTS_NEWS_REGIONAL = 0x001a, "sports_news_regional";
        /// Sports news national.
        SPORTS_NEWS_NATIONAL = 0x001b, "sports_news_national";
        /// Sports news international.
        SPORTS_NEWS_INTERNATIONAL = 0x001c, "sports_news_international";
        /// Entertainment news local.
        ENTERTAINMENT_NEWS_LOCAL = 0x001d, "entertainment_news_local";
        /// Entertainment news regional.
        ENTERTAINMENT_NEWS_REGIONAL = 0x001e, "entertainment_news_regional";
        /// Entertainment news national.
        ENTERTAINMENT_NEWS_NATIONAL = 0x001f, "entertainment_news_national";
        /// Entertainment news international.
        ENTERTAINMENT_NEWS_INTERNATIONAL = 0x0020, "entertainment_news_international";
        /// Medical health hospitals.
        MEDICAL_HEALTH_HOSPITALS = 0x0021, "medical_health_hospitals";
        /// Doctors.
        DOCTORS = 0x0022, "doctors";
        /// Pharmacy.
        PHARMACY = 0x0023, "pharmacy";
        /// Traffic local.
        TRAFFIC_LOCAL = 0x0030, "traffic_local";
        /// Traffic long distance.
        TRAFFIC_LONG_DISTANCE = 0x0031, "traffic_long_distance";
        /// Taxis.
        TAXIS = 0x0032, "taxis";
        /// Weather.
        WEATHER = 0x0033, "weather";
        /// Airport flights local.
        AIRPORT_FLIGHTS_LOCAL = 0x0034, "airport_flights_local";
        /// Restaurants.
        RESTAURANTS = 0x0035, "restaurants";
        /// Lodgings.
        LODGINGS = 0x0036, "lodgings";
        /// Retail directory.
        RETAIL_DIRECTORY = 0x0037, "retail_directory";
        /// Advertisements.
        ADVERTISEMENTS = 0x0038, "advertisements";
        /// Stock quotes.
        STOCK_QUOTES = 0x0039, "stock_quotes";
        /// Employment.
        EMPLOYMENT = 0x0040, "employment";
        /// Technology news.
        TECHNOLOGY_NEWS = 0x0041, "technology_news";
        /// District base station.
        DISTRICT_BASE_STATION = 0x0070, "district_base_station";
        /// Network information.
        NETWORK_INFORMATION = 0x0071, "network_information";
        /// Operator services.
        OPERATOR_SERVICES = 0x0080, "operator_services";
        /// Directory national.
        DIRECTORY_NATIONAL = 0x0081, "directory_national";
        /// Directory international.
        DIRECTORY_INTERNATIONAL = 0x0082, "directory_international";
        /// Customer care national.
        CUSTOMER_CARE_NATIONAL = 0x0083, "customer_care_national";
        /// Customer care international.
        CUSTOMER_CARE_INTERNATIONAL = 0x0084, "customer_care_international";
        /// Local date time.
        LOCAL_DATE_TIME = 0x0085, "local_date_time";
        /// Multi category.
        MULTI_CATEGORY = 0x0100, "multi_category";
    }
}
codes! {
    /// Unit of the time between two broadcasts (v5.0 §4.8.4.11).
    BroadcastFrequencyUnit(u8, be_u8) {
        /// As often as possible.
        ASAP = 0x00, "asap";
        /// Seconds.
        SECONDS = 0x08, "seconds";
        /// Minutes.
        MINUTES = 0x09, "minutes";
        /// Hours.
        HOURS = 0x0a, "hours";
        /// Days.
        DAYS = 0x0b, "days";
        /// Weeks.
        WEEKS = 0x0c, "weeks";
        /// Months.
        MONTHS = 0x0d, "months";
        /// Years.
        YEARS = 0x0e, "years";
    }
}
codes! {
    /// How an area is given (v5.0 §4.8.4.4.1).
    BroadcastAreaFormat(u8, be_u8) {
        /// Alias or name.
        ALIAS = 0x00, "alias";
        /// Ellipsoid arc, TS 23.032 5.7, 7.3.7.
        ELLIPSOID_ARC = 0x01, "ellipsoid_arc";
        /// Polygon, TS 23.032 5.4, 7.3.4.
        POLYGON = 0x02, "polygon";
    }
}
codes! {
    /// Class of a broadcast (v5.0 §4.8.4.12).
    BroadcastMessageClass(u8, be_u8) {
        /// No class (default).
        NONE = 0x00, "none";
        /// Class 1, user defined.
        CLASS1 = 0x01, "class1";
        /// Class 2, user defined.
        CLASS2 = 0x02, "class2";
        /// Class 3, terminal equipment.
        CLASS3 = 0x03, "class3";
    }
}
