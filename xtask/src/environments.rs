//! Folders of packages below the project: Python's, npm's, and a tool of cargo's.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use crate::command::{cargo, run, succeeds};

/// A Python environment with the packages of a list.
pub struct Python {
    folder: &'static str,
    requirements: &'static str,
}

/// The one that reads outputs and originals.
pub const READERS: Python =
    Python { folder: "target/python", requirements: "tests/readers/requirements.txt" };

/// The one that benchmarks run other programs in.
pub const BENCHES: Python =
    Python { folder: "target/bench-python", requirements: "benches/requirements.txt" };

/// The one that runs batches in Snakemake.
pub const SNAKEMAKE: Python =
    Python { folder: "target/snakemake", requirements: "xtask/tests/clusters/requirements.txt" };

impl Python {
    /// Returns its interpreter.
    pub fn program(&self) -> PathBuf {
        here(self.folder).join("bin/python")
    }

    /// Tells whether the packages are those of the list. A copy of the list marks a folder whose packages are
    /// all there.
    pub fn is_ready(&self) -> bool {
        self.program().exists() && same(&self.mark(), Path::new(self.requirements))
    }

    /// Makes it anew.
    pub fn prepare(&self) -> anyhow::Result<()> {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(here(self.folder)))?;
        let words = ["-m", "pip", "install", "--quiet", "-r", self.requirements];
        run(Command::new(self.program()).args(words))?;
        copy(Path::new(self.requirements), &self.mark())
    }

    fn mark(&self) -> PathBuf {
        here(self.folder).join("requirements.txt")
    }
}

/// A copy of a folder of ours, with its npm packages.
pub struct Npm {
    from: &'static str,
    files: &'static [&'static str],
    folder: &'static str,
}

/// pako, an inflater in JavaScript.
pub const PAKO: Npm = Npm {
    from: "tests/readers/pako",
    files: &["package.json", "package-lock.json", "inflate.mjs"],
    folder: "target/pako",
};

impl Npm {
    /// Returns the folder.
    pub fn folder(&self) -> PathBuf {
        here(self.folder)
    }

    /// Tells whether everything is there and current. A copy of the lock file marks that npm has finished.
    pub fn is_ready(&self) -> bool {
        let from = Path::new(self.from);
        self.files.iter().all(|name| same(&self.folder().join(name), &from.join(name)))
            && same(&self.mark(), &from.join("package-lock.json"))
    }

    /// Copies the files and installs the packages.
    pub fn prepare(&self) -> anyhow::Result<()> {
        let from = Path::new(self.from);
        fs::create_dir_all(self.folder())?;
        for name in self.files {
            copy(&from.join(name), &self.folder().join(name))?;
        }
        ci(&self.folder())?;
        copy(&from.join("package-lock.json"), &self.mark())
    }

    fn mark(&self) -> PathBuf {
        self.folder().join("installed.json")
    }
}

/// The packages that the page is built and tested with, which npm keeps beside it.
pub struct Web {
    folder: &'static str,
}

/// The page.
pub const WEB: Web = Web { folder: "web" };

impl Web {
    /// Tells whether npm finds all packages, in the versions asked for.
    pub fn is_ready(&self) -> bool {
        succeeds(Command::new("npm").arg("ls").current_dir(self.folder))
    }

    /// Installs them.
    pub fn prepare(&self) -> anyhow::Result<()> {
        ci(Path::new(self.folder))
    }
}

/// A program that cargo installs.
pub struct Tool {
    name: &'static str,
    root: &'static str,
}

/// What starts libFuzzer.
pub const CARGO_FUZZ: Tool = Tool { name: "cargo-fuzz", root: "target/tools" };

impl Tool {
    /// Returns the person's own when there is one, or else the one below `target`.
    pub fn program(&self) -> PathBuf {
        if succeeds(Command::new(self.name).arg("--version")) {
            return self.name.into();
        }
        here(self.root).join("bin").join(format!("{}{}", self.name, env::consts::EXE_SUFFIX))
    }

    /// Tells whether it can be started.
    pub fn is_ready(&self) -> bool {
        succeeds(Command::new(self.program()).arg("--version"))
    }

    /// Builds it, not optimised: it starts compilers and programs, and is soon done with its own work.
    pub fn prepare(&self) -> anyhow::Result<()> {
        run(cargo().args(["install", "--debug", "--locked", self.name, "--root"]).arg(here(self.root)))
    }
}

fn ci(folder: &Path) -> anyhow::Result<()> {
    run(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(folder))
}

/// Returns a path of the project as other folders see it.
fn here(path: &str) -> PathBuf {
    env::current_dir().unwrap_or_default().join(path)
}

fn same(one: &Path, other: &Path) -> bool {
    matches!((fs::read(one), fs::read(other)), (Ok(one), Ok(other)) if one == other)
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::copy(from, to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}
