//! Long messages: headers, splitting, and putting together again.

#[allow(dead_code)]
#[path = "common/csv.rs"]
mod csv;

use core::time::Duration;
use csv::spec;
use proptest::prelude::*;
use smpp_pdu::reassemble::{Ends, Kind, Limits, Outcome, Reason, Reassembler, Segment};
use smpp_pdu::split::{Mode, Parts, Split, SplitError};
use smpp_pdu::text::{Alphabet, Gsm, Language, Padding, fill_bits, unpack};
use smpp_pdu::udh::{Concat, Element, Quirk, Udh};
use smpp_pdu::{Address, COctetString, DataCoding, EsmClass, Npi, SubmitSm, Tlvs, Ton, tlv};

const TURKISH: Gsm = Gsm {
    locking: Language::Default,
    single: Language::Turkish,
};
const TURKISH_BOTH: Gsm = Gsm {
    locking: Language::Turkish,
    single: Language::Turkish,
};

/// Capacity is the most that one part carries: of a whole message, or of the first of two.
#[test]
fn every_row_of_the_capacities() {
    let mut tested = 0;
    for row in spec("gsm_split.csv") {
        let capacity: usize = row["capacity"].parse().unwrap();
        let header: usize = row["udh_octets"].parse().unwrap();
        let (plain, single, both) = match row["alphabet"].as_str() {
            "gsm7" => (
                Some(Alphabet::GSM),
                Some(Alphabet::Gsm(TURKISH)),
                Some(Alphabet::Gsm(TURKISH_BOTH)),
            ),
            "ucs2" => (Some(Alphabet::UCS2), None, None),
            _ => (Some(Alphabet::Latin1), None, None),
        };
        // Headers with ports, and shifts before octets, are not made by splitting: their size is checked alone.
        let (alphabet, mode) = match (header, &row["udh"][..]) {
            (0, _) => (plain, Mode::Auto),
            (6, _) => (plain, Mode::Udh8),
            (7, udh) if udh.starts_with("concat") => (plain, Mode::Udh16),
            (4, _) => (single, Mode::Auto),
            (9, _) => (single, Mode::Udh8),
            (12, udh) if udh.starts_with("single") => (both, Mode::Udh8),
            _ => (None, Mode::Auto),
        };
        let octets = 140 - header;
        let computed = match row["unit"].as_str() {
            "septets" => octets * 8 / 7,
            "octets" => octets,
            _ => octets / 2,
        };
        assert_eq!(computed, capacity, "{row:?}");
        let Some(alphabet) = alphabet else { continue };
        tested += 1;
        let split = Split { mode, reference: 9 };
        let whole = matches!(header, 0 | 4);
        let first = |length: usize| {
            let parts = split.text(&"x".repeat(length), alphabet).unwrap();
            let first = parts.iter().next().unwrap().user_data();
            (parts.len(), first)
        };
        let unit = if row["unit"] == "16-bit units" { 2 } else { 1 };
        if whole {
            assert_eq!(first(capacity), (1, first(capacity).1), "{row:?}");
            assert_eq!(first(capacity).1.len(), header + unit * capacity, "{row:?}");
            assert_eq!(first(capacity + 1).0, 2, "{row:?}");
        } else {
            assert_eq!(first(2 * capacity).0, 2, "{row:?}");
            assert_eq!(first(2 * capacity).1.len(), header + unit * capacity, "{row:?}");
            assert_eq!(first(2 * capacity + 1).0, 3, "{row:?}");
        }
    }
    assert_eq!(tested, 12);
}

