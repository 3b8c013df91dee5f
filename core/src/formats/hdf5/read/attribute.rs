//! Attributes (specification, IV.A.2.m and IV.A.2.v): small named arrays kept with an object.

use std::borrow::Cow;

use super::btree2::Tree2;
use super::cursor::{Cursor, text};
use super::heap_fractal::Heap;
use super::object::kind;
use super::{Class, Dataspace, Datatype, File, HdfError, Object, Padding, heap_global};

/// A name and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// The name.
    pub name: String,
    /// Type of one element.
    pub datatype: Datatype,
    /// The datatype message as stored; a reference to it when the datatype is a committed one.
    pub datatype_bytes: Vec<u8>,
    /// The datatype is a committed one, an object of its own in the file.
    pub committed: bool,
    /// The shape.
    pub dataspace: Dataspace,
    /// The dataspace message as stored.
    pub dataspace_bytes: Vec<u8>,
    /// The elements as stored: of variable-length ones, the references into the global heap.
    pub data: Vec<u8>,
}

impl Attribute {
    /// Returns the value, when it is one integer or enumerated value within [`i64`].
    #[must_use]
    pub fn integer(&self) -> Option<i64> {
        match self.integers()?[..] {
            [value] => Some(value),
            _ => None,
        }
    }

    /// Returns the value, when it is one number.
    #[must_use]
    pub fn float(&self) -> Option<f64> {
        match self.floats()?[..] {
            [value] => Some(value),
            _ => None,
        }
    }

    /// Returns all integers of the attribute, when it is made of nothing else.
    #[must_use]
    pub fn integers(&self) -> Option<Vec<i64>> {
        let numbers = self.datatype.numbers()?;
        let elements = self.data.chunks_exact(self.datatype.size as usize);
        elements
            .flat_map(|element| {
                numbers.iter().map(|(at, number)| number.integer(element.get(*at as usize..)?))
            })
            .collect()
    }

    /// Returns all numbers of the attribute, compounds and arrays flattened in order, when it is made of nothing
    /// else.
    #[must_use]
    pub fn floats(&self) -> Option<Vec<f64>> {
        let numbers = self.datatype.numbers()?;
        let elements = self.data.chunks_exact(self.datatype.size as usize);
        elements
            .flat_map(|element| {
                numbers.iter().map(|(at, number)| Some(number.float(element.get(*at as usize..)?)))
            })
            .collect()
    }

    /// Reads the value, when it is one text, of fixed or of variable length; `None` otherwise.
    ///
    /// # Errors
    /// When the global heap, where variable-length text is, is damaged.
    pub fn text(&self, file: &File<'_>) -> Result<Option<String>, HdfError> {
        Ok(match self.texts(file)? {
            Some(mut texts) if texts.len() == 1 => texts.pop(),
            _ => None,
        })
    }

    /// Reads all texts, when the attribute is made of them.
    ///
    /// # Errors
    /// See [`Attribute::text`].
    pub fn texts(&self, file: &File<'_>) -> Result<Option<Vec<String>>, HdfError> {
        let size = self.datatype.size as usize;
        match self.datatype.class {
            Class::Text { padding, .. } if size > 0 => Ok(Some(
                self.data.chunks_exact(size).map(|element| text(trimmed(element, padding))).collect(),
            )),
            // Elements without bytes cannot be counted by their bytes.
            Class::Text { .. } => Ok((self.dataspace.elements() == 1).then(|| vec![String::new()])),
            Class::VariableText { padding, .. } => {
                // Elements may share their text, so what all of them take is bounded here.
                let mut budget = file.budget("text of variable length", 0);
                let mut texts = Vec::new();
                for reference in self.data.chunks_exact(size) {
                    let found = heap_global::sequence(file, reference, 1)?;
                    budget.spend(found.len() as u64)?;
                    texts.push(text(trimmed(&found, padding)));
                }
                Ok(Some(texts))
            }
            _ => Ok(None),
        }
    }

