//! Reads EMAN2's layout: see [`Eman`].

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use super::carried::{keep, source};
use super::codes::{self, Codes, named};
use super::common;
use super::elements::{BackendRows, Elements, Reading, Sources, Way};
use super::find::{Found, FoundImage};
use super::growth;
use super::original::Original;
use super::rewrite::{self, Contents};
use super::rows::{How, Rows};
use super::{BYTE_ORDER, Backend, EmanError, InputAttribute, NAME};
use super::{carried, storage};
use crate::encode::Level;
use crate::error::Error;
use crate::formats::hdf5::read::{Attribute, Dataset, File, Group, HdfError};
use crate::formats::{OpenOptions, unrecognised};
use crate::image::Images;
use crate::image::Shape;
use crate::image::attributes::Attributes;
use crate::image::pixels::Pixels;
use crate::image::{Declared, OriginalHeader, OutOfReach, Rewritten, Storage};
use crate::io::source::Source;
use crate::warning::{Share, Warning};
use crate::words::Escaped;

/// An HDF5 file of EMAN2's layout, by whatever program and with whatever features of HDF5.
///
/// Codes are scaled back to values, as EMAN2 does. Attributes travel along, but for those the walk
/// tells anew: extent, statistics, storage, source.
pub struct Eman<'s> {
    pub(super) file: File<'s>,
    backend: Option<&'s dyn Backend>,
    images: Vec<Image>,
    /// What is said of all of them.
    pub(super) common: Vec<InputAttribute>,
    pub(super) original: Option<Original>,
    /// The image whose rows were read last.
    rows: RefCell<Option<(u32, Reading)>>,
    how: How,
    /// The attributes that were read last, and of which image.
    attributes: RefCell<Option<(u32, Rc<Vec<Attribute>>)>>,
    pub(super) not_carried: Vec<String>,
    /// Images beyond the number that the file states.
    pub(super) beyond: u64,
    warnings: Vec<Warning>,
    /// Names of other files that pixels are in.
    others: Vec<String>,
}

/// What every image is known by.
struct Image {
    /// Its group's header.
    group: u64,
    way: Way,
    shape: Shape,
    pixels: Pixels,
    /// Bytes of memory that reading its rows takes.
    memory: u64,
}

impl<'s> Eman<'s> {
    /// Reads the file's structure: every image's dimensions, type and scale. Objects of a form that the
    /// reader here does not take are read by the backend, if there is one.
    ///
    /// # Errors
    /// [`Error::Hdf`] when the file is damaged or uses what this reader does not know, [`Error::Eman`] when it
    /// holds something else, when the backend fails and, as [`EmanError::BackendNeeded`], when there is none
    /// that is needed, [`Error::Read`] when the source fails.
    pub fn open(source: &'s dyn Source, options: &OpenOptions<'s>) -> Result<Self, Error> {
        let file = File::open(source).map_err(|problem| described(problem, source))?;
        let mut found = Self {
            file,
            backend: options.backend,
            images: Vec::new(),
            common: Vec::new(),
            original: None,
            rows: RefCell::new(None),
            how: How { cross_check: options.cross_check, fill_unwritten: options.fill_unwritten },
            attributes: RefCell::new(None),
            not_carried: Vec::new(),
            beyond: 0,
            warnings: Vec::new(),
            others: Vec::new(),
        };
        found.note_surroundings();
        let images = found.folder()?;
        found.note_comment("/MDF/images", &images);
        let group = images.group(&found.file)?;
        let count = found.count(&images, &group)?;
        let (mut zeroed, mut without_range) = (0, 0);
        let mut lost = Vec::new();
        for image in 0..count {
            let (opened, codes) = found.image(image, count, &group, &mut lost)?;
            without_range += u32::from(matches!(codes, Codes::WithoutRange));
            zeroed += u32::from(
                opened.pixels.scale.is_some_and(|scale| scale.range.low == 0.0 && scale.range.high == 0.0),
            );
            found.images.push(opened);
        }
        let stored = found.images.iter().filter(|image| matches!(image.way, Way::File(_)));
        let stored = stored.map(|image| (image.group, image.shape, image.pixels));
        growth::check(stored, found.file.length())?;
        found.warnings.extend(Share::some(without_range, count).map(Warning::WithoutRange));
        found.warnings.extend(Share::some(zeroed, count).map(Warning::Zeroed));
        if !found.others.is_empty() {
            found.warnings.push(Warning::OtherFiles(std::mem::take(&mut found.others)));
        }
        lost.sort_unstable();
        lost.dedup();
        found.not_carried.extend(lost.into_iter().map(|name| format!("the attribute {name}")));
        // They are there to be shown, and somebody else chose them.
        found.not_carried = found.not_carried.iter().map(|name| Escaped(name).to_string()).collect();
        if !found.not_carried.is_empty() {
            found.warnings.push(Warning::NotCarried(found.not_carried.clone()));
        }
        Ok(found)
    }

