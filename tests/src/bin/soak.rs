//! Compresses generated files of all kinds with any options, in place too, and expands them, for so many minutes;
//! ends the program at random moments, and checks every output after each step. `cargo xtask soak` runs it. Ends with
//! one line, or with the folder in which something was wrong.
//!
//! The program it runs is itself: with [`COMMAND`] in its environment it is the command, so that cargo has built
//! what is tested.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use e2compress_bench::kinds::{self, Random};
use e2compress_fixtures::complaint;
use e2compress_fixtures::made::Mrc;
use e2compress_tests::stored::{fingerprint, image};

/// The variable that makes this program the command.
const COMMAND: &str = "E2COMPRESS_SOAK_COMMAND";

/// Files of the one long call, many times as many as are different.
const LONG_CALL: usize = 1500;

/// How often its memory is looked at.
const LOOK: Duration = Duration::from_millis(10);

type Checked = Result<(), Box<dyn std::error::Error>>;

#[derive(Default)]
struct Counts {
    rounds: u64,
    files: u64,
    ended: u64,
    left_over: u64,
    old: u64,
    /// Of long calls, largest resident memory in the first and the second half, KiB.
    memory: Vec<(u64, u64)>,
}

/// Makes a process of the command.
fn e2compress() -> Command {
    let mut command = Command::new(env::current_exe().expect("this program has a path"));
    command.env(COMMAND, "yes");
    command
}

fn main() -> ExitCode {
    if env::var_os(COMMAND).is_some() {
        return e2compress::main();
    }
    let mut words = env::args().skip(1);
    let minutes: f64 = words.next().and_then(|word| word.parse().ok()).unwrap_or(5.0);
    let seed: u64 = words.next().and_then(|word| word.parse().ok()).unwrap_or(1);
    let end = Instant::now() + Duration::from_secs_f64(60.0 * minutes);
    let mut random = Random::new(seed);
    let mut counts = Counts::default();
    while Instant::now() < end {
        let folder = tempfile::tempdir().expect("a temporary folder");
        // Memory is looked at in the first round and in every fiftieth.
        let act = if counts.rounds.is_multiple_of(50) { long_call } else { round };
        let checked = act(folder.path(), &mut random, &mut counts);
        if let Err(problem) = checked {
            println!(
                "soak: round {} of seed {seed}: {problem}; see {}",
                counts.rounds,
                folder.keep().display()
            );
            return ExitCode::FAILURE;
        }
        counts.rounds += 1;
    }
    let Counts { rounds, files, ended, left_over, old, memory } = counts;
    let peak = |half: fn(&(u64, u64)) -> u64| memory.iter().map(half).max().unwrap_or(0) >> 10;
    println!(
        "soak: {minutes} minutes, {rounds} rounds, {files} outputs checked, {ended} runs ended at random moments \
         ({left_over} temporary files left and cleaned up, {old} older outputs still in place), no wrong output; \
         memory of {} calls with {LONG_CALL} files: at most {} MiB in the first half, {} MiB in the second",
        memory.len(),
        peak(|halves| halves.0),
        peak(|halves| halves.1)
    );
    ExitCode::SUCCESS
}

/// A file of a random kind and size.
fn make(random: &mut Random) -> (Mrc, &'static str) {
    const KINDS: [&str; 10] = ["g3", "g8", "g10", "p005", "p1", "p30", "mic5", "vol5", "voln5", "vol8"];
    let large = random.below(20) == 0;
    let side = |random: &mut Random| 1 + random.below(if large { 1200 } else { 150 }) as i32;
    let (nx, ny) = (side(random), side(random));
    let nz = 1 + random.below(if large { 2 } else { 9 }) as i32;
    let pixels = nx as usize * ny as usize * nz as usize;
    let mut mrc;
    match random.below(3) {
        0 => {
            let (mean, sigma) = (random.normal() * 100.0, random.uniform() * 20.0);
            let values = (0..pixels).map(|_| (mean + sigma * random.normal()) as f32);
            mrc = Mrc::floats(nx, ny, nz, values);
        }
        1 => {
            let kind = kinds::make(KINDS[random.below(KINDS.len() as u64) as usize], pixels);
            mrc = Mrc::new(nx, ny, nz, if kind.width == 1 { 0 } else { 6 });
            mrc.bytes.extend(kind.bytes);
        }
        _ => {
            let (mode, bits) = [(0, 8), (1, 16), (6, 16), (17, 8), (101, 4)][random.below(5) as usize];
            mrc = Mrc::new(nx, ny, nz, mode);
            let bytes = (nx as usize * bits).div_ceil(8) * ny as usize * nz as usize;
            mrc.bytes.extend((0..bytes).map(|_| random.draw() as u8));
        }
    }
    if random.below(8) == 0 {
        mrc.int(64, 2).int(68, 1); // transposed
    }
    (mrc, if random.below(2) == 0 { "mrc" } else { "mrcs" })
}

