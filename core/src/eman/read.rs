//! Reads EMAN2's layout: see [`Eman`].

use std::cell::{Cell, RefCell};
use std::ops::Range;

use super::kept::keep;
use super::library::Library;
use super::rows::Rows;
use super::storage::Storage;
use crate::attribute::{Attributes, PREFIX};
use crate::block::{MAX_SIDE, Shape};
use crate::error::Error;
use crate::hdf::read::{
    Attribute, ByteOrder, Dataset, File, Group, HdfError, NumberKind, Object, ObjectKind, Target,
};
use crate::info::Stated;
use crate::pixels::{PixelType, Pixels, Scale};
use crate::range::Range as Span;
use crate::reader::Reader;
use crate::source::Source;

/// Names of what isn't carried over that a message lists, at most.
const MOST_NAMES: usize = 8;

/// Why an HDF5 file is no set of images.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmanError {
    /// Another kind of HDF5 file.
    #[error("an HDF5 file, but not EMAN2's: it has no images in /MDF/images")]
    NotEman,

    /// A number without an image.
    #[error(
        "image {image} of {images} is missing: /MDF/images/{image} has no dataset `image`; rewrite the file \
         without gaps in EMAN2 (e2proc2d.py, e2proc3d.py)"
    )]
    Missing {
        /// Its number.
        image: u32,
        /// How many there should be.
        images: u32,
    },

    /// More images than can be numbered.
    #[error("/MDF/images promises {0} images, more than the file can hold")]
    TooMany(i64),

    /// A dataset that is no image.
    #[error("image {image} has the dimensions {dimensions:?}; images have 1 to 3, each from 1 to 2^20")]
    Dimensions {
        /// Its number.
        image: u32,
        /// Slowest first.
        dimensions: Vec<u64>,
    },

    /// Codes that can't be scaled back.
    #[error(
        "image {image} says that its codes have {bits} bits from {low} to {high}, which can't be: its \
         stored_* attributes are damaged"
    )]
    Scale {
        /// Its number.
        image: u32,
        /// `stored_renderbits`.
        bits: f64,
        /// `stored_rendermin`.
        low: f64,
        /// `stored_rendermax`.
        high: f64,
    },

    /// A dataset of a form this reader doesn't know, which the library that was asked can't read either.
    #[error("image {image} can't be read through libhdf5: {problem}")]
    Library {
        /// Its number.
        image: u32,
        /// What the library said.
        problem: String,
    },

    /// A dataset whose bytes only the library sees.
    #[error("image {image} is read through libhdf5, so that its chunks can't be checked one by one")]
    Unseen {
        /// Its number.
        image: u32,
    },

    /// Chunks that can be inflated only together.
    #[error(
        "chunks of this shape take {needed} bytes of memory, the most is {most}; h5repack can rewrite the file \
         with smaller ones"
    )]
    ChunksTooLarge {
        /// What they take.
        needed: u64,
        /// What they may.
        most: u64,
    },
}

/// An HDF5 file of EMAN2's layout, by whatever program and with whatever features of HDF5.
///
/// Codes are scaled back to values, as EMAN2 does. Attributes travel along, but for those the walk
/// tells anew: extent, statistics, storage, source.
pub struct Eman<'s> {
    file: File<'s>,
    library: Option<&'s dyn Library>,
    images: Vec<Image>,
    /// The image whose rows were read last.
    rows: RefCell<Option<(u32, Rows)>>,
    /// Streams are inflated by two libraries.
    witnessed: Cell<bool>,
    left_behind: Vec<String>,
    warnings: Vec<String>,
}

/// What every image is known by.
struct Image {
    /// Its group's header.
    group: u64,
    /// Its dataset's header; `None` when the library reads it.
    dataset: Option<u64>,
    shape: Shape,
    pixels: Pixels,
}

impl<'s> Eman<'s> {
    /// Reads the file's structure: every image's dimensions, type and scale.
    ///
    /// # Errors
    /// [`Error::Hdf`] when the file is damaged or uses what this reader does not know,
    /// [`Error::Eman`] when it holds something else, [`Error::Read`] when the source fails.
    pub fn open(source: &'s dyn Source) -> Result<Self, Error> {
        Self::open_with(source, None)
    }

