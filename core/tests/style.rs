//! Holds the repository's text to `docs/style.md`: the old words in its table, and the summaries of functions.

use std::fs;
use std::path::{Path, PathBuf};

/// The page whose table is checked; it alone may hold the old words.
const PAGE: &str = "docs/style.md";

/// Extensions of the files that are read.
const EXTENSIONS: [&str; 4] = ["rs", "ts", "html", "md"];

/// Folders of what is built or fetched.
const SKIPPED: [&str; 5] = ["target", "node_modules", "dist", "generated", ".git"];

/// Words that end in s and are no verbs: summaries that start with one of these name a thing.
const NOUNS: [&str; 28] = [
    "Address",
    "As",
    "Attributes",
    "Bits",
    "Blocks",
    "Boxes",
    "Bytes",
    "Cells",
    "Chunks",
    "Codes",
    "Columns",
    "Elements",
    "Entries",
    "Files",
    "Floats",
    "Images",
    "Is",
    "Its",
    "Limits",
    "Numbers",
    "Pixels",
    "Rows",
    "Statistics",
    "Texts",
    "This",
    "Values",
    "Was",
    "Zeros",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Lists the files below a folder that have one of the extensions.
fn files(folder: &Path, extensions: &[&str], into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        let (path, name) = (entry.path(), entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            if !SKIPPED.iter().any(|skipped| name == *skipped) {
                files(&path, extensions, into);
            }
        } else if path.extension().is_some_and(|end| extensions.iter().any(|one| end == *one)) {
            into.push(path);
        }
    }
}

/// Splits text into lower-case words and single signs, each with its line, without the marks of comments.
fn tokens(text: &str) -> Vec<(usize, String)> {
    let mut tokens = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim_start().trim_start_matches(['/', '!', '*', '|', '>', ' ']);
        let mut word = String::new();
        for sign in line.chars().chain([' ']) {
            let sign = if sign == '\u{2019}' { '\'' } else { sign };
            if sign.is_alphanumeric() || sign == '\'' || sign == '_' {
                word.extend(sign.to_lowercase());
                continue;
            }
            let found = word.trim_matches('\'');
            if !found.is_empty() {
                tokens.push((index + 1, found.to_owned()));
            }
            word.clear();
            if !sign.is_whitespace() {
                tokens.push((index + 1, sign.to_string()));
            }
        }
    }
    tokens
}

/// Finds an old word in tokens; returns the lines it starts in.
fn lines_with(old: &str, tokens: &[(usize, String)]) -> Vec<usize> {
    let old = self::tokens(old);
    let same = |window: &&[(usize, String)]| window.iter().zip(&old).all(|(found, old)| found.1 == old.1);
    tokens.windows(old.len()).filter(same).map(|window| window[0].0).collect()
}

/// Reads the old and new words from the page's table.
fn table() -> Vec<(String, String)> {
    let page = fs::read_to_string(root().join(PAGE)).expect("the page");
    let rows = page.lines().skip_while(|line| *line != "| old | new |").skip(2);
    rows.map(|row| {
        let (old, new) = row.trim_matches(['|', ' ']).split_once(" | ").expect("two columns");
        (old.to_owned(), new.to_owned())
    })
    .collect()
}

/// Finds summaries of functions that do not start with a verb in the third person; returns their lines.
fn summaries_without_a_verb(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut summary: Option<(usize, String)> = None;
    let mut in_attribute = false;
    for (index, line) in text.lines().map(str::trim).enumerate() {
        if let Some(words) = line.strip_prefix("///") {
            summary.get_or_insert_with(|| (index + 1, words.trim().to_owned()));
        } else if in_attribute || line.starts_with("#[") {
            in_attribute = !line.ends_with(']');
        } else if let Some((line_number, summary)) = summary.take()
            && is_function(line)
            && !starts_with_verb(&summary)
        {
            found.push((line_number, summary));
        }
    }
    found
}

fn is_function(line: &str) -> bool {
    let code = line.strip_prefix("pub").map_or(line, |rest| match rest.strip_prefix('(') {
        Some(rest) => rest.split_once(')').map_or(rest, |(_, rest)| rest),
        None => rest,
    });
    let qualifiers = ["const", "async", "unsafe", "extern"];
    code.split_whitespace().find(|word| !qualifiers.contains(word)) == Some("fn")
}

fn starts_with_verb(summary: &str) -> bool {
    let word: String = summary.chars().take_while(char::is_ascii_alphabetic).collect();
    let capitalised = word.starts_with(|first: char| first.is_ascii_uppercase());
    let rest = summary[word.len()..].chars().next();
    capitalised
        && word.len() > 1
        && word[1..].bytes().all(|letter| letter.is_ascii_lowercase())
        && word.ends_with('s')
        && !NOUNS.contains(&word.as_str())
        && matches!(rest, None | Some(' ' | ',' | ';' | ':'))
}

#[test]
fn no_old_word_comes_back() {
    let (root, table) = (root(), table());
    assert!(table.len() > 30, "{} rows", table.len());
    let mut paths = Vec::new();
    files(&root, &EXTENSIONS, &mut paths);
    assert!(paths.len() > 200, "{} files", paths.len());
    let mut found = Vec::new();
    for path in paths.iter().filter(|path| !path.ends_with(PAGE)) {
        let tokens = tokens(&fs::read_to_string(path).expect("text"));
        let name = path.strip_prefix(&root).expect("below the root").display();
        for (old, new) in &table {
            let places = lines_with(old, &tokens).into_iter();
            found.extend(places.map(|line| format!("{name}:{line}: \"{old}\", better: {new}")));
        }
    }
    assert!(found.is_empty(), "{PAGE} has better words:\n{}", found.join("\n"));
}

#[test]
fn summaries_of_functions_start_with_a_verb() {
    let mut paths = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &["rs"], &mut paths);
    assert!(paths.len() > 100, "{} files", paths.len());
    let mut found = Vec::new();
    for path in &paths {
        let text = fs::read_to_string(path).expect("text");
        let summaries = summaries_without_a_verb(&text).into_iter();
        found.extend(summaries.map(|(line, summary)| format!("{}:{line}: {summary}", path.display())));
    }
    assert!(found.is_empty(), "these do not start with a verb:\n{}", found.join("\n"));
}

#[test]
fn every_old_word_would_be_found() {
    for (old, new) in table() {
        for text in [format!("so {old} it"), format!("\"{old}\""), old.to_uppercase()] {
            assert!(!lines_with(&old, &tokens(&text)).is_empty(), "{text}");
        }
        let split = format!("first\n    /// {}", old.replace(' ', "\n    /// "));
        assert_eq!(lines_with(&old, &tokens(&split)), [2], "{split}");
        assert!(lines_with(&old, &tokens(&format!("x{old}x"))).is_empty(), "{old} in another word");
        assert!(lines_with(&old, &tokens(&new)).is_empty(), "{old} in {new}");
    }
}

#[test]
fn summaries_are_told_apart() {
    let text = "/// Of a whole image.\n#[must_use]\npub(crate) const fn of() {}\n\
                /// Bytes of a row.\nfn bytes() {}\n\
                /// Sums a block.\n///\n/// # Panics\n#[expect(\n    clippy::x,\n)]\nfn sum() {}\n\
                /// What is not checked: no function.\nstruct Thing;\n\
                fn bare() {}\n/// HDF5's own.\npub fn own() {}\n";
    let lines: Vec<usize> = summaries_without_a_verb(text).into_iter().map(|(line, _)| line).collect();
    assert_eq!(lines, [1, 4, 16]);
}
