//! File names as they may be shown: on one line, without commands to the terminal.

use std::fmt::{self, Display, Formatter};
use std::path::Path;

use e2compress_core::words::Escaped;

/// Displays a path with its control characters escaped; what is not Unicode is replaced.
pub fn display(path: &Path) -> impl Display {
    Sanitized(path.to_string_lossy().into_owned())
}

struct Sanitized(String);

impl Display for Sanitized {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        Escaped(&self.0).fmt(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_the_terminal_but_text() {
        let text = |name: &str| display(Path::new(name)).to_string();
        assert_eq!(text("a b/é.mrc"), "a b/é.mrc");
        assert_eq!(text("a\nb\x1b[31m\u{9b}.mrc"), r"a\nb\u{1b}[31m\u{9b}.mrc");
    }
}
