//! Words for the attributes of an image.

use crate::image::Attributes;

/// Attributes in words, and characters of a value, at most: a file may bring any number of either.
const MOST: usize = 400;
const LONGEST: usize = 400;

/// Words the attributes that an image brings along: the name of each in an EMAN2 HDF5 file, and its value.
#[must_use]
pub fn attributes(attributes: &Attributes) -> Vec<(String, String)> {
    let cut = |text: String| match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    };
    let words = attributes.iter().take(MOST);
    let mut words: Vec<_> =
        words.map(|found| (cut(found.name_in_file()), cut(found.value.to_string()))).collect();
    let left = attributes.iter().len().saturating_sub(MOST);
    if left > 0 {
        words.push(("...".into(), format!("{left} more")));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn names_and_values_on_one_line_and_not_without_end() {
        let mut found = Attributes::new();
        found.float("apix_x", 1.5);
        found.text("MRC.label0", b"made\nhere");
        found.keep("of others", crate::image::attributes::Value::Int(3));
        found.text("long", &[b'x'; 1000]);
        let words = attributes(&found);
        let pair = |place: usize| (words[place].0.as_str(), words[place].1.as_str());
        assert_eq!(pair(0), ("EMAN.apix_x", "1.5"));
        assert_eq!(pair(1), ("EMAN.MRC.label0", "\"made\\nhere\""));
        assert_eq!(pair(2), ("of others", "3"));
        assert_eq!(words[3].1.len(), LONGEST + 3);
        for number in 0..MOST {
            found.int(format!("n{number}"), 0);
        }
        assert_eq!(attributes(&found).last(), Some(&("...".into(), "4 more".into())));
    }
}
