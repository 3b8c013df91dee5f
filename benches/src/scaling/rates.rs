//! How fast the threads of the command are, by the system's account of each.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use e2compress_core::{Compressor, Memory, NoProgress, Options, PixelType, Shape, open};

use super::Input;
use super::counted::count;
use crate::clock::least;
use crate::images::header;
use e2compress_bench::kinds::Random;

/// Bytes of pixels, at least: enough that the last look at the account misses little.
const BYTES: u64 = 200_000_000;

/// Pixels that are drawn; the others repeat them.
const DRAWN: u64 = 1 << 20;

/// Time between two looks.
const BETWEEN: Duration = Duration::from_micros(500);

/// Input bytes per second of one core.
pub struct Rates {
    /// Of the thread that reads and writes.
    pub moved: f64,
    /// Of the worker threads.
    pub computed: f64,
    /// Of reading alone.
    pub read: f64,
    /// How often the input was read.
    pub readings: f64,
    /// Seconds that reading the output back takes, for a byte of input.
    pub read_back: f64,
}

/// Compresses noise in images of an input's shape with the command, one worker thread, and measures.
pub fn measure(program: &Path, input: &Input) -> Result<Rates, Box<dyn std::error::Error>> {
    let bits = input.bits;
    let readings = count(input, Memory::for_threads(1, 1)).readings();
    // In memory where that can be: the disk is not what is measured.
    let shared = Path::new("/dev/shm");
    let folder = if shared.is_dir() { tempfile::tempdir_in(shared) } else { tempfile::tempdir() }?;
    let name = if input.shape.nz > 1 { "noise.mrc" } else { "noise.mrcs" };
    let path = folder.path().join(name);
    let bytes = write(&path, input)? as f64;
    let (mut moving, mut computing) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..3 {
        let words = ["--threads", "1", "--overwrite", "--bits", &bits.to_string(), "--outpath"];
        let mut command = Command::new(program);
        command.args(words).arg(folder.path()).arg(&path).stdout(Stdio::null());
        let (first, others) = threads_seconds(&mut command)?;
        (moving, computing) = (moving.min(first), computing.min(others));
    }
    let mut piece = vec![0; 1 << 20];
    let read = least(3, || {
        let mut file = File::open(&path).expect("it was written");
        while file.read(&mut piece).is_ok_and(|count| count > 0) {}
    });
    let output = folder.path().join("again.hdf");
    let source = File::open(&path)?;
    let images = open(&source, name)?;
    let mut sink = File::create(&output)?;
    let report =
        Compressor::default().compress(&*images, "", &mut sink, &Options::bits(bits)?, &NoProgress)?;
    let manifest = report.manifest.ok_or("the output has no manifest")?;
    let written = File::open(&output)?;
    let back = least(3, || manifest.check(&written).expect("it was written"));
    Ok(Rates {
        moved: bytes / moving,
        computed: bytes / computing,
        read: bytes / read,
        readings,
        read_back: back / bytes,
    })
}

/// Writes images, enough of them, and returns the file's length.
fn write(path: &Path, input: &Input) -> io::Result<u64> {
    let mut random = Random::new(3);
    let part: Vec<f64> = (0..DRAWN).map(|_| random.normal()).collect();
    let part: Vec<u8> = match input.kind {
        PixelType::U8 => part.iter().map(|value| (value.abs() * 3.0) as u8).collect(),
        _ => part.iter().flat_map(|&value| (value as f32).to_le_bytes()).collect(),
    };
    let mode = if input.kind == PixelType::U8 { 0 } else { 2 };
    let Shape { nx, nz, .. } = input.shape;
    let image_bytes = input.shape.pixels() * input.kind.bytes() as u64;
    let images = if nz > 1 { 1 } else { BYTES.div_ceil(image_bytes) };
    let sections = images * u64::from(nz);
    let mut file = File::create(path)?;
    file.write_all(&header(nx as usize, sections as usize, mode))?;
    let mut left = images * image_bytes;
    while left > 0 {
        let count = left.min(part.len() as u64);
        file.write_all(&part[..count as usize])?;
        left -= count;
    }
    Ok(file.metadata()?.len())
}

/// Runs a command and returns the CPU seconds of its first thread and of all others together.
fn threads_seconds(command: &mut Command) -> io::Result<(f64, f64)> {
    let mut child = command.spawn()?;
    let id = child.id();
    let mut seconds = (0.0, 0.0);
    loop {
        let mut now = (0.0, 0.0);
        for thread in fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten() {
            let name = thread.file_name();
            let spent = spent(&thread.path()).unwrap_or(0.0);
            let is_first = name.to_str() == Some(&id.to_string());
            *(if is_first { &mut now.0 } else { &mut now.1 }) += spent;
        }
        // Threads that ended are not in it any more.
        seconds = (f64::max(seconds.0, now.0), f64::max(seconds.1, now.1));
        if let Some(status) = child.try_wait()? {
            return if status.success() { Ok(seconds) } else { Err(io::Error::other("the command failed")) };
        }
        sleep(BETWEEN);
    }
}

/// Reads the CPU seconds of a thread.
fn spent(task: &Path) -> Option<f64> {
    let text = fs::read_to_string(task.join("schedstat")).ok()?;
    Some(text.split(' ').next()?.parse::<f64>().ok()? / 1e9)
}
