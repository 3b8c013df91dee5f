//! The warnings of a run: counted, and said once more at its end, where they are not lost among the lines of many files.

use std::io::stderr;
use std::path::Path;

use e2compress_core::Warning;

use crate::args::Strictness;
use crate::fmt;
use crate::terminal::{print, warned};

/// Warnings about the files of a run.
#[derive(Default)]
pub struct Warnings {
    /// In words, with the name of the file.
    lines: Vec<String>,
    /// Files with any.
    files: usize,
}

impl Warnings {
    /// Adds those about a file, without the notes.
    pub fn add(&mut self, file: &Path, warnings: &[Warning]) {
        let before = self.lines.len();
        self.lines.extend(warnings.iter().filter(|found| !found.is_note()).map(|found| warned(file, found)));
        self.files += usize::from(self.lines.len() > before);
    }

    /// Counts them.
    pub fn count(&self) -> usize {
        self.lines.len()
    }

    /// Says at the end of a run of so many files how many there were and, where lines of other files may follow them,
    /// which.
    pub fn conclude(&self, files: usize, Strictness { strict }: Strictness) {
        if self.lines.is_empty() {
            return;
        }
        let count = fmt::warnings(self.count(), self.files, files);
        if files > 1 {
            print(stderr(), format_args!("e2compress: {count}:"));
            for line in &self.lines {
                print(stderr(), format_args!("  {line}"));
            }
        }
        if strict {
            print(stderr(), format_args!("e2compress: {}", fmt::strict_status(&count)));
        }
    }
}
