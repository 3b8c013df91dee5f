//! What a dry run says is what the run says then: its refusals, its warnings and its status, in the same words.

use std::fs;
use std::path::Path;

use e2compress_fixtures::{data, told};
use tempfile::{TempDir, tempdir};

const PROGRAM: &str = env!("CARGO_BIN_EXE_e2compress");

/// A folder with an image, a stack, another image of the same name, an HDF file, and outputs of the first two.
fn folder() -> TempDir {
    let folder = tempdir().unwrap();
    let here = folder.path();
    for name in ["other", "tree", "taken/a.hdf"] {
        fs::create_dir_all(here.join(name)).unwrap();
    }
    for (from, to) in [
        ("u16_micrograph.mrc", "a.mrc"),
        ("f32_stack.mrcs", "b.mrcs"),
        ("u16_micrograph.mrc", "tree/a.mrc"),
        ("nan_pixel.mrc", "nan.mrc"),
    ] {
        fs::copy(data().join(from), here.join(to)).unwrap();
    }
    let mut other = fs::read(here.join("a.mrc")).unwrap();
    let end = other.len();
    other[end - 40..].fill(0xff);
    fs::write(here.join("other/a.mrc"), other).unwrap();
    fs::write(here.join("tree/notes.txt"), "notes").unwrap();
    for bits in ["--bits 5", "--bits 0 --outpath floats"] {
        assert_eq!(run(here, &format!("{bits} a.mrc b.mrcs")).0, Some(0));
    }
    fs::create_dir(here.join("copied")).unwrap();
    fs::write(here.join("copied/notes.txt"), "others").unwrap();
    folder
}

fn run(folder: &Path, line: &str) -> (Option<i32>, String, String) {
    told(PROGRAM, folder, line)
}

/// What went wrong and what is warned of, without what a run says of its end.
fn complaints(complaint: &str) -> Vec<String> {
    let of_end = ["note: ", " written", " would be replaced", " larger than"];
    complaint
        .lines()
        .filter(|line| !of_end.iter().any(|words| line.contains(words)))
        .map(str::to_owned)
        .collect()
}

/// Fails unless a dry run ends as the run itself does, and writes nothing.
fn agree(folder: &Path, line: &str, status: i32, words: &str) {
    let before = tree(folder);
    let dry = run(folder, &format!("{line} --dry-run"));
    assert_eq!(tree(folder), before, "{line}: nothing is written");
    assert_eq!(dry.0, Some(status), "{line}: {}{}", dry.1, dry.2);
    assert!(dry.2.contains(words), "{line}: {}", dry.2);
    let real = run(folder, line);
    assert_eq!(real.0, dry.0, "{line}: {}{}", real.1, real.2);
    assert_eq!(complaints(&real.2), complaints(&dry.2), "{line}");
}

fn tree(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .flat_map(|entry| {
            let path = entry.unwrap().path();
            let below = if path.is_dir() { tree(&path) } else { Vec::new() };
            below.into_iter().chain([path.to_str().unwrap().to_owned()])
        })
        .collect();
    names.sort();
    names
}

#[test]
fn refusals_are_those_of_the_run() {
    let folder = folder();
    let here = folder.path();
    for (line, status, words) in [
        // Other pixels of the same size.
        ("--bits 5 --outpath . other/a.mrc", 1, "a.hdf already exists and has another maximum in image 0"),
        ("--bits 0 --outpath floats other/a.mrc", 1, "already exists and has another maximum in image 0"),
        // Outputs that cannot be.
        ("--bits 5 --outpath taken a.mrc", 1, "the output taken/a.hdf is a folder"),
        ("--bits 5 --overwrite --outpath taken a.mrc", 1, "the output taken/a.hdf is a folder"),
        (
            "--bits 5 --outpath a.mrc b.mrcs",
            2,
            "cannot create the folder a.mrc: a.mrc is there and is no folder",
        ),
        ("--bits 5 --outpath a.mrc/below b.mrcs", 2, "cannot create the folder a.mrc/below"),
        (
            "--bits 5 --outpath new --report nowhere/r.jsonl a.mrc",
            2,
            "cannot write the report nowhere/r.jsonl",
        ),
        ("expand a.hdf", 1, "a.mrc already exists, perhaps the original"),
        ("expand --outpath b.mrcs a.hdf", 2, "cannot create the folder b.mrcs"),
        (
            "--bits 5 -r --copy-others --outpath copied tree",
            1,
            "notes.txt already exists and is another file",
        ),
        ("--bits 5 none.mrc", 1, "none.mrc: cannot open"),
        // What would be lost of a file that is replaced.
        ("--bits 5 --range=1e8,2e8 a.hdf", 1, "give --force to replace the file all the same"),
    ] {
        agree(here, line, status, words);
    }
    // The same picture may be replaced.
    agree(here, "--bits 4 --outpath . a.mrc", 0, "1 file would be written");
}

