//! Standard output of the commands whose only output it is: what they find must reach somebody, or they fail.

use std::fmt::{Arguments, Write as _};
use std::io::{self, ErrorKind, Write, stderr, stdout};

use serde::Serialize;

use crate::exit;
use crate::terminal::{self, print};

/// Standard output takes no more.
#[derive(Debug)]
pub struct Unheard(io::Error);

impl Unheard {
    /// Says so and returns the exit status. A pipe whose reader has what it wants, such as `head`, needs no words.
    pub fn status(&self) -> u8 {
        if self.0.kind() != ErrorKind::BrokenPipe {
            print(stderr(), format_args!("e2compress: cannot write to standard output: {}", self.0));
        }
        exit::FAILED
    }
}

/// Writes lines to standard output, to the end, broken between words where a terminal is narrower.
pub fn answer(lines: Arguments<'_>) -> Result<(), Unheard> {
    bytes(terminal::fitted(&stdout(), lines).as_bytes())
}

/// Writes a line of JSON to standard output, in one piece: a line break would be one in a value.
pub fn answer_json(line: &impl Serialize) -> anyhow::Result<Result<(), Unheard>> {
    let line = json(line)?;
    Ok(bytes(format!("{line}\n").as_bytes()))
}

/// Writes bytes to standard output, to the end, as they are.
pub fn bytes(bytes: &[u8]) -> Result<(), Unheard> {
    if closed::is_closed() {
        return Err(Unheard(io::Error::other("it is closed")));
    }
    let mut to = stdout().lock();
    to.write_all(bytes).and_then(|()| to.flush()).map_err(Unheard)
}

/// Words a line of JSON; what a terminal could obey in it is escaped.
fn json(line: &impl Serialize) -> anyhow::Result<String> {
    let mut escaped = String::new();
    for character in serde_json::to_string(line)?.chars() {
        if e2compress_core::words::is_unfit(character) {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                // A string takes everything.
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(character);
        }
    }
    Ok(escaped)
}

/// Whether standard output was closed when the program was started. The standard library opens `/dev/null` in its
/// place before `main`, which takes everything.
#[cfg(target_os = "linux")]
mod closed {
    use std::sync::atomic::{AtomicBool, Ordering};

    static CLOSED: AtomicBool = AtomicBool::new(false);

    #[used]
    #[allow(unsafe_code, reason = "nothing else runs before the standard library")]
    // SAFETY: the section holds addresses of functions that the system calls before `main`; this one makes one system
    // call and sets a flag.
    #[unsafe(link_section = ".init_array")]
    static BEFORE_MAIN: extern "C" fn() = look;

    extern "C" fn look() {
        let closed = rustix::io::fcntl_getfd(rustix::stdio::stdout()).is_err();
        CLOSED.store(closed, Ordering::Relaxed);
    }

    pub fn is_closed() -> bool {
        CLOSED.load(Ordering::Relaxed)
    }
}

/// Elsewhere a descriptor that is closed cannot be told from one that leads nowhere.
#[cfg(not(target_os = "linux"))]
mod closed {
    pub fn is_closed() -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_stays_json_without_commands() {
        let name = "a\u{9b}31m\u{202e}b\x1b é\u{feff}";
        let line = json(&name).unwrap();
        assert_eq!(line, r#""a\u009b31m\u202eb\u001b é\ufeff""#);
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), name);
    }
}
