//! `e2compress info FILE...`

use std::io::stderr;
use std::ops::ControlFlow;
use std::path::Path;

use e2compress_core::{Error, ImagePlan, Info, NoProgress, Options, Selection, plan_some};
use serde::Serialize;

use crate::answer::{Unheard, answer, answer_json};
use crate::args::InfoArgs;
use crate::exit::{self, Failure};
use crate::files::input::InputFile;
use crate::files::inputs::{Input, Inputs, Kinds, Taken};
use crate::files::sanitize::display;
use crate::terminal::print;
use crate::warnings::Warnings;

/// Describes each file and returns the exit status.
pub fn run(args: &InfoArgs) -> Result<u8, Failure> {
    let inputs =
        Inputs::gather(&args.files, &args.lists, &Taken::to_read(Kinds::All)).map_err(Failure::usage)?;

    let mut status = exit::DONE;
    let mut warnings = Warnings::default();
    inputs.say_what_is_odd(false);
    for problem in &inputs.problems {
        status = exit::FAILED;
        print(stderr(), format_args!("e2compress: {problem}"));
    }
    for Input { path, .. } in &inputs.files {
        match describe(path, args, &mut warnings) {
            Ok(Ok(())) => {}
            Ok(Err(unheard)) => return Ok(unheard.status()),
            Err(problem) => {
                status = exit::FAILED;
                print(stderr(), format_args!("e2compress: {}: {problem:#}", display(path)));
            }
        }
    }
    if args.strictness.strict && warnings.count() > 0 {
        warnings.conclude(inputs.files.len(), args.strictness);
        status = exit::FAILED;
    }
    Ok(status)
}

/// Describes a file or, one by one, the images of it that are asked for.
fn describe(path: &Path, args: &InfoArgs, warnings: &mut Warnings) -> anyhow::Result<Result<(), Unheard>> {
    let file = InputFile::open(path)?.told(&args.reading);
    let images = file.images()?;
    warnings.add(path, &images.warnings());
    let count = images.images();
    let mut selection = Selection::new(images, (0..count).collect());
    let Some(list) = &args.images else {
        let info = Info::of(&selection, file.length())?;
        let planned = planned(path, &selection, some_of(&info, count));
        return show(path, &info, None, &planned, args);
    };
    for image in list.numbers(count)? {
        selection.choose(vec![image]);
        let info = Info::of(&selection, file.length())?;
        let mut planned = planned(path, &selection, vec![0]);
        for found in planned.iter_mut().flatten() {
            (found.choice.image, found.choice.through) = (image, image);
        }
        if let Err(unheard) = show(path, &info, Some(image), &planned, args)? {
            return Ok(Err(unheard));
        }
    }
    Ok(Ok(()))
}

/// Prints a description.
fn show(
    path: &Path,
    info: &Info,
    image: Option<u32>,
    planned: &Planned,
    args: &InfoArgs,
) -> anyhow::Result<Result<(), Unheard>> {
    if args.json {
        return answer_json(&Line {
            file: &path.to_string_lossy(),
            image,
            info,
            plan: planned.as_deref().unwrap_or_default(),
        });
    }
    Ok(answer(format_args!("{}", text(path, info, image, planned))))
}

/// Images of a stack whose noise is looked at, spread over all.
const MOST_IMAGES: u32 = 16;

/// Bytes of pixels that are read to describe a file, about; `plan` reads them all.
const MOST_BYTES: u64 = 512 << 20;

/// The noise of some of the images, or why it is not known.
type Planned = Result<Vec<ImagePlan>, Error>;

/// Chooses images of a file, evenly spread.
fn some_of(info: &Info, images: u32) -> Vec<u32> {
    // As if pixels had 32 bits.
    let bytes = info.shape.pixels().saturating_mul(4).max(1);
    let some = (MOST_BYTES / bytes).min(MOST_IMAGES.into()).min(images.into());
    (0..some).map(|place| (place * u64::from(images) / some) as u32).collect()
}

/// Looks at the noise of some images, one by one.
fn planned(path: &Path, images: &Selection<'_>, numbers: Vec<u32>) -> Planned {
    let mut found = Vec::new();
    let mut take = |planned: ImagePlan| {
        found.push(planned);
        ControlFlow::Continue(())
    };
    let parts: Vec<_> = numbers.into_iter().map(|number| number..number + 1).collect();
    // What is said of a file does not depend on the folder that it is in.
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    plan_some(images, &parts, &name, &Options::default(), &mut take, &NoProgress)?;
    Ok(found)
}

/// Words a description for people: a line for each fact.
fn text(path: &Path, info: &Info, image: Option<u32>, planned: &Planned) -> String {
    let of = image.map_or(String::new(), |image| format!(", image {image}"));
    let mut lines = vec![format!("{}{of}:", display(path))];
    let mut facts = info.facts();
    match planned {
        Ok(planned) => {
            // Of codes the step is known already.
            let step = info.step.filter(|_| info.bits.is_some()).map(|(_, coarse)| f64::from(coarse));
            let dearest = planned.iter().max_by(|a, b| a.dearness().total_cmp(&b.dearness()));
            facts.extend(dearest.into_iter().flat_map(|planned| planned.facts(step)));
        }
        Err(problem) => facts.push(("Noise", format!("cannot be estimated: {problem}"))),
    }
    lines.extend(facts.iter().map(|(name, fact)| format!("  {:12}{fact}", format!("{name}:"))));
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
    /// What `plan` says of some of the images.
    plan: &'a [ImagePlan],
}
