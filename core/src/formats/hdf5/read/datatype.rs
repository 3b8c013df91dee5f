//! Datatypes (specification, IV.A.2.d): what one element is.

use super::cursor::{Cursor, text};
use super::object::shared_address;
use super::{ByteOrder, File, HdfError, Number, NumberKind};

/// Deepest nesting of datatypes that is read.
const MAX_DEPTH: usize = 16;

/// Filling of a text's element behind the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// Ends at the first NUL.
    NulTerminated,
    /// Filled with NULs.
    Nul,
    /// Filled with spaces.
    Space,
}

/// The code of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Character {
    /// ASCII.
    Ascii,
    /// UTF-8.
    Utf8,
}

/// A member of a compound.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Name of the member.
    pub name: String,
    /// Offset in the element.
    pub offset: u32,
    /// Type of the member.
    pub datatype: Datatype,
}

/// Kind of an element.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Class {
    /// A plain number.
    Number(Number),
    /// A number of another layout, such as integers that leave bits unused or floats that are not
    /// IEEE's.
    OddNumber {
        /// Kind of the number; of a float, that it is one.
        kind: NumberKind,
        /// Description of the layout.
        layout: &'static str,
    },
    /// Text of fixed length.
    Text {
        /// Filling behind the text.
        padding: Padding,
        /// Character set.
        character: Character,
    },
    /// Text of any length, in the global heap.
    VariableText {
        /// Filling behind the text.
        padding: Padding,
        /// Character set.
        character: Character,
    },
    /// Any number of elements, in the global heap.
    VariableSequence(Box<Datatype>),
    /// Named parts.
    Compound(Vec<Member>),
    /// A fixed number of elements.
    Array {
        /// Slowest first.
        dimensions: Vec<u32>,
        /// Type of the elements.
        base: Box<Datatype>,
    },
    /// Named values of an integer type; truth values are written so by h5py.
    Enumeration {
        /// The integers.
        base: Box<Datatype>,
        /// Each name with its value's bytes.
        members: Vec<(String, Vec<u8>)>,
    },
    /// A class without use for images: says which.
    Other(&'static str),
}

/// A datatype.
#[derive(Clone, Debug, PartialEq)]
pub struct Datatype {
    /// Bytes of one element.
    pub size: u32,
    /// Kind of an element.
    pub class: Class,
    /// Offset of the datatype in the source.
    pub(super) offset: u64,
}

impl Datatype {
    /// Returns the type of number that an element is.
    ///
    /// # Errors
    /// [`HdfError::Unsupported`] when it is anything else.
    pub fn number(&self) -> Result<Number, HdfError> {
        let name = match &self.class {
            Class::Number(number) => return Ok(*number),
            Class::OddNumber { layout, .. } => layout,
            Class::Other(name) => name,
            Class::Text { .. } | Class::VariableText { .. } => "text",
            Class::VariableSequence(_) => "sequences of variable length",
            Class::Compound(_) => "compounds",
            Class::Array { .. } => "arrays",
            Class::Enumeration { .. } => "enumerations",
        };
        let feature = format!("a dataset whose elements are {name}").into();
        Err(HdfError::Unsupported { feature, offset: self.offset })
    }

    /// Lists the plain numbers an element is made of, in order, each with its place in the element: members of
    /// compounds, elements of arrays, the integer of an enumeration. Returns `None` when there is anything but
    /// numbers in it, or more numbers than bytes.
    #[must_use]
    pub fn numbers(&self) -> Option<Vec<(u32, Number)>> {
        let mut found = Vec::new();
        self.add_numbers(0, self.size as usize, &mut found)?;
        Some(found)
    }

    fn add_numbers(&self, offset: u32, most: usize, found: &mut Vec<(u32, Number)>) -> Option<()> {
        match &self.class {
            Class::Number(number) => found.push((offset, *number)),
            Class::Enumeration { base, .. } => base.add_numbers(offset, most, found)?,
            Class::Compound(members) => {
                for member in members {
                    member.datatype.add_numbers(offset.checked_add(member.offset)?, most, found)?;
                }
            }
            Class::Array { base, .. } => {
                let count = self.size.checked_div(base.size)?;
                for index in 0..count {
                    base.add_numbers(offset.checked_add(index * base.size)?, most, found)?;
                }
            }
            _ => return None,
        }
        (found.len() <= most).then_some(())
    }

    /// Follows a reference to a committed datatype.
    pub(super) fn committed(fields: &mut Cursor<'_>, file: &File<'_>) -> Result<Self, HdfError> {
        let address = shared_address(fields)?;
        file.object(address)?.committed(file)
    }

