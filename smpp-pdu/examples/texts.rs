//! What a text takes, as a table: how many units and parts in the best coding, and what GSM 7-bit would lose.
//!
//! ```sh
//! cargo run -p smpp-pdu --example texts
//! cargo run -p smpp-pdu --example texts -- 'a text of your own' 'and another'
//! ```

use smpp_pdu::DataCoding;
use smpp_pdu::split::{Split, SplitError};
use smpp_pdu::text::{Alphabet, Consider, Profile};

fn main() -> Result<(), SplitError> {
    let mut texts: Vec<String> = std::env::args().skip(1).collect();
    if texts.is_empty() {
        texts = some_texts();
    }
    print!("{}", table(&texts)?);
    Ok(())
}

/// Those of the chapter "Text and long messages": around what fits into one short message, and what takes two.
pub(crate) fn some_texts() -> Vec<String> {
    let short = ["Hello", "5 € [net]", "ağaç", "Grüße 😀"].map(String::from);
    let long = ["x".repeat(160), "x".repeat(161), "ж".repeat(70), "ж".repeat(71)];
    [short, long].concat()
}

/// In Markdown. Fails if a text takes more than 255 parts.
pub(crate) fn table(texts: &[String]) -> Result<String, SplitError> {
    let mut table = String::from("| text | data_coding | units | parts | lost in GSM 7-bit |\n|---|---|---|---|---|\n");
    for text in texts {
        table.push_str(&row(text)?);
    }
    Ok(table)
}

/// One line of the table.
fn row(text: &str) -> Result<String, SplitError> {
    let best = Profile::default().best(text, Consider::default());
    let parts = Split::default().text(text, best.alphabet)?;
    let unit = match best.data_coding {
        DataCoding::UCS2 => "of UCS-2",
        _ => "septets",
    };
    let lost: Vec<String> = Alphabet::GSM.lost(text).map(|(_, c)| c.to_string()).collect();
    let lost = match lost.len() {
        0 => "none".into(),
        1..=4 => lost.join(" "),
        many => format!("{many} characters"),
    };
    Ok(format!(
        "| {} | {} | {} {unit} | {} | {lost} |\n",
        shown(text),
        best.data_coding.0,
        parts.units(),
        parts.len()
    ))
}

/// Short ones whole; of a character that repeats, how often.
fn shown(text: &str) -> String {
    let count = text.chars().count();
    match text.chars().next() {
        Some(first) if count > 20 && text.chars().all(|c| c == first) => format!("{count} times `{first}`"),
        _ if count > 20 => format!("`{}…`", text.chars().take(20).collect::<String>()),
        _ => format!("`{text}`"),
    }
}
