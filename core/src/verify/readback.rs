//! That an output holds what was written: read back, byte for byte and chunk for chunk.
//!
//! Of every output a checksum of all bytes is compared. In an HDF5 file every chunk ends in the adler32 of
//! its codes, computed before they were deflated; reading back finds each chunk through the file's own
//! structures and compares that, too. No chunk is inflated: that is for [`crate::encode::deflate`]'s tests, and
//! for a comparison with the original.

use crate::error::Error;
use crate::formats::eman2::carried;
use crate::formats::hdf5::read::{ChunkIndex, File, Group, Object, Target};
use crate::io::checksum::{Checksum, Summing};
use crate::io::output::Written;
use crate::io::reading::read_at;
use crate::io::source::Source;
use crate::verify::error::ReadbackError;

/// Bytes read at once.
const PIECE_BYTES: usize = 256 << 10;

/// The bytes and chunks that an output must read back as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    pub(crate) written: Written,
    pub(crate) chunks: Option<Chunks>,
}

/// The chunks of an HDF5 file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chunks {
    pub images: u32,
    /// The last four bytes of each chunk, image after image.
    pub checksums: Vec<[u8; 4]>,
    /// Of the attributes of each image, where they were to be proven.
    pub attributes: Option<Vec<Checksum>>,
}

impl Manifest {
    /// Returns the length of the file in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.written.length
    }

    /// Reads the output back.
    ///
    /// # Errors
    /// [`Error::Readback`] when it differs, [`Error::Hdf`] when it is no such file,
    /// [`Error::Read`] when the source fails.
    pub fn check(&self, output: &dyn Source) -> Result<(), Error> {
        self.check_and(output, &mut |_| ())
    }

    /// Reads the output back and hands every byte of it to `take`, once and in order: for a checksum of another kind, of
    /// the very bytes that were checked.
    ///
    /// # Errors
    /// As [`Manifest::check`]; what was taken is then not the output.
    pub fn check_and(&self, output: &dyn Source, take: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
        self.written.check(output, take)?;
        self.chunks.as_ref().map_or(Ok(()), |chunks| chunks.check(output))
    }
}

impl Written {
    fn check(&self, output: &dyn Source, take: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
        let Self { length, head, checksum } = self;
        let found = output.len().map_err(|cause| Error::Read { offset: 0, length: *length, cause })?;
        if found != *length {
            return Err(ReadbackError::Length { found, written: *length }.into());
        }
        let mut piece = vec![0; PIECE_BYTES];
        let start = &mut piece[..head.len()];
        read_at(output, 0, start)?;
        let mut same = start == head.as_slice();
        take(start);
        let mut summing = Summing::default();
        let mut offset = head.len() as u64;
        while offset < *length {
            let part = &mut piece[..(*length - offset).min(PIECE_BYTES as u64) as usize];
            read_at(output, offset, part)?;
            summing.update(part);
            take(part);
            offset += part.len() as u64;
        }
        same &= summing.finish() == *checksum;
        if same { Ok(()) } else { Err(ReadbackError::Bytes.into()) }
    }
}

impl Chunks {
    fn check(&self, output: &dyn Source) -> Result<(), Error> {
        let file = File::open(output)?;
        let wrong = |image, chunks| Error::from(ReadbackError::Chunks { image, chunks });
        let images = file.find("MDF/images")?.ok_or_else(|| wrong(0, 0))?.group(&file)?;
        let mut checksums = self.checksums.as_slice();
        for image in 0..self.images {
            let (group, index) = found(&file, &images, image)?.ok_or_else(|| wrong(image, 0))?;
            if let Some(checksums) = &self.attributes {
                let attributes = carried::all(&group.attributes(&file)?, &file)?;
                if attributes.map(|found| found.checksum()).as_ref() != checksums.get(image as usize) {
                    return Err(ReadbackError::Attributes { image }.into());
                }
            }
            let chunks = index.chunks();
            let split = checksums.split_at_checked(chunks.len());
            let (own, rest) = split.ok_or_else(|| wrong(image, chunks.len()))?;
            for (place, (chunk, checksum)) in chunks.iter().zip(own).enumerate() {
                let mut found = [0; 4];
                let end = chunk.address + u64::from(chunk.size);
                read_at(output, end.saturating_sub(4), &mut found)?;
                if chunk.number != place as u64 || found != *checksum {
                    return Err(wrong(image, chunks.len()));
                }
            }
            checksums = rest;
        }
        if checksums.is_empty() { Ok(()) } else { Err(wrong(self.images - 1, checksums.len())) }
    }
}

