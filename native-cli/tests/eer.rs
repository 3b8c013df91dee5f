//! What the command makes of EER movies: sums and finer grids as options say, notes beside warnings, and records.

use std::fs;
use std::path::Path;

use e2compress_fixtures::eer::{Coding, Electron, Movie, codes};
use serde_json::Value;
use tempfile::TempDir;

/// Runs the command in a folder: status, standard output, standard error.
fn e2compress(folder: &Path, words: &str) -> (Option<i32>, String, String) {
    e2compress_fixtures::told(env!("CARGO_BIN_EXE_e2compress"), folder, words)
}

/// Runs the command, which must succeed: standard output, standard error.
fn done(folder: &Path, words: &str) -> (String, String) {
    e2compress_fixtures::done(env!("CARGO_BIN_EXE_e2compress"), folder, words)
}

/// A folder with a movie of so many frames, `a.eer`.
fn folder_with(frames: u64) -> TempDir {
    let coding = Coding { gap: 7, sub: 2, wasteful: false };
    let electron = |pixel| Electron { pixel, x: 3, y: 0 };
    let frame = |number: u64| codes(coding, 32 * 24, &[electron(number), electron(2 * number + 100)]);
    let mut movie = Movie::new(32, 24, 65001, (0..frames).map(frame).collect());
    movie.metadata = b"<metadata><item name='sensorPixelSize.width'>1.2e-10</item></metadata>".to_vec();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.eer"), movie.file()).unwrap();
    folder
}

#[test]
fn what_was_made_of_a_movie_is_known_when_it_is_verified() {
    let folder = folder_with(100);
    let here = folder.path();
    for (options, contents) in [
        ("", "100 images of 32 x 24"),
        ("--eer-fractions 40 ", "40 images of 32 x 24"),
        ("--eer-grouping 7 ", "14 images of 32 x 24"),
        ("--eer-upsampling 2 ", "100 images of 64 x 48"),
        ("--eer-fractions 3 --eer-upsampling 4 ", "3 images of 128 x 96"),
    ] {
        assert!(done(here, &format!("info {options}a.eer")).0.contains(contents), "{options}");
        let (line, _) = done(here, &format!("--overwrite --verify --report r.jsonl --bits 4 {options}a.eer"));
        assert!(line.contains(contents), "{line}");
        done(here, "verify a.hdf a.eer");
        done(here, "verify a.hdf a.eer --bits 4");
        done(here, "verify a.hdf a.eer --options-of r.jsonl");
        let (_, _, wrong) = e2compress(here, "verify a.hdf a.eer --eer-grouping 9");
        assert!(wrong.contains("images"), "{wrong}");
        assert!(done(here, &format!("expand --overwrite {options}a.eer")).0.contains(contents));
        done(here, "expand --overwrite --outpath back a.hdf");
        assert_eq!(pixels(&here.join("back/a.mrcs")), pixels(&here.join("a.mrcs")), "{options}");
    }
    done(here, "expand --eer-fractions 1 a.eer");
    assert!(here.join("a.mrc").exists(), "one fraction is one image");
    // The options are part of what was done.
    let again = "--overwrite --bits 4 --report r.jsonl --resume r.jsonl --eer-fractions";
    assert!(!done(here, &format!("{again} 5 a.eer")).0.contains("done before"));
    assert!(done(here, &format!("{again} 5 a.eer")).0.contains("done before"));
    assert!(!done(here, &format!("{again} 6 a.eer")).0.contains("done before"));
}

fn pixels(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap().split_off(1024)
}

#[test]
fn notes_are_told_and_not_counted() {
    let folder = folder_with(100);
    let here = folder.path();
    let note = "a.eer: note: each of the 100 frames is an image, and the output about as large as the input; \
                --eer-fractions 40 sums them to 40 images and makes it about 4 times smaller\n";
    let (_, told) = done(here, "--strict --bits 4 --report r.jsonl a.eer");
    assert_eq!(told, note);
    let line: Value = serde_json::from_str(fs::read_to_string(here.join("r.jsonl")).unwrap().trim()).unwrap();
    assert_eq!((&line["warnings"], &line["warning_kinds"]), (&Value::from([(); 0]), &Value::from([(); 0])));
    assert!(line["notes"][0].as_str().unwrap().starts_with("each of the 100 frames"), "{line}");
    assert_eq!(line["options"]["eer"], Value::Null);
    assert!(done(here, "info --strict a.eer").0.contains("\n  note: each of the 100 frames"));
    let info: Value = serde_json::from_str(done(here, "info --json a.eer").0.trim()).unwrap();
    assert_eq!((info["notes"].as_array().unwrap().len(), info["warnings"].as_array().unwrap().len()), (1, 0));
    // What is left out is no note.
    let (status, _, told) = e2compress(here, "--strict --overwrite --bits 4 --eer-fractions 40 a.eer");
    assert_eq!(status, Some(1));
    let warning = "a.eer: warning: 20 frames left over at the end, of 100: not part of the output\n";
    assert!(told.starts_with(warning), "{told}");
    assert!(told.contains("1 warning about 1 of 1 file, and --strict is given"), "{told}");
    assert_eq!(done(here, "--strict --overwrite --bits 4 --eer-fractions 50 a.eer").1, "");
}

#[test]
fn numbers_that_mean_nothing_are_refused() {
    let folder = folder_with(5);
    let here = folder.path();
    for options in [
        "--eer-fractions 2 --eer-grouping 2",
        "--eer-fractions 0",
        "--eer-grouping -1",
        "--eer-grouping x",
        "--eer-upsampling 3",
        "--eer-upsampling 8",
    ] {
        for command in ["", "info ", "expand ", "verify "] {
            let (status, ..) = e2compress(here, &format!("{command}{options} a.eer"));
            assert_eq!(status, Some(2), "{command}{options}");
        }
    }
    let (status, _, told) = e2compress(here, "--eer-fractions 6 a.eer");
    assert_eq!(status, Some(1));
    assert!(told.contains("the movie has 5 frames, too few for 6 fractions (--eer-fractions)"), "{told}");
    assert!(!here.join("a.hdf").exists());
}
