//! What is said of records.

use super::counted;

/// Words that a record proves a file to be done, and what its output is called.
#[must_use]
pub fn done_before(output: &str) -> String {
    format!("done before, as {output}")
}

/// Words that a file is no record.
#[must_use]
pub fn no_record(name: &str) -> String {
    format!("{name} is no report of this program: no line of it is one's")
}

/// Words that lines of a record count for nothing, if some do.
#[must_use]
pub fn skipped_lines(count: u64, name: &str) -> Option<String> {
    let lines = counted(count, "line");
    (count > 0).then(|| format!("skipped {lines} of {name} that were cut short or are no lines of a report"))
}
