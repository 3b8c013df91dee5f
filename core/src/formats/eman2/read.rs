//! Reads EMAN2's layout: see [`Eman`].

use std::cell::RefCell;
use std::ops::Range;

use super::carried::{keep, source};
use super::elements::{BackendRows, Elements, Reading, Sources, Way};
use super::rows::Rows;
use super::storage;
use super::{Backend, EmanError, InputAttribute, NAME};
use crate::error::Error;
use crate::formats::OpenOptions;
use crate::formats::hdf5::read::{Dataset, File, Group, Object, ObjectKind, Target};
use crate::image::Images;
use crate::image::PixelType;
use crate::image::Shape;
use crate::image::attributes::{Attributes, PREFIX};
use crate::image::pixels::Pixels;
use crate::image::{Declared, Storage};
use crate::io::source::Source;
use crate::quantise::Range as Span;
use crate::quantise::Scale;

/// Names of what is not carried over that a message lists, at most.
const MOST_NAMES: usize = 8;

/// An HDF5 file of EMAN2's layout, by whatever program and with whatever features of HDF5.
///
/// Codes are scaled back to values, as EMAN2 does. Attributes travel along, but for those the walk
/// tells anew: extent, statistics, storage, source.
pub struct Eman<'s> {
    file: File<'s>,
    backend: Option<&'s dyn Backend>,
    images: Vec<Image>,
    /// The image whose rows were read last.
    rows: RefCell<Option<(u32, Reading)>>,
    /// Streams are inflated by two libraries.
    cross_check: bool,
    not_carried: Vec<String>,
    warnings: Vec<String>,
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
        let file = File::open(source)?;
        let mut found = Self {
            file,
            backend: options.backend,
            images: Vec::new(),
            rows: RefCell::new(None),
            cross_check: options.cross_check,
            not_carried: Vec::new(),
            warnings: Vec::new(),
        };
        found.note_surroundings();
        let images = found.folder()?;
        found.note_comment("/MDF/images", &images);
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
        let mut path = String::new();
        for name in ["MDF", "images"] {
            if object.kind() != ObjectKind::Group {
                return Err(EmanError::NotEman.into());
            }
            let group = object.group(&self.file)?;
            let Some(Target::Object(address)) = group.find(&self.file, name)? else {
                return Err(EmanError::NotEman.into());
            };
            self.note_comment(&format!("{path}/"), &object);
            for attribute in self.sources().attribute_names(&format!("{path}/"), &object)? {
                self.not_carried.push(format!("the attribute {attribute} of {path}/"));
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

    /// Counts the images, by `imageid_max` or, without it, one by one.
    fn count(&mut self, images: &Object, group: &Group) -> Result<u32, Error> {
        let mut highest = None;
        for attribute in self.sources().attributes("/MDF/images", images)? {
            match attribute.number() {
                Some(value) if attribute.name() == "imageid_max" && value.fract() == 0.0 => {
                    highest = Some(value as i64);
                }
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
        self.not_carried.extend(others.map(|link| format!("{path}/{}", link.name)));
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
        let (path, dataset_path) = (group_path(image), dataset_path(image));
        let attributes = self.sources().attributes(&path, &object)?;
        let Elements { way, shape, mut pixels } =
            self.sources().elements(image, &dataset_path, &dataset_object)?;
        if !matches!(pixels.kind, PixelType::F16 | PixelType::F32 | PixelType::F64) {
            pixels.scale = scale(image, &attributes)?;
        }
        lost.extend(keep(attributes, &mut Attributes::new()));
        for attribute in self.sources().attribute_names(&dataset_path, &dataset_object)? {
            lost.push(format!("{attribute} of the dataset `image`"));
        }
        self.note_others(&path, &inside, |name| name == "image")?;
        self.note_comment(&path, &object);
        self.note_comment(&dataset_path, &dataset_object);
        Ok(Image { group: address, way, shape, pixels })
    }

    fn dataset(&self, image: u32) -> Result<Dataset, Error> {
        match self.of(image).way {
            Way::File(address) => Ok(self.file.object(address)?.dataset(&self.file)?),
            Way::Backend(_) => Err(EmanError::Unseen { image }.into()),
        }
    }

    fn group_attributes(&self, image: u32) -> Result<Vec<InputAttribute>, Error> {
        let group = self.file.object(self.of(image).group)?;
        self.sources().attributes(&group_path(image), &group)
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

/// Returns the number that an attribute of EMAN2's is.
fn named(attributes: &[InputAttribute], wanted: &str) -> Option<f64> {
    attributes.iter().find(|attribute| attribute.name().strip_prefix(PREFIX) == Some(wanted))?.number()
}

/// Reads how EMAN2 scales the codes.
fn scale(image: u32, attributes: &[InputAttribute]) -> Result<Option<Scale>, Error> {
    let named = |wanted| named(attributes, wanted);
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
        attributes.text("ImageEndian", b"big");
        keep(self.group_attributes(image)?, &mut attributes);
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

    fn is_self_checking(&self) -> bool {
        true
    }

    fn storage(&self, image: u32) -> Result<Option<Storage>, Error> {
        storage::of(&self.dataset(image)?, &self.file).map(Some)
    }
}
