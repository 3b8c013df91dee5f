//! Folders with all below them: which files are taken, where outputs go, and what becomes of the rest.

use std::fs;
use std::path::{Path, PathBuf};

use e2compress_fixtures::{data, told};
use tempfile::{TempDir, tempdir};

const PROGRAM: &str = env!("CARGO_BIN_EXE_e2compress");

/// Runs the command in a folder; returns status, standard output and standard error.
fn run(folder: &Path, line: &str) -> (Option<i32>, String, String) {
    told(PROGRAM, folder, line)
}

/// A session of a microscope, in `raw`.
fn session() -> TempDir {
    let folder = tempdir().unwrap();
    let copy = |from: &str, to: &str| {
        let to = folder.path().join("raw").join(to);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(data().join(from), to).unwrap();
    };
    copy("u16_micrograph.mrc", "a.mrc");
    copy("u16_micrograph.mrc", "square1/a.mrc");
    copy("f32_stack.mrcs", "square1/hole/m.MRCS");
    copy("eman2-hdf/f32_volume__bits8.hdf", "square2/v.hdf");
    copy("formats/imagic/intg_big.hed", "square2/p.hed");
    copy("formats/imagic/intg_big.img", "square2/p.img");
    copy("u16_micrograph.mrc", ".hidden/h.mrc");
    copy("u16_micrograph.mrc", "square1/.a.hdf.e2compress-0.part");
    for (name, words) in
        [("square1/a.mrc.mdoc", "PixelSpacing = 1"), ("square2/f.gain", "gain"), ("epu.xml", "<x/>")]
    {
        fs::write(folder.path().join("raw").join(name), words).unwrap();
    }
    folder
}

/// The files below a folder, in order.
fn tree(folder: &Path) -> Vec<String> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

const OUTPUTS: [&str; 5] = ["a.hdf", "square1/a.hdf", "square1/hole/m.hdf", "square2/p.hdf", "square2/v.hdf"];

#[test]
fn the_tree_is_mirrored_and_what_stays_behind_is_named() {
    let folder = session();
    let here = folder.path();
    let (status, said, complaint) = run(here, "--bits 5 -r --outpath out raw");
    assert_eq!((status, said.lines().count()), (Some(0), 5), "{said}{complaint}");
    assert_eq!(tree(&here.join("out")), OUTPUTS);
    let note = "e2compress: note: 3 other files stay behind: raw/epu.xml, raw/square1/a.mrc.mdoc, raw/square2/f.gain; \
                --copy-others copies such files along\n";
    assert!(complaint.contains(note), "{complaint}");
    // All back again, below each other as well, and every command takes the tree.
    let (status, _, complaint) = run(here, "expand --recursive --outpath back out");
    assert_eq!(status, Some(0), "{complaint}");
    assert_eq!(
        tree(&here.join("back")),
        OUTPUTS.map(|name| {
            let stack = name.ends_with("m.hdf") || name.ends_with("p.hdf");
            name.replace(".hdf", if stack { ".mrcs" } else { ".mrc" })
        })
    );
    let (status, said, complaint) = run(here, "verify -r out --against raw --options-of none");
    assert_eq!((status, said.as_str()), (Some(2), ""), "{complaint}");
    let (status, said, complaint) = run(here, "verify -r out");
    assert_eq!((status, said.matches(": sound").count()), (Some(0), 5), "{complaint}");
    // `a` is there twice, and each is checked beside the one of its folder.
    let (status, said, complaint) = run(here, "verify -r out --against raw");
    assert_eq!((status, said.matches("every code is right").count()), (Some(0), 5), "{said}{complaint}");
    for command in ["info", "plan"] {
        let (status, said, complaint) = run(here, &format!("{command} -r out"));
        assert!(
            status == Some(0) && OUTPUTS.iter().all(|name| said.contains(name)),
            "{command}: {said}{complaint}"
        );
    }
    // More than a few are counted.
    for number in 0..9 {
        fs::write(here.join(format!("raw/{number}.xml")), "").unwrap();
    }
    let (_, _, complaint) = run(here, "--bits 5 -r --overwrite --outpath out raw");
    assert!(
        complaint.contains("12 other files stay behind: raw/0.xml, raw/1.xml, raw/2.xml and 9 more"),
        "{complaint}"
    );
    let (_, _, complaint) = run(here, "--bits 5 -rq --overwrite --outpath out raw");
    assert!(!complaint.contains("stay behind"), "{complaint}");
}

