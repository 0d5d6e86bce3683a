//! The book's chapter names every setting, and tells the defaults as they are.

use smpp_session::Config;

const CHAPTER: &str = include_str!("../../../docs/session.md");

/// The second cell of the row that begins with the setting.
fn told(setting: &str) -> Option<String> {
    let row = CHAPTER
        .lines()
        .find_map(|line| line.strip_prefix(&format!("| `{setting}` | ")))?;
    let cell = row.split(" | ").next()?;
    Some(cell.replace([',', ' '], "").replace("octets", ""))
}

#[test]
fn every_setting_and_its_default() {
    let config = format!("{:#?}", Config::default());
    let mut compared = 0;
    for line in config.lines() {
        // A field of its own, and not of a field.
        let Some((setting, default)) = line.strip_prefix("    ").and_then(|line| line.split_once(": ")) else {
            continue;
        };
        if setting.starts_with(' ') {
            continue;
        }
        assert!(CHAPTER.contains(&format!("`{setting}`")), "{setting} is not told");
        let default = default.trim_end_matches(',').replace("None", "off");
        if default.starts_with(|c: char| c.is_ascii_digit()) || default == "off" {
            assert_eq!(told(setting).as_deref(), Some(&*default), "{setting}");
            compared += 1;
        }
    }
    assert!(compared >= 14, "{compared}");
}
