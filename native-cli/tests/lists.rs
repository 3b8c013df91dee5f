//! Lists of names and shares of them: names are bytes, what collides is found over the whole list, and files of other
//! shares are not looked at.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use e2compress_fixtures::{complaint, data, told};
use tempfile::{TempDir, tempdir};

const PROGRAM: &str = env!("CARGO_BIN_EXE_e2compress");

/// Runs the command in a folder; returns status, standard output and standard error.
fn run(folder: &Path, line: &str) -> (Option<i32>, String, String) {
    told(PROGRAM, folder, line)
}

/// A folder with copies of a micrograph.
fn folder(names: &[&str]) -> TempDir {
    let folder = tempdir().unwrap();
    for name in names {
        fs::copy(data().join("u16_micrograph.mrc"), folder.path().join(name)).unwrap();
    }
    folder
}

/// The names in a folder, in order; none if it is not there.
fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn every_command_takes_the_files_of_a_list() {
    let folder = folder(&["a.mrc", "b.mrc", "c.mrc"]);
    let here = folder.path();
    fs::write(here.join("list"), "a.mrc\n\nb.mrc").unwrap();
    for (line, said) in [
        ("--bits 5 --outpath out --files-from list", "out/a.hdf"),
        ("--bits 5 --outpath out --overwrite --files-from list", "replaced"),
        ("info --files-from list", "b.mrc:"),
        ("plan --files-from list", "b.mrc: "),
        ("verify --files-from list", "b.mrc: sound"),
    ] {
        let (status, found, complaint) = run(here, line);
        assert!(
            status == Some(0) && found.contains(said) && !found.contains("c.mrc"),
            "{line}: {found}{complaint}"
        );
    }
    assert_eq!(names(&here.join("out")), ["a.hdf", "b.hdf"]);
    // Beside names of the command line, and from standard input.
    let (status, said, complaint) = run(here, "--bits 5 --outpath both c.mrc --files-from list");
    assert!(status == Some(0) && said.lines().count() == 3, "{complaint}");
    fs::write(here.join("outputs"), "both/a.hdf\nboth/c.hdf\n").unwrap();
    let mut child = Command::new(PROGRAM)
        .args(["expand", "--outpath", "back", "--files-from", "-"])
        .current_dir(here)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&fs::read(here.join("outputs")).unwrap()).unwrap();
    assert!(child.wait_with_output().unwrap().status.success());
    assert_eq!(names(&here.join("back")), ["a.mrc", "c.mrc"]);
}

#[cfg(unix)]
#[test]
fn names_are_bytes() {
    use std::os::unix::ffi::OsStrExt as _;
    let odd = [&b"line\nbreak.mrc"[..], b" space .mrc", b"return\r", b"\xff.mrc", b"--bits"];
    let folder = folder(&[]);
    let here = folder.path();
    for name in odd {
        let name = here.join(std::ffi::OsStr::from_bytes(name));
        fs::copy(data().join("u16_micrograph.mrc"), name).unwrap();
    }
    fs::write(here.join("list"), odd.join(&0)).unwrap();
    for null in ["-0", "--null"] {
        let line = format!("--bits 5 --overwrite --outpath out {null} --files-from list");
        let (status, said, complaint) = run(here, &line);
        assert!(status == Some(0) && said.lines().count() == odd.len(), "{said}{complaint}");
    }
    fs::write(here.join("list"), odd[1..].join(&b'\n')).unwrap();
    let (status, said, complaint) = run(here, "--bits 5 --outpath lines --files-from list");
    assert!(status == Some(0) && said.lines().count() == odd.len() - 1, "{said}{complaint}");
    // A carriage return is part of a name, and shows.
    fs::write(here.join("list"), "a.mrc\r\n").unwrap();
    let (status, _, complaint) = run(here, "--files-from list");
    assert!(status == Some(1) && complaint.contains(r"a.mrc\r: cannot open"), "{complaint}");
}

#[test]
fn what_is_no_list_is_refused() {
    let folder = folder(&["a.mrc"]);
    let here = folder.path();
    fs::write(here.join("empty"), "\n\n").unwrap();
    fs::write(here.join("nulls"), "a.mrc\0").unwrap();
    fs::write(here.join("list"), "a.mrc\n").unwrap();
    for (line, words) in [
        ("--files-from empty", "the list empty names no file"),
        ("--files-from none", "cannot read the list none"),
        ("--files-from nulls", "-0 (--null)"),
        ("--files-from a.mrc", "is no list of names"),
        ("--files-from .", "cannot read the list ."),
        ("-0 a.mrc", "--files-from"),
        ("--shard 0/8 --files-from list", "numbered 1-8"),
        ("--shard 9/8 --files-from list", "numbered from 1"),
        ("--shard 8 --files-from list", "use I/N"),
        ("--resume r.jsonl --settle=-1 a.mrc", "it takes seconds, 0 to 86400"),
        ("--settle -1 a.mrc", "it takes seconds, 0 to 86400"),
        ("--shard -1/2 a.mrc", "use I/N"),
        ("--quick a.mrc", "--resume"),
        ("--copy-others a.mrc", "--recursive"),
    ] {
        let (status, said, complaint) = run(here, line);
        assert_eq!((status, said.as_str()), (Some(2), ""), "{line}: {complaint}");
        assert!(complaint.contains(words), "{line}: {complaint}");
    }
    assert_eq!(names(here), ["a.mrc", "empty", "list", "nulls"]);
}