fn options(random: &mut Random) -> Vec<String> {
    let mut words = Vec::new();
    let bits = [-1, 0, 2, 3, 4, 5, 6, 8, 10, 12, 16][random.below(11) as usize];
    words.push(format!("--bits={bits}"));
    if random.below(2) == 0 {
        words.push(format!("--compresslevel={}", random.below(10)));
    }
    match random.below(5) {
        0 => words.push("--nooutliers".into()),
        1 => words.push(format!(
            "--sigrange={:.2},{:.2}",
            random.uniform() * 4.0,
            0.1 + random.uniform() * 4.0
        )),
        2 => words.push(format!("--range={:.2},{:.2}", random.normal(), 10.0 + random.uniform() * 100.0)),
        _ => {}
    }
    words
}

/// What is done to the files of a round.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// MRC to HDF.
    Compress,
    /// HDF to HDF in another folder.
    Again,
    /// HDF files that are replaced.
    InPlace,
    /// HDF to MRC.
    Expand,
}

/// A command over the files of `in`, run in folders beside it.
struct Step<'a> {
    folder: &'a Path,
    way: Way,
    names: &'a [String],
}

impl Step<'_> {
    /// Makes a folder to run in; puts the files there that are to be replaced.
    fn prepare(&self, area: &str) -> Checked {
        fs::create_dir_all(self.folder.join(area))?;
        if self.way == Way::InPlace {
            for name in self.names {
                fs::copy(self.folder.join("in").join(name), self.folder.join(area).join(name))?;
            }
        }
        Ok(())
    }

    fn start(&self, random: &mut Random, options: &[String], area: &str) -> Child {
        let mut command = e2compress();
        if self.way == Way::Expand {
            command.args(["expand", "--overwrite"]);
        }
        command.args(options).args(["--threads", &(1 + random.below(8)).to_string()]);
        if self.way == Way::InPlace {
            command.args(self.names);
        } else {
            command.args(["--outpath", "."]).args(self.names.iter().map(|name| format!("../in/{name}")));
        }
        command.current_dir(self.folder.join(area)).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("the program starts")
    }

    /// An input's output, if it is there.
    fn output(&self, area: &str, name: &str) -> Option<PathBuf> {
        let extensions: &[&str] = if self.way == Way::Expand { &["mrc", "mrcs"] } else { &["hdf"] };
        let path = |extension| self.folder.join(area).join(name).with_extension(extension);
        extensions.iter().map(path).find(|path| path.exists())
    }

    fn outputs(&self, area: &str) -> Vec<Option<Vec<u8>>> {
        self.names.iter().map(|name| self.output(area, name).and_then(|path| fs::read(path).ok())).collect()
    }

    fn left_over(&self, area: &str) -> u64 {
        let Ok(entries) = fs::read_dir(self.folder.join(area)) else { return 0 };
        let extension = |path: PathBuf| path.extension().is_some_and(|extension| extension == "part");
        entries.flatten().filter(|entry| extension(entry.path())).count() as u64
    }

    /// Reads an output: by libhdf5, and by the program beside its input.
    fn check(&self, area: &str, name: &str) -> Checked {
        let Some(output) = self.output(area, name) else { return Ok(()) };
        if self.way != Way::Expand {
            read_all(&output).map_err(|problem| format!("libhdf5: {name}: {problem}"))?;
        }
        let input = self.folder.join("in").join(name);
        let run = e2compress().arg("verify").args([&output, &input]).output()?;
        if run.status.success() { Ok(()) } else { Err(format!("verify {name}: {}", complaint(&run)).into()) }
    }
}

/// Makes the files of a round in the folder `in`: MRC, or HDF made of it.
fn inputs(folder: &Path, way: Way, random: &mut Random) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    fs::create_dir(folder.join("in"))?;
    let mut names = Vec::new();
    for number in 0..=random.below(6) {
        let (mrc, extension) = make(random);
        let name = format!("{number}.{extension}");
        fs::write(folder.join("in").join(&name), &mrc.bytes)?;
        names.push(name);
    }
    if way != Way::Compress {
        let mut command = e2compress();
        command.args(options(random)).args(&names).current_dir(folder.join("in"));
        command.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        names = names.iter().map(|name| format!("{}.hdf", name.split('.').next().unwrap_or(name))).collect();
        // Some cannot be compressed with these options.
        names.retain(|name| folder.join("in").join(name).exists());
    }
    Ok(names)
}

