//! Which reader a file gets.

use crate::error::Error;
use crate::formats::eman2::{Backend, Eman};
use crate::formats::mrc::Mrc;
use crate::image::Images;
use crate::io::source::Source;

/// What HDF5 files start with, unless something else of the owner's comes first.
const HDF_SIGNATURE: [u8; 8] = *b"\x89HDF\r\n\x1a\n";

/// Names of HDF5 files, for those that start with something else.
const HDF_EXTENSIONS: [&str; 4] = ["hdf", "hdf5", "h5", "he5"];

/// A file of any format we read.
pub enum Input<'s> {
    /// MRC, CCP4.
    Mrc(Box<Mrc<'s, dyn Source + 's>>),
    /// EMAN2's HDF5.
    Eman(Box<Eman<'s>>),
}

impl<'s> Input<'s> {
    /// Opens a file by what it starts with; `name` is its name, which tells stacks from volumes.
    ///
    /// # Errors
    /// As [`Mrc::open`] and [`Eman::open`].
    pub fn open(source: &'s dyn Source, name: &str) -> Result<Self, Error> {
        Self::open_with(source, name, None)
    }

    /// Opens a file as [`Input::open`] does. A library, which has the same file, reads what of an HDF5
    /// file the reader here does not take.
    ///
    /// # Errors
    /// As [`Mrc::open`] and [`Eman::open_with`].
    pub fn open_with(
        source: &'s dyn Source,
        name: &str,
        library: Option<&'s dyn Backend>,
    ) -> Result<Self, Error> {
        let mut start = [0; HDF_SIGNATURE.len()];
        let read = |cause| Error::Read { offset: 0, length: HDF_SIGNATURE.len() as u64, cause };
        if source.len().map_err(read)? >= HDF_SIGNATURE.len() as u64 {
            source.read_at(0, &mut start).map_err(read)?;
        }
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let named_hdf = HDF_EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known));
        if start == HDF_SIGNATURE || named_hdf {
            Ok(Self::Eman(Box::new(Eman::open_with(source, library)?)))
        } else {
            Ok(Self::Mrc(Box::new(Mrc::open(source, name)?)))
        }
    }

    /// What the walk reads it by.
    #[must_use]
    pub fn reader(&self) -> &dyn Images {
        match self {
            Self::Mrc(mrc) => mrc.as_ref(),
            Self::Eman(eman) => eman.as_ref(),
        }
    }
}
