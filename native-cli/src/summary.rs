//! What is said about a file, and about all of them.

use std::time::Duration;

use e2compress_core::image::Shape;
use e2compress_core::verify::Comparison;
use e2compress_core::{Options, PixelEncoding, Report};
use indicatif::HumanBytes;

use crate::names::shown;
use crate::plan::Job;

/// A file that is done.
pub struct Done {
    /// Of its first image.
    pub shape: Shape,
    /// Length of the input in bytes.
    pub input_bytes: u64,
    /// From opening the input to the rename.
    pub time: Duration,
    /// What the core says.
    pub report: Report,
    /// The output beside the input, if that was asked for.
    pub comparison: Option<Comparison>,
}

/// The line for a file.
pub fn line(job: &Job, done: &Done, options: &Options, verbose: u8) -> String {
    let Done { shape, input_bytes, time, report, comparison } = done;
    let ratio = *input_bytes as f64 / report.output_bytes.max(1) as f64;
    let way = format!("{} -> {}", shown(&job.input), shown(&job.output));
    let size = format!("{} -> {} ({ratio:.2}x)", HumanBytes(*input_bytes), HumanBytes(report.output_bytes));
    let mut parts = vec![images(report.images, *shape), size, stored(options.stored)];
    if let (Some((low, high)), Some((fine, coarse))) = (report.range, report.step) {
        parts.push(format!("range {low} to {high}"));
        parts.push(if fine == coarse { format!("step {fine}") } else { format!("steps {fine} to {coarse}") });
        parts.push(truncated(report.truncated, report.pixels));
    }
    if let Some(comparison) = comparison {
        parts.push(format!("verified: {}", differences(comparison)));
    }
    if verbose > 0 {
        let seconds = time.as_secs_f64();
        let speed = *input_bytes as f64 / 1e6 / seconds.max(1e-9);
        parts.push(format!("{seconds:.2} s, {speed:.0} MB/s"));
    }
    format!("{way}: {}", parts.join(", "))
}

/// How a file that is right differs from its original.
pub fn differences(found: &Comparison) -> String {
    let Some(half_step) = found.half_step else { return "every pixel is right".into() };
    let (largest, rms) = (short(found.largest), short(found.rms));
    format!("every code is right, largest difference {largest} (half a step {}), RMS {rms}", short(half_step))
}

/// Four digits.
fn short(figure: f64) -> String {
    let rounded = format!("{figure:.3e}").parse().unwrap_or(figure);
    let text = format!("{rounded:?}");
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

/// How many pixels, of how many.
pub fn truncated(count: u64, pixels: u64) -> String {
    match count {
        0 => "no pixel truncated".into(),
        count => format!("{count} pixels truncated ({:.3} %)", 100.0 * count as f64 / pixels as f64),
    }
}

/// What there is in a file.
pub fn images(count: u32, shape: Shape) -> String {
    let Shape { nx, ny, nz } = shape;
    match (count, nz) {
        (1, 1) => format!("1 image of {nx} x {ny}"),
        (1, nz) => format!("1 volume of {nx} x {ny} x {nz}"),
        (count, _) => format!("{count} images of {nx} x {ny}"),
    }
}

fn stored(stored: PixelEncoding) -> String {
    match stored {
        PixelEncoding::Codes(bits) => format!("{} bits", bits.get()),
        PixelEncoding::Floats => "32-bit floats".into(),
        PixelEncoding::Raw => "32-bit floats, uncompressed".into(),
    }
}
