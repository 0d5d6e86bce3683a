//! Alphabets: every row of the tables, and round trips.

#[allow(dead_code)]
#[path = "common/csv.rs"]
mod csv;

use csv::{number, spec};
use proptest::prelude::*;
use smpp_pdu::DataCoding;
use smpp_pdu::text::{
    AIRWIDE, Alphabet, ByteOrder, Consider, Gsm, Language, Lost, Padding, Profile, TMOBILE_NL, TextError,
    TextErrorKind, Utf16, fill_bits, pack, unpack,
};
use std::collections::BTreeSet;

/// `U+20AC`.
fn character(cell: &str) -> char {
    let number = u32::from_str_radix(cell.strip_prefix("U+").unwrap(), 16).unwrap();
    char::from_u32(number).unwrap()
}

fn language(identifier: &str) -> Language {
    Language::from_identifier(identifier.parse().unwrap()).unwrap()
}

/// What the tables have, as (septet, character): so that what the code has too much is found.
fn listed(septets: impl Fn(u8) -> Vec<u8>, gsm: Gsm) -> BTreeSet<(u8, char)> {
    let one = |septet| {
        let text = gsm.decode(&septets(septet)).ok()?;
        Some((septet, text.chars().next()?))
    };
    (0..128).filter_map(one).collect()
}

#[test]
fn gsm_default_has_every_row_and_no_other() {
    let mut expected = BTreeSet::new();
    for row in spec("gsm_default.csv") {
        let septet = number(&row["septet"]) as u8;
        if row["codepoint"].is_empty() {
            assert_eq!(septet, 0x1b);
            continue;
        }
        let c = character(&row["codepoint"]);
        expected.insert((septet, c));
        assert_eq!(Gsm::DEFAULT.encode(&c.to_string()), Ok(vec![septet]));
        assert_eq!(Gsm::DEFAULT.decode(&[septet]), Ok(c.to_string()));
    }
    assert_eq!(listed(|septet| vec![septet], Gsm::DEFAULT), expected);
    // The row of 0x09: both cedillas go there, the small one as a loss.
    assert_eq!(
        Gsm::DEFAULT.encode_lossy("ç"),
        (vec![9], Some(Lost { first: 0, count: 1 }))
    );
}

#[test]
fn gsm_extension_has_every_row_and_no_other() {
    let mut seen = BTreeSet::new();
    for row in spec("gsm_extension.csv") {
        let septets = (number(&row["septets"]) as u16).to_be_bytes();
        let c = character(&row["codepoint"]);
        seen.insert(septets[1]);
        assert_eq!(Gsm::DEFAULT.encode(&c.to_string()), Ok(septets.to_vec()));
        assert_eq!(Gsm::DEFAULT.decode(&septets), Ok(c.to_string()));
    }
    // An unknown code shows the character of the main table; two escapes a space.
    for septet in (0..128).filter(|septet| !seen.contains(septet) && *septet != 0x1b) {
        assert_eq!(Gsm::DEFAULT.decode(&[0x1b, septet]), Gsm::DEFAULT.decode(&[septet]));
    }
    assert_eq!(Gsm::DEFAULT.decode(b"\x1b\x1b").unwrap(), " ");
}

#[test]
fn gsm_national_has_every_row_and_no_other() {
    let all = spec("gsm_national.csv");
    for row in &all {
        let (septet, c, language) = (
            number(&row["septet"]) as u8,
            character(&row["codepoint"]),
            language(&row["nli"]),
        );
        if row["table"] == "locking" {
            let gsm = Gsm {
                locking: language,
                single: Language::Default,
            };
            assert_eq!(gsm.decode(&[septet]), Ok(c.to_string()), "{row:?}");
            assert_eq!(gsm.encode(&c.to_string()), Ok(vec![septet]), "{row:?}");
        } else {
            let gsm = Gsm {
                locking: Language::Default,
                single: language,
            };
            assert_eq!(gsm.decode(&[0x1b, septet]), Ok(c.to_string()), "{row:?}");
            // Written in one septet where the main table has it; where it stands twice, as the first.
            let written = gsm.encode(&c.to_string());
            if row["note"].contains("do not encode it") {
                assert!(written.is_err(), "{row:?}");
            } else {
                assert_eq!(gsm.decode(&written.unwrap()), Ok(c.to_string()), "{row:?}");
            }
        }
    }
    for gsm_language in Language::ALL.into_iter().skip(1) {
        let of = |table: &str| -> BTreeSet<(u8, char)> {
            let rows = all
                .iter()
                .filter(|row| language(&row["nli"]) == gsm_language && row["table"] == table);
            rows.map(|row| (number(&row["septet"]) as u8, character(&row["codepoint"])))
                .collect()
        };
        let locking = Gsm {
            locking: gsm_language,
            single: Language::Default,
        };
        if gsm_language == Language::Spanish {
            assert!(of("locking").is_empty());
        } else {
            assert_eq!(listed(|septet| vec![septet], locking), of("locking"), "{gsm_language}");
        }
        // Those of the single table alone: behind an escape, and not what the septet is without.
        let single = Gsm {
            locking: Language::Default,
            single: gsm_language,
        };
        let expected = of("single");
        for septet in (0..128).filter(|septet| *septet != 0x1b) {
            let shown = single.decode(&[0x1b, septet]).unwrap().chars().next().unwrap();
            match expected.iter().find(|(listed, _)| *listed == septet) {
                Some((_, c)) => assert_eq!(shown, *c),
                None => assert_eq!(
                    single.decode(&[septet]).unwrap(),
                    shown.to_string(),
                    "{gsm_language} {septet:#x}"
                ),
            }
        }
    }
}

