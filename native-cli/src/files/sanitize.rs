//! File names as they may be shown: on one line, without commands to the terminal.

use std::fmt::{self, Display, Formatter};
use std::path::Path;

use e2compress_core::words::Escaped;

/// Displays a path with its control characters escaped; what is not Unicode is shown as its bytes, so that names stay apart.
pub fn display(path: &Path) -> impl Display {
    Sanitized(path.as_os_str().as_encoded_bytes().to_owned())
}

struct Sanitized(Vec<u8>);

impl Display for Sanitized {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        self.0.utf8_chunks().try_for_each(|chunk| {
            Escaped(chunk.valid()).fmt(to)?;
            chunk.invalid().iter().try_for_each(|byte| write!(to, "\\x{byte:02x}"))
        })
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

    #[cfg(unix)]
    #[test]
    fn names_that_are_not_unicode_stay_apart() {
        use std::os::unix::ffi::OsStrExt as _;
        let shown = |name: &[u8]| display(Path::new(std::ffi::OsStr::from_bytes(name))).to_string();
        assert_eq!(shown(b"Gitter_\xfc.mrc"), r"Gitter_\xfc.mrc");
        assert_eq!(shown(b"\xe2\x82.mrc"), r"\xe2\x82.mrc");
    }
}
