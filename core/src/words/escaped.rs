//! Names that others chose, from inside files or from a file system, as they may be shown: on one line, in the order
//! in which they are stored, without commands to the terminal.

use std::fmt::{self, Display, Formatter, Write};

/// Text whose control characters are shown escaped.
#[derive(Clone, Copy, Debug)]
pub struct Escaped<'a>(pub &'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if is_unfit(character) {
                write!(to, "{}", character.escape_default())?;
            } else {
                to.write_char(character)?;
            }
        }
        Ok(())
    }
}

/// Tells whether a character does something to what is shown around it: control characters (among them those of
/// 8 bits, which some terminals obey), separators of lines, and marks that change the direction of the text that
/// follows.
#[must_use]
pub fn is_unfit(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn nothing_but_text_is_shown() {
        for (text, shown) in [
            ("a b/é.mrc", "a b/é.mrc"),
            ("a\nb\x1b[31m\u{9b}\u{7f}.mrc", r"a\nb\u{1b}[31m\u{9b}\u{7f}.mrc"),
            ("a\u{202e}crm.\u{2066}\u{2029}", r"a\u{202e}crm.\u{2066}\u{2029}"),
        ] {
            assert_eq!(Escaped(text).to_string(), shown);
        }
    }
}
