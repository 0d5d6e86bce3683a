//! Times: absolute, relative, and those of receipts. No clock is read.
//!
//! ```
//! use smpp_pdu::Time;
//! use smpp_pdu::time::{Moment, TimeError};
//!
//! // An absolute time, an hour ahead of UTC.
//! let Moment::Absolute(at) = Moment::parse(b"240229080000004+")? else { panic!() };
//! assert_eq!((at.local().year, at.quarters()), (2024, 4));
//! assert_eq!(at.unix(), (1_709_190_000, 0)); // 2024-02-29T07:00:00Z, tenths
//!
//! // A relative one, for a PDU.
//! let in_five_minutes = Moment::seconds_from_now(300).unwrap();
//! let validity_period: Time = in_five_minutes.to_time();
//! assert_eq!(validity_period.as_bytes(), b"000000000500000R");
//! # Ok::<(), TimeError>(())
//! ```

mod civil;
mod moment;
mod receipt_date;
#[cfg(feature = "std")]
mod system;

pub use civil::{Century, DateTime};
pub use moment::{Absolute, Moment, Period, TimeError};
pub(crate) use moment::{is_absolute, is_final_date, is_relative};
pub use receipt_date::{Digits, ReceiptDate};
