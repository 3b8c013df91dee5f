//! The little XML that EER files hold: a root, and in it `<item name="..." unit="...">text</item>`.
//!
//! Everything else that is well-formed is passed over. Nothing outside the text is ever looked up, and what a document
//! type could define is not known: such a document counts as damaged.

/// Elements within each other, at most.
const DEEPEST: usize = 64;

/// What one item says, in the file's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub name: String,
    /// Empty where none is given.
    pub unit: String,
    pub text: String,
}

/// Reads the items of a document; `None` where it is not well-formed.
pub fn items(bytes: &[u8]) -> Option<Vec<Item>> {
    let text = String::from_utf8_lossy(bytes);
    // The text's length in the file may count padding.
    let mut rest = text.trim_start_matches('\u{feff}').trim_end_matches('\0').trim();
    let mut items = Vec::new();
    // Names of the elements that are open, and the item among them.
    let mut open: Vec<&str> = Vec::new();
    let mut item: Option<Item> = None;
    let mut roots = 0;
    while !rest.is_empty() {
        let (before, tag) = rest.split_once('<').unwrap_or((rest, ""));
        if open.is_empty() && !before.trim().is_empty() {
            return None;
        }
        if let Some(item) = item.as_mut().filter(|_| open.len() == 2) {
            item.text.push_str(&unescaped(before)?);
        }
        if tag.is_empty() {
            break;
        }
        if let Some(comment) = tag.strip_prefix("!--") {
            rest = comment.split_once("-->")?.1;
        } else if let Some(data) = tag.strip_prefix("![CDATA[") {
            let (data, after) = data.split_once("]]>")?;
            if let Some(item) = item.as_mut().filter(|_| open.len() == 2) {
                item.text.push_str(data);
            }
            rest = after;
        } else if let Some(instruction) = tag.strip_prefix('?') {
            rest = instruction.split_once("?>")?.1;
        } else if let Some(end) = tag.strip_prefix('/') {
            let (name, after) = end.split_once('>')?;
            if open.pop()? != name.trim_end() {
                return None;
            }
            items.extend(item.take_if(|_| open.len() == 1));
            rest = after;
        } else {
            let element = Element::read(tag)?;
            roots += usize::from(open.is_empty());
            if roots > 1 || open.len() == DEEPEST {
                return None;
            }
            let found = (open.len() == 1 && element.name == "item").then(|| element.item()).flatten();
            if element.is_empty {
                items.extend(found);
            } else {
                item = found.or(item);
                open.push(element.name);
            }
            rest = element.after;
        }
    }
    (open.is_empty() && roots == 1).then_some(items)
}

/// The start of an element.
struct Element<'a> {
    name: &'a str,
    attributes: Vec<(&'a str, String)>,
    /// It has no content.
    is_empty: bool,
    after: &'a str,
}

impl<'a> Element<'a> {
    /// Reads what comes after the `<`.
    fn read(tag: &'a str) -> Option<Self> {
        let is_end = |sign: char| sign.is_whitespace() || matches!(sign, '>' | '/' | '=' | '<' | '"' | '\'');
        let name_of = |text: &'a str| {
            let end = text.find(is_end).unwrap_or(text.len());
            (end > 0 && !text.starts_with('!')).then(|| text.split_at(end))
        };
        let (name, mut rest) = name_of(tag)?;
        let mut attributes = Vec::new();
        loop {
            let spaced = rest.starts_with(char::is_whitespace);
            rest = rest.trim_start();
            if let Some(after) = rest.strip_prefix("/>") {
                return Some(Self { name, attributes, is_empty: true, after });
            }
            if let Some(after) = rest.strip_prefix('>') {
                return Some(Self { name, attributes, is_empty: false, after });
            }
            let (key, after) = name_of(rest).filter(|_| spaced)?;
            let value = after.trim_start().strip_prefix('=')?.trim_start();
            let quote = value.chars().next().filter(|sign| matches!(sign, '"' | '\''))?;
            let (value, after) = value[1..].split_once(quote)?;
            attributes.push((key, unescaped(value)?));
            rest = after;
        }
    }

    /// Returns the item that starts here, its text to come; `None` of one without a name.
    fn item(&self) -> Option<Item> {
        let value =
            |key| self.attributes.iter().find(|(found, _)| *found == key).map(|(_, value)| value.clone());
        let name = value("name").filter(|name| !name.is_empty())?;
        Some(Item { name, unit: value("unit").unwrap_or_default(), text: String::new() })
    }
}

/// Replaces the five entities that XML knows, and numbers of characters.
fn unescaped(text: &str) -> Option<String> {
    let mut parts = text.split('&');
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (entity, after) = part.split_once(';')?;
        whole.push(match entity {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            "apos" => '\'',
            _ => {
                let number = entity.strip_prefix('#')?;
                let number = number
                    .strip_prefix('x')
                    .map_or_else(|| number.parse(), |hexadecimal| u32::from_str_radix(hexadecimal, 16));
                char::from_u32(number.ok()?)?
            }
        });
        whole.push_str(after);
    }
    Some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn found(text: &str) -> Option<Vec<[String; 3]>> {
        Some(
            items(text.as_bytes())?.into_iter().map(|Item { name, unit, text }| [name, unit, text]).collect(),
        )
    }

    #[test]
    fn items_with_names_units_and_entities() {
        let text = "\u{feff}<?xml version=\"1.0\"?>\n<!-- a > b --><metadata a='1'>\n <item name=\"a\" unit='m'>6e-10</item>\
            <other><item name='deep'>x</item></other><item name=\"b&amp;&#65;&#x42;\">&lt;<![CDATA[<&]]>&gt;</item\n>\
            <item/><item name='c' /><item unit='s'>nameless</item></metadata>\0\0";
        let expected = [["a", "m", "6e-10"], ["b&AB", "", "<<&>"], ["c", "", ""]];
        assert_eq!(found(text).unwrap(), expected);
        assert_eq!(found("<metadata/>"), Some(Vec::new()));
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        for text in [
            "",
            "text",
            "<metadata>",
            "<metadata><item name='a'></metadata>",
            "<metadata></metadata><metadata/>",
            "<metadata></other>",
            "</metadata>",
            "<metadata><item name=a></item></metadata>",
            "<metadata><item name='a'x='b'></item></metadata>",
            "<metadata><item name='a></item></metadata>",
            "<metadata><item name='&nbsp;'></item></metadata>",
            "<metadata>&#xD800;<item name='a'>&#xD800;</item></metadata>",
            "<!DOCTYPE a [<!ENTITY b 'c'>]><metadata/>",
            "<metadata><!-- </metadata>",
            "<metadata/>rest",
            "<",
            "< a/>",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
        let deep = "<a>".repeat(100_000);
        assert_eq!(found(&deep), None);
        assert_eq!(found(&format!("{}{}", "<a>".repeat(64), "</a>".repeat(64))), Some(Vec::new()));
    }
}
