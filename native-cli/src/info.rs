//! `e2compress info FILE...`

use std::io::{stderr, stdout};
use std::path::Path;

use e2compress_core::Info;
use indicatif::HumanBytes;
use serde::Serialize;

use crate::args::InfoArgs;
use crate::exit;
use crate::files::input::InputFile;
use crate::files::sanitize::display;
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

fn describe(path: &Path) -> anyhow::Result<Info> {
    let file = InputFile::open(path)?;
    Ok(Info::of(&*file.images()?, file.length())?)
}

/// Words a description for people.
fn text(path: &Path, info: &Info) -> String {
    let mut lines = vec![format!("{}: {}, {}", display(path), info.format, HumanBytes(info.file_bytes))];
    let shape = info.shape;
    let (what, size) = match (info.images, shape.nz) {
        (1, 1) => ("1 image".to_owned(), format!("{} x {}", shape.nx, shape.ny)),
        (1, nz) => ("1 volume".to_owned(), format!("{} x {} x {nz}", shape.nx, shape.ny)),
        (images, 1) => (format!("{images} images"), format!("{} x {}", shape.nx, shape.ny)),
        (images, nz) => (format!("{images} volumes"), format!("{} x {} x {nz}", shape.nx, shape.ny)),
    };
    let others = if info.same_shape { "" } else { " (the first; others differ)" };
    let pixel = info.pixel_size.map_or(String::new(), |edges| {
        let [x, y, z] = edges;
        if x == y && (y == z || shape.nz == 1) {
            format!(", {x} A a pixel")
        } else {
            format!(", {x} x {y} x {z} A a pixel")
        }
    });
    lines.push(format!("  {what} of {size}{others}{pixel}"));
    let mut stored = format!("  {}", info.pixel_type);
    if let (Some((low, high)), Some((fine, coarse))) = (info.range, info.step) {
        let bits = info.bits.map_or(String::new(), |(least, most)| {
            if least == most {
                format!("{least}-bit codes in ")
            } else {
                format!("codes of {least} to {most} bits in ")
            }
        });
        let step = if fine == coarse { format!("step {fine}") } else { format!("steps {fine} to {coarse}") };
        stored = format!("  {bits}{}, range {low} to {high}, {step}", info.pixel_type);
    }
    if let Some(truncated) = info.truncated {
        stored.extend([", ", &truncated.to_string(), " pixels truncated"]);
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
    let ratio = info.ratio;
    lines.push(format!("  {ratio:.2}x compression, beside its pixels as {}", info.original_type));
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