#[test]
fn every_information_element() {
    let elements = [
        (
            "0x00",
            Element::Concat(Concat {
                reference: 0x7b,
                is_wide: false,
                total: 2,
                part: 1,
            }),
            &b"\x00\x03\x7b\x02\x01"[..],
        ),
        (
            "0x08",
            Element::Concat(Concat {
                reference: 0x1234,
                is_wide: true,
                total: 2,
                part: 1,
            }),
            b"\x08\x04\x12\x34\x02\x01",
        ),
        (
            "0x04",
            Element::Ports8 {
                destination: 250,
                originator: 240,
            },
            b"\x04\x02\xfa\xf0",
        ),
        (
            "0x05",
            Element::Ports16 {
                destination: 2948,
                originator: 9200,
            },
            b"\x05\x04\x0b\x84\x23\xf0",
        ),
        (
            "0x01",
            Element::Indication {
                store: true,
                kind: 1,
                count: 3,
            },
            b"\x01\x02\x81\x03",
        ),
        ("0x24", Element::SingleShift(Language::Turkish), b"\x24\x01\x01"),
        ("0x25", Element::LockingShift(Language::Urdu), b"\x25\x01\x0d"),
    ];
    let rows = spec("gsm_udh.csv");
    let listed: Vec<&str> = rows.iter().skip(1).map(|row| row["iei"].as_str()).collect();
    let ours: Vec<&str> = elements.iter().map(|(iei, ..)| *iei).collect();
    assert_eq!(listed, ours);
    let mut all = Vec::new();
    for ((_, element, octets), row) in elements.iter().zip(rows.iter().skip(1)) {
        assert_eq!(octets[1].to_string(), row["data_octets"]);
        let header = Udh::build(&[*element]).unwrap();
        assert_eq!(header, [&[octets.len() as u8], *octets].concat());
        let (udh, text) = Udh::split(&header).unwrap();
        assert_eq!((udh.elements().collect::<Vec<_>>(), text), (vec![*element], &b""[..]));
        // Of another length it is none of its kind, and is skipped.
        let other = [
            &[octets.len() as u8 - 1, octets[0], octets[1] - 1],
            &octets[2..octets.len() - 1],
        ]
        .concat();
        assert!(matches!(
            Udh::split(&other).unwrap().0.elements().next(),
            Some(Element::Other { .. })
        ));
        all.push(*element);
    }
    // Several in one, with one that is unknown, in any order.
    all.insert(
        3,
        Element::Other {
            identifier: 0x70,
            data: b"abc",
        },
    );
    let header = [Udh::build(&all).unwrap(), b"text".to_vec()].concat();
    let (udh, text) = Udh::split(&header).unwrap();
    assert_eq!((udh.elements().collect::<Vec<_>>(), text), (all, &b"text"[..]));
    // Of those that exclude each other, the last counts.
    assert_eq!(udh.concat().unwrap().reference, 0x1234);
    assert_eq!(udh.ports(), Some((2948, 9200)));
    assert_eq!(
        udh.gsm(),
        Gsm {
            locking: Language::Urdu,
            single: Language::Turkish
        }
    );
    assert_eq!(
        Udh::build(&[Element::Other {
            identifier: 1,
            data: &[0; 138]
        }]),
        None
    );
}

#[test]
fn a_bad_header_leaves_the_text_whole() {
    for bad in [
        &b""[..],
        b"\x10short",
        b"\x06\x00\x03\x01\x02\x01m",
        b"\x05\x00\x04\xc5\x03\x03m",
        b"\x01\x00",
    ] {
        assert_eq!(Udh::split(bad), None);
        assert_eq!(Segment::of(EsmClass::UDHI, bad, &Tlvs::<&[u8]>::default()), None);
    }
    // Numbers that make no sense (R153): one whole message.
    for concat in [
        b"\x05\x00\x03\x07\x00\x01",
        b"\x05\x00\x03\x07\x02\x00",
        b"\x05\x00\x03\x07\x02\x03",
    ] {
        assert_eq!(Udh::split(concat).unwrap().0.concat(), None);
        assert_eq!(Segment::of(EsmClass::UDHI, concat, &Tlvs::<&[u8]>::default()), None);
    }
    let quirk =
        |octets: &'static [u8]| Udh::split_tolerant(octets).map(|(concat, _, quirk)| (concat.map(|c| c.part), quirk));
    assert_eq!(
        quirk(b"\x00\x03\xff\x02\x01text"),
        Some((Some(1), Some(Quirk::MissingLength)))
    );
    assert_eq!(
        quirk(b"\x06\x00\x04\xff\xff\x02\x01text"),
        Some((Some(1), Some(Quirk::WideReference)))
    );
    assert_eq!(quirk(b"\x05\x00\x03\x07\x02\x02text"), Some((Some(2), None)));
    assert_eq!(quirk(b"\x09text"), None);
}

