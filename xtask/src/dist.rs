//! What can be installed. `packaging/README.md` says what is made, and why so.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::command::{build_as_tested, cargo, enter_project, optimising_cargo, printed, run, target};
use crate::needs::{self, ARM_MUSL, ARM_TARGET, MUSL, MUSL_TARGET, Need};
use crate::page;
use crate::tally::Tally;

/// The linker of the compiler's own, which links for any architecture.
const LINKER: &str = "rust-lld";

/// The program that writes completions and manual pages.
const MANUALS: &str = "e2compress-manuals";

/// A kind of machine that programs are made for.
struct Architecture {
    name: &'static str,
    target: &'static str,
    standard_library: &'static Need,
}

static ARCHITECTURES: [Architecture; 2] = [
    Architecture { name: "x86_64", target: MUSL, standard_library: &MUSL_TARGET },
    Architecture { name: "aarch64", target: ARM_MUSL, standard_library: &ARM_TARGET },
];

/// What is left out on this machine, and why.
type LeftOut = Vec<(String, String)>;

/// Builds and packs everything into `dist` below cargo's folder; says what cannot be made here.
pub fn dist() -> anyhow::Result<()> {
    for (name, reason) in pack_all()? {
        println!("left out: {name}: {reason}");
    }
    Ok(())
}

/// Packs archive and wheel of this machine's architecture alone.
pub fn quick() -> anyhow::Result<()> {
    let manuals = begin()?;
    pack(here()?, &manuals, &["archive", "wheel"])?;
    sums()
}

/// Builds the static program for this machine's architecture.
pub fn program_of_this_machine() -> anyhow::Result<PathBuf> {
    here()?.program()
}

fn here() -> anyhow::Result<&'static Architecture> {
    let here = ARCHITECTURES.iter().find(|architecture| architecture.is_here());
    here.context("no packages are made for this machine's architecture")
}

/// Packs everything, installs and runs it; what cannot be made or run here is counted as skipped.
pub fn check() -> anyhow::Result<bool> {
    let mut tally = Tally::default();
    match pack_all() {
        Ok(left_out) => left_out.iter().for_each(|(name, reason)| tally.skip(name, reason)),
        Err(problem) => tally.fail("distribution", &format!("{problem:#}")),
    }
    tally.tests("what was packed", cargo().args(["test", "-p", "xtask", "--test", "dist"]))?;
    Ok(tally.conclude())
}

fn pack_all() -> anyhow::Result<LeftOut> {
    let manuals = begin()?;
    let mut left_out = LeftOut::new();
    for architecture in &ARCHITECTURES {
        match architecture.lack() {
            Some(lack) => left_out.push((format!("everything for {}", architecture.name), lack)),
            None => pack(architecture, &manuals, &["archive", "wheel", "deb"])?,
        }
    }
    match &needs::missing(needs::PAGE)[..] {
        [] => page::pack()?,
        missing => {
            let names: Vec<&str> = missing.iter().map(|need| need.name).collect();
            left_out.push(("page.zip".into(), format!("{} missing: cargo xtask setup", names.join(", "))));
        }
    }
    sums()?;
    Ok(left_out)
}

/// The folder of what is made.
fn folder() -> PathBuf {
    target().join("dist")
}

/// Makes way for new packages, and writes completions and manual pages to a folder, which it returns.
fn begin() -> anyhow::Result<PathBuf> {
    enter_project()?;
    needs::demand(needs::DIST)?;
    let manuals = target().join("manuals");
    // What an earlier version left must not be taken for this one's.
    for folder in [&folder(), &manuals] {
        if folder.exists() {
            fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
        }
    }
    run(Command::new(build_as_tested(&[MANUALS])?.join(MANUALS)).arg(&manuals))?;
    Ok(manuals)
}

/// Builds the program for an architecture and packs it in so many ways.
fn pack(architecture: &Architecture, manuals: &Path, kinds: &[&str]) -> anyhow::Result<()> {
    let program = architecture.program()?;
    // Python would leave its translation of the scripts beside them.
    run(Command::new("python3")
        .args([OsStr::new("-B"), "packaging/pack.py".as_ref(), program.as_os_str()])
        .args([env!("CARGO_PKG_VERSION"), architecture.name])
        .args([manuals, &folder()])
        .args(kinds))
}

/// Writes the checksums of all packages beside them.
fn sums() -> anyhow::Result<()> {
    run(Command::new("python3").args(["-B", "packaging/sums.py"]).arg(folder()))
}

impl Architecture {
    /// Tells whether it is this machine's.
    fn is_here(&self) -> bool {
        env::consts::ARCH == self.name
    }

    /// Says what is missing to build for it.
    fn lack(&self) -> Option<String> {
        let library = self.standard_library;
        if !library.is_there() {
            return Some(format!("{} is missing: {}", library.name, library.command()));
        }
        match self.linker() {
            Ok(Some(linker)) if !linker.is_file() => {
                Some(format!("{LINKER}, which comes with rustup's compilers, is missing"))
            }
            Ok(_) => None,
            Err(problem) => Some(format!("{problem:#}")),
        }
    }

    /// Returns the linker where it is not the system's.
    fn linker(&self) -> anyhow::Result<Option<PathBuf>> {
        if self.is_here() {
            return Ok(None);
        }
        let folder = printed(Command::new("rustc").args(["--print", "target-libdir"]));
        let folder = PathBuf::from(folder.context("rustc names no folder of its libraries")?);
        Ok(Some(folder.with_file_name("bin").join(LINKER)))
    }

    /// Builds the command without a C library of the system, without symbols and without the names of this machine's
    /// folders, which panics would tell.
    fn program(&self) -> anyhow::Result<PathBuf> {
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
        if let Some(linker) = self.linker()? {
            flags.push(format!("-Clinker={}", linker.display()));
            flags.push("-Clinker-flavor=ld.lld".to_owned());
        }
        for (folder, name) in folders {
            let folder = folder.context("no home folder")?;
            let folder = folder.to_str().with_context(|| format!("{} is not Unicode", folder.display()))?;
            flags.push(format!("--remap-path-prefix={folder}=/{name}"));
        }
        run(optimising_cargo()
            .args(["build", "--release", "--locked", "-p", "e2compress", "--target", self.target])
            .env("CARGO_PROFILE_RELEASE_STRIP", "symbols")
            .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f")))?;
        let program = target().join(self.target).join("release/e2compress");
        if !program.is_file() {
            bail!("{} was not built", program.display());
        }
        Ok(program)
    }
}
