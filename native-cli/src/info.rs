//! `e2compress info FILE...`

use std::io::{stderr, stdout};
use std::path::Path;

use e2compress_core::image::images::Reader;
use e2compress_core::info::Info;
use serde_json::{Value, json};

use crate::args::InfoArgs;
use crate::exit;
use crate::files::input::InputFile;
use crate::files::sanitize::display;
use crate::fmt;
use crate::terminal::print;

/// Describes each file and returns the exit status.
pub fn run(args: &InfoArgs) -> u8 {
    let mut status = exit::DONE;
    for path in &args.files {
        match describe(path) {
            Ok(info) if args.json => print(stdout(), format_args!("{}", json(path, &info))),
            Ok(info) => print(stdout(), format_args!("{}", text(path, &info))),
            Err(problem) => {
                status = exit::FAILED;
                print(stderr(), format_args!("e2compress: {}: {problem:#}", display(path)));
            }
        }
    }
    status
}

/// Reads what a file says of itself.
fn describe(path: &Path) -> anyhow::Result<Info> {
    let file = InputFile::open(path)?;
    Ok(Info::of(&file.input()?, file.length())?)
}

/// Words what is in an open file.
pub fn contents(reader: &dyn Reader) -> String {
    let shape = reader.shape(0);
    let alike = (1..reader.images()).all(|image| reader.shape(image) == shape);
    fmt::images(reader.images(), [shape.nx, shape.ny, shape.nz], alike)
}

/// Shortens a figure that the file has as a 32-bit float to as many digits as that has.
fn short(figure: f64) -> f64 {
    (figure as f32).to_string().parse().unwrap_or(figure)
}

/// Words a description for people.
fn text(path: &Path, info: &Info) -> String {
    let mut lines = vec![format!("{}: {}, {}", display(path), info.format, fmt::bytes(info.file_bytes))];
    let shape = info.shape;
    let images = fmt::images(info.images, [shape.nx, shape.ny, shape.nz], info.same_shape);
    let pixel = info.pixel_size.map_or(String::new(), |edges| {
        let [x, y, z] = edges.map(short);
        if x == y && (y == z || shape.nz == 1) {
            format!(", {x} A per pixel")
        } else {
            format!(", {x} x {y} x {z} A per pixel")
        }
    });
    lines.push(format!("  {images}{pixel}"));
    let mut stored = format!("  {}", info.pixel_type);
    if let (Some(range), Some(step)) = (info.range, info.step) {
        let bits = info.bits.map_or(String::new(), |(least, most)| {
            if least == most {
                format!("{least}-bit codes in ")
            } else {
                format!("codes of {least} to {most} bits in ")
            }
        });
        stored = format!("  {bits}{}, {}, {}", info.pixel_type, fmt::range(range), fmt::step(step));
    }
    if let Some(truncated) = info.truncated {
        let pixels = info.same_shape.then(|| shape.pixels().saturating_mul(info.images.into()));
        stored.extend([", ", &fmt::clipped(truncated, pixels)]);
    }
    lines.push(stored);
    if let (Some(minimum), Some(maximum)) = (info.minimum, info.maximum) {
        let mut values = format!("  values from {} to {}", short(minimum), short(maximum));
        for (name, value) in [("mean", info.mean), ("sigma", info.sigma)] {
            if let Some(value) = value {
                values.extend([", ", name, " ", &short(value).to_string()]);
            }
        }
        lines.push(format!("{values}, as the file says"));
    }
    let beside = fmt::beside(info.file_bytes, info.original_bytes);
    lines.push(format!("  {beside} the same pixels as {}", info.original_type));
    lines.extend(info.warnings.iter().map(|warning| format!("  warning: {warning}")));
    lines.join("\n")
}

/// Writes a description for programs, on one line.
fn json(path: &Path, info: &Info) -> Value {
    let shape = info.shape;
    json!({
        "file": path.to_string_lossy(),
        "format": info.format,
        "bytes": info.file_bytes,
        "images": info.images,
        "nx": shape.nx,
        "ny": shape.ny,
        "nz": shape.nz,
        "same_shape": info.same_shape,
        "pixel_size": info.pixel_size.map(|edges| edges.map(short)),
        "type": info.pixel_type,
        "bits": info.bits.map(|(least, most)| [least, most]),
        "range": info.range.map(|(low, high)| [low, high].map(|end| short(end.into()))),
        "step": info.step.map(|(fine, coarse)| [fine, coarse].map(|step| short(step.into()))),
        "truncated": info.truncated,
        "minimum": info.minimum.map(short),
        "maximum": info.maximum.map(short),
        "mean": info.mean.map(short),
        "sigma": info.sigma.map(short),
        "uncompressed_bytes": info.original_bytes,
        "uncompressed_type": info.original_type,
        "ratio": info.original_bytes as f64 / info.file_bytes.max(1) as f64,
        "warnings": info.warnings,
    })
}
