//! Texts: any octets in any alphabet, and any text in any alphabet and any parts.

use super::input::Input;
use crate::split::{Mode, Part, Parts, Split};
use crate::text::{
    AIRWIDE, Alphabet, Best, ByteOrder, Consider, Gsm, Language, Lost, Padding, Profile, TMOBILE_NL, TextErrorKind,
    Utf16, fill_bits, pack, unpack,
};
use crate::udh::Udh;
use alloc::string::String;
use alloc::vec::Vec;

/// The first three octets choose alphabet, tables, and how the text is carried; the rest is read as octets of the
/// alphabet, and as a text.
pub fn text(octets: &[u8]) {
    let mut input = Input::new(octets);
    let alphabet = any_alphabet(&mut input);
    let carried = input.octet();
    let rest = input.rest();
    octets_to_text(alphabet, rest);
    let text = String::from_utf8_lossy(rest);
    text_to_octets(alphabet, &text);
    septets(alphabet, &text, carried / 5 % 7);
    let consider = Consider {
        national: carried & 0x40 != 0,
        latin1: carried & 0x80 != 0,
    };
    best(alphabet, &text, consider);
    parts(alphabet, mode(carried), &text);
}

pub(super) fn any_alphabet(input: &mut Input<'_>) -> Alphabet {
    let (kind, tables) = (input.octet(), input.octet());
    let language = |number: u8| Language::from_identifier(number % 14).unwrap_or_default();
    let gsm = Gsm {
        locking: language(tables & 0xf),
        single: language(tables >> 4),
    };
    let utf16 = Utf16 {
        order: if tables & 1 == 0 {
            ByteOrder::Big
        } else {
            ByteOrder::Little
        },
        mark: tables & 2 != 0,
    };
    match kind % 10 {
        0 => Alphabet::GSM,
        1 => Alphabet::Gsm(gsm),
        2 => Alphabet::GsmPacked(gsm, Padding::Cr),
        3 => Alphabet::GsmPacked(gsm, Padding::Zero),
        4 if tables & 1 == 0 => Alphabet::Variant(&AIRWIDE),
        4 => Alphabet::Variant(&TMOBILE_NL),
        5 => Alphabet::Ascii,
        6 => Alphabet::Latin1,
        7 => Alphabet::Utf16(utf16),
        8 => Alphabet::Utf8,
        _ => charset(tables),
    }
}

#[cfg(feature = "charsets")]
fn charset(number: u8) -> Alphabet {
    use crate::text::Charset;
    Alphabet::Charset(match number % 7 {
        0 => Charset::ShiftJis,
        1 => Charset::Iso8859_5,
        2 => Charset::Iso8859_8,
        3 => Charset::Iso2022Jp,
        4 => Charset::EucJp,
        5 => Charset::EucKr,
        _ => Charset::Iso8859_15,
    })
}

#[cfg(not(feature = "charsets"))]
fn charset(_: u8) -> Alphabet {
    Alphabet::UCS2
}

pub(super) fn mode(carried: u8) -> Mode {
    match carried % 5 {
        0 => Mode::Auto,
        1 => Mode::Udh8,
        2 => Mode::Udh16,
        3 => Mode::Sar,
        _ => Mode::Payload,
    }
}

/// What is no text is told with its place, and replaced; what is one can be written again, and reads the same.
fn octets_to_text(alphabet: Alphabet, octets: &[u8]) {
    let (lossy, bad) = alphabet.decode_lossy(octets);
    let text = match alphabet.decode(octets) {
        Ok(text) => text,
        Err(e) => {
            assert!(e.offset <= octets.len() * 8 / 7, "{e}");
            assert!(bad > 0 || e.kind == TextErrorKind::SpareBits, "{e}");
            assert!(bad <= lossy.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count());
            return;
        }
    };
    assert_eq!((&lossy, bad), (&text, 0));
    match alphabet.encode(&text) {
        Ok(again) => assert!(reads_as(alphabet, &again, &text), "{alphabet:?} {text:?}"),
        Err(_) => assert!(is_read_only(alphabet, &text), "{alphabet:?} {text:?}"),
    }
}

/// The euro of the oldest Telugu table, and what character sets have of others.
fn is_read_only(alphabet: Alphabet, text: &str) -> bool {
    match alphabet {
        Alphabet::Gsm(gsm) | Alphabet::GsmPacked(gsm, _) => {
            gsm.single == Language::Telugu && alphabet.lost(text).all(|(_, c)| c == '€')
        }
        #[cfg(feature = "charsets")]
        Alphabet::Charset(_) => true,
        _ => false,
    }
}

/// Of packed text, what is padding at its end does not count: nobody can tell it from text.
fn reads_as(alphabet: Alphabet, octets: &[u8], text: &str) -> bool {
    let Alphabet::GsmPacked(gsm, padding) = alphabet else {
        return alphabet.decode(octets).as_deref() == Ok(text);
    };
    let without = |septets: &[u8]| {
        let end = septets.iter().rposition(|septet| *septet != padding.septet());
        septets.get(..=end?).map(<[u8]>::to_vec)
    };
    let septets = unpack(octets, 0, padding).map(|septets| without(&septets));
    septets
        == gsm
            .encode(text)
            .map(|septets| without(&septets))
            .map_err(|_| unreachable!())
}

