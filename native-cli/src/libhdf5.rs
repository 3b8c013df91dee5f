//! libhdf5, for datasets that the core's own reader does not know: other filters, external or virtual
//! storage, odd types.

use std::cell::OnceCell;
use std::ops::Range;
use std::path::{Path, PathBuf};

use e2compress_core::block::Shape;
use e2compress_core::eman::Library as Reads;
use hdf5::types::TypeDescriptor;
use hdf5::{Dataset, File};
use ndarray::s;

/// A file as libhdf5 sees it, opened when it is first asked for.
pub struct Library {
    path: PathBuf,
    file: OnceCell<File>,
}

impl Library {
    /// Of a file.
    pub fn of(path: &Path) -> Self {
        Self { path: path.to_owned(), file: OnceCell::new() }
    }

    fn dataset(&self, image: u32) -> hdf5::Result<Dataset> {
        let file = if let Some(file) = self.file.get() {
            file
        } else {
            let opened = File::open(&self.path)?;
            self.file.get_or_init(|| opened)
        };
        file.dataset(&format!("MDF/images/{image}/image"))
    }
}

impl Reads for Library {
    fn describe(&self, image: u32) -> Result<(Vec<u64>, bool), String> {
        let describe = || {
            let dataset = self.dataset(image)?;
            let floats = match dataset.dtype()?.to_descriptor()? {
                TypeDescriptor::Integer(_) | TypeDescriptor::Unsigned(_) => false,
                TypeDescriptor::Float(_) => true,
                other => return Err(format!("its elements are of type {other}").into()),
            };
            Ok((dataset.shape().into_iter().map(|side| side as u64).collect(), floats))
        };
        describe().map_err(|problem: hdf5::Error| problem.to_string())
    }

    fn read(&self, image: u32, shape: Shape, rows: Range<u64>) -> Result<Vec<f32>, String> {
        let read = || {
            let dataset = self.dataset(image)?;
            if dataset.ndim() == 1 {
                return Ok(dataset.read_1d::<f32>()?.to_vec());
            }
            if dataset.ndim() == 2 {
                let rows = rows.start as usize..rows.end as usize;
                return Ok(dataset.read_slice_2d::<f32, _>(s![rows, ..])?.iter().copied().collect());
            }
            let mut values = Vec::new();
            let ny = u64::from(shape.ny);
            let mut row = rows.start;
            while row < rows.end {
                let (section, first) = (row / ny, row % ny);
                let last = ny.min(first + rows.end - row);
                let part = s![section as usize, first as usize..last as usize, ..];
                values.extend(dataset.read_slice_2d::<f32, _>(part)?.iter());
                row += last - first;
            }
            Ok(values)
        };
        read().map_err(|problem: hdf5::Error| problem.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use e2compress_core::{Error, Input, Options, Unwatched, compress};
    use hdf5::filters::ScaleOffset;

    const SIDES: [usize; 3] = [4, 6, 5];

    /// A file whose pixels are 0, 1, 2, ..., stored through a filter that the core does not have.
    fn made(dimensions: &[usize]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.hdf");
        let file = File::create(&path).unwrap();
        let images = file.create_group("MDF/images").unwrap();
        images.new_attr::<i32>().shape([1]).create("imageid_max").unwrap().write(&[0]).unwrap();
        let group = images.create_group("0").unwrap();
        group.new_attr::<f32>().shape([1]).create("EMAN.apix_x").unwrap().write(&[1.5f32]).unwrap();
        let values: Vec<u16> = (0..dimensions.iter().product::<usize>()).map(|value| value as u16).collect();
        let values = ndarray::ArrayD::from_shape_vec(dimensions.to_vec(), values).unwrap();
        let builder = group.new_dataset_builder().chunk(dimensions.to_vec());
        let builder = builder.scale_offset(ScaleOffset::Integer(0));
        builder.with_data(&values).create("image").unwrap();
        (folder, path)
    }

    #[test]
    fn what_the_core_does_not_know_is_read_through_libhdf5() {
        for dimensions in [&SIDES[..], &SIDES[1..], &SIDES[2..]] {
            let (_folder, path) = made(dimensions);
            let bytes = std::fs::read(&path).unwrap();
            let source = &bytes[..];
            assert!(matches!(Input::open(&source, "a.hdf"), Err(Error::Hdf(_))));
            let library = Library::of(&path);
            let input = Input::open_with(&source, "a.hdf", Some(&library)).unwrap();
            let reader = input.reader();
            let (shape, pixels) = (reader.shape(0), reader.pixels(0));
            assert_eq!(shape.pixels(), dimensions.iter().product::<usize>() as u64);
            // Any rows, also across sections.
            for first in 0..shape.rows() {
                let mut rows = vec![0; ((shape.rows() - first) * pixels.row_bytes(shape.nx)) as usize];
                reader.read(0, first..shape.rows(), &mut rows).unwrap();
                let mut values = Vec::new();
                pixels.decode(&rows, shape.nx, &mut values);
                let expected = first * u64::from(shape.nx)..shape.pixels();
                assert!(values.iter().map(|&value| value as u64).eq(expected));
            }
            let mut out = Vec::new();
            let report = compress(reader, "a.hdf", &mut out, &Options::default(), &Unwatched).unwrap();
            assert_eq!((report.images, report.truncated), (1, 0));
        }
    }
}