#[test]
fn hdf_files_are_compressed_elsewhere_alone() {
    let folder = session();
    let here = folder.path();
    let before = fs::read(here.join("raw/square2/v.hdf")).unwrap();
    for line in
        ["--bits 3 -r raw", "--bits 3 --overwrite -r raw", "--bits 3 -r --overwrite --outpath raw raw"]
    {
        let (status, said, complaint) = run(here, line);
        assert_eq!((status, said.lines().count()), (Some(0), 4), "{line}: {said}{complaint}");
        assert!(fs::read(here.join("raw/square2/v.hdf")).unwrap() == before, "{line}");
        assert!(complaint.contains("4 other files stay behind"), "{complaint}");
    }
    // One of them would be lost.
    let (status, _, complaint) = run(here, "--bits 3 -r --outpath out raw");
    assert!(status == Some(2) && complaint.contains("raw/a.hdf and raw/a.mrc would both"), "{complaint}");
    // Outputs of before are no inputs where their folder is one of the tree.
    let folder = session();
    let here = folder.path();
    for _ in 0..2 {
        let (status, said, complaint) = run(here, "--bits 3 -r --outpath raw/square1/out raw");
        assert_eq!((status, said.lines().count()), (Some(0), 5), "{said}{complaint}");
        assert_eq!(tree(&here.join("raw/square1/out")), OUTPUTS);
    }
    fs::create_dir(here.join("only")).unwrap();
    fs::copy(here.join("raw/square2/v.hdf"), here.join("only/v.hdf")).unwrap();
    let (status, _, complaint) = run(here, "--bits 3 -r only");
    assert!(
        status == Some(0)
            && complaint.contains("1 other file stays behind: only/v.hdf; HDF files of folders are"),
        "{complaint}"
    );
    assert!(fs::read(here.join("only/v.hdf")).unwrap() == before);
}

#[test]
fn a_folder_is_taken_when_that_is_asked_for() {
    let folder = session();
    let here = folder.path();
    for command in ["--bits 5 --outpath out", "info", "plan", "expand --outpath out"] {
        for name in ["raw", ".", ".."] {
            let (status, said, complaint) = run(here, &format!("{command} {name}"));
            assert!(status != Some(0) && said.is_empty(), "{command} {name}: {said}");
            assert!(complaint.contains("-r (--recursive)"), "{command} {name}: {complaint}");
        }
    }
    // In a list as well.
    fs::write(here.join("list"), "raw/square1\nraw/a.mrc\n").unwrap();
    let (status, _, complaint) = run(here, "--bits 5 --outpath out --files-from list");
    assert!(status == Some(1) && complaint.contains("-r (--recursive)"), "{complaint}");
    fs::remove_file(here.join("out/a.hdf")).unwrap();
    let (status, _, complaint) = run(here, "info -r --files-from list");
    assert_eq!(status, Some(0), "{complaint}");
    fs::create_dir(here.join("empty")).unwrap();
    for command in ["--bits 5", "info", "verify", "expand", "plan"] {
        let (status, _, complaint) = run(here, &format!("{command} -r empty"));
        assert!(status == Some(2) && complaint.contains("empty"), "{command}: {complaint}");
    }
}