    /// The same; datasets of a form this reader doesn't know are read by the library, if there is one.
    ///
    /// # Errors
    /// As [`Eman::open`].
    pub fn open_with(source: &'s dyn Source, library: Option<&'s dyn Library>) -> Result<Self, Error> {
        let file = File::open(source)?;
        let mut found = Self {
            file,
            library,
            images: Vec::new(),
            rows: RefCell::new(None),
            witnessed: Cell::new(false),
            left_behind: Vec::new(),
            warnings: Vec::new(),
        };
        let images = found.folder()?;
        let group = images.group(&found.file)?;
        let count = found.count(&images, &group)?;
        let mut zeroed = 0;
        let mut lost = Vec::new();
        for image in 0..count {
            let opened = found.image(image, count, &group, &mut lost)?;
            zeroed += u32::from(
                opened.pixels.scale.is_some_and(|scale| scale.range.low == 0.0 && scale.range.high == 0.0),
            );
            found.images.push(opened);
        }
        if zeroed > 0 {
            found.warnings.push(format!(
                "{zeroed} of {count} images have codes from 0 to 0, so that every pixel is 0: older versions of \
                 EMAN2 destroyed images of real numbers above zero this way"
            ));
        }
        lost.sort_unstable();
        lost.dedup();
        found.left_behind.extend(lost.into_iter().map(|name| format!("the attribute {name}")));
        if !found.left_behind.is_empty() {
            found.warnings.push(format!("not carried over: {}", listed(&found.left_behind)));
        }
        Ok(found)
    }

    /// What of the file's contents a compressed copy would not have, by name. A file that has any
    /// should not be replaced.
    #[must_use]
    pub fn left_behind(&self) -> &[String] {
        &self.left_behind
    }

    /// From now on has every chunk inflated by a second library too; both must agree. It takes more than
    /// twice as long.
    pub(crate) fn ask_a_witness(&self) {
        self.witnessed.set(true);
        self.rows.replace(None);
    }

    /// The object `/MDF/images`. Notes what else there is above it.
    fn folder(&mut self) -> Result<Object, Error> {
        let mut object = self.file.object(self.file.root())?;
        let mut path = String::new();
        for name in ["MDF", "images"] {
            if object.kind() != ObjectKind::Group {
                return Err(EmanError::NotEman.into());
            }
            let group = object.group(&self.file)?;
            let Some(Target::Object(address)) = group.find(&self.file, name)? else {
                return Err(EmanError::NotEman.into());
            };
            for attribute in object.attributes(&self.file)? {
                self.left_behind.push(format!("the attribute {} of {path}/", attribute.name));
            }
            self.note_others(&path, &group, |other| other == name)?;
            path = format!("{path}/{name}");
            object = self.file.object(address)?;
        }
        if object.kind() != ObjectKind::Group {
            return Err(EmanError::NotEman.into());
        }
        Ok(object)
    }

    /// How many images there are, by `imageid_max` or, without it, by counting.
    fn count(&mut self, images: &Object, group: &Group) -> Result<u32, Error> {
        let mut highest = None;
        for attribute in images.attributes(&self.file)? {
            match attribute.integer() {
                Some(value) if attribute.name == "imageid_max" => highest = Some(value),
                _ => self.left_behind.push(format!("the attribute {} of /MDF/images", attribute.name)),
            }
        }
        let links = group.links(&self.file)?;
        let number = |name: &str| name.parse::<u32>().ok().filter(|number| number.to_string() == name);
        let count = match highest {
            Some(highest) => highest.checked_add(1).ok_or(EmanError::TooMany(highest))?,
            None => links.iter().filter(|link| number(&link.name).is_some()).count() as i64,
        };
        if count <= 0 {
            return Err(EmanError::NotEman.into());
        }
        // Every image has a link of its own.
        let images = u32::try_from(count).map_err(|_| EmanError::TooMany(count))?;
        if count > links.len() as i64 {
            let present: std::collections::BTreeSet<u32> =
                links.iter().filter_map(|link| number(&link.name)).collect();
            let image = (0..images).find(|image| !present.contains(image)).unwrap_or_default();
            return Err(EmanError::Missing { image, images }.into());
        }
        self.note_others("/MDF/images", group, |name| number(name).is_some_and(|number| number < images))?;
        Ok(images)
    }

