//! Writes EMAN2's layout.

use super::original;
use crate::encode::Level;
use crate::encode::shuffle::shuffles;
use crate::error::Error;
use crate::formats::hdf5::{
    Appender, Chunk, Dataset, ElementType, Group, ObjectHeader, Storage, chunk_index, write_group,
};
use crate::image::Images;
use crate::image::attributes::{Attributes, PREFIX, Value};
use crate::io::checksum::Checksum;
use crate::io::sink::Sink;
use crate::pipeline::tiling::Tiling;
use crate::quantise::Encoding;
use crate::verify::readback::{Chunks, Manifest};

/// An EMAN2 file while it is written, image after image.
pub struct EmanFile<'s> {
    out: Appender<'s>,
    /// `None` is the default, which is not told.
    level: Option<Level>,
    /// Chunks of the image at hand; one piece when it is stored contiguously.
    chunks: Vec<Chunk>,
    /// Object header of each finished image's group.
    images: Vec<u64>,
    /// The checksum at the end of each chunk.
    checksums: Vec<[u8; 4]>,
    /// Of the attributes of each finished image, where they are to be proven.
    attributes: Option<Vec<Checksum>>,
    /// What is kept beside the images.
    original: Option<Group>,
    /// Attributes of the image before this one.
    before: AttributeMessages,
}

/// Attributes of an image as they are in its header. Most of them are the next image's, too, and copying a message
/// takes a fraction of the time that making it does.
#[derive(Default)]
struct AttributeMessages {
    attributes: Attributes,
    header: ObjectHeader,
    /// Where the message of each ends.
    ends: Vec<usize>,
}

impl AttributeMessages {
    /// Makes the messages of an image's attributes, after those of the image before it.
    fn after(before: &Self, attributes: Attributes) -> Result<Self, Error> {
        let mut header = ObjectHeader::new();
        let mut ends = Vec::with_capacity(attributes.iter().len());
        let mut name = String::new();
        let mut earlier = before.attributes.iter();
        let mut start = 0;
        for (place, found) in attributes.iter().enumerate() {
            let end = before.ends.get(place).copied().unwrap_or(start);
            if earlier.next() == Some(found) {
                header.repeat(&before.header, start..end);
            } else {
                name.clear();
                if !found.foreign {
                    name.push_str(PREFIX);
                }
                name.push_str(&found.name);
                let added = header.attribute(&name, &found.value);
                added.map_err(|_| Error::AttributeTooLong(name.clone()))?;
            }
            ends.push(header.length());
            start = end;
        }
        Ok(Self { attributes, header, ends })
    }
}

impl<'s> EmanFile<'s> {
    /// Creates an empty file.
    #[must_use]
    pub fn new(sink: &'s mut dyn Sink, level: Option<Level>) -> Self {
        Self {
            out: Appender::new(sink),
            level,
            chunks: Vec::new(),
            images: Vec::new(),
            checksums: Vec::new(),
            attributes: None,
            original: None,
            before: AttributeMessages::default(),
        }
    }

    /// Has the attributes of each image read back when the output is, if told so.
    #[must_use]
    pub fn proving(self, proves: bool) -> Self {
        Self { attributes: proves.then(Vec::new), ..self }
    }