#[cfg(unix)]
#[test]
fn links_in_a_circle_end_and_folders_that_cannot_be_read_are_failures() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = session();
    let here = folder.path();
    symlink("..", here.join("raw/square1/up")).unwrap();
    symlink(".", here.join("raw/self")).unwrap();
    symlink("square1", here.join("raw/again")).unwrap();
    let (status, said, complaint) = run(here, "--bits 5 -r --outpath out raw");
    assert_eq!((status, said.lines().count()), (Some(0), 5), "{said}{complaint}");
    assert_eq!(tree(&here.join("out")), OUTPUTS);
    symlink("nowhere", here.join("raw/lost.mrc")).unwrap();
    let (status, _, complaint) = run(here, "--bits 5 -r --outpath out raw");
    assert!(status == Some(1) && complaint.contains("raw/lost.mrc: cannot open"), "{complaint}");
    fs::remove_file(here.join("raw/lost.mrc")).unwrap();
    // Whoever may read everything is not kept out.
    let square = here.join("raw/square2");
    fs::set_permissions(&square, fs::Permissions::from_mode(0o000)).unwrap();
    let kept_out = fs::read_dir(&square).is_err();
    let (status, said, complaint) = run(here, "--bits 5 -r --overwrite --outpath out raw");
    fs::set_permissions(&square, fs::Permissions::from_mode(0o755)).unwrap();
    if kept_out {
        assert_eq!((status, said.lines().count()), (Some(1), 3), "{complaint}");
        assert!(complaint.contains("cannot read the folder raw/square2"), "{complaint}");
    } else {
        assert_eq!(status, Some(0), "{complaint}");
    }
}

