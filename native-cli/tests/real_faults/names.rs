//! Names that programs trip over, and inputs that are no files.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixListener;
use std::process::Output;

use e2compress_fixtures::complaint;
use libtest_mimic::Trial;

use crate::place::{Outcome, Place, SIGNATURE, ended, hold, small, succeeds, trial, without_rights};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("names of every kind", true, of_every_kind),
        trial("names of every length", true, of_every_length),
        trial("names with commands to the terminal", true, for_the_terminal),
        trial("names that name no file", true, of_nothing),
        trial("inputs that are no files", succeeds("mkfifo --version"), no_files),
        trial("inputs that may not be read", true, unreadable),
        trial("an output's name that is a folder", true, folder),
    ]
}

fn compressed(place: &Place, input: &OsStr, output: &OsStr) -> Outcome {
    place.file(input, small());
    let run: Output = place.command(&["--"]).arg(input).output()?;
    ended(&run, 0, "")?;
    hold(place.bytes(output).starts_with(SIGNATURE), || format!("{}: no output", output.display()))?;
    hold(place.names("").len() == 2, || format!("left over: {:?}", place.names("")))
}

fn of_every_kind() -> Outcome {
    let cases: [(&[u8], &[u8]); 14] = [
        (b"a b.mrc", b"a b.hdf"),
        (b"-x.mrc", b"-x.hdf"),
        (b"--bits", b"--bits.hdf"),
        (b"-", b"-.hdf"),
        (b"a", b"a.hdf"),
        (b".mrc", b".mrc.hdf"),
        (b"a.b.mrc", b"a.b.hdf"),
        (b"a.", b"a.hdf"),
        (b"*?[x]'\"$HOME`.mrc", b"*?[x]'\"$HOME`.hdf"),
        (b"\\.mrc", b"\\.hdf"),
        (b"\xff\xfe.mrc", b"\xff\xfe.hdf"),
        (b"\xc3.mrcs", b"\xc3.hdf"),
        (b"a\xff.mr\xff", b"a\xff.hdf"),
        ("é\u{202e}\u{1f52c}.mrc".as_bytes(), "é\u{202e}\u{1f52c}.hdf".as_bytes()),
    ];
    for (input, output) in cases {
        compressed(&Place::new(), OsStr::from_bytes(input), OsStr::from_bytes(output))?;
    }
    // Without the two dashes these are options.
    let place = Place::new();
    place.file("-x.mrc", small());
    ended(&place.run(&["-x.mrc"]), 2, "unexpected argument")?;
    ended(&place.run(&["./-x.mrc"]), 0, "")
}

/// A name may have 255 bytes; its temporary file has a shorter one.
fn of_every_length() -> Outcome {
    for length in [80, 99, 100, 101, 110, 150, 200, 250, 251] {
        for letter in ["a", "é", "\u{1f52c}"] {
            let stem = letter.repeat(length / letter.len());
            let (input, output) = (format!("{stem}.mrc"), format!("{stem}.hdf"));
            compressed(&Place::new(), OsStr::new(&input), OsStr::new(&output))?;
        }
    }
    // An output whose name would be too long is found out before the work.
    let place = Place::new();
    let name = "a".repeat(253) + ".m";
    place.file(&name, small());
    ended(&place.run(&[&name]), 1, "File name too long")?;
    ended(&place.run(&[&"a".repeat(300)]), 1, "File name too long")?;
    ended(&place.run(&[&"a/".repeat(3000)]), 1, "File name too long")?;
    place.holds(&[&name])
}

fn for_the_terminal() -> Outcome {
    let place = Place::new();
    let good = "a\nb\x1b[2Jc\u{9b}31m\r.mrc";
    let missing = "x\ny\x1b]0;title\x07.mrc";
    place.file(good, small());
    let run = place.run(&["--verbose", "1", good, missing]);
    ended(&run, 1, r"x\ny\u{1b}]0;title\u{7}.mrc")?;
    let said = String::from_utf8([run.stdout, run.stderr].concat())?;
    let harmless = said.chars().all(|character| character == '\n' || !character.is_control());
    hold(harmless, || format!("{said:?}"))?;
    hold(said.contains(r"a\nb\u{1b}[2Jc\u{9b}31m\r.mrc -> "), || said.clone())?;
    hold(place.bytes("a\nb\x1b[2Jc\u{9b}31m\r.hdf").starts_with(SIGNATURE), || "no output".into())
}

fn of_nothing() -> Outcome {
    let place = Place::new();
    for (name, status, words) in [
        ("..", 2, "names no file"),
        ("/", 2, "names no file"),
        ("", 2, ""),
        (".", 2, "names no file"),
        ("missing/", 1, "No such file"),
        ("missing/a.mrc", 1, "No such file"),
        ("a.mrc/b.mrc", 1, ""),
    ] {
        ended(&place.run(&["--", name]), status, words)?;
    }
    place.file("b.mrc", small());
    ended(&place.run(&["b.mrc/"]), 1, "Not a directory")?;
    ended(&place.run(&["--outpath", "b.mrc", "b.mrc"]), 2, "cannot create the folder b.mrc")?;
    place.holds(&["b.mrc"])
}

/// None of them is waited for or read.
fn no_files() -> Outcome {
    let place = Place::new();
    fs::create_dir(place.path("folder.mrc"))?;
    hold(place.script("mkfifo pipe.mrc").status.success(), || "no pipe".into())?;
    let _socket = UnixListener::bind(place.path("socket.mrc"))?;
    let inputs = ["folder.mrc", "pipe.mrc", "socket.mrc", "/dev/zero", "/dev/null"];
    for input in inputs {
        ended(&place.run(&["--outpath", "out", input]), 1, "not a regular file")?;
    }
    let run = place.run(&[&["--outpath", "out"][..], &inputs].concat());
    ended(&run, 1, "5 of 5 files failed")?;
    hold(place.names("out").is_empty(), || format!("{:?}", place.names("out")))
}

fn unreadable() -> Outcome {
    let place = Place::new();
    let path = place.file("a.mrc", small());
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o000))?;
    let mut command = place.command(&["a.mrc"]);
    let run = without_rights(&mut command).output()?;
    ended(&run, 1, "Permission denied")?;
    hold(complaint(&run).contains("a.mrc"), || complaint(&run))?;
    place.holds(&["a.mrc"])
}

fn folder() -> Outcome {
    let place = Place::new();
    place.file("a.mrc", small());
    fs::create_dir(place.path("a.hdf"))?;
    ended(&place.run(&["a.mrc"]), 1, "is a folder")?;
    place.holds(&["a.hdf", "a.mrc"])
}
