//! What stands on a terminal: lines that fit, one bar that leaves nothing behind, and words for what was mistyped.

use e2compress_fixtures::told;
use tempfile::tempdir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_e2compress");

#[test]
fn help_fits_eighty_columns_on_purpose() {
    for command in ["", "expand ", "verify ", "plan ", "info ", "report "] {
        for help in ["--help", "-h"] {
            let run = std::process::Command::new(PROGRAM)
                .args(format!("{command}{help}").split(' '))
                .env("COLUMNS", "80")
                .output()
                .unwrap();
            let text = String::from_utf8(run.stdout).unwrap();
            assert!(run.status.success() && text.lines().count() > 5);
            for line in text.lines() {
                assert!(line.chars().count() <= 80, "{command}{help}: {line}");
            }
            // Examples can be copied: none goes on in the next line.
            if command.is_empty() && help == "--help" {
                for example in text.lines().filter(|line| line.trim_start().starts_with("e2compress --bits"))
                {
                    assert!(example.contains("--outpath ../") && example.contains(" *.mrc"), "{example}");
                }
            }
        }
    }
}

#[test]
fn what_was_mistyped_is_answered() {
    let folder = tempdir().unwrap();
    for (line, words) in [
        ("--outdir x a.mrc", "use --outpath FOLDER"),
        ("--outdir=x a.mrc", "use --outpath FOLDER"),
        ("-o x a.mrc", "use --outpath FOLDER"),
        ("expand -o x a.hdf", "use --outpath FOLDER"),
        ("--jobs 4 a.mrc", "use --threads N"),
        ("-b 5 a.mrc", "use --bits BITS"),
        ("--level 3 a.mrc", "use --compresslevel LEVEL"),
        ("--list names", "use --files-from LIST"),
        ("--dryrun a.mrc", "use --dry-run"),
        ("--threads 0 a.mrc", "1 to 1024 worker threads, not 0"),
        ("-j 0 a.mrc", "1 to 1024 worker threads, not 0"),
        ("-v a.mrc", "0 to 9, such as -v 1"),
        ("-v", "a value is required"),
        ("--verfiy a.mrc", "--verify"),
        ("--settle -1 a.mrc", "it takes seconds, 0 to 86400"),
        ("--settle 1m a.mrc", "it takes seconds, 0 to 86400"),
        ("--threads -1 a.mrc", "-1"),
        ("--eer-fractions -1 a.eer", "summed to 1 to 2147483647 images"),
        ("expand --mode -1 a.hdf", "use auto, 0, 1, 2, 6 or 12"),
        ("info --images -1 a.hdf", "-1"),
        ("plan --target -1% a.mrc", "0.01% to 5%"),
        ("-v -1 a.mrc", "0 to 9, such as -v 1"),
        ("--outfile x.hdf a.mrc", "use --outpath FOLDER; outputs have the names of their inputs"),
    ] {
        let (status, said, complaint) = told(PROGRAM, folder.path(), line);
        assert!(status == Some(2) && said.is_empty() && complaint.contains(words), "{line}: {complaint}");
    }
    for line in ["x*.mrc", "info x?.mrc", "verify x[ab].hdf", "plan x*.mrc"] {
        let (status, _, complaint) = told(PROGRAM, folder.path(), line);
        assert!(
            status != Some(0) && complaint.contains("a pattern that no file matches"),
            "{line}: {complaint}"
        );
    }
}

/// A pseudo-terminal.
#[cfg(target_os = "linux")]
mod pseudo {
    use std::fs::{self, File, OpenOptions};
    use std::io::{Read as _, Write as _};
    use std::os::fd::OwnedFd;
    use std::path::Path;
    use std::process::Child;
    use std::sync::{Arc, Mutex};
    use std::thread;
    use std::time::Duration;

    use rustix::process::{Pid, Signal, kill_process};
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use rustix::termios::{Winsize, tcsetwinsize};

    use super::*;
    use e2compress_fixtures::heeding;
    use e2compress_fixtures::made::{Mrc, Noise};