#[test]
fn gsm_national_identifiers_are_those_of_the_languages() {
    let all = spec("gsm_national_identifiers.csv");
    assert_eq!(all.len(), Language::ALL.len());
    for row in all {
        let language = language(&row["nli"]);
        assert_eq!(language.to_string().to_lowercase(), row["language"]);
        assert_eq!(language.identifier().to_string(), row["nli"]);
    }
    assert_eq!(Language::from_identifier(14), None);
}

#[test]
fn octets_that_are_no_text_are_told_with_their_place() {
    let fails = |alphabet: Alphabet, octets: &[u8], offset, kind| {
        assert_eq!(alphabet.decode(octets), Err(TextError { offset, kind }));
        let (text, bad) = alphabet.decode_lossy(octets);
        assert!(bad >= 1 && text.contains('\u{fffd}') || kind == TextErrorKind::SpareBits);
    };
    fails(Alphabet::GSM, b"a\x80", 1, TextErrorKind::Octet(0x80));
    fails(Alphabet::GSM, b"ab\x1b", 2, TextErrorKind::Escape);
    fails(Alphabet::GSM, b"\x1b\x80", 0, TextErrorKind::Octet(0x80));
    let bengali = Gsm {
        locking: Language::Bengali,
        single: Language::Bengali,
    };
    fails(
        Alphabet::Gsm(bengali),
        &[0x0d, 0x0e, 0x15],
        1,
        TextErrorKind::Unassigned(0x0e),
    );
    fails(Alphabet::Ascii, b"a\xe9", 1, TextErrorKind::Octet(0xe9));
    fails(Alphabet::UCS2, &[0, 65, 0], 2, TextErrorKind::HalfUnit);
    fails(Alphabet::UCS2, &[0, 65, 0xd8, 0, 0, 65], 2, TextErrorKind::Surrogate);
    fails(Alphabet::Utf8, b"a\xff", 1, TextErrorKind::Sequence);
    fails(
        Alphabet::GsmPacked(Gsm::DEFAULT, Padding::Cr),
        &[0x1b, 0x80],
        2,
        TextErrorKind::SpareBits,
    );
}

#[test]
fn marks_and_byte_orders_are_a_matter_of_the_peer() {
    let marked = Utf16 {
        order: ByteOrder::Big,
        mark: true,
    };
    assert_eq!(Alphabet::Utf16(marked).encode("g").unwrap(), [0xfe, 0xff, 0, 0x67]);
    assert_eq!(Alphabet::Utf16(marked).decode(&[0xff, 0xfe, 0x67, 0]).unwrap(), "g");
    assert_eq!(Alphabet::Utf16(Utf16::LITTLE).decode(&[0x67, 0]).unwrap(), "g");
    assert_eq!(Alphabet::UCS2.decode(&[0xfe, 0xff, 0, 0x67]).unwrap(), "\u{feff}g");
}

