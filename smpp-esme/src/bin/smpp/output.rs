//! What is printed on standard output: lines for people, or one JSON object a line.

use crate::message::{Arrival, Message};
use crate::receipt::Receipt;
use serde_json::{Map, Value, json};
use smpp_esme::CloseReason;
use smpp_esme::pdu::{Address, CommandStatus};
use std::io::{self, Write};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    pub(crate) fn submitted(self, message_id: &[u8]) -> io::Result<()> {
        let message_id = String::from_utf8_lossy(message_id);
        if self.json {
            let ok = CommandStatus::ESME_ROK;
            return print(&json!({
                "event": "submitted", "message_id": message_id,
                "command_status": ok.0, "command_status_name": ok.name(),
            }));
        }
        print(&shown(&message_id))
    }

    /// Only in JSON: for people there is the line on standard error.
    pub(crate) fn rejected(self, status: CommandStatus) -> io::Result<()> {
        if self.json {
            print(&json!({
                "event": "rejected", "command_status": status.0, "command_status_name": status.to_string(),
            }))?;
        }
        Ok(())
    }

    pub(crate) fn arrived(self, arrival: &Arrival) -> io::Result<()> {
        if self.json {
            print(&as_json(arrival))
        } else {
            print(&as_line(arrival))
        }
    }

    /// The receipt that was waited for.
    pub(crate) fn receipt(self, arrival: &Arrival, receipt: &Receipt) -> io::Result<()> {
        if self.json {
            print(&as_json(arrival))
        } else {
            print(&receipt_line(receipt))
        }
    }

    /// What came meanwhile, and was not waited for: not among the lines of one who reads them in a script.
    pub(crate) fn aside(self, arrival: &Arrival) -> io::Result<()> {
        if self.json {
            return print(&as_json(arrival));
        }
        // Who does not read it has not asked for it either.
        let _ = writeln!(io::stderr(), "also arrived: {}", as_line(arrival));
        Ok(())
    }

    /// Only in JSON.
    pub(crate) fn closed(self, reason: CloseReason) -> io::Result<()> {
        if self.json {
            print(&json!({ "event": "closed", "reason": reason.to_string() }))?;
        }
        Ok(())
    }
}

fn print(line: &dyn std::fmt::Display) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}

fn as_line(arrival: &Arrival) -> String {
    match arrival {
        Arrival::Alert(alert) => format!("{} is available", shown(&text(&alert.source_addr))),
        Arrival::Message(message) => {
            let (from, to) = (text(&message.source_addr), text(&message.destination_addr));
            let content = match (&message.receipt, message.text()) {
                (Some(receipt), _) => receipt_line(receipt),
                (None, Some(text)) => shown(&text),
                (None, None) => format!("{} octets {}", message.data_coding, hex(&message.octets)),
            };
            let kind = if message.receipt.is_some() { "receipt " } else { "" };
            format!("{kind}{} -> {}: {content}", shown(&from), shown(&to))
        }
    }
}

fn receipt_line(receipt: &Receipt) -> String {
    let id = receipt.id.as_deref().map(|id| format!("id:{}", shown(id)));
    let field = |key| Some(format!("{key}:{}", shown(receipt.field(key)?)));
    let stat = field("stat").or_else(|| Some(format!("stat:{}", receipt.message_state?)));
    [id, stat, field("err"), field("submit_date"), field("done_date")]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ")
}

fn as_json(arrival: &Arrival) -> Value {
    let mut object = Map::new();
    match arrival {
        Arrival::Alert(alert) => {
            object.insert("event".into(), "alert_notification".into());
            address(&mut object, "source_addr", "source_addr", &alert.source_addr);
            address(&mut object, "esme_addr", "esme_addr", &alert.esme_addr);
        }
        Arrival::Message(message) => message_object(&mut object, message),
    }
    object.into()
}

fn message_object(object: &mut Map<String, Value>, message: &Message) {
    let kind = if message.receipt.is_some() {
        "receipt"
    } else {
        "message"
    };
    object.insert("event".into(), kind.into());
    object.insert("operation".into(), message.operation.into());
    if let Some(receipt) = &message.receipt {
        object.insert("id".into(), receipt.id.as_deref().into());
        for (key, value) in &receipt.fields {
            object.insert((*key).into(), value.as_str().into());
        }
        if let Some(state) = receipt.message_state {
            object.insert("message_state".into(), state.0.into());
        }
    }
    address(object, "source_addr", "source_addr", &message.source_addr);
    address(object, "dest_addr", "destination_addr", &message.destination_addr);
    object.insert("esm_class".into(), message.esm_class.0.into());
    object.insert("data_coding".into(), message.data_coding.0.into());
    let field = if message.is_payload {
        "message_payload"
    } else {
        "short_message"
    };
    object.insert(field.into(), hex(&message.octets).into());
    object.insert("text".into(), message.text().into());
}

fn address(object: &mut Map<String, Value>, prefix: &str, name: &str, address: &Address) {
    object.insert(format!("{prefix}_ton"), address.ton.0.into());
    object.insert(format!("{prefix}_npi"), address.npi.0.into());
    object.insert(name.into(), text(address).into());
}

fn text(address: &Address) -> String {
    String::from_utf8_lossy(address.addr.as_bytes()).into_owned()
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// On one line, and without what a terminal would obey.
fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => shown.push_str("\\\\"),
            c if c.is_control() => shown.extend(c.escape_default()),
            c => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys() {
        assert_eq!(shown("Grüße\n\x1b[2J\u{9b}\\"), "Grüße\\n\\u{1b}[2J\\u{9b}\\\\");
    }
}
