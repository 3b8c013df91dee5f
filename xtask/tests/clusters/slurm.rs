//! `array.sh` in a Slurm of one node, which `slurm.sh` runs for as long as a trial lasts. `E2COMPRESS_SLURM` says that it is
//! installed.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use libtest_mimic::{Failed, Trial};

use crate::{Outcome, Work, lines, said, script, with_extension, with_paths};

/// How long anything may take that should take seconds.
const PATIENCE: Duration = Duration::from_secs(100);

/// Files of the list, and tasks of the array.
const FILES: u32 = 200;
const TASKS: u32 = 8;

pub fn trials() -> Vec<Trial> {
    let there = env::var_os("E2COMPRESS_SLURM").is_some();
    let trial = |name: &str, run: fn() -> Outcome| Trial::test(name, run).with_ignored_flag(!there);
    vec![
        trial("an array with a requeued and a killed task is completed by the next one", array),
        trial("a task that Slurm stops leaves nothing", stopped),
        trial("the Slurm of these tests is gone, however they end", gone),
    ]
}

/// A Slurm that ends with this value.
struct Cluster {
    process: Child,
    folder: PathBuf,
}

impl Cluster {
    /// Starts it and waits until its node is idle.
    fn start(work: &Work) -> Result<Self, Failed> {
        let folder = work.path("slurm");
        // Both are free until a moment before they are used.
        let ports = [TcpListener::bind("127.0.0.1:0")?, TcpListener::bind("127.0.0.1:0")?];
        let [controller, node] =
            ports.map(|port| port.local_addr().map(|address| address.port().to_string()));
        let mut process = with_paths("sh")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clusters/slurm.sh"))
            .arg(&folder)
            .args([controller?, node?])
            // Ctrl-C at a terminal ends this program, and so that one's input; it then cleans up.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        let cluster = Self { process, folder };
        if line == "ready\n" { Ok(cluster) } else { Err("Slurm does not start; see above".into()) }
    }

    fn configuration(&self) -> PathBuf {
        self.folder.join("slurm.conf")
    }

    /// Runs one of Slurm's commands and returns what it says.
    fn said<I: AsRef<OsStr>>(&self, work: &Work, words: &[I]) -> Result<String, Failed> {
        let mut command = work.command(&words[0]);
        let told = said(command.args(&words[1..]).env("SLURM_CONF", self.configuration()));
        // The folder with the logs is gone when this is read.
        told.map(|told| told.trim().to_owned()).map_err(|problem| {
            let log = |name| fs::read_to_string(self.folder.join(name)).unwrap_or_default();
            let problem = problem.message().unwrap_or_default();
            format!("{problem}\n{}\n{}", log("slurmctld.log"), log("slurmd.log")).into()
        })
    }

    /// Submits `array.sh` over the list and returns the number of the job.
    fn submit(&self, work: &Work, tasks: u32) -> Result<String, Failed> {
        let array = format!("--array=1-{tasks}");
        let script = script("array.sh");
        let words = ["sbatch".as_ref(), "--parsable".as_ref(), array.as_ref(), script.as_os_str()];
        self.said(work, &[&words[..], &["list", "out", "--bits", "4"].map(OsStr::new)].concat())
    }

    /// Waits until no task of a job is in the queue.
    fn wait(&self, work: &Work, job: &str) -> Outcome {
        until("the job ends", || {
            Ok(self.said(work, &["squeue", "--noheader", "--jobs", job])?.is_empty().then_some(()))
        })
    }

    /// Fails unless Slurm says this of a task.
    fn expect(&self, work: &Work, job: &str, task: u32, words: &str) -> Outcome {
        let told = self.said(work, &["scontrol", "--oneliner", "show", "job", &format!("{job}_{task}")])?;
        if told.split(' ').any(|word| word == words) {
            return Ok(());
        }
        Err(format!("of task {task} Slurm says not {words}, but {told}").into())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// Repeats until there is an answer.
fn until<T>(what: &str, mut answer: impl FnMut() -> Result<Option<T>, Failed>) -> Result<T, Failed> {
    let start = Instant::now();
    loop {
        if let Some(answer) = answer()? {
            return Ok(answer);
        }
        if start.elapsed() > PATIENCE {
            return Err(format!("waited in vain until {what}").into());
        }
        sleep(Duration::from_millis(5));
    }
}

/// Returns the processes of which a file in `/proc` has these words one after the other.
fn processes(file: &str, wanted: &[&str]) -> Result<Vec<String>, Failed> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let path = entry?.path();
        // Those of others and those that have just ended cannot be read.
        let bytes = fs::read(path.join(file)).unwrap_or_default();
        let words: Vec<_> = bytes.split(|byte| *byte == 0).collect();
        if words
            .windows(wanted.len())
            .any(|some| some.iter().zip(wanted).all(|(one, other)| *one == other.as_bytes()))
        {
            found.extend(path.file_name().map(|name| name.to_string_lossy().into_owned()));
        }
    }
    Ok(found)
}

fn signal(name: &str, process: &str) -> Outcome {
    said(Command::new("kill").args([name, process])).map(drop)
}