#[test]
fn others_are_copied_and_replace_nothing_without_a_word() {
    let folder = session();
    let here = folder.path();
    let line = "--bits 5 -r --copy-others --outpath out raw";
    let (status, said, complaint) = run(here, &format!("{line} --dry-run"));
    assert!(status == Some(0) && said.contains("epu.xml: would be copied"), "{said}{complaint}");
    assert!(!here.join("out").exists());
    let (status, said, complaint) = run(here, line);
    assert_eq!(status, Some(0), "{complaint}");
    assert!(
        said.contains("raw/square2/f.gain: copied\n") && complaint.contains("3 of 3 other files copied"),
        "{said}{complaint}"
    );
    let mut expected: Vec<&str> = OUTPUTS.to_vec();
    expected.extend(["epu.xml", "square1/a.mrc.mdoc", "square2/f.gain"]);
    expected.sort_unstable();
    assert_eq!(tree(&here.join("out")), expected);
    let time = |path: &str| fs::metadata(here.join(path)).unwrap().modified().unwrap();
    assert_eq!(time("out/square2/f.gain"), time("raw/square2/f.gain"));
    let (status, _, complaint) = run(here, line);
    assert!(
        status == Some(0) && complaint.contains("0 of 3 other files copied, 3 there already"),
        "{complaint}"
    );
    // Somebody has worked on the copy.
    fs::write(here.join("out/square1/a.mrc.mdoc"), "PixelSpacing = 2").unwrap();
    let (status, _, complaint) = run(here, line);
    assert!(
        status == Some(1) && complaint.contains("a.mrc.mdoc already exists and is another file"),
        "{complaint}"
    );
    assert_eq!(fs::read(here.join("out/square1/a.mrc.mdoc")).unwrap(), b"PixelSpacing = 2");
    let (status, said, complaint) = run(here, &format!("{line} --overwrite"));
    assert!(status == Some(0) && said.contains("a.mrc.mdoc: copied, replaced"), "{said}{complaint}");
    assert_eq!(fs::read(here.join("out/square1/a.mrc.mdoc")).unwrap(), b"PixelSpacing = 1");
    // Shares copy theirs, and none is copied over an output.
    for number in 1..=3 {
        let (status, _, complaint) =
            run(here, &format!("--bits 5 -r --copy-others --outpath shared raw --shard {number}/3"));
        assert!(status == Some(0) && complaint.contains("1 of 1 other file copied"), "{complaint}");
    }
    assert_eq!(tree(&here.join("shared")), expected);
    let (status, _, complaint) = run(here, "expand -r --copy-others --outpath same out");
    assert_eq!(status, Some(0), "{complaint}");
    fs::copy(here.join("raw/epu.xml"), here.join("out/a.mrc")).unwrap();
    let line = "expand -r --overwrite --copy-others --outpath other out";
    for words in [&format!("{line} --dry-run"), line] {
        let (status, _, complaint) = run(here, words);
        assert!(
            status == Some(1) && complaint.contains("other/a.mrc, which is the output of out/a.hdf"),
            "{complaint}"
        );
    }
    assert!(fs::metadata(here.join("other/a.mrc")).unwrap().len() > 1024, "it is the output");
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_no_file_stays_behind_and_is_named() {
    let folder = session();
    let here = folder.path();
    std::os::unix::fs::symlink("nowhere", here.join("raw/link.txt")).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        here.join("raw/pipe.mrc"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    for line in ["--bits 5 -r --outpath out raw", "--bits 5 -r --copy-others --outpath out raw"] {
        let (status, _, complaint) = run(here, line);
        let note =
            "note: 2 links that lead nowhere, pipes and devices stay behind: raw/link.txt, raw/pipe.mrc";
        assert!(status == Some(0) && complaint.contains(note), "{line}: {complaint}");
    }
    let here = &here.join("raw");
    // What would be a copy of itself is none, and HDF files are not compressed.
    for line in ["--bits 5 -r --outpath . .", "--bits 5 -r --copy-others --outpath . ."] {
        let (status, _, complaint) = run(here, line);
        assert!(status == Some(0) && !complaint.contains("--copy-others"), "{line}: {complaint}");
        let hint = "HDF files of folders are compressed with an --outpath that is another folder";
        assert!(complaint.contains("4 other files stay behind") && complaint.contains(hint), "{complaint}");
    }
}

#[test]
fn files_of_the_run_are_no_others() {
    let folder = session();
    let here = folder.path();
    fs::write(here.join("raw/list.txt"), "raw/a.mrc\n").unwrap();
    let line = "--bits 5 -r --copy-others --outpath out --report raw/rec.jsonl --resume raw/rec.jsonl --files-from raw/list.txt raw";
    for round in 0..3 {
        let (status, _, complaint) = run(here, line);
        assert_eq!(status, Some(0), "round {round}: {complaint}");
        assert!(complaint.contains("of 3 other files copied"), "round {round}: {complaint}");
        assert_eq!(run(here, "report raw/rec.jsonl").0, Some(0), "round {round}");
    }
    assert!(!here.join("out/rec.jsonl").exists() && !here.join("out/list.txt").exists());
    // A record of which an earlier one says that it could not be copied.
    fs::write(here.join("out/rec.jsonl"), "another").unwrap();
    let (status, _, complaint) = run(here, "--bits 5 -r --copy-others --outpath out --report old.jsonl raw");
    assert!(status == Some(1) && complaint.contains("rec.jsonl already exists"), "{complaint}");
    fs::rename(here.join("old.jsonl"), here.join("raw/rec.jsonl")).unwrap();
    assert_eq!(run(here, "report raw/rec.jsonl").0, Some(1));
    assert_eq!(run(here, line).0, Some(0));
    assert_eq!(run(here, "report raw/rec.jsonl").0, Some(0));
    // Where nothing else is in a folder, nothing is done.
    for name in ["rec.jsonl", "list.txt"] {
        fs::create_dir_all(here.join("only")).unwrap();
        fs::rename(here.join("raw").join(name), here.join("only").join(name)).unwrap();
    }
    fs::write(here.join("only/list.txt"), "only\n").unwrap();
    for line in [
        "-q --strict -r --copy-others --outpath none --report only/rec.jsonl --files-from only/list.txt",
        "-q --strict -r --copy-others --outpath none --report only/rec.jsonl --files-from only/list.txt --shard 1/2",
    ] {
        let (status, said, complaint) = run(here, line);
        assert_eq!((status, &*said), (Some(1), ""), "{line}: {complaint}");
        assert!(complaint.contains("takes in only: nothing is done"), "{line}: {complaint}");
    }
    for name in ["rec.jsonl", "list.txt"] {
        fs::rename(here.join("only").join(name), here.join("raw").join(name)).unwrap();
    }
    fs::write(here.join("raw/list.txt"), "raw/a.mrc\n").unwrap();
    // Nor do they stay behind.
    let (_, _, complaint) = run(here, &line.replace(" --copy-others", ""));
    assert!(complaint.contains("3 other files stay behind"), "{complaint}");
}

#[test]
fn nothing_done_of_a_folder_is_said_even_if_notes_are_not() {
    let folder = session();
    let here = folder.path();
    fs::create_dir(here.join("words")).unwrap();
    fs::write(here.join("words/notes.txt"), "notes").unwrap();
    for (line, status) in [
        ("-q -r --outpath out words", 0),
        ("-q -r --outpath out --dry-run words", 0),
        ("-q -r words", 0),
        ("-q --strict -r --outpath out words", 1),
        ("expand -q -r words", 0),
        ("expand -q --strict -r words", 1),
    ] {
        let (found, said, complaint) = run(here, line);
        assert_eq!((found, &*said), (Some(status), ""), "{line}: {complaint}");
        let words =
            "e2compress: warning: there is no file that this command takes in words: nothing is done\n";
        assert!(complaint.starts_with(words), "{line}: {complaint}");
    }
    // What is waited for may come, and copies are something.
    let (status, _, complaint) = run(here, "-q --strict -r --settle 1 --outpath out words");
    assert_eq!((status, &*complaint), (Some(0), ""));
    let (status, _, complaint) = run(here, "-r --settle 1 --outpath out words");
    assert!(status == Some(0) && complaint.contains("takes in words yet"), "{complaint}");
    let (status, _, complaint) = run(here, "-q --strict -r --copy-others --outpath out words");
    assert_eq!((status, &*complaint), (Some(0), ""));
    assert!(here.join("out/notes.txt").is_file());
}

#[cfg(unix)]
#[test]
fn a_link_to_the_source_is_no_copy() {
    let folder = session();
    let here = folder.path();
    fs::create_dir_all(here.join("out/square2")).unwrap();
    std::os::unix::fs::symlink("../../raw/square2/f.gain", here.join("out/square2/f.gain")).unwrap();
    fs::hard_link(here.join("raw/epu.xml"), here.join("out/epu.xml")).unwrap();
    let line = "--bits 5 -r --copy-others --outpath out raw";
    let (status, said, complaint) = run(here, &format!("{line} --dry-run"));
    assert!(status == Some(0) && said.contains("f.gain: would be copied, replaced"), "{said}{complaint}");
    let (status, said, complaint) = run(here, line);
    assert!(status == Some(0) && said.contains("f.gain: copied, replaced"), "{said}{complaint}");
    assert!(complaint.contains("2 of 3 other files copied, 1 there already"), "{complaint}");
    fs::remove_dir_all(here.join("raw")).unwrap();
    assert_eq!(fs::read(here.join("out/square2/f.gain")).unwrap(), b"gain");
    assert_eq!(fs::read(here.join("out/epu.xml")).unwrap(), b"<x/>");
}

#[test]
fn help_of_folders_is_that_of_the_command() {
    let folder = session();
    for (command, words, others) in [
        ("", "HDF files are taken only with an --outpath", ""),
        ("expand ", "Take the HDF files in folders", "of known formats in"),
        ("verify ", "Take the files of known formats in folders", "outputs in --outpath"),
        ("plan ", "Take the files of known formats in folders", "outputs in --outpath"),
        ("info ", "Take the files of known formats in folders", "outputs in --outpath"),
    ] {
        let (_, said, _) = run(folder.path(), &format!("{command}--help"));
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(words), "{command}: {said}");
        assert!(others.is_empty() || !said.contains(others), "{command}: {said}");
    }
}
