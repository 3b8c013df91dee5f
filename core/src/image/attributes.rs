//! Header attributes of an image, as EMAN2 keeps them: a name and a typed value.

use std::borrow::Cow;
use std::fmt;

use super::shape::Shape;
use crate::io::checksum::{Checksum, Summing};

/// A value, with the HDF5 type EMAN2 reads it as. Numbers are one-element arrays in the file.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// 32-bit integer. EMAN2 reads no other width.
    Int(i32),
    /// 32-bit float.
    Float(f32),
    /// 64-bit float.
    Double(f64),
    /// EMAN2's truth value, the character `T` or `F`.
    Bool(bool),
    /// Text, ASCII; the terminating NUL is added in the file.
    Text(String),
    /// Anything an HDF5 file may hold, kept as it is.
    Opaque(Box<OpaqueValue>),
}

/// An HDF5 attribute's value as it was found: a transform, an array, an integer of another width.
#[derive(Clone, Debug, PartialEq)]
pub struct OpaqueValue {
    /// Body of the datatype message.
    pub datatype: Vec<u8>,
    /// Body of the dataspace message.
    pub dataspace: Vec<u8>,
    /// The elements.
    pub data: Vec<u8>,
    /// Meaning of the value, if that is one number or text.
    pub meaning: Option<Value>,
}

impl Value {
    /// Returns the number that the value is, whatever its type.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Int(value) => Some((*value).into()),
            Self::Float(value) => Some((*value).into()),
            Self::Double(value) => Some(*value),
            Self::Opaque(kept) => kept.meaning.as_ref()?.number(),
            Self::Bool(_) | Self::Text(_) => None,
        }
    }

    /// Makes text from bytes that end at the first NUL; what is not ASCII becomes `?`, as in EMAN2.
    #[must_use]
    pub fn text(bytes: &[u8]) -> Self {
        let until_nul = bytes.iter().take_while(|&&byte| byte != 0);
        Self::Text(until_nul.map(|&byte| if byte.is_ascii() { byte as char } else { '?' }).collect())
    }
}

impl fmt::Display for Value {
    /// Writes the value for a message, on one line.
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(value) => write!(to, "{value}"),
            Self::Float(value) => write!(to, "{value:?}"),
            Self::Double(value) => write!(to, "{value:?}"),
            Self::Bool(value) => write!(to, "{value}"),
            Self::Text(text) => write!(to, "{text:?}"),
            Self::Opaque(kept) => match &kept.meaning {
                Some(value) => write!(to, "{value}"),
                None => write!(to, "an array of {} bytes", kept.data.len()),
            },
        }
    }
}

/// Prefix that EMAN2 puts before the names of an image's attributes in the file.
pub const PREFIX: &str = "EMAN.";

/// A named value.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// The name, such as `apix_x` or `MRC.nx`: without [`PREFIX`] where it is EMAN2's.
    pub name: Cow<'static, str>,
    /// The value.
    pub value: Value,
    /// Marks an attribute that is not EMAN2's: it has no prefix in the file.
    pub foreign: bool,
}

impl Attribute {
    /// Returns the name in the file, for a message: on one line.
    #[must_use]
    pub fn name_in_file(&self) -> String {
        let prefix = if self.foreign { "" } else { PREFIX };
        format!("{prefix}{}", self.name.escape_debug())
    }
}

/// Characters of a text that an HDF5 attribute holds, at most: 64 KiB with its name and type, which get 512 bytes.
pub const LONGEST_TEXT: usize = (64 << 10) - 512;

/// Attributes in the order they were added. Names are unique.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Attributes(Vec<Attribute>);

impl Attributes {
    /// Creates an empty list.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an attribute under a new name. A float that is not finite becomes 0, as in EMAN2.
    pub fn add(&mut self, name: impl Into<Cow<'static, str>>, value: Value) {
        let name = name.into();
        let value = match value {
            Value::Float(value) if !value.is_finite() => Value::Float(0.0),
            Value::Double(value) if !value.is_finite() => Value::Double(0.0),
            value => value,
        };
        debug_assert!(self.get(&name).is_none(), "{name} is set twice");
        self.0.push(Attribute { name, value, foreign: false });
    }

