//! Compresses generated files of all kinds with any options for so many minutes, ends the program at random
//! moments, and checks every output after each step. `cargo xtask soak` runs it. Ends with one line, or with the
//! folder in which something was wrong.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use e2compress_bench::kinds::{self, Random};
use e2compress_tests::made::Mrc;
use e2compress_tests::program;
use e2compress_tests::stored::{fingerprint, image};

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

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let minutes: f64 = words.next().and_then(|word| word.parse().ok()).unwrap_or(5.0);
    let seed: u64 = words.next().and_then(|word| word.parse().ok()).unwrap_or(1);
    let end = Instant::now() + Duration::from_secs_f64(60.0 * minutes);
    let mut random = Random::new(seed);
    let mut counts = Counts::default();
    while Instant::now() < end {
        let folder = tempfile::tempdir().expect("a temporary folder");
        // Memory is looked at in the first round and in every fiftieth.
        let long = counts.rounds.is_multiple_of(50);
        let checked = round(folder.path(), &mut random, &mut counts)
            .and_then(|()| if long { long_call(folder.path(), &mut random, &mut counts) } else { Ok(()) });
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

struct Step<'a> {
    folder: &'a Path,
    names: &'a [String],
}

impl Step<'_> {
    fn start(&self, random: &mut Random, options: &[String], outpath: &str) -> Child {
        let mut command = Command::new(program());
        command.args(options).args(["--threads", &(1 + random.below(8)).to_string()]);
        command.args(["--outpath", outpath]).args(self.names).current_dir(self.folder);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts")
    }

    fn outputs(&self, outpath: &str) -> Vec<Option<Vec<u8>>> {
        let output = |name: &String| self.folder.join(outpath).join(name).with_extension("hdf");
        self.names.iter().map(|name| fs::read(output(name)).ok()).collect()
    }

    fn left_over(&self, outpath: &str) -> u64 {
        let Ok(entries) = fs::read_dir(self.folder.join(outpath)) else { return 0 };
        let extension = |path: PathBuf| path.extension().is_some_and(|extension| extension == "part");
        entries.flatten().filter(|entry| extension(entry.path())).count() as u64
    }
}

fn round(folder: &Path, random: &mut Random, counts: &mut Counts) -> Checked {
    let mut names = Vec::new();
    for number in 0..=random.below(6) {
        let (mrc, extension) = make(random);
        let name = format!("{number}.{extension}");
        fs::write(folder.join(&name), &mrc.bytes)?;
        names.push(name);
    }
    let step = Step { folder, names: &names };
    let (before, options) = (options(random), options(random));

    let begin = Instant::now();
    let done = step.start(random, &options, "new").wait()?;
    let whole = begin.elapsed();
    let new = step.outputs("new");
    if done.success() != new.iter().all(Option::is_some) {
        return Err(
            format!("{done} with outputs {:?}", new.iter().map(Option::is_some).collect::<Vec<_>>()).into()
        );
    }
    for name in names.iter().filter(|name| folder.join("new").join(name).with_extension("hdf").exists()) {
        read_all(&folder.join("new").join(name).with_extension("hdf"))
            .map_err(|problem| format!("libhdf5: {name}: {problem}"))?;
        counts.files += 1;
    }

    // An older output may lie where the new one comes.
    if random.below(3) > 0 {
        step.start(random, &before, "out").wait()?;
    }
    let old = step.outputs("out");
    for _ in 0..4 {
        let mut children = vec![step.start(random, &options, "out")];
        if random.below(6) == 0 {
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
    let status = step.start(random, &options, "out").wait()?;
    if status.code() != done.code() || step.left_over("out") > 0 {
        return Err(format!("{status}, {} temporary files after the last run", step.left_over("out")).into());
    }
    let last = step.outputs("out");
    // What can't be compressed with these options keeps its older output.
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
    fs::create_dir(folder.join("long"))?;
    let sources: Vec<PathBuf> = fs::read_dir(folder)?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "mrc" || extension == "mrcs"))
        .collect();
    let mut names = Vec::new();
    for number in 0..LONG_CALL {
        let source = &sources[number % sources.len()];
        let extension = source.extension().unwrap_or_default().to_string_lossy();
        let name = format!("long/{number}.{extension}");
        fs::hard_link(source, folder.join(&name))?;
        names.push(name);
    }
    let step = Step { folder, names: &names };
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
