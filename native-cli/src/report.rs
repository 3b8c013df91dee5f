//! `e2compress report FILE...`

use std::io::stderr;
use std::path::Path;

use anyhow::anyhow;
use serde_json::{Value, json};

use crate::answer::{self, answer, answer_json};
use crate::args::ReportArgs;
use crate::exit::{self, Failure};
use crate::files::expected;
use crate::files::list;
use crate::files::sanitize::display;
use crate::files::summary::{State, Summary, Totals};
use crate::fmt::{self, counted};
use crate::terminal::print;

/// Files that are named in text, of those that failed and of those that are missing.
const MOST_NAMED: usize = 8;

/// Says what reports say and returns the exit status.
pub fn run(args: &ReportArgs) -> Result<u8, Failure> {
    let listed = match &args.files_from {
        Some(list) => list::read(list, args.null).map_err(Failure::usage)?,
        None => Vec::new(),
    };
    let mut summary = Summary::default();
    for report in &args.files {
        let note = summary.read(report).map_err(Failure::usage)?;
        if let Some(note) = note {
            print(stderr(), format_args!("e2compress: note: {note}"));
        }
    }
    let found = expected::beside(&listed, &summary);
    let nothing = summary.totals().files() == 0 && found.expected.is_none();
    if nothing {
        let reports = args.files.len() as u64;
        print(stderr(), format_args!("e2compress: {}", fmt::no_line(reports)));
    }
    let totals = summary.totals();
    let told = if args.failed {
        print_names(&summary, &found, args.null)?
    } else if args.json {
        answer_json(&json_of(&summary, &totals, &found))?
    } else {
        answer(format_args!("{}", text_of(&summary, &totals, &found).join("\n")))
    };
    if let Err(unheard) = told {
        return Ok(unheard.status());
    }
    let all_done =
        !nothing && found.missing.is_empty() && !summary.unfinished().any(|(name, _)| found.expects(name));
    Ok(if all_done { exit::DONE } else { exit::FAILED })
}

/// Prints the names of what is not done, as `--files-from` takes them: their bytes.
fn print_names(
    summary: &Summary,
    found: &expected::Found,
    null: bool,
) -> Result<Result<(), answer::Unheard>, Failure> {
    let recorded = summary.unfinished().map(|(name, _)| name).filter(|name| found.expects(name));
    let mut names: Vec<&[u8]> = recorded.map(str::as_bytes).collect();
    names.extend(found.missing.iter().map(|name| name.as_os_str().as_encoded_bytes()));
    if !null && names.iter().any(|name| name.contains(&b'\n')) {
        return Err(Failure::usage(anyhow!(
            "a name holds a line break: give -0 (--null), here and with --files-from"
        )));
    }
    let replaced = names.iter().filter(|name| String::from_utf8_lossy(name).contains('\u{fffd}')).count();
    if replaced > 0 {
        // A report is in Unicode; such names are in it with replacement characters.
        let count = counted(replaced as u64, "name");
        print(
            stderr(),
            format_args!(
                "e2compress: note: {count} with characters that are no Unicode may not be that of a file"
            ),
        );
    }
    let end = if null { b'\0' } else { b'\n' };
    let mut bytes = Vec::new();
    for name in names {
        bytes.extend_from_slice(name);
        bytes.push(end);
    }
    Ok(answer::bytes(&bytes))
}

/// Words what reports say.
fn text_of(summary: &Summary, totals: &Totals, found: &expected::Found) -> Vec<String> {
    let mut lines = Vec::new();
    let files = counted(totals.files(), "file");
    let mut parts = vec![format!("{} done", totals.done), format!("{} failed", totals.failed)];
    if totals.interrupted > 0 {
        parts.push(format!("{} interrupted", totals.interrupted));
    }
    if let Some(expected) = found.expected {
        parts.push(format!("{} missing of {expected} expected", found.missing.len()));
    }
    lines.push(format!("{files}: {}", parts.join(", ")));
    if totals.done > 0 {
        lines.push(format!("sizes: {}", fmt::total(totals.before, totals.after)));
        lines.push(in_files(fmt::clipped(totals.truncated, None), totals.truncated_files));
        let compared =
            format!("compared with their inputs: {} of {}", totals.verified, counted(totals.done, "file"));
        let largest =
            totals.largest_in_steps.map(|steps| format!(", largest error {} steps", fmt::figure(steps)));
        lines.push(compared + &largest.unwrap_or_default());
        lines.push(in_files(counted(totals.warnings, "warning"), totals.warned_files));
    }
    if let Some(seconds) = totals.seconds() {
        lines.push(format!("time from the first output to the last: {}", fmt::span(seconds)));
    }
    let unfinished = summary.unfinished().map(|(name, state)| {
        let why = match state {
            State::Interrupted => "interrupted".to_owned(),
            State::Failed(problem) => format!("failed: {problem}"),
            State::Done(_) | State::Resolved => "done".to_owned(),
        };
        let beyond = if found.expects(name) { "" } else { " (not in the list)" };
        format!("{}: {}{beyond}", display(Path::new(name)), fmt::Escaped(&why))
    });
    few(&mut lines, unfinished, totals.failed + totals.interrupted);
    let missing = found.missing.iter().map(|name| format!("{}: missing", display(name)));
    few(&mut lines, missing, found.missing.len() as u64);
    lines
}

/// Says in how many files something was found, if it was.
fn in_files(found: String, files: u64) -> String {
    if files == 0 { found } else { format!("{found} in {}", counted(files, "file")) }
}

/// Adds the first few of some lines, and how many there are besides.
fn few(lines: &mut Vec<String>, some: impl Iterator<Item = String>, all: u64) {
    lines.extend(some.take(MOST_NAMED).map(|line| format!("  {line}")));
    let more = all.saturating_sub(MOST_NAMED as u64);
    if more > 0 {
        lines.push(format!("  and {more} more: --failed prints the names of all"));
    }
}

/// Describes what reports say, for programs.
fn json_of(summary: &Summary, totals: &Totals, found: &expected::Found) -> Value {
    let unfinished = |(name, state): (&str, &State)| {
        let (status, problem) = match state {
            State::Failed(problem) => ("failed", Some(&**problem)),
            _ => ("interrupted", None),
        };
        json!({ "input": name, "status": status, "problem": problem, "expected": found.expects(name) })
    };
    json!({
        "files": totals.files(),
        "done": totals.done,
        "failed": totals.failed,
        "interrupted": totals.interrupted,
        "expected": found.expected,
        "missing": found.missing.iter().map(|name| name.to_string_lossy()).collect::<Vec<_>>(),
        "unfinished": summary.unfinished().map(unfinished).collect::<Vec<_>>(),
        "input_bytes": totals.before,
        "output_bytes": totals.after,
        "ratio": (totals.after > 0).then(|| totals.before as f64 / totals.after as f64),
        "truncated": totals.truncated,
        "truncated_files": totals.truncated_files,
        "verified": totals.verified,
        "largest_in_steps": totals.largest_in_steps,
        "warnings": totals.warnings,
        "warned_files": totals.warned_files,
        "seconds": totals.seconds(),
        "skipped_lines": summary.skipped,
    })
}
