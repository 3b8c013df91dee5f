//! Tests of what a journal proves.

use super::*;
use crate::files::journal::{done, unfinished};
use crate::files::journal_writer::{JournalWriter, Times};
use e2compress_core::record::{FAILED, INTERRUPTED, Recorded, options_json};
use e2compress_core::{EerRendering, LimitRule, Options, Report, Upsampling};
use std::io::Write;

/// A folder with an original, its output, and a journal.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        fs::write(place.path("a.mrc"), "pixels").unwrap();
        fs::write(place.path("a.hdf"), "codes").unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn paths(&self, input: &str, output: &str) -> Paths {
        Paths { input: self.path(input), output: self.path(output) }
    }

    fn print(&self, name: &str) -> Fingerprint {
        fingerprint::of(&File::open(self.path(name)).unwrap()).unwrap()
    }

    /// The line of the original, done.
    fn done(&self) -> Value {
        let (input, output) = (self.print("a.mrc"), self.print("a.hdf"));
        let recorded = |name, print| {
            let modified = modified(&fs::metadata(self.path(name)).unwrap());
            Recorded { print, modified }
        };
        let both = (recorded("a.mrc", &input), recorded("a.hdf", &output));
        done(&self.paths("a.mrc", "a.hdf"), &plain(), &Report::default(), both, None)
    }

    fn add(&self, line: &Value) {
        JournalWriter::open(&self.path("r.jsonl"), &[], Times::default())
            .unwrap()
            .add(line.clone(), || false)
            .unwrap();
    }

    fn read(&self, paths: &Paths, chosen: Value) -> Proven {
        Proven::read(&[self.path("r.jsonl")], std::slice::from_ref(paths), chosen, false).unwrap().0
    }

    fn proves(&self, input: &str, output: &str) -> bool {
        let paths = self.paths(input, output);
        self.read(&paths, plain()).proof(&paths).is_some()
    }
}

fn plain() -> Value {
    options_json(&Options::default(), false, EerRendering::default())
}

#[test]
fn what_is_unchanged_is_proven() {
    let place = Place::new();
    let (paths, line) = (place.paths("a.mrc", "a.hdf"), place.done());
    assert!(!place.proves("a.mrc", "a.hdf"), "there is no journal yet");
    place.add(&line);
    assert!(place.proves("a.mrc", "a.hdf"));
    let other = Options { limits: LimitRule::NoOutliers, ..Options::default() };
    assert!(place.read(&paths, options_json(&other, false, EerRendering::default())).proof(&paths).is_none());
    let unpacked = options_json(&Options::default(), true, EerRendering::default());
    assert!(place.read(&paths, unpacked).proof(&paths).is_none());
    let finer = EerRendering { upsampling: Upsampling::Two, ..EerRendering::default() };
    assert!(place.read(&paths, options_json(&Options::default(), false, finer)).proof(&paths).is_none());
    fs::write(&paths.input, "pixelz").unwrap();
    assert!(!place.proves("a.mrc", "a.hdf"));
    fs::remove_file(&paths.input).unwrap();
    assert!(place.proves("a.mrc", "a.hdf"), "an original that was deleted is not needed");
    fs::write(&paths.output, "codez").unwrap();
    assert!(!place.proves("a.mrc", "a.hdf"));
}

#[test]
fn names_do_not_matter() {
    let place = Place::new();
    place.add(&place.done());
    fs::create_dir(place.path("other")).unwrap();
    for name in ["a.mrc", "a.hdf"] {
        fs::rename(place.path(name), place.path("other").join(name)).unwrap();
    }
    assert!(place.proves("other/a.mrc", "other/a.hdf"));
    assert!(place.proves("other/a.hdf", "other/a.hdf"), "in place it would be compressed twice");
    fs::copy(place.path("other/a.mrc"), place.path("b.mrc")).unwrap();
    assert!(!place.proves("b.mrc", "b.hdf"), "its output is not there");
}

