//! Octets that others published, and what they say of them. Not in this repository:
//!
//! ```text
//! SMPP_VECTORS=DIR cargo test -p smpp-pdu --all-features --test external_vectors
//! ```
//!
//! reads every `*.jsonl` of the folder. What was well-formed, or lenient only, decodes as `Tolerance::field` to the
//! expected values. What is malformed is, as `Tolerance::strict`, an error, an incomplete frame, octets left over, or an
//! unknown command kept whole. A disagreement fails, unless docs/compatibility.md knows it.

mod common;
mod vectors;

use common::{FIELD, STRICT, frame, hex};
use serde_json::{Map, Value};
use smpp_pdu::{Codec, Header, MAX_PDU, Pdu, Tlvs, next_frame, tlv};
use std::collections::BTreeMap;
use std::process::ExitCode;
use vectors::fields::{Fields, same};
use vectors::message;

/// Kinds whose octets are not this crate's: counted, not judged.
const COUNTED: [&str; 2] = ["tpdu", "gsm_time"];

#[derive(Default)]
struct Report {
    counts: BTreeMap<(String, String), usize>,
    /// Keys inside `expect` that are not judged.
    unjudged: BTreeMap<String, usize>,
    disagreements: Vec<(String, String)>,
}

/// What is wrong with a vector, if anything.
pub(crate) type Verdict = Result<(), String>;

