//! The kinds of texts, headers, receipts and times.

pub(crate) mod fields;
pub(crate) mod message;

use serde_json::{Map, Value};
use smpp_pdu::receipt::{IdBase, IdPolicy, Receipt, text_of};
use smpp_pdu::split::{Mode, Split};
use smpp_pdu::text::{Alphabet, ByteOrder, Gsm, Language, Padding, Utf16, unpack};
use smpp_pdu::time::{DateTime, Moment, ReceiptDate};
use smpp_pdu::udh::{Concat, Element, Udh};
use smpp_pdu::{DataCoding, EsmClass};

type Expect = Map<String, Value>;
type Verdict = Result<(), String>;

/// `None` of another kind.
pub(crate) fn judge(
    kind: &str,
    class: &str,
    expect: &Expect,
    octets: &[u8],
    not_judged: &mut dyn FnMut(&str),
) -> Option<Verdict> {
    let is_malformed = class == "malformed";
    match kind {
        "gsm7" => Some(text(is_malformed, expect, octets, not_judged)),
        "udh" => Some(udh(is_malformed, expect, octets, not_judged)),
        "receipt" => Some(receipt(expect, octets, not_judged)),
        "time" => Some(time(is_malformed, expect, octets, not_judged)),
        _ => None,
    }
}

fn string<'a>(expect: &'a Expect, key: &str) -> Option<&'a str> {
    expect.get(key).and_then(Value::as_str)
}

fn number(expect: &Expect, key: &str) -> Option<u64> {
    expect.get(key).and_then(Value::as_u64)
}

