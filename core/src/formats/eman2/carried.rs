//! Attributes of an HDF input: which travel along, and as what.

use std::collections::BTreeSet;

use crate::formats::hdf5::read::{Attribute, ByteOrder, Character, Class, File, HdfError, Number, Padding};
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
        let plain = if dimensions == [1] { plain(number, &data) } else { None };
        let value = plain.unwrap_or_else(|| {
            let integer = if one { number.integer(&data) } else { None };
            let meaning = meaning(integer, float);
            let (datatype, dataspace) = (element.body(), dataspace(dimensions));
            Value::Opaque(Box::new(OpaqueValue { datatype, dataspace, data, meaning }))
        });
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
    if let Class::Text { padding, character } = attribute.datatype.class {
        let Some(text) = attribute.text(file)? else { return Ok(Some(kept(None))) };
        let terminated = padding == Padding::NulTerminated && attribute.data.last() == Some(&0);
        let scalar = attribute.dataspace.dimensions.as_deref() == Some(&[]);
        let same = attribute.data.len() == text.len() + 1 && text.is_ascii();
        let plain = terminated && scalar && same && character == Character::Ascii;
        let text = Value::Text(text);
        return Ok(Some(if plain { text } else { kept(Some(text)) }));
    }
    let one = attribute.dataspace.dimensions.as_deref() == Some(&[1]);
    let plain = match attribute.datatype.class {
        Class::Number(number) if one => plain(number, &attribute.data),
        _ => None,
    };
    Ok(Some(plain.unwrap_or_else(|| kept(meaning(attribute.integer(), attribute.float())))))
}

/// Returns a number of one of EMAN2's types.
fn plain(number: Number, data: &[u8]) -> Option<Value> {
    if number.order == ByteOrder::Big {
        return None;
    }
    match (number.kind, data) {
        (NumberKind::Signed, &[a, b, c, d]) => Some(Value::Int(i32::from_le_bytes([a, b, c, d]))),
        (NumberKind::Float, &[a, b, c, d]) => Some(Value::Float(f32::from_le_bytes([a, b, c, d]))),
        (NumberKind::Float, &[a, b, c, d, e, f, g, h]) => {
            Some(Value::Double(f64::from_le_bytes([a, b, c, d, e, f, g, h])))
        }
        (NumberKind::Signed, [b'T']) => Some(Value::Bool(true)),
        (NumberKind::Signed, [b'F']) => Some(Value::Bool(false)),
        _ => None,
    }
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