#[test]
fn what_is_to_be_a_file_and_a_folder_is_refused_before_anything_is_written() {
    let folder = folder();
    let here = folder.path();
    let put = |from: &str, to: &str| {
        let to = here.join(to);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(here.join(from), to).unwrap();
    };
    // Of an output and one, a copy, an output far below; of a copy and an output, and a copy; of several folders.
    for (from, to) in [
        ("a.mrc", "1/m.mrc"),
        ("b.mrcs", "1/m.hdf/n.mrcs"),
        ("a.mrc", "2/m.mrc"),
        ("tree/notes.txt", "2/m.hdf/x.txt"),
        ("a.mrc", "3/in/m.mrc"),
        ("b.mrcs", "3/in/m.hdf/below/n.mrcs"),
        ("tree/notes.txt", "4/x.txt"),
        ("a.mrc", "5/x.txt/m.mrc"),
        ("tree/notes.txt", "6/x.txt/y.txt"),
        ("a.hdf", "7/a.hdf"),
        ("a.hdf", "7/a.mrc/n.hdf"),
    ] {
        put(from, to);
    }
    for (line, words) in [
        (
            "--bits 5 -r 1",
            "1/m.mrc would be written to out/m.hdf, which is to be the folder of out/m.hdf/n.hdf (for 1/m.hdf/n.mrcs)",
        ),
        ("--bits 5 -r --copy-others 1", "out/m.hdf/n.hdf (for 1/m.hdf/n.mrcs)"),
        ("--bits 5 -r --copy-others 2", "out/m.hdf/x.txt (for 2/m.hdf/x.txt)"),
        ("--bits 5 -r 3", "3/in/m.mrc would be written to out/in/m.hdf"),
        ("--bits 5 -r --copy-others 4 5", "4/x.txt would be written to out/x.txt"),
        ("--bits 5 -r --copy-others 6 4", "4/x.txt would be written to out/x.txt"),
        ("expand -r 7", "7/a.hdf would be written to out/a.mrc"),
    ] {
        for shard in ["", " --shard 1/3", " --shard 2/3", " --shard 3/3"] {
            agree(here, &format!("{line} --outpath out{shard}"), 2, words);
            assert!(!here.join("out").exists(), "{line}");
        }
    }
    // Of the report.
    for (line, words) in [
        (
            "--report out/a.hdf/r.jsonl a.mrc",
            "a.mrc would be written to out/a.hdf, which is to be the folder of",
        ),
        (
            "--report out a.mrc",
            "the report would be written to out, which is to be the folder of out/a.hdf (for a.mrc)",
        ),
        ("--report out/x.txt -r --copy-others 4", "the report out/x.txt would be the copy of 4/x.txt"),
        ("--report out/x.txt -r --copy-others 6", "x.txt/y.txt (for 6/x.txt/y.txt)"),
    ] {
        agree(here, &format!("--bits 5 --outpath out {line}"), 2, words);
        assert!(!here.join("out").exists(), "{line}");
    }
    // Beside the inputs, and what is not copied.
    agree(here, "--bits 5 1/m.mrc 1/m.hdf/n.mrcs", 2, "1/m.mrc would be written to 1/m.hdf");
    agree(here, "--bits 5 -r --outpath out 2", 0, "1 file would be written");
}

