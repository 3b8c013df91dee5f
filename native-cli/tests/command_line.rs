//! What a person at the terminal meets: names, messages, exit status, and what happens to files.

use std::fs;
use std::path::Path;
use std::process::Output;

use e2compress_fixtures::made::{Mrc, Noise};
use e2compress_fixtures::{complaint, run};
use tempfile::{TempDir, tempdir};

/// The command.
const PROGRAM: &str = env!("CARGO_BIN_EXE_e2compress");

/// Runs the command in a folder.
fn e2compress(folder: &Path, words: &[&str]) -> Output {
    run(PROGRAM, folder, words)
}

fn folder(files: &[(&str, &Mrc)]) -> TempDir {
    let folder = tempdir().unwrap();
    for (name, mrc) in files {
        fs::write(folder.path().join(name), &mrc.bytes).unwrap();
    }
    folder
}

fn micrograph() -> Mrc {
    Mrc::floats(40, 30, 1, Noise(1).take(1200))
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn the_output_lies_beside_the_input() {
    let folder = folder(&[("a.mrc", &micrograph())]);
    let run = e2compress(folder.path(), &["a.mrc"]);
    assert!(run.status.success(), "{}", complaint(&run));
    assert_eq!(names(folder.path()), ["a.hdf", "a.mrc"]);
    let line = said(&run);
    for part in ["a.mrc -> a.hdf", "1 image of 40 x 30", "10 bits", "range", "step", "no pixels clipped"] {
        assert!(line.contains(part), "{part} in {line}");
    }
    assert_eq!(complaint(&run), "", "nothing but the line when nothing is wrong, and no progress in a pipe");
}

#[test]
fn the_folder_is_made() {
    let folder = folder(&[("a.mrc", &micrograph()), ("b.mrcs", &micrograph())]);
    let run = e2compress(folder.path(), &["--outpath", "new/deep", "a.mrc", "b.mrcs"]);
    assert!(run.status.success(), "{}", complaint(&run));
    assert_eq!(names(&folder.path().join("new/deep")), ["a.hdf", "b.hdf"]);
}

#[test]
fn one_bad_file_does_not_stop_the_others() {
    let mut short = micrograph();
    short.bytes.pop();
    let folder = folder(&[("a.mrc", &micrograph()), ("short.mrc", &short), ("z.mrc", &micrograph())]);
    let run = e2compress(folder.path(), &["a.mrc", "short.mrc", "missing.mrc", "z.mrc"]);
    assert_eq!(run.status.code(), Some(1));
    assert_eq!(names(folder.path()), ["a.hdf", "a.mrc", "short.mrc", "z.hdf", "z.mrc"]);
    let words = complaint(&run);
    let last = words.lines().rev().take(3).collect::<Vec<_>>().join("\n");
    assert!(words.contains("2 of 4 files failed"), "{words}");
    assert!(last.contains("short.mrc") && last.contains("missing.mrc"), "{words}");
    assert!(words.contains("cut short"), "{words}");
}

#[test]
fn a_failure_leaves_the_previous_output_untouched() {
    let mut wide = micrograph();
    wide.set(Mrc::HEADER, &f32::MAX.to_le_bytes());
    wide.set(Mrc::HEADER + 4, &f32::MIN.to_le_bytes());
    let folder = folder(&[("a.mrc", &wide)]);
    fs::write(folder.path().join("a.hdf"), "precious").unwrap();
    let run = e2compress(folder.path(), &["--overwrite", "a.mrc"]);
    assert_eq!(run.status.code(), Some(1), "{}", complaint(&run));
    assert_eq!(fs::read(folder.path().join("a.hdf")).unwrap(), b"precious");
    assert_eq!(names(folder.path()), ["a.hdf", "a.mrc"], "no temporary file is left");
}

#[test]
fn an_existing_output_is_replaced_on_demand() {
    let folder = folder(&[("a.mrc", &micrograph())]);
    fs::write(folder.path().join("a.hdf"), "old").unwrap();
    let run = e2compress(folder.path(), &["a.mrc"]);
    assert_eq!(run.status.code(), Some(1));
    assert!(complaint(&run).contains("--overwrite"), "{}", complaint(&run));
    assert_eq!(fs::read(folder.path().join("a.hdf")).unwrap(), b"old");
    let run = e2compress(folder.path(), &["--overwrite", "a.mrc"]);
    assert!(run.status.success() && said(&run).contains("replaced"), "{}", said(&run));
    assert!(fs::read(folder.path().join("a.hdf")).unwrap().starts_with(b"\x89HDF"));
}

#[cfg(unix)]
#[test]
fn the_output_has_ordinary_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder(&[("a.mrc", &micrograph())]);
    assert!(e2compress(folder.path(), &["a.mrc"]).status.success());
    fs::write(folder.path().join("plain"), "").unwrap();
    let mode = |name| fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
    assert_eq!(mode("a.hdf"), mode("plain"));
}

