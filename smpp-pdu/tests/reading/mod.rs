//! Reads any octets by the specification's tables commands.csv and fields.csv, and by nothing of the crate's: where a
//! reader that goes from left to right first cannot go on, or finds a size that the version does not allow.

use crate::common::csv::{self, Row, number};
use smpp_pdu::{DecodeErrorKind, Version};
use std::collections::BTreeMap;

/// Where the reading stops, and why.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fault {
    pub(crate) field: String,
    pub(crate) offset: usize,
    pub(crate) kind: DecodeErrorKind,
    /// Where the field starts, and where it ends as far as there are octets of it: behind the last that was looked at.
    pub(crate) starts: usize,
    pub(crate) ends: usize,
}

pub(crate) struct Reading {
    /// Name and kind of the commands that have a table.
    commands: BTreeMap<u32, (String, String)>,
    /// Their rows, in their order.
    fields: BTreeMap<String, Vec<Row>>,
}

impl Reading {
    pub(crate) fn new() -> Self {
        let mut reading = Self {
            commands: BTreeMap::new(),
            fields: BTreeMap::new(),
        };
        // What only v3.3 has is kept whole.
        for row in csv::spec("commands.csv").iter().filter(|row| row["until"] != "3.3") {
            let known = (row["name"].clone(), row["kind"].clone());
            reading.commands.insert(number(&row["command_id"]), known);
        }
        for row in csv::spec("fields.csv") {
            reading.fields.entry(row["pdu"].clone()).or_default().push(row);
        }
        reading
    }

    pub(crate) fn first_fault(&self, version: Version, octets: &[u8]) -> Option<Fault> {
        let mut cursor = Cursor {
            version,
            octets,
            at: 0,
            sm_length: 0,
        };
        self.read(&mut cursor).err()
    }

    fn read(&self, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
        let mut header = [0; 4];
        for (value, row) in header.iter_mut().zip(&self.fields["(header)"]) {
            *value = cursor.integer(&row["field"], 4)?;
        }
        let [_, command_id, command_status, _] = header;
        let Some((name, kind)) = self.commands.get(&command_id) else {
            return Ok(());
        };
        let rows = &self.fields[name];
        let has_fields = rows.iter().any(|row| row["field"] != "(none)");
        if kind == "response" && has_fields && cursor.left().is_empty() {
            // The body of an error response may be left out, but for v3.3.
            let may = command_status != 0 && cursor.version >= Version::V34;
            return if may {
                Ok(())
            } else {
                Err(cursor.fault("", DecodeErrorKind::Truncated))
            };
        }
        for row in rows.iter().filter(|row| row["parent"].is_empty() && has_fields) {
            match row["type"].as_str() {
                "struct[number_of_dests]" => self.list(cursor, rows, row)?,
                "struct[no_unsuccess]" => self.list(cursor, rows, row)?,
                _ => cursor.row(row)?,
            }
        }
        cursor.tlvs()
    }

    /// As many entries as the octet before says.
    fn list(&self, cursor: &mut Cursor<'_>, rows: &[Row], list: &Row) -> Result<(), Fault> {
        for _ in 0..cursor.octets[cursor.at - 1] {
            let parent = match (list["field"].as_str(), cursor.left().first()) {
                ("dest_address", None) => return Err(cursor.fault("dest_flag", DecodeErrorKind::Truncated)),
                ("dest_address", Some(1)) => "dest_address:sme",
                ("dest_address", Some(2)) => "dest_address:dl",
                ("dest_address", Some(flag)) => {
                    return Err(cursor.fault("dest_flag", DecodeErrorKind::DestFlag(*flag)));
                }
                (list, _) => list,
            };
            for row in rows.iter().filter(|row| row["parent"] == parent) {
                cursor.row(row)?;
            }
        }
        Ok(())
    }
}

struct Cursor<'a> {
    version: Version,
    octets: &'a [u8],
    at: usize,
    sm_length: usize,
}