fn main() -> ExitCode {
    let Some(dir) = std::env::var_os("SMPP_VECTORS") else {
        println!("external vectors: none run, SMPP_VECTORS names no folder");
        return ExitCode::SUCCESS;
    };
    let mut files: Vec<_> = std::fs::read_dir(&dir)
        .unwrap_or_else(|e| panic!("{}: {e}", dir.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{}: no vectors", dir.display());
    let mut report = Report::default();
    for file in files {
        for line in std::fs::read_to_string(&file).unwrap().lines() {
            report.judge(&serde_json::from_str(line).unwrap());
        }
    }
    report.print()
}

impl Report {
    fn judge(&mut self, vector: &Value) {
        let text = |key: &str| vector[key].as_str().unwrap_or_else(|| panic!("no {key}: {vector}"));
        let (id, kind, class) = (text("id"), text("kind"), text("class"));
        *self.counts.entry((kind.into(), class.into())).or_default() += 1;
        let (octets, none) = (hex(text("hex")), Map::new());
        let expect = vector["expect"].as_object().unwrap_or(&none);
        let verdict = match kind {
            "pdu" | "stream" | "tlv" | "field" if class == "malformed" => malformed(kind, expect, &octets),
            "pdu" => self.pdu(expect, &octets),
            "stream" => self.stream(expect, &octets),
            "tlv" => self.tlv(expect, &octets),
            "field" => self.field(expect, &octets),
            _ => {
                let verdict = vectors::judge(kind, class, expect, &octets, &mut |key| self.not_judged(kind, key));
                verdict.unwrap_or_else(|| {
                    assert!(COUNTED.contains(&kind), "{id}: no such kind: {kind}");
                    Ok(())
                })
            }
        };
        if let Err(why) = verdict {
            self.disagreements.push((id.into(), why));
        }
    }

    fn print(&self) -> ExitCode {
        for ((kind, class), count) in &self.counts {
            let judged = if COUNTED.contains(&kind.as_str()) {
                ", not judged"
            } else {
                ""
            };
            println!("{kind} {class}: {count}{judged}");
        }
        for (key, count) in &self.unjudged {
            println!("not judged: {key}, {count} times");
        }
        let known = include_str!("../../docs/compatibility.md");
        let mut failed = false;
        for (id, why) in &self.disagreements {
            if known.contains(&format!("`{id}`")) {
                println!("known {id}");
            } else {
                failed = true;
                println!("disagrees {id}: {why}");
            }
        }
        if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }

    fn not_judged(&mut self, kind: &str, key: &str) {
        *self.unjudged.entry(format!("{kind} {key}")).or_default() += 1;
    }

    fn pdu(&mut self, expect: &Map<String, Value>, octets: &[u8]) -> Verdict {
        let mut input = octets;
        let frame = match next_frame(&mut input, MAX_PDU) {
            Ok(Some(frame)) => frame,
            other => return Err(format!("{other:?}")),
        };
        self.one(expect, frame)
    }

    fn one(&mut self, expect: &Map<String, Value>, frame: &[u8]) -> Verdict {
        let decoded = FIELD.decode(frame).map_err(|e| e.to_string())?;
        let has = Fields::of(&decoded.pdu);
        for (key, expected) in expect {
            let found = match key.as_str() {
                "command" if matches!(decoded.pdu, Pdu::Unknown(_)) => continue,
                "command" => decoded.pdu.command_id().to_string().into(),
                "command_id" => decoded.pdu.command_id().0.into(),
                "command_length" => frame.len().into(),
                "status" => decoded.header.command_status.0.into(),
                "sequence" => decoded.header.sequence_number.into(),
                "tlv_count" => has.tlvs.len().into(),
                "roundtrip" => {
                    same_again(frame)?;
                    continue;
                }
                "tlvs" => {
                    has.all_tlvs(expected)?;
                    continue;
                }
                "dest_addresses" | "unsuccess_sme" => has.entries(),
                "message_id" if expected.is_null() => has.value(key).unwrap_or_default(),
                _ => match has.value(key) {
                    Some(found) => found,
                    None => {
                        self.not_judged("pdu", key);
                        continue;
                    }
                },
            };
            if !same(&found, expected) {
                return Err(format!("{key} is {found} where {expected} is expected"));
            }
        }
        Ok(())
    }

    fn stream(&mut self, expect: &Map<String, Value>, octets: &[u8]) -> Verdict {
        let (mut input, mut frames) = (octets, Vec::new());
        // A length that cannot be trusted ends the stream: what it stands in is left over.
        while let Ok(Some(frame)) = next_frame(&mut input, MAX_PDU) {
            frames.push(frame);
        }
        for (key, expected) in expect {
            match (key.as_str(), expected) {
                ("pdus", Value::Array(pdus)) => {
                    if pdus.len() != frames.len() {
                        return Err(format!("{} PDUs where {} are expected", frames.len(), pdus.len()));
                    }
                    for (pdu, frame) in pdus.iter().zip(&frames) {
                        let Some(pdu) = pdu.as_object() else { continue };
                        let refused = pdu.contains_key("error");
                        let unknown =
                            |frame| matches!(FIELD.decode(frame).map(|d| d.pdu), Ok(Pdu::Unknown(_)) | Err(_));
                        if refused && unknown(frame) {
                            continue;
                        }
                        self.one(pdu, frame)?;
                    }
                }
                ("remaining", expected) if expected.as_u64() != Some(input.len() as u64) => {
                    return Err(format!("{} octets left where {expected} are expected", input.len()));
                }
                ("rest", Value::String(rest)) if hex(rest) != input => return Err("another rest".into()),
                ("incomplete", Value::Bool(incomplete)) if *incomplete == input.is_empty() => {
                    return Err(format!("{} octets left", input.len()));
                }
                ("remaining" | "rest" | "incomplete", _) => {}
                (key, _) => self.not_judged("stream", key),
            }
        }
        Ok(())
    }

    fn tlv(&mut self, expect: &Map<String, Value>, octets: &[u8]) -> Verdict {
        let Some(tlvs) = Tlvs::<&[u8]>::new(octets) else {
            return Err("torn".into());
        };
        for (key, expected) in expect {
            match (key.as_str(), expected) {
                ("tlvs", Value::Array(list)) => {
                    let found: Vec<_> = tlvs.iter().collect();
                    if found.len() != list.len() {
                        return Err(format!("{} TLVs where {} are expected", found.len(), list.len()));
                    }
                    for ((tag, value), one) in found.into_iter().zip(list) {
                        let listed = u16::from_str_radix(one["tag"].as_str().unwrap_or_default(), 16);
                        let value_too = one["value"].as_str().is_none_or(|listed| hex(listed) == value);
                        if listed != Ok(tag) || !value_too {
                            return Err(format!("{tag:#06x} where {one} is expected"));
                        }
                    }
                }
                ("remaining", expected) if expected.as_u64() != Some(0) => return Err("nothing is left".into()),
                ("remaining", _) => {}
                (key, expected) => match first_as(&tlvs, key) {
                    Some(found) if same(&found, expected) => {}
                    Some(found) => return Err(format!("{key} is {found} where {expected} is expected")),
                    None => self.not_judged("tlv", key),
                },
            }
        }
        Ok(())
    }

    fn field(&mut self, expect: &Map<String, Value>, octets: &[u8]) -> Verdict {
        let kind = expect.get("type").and_then(Value::as_str).unwrap_or_default();
        let remaining = expect.get("remaining").and_then(Value::as_u64).unwrap_or(0) as usize;
        if kind == "data_coding" {
            return message::data_coding(expect, octets, &mut |key| self.not_judged("field", key));
        }
        let Some(frame) = as_pdu(kind, &octets[..octets.len() - remaining]) else {
            self.not_judged("field", kind);
            return Ok(());
        };
        let decoded = FIELD.decode(&frame).map_err(|e| e.to_string())?;
        let has = Fields::of(&decoded.pdu);
        if let Some(Value::String(text)) = has.value("short_message") {
            message::content(expect, &hex(&text), &mut |key| self.not_judged("field", key))?;
        }
        for (key, expected) in expect {
            let found = match key.as_str() {
                "type" | "remaining" | "udh" | "payload" | "concat" | "text" => continue,
                "string" => has.value("message_id"),
                "addr" => has.value("source_addr"),
                "ton" => has.value("source_addr_ton"),
                "npi" => has.value("source_addr_npi"),
                "value" => Some(has.entries()),
                key => has.value(key),
            };
            match found {
                None => self.not_judged("field", key),
                Some(found) if !same(&found, expected) => {
                    return Err(format!("{key} is {found} where {expected} is expected"));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

/// The first TLV's value as the type that `key` names, or the type that it is not; `None` of other keys.
fn first_as(tlvs: &Tlvs<&[u8]>, key: &str) -> Option<Value> {
    let (tag, value) = tlvs.iter().next()?;
    let null = |_| Value::Null;
    Some(match key {
        "as_u8" => tlvs.get(tlv::Key::<u8>::new(tag, "")).map_or_else(null, Value::from),
        "as_u16" => tlvs.get(tlv::Key::<u16>::new(tag, "")).map_or_else(null, Value::from),
        "as_u32" => tlvs.get(tlv::Key::<u32>::new(tag, "")).map_or_else(null, Value::from),
        "as_string" | "c_octet_string" | "fixed_length_string" => {
            let octets = tlvs.get(tlv::Key::<tlv::CString>::new(tag, "")).ok()??;
            latin1(octets).into()
        }
        "length" | "size" => value.len().into(),
        _ => return None,
    })
}

/// A PDU around a field, or a run of fields, that ends with them or goes on with zeros.
fn as_pdu(kind: &str, octets: &[u8]) -> Option<Vec<u8>> {
    let (id, before, behind): (u32, &[u8], &[u8]) = match kind {
        "c_octet_string" => (0x8000_0004, b"", b""),
        "address" => (0x102, b"", &[0; 3]),
        "dest_addresses" => (0x21, &[0; 4], &[0; 10]),
        "dest_address" => (0x21, &[0, 0, 0, 0, 1], &[0; 10]),
        "unsuccess_smes" => (0x8000_0021, &[0], b""),
        "data_coding,sm_default_msg_id,sm_length,short_message" => (4, &[0; 14], b""),
        "sm_length,short_message" => (4, &[0; 16], b""),
        _ => return None,
    };
    Some(frame(id, 0, &[before, octets, behind].concat()))
}

/// What nothing was forgiven of is written as it came.
fn same_again(frame: &[u8]) -> Verdict {
    let (decoded, mut out) = (FIELD.decode(frame).map_err(|e| e.to_string())?, Vec::new());
    if decoded.forgiven.is_empty() {
        // Where TLVs and PDUs of v5.0 are allowed, as they are when read.
        let codec = Codec {
            version: smpp_pdu::Version::V50,
            ..FIELD
        };
        codec
            .encode(decoded.header, &decoded.pdu, &mut out)
            .map_err(|e| e.to_string())?;
        if out != frame {
            return Err(format!("written as {}", digits(&out)));
        }
    }
    Ok(())
}

fn malformed(kind: &str, expect: &Map<String, Value>, octets: &[u8]) -> Verdict {
    let refused = match kind {
        "tlv" => Tlvs::<&[u8]>::new(octets).is_none(),
        "field" => {
            let kind = expect.get("type").and_then(Value::as_str).unwrap_or_default();
            as_pdu(kind, octets).is_none_or(|frame| FIELD.decode(&frame).is_err() || STRICT.decode(&frame).is_err())
        }
        _ => {
            read(FIELD, octets);
            !read(STRICT, octets)
        }
    };
    if refused {
        Ok(())
    } else {
        Err("read as if nothing were wrong".into())
    }
}

/// Whether all of the octets are PDUs that are known and read.
fn read(codec: Codec, octets: &[u8]) -> bool {
    let mut input = octets;
    let mut well = true;
    loop {
        match next_frame(&mut input, MAX_PDU) {
            Ok(Some(frame)) => match codec.decode(frame) {
                Ok(decoded) => {
                    well &= !matches!(decoded.pdu, Pdu::Unknown(_));
                    assert!(Header::peek(frame).is_some());
                }
                Err(e) => {
                    assert!(e.offset <= frame.len(), "{e}");
                    well = false;
                }
            },
            Ok(None) => return well && input.is_empty(),
            Err(_) => return false,
        }
    }
}

pub(crate) fn digits(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

pub(crate) fn latin1(octets: &[u8]) -> String {
    octets.iter().copied().map(char::from).collect()
}
