//! Attributes of an HDF input: which travel along, and as what.

use std::collections::BTreeSet;

use crate::attribute::{Attributes, Kept, PREFIX, Value};
use crate::hdf::read::{Attribute, ByteOrder, Character, Class, File, HdfError, NumberKind, Padding};

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

/// Adds the attributes that travel along. Returns the names of those that can't.
pub fn keep(
    found: &[Attribute],
    file: &File<'_>,
    attributes: &mut Attributes,
) -> Result<Vec<String>, HdfError> {
    let mut names = BTreeSet::new();
    let mut lost = Vec::new();
    for attribute in found {
        let anew = attribute.name.strip_prefix(PREFIX).is_some_and(|name| TOLD_ANEW.contains(&name));
        if anew || !names.insert(&attribute.name) {
            continue;
        }
        match value(attribute, file)? {
            Some(value) => attributes.keep(&attribute.name, value),
            None => lost.push(attribute.name.clone()),
        }
    }
    Ok(lost)
}

/// The value, as EMAN2 would write it where it is of one of its types, otherwise as it is stored.
fn value(attribute: &Attribute, file: &File<'_>) -> Result<Option<Value>, HdfError> {
    if let Class::VariableText { character, .. } = attribute.datatype.class {
        return Ok(attribute.texts(file)?.map(|texts| fixed(&texts, character, &attribute.dataspace_bytes)));
    }
    if attribute.committed || leads_elsewhere(&attribute.datatype.class) {
        return Ok(None);
    }
    let kept = |meaning| {
        Value::Kept(Box::new(Kept {
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
    let plain = match (&attribute.datatype.class, attribute.data.as_slice()) {
        (Class::Number(number), data) if one && number.order == ByteOrder::Little => plain(number.kind, data),
        _ => None,
    };
    let meaning = || {
        let integer = attribute.integer().and_then(|value| i32::try_from(value).ok()).map(Value::Int);
        integer.or_else(|| attribute.float().map(Value::Double))
    };
    Ok(Some(plain.unwrap_or_else(|| kept(meaning()))))
}

/// A number of one of EMAN2's types.
fn plain(kind: NumberKind, data: &[u8]) -> Option<Value> {
    match (kind, data) {
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

/// Whether elements are addresses or sequences in the file they come from.
fn leads_elsewhere(class: &Class) -> bool {
    match class {
        Class::VariableText { .. } | Class::VariableSequence(_) | Class::Other("references") => true,
        Class::Compound(members) => members.iter().any(|member| leads_elsewhere(&member.datatype.class)),
        Class::Array { base, .. } => leads_elsewhere(&base.class),
        _ => false,
    }
}

/// Texts of variable length as texts of one length, each with its NUL, which is what EMAN2 reads.
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
    Value::Kept(Box::new(Kept { datatype, dataspace: dataspace.to_vec(), data, meaning }))
}

/// Whether a dataspace message of either version is of a scalar.
fn is_scalar(dataspace: &[u8]) -> bool {
    matches!(dataspace, [1, 0, ..] | [2, 0, _, 0, ..])
}