fn round(folder: &Path, random: &mut Random, counts: &mut Counts) -> Checked {
    let way = [Way::Compress, Way::Compress, Way::Again, Way::InPlace, Way::Expand][random.below(5) as usize];
    let names = inputs(folder, way, random)?;
    if names.is_empty() {
        return Ok(());
    }
    let step = Step { folder, way, names: &names };
    let (before, options) = if way == Way::Expand {
        let mut mode = || format!("--mode={}", ["auto", "0", "1", "2", "6", "12"][random.below(6) as usize]);
        (vec![mode()], vec![mode()])
    } else {
        (options(random), options(random))
    };

    step.prepare("new")?;
    let begin = Instant::now();
    let done = step.start(random, &options, "new").wait()?;
    let whole = begin.elapsed();
    let new = step.outputs("new");
    if way != Way::InPlace && done.success() != new.iter().all(Option::is_some) {
        let there = new.iter().map(Option::is_some).collect::<Vec<_>>();
        return Err(format!("{done} with outputs {there:?}").into());
    }
    // Modes that were asked for may round.
    let exact = way != Way::Expand || options == ["--mode=auto"];
    for name in names.iter().filter(|_| exact) {
        step.check("new", name)?;
        counts.files += 1;
    }

    // An older output may lie where the new one comes.
    step.prepare("out")?;
    if way != Way::InPlace && random.below(3) > 0 {
        step.start(random, &before, "out").wait()?;
    }
    let old = step.outputs("out");
    for _ in 0..4 {
        step.prepare("out")?;
        let mut children = vec![step.start(random, &options, "out")];
        if way != Way::InPlace && random.below(6) == 0 {
            children.push(step.start(random, &options, "out"));
        }
        sleep(whole.mul_f64(random.uniform() * 1.2));
        let signal = ["KILL", "KILL", "TERM", "INT", "HUP"][random.below(5) as usize];
        for mut child in children {
            // It may have ended by itself.
            let mut kill = Command::new("kill");
            kill.args(["-s", signal, &child.id().to_string()]).stderr(Stdio::null()).status()?;
            let status = child.wait()?;
            counts.ended += u64::from(!status.success() && (done.success() || status.code() != Some(1)));
        }
        for (place, found) in step.outputs("out").iter().enumerate() {
            counts.old += u64::from(found.is_some() && *found == old[place] && *found != new[place]);
            if *found != old[place] && *found != new[place] {
                return Err(format!("{} is neither old nor new after {signal}", names[place]).into());
            }
            counts.files += 1;
        }
        counts.left_over += step.left_over("out");
    }
    step.prepare("out")?;
    let status = step.start(random, &options, "out").wait()?;
    if status.code() != done.code() || step.left_over("out") > 0 {
        return Err(format!("{status}, {} temporary files after the last run", step.left_over("out")).into());
    }
    let last = step.outputs("out");
    // What cannot be made with these options keeps its older output.
    let right = last
        .iter()
        .zip(&new)
        .zip(&old)
        .all(|((last, new), old)| last == if new.is_some() { new } else { old });
    counts.files += last.len() as u64;
    if right { Ok(()) } else { Err("other bytes after the last run".into()) }
}

/// Every pixel of every image through libhdf5.
fn read_all(path: &Path) -> Checked {
    let file = hdf5::File::open(path)?;
    let images = file.group("MDF/images")?.len();
    for index in 0..images as usize {
        fingerprint(&image(&file, index)?.dataset("image")?)?;
    }
    if images > 0 { Ok(()) } else { Err("no image".into()) }
}

/// One call with very many files: its memory must not grow with their number.
fn long_call(folder: &Path, random: &mut Random, counts: &mut Counts) -> Checked {
    let sources = inputs(folder, Way::Compress, random)?;
    let mut names = Vec::new();
    for number in 0..LONG_CALL {
        let source = &sources[number % sources.len()];
        let name = format!("n{number}-{source}");
        fs::hard_link(folder.join("in").join(source), folder.join("in").join(&name))?;
        names.push(name);
    }
    let step = Step { folder, way: Way::Compress, names: &names };
    step.prepare("long-out")?;
    let mut child = step.start(random, &["--bits=5".into()], "long-out");
    let mut seen = Vec::new();
    while child.try_wait()?.is_none() {
        seen.extend(resident(child.id()));
        sleep(LOOK);
    }
    let outputs = fs::read_dir(folder.join("long-out"))?.count();
    if outputs != LONG_CALL {
        return Err(format!("{outputs} outputs of {LONG_CALL}").into());
    }
    counts.files += outputs as u64;
    let (first, second) = seen.split_at(seen.len() / 2);
    let peak = |part: &[u64]| part.iter().copied().max().unwrap_or(0);
    counts.memory.push((peak(first), peak(second)));
    // Some room for what the allocator keeps.
    if peak(second) > peak(first) + peak(first) / 4 + 8192 {
        return Err(format!("memory grows: {} KiB, then {} KiB", peak(first), peak(second)).into());
    }
    Ok(())
}

/// Resident memory of a process in KiB.
fn resident(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}
