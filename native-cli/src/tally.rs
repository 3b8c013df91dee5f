//! What there is to say of a run at its end, besides warnings and failures: what is left for later, what may have been read
//! too early, what stays behind, and what would be written.

use std::io::stderr;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use e2compress_core::Warning;

use crate::files::inputs::is_hdf;
use crate::files::sanitize::display;
use crate::files::settled::changed_within;
use crate::fmt::{self, counted};
use crate::predict::MOST_IMAGES;
use crate::terminal::{Before, print};

/// Seconds in which something may still write to a file that nobody said to wait for: programs that write slowly write that
/// often.
const FRESH: u64 = 5;

/// Tells that an input changed just now, of which nobody said for how long files are to rest.
pub fn just_changed(input: &Path, settle: u64) -> Option<Warning> {
    let fresh = settle == 0 && changed_within(input, Duration::from_secs(FRESH));
    fresh.then_some(Warning::JustChanged { seconds: FRESH })
}

/// Names that are said at the end, of any number.
const NAMES: usize = 3;

/// Some files: the first few names, and the number of all.
#[derive(Default)]
pub struct Few {
    names: Vec<String>,
    /// Number of all.
    pub count: u64,
}

impl Few {
    /// Adds a file.
    pub fn add(&mut self, path: &Path) {
        if self.names.len() < NAMES {
            self.names.push(display(path).to_string());
        }
        self.count += 1;
    }

    /// Lists the names, and says how many there are besides.
    pub fn names(&self) -> String {
        let names = self.names.join(", ");
        match self.count - self.names.len() as u64 {
            0 => names,
            more => format!("{names} and {more} more"),
        }
    }
}

/// What else is known of a run at its end.
pub struct Ending {
    /// Files, and folders that could not be read.
    pub files: usize,
    /// Seconds that files were to rest.
    pub settle: u64,
    /// Nothing was written.
    pub dry_run: bool,
    /// Warnings are failures, also those of files that were done before.
    pub strict: bool,
    /// Errors and warnings alone are printed.
    pub quiet: bool,
    /// Number of warnings.
    pub warnings: usize,
    /// Number of failures.
    pub failed: usize,
    /// Time of all files.
    pub time: Duration,
}

/// What happened to files that is neither a failure nor a warning about what is in them.
#[derive(Default)]
pub struct Tally(Mutex<Counts>);

#[derive(Default)]
struct Counts {
    /// Left for later.
    later: Few,
    /// Read although they had just changed.
    fresh: Few,
    /// Files that were written, or would be, with the bytes before and after.
    written: (u64, u64, u64),
    /// Files that were left as they are, or would be.
    skipped: u64,
    /// Files that their own outputs would replace.
    in_place: u64,
    /// Warnings of records about files that were done before, these files, and those that lost a picture.
    before: (u64, u64, u64),
}

