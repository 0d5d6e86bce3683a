//! Long messages into parts.
//!
//! ```
//! use smpp_pdu::split::{Mode, Split};
//! use smpp_pdu::text::{Consider, Profile};
//!
//! let text = "0123456789".repeat(20);
//! let best = Profile::default().best(&text, Consider::default());
//! let parts = Split { mode: Mode::Udh8, reference: 7 }.text(&text, best.alphabet)?;
//! assert_eq!(parts.len(), 2);
//! let first = parts.iter().next().unwrap();
//! assert_eq!(&first.user_data()[..6], b"\x05\x00\x03\x07\x02\x01");
//! assert_eq!(first.user_data().len(), 6 + 153);
//! # Ok::<(), smpp_pdu::split::SplitError>(())
//! ```

mod carrier;
mod parts;

pub use carrier::Mode;
pub use parts::{Part, Parts, Split, SplitError};