#[test]
fn no_more_than_255_parts() {
    let split = Split {
        mode: Mode::Udh8,
        reference: 1,
    };
    assert_eq!(split.text(&"x".repeat(255 * 153), Alphabet::GSM).unwrap().len(), 255);
    let error = split.text(&"x".repeat(255 * 153 + 1), Alphabet::GSM).unwrap_err();
    assert_eq!(error, SplitError::TooManyParts { parts: 256 });
    assert_eq!(
        error.to_string(),
        "the text takes 256 parts, and a message has 255 at most"
    );
    let payload = Split {
        mode: Mode::Payload,
        reference: 1,
    };
    assert_eq!(payload.octets(&[0; 65_535]).unwrap().len(), 1);
    assert_eq!(
        payload.octets(&[0; 65_536]).unwrap_err().to_string(),
        "65536 octets, and message_payload holds 65535 at most"
    );
    let lost = split.text("aя", Alphabet::GSM).unwrap_err().to_string();
    assert_eq!(lost, "the alphabet lacks 1 of the characters, the first at octet 1");
}

#[test]
fn a_part_fills_its_pdu() {
    let mut pdu = SubmitSm::default();
    let sar = Split {
        mode: Mode::Sar,
        reference: 0x1234,
    }
    .text(&"x".repeat(200), Alphabet::GSM)
    .unwrap();
    sar.iter().nth(1).unwrap().fill(&mut pdu, DataCoding::DEFAULT).unwrap();
    assert_eq!(pdu.short_message.as_bytes().len(), 200 - 152);
    assert_eq!(pdu.tlvs.get(tlv::SAR_SEGMENT_SEQNUM), Ok(Some(2)));
    assert_eq!(pdu.esm_class, EsmClass::DEFAULT);
    let udh = Split {
        mode: Mode::Udh16,
        reference: 0x1234,
    }
    .text(&"x".repeat(200), Alphabet::GSM)
    .unwrap();
    udh.iter().next().unwrap().fill(&mut pdu, DataCoding::DEFAULT).unwrap();
    assert!(
        pdu.short_message
            .as_bytes()
            .starts_with(b"\x06\x08\x04\x12\x34\x02\x01xxx")
    );
    assert_eq!(pdu.esm_class, EsmClass::UDHI);
    let payload = Split {
        mode: Mode::Payload,
        reference: 0,
    }
    .text(&"ж".repeat(200), Alphabet::UCS2)
    .unwrap();
    payload.iter().next().unwrap().fill(&mut pdu, DataCoding::UCS2).unwrap();
    assert_eq!(pdu.tlvs.get(tlv::MESSAGE_PAYLOAD).unwrap().unwrap().len(), 400);
    assert!(pdu.short_message.is_empty() && payload.units() == 200);
}

/// What another message left in the PDU, or another mode, does not stay there.
#[test]
fn a_pdu_is_filled_anew() {
    let split = |mode, text: &str| Split { mode, reference: 9 }.text(text, Alphabet::GSM).unwrap();
    let long = "x".repeat(200);
    let messages = [Mode::Udh8, Mode::Sar, Mode::Payload].map(|mode| split(mode, &long));
    let short = split(Mode::Auto, "short");
    for before in messages.iter().chain([&short]) {
        for after in messages.iter().chain([&short]) {
            let (mut reused, mut new) = (SubmitSm::default(), SubmitSm::default());
            reused.esm_class = EsmClass::REPLY_PATH;
            new.esm_class = EsmClass::REPLY_PATH;
            for part in before.iter() {
                part.fill(&mut reused, DataCoding::DEFAULT).unwrap();
            }
            let first = after.iter().next().unwrap();
            first.fill(&mut reused, DataCoding::DEFAULT).unwrap();
            first.fill(&mut new, DataCoding::DEFAULT).unwrap();
            assert_eq!(reused, new, "{before:?} {after:?}");
        }
    }
    // Octets may have a header of their own, which only the caller knows of.
    let mut push = SubmitSm::default().esm_class(EsmClass::UDHI);
    let octets = Split::default().octets(b"\x06\x05\x04\x0b\x84\x23\xf0wap").unwrap();
    octets
        .iter()
        .next()
        .unwrap()
        .fill(&mut push, DataCoding::OCTET)
        .unwrap();
    assert_eq!(push.esm_class, EsmClass::UDHI);
}