#[test]
fn variants_move_characters() {
    let airwide = Alphabet::Variant(&AIRWIDE);
    assert_eq!(airwide.encode("a_b@c$ €").unwrap(), b"a_b@c$ \x1b\x65");
    assert_eq!(airwide.decode(b"\x00@").unwrap(), "@@");
    // An unknown code behind an escape shows the character of the main table, which is the variant's.
    assert_eq!(airwide.decode(b"\x1b\x5f\x1b\x40\x1b\x1b").unwrap(), "_| ");
    assert_eq!(Alphabet::Variant(&TMOBILE_NL).decode(b"\x1b\x80").unwrap(), "€");
    assert_eq!(airwide.decode(b"\x1b").unwrap_err().kind, TextErrorKind::Escape);
    // Its octet is taken.
    assert_eq!(airwide.encode("1¡"), Err(Lost { first: 1, count: 1 }));
    assert_eq!(Alphabet::Variant(&TMOBILE_NL).encode("€").unwrap(), [0x80]);
    assert_eq!(
        Alphabet::Variant(&TMOBILE_NL)
            .decode(b"\x80\x1b\x65\x81")
            .unwrap_err()
            .offset,
        3
    );
}

#[test]
fn fill_bits_bring_septets_to_a_boundary() {
    for octets in 0..=140 {
        let bits = octets * 8 + usize::from(fill_bits(octets));
        assert!(bits % 7 == 0 && bits < octets * 8 + 7);
    }
    assert_eq!((fill_bits(6), fill_bits(7)), (1, 0));
}

#[test]
fn the_best_coding_has_all_of_the_text() {
    let peer = Profile::default();
    let any = Consider {
        national: true,
        latin1: true,
    };
    let latin1 = Consider {
        latin1: true,
        ..Consider::default()
    };
    let best = |text, consider| {
        let best = peer.best(text, consider);
        assert!(best.alphabet.encode(text).is_ok());
        (best.data_coding, best.alphabet)
    };
    let plain = |data_coding, alphabet| (data_coding, alphabet);
    assert_eq!(best("", any), plain(DataCoding::DEFAULT, Alphabet::GSM));
    assert_eq!(best("[€]", any), plain(DataCoding::DEFAULT, Alphabet::GSM));
    assert_eq!(best("ç", Consider::default()), plain(DataCoding::UCS2, Alphabet::UCS2));
    assert_eq!(best("ç", latin1), plain(DataCoding::LATIN1, Alphabet::Latin1));
    assert_eq!(best("नमस्ते", latin1), plain(DataCoding::UCS2, Alphabet::UCS2));
    let hindi = Gsm {
        locking: Language::Hindi,
        single: Language::Default,
    };
    assert_eq!(
        best("नमस्ते दुनिया", any),
        plain(DataCoding::DEFAULT, Alphabet::Gsm(hindi))
    );
    assert_eq!(best("😀", any), plain(DataCoding::UCS2, Alphabet::UCS2));
    // A header would cost more than it saves.
    assert_eq!(
        best(
            "ğ",
            Consider {
                national: true,
                latin1: false
            }
        ),
        plain(DataCoding::UCS2, Alphabet::UCS2)
    );
}

fn any_alphabet() -> impl Strategy<Value = Alphabet> {
    let gsm = || {
        let language = || (0..14_u8).prop_map(|n| Language::from_identifier(n).unwrap());
        (language(), language()).prop_map(|(locking, single)| Gsm { locking, single })
    };
    let utf16 = (any::<bool>(), any::<bool>()).prop_map(|(little, mark)| Utf16 {
        order: if little { ByteOrder::Little } else { ByteOrder::Big },
        mark,
    });
    prop_oneof![
        gsm().prop_map(Alphabet::Gsm),
        gsm().prop_map(|gsm| Alphabet::GsmPacked(gsm, Padding::Cr)),
        Just(Alphabet::Variant(&AIRWIDE)),
        Just(Alphabet::Variant(&TMOBILE_NL)),
        Just(Alphabet::Ascii),
        Just(Alphabet::Latin1),
        utf16.prop_map(Alphabet::Utf16),
        Just(Alphabet::Utf8),
        more_alphabets(),
    ]
}

#[cfg(feature = "charsets")]
fn more_alphabets() -> impl Strategy<Value = Alphabet> {
    use smpp_pdu::text::Charset;
    let all = vec![
        Charset::ShiftJis,
        Charset::Iso8859_5,
        Charset::Iso8859_8,
        Charset::Iso2022Jp,
        Charset::EucJp,
        Charset::EucKr,
        Charset::Iso8859_15,
    ];
    proptest::sample::select(all).prop_map(Alphabet::Charset)
}
#[cfg(not(feature = "charsets"))]
fn more_alphabets() -> impl Strategy<Value = Alphabet> {
    Just(Alphabet::GSM)
}