    /// Notes the links of a group that are none of those expected.
    fn note_others(
        &mut self,
        path: &str,
        group: &Group,
        expected: impl Fn(&str) -> bool,
    ) -> Result<(), Error> {
        let links = group.links(&self.file)?;
        let others = links.iter().filter(|link| !expected(&link.name));
        self.left_behind.extend(others.map(|link| format!("{path}/{}", link.name)));
        Ok(())
    }

    fn image(
        &mut self,
        image: u32,
        images: u32,
        group: &Group,
        lost: &mut Vec<String>,
    ) -> Result<Image, Error> {
        let missing = || EmanError::Missing { image, images };
        let file = &self.file;
        let Some(Target::Object(address)) = group.find(file, &image.to_string())? else {
            return Err(missing().into());
        };
        let object = file.object(address)?;
        if object.kind() != ObjectKind::Group {
            return Err(missing().into());
        }
        let inside = object.group(file)?;
        let Some(Target::Object(dataset_address)) = inside.find(file, "image")? else {
            return Err(missing().into());
        };
        let dataset_object = file.object(dataset_address)?;
        let attributes = object.attributes(file)?;
        let native = dataset_object.dataset(file).map_err(Error::from).and_then(|dataset| {
            if let Some(chunked) = dataset.chunked() {
                chunked.pipeline.filters()?;
            }
            Ok((shape(image, dataset.dimensions())?, pixels(image, &dataset, &attributes)?))
        });
        let (seen, shape, pixels) = match (native, self.library) {
            (Err(Error::Hdf(HdfError::Unsupported { .. })), Some(library)) => {
                let problem = |problem| EmanError::Library { image, problem };
                let (dimensions, floats) = library.describe(image).map_err(problem)?;
                let scale = if floats { None } else { scale(image, &attributes)? };
                let pixels = Pixels { scale, ..Pixels::new(PixelType::F32, false) };
                (None, shape(image, &dimensions)?, pixels)
            }
            (native, _) => native.map(|(shape, pixels)| (Some(dataset_address), shape, pixels))?,
        };
        lost.extend(keep(&attributes, file, &mut Attributes::new())?);
        for attribute in dataset_object.attributes(file)? {
            lost.push(format!("{} of the dataset `image`", attribute.name));
        }
        self.note_others(&format!("/MDF/images/{image}"), &inside, |name| name == "image")?;
        Ok(Image { group: address, dataset: seen, shape, pixels })
    }

    /// The figures of an image, as its attributes say.
    pub(crate) fn stated(&self, image: u32) -> Result<Stated, Error> {
        let names = ["minimum", "maximum", "mean", "sigma", "stored_truncated"];
        let [minimum, maximum, mean, sigma, truncated] = self.figures(image, names)?;
        Ok(Stated { minimum, maximum, mean, sigma, truncated })
    }

    /// EMAN2's attributes of an image under these names, as far as they are there and single numbers.
    pub(crate) fn figures<const N: usize>(
        &self,
        image: u32,
        names: [&str; N],
    ) -> Result<[Option<f64>; N], Error> {
        let attributes = self.file.object(self.of(image).group)?.attributes(&self.file)?;
        Ok(names.map(|name| named(&attributes, name)))
    }

    /// Where the pixels of an image are stored.
    pub(crate) fn storage(&self, image: u32) -> Result<Storage, Error> {
        Storage::of(&self.dataset(image)?, &self.file)
    }

    fn dataset(&self, image: u32) -> Result<Dataset, Error> {
        let address = self.of(image).dataset.ok_or(EmanError::Unseen { image })?;
        Ok(self.file.object(address)?.dataset(&self.file)?)
    }

    fn of(&self, image: u32) -> &Image {
        &self.images[image as usize]
    }
}

fn listed(names: &[String]) -> String {
    let few = &names[..names.len().min(MOST_NAMES)].join(", ");
    match names.len() - names.len().min(MOST_NAMES) {
        0 => few.clone(),
        more => format!("{few} and {more} more"),
    }
}

fn shape(image: u32, dimensions: &[u64]) -> Result<Shape, Error> {
    let side = |place: usize| match dimensions.len().checked_sub(place) {
        Some(place) => u32::try_from(dimensions[place]).ok().filter(|side| (1..MAX_SIDE).contains(side)),
        None => Some(1),
    };
    match (dimensions.len(), side(1), side(2), side(3)) {
        (1..=3, Some(nx), Some(ny), Some(nz)) => Ok(Shape { nx, ny, nz }),
        _ => Err(EmanError::Dimensions { image, dimensions: dimensions.to_vec() }.into()),
    }
}

