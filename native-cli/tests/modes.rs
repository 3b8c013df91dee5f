//! Who may read and write what a run creates: nobody more than could read and write what it is made of.
#![cfg(unix)]

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use e2compress_fixtures::data;
use tempfile::{TempDir, tempdir};

/// Another's file, its group, and a group that new files get from their folder.
const BOB: u32 = 61_001;
const PROJECT: u32 = 61_002;
const USERS: u32 = 61_003;
/// Who replaces that file.
const ALICE: u32 = 61_004;

/// Runs the command in a folder under a mask, and must succeed.
fn run(folder: &Path, mask: &str, line: &str) {
    let script = format!("umask {mask} && exec \"$0\" {line}");
    let output = Command::new("sh")
        .args(["-c", &script, env!("CARGO_BIN_EXE_e2compress")])
        .current_dir(folder)
        .output();
    let output = output.unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
}

fn set(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

/// A folder `in` with images and other files of several modes in folders of several modes.
fn tree() -> TempDir {
    let folder = tempdir().unwrap();
    let root = folder.path().join("in");
    for below in ["open", "private/deep", "shared"] {
        fs::create_dir_all(root.join(below)).unwrap();
    }
    for (name, mode) in [
        ("a.mrc", 0o644),
        ("open/read_only.mrc", 0o444),
        ("open/all.mrc", 0o777),
        ("private/a.mrc", 0o600),
        ("private/deep/a.mrc", 0o644),
        ("shared/group.mrc", 0o660),
    ] {
        fs::copy(data().join("u16_micrograph.mrc"), root.join(name)).unwrap();
        set(&root.join(name), mode);
    }
    for (name, mode) in [
        ("notes.txt", 0o644),
        ("open/read_only.dat", 0o444),
        ("open/tool", 0o4755),
        ("open/group_tool", 0o2775),
        ("private/key.dat", 0o600),
    ] {
        fs::write(root.join(name), name).unwrap();
        set(&root.join(name), mode);
    }
    for (below, mode) in [("private/deep", 0o755), ("private", 0o700), ("shared", 0o2770), ("open", 0o755)] {
        set(&root.join(below), mode);
    }
    folder
}

#[test]
fn a_mirrored_tree_is_as_private_as_its_source() {
    let folder = tree();
    let here = folder.path();
    set(&here.join("in"), 0o750);
    for (mask, out) in [("022", "out"), ("000", "all"), ("077", "alone")] {
        run(here, mask, &format!("-r in --outpath new/{out} --copy-others --bits 5"));
        let out = here.join("new").join(out);
        let less = u32::from_str_radix(mask, 8).unwrap();
        for (name, expected) in [
            ("", 0o750),
            ("open", 0o755),
            ("private", 0o700),
            ("private/deep", 0o755),
            ("shared", 0o770),
            ("a.hdf", 0o644),
            ("open/read_only.hdf", 0o644),
            ("open/all.hdf", 0o666),
            ("private/a.hdf", 0o600),
            ("private/deep/a.hdf", 0o644),
            ("shared/group.hdf", 0o660),
            ("notes.txt", 0o644),
            ("open/read_only.dat", 0o444),
            ("open/tool", 0o755),
            ("open/group_tool", 0o775),
            ("private/key.dat", 0o600),
        ] {
            let found = mode(&out.join(name));
            assert_eq!(found, expected & !less, "{name} under {mask}: {found:o}");
        }
    }
    // Expanding follows the same rule, and folders that are there keep their modes.
    let back = here.join("back");
    fs::create_dir_all(back.join("private")).unwrap();
    set(&back, 0o711);
    set(&back.join("private"), 0o755);
    run(here, "022", "expand -r new/out --outpath back");
    for (name, expected) in [
        ("", 0o711),
        ("private", 0o755),
        ("private/a.mrc", 0o600),
        ("private/deep", 0o755),
        ("shared", 0o750),
        ("shared/group.mrc", 0o640),
        ("open/read_only.mrc", 0o644),
    ] {
        let found = mode(&back.join(name));
        assert_eq!(found, expected, "{name}: {found:o}");
    }
}

#[test]
fn outputs_beside_their_inputs_and_in_a_folder_are_as_private() {
    let folder = tree();
    let here = folder.path();
    set(&here.join("in/a.mrc"), 0o600);
    run(here, "022", "in/a.mrc in/open/read_only.mrc --bits 5");
    assert_eq!(mode(&here.join("in/a.hdf")), 0o600);
    assert_eq!(mode(&here.join("in/open/read_only.hdf")), 0o644);
    // The folder of inputs that are named themselves is mirrored by none.
    run(here, "022", "in/private/a.mrc --outpath out --bits 5");
    assert_eq!((mode(&here.join("out")), mode(&here.join("out/a.hdf"))), (0o755, 0o600));
    // What is replaced keeps its own mode.
    set(&here.join("out/a.hdf"), 0o640);
    run(here, "022", "in/private/a.mrc --outpath out --bits 4 --overwrite");
    assert_eq!(mode(&here.join("out/a.hdf")), 0o640);
    // Two trees in one: what both allow.
    for (name, mode) in [("one", 0o755), ("two", 0o700)] {
        let place = here.join(name).join("open");
        fs::create_dir_all(&place).unwrap();
        fs::copy(here.join("in/a.mrc"), place.join(format!("{name}.mrc"))).unwrap();
        set(&here.join(name), 0o755);
        set(&place, mode);
    }
    run(here, "022", "-r one two --outpath both --bits 5");
    assert_eq!((mode(&here.join("both")), mode(&here.join("both/open"))), (0o755, 0o700));
}

#[test]
fn a_pair_is_as_private_as_the_more_private_file() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    for (name, mode) in [("p.hed", 0o644), ("p.img", 0o600)] {
        fs::copy(data().join(format!("formats/imagic/intg_big.{}", &name[2..])), here.join(name)).unwrap();
        set(&here.join(name), mode);
    }
    run(here, "022", "p.hed --bits 5");
    assert_eq!(mode(&here.join("p.hdf")), 0o600);
}