impl Cursor<'_> {
    fn left(&self) -> &[u8] {
        &self.octets[self.at..]
    }

    /// In the field that starts here, and of which all octets were looked at.
    fn fault(&self, field: &str, kind: DecodeErrorKind) -> Fault {
        let most = self.octets.len() + 1;
        self.fault_to(most, field, kind)
    }
    fn fault_to(&self, ends: usize, field: &str, kind: DecodeErrorKind) -> Fault {
        Fault {
            field: field.into(),
            offset: self.at,
            kind,
            starts: self.at,
            ends,
        }
    }

    fn row(&mut self, row: &Row) -> Result<(), Fault> {
        let field = row["field"].as_str();
        match row["type"].as_str() {
            "u8" => {
                let value = self.integer(field, 1)?;
                self.value(field, value)
            }
            "u32" => self.integer(field, 4).map(drop),
            "cstr" | "cstr_fixed" => self.string(row),
            "octets[sm_length]" => self.text(row),
            other => panic!("no such type: {other}"),
        }
    }

    fn value(&mut self, field: &str, value: u32) -> Result<(), Fault> {
        if field == "sm_length" {
            self.sm_length = value as usize;
        }
        // v3.4 §5.2.24.
        if field == "number_of_dests" && value == 255 && self.version < Version::V50 {
            self.at -= 1;
            return Err(self.fault_to(self.at + 1, field, DecodeErrorKind::Size { size: 255, max: 254 }));
        }
        Ok(())
    }

    fn integer(&mut self, field: &str, size: usize) -> Result<u32, Fault> {
        match self.left().get(..size) {
            Some(octets) => {
                let value = octets.iter().fold(0, |value, &octet| value << 8 | u32::from(octet));
                self.at += size;
                Ok(value)
            }
            None => Err(self.fault(field, DecodeErrorKind::Truncated)),
        }
    }

    fn string(&mut self, row: &Row) -> Result<(), Fault> {
        let field = row["field"].as_str();
        if self.left().is_empty() {
            return Err(self.fault(field, DecodeErrorKind::Truncated));
        }
        let Some(nul) = self.left().iter().position(|&octet| octet == 0) else {
            return Err(self.fault(field, DecodeErrorKind::Unterminated));
        };
        let (size, max) = (nul + 1, max(row, self.version));
        let allowed = match row["type"].as_str() {
            // "An MC may give 12 characters" (v3.4 §7.1.1).
            "cstr_fixed" => [1, max].contains(&size) || (field == "final_date" && size == 13),
            _ => size <= max,
        };
        if !allowed {
            return Err(self.fault_to(self.at + size, field, DecodeErrorKind::Size { size, max }));
        }
        self.at += size;
        Ok(())
    }

    fn text(&mut self, row: &Row) -> Result<(), Fault> {
        let (field, size, max) = (row["field"].as_str(), self.sm_length, max(row, self.version));
        // sm_length, one octet before, is a part of what is judged.
        let with_length = |fault: Fault| Fault {
            starts: fault.starts - 1,
            ..fault
        };
        if size > self.left().len() {
            return Err(with_length(self.fault(field, DecodeErrorKind::Truncated)));
        }
        if size > max {
            let fault = self.fault_to(self.at + size, field, DecodeErrorKind::Size { size, max });
            return Err(with_length(fault));
        }
        self.at += size;
        Ok(())
    }

    fn tlvs(&mut self) -> Result<(), Fault> {
        while !self.left().is_empty() {
            let [_, _, l0, l1, value @ ..] = self.left() else {
                return Err(self.fault("tlvs", DecodeErrorKind::TrailingOctets));
            };
            let len = usize::from(*l0) << 8 | usize::from(*l1);
            if len > value.len() {
                return Err(self.fault("tlvs", DecodeErrorKind::Truncated));
            }
            self.at += 4 + len;
        }
        Ok(())
    }
}

/// The largest size of a version; that of the first which has the PDU, where this one has none.
fn max(row: &Row, version: Version) -> usize {
    let columns = ["max_octets_v33", "max_octets_v34", "max_octets_v50"];
    let listed = columns[version as usize..]
        .iter()
        .find_map(|column| row[*column].parse().ok());
    listed.unwrap_or_else(|| panic!("no size: {row:?}"))
}
