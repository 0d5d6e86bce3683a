//! What a PDU has, in the words of the vectors.

use super::Verdict;
use crate::{digits, hex, latin1};
use serde_json::{Map, Value};
use smpp_pdu::{FieldValue, Pdu};

/// The fields of a PDU as the vectors write them.
#[derive(Default)]
pub(crate) struct Fields {
    pub(crate) fields: Vec<(&'static str, Value)>,
    pub(crate) tlvs: Vec<(u16, Vec<u8>)>,
}

impl Fields {
    pub(crate) fn of(pdu: &Pdu<&[u8]>) -> Self {
        let mut all = Self::default();
        pdu.each_field(|name, value| match value {
            FieldValue::Tlv(tag, octets) => all.tlvs.push((tag, octets.to_vec())),
            FieldValue::Integer(number, _) => all.fields.push((name, number.into())),
            FieldValue::Text(octets) => all.fields.push((name, digits(octets).into())),
            other => all.fields.push((name, latin1(other.octets().unwrap()).into())),
        });
        all
    }

    pub(crate) fn value(&self, key: &str) -> Option<Value> {
        self.fields
            .iter()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value.clone())
    }

    /// The entries of a list, each from its first field on.
    pub(crate) fn entries(&self) -> Value {
        let of_entry = [
            "dest_flag",
            "dest_addr_ton",
            "dest_addr_npi",
            "destination_addr",
            "dl_name",
            "error_status_code",
        ];
        let first = if self.value("dest_flag").is_some() {
            "dest_flag"
        } else {
            "dest_addr_ton"
        };
        let mut entries: Vec<Map<String, Value>> = Vec::new();
        for (name, value) in self.fields.iter().filter(|(name, _)| of_entry.contains(name)) {
            if *name == first {
                entries.push(Map::new());
            }
            if let Some(entry) = entries.last_mut() {
                entry.insert(name.to_string(), value.clone());
            }
        }
        entries.into_iter().map(Value::from).collect()
    }

    pub(crate) fn all_tlvs(&self, expected: &Value) -> Verdict {
        for (tag, expected) in expected.as_object().into_iter().flatten() {
            let number = u16::from_str_radix(tag.trim_start_matches("0x"), 16).map_err(|e| format!("{tag}: {e}"))?;
            let value = self.tlvs.iter().find(|(tag, _)| *tag == number).map(|(_, value)| value);
            let value = value.ok_or_else(|| format!("no TLV {tag}"))?;
            let text = latin1(value.strip_suffix(&[0]).unwrap_or(value));
            let same = match (expected.as_str(), expected["string"].as_str()) {
                (Some(octets), _) => hex(octets) == *value,
                (_, Some(string)) => string == text,
                _ => true,
            };
            if !same {
                return Err(format!("TLV {tag} is {} where {expected} is expected", digits(value)));
            }
        }
        Ok(())
    }
}

/// An entry of a list needs to have what is listed of it.
pub(crate) fn same(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::Array(found), Value::Array(expected)) => {
            found.len() == expected.len()
                && found
                    .iter()
                    .zip(expected)
                    .all(|(found, expected)| same(found, expected))
        }
        (Value::Object(found), Value::Object(expected)) => expected
            .iter()
            .all(|(key, expected)| found.get(key).is_none_or(|found| same(found, expected))),
        (found, expected) => found == expected,
    }
}
