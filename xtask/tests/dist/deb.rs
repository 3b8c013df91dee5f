//! The Debian packages: installed by dpkg below a root of their own, run, and removed.

use std::fs;
use std::path::Path;
use std::process::Command;

use libtest_mimic::{Failed, Trial};
use tempfile::TempDir;

use crate::{
    Outcome, VERSION, compress, expected, images, needs_program, needs_root, packed, said, same_outputs,
};

/// Debian's name of this machine's architecture, if packages are made for it.
const HERE: &str = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };

/// The trials of packages that were made.
pub fn trials() -> Vec<Trial> {
    let missing = || needs_program("dpkg").or_else(needs_root);
    if packed(&package(HERE)).is_err() {
        return Vec::new();
    }
    vec![
        crate::trial(
            "dpkg installs the package, which runs under both names, and removes it",
            missing(),
            runs,
        ),
        crate::trial(
            "the package has licence, manual and completions where Debian looks",
            missing(),
            has_all,
        ),
    ]
}

/// Names the package for one of Debian's architectures.
pub fn package(architecture: &str) -> String {
    format!("e2compress_{VERSION}-1_{architecture}.deb")
}

/// Has dpkg do something below a root.
pub fn dpkg(root: &Path, words: &[&str]) -> Result<String, Failed> {
    said(Command::new("dpkg").arg("--root").arg(root).args(words))
}

/// Installs a package below a new root, which knows no package.
pub fn installed(architecture: &str) -> Result<TempDir, Failed> {
    let root = tempfile::tempdir()?;
    let database = root.path().join("var/lib/dpkg");
    for folder in ["info", "updates"] {
        fs::create_dir_all(database.join(folder))?;
    }
    fs::write(database.join("status"), "")?;
    if architecture != HERE {
        dpkg(root.path(), &["--add-architecture", architecture])?;
    }
    let package = packed(&package(architecture))?;
    dpkg(root.path(), &["--install", package.to_str().ok_or("a folder whose name is not Unicode")?])?;
    Ok(root)
}

fn runs() -> Outcome {
    let expected = expected()?;
    let root = installed(HERE)?;
    for name in ["e2compress", "e2compress.py"] {
        let folder = tempfile::tempdir()?;
        let names = images(folder.path())?;
        compress(Command::new(root.path().join("usr/bin").join(name)).current_dir(folder.path()), &names)?;
        same_outputs(folder.path(), expected.path())?;
    }
    // Every file is as its checksum in the package says.
    let changed = dpkg(root.path(), &["--verify", "e2compress"])?;
    if !changed.is_empty() {
        return Err(format!("changed since they were packed: {changed}").into());
    }
    fs::write(root.path().join("usr/share/doc/e2compress/README.md"), "damaged")?;
    if !dpkg(root.path(), &["--verify", "e2compress"])?.contains("README.md") {
        return Err("dpkg does not see what is damaged".into());
    }
    dpkg(root.path(), &["--purge", "e2compress"])?;
    let left = said(Command::new("find").arg(root.path().join("usr")).args(["!", "-type", "d"]));
    match left {
        Ok(left) if !left.is_empty() => Err(format!("it left {left}").into()),
        // Without the folder nothing can be left in it.
        _ => Ok(()),
    }
}

fn has_all() -> Outcome {
    let root = installed(HERE)?;
    let listed = dpkg(root.path(), &["--listfiles", "e2compress"])?;
    let documents = root.path().join("usr/share/doc/e2compress");
    // Of another package, which every Debian has.
    let licences = root.path().join("usr/share/common-licenses");
    fs::create_dir_all(&licences)?;
    fs::write(licences.join("Apache-2.0"), "the licence")?;
    crate::documents::are_whole(&documents)?;
    for path in [
        "/usr/share/bash-completion/completions/e2compress",
        "/usr/share/bash-completion/completions/e2compress.py",
        "/usr/share/doc/e2compress/copyright",
        "/usr/share/fish/vendor_completions.d/e2compress.fish",
        "/usr/share/man/man1/e2compress.1.gz",
        "/usr/share/man/man1/e2compress-verify.1.gz",
        "/usr/share/zsh/vendor-completions/_e2compress",
    ] {
        // The content of what a link leads to.
        let there = listed.lines().any(|line| line == path);
        if !there || fs::read(root.path().join(&path[1..]))?.is_empty() {
            return Err(format!("{path} is missing in\n{listed}").into());
        }
    }
    Ok(())
}
