//! Inputs of any format, and of any form of HDF5 if libhdf5 was built in.

use std::path::{Path, PathBuf};

use anyhow::{Context, Error, anyhow};
use e2compress_core::backend::Backend;
use e2compress_core::record::Fingerprint;
use e2compress_core::{EerRendering, FORMATS, Images, OpenOptions, Source, VerifyError, open_with};

use crate::args::Reading;
use crate::files::followed::FollowedSource;
#[cfg(feature = "libhdf5")]
use crate::files::libhdf5::Library;
use crate::files::metadata::FileState;
use crate::files::pairs;
use crate::files::permissions::Mode;
use crate::files::sanitize::display;
use crate::files::source::FileSource;

/// What to do about an input that changes.
pub const CHANGED: &str = "changed while it was read: try again when nothing writes to it any more";

/// A file while it is read. libhdf5, if it was built in, stands by for what the core does not know.
pub struct InputFile<'p> {
    path: &'p Path,
    source: FollowedSource,
    state: FileState,
    /// The other file of a pair, by its name; why it cannot be opened, where it should be there.
    other_half: Option<(PathBuf, anyhow::Result<(FileSource, FileState)>)>,
    keep_packed: bool,
    eer: EerRendering,
    fill_unwritten: bool,
    #[cfg(feature = "libhdf5")]
    library: Library,
}

impl<'p> InputFile<'p> {
    /// Opens a file of any format.
    pub fn open(path: &'p Path) -> anyhow::Result<Self> {
        let (source, state) = FileSource::open(path)?;
        let other_half = pairs::other_half(path).map(|other| {
            let opened = FileSource::open(&other);
            (other, opened)
        });
        Ok(Self {
            path,
            source: FollowedSource::new(source),
            state,
            other_half,
            keep_packed: false,
            eer: EerRendering::default(),
            fill_unwritten: false,
            #[cfg(feature = "libhdf5")]
            library: Library::new(path),
        })
    }

    /// Reads it as the options tell.
    pub fn told(self, reading: &Reading) -> Self {
        Self {
            keep_packed: reading.no_unpack,
            eer: reading.eer().unwrap_or_default(),
            #[cfg(feature = "libhdf5")]
            library: self.library.allow_external(reading.allow_external),
            ..self
        }
    }

    /// Makes of EER files what was made of them before, if that is known.
    pub fn rendered(self, recorded: Option<EerRendering>) -> Self {
        Self { eer: recorded.unwrap_or(self.eer), ..self }
    }

    /// Takes pixels that were never written for the fill value, if told so.
    pub fn fill_unwritten(self, fill_unwritten: bool) -> Self {
        Self { fill_unwritten, ..self }
    }

    /// Takes its fingerprint while it is read, if told so.
    pub fn fingerprinted(self, fingerprinted: bool) -> Self {
        if fingerprinted {
            self.source.follow();
        }
        self
    }

    /// Leaves out of the fingerprint what `read` reads, and what is read again to make the output.
    pub fn unfollowed<T>(&self, read: impl FnOnce() -> T) -> T {
        self.source.unfollowed(read)
    }

    /// Returns the fingerprint of all of it: of a pair, of the pixels and the headers after them.
    pub fn fingerprint(&self) -> anyhow::Result<Fingerprint> {
        let other = self.companion().map(|(_, source, _)| source as &dyn Source);
        self.unless_changed(Ok(self.source.fingerprint(other).context("cannot read it for its SHA-256")?))
    }

    /// Returns its path as it was named.
    pub fn path(&self) -> &Path {
        self.path
    }

    /// Returns its length in bytes, with that of the other file of a pair.
    pub fn length(&self) -> u64 {
        self.state.length + self.companion().map_or(0, |(_, _, state)| state.length)
    }

    /// Returns the mode of what is made of it: of a pair, what both files allow.
    pub fn mode_of_output(&self) -> anyhow::Result<Mode> {
        let mode = |source: &FileSource| Mode::of_output(source.as_file()).context("cannot look at its mode");
        let own = mode(self.source.file())?;
        self.companion().map_or(Ok(own), |(_, other, _)| Ok(own.and(mode(other)?)))
    }

    /// Counts nanoseconds since 1970 to the last change of its content, or of the other file of a pair, where the system
    /// knows.
    pub fn modified(&self) -> Option<u64> {
        let other = self.companion().map(|(_, source, _)| source.modified());
        let own = self.source.file().modified()?;
        other.map_or(Some(own), |other| Some(own.max(other?)))
    }

    /// Returns the other file of a pair, if it could be opened.
    fn companion(&self) -> Option<(&Path, &FileSource, FileState)> {
        let (path, opened) = self.other_half.as_ref()?;
        let (source, state) = opened.as_ref().ok()?;
        Some((path, source, *state))
    }

    /// Finds out its format and reads what comes before the pixels.
    pub fn images(&self) -> anyhow::Result<Box<dyn Images + '_>> {
        self.opened(false)
    }

    /// Does the same for a file that is verified: what is inflated is inflated by two libraries.
    pub fn images_to_verify(&self) -> anyhow::Result<Box<dyn Images + '_>> {
        self.opened(true)
    }

    fn opened(&self, cross_check: bool) -> anyhow::Result<Box<dyn Images + '_>> {
        let options = OpenOptions {
            backend: self.backend(),
            cross_check,
            keep_packed: self.keep_packed,
            eer: self.eer,
            fill_unwritten: self.fill_unwritten,
            companion: self.companion().map(|(_, source, _)| source as &dyn Source),
        };
        open_with(FORMATS, &self.source, &self.path.to_string_lossy(), &options).map_err(|problem| {
            let is_half = matches!(problem, e2compress_core::Error::Imagic(_));
            let problem = Error::new(problem);
            if is_half && let Some((path, Err(reason))) = &self.other_half {
                problem.context(format!("{}: {reason:#}", display(path)))
            } else {
                problem
            }
        })
    }

    /// Returns libhdf5, if it was built in.
    #[cfg(feature = "libhdf5")]
    #[allow(clippy::unnecessary_wraps)] // the same call in every build
    fn backend(&self) -> Option<&dyn Backend> {
        Some(&self.library)
    }

    /// Returns libhdf5, which was not built in.
    #[cfg(not(feature = "libhdf5"))]
    #[allow(clippy::unused_self, clippy::unnecessary_wraps)]
    fn backend(&self) -> Option<&dyn Backend> {
        None
    }

    /// Tells whether the file is still what it was when it was opened.
    pub fn is_unchanged(&self) -> bool {
        let other = self.companion().is_none_or(|(path, source, state)| source.is_still(path, state));
        other && self.source.file().is_still(self.path, self.state)
    }

    /// Returns the outcome of reading it, unless it is no longer what it was when it was opened.
    pub fn unless_changed<T>(&self, outcome: Result<T, e2compress_core::Error>) -> anyhow::Result<T> {
        let other_pixels =
            matches!(outcome, Err(e2compress_core::Error::Verify(VerifyError::Changed { .. })));
        if self.is_unchanged() && !other_pixels {
            return Ok(outcome?);
        }
        Err(match outcome {
            Ok(_) => anyhow!("it {CHANGED}"),
            Err(problem) => Error::new(problem).context(format!("it {CHANGED}")),
        })
    }
}
