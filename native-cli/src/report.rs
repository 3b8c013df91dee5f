//! `e2compress report FILE...`

use std::io::stderr;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use e2compress_core::record::path_bytes;
use serde_json::{Map, Value, json};

use crate::answer::{self, answer, answer_json};
use crate::args::ReportArgs;
use crate::exit::{self, Failure};
use crate::files::expected;
use crate::files::journal::{Name, path_of};
use crate::files::outputs::{Lost, Unseen, look};
use crate::files::sanitize::display;
use crate::files::summary::{Known, State, Summary, Totals};
use crate::fmt::{self, counted};
use crate::tally::Few;
use crate::terminal::print;

/// Files that are named in text, of those that failed, of those that are missing, and warnings.
const MOST_NAMED: usize = 8;

/// Says what reports say and returns the exit status.
pub fn run(args: &ReportArgs) -> Result<u8, Failure> {
    let listed = expected::listed(&args.expected).map_err(Failure::usage)?;
    let mut summary = Summary::default();
    for report in &args.files {
        let note = summary.read(report).map_err(Failure::usage)?;
        if let Some(note) = note {
            print(stderr(), format_args!("e2compress: note: {note}"));
        }
    }
    let places = expected::places_of(&listed);
    let looked = look(&mut summary, |of, name| places.contains(&of.of(name)));
    let found = expected::beside(&listed, &summary);
    if let Some(folder) = found.missing.iter().find(|name| !args.expected.recursive && name.is_dir()) {
        let folder = display(folder);
        print(
            stderr(),
            format_args!(
                "e2compress: note: {folder} is a folder: with -r (--recursive) the files in it are expected"
            ),
        );
    }
    let unseen: Vec<&Unseen> = looked.unseen.iter().filter(|unseen| found.expects(&unseen.input)).collect();
    let totals = summary.totals(|name| found.expects(name));
    let nothing = totals.files() == 0 && found.expected.is_none();
    if nothing {
        let reports = args.files.len() as u64;
        print(stderr(), format_args!("e2compress: {}", fmt::no_line(reports)));
    }
    let told = if args.failed {
        // The list has no place for it, and without it an empty one looks like all done.
        for line in unseen_words(&unseen) {
            let start = if line.starts_with(' ') { "" } else { "e2compress: " };
            print(stderr(), format_args!("{start}{line}"));
        }
        print_names(&summary, &found, args.expected.null)?
    } else if args.json {
        answer_json(&json_of(&summary, &totals, &found, &unseen))?
    } else {
        answer(format_args!("{}", text_of(&summary, &totals, &found, &unseen).join("\n")))
    };
    if let Err(unheard) = told {
        return Ok(unheard.status());
    }
    if args.strictness.strict && totals.warnings > 0 {
        let count = fmt::warnings_in(totals.warnings, totals.warned_files);
        print(stderr(), format_args!("e2compress: {}", fmt::strict_status(&count)));
        return Ok(exit::FAILED);
    }
    // Whoever asks whether originals can go must not be told so by records of what was never compared.
    if args.strictness.strict && totals.uncompared > 0 {
        print(
            stderr(),
            format_args!("e2compress: {}", fmt::strict_status(&fmt::uncompared(totals.uncompared))),
        );
        return Ok(exit::FAILED);
    }
    // Whoever names what is expected, or is strict, asks whether the outputs are there.
    if !unseen.is_empty() && (args.strictness.strict || found.expected.is_some()) {
        for why in [not_here(&unseen), not_told(&unseen)].into_iter().flatten() {
            print(stderr(), format_args!("e2compress: status 1: {why}"));
        }
        return Ok(exit::FAILED);
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
    let (others, recorded): (Vec<_>, Vec<_>) =
        summary.unfinished().filter(|(name, _)| found.expects(name)).partition(|(_, known)| known.is_other);
    let mut names: Vec<&[u8]> = recorded.iter().map(|(name, _)| &***name).collect();
    names.extend(found.missing.iter().map(|name| name.as_os_str().as_encoded_bytes()));
    if !null && names.iter().any(|name| name.contains(&b'\n')) {
        return Err(Failure::usage(anyhow!(
            "a name holds a line break: give -0 (--null), here and with --files-from"
        )));
    }
    if !others.is_empty() {
        let mut left_out = Few::default();
        for (name, _) in others {
            left_out.add(&path_of(name));
        }
        let words = fmt::left_out_of_list(left_out.count, &left_out.names());
        print(stderr(), format_args!("e2compress: note: {words}"));
    }
    let end = if null { b'\0' } else { b'\n' };
    let mut bytes = Vec::new();
    for name in names {
        bytes.extend_from_slice(name);
        bytes.push(end);
    }
    Ok(answer::bytes(&bytes))
}

/// Words how many outputs are elsewhere, if any are.
fn not_here(unseen: &[&Unseen]) -> Option<String> {
    let outputs = unseen.iter().filter(|unseen| unseen.problem.is_none()).count() as u64;
    let (were, their) = if outputs == 1 { ("was", "its folder is") } else { ("were", "their folders are") };
    (outputs > 0).then(|| {
        let outputs = counted(outputs, "output");
        format!("{outputs} {were} not looked at, since {their} not here: report where the outputs are")
    })
}

/// Words of how many outputs the system told nothing, if there are any.
fn not_told(unseen: &[&Unseen]) -> Option<String> {
    let outputs = unseen.iter().filter(|unseen| unseen.problem.is_some()).count() as u64;
    let (were, they) = if outputs == 1 { ("was", "it") } else { ("were", "they") };
    (outputs > 0).then(|| {
        let outputs = counted(outputs, "output");
        format!(
            "{outputs} {were} not looked at, since {they} could not be: report again once the disk answers"
        )
    })
}

/// Warns of outputs that were not looked at, and names the first few of which the system says why.
fn unseen_words(unseen: &[&Unseen]) -> Vec<String> {
    let mut lines: Vec<String> =
        not_here(unseen).map(|words| format!("warning: {words}")).into_iter().collect();
    if let Some(words) = not_told(unseen) {
        lines.push(format!("warning: {words}"));
        let problems = unseen.iter().filter_map(|unseen| {
            let problem = unseen.problem.as_ref()?;
            Some(format!("{}: its output cannot be looked at: {problem}", display(&path_of(&unseen.input))))
        });
        let all = unseen.iter().filter(|unseen| unseen.problem.is_some()).count() as u64;
        few(&mut lines, problems, all, "--json has all");
    }
    lines
}

/// Words how many of some files became what.
fn states_of(totals: &Totals) -> Vec<String> {
    let mut parts = vec![format!("{} done", totals.done), format!("{} failed", totals.failed)];
    if totals.interrupted > 0 {
        parts.push(format!("{} interrupted", totals.interrupted));
    }
    if totals.gone > 0 {
        let (outputs, are) = (counted(totals.gone, "output"), if totals.gone == 1 { "is" } else { "are" });
        parts.push(format!("{outputs} {are} not there any more"));
    }
    if totals.replaced > 0 {
        let were = if totals.replaced == 1 { "was" } else { "were" };
        parts.push(format!("{} {were} replaced by another", counted(totals.replaced, "output")));
    }
    parts
}

/// Words what reports say.
fn text_of(summary: &Summary, totals: &Totals, found: &expected::Found, unseen: &[&Unseen]) -> Vec<String> {
    let mut lines = Vec::new();
    let others = summary.totals(|name| !found.expects(name));
    if let Some(expected) = found.expected {
        let mut parts = states_of(totals);
        parts.push(format!("{} missing", found.missing.len()));
        lines.push(format!("{} expected: {}", counted(expected as u64, "file"), parts.join(", ")));
        if others.files() > 0 {
            let files = counted(others.files(), "file");
            lines.push(format!("{files} not in the list: {}", states_of(&others).join(", ")));
        }
    } else {
        lines.push(format!("{}: {}", counted(totals.files(), "file"), states_of(totals).join(", ")));
    }
    lines.extend(unseen_words(unseen));
    if totals.done > 0 {
        lines.push(format!("sizes: {}", fmt::total(totals.before, totals.after)));
        lines.push(in_files(fmt::clipped(totals.truncated, None), totals.truncated_files));
        let compared =
            format!("compared with their inputs: {} of {}", totals.verified, counted(totals.done, "file"));
        let largest =
            totals.largest_in_steps.map(|steps| format!(", largest error {} steps", fmt::figure(steps)));
        lines.push(compared + &largest.unwrap_or_default());
        if totals.options.len() > 1 {
            let sets = totals.options.len();
            lines.push(format!("made with {sets} different sets of options: --json has them"));
        }
        if totals.uncompared > 0 {
            lines.push(format!("warning: {}", fmt::uncompared(totals.uncompared)));
        }
        lines.push(fmt::warnings_in(totals.warnings, totals.warned_files));
        let warned = warned(summary, found).flat_map(|(name, warnings)| {
            let name = display(&path_of(name)).to_string();
            warnings.iter().map(move |words| format!("{name}: warning: {}", fmt::Escaped(words)))
        });
        few(&mut lines, warned, totals.warnings, "--json has all");
    }
    if let Some(seconds) = totals.seconds() {
        lines.push(format!("time from the first output to the last: {}", fmt::span(seconds)));
    }
    let unfinished = summary.unfinished().map(|(name, known)| {
        let why = match &known.state {
            State::Interrupted => "interrupted".to_owned(),
            State::Failed(problem) => format!("failed: {problem}"),
            State::Lost(lost) => format!("its output {lost}"),
            State::Done(_) | State::Resolved => "done".to_owned(),
        };
        let path = path_of(name);
        // Of another machine's files nothing is known here.
        let is_gone = !path.exists() && path.parent().is_some_and(Path::is_dir);
        let aside = match (found.expects(name), is_gone) {
            (false, _) => " (not in the list)",
            (true, true) if matches!(known.state, State::Lost(_)) => " (the input has gone as well)",
            (true, true) => " (it is not there any more)",
            (true, false) => "",
        };
        format!("{}: {}{aside}", display(&path), fmt::Escaped(&why))
    });
    let left = [totals, &others].map(Totals::unfinished).iter().sum();
    few(&mut lines, unfinished, left, "--failed prints the names of all");
    let missing = found.missing.iter().map(|name| format!("{}: missing", display(name)));
    few(&mut lines, missing, found.missing.len() as u64, "--failed prints the names of all");
    lines
}

/// Lists the inputs that were expected and have warnings, with their words.
fn warned<'s>(
    summary: &'s Summary,
    found: &'s expected::Found,
) -> impl Iterator<Item = (&'s Name, &'s [String])> {
    summary.files().filter(|(name, _)| found.expects(name)).filter_map(|(name, known)| match &known.state {
        State::Done(done) if !done.warnings.is_empty() => Some((name, &*done.warnings)),
        _ => None,
    })
}

