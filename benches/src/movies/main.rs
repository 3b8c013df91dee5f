//! `cargo xtask bench movies`: a simulated K3 movie, LZW in TIFF, beside libtiff; with two threads beside one; and the
//! peak of memory of compressing all of it.

mod k3;
mod peer;

use std::fs::File;
use std::path::Path;
use std::time::Instant;

use e2compress_core::formats::tiff::Tiff;
use e2compress_core::image::Images;
use rustix::time::{ClockId, clock_gettime};

use k3::Movie;
use peer::Libtiff;

const HELP: &str = "e2compress-bench-movies PYTHON PROGRAM [quick]";

const ROUNDS: usize = 7;

/// What is compared with libtiff: seven rounds of so many frames each.
const FRAMES: u32 = 4;

fn main() -> std::io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (python, program, quick) = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [python, program] => (python, program, false),
        [python, program, "quick"] => (python, program, true),
        _ => return Err(std::io::Error::other(HELP)),
    };
    let folder = tempfile::tempdir()?;
    let mut libtiff = Libtiff::start(python)?;
    let pools = [1, 2]
        .map(|threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads start"));
    println!("frames of {} x {} counts, LZW; middle of {ROUNDS} rounds (least to most)", k3::NX, k3::NY);
    for (counts, rows) in [(0.1, 8), (0.3, 8), (1.0, 8), (1.0, k3::NY)] {
        let path = folder.path().join("few.tif");
        Movie { counts, rows, frames: FRAMES }.write(&path)?;
        decoding(&path, counts, rows, &mut libtiff, &pools)?;
        if quick {
            return Ok(());
        }
    }
    let path = folder.path().join("movie.tif");
    Movie { counts: 0.5, rows: 8, frames: 40 }.write(&path)?;
    let bytes = std::fs::metadata(&path)?.len();
    let (seconds, peak) = libtiff.compress(program, &path, &folder.path().join("out"))?;
    println!(
        "40 frames of 0.5 counts per pixel, {} MB: {seconds:.1} s of CPU, peak of memory {peak} MB (goal: at most 1000)",
        bytes / 1_000_000
    );
    Ok(())
}

/// Prints how fast frames are decoded.
fn decoding(
    path: &Path,
    counts: f64,
    rows: u32,
    libtiff: &mut Libtiff,
    pools: &[rayon::ThreadPool; 2],
) -> std::io::Result<()> {
    let (mut beside, mut scaled, mut rates) = (Vec::new(), Vec::new(), Vec::new());
    let mut frame = vec![0; k3::NX as usize * k3::NY as usize];
    for _ in 0..ROUNDS {
        let theirs = libtiff.decode(path)?;
        let [one, two] = [&pools[0], &pools[1]].map(|pool| pool.install(|| decode(path, &mut frame)));
        let ((cpu, wall, sum), (_, wall_of_two, _)) = (one?, two?);
        assert_eq!(sum, theirs.sum, "libtiff has other pixels");
        beside.push(theirs.seconds / cpu);
        scaled.push(wall / wall_of_two);
        rates.push(f64::from(FRAMES) * f64::from(k3::NX) * f64::from(k3::NY) / cpu / 1e6);
    }
    println!(
        "{counts} counts per pixel, {rows} rows per strip: {} MB per CPU second, {} times libtiff (goal: 2), two threads {} \
         times one (goal: 1.7)",
        middle(rates, 0),
        middle(beside, 2),
        middle(scaled, 2)
    );
    Ok(())
}

/// The middle value, the least and the most.
fn middle(mut values: Vec<f64>, digits: usize) -> String {
    values.sort_by(f64::total_cmp);
    let (least, most) = (values[0], values[values.len() - 1]);
    format!("{:.digits$} ({least:.digits$} to {most:.digits$})", values[values.len() / 2])
}

/// Decodes all frames: seconds of CPU time of all threads, seconds, and the sum of all counts.
fn decode(path: &Path, frame: &mut [u8]) -> std::io::Result<(f64, f64, u64)> {
    let file = File::open(path)?;
    let (start, cpu) = (Instant::now(), cpu_seconds());
    let movie = Tiff::open(&file, true).map_err(std::io::Error::other)?;
    for image in 0..movie.images() {
        movie.read(image, 0..k3::NY.into(), frame).map_err(std::io::Error::other)?;
    }
    let (cpu, wall) = (cpu_seconds() - cpu, start.elapsed().as_secs_f64());
    Ok((cpu, wall, frame.iter().map(|&count| u64::from(count)).sum()))
}

/// Seconds of CPU time of all threads.
fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