fn addresses(n: u8) -> (Address, Address) {
    let address = |digits: String| Address {
        addr: COctetString::new(digits).unwrap(),
        ton: Ton::INTERNATIONAL,
        npi: Npi::ISDN,
    };
    (address(format!("44770090{n:04}")), address("12345".into()))
}

/// What arrives of a part: UDHI, user data, TLVs. Packed septets are unpacked, as a receiver must.
fn arrivals(parts: &Parts, alphabet: Alphabet) -> Vec<(EsmClass, Vec<u8>, Tlvs)> {
    let arrival = |part: smpp_pdu::split::Part<'_>| {
        let mut tlvs = <Tlvs>::default();
        if let Some((reference, total, number)) = part.sar() {
            tlvs.push(tlv::SAR_MSG_REF_NUM, reference).unwrap();
            tlvs.push(tlv::SAR_TOTAL_SEGMENTS, total).unwrap();
            tlvs.push(tlv::SAR_SEGMENT_SEQNUM, number).unwrap();
        }
        let user_data = part.user_data();
        let Alphabet::GsmPacked(_, padding) = alphabet else {
            return (part.esm_class(), user_data, tlvs);
        };
        let header = match part.esm_class() {
            EsmClass::UDHI => Udh::split(&user_data).unwrap().0.encoded_len(),
            _ => 0,
        };
        let septets = unpack(&user_data[header..], fill_bits(header), padding).unwrap();
        (part.esm_class(), [&user_data[..header], &septets[..]].concat(), tlvs)
    };
    parts.iter().map(arrival).collect()
}

const MODES: [Mode; 4] = [Mode::Auto, Mode::Udh8, Mode::Udh16, Mode::Sar];

/// Splits, shuffles, repeats, and puts together.
fn there_and_back(text: &str, alphabet: Alphabet, mode: Mode, order: &[usize]) {
    let parts = Split {
        mode,
        reference: 0x1207,
    }
    .text(text, alphabet)
    .unwrap();
    let arrivals = arrivals(&parts, alphabet);
    for part in parts.iter() {
        let len = part.user_data().len();
        let most = if matches!(alphabet, Alphabet::Gsm(_)) { 160 } else { 140 };
        assert!(mode == Mode::Payload || len <= most, "{len} octets");
    }
    let units = match alphabet {
        Alphabet::GsmPacked(gsm, _) => Alphabet::Gsm(gsm),
        other => other,
    };
    let expected = units.encode(text).unwrap();
    if arrivals.len() == 1 {
        let (esm_class, user_data, tlvs) = &arrivals[0];
        assert_eq!(Segment::of(*esm_class, user_data, tlvs), None);
        let text = Udh::split(user_data)
            .filter(|_| *esm_class == EsmClass::UDHI)
            .map_or(&user_data[..], |(_, text)| text);
        assert_eq!(text, expected);
        return;
    }
    let (source, destination) = addresses(1);
    let ends = Ends {
        source: &source,
        destination: &destination,
    };
    let mut reassembler = Reassembler::default();
    let mut complete = Vec::new();
    // In some order, each at least once.
    for n in order
        .iter()
        .map(|n| n % arrivals.len())
        .chain(0..arrivals.len())
        .chain([0])
    {
        let (esm_class, user_data, tlvs) = &arrivals[n];
        let segment = Segment::of(*esm_class, user_data, tlvs).unwrap();
        let step = reassembler.push(Duration::ZERO, ends, segment);
        assert!(step.given_up.is_empty());
        if let Outcome::Complete(message) = step.outcome {
            complete.push(message);
        }
    }
    assert_eq!(complete.len(), 1);
    assert_eq!(complete[0].text, expected);
    let gsm = match Udh::split(&complete[0].header) {
        Some((udh, _)) => udh.gsm(),
        None => Gsm::DEFAULT,
    };
    if let Alphabet::Gsm(used) = units
        && mode != Mode::Sar
    {
        assert_eq!(gsm, used);
        assert_eq!(gsm.decode(&complete[0].text).unwrap(), text);
    }
}

