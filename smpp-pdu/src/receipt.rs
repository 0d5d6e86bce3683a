//! Delivery receipts: built as the specification has them, read as peers send them (v3.4 appendix B).
//!
//! ```
//! use smpp_pdu::receipt::{Confidence, Draft, Report, Sniff};
//! use smpp_pdu::{EsmClass, MessageState, Tlvs};
//!
//! let draft = Draft::new(b"0123456789", MessageState::DELIVERED);
//! let (text, mut tlvs) = (draft.text()?, Tlvs::default());
//! draft.add_tlvs(&mut tlvs)?;
//!
//! let report = Report::of(EsmClass::DELIVERY_RECEIPT, &text, &tlvs, Sniff::No).unwrap();
//! assert_eq!(report.message_id(), Some(&b"0123456789"[..]));
//! assert_eq!(report.state(), Some(MessageState::DELIVERED));
//! assert_eq!(report.confidence(), Confidence::Certain);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod draft;
mod id;
mod parse;
mod report;
mod stat;

pub use draft::{Draft, DraftError};
pub use id::{IdBase, IdPolicy};
pub use parse::{Field, Receipt};
pub use report::{Confidence, Evidence, Report, Sniff, text_of};