#[test]
fn a_file_that_is_done_in_one_line_is_done() {
    let place = Place::new();
    let (paths, line) = (place.paths("a.mrc", "a.hdf"), place.done());
    place.add(&unfinished(FAILED, &paths, &plain(), "why"));
    assert!(!place.proves("a.mrc", "a.hdf"));
    place.add(&line);
    // Whatever was tried later: content tells whether it is still there.
    let mut of_another = line.clone();
    of_another["output"]["sha256"] = "00".repeat(32).into();
    for later in [
        unfinished(FAILED, &paths, &plain(), "why"),
        unfinished(INTERRUPTED, &paths, &plain(), "why"),
        of_another,
    ] {
        place.add(&later);
        assert!(place.proves("a.mrc", "a.hdf"), "{later}");
    }
    // Made otherwise since, if by chance with the same bytes.
    let mut otherwise = line.clone();
    otherwise["options"]["bits"] = 3.into();
    place.add(&otherwise);
    assert!(!place.proves("a.mrc", "a.hdf"));
    assert!(place.proves("a.hdf", "a.hdf"), "what is compressed is compressed");
    place.add(&line);
    assert!(place.proves("a.mrc", "a.hdf"));
}

#[test]
fn several_journals_are_one() {
    let place = Place::new();
    let paths = place.paths("a.mrc", "a.hdf");
    let add = |name: &str, line: &Value| {
        JournalWriter::open(&place.path(name), &[], Times::default())
            .unwrap()
            .add(line.clone(), || false)
            .unwrap();
    };
    add("1", &place.done());
    add("2", &unfinished(FAILED, &paths, &plain(), "why"));
    for (names, expected, notes) in
        [(&["1", "2"][..], true, 0), (&["2", "1"], true, 0), (&["2"], false, 0), (&["3", "1", "4"], true, 2)]
    {
        let journals: Vec<PathBuf> = names.iter().map(|name| place.path(name)).collect();
        let (proven, found) = Proven::read(&journals, std::slice::from_ref(&paths), plain(), false).unwrap();
        assert_eq!((proven.proof(&paths).is_some(), found.len()), (expected, notes), "{names:?}");
        // Lines that come to any of them count.
        add("4", &place.done());
        assert_eq!(proven.proof(&paths).is_some(), expected);
        fs::remove_file(place.path("4")).unwrap();
    }
    let (proven, _) =
        Proven::read(&[place.path("2"), place.path("4")], std::slice::from_ref(&paths), plain(), false)
            .unwrap();
    assert!(proven.proof(&paths).is_none());
    add("4", &place.done());
    assert!(proven.proof(&paths).is_some());
}

#[test]
fn lengths_and_times_prove_where_they_are_trusted() {
    let place = Place::new();
    let paths = place.paths("a.mrc", "a.hdf");
    place.add(&place.done());
    let proves = |quick| {
        Proven::read(&[place.path("r.jsonl")], std::slice::from_ref(&paths), plain(), quick)
            .unwrap()
            .0
            .proof(&paths)
            .is_some()
    };
    // Other bytes under the recorded time and length: that nothing is read is what is asked for.
    let change = |path: &Path, bytes: &str, keep_time: bool| {
        let time = fs::metadata(path).unwrap().modified().unwrap();
        fs::write(path, bytes).unwrap();
        let time = if keep_time { time } else { time + std::time::Duration::from_secs(9) };
        File::options().append(true).open(path).unwrap().set_modified(time).unwrap();
    };
    change(&paths.output, "CODES", true);
    assert_eq!((proves(true), proves(false)), (true, false));
    change(&paths.output, "CODE", true);
    assert!(!proves(true), "another length");
    change(&paths.output, "codes", false);
    assert_eq!((proves(true), proves(false)), (true, true), "another time: content tells");
    change(&paths.output, "CODES", true);
    assert!(!proves(true));
    change(&paths.output, "codes", true);
    fs::remove_file(&paths.input).unwrap();
    assert!(proves(true));
}

#[test]
fn other_versions_prove_what_is_compressed_in_place() {
    let place = Place::new();
    let mut line = place.done();
    line["version"] = "0.0.1".into();
    for option in ["no_unpack", "eer"] {
        line["options"].as_object_mut().unwrap().remove(option).unwrap();
    }
    place.add(&line);
    assert!(!place.proves("a.mrc", "a.hdf"));
    assert!(place.proves("a.hdf", "a.hdf"));
}