#[test]
fn nothing_lends_out_the_rights_of_its_owner() {
    let folder = tree();
    let here = folder.path();
    // Only root can give files away, and is the one whose rights would be lent out.
    let _ = chown(here.join("in/open/tool"), Some(1000), Some(1000));
    set(&here.join("in/open/tool"), 0o6755);
    run(here, "022", "-r in --outpath out --copy-others --bits 5");
    assert_eq!(mode(&here.join("out/open/tool")), 0o755);
    // Nor does what takes the place of another file, or of the input.
    for name in ["out/open/tool", "out/a.hdf"] {
        set(&here.join(name), 0o6775);
    }
    fs::write(here.join("in/open/tool"), "another").unwrap();
    run(here, "022", "-r in --outpath out --copy-others --overwrite --bits 4");
    assert_eq!(mode(&here.join("out/open/tool")), 0o775);
    assert_eq!(mode(&here.join("out/a.hdf")), 0o775);
    set(&here.join("out/a.hdf"), 0o4755);
    run(here, "022", "out/a.hdf --bits 2");
    assert_eq!(mode(&here.join("out/a.hdf")), 0o755);
}

/// What replaces another's file has its group, or gives no group more than everybody had. Only root can take other names.
#[test]
fn what_replaces_anothers_file_is_as_private() {
    let folder = tree();
    let here = folder.path();
    set(here, 0o755);
    // A program below a folder that is closed to others could not be run under another name.
    let program = here.join("e2compress");
    // Another test may start a program while this one writes, which would then be busy: the copy is another program's.
    let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_e2compress")).arg(&program).status();
    assert!(copied.unwrap().success());
    fs::create_dir(here.join("out")).unwrap();
    // Alice is of the project, and is not. New files are of the group of the folder.
    for (groups, group, modes) in [
        (PROJECT, PROJECT, [(0o640, 0o640), (0o644, 0o644)]),
        (USERS, USERS, [(0o640, 0o600), (0o644, 0o644)]),
    ] {
        for (before, after) in modes {
            let file = here.join("out/a.hdf");
            fs::write(&file, "another's").unwrap();
            if chown(&file, Some(BOB), Some(PROJECT)).is_err()
                || chown(here.join("out"), None, Some(USERS)).is_err()
            {
                return;
            }
            set(&here.join("out"), 0o2777);
            set(&file, before);
            let mut command = Command::new(&program);
            command.args(["--bits", "5", "--overwrite", "--outpath", "out", "in/a.mrc"]).current_dir(here);
            let output = command.uid(ALICE).gid(groups).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let found = fs::metadata(&file).unwrap();
            assert_eq!((found.uid(), found.gid()), (ALICE, group));
            assert_eq!(found.mode() & 0o7777, after, "{before:o} as one of {groups}");
        }
    }
}
