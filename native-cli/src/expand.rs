//! `e2compress expand FILE...`

use std::path::Path;

use anyhow::Context as _;
use e2compress_core::extension;
use e2compress_core::{ExpandOptions, Images, Selection, expand, predict_expansion};

use crate::args::ExpandArgs;
use crate::exit::Failure;
use crate::files::input::InputFile;
use crate::files::inputs::{Inputs, Kinds, Taken};
use crate::files::output::{Output, Replaces, already_exists};
use crate::files::plan::Paths;
use crate::files::sanitize::display;
use crate::fmt;
use crate::others::Others;
use crate::predict;
use crate::run::{self, Context, Job};
use crate::soundness;
use crate::tally::just_changed;
use crate::terminal::Outcome;

/// Expands every file and returns the exit status.
pub fn run(args: &ExpandArgs) -> Result<u8, Failure> {
    let outpath = args.common.outpath.as_deref();
    let taken =
        Taken { outpath, tree: Some(args.tree), settle: args.common.settle, ..Taken::to_read(Kinds::Hdf) };
    let inputs = Inputs::gather(&args.files, &args.lists, &taken).map_err(Failure::usage)?;
    let others = Others::new(args.tree, args.overwrite);
    run::run(&inputs, |input| output_extension(input, args), &args.common, &others, args)
}

impl Job for ExpandArgs {
    type Scratch = ();

    fn foresee(&self, paths: &Paths, context: &Context<'_>) -> anyhow::Result<Outcome> {
        let file = InputFile::open(&paths.input)?.told(&self.reading).fill_unwritten(self.force);
        let images = selected(file.images()?, self)?;
        let _turn = context.turn(&*images);
        let notes = soundness::foresee(&file, &*images, self.force)?;
        let there = Output::check_new(&paths.output, self.overwrite)?;
        let options = ExpandOptions { mode: self.mode.0, memory: context.memory };
        let mut prediction = predict_expansion(&*images, &options)?;
        prediction.foreseen.warnings.splice(0..0, notes);
        Ok(predict::outcome(paths, &*images, file.length(), prediction, there))
    }

    fn run(&self, (): &mut (), paths: &Paths, context: &Context<'_>) -> anyhow::Result<Outcome> {
        let file = InputFile::open(&paths.input)?.told(&self.reading).fill_unwritten(self.force);
        let images = selected(file.images()?, self)?;
        let _turn = context.turn(&*images);
        let fresh = just_changed(&paths.input, self.common.settle);
        let mut warnings = soundness::check(&file, &*images, self.force, paths, context)?;
        // An original that was compressed may still be there.
        Output::check_new(&paths.output, self.overwrite)?;
        let replaces = if self.overwrite { Replaces::Anything } else { Replaces::Nothing };
        let output = Output::create(&paths.output, replaces, file.mode_of_output()?)?;
        let meter = context.meter(paths);
        let options = ExpandOptions { mode: self.mode.0, memory: context.memory };
        let outcome = expand(&*images, &mut output.sink(), &options, &meter);
        let report = file.unless_changed(outcome)?;
        if !self.no_verify {
            report.manifest.check(&output.source()?).context("the output was not kept")?;
        }
        output.commit(context.committed, || Ok(()), |path| Err(already_exists(path)))?;
        let line = format!(
            "{} -> {}: {}, {} -> {}, {}",
            display(&paths.input),
            display(&paths.output),
            fmt::contents(&*images),
            fmt::bytes(file.length()),
            fmt::bytes(report.output_bytes),
            fmt::mode(report.mode),
        );
        warnings.extend(report.warnings.into_iter().chain(fresh));
        let bytes = Some((file.length(), report.output_bytes));
        Ok(Outcome { warnings, bytes, ..Outcome::skipped(line) })
    }
}

/// Takes the images that are asked for.
fn selected<'s>(images: Box<dyn Images + 's>, args: &ExpandArgs) -> anyhow::Result<Box<dyn Images + 's>> {
    let Some(list) = &args.images else { return Ok(images) };
    let numbers = list.numbers(images.images())?;
    Ok(Box::new(Selection::new(images, numbers)))
}

/// Returns the extension of a file's output; what cannot be opened will be reported when its turn comes.
fn output_extension(input: &Path, args: &ExpandArgs) -> &'static str {
    let file = InputFile::open(input).ok().map(|file| file.told(&args.reading));
    let images = file.as_ref().and_then(|file| file.images().ok());
    let images = images.and_then(|images| selected(images, args).ok());
    images.map_or("mrc", |images| extension(&*images))
}