#[test]
fn a_name_that_is_given_again_is_taken_once() {
    let folder = folder(&["a.mrc", "b.mrc"]);
    let here = folder.path();
    fs::write(here.join("list"), "a.mrc\nb.mrc\n./a.mrc\n").unwrap();
    let whole = here.join("a.mrc").to_str().unwrap().to_owned();
    for (names, again) in [
        ("a.mrc b.mrc a.mrc", "1 name was given again, it is taken once: a.mrc"),
        ("a.mrc ./a.mrc b.mrc", "1 name was given again, it is taken once: ./a.mrc"),
        (&format!("a.mrc b.mrc {whole}"), "1 name was given again, it is taken once: /"),
        ("--files-from list", "1 name was given again, it is taken once: ./a.mrc"),
        ("--files-from list b.mrc", "2 names were given again, each is taken once: b.mrc, ./a.mrc"),
        ("-r . a.mrc", "1 name was given again, it is taken once: a.mrc"),
    ] {
        let line = format!("--bits 5 --strict --overwrite --outpath out {names}");
        let (status, said, complaint) = run(here, &line);
        assert!(status == Some(0) && said.matches(" -> out/").count() == 2, "{names}: {said}{complaint}");
        assert!(complaint.contains(again), "{names}: {complaint}");
    }
    for command in ["info", "plan", "verify --json"] {
        let (status, said, complaint) = run(here, &format!("{command} a.mrc b.mrc a.mrc"));
        assert!(status == Some(0) && said.matches("a.mrc").count() == 1, "{command}: {said}{complaint}");
        assert!(complaint.contains("1 name was given again"), "{command}: {complaint}");
    }
    // Shares are of what is left, so that each file is of one.
    for number in 1..=2 {
        let line = format!("--bits 5 --outpath shares --shard {number}/2 --files-from list");
        let (status, said, complaint) = run(here, &line);
        assert!(status == Some(0) && said.matches(" -> ").count() == 2, "{said}{complaint}");
    }
    assert_eq!(names(&here.join("shares")), ["a.hdf", "b.hdf"]);
}

#[test]
fn inputs_of_one_output_are_both_named() {
    let folder = folder(&["a.mrc"]);
    let here = folder.path();
    fs::create_dir(here.join("in")).unwrap();
    fs::copy(here.join("a.mrc"), here.join("in/a.mrc")).unwrap();
    assert_eq!(run(here, "--bits 5 in/a.mrc").0, Some(0));
    let (status, _, complaint) = run(here, "--bits 5 -r --outpath out in");
    assert_eq!(status, Some(2), "{complaint}");
    for words in ["in/a.hdf", "in/a.mrc", " would both be written to out/a.hdf", "may be what", "--outpath"] {
        assert!(complaint.contains(words), "{words}: {complaint}");
    }
    assert!(complaint.contains("(in/a.hdf may be what in/a.mrc was compressed to)"), "{complaint}");
    let (status, _, complaint) = run(here, "--bits 5 --outpath out in/a.mrc in/../in/a.mrc");
    assert!(status == Some(2) && complaint.contains("are one file: name it once"), "{complaint}");
}

#[test]
fn each_file_is_of_one_share() {
    let all = ["a.mrc", "b.mrc", "c.mrc", "d.mrc", "e.mrc"];
    let folder = folder(&all);
    let here = folder.path();
    fs::write(here.join("list"), all.join("\n")).unwrap();
    let mut outputs = Vec::new();
    for (number, expected) in [(1, &["a.hdf", "d.hdf"][..]), (2, &["b.hdf", "e.hdf"]), (3, &["c.hdf"])] {
        let (status, _, complaint) =
            run(here, &format!("--bits 5 --outpath out{number} --files-from list --shard {number}/3"));
        assert_eq!(
            (status, names(&here.join(format!("out{number}")))),
            (Some(0), expected.iter().map(|name| (*name).to_owned()).collect()),
            "{complaint}"
        );
        outputs.extend(names(&here.join(format!("out{number}"))));
    }
    outputs.sort();
    assert_eq!(outputs, ["a.hdf", "b.hdf", "c.hdf", "d.hdf", "e.hdf"]);
    // Names of the command line are one list with it; a share may be empty.
    assert_eq!(run(here, "info --shard 2/2 a.mrc b.mrc").1.matches("Format:").count(), 1);
    for line in [
        "--shard 7/8 --outpath none",
        "verify --shard 7/8",
        "info --shard 7/8",
        "plan --shard 7/8",
        "expand --outpath back --shard 7/8",
    ] {
        let (status, _, complaint) = run(here, &format!("{line} --files-from list"));
        assert!(
            status == Some(0) && complaint.contains("share 7/8 of 5 files is empty"),
            "{line}: {complaint}"
        );
        let (status, said, complaint) = run(here, &format!("{line} -q --files-from list"));
        let knows_quiet = !line.starts_with("info") && !line.starts_with("plan");
        assert!(!knows_quiet || (status, said + &complaint) == (Some(0), String::new()), "{line}");
    }
}

