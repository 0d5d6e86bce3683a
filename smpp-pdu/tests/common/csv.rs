//! Comma-separated values, with quotes.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// One line, by the names of the columns.
pub(crate) type Row = BTreeMap<String, String>;

/// A table of the specification: the copy beside the tests, or where `SMPP_SPEC` says.
pub(crate) fn spec_or_env(name: &str) -> Vec<Row> {
    let dir = std::env::var_os("SMPP_SPEC").map_or_else(copies, PathBuf::from);
    read(dir.join(name))
}

/// A table of the specification: the copy beside the tests.
pub(crate) fn spec(name: &str) -> Vec<Row> {
    read(copies().join(name))
}

fn copies() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/spec")
}

fn read(path: PathBuf) -> Vec<Row> {
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut lines = cells(&text).into_iter();
    let head = lines.next().unwrap();
    let row = |line: Vec<String>| {
        assert_eq!(line.len(), head.len(), "{}: {line:?}", path.display());
        head.iter().cloned().zip(line).collect()
    };
    lines.map(row).collect()
}

fn cells(text: &str) -> Vec<Vec<String>> {
    let (mut lines, mut line, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => line.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                line.push(std::mem::take(&mut cell));
                lines.push(std::mem::take(&mut line));
            }
            '\r' if !quoted => {}
            c => cell.push(c),
        }
    }
    assert!(cell.is_empty() && line.is_empty(), "the last line does not end");
    lines
}

/// `0x1f` or `31`.
pub(crate) fn number(cell: &str) -> u32 {
    let parsed = match cell.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => cell.parse(),
    };
    parsed.unwrap_or_else(|_| panic!("no number: {cell}"))
}