fn is<T: PartialEq + std::fmt::Debug>(found: T, expected: T, key: &str) -> Verdict {
    if found == expected {
        return Ok(());
    }
    Err(format!("{key} is {found:?} where {expected:?} is expected"))
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// What a charset may be: padding, and which of a language's tables are in use, a source does not always say.
fn alphabets(expect: &Expect) -> Vec<Alphabet> {
    let charset = string(expect, "charset").unwrap_or_default();
    let (charset, language) = charset.split_once('+').unwrap_or((charset, ""));
    let named = |name: &str| {
        Language::ALL
            .into_iter()
            .find(|language| language.to_string().to_lowercase() == name)
    };
    let gsm = match (named(language), string(expect, "national_single_shift").and_then(named)) {
        (_, Some(single)) => vec![Gsm { single, ..Gsm::DEFAULT }],
        (Some(language), _) => vec![
            Gsm {
                locking: language,
                ..Gsm::DEFAULT
            },
            Gsm {
                single: language,
                ..Gsm::DEFAULT
            },
            Gsm {
                locking: language,
                single: language,
            },
        ],
        _ => vec![Gsm::DEFAULT],
    };
    let utf16 = |order, mark| vec![Alphabet::Utf16(Utf16 { order, mark })];
    match charset {
        "gsm7-unpacked" => gsm.into_iter().map(Alphabet::Gsm).collect(),
        "gsm7-packed" => {
            let padded = |gsm| [Padding::Cr, Padding::Zero].map(|padding| Alphabet::GsmPacked(gsm, padding));
            gsm.into_iter().flat_map(padded).collect()
        }
        "ucs2-be" | "utf-16be" => utf16(ByteOrder::Big, false),
        "ucs2-le" | "utf-16le" => utf16(ByteOrder::Little, false),
        "utf-16be-bom" | "ucs2-be-bom" => utf16(ByteOrder::Big, true),
        "utf-16le-bom" | "ucs2-le-bom" => utf16(ByteOrder::Little, true),
        "utf-8" => vec![Alphabet::Utf8],
        "ascii" => vec![Alphabet::Ascii],
        "latin1" => vec![Alphabet::Latin1],
        _ => charsets(charset),
    }
}

#[cfg(feature = "charsets")]
fn charsets(charset: &str) -> Vec<Alphabet> {
    use smpp_pdu::text::Charset;
    let charset = match charset {
        "iso-8859-5" => Charset::Iso8859_5,
        "iso-8859-8" => Charset::Iso8859_8,
        "iso-8859-15" => Charset::Iso8859_15,
        _ => return Vec::new(),
    };
    vec![Alphabet::Charset(charset)]
}
#[cfg(not(feature = "charsets"))]
fn charsets(_: &str) -> Vec<Alphabet> {
    Vec::new()
}

/// Behind as many bits as the vector says.
fn read(alphabet: Alphabet, octets: &[u8], fill: u8) -> Result<String, String> {
    let text = match alphabet {
        Alphabet::GsmPacked(gsm, padding) => unpack(octets, fill, padding).and_then(|septets| gsm.decode(&septets)),
        other => other.decode(octets),
    };
    text.map_err(|e| e.to_string())
}

fn text(is_malformed: bool, expect: &Expect, octets: &[u8], not_judged: &mut dyn FnMut(&str)) -> Verdict {
    let alphabets = alphabets(expect);
    if alphabets.is_empty() {
        not_judged(string(expect, "charset").unwrap_or_default());
        return Ok(());
    }
    let fill = number(expect, "fill_bits").unwrap_or(0) as u8;
    if is_malformed {
        let all_fail = alphabets.iter().all(|alphabet| {
            alphabet.decode_lossy(octets);
            read(*alphabet, octets, fill).is_err()
        });
        return if all_fail {
            Ok(())
        } else {
            Err("read as if nothing were wrong".into())
        };
    }
    let any = |holds: &dyn Fn(Alphabet) -> bool, key: &str| match alphabets.iter().any(|alphabet| holds(*alphabet)) {
        true => Ok(()),
        false => Err(format!("another {key}: {:?}", read(alphabets[0], octets, fill))),
    };
    for key in expect.keys() {
        match key.as_str() {
            "text" if string(expect, "direction") == Some("encode") => {
                let text = string(expect, key).unwrap_or_default();
                any(&|alphabet| alphabet.encode_lossy(text).0 == octets, "encoding")?;
            }
            "text" => {
                let text = string(expect, key).unwrap_or_default();
                any(&|alphabet| read(alphabet, octets, fill).as_deref() == Ok(text), key)?;
            }
            "septets" => {
                let septets = |padding| unpack(octets, fill, padding).map(|septets| hex(&septets));
                let expected = string(expect, key).unwrap_or_default();
                let found = [Padding::Cr, Padding::Zero].map(septets);
                if !found.iter().any(|found| found.as_deref() == Ok(expected)) {
                    return Err(format!("other septets: {found:?}"));
                }
            }
            "septet_count" => {
                let count = |padding| unpack(octets, fill, padding).map(|septets| septets.len() as u64).ok();
                let found = [Padding::Cr, Padding::Zero].map(count);
                if !found.contains(&number(expect, key)) {
                    return Err(format!("{found:?} septets"));
                }
            }
            "whole_text" if number(expect, "octet_limit") == Some(134) => {
                any(&|alphabet| part(alphabet, expect) == octets, "part")?;
            }
            "charset" | "direction" | "fill_bits" | "national_single_shift" | "segment" | "octet_limit" => {}
            key => not_judged(key),
        }
    }
    Ok(())
}

/// Part `segment` of `whole_text`, without its header of six octets.
fn part(alphabet: Alphabet, expect: &Expect) -> Vec<u8> {
    let split = Split {
        mode: Mode::Udh8,
        reference: 1,
    };
    let parts = split
        .text(string(expect, "whole_text").unwrap_or_default(), alphabet)
        .unwrap();
    let segment = number(expect, "segment").unwrap_or(0) as usize;
    assert_eq!(Some(parts.len() as u64), number(expect, "segments"));
    let part = parts.iter().nth(segment - 1);
    part.map(|part| part.user_data()[6..].to_vec()).unwrap_or_default()
}

fn udh(is_malformed: bool, expect: &Expect, octets: &[u8], not_judged: &mut dyn FnMut(&str)) -> Verdict {
    let split = Udh::split(octets);
    if is_malformed {
        let refused = split.and_then(|(udh, _)| udh.concat()).is_none();
        return if refused {
            Ok(())
        } else {
            Err("read as if nothing were wrong".into())
        };
    }
    let (tolerant, payload, quirk) = Udh::split_tolerant(octets).ok_or("no header")?;
    let elements: Vec<Element<'_>> = match (split, quirk) {
        (Some((udh, _)), None) => udh.elements().collect(),
        _ => Vec::new(),
    };
    // As it stands there: some of the numbers make no sense, and are to be ignored (R153).
    let concat = elements.iter().rev().find_map(|element| match element {
        Element::Concat(concat) => Some(*concat),
        _ => None,
    });
    for (key, expected) in expect {
        match key.as_str() {
            "udhl" => is(expected.as_u64(), octets.first().copied().map(u64::from), key)?,
            "payload" => is(hex(payload), expected.as_str().unwrap_or_default().to_owned(), key)?,
            "concat" => is(Some(concat_of(expected)), concat.or(tolerant).map(numbers), key)?,
            "ies" => {
                let listed = |element: &Value| {
                    let data = element["data"].as_str().unwrap_or_default();
                    let identifier = element["iei"].as_u64().unwrap_or_default();
                    format!("{identifier:02x}{:02x}{data}", data.len() / 2)
                };
                let listed: Vec<String> = expected.as_array().into_iter().flatten().map(listed).collect();
                let octets = Udh::build(&elements).unwrap_or_default();
                is(hex(octets.get(1..).unwrap_or_default()), listed.concat(), key)?;
            }
            "text" => {
                // Which alphabet it is, the vector does not say.
                let marked = Alphabet::Utf16(Utf16 {
                    order: ByteOrder::Big,
                    mark: true,
                });
                let candidates = [Alphabet::UCS2, marked, Alphabet::GSM, Alphabet::Latin1];
                let expected = expected.as_str().unwrap_or_default();
                if !candidates
                    .iter()
                    .any(|alphabet| alphabet.decode(payload).as_deref() == Ok(expected))
                {
                    return Err("another text".into());
                }
            }
            key => not_judged(key),
        }
    }
    Ok(())
}

