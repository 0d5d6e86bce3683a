//! Receipts, as far as one who waits for his own needs to read them: what stands behind the known keys of the text
//! (v3.4 Appendix B), wherever they stand. What is missing, or written otherwise, is absent.

use smpp_esme::pdu::{MessageState, Tlvs, tlv};

/// What a receipt says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Receipt {
    /// From receipted_message_id, else from the text.
    pub(crate) id: Option<String>,
    pub(crate) message_state: Option<MessageState>,
    /// The other fields of the text: the key with `_` for a space, and the value.
    pub(crate) fields: Vec<(&'static str, String)>,
}

impl Receipt {
    pub(crate) fn new(text: &[u8], tlvs: &Tlvs) -> Self {
        let text = String::from_utf8_lossy(text);
        let fields = KEYS.iter().filter_map(|&(key, names)| {
            let value = names.iter().find_map(|name| value(&text, name))?;
            Some((key, value.into()))
        });
        let receipted = tlvs.get(tlv::RECEIPTED_MESSAGE_ID).ok().flatten();
        Self {
            id: receipted
                .map(|id| String::from_utf8_lossy(id).into_owned())
                .or_else(|| value(&text, "id:").map(Into::into)),
            message_state: tlvs.get(tlv::MESSAGE_STATE).ok().flatten(),
            fields: fields.collect(),
        }
    }

    pub(crate) fn field(&self, key: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(name, _)| *name == key);
        found.map(|(_, value)| value.as_str())
    }

    /// Whether another receipt is to come for the same message.
    pub(crate) fn is_intermediate(&self) -> bool {
        match self.message_state {
            Some(state) => matches!(state, MessageState::SCHEDULED | MessageState::ENROUTE),
            None => self
                .field("stat")
                .is_some_and(|stat| stat.eq_ignore_ascii_case("ENROUTE")),
        }
    }
}

/// What stands behind `name` up to the next space; `name` may be written in either case, and must begin a word.
fn value<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let begins = |at: usize| at == 0 || text.as_bytes().get(at - 1) == Some(&b' ');
    let found = text.char_indices().map(|(at, _)| at).find_map(|at| {
        let candidate = text.get(at..at + name.len())?;
        (begins(at) && candidate.eq_ignore_ascii_case(name)).then(|| text.get(at + name.len()..))?
    })?;
    let value = found.split(' ').next().unwrap_or_default();
    (!value.is_empty()).then_some(value)
}

/// How they are called here, and how SMSCs write them.
const KEYS: &[(&str, &[&str])] = &[
    ("sub", &["sub:"]),
    ("dlvrd", &["dlvrd:"]),
    ("submit_date", &["submit date:", "submitdate:"]),
    ("done_date", &["done date:", "donedate:"]),
    ("stat", &["stat:"]),
    ("err", &["err:"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> (Option<String>, Vec<(&'static str, String)>) {
        let receipt = Receipt::new(text.as_bytes(), &Tlvs::default());
        (receipt.id, receipt.fields)
    }

    #[test]
    fn appendix_b() {
        let (id, fields) = fields(
            "id:0123456789 sub:001 dlvrd:001 submit date:2511241200 done date:2511241201 stat:DELIVRD err:000 text:id:7",
        );
        assert_eq!(id.as_deref(), Some("0123456789"));
        let fields: Vec<_> = fields.iter().map(|(key, value)| (*key, value.as_str())).collect();
        assert_eq!(
            fields,
            [
                ("sub", "001"),
                ("dlvrd", "001"),
                ("submit_date", "2511241200"),
                ("done_date", "2511241201"),
                ("stat", "DELIVRD"),
                ("err", "000"),
            ]
        );
    }

    #[test]
    fn what_smscs_write_instead() {
        let (id, found) = fields("stat:UNDELIV ID:a-b submitdate:2511241200 err: Text:x");
        assert_eq!(id.as_deref(), Some("a-b"));
        assert_eq!(
            found,
            [("submit_date", "2511241200".into()), ("stat", "UNDELIV".into())]
        );
        for text in ["", "id:", "valid:1", "ид:1", "Hello"] {
            assert_eq!(fields(text), (None, vec![]), "{text}");
        }
    }

    #[test]
    fn the_tlvs_go_before_the_text() {
        let mut tlvs = Tlvs::default();
        tlvs.push(tlv::RECEIPTED_MESSAGE_ID, b"real").unwrap();
        tlvs.push(tlv::MESSAGE_STATE, MessageState::ENROUTE).unwrap();
        let receipt = Receipt::new(b"id:other stat:DELIVRD", &tlvs);
        assert_eq!(receipt.id.as_deref(), Some("real"));
        assert!(receipt.is_intermediate());
        assert!(!Receipt::new(b"id:1 stat:DELIVRD", &Tlvs::default()).is_intermediate());
        assert!(Receipt::new(b"id:1 stat:ENROUTE", &Tlvs::default()).is_intermediate());
    }
}