    pub(super) fn read(fields: &mut Cursor<'_>) -> Result<Self, HdfError> {
        Self::nested(fields, 0)
    }

    fn nested(fields: &mut Cursor<'_>, depth: usize) -> Result<Self, HdfError> {
        if depth > MAX_DEPTH {
            return Err(fields.unsupported(format!("a datatype nested more than {MAX_DEPTH} deep")));
        }
        let offset = fields.here();
        let class_and_version = fields.u8()?;
        let (class, version) = (class_and_version & 15, class_and_version >> 4);
        if !(1..=5).contains(&version) {
            return Err(fields.unsupported(format!("version {version} of datatypes")));
        }
        let bits = fields.uint(3)? as u32;
        let size = fields.u32()?;
        if size == 0 && class != STRING {
            return Err(fields.damaged("elements of a datatype take no bytes"));
        }
        let class = match class {
            FIXED_POINT => fixed_point(fields, bits, size)?,
            FLOATING_POINT => floating_point(fields, bits, size)?,
            TIME => skipped(fields, 2, "times")?,
            STRING => {
                Class::Text { padding: padding(fields, bits)?, character: character(fields, bits >> 4)? }
            }
            BIT_FIELD => skipped(fields, 4, "bit fields")?,
            OPAQUE => skipped(fields, ((bits & 0xff) as usize).next_multiple_of(8), "opaque")?,
            COMPOUND => compound(fields, bits, size, version, depth)?,
            REFERENCE => Class::Other("references"),
            ENUMERATION => enumeration(fields, bits, version, depth)?,
            VARIABLE => {
                let base = Box::new(Self::nested(fields, depth + 1)?);
                if bits & 15 == 1 {
                    let character = character(fields, bits >> 8)?;
                    Class::VariableText { padding: padding(fields, bits >> 4)?, character }
                } else {
                    Class::VariableSequence(base)
                }
            }
            ARRAY => array(fields, size, version, depth)?,
            COMPLEX => {
                Self::nested(fields, depth + 1)?;
                Class::Other("complex numbers")
            }
            _ => return Err(fields.unsupported(format!("datatype class {class}"))),
        };
        Ok(Self { size, class, offset })
    }
}

const FIXED_POINT: u8 = 0;
const FLOATING_POINT: u8 = 1;
const TIME: u8 = 2;
const STRING: u8 = 3;
const BIT_FIELD: u8 = 4;
const OPAQUE: u8 = 5;
const COMPOUND: u8 = 6;
const REFERENCE: u8 = 7;
const ENUMERATION: u8 = 8;
const VARIABLE: u8 = 9;
const ARRAY: u8 = 10;
const COMPLEX: u8 = 11;

fn skipped(fields: &mut Cursor<'_>, bytes: usize, name: &'static str) -> Result<Class, HdfError> {
    fields.skip(bytes)?;
    Ok(Class::Other(name))
}

fn padding(fields: &Cursor<'_>, bits: u32) -> Result<Padding, HdfError> {
    match bits & 15 {
        0 => Ok(Padding::NulTerminated),
        1 => Ok(Padding::Nul),
        2 => Ok(Padding::Space),
        other => Err(fields.damaged(format!("text has padding {other}, which is not defined"))),
    }
}

fn character(fields: &Cursor<'_>, bits: u32) -> Result<Character, HdfError> {
    match bits & 15 {
        0 => Ok(Character::Ascii),
        1 => Ok(Character::Utf8),
        other => Err(fields.damaged(format!("text has character set {other}, which is not defined"))),
    }
}

fn order(bits: u32) -> ByteOrder {
    if bits & 1 == 0 { ByteOrder::Little } else { ByteOrder::Big }
}

fn fixed_point(fields: &mut Cursor<'_>, bits: u32, size: u32) -> Result<Class, HdfError> {
    const SIGNED: u32 = 8;
    let (first_bit, precision) = (fields.u16()?, fields.u16()?);
    let kind = if bits & SIGNED == 0 { NumberKind::Unsigned } else { NumberKind::Signed };
    Ok(if ![1, 2, 4, 8].contains(&size) {
        Class::OddNumber { kind, layout: "integers of another width than 1, 2, 4 or 8 bytes" }
    } else if first_bit != 0 || u32::from(precision) != 8 * size {
        Class::OddNumber { kind, layout: "integers that leave bits of their bytes unused" }
    } else {
        Class::Number(Number { kind, size: size as u8, order: order(bits) })
    })
}

