//! Attributes of an HDF input: which travel along, and as what.

use std::collections::BTreeSet;

use crate::formats::hdf5::read::{Attribute, ByteOrder, Character, Class, File, HdfError, Number};
use crate::formats::hdf5::{ElementType, dataspace};
use crate::image::attributes::{Attributes, OpaqueValue, PREFIX, Value};
use crate::image::{NumberKind, PixelType};

/// What the walk tells anew of every image: extent and statistics, how it is stored, where it came
/// from. EMAN2 says "big" of the byte order of every HDF input.
const TOLD_ANEW: [&str; 25] = [
    "nx",
    "ny",
    "nz",
    "minimum",
    "maximum",
    "mean",
    "sigma",
    "square_sum",
    "mean_nonzero",
    "sigma_nonzero",
    "all_int",
    "datatype",
    "stored_renderbits",
    "stored_rendermin",
    "stored_rendermax",
    "stored_truncated",
    "render_compress_level",
    "render_min",
    "render_max",
    "render_bits",
    "changecount",
    "HostEndian",
    "ImageEndian",
    "source_path",
    "source_n",
];

/// An attribute of an HDF input, as far as it matters here.
#[derive(Clone, Debug, PartialEq)]
pub struct InputAttribute {
    /// Its name in the file.
    name: String,
    /// What a copy of the file gets; `None` when it cannot have it.
    value: Option<Value>,
    /// The value, when it is one number.
    number: Option<f64>,
}

impl InputAttribute {
    /// Wraps an attribute of the file.
    pub(super) fn stored(attribute: &Attribute, file: &File<'_>) -> Result<Self, HdfError> {
        let told_anew = is_told_anew(&attribute.name) && !is_source(&attribute.name);
        let value = if told_anew { None } else { value(attribute, file)? };
        Ok(Self { name: attribute.name.clone(), value, number: attribute.float() })
    }

    /// Makes an attribute of numbers of a type, `data` holding them little-endian, in C order. Without
    /// dimensions it is a scalar.
    #[must_use]
    pub fn numbers(name: String, kind: PixelType, dimensions: &[u64], data: Vec<u8>) -> Self {
        if matches!(kind, PixelType::U4 | PixelType::F16) {
            return Self::lost(name);
        }
        let element = ElementType::Number(kind);
        let number =
            Number { kind: kind.number_kind(), size: element.size() as u8, order: ByteOrder::Little };
        let one = data.len() == usize::from(number.size);
        let float = one.then(|| number.float(&data));
        let plain = if dimensions.len() < 2 && one { plain(number, &data) } else { None };
        let value = plain.map_or_else(
            || {
                let integer = if one { number.integer(&data) } else { None };
                let meaning = meaning(integer, float);
                let (datatype, dataspace) = (element.body(), dataspace(dimensions));
                Value::Opaque(Box::new(OpaqueValue { datatype, dataspace, data, meaning }))
            },
            |value| as_known(&name, value),
        );
        Self { name, value: Some(value), number: float }
    }

    /// Makes an attribute of texts. Without dimensions it is a scalar.
    #[must_use]
    pub fn texts(name: String, texts: &[String], character: Character, dimensions: &[u64]) -> Self {
        Self { name, value: Some(fixed(texts, character, &dataspace(dimensions))), number: None }
    }

    /// Makes an attribute that a copy of the file cannot have.
    #[must_use]
    pub fn lost(name: String) -> Self {
        Self { name, value: None, number: None }
    }

    /// Returns what a copy of the file gets.
    pub(super) fn value(&self) -> Option<&Value> {
        self.value.as_ref()
    }

    /// Returns the name in the file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the value, when it is one number.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        self.number
    }
}

/// Tells whether the writer says this anew.
fn is_told_anew(name: &str) -> bool {
    name.strip_prefix(PREFIX).is_some_and(|name| TOLD_ANEW.contains(&name))
}

/// Tells whether this says where an image came from.
fn is_source(name: &str) -> bool {
    matches!(name.strip_prefix(PREFIX), Some("source_path" | "source_n"))
}

/// Returns all attributes of an image, as this program writes them; `None` where there is one that it never writes.
pub fn all(found: &[Attribute], file: &File<'_>) -> Result<Option<Attributes>, HdfError> {
    let mut attributes = Attributes::new();
    for attribute in found {
        let Some(value) = value(attribute, file)? else { return Ok(None) };
        attributes.keep(&attribute.name, value);
    }
    Ok(Some(attributes))
}

/// Returns what says where an image came from.
pub fn source(found: Vec<InputAttribute>) -> Attributes {
    let mut attributes = Attributes::new();
    for InputAttribute { name, value, .. } in found {
        if let (true, Some(value)) = (is_source(&name), value) {
            attributes.keep(&name, value);
        }
    }
    attributes
}

/// Adds the attributes that travel along. Returns the names of those that cannot.
pub fn keep(found: Vec<InputAttribute>, attributes: &mut Attributes) -> Vec<String> {
    let mut names = BTreeSet::new();
    let mut lost = Vec::new();
    for InputAttribute { name, value, .. } in found {
        if is_told_anew(&name) || !names.insert(name.clone()) {
            continue;
        }
        match value {
            Some(value) => attributes.keep(&name, value),
            None => lost.push(name),
        }
    }
    lost
}