#[test]
fn every_boundary() {
    for (alphabet, fillers) in [
        (Alphabet::GSM, ["x", "€"]),
        (Alphabet::GsmPacked(Gsm::DEFAULT, Padding::Cr), ["x", "€"]),
        (Alphabet::Gsm(TURKISH), ["x", "ş"]),
        (Alphabet::UCS2, ["ж", "😀"]),
        (Alphabet::Latin1, ["x", "é"]),
        (Alphabet::Utf8, ["x", "😀"]),
    ] {
        for mode in MODES {
            for at in [66, 67, 70, 133, 134, 140, 149, 152, 153, 155, 160] {
                for length in [at - 1, at, at + 1, 2 * at - 1, 2 * at, 2 * at + 1] {
                    // One unit a character; and one of two at each place around the boundary.
                    there_and_back(&fillers[0].repeat(length), alphabet, mode, &[1]);
                    for place in at - 2..=at + 1 {
                        let text = [fillers[0].repeat(place), fillers[1].into(), fillers[0].repeat(length)].concat();
                        there_and_back(&text, alphabet, mode, &[1]);
                    }
                }
            }
        }
    }
}

#[test]
fn pairs_are_not_cut() {
    for at in 140..160 {
        let text = ["x".repeat(at), "€".repeat(100)].concat();
        for part in Split::default().text(&text, Alphabet::GSM).unwrap().iter() {
            assert!(Gsm::DEFAULT.decode(&part.user_data()[6..]).is_ok());
        }
    }
    for at in 60..70 {
        let text = ["ж".repeat(at), "😀".repeat(100)].concat();
        for part in Split::default().text(&text, Alphabet::UCS2).unwrap().iter() {
            assert!(Alphabet::UCS2.decode(&part.user_data()[6..]).is_ok());
        }
    }
}

