//! Texts: alphabets, what data_coding says, and which coding a text needs.
//!
//! [`Alphabet`] is the way between characters and octets; a [`Profile`] says which one a peer means by a data_coding,
//! and finds the best one for a text. What an alphabet lacks is reported, and never replaced unasked. Time and memory
//! are linear in the text.
//!
//! ```
//! use smpp_pdu::text::{Consider, Profile};
//!
//! let peer = Profile::default();
//! let best = peer.best("Grüße, 5 €", Consider::default());
//! let octets = best.alphabet.encode("Grüße, 5 €")?;
//! assert_eq!((best.data_coding.0, octets.len()), (0, 11));
//! assert_eq!(peer.alphabet(best.data_coding).unwrap().decode(&octets)?, "Grüße, 5 €");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod alphabet;
#[cfg(feature = "charsets")]
mod charsets;
mod coding;
mod error;
mod gsm;
mod language;
mod packed;
mod page;
mod profile;
mod tables;
mod unicode;
mod variant;

pub use alphabet::Alphabet;
#[cfg(feature = "charsets")]
pub use charsets::Charset;
pub use coding::{Content, MessageClass, Scheme, Waiting, WaitingKind};
pub use error::{Lost, TextError, TextErrorKind};
pub use gsm::Gsm;
pub use language::Language;
pub use packed::{Padding, fill_bits, pack, unpack};
pub use profile::{Best, Consider, Profile};
pub use unicode::{ByteOrder, Utf16};
pub use variant::{AIRWIDE, TMOBILE_NL, Variant};
