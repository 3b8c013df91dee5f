//! The figures of the documents are those that `cargo xtask figures` draws.

use std::fs;
use std::path::Path;

#[test]
fn figures_are_what_is_measured() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/figures");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .expect("`cargo xtask figures` draws them")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .collect();
    for (name, svg) in e2compress_bench::figures::all() {
        let there = fs::read_to_string(folder.join(name)).expect("`cargo xtask figures` draws it");
        assert!(there == svg, "`cargo xtask figures` draws another {name}");
        names.retain(|found| found != name);
    }
    assert_eq!(names, [""; 0], "nothing draws these");
}