/// Returns the value, as EMAN2 would write it where it is of one of its types, otherwise as it is stored.
fn value(attribute: &Attribute, file: &File<'_>) -> Result<Option<Value>, HdfError> {
    if let Class::VariableText { character, .. } = attribute.datatype.class {
        return Ok(attribute.texts(file)?.map(|texts| fixed(&texts, character, &attribute.dataspace_bytes)));
    }
    if attribute.committed || leads_elsewhere(&attribute.datatype.class) {
        return Ok(None);
    }
    let kept = |meaning| {
        Value::Opaque(Box::new(OpaqueValue {
            datatype: attribute.datatype_bytes.clone(),
            dataspace: attribute.dataspace_bytes.clone(),
            data: attribute.data.clone(),
            meaning,
        }))
    };
    let one = matches!(attribute.dataspace.dimensions.as_deref(), Some([] | [1]));
    if let Class::Text { character, .. } = attribute.datatype.class {
        let Some(text) = attribute.text(file)? else { return Ok(Some(kept(None))) };
        let scalar = attribute.dataspace.dimensions.as_deref() == Some(&[]);
        // EMAN2 needs the NUL at the end.
        return Ok(Some(if scalar && !text.contains('\0') && text.len() <= LONGEST_TEXT {
            fixed(&[text], character, &attribute.dataspace_bytes)
        } else {
            kept(Some(Value::Text(text)))
        }));
    }
    let plain = match &attribute.datatype.class {
        Class::Number(number) if one => plain(*number, &attribute.data),
        Class::Enumeration { members, .. } if one => {
            attribute.integer().and_then(|value| named(value, members))
        }
        _ => None,
    };
    let plain = plain.map(|value| as_known(&attribute.name, value));
    Ok(Some(plain.unwrap_or_else(|| kept(meaning(attribute.integer(), attribute.float())))))
}

/// The longest text that is written anew; what is longer may not fit with its NUL.
const LONGEST_TEXT: usize = 64_000;

/// Attributes that programs take for floats, whatever they are in the file.
const FLOATS: [&str; 6] = ["apix_x", "apix_y", "apix_z", "origin_x", "origin_y", "origin_z"];

/// Makes a value what EMAN2 has as the attribute of that name.
fn as_known(name: &str, value: Value) -> Value {
    let float = name.strip_prefix(PREFIX).is_some_and(|name| FLOATS.contains(&name));
    match value.number() {
        Some(number) if float => Value::Float(number as f32),
        _ => value,
    }
}

/// Integers up to this are exact as doubles.
const EXACT: i64 = 1 << f64::MANTISSA_DIGITS;

/// Makes a number one of EMAN2's types: it makes 0 of integers of other widths than 32 bits and knows one byte
/// order, and UCSF ChimeraX needs arrays of one, as these are written. `None` where none holds it.
fn plain(number: Number, data: &[u8]) -> Option<Value> {
    match (number.kind, data) {
        (NumberKind::Signed, [b'T']) => return Some(Value::Bool(true)),
        (NumberKind::Signed, [b'F']) => return Some(Value::Bool(false)),
        (NumberKind::Float, _) if number.size <= 4 => return Some(Value::Float(number.float(data) as f32)),
        (NumberKind::Float, _) => return Some(Value::Double(number.float(data))),
        _ => {}
    }
    let value = number.integer(data)?;
    let int = i32::try_from(value).ok().map(Value::Int);
    int.or_else(|| (-EXACT..=EXACT).contains(&value).then_some(Value::Double(value as f64)))
}

/// Reads an enumerated value; truth values are those of h5py's enumeration.
fn named(value: i64, members: &[(String, Vec<u8>)]) -> Option<Value> {
    let truth = members.len() == 2
        && ["FALSE", "TRUE"].iter().all(|wanted| members.iter().any(|(name, _)| name == wanted));
    if truth { Some(Value::Bool(value != 0)) } else { i32::try_from(value).ok().map(Value::Int) }
}

/// Returns the meaning of one number.
fn meaning(integer: Option<i64>, float: Option<f64>) -> Option<Value> {
    let integer = integer.and_then(|value| i32::try_from(value).ok()).map(Value::Int);
    integer.or(float.map(Value::Double))
}

/// Tells whether elements are addresses or sequences in the file they come from.
fn leads_elsewhere(class: &Class) -> bool {
    match class {
        Class::VariableText { .. } | Class::VariableSequence(_) | Class::Other("references") => true,
        Class::Compound(members) => members.iter().any(|member| leads_elsewhere(&member.datatype.class)),
        Class::Array { base, .. } => leads_elsewhere(&base.class),
        _ => false,
    }
}

/// Turns texts of variable length into texts of one length, each with its NUL, which is what EMAN2 reads.
fn fixed(texts: &[String], character: Character, dataspace: &[u8]) -> Value {
    const TEXT: u8 = 0x13;
    if let ([text], true) = (texts, is_scalar(dataspace))
        && text.is_ascii()
    {
        return Value::Text(text.clone());
    }
    let length = texts.iter().map(|text| text.len() + 1).max().unwrap_or(1);
    let character = u8::from(character == Character::Utf8) << 4;
    let mut datatype = vec![TEXT, character, 0, 0];
    datatype.extend((length as u32).to_le_bytes());
    let mut data = Vec::new();
    for text in texts {
        let end = data.len() + length;
        data.extend(text.as_bytes());
        data.resize(end, 0);
    }
    let meaning = if let [text] = texts { Some(Value::Text(text.clone())) } else { None };
    Value::Opaque(Box::new(OpaqueValue { datatype, dataspace: dataspace.to_vec(), data, meaning }))
}

/// Tells whether a dataspace message of either version is of a scalar.
fn is_scalar(dataspace: &[u8]) -> bool {
    matches!(dataspace, [1, 0, ..] | [2, 0, _, 0, ..])
}
