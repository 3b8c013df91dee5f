//! The packages for aarch64, run by an emulator on a machine that is of another kind.

use std::path::Path;
use std::process::Command;

use libtest_mimic::Trial;

use crate::{
    Outcome, asks_for_nothing, compress, deb, expected, images, needs_program, needs_root, packed,
    packed_archive, packed_wheel, said, same_outputs, unpacked_for,
};

const ARM: &str = "aarch64";

/// The emulator, in Debian's words.
const EMULATOR: &str = "qemu-aarch64-static";

/// The trials of packages that were made, where they are not this machine's own.
pub fn trials() -> Vec<Trial> {
    if cfg!(target_arch = "aarch64") || packed_archive(ARM).is_err() {
        return Vec::new();
    }
    let mut trials = vec![
        Trial::test("the program for aarch64 asks for no loader and no library", is_static),
        crate::trial("the archive for aarch64 gives the same outputs", needs_program(EMULATOR), archive),
        crate::trial("the wheel for aarch64 gives the same outputs", needs_program(EMULATOR), wheel),
    ];
    if packed(&deb::package("arm64")).is_ok() {
        let missing = needs_program(EMULATOR).or_else(|| needs_program("dpkg")).or_else(needs_root);
        trials.push(crate::trial("the package for arm64 gives the same outputs", missing, package));
    }
    trials
}

/// Compresses with a program for aarch64.
fn same(program: &Path) -> Outcome {
    let (expected, folder) = (expected()?, tempfile::tempdir()?);
    let names = images(folder.path())?;
    compress(Command::new(EMULATOR).arg(program).current_dir(folder.path()), &names)?;
    same_outputs(folder.path(), expected.path())
}

fn is_static() -> Outcome {
    let (_folder, inside) = unpacked_for(ARM)?;
    asks_for_nothing(&inside.join("e2compress"))
}

fn archive() -> Outcome {
    let (_folder, inside) = unpacked_for(ARM)?;
    same(&inside.join("e2compress"))
}

/// Installs the wheel as pip does for such a machine.
fn wheel() -> Outcome {
    let folder = tempfile::tempdir()?;
    let words = ["-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--only-binary", ":all:"];
    said(
        Command::new("python3")
            .args(words)
            .args(["--platform", "manylinux2014_aarch64", "--target"])
            .arg(folder.path())
            .arg(packed_wheel(ARM)?),
    )?;
    same(&folder.path().join("bin/e2compress"))
}

fn package() -> Outcome {
    let root = deb::installed("arm64")?;
    same(&root.path().join("usr/bin/e2compress"))
}
