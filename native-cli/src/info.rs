//! `e2compress info FILE...`

use std::io::stderr;
use std::path::Path;

use e2compress_core::{Info, Selection};
use serde::Serialize;

use crate::answer::{self, Unheard, answer};
use crate::args::InfoArgs;
use crate::exit;
use crate::files::input::InputFile;
use crate::files::sanitize::display;
use crate::terminal::print;
use crate::warnings::Warnings;

/// Describes each file and returns the exit status.
pub fn run(args: &InfoArgs) -> u8 {
    let mut status = exit::DONE;
    let mut warnings = Warnings::default();
    for path in &args.files {
        match describe(path, args, &mut warnings) {
            Ok(Ok(())) => {}
            Ok(Err(unheard)) => return unheard.status(),
            Err(problem) => {
                status = exit::FAILED;
                print(stderr(), format_args!("e2compress: {}: {problem:#}", display(path)));
            }
        }
    }
    if args.strictness.strict && warnings.count() > 0 {
        warnings.conclude(args.files.len(), args.strictness);
        status = exit::FAILED;
    }
    status
}

/// Describes a file or, one by one, the images of it that are asked for.
fn describe(path: &Path, args: &InfoArgs, warnings: &mut Warnings) -> anyhow::Result<Result<(), Unheard>> {
    let file = InputFile::open(path)?.told(&args.reading);
    let show = |info: &Info, image| -> anyhow::Result<Result<(), Unheard>> {
        let words = if args.json { json(path, info, image)? } else { text(path, info, image) };
        Ok(answer(format_args!("{words}")))
    };
    let images = file.images()?;
    warnings.add(path, &images.warnings());
    let Some(list) = &args.images else { return show(&Info::of(&*images, file.length())?, None) };
    let numbers = list.numbers(images.images())?;
    let mut selection = Selection::new(images, Vec::new());
    for image in numbers {
        selection.choose(vec![image]);
        if let Err(unheard) = show(&Info::of(&selection, file.length())?, Some(image))? {
            return Ok(Err(unheard));
        }
    }
    Ok(Ok(()))
}

/// Words a description for people: a line for each fact.
fn text(path: &Path, info: &Info, image: Option<u32>) -> String {
    let of = image.map_or(String::new(), |image| format!(", image {image}"));
    let mut lines = vec![format!("{}{of}:", display(path))];
    lines.extend(info.facts().iter().map(|(name, fact)| format!("  {:12}{fact}", format!("{name}:"))));
    lines.extend(info.warnings.iter().map(|warning| format!("  {}: {warning}", warning.label())));
    lines.join("\n")
}

/// A description with the name of its file.
#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    /// The number of the image that is described, where it is one of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<u32>,
    #[serde(flatten)]
    info: &'a Info,
}

/// Writes a description for programs, on one line.
fn json(path: &Path, info: &Info, image: Option<u32>) -> anyhow::Result<String> {
    answer::json(&Line { file: &path.to_string_lossy(), image, info })
}