    fn image(
        &mut self,
        image: u32,
        images: u32,
        group: &Group,
        lost: &mut Vec<String>,
    ) -> Result<(Image, Codes), Error> {
        let FoundImage { group: object, inside, dataset: dataset_object } = match self.find(image, group)? {
            Found::Image(found) => *found,
            Found::Out => return Err(EmanError::Elsewhere { image }.into()),
            Found::Missing => return Err(self.missing(images, group)?.into()),
        };
        let (path, dataset_path) = (group_path(image), dataset_path(image));
        let attributes = self.sources().attributes(&path, &object)?;
        let Elements { way, shape, mut pixels, memory, others } =
            self.sources().elements(image, &dataset_path, &dataset_object)?;
        let codes = if pixels.kind.is_float() { Codes::None } else { codes::of(image, &attributes)? };
        if let Codes::Scaled(scale) = codes {
            pixels.scale = Some(scale);
        }
        lost.extend(keep(attributes, &mut Attributes::new()));
        for name in others {
            if !self.others.contains(&name) {
                self.others.push(name);
            }
        }
        for attribute in self.sources().attribute_names(&dataset_path, &dataset_object)? {
            lost.push(format!("{attribute} of the dataset `image`"));
        }
        self.note_others(&path, &inside, |name| name == "image")?;
        self.note_comment(&path, &object);
        self.note_comment(&dataset_path, &dataset_object);
        Ok((Image { group: object.address(), way, shape, pixels, memory }, codes))
    }

    fn dataset(&self, image: u32) -> Result<Dataset, Error> {
        match self.of(image).way {
            Way::File(address) => Ok(self.file.object(address)?.dataset(&self.file)?),
            Way::Backend(_) => Err(EmanError::Unseen { image }.into()),
        }
    }

    fn group_attributes(&self, image: u32) -> Result<Vec<InputAttribute>, Error> {
        if let Some(found) = self.own_attributes(image)? {
            let found = found.iter().map(|attribute| InputAttribute::stored(attribute, &self.file));
            return Ok(found.collect::<Result<_, _>>()?);
        }
        let group = self.file.object(self.of(image).group)?;
        self.sources().attributes(&group_path(image), &group)
    }

    /// Reads an image's attributes without the backend; `None` where that is needed.
    fn own_attributes(&self, image: u32) -> Result<Option<Rc<Vec<Attribute>>>, Error> {
        let mut held = self.attributes.borrow_mut();
        if let Some((_, found)) = held.as_ref().filter(|(of, _)| *of == image) {
            return Ok(Some(Rc::clone(found)));
        }
        match self.file.object(self.of(image).group)?.attributes(&self.file) {
            Err(HdfError::Unsupported { .. }) => Ok(None),
            found => {
                let found = Rc::new(found?);
                *held = Some((image, Rc::clone(&found)));
                Ok(Some(found))
            }
        }
    }

    /// Reads what the writer was given of an image.
    fn found_again(&self, image: u32) -> Result<rewrite::Found, Error> {
        let (Image { way, shape, pixels, .. }, group) =
            (self.of(image), self.file.object(self.of(image).group)?);
        let foreign = rewrite::Found::Foreign(group.address());
        let (&Way::File(address), Some(found)) = (way, self.own_attributes(image)?) else {
            return Ok(foreign);
        };
        let object = self.file.object(address)?;
        if group.has_gap() || object.has_gap() {
            return Ok(rewrite::Found::Edited);
        }
        let dataset = object.dataset(&self.file)?;
        Ok(carried::all(&found, &self.file)?.map_or(foreign, |attributes| {
            let contents = Contents { dataset, shape: *shape, kind: pixels.kind, attributes };
            rewrite::Found::Contents(Box::new(contents))
        }))
    }

    pub(super) fn sources(&self) -> Sources<'_, 's> {
        Sources { file: &self.file, backend: self.backend }
    }

    /// Chooses who reads the rows of an image.
    fn reading(&self, image: u32) -> Result<Reading, Error> {
        let Image { way, shape, pixels, .. } = self.of(image);
        Ok(match way {
            Way::File(_) => {
                let rows = Rows::new(image, self.dataset(image)?, *shape, &self.file, self.how)?;
                Reading::File(Box::new(rows))
            }
            Way::Backend(chunk) => {
                let rows = BackendRows::new(dataset_path(image), chunk.as_deref(), *shape, *pixels)?;
                Reading::Backend(Box::new(rows))
            }
        })
    }

