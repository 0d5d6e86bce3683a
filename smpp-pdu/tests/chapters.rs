//! The numbers in the book are those that the code counts.

#[allow(dead_code)] // its `main`
#[path = "../examples/texts.rs"]
mod texts;

#[test]
fn the_table_of_texts_is_what_the_example_prints() {
    let chapter = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/text.md")).unwrap();
    let printed = texts::table(&texts::some_texts()).unwrap();
    let head = printed.lines().next().unwrap();
    let from = chapter.find(head).expect("the chapter has no such table");
    let table: String = chapter[from..]
        .split_inclusive('\n')
        .take_while(|line| line.starts_with('|'))
        .collect();
    assert_eq!(table, printed);
}