/// A text that ends with its padding at an octet's end gets one more of it, or loses it at the reader's: such a part is
/// a septet shorter.
#[test]
fn a_packed_part_ends_where_its_padding_does_not() {
    for (padding, pad) in [(Padding::Cr, "\r"), (Padding::Zero, "@")] {
        for gsm in [Gsm::DEFAULT, TURKISH_BOTH] {
            let alphabet = Alphabet::GsmPacked(gsm, padding);
            for mode in MODES {
                for at in (144..=153).chain([155, 159, 160]) {
                    for count in [1, 2, 3] {
                        let text = ["x".repeat(at - count), pad.repeat(count)].concat();
                        for tail in ["x", "€", &"x".repeat(200), &"€".repeat(90)] {
                            there_and_back(&[&text, tail].concat(), alphabet, mode, &[1]);
                        }
                        let parts = Split { mode, reference: 1 }.text(&text, alphabet).unwrap();
                        let most = if mode == Mode::Sar && parts.len() > 1 { 134 } else { 140 };
                        assert!(parts.iter().all(|part| part.user_data().len() <= most), "{at} {mode:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_packed_payload_is_counted_packed() {
    let split = Split {
        mode: Mode::Payload,
        reference: 0,
    };
    let packed = Alphabet::GsmPacked(Gsm::DEFAULT, Padding::Cr);
    // 65,535 octets hold 74,897 septets.
    let parts = split.text(&"x".repeat(74_897), packed).unwrap();
    assert_eq!(parts.iter().next().unwrap().user_data().len(), 65_535);
    assert_eq!(
        split.text(&"x".repeat(74_898), packed),
        Err(SplitError::Payload { octets: 65_536 })
    );
    assert_eq!(
        split.text(&"x".repeat(65_536), Alphabet::GSM),
        Err(SplitError::Payload { octets: 65_536 })
    );
}

fn segment(reference: u16, total: u8, part: u8, text: &[u8]) -> Segment<'_> {
    Segment {
        kind: Kind::Udh8,
        reference,
        total,
        part,
        header: &[],
        text,
    }
}

#[test]
fn what_is_given_up_is_told() {
    let limits = Limits {
        messages: 2,
        octets: 400,
        patience: Duration::from_secs(10),
        memory: Duration::from_secs(5),
    };
    let mut reassembler = Reassembler::new(limits);
    let (source, destination) = addresses(1);
    let ends = Ends {
        source: &source,
        destination: &destination,
    };
    let second = Duration::from_secs;
    assert_eq!(
        reassembler.push(second(0), ends, segment(1, 2, 1, b"a")).outcome,
        Outcome::Kept
    );
    assert_eq!(reassembler.next_deadline(), Some(second(10)));
    assert_eq!(
        reassembler.push(second(1), ends, segment(2, 2, 1, b"b")).outcome,
        Outcome::Kept
    );
    // A third one: the oldest gives way.
    let step = reassembler.push(second(2), ends, segment(3, 2, 2, b"c"));
    assert_eq!(
        (step.given_up[0].reason, step.given_up[0].reference),
        (Reason::Evicted, 1)
    );
    assert_eq!(step.given_up[0].parts, [(1, b"a".to_vec())]);
    // The same number with other octets: another message.
    let step = reassembler.push(second(3), ends, segment(2, 2, 1, b"B"));
    assert_eq!(
        (step.given_up[0].reason, step.given_up[0].reference),
        (Reason::Superseded, 2)
    );
    assert_eq!(
        reassembler.push(second(3), ends, segment(2, 2, 1, b"B")).outcome,
        Outcome::Duplicate
    );
    // Time.
    let gone = reassembler.expire(second(12));
    assert_eq!((gone.len(), gone[0].reason, gone[0].reference), (1, Reason::Expired, 3));
    assert!(!format!("{gone:?} {reassembler:?}").contains("99"));
    // Complete, remembered, and forgotten.
    assert!(matches!(
        reassembler.push(second(12), ends, segment(2, 2, 2, b"2")).outcome,
        Outcome::Complete(_)
    ));
    assert_eq!(
        reassembler.push(second(13), ends, segment(2, 2, 2, b"2")).outcome,
        Outcome::Duplicate
    );
    assert_eq!(
        (reassembler.messages(), reassembler.next_deadline()),
        (1, Some(second(17)))
    );
    assert_eq!(
        reassembler.push(second(17), ends, segment(2, 2, 2, b"2")).outcome,
        Outcome::Kept
    );
    // Too large, and with a number that is none.
    assert_eq!(
        reassembler.push(second(17), ends, segment(4, 2, 1, &[0; 400])).outcome,
        Outcome::Refused
    );
    assert_eq!(
        reassembler.push(second(17), ends, segment(4, 2, 3, b"")).outcome,
        Outcome::Refused
    );
    reassembler.expire(second(100));
    assert_eq!(
        (
            reassembler.messages(),
            reassembler.octets(),
            reassembler.next_deadline()
        ),
        (0, 0, None)
    );
}

/// A message that is larger than all that may be held gives way itself, and nobody else does.
#[test]
fn one_that_is_too_large_evicts_nobody() {
    let limits = Limits {
        octets: 400,
        ..Limits::default()
    };
    let mut reassembler = Reassembler::new(limits);
    let ((flood, to), (other, _)) = (addresses(1), addresses(2));
    let from = |source| Ends {
        source,
        destination: &to,
    };
    let zero = Duration::ZERO;
    reassembler.push(zero, from(&other), segment(1, 2, 1, b"kept"));
    reassembler.push(zero, from(&flood), segment(1, 3, 1, &[b'x'; 200]));
    let step = reassembler.push(zero, from(&flood), segment(1, 3, 2, &[b'x'; 180]));
    assert_eq!(step.outcome, Outcome::Refused);
    let gone: Vec<_> = step.given_up.iter().map(|gone| (gone.reason, &gone.source)).collect();
    assert_eq!(gone, [(Reason::TooLarge, &flood)]);
    assert_eq!(step.given_up[0].parts.len(), 2);
    // So it is with its last part, if it is not to be held: it is whole.
    reassembler.push(zero, from(&flood), segment(1, 2, 1, &[b'x'; 200]));
    let step = reassembler.push(zero, from(&flood), segment(1, 2, 2, &[b'x'; 180]));
    assert!(matches!(step.outcome, Outcome::Complete(_)) && step.given_up.is_empty());
    let step = reassembler.push(zero, from(&other), segment(1, 2, 2, b"!"));
    assert!(matches!(step.outcome, Outcome::Complete(message) if message.text == b"kept!"));
}

/// A sender whose reference comes round to another message within the memory, with the same first part, or that has one
/// reference for all.
#[test]
fn a_first_part_that_is_always_the_same_is_not_lost() {
    let mut reassembler = Reassembler::default();
    let (source, destination) = addresses(1);
    let ends = Ends {
        source: &source,
        destination: &destination,
    };
    let mut push = |total, part, text| {
        let header: &[u8] = if part == 1 { b"\x05\0\x03\x01\x02\x01" } else { b"" };
        let segment = Segment {
            header,
            ..segment(1, total, part, text)
        };
        let step = reassembler.push(Duration::ZERO, ends, segment);
        assert_eq!(step.given_up, []);
        match step.outcome {
            Outcome::Complete(message) => Some((String::from_utf8(message.text).unwrap(), message.header.len())),
            Outcome::Kept | Outcome::Duplicate => None,
            other => panic!("{other:?}"),
        }
    };
    let whole = |text: &str| Some((text.to_owned(), 6));
    assert_eq!(push(2, 1, b"Your code is "), None);
    assert_eq!(push(2, 2, b"1234"), whole("Your code is 1234"));
    for code in ["5678", "1234", "9999"] {
        assert_eq!(push(2, 1, b"Your code is "), None);
        assert_eq!(push(2, 2, code.as_bytes()), whole(&format!("Your code is {code}")));
    }
    // All of it again, in any order, is the same message, as often as it comes.
    for part in [2, 1, 1, 2, 2, 1] {
        assert_eq!(
            push(2, part, [&b"Your code is "[..], b"9999"][usize::from(part) - 1]),
            None
        );
    }
    assert_eq!(push(2, 2, b"0000"), None, "the first part is still to come");
    assert_eq!(push(2, 1, b"Your code is "), whole("Your code is 0000"));
    // Of a part that came again and then with other octets, the latter count.
    assert_eq!(push(2, 1, b"Your code is "), None);
    assert_eq!(push(2, 1, b"Your name is "), None);
    assert_eq!(push(2, 2, b"0000"), whole("Your name is 0000"));
}

/// Enough to deliver what is there, or to tell from whom something is missing.
#[test]
fn what_is_given_up_is_told_with_its_addresses_and_its_header() {
    let mut reassembler = Reassembler::default();
    let (source, destination) = addresses(7);
    let ends = Ends {
        source: &source,
        destination: &destination,
    };
    let user_data = b"\x08\x24\x01\x01\x00\x03\x07\x02\x01a\x1bg";
    let segment = Segment::of(EsmClass::UDHI, user_data, &Tlvs::<&[u8]>::default()).unwrap();
    reassembler.push(Duration::ZERO, ends, segment);
    let gone = reassembler.expire(Duration::from_secs(3600)).remove(0);
    assert_eq!((&gone.source, &gone.destination), (&source, &destination));
    assert_eq!(gone.header, user_data[..9]);
    assert_eq!(gone.parts, [(1, b"a\x1bg".to_vec())]);
    assert!(!format!("{gone:?}").contains("4477"));
}

#[test]
fn messages_with_the_same_reference_do_not_mix() {
    let mut reassembler = Reassembler::default();
    let ((a, to), (b, _)) = (addresses(1), addresses(2));
    let kinds = [Kind::Udh8, Kind::Udh16, Kind::Sar];
    let mut each = |part: u8| {
        let mut complete = Vec::new();
        for source in [&a, &b] {
            for kind in kinds {
                for total in [2, 3] {
                    let text = format!("{}{kind:?}{total}{part}", source.addr.as_bytes().escape_ascii());
                    let segment = Segment {
                        kind,
                        ..segment(7, total, part, text.as_bytes())
                    };
                    let ends = Ends {
                        source,
                        destination: &to,
                    };
                    if let Outcome::Complete(message) = reassembler.push(Duration::ZERO, ends, segment).outcome {
                        complete.push(message.text);
                    }
                }
            }
        }
        complete
    };
    assert_eq!([1, 2, 3].map(|part| each(part).len()), [0, 6, 6]);
}

fn any_text() -> impl Strategy<Value = String> {
    let c = proptest::sample::select("abc xyz€{}[]ğşжя😀\r@".chars().collect::<Vec<_>>());
    proptest::collection::vec(c, 0..700).prop_map(String::from_iter)
}

proptest! {
    #[test]
    fn any_text_comes_back(
        text in any_text(), alphabet in 0..6_usize, mode in 0..4_usize,
        order in proptest::collection::vec(any::<usize>(), 0..20),
    ) {
        let alphabet = [
            Alphabet::GSM, Alphabet::GsmPacked(Gsm::DEFAULT, Padding::Cr), Alphabet::Gsm(TURKISH), Alphabet::UCS2,
            Alphabet::Latin1, Alphabet::Utf8,
        ][alphabet];
        let packed = matches!(alphabet, Alphabet::GsmPacked(..));
        // A part that ends with a carriage return at an octet's end does not tell it from padding.
        let text: String = text.chars().filter(|&c| alphabet.contains(c) && !(packed && c == '\r')).collect();
        there_and_back(&text, alphabet, MODES[mode], &order);
    }

    #[test]
    fn any_header_is_read(octets in proptest::collection::vec(any::<u8>(), 0..160)) {
        if let Some((udh, text)) = Udh::split(&octets) {
            prop_assert_eq!(udh.encoded_len() + text.len(), octets.len());
            let elements: Vec<Element<'_>> = udh.elements().collect();
            if udh.gsm() == Gsm::DEFAULT && udh.encoded_len() <= 140 {
                prop_assert_eq!(Udh::build(&elements).unwrap(), &octets[..udh.encoded_len()]);
            }
        }
        let _ = (Udh::split_tolerant(&octets), Segment::of(EsmClass::UDHI, &octets, &Tlvs::<&[u8]>::default()));
    }

    #[test]
    fn the_limits_hold(
        steps in proptest::collection::vec((0..4_u16, 1..5_u8, 0..5_u8, 0..60_usize, 0..4_u64), 0..200),
        messages in 0..6_usize, octets in 0..300_usize,
    ) {
        let limits = Limits { messages, octets, patience: Duration::from_secs(20), memory: Duration::from_secs(5) };
        let mut reassembler = Reassembler::new(limits);
        let (source, destination) = addresses(3);
        let ends = Ends { source: &source, destination: &destination };
        let mut now = 0;
        for (reference, total, part, len, later) in steps {
            now += later;
            reassembler.push(Duration::from_secs(now), ends, segment(reference, total, part, &vec![part; len]));
            prop_assert!(reassembler.messages() <= messages && reassembler.octets() <= octets);
        }
        reassembler.expire(Duration::from_secs(now + 100));
        prop_assert_eq!((reassembler.messages(), reassembler.octets()), (0, 0));
    }
}
