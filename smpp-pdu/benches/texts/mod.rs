//! The texts that the benchmarks read and write, and what they do with them.

use smpp_pdu::receipt::Receipt;
use smpp_pdu::split::{Mode, Split};
use smpp_pdu::text::{Alphabet, Consider, Gsm, Padding, Profile, pack, unpack};
use std::hint::black_box;

/// `walk` and `copy` are the bounds.
pub(crate) const CASES: [&str; 14] = [
    "walk",
    "copy",
    "gsm_decode",
    "gsm_decode_mixed",
    "gsm_encode",
    "gsm_encode_mixed",
    "gsm_pack",
    "gsm_unpack",
    "best_gsm",
    "best_ucs2",
    "best_national",
    "split",
    "split_x10",
    "receipt_parse",
];

const RECEIPT: &[u8] =
    b"id:0123456789 sub:001 dlvrd:001 submit date:2501311200 done date:2501311205 stat:DELIVRD err:000 text:The quick brown fox ";

pub(crate) struct Case {
    name: &'static str,
    text: String,
    septets: Vec<u8>,
    table: [u8; 128],
}

impl Case {
    pub(crate) fn new(name: &'static str) -> Self {
        let pangram = "The quick brown fox jumps over the lazy dog; ";
        let text: String = match name {
            "gsm_decode_mixed" | "gsm_encode_mixed" => "Grüße für 5 €, à bientôt".replace('ô', "ö").repeat(64),
            "best_ucs2" => pangram.chars().chain("ж".chars()).cycle().take(1600).collect(),
            "best_national" => pangram.chars().chain("ğ".chars()).cycle().take(1600).collect(),
            "split_x10" => pangram.chars().cycle().take(16_000).collect(),
            _ => pangram.chars().cycle().take(1600).collect(),
        };
        let (septets, _) = Gsm::DEFAULT.encode_lossy(&text);
        Self {
            name,
            text,
            septets,
            table: std::array::from_fn(|n| n as u8 ^ 0x20),
        }
    }

    /// Of which there is a count.
    pub(crate) fn octets(&self) -> usize {
        match self.name {
            "receipt_parse" => RECEIPT.len(),
            "gsm_decode" | "gsm_decode_mixed" | "gsm_pack" | "gsm_unpack" | "walk" | "copy" => self.septets.len(),
            _ => self.text.len(),
        }
    }

    pub(crate) fn run(&self) {
        let septets = black_box(&self.septets[..]);
        let text = black_box(&self.text[..]);
        match self.name {
            "walk" => {
                let mut out = vec![0; septets.len()];
                walk(&self.table, septets, &mut out);
                black_box(&out);
            }
            "copy" => {
                black_box(&septets.to_vec());
            }
            "gsm_decode" | "gsm_decode_mixed" => {
                black_box(&Gsm::DEFAULT.decode(septets).unwrap());
            }
            "gsm_encode" | "gsm_encode_mixed" => {
                black_box(&Gsm::DEFAULT.encode(text).unwrap());
            }
            "gsm_pack" => {
                black_box(&pack(septets, 1, Padding::Cr));
            }
            "gsm_unpack" => {
                black_box(&unpack(septets, 1, Padding::Zero));
            }
            "best_gsm" | "best_ucs2" => {
                black_box(&Profile::default().best(text, Consider::default()));
            }
            "best_national" => {
                black_box(&Profile::default().best(
                    text,
                    Consider {
                        national: true,
                        latin1: false,
                    },
                ));
            }
            "split" | "split_x10" => {
                let split = Split {
                    mode: Mode::Udh8,
                    reference: 1,
                };
                for part in split.text(text, Alphabet::GSM).unwrap().iter() {
                    black_box(&part.user_data());
                }
            }
            _ => {
                black_box(&Receipt::parse(black_box(RECEIPT)));
            }
        }
    }
}

/// An octet a step, from a table: the least that any change of alphabet costs.
#[inline(never)]
fn walk(table: &[u8; 128], input: &[u8], out: &mut [u8]) {
    for (octet, room) in input.iter().zip(out) {
        *room = table[usize::from(octet & 0x7f)];
    }
}
