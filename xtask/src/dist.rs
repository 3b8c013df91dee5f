//! What can be installed: an archive with the static program, and a wheel with the same.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::command::{enter_project, optimising_cargo, printed, run, target};
use crate::needs::{self, MUSL};

/// Builds the program and packs it into `dist` below cargo's folder. `packaging/README.md` says why so.
pub fn dist() -> anyhow::Result<()> {
    enter_project()?;
    needs::demand(needs::DIST)?;
    let program = program()?;
    let folder = target().join("dist");
    // What an earlier version left must not be taken for this one's.
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    run(Command::new("python3")
        .arg("packaging/pack.py")
        .arg(program)
        .args([env!("CARGO_PKG_VERSION").as_ref(), folder.as_os_str()]))
}

/// Builds the command without a C library of the system, without symbols and without the names of this machine's
/// folders, which panics would tell.
fn program() -> anyhow::Result<PathBuf> {
    let home = |name: &str, below: &str| {
        env::var_os(name).map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(below)))
    };
    let sysroot =
        printed(Command::new("rustc").args(["--print", "sysroot"])).context("rustc has no sysroot")?;
    let folders = [
        (Some(env::current_dir()?), "e2compress"),
        (home("CARGO_HOME", ".cargo"), "cargo"),
        (Some(Path::new(&sysroot).to_owned()), "rust"),
    ];
    let mut flags = vec!["-Ctarget-feature=+crt-static".to_owned()];
    for (folder, name) in folders {
        let folder = folder.context("no home folder")?;
        let folder = folder.to_str().with_context(|| format!("{} is not Unicode", folder.display()))?;
        flags.push(format!("--remap-path-prefix={folder}=/{name}"));
    }
    run(optimising_cargo()
        .args(["build", "--release", "--locked", "-p", "e2compress", "--target", MUSL])
        .env("CARGO_PROFILE_RELEASE_STRIP", "symbols")
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f")))?;
    let program = target().join(MUSL).join("release/e2compress");
    if !program.is_file() {
        bail!("{} was not built", program.display());
    }
    Ok(program)
}
