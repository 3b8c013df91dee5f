//! The pages for users: every command and every program in them runs, one block after the other, in a folder that has
//! the files they name.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use e2compress_fixtures::eer::{Coding, Electron, Movie, codes};
use e2compress_fixtures::made::{Mrc, Noise};
use e2compress_fixtures::{complaint, data, done};
use libtest_mimic::{Arguments, Failed, Trial};
use tempfile::TempDir;

const COMMAND: &str = env!("CARGO_BIN_EXE_e2compress");

/// The pages.
const PAGES: [&str; 4] = ["README.md", "docs/guide.md", "docs/reading.md", "native-cli/README.md"];

/// Programs whose commands are not run here. They install or build the program, which `front_door` and `dist` of the
/// xtask do with the same commands, or serve the page.
const ELSEWHERE: [&str; 5] = ["cargo", "cd", "dpkg", "pip", "tar"];

/// Programs whose commands are run.
const HERE: [&str; 3] = ["e2compress", "find", "rm"];

/// A block of lines, indented as code.
struct Block {
    page: &'static str,
    line: usize,
    text: String,
}

impl Block {
    /// Returns the first words of its lines.
    fn programs(&self) -> impl Iterator<Item = &str> {
        self.text
            .lines()
            .filter_map(|line| line.split_whitespace().next())
            .filter(|word| !word.starts_with('#'))
    }

    fn is_python(&self) -> bool {
        self.programs().any(|word| word == "import")
    }

    fn name(&self) -> String {
        let first = self.text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
        format!("{} line {}: {}", self.page, self.line, first.take(1).collect::<String>())
    }
}

fn main() {
    let arguments = Arguments::from_args();
    let python = env::var_os("E2COMPRESS_PYTHON");
    let blocks: Vec<Block> = PAGES.into_iter().flat_map(blocks).collect();
    let mut trials: Vec<Trial> = Vec::new();
    for page in PAGES {
        let found = blocks.iter().any(|block| block.page == page);
        trials.push(Trial::test(format!("{page} has commands"), move || {
            if found { Ok(()) } else { Err("none was found".into()) }
        }));
    }
    for block in blocks {
        let programs: Vec<&str> = block.programs().collect();
        if !block.is_python() && programs.iter().all(|program| ELSEWHERE.contains(program)) {
            continue;
        }
        let ignored = block.is_python() && python.is_none();
        trials.push(Trial::test(block.name(), move || runs(&block)).with_ignored_flag(ignored));
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the project's folder")
}

/// Finds the blocks of a page. An empty line within one does not end a Python program.
fn blocks(page: &'static str) -> Vec<Block> {
    let text = fs::read_to_string(project().join(page)).expect("the page");
    let mut blocks: Vec<Block> = Vec::new();
    let mut last = None;
    for (index, line) in text.lines().enumerate() {
        let Some(code) = line.strip_prefix("    ") else { continue };
        let near = last.is_some_and(|last| {
            last + 1 == index || last + 2 == index && blocks.last().is_some_and(Block::is_python)
        });
        last = Some(index);
        match blocks.last_mut() {
            Some(block) if near => block.text.extend([code, "\n"]),
            _ => blocks.push(Block { page, line: index + 1, text: format!("{code}\n") }),
        }
    }
    blocks
}

fn runs(block: &Block) -> Result<(), Failed> {
    let folder = folder()?;
    let here = folder.path().join("here");
    let mut command = if block.is_python() {
        let mut command =
            Command::new(env::var_os("E2COMPRESS_PYTHON").ok_or("E2COMPRESS_PYTHON is not set")?);
        command.arg("-c").arg(&block.text).env("PYTHONPATH", project().join("packaging/python"));
        command
    } else {
        let others: Vec<&str> = block.programs().filter(|program| !HERE.contains(program)).collect();
        if !others.is_empty() {
            return Err(format!("{others:?} cannot be run here").into());
        }
        let mut command = Command::new("sh");
        command.args(["-e", "-x", "-c", &block.text]);
        command
    };
    let folders = Path::new(COMMAND).parent().map(Path::to_owned).into_iter();
    let others = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths(folders.chain(env::split_paths(&others)))?;
    let run = command.current_dir(&here).env("PATH", path).env("PYTHONDONTWRITEBYTECODE", "1").output()?;
    if run.status.success() { Ok(()) } else { Err(format!("{}: {}", run.status, complaint(&run)).into()) }
}

/// Makes a folder with the files that the pages name.
fn folder() -> Result<TempDir, Failed> {
    let folder = tempfile::tempdir()?;
    let here = folder.path().join("here");
    fs::create_dir_all(here.join("raw"))?;
    fs::create_dir_all(here.join("session/a"))?;
    fs::write(here.join("list"), "raw/a.mrc\nraw/b.mrc\n")?;
    for (name, seed) in [("a.mrc", 1), ("b.mrc", 2)] {
        let micrograph =
            Mrc::floats(192, 128, 1, Noise(seed).take(192 * 128).map(|value| 10.0 * value + 100.0));
        fs::write(here.join(name), &micrograph.bytes)?;
        fs::write(here.join("raw").join(name), &micrograph.bytes)?;
        fs::write(here.join("session/a").join(name), &micrograph.bytes)?;
    }
    let counts = Noise(3).take(3 * 64 * 64).map(|value| value.abs().floor());
    fs::write(here.join("a.mrcs"), Mrc::floats(64, 64, 3, counts).bytes)?;
    fs::copy(here.join("a.mrcs"), here.join("movie.mrcs"))?;
    fs::copy(data().join("formats/tiff/eman2_stack.tif"), here.join("m.tif"))?;
    let coding = Coding { gap: 7, sub: 2, wasteful: false };
    let frame = |pixel| codes(coding, 32 * 24, &[Electron { pixel, x: 3, y: 0 }]);
    fs::write(here.join("e.eer"), Movie::new(32, 24, 65001, (0..80).map(frame).collect()).file())?;
    for words in [
        "--bits 5 --nooutliers a.mrc b.mrc",
        "--bits 4 movie.mrcs",
        "--bits 5 --outpath out --report done.jsonl raw/a.mrc raw/b.mrc",
    ] {
        let _ = done(COMMAND, &here, words);
    }
    fs::remove_file(here.join("movie.mrcs"))?;
    fs::copy(here.join("b.hdf"), here.join("old.hdf"))?;
    Ok(folder)
}
