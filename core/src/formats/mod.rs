//! File formats, a folder each. What the program reads is one list: [`FORMATS`].

pub mod compressed;
pub mod dm;
pub mod eman2;
mod fields;
pub mod hdf5;
pub mod imagic;
pub mod mrc;
mod pixel_size;
mod planes;
pub mod ser;
pub mod spider;
pub mod tiff;
mod unrecognised;

use crate::error::Error;
use crate::image::Images;
use crate::io::source::Source;

/// The formats that are read, the first that recognises a file first: those that bytes tell, then those that names
/// tell. MRC comes last, since it takes whatever makes sense as its header.
pub const FORMATS: &[Format] = &[
    eman2::FORMAT,
    tiff::FORMAT,
    compressed::FORMAT,
    dm::FORMAT,
    ser::FORMAT,
    imagic::FORMAT,
    spider::FORMAT,
    mrc::FORMAT,
];

/// Bytes from the start of a file that formats are recognised by.
const START_BYTES: u64 = 1024;

/// A format.
#[derive(Clone, Copy)]
pub struct Format {
    /// Its name, for people.
    pub name: &'static str,
    /// Extensions of its files' names, in lower case; one may have two parts, as `mrc.gz`.
    pub extensions: &'static [&'static str],
    /// Returns whether a file is of this format, as far as its start and its name tell.
    pub recognises: fn(&Start<'_>) -> bool,
    /// Opens a file, given its name.
    pub open: Open,
}

/// Opens a file, given its name.
pub type Open = for<'s> fn(&'s dyn Source, &str, &OpenOptions<'s>) -> Result<Box<dyn Images + 's>, Error>;

/// What a format is recognised by.
pub struct Start<'a> {
    /// The first bytes, 1024 or as many as there are.
    pub bytes: &'a [u8],
    /// The file's name.
    pub name: &'a str,
    /// The file itself, for formats whose first bytes do not tell them apart.
    pub source: &'a dyn Source,
}

/// How a file is opened.
#[derive(Clone, Copy, Default)]
pub struct OpenOptions<'s> {
    /// Another HDF5 library with the same file open, for what of it the reader here does not take.
    pub backend: Option<&'s dyn eman2::Backend>,
    /// Has every chunk inflated by two libraries, which must agree. It takes more than twice as long.
    pub cross_check: bool,
    /// Takes pixels that were never written for the fill value of their dataset; otherwise reading them is an
    /// error.
    pub fill_unwritten: bool,
    /// Takes bytes that are pairs of 4-bit pixels for whole bytes.
    pub keep_packed: bool,
    /// The other file of a pair: see [`imagic::Pair`].
    pub companion: Option<&'s dyn Source>,
}

impl Format {
    /// Returns whether a name has one of the format's extensions, in capitals or not.
    #[must_use]
    pub fn has_extension(&self, name: &str) -> bool {
        self.extensions.iter().any(|known| before_extension(name, known).is_some())
    }
}

/// Returns what comes before an extension and its dot, if a name has that extension, in capitals or not.
fn before_extension<'n>(name: &'n str, extension: &str) -> Option<&'n str> {
    let (stem, end) = name.split_at_checked(name.len().checked_sub(extension.len() + 1)?)?;
    end.strip_prefix('.')?.eq_ignore_ascii_case(extension).then_some(stem)
}

/// Returns a file's name without the extension of its format, which may have two parts (`a.mrcs.gz` gives `a`), or without its
/// last part where that is no known one. An output is called this, with the extension of its own format.
#[must_use]
pub fn stem(name: &str) -> &str {
    let known = FORMATS.iter().flat_map(|format| format.extensions);
    let stems = known.filter_map(|extension| before_extension(name, extension));
    let shortest = stems.filter(|stem| !stem.is_empty()).min_by_key(|stem| stem.len());
    let before_dot = || name.rsplit_once('.').map(|(stem, _)| stem).filter(|stem| !stem.is_empty());
    shortest.or_else(before_dot).unwrap_or(name)
}

/// Opens a file of any format in [`FORMATS`]; `name` is its name, which tells stacks from volumes.
///
/// # Errors
/// [`Error::UnknownFormat`] when none recognises it, and what its format finds wrong.
pub fn open<'s>(source: &'s dyn Source, name: &str) -> Result<Box<dyn Images + 's>, Error> {
    open_with(FORMATS, source, name, &OpenOptions::default())
}

/// Opens a file of one of these formats.
///
/// # Errors
/// See [`open`].
pub fn open_with<'s>(
    formats: &[Format],
    source: &'s dyn Source,
    name: &str,
    options: &OpenOptions<'s>,
) -> Result<Box<dyn Images + 's>, Error> {
    let read = |cause| Error::Read { offset: 0, length: START_BYTES, cause };
    let length = source.len().map_err(read)?;
    let mut bytes = vec![0; length.min(START_BYTES) as usize];
    source.read_at(0, &mut bytes).map_err(read)?;
    let start = Start { bytes: &bytes, name, source };
    let format = formats.iter().find(|format| (format.recognises)(&start));
    let format = format.ok_or_else(|| Error::UnknownFormat(unrecognised::describe(&start)))?;
    (format.open)(source, name, options)
}
