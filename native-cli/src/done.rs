//! The line of a file that was compressed, or that stays as it is.

use std::time::Duration;

use e2compress_core::{Comparison, Options, Report};

use crate::files::plan::Paths;
use crate::files::sanitize::display;
use crate::fmt;

/// A file that is done.
pub struct Done {
    /// What is in it, in words.
    pub contents: String,
    /// Length of the input in bytes.
    pub input_bytes: u64,
    /// Time from opening the input to the rename.
    pub time: Duration,
    /// What the core reports.
    pub report: Report,
    /// Another file gave way to it.
    pub replaced: bool,
}

impl Done {
    /// Words the line for a file that stays as it is.
    pub fn line_of_kept(&self, paths: &Paths) -> String {
        let Self { contents, input_bytes, .. } = self;
        let size = fmt::bytes(*input_bytes);
        let name = display(&paths.input);
        let why =
            if self.report.unchanged == self.report.images { "it has no more bits, and " } else { "it " };
        format!("{name}: {contents}, {size}, kept as it is: {why}would not get smaller")
    }

    /// Words the line for a file.
    pub fn line(&self, paths: &Paths, options: &Options, verbose: u8) -> String {
        let Self { contents, input_bytes, time, report, replaced } = self;
        let sizes = fmt::sizes(*input_bytes, report.output_bytes);
        let mut parts = vec![contents.clone(), sizes, report.stored(options.stored)];
        if let Some(Comparison { largest, rms, half_step, rounded, .. }) = report.comparison {
            parts.push(format!("verified: {}", fmt::differences(largest, rms, half_step)));
            parts.extend(fmt::rounded(rounded));
        }
        parts.extend(fmt::growth(*input_bytes, report.output_bytes, report.stored_bytes, report.images));
        if *replaced {
            parts.push("replaced".into());
        }
        if verbose > 0 {
            parts.extend(report.worst.as_ref().and_then(fmt::floor));
            parts.push(fmt::speed(*input_bytes, time.as_secs_f64()));
        }
        format!("{} -> {}: {}", display(&paths.input), display(&paths.output), parts.join(", "))
    }
}
