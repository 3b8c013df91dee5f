//! The record of runs: a line of JSON for each file, with what it takes to delete originals with a clear conscience, or to
//! go on where a run ended. Front ends write and read the same lines; where the lines are kept is theirs.

mod figures;
mod options;
mod order;
mod read;
mod write;

pub use figures::{Figures, Remarks};
pub use options::{options_from, options_json};
pub use order::Order;
pub use read::{Kind, LONGEST_LINE, Line, Named};
pub use write::{
    Build, Fingerprint, Recorded, Side, comparison_json, done, path_bytes, rename, report_json, stamp,
    unfinished,
};

/// The status of a file whose output is complete and on disk, and has its name unless the program was ended at that
/// very moment: its SHA-256 tells.
pub const DONE: &str = "done";

/// The status of a file that something is wrong with.
pub const FAILED: &str = "failed";

/// The status of a file that was at work when the program was asked to stop.
pub const INTERRUPTED: &str = "interrupted";

/// The status of what is no image, a folder or another file of one, and failed before: it is all right now.
pub const RESOLVED: &str = "resolved";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{EerRendering, Options, Report};
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const BUILD: Build<'_> = Build { version: "1.2.3", commit: "abc", features: &[] };

    #[test]
    fn lines_are_read_as_they_were_written() {
        let print = Fingerprint { bytes: 3, sha256: "ab".repeat(32) };
        let options = options_json(&Options::default(), true, EerRendering::default());
        let recorded = Some(Recorded { print: &print, modified: Some(1_764_238_338_123_456_789) });
        let input = Side { path: b"/in/a.mrc", recorded };
        let output = Side { path: b"/out/a.hdf", recorded };
        let report = report_json(&Report::default());
        let done = done(BUILD, &options, (input, output), &report, None);
        let failed = unfinished(FAILED, BUILD, &options, (b"/in/a.mrc", b"/out/a.hdf"), "no");
        let time = 1_764_238_338_987_654_321;
        for (mut line, status, found) in [(done, DONE, Some(&print)), (failed, FAILED, None)] {
            stamp(&mut line, time);
            let line = line.to_string();
            let Kind::Line(read) = Kind::of(line.as_bytes()) else { panic!("{line}") };
            let Line { input, output, version, .. } = &*read;
            assert_eq!((&*read.status, &**version), (status, "1.2.3"));
            assert_eq!((input.fingerprint().as_ref(), output.fingerprint().as_ref()), (found, found));
            assert_eq!((&*input.path, &*output.path), ("/in/a.mrc", "/out/a.hdf"));
            assert_eq!(read.options(), options);
            let modified = found.and(recorded).and_then(|recorded| recorded.modified);
            assert_eq!((input.modified, read.time), (modified, Some(time)), "to the nanosecond");
            // However short it was cut, it is known for one.
            assert!((1..line.len()).all(|end| matches!(Kind::of(&line.as_bytes()[..end]), Kind::Cut)));
        }
    }

    #[test]
    fn a_line_takes_other_names() {
        let side = |path| Side { path, recorded: None };
        let of = |input, output| {
            done(BUILD, &json!({}), (side(input), side(output)), &report_json(&Report::default()), None)
        };
        let mut line = of(b"/in/\xfc.mrc", b"/out/a.hdf");
        rename(&mut line, b"/in/b.mrc", b"/out/\xfc.hdf");
        assert_eq!(line, of(b"/in/b.mrc", b"/out/\xfc.hdf"));
    }

    #[test]
    fn names_that_are_not_unicode_stay_apart() {
        let read = |path: &[u8]| {
            let line = unfinished(FAILED, BUILD, &json!({}), (path, b"/out/a.hdf"), "no").to_string();
            let Kind::Line(read) = Kind::of(line.as_bytes()) else { panic!("{line}") };
            assert_eq!(line.contains("path_bytes"), path.contains(&0xfc), "{line}");
            (read.input.path.to_string(), read.input.name().into_owned())
        };
        assert_eq!(read(b"/in/\xfc.mrc"), ("/in/\u{fffd}.mrc".to_owned(), b"/in/\xfc.mrc".to_vec()));
        assert_eq!(read("/in/\u{fffd}.mrc".as_bytes()).1, "/in/\u{fffd}.mrc".as_bytes());
        // What is no such bytes counts for nothing.
        for odd in ["f", "fg", "\u{e9}\u{e9}"] {
            let line = json!({
                "commit": "", "status": DONE, "version": "1", "options": {},
                "input": { "path": "a", "path_bytes": odd }, "output": { "path": "b" },
            })
            .to_string();
            let Kind::Line(read) = Kind::of(line.as_bytes()) else { panic!("{line}") };
            assert_eq!(&*read.input.name(), b"a");
        }
    }

    #[test]
    fn a_byte_order_mark_before_a_line_is_no_part_of_it() {
        let line = unfinished(FAILED, BUILD, &json!({}), (b"/in/a.mrc", b"/out/a.hdf"), "no").to_string();
        let marked = format!("\u{feff}{line}");
        let Kind::Line(read) = Kind::of(marked.as_bytes()) else { panic!("{marked}") };
        assert_eq!(&*read.input.path, "/in/a.mrc");
        // Whoever reads more of it reads the same text.
        for noise in ["\u{feff}", "\0\0", "\u{feff}\0 "] {
            let noisy = format!("{noise}{line}\0\0");
            let Kind::Line(read) = Kind::of(noisy.as_bytes()) else { panic!("{noisy}") };
            assert_eq!(read.text(), line.as_bytes());
            assert_eq!(read.figures().and_then(|figures| figures.problem).as_deref(), Some("no"));
        }
        assert!(matches!(Kind::of("\u{feff}".as_bytes()), Kind::Blank));
    }

    #[test]
    fn what_a_crashed_machine_left_of_a_line_is_cut_short() {
        let line = json!({
            "commit": "", "status": DONE, "version": "1", "options": {},
            "input": { "path": "a" }, "output": { "path": "b" },
        })
        .to_string();
        for cut in ["\0", "\0\0\0 \0", "\0\0{\"comm", "{\"commit\":\"\0\0\0"] {
            assert!(matches!(Kind::of(cut.as_bytes()), Kind::Cut), "{cut:?}");
        }
        for whole in [format!("\0\0{line}"), format!("{line}\0\0")] {
            assert!(matches!(Kind::of(whole.as_bytes()), Kind::Line(_)), "{whole:?}");
        }
        for other in ["\0x", "x\0", "\0[]"] {
            assert!(matches!(Kind::of(other.as_bytes()), Kind::Other), "{other:?}");
        }
        // So much of nothing is somebody's file, whose length was set before it was written.
        assert!(matches!(Kind::of(&vec![0; LONGEST_LINE]), Kind::Other));
    }

    #[test]
    fn a_record_without_later_options_had_their_defaults() {
        let line = json!({
            "commit": "", "status": DONE, "version": "1", "options": { "bits": 5 },
            "input": { "path": "a" }, "output": { "path": "b" },
        })
        .to_string();
        let Kind::Line(read) = Kind::of(line.as_bytes()) else { panic!("{line}") };
        assert_eq!(read.options(), json!({ "bits": 5, "no_unpack": false, "eer": null }));
    }

    #[test]
    fn numbers_of_a_line_are_read_as_the_same_numbers() {
        // A reader that is off by one in the last place would take options for others.
        let mut state = 0x2545_f491u32;
        for _ in 0..20_000 {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            let number = f32::from_bits(state);
            if !number.is_finite() {
                continue;
            }
            let written = json!([number]);
            assert_eq!(serde_json::from_str::<serde_json::Value>(&written.to_string()).unwrap(), written);
        }
    }
}
