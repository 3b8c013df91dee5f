//! An image's elements: from the file or, where it stores them in a way the reader here does not support,
//! through the [`Backend`].

use std::ops::Range;

use super::rows::Rows;
use super::slab::{Slab, Slabs, sections_rows_columns};
use super::{Backend, BackendFault, EmanError, Hyperslab, InputAttribute};
use crate::error::Error;
use crate::formats::hdf5::read::{ByteOrder, Class, Datatype, File, HdfError, Object};
use crate::image::MAX_SIDE;
use crate::image::Shape;
use crate::image::pixels::Pixels;
use crate::image::{NumberKind, PixelType};

/// Bytes of a slab of a dataset without chunks, about.
const SLAB_BYTES: u64 = 16 << 20;

/// The file, and a backend for what the reader here does not support.
#[derive(Clone, Copy)]
pub struct Sources<'a, 's> {
    pub file: &'a File<'s>,
    pub backend: Option<&'a dyn Backend>,
}

/// The reader of a dataset's elements.
pub enum Way {
    /// The reader here, from the dataset whose header is at this address.
    File(u64),
    /// The backend, with chunks of these sides.
    Backend(Option<Vec<u64>>),
}

/// An image's dataset.
pub struct Elements {
    pub way: Way,
    pub shape: Shape,
    /// Stored pixels, without the scale.
    pub pixels: Pixels,
    /// Bytes of memory that reading rows takes, at most.
    pub memory: u64,
    /// Names of other files that elements are in.
    pub others: Vec<String>,
}

impl Sources<'_, '_> {
    /// Calls the backend for what the reader here does not support. Errors of any other kind stay.
    fn or_backend<T>(
        self,
        path: &str,
        own: Result<T, HdfError>,
        ask: impl FnOnce(&dyn Backend) -> Result<T, BackendFault>,
    ) -> Result<T, Error> {
        match (own, self.backend) {
            (Err(cause @ HdfError::Unsupported { .. }), None) => {
                Err(EmanError::BackendNeeded { path: path.into(), cause: Box::new(cause) }.into())
            }
            (Err(HdfError::Unsupported { .. }), Some(backend)) => {
                ask(backend).map_err(|cause| failed(backend, path, cause))
            }
            (own, _) => Ok(own?),
        }
    }

    /// Reads the attributes of an object.
    pub fn attributes(self, path: &str, object: &Object) -> Result<Vec<InputAttribute>, Error> {
        let own = object.attributes(self.file).and_then(|attributes| {
            attributes.iter().map(|attribute| InputAttribute::stored(attribute, self.file)).collect()
        });
        self.or_backend(path, own, |backend| backend.attributes(path))
    }

    /// Reads the names of an object's attributes.
    pub fn attribute_names(self, path: &str, object: &Object) -> Result<Vec<String>, Error> {
        let own = object.attributes(self.file);
        let own = own.map(|attributes| attributes.into_iter().map(|attribute| attribute.name).collect());
        let names =
            |found: Vec<InputAttribute>| found.iter().map(|attribute| attribute.name().to_owned()).collect();
        self.or_backend(path, own, |backend| backend.attributes(path).map(names))
    }

    /// Describes an image's dataset, and chooses who reads it.
    pub fn elements(self, image: u32, path: &str, object: &Object) -> Result<Elements, Error> {
        let known = match object.datatype(self.file) {
            Ok(datatype) => Some(numeric(&datatype)?),
            Err(HdfError::Unsupported { .. }) => None,
            Err(problem) => return Err(problem.into()),
        };
        let own = object.dataset(self.file).and_then(|dataset| {
            let number = dataset.number()?;
            if let Some(chunked) = dataset.chunked() {
                chunked.pipeline.filters()?;
            }
            let pixels =
                Pixels::new(PixelType::of_number(number.kind, number.size), number.order == ByteOrder::Big);
            let dimensions = dataset.dimensions().to_vec();
            Ok((Some(dataset), Way::File(object.address()), pixels, dimensions, Vec::new()))
        });
        let (dataset, way, pixels, dimensions, others) = self.or_backend(path, own, |backend| {
            let found = backend.dataset(path)?;
            let kind = known.or(found.kind).ok_or("its elements are no numbers")?;
            let pixels = Pixels::new(kind, false);
            Ok((None, Way::Backend(found.chunk), pixels, found.dimensions, found.others))
        })?;
        let shape = shape(image, &dimensions)?;
        let memory = match (&dataset, &way) {
            (Some(dataset), _) => Rows::memory(dataset, shape),
            (None, Way::Backend(chunk)) => BackendRows::memory(chunk.as_deref(), shape, pixels),
            (None, Way::File(_)) => 0,
        };
        Ok(Elements { way, shape, pixels, memory, others })
    }
}

/// Returns a type that holds the elements, if they are numbers.
fn numeric(datatype: &Datatype) -> Result<PixelType, HdfError> {
    match datatype.class {
        Class::Number(number) => Ok(PixelType::of_number(number.kind, number.size)),
        Class::OddNumber { kind, .. } if datatype.size <= 16 => Ok(match (kind, datatype.size) {
            (NumberKind::Float, ..=4) => PixelType::F32,
            (NumberKind::Float, _) => PixelType::F64,
            // Half of all numbers of more than 8 bytes are beyond any float, too.
            (kind, size) => PixelType::of_number(kind, size.next_power_of_two().min(8) as u8),
        }),
        _ => datatype.number().map(|number| PixelType::of_number(number.kind, number.size)),
    }
}

