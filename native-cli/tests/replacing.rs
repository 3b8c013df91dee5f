//! Outputs that take the place of something: only where nothing but bits is lost, and nobody is asked twice.

use std::fs::{self, File};
use std::path::Path;
use std::process::Output;

use e2compress_fixtures::made::{Mrc, Noise};
use e2compress_fixtures::{complaint, data, run};
use tempfile::{TempDir, tempdir};

fn e2compress(folder: &TempDir, words: &[&str]) -> Output {
    run(env!("CARGO_BIN_EXE_e2compress"), folder.path(), words)
}

/// Runs the command, which must succeed; returns what it printed and what it warned of.
fn done(folder: &TempDir, words: &[&str]) -> (String, String) {
    let run = e2compress(folder, words);
    assert!(run.status.success(), "{words:?}: {}", complaint(&run));
    (String::from_utf8(run.stdout.clone()).unwrap(), complaint(&run))
}

/// Runs the command, which must fail with a status and words.
fn refused(folder: &TempDir, words: &[&str], status: i32, part: &str) {
    let run = e2compress(folder, words);
    assert_eq!(run.status.code(), Some(status), "{words:?}: {}", complaint(&run));
    assert!(complaint(&run).contains(part), "{words:?}: {}", complaint(&run));
}

fn micrograph(seed: u64) -> Mrc {
    Mrc::floats(100, 90, 1, Noise(seed).take(9000))
}

/// A folder with `a.mrc`.
fn folder() -> TempDir {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("a.mrc"), micrograph(1).bytes).unwrap();
    folder
}

fn bytes(folder: &TempDir, name: &str) -> Vec<u8> {
    fs::read(folder.path().join(name)).unwrap_or_default()
}

/// The same folder with `a.hdf`, made of it with so many bits.
fn compressed(bits: &str) -> TempDir {
    let folder = folder();
    done(&folder, &["--bits", bits, "a.mrc"]);
    folder
}

#[test]
fn the_same_picture_is_replaced_and_no_other() {
    let folder = compressed("5");
    let (line, _) = done(&folder, &["--bits", "8", "a.mrc"]);
    assert!(line.contains(", replaced"), "{line}");
    let here = bytes(&folder, "a.hdf");
    // Another picture of that name, and one of another number of images.
    fs::create_dir(folder.path().join("other")).unwrap();
    fs::write(folder.path().join("other/a.mrc"), micrograph(2).bytes).unwrap();
    let stack = Mrc::floats(100, 90, 2, Noise(1).take(18_000));
    fs::write(folder.path().join("other/a.mrcs"), stack.bytes).unwrap();
    for (input, why) in [("other/a.mrc", "another minimum in image 0"), ("other/a.mrcs", "1 instead of 2")] {
        refused(&folder, &["--outpath", ".", input], 1, why);
        refused(&folder, &["--outpath", ".", input], 1, "--overwrite");
        assert!(bytes(&folder, "a.hdf") == here, "{input}");
    }
    let (line, _) = done(&folder, &["--overwrite", "--outpath", ".", "other/a.mrc"]);
    assert!(line.contains(", replaced"), "{line}");
    assert!(bytes(&folder, "a.hdf") != here);
}

#[test]
fn compressing_twice_is_compressing_once() {
    for bits in ["5", "8", "10", "16"] {
        let folder = compressed(bits);
        let once = bytes(&folder, "a.hdf");
        // In place the old file stays, whatever it is called.
        for name in ["a.hdf", "./a.hdf"] {
            let (line, _) = done(&folder, &["--bits", "16", name]);
            assert!(line.contains("kept as it is"), "{line}");
            assert!(bytes(&folder, "a.hdf") == once);
        }
        // Elsewhere it is what was made of the original, statistics and truncated pixels included.
        done(&folder, &["--bits", bits, "--verify", "--outpath", "out", "a.hdf"]);
        let (line, _) = done(&folder, &["verify", "out/a.hdf", "a.mrc"]);
        assert!(line.contains("every code is right"), "{line}");
        // As well as a better deflate stream, which then takes its place.
        let (line, _) = done(&folder, &["--bits", bits, "--compresslevel", "9", "--verify", "a.hdf"]);
        let smaller = bytes(&folder, "a.hdf").len() < once.len();
        assert_eq!(smaller, !line.contains("kept as it is"), "{line}");
        done(&folder, &["verify", "a.hdf", "a.mrc"]);
    }
}

#[test]
fn fewer_bits_are_quantised_once() {
    let folder = compressed("12");
    done(&folder, &["--bits", "5", "--verify", "--outpath", "one", "a.hdf"]);
    done(&folder, &["--bits", "5", "--verify", "--outpath", "two", "one/a.hdf"]);
    done(&folder, &["--bits", "10", "--verify", "--outpath", "three", "two/a.hdf"]);
    assert!(bytes(&folder, "one/a.hdf") == bytes(&folder, "two/a.hdf"));
    assert!(bytes(&folder, "two/a.hdf") == bytes(&folder, "three/a.hdf"));
}