fn concat_of(expected: &Value) -> [u64; 3] {
    ["ref", "total", "part"].map(|key| expected[key].as_u64().unwrap_or(u64::MAX))
}

fn numbers(concat: Concat) -> [u64; 3] {
    [concat.reference.into(), concat.total.into(), concat.part.into()]
}

fn receipt(expect: &Expect, octets: &[u8], not_judged: &mut dyn FnMut(&str)) -> Verdict {
    let data_coding = DataCoding(number(expect, "data_coding").unwrap_or(0) as u8);
    let text = text_of(EsmClass::DELIVERY_RECEIPT, data_coding, octets);
    let receipt = Receipt::parse(&text);
    let owned = |octets: Option<&[u8]>| octets.map(|octets| octets.iter().copied().map(char::from).collect::<String>());
    for (key, expected) in expect {
        let expected_text = expected.as_str().map(str::to_owned);
        match key.as_str() {
            "id" => is(owned(receipt.id()), expected_text, key)?,
            "sub" | "dlvrd" => {
                let found = if key == "sub" { receipt.sub() } else { receipt.dlvrd() };
                let expected = expected.as_u64().or_else(|| expected.as_str()?.parse().ok());
                is(found.map(u64::from), expected, key)?;
            }
            "submit_date" | "done_date" => {
                let found = if key == "submit_date" {
                    receipt.submit_date()
                } else {
                    receipt.done_date()
                };
                is(found.map(|date| iso(date.local)), expected_text, key)?;
            }
            "stat" if expected.is_null() => is(receipt.state(), None, key)?,
            "stat" | "stat_raw" => is(owned(receipt.stat()), expected_text, key)?,
            "err" if expected.is_number() => is(receipt.error_number().map(u64::from), expected.as_u64(), key)?,
            "err" if expected.is_null() => is(receipt.error_number(), None, key)?,
            "err" | "err_raw" => is(owned(receipt.err()), expected_text, key)?,
            "text" => is(
                owned(receipt.text()).unwrap_or_default(),
                expected_text.unwrap_or_default(),
                key,
            )?,
            "id_as_hex" => {
                let policy = IdPolicy {
                    base: IdBase::ReceiptHex,
                    ..IdPolicy::default()
                };
                if !policy.matches(
                    receipt.id().unwrap_or_default(),
                    expected_text.unwrap_or_default().as_bytes(),
                ) {
                    return Err("another number".into());
                }
            }
            "data_coding" | "direction" => {}
            key => not_judged(key),
        }
    }
    Ok(())
}