    /// Adds an attribute of an HDF5 file by its name there, as it is.
    pub fn keep(&mut self, name: &str, value: Value) {
        let (name, foreign) = name.strip_prefix(PREFIX).map_or((name, true), |name| (name, false));
        self.0.push(Attribute { name: name.to_owned().into(), value, foreign });
    }

    /// Adds an attribute unless there is one of that name.
    pub fn add_missing(&mut self, name: &'static str, value: Value) {
        if self.get(name).is_none() {
            self.add(name, value);
        }
    }

    /// Sets an attribute, whether there is one of that name or not.
    pub fn set(&mut self, name: &'static str, value: Value) {
        match self.0.iter_mut().find(|found| found.name == name && !found.foreign) {
            Some(found) => found.value = value,
            None => self.add(name, value),
        }
    }

    /// Sets nx, ny and nz, in front of all others unless they are there.
    pub fn set_extent(&mut self, shape: Shape) {
        let sides = [("nx", shape.nx), ("ny", shape.ny), ("nz", shape.nz)];
        for (place, (name, side)) in sides.into_iter().enumerate() {
            let value = Value::Int(side as i32);
            match self.0.iter_mut().find(|found| found.name == name && !found.foreign) {
                Some(found) => found.value = value,
                None => self.0.insert(place, Attribute { name: name.into(), value, foreign: false }),
            }
        }
    }

    /// Adds an integer.
    pub fn int(&mut self, name: impl Into<Cow<'static, str>>, value: i32) {
        self.add(name, Value::Int(value));
    }

    /// Adds a float.
    pub fn float(&mut self, name: impl Into<Cow<'static, str>>, value: f32) {
        self.add(name, Value::Float(value));
    }

    /// Adds text. It ends at the first NUL; what is not ASCII becomes `?`, as in EMAN2.
    pub fn text(&mut self, name: impl Into<Cow<'static, str>>, value: &[u8]) {
        self.add(name, Value::text(value));
    }

    /// Adds text as [`Attributes::text`] does, the first [`LONGEST_TEXT`] bytes of it: formats warn of the rest by
    /// [`crate::Warning::TextCut`].
    pub fn text_start(&mut self, name: impl Into<Cow<'static, str>>, value: &[u8]) {
        self.text(name, &value[..value.len().min(LONGEST_TEXT)]);
    }

    /// Returns the value of EMAN2's attribute of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        let found = self.0.iter().find(|found| found.name == name && !found.foreign)?;
        Some(&found.value)
    }

    /// Iterates over all attributes, in order.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Attribute> {
        self.0.iter()
    }

    /// Computes a checksum of all names, types and values, to the bit.
    #[must_use]
    pub fn checksum(&self) -> Checksum {
        let mut summing = Summing::default();
        let mut add = |bytes: &[u8]| {
            summing.update(&(bytes.len() as u64).to_le_bytes());
            summing.update(bytes);
        };
        for Attribute { name, value, foreign } in &self.0 {
            add(name.as_bytes());
            add(&[(*foreign).into()]);
            match value {
                Value::Int(value) => add(&[&[0][..], &value.to_le_bytes()].concat()),
                Value::Float(value) => add(&[&[1][..], &value.to_le_bytes()].concat()),
                Value::Double(value) => add(&[&[2][..], &value.to_le_bytes()].concat()),
                Value::Bool(value) => add(&[3, (*value).into()]),
                Value::Text(value) => add(&[&[4], value.as_bytes()].concat()),
                Value::Opaque(value) => {
                    // Its meaning follows from these.
                    add(&value.datatype);
                    add(&value.dataspace);
                    add(&value.data);
                }
            }
        }
        summing.finish()
    }
}