#[test]
fn copies_of_one_name_end_as_in_the_run() {
    let folder = folder();
    let here = folder.path();
    for (name, words) in [("1", "words"), ("2", "other words"), ("3", "words")] {
        fs::create_dir(here.join(name)).unwrap();
        fs::write(here.join(name).join("x.txt"), words).unwrap();
    }
    let line = "--bits 5 -r --copy-others --outpath";
    agree(here, &format!("{line} same 1 3"), 0, "1 of 2 other files would be copied, 1 there already");
    agree(
        here,
        &format!("{line} differ 1 2 3"),
        1,
        "2/x.txt: differ/x.txt already exists and is another file",
    );
    agree(here, &format!("{line} over --overwrite 1 2"), 1, "written from another of these inputs");
}

#[test]
fn warnings_are_those_of_the_run() {
    let folder = folder();
    let here = folder.path();
    for (line, status, words) in [
        ("--bits 2 --strict --outpath 1 a.mrc", 1, "the picture is lost; use more bits"),
        ("--bits 5 --strict --outpath 2 --range=1e8,2e8 a.mrc", 1, "every pixel lies outside the limits"),
        ("--bits 5 --strict --outpath 3 nan.mrc", 1, "1 NaN and 0 infinite pixels"),
        ("--bits 0 --strict --outpath 4 nan.mrc", 1, "1 NaN and 0 infinite pixels"),
        ("--bits 5 --strict --outpath 5 a.mrc", 0, "shows in the run alone"),
        ("--bits 2 --outpath 6 a.mrc", 0, "the picture is lost"),
    ] {
        agree(here, line, status, words);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn places_that_take_no_files_are_foreseen() {
    let folder = folder();
    let here = folder.path();
    for (line, status, words) in [
        (
            "--bits 5 --outpath /proc/x a.mrc",
            2,
            "cannot create the folder /proc/x: /proc is the system's own",
        ),
        ("--bits 5 --outpath /proc a.mrc", 1, "cannot create a file in /proc: /proc is the system's own"),
        ("--bits 5 --outpath /dev/null a.mrc", 2, "/dev/null is there and is no folder"),
        ("expand --outpath /sys/x a.hdf", 2, "cannot create the folder /sys/x"),
        ("--bits 5 --outpath new --report /proc/r.jsonl a.mrc", 2, "cannot write the report /proc/r.jsonl"),
    ] {
        agree(here, line, status, words);
    }
}

#[test]
fn what_no_pixel_decides_of_an_hdf_file_is_foreseen() {
    let folder = folder();
    let here = folder.path();
    for name in
        ["unwritten/missing_chunks.hdf", "others/hdf_kind_floats_with_bits.hdf", "eman2-odd/short.hdf"]
    {
        let path = data().join(name);
        fs::copy(&path, here.join(path.file_name().unwrap())).unwrap();
    }
    let mut damaged = fs::read(here.join("a.hdf")).unwrap();
    let name = b"EMAN.stored_renderbits";
    let place = damaged.windows(name.len()).position(|bytes| bytes == name).unwrap();
    damaged[place + name.len() - 1] ^= 1;
    fs::write(here.join("damaged.hdf"), damaged).unwrap();
    let floats = "hold floats, but their attributes describe codes";
    let signed = "codes as signed numbers";
    let missing = "the input is not sound and nothing was made of it";
    for (file, words, refused) in [
        ("missing_chunks.hdf", missing, true),
        ("damaged.hdf", missing, true),
        ("hdf_kind_floats_with_bits.hdf", floats, false),
        ("short.hdf", signed, false),
    ] {
        for (number, line) in ["--bits 5", "expand"].into_iter().enumerate() {
            let line = format!("{line} --outpath {file}.{number}");
            agree(here, &format!("{line}.a {file}"), refused.into(), words);
            agree(here, &format!("{line}.b --strict {file}"), 1, words);
            let forced = if refused { "the input is not sound" } else { words };
            agree(here, &format!("{line}.c --strict --force {file}"), 1, forced);
        }
    }
}