fn record(task: u32) -> String {
    format!("out.records/{task}.jsonl")
}

/// Halts the programs of two tasks in the middle: some of their files are done, others are not.
fn halted(work: &Work, tasks: [u32; 2]) -> Result<[String; 2], Failed> {
    // Both before either goes on: it would be over by then.
    let mut found: [Option<String>; 2] = [None, None];
    until("the tasks start", || {
        for (process, task) in found.iter_mut().zip(tasks) {
            if process.is_none() {
                // Other tasks resume from that record.
                *process = processes("cmdline", &[&format!("--report={}", record(task))])?.pop();
                process.iter().try_for_each(|process| signal("-STOP", process))?;
            }
        }
        Ok(if let [Some(one), Some(other)] = &found { Some([one.clone(), other.clone()]) } else { None })
    })
    .and_then(|halted| {
        halted.iter().zip(tasks).try_for_each(|(process, task)| halt_in_the_middle(work, process, task))?;
        Ok(halted)
    })
}

/// Lets a halted program go on in steps until one of its files is done.
fn halt_in_the_middle(work: &Work, process: &str, task: u32) -> Outcome {
    let record = [work.path(&record(task))];
    until("a file is done", || {
        if lines(&record, "done") > 0 {
            return Ok(Some(()));
        }
        signal("-CONT", process)?;
        sleep(Duration::from_millis(5));
        signal("-STOP", process)?;
        Ok(None)
    })?;
    let share = (FILES / TASKS) as usize;
    if lines(&record, "done") < share { Ok(()) } else { Err("the task was over before it was halted".into()) }
}

fn records(work: &Work) -> Result<Vec<PathBuf>, Failed> {
    with_extension(&work.path("out.records"), "jsonl")
}

fn array() -> Outcome {
    let work = Work::new(FILES)?;
    let cluster = Cluster::start(&work)?;
    let job = cluster.submit(&work, TASKS)?;
    let (requeued, killed) = (2, 3);
    let [_, process] = halted(&work, [requeued, killed])?;
    cluster.said(&work, &["scontrol", "requeue", &format!("{job}_{requeued}")])?;
    signal("-KILL", &process)?;
    cluster.wait(&work, &job)?;

    cluster.expect(&work, &job, requeued, "Restarts=1")?;
    for task in 1..=TASKS {
        let state = if task == killed { "FAILED" } else { "COMPLETED" };
        cluster.expect(&work, &job, task, &format!("JobState={state}"))?;
    }
    let output = work.report(&records(&work)?)?;
    if output.status.code() != Some(1) {
        return Err(format!("files are missing, but the report says {output:?}").into());
    }

    // Any number of tasks goes on with what others have done.
    let job = cluster.submit(&work, TASKS - 3)?;
    cluster.wait(&work, &job)?;
    work.complete(&records(&work)?)?;
    // Nothing is done twice, but for a file that was killed between its line and its name.
    let done = lines(&records(&work)?, "done");
    if !(FILES as usize..=FILES as usize + 1).contains(&done) {
        return Err(format!("{done} files were done").into());
    }
    work.as_plain()
}

/// `--signal=B:TERM@60` sends what `scancel --batch --signal=TERM` sends: to the script alone.
fn stopped() -> Outcome {
    let work = Work::new(FILES)?;
    let cluster = Cluster::start(&work)?;
    let job = cluster.submit(&work, TASKS)?;
    let (cancelled, out_of_time) = (1, 2);
    let [_, process] = halted(&work, [cancelled, out_of_time])?;
    cluster.said(&work, &["scancel", &format!("{job}_{cancelled}")])?;
    cluster.said(&work, &["scancel", "--batch", "--signal=TERM", &format!("{job}_{out_of_time}")])?;
    signal("-CONT", &process)?;
    cluster.wait(&work, &job)?;
    cluster.expect(&work, &job, cancelled, "JobState=CANCELLED")?;
    cluster.expect(&work, &job, out_of_time, "ExitCode=143:0")?;
    let left = with_extension(&work.path("out"), "part")?;
    if !left.is_empty() {
        return Err(format!("{left:?} are left").into());
    }
    Ok(())
}

/// A killed program drops nothing: the system closes its end of the pipe, as here.
fn gone() -> Outcome {
    let work = Work::new(1)?;
    let mut cluster = Cluster::start(&work)?;
    let variable = format!("SLURM_CONF={}", cluster.configuration().display());
    cluster.said(&work, &["sbatch", "--wrap", "exec sleep 1000"])?;
    until("the job runs", || {
        let running = cluster.said(&work, &["squeue", "--noheader", "--states=RUNNING"])?;
        Ok((!running.is_empty()).then_some(()))
    })?;
    if processes("environ", &[&variable])?.len() < 4 {
        return Err("three daemons and a job should be there".into());
    }
    drop(cluster.process.stdin.take());
    until("nothing is left", || {
        Ok((!cluster.folder.exists() && processes("environ", &[&variable])?.is_empty()).then_some(()))
    })
}
