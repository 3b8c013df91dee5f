//! What the tests need and a new machine lacks.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{cargo, run};

/// Debian packages: libhdf5 to read outputs with, its tools, what makes a Python environment, and what
/// builds zlib-ng.
const PACKAGES: [&str; 5] = ["libhdf5-dev", "hdf5-tools", "pkg-config", "python3-venv", "cmake"];

/// Installs libhdf5, its tools and what else Debian brings, unless they are there.
pub fn packages() -> anyhow::Result<()> {
    let there = succeeds(Command::new("h5dump").arg("--version"))
        && succeeds(Command::new("pkg-config").args(["--exists", "hdf5"]))
        && succeeds(Command::new("python3").args(["-c", "import ensurepip"]))
        && succeeds(Command::new("cmake").arg("--version"));
    if there {
        return Ok(());
    }
    run(as_root("apt-get").arg("update"))?;
    run(as_root("apt-get").args(["install", "-y", "--no-install-recommends"]).args(PACKAGES))
}

/// Installs valgrind unless it is there.
pub fn valgrind() -> anyhow::Result<()> {
    if succeeds(Command::new("valgrind").arg("--version")) {
        return Ok(());
    }
    run(as_root("apt-get").arg("update"))?;
    run(as_root("apt-get").args(["install", "-y", "--no-install-recommends", "valgrind"]))
}

/// Installs Miri for the nightly compiler unless it is there; false without rustup, which alone brings it.
pub fn miri() -> anyhow::Result<bool> {
    let rustup = || Command::new("rustup");
    if succeeds(rustup().args(["run", "nightly", "cargo", "miri", "--version"])) {
        return Ok(true);
    }
    if !succeeds(rustup().arg("--version")) {
        return Ok(false);
    }
    if succeeds(rustup().args(["run", "nightly", "rustc", "--version"])) {
        run(rustup().args(["component", "add", "miri", "rust-src", "--toolchain", "nightly"]))?;
    } else {
        let words =
            ["toolchain", "install", "nightly", "--profile", "minimal", "--component", "miri,rust-src"];
        run(rustup().args(words))?;
    }
    Ok(true)
}

/// A Python in `folder` with the packages of a requirements file.
pub fn python(folder: &str, requirements: &str) -> anyhow::Result<PathBuf> {
    let folder = std::env::current_dir()?.join(folder);
    let python = folder.join("bin/python");
    let wanted = fs::read(requirements)?;
    // A copy of the list marks a folder whose packages are all there.
    let mark = folder.join("requirements.txt");
    if !fs::read(&mark).is_ok_and(|there| there == wanted) {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "-r", requirements]))?;
        fs::write(mark, wanted)?;
    }
    Ok(python)
}

/// WebAssembly for programs.
pub const WASM: &str = "wasm32-wasip1";

/// Installs the target [`WASM`]; false without rustup or node.
pub fn wasm() -> anyhow::Result<bool> {
    if !succeeds(Command::new("rustup").arg("--version")) || !succeeds(Command::new("node").arg("--version"))
    {
        return Ok(false);
    }
    run(Command::new("rustup").args(["--quiet", "target", "add", WASM]))?;
    Ok(true)
}

/// A copy of `tests/readers/pako` with its packages; `None` without npm.
pub fn pako() -> anyhow::Result<Option<PathBuf>> {
    if !succeeds(Command::new("npm").arg("--version")) {
        return Ok(None);
    }
    let (from, folder) = (Path::new("tests/readers/pako"), std::env::current_dir()?.join("target/pako"));
    fs::create_dir_all(&folder)?;
    let list = fs::read(from.join("package-lock.json"))?;
    // A copy of the list marks a folder whose packages are all there.
    let mark = folder.join("installed.json");
    for name in ["package.json", "package-lock.json", "inflate.mjs"] {
        fs::copy(from.join(name), folder.join(name))?;
    }
    if !fs::read(&mark).is_ok_and(|there| there == list) {
        run(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder))?;
        fs::write(mark, list)?;
    }
    Ok(Some(folder))
}

/// Whether rustup has a nightly compiler.
pub fn has_nightly() -> bool {
    succeeds(Command::new("rustup").args(["run", "nightly", "rustc", "--version"]))
}

/// cargo-fuzz, built unless it is there.
pub fn cargo_fuzz() -> anyhow::Result<PathBuf> {
    if succeeds(Command::new("cargo-fuzz").arg("--version")) {
        return Ok("cargo-fuzz".into());
    }
    let root = std::env::current_dir()?.join("target/tools");
    let program = root.join("bin/cargo-fuzz");
    if !program.is_file() {
        run(cargo().args(["install", "--locked", "cargo-fuzz", "--root"]).arg(&root))?;
    }
    Ok(program)
}

/// A command that needs the rights to install.
fn as_root(program: &str) -> Command {
    let root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
    if root {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.arg(program);
    command
}

/// Whether a command can be started and succeeds; it is not heard.
pub fn succeeds(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}
