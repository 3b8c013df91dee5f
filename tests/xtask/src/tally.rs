//! Counts what passed and what failed.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::Context;

/// The counts so far.
#[derive(Default)]
pub struct Tally {
    passed: u64,
    failed: u64,
    skipped: u64,
    failures: Vec<String>,
}

impl Tally {
    /// Runs a command that counts as one test.
    pub fn check(&mut self, name: &str, command: &mut Command) -> anyhow::Result<()> {
        println!("\n== {name}");
        let status = command.status().with_context(|| format!("{command:?} can't be started"))?;
        self.count(name, u64::from(status.success()), u64::from(!status.success()), 0);
        Ok(())
    }

    /// Runs a command that reports tests itself, as `cargo test` or as a last line
    /// `N passed, N failed`. One that fails without a failed test counts as one failure.
    pub fn tests(&mut self, name: &str, command: &mut Command) -> anyhow::Result<()> {
        println!("\n== {name}");
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{command:?} can't be started"))?;
        let (mut passed, mut failed, mut skipped) = (0, 0, 0);
        if let Some(stdout) = child.stdout.take() {
            for line in BufReader::new(stdout).split(b'\n') {
                let line = String::from_utf8_lossy(&line?).into_owned();
                println!("{line}");
                if let Some(counts) = counts(&line) {
                    passed += counts.0;
                    failed += counts.1;
                    skipped += counts.2;
                }
            }
        }
        let status = child.wait()?;
        let silent = failed == 0 && (passed == 0 || !status.success());
        self.count(name, passed, failed + u64::from(silent), skipped);
        Ok(())
    }

    fn count(&mut self, name: &str, passed: u64, failed: u64, skipped: u64) {
        self.passed += passed;
        self.failed += failed;
        self.skipped += skipped;
        if failed > 0 {
            self.failures.push(format!("{name}: {failed} failed"));
        }
    }

    /// Prints the counts; true when nothing failed.
    pub fn conclude(self) -> bool {
        println!();
        for failure in &self.failures {
            println!("{failure}");
        }
        let Self { passed, failed, skipped, .. } = self;
        print!("{passed} passed, {failed} failed");
        if skipped > 0 {
            print!(", {skipped} skipped");
        }
        println!();
        failed == 0
    }
}

/// Passed, failed and skipped of a line that reports them.
fn counts(line: &str) -> Option<(u64, u64, u64)> {
    let list = match line.strip_prefix("test result: ") {
        Some(rest) => rest.split_once(". ")?.1,
        None if line.contains(" passed, ") => line,
        None => return None,
    };
    let mut found = [None; 3];
    for part in list.split([';', ',']) {
        let mut words = part.split_whitespace();
        let (Some(number), Some(kind)) = (words.next(), words.next()) else { continue };
        let place = match kind {
            "passed" => 0,
            "failed" => 1,
            "ignored" | "skipped" => 2,
            _ => continue,
        };
        found[place] = Some(number.parse().ok()?);
    }
    Some((found[0]?, found[1]?, found[2].unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::counts;

    #[test]
    fn lines_that_count() {
        let cargo = "test result: FAILED. 3 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s";
        assert_eq!(counts(cargo), Some((3, 2, 1)));
        assert_eq!(counts("12 passed, 0 failed, 4 skipped"), Some((12, 0, 4)));
        assert_eq!(counts("12 passed, 1 failed"), Some((12, 1, 0)));
        assert_eq!(counts("test something ... ok"), None);
        assert_eq!(counts("it has passed, they said"), None);
    }
}