    fn read(fields: &mut Cursor<'_>, file: &File<'_>) -> Result<Self, HdfError> {
        const DATATYPE_SHARED: u8 = 1;
        const DATASPACE_SHARED: u8 = 2;
        let version = fields.u8()?;
        let flags = fields.u8()?;
        let padded = match version {
            1 => true,
            2 | 3 => false,
            _ => return Err(fields.unknown_version(version)),
        };
        let flags = if padded { 0 } else { flags };
        let (name_bytes, datatype_bytes, dataspace_bytes) = (fields.u16()?, fields.u16()?, fields.u16()?);
        if version == 3 {
            fields.skip(1)?; // character set of the name: ASCII is UTF-8, too
        }
        let mut part = |length: u16| -> Result<(&[u8], u64), HdfError> {
            let (start, offset) = (fields.taken(), fields.here());
            let bytes = fields.take(length.into())?;
            if padded {
                fields.pad(start)?;
            }
            Ok((bytes, offset))
        };
        let (name, _) = part(name_bytes)?;
        let (datatype_bytes, datatype_offset) = part(datatype_bytes)?;
        let (dataspace_bytes, dataspace_offset) = part(dataspace_bytes)?;
        if name.last() != Some(&0) {
            return Err(fields.damaged("its name has no end"));
        }
        let name = text(trimmed(name, Padding::NulTerminated));
        let mut inner = Cursor::new("an attribute's datatype", datatype_bytes, datatype_offset, file.widths);
        let committed = flags & DATATYPE_SHARED != 0;
        let datatype =
            if committed { Datatype::committed(&mut inner, file)? } else { Datatype::read(&mut inner)? };
        let mut inner =
            Cursor::new("an attribute's dataspace", dataspace_bytes, dataspace_offset, file.widths);
        if flags & DATASPACE_SHARED != 0 {
            return Err(inner.unsupported("a dataspace shared among objects"));
        }
        let dataspace = Dataspace::read(&mut inner)?;
        let length = dataspace.elements().checked_mul(datatype.size.into());
        let length = length.filter(|&length| length <= fields.remaining() as u64);
        let length = length.ok_or_else(|| fields.damaged(format!("the value of {name} is cut off")))?;
        let data = fields.take(length as usize)?.to_vec();
        let (datatype_bytes, dataspace_bytes) = (datatype_bytes.to_vec(), dataspace_bytes.to_vec());
        Ok(Self { name, datatype, datatype_bytes, committed, dataspace, dataspace_bytes, data })
    }
}

/// Removes what fills up a text's element.
fn trimmed(bytes: &[u8], padding: Padding) -> &[u8] {
    match padding {
        Padding::NulTerminated => bytes.split(|&byte| byte == 0).next().unwrap_or_default(),
        Padding::Nul => &bytes[..bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1)],
        Padding::Space => &bytes[..bytes.iter().rposition(|&byte| byte != b' ').map_or(0, |last| last + 1)],
    }
}

const WHAT: &str = "an attribute";

/// Reads all attributes of an object.
pub(super) fn all(object: &Object, file: &File<'_>) -> Result<Vec<Attribute>, HdfError> {
    let mut found = Vec::new();
    for message in object.messages(kind::ATTRIBUTE) {
        let mut fields = object.cursor(WHAT, message, file);
        if message.shared() {
            return Err(fields.unsupported("an attribute in a shared message table"));
        }
        found.push(Attribute::read(&mut fields, file)?);
    }
    if let Some(mut fields) = object.fields("an attribute info message", kind::ATTRIBUTE_INFO, file)? {
        dense(&mut fields, file, &mut found)?;
    }
    Ok(found)
}

/// Reads the attributes in a fractal heap, which a B-tree lists by name.
fn dense(fields: &mut Cursor<'_>, file: &File<'_>, found: &mut Vec<Attribute>) -> Result<(), HdfError> {
    const ORDERED: u8 = 1;
    const BY_NAME: u8 = 8;
    const SHARED: u8 = 2;
    const ID_BYTES: usize = 8;
    fields.version(0)?;
    if fields.u8()? & ORDERED != 0 {
        fields.skip(2)?;
    }
    let (Some(heap), Some(tree)) = (fields.address()?, fields.address()?) else { return Ok(()) };
    let heap = Heap::open(file, heap)?;
    let tree = Tree2::open(file, tree, &[BY_NAME])?;
    let mut budget = file.budget(WHAT, 0);
    let mut ordered = Vec::new();
    tree.for_each(file, &mut |mut record| {
        let id = record.take(ID_BYTES)?;
        if record.u8()? & SHARED != 0 {
            return Err(record.unsupported("an attribute in a shared message table"));
        }
        let order = record.u32()?;
        let message = heap.object(file, id, WHAT)?;
        budget.spend(message.bytes.len() as u64)?;
        ordered.push((order, Attribute::read(&mut message.cursor(), file)?));
        Ok(())
    })?;
    // By name among those whose order the file does not keep.
    ordered.sort_by(|a, b| (a.0, Cow::from(&a.1.name)).cmp(&(b.0, Cow::from(&b.1.name))));
    found.extend(ordered.into_iter().map(|(_, attribute)| attribute));
    Ok(())
}