#[test]
fn floats_stay_floats() {
    let folder = compressed("0");
    let once = bytes(&folder, "a.hdf");
    let (line, _) = done(&folder, &["--bits", "0", "a.hdf"]);
    assert!(line.contains("kept as it is") && bytes(&folder, "a.hdf") == once, "{line}");
    // Uncompressed is what was asked for, and so it is done.
    let (line, _) = done(&folder, &["--bits", "-1", "a.hdf"]);
    assert!(line.contains("uncompressed"), "{line}");
    done(&folder, &["verify", "a.hdf", "a.mrc"]);
}

#[test]
fn damaged_files_are_refused_or_taken_as_they_are() {
    let folder = compressed("8");
    let mut damaged = bytes(&folder, "a.hdf");
    // Its range, reversed.
    let attribute = b"EMAN.stored_rendermin";
    let name = damaged.windows(attribute.len()).position(|bytes| bytes == attribute).unwrap();
    let datatype_and_dataspace = 24 + 12 + 12;
    let value = name + datatype_and_dataspace..name + datatype_and_dataspace + 60;
    let low = damaged[value.clone()].windows(4).position(|bytes| {
        let value = f32::from_le_bytes(bytes.try_into().unwrap());
        (-20.0..-1.0).contains(&value)
    });
    let low = value.start + low.unwrap();
    damaged[low..low + 4].copy_from_slice(&77f32.to_le_bytes());
    fs::write(folder.path().join("a.hdf"), &damaged).unwrap();
    for words in [
        &["--bits", "5", "a.hdf"][..],
        &["--outpath", "out", "a.hdf"],
        &["expand", "--outpath", "out", "a.hdf"],
    ] {
        refused(&folder, words, 1, "not sound");
        assert!(bytes(&folder, "a.hdf") == damaged && bytes(&folder, "out/a.hdf").is_empty(), "{words:?}");
    }
    let (_, warnings) = done(&folder, &["--force", "--bits", "5", "a.hdf"]);
    assert!(warnings.contains("not sound"), "{warnings}");
    assert!(bytes(&folder, "a.hdf") != damaged);
}

#[test]
fn what_eman2_writes_is_no_damage() {
    for (name, note) in
        [("region", "other statistics"), ("nan", "other statistics"), ("short", "signed numbers")]
    {
        let folder = tempdir().unwrap();
        let file = format!("{name}.hdf");
        fs::copy(data().join("eman2-odd").join(&file), folder.path().join(&file)).unwrap();
        let (_, notes) = done(&folder, &["verify", &file]);
        assert!(notes.contains(note), "{name}: {notes}");
        let (_, notes) = done(&folder, &["--bits", "8", &file]);
        assert!(notes.contains(note), "{name}: {notes}");
        let (_, notes) = done(&folder, &["verify", &file]);
        assert_eq!(notes, "", "{name}");
    }
}

#[test]
fn limits_that_cut_the_picture_are_told() {
    let folder = compressed("0");
    let before = bytes(&folder, "a.hdf");
    for (range, words) in
        [("--range=50,60", "the picture is lost"), ("--range=-1,1", " % of the pixels are clipped")]
    {
        refused(&folder, &["--bits", "5", range, "a.hdf"], 1, words);
        assert!(bytes(&folder, "a.hdf") == before);
        let (line, warnings) =
            done(&folder, &["--bits", "5", range, "--verify", "--overwrite", "--outpath", "out", "a.hdf"]);
        assert!(warnings.contains(words), "{warnings}");
        // The errors are those of truncated pixels, too.
        let largest = line.split("largest difference ").nth(1).and_then(|rest| rest.split(' ').next());
        assert!(
            largest.and_then(|figure| figure.parse::<f64>().ok()).is_some_and(|largest| largest > 1.0),
            "{line}"
        );
    }
    let (_, warnings) = done(&folder, &["--bits", "5", "--nooutliers", "--outpath", "few", "a.hdf"]);
    assert_eq!(warnings, "", "a few in a thousand are what limits are for");
    done(&folder, &["--force", "--bits", "5", "--range=-1,1", "a.hdf"]);
    assert!(bytes(&folder, "a.hdf") != before);
}

#[test]
fn what_lies_around_the_images_is_not_lost() {
    let folder = compressed("8");
    let whole = bytes(&folder, "a.hdf");
    for (file, what) in [
        ([&[b'p'; 512][..], &whole].concat(), "the user block (512 bytes)"),
        ([&whole[..], b"PRECIOUS"].concat(), "what follows the end (8 bytes)"),
    ] {
        fs::write(folder.path().join("a.hdf"), &file).unwrap();
        refused(&folder, &["--bits", "4", "a.hdf"], 1, what);
        assert!(bytes(&folder, "a.hdf") == file);
        let (_, warnings) = done(&folder, &["--bits", "4", "--overwrite", "--outpath", "out", "a.hdf"]);
        assert!(warnings.contains(what), "{warnings}");
    }
}