    /// Runs the command at a terminal of so many columns; returns what was written there and its exit status. `meanwhile`
    /// gets the terminal's other side, and what tells whether the bar was shown.
    fn at(
        folder: &Path,
        columns: u16,
        line: &str,
        meanwhile: impl FnOnce(&mut File, &Child, &dyn Fn() -> bool),
    ) -> (String, Option<i32>) {
        let side = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&side).unwrap();
        unlockpt(&side).unwrap();
        let name = ptsname(&side, Vec::new()).unwrap().into_string().unwrap();
        let terminal = OpenOptions::new().read(true).write(true).open(name).unwrap();
        tcsetwinsize(&terminal, Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        let end = |file: &File| OwnedFd::from(file.try_clone().unwrap());
        let mut child = heeding(PROGRAM)
            .args(line.split(' '))
            .current_dir(folder)
            .stdin(end(&terminal))
            .stdout(end(&terminal))
            .stderr(end(&terminal))
            .spawn()
            .unwrap();
        drop(terminal);
        let mut side = File::from(side);
        let mut reader = side.try_clone().unwrap();
        let all = Arc::new(Mutex::new(Vec::new()));
        let written = Arc::clone(&all);
        let reading = thread::spawn(move || {
            let mut piece = [0; 4096];
            // The end of a pseudo-terminal is an error.
            while let Ok(count @ 1..) = reader.read(&mut piece) {
                written.lock().unwrap().extend_from_slice(&piece[..count]);
            }
        });
        meanwhile(&mut side, &child, &|| all.lock().unwrap().contains(&b'%'));
        let status = child.wait().unwrap().code();
        reading.join().unwrap();
        let all = all.lock().unwrap().clone();
        (String::from_utf8(all).unwrap(), status)
    }

    /// What a screen of so many columns shows in the end, line by line.
    fn screen(text: &str, columns: usize) -> Vec<String> {
        let (mut lines, mut column) = (vec![String::new()], 0);
        for character in text.chars() {
            match character {
                '\r' => column = 0,
                '\n' => {
                    lines.push(String::new());
                    column = 0;
                }
                _ => {
                    if column == columns {
                        lines.push(String::new());
                        column = 0;
                    }
                    let line = lines.last_mut().unwrap();
                    let mut shown: Vec<char> = line.chars().collect();
                    shown.resize(shown.len().max(column + 1), ' ');
                    shown[column] = character;
                    *line = shown.into_iter().collect();
                    column += 1;
                }
            }
        }
        lines.into_iter().map(|line| line.trim_end().to_owned()).collect()
    }

    fn folder() -> tempfile::TempDir {
        let folder = tempdir().unwrap();
        for (name, sections) in [("a.mrcs", 2), ("b.mrcs", 60)] {
            let movie = Mrc::floats(
                512,
                512,
                sections,
                Noise(1).take(512 * 512 * usize::try_from(sections).unwrap()),
            );
            fs::write(folder.path().join(name), movie.bytes).unwrap();
        }
        folder
    }

    #[test]
    fn a_bar_is_there_and_gone_and_lines_fit() {
        let folder = folder();
        for columns in [40, 80] {
            let line = "--bits 5 --overwrite --threads 1 --verify a.mrcs b.mrcs none.mrc";
            let (text, status) = at(folder.path(), columns, line, |_, _, _| {});
            assert_eq!(status, Some(1), "{text}");
            assert!(text.contains(" of 3 files ") && text.contains(" %"), "a bar: {text:?}");
            let shown = screen(&text, columns.into());
            assert!(shown.iter().all(|line| line.chars().count() <= columns.into()), "{shown:#?}");
            assert!(
                !shown.iter().any(|line| line.contains(" of 3 files [") || line.contains("##")),
                "{shown:#?}"
            );
            // Broken between words: put together, the lines are those of a pipe.
            let together = shown.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(together.contains("b.mrcs -> b.hdf: 60 images of 512 x 512"), "{together}");
            assert!(together.contains("2 files written,"), "{together}");
        }
    }

