//! `e2compress info FILE...`

use std::io::{stderr, stdout};
use std::path::Path;

use e2compress_core::Images;
use e2compress_core::Info;
use serde::Serialize;

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
        let described =
            describe(path).and_then(|info| if args.json { json(path, &info) } else { Ok(text(path, &info)) });
        match described {
            Ok(words) => print(stdout(), format_args!("{words}")),
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
    Ok(Info::of(&*file.images()?, file.length())?)
}

/// Words what is in an open file.
pub fn contents(images: &dyn Images) -> String {
    let shape = images.shape(0);
    let alike = (1..images.images()).all(|image| images.shape(image) == shape);
    fmt::images(images.images(), [shape.nx, shape.ny, shape.nz], alike)
}

/// Words a description for people.
fn text(path: &Path, info: &Info) -> String {
    let mut lines = vec![format!("{}: {}, {}", display(path), info.format, fmt::bytes(info.file_bytes))];
    let shape = info.shape;
    let images = fmt::images(info.images, [shape.nx, shape.ny, shape.nz], info.same_shape);
    let pixel = info.pixel_size.map_or(String::new(), |edges| {
        let [x, y, z] = edges;
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
        let mut values = format!("  values from {minimum} to {maximum}");
        for (name, value) in [("mean", info.mean), ("sigma", info.sigma)] {
            if let Some(value) = value {
                values.extend([", ", name, " ", &value.to_string()]);
            }
        }
        lines.push(format!("{values}, as the file says"));
    }
    let beside = fmt::beside(info.file_bytes, info.original_bytes);
    lines.push(format!("  {beside} the same pixels as {}", info.original_type));
    lines.extend(info.warnings.iter().map(|warning| format!("  warning: {warning}")));
    lines.join("\n")
}

/// A description with the name of its file.
#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    #[serde(flatten)]
    info: &'a Info,
}

/// Writes a description for programs, on one line.
fn json(path: &Path, info: &Info) -> anyhow::Result<String> {
    Ok(serde_json::to_string(&Line { file: &path.to_string_lossy(), info })?)
}