fn shape(image: u32, dimensions: &[u64]) -> Result<Shape, EmanError> {
    let sides = sections_rows_columns(dimensions).filter(|_| !dimensions.is_empty());
    let side = |side: u64| u32::try_from(side).ok().filter(|side| (1..MAX_SIDE).contains(side));
    match sides.map(|sides| sides.map(side)) {
        Some([Some(nz), Some(ny), Some(nx)]) => Ok(Shape { nx, ny, nz }),
        _ => Err(EmanError::Dimensions { image, dimensions: dimensions.to_vec() }),
    }
}

fn failed(backend: &dyn Backend, path: &str, cause: BackendFault) -> Error {
    EmanError::Backend { path: path.into(), library: backend.name(), cause }.into()
}

/// The rows of one image.
pub enum Reading {
    /// Rows that the reader here reads.
    File(Box<Rows>),
    /// Rows that the backend reads.
    Backend(Box<BackendRows>),
}

impl Reading {
    /// Fills `out` with rows, counted through all sections.
    pub fn read(&mut self, sources: Sources<'_, '_>, rows: Range<u64>, out: &mut [u8]) -> Result<(), Error> {
        match (self, sources.backend) {
            (Self::File(held), _) => held.read(sources.file, rows, out),
            (Self::Backend(held), Some(backend)) => held.read(backend, rows, out),
            // Without a backend, none was found to be needed.
            (Self::Backend(_), None) => Ok(()),
        }
    }

    /// Fills `out` with rows of each of some sections.
    pub fn read_slab(
        &mut self,
        sources: Sources<'_, '_>,
        sections: Range<u32>,
        rows: Range<u32>,
        out: &mut [u8],
    ) -> Result<(), Error> {
        match (self, sources.backend) {
            (Self::File(held), _) => held.read_slab(sources.file, sections, rows, out),
            (Self::Backend(held), Some(backend)) => held.read_slab(backend, sections, rows, out),
            (Self::Backend(_), None) => Ok(()),
        }
    }
}

/// The rows of a dataset that the backend reads.
pub struct BackendRows {
    path: String,
    shape: Shape,
    kind: PixelType,
    slabs: Slabs,
}

impl BackendRows {
    /// Creates the rows of the dataset at `path`, in chunks of sides `chunk` or in none.
    pub fn new(path: String, chunk: Option<&[u64]>, shape: Shape, pixels: Pixels) -> Result<Self, EmanError> {
        let (slabs, beside) = Self::slabs(chunk, shape, pixels);
        slabs.check(beside)?;
        Ok(Self { path, shape, kind: pixels.kind, slabs })
    }

    /// Counts the bytes of memory that reading rows takes, at most.
    fn memory(chunk: Option<&[u64]>, shape: Shape, pixels: Pixels) -> u64 {
        let (slabs, beside) = Self::slabs(chunk, shape, pixels);
        slabs.bytes().saturating_add(beside)
    }

    /// Makes the slabs, with the bytes that making one takes beside it.
    fn slabs(chunk: Option<&[u64]>, shape: Shape, pixels: Pixels) -> (Slabs, u64) {
        let row_bytes = pixels.row_bytes(shape.nx);
        let whole = [1, (SLAB_BYTES / row_bytes).max(1), shape.nx.into()];
        let extent = chunk.and_then(sections_rows_columns).unwrap_or(whole);
        // A chunk is never taken for empty, nor counted beyond 64 bits.
        let extent = extent.map(|side| side.max(1));
        let bits = extent.iter().fold(u64::from(pixels.kind.bits()), |all, &side| all.saturating_mul(side));
        // The library holds a chunk as it is stored, and as it is decoded.
        (Slabs::new(extent, shape, row_bytes as usize), (bits / 8).saturating_mul(2))
    }

    fn read(&mut self, backend: &dyn Backend, rows: Range<u64>, out: &mut [u8]) -> Result<(), Error> {
        let Self { path, shape, kind, slabs } = self;
        slabs.read(rows, out, |slab, bytes| load(backend, path, *shape, *kind, slab, bytes))
    }

    fn read_slab(
        &mut self,
        backend: &dyn Backend,
        sections: Range<u32>,
        rows: Range<u32>,
        out: &mut [u8],
    ) -> Result<(), Error> {
        let Self { path, shape, kind, slabs } = self;
        slabs.read_slab(sections, rows, out, |slab, bytes| load(backend, path, *shape, *kind, slab, bytes))
    }
}

/// Has the backend fill a slab of the dataset at `path`.
fn load(
    backend: &dyn Backend,
    path: &str,
    shape: Shape,
    kind: PixelType,
    Slab { start, counts }: Slab,
    bytes: &mut [u8],
) -> Result<(), Error> {
    let part = Hyperslab { start: [start[0], start[1], 0], counts: [counts[0], counts[1], shape.nx.into()] };
    backend.read(path, part, kind, bytes).map_err(|cause| failed(backend, path, cause))
}
