//! What many threads would wait for, by counting on a machine that has few: work in flight, what one thread that reads and
//! writes moves, and what nobody computes beside.

mod counted;
mod rates;

use std::path::Path;

use e2compress_core::{Memory, PixelType, Shape};

use counted::{Counts, count};
use rates::Rates;

/// Worker threads of the machines that are spoken of.
const POOLS: [usize; 4] = [1, 2, 8, 64];

/// An input, of which there are many, or one alone.
struct Input {
    name: &'static str,
    kind: PixelType,
    shape: Shape,
    images: u32,
    bits: i64,
}

const fn input(name: &'static str, kind: PixelType, sides: (u32, u32), images: u32, bits: i64) -> Input {
    let (side, nz) = sides;
    Input { name, kind, shape: Shape { nx: side, ny: side, nz }, images, bits }
}

const INPUTS: [Input; 4] = [
    input("micrograph of floats, 4096^2", PixelType::F32, (4096, 1), 1, 5),
    input("movie of bytes, 8 x 4096^2", PixelType::U8, (4096, 1), 8, 4),
    input("volume of floats, 256 x 512^2", PixelType::F32, (512, 256), 1, 5),
    input("stack of floats, 4096 x 64^2", PixelType::F32, (64, 1), 4096, 5),
];

/// Prints what limits the program, whose command is at `program`.
pub fn print(program: &str) {
    println!("input bytes per core-second, one worker thread, files in memory");
    println!("{:31}{:>14}{:>12}{:>7}{:>12}", "", "the I/O thread", "computing", "ratio", "a reading");
    let rates: Vec<Rates> = INPUTS.iter().map(|input| measured(program, input)).collect();
    println!(
        "\njobs in flight of so many worker threads; how often the input is read; what nobody computes beside"
    );
    println!(
        "{:31}{:>8}{:>7}{:>10}{:>8}{:>8}{:>16}  the limit",
        "", "threads", "files", "in flight", "of pool", "read", "longest, serial"
    );
    for (input, rates) in INPUTS.iter().zip(&rates) {
        for threads in POOLS {
            let most = Memory::inputs_at_once(threads);
            for files in if most == 1 { vec![1] } else { vec![most, 1] } {
                line(input, rates, threads, files);
            }
        }
    }
}

fn measured(program: &str, input: &Input) -> Rates {
    let rates = rates::measure(Path::new(program), input);
    let rates = rates.unwrap_or_else(|problem| panic!("{program}: {problem}"));
    let Rates { moved, computed, read, .. } = rates;
    let ratio = moved / computed;
    let [moved, computed, read] = [moved, computed, read].map(|rate| format!("{:.2} GB/s", rate / 1e9));
    println!("{:31}{moved:>14}{computed:>12}{ratio:>7.1}{read:>12}", input.name);
    rates
}

fn line(input: &Input, rates: &Rates, threads: usize, files: usize) {
    let counts = count(input, Memory::for_threads(threads, files));
    let flying = counts.in_flight(threads, files);
    let share = flying / threads as f64;
    let serial = (counts.first_wave as f64 / rates.read).max(counts.bytes as f64 * rates.read_back);
    let limits = limits(&counts, rates, flying, files, serial);
    let (name, most) =
        limits.iter().fold(("", f64::INFINITY), |least, &next| if next.1 < least.1 { next } else { least });
    println!(
        "{:31}{threads:>8}{files:>7}{flying:>10.1}{:>6.0} %{:>8.1}{:>13.1} ms  {most:.1} GB/s: {name}",
        input.name,
        share * 100.0,
        counts.readings(),
        serial * 1e3
    );
}

/// Lists the most input bytes per second, in 10^9, that each part lets through.
fn limits(
    counts: &Counts,
    rates: &Rates,
    flying: f64,
    files: usize,
    serial: f64,
) -> [(&'static str, f64); 2] {
    let bytes = counts.bytes as f64;
    let moving = 1.0 / rates.moved + (counts.readings() - rates.readings) / rates.read;
    // The threads have other files to compute then, if there are any.
    let idle = if files == 1 { serial } else { 0.0 };
    [
        ("worker threads", bytes / (bytes / rates.computed / flying + idle) / 1e9),
        ("I/O threads", files as f64 / moving / 1e9),
    ]
}