#[test]
fn what_is_said_once_more_is_what_this_version_did() {
    let place = Place::new();
    let paths = place.paths("a.mrc", "a.hdf");
    let mut other = place.done();
    other["version"] = "0.0.1".into();
    // Of a copy, so that it says nothing about these names.
    other["input"]["path"] = "/other/a.mrc".into();
    other["output"]["path"] = "/other/a.hdf".into();
    place.add(&place.done());
    place.add(&other);
    fs::remove_file(&paths.input).unwrap();
    let proven = place.read(&paths, plain());
    assert!(proven.proof(&paths).is_some());
    let line = proven.line(&paths).unwrap();
    assert_eq!(line["version"], VERSION);
    place.add(&line);
    assert!(place.proves("a.mrc", "a.hdf"), "it stays proven");
}

#[test]
fn of_several_lines_the_latest_is_said_once_more() {
    let place = Place::new();
    let paths = place.paths("a.mrc", "a.hdf");
    let done = place.done();
    let said = |records: [(&str, Option<u64>); 2]| {
        for (commit, time) in records {
            let mut line = done.clone();
            line["commit"] = commit.into();
            // Of other inputs, which are deleted: each is an entry of its own.
            line["input"]["sha256"] = commit.repeat(64).into();
            if let Some(time) = time {
                record::stamp(&mut line, time);
            }
            fs::write(place.path(commit), format!("{line}\n")).unwrap();
        }
        let journals = records.map(|(commit, _)| place.path(commit));
        let (proven, _) = Proven::read(&journals, std::slice::from_ref(&paths), plain(), false).unwrap();
        proven.line(&paths).unwrap()["commit"].as_str().unwrap().to_owned()
    };
    fs::remove_file(&paths.input).unwrap();
    assert_eq!(said([("1", Some(5)), ("2", Some(6))]), "2");
    assert_eq!(said([("1", Some(6)), ("2", Some(5))]), "1");
    assert_eq!(said([("1", Some(5)), ("2", None)]), "1");
}

#[test]
fn lines_that_are_added_meanwhile_count() {
    let place = Place::new();
    let paths = place.paths("a.hdf", "a.hdf");
    let proven = place.read(&paths, plain());
    assert!(proven.proof(&paths).is_none());
    let line = place.done().to_string();
    let (start, end) = line.split_at(99);
    let mut file = File::create(place.path("r.jsonl")).unwrap();
    write!(file, "{start}").unwrap();
    assert!(proven.proof(&paths).is_none());
    writeln!(file, "{end}").unwrap();
    assert!(proven.proof(&paths).is_some());
}

#[test]
fn cut_lines_are_skipped_and_other_files_refused() {
    let place = Place::new();
    let paths = [place.paths("a.mrc", "a.hdf")];
    let file = place.path("r.jsonl");
    let read = || Proven::read(std::slice::from_ref(&file), &paths, plain(), false);
    let line = place.done().to_string();
    for cut in 1..line.len() {
        fs::write(&file, format!("{}\n{line}\n{}", &line[..cut], &line[..cut])).unwrap();
        let (proven, notes) = read().unwrap();
        assert!(proven.proof(&paths[0]).is_some(), "{cut}");
        assert!(notes[0].starts_with("skipped 2 lines"), "{notes:?}");
    }
    for text in ["nonsense\n{}\n", "{}", "\u{89}HDF"] {
        fs::write(&file, text).unwrap();
        assert!(read().is_err(), "{text}");
    }
}

#[test]
fn memory_does_not_grow_with_the_journal() {
    let place = Place::new();
    let paths = place.paths("a.mrc", "a.hdf");
    let mut line = place.done();
    let mut file = io::BufWriter::new(File::create(place.path("r.jsonl")).unwrap());
    for number in 0..20_000 {
        line["input"]["path"] = format!("/data/{number}.mrc").into();
        line["output"]["path"] = format!("/data/{number}.hdf").into();
        line["output"]["sha256"] = format!("{number:064x}").into();
        line["output"]["bytes"] = (number + 1000).into();
        writeln!(file, "{line}").unwrap();
    }
    drop(file);
    let known = place.read(&paths, plain()).known.into_inner().unwrap();
    assert!(known.read[0] > 1 << 20);
    assert_eq!((known.by_names.len(), known.done.len(), known.lengths.len()), (1, 0, 0));
}