#[test]
fn outputs_that_collide_are_refused_before_anything_is_written() {
    let folder = folder(&[("x.mrc", &micrograph()), ("x.mrcs", &micrograph())]);
    let run = e2compress(folder.path(), &["x.mrc", "x.mrcs"]);
    assert_eq!(run.status.code(), Some(2));
    assert!(complaint(&run).contains("x.hdf"), "{}", complaint(&run));
    assert_eq!(names(folder.path()), ["x.mrc", "x.mrcs"]);
}

#[test]
fn an_mrc_file_named_hdf_is_not_overwritten() {
    let folder = folder(&[("x.hdf", &micrograph())]);
    let run = e2compress(folder.path(), &["x.hdf"]);
    assert_eq!(run.status.code(), Some(1), "{}", complaint(&run));
    assert!(complaint(&run).contains("not an HDF5 file"), "{}", complaint(&run));
    assert_eq!(fs::read(folder.path().join("x.hdf")).unwrap(), micrograph().bytes);
}

#[test]
fn an_original_is_not_replaced_by_its_expanded_form() {
    let folder = folder(&[("a.mrc", &micrograph())]);
    let original = || fs::read(folder.path().join("a.mrc")).unwrap();
    assert!(e2compress(folder.path(), &["--bits", "3", "a.mrc"]).status.success());
    let run = e2compress(folder.path(), &["expand", "a.hdf"]);
    assert_eq!(run.status.code(), Some(1));
    assert!(complaint(&run).contains("--overwrite"), "{}", complaint(&run));
    assert!(original() == micrograph().bytes);
    assert!(e2compress(folder.path(), &["expand", "--outpath", "back", "a.hdf"]).status.success());
    assert!(e2compress(folder.path(), &["expand", "--overwrite", "a.hdf"]).status.success());
    assert!(original() != micrograph().bytes && original().len() == micrograph().bytes.len());
    assert_eq!(names(folder.path()), ["a.hdf", "a.mrc", "back"]);
}

#[test]
#[cfg(unix)]
fn a_replaced_file_passes_on_its_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder(&[("a.mrc", &micrograph())]);
    let output = folder.path().join("a.hdf");
    let mode = || fs::metadata(&output).unwrap().permissions().mode() & 0o777;
    assert!(e2compress(folder.path(), &["a.mrc"]).status.success());
    for permissions in [0o640, 0o400, 0o664] {
        fs::set_permissions(&output, fs::Permissions::from_mode(permissions)).unwrap();
        // From MRC, and in place, where a file that is write-protected stays.
        for (words, input) in
            [(["--overwrite", "--bits=12"], "a.mrc"), (["--fail-fast", "--bits=8"], "a.hdf")]
        {
            let run = e2compress(folder.path(), &[&words[..], &[input]].concat());
            let replaced = input == "a.mrc" || permissions != 0o400;
            assert_eq!(run.status.success(), replaced, "{input} {permissions:o}: {}", complaint(&run));
            assert!(replaced || complaint(&run).contains("write-protected"), "{}", complaint(&run));
            assert_eq!(mode(), permissions, "{input}");
        }
    }
}

#[test]
fn an_unknown_file_is_told_by_its_kind() {
    let folder = tempdir().unwrap();
    for (name, bytes, kind) in [
        ("a.mrc", b"".as_slice(), "empty"),
        ("b.mrc", b"II*\0 and so on", "TIFF"),
        ("c.mrc", b"\x89HDF\r\n\x1a\n", "damaged: the superblock"),
        ("d.mrc", b"some words\n", "text"),
        ("e.mrc", &[0; 2000], "zeros"),
        ("f.mrc", b"\x1f\x8b\x08", "gzip"),
    ] {
        fs::write(folder.path().join(name), bytes).unwrap();
        let run = e2compress(folder.path(), &[name]);
        assert_eq!(run.status.code(), Some(1));
        assert!(complaint(&run).contains(kind), "{name}: {}", complaint(&run));
        assert_eq!(complaint(&run).lines().count(), 1, "{}", complaint(&run));
    }
    assert!(names(folder.path()).iter().all(|name| !name.contains("hdf")));
}

