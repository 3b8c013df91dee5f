//! Disks that are full, limited, read-only or elsewhere.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use e2compress_fixtures::complaint;
use libtest_mimic::Trial;

use crate::place::{
    Outcome, Place, ended, expected, hold, large, mounts, small, text, trial, without_rights,
};

pub fn trials() -> Vec<Trial> {
    let mounts = mounts();
    vec![
        trial("a disk that is full at every size", mounts, full_disk),
        trial("a limit of the file size at every size", true, limited),
        trial("a read-only file system", mounts, read_only_file_system),
        trial("a folder that may not be written to", true, read_only_folder),
        trial("an output on another file system", other_file_system().is_some(), elsewhere),
        trial("a folder that is there under two paths", mounts, mounted_twice),
    ]
}

/// The disk has room for ever more blocks, until the output fits.
fn full_disk() -> Outcome {
    let new = expected("a.mrc", &large(), &["--bits", "-1"]);
    for (refused, kibibytes) in (64..).step_by(256).enumerate() {
        let place = Place::new();
        place.file("a.mrc", large());
        fs::create_dir(place.path("disk"))?;
        let run = place.script(&format!(
            r#"unshare -rm sh -c '
                mount -t tmpfs -o size={kibibytes}k none disk && echo old > disk/a.hdf
                "$0" --bits -1 --overwrite --outpath disk a.mrc
                echo $? > status; ls -A disk > names; cp disk/a.hdf copy' "$0""#
        ));
        let status = place.bytes("status");
        let what = || format!("{kibibytes} KiB: {}", complaint(&run));
        hold(place.bytes("names") == b"a.hdf\n", || format!("left over, {}", what()))?;
        if status == b"0\n" {
            hold(place.bytes("copy") == new, what)?;
            return hold(refused > 5, || "the disk was never full".into());
        }
        hold(status == b"1\n" && place.bytes("copy") == b"old\n", what)?;
        ended(&run, 0, "No space left on device")?;
    }
    Ok(())
}

fn limited() -> Outcome {
    let new = expected("a.mrc", &large(), &["--bits", "-1"]);
    // In blocks of 512 bytes or, in some shells, of 1024.
    for (refused, blocks) in (0..).step_by(400).enumerate() {
        let place = Place::new();
        place.file("a.mrc", large());
        place.file("a.hdf", "old");
        let run = place.script(&format!(r#"ulimit -f {blocks}; "$0" --bits -1 --overwrite a.mrc"#));
        if run.status.success() {
            hold(place.bytes("a.hdf") == new, || format!("{blocks}: other bytes"))?;
            return hold(refused > 5, || "the limit was never met".into());
        }
        ended(&run, 1, "File too large")?;
        hold(place.bytes("a.hdf") == b"old", || format!("{blocks}: the old output is gone"))?;
        place.holds(&["a.hdf", "a.mrc"])?;
    }
    Ok(())
}

fn read_only_file_system() -> Outcome {
    let place = Place::new();
    place.file("a.mrc", small());
    fs::create_dir(place.path("disk"))?;
    let run = place.script(
        r#"unshare -rm sh -c 'mount -t tmpfs -o ro none disk || exit 99
           "$0" --outpath disk a.mrc; status=$?
           "$0" --outpath disk/new a.mrc; exit $status$?' "$0""#,
    );
    hold(run.status.code() == Some(12), || format!("{}: {}", run.status, complaint(&run)))?;
    hold(complaint(&run).matches("Read-only file system").count() == 2, || complaint(&run))
}

fn read_only_folder() -> Outcome {
    let place = Place::new();
    place.file("a.mrc", small());
    fs::create_dir(place.path("out"))?;
    place.file("out/a.hdf", "old");
    fs::set_permissions(place.path("out"), fs::Permissions::from_mode(0o555))?;
    for (folder, status) in [("out", 1), ("out/new", 2)] {
        let mut command = place.command(&["--overwrite", "--outpath", folder, "a.mrc"]);
        ended(&without_rights(&mut command).output()?, status, "Permission denied")?;
    }
    fs::set_permissions(place.path("out"), fs::Permissions::from_mode(0o755))?;
    hold(place.bytes("out/a.hdf") == b"old" && place.names("out") == ["a.hdf"], || "touched".into())
}

/// A folder in memory, if that is not where temporary files are.
fn other_file_system() -> Option<tempfile::TempDir> {
    let folder = tempfile::tempdir_in("/dev/shm").ok()?;
    let here = fs::metadata(std::env::temp_dir()).ok()?.dev();
    (fs::metadata(folder.path()).ok()?.dev() != here).then_some(folder)
}

fn elsewhere() -> Outcome {
    let place = Place::new();
    place.file("a.mrc", small());
    let other = other_file_system().ok_or("there is none")?;
    ended(&place.run(&["--outpath", text(other.path()), "a.mrc"]), 0, "")?;
    let output = fs::read(other.path().join("a.hdf"))?;
    hold(output == expected("a.mrc", &small(), &[]), || "other bytes".into())?;
    place.holds(&["a.mrc"])
}

/// Two inputs whose outputs are one file under two paths, which names cannot tell.
fn mounted_twice() -> Outcome {
    let place = Place::new();
    for folder in ["one", "two"] {
        fs::create_dir(place.path(folder))?;
    }
    place.file("one/a.mrc", small());
    place.file("one/a.MRC", large());
    let run = place.script(
        r#"unshare -rm sh -c 'mount --bind one two && exec "$0" --threads 1 one/a.mrc two/a.MRC' "$0""#,
    );
    ended(&run, 1, "two/a.hdf already exists")?;
    hold(place.names("one") == ["a.MRC", "a.hdf", "a.mrc"], || format!("{:?}", place.names("one")))?;
    hold(place.bytes("one/a.hdf").len() < 100_000, || "the first output was replaced".into())
}
