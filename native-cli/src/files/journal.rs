//! The journal of runs, which `--report` writes and `--resume` reads: a line of JSON for each file, with
//! what it takes to delete originals with a clear conscience, or to go on where a run ended.

use std::path::{Path, absolute};

use e2compress_core::Comparison;
use e2compress_core::{EerRendering, EerSums, LimitRule, Options, Report, Warning};
use serde_json::{Value, json};

use crate::files::fingerprint::Fingerprint;
use crate::files::plan::Paths;
use crate::version::{COMMIT, FEATURES, VERSION};

/// The status of a file whose output is complete and on disk, and has its name unless the program was ended at that
/// very moment: its SHA-256 tells.
pub const DONE: &str = "done";

/// The status of a file that something is wrong with.
pub const FAILED: &str = "failed";

/// The status of a file that was at work when the program was asked to stop.
pub const INTERRUPTED: &str = "interrupted";

/// The option that the first records lack.
pub const NO_UNPACK: &str = "no_unpack";

/// The options of EER files, which the next ones lack; null without any.
pub const EER: &str = "eer";

/// Makes a path that means the same from any folder.
pub fn absolute_name(path: &Path) -> String {
    absolute(path).unwrap_or_else(|_| path.to_owned()).to_string_lossy().into_owned()
}

/// A file that is known byte for byte.
#[derive(Clone, Copy)]
pub struct Recorded<'a> {
    /// What is in it.
    pub print: &'a Fingerprint,
    /// When it was written, in nanoseconds since 1970.
    pub modified: Option<u64>,
}

/// Describes a file that is known byte for byte.
fn file_json(path: &Path, Recorded { print, modified }: Recorded<'_>) -> Value {
    json!({
        "path": absolute_name(path),
        "bytes": print.bytes,
        "sha256": print.sha256,
        "modified_ns": modified,
    })
}

/// Describes what decides the output's bytes.
pub fn chosen(options: &Options, no_unpack: bool, eer: EerRendering) -> Value {
    let limits = match options.limits {
        LimitRule::All => json!(null),
        LimitRule::NoOutliers => json!("nooutliers"),
        LimitRule::Explicit(limits) => json!({ "range": [limits.low, limits.high] }),
        LimitRule::Sigma { below, above } => json!({ "sigrange": [below, above] }),
    };
    // A number, or the words of auto.
    let bits = options.stored.to_string();
    let bits: Value = bits.parse::<i64>().map_or_else(|_| bits.into(), Value::from);
    json!({
        "bits": bits,
        "compresslevel": options.level.unwrap_or_default().get(),
        "limits": limits,
        NO_UNPACK: no_unpack,
        EER: of_eer(eer),
    })
}

/// Describes what is made of EER files.
fn of_eer(eer: EerRendering) -> Value {
    if eer == EerRendering::default() {
        return Value::Null;
    }
    let upsampling = eer.upsampling.factor();
    match eer.sums {
        EerSums::None => json!({ "upsampling": upsampling }),
        EerSums::Fractions(fractions) => json!({ "fractions": fractions, "upsampling": upsampling }),
        EerSums::Grouping(grouping) => json!({ "grouping": grouping, "upsampling": upsampling }),
        EerSums::Exactly { fractions, grouping } => {
            json!({ "fractions": fractions, "grouping": grouping, "upsampling": upsampling })
        }
    }
}

/// Makes the line of a file that was done.
pub fn done(
    paths: &Paths,
    chosen: &Value,
    report: &Report,
    (input, output): (Recorded<'_>, Recorded<'_>),
    comparison: Option<&Comparison>,
) -> Value {
    let (notes, warnings): (Vec<&Warning>, Vec<&Warning>) =
        report.warnings.iter().partition(|found| found.is_note());
    json!({
        "status": DONE,
        "version": VERSION,
        "commit": COMMIT,
        "features": FEATURES,
        "options": chosen,
        "input": file_json(&paths.input, input),
        "output": file_json(&paths.output, output),
        "images": report.images,
        "pixels": report.pixels,
        "range": report.range.map(|(low, high)| [low, high]),
        "step": report.step.map(|(fine, coarse)| [fine, coarse]),
        "truncated": report.truncated,
        "estimates": report.estimates,
        "spread": report.spread,
        // Every pixel was compared with the input; the figures of `error` are of that.
        "verified": comparison.is_some(),
        "error": comparison.map(|found| json!({
            "largest": found.largest,
            "rms": found.rms,
            "half_step": found.half_step,
            "nan": found.nan,
            "infinite": found.infinite,
        })),
        "warnings": warnings,
        "warning_kinds": warnings.iter().map(|warning| warning.kind()).collect::<Vec<_>>(),
        "notes": notes,
    })
}

/// Makes the line of a file that was not done: its status is `FAILED` or `INTERRUPTED`.
pub fn unfinished(status: &str, paths: &Paths, chosen: &Value, problem: &anyhow::Error) -> Value {
    json!({
        "status": status,
        "version": VERSION,
        "commit": COMMIT,
        "features": FEATURES,
        "options": chosen,
        "input": { "path": absolute_name(&paths.input) },
        "output": { "path": absolute_name(&paths.output) },
        "problem": format!("{problem:#}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::journal_line::{Kind, Line};

    #[test]
    fn lines_are_read_as_they_were_written() {
        let paths = Paths { input: "a.mrc".into(), output: "a.hdf".into() };
        let print = Fingerprint { bytes: 3, sha256: "ab".repeat(32) };
        let chosen = chosen(&Options::default(), true, EerRendering::default());
        let recorded = Recorded { print: &print, modified: Some(1_764_238_338_123_456_789) };
        let done = done(&paths, &chosen, &Report::default(), (recorded, recorded), None).to_string();
        let failed = unfinished(FAILED, &paths, &chosen, &anyhow::anyhow!("no")).to_string();
        for (line, status, found) in [(done, "done", Some(&print)), (failed, "failed", None)] {
            let Kind::Line(read) = Kind::of(line.as_bytes()) else { panic!("{line}") };
            let Line { input, output, version, .. } = &*read;
            assert_eq!((&*read.status, &**version), (status, VERSION));
            assert_eq!((input.fingerprint().as_ref(), output.fingerprint().as_ref()), (found, found));
            assert_eq!(read.options(), chosen);
            assert_eq!(input.modified, found.and(recorded.modified), "to the nanosecond");
            // However short it was cut, it is known for one.
            assert!((1..line.len()).all(|end| matches!(Kind::of(&line.as_bytes()[..end]), Kind::Cut)));
        }
    }
}