    /// Tells where the next byte will be.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.out.end()
    }

    /// Appends what is kept of the file that `images` came from beside them.
    ///
    /// # Errors
    /// [`Error::Write`] when the sink fails, and what reading it fails with.
    pub fn keep_original(&mut self, images: &dyn Images) -> Result<(), Error> {
        self.original = original::write(&mut self.out, images, self.level)?;
        Ok(())
    }

    /// Appends the next chunk of the image at hand, or the next piece of a contiguous one.
    ///
    /// # Errors
    /// [`Error::Write`] when the sink fails, [`Error::ChunkTooLarge`].
    pub fn append(&mut self, bytes: &[u8], encoding: &Encoding) -> Result<(), Error> {
        let chunked = !matches!(encoding, Encoding::Raw);
        let size = u32::try_from(bytes.len()).map_err(|_| Error::ChunkTooLarge(bytes.len() as u64))?;
        let address = self.out.append(bytes)?;
        // A contiguous dataset is known by where it starts.
        if chunked || self.chunks.is_empty() {
            self.chunks.push(Chunk { address, size });
            if chunked {
                self.checksums.extend(bytes.last_chunk());
            }
        }
        Ok(())
    }

    /// Goes past the next chunk of the image at hand, or all of a contiguous one, which is there already.
    ///
    /// # Errors
    /// [`Error::Write`] when the sink fails.
    pub fn pass_by(&mut self, bytes: u64) -> Result<(), Error> {
        // The size of a contiguous dataset is told by its shape.
        let size = u32::try_from(bytes).unwrap_or(u32::MAX);
        let address = self.out.skip(bytes)?;
        self.chunks.push(Chunk { address, size });
        Ok(())
    }

    /// Appends the metadata of the image at hand: dataset, attributes, group.
    ///
    /// # Errors
    /// [`Error::Write`] when the sink fails, [`Error::AttributeTooLong`].
    pub fn finish_image(
        &mut self,
        tiling: Tiling,
        encoding: &Encoding,
        attributes: Attributes,
    ) -> Result<(), Error> {
        if let Some(checksums) = &mut self.attributes {
            checksums.push(attributes.checksum());
        }
        let element = ElementType::Number(encoding.element());
        let extent = tiling.chunk_dimensions();
        let storage = if matches!(encoding, Encoding::Raw) {
            Storage::Contiguous { address: self.chunks[0].address }
        } else {
            let base = self.out.align()?;
            let (bytes, index) =
                chunk_index(base, &self.chunks, &extent, |chunk| tiling.chunk_offset(chunk as u64));
            self.out.append(&bytes)?;
            Storage::Chunked {
                index,
                extent: &extent,
                level: self.level.unwrap_or_default().get(),
                shuffled: shuffles(element.size()),
            }
        };
        self.chunks.clear();
        let dimensions = tiling.shape().dimensions();
        let dataset = Dataset { dimensions: &dimensions, element, storage };
        let address = self.out.align()?;
        self.out.append(&dataset.header().bytes())?;

        self.before = AttributeMessages::after(&self.before, attributes)?;
        let header = self.before.header.clone();
        let group = write_group(&mut self.out, 1, |_| ("image".into(), address), header)?;
        self.images.push(group.header);
        Ok(())
    }

    /// Appends the groups above the images and completes the file; returns what it takes to prove it.
    ///
    /// # Errors
    /// [`Error::Write`] when the sink fails.
    pub fn finish(mut self) -> Result<Manifest, Error> {
        let (images, checksums, attributes) = (self.images, self.checksums, self.attributes);
        let order = decimal_order(images.len() as u32);
        let highest = Value::Int(images.len() as i32 - 1);
        let member = |place: usize| (order[place].to_string(), images[order[place] as usize]);
        let mut header = ObjectHeader::new();
        let name = "imageid_max";
        header.attribute(name, &highest).map_err(|_| Error::AttributeTooLong(name.into()))?;
        let images = write_group(&mut self.out, order.len(), member, header)?;
        let parent = |name: &'static str, child: Group| move |_| (name.to_owned(), child.header);
        let mdf = write_group(&mut self.out, 1, parent("images", images), ObjectHeader::new())?;
        // In the order of their names.
        let mut members = vec![("MDF", mdf.header)];
        members.extend(self.original.map(|group| (original::GROUP, group.header)));
        let member = |place: usize| (members[place].0.to_owned(), members[place].1);
        let root = write_group(&mut self.out, members.len(), member, ObjectHeader::new())?;
        let chunks = Chunks { images: order.len() as u32, checksums, attributes };
        Ok(Manifest { written: self.out.finish(root)?, chunks: Some(chunks) })
    }
}

/// Lists the numbers 0..count in the order of their decimal text: 0, 1, 10, 100, 101, ..., 2, 20.
fn decimal_order(count: u32) -> Vec<u32> {
    fn below(prefix: u32, count: u32, order: &mut Vec<u32>) {
        if prefix < count {
            order.push(prefix);
            if let Some(tens) = prefix.checked_mul(10) {
                for digit in 0..10 {
                    below(tens.saturating_add(digit), count, order);
                }
            }
        }
    }
    let mut order = Vec::with_capacity(count as usize);
    if count > 0 {
        order.push(0);
    }
    for first in 1..10 {
        below(first, count, &mut order);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn order_of_text() {
        for count in [0, 1, 2, 9, 10, 11, 99, 100, 101, 1234] {
            let mut sorted: Vec<u32> = (0..count).collect();
            sorted.sort_by_key(u32::to_string);
            assert_eq!(decimal_order(count), sorted, "{count}");
        }
    }

    #[test]
    fn repeated_messages_are_those_that_are_made() {
        let attributes = |values: &[(&'static str, i32)], text: &[u8]| {
            let mut attributes = Attributes::new();
            for &(name, value) in values {
                attributes.int(name, value);
            }
            attributes.text("label", text);
            attributes.keep("foreign", Value::Double(0.5));
            attributes
        };
        let mut before = AttributeMessages::default();
        for image in [
            attributes(&[("a", 1), ("b", 2)], b"short"),
            attributes(&[("a", 1), ("b", 3)], b"a text that takes more room"),
            attributes(&[("a", 1), ("b", 3), ("c", 4)], b"a text that takes more room"),
            attributes(&[("b", 3)], b""),
            attributes(&[("b", 3)], b""),
        ] {
            let made = AttributeMessages::after(&AttributeMessages::default(), image.clone()).unwrap();
            let repeated = AttributeMessages::after(&before, image).unwrap();
            assert_eq!(repeated.header.bytes(), made.header.bytes());
            assert_eq!(repeated.ends, made.ends);
            before = repeated;
        }
    }
}
