//! What a field says besides its number or octets: data_coding, and the content of short_message.

use super::{Expect, Verdict, is, judge, string};
use serde_json::Value;
use smpp_pdu::DataCoding;
use smpp_pdu::text::{Alphabet, Content, MessageClass};

/// An alphabet, a class and a group.
pub(crate) fn data_coding(expect: &Expect, octets: &[u8], not_judged: &mut dyn FnMut(&str)) -> Verdict {
    let &[octet] = octets else {
        return Err("not one octet".into());
    };
    let scheme = DataCoding(octet).scheme();
    for (key, expected) in expect {
        match key.as_str() {
            "type" => {}
            "alphabet" => is(Some(named(scheme.content)), expected.as_str(), key)?,
            "message_class" => {
                let class = scheme.class.map(|class| match class {
                    MessageClass::Flash => 0,
                    MessageClass::Handset => 1,
                    MessageClass::Sim => 2,
                    MessageClass::Terminal => 3,
                });
                is(class, expected.as_u64(), key)?;
            }
            "compressed" => is(Some(scheme.compressed), expected.as_bool(), key)?,
            // Of the groups, a scheme tells this one.
            "group" => is(scheme.waiting.is_some(), expected == "message waiting", key)?,
            key => not_judged(key),
        }
    }
    Ok(())
}

fn named(content: Content) -> &'static str {
    match content {
        Content::Default => "default",
        Content::Ia5 => "ia5",
        Content::Octets => "8bit",
        Content::Latin1 => "latin1",
        Content::Ucs2 => "ucs2",
        Content::Reserved => "reserved",
        _ => "another",
    }
}

/// A header and what follows it, as of a vector of kind `udh`; or a text, of the default alphabet.
pub(crate) fn content(expect: &Expect, short_message: &[u8], not_judged: &mut dyn FnMut(&str)) -> Verdict {
    let header = expect.get("udh").map(|elements| ("ies".to_string(), elements.clone()));
    let Some(header) = header else {
        return match string(expect, "text") {
            Some(text) => is(Alphabet::GSM.decode(short_message).as_deref(), Ok(text), "text"),
            None => Ok(()),
        };
    };
    let others = ["payload", "concat", "text"].map(|key| (key.to_string(), expect.get(key).cloned()));
    let others = others.into_iter().filter_map(|(key, value)| Some((key, value?)));
    let of_header: serde_json::Map<String, Value> = others.chain([header]).collect();
    judge("udh", "well-formed", &of_header, short_message, not_judged).ok_or("no such kind")?
}