#[test]
fn lying_headers_get_one_line_at_once() {
    let good = micrograph();
    for (what, offset, value) in [
        ("complex", 12, 4),
        ("complex", 12, 3),
        ("mode", 12, 99),
        ("dimensions", 0, 0),
        ("dimensions", 4, -1),
        ("dimensions", 8, i32::MIN),
        ("dimensions", 0, i32::MAX),
        ("cut short", 8, 1_000_000),
        ("cut short", 0, (1 << 20) - 1),
        ("extended header", 92, -4),
        ("extended header", 92, i32::MAX),
    ] {
        let mut lying = good.clone();
        lying.int(offset, value);
        let folder = folder(&[("a.mrc", &lying), ("a.mrcs", &lying)]);
        for name in ["a.mrc", "a.mrcs"] {
            let run = e2compress(folder.path(), &[name]);
            assert_eq!(run.status.code(), Some(1), "{what}");
            assert!(complaint(&run).contains(what), "{what}: {}", complaint(&run));
            assert_eq!(complaint(&run).lines().count(), 1, "{}", complaint(&run));
        }
    }
}

#[test]
fn warnings_name_what_the_owner_should_know() {
    let mut odd = micrograph();
    odd.set(Mrc::HEADER, &f32::NAN.to_le_bytes());
    odd.set(Mrc::HEADER + 4, &f32::INFINITY.to_le_bytes());
    odd.bytes.extend([0; 17]);
    let mut hot = micrograph();
    hot.set(Mrc::HEADER, &1e6f32.to_le_bytes());
    let folder = folder(&[("odd.mrc", &odd), ("hot.mrc", &hot)]);
    let run = e2compress(folder.path(), &["odd.mrc"]);
    assert!(run.status.success());
    let words = complaint(&run);
    assert!(words.contains("1 NaN and 1 infinite"), "{words}");
    assert!(words.contains("17 bytes after the last section"), "{words}");
    let words = complaint(&e2compress(folder.path(), &["--bits", "5", "hot.mrc"]));
    assert!(words.contains("larger than sigma") && words.contains("--nooutliers"), "{words}");
    let run = e2compress(folder.path(), &["--bits", "5", "--nooutliers", "hot.mrc"]);
    assert_eq!(complaint(&run), "");
}

#[test]
fn sparse_counts_are_no_reason_for_a_warning() {
    // Sigma is far below 1, the step is 1, and every count is exact.
    let counts = Mrc::floats(64, 64, 1, (0..4096u16).map(|i| f32::from(u8::from(i % 97 == 0))));
    let folder = folder(&[("a.mrc", &counts)]);
    let run = e2compress(folder.path(), &["--bits", "4", "a.mrc"]);
    assert_eq!(complaint(&run), "");
}

#[test]
fn usage_errors_have_their_own_status() {
    let folder = folder(&[("a.mrc", &micrograph())]);
    for words in [
        vec![],
        vec!["--bits", "1", "a.mrc"],
        vec!["--compresslevel", "10", "a.mrc"],
        vec!["--nooutliers", "--sigrange", "4,4", "a.mrc"],
    ] {
        assert_eq!(e2compress(folder.path(), &words).status.code(), Some(2), "{words:?}");
    }
    assert_eq!(names(folder.path()), ["a.mrc"]);
}

#[test]
fn help_and_version() {
    let folder = tempdir().unwrap();
    let help = said(&e2compress(folder.path(), &["--help"]));
    for option in
        ["--bits", "--compresslevel", "--nooutliers", "--range", "--sigrange", "--outpath", "--threads"]
    {
        assert!(help.contains(option), "{option}");
    }
    assert_eq!(help.matches("e2compress --bits").count(), 2, "two examples");
}