#[test]
fn files_in_use_are_not_replaced() {
    let folder = compressed("8");
    let path = folder.path().join("a.hdf");
    let before = bytes(&folder, "a.hdf");
    let lock = File::options().read(true).write(true).open(&path).unwrap();
    if lock.try_lock().is_ok() {
        refused(&folder, &["--bits", "4", "a.hdf"], 1, "locked");
        lock.unlock().unwrap();
    }
    if cfg!(target_os = "linux") {
        refused(&folder, &["--bits", "4", "a.hdf"], 1, "open for writing");
    }
    drop(lock);
    assert!(bytes(&folder, "a.hdf") == before);
    // A reader does not mind: it goes on with the old file.
    let reader = File::open(&path).unwrap();
    reader.lock_shared().unwrap();
    done(&folder, &["--bits", "4", "a.hdf"]);
    assert!(bytes(&folder, "a.hdf") != before);
}

#[cfg(unix)]
#[test]
fn a_replaced_file_passes_on_its_attributes() {
    let folder = compressed("8");
    let path = folder.path().join("a.hdf");
    if xattr::set(&path, "user.note", b"precious").is_err() {
        return; // the file system knows none
    }
    done(&folder, &["--bits", "4", "a.hdf"]);
    assert_eq!(xattr::get(&path, "user.note").unwrap().as_deref(), Some(b"precious".as_slice()));
}

#[test]
fn commands_are_found_and_inputs_looked_at_before_anything_is_replaced() {
    let folder = compressed("8");
    let before = bytes(&folder, "a.hdf");
    for words in
        [&["--threads", "2", "verify", "a.hdf"][..], &["-v", "1", "expand", "--outpath", "back", "a.hdf"]]
    {
        done(&folder, words);
    }
    refused(&folder, &["--bits", "4", "verfy", "a.hdf"], 2, "the command verify");
    refused(&folder, &["--bits", "4", "a.hdf", "missing.mrc"], 1, "missing.mrc: cannot open");
    fs::write(folder.path().join("none.mrc"), "no image").unwrap();
    refused(&folder, &["--bits", "4", "a.hdf", "none.mrc"], 1, "nothing was written");
    assert!(bytes(&folder, "a.hdf") == before);
    // A file may have the name of a command.
    fs::copy(folder.path().join("a.mrc"), folder.path().join("info")).unwrap();
    let (line, _) = done(&folder, &["--bits", "8", "--bits", "5", "./info"]);
    assert!(line.contains("5 bits"), "the last value counts: {line}");
    // As the original has it.
    let (line, _) = done(&folder, &["--b", "6", "--no", "--o", "short", "a.mrc"]);
    assert!(line.contains("6 bits") && Path::new(&folder.path().join("short/a.hdf")).exists(), "{line}");
}

#[test]
fn growth_is_told_with_its_reason() {
    let folder = tempdir().unwrap();
    for name in ["a.mrcs", "b.mrcs"] {
        let stack = Mrc::floats(4, 4, 50, Noise(3).take(800));
        fs::write(folder.path().join(name), stack.bytes).unwrap();
    }
    let (lines, warnings) = done(&folder, &["a.mrcs", "b.mrcs"]);
    assert_eq!(lines.matches("larger because every image takes").count(), 2, "{lines}");
    assert!(warnings.contains("2 of 2 outputs are larger than their inputs"), "{warnings}");
    // Of outputs alone: what failed has none.
    fs::write(folder.path().join("bad.mrc"), "bad").unwrap();
    let words = ["--bits", "5", "--outpath", "out", "a.mrcs", "bad.mrc", "none.mrc"];
    let output = run(env!("CARGO_BIN_EXE_e2compress"), folder.path(), &words);
    let warnings = complaint(&output);
    assert_eq!(output.status.code(), Some(1), "{warnings}");
    assert!(warnings.contains("1 of 1 output is larger than its input"), "{warnings}");
}

#[test]
fn halves_that_are_not_exact_are_told() {
    let folder = tempdir().unwrap();
    let tiny = Mrc::floats(40, 30, 1, Noise(1).take(1200).map(|value| value * 1e-7));
    fs::write(folder.path().join("a.mrc"), tiny.bytes).unwrap();
    done(&folder, &["--bits", "0", "a.mrc"]);
    let (_, warnings) = done(&folder, &["expand", "--mode", "12", "--outpath", "back", "a.hdf"]);
    assert!(warnings.contains("not exact as 16-bit floats") && warnings.contains("become 0"), "{warnings}");
    let (_, warnings) =
        done(&folder, &["expand", "--mode", "2", "--overwrite", "--outpath", "back", "a.hdf"]);
    assert_eq!(warnings, "");
}
