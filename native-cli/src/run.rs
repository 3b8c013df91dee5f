//! Runs the jobs: several files at a time, all of them computed in one pool.

use std::hint::black_box;
use std::io::{self, stderr};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::thread;

use anyhow::Context;
use e2compress_core::compress::options::Memory;

use crate::arguments::{Common, Threads};
use crate::interrupt::Interrupt;
use crate::names::shown;
use crate::output::Written;
use crate::part;
use crate::plan::Job;
use crate::screen::{Meter, Outcome, Screen, say};

/// Files that are open at the same time, at most; enough to hide the wait for the disk between
/// small files.
const MOST_AT_ONCE: usize = 4;

/// Pixels of a wave for each thread, so that all have work to the end of it.
const WAVE_PIXELS_PER_THREAD: u64 = 512 << 10;

/// Bytes that must be left when a thread starts: more than 32 MiB, which the C library never takes from
/// what it has already (`M_MMAP_THRESHOLD` in mallopt(3)).
const ROOM: usize = 48 << 20;

/// What is done to a file.
pub trait Task: Sync {
    /// What is kept from file to file by whoever works on them.
    type Tools: Default;

    /// Does it.
    fn run(&self, tools: &mut Self::Tools, job: &Job, desk: &Desk<'_>) -> anyhow::Result<Outcome>;
}

/// What a task needs of the run.
pub struct Desk<'a> {
    /// The memory one file may take.
    pub memory: Memory,
    /// The outputs so far.
    pub written: &'a Written,
    screen: &'a Screen,
    interrupt: &'a Interrupt,
}

impl Desk<'_> {
    /// Progress on a file of so many bytes.
    pub fn meter(&self, job: &Job, bytes: u64) -> Meter<'_> {
        self.screen.meter(&job.input, bytes, self.interrupt)
    }
}

/// Runs all jobs and returns how many failed or were not done. Outcomes are printed as they come,
/// failures once more at the end.
pub fn run(jobs: &[Job], common: &Common, interrupt: &Interrupt, task: &impl Task) -> anyhow::Result<usize> {
    let threads = common.threads.start_pool()?;
    if common.verbose > 0 {
        let unit = if threads == 1 { "thread" } else { "threads" };
        say(stderr(), format_args!("e2compress: {threads} {unit}"));
    }
    let outputs: Vec<&Path> = jobs.iter().map(|job| job.output.as_path()).collect();
    part::remove_left_over(outputs.into_iter());
    let at_once = jobs.len().min(threads).min(MOST_AT_ONCE);
    let (screen, written) = (Screen::new(jobs.len()), Written::default());
    let desk = Desk { memory: memory(threads, at_once), written: &written, screen: &screen, interrupt };
    let failures = Mutex::new(Vec::new());
    let (next, finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let stopped = AtomicBool::new(false);
    let work = || {
        let mut tools = Default::default();
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            if interrupt.came() || stopped.load(Ordering::Relaxed) {
                break;
            }
            match task.run(&mut tools, job, &desk) {
                Ok(outcome) => {
                    finished.fetch_add(1, Ordering::Relaxed);
                    screen.done(job, &outcome);
                }
                Err(_) if interrupt.came() => break,
                Err(problem) => {
                    let message = format!("{}: {problem:#}", shown(&job.input));
                    screen.failed(&message);
                    stopped.fetch_or(common.fail_fast, Ordering::Relaxed);
                    failures.lock().expect("no holder of this lock panics").push(message);
                }
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..at_once {
            scope.spawn(work);
        }
        work();
    });
    let failures = failures.into_inner().expect("no holder of this lock panics");
    if jobs.len() > 1 && !failures.is_empty() {
        say(stderr(), format_args!("e2compress: {} of {} files failed:", failures.len(), jobs.len()));
        for message in &failures {
            say(stderr(), format_args!("  {message}"));
        }
    }
    let left = jobs.len() - finished.into_inner();
    if stopped.into_inner() && left > failures.len() {
        let untried = left - failures.len();
        say(stderr(), format_args!("e2compress: stopped; {untried} of {} files were not tried", jobs.len()));
    }
    if interrupt.came() {
        say(stderr(), format_args!("e2compress: interrupted; {left} of {} files were not done", jobs.len()));
    }
    Ok(left)
}

impl Threads {
    /// Starts the threads that compute; returns how many.
    pub fn start_pool(&self) -> anyhow::Result<usize> {
        let threads = self.count();
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .spawn_handler(start_thread)
            .build_global()
            .with_context(|| format!("{threads} threads could not be started"))?;
        Ok(threads)
    }
}

/// Starts a thread of the pool if there is room for it, and sees it begin. Where memory is limited the
/// last threads would take what those before them need to begin, and the system would end the program.
fn start_thread(thread: rayon::ThreadBuilder) -> io::Result<()> {
    let mut room = Vec::<u8>::new();
    room.try_reserve_exact(ROOM)?;
    drop(black_box(room));
    let (begun, begins) = mpsc::channel();
    thread::Builder::new().spawn(move || {
        // It waits for this, so the message arrives.
        let _ = begun.send(());
        thread.run();
    })?;
    begins.recv().map_err(io::Error::other)
}

/// The memory one file may take when so many are worked on at once.
fn memory(threads: usize, at_once: usize) -> Memory {
    Memory {
        hold: Memory::DEFAULT.hold / at_once as u64,
        wave: Memory::DEFAULT.wave.max(WAVE_PIXELS_PER_THREAD * threads as u64 / at_once as u64),
    }
}