/// Texts of characters that some alphabet has.
fn any_text() -> impl Strategy<Value = String> {
    let c = prop_oneof![
        4 => proptest::char::range(' ', '~'),
        1 => proptest::char::range('\u{a0}', '\u{ff}'),
        1 => proptest::char::range('\u{390}', '\u{3aa}'),
        1 => proptest::char::range('\u{900}', '\u{d7f}'),
        1 => proptest::sample::select(vec!['\n', '\r', '\u{c}', '€', 'ğ', 'İ', 'я', 'ש', 'あ', '漢', '한', '\u{feff}']),
        1 => any::<char>(),
    ];
    proptest::collection::vec(c, 0..200).prop_map(String::from_iter)
}

proptest! {
    #[test]
    fn decode_is_the_inverse_of_encode(alphabet in any_alphabet(), text in any_text()) {
        // Of the text, what the alphabet has; a byte order mark says nothing where it is looked for, and packed text
        // does not tell a last carriage return from padding.
        let mut whole: String = text.chars().filter(|&c| alphabet.contains(c) && c != '\u{feff}').collect();
        if matches!(alphabet, Alphabet::GsmPacked(..)) {
            whole.truncate(whole.trim_end_matches('\r').len());
        }
        let octets = alphabet.encode(&whole).unwrap();
        prop_assert_eq!(alphabet.decode(&octets).unwrap(), whole);
    }

    #[test]
    fn what_is_lost_is_counted(alphabet in any_alphabet(), text in any_text()) {
        let lost: Vec<(usize, char)> = alphabet.lost(&text).collect();
        let (octets, told) = alphabet.encode_lossy(&text);
        let first = lost.first().map(|(at, _)| Lost { first: *at, count: lost.len() });
        prop_assert_eq!(told, first);
        if matches!(alphabet, Alphabet::Gsm(_) | Alphabet::Latin1 | Alphabet::Ascii) {
            let (back, bad) = alphabet.decode_lossy(&octets);
            prop_assert_eq!((back.chars().count(), bad), (text.chars().count(), 0));
        }
        if let Alphabet::Gsm(gsm) = alphabet {
            match gsm.count(&text) {
                Ok(count) => prop_assert_eq!(count, octets.len()),
                Err(e) => prop_assert_eq!(Some(e), told),
            }
        }
    }

    #[test]
    fn any_octets_are_read(alphabet in any_alphabet(), octets in proptest::collection::vec(any::<u8>(), 0..300)) {
        let (text, bad) = alphabet.decode_lossy(&octets);
        match alphabet.decode(&octets) {
            Ok(strict) => prop_assert_eq!((strict, 0), (text, bad)),
            Err(e) => prop_assert!(e.offset <= octets.len() * 8 / 7 && (bad > 0 || e.kind == TextErrorKind::SpareBits)),
        }
    }

    #[test]
    fn unpack_is_the_inverse_of_pack(mut septets in proptest::collection::vec(0..128_u8, 0..200), fill in 0..7_u8) {
        if septets.last() == Some(&0x0d) {
            septets.pop();
        }
        while septets.last() == Some(&0x0d) {
            septets.pop();
        }
        let octets = pack(&septets, fill, Padding::Cr);
        prop_assert!(octets.len() <= (usize::from(fill) + septets.len() * 7).div_ceil(8));
        prop_assert_eq!(unpack(&octets, fill, Padding::Cr).unwrap(), septets);
    }

    #[test]
    fn the_best_coding_loses_nothing(text in any_text(), national in any::<bool>(), latin1 in any::<bool>()) {
        let best = Profile::default().best(&text, Consider { national, latin1 });
        let octets = best.alphabet.encode(&text).unwrap();
        prop_assert_eq!(best.alphabet.decode(&octets).unwrap(), text);
    }
}

/// Octets that are no text cost what others do, however many there are.
#[cfg(feature = "charsets")]
#[test]
fn bad_octets_of_a_charset_are_read_in_linear_time() {
    use smpp_pdu::text::Charset;
    let cost = |octets: usize| {
        let bad = vec![0xff; octets];
        let start = std::time::Instant::now();
        let (text, count) = Alphabet::Charset(Charset::Iso2022Jp).decode_lossy(&bad);
        assert_eq!((text.len(), count), (3 * octets, octets));
        start.elapsed()
    };
    // 16 times the octets; clearing what is left each time takes 100 times as long. One pair without a disturbance is
    // enough.
    let ratios: Vec<_> = (0..3).map(|_| (cost(40_000), cost(640_000))).collect();
    assert!(ratios.iter().any(|(few, many)| *many < 50 * *few), "{ratios:?}");
}
