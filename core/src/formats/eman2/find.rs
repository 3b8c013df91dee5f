//! Finds the images in a file, and what else there is that a copy would not have.

use super::EmanError;
use super::links::{Leads, follow};
use super::original::{self, Original};
use super::read::{Eman, group_path};
use crate::error::Error;
use crate::formats::hdf5::read::{Group, Object, ObjectKind};

/// Names of what is not carried over that are kept of a group, at most.
const MOST_KEPT: usize = 1000;

/// Missing images that are counted, at most.
const MOST_MISSING: usize = 1000;

/// Groups of the root by which Digital Micrograph's files are known.
const DM5: [&str; 2] = ["DocumentObjectList", "ImageList"];

/// The attribute of the root by which EMAN1's files are known.
const EMAN1_COUNT: &str = "num_dataset";

/// What is found by an image's number.
pub(super) enum Found {
    /// It.
    Image(Box<FoundImage>),
    /// A link out of the file.
    Out,
    /// Nothing.
    Missing,
}

/// An image's group, opened too, and its dataset.
pub(super) struct FoundImage {
    pub(super) group: Object,
    pub(super) inside: Group,
    pub(super) dataset: Object,
}

impl Eman<'_> {
    /// Notes what lies around the HDF5 in the file.
    pub(super) fn note_surroundings(&mut self) {
        for (bytes, what) in
            [(self.file.user_block(), "the user block"), (self.file.trailing(), "what follows the end")]
        {
            if bytes > 0 {
                self.not_carried.push(format!("{what} ({bytes} bytes)"));
            }
        }
    }

    /// Notes that an object has a comment.
    pub(super) fn note_comment(&mut self, path: &str, object: &Object) {
        if object.has_comment() {
            self.not_carried.push(format!("the comment of {path}"));
        }
    }

    /// Finds the object `/MDF/images`. Notes what else there is above it.
    pub(super) fn folder(&mut self) -> Result<Object, Error> {
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
                let links = group.links(&self.file)?;
                let has = |name: &&str| links.iter().any(|link| link.name == *name);
                return Err(match path.is_empty() {
                    true if attributes.iter().any(|name| name == EMAN1_COUNT) => EmanError::Eman1,
                    true if DM5.iter().all(has) => EmanError::Dm5,
                    _ => EmanError::NotEman,
                }
                .into());
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
    pub(super) fn count(&mut self, images: &Object, group: &Group) -> Result<u32, Error> {
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
    pub(super) fn note_others(
        &mut self,
        path: &str,
        group: &Group,
        expected: impl Fn(&str) -> bool,
    ) -> Result<(), Error> {
        let links = group.links(&self.file)?;
        let mut others = links.iter().filter(|link| !expected(&link.name));
        self.not_carried.extend(others.by_ref().take(MOST_KEPT).map(|link| format!("{path}/{}", link.name)));
        match others.count() {
            0 => {}
            more => self.not_carried.push(format!("{more} more in {path}")),
        }
        Ok(())
    }

    /// Finds out which images are missing.
    pub(super) fn missing(&self, images: u32, group: &Group) -> Result<EmanError, Error> {
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
    pub(super) fn find(&self, image: u32, group: &Group) -> Result<Found, Error> {
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
}
