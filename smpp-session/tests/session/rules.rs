//! The rules of the specification that octets at one session can show, as a table: what comes, and exactly what goes
//! out and is told. The table stands in `rules/`, an area a file, in the small language that `script.rs` reads.

mod script;

use script::Story;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const RULES: &str = include_str!("../spec/rules.csv");

const TABLE: [(&str, &str); 7] = [
    ("framing", include_str!("rules/framing.txt")),
    ("dispatch", include_str!("rules/dispatch.txt")),
    ("sequence", include_str!("rules/sequence.txt")),
    ("version", include_str!("rules/version.txt")),
    ("response_body", include_str!("rules/response_body.txt")),
    ("session", include_str!("rules/session.txt")),
    ("flow", include_str!("rules/flow.txt")),
];

/// What the table says of one rule.
#[derive(Debug, Default)]
struct Row<'a> {
    stories: Vec<Story<'a>>,
    /// The test of another layer, or of another kind, that shows it: file and function.
    elsewhere: Vec<(&'a str, &'a str)>,
    /// The crate whose it is, where no test is named, and why.
    owner: Option<&'a str>,
    /// Why it is not followed as it stands.
    against: Option<&'a str>,
}

fn rows(area: &'static str) -> BTreeMap<&'static str, Row<'static>> {
    let mut rows = BTreeMap::<_, Row<'_>>::new();
    let (mut rule, mut at) = ("", 0);
    for line in area.lines() {
        at += 1;
        let text = line.split('#').next().unwrap_or_default().trim();
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        if word.is_empty() {
            continue;
        }
        if let [b'R', b'0'..=b'9', ..] = word.as_bytes() {
            assert!(rows.insert(word, Row::default()).is_none(), "{word} twice");
            rule = word;
            continue;
        }
        let row = rows.get_mut(rule).unwrap_or_else(|| panic!("line {at}: no rule"));
        match word {
            "esme" | "smsc" => row.stories.push(Story::new(at, text)),
            "elsewhere" => row.elsewhere.push(rest.split_once(' ').expect("a file and a function")),
            "owner" => row.owner = Some(rest),
            "against" => row.against = Some(rest),
            _ => {
                let story = row.stories.last_mut().unwrap_or_else(|| panic!("line {at}: no story"));
                story.step(at, word, rest);
            }
        }
    }
    rows
}

#[test]
fn every_rule_has_a_row_and_every_row_a_rule() {
    let mut listed = BTreeMap::<_, BTreeSet<_>>::new();
    for rule in RULES.lines().skip(1) {
        let (id, rest) = rule.split_once(',').unwrap();
        listed.entry(rest.split(',').next().unwrap()).or_default().insert(id);
    }
    for (area, text) in TABLE {
        let rows = rows(text);
        assert_eq!(rows.keys().copied().collect::<BTreeSet<_>>(), listed[area], "{area}");
        for (id, row) in &rows {
            let shown = !row.stories.is_empty() || !row.elsewhere.is_empty() || row.owner.is_some();
            assert!(shown, "{id} has nothing that shows it");
            assert!(
                row.against.is_none() || !row.stories.is_empty(),
                "{id}: what is done instead?"
            );
            assert!(row.stories.iter().all(Story::shows_something), "{id}");
        }
    }
}

/// A rule that another test shows names one that is there.
#[test]
fn what_is_shown_elsewhere_is_there() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (_, text) in TABLE {
        for (id, row) in rows(text) {
            for (file, function) in row.elsewhere {
                let source = std::fs::read_to_string(workspace.join(file)).unwrap_or_default();
                assert!(
                    source.contains(&format!("fn {function}(")),
                    "{id}: no {function} in {file}"
                );
            }
            if let Some(owner) = row.owner {
                let name = owner.split([' ', ':']).next().unwrap();
                assert!(
                    workspace.join(name).join("Cargo.toml").exists(),
                    "{id}: no crate {name}"
                );
            }
        }
    }
}

#[test]
fn every_story() {
    let mut wrong = Vec::new();
    for (area, text) in TABLE {
        for (id, row) in rows(text) {
            for story in row.stories {
                if let Err(what) = story.play() {
                    wrong.push(format!("{id}, {area}.txt:{what}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}