fn iso(at: DateTime) -> String {
    let DateTime {
        year,
        month,
        day,
        hour,
        minute,
        second,
        ..
    } = at;
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
}

fn time(is_malformed: bool, expect: &Expect, octets: &[u8], not_judged: &mut dyn FnMut(&str)) -> Verdict {
    if is_malformed {
        return match Moment::parse_final_date(octets) {
            Ok(moment) => Err(format!("read as {moment:?}")),
            Err(_) => Ok(()),
        };
    }
    if let Some(date) = string(expect, "receipt_date") {
        return is(
            ReceiptDate::parse(octets).map(|found| iso(found.local)).as_deref(),
            Some(date),
            "receipt_date",
        );
    }
    let moment = Moment::parse_final_date(octets).map_err(|e| e.to_string())?;
    for (key, expected) in expect {
        let text = expected.as_str().unwrap_or_default();
        match (key.as_str(), moment) {
            ("absolute_local", Moment::Local(local)) => is(iso(local).as_str(), text, key)?,
            ("absolute", Moment::Absolute(at)) => {
                let (minutes, quarters) = (i32::from(at.quarters().unsigned_abs()) * 15, at.quarters());
                let sign = if quarters < 0 { '-' } else { '+' };
                let zone = format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60);
                let (whole, tenths) = (iso(at.local()), at.tenths());
                let shown = [format!("{whole}{zone}"), format!("{whole}.{tenths}{zone}")];
                if !shown.iter().any(|shown| shown == text) {
                    return Err(format!("{shown:?} where {text} is expected"));
                }
            }
            ("absolute_utc", Moment::Absolute(at)) => {
                let utc = DateTime::from_unix(at.unix().0).map(iso).unwrap_or_default();
                is(format!("{utc}Z").as_str(), text, key)?;
            }
            ("offset_minutes", Moment::Absolute(at)) => {
                is(Some(i64::from(at.quarters()) * 15), expected.as_i64(), key)?;
            }
            ("relative", Moment::Relative(period)) => {
                let listed = expected.as_array().into_iter().flatten().filter_map(Value::as_u64);
                is(
                    period.parts().map(u64::from).to_vec(),
                    listed.take(6).collect::<Vec<_>>(),
                    key,
                )?;
            }
            ("relative_seconds", Moment::Relative(period)) => is(Some(period.seconds()), expected.as_i64(), key)?,
            ("immediate", moment) => is(Some(moment == Moment::Empty), expected.as_bool(), key)?,
            ("valid", _) => is(Some(true), expected.as_bool(), key)?,
            ("absolute" | "absolute_utc" | "absolute_local" | "relative" | "relative_seconds", other) => {
                return Err(format!("read as {other:?}"));
            }
            ("direction", _) => {}
            (key, _) => not_judged(key),
        }
    }
    Ok(())
}
