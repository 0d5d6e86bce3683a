//! Parts of long messages put together again, within bounds. No clock: the caller says how late it is.
//!
//! ```
//! use core::time::Duration;
//! use smpp_pdu::reassemble::{Ends, Outcome, Reassembler, Segment};
//! use smpp_pdu::{DeliverSm, EsmClass};
//!
//! let mut reassembler = Reassembler::default();
//! let pdu = DeliverSm::default();
//! let ends = Ends { source: &pdu.source_addr, destination: &pdu.destination_addr };
//! let mut push = |user_data: &'static [u8]| {
//!     let segment = Segment::of(EsmClass::UDHI, user_data, &pdu.tlvs).unwrap();
//!     reassembler.push(Duration::ZERO, ends, segment).outcome
//! };
//! assert_eq!(push(b"\x05\x00\x03\x07\x02\x02world"), Outcome::Kept);
//! let Outcome::Complete(message) = push(b"\x05\x00\x03\x07\x02\x01hello ") else { panic!() };
//! assert_eq!(message.text, b"hello world");
//! ```

mod reassembler;
mod segment;

pub use reassembler::{GivenUp, Limits, Message, Outcome, Reason, Reassembler, Step};
pub use segment::{Ends, Kind, Segment};