/// What is lost is told, each character of it; what is not comes back.
fn text_to_octets(alphabet: Alphabet, text: &str) {
    let lost: Vec<(usize, char)> = alphabet.lost(text).collect();
    let told = lost.first().map(|&(first, _)| Lost {
        first,
        count: lost.len(),
    });
    let (octets, also) = alphabet.encode_lossy(text);
    assert_eq!(also, told);
    assert_eq!(alphabet.encode(text), told.map_or(Ok(octets), Err));
    let kept: String = text.chars().filter(|c| alphabet.contains(*c)).collect();
    match alphabet.encode(&kept) {
        Ok(octets) => assert!(reads_as(alphabet, &octets, &kept), "{alphabet:?} {kept:?}"),
        Err(e) => panic!("{alphabet:?} {kept:?}: {e}"),
    }
}

/// Packed septets are those of the unpacked text, behind any fill bits, and as many as were counted.
fn septets(alphabet: Alphabet, text: &str, fill: u8) {
    let (Alphabet::Gsm(gsm) | Alphabet::GsmPacked(gsm, _)) = alphabet else {
        return;
    };
    let counted = gsm.count(text);
    let Ok(septets) = gsm.encode(text) else {
        return assert!(counted.is_err());
    };
    assert_eq!(counted, Ok(septets.len()));
    for padding in [Padding::Cr, Padding::Zero] {
        assert_eq!(
            Alphabet::GsmPacked(gsm, padding).encode(text),
            Ok(pack(&septets, 0, padding))
        );
        let octets = pack(&septets, fill, padding);
        let bits = usize::from(fill) + 7 * septets.len();
        assert!((bits.div_ceil(8)..=bits / 8 + 1).contains(&octets.len()) || septets.is_empty());
        let read = match unpack(&octets, fill, padding) {
            Ok(read) => read,
            Err(e) => panic!("{e}"),
        };
        // A carriage return more, or a zero less, where the last octet ends with one.
        let may_differ = usize::from(septets.last() == Some(&padding.septet()));
        assert!(read.len().abs_diff(septets.len()) <= may_differ);
        let both = read.len().min(septets.len());
        assert_eq!(read.get(..both), septets.get(..both));
    }
}

/// The best coding loses nothing, and is the default one where that has all.
fn best(default: Alphabet, text: &str, consider: Consider) {
    let peer = Profile {
        default,
        ..Profile::default()
    };
    let Best { data_coding, alphabet } = peer.best(text, consider);
    match alphabet.encode(text) {
        Ok(octets) => assert!(reads_as(alphabet, &octets, text), "{alphabet:?} {text:?}"),
        Err(e) => panic!("{alphabet:?} {text:?}: {e}"),
    }
    match default.lost(text).next() {
        None => assert_eq!((data_coding.0, alphabet), (0, default)),
        Some(_) => assert_ne!(alphabet, default),
    }
}

/// Parts hold what was counted, all of it in order; each fits, and can be read alone.
fn parts(alphabet: Alphabet, mode: Mode, text: &str) {
    let kept: String = text.chars().filter(|c| alphabet.contains(*c)).collect();
    let Ok(parts) = (Split { mode, reference: 7 }).text(&kept, alphabet) else {
        // Nothing is lost, so there is too much of it.
        return assert!(kept.len() > 255 * 66, "{} octets", kept.len());
    };
    let units = match alphabet {
        Alphabet::GsmPacked(gsm, _) => gsm.encode(&kept).unwrap_or_default(),
        _ => alphabet.encode(&kept).unwrap_or_default(),
    };
    let each = match alphabet {
        Alphabet::Utf16(_) => 2,
        _ => 1,
    };
    assert_eq!(parts.units() * each, units.len());
    assert_eq!(parts.iter().count(), parts.len());
    let mut rest = &units[..];
    for part in parts.iter() {
        let taken = of_part(alphabet, mode, &part, &parts);
        // A last part that is packed may have lost or got padding.
        let end = taken.len().min(rest.len());
        let (this, behind) = rest.split_at(if usize::from(part.number()) == parts.len() {
            rest.len()
        } else {
            end
        });
        assert_eq!(this.get(..end), taken.get(..end));
        assert!(this.len().abs_diff(taken.len()) <= usize::from(matches!(alphabet, Alphabet::GsmPacked(..))));
        rest = behind;
        let alone = match alphabet {
            Alphabet::GsmPacked(gsm, _) => Alphabet::Gsm(gsm),
            // A byte order mark stands before the first part alone.
            Alphabet::Utf16(Utf16 { order, .. }) => Alphabet::Utf16(Utf16 { order, mark: false }),
            alphabet => alphabet,
        };
        #[cfg(feature = "charsets")]
        if matches!(alphabet, Alphabet::Charset(_)) {
            continue;
        }
        assert!(alone.decode(this).is_ok(), "{alphabet:?}: {this:?}");
    }
    assert!(rest.is_empty());
}

/// The text of a part, septets unpacked. It fits into a short message, with the header that the centre writes for SAR.
fn of_part(alphabet: Alphabet, mode: Mode, part: &Part<'_>, parts: &Parts) -> Vec<u8> {
    let user_data = part.user_data();
    let (header, text) = match part.esm_class().has_udh() {
        true => Udh::split(&user_data).map_or((0, &user_data[..]), |(udh, text)| (udh.encoded_len(), text)),
        false => (0, &user_data[..]),
    };
    assert_eq!(header > 0, part.esm_class().has_udh());
    let carried = match alphabet {
        Alphabet::Gsm(_) | Alphabet::Variant(_) => header + (text.len() * 7).div_ceil(8),
        _ => user_data.len(),
    };
    let most = match mode {
        Mode::Payload => 65_535,
        Mode::Sar if parts.len() > 1 => 140 - 6 - usize::from(header == 0),
        _ => 140,
    };
    assert!(carried <= most, "{carried} octets");
    match alphabet {
        Alphabet::GsmPacked(_, padding) => unpack(text, fill_bits(header), padding).unwrap_or_default(),
        _ => text.to_vec(),
    }
}
