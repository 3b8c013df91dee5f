//! Golden bytes: the SHA-256 of every output of every conformance input under every option set, and of
//! the MRC file that output expands to. One table for every number of threads.
//!
//! A change of the bytes is made on purpose, in a commit of its own:
//! `E2COMPRESS_GOLDEN=record cargo test -p e2compress --test golden` writes the table anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use e2compress_fixtures::{OPTION_SETS, data};
use sha2::{Digest, Sha256};

/// What stands in the table for a file that was not written.
const REFUSED: &str = "refused";

/// The option sets of the conformance tables, and the defaults.
fn option_sets() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    [("defaults", &[][..])].into_iter().chain(OPTION_SETS)
}

/// Input and option set -> SHA-256 of the HDF5 file and of the MRC file it expands to.
type Table = BTreeMap<(String, String), (String, String)>;

/// The conformance inputs, by their path below `tests/data`.
fn inputs() -> Vec<String> {
    let mut names = Vec::new();
    for folder in ["", "eman2-hdf/"] {
        for entry in fs::read_dir(data().join(folder)).expect("the folder can be read") {
            let name =
                entry.expect("the folder can be read").file_name().into_string().expect("a plain name");
            if [".mrc", ".mrcs", ".st", ".hdf"].iter().any(|end| name.ends_with(end)) {
                names.push(format!("{folder}{name}"));
            }
        }
    }
    names.sort();
    names
}

/// The SHA-256 of a file, in hexadecimal.
fn sha256(path: &Path) -> String {
    let Ok(bytes) = fs::read(path) else { return REFUSED.into() };
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string grows");
        text
    })
}

/// Runs the command in the folder of the inputs. What it refuses shows in the table.
fn e2compress(words: &[&str]) {
    Command::new(env!("CARGO_BIN_EXE_e2compress"))
        .args(words)
        .current_dir(data())
        .output()
        .expect("the command starts");
}

/// Compresses and expands everything with so many threads.
fn computed(threads: &str) -> Table {
    let inputs = inputs();
    let mut table = Table::new();
    for (name, options) in option_sets() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let place = |ending: &str| folder.path().join(ending).to_str().expect("a plain name").to_owned();
        let (packed, back) = (place("packed"), place("back"));
        let mut words = vec!["--threads", threads, "--outpath", &packed];
        words.extend(options);
        words.extend(inputs.iter().map(String::as_str));
        e2compress(&words);

        let stem =
            |input: &str| Path::new(input).file_stem().and_then(|stem| stem.to_str()).unwrap().to_owned();
        let outputs: Vec<String> =
            inputs.iter().map(|input| format!("{packed}/{}.hdf", stem(input))).collect();
        let mut words = vec!["expand", "--threads", threads, "--outpath", &back];
        words.extend(outputs.iter().map(String::as_str));
        e2compress(&words);

        for (input, output) in inputs.iter().zip(&outputs) {
            let mrc = ["mrc", "mrcs"].map(|ending| Path::new(&back).join(stem(input)).with_extension(ending));
            let expanded = mrc.iter().find(|path| path.exists()).unwrap_or(&mrc[0]);
            let hashes = (sha256(Path::new(output)), sha256(expanded));
            table.insert((input.clone(), name.to_owned()), hashes);
        }
    }
    table
}

fn recorded() -> Table {
    let text = fs::read_to_string(data().join("golden.tsv")).expect("the table can be read");
    let line = |line: &str| {
        let words: Vec<String> = line.split('\t').map(str::to_owned).collect();
        let [input, options, hdf, mrc] = words.try_into().expect("a line has four columns");
        ((input, options), (hdf, mrc))
    };
    text.lines().map(line).collect()
}

fn check(threads: &str) {
    let computed = computed(threads);
    if std::env::var_os("E2COMPRESS_GOLDEN").is_some_and(|word| word == "record") {
        let mut text = String::new();
        for ((input, options), (hdf, mrc)) in &computed {
            writeln!(text, "{input}\t{options}\t{hdf}\t{mrc}").expect("a string grows");
        }
        fs::write(data().join("golden.tsv"), text).expect("the table can be written");
        return;
    }
    let recorded = recorded();
    assert_eq!(recorded.len(), option_sets().count() * inputs().len(), "the table has a line for each case");
    let changed: Vec<_> = computed.iter().filter(|(case, found)| recorded.get(case) != Some(found)).collect();
    assert!(changed.is_empty(), "{} outputs have other bytes, the first: {:?}", changed.len(), changed[0]);
}

#[test]
fn bytes_with_one_thread() {
    check("1");
}

#[test]
fn bytes_with_two_threads() {
    check("2");
}

#[test]
fn bytes_with_seven_threads() {
    check("7");
}