/// Says in how many files something was found, if it was.
fn in_files(found: String, files: u64) -> String {
    if files == 0 { found } else { format!("{found} in {}", counted(files, "file")) }
}

/// Adds the first few of some lines, and how many there are besides; `hint` says how all are had.
fn few(lines: &mut Vec<String>, some: impl Iterator<Item = String>, all: u64, hint: &str) {
    lines.extend(some.take(MOST_NAMED).map(|line| format!("  {line}")));
    let more = all.saturating_sub(MOST_NAMED as u64);
    if more > 0 {
        lines.push(format!("  and {more} more: {hint}"));
    }
}

/// Describes a name: its text and, where that is not enough, its bytes.
fn named(name: &[u8]) -> Map<String, Value> {
    let mut named = Map::from_iter([("input".into(), String::from_utf8_lossy(name).into())]);
    named.extend(path_bytes(name).map(|bytes| ("path_bytes".into(), bytes.into())));
    named
}

/// Describes what reports say, for programs.
fn json_of(summary: &Summary, totals: &Totals, found: &expected::Found, unseen: &[&Unseen]) -> Value {
    let unfinished = |(name, known): (&Name, &Known)| {
        let (status, problem) = match &known.state {
            State::Failed(problem) => ("failed", Some(problem.to_string())),
            State::Lost(lost @ Lost::Gone(_)) => ("gone", Some(format!("its output {lost}"))),
            State::Lost(lost @ Lost::Replaced(_)) => ("replaced", Some(format!("its output {lost}"))),
            _ => ("interrupted", None),
        };
        let mut entry = named(name);
        entry.insert("status".into(), status.into());
        entry.insert("problem".into(), problem.into());
        entry.insert("expected".into(), found.expects(name).into());
        entry
    };
    let warned = warned(summary, found).map(|(name, warnings)| {
        let mut entry = named(name);
        entry.insert("warnings".into(), warnings.into());
        entry
    });
    let others = found.expected.map(|_| summary.totals(|name| !found.expects(name)));
    let others = others.map(|others| {
        json!({
            "files": others.files(),
            "done": others.done,
            "failed": others.failed,
            "interrupted": others.interrupted,
            "gone": others.gone,
            "replaced": others.replaced,
        })
    });
    let untold = unseen.iter().filter_map(|Unseen { input, problem }| {
        let mut entry = named(input);
        let problem = problem.as_ref()?;
        entry.insert("problem".into(), format!("its output cannot be looked at: {problem}").into());
        Some(entry)
    });
    let options = |(text, files): (&str, u64)| {
        let options: Value = serde_json::from_str(text).unwrap_or_default();
        json!({ "options": options, "files": files })
    };
    let bytes_of = |name: &PathBuf| path_bytes(name.as_os_str().as_encoded_bytes());
    json!({
        "files": totals.files(),
        "done": totals.done,
        "failed": totals.failed,
        "interrupted": totals.interrupted,
        "gone": totals.gone,
        "replaced": totals.replaced,
        "unseen": unseen.len(),
        "untold": untold.collect::<Vec<_>>(),
        "expected": found.expected,
        "missing": found.missing.iter().map(|name| name.to_string_lossy()).collect::<Vec<_>>(),
        "missing_path_bytes": found.missing.iter().map(bytes_of).collect::<Vec<_>>(),
        "others": others,
        "unfinished": summary.unfinished().map(unfinished).collect::<Vec<_>>(),
        "input_bytes": totals.before,
        "output_bytes": totals.after,
        "ratio": (totals.after > 0).then(|| totals.before as f64 / totals.after as f64),
        "truncated": totals.truncated,
        "truncated_files": totals.truncated_files,
        "verified": totals.verified,
        "uncompared": totals.uncompared,
        "options": summary.options(totals).map(options).collect::<Vec<_>>(),
        "largest_in_steps": totals.largest_in_steps,
        "warnings": totals.warnings,
        "warned_files": totals.warned_files,
        "warned": warned.collect::<Vec<_>>(),
        "seconds": totals.seconds(),
        "skipped_lines": summary.skipped,
    })
}
