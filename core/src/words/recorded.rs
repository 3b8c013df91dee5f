//! What is said of records.

use super::counted;

/// Words that a record proves a file to be done, and what its output is called.
#[must_use]
pub fn done_before(output: &str) -> String {
    format!("done before, as {output}")
}

/// Words what records warn of that files have which were done before: so many warnings about so many files, `lost` of
/// which lost a picture. `None` without any.
#[must_use]
pub fn warned_before(warnings: u64, files: u64, lost: u64) -> Option<String> {
    let lost =
        if lost > 0 { format!(", the picture lost in {}", counted(lost, "file")) } else { String::new() };
    (warnings > 0).then(|| {
        format!(
            "{} about {} done before{lost}: the lines of the record say which",
            counted(warnings, "warning"),
            counted(files, "file")
        )
    })
}

/// Words so many warnings in so many files.
#[must_use]
pub fn warnings_in(warnings: u64, files: u64) -> String {
    let count = counted(warnings, "warning");
    if files == 0 { count } else { format!("{count} in {}", counted(files, "file")) }
}

/// Words why warnings, in words, are a failure.
#[must_use]
pub fn strict_status(warnings: &str) -> String {
    format!("status 1: {warnings}, and --strict is given")
}

/// Words how many files have a record of an output that was not compared with its input.
#[must_use]
pub fn uncompared(files: u64) -> String {
    let (were, inputs) = if files == 1 { ("was", "its input") } else { ("were", "their inputs") };
    format!("{} {were} not compared with {inputs} (--no-verify)", super::counted(files, "file"))
}

/// Words that what is no image was left out of a list of inputs to do again.
#[must_use]
pub fn left_out_of_list(count: u64, names: &str) -> String {
    let (others, are) = if count == 1 {
        ("1 folder or other file".to_owned(), "is")
    } else {
        (format!("{count} folders and other files"), "are")
    };
    format!(
        "{others} that failed {are} left out, since no list of inputs takes them: repeat the run that took the whole folder: {names}"
    )
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
    let which = if count == 1 {
        "that was cut short or is no line of a report"
    } else {
        "that were cut short or are no lines of a report"
    };
    (count > 0).then(|| format!("skipped {lines} of {name} {which}"))
}

/// Words that no line of any record is about a file, which proves nothing to be done.
#[must_use]
pub fn no_line(records: u64) -> String {
    let (which, say) = if records == 1 {
        ("the report".to_owned(), "says")
    } else {
        (format!("the {}", counted(records, "report")), "say")
    };
    format!(
        "{which} {say} nothing of any file: nothing is known to be done; --files-from names the files that should be, and \
         a run adds a line for each that it has done"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn what_was_warned_of_before_is_counted() {
        assert_eq!(warned_before(0, 0, 0), None);
        assert_eq!(
            warned_before(3, 2, 1).as_deref(),
            Some(
                "3 warnings about 2 files done before, the picture lost in 1 file: the lines of the record say which"
            )
        );
        assert_eq!(
            warned_before(1, 1, 0).as_deref(),
            Some("1 warning about 1 file done before: the lines of the record say which")
        );
    }
}
