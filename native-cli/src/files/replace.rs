//! Whether an output may take the place of what has its name. Without being asked it may only where nothing is
//! lost: the same picture is there, or the input itself, which nobody wants as it is.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use e2compress_core::{
    FORMATS, Foreseen, Images, Loss, OpenOptions, Options, PixelEncoding, Report, Source, open_with,
};

use crate::files::in_use::Hold;
use crate::files::input::InputFile;
use crate::files::output::Replaces;
use crate::files::plan::Paths;
use crate::files::same_picture;
use crate::files::sanitize::display;

/// What a person may do about an output that is refused.
const ADVICE: &str = "give --overwrite to replace it, or write to another folder with --outpath";

/// What an output takes the place of.
pub enum Place {
    /// Nothing.
    Free,
    /// The input.
    Input(Hold),
    /// A file that must prove to hold the same picture.
    Same(PathBuf),
    /// Anything: it was asked for.
    Any {
        /// Something has the name now.
        there: bool,
    },
}

impl Place {
    /// Finds out what has the output's name, and refuses what it can before any work.
    pub fn find(paths: &Paths, images: &dyn Images, overwrite: bool) -> anyhow::Result<Self> {
        let Paths { output, .. } = paths;
        if paths.replaces_input() {
            refuse_what_is_not_carried(images)?;
            return Hold::new(&paths.input).map(Self::Input);
        }
        // A link, too: what it leads to stays, but it does not.
        let there = fs::symlink_metadata(output);
        if overwrite {
            return Ok(Self::Any { there: there.is_ok() });
        }
        let Ok(there) = there else { return Ok(Self::Free) };
        if there.is_dir() {
            return Ok(Self::Free); // which making it refuses by its name
        }
        with_images(output, |there| {
            refuse(output, same_picture::other_shape(there, images))?;
            Ok(())
        })?;
        Ok(Self::Same(output.clone()))
    }

    /// Refuses an output that would take the place of another picture, or of an input that somebody has begun
    /// to write to.
    pub fn check(&self, written: &dyn Source) -> anyhow::Result<()> {
        match self {
            Self::Free | Self::Any { .. } => Ok(()),
            Self::Input(hold) => hold.check(),
            Self::Same(path) => refuse_another_picture(path, written),
        }
    }

    /// Refuses what [`Self::check`] and [`Self::check_losses`] would, as far as the images that were measured tell.
    pub fn foresee(&self, foreseen: &Foreseen, force: bool) -> anyhow::Result<()> {
        self.check_losses(&foreseen.losses, force)?;
        match self {
            Self::Free | Self::Any { .. } => Ok(()),
            Self::Input(hold) => hold.check(),
            Self::Same(path) => {
                with_images(path, |there| refuse(path, same_picture::foresee(there, &foreseen.declared)?))
            }
        }
    }

    /// Refuses to replace the input by an output that lacks something that was not to go.
    pub fn check_losses(&self, losses: &[Loss], force: bool) -> anyhow::Result<()> {
        if matches!(self, Self::Input(_)) && !force && !losses.is_empty() {
            let losses: Vec<String> = losses.iter().map(Loss::to_string).collect();
            bail!(
                "{}: write to another folder with --outpath, or give --force to replace the file all the same. It was \
                 not changed",
                losses.join(", ")
            );
        }
        Ok(())
    }

    /// Tells what making the output may replace.
    pub fn replaces(&self) -> Replaces {
        match self {
            Self::Free => Replaces::Nothing,
            Self::Input(_) => Replaces::Input,
            Self::Same(_) | Self::Any { .. } => Replaces::Anything,
        }
    }

    /// Tells whether the input would be replaced by a file that is no smaller and holds the same, or whose bits nobody asked
    /// for.
    pub fn is_better_kept(&self, report: &Report, input_bytes: u64, options: &Options) -> bool {
        let in_place = matches!(self, Self::Input(_));
        let same = report.unchanged == report.images || matches!(options.stored, PixelEncoding::Auto(_));
        in_place && same && report.output_bytes >= input_bytes
    }

    /// Tells whether a file that was there before gives way.
    pub fn replaces_another(&self) -> bool {
        matches!(self, Self::Same(_) | Self::Any { there: true })
    }
}

/// Refuses to replace an HDF file that holds more than images.
fn refuse_what_is_not_carried(images: &dyn Images) -> anyhow::Result<()> {
    let lost = images.not_carried();
    if !lost.is_empty() {
        bail!(
            "replacing it would lose {}: write to another folder with --outpath. The file was not changed",
            lost.join(", ")
        );
    }
    Ok(())
}

/// Looks at the images of a file that is there.
fn with_images(path: &Path, look: impl FnOnce(&dyn Images) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let words = || format!("{} already exists and is no file of the same picture: {ADVICE}", display(path));
    let file = InputFile::open(path).with_context(words)?;
    let images = file.images().with_context(words)?;
    look(&*images)
}

/// Refuses to replace a file of another picture than an output's.
pub fn refuse_another_picture(path: &Path, written: &dyn Source) -> anyhow::Result<()> {
    let written = open_with(FORMATS, written, "output.hdf", &OpenOptions::default())?;
    with_images(path, |there| {
        refuse(path, same_picture::difference(there, &*written)?)?;
        Ok(())
    })
}

/// Refuses a file that differs from the output.
fn refuse(path: &Path, difference: Option<String>) -> anyhow::Result<()> {
    if let Some(words) = difference {
        bail!("{} already exists and {words}: {ADVICE}", display(path));
    }
    Ok(())
}
