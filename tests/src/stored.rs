//! An output as libhdf5 sees it.

use hdf5::types::{FixedAscii, FloatSize, IntSize, TypeDescriptor};
use hdf5::{Attribute, Dataset, Error, File, Group};
use sha2::{Digest, Sha256};

/// An attribute's value with the type it is stored as.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `H5T_STD_I32LE`, one element.
    I32(i32),
    /// `H5T_IEEE_F32LE`, one element.
    F32(f32),
    /// `H5T_IEEE_F64LE`, one element.
    F64(f64),
    /// `H5T_STD_I8LE`, one element.
    I8(i8),
    /// Fixed-length ASCII of this stored size, scalar.
    Text(String, usize),
}

/// The group of an image.
///
/// # Errors
/// What libhdf5 reports.
pub fn image(file: &File, index: usize) -> Result<Group, Error> {
    file.group(&format!("MDF/images/{index}"))
}

/// Reads an attribute, insisting on EMAN2's shapes: numbers are arrays of one, text is scalar.
///
/// # Errors
/// What libhdf5 reports, and for any other type or shape.
pub fn attribute(group: &Group, name: &str) -> Result<Value, Error> {
    let attribute = group.attr(name)?;
    let kind = attribute.dtype()?.to_descriptor()?;
    if let TypeDescriptor::FixedAscii(size) = kind {
        if !attribute.shape().is_empty() {
            return Err(format!("{name} is text of shape {:?}", attribute.shape()).into());
        }
        let text = attribute.read_scalar::<FixedAscii<4096>>()?;
        return Ok(Value::Text(text.as_str().to_owned(), size));
    }
    if attribute.shape() != [1] {
        return Err(format!("{name} has shape {:?}", attribute.shape()).into());
    }
    Ok(match kind {
        TypeDescriptor::Integer(IntSize::U4) => Value::I32(one(&attribute)?),
        TypeDescriptor::Integer(IntSize::U1) => Value::I8(one(&attribute)?),
        TypeDescriptor::Float(FloatSize::U4) => Value::F32(one(&attribute)?),
        TypeDescriptor::Float(FloatSize::U8) => Value::F64(one(&attribute)?),
        other => return Err(format!("{name} is of type {other}").into()),
    })
}

fn one<T: hdf5::H5Type + Copy>(attribute: &Attribute) -> Result<T, Error> {
    Ok(attribute.read_1d::<T>()?[0])
}

/// NumPy's name of a dataset's type and the SHA-256 of its elements, little-endian in C order.
///
/// # Errors
/// What libhdf5 reports, and for any type EMAN2 files do not have.
pub fn fingerprint(dataset: &Dataset) -> Result<(&'static str, String), Error> {
    let (name, bytes) = match dataset.dtype()?.to_descriptor()? {
        TypeDescriptor::Unsigned(IntSize::U1) => ("|u1", dataset.read_raw::<u8>()?),
        TypeDescriptor::Unsigned(IntSize::U2) => {
            ("<u2", dataset.read_raw::<u16>()?.into_iter().flat_map(u16::to_le_bytes).collect())
        }
        TypeDescriptor::Float(FloatSize::U4) => {
            ("<f4", dataset.read_raw::<f32>()?.into_iter().flat_map(f32::to_le_bytes).collect())
        }
        other => return Err(format!("a dataset of type {other}").into()),
    };
    Ok((name, format!("{:x}", Sha256::digest(&bytes))))
}
