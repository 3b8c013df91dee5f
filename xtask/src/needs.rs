//! What the commands need from the machine: how to see that it is there, and what brings it.

use std::env;
use std::path::Path;
use std::process::Command;

use crate::command::{printed, succeeds};
use crate::environments::{BENCHES, CARGO_FUZZ, PAKO, READERS, SNAKEMAKE, WEB};

/// The target of WebAssembly for programs, which benchmarks run in node.
pub const WASI: &str = "wasm32-wasip1";

/// The target that `cargo xtask dist` builds for: its C library can be linked statically.
pub const MUSL: &str = "x86_64-unknown-linux-musl";

/// The same for aarch64.
pub const ARM_MUSL: &str = "aarch64-unknown-linux-musl";

/// Targets that the command is checked for without running there.
pub const WINDOWS: &str = "x86_64-pc-windows-gnu";
pub const MACOS: &str = "aarch64-apple-darwin";

/// The oldest Node.js that takes the packages of the page.
const NODE: [u32; 2] = [20, 19];

/// A thing that has to be there.
pub struct Need {
    /// What it is, in the list of what is missing.
    pub name: &'static str,
    /// Tells whether it is there.
    there: fn() -> bool,
    /// What brings it.
    pub source: Source,
}

/// What brings a thing.
#[derive(Clone, Copy)]
pub enum Source {
    /// Packages of Debian.
    Debian(&'static [&'static str]),
    /// Words for rustup.
    Rustup(&'static [&'static str]),
    /// A step of ours that writes below the project, and the command it amounts to.
    Project(fn() -> anyhow::Result<()>, &'static str),
    /// The person: `cargo xtask setup` cannot.
    Person(&'static str),
}

impl Need {
    /// Tells whether the machine has it.
    pub fn is_there(&self) -> bool {
        (self.there)()
    }

    /// Returns the command that brings it.
    pub fn command(&self) -> String {
        match self.source {
            Source::Debian(packages) => format!("apt-get install {}", packages.join(" ")),
            Source::Rustup(words) => format!("rustup {}", words.join(" ")),
            Source::Project(_, command) | Source::Person(command) => command.into(),
        }
    }
}

pub static LIBHDF5: Need =
    Need { name: "libhdf5 and its headers", there: has_libhdf5, source: Source::Debian(&["libhdf5-dev"]) };
static PKG_CONFIG: Need = Need {
    name: "pkg-config",
    there: || answers("pkg-config", "--version"),
    source: Source::Debian(&["pkg-config"]),
};
static H5DUMP: Need = Need {
    name: "h5dump",
    there: || answers("h5dump", "--version"),
    source: Source::Debian(&["hdf5-tools"]),
};
static C_COMPILER: Need = Need {
    name: "a C compiler",
    there: || answers("cc", "--version"),
    source: Source::Debian(&["gcc", "libc6-dev"]),
};
static CMAKE: Need = Need {
    name: "cmake and make",
    there: || answers("cmake", "--version") && answers("make", "--version"),
    source: Source::Debian(&["cmake", "make"]),
};
static GIT: Need =
    Need { name: "git", there: || answers("git", "--version"), source: Source::Debian(&["git"]) };
pub static PYTHON: Need = Need {
    name: "Python with venv",
    there: || succeeds(Command::new("python3").args(["-c", "import ensurepip, venv"])),
    source: Source::Debian(&["python3", "python3-venv"]),
};
static NODE_JS: Need = Need {
    name: "Node.js 20.19 or later, with npm",
    there: || has_node() && answers("npm", "--version"),
    source: Source::Debian(&["nodejs", "npm"]),
};
static CHROMIUM: Need =
    Need { name: "Chromium", there: || has_browser("chromium"), source: Source::Debian(&["chromium"]) };
static FIREFOX: Need =
    Need { name: "Firefox", there: || has_browser("firefox-esr"), source: Source::Debian(&["firefox-esr"]) };
pub static VALGRIND: Need = Need {
    name: "valgrind",
    there: || answers("valgrind", "--version"),
    source: Source::Debian(&["valgrind"]),
};
static RUSTUP: Need = Need {
    name: "rustup",
    there: || answers("rustup", "--version"),
    source: Source::Person("install it as https://rustup.rs says"),
};
pub static NIGHTLY: Need = Need {
    name: "a nightly toolchain",
    there: || succeeds(nightly("rustc").arg("--version")),
    source: Source::Rustup(&["toolchain", "install", "nightly", "--profile", "minimal"]),
};
static RUST_SRC: Need = Need {
    name: "the nightly standard library's sources",
    there: has_rust_src,
    source: Source::Rustup(&["component", "add", "rust-src", "--toolchain", "nightly"]),
};
static MIRI: Need = Need {
    name: "Miri",
    there: || succeeds(nightly("cargo").args(["miri", "--version"])),
    source: Source::Rustup(&["component", "add", "miri", "--toolchain", "nightly"]),
};
static WASI_TARGET: Need = Need {
    name: "the target of WebAssembly for programs",
    there: || has_target(WASI),
    source: Source::Rustup(&["target", "add", WASI]),
};
pub static MUSL_TARGET: Need = Need {
    name: "the target of static Linux programs",
    there: || has_target(MUSL),
    source: Source::Rustup(&["target", "add", MUSL]),
};
pub static ARM_TARGET: Need = Need {
    name: "the target of static Linux programs for aarch64",
    there: || has_target(ARM_MUSL),
    source: Source::Rustup(&["target", "add", ARM_MUSL]),
};
static DPKG: Need =
    Need { name: "dpkg", there: || answers("dpkg", "--version"), source: Source::Debian(&["dpkg"]) };
static SHELLS: Need = Need {
    name: "zsh, fish and man",
    there: || ["zsh", "fish", "man"].iter().all(|program| answers(program, "--version")),
    source: Source::Debian(&["zsh", "fish", "man-db"]),
};
static QEMU: Need = Need {
    name: "an emulator of aarch64",
    there: || answers("qemu-aarch64-static", "--version"),
    source: Source::Debian(&["qemu-user-static"]),
};
static WINDOWS_TARGET: Need = Need {
    name: "the target of Windows",
    there: || has_target(WINDOWS),
    source: Source::Rustup(&["target", "add", WINDOWS]),
};
static MACOS_TARGET: Need = Need {
    name: "the target of macOS",
    there: || has_target(MACOS),
    source: Source::Rustup(&["target", "add", MACOS]),
};
pub static FUZZER: Need = Need {
    name: "cargo-fuzz",
    there: || CARGO_FUZZ.is_ready(),
    source: Source::Project(|| CARGO_FUZZ.prepare(), "cargo install --locked cargo-fuzz"),
};
static READERS_PYTHON: Need = Need {
    name: "Python packages to read outputs with",
    there: || READERS.is_ready(),
    source: Source::Project(|| READERS.prepare(), "pip install -r tests/readers/requirements.txt"),
};
static BENCHES_PYTHON: Need = Need {
    name: "Python packages to measure with",
    there: || BENCHES.is_ready(),
    source: Source::Project(|| BENCHES.prepare(), "pip install -r benches/requirements.txt"),
};
static PAKO_PACKAGES: Need = Need {
    name: "npm packages to inflate with",
    there: || PAKO.is_ready(),
    source: Source::Project(|| PAKO.prepare(), "npm ci, for tests/readers/pako"),
};
static WEB_PACKAGES: Need = Need {
    name: "npm packages of the page",
    there: || WEB.is_ready(),
    source: Source::Project(|| WEB.prepare(), "npm ci, in web"),
};

pub static SLURM_DAEMONS: Need = Need {
    name: "Slurm and MUNGE",
    // Slurm's commands do not even tell their version without a configuration.
    there: || {
        ["munge", "munged", "sbatch", "slurmctld", "slurmd"].iter().all(|program| is_installed(program))
    },
    source: Source::Debian(&["slurmctld", "slurmd", "slurm-client", "munge"]),
};
static SNAKEMAKE_PYTHON: Need = Need {
    name: "Snakemake",
    there: || SNAKEMAKE.is_ready(),
    source: Source::Project(|| SNAKEMAKE.prepare(), "pip install -r xtask/tests/clusters/requirements.txt"),
};

/// What `cargo xtask test` needs, in the order in which it can be brought: later ones need earlier ones.
pub static TEST: &[&Need] = &[
    &GIT,
    &C_COMPILER,
    &CMAKE,
    &PKG_CONFIG,
    &LIBHDF5,
    &H5DUMP,
    &PYTHON,
    &NODE_JS,
    &CHROMIUM,
    &FIREFOX,
    &RUSTUP,
    &NIGHTLY,
    &RUST_SRC,
    &MIRI,
    &WASI_TARGET,
    &MUSL_TARGET,
    &WINDOWS_TARGET,
    &MACOS_TARGET,
    &FUZZER,
    &READERS_PYTHON,
    &BENCHES_PYTHON,
    &PAKO_PACKAGES,
    &WEB_PACKAGES,
];

/// What `cargo xtask bench` needs: C libraries to compare with are built from source.
pub static BENCH: &[&Need] =
    &[&C_COMPILER, &CMAKE, &H5DUMP, &PYTHON, &NODE_JS, &WASI_TARGET, &BENCHES_PYTHON];

/// What `cargo xtask bench page` needs.
pub static BENCH_PAGE: &[&Need] =
    &[&PYTHON, &NODE_JS, &CHROMIUM, &RUSTUP, &NIGHTLY, &RUST_SRC, &BENCHES_PYTHON, &WEB_PACKAGES];

/// What fuzzing needs.
pub static FUZZ: &[&Need] = &[&PKG_CONFIG, &LIBHDF5, &NIGHTLY, &FUZZER, &READERS_PYTHON];

/// What `cargo xtask soak` needs.
pub static SOAK: &[&Need] = &[&C_COMPILER, &CMAKE, &PKG_CONFIG, &LIBHDF5];

/// What `cargo xtask instructions` needs.
pub static INSTRUCTIONS: &[&Need] = &[&VALGRIND];

/// What `cargo xtask slurm` needs.
pub static SLURM: &[&Need] = &[&PYTHON, &SLURM_DAEMONS, &SNAKEMAKE_PYTHON];

/// What `cargo xtask dist` needs.
pub static DIST: &[&Need] = &[&C_COMPILER, &PYTHON, &MUSL_TARGET];

/// What `cargo xtask page` needs.
pub static PAGE: &[&Need] = &[&PYTHON, &NODE_JS, &RUSTUP, &NIGHTLY, &RUST_SRC, &WEB_PACKAGES];

/// What `cargo xtask screenshots` needs.
pub static SCREENSHOTS: &[&Need] = &[&NODE_JS, &CHROMIUM, &RUSTUP, &NIGHTLY, &RUST_SRC, &WEB_PACKAGES];

/// What `cargo xtask dist --check` makes and tries more with; what is missing is left out, by name.
pub static DIST_MORE: &[&Need] = &[&ARM_TARGET, &DPKG, &QEMU, &SHELLS];

/// Returns those that are not there.
pub fn missing(needs: &[&'static Need]) -> Vec<&'static Need> {
    needs.iter().copied().filter(|need| !need.is_there()).collect()
}

/// Returns a list of what is missing, a line each with the command that brings it.
pub fn listed(missing: &[&Need]) -> String {
    let width = missing.iter().map(|need| need.name.len()).max().unwrap_or(0);
    let line = |need: &&Need| format!("  {:width$}   {}", need.name, need.command());
    missing.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Fails with the list unless all of them are there.
pub fn demand(needs: &[&'static Need]) -> anyhow::Result<()> {
    let missing = missing(needs);
    if missing.is_empty() {
        return Ok(());
    }
    anyhow::bail!("missing:\n{}\n`cargo xtask setup` installs all of it", listed(&missing))
}

/// Tells whether a program is there.
fn answers(program: &str, word: &str) -> bool {
    succeeds(Command::new(program).arg(word))
}

/// Tells whether a program is there, daemons included, which an ordinary user's PATH does not lead to.
fn is_installed(program: &str) -> bool {
    let paths = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&paths).chain(["/usr/sbin".into()]).any(|folder| folder.join(program).is_file())
}

/// Tells whether crates that link libhdf5 will find it: where they are told to look, or through pkg-config.
fn has_libhdf5() -> bool {
    env::var_os("HDF5_DIR").is_some() || succeeds(Command::new("pkg-config").args(["--exists", "hdf5"]))
}

fn has_node() -> bool {
    let version = printed(Command::new("node").arg("--version")).unwrap_or_default();
    let numbers: Vec<u32> =
        version.trim_start_matches('v').split('.').map_while(|number| number.parse().ok()).collect();
    numbers.as_slice() >= &NODE[..]
}

/// Tells whether the tests of the page find a browser; they know where they look.
fn has_browser(package: &str) -> bool {
    succeeds(Command::new("node").args(["web/scripts/browsers.mjs", package]))
}

/// Returns a program of the nightly toolchain.
pub fn nightly(program: &str) -> Command {
    let mut command = Command::new("rustup");
    command.args(["run", "nightly", program]);
    command
}

fn has_rust_src() -> bool {
    printed(nightly("rustc").args(["--print", "sysroot"]))
        .is_some_and(|sysroot| Path::new(&sysroot).join("lib/rustlib/src/rust/library/Cargo.lock").is_file())
}

/// Tells whether the compiler has the standard library of a target.
fn has_target(target: &str) -> bool {
    let words = ["--print", "target-libdir", "--target", target];
    printed(Command::new("rustc").args(words)).is_some_and(|folder| Path::new(&folder).is_dir())
}

#[cfg(test)]
mod tests {
    use super::{BENCH, BENCH_PAGE, DIST, FUZZ, Need, PAGE, SCREENSHOTS, SOAK, Source, TEST, listed};

    #[test]
    fn the_list_has_a_line_with_a_command_for_each() {
        let text = listed(TEST);
        assert_eq!(text.lines().count(), TEST.len());
        for (line, need) in text.lines().zip(TEST) {
            assert!(line.contains(need.name) && line.ends_with(&need.command()), "{line}");
        }
        assert!(text.contains("apt-get install libhdf5-dev"), "{text}");
        assert!(text.contains("rustup component add miri --toolchain nightly"), "{text}");
    }

    #[test]
    fn setup_brings_what_the_other_commands_need() {
        for need in [BENCH, BENCH_PAGE, FUZZ, SOAK, DIST, PAGE, SCREENSHOTS].concat() {
            assert!(TEST.iter().any(|other| std::ptr::eq(*other, need)), "{}", need.name);
        }
    }

    #[test]
    fn what_is_not_there_is_missing() {
        static NOWHERE: Need =
            Need { name: "nothing", there: || false, source: Source::Person("cannot be had") };
        static THERE: Need = Need { name: "all", there: || true, source: Source::Person("is there") };
        let missing = super::missing(&[&THERE, &NOWHERE]);
        assert_eq!(missing.len(), 1);
        let problem = super::demand(&[&THERE, &NOWHERE]).unwrap_err().to_string();
        assert!(problem.contains("nothing   cannot be had"), "{problem}");
        assert!(problem.contains("cargo xtask setup"), "{problem}");
        super::demand(&[&THERE]).unwrap();
    }
}
