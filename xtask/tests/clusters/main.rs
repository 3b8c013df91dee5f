//! The files of `packaging/clusters`, run by the engines that they are for: Slurm on this machine, Snakemake, systemd.
//!
//! `cargo xtask slurm` runs them. What is not installed is counted as ignored.

mod names;
mod slurm;
mod snakemake;
mod systemd;

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use libtest_mimic::{Arguments, Failed};
use tempfile::TempDir;

type Outcome = Result<(), Failed>;

/// Pixels of a side of the images: large enough for a task that can be met at work, small enough for 200 of them.
const SIDE: usize = 256;

fn main() {
    let mut arguments = Arguments::from_args();
    // Tasks of several at once would only wait for each other.
    arguments.test_threads = Some(1);
    let trials = [names::trials(), slurm::trials(), snakemake::trials(), systemd::trials()];
    libtest_mimic::run(&arguments, trials.into_iter().flatten().collect()).exit();
}

/// Returns a file of `packaging/clusters`.
fn script(name: &str) -> PathBuf {
    project().join("packaging/clusters").join(name)
}

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the project's folder")
}

/// Tells whether a program can be started.
fn answers(program: &str, word: &str) -> bool {
    with_paths(program).arg(word).output().is_ok_and(|output| output.status.success())
}

/// Returns a command that finds the program under test first, and daemons where an ordinary user does not look.
fn with_paths(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    let own = env::var_os("PATH").unwrap_or_default();
    let paths = [built().into_iter().collect(), env::split_paths(&own).collect(), vec!["/usr/sbin".into()]];
    command.env("PATH", env::join_paths(paths.concat()).unwrap_or(own));
    command
}

/// Builds the command and returns its folder.
fn built() -> Option<PathBuf> {
    static FOLDER: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let words = ["build", "--workspace", "--bin", "e2compress"];
        let built = Command::new(cargo).args(words).current_dir(project()).status();
        // Integration tests have a folder below cargo's.
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent()?;
        built.is_ok_and(|status| status.success()).then(|| target.join("debug"))
    });
    FOLDER.clone()
}

/// Runs a command that must succeed and returns what it printed.
fn said(command: &mut Command) -> Result<String, Failed> {
    let output = command.output().map_err(|problem| format!("{command:?}: {problem}"))?;
    succeeded(command, &output)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Fails with everything that a command printed unless it succeeded.
fn succeeded(command: &Command, output: &Output) -> Outcome {
    if output.status.success() {
        return Ok(());
    }
    let [told, problem] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    Err(format!("{command:?}: {}\n{told}{problem}", output.status).into())
}

/// A folder to work in, with images in `in` and their names in `list`.
struct Work(TempDir);

impl Work {
    /// Creates it with so many images.
    fn new(images: u32) -> Result<Self, Failed> {
        let work = Self(TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?);
        fs::create_dir(work.path("in"))?;
        (0..images).try_for_each(|number| work.image(&name(number), number))?;
        work.list(&(0..images).map(name).collect::<Vec<_>>())?;
        Ok(work)
    }

    /// Returns a path in it.
    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Returns a command that runs in it.
    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = with_paths(program);
        command.current_dir(self.0.path());
        command
    }

    /// Writes an MRC image of noise, different for each seed.
    fn image(&self, name: &str, seed: u32) -> Outcome {
        let mut bytes = vec![0; 1024];
        let side = u32::try_from(SIDE)?;
        for (word, value) in [(0, side), (1, side), (2, 1), (3, 2), (16, 1), (17, 2), (18, 3)] {
            bytes[word * 4..][..4].copy_from_slice(&value.to_le_bytes());
        }
        bytes[208..212].copy_from_slice(b"MAP ");
        bytes[212..214].copy_from_slice(&[0x44, 0x44]);
        let mut state = u64::from(seed) + 1;
        let mut uniform = || {
            // Knuth's generator of MMIX.
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1 << 24) as f32
        };
        for _ in 0..SIDE * SIDE {
            bytes.extend((uniform() + uniform() + uniform()).to_le_bytes());
        }
        Ok(fs::write(self.path(name), bytes)?)
    }

    /// Writes the list.
    fn list(&self, names: &[String]) -> Outcome {
        Ok(fs::write(self.path("list"), names.join("\n") + "\n")?)
    }

    /// Runs `e2compress report` on records, with the list of what is expected.
    fn report(&self, records: &[PathBuf]) -> Result<Output, Failed> {
        let mut command = self.command("e2compress");
        Ok(command.args(["report", "--files-from", "list"]).args(records).output()?)
    }

    /// Fails unless the records say that the list is complete.
    fn complete(&self, records: &[PathBuf]) -> Outcome {
        let output = self.report(records)?;
        succeeded(&Command::new("e2compress report"), &output)
    }

    /// Fails unless `out` has what a plain run over the list makes, and nothing else.
    fn as_plain(&self) -> Outcome {
        let words = ["--bits", "4", "--outpath", "plain", "--files-from", "list"];
        said(self.command("e2compress").args(words))?;
        let [plain, out] = ["plain", "out"].map(|folder| files(&self.path(folder)));
        let (plain, out) = (plain?, out?);
        let names = |files: &BTreeMap<OsString, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
        if names(&plain) != names(&out) {
            return Err(format!("{:?} are there, but {:?} should be", names(&out), names(&plain)).into());
        }
        match plain.iter().find(|(name, bytes)| out[*name] != **bytes) {
            Some((name, _)) => Err(format!("{} is not that of a plain run", name.display()).into()),
            None => Ok(()),
        }
    }
}

/// Returns the name of an image in the list.
fn name(number: u32) -> String {
    format!("in/{number:03}.mrc")
}

/// Reads the files of a folder, hidden ones included.
fn files(folder: &Path) -> Result<BTreeMap<OsString, Vec<u8>>, Failed> {
    fs::read_dir(folder)?
        .map(|entry| {
            let entry = entry?;
            Ok((entry.file_name(), fs::read(entry.path())?))
        })
        .collect()
}

/// Returns the files of a folder with that extension.
fn with_extension(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, Failed> {
    let paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, Failed>>()?;
    Ok(paths.into_iter().filter(|path| path.extension().is_some_and(|its| its == extension)).collect())
}

/// Counts the lines of records that have a status; a record that is not there yet has none.
fn lines(records: &[PathBuf], status: &str) -> usize {
    let wanted = format!("\"status\":\"{status}\"");
    let text = |record: &PathBuf| fs::read_to_string(record).unwrap_or_default();
    records.iter().map(|record| text(record).lines().filter(|line| line.contains(&wanted)).count()).sum()
}
