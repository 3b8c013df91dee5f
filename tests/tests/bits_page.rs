//! `docs/bits.md`: its figures are those that `cargo xtask figures` draws, its outputs those of the command.

use std::fs;
use std::path::{Path, PathBuf};

use e2compress_fixtures::{complaint, run};

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn page() -> String {
    fs::read_to_string(project().join("docs/bits.md")).expect("the page is there")
}

#[test]
fn figures_are_what_is_measured() {
    let page = page();
    let folder = project().join("docs/figures");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .expect("`cargo xtask figures` draws them")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        // The others are pictures of the page, by `cargo xtask screenshots`.
        .filter(|name| !name.starts_with("page-"))
        .collect();
    for (name, svg) in e2compress_bench::figures::all() {
        let there = fs::read_to_string(folder.join(name)).expect("`cargo xtask figures` draws it");
        assert!(there == svg, "`cargo xtask figures` draws another {name}");
        assert!(page.contains(&format!("(figures/{name})")), "the page does not show {name}");
        names.retain(|found| found != name);
    }
    assert_eq!(names, [""; 0], "nothing draws these");
}

/// A command of the page with the lines that it shows of what is printed, in order; `...` stands for any lines.
#[test]
fn outputs_are_what_is_printed() {
    const PROMPT: &str = "    $ e2compress ";
    let page = page();
    let mut lines = page.lines().peekable();
    let mut commands = 0;
    while let Some(line) = lines.next() {
        let Some(command) = line.strip_prefix(PROMPT) else { continue };
        let words: Vec<&str> = command.split(' ').collect();
        let output = run(env!("CARGO_BIN_EXE_e2compress-tested"), &project(), &words);
        assert!(output.status.success(), "{command}: {}", complaint(&output));
        let printed = String::from_utf8(output.stdout).expect("text");
        let mut rest = printed.lines();
        while let Some(shown) = lines.next_if(|line| line.starts_with("    ")) {
            let shown = &shown[4..];
            // Sizes, in the last column or at the end, may be left out.
            let is_it = |line: &str| {
                let more = line.strip_prefix(shown);
                more.is_some_and(|more| more.is_empty() || more.starts_with("  ") || more.starts_with(", "))
            };
            assert!(shown == "..." || rest.any(is_it), "{command} prints\n{printed}\nand not {shown:?}");
        }
        commands += 1;
    }
    assert!(commands > 4, "only {commands} commands");
}