#[test]
fn collisions_are_found_over_the_whole_list_by_names_alone() {
    let folder = folder(&["a.mrc", "y.mrc"]);
    let here = folder.path();
    // Of the others nothing is there.
    for (list, line, fine) in [
        ("a.mrc\nx.mrc\ny.mrc\nx.mrcs", "--bits 5 --outpath out", false),
        ("a.mrc\ndeep/a.mrc", "--bits 5 --outpath out", false),
        ("a.mrc\ndeep/a.mrc", "--bits 5", true),
        ("a.mrc\na.hdf", "--bits 5", false),
        ("a.mrc\n./a.mrc", "--bits 5 --outpath out", true),
        ("a.mrc\nb/../a.mrc", "--bits 5 --outpath out", false),
        ("a.mrc\nx.hed\nx.img", "--bits 5 --outpath out", true),
        ("a.mrc\nx.hdf\nx.h5", "expand --outpath back", false),
        ("y.mrc\nx.mrc\nx.mrcs\nx.mrc", "info", true),
    ] {
        fs::write(here.join("list"), list).unwrap();
        let _ = fs::remove_dir_all(here.join("out"));
        let (status, _, complaint) = run(here, &format!("{line} --shard 1/9 --files-from list"));
        assert_eq!(status, Some(if fine { 0 } else { 2 }), "{list:?} {line}: {complaint}");
        assert!(fine || complaint.contains("Nothing was written"), "{complaint}");
        assert!(fine || !here.join("out").exists() && !here.join("back").exists(), "{complaint}");
    }
}

/// How often the system is asked about a file of another share. One of this share shows that asking would be seen.
#[cfg(target_os = "linux")]
#[test]
fn files_of_other_shares_are_not_looked_at() {
    let folder = folder(&["own.mrc"]);
    let here = folder.path();
    let others: Vec<String> = (0..999).map(|number| format!("other{number}.mrc")).collect();
    fs::write(here.join("list"), format!("own.mrc\n{}", others.join("\n"))).unwrap();
    let words = [
        "-f",
        "-o",
        "calls",
        PROGRAM,
        "--bits",
        "5",
        "--outpath",
        "out",
        "--files-from",
        "list",
        "--shard",
        "1/1000",
    ];
    let Ok(run) = Command::new("strace").args(words).current_dir(here).output() else {
        // Where calls cannot be followed, a list of names that lead nowhere at least takes no failure.
        assert_eq!(self::run(here, "--bits 5 --outpath out --files-from list --shard 1/1000").0, Some(0));
        return;
    };
    assert!(run.status.success(), "{}", complaint(&run));
    let calls = fs::read_to_string(here.join("calls")).unwrap();
    assert!(calls.contains("own.mrc"), "{calls}");
    // The list itself holds the names.
    let looked = calls.lines().filter(|line| line.contains("other") && !line.contains("read(")).count();
    assert_eq!(looked, 0);
    assert!(calls.lines().count() < 1500, "{} calls for one file of a thousand", calls.lines().count());
}

#[test]
fn eight_shares_at_once_refuse_nothing() {
    let all: Vec<String> = (0..40).map(|number| format!("raw/{number:02}.mrc")).collect();
    let folder = tempdir().unwrap();
    let here = folder.path();
    fs::create_dir(here.join("raw")).unwrap();
    for name in &all {
        fs::copy(data().join("u16_micrograph.mrc"), here.join(name)).unwrap();
    }
    fs::write(here.join("list"), all.join("\n")).unwrap();
    // Shares of a list, all of a folder eight times, shares of a folder beside whose files outputs appear.
    for (way, shared) in
        [("--files-from list --outpath out", true), ("-r raw --outpath out2", false), ("-r raw", true)]
    {
        let children: Vec<_> = (1..=8)
            .map(|number| {
                let shard = format!(" --shard {number}/8");
                let line = format!(
                    "--bits 5 --report r.jsonl --resume r.jsonl {way}{}",
                    if shared { &shard } else { "" }
                );
                let words: Vec<&str> = line.split(' ').collect();
                let mut command = Command::new(PROGRAM);
                command
                    .args(words)
                    .current_dir(here)
                    .stdout(Stdio::piped())
                    .stderr(Stdio::piped())
                    .spawn()
                    .unwrap()
            })
            .collect();
        let mut said = 0;
        for child in children {
            let run = child.wait_with_output().unwrap();
            assert!(run.status.success(), "{way}: {}", complaint(&run));
            said += String::from_utf8_lossy(&run.stdout).lines().count();
        }
        assert_eq!(said, if shared { 40 } else { 320 }, "{way}");
        let _ = fs::remove_file(here.join("r.jsonl"));
    }
    for made in [here.join("out"), here.join("out2")] {
        assert_eq!(names(&made).len(), 40, "nothing is left over");
    }
    assert_eq!(names(&here.join("raw")).iter().filter(|name| name.ends_with("hdf")).count(), 40);
}