fn floating_point(fields: &mut Cursor<'_>, bits: u32, size: u32) -> Result<Class, HdfError> {
    const VAX: u32 = 1 << 6;
    const LEADING_1_IMPLIED: u32 = 2;
    let (first_bit, precision) = (fields.u16()?, fields.u16()?);
    let exponent = (fields.u8()?, fields.u8()?); // place and width
    let mantissa = (fields.u8()?, fields.u8()?);
    let excess = fields.u32()?; // of the exponent
    let sign = bits >> 8 & 0xff;
    let odd = |layout| Ok(Class::OddNumber { kind: NumberKind::Float, layout });
    if bits & VAX != 0 {
        return odd("floats in the VAX's byte order");
    }
    let (exponent_bits, mantissa_bits) = match size {
        2 => (5, 10),
        4 => (8, 23),
        8 => (11, 52),
        _ => return odd("floats of another width than 2, 4 or 8 bytes"),
    };
    let ieee = first_bit == 0
        && u32::from(precision) == 8 * size
        && sign == 8 * size - 1
        && bits >> 4 & 3 == LEADING_1_IMPLIED
        && exponent == (mantissa_bits, exponent_bits)
        && mantissa == (0, mantissa_bits)
        && excess == (1 << (exponent_bits - 1)) - 1;
    if !ieee {
        return odd("floats that are not IEEE half, single or double");
    }
    Ok(Class::Number(Number { kind: NumberKind::Float, size: size as u8, order: order(bits) }))
}

fn compound(
    fields: &mut Cursor<'_>,
    bits: u32,
    size: u32,
    version: u8,
    depth: usize,
) -> Result<Class, HdfError> {
    let count = bits & 0xffff;
    if count == 0 {
        return Err(fields.damaged("a compound has no members"));
    }
    let offset_bytes = if version < 3 { 4 } else { (size.ilog2() / 8 + 1) as usize };
    let mut members = Vec::new();
    for _ in 0..count {
        let start = fields.taken();
        let name = text(fields.until_nul()?);
        if version < 3 {
            fields.pad(start)?;
        }
        let offset = fields.uint(offset_bytes)? as u32;
        let mut repeated = Vec::new();
        if version == 1 {
            let rank = usize::from(fields.u8()?);
            fields.skip(3 + 4 + 4)?; // reserved, order of dimensions, reserved
            let sides = [fields.u32()?, fields.u32()?, fields.u32()?, fields.u32()?];
            let sides =
                sides.get(..rank).ok_or_else(|| fields.damaged("a member has more than 4 dimensions"))?;
            repeated.extend_from_slice(sides);
        }
        let mut datatype = Datatype::nested(fields, depth + 1)?;
        if !repeated.is_empty() {
            datatype = arranged(fields, repeated, datatype)?;
        }
        if offset.checked_add(datatype.size).is_none_or(|end| end > size) {
            return Err(fields.damaged("a member ends after its compound does"));
        }
        members.push(Member { name, offset, datatype });
    }
    Ok(Class::Compound(members))
}

fn array(fields: &mut Cursor<'_>, size: u32, version: u8, depth: usize) -> Result<Class, HdfError> {
    let rank = usize::from(fields.u8()?);
    fields.skip(if version < 3 { 3 } else { 0 })?;
    let dimensions = (0..rank).map(|_| fields.u32()).collect::<Result<Vec<_>, _>>()?;
    fields.skip(if version < 3 { 4 * rank } else { 0 })?; // order of dimensions
    let base = Datatype::nested(fields, depth + 1)?;
    let array = arranged(fields, dimensions, base)?;
    if array.size != size {
        return Err(fields.damaged("an array's elements do not make its size"));
    }
    Ok(array.class)
}

/// Makes an array of `base`.
fn arranged(fields: &Cursor<'_>, dimensions: Vec<u32>, base: Datatype) -> Result<Datatype, HdfError> {
    let size = dimensions.iter().try_fold(base.size, |size, &side| size.checked_mul(side));
    let size = size.filter(|&size| size > 0);
    let size = size.ok_or_else(|| fields.damaged("an array's size is 0 or beyond 4 GiB"))?;
    let offset = base.offset;
    Ok(Datatype { size, class: Class::Array { dimensions, base: Box::new(base) }, offset })
}

fn enumeration(fields: &mut Cursor<'_>, bits: u32, version: u8, depth: usize) -> Result<Class, HdfError> {
    let count = (bits & 0xffff) as usize;
    let base = Box::new(Datatype::nested(fields, depth + 1)?);
    let mut names = Vec::new();
    for _ in 0..count {
        let start = fields.taken();
        names.push(text(fields.until_nul()?));
        if version < 3 {
            fields.pad(start)?;
        }
    }
    let mut members = Vec::new();
    for name in names {
        members.push((name, fields.take(base.size as usize)?.to_vec()));
    }
    Ok(Class::Enumeration { base, members })
}
