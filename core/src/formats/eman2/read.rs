//! Reads EMAN2's layout: see [`Eman`].

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use super::carried::{keep, source};
use super::codes::{self, Codes, named};
use super::common;
use super::elements::{BackendRows, Elements, Reading, Sources, Way};
use super::links::{Leads, follow};
use super::original::{self, Original};
use super::rewrite::{self, Contents};
use super::rows::Rows;
use super::{BYTE_ORDER, Backend, EmanError, InputAttribute, NAME};
use super::{carried, storage};
use crate::encode::Level;
use crate::error::Error;
use crate::formats::hdf5::read::{Attribute, Dataset, File, Group, HdfError, Object, ObjectKind};
use crate::formats::{OpenOptions, unrecognised};
use crate::image::Images;
use crate::image::Shape;
use crate::image::attributes::Attributes;
use crate::image::pixels::Pixels;
use crate::image::{Declared, OriginalHeader, OutOfReach, Rewritten, Storage};
use crate::io::source::Source;

/// Names of what is not carried over that a message lists, at most.
const MOST_NAMES: usize = 8;

/// Missing images that are counted, at most.
const MOST_MISSING: usize = 1000;

/// The attribute of the root by which EMAN1's files are known.
const EMAN1_COUNT: &str = "num_dataset";

/// An HDF5 file of EMAN2's layout, by whatever program and with whatever features of HDF5.
///
/// Codes are scaled back to values, as EMAN2 does. Attributes travel along, but for those the walk
/// tells anew: extent, statistics, storage, source.
pub struct Eman<'s> {
    file: File<'s>,
    backend: Option<&'s dyn Backend>,
    images: Vec<Image>,
    /// What is said of all of them.
    common: Vec<InputAttribute>,
    original: Option<Original>,
    /// The image whose rows were read last.
    rows: RefCell<Option<(u32, Reading)>>,
    /// The attributes that were read last, and of which image.
    attributes: RefCell<Option<(u32, Rc<Vec<Attribute>>)>>,
    /// Streams are inflated by two libraries.
    cross_check: bool,
    not_carried: Vec<String>,
    /// Images beyond the number that the file states.
    beyond: u64,
    warnings: Vec<String>,
}

/// What is found by an image's number.
enum Found {
    /// It.
    Image(Box<FoundImage>),
    /// A link out of the file.
    Out,
    /// Nothing.
    Missing,
}

/// An image's group, opened too, and its dataset.
struct FoundImage {
    group: Object,
    inside: Group,
    dataset: Object,
}