/// Returns an image's group and the chunks of its dataset, if they are there.
fn found(file: &File<'_>, images: &Group, image: u32) -> Result<Option<(Object, ChunkIndex)>, Error> {
    let Some(Target::Object(group)) = images.find(file, &image.to_string())? else { return Ok(None) };
    let group = file.object(group)?;
    let found = group.group(file)?.find(file, "image")?;
    let Some(Target::Object(dataset)) = found else { return Ok(None) };
    Ok(Some((group, ChunkIndex::read(&file.object(dataset)?.dataset(file)?, file)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::mrc::Mrc;
    use crate::{ExpandOptions, NoProgress, Options, PixelEncoding, compress, expand};
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const MICROGRAPH: &[u8] = include_bytes!("../../../tests/data/u16_micrograph.mrc");

    fn written(bits: i64) -> (Vec<u8>, Manifest) {
        let mut file = Vec::new();
        let stored = PixelEncoding::from_bits(bits).unwrap();
        let options = Options { stored, verify: true, ..Options::default() };
        let reader = Mrc::open(&MICROGRAPH, "a.mrcs").unwrap();
        let report = compress(&reader, "a.mrcs", &mut file, &options, &NoProgress).unwrap();
        (file, report.manifest.unwrap())
    }

    #[test]
    fn what_was_written_is_proven() {
        for bits in [-1, 0, 5, 10] {
            let (file, manifest) = written(bits);
            let mut taken = Vec::new();
            manifest.check_and(&file.as_slice(), &mut |piece| taken.extend_from_slice(piece)).unwrap();
            assert!(taken == file, "{bits}: other bytes were handed over than read");
        }
    }

    fn every_other_byte_is_found(file: &[u8], manifest: &Manifest) {
        manifest.check(&file).unwrap();
        for place in (0..file.len()).step_by(97) {
            let mut other = file.to_vec();
            other[place] ^= 1 << (place % 8);
            let found = manifest.check(&other.as_slice());
            assert!(matches!(found, Err(Error::Readback(ReadbackError::Bytes))), "{place}");
        }
        let short = manifest.check(&&file[1..]);
        assert!(matches!(short, Err(Error::Readback(ReadbackError::Length { .. }))));
    }

    #[test]
    fn any_other_byte_is_found() {
        let (file, manifest) = written(5);
        every_other_byte_is_found(&file, &manifest);
    }

    #[test]
    fn any_other_byte_of_an_mrc_file_is_found() {
        let mut file = Vec::new();
        let reader = Mrc::open(&MICROGRAPH, "a.mrc").unwrap();
        let report = expand(&reader, &mut file, &ExpandOptions::default(), &NoProgress).unwrap();
        every_other_byte_is_found(&file, &report.manifest);
    }

    #[test]
    fn structures_that_lead_elsewhere_are_found() {
        let (file, manifest) = written(5);
        let differing = |change: fn(&mut Chunks)| {
            let mut other = manifest.clone();
            change(other.chunks.as_mut().unwrap());
            other.check(&file.as_slice())
        };
        let one_more = differing(|chunks| chunks.images = 2);
        assert!(matches!(one_more, Err(Error::Readback(ReadbackError::Chunks { image: 1, .. }))));
        let other = differing(|chunks| chunks.checksums[0][3] ^= 1);
        assert!(matches!(other, Err(Error::Readback(ReadbackError::Chunks { image: 0, .. }))));
        assert!(differing(|chunks| chunks.checksums.clear()).is_err());
        let others = differing(|chunks| chunks.attributes.as_mut().unwrap()[0] = Checksum::of(b"others"));
        assert!(matches!(others, Err(Error::Readback(ReadbackError::Attributes { image: 0 }))));
    }
}
