//! Inputs that are two files: either name will do, both are one input, and what is missing is told by its name.

use std::fs;
use std::path::Path;

use e2compress_fixtures::{complaint, data, run};
use sha2::{Digest as _, Sha256};
use tempfile::{TempDir, tempdir};

/// Runs the command in a folder; returns status, standard output and standard error.
fn e2compress(folder: &Path, line: &str) -> (Option<i32>, String, String) {
    let run = run(env!("CARGO_BIN_EXE_e2compress"), folder, &line.split(' ').collect::<Vec<_>>());
    (run.status.code(), String::from_utf8(run.stdout.clone()).unwrap(), complaint(&run))
}

/// A folder with both files of a pair.
fn pair() -> TempDir {
    let folder = tempdir().unwrap();
    for name in ["intg_big.hed", "intg_big.img"] {
        let to = name.replace("intg_big", "a");
        fs::copy(data().join("formats/imagic").join(name), folder.path().join(to)).unwrap();
    }
    folder
}

#[test]
fn either_name_gives_the_same_output() {
    let folder = pair();
    let mut outputs = Vec::new();
    for (number, names) in ["a.img", "a.hed", "a.hed a.img", "a.img a.hed"].into_iter().enumerate() {
        let (status, said, complaint) =
            e2compress(folder.path(), &format!("--bits 5 --outpath out{number} {names}"));
        assert_eq!((status, said.lines().count()), (Some(0), 1), "{complaint}");
        outputs.push(fs::read(folder.path().join(format!("out{number}/a.hdf"))).unwrap());
    }
    assert!(outputs.iter().all(|output| *output == outputs[0]));
    for line in ["verify out0/a.hdf a.hed", "verify out0/a.hdf a.img", "verify out0 --against ."] {
        let (status, said, complaint) = e2compress(folder.path(), line);
        assert!(status == Some(0) && said.contains("every code is right"), "{line}: {said}{complaint}");
    }
    let (status, said, _) = e2compress(folder.path(), "info a.hed a.img");
    assert!(status == Some(0) && said.matches("Format:").count() == 1, "{said}");
    let (status, _, complaint) = e2compress(folder.path(), "expand --outpath back a.hed");
    assert!(status == Some(0) && folder.path().join("back/a.mrcs").is_file(), "{complaint}");
}

#[test]
fn a_half_says_what_is_missing() {
    for (gone, named) in [("a.img", "a.hed"), ("a.hed", "a.img")] {
        let folder = pair();
        fs::remove_file(folder.path().join(gone)).unwrap();
        let (status, _, complaint) = e2compress(folder.path(), &format!("--outpath out {named}"));
        assert!(status == Some(1) && complaint.contains(&format!("{gone}: cannot open")), "{complaint}");
        assert!(complaint.contains("is needed as well"), "{complaint}");
        // Something is there, but no file.
        fs::create_dir(folder.path().join(gone)).unwrap();
        let (status, _, complaint) = e2compress(folder.path(), &format!("--outpath out {named}"));
        assert!(status == Some(1) && complaint.contains("not a regular file"), "{complaint}");
        assert!(fs::read_dir(folder.path().join("out")).unwrap().next().is_none(), "nothing is written");
    }
}

/// What is on record of a pair is both files, one after the other, and so is what is done before.
#[test]
fn a_record_covers_both_files() {
    let folder = pair();
    let here = folder.path();
    let line = "--bits 5 --outpath out --report r.jsonl --resume r.jsonl a.hed";
    let (status, _, complaint) = e2compress(here, line);
    assert_eq!(status, Some(0), "{complaint}");
    let record: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(here.join("r.jsonl")).unwrap()).unwrap();
    let both = [fs::read(here.join("a.img")).unwrap(), fs::read(here.join("a.hed")).unwrap()].concat();
    assert_eq!(record["input"]["bytes"], both.len());
    assert_eq!(record["input"]["sha256"], format!("{:x}", Sha256::digest(&both)));
    let report: serde_json::Value =
        serde_json::from_str(&e2compress(here, "report --json r.jsonl").1).unwrap();
    assert_eq!(report["input_bytes"], both.len());
    // A change of either file is one of the input, with and without a look at its content.
    for (name, place) in [("a.hed", 119), ("a.img", 5)] {
        for more in ["", " --quick"] {
            let (_, said, complaint) = e2compress(here, &format!("{line}{more}"));
            assert!(said.contains("done before"), "{name}{more}: {said}{complaint}");
        }
        let mut bytes = fs::read(here.join(name)).unwrap();
        bytes[place] ^= 1;
        fs::write(here.join(name), bytes).unwrap();
        for more in [" --quick --dry-run", " --dry-run", " --overwrite"] {
            let (_, said, complaint) = e2compress(here, &format!("{line}{more}"));
            assert!(!said.contains("done before"), "{name}{more}: {said}{complaint}");
        }
    }
}

/// A record of a program that knew the pixels alone is read, and proves nothing of the headers.
#[test]
fn a_record_of_the_pixels_alone_is_read() {
    let folder = pair();
    let here = folder.path();
    let line = "--bits 5 --outpath out --report r.jsonl --resume r.jsonl a.img";
    let _ = e2compress(here, line);
    let text = fs::read_to_string(here.join("r.jsonl")).unwrap();
    let mut record: serde_json::Value = serde_json::from_str(&text).unwrap();
    let pixels = fs::read(here.join("a.img")).unwrap();
    record["input"]["bytes"] = pixels.len().into();
    record["input"]["sha256"] = format!("{:x}", Sha256::digest(&pixels)).into();
    fs::write(here.join("r.jsonl"), format!("{record}\n")).unwrap();
    let (status, said, complaint) = e2compress(here, line);
    assert!(status == Some(0) && !said.contains("done before"), "{said}{complaint}");
    assert!(e2compress(here, line).1.contains("done before"));
}

#[test]
fn names_do_not_outweigh_bytes() {
    let folder = tempdir().unwrap();
    fs::copy(data().join("u8_full.mrc"), folder.path().join("a.img")).unwrap();
    fs::copy(data().join("formats/spider/single_big.spi"), folder.path().join("b.img")).unwrap();
    let (status, said, complaint) = e2compress(folder.path(), "info a.img b.img");
    assert_eq!(status, Some(0), "{complaint}");
    assert!(said.contains("Format:     MRC") && said.contains("Format:     SPIDER"), "{said}");
}