/// What every image is known by.
struct Image {
    /// Its group's header.
    group: u64,
    way: Way,
    shape: Shape,
    pixels: Pixels,
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
            attributes: RefCell::new(None),
            cross_check: options.cross_check,
            not_carried: Vec::new(),
            beyond: 0,
            warnings: Vec::new(),
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
        if without_range > 0 {
            found.warnings.push(format!(
                "{without_range} of {count} images are said to be codes, but not of what range (stored_rendermin, \
                 stored_rendermax): as in EMAN2 the codes are taken for the values"
            ));
        }
        if zeroed > 0 {
            found.warnings.push(format!(
                "{zeroed} of {count} images have codes from 0 to 0, so that every pixel is 0: older versions of \
                 EMAN2 destroyed images of real numbers above zero this way"
            ));
        }
        lost.sort_unstable();
        lost.dedup();
        found.not_carried.extend(lost.into_iter().map(|name| format!("the attribute {name}")));
        if !found.not_carried.is_empty() {
            found.warnings.push(format!("not carried over: {}", listed(&found.not_carried)));
        }
        Ok(found)
    }

    /// Notes what lies around the HDF5 in the file.
    fn note_surroundings(&mut self) {
        for (bytes, what) in
            [(self.file.user_block(), "the user block"), (self.file.trailing(), "what follows the end")]
        {
            if bytes > 0 {
                self.not_carried.push(format!("{what} ({bytes} bytes)"));
            }
        }
    }

    /// Notes that an object has a comment.
    fn note_comment(&mut self, path: &str, object: &Object) {
        if object.has_comment() {
            self.not_carried.push(format!("the comment of {path}"));
        }
    }

    /// Finds the object `/MDF/images`. Notes what else there is above it.
    fn folder(&mut self) -> Result<Object, Error> {
        let mut object = self.file.object(self.file.root())?;
        let root = object.group(&self.file)?;
        if let Leads::To(group) = follow(&self.file, "", &root, original::GROUP)?
            && group.kind() == ObjectKind::Group
        {
            let group = group.group(&self.file)?;
            self.original = Original::read(&group, &self.file)?;
            if let Some(original) = &self.original {
                let links = group.links(&self.file)?;
                let others = links.iter().filter(|link| !original.carries(&link.name));
                let others = others.map(|link| format!("/{}/{}", original::GROUP, link.name));
                self.not_carried.extend(others);
            }
        }
        let mut path = String::new();
        for name in ["MDF", "images"] {
            if object.kind() != ObjectKind::Group {
                return Err(EmanError::NotEman.into());
            }
            let attributes = self.sources().attribute_names(&format!("{path}/"), &object)?;
            let group = object.group(&self.file)?;
            let Leads::To(next) = follow(&self.file, &path, &group, name)? else {
                let eman1 = path.is_empty() && attributes.iter().any(|name| name == EMAN1_COUNT);
                return Err(if eman1 { EmanError::Eman1 } else { EmanError::NotEman }.into());
            };
            self.note_comment(&format!("{path}/"), &object);
            for attribute in attributes {
                self.not_carried.push(format!("the attribute {attribute} of {path}/"));
            }
            let kept = |other: &str| path.is_empty() && other == original::GROUP && self.original.is_some();
            let others: Vec<_> = group.links(&self.file)?.into_iter().map(|link| link.name).collect();
            let others = others.into_iter().filter(|other| other != name && !kept(other));
            let others: Vec<_> = others.map(|other| format!("{path}/{other}")).collect();
            self.not_carried.extend(others);
            path = format!("{path}/{name}");
            object = next;
        }
        if object.kind() != ObjectKind::Group {
            return Err(EmanError::NotEman.into());
        }
        Ok(object)
    }

    /// Counts the images, by `imageid_max` or, without it, one by one.
    fn count(&mut self, images: &Object, group: &Group) -> Result<u32, Error> {
        let mut highest = None;
        for attribute in self.sources().attributes("/MDF/images", images)? {
            match attribute.number() {
                Some(value) if attribute.name() == "imageid_max" && value.fract() == 0.0 => {
                    highest = Some(value as i64);
                }
                _ if attribute.value().is_some() => self.common.push(attribute),
                _ => self.not_carried.push(format!("the attribute {} of /MDF/images", attribute.name())),
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
            return Err(self.missing(images, group)?.into());
        }
        let beyond = links.iter().filter(|link| number(&link.name).is_some_and(|number| number >= images));
        self.beyond = beyond.count() as u64;
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
        self.not_carried.extend(others.map(|link| format!("{path}/{}", link.name)));
        Ok(())
    }

    /// Finds out which images are missing.
    fn missing(&self, images: u32, group: &Group) -> Result<EmanError, Error> {
        let mut missing = Vec::new();
        for image in 0..images {
            if matches!(self.find(image, group)?, Found::Missing) {
                missing.push(image);
                if missing.len() > MOST_MISSING {
                    break;
                }
            }
        }
        Ok(EmanError::Missing { images, missing })
    }

    /// Finds an image's group and dataset.
    fn find(&self, image: u32, group: &Group) -> Result<Found, Error> {
        let file = &self.file;
        let object = match follow(file, "/MDF/images", group, &image.to_string())? {
            Leads::To(object) if object.kind() == ObjectKind::Group => object,
            Leads::Out => return Ok(Found::Out),
            _ => return Ok(Found::Missing),
        };
        let inside = object.group(file)?;
        Ok(match follow(file, &group_path(image), &inside, "image")? {
            Leads::To(dataset) => Found::Image(Box::new(FoundImage { group: object, inside, dataset })),
            Leads::Out => Found::Out,
            Leads::Nowhere => Found::Missing,
        })
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
        let Elements { way, shape, mut pixels } =
            self.sources().elements(image, &dataset_path, &dataset_object)?;
        let codes = if pixels.kind.is_float() { Codes::None } else { codes::of(image, &attributes)? };
        if let Codes::Scaled(scale) = codes {
            pixels.scale = Some(scale);
        }
        lost.extend(keep(attributes, &mut Attributes::new()));
        for attribute in self.sources().attribute_names(&dataset_path, &dataset_object)? {
            lost.push(format!("{attribute} of the dataset `image`"));
        }
        self.note_others(&path, &inside, |name| name == "image")?;
        self.note_comment(&path, &object);
        self.note_comment(&dataset_path, &dataset_object);
        Ok((Image { group: object.address(), way, shape, pixels }, codes))
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

    fn sources(&self) -> Sources<'_, 's> {
        Sources { file: &self.file, backend: self.backend }
    }

    /// Chooses who reads the rows of an image.
    fn reading(&self, image: u32) -> Result<Reading, Error> {
        let Image { way, shape, pixels, .. } = self.of(image);
        Ok(match way {
            Way::File(_) => {
                let rows = Rows::new(self.dataset(image)?, *shape, &self.file, self.cross_check)?;
                Reading::File(Box::new(rows))
            }
            Way::Backend(chunk) => {
                let rows = BackendRows::new(dataset_path(image), chunk.as_deref(), *shape, *pixels)?;
                Reading::Backend(Box::new(rows))
            }
        })
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

fn group_path(image: u32) -> String {
    format!("/MDF/images/{image}")
}

fn dataset_path(image: u32) -> String {
    format!("/MDF/images/{image}/image")
}

fn listed(names: &[String]) -> String {
    let few = &names[..names.len().min(MOST_NAMES)].join(", ");
    match names.len() - names.len().min(MOST_NAMES) {
        0 => few.clone(),
        more => format!("{few} and {more} more"),
    }
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
        let mut held = self.rows.borrow_mut();
        if held.as_ref().is_none_or(|(of, _)| *of != image) {
            *held = Some((image, self.reading(image)?));
        }
        match held.as_mut() {
            Some((_, held)) => held.read(self.sources(), rows, bytes),
            None => Ok(()),
        }
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

    fn warnings(&self) -> Vec<String> {
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