    #[test]
    fn answers_and_usage_errors_fit() {
        let folder = tempdir().unwrap();
        let name = "a_name_as_long_as_those_that_microscopes_give_to_what_they_record.mrc";
        let data = e2compress_fixtures::data();
        fs::copy(data.join("u16_micrograph.mrc"), folder.path().join(name)).unwrap();
        fs::write(folder.path().join("none.mrc"), "none").unwrap();
        let record = format!("--bits 5 --report r.jsonl {name} none.mrc");
        assert_eq!(told(PROGRAM, folder.path(), &record).0, Some(1));
        let output = name.replace(".mrc", ".hdf");
        for (line, status) in [
            (format!("info {name}"), 0),
            (format!("plan {name}"), 0),
            (format!("verify {output} {name}"), 0),
            (format!("verify {output} {name} none.mrc"), 1),
            ("report r.jsonl".to_owned(), 1),
            ("--bits 5 --settle 1m a.mrc".to_owned(), 2),
            ("--bits 5 --outfile a.hdf a.mrc".to_owned(), 2),
            ("--eer-fractions 0 --bits 5 a.eer".to_owned(), 2),
            ("--nooutliers --range 0,1 a.mrc".to_owned(), 2),
            ("report".to_owned(), 2),
            ("--bits 5 --shard 9/8 a.mrc".to_owned(), 2),
        ] {
            let (text, ended) = at(folder.path(), 80, &line, |_, _, _| {});
            assert_eq!(ended, Some(status), "{line}: {text}");
            // The bar apart. A name stays in one piece, so that it can be copied.
            let lines: Vec<&str> = text
                .lines()
                .map(|line| line.rsplit('\r').find(|part| !part.is_empty()).unwrap_or(""))
                .collect();
            let is_name = |line: &str| line.trim_start().starts_with(&name[..20]);
            let too_long = lines.iter().find(|line| line.chars().count() > 80 && !is_name(line));
            assert_eq!(too_long, None, "{line}");
            // In a pipe the same words are in as few lines as ever.
            let (_, said, complaint) = told(PROGRAM, folder.path(), &line);
            let words = |text: &str| {
                let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
                words.sort();
                words
            };
            let piped = said + &complaint;
            assert_eq!(words(&lines.join(" ")), words(&piped), "{line}");
            let is_long = piped.lines().any(|line| line.chars().count() > 100);
            assert!(piped.lines().count() + usize::from(is_long) <= lines.len(), "{line}: {lines:#?}");
        }
        // A line break would be one in a value.
        let (text, _) = at(folder.path(), 80, &format!("info --json {name}"), |_, _, _| {});
        assert!(text.lines().count() == 1 && text.len() > 200, "{text}");
    }

    #[test]
    fn nothing_stale_is_left_after_ctrl_c() {
        let folder = folder();
        let (text, status) = at(
            folder.path(),
            80,
            "--bits 5 --compresslevel 9 --threads 1 --verify b.mrcs a.mrcs",
            |side, child, shown| {
                let tries = (0..20_000).inspect(|_| thread::sleep(Duration::from_millis(1)));
                assert!(tries.into_iter().any(|_| shown()), "there is no bar");
                // It is shown as ^C; the signal goes to the program alone, whose terminal this is not.
                side.write_all(b"\x03").unwrap();
                let pid = Pid::from_child(child);
                kill_process(pid, Signal::INT).unwrap();
            },
        );
        assert_eq!(status, Some(130), "{text}");
        let shown = screen(&text, 80);
        assert!(text.contains("^C") && text.contains(" of 2 files "), "{text:?}");
        assert!(
            !shown.iter().any(|line| line.contains(" of 2 files [") || line.contains("##")),
            "{shown:#?}"
        );
        assert!(shown.iter().any(|line| line.contains("interrupted: ")), "{shown:#?}");
    }

    #[test]
    fn nothing_but_lines_where_nobody_looks() {
        let folder = folder();
        let (text, status) = at(folder.path(), 80, "-q --bits 5 --overwrite a.mrcs", |_, _, _| {});
        assert!(status == Some(0) && !text.contains(" of 1 file") && !text.contains("a.hdf"), "{text:?}");
    }
}
