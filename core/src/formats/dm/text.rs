//! What tags say, as text and as a few numbers.

use super::tags::{TagId, Tags};
use super::value::{Kind, Value};
use crate::error::Error;
use crate::formats::fields::Fields;
use crate::image::attributes::LONGEST_TEXT;
use crate::io::reading;
use crate::io::source::Source;

/// Numbers of an array or a structure that are written out; longer ones are tables and pictures.
const MOST_NUMBERS: usize = 16;

/// Reads the text that a tag is.
pub fn text(source: &dyn Source, tags: &Tags, id: TagId) -> Result<Option<String>, Error> {
    let Some(value) = &tags.tag(id).value else { return Ok(None) };
    let (wide, most) = match value.kind {
        Kind::Array(number, _) if number.is_character() => (true, 2 * LONGEST_TEXT as u64),
        Kind::Text(_) => (false, LONGEST_TEXT as u64),
        _ => return Ok(None),
    };
    let mut bytes = vec![0; value.bytes.min(most) as usize];
    reading::read_at(source, value.start, &mut bytes)?;
    Ok(Some(if wide {
        let fields = Fields::new(&bytes, tags.big_endian);
        let units = (0..bytes.len() / 2).map(|unit| fields.u16(2 * unit));
        char::decode_utf16(units).map(|sign| sign.unwrap_or('?')).collect()
    } else {
        bytes.into_iter().map(char::from).collect()
    }))
}

/// Reads the numbers that a tag is or holds: one, or those of a structure, an array or a group, if they are few.
pub fn numbers(source: &dyn Source, tags: &Tags, id: TagId) -> Result<Vec<f64>, Error> {
    let Some(value) = &tags.tag(id).value else {
        return Ok(tags.entries(id).take(MOST_NUMBERS).filter_map(|id| tags.number(id)).collect());
    };
    if let Some(number) = value.number {
        return Ok(vec![number]);
    }
    let kinds = match &value.kind {
        Kind::Struct(fields) if fields.len() <= MOST_NUMBERS => fields.clone(),
        Kind::Array(number, count) if *count <= MOST_NUMBERS as u64 => vec![*number; *count as usize],
        _ => return Ok(Vec::new()),
    };
    let mut bytes = vec![0; value.bytes as usize];
    reading::read_at(source, value.start, &mut bytes)?;
    let mut rest = bytes.as_slice();
    let mut numbers = Vec::new();
    for kind in kinds {
        numbers.extend(kind.value(rest, tags.big_endian));
        rest = &rest[kind.bytes()..];
    }
    Ok(numbers)
}

/// Words a value on one line; `None` of tables and pictures.
fn worded(source: &dyn Source, tags: &Tags, id: TagId) -> Result<Option<String>, Error> {
    if let Some(text) = text(source, tags, id)? {
        return Ok(Some(text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect()));
    }
    let numbers: Vec<String> = numbers(source, tags, id)?.iter().map(f64::to_string).collect();
    Ok(match &numbers[..] {
        [] => None,
        [one] => Some(one.clone()),
        _ => Some(format!("({})", numbers.join(", "))),
    })
}

/// Tags in words.
pub struct Listed {
    /// A line for each: its path, and its value.
    pub lines: String,
    /// Tags that have no line, since they are too long or too many.
    pub left_out: u64,
}

/// Lists the tags below a group, a line each, as many as an attribute holds. The pixels are none of them.
pub fn listed(source: &dyn Source, tags: &Tags, group: TagId, pixels: TagId) -> Result<Listed, Error> {
    let (mut lines, mut left_out, mut full) = (String::new(), 0, false);
    for id in tags.below(group) {
        let Some(value) = tags.tag(id).value.as_ref().filter(|_| id != pixels) else { continue };
        let room = LONGEST_TEXT - lines.len();
        let line = if full || is_long(value, room) { None } else { line(source, tags, group, id, room)? };
        match line {
            Some(line) => lines.push_str(&line),
            None => left_out += 1,
        }
        full = full || room < 64;
    }
    Ok(Listed { lines, left_out })
}

/// Tells whether a text is longer than the room for it.
fn is_long(value: &Value, room: usize) -> bool {
    matches!(value.kind, Kind::Array(number, count) if number.is_character() && count > room as u64)
}

/// Writes the line of a tag, if there is room for it.
fn line(
    source: &dyn Source,
    tags: &Tags,
    group: TagId,
    id: TagId,
    room: usize,
) -> Result<Option<String>, Error> {
    let mut path = Vec::new();
    let (mut at, mut length) = (id, 0);
    while at != group {
        let tag = tags.tag(at);
        length += tag.name.len() + 1;
        if length > room {
            return Ok(None);
        }
        path.push(if tag.name.is_empty() { tag.place.to_string() } else { latin(&tag.name) });
        at = tag.parent;
    }
    path.reverse();
    let Some(value) = worded(source, tags, id)? else { return Ok(None) };
    let line = format!("{} = {value}\n", path.join("."));
    // What is not ASCII becomes one sign in the file.
    Ok(Some(line).filter(|line| line.len() <= room))
}

/// Reads a name in Latin-1.
fn latin(name: &[u8]) -> String {
    name.iter().map(|byte| char::from(*byte)).filter(|sign| !sign.is_control()).collect()
}