fn pixels(image: u32, dataset: &Dataset, attributes: &[Attribute]) -> Result<Pixels, Error> {
    let number = dataset.number()?;
    let kind = match (number.kind, number.size) {
        (NumberKind::Unsigned, 1) => PixelType::U8,
        (NumberKind::Unsigned, 2) => PixelType::U16,
        (NumberKind::Unsigned, 4) => PixelType::U32,
        (NumberKind::Unsigned, _) => PixelType::U64,
        (NumberKind::Signed, 1) => PixelType::I8,
        (NumberKind::Signed, 2) => PixelType::I16,
        (NumberKind::Signed, 4) => PixelType::I32,
        (NumberKind::Signed, _) => PixelType::I64,
        (NumberKind::Float, 2) => PixelType::F16,
        (NumberKind::Float, 4) => PixelType::F32,
        (NumberKind::Float, _) => PixelType::F64,
    };
    let big_endian = number.order == ByteOrder::Big;
    let scale = if number.kind == NumberKind::Float { None } else { scale(image, attributes)? };
    Ok(Pixels { scale, ..Pixels::new(kind, big_endian) })
}

/// The number that an attribute of EMAN2's is.
fn named(attributes: &[Attribute], wanted: &str) -> Option<f64> {
    attributes.iter().find(|attribute| attribute.name.strip_prefix(PREFIX) == Some(wanted))?.float()
}

/// How EMAN2 says the codes are to be scaled.
fn scale(image: u32, attributes: &[Attribute]) -> Result<Option<Scale>, Error> {
    let named = |wanted: &str| {
        let found =
            attributes.iter().find(|attribute| attribute.name.strip_prefix(PREFIX) == Some(wanted))?;
        found.float()
    };
    let Some(bits) = named("stored_renderbits").filter(|&bits| bits != 0.0) else { return Ok(None) };
    let (low, high) = (named("stored_rendermin"), named("stored_rendermax"));
    let (low, high) = (low.unwrap_or(f64::NAN), high.unwrap_or(f64::NAN));
    let sane = (1.0..=32.0).contains(&bits) && bits.fract() == 0.0 && (high - low).abs() < f32::MAX.into();
    if !sane {
        return Err(EmanError::Scale { image, bits, low, high }.into());
    }
    let range = Span { low: low as f32, high: high as f32, exact: false };
    Ok(Some(Scale { range, most: (bits.exp2() - 1.0) as f32 }))
}

impl Reader for Eman<'_> {
    fn images(&self) -> u32 {
        self.images.len() as u32
    }

    fn shape(&self, image: u32) -> Shape {
        self.of(image).shape
    }

    fn pixels(&self, image: u32) -> Pixels {
        self.of(image).pixels
    }

    fn read(&self, image: u32, rows: Range<u64>, bytes: &mut [u8]) -> Result<(), Error> {
        let found = self.of(image);
        if let (None, Some(library)) = (found.dataset, self.library) {
            let values = library.read(image, found.shape, rows);
            let values = values.map_err(|problem| EmanError::Library { image, problem })?;
            for (place, value) in bytes.chunks_exact_mut(4).zip(values) {
                place.copy_from_slice(&value.to_le_bytes());
            }
            return Ok(());
        }
        let mut held = self.rows.borrow_mut();
        if held.as_ref().is_none_or(|(of, _)| *of != image) {
            let dataset = self.dataset(image)?;
            *held = Some((image, Rows::new(dataset, found.shape, &self.file, self.witnessed.get())?));
        }
        match held.as_mut() {
            Some((_, held)) => held.read(&self.file, rows, bytes),
            None => Ok(()),
        }
    }

    fn attributes(&self, image: u32) -> Result<Attributes, Error> {
        let found = self.of(image);
        let mut attributes = Attributes::new();
        for (name, side) in [("nx", found.shape.nx), ("ny", found.shape.ny), ("nz", found.shape.nz)] {
            attributes.int(name, side as i32);
        }
        attributes.text("ImageEndian", b"big");
        let stored = self.file.object(found.group)?.attributes(&self.file)?;
        keep(&stored, &self.file, &mut attributes)?;
        Ok(attributes)
    }

    fn warnings(&self) -> Vec<String> {
        self.warnings.clone()
    }
}