/// A line such as `e2compress 0.1.0 (commit 0123456789ab, features: none)`.
#[test]
fn the_version_tells_commit_and_features() {
    let folder = tempdir().unwrap();
    let version = said(&e2compress(folder.path(), &["--version"]));
    assert_eq!(version.lines().count(), 1, "{version}");
    let rest = version.strip_prefix(concat!("e2compress ", env!("CARGO_PKG_VERSION"), " (commit ")).unwrap();
    let (commit, features) = rest.split_once(", ").unwrap();
    assert_eq!(features.contains("libhdf5"), cfg!(feature = "libhdf5"), "{version}");
    assert!(features.starts_with("features: "), "{version}");
    // Beside git, where it is there and knows these sources.
    let git = |words: &[&str]| {
        let mut command = std::process::Command::new("git");
        let run = command.args(words).current_dir(env!("CARGO_MANIFEST_DIR")).output().ok()?;
        run.status.success().then(|| String::from_utf8(run.stdout).unwrap())
    };
    let known = git(&["ls-files", "--error-unmatch", "Cargo.toml"]).and_then(|_| git(&["rev-parse", "HEAD"]));
    match known {
        Some(head) => assert!(head.starts_with(commit), "{commit} is not {head}"),
        None => assert_eq!(commit, "unknown"),
    }
}

#[cfg(target_os = "linux")]
#[test]
fn threads_default_to_the_cores_the_process_may_use() {
    let folder = folder(&[("a.mrc", &micrograph())]);
    let script = r#"taskset -c 0 "$0" --bits 4 -v 1 a.mrc"#;
    let run = std::process::Command::new("sh")
        .args(["-c", script, PROGRAM])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(complaint(&run).contains("e2compress: 1 thread\n"), "{}", complaint(&run));
    let run = e2compress(folder.path(), &["-v", "1", "--threads", "3", "a.mrc"]);
    assert!(complaint(&run).contains("e2compress: 3 threads\n"), "{}", complaint(&run));
}

#[cfg(unix)]
#[test]
fn an_interrupt_leaves_nothing_half_done() {
    for (signal, status) in [("INT", 130), ("TERM", 143)] {
        let folder = tempdir().unwrap();
        let slow = Mrc::new(8192, 8192, 24, 0);
        let file = fs::File::create(folder.path().join("slow.mrc")).unwrap();
        std::io::Write::write_all(&mut &file, &slow.bytes).unwrap();
        file.set_len(slow.bytes.len() as u64 + 8192 * 8192 * 24).unwrap();
        fs::write(folder.path().join("slow.hdf"), "old").unwrap();
        let mut child = e2compress_fixtures::heeding(PROGRAM)
            .args(["--overwrite", "--threads", "1", "slow.mrc"])
            .current_dir(folder.path())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        // It has begun once its temporary file is there.
        while !names(folder.path()).iter().any(|name| name.contains(".part")) {
            assert!(child.try_wait().unwrap().is_none());
        }
        let kill = std::process::Command::new("kill").args(["-s", signal, &child.id().to_string()]).status();
        assert!(kill.unwrap().success());
        let run = child.wait_with_output().unwrap();
        assert_eq!(run.status.code(), Some(status), "{}", complaint(&run));
        assert!(complaint(&run).contains("interrupted"), "{}", complaint(&run));
        assert_eq!(names(folder.path()), ["slow.hdf", "slow.mrc"]);
        assert_eq!(fs::read(folder.path().join("slow.hdf")).unwrap(), b"old");
    }
}

#[cfg(unix)]
#[test]
fn closed_pipes_do_not_stop_the_work() {
    let folder = folder(&[("a.mrc", &micrograph()), ("b.mrc", &micrograph())]);
    let run = std::process::Command::new("sh")
        .args(["-c", r#"("$0" -v 1 a.mrc b.mrc missing.mrc; echo $? > status) >&- 2>&-"#])
        .arg(PROGRAM)
        .current_dir(folder.path())
        .status()
        .unwrap();
    assert!(run.success());
    assert_eq!(names(folder.path()), ["a.hdf", "a.mrc", "b.hdf", "b.mrc", "status"]);
    assert_eq!(fs::read_to_string(folder.path().join("status")).unwrap(), "1\n");
}

#[test]
fn a_folder_is_not_a_file() {
    let folder = tempdir().unwrap();
    fs::create_dir(folder.path().join("a.mrc")).unwrap();
    let run = e2compress(folder.path(), &["a.mrc"]);
    assert_eq!(run.status.code(), Some(1));
    assert!(complaint(&run).contains("not a regular file"), "{}", complaint(&run));
}