    /// Has the rows of an image read, by what read the last ones if they are of the same image.
    fn with_reading(
        &self,
        image: u32,
        read: impl FnOnce(&mut Reading) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut held = self.rows.borrow_mut();
        if held.as_ref().is_none_or(|(of, _)| *of != image) {
            *held = Some((image, self.reading(image)?));
        }
        held.as_mut().map_or(Ok(()), |(_, reading)| read(reading))
    }

    fn of(&self, image: u32) -> &Image {
        &self.images[image as usize]
    }
}

/// Says what a file is that is no HDF5, as far as its start tells.
fn described(problem: HdfError, source: &dyn Source) -> Error {
    let mut start = vec![0; source.len().unwrap_or_default().min(1024) as usize];
    if matches!(problem, HdfError::NotHdf)
        && source.read_at(0, &mut start).is_ok()
        && let Some(kind) = unrecognised::looks_like(&start)
    {
        return Error::UnknownFormat(format!("not an HDF5 file: this is {kind}"));
    }
    problem.into()
}

pub(super) fn group_path(image: u32) -> String {
    format!("/MDF/images/{image}")
}

fn dataset_path(image: u32) -> String {
    format!("/MDF/images/{image}/image")
}

impl Images for Eman<'_> {
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
        self.with_reading(image, |reading| reading.read(self.sources(), rows, bytes))
    }

    fn read_slab(
        &self,
        image: u32,
        sections: Range<u32>,
        rows: Range<u32>,
        bytes: &mut [u8],
    ) -> Result<(), Error> {
        self.with_reading(image, |reading| reading.read_slab(self.sources(), sections, rows, bytes))
    }

    fn attributes(&self, image: u32) -> Result<Attributes, Error> {
        let mut attributes = Attributes::new();
        attributes.text(BYTE_ORDER.0, BYTE_ORDER.1);
        keep(self.group_attributes(image)?, &mut attributes);
        common::add(&self.common, &mut attributes);
        Ok(attributes)
    }

    fn recorded_source(&self, image: u32) -> Result<Attributes, Error> {
        Ok(source(self.group_attributes(image)?))
    }

    fn warnings(&self) -> Vec<Warning> {
        self.warnings.clone()
    }

    fn format(&self) -> &'static str {
        NAME
    }

    fn not_carried(&self) -> &[String] {
        &self.not_carried
    }

    fn original_header(&self) -> Result<Option<OriginalHeader>, Error> {
        Ok(self.original.as_ref().map(|original| original.header.clone()))
    }

    fn read_extended_header(&self, offset: u64, bytes: &mut [u8]) -> Result<(), Error> {
        self.original.as_ref().map_or(Ok(()), |original| original.read_extended(&self.file, offset, bytes))
    }

    fn declared(&self, image: u32) -> Result<Option<Declared>, Error> {
        let attributes = self.group_attributes(image)?;
        let figure = |name| named(&attributes, name);
        Ok(Some(Declared {
            nx: figure("nx"),
            ny: figure("ny"),
            nz: figure("nz"),
            datatype: figure("datatype"),
            stored_renderbits: figure("stored_renderbits"),
            stored_truncated: figure("stored_truncated"),
            minimum: figure("minimum"),
            maximum: figure("maximum"),
            mean: figure("mean"),
            sigma: figure("sigma"),
            square_sum: figure("square_sum"),
            mean_nonzero: figure("mean_nonzero"),
            sigma_nonzero: figure("sigma_nonzero"),
            all_int: figure("all_int"),
        }))
    }

    fn memory(&self) -> u64 {
        self.images.iter().map(|image| image.memory).max().unwrap_or(0)
    }

    fn stored_attributes(&self, image: u32) -> Result<Option<Attributes>, Error> {
        let Some(found) = self.own_attributes(image)? else { return Ok(None) };
        Ok(carried::all(&found, &self.file)?)
    }

    fn rewritten(&self) -> Result<Rewritten, Error> {
        let level = self.group_attributes(0)?;
        let level = named(&level, "render_compress_level").and_then(|level| Level::new(level as i64).ok());
        rewrite::compare(&self.file, self, level, |image| self.found_again(image))
    }

    fn out_of_reach(&self) -> OutOfReach {
        OutOfReach { bytes: self.file.trailing(), images: self.beyond }
    }

    fn is_self_checking(&self) -> bool {
        true
    }

    fn storage(&self, image: u32) -> Result<Option<Storage>, Error> {
        match self.of(image).way {
            Way::File(address) => storage::of(address, &self.dataset(image)?, &self.file).map(Some),
            Way::Backend(_) => Err(EmanError::Unseen { image }.into()),
        }
    }
}
