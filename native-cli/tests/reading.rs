//! Which pixels and which images of a file are taken, as far as options say so.

use std::fs;
use std::path::Path;
use std::process::Output;

use e2compress_fixtures::{complaint, data, run};
use tempfile::tempdir;

fn e2compress(folder: &Path, words: &[&str]) -> Output {
    run(env!("CARGO_BIN_EXE_e2compress"), folder, words)
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", complaint(output));
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn packed_pixels_are_unpacked_unless_that_is_declined() {
    let folder = tempdir().unwrap();
    let packed = data().join("others/packed_flag_and_label.mrcs");
    fs::copy(packed, folder.path().join("a.mrcs")).unwrap();
    let e2compress = |words: &[&str]| e2compress(folder.path(), words);
    assert!(said(&e2compress(&["--bits", "4", "a.mrcs"])).contains("3 images of 76 x 74"));
    said(&e2compress(&["verify", "a.hdf", "a.mrcs"]));
    assert!(!e2compress(&["verify", "--no-unpack", "a.hdf", "a.mrcs"]).status.success());
    let kept = said(&e2compress(&["--no-unpack", "--bits", "8", "--outpath", "kept", "a.mrcs"]));
    assert!(kept.contains("3 images of 38 x 74"), "{kept}");
    said(&e2compress(&["verify", "--no-unpack", "kept/a.hdf", "a.mrcs"]));
    assert!(said(&e2compress(&["info", "a.mrcs"])).contains("76 x 74"));
    assert!(said(&e2compress(&["info", "--no-unpack", "a.mrcs"])).contains("38 x 74"));
    assert!(said(&e2compress(&["expand", "--outpath", "back", "a.mrcs"])).contains("3 images of 76 x 74"));
}

#[test]
fn images_are_chosen_by_number() {
    let folder = tempdir().unwrap();
    fs::copy(data().join("others/hdf_stack_soft_link.hdf"), folder.path().join("a.hdf")).unwrap();
    let e2compress = |words: &[&str]| e2compress(folder.path(), words);
    said(&e2compress(&["expand", "--outpath", "one", "--images", "1", "a.hdf"]));
    said(&e2compress(&["expand", "--outpath", "two", "--images", "0,2", "a.hdf"]));
    said(&e2compress(&["expand", "--outpath", "all", "--images", "all", "a.hdf"]));
    let pixels = |name: &str| fs::read(folder.path().join(name)).unwrap().split_off(1024);
    let (one, two, all) = (pixels("one/a.mrc"), pixels("two/a.mrcs"), pixels("all/a.mrcs"));
    let image = all.len() / 3;
    assert_eq!(one, all[image..2 * image]);
    assert_eq!(two, [&all[..image], &all[2 * image..]].concat());
    let listed = said(&e2compress(&["info", "--images", "0-1", "a.hdf"]));
    assert_eq!(listed.matches("a.hdf, image ").count(), 2, "{listed}");
    let lines = said(&e2compress(&["info", "--json", "--images", "all", "a.hdf"]));
    assert_eq!(lines.lines().filter(|line| line.contains("\"images\":1")).count(), 3, "{lines}");
    let beyond = e2compress(&["expand", "--images", "3", "--outpath", "beyond", "a.hdf"]);
    assert_eq!(beyond.status.code(), Some(1));
    assert!(complaint(&beyond).contains("there is no image 3"), "{}", complaint(&beyond));
    for list in ["", "1,", "3-1", "x"] {
        let refused = e2compress(&["info", "--images", list, "a.hdf"]);
        assert_eq!(refused.status.code(), Some(2), "{list}");
    }
}