impl Tally {
    fn with(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.0.lock().expect("no holder of this lock panics"));
    }

    /// Counts a file that is left for later.
    pub fn later(&self, input: &Path) {
        self.with(|counts| counts.later.add(input));
    }

    /// Takes out of what was found in a file that it had just changed, which is said of all such files together.
    pub fn take_fresh(&self, input: &Path, found: &mut Vec<Warning>) {
        let before = found.len();
        found.retain(|found| !matches!(found, Warning::JustChanged { .. }));
        if found.len() < before {
            self.with(|counts| counts.fresh.add(input));
        }
    }

    /// Counts a file that was written, or would be, of so many bytes before and after, or that was skipped.
    pub fn written(&self, bytes: Option<(u64, u64)>) {
        self.with(|counts| match bytes {
            Some((before, after)) => {
                let (files, all_before, all_after) = &mut counts.written;
                *files += 1;
                *all_before += before;
                *all_after += after;
            }
            None => counts.skipped += 1,
        });
    }

    /// Counts a file that its own output would replace.
    pub fn in_place(&self) {
        self.with(|counts| counts.in_place += 1);
    }

    /// Counts what a record warns of that a file has which was done before.
    pub fn before(&self, Before { warnings, lost }: Before) {
        self.with(|counts| {
            let (all, files, lost_files) = &mut counts.before;
            *all += u64::from(warnings);
            *files += u64::from(warnings > 0);
            *lost_files += u64::from(lost);
        });
    }

    /// Says it, unless nobody wants more than warnings and errors. Returns the number of warnings about files that were done
    /// before.
    pub fn conclude(self, ending: &Ending) -> u64 {
        let Ending { files, settle, dry_run, strict, quiet, .. } = *ending;
        let Counts { later, fresh, written: (written, before, after), skipped, in_place, before: earlier } =
            self.0.into_inner().expect("no holder of this lock panics");
        let say = |words: String| print(stderr(), format_args!("e2compress: {words}"));
        let (warnings, warned, lost) = earlier;
        // Lines of warnings are not said again, but a run must not look as if there had been none.
        if let Some(words) = fmt::warned_before(warnings, warned, lost) {
            say(words);
            if strict {
                say(fmt::strict_status(&format!("{} done before", fmt::warnings_in(warnings, warned))));
            }
        }
        if quiet {
            return warnings;
        }
        if fresh.count > 0 {
            say(format!("note: {}: {}", fmt::just_changed(fresh.count, FRESH), fresh.names()));
        }
        if later.count > 0 && files > 1 {
            let of = counted(files as u64, "file");
            let count = later.count;
            say(format!(
                "{count} of {of} left for later, changed less than {} ago: {}",
                counted(settle, "second"),
                later.names()
            ));
        }
        if dry_run {
            let sizes =
                if written > 0 { format!(": about {}", fmt::sizes(before, after)) } else { String::new() };
            let rest =
                if skipped > 0 { format!(", {} skipped", counted(skipped, "file")) } else { String::new() };
            let done = match in_place {
                0 => "written".into(),
                count if count == written => "replaced in place".into(),
                count => format!("written, {count} of them replaced in place"),
            };
            let count = counted(written, "file");
            say(format!("{count} would be {done}{sizes}{rest}; nothing was written"));
            if written > 0 {
                say(format!("note: {}", fmt::unforeseen(MOST_IMAGES)));
            }
        } else if files > 1 {
            let mut parts = vec![format!("{} written", counted(written, "file"))];
            if written > 0 {
                parts.push(fmt::total(before, after));
            }
            if skipped > 0 {
                parts.push(format!("{skipped} skipped"));
            }
            let before = if warnings > 0 { format!(" and {warnings} before") } else { String::new() };
            parts.push(counted(ending.warnings as u64, "warning") + &before);
            parts.push(format!("{} failed", ending.failed));
            parts.push(fmt::span(ending.time.as_secs_f64()));
            say(parts.join(", "));
        }
        warnings
    }
}

/// Says which files of folders stay where they are.
pub fn stay_behind<'p>(others: impl Iterator<Item = &'p Path>, could_be_copied: bool) {
    let mut some = Few::default();
    let mut hdf = false;
    for other in others {
        some.add(other);
        hdf |= is_hdf(&other.to_string_lossy());
    }
    if some.count == 0 {
        return;
    }
    let stay = if some.count == 1 { "stays behind" } else { "stay behind" };
    let advice = match (could_be_copied, hdf) {
        (true, _) => "; --copy-others copies such files along",
        (false, true) => "; HDF files of folders are compressed with an --outpath that is another folder",
        (false, false) => "",
    };
    let count = counted(some.count, "other file");
    print(stderr(), format_args!("e2compress: note: {count} {stay}: {}{advice}", some.names()));
}

/// Says what there is in folders besides files, which stays where it is.
pub fn no_files_stay(paths: &[PathBuf]) {
    let mut some = Few::default();
    for path in paths {
        some.add(path);
    }
    if some.count > 0 {
        print(stderr(), format_args!("e2compress: note: {}", fmt::no_files_stay(some.count, &some.names())));
    }
}
