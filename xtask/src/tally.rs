//! Counts what passed and what failed.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::Context;

/// The counts so far.
pub struct Tally {
    started: Instant,
    passed: u64,
    failed: u64,
    skipped: u64,
    failures: Vec<String>,
}

impl Default for Tally {
    fn default() -> Self {
        Self { started: Instant::now(), passed: 0, failed: 0, skipped: 0, failures: Vec::new() }
    }
}

impl Tally {
    /// Prints the headline of a part, with the seconds that those before it took: where the time goes is seen without
    /// a watch.
    pub fn begin(&self, name: &str) {
        println!("\n== {name} (after {} s)", self.started.elapsed().as_secs());
    }

    /// Runs a command that counts as one test.
    pub fn check(&mut self, name: &str, command: &mut Command) -> anyhow::Result<()> {
        self.begin(name);
        let status = command.status().with_context(|| format!("{command:?} cannot be started"))?;
        self.count(name, u64::from(status.success()), u64::from(!status.success()), 0);
        Ok(())
    }

    /// Runs a command that reports tests itself, as `cargo test` does for each test program, or by a
    /// line `N passed, N failed` for all of them. One that fails without a failed test counts as one failure.
    pub fn tests(&mut self, name: &str, command: &mut Command) -> anyhow::Result<()> {
        self.begin(name);
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{command:?} cannot be started"))?;
        let mut sums = (0, 0, 0);
        if let Some(stdout) = child.stdout.take() {
            for line in BufReader::new(stdout).split(b'\n') {
                let line = String::from_utf8_lossy(&line?).into_owned();
                println!("{line}");
                match counts(&line) {
                    Some(Counts::OfOne(passed, failed, skipped)) => {
                        sums = (sums.0 + passed, sums.1 + failed, sums.2 + skipped);
                    }
                    Some(Counts::OfAll(passed, failed, skipped)) => sums = (passed, failed, skipped),
                    None => {}
                }
            }
        }
        let status = child.wait()?;
        let (passed, failed, skipped) = sums;
        let silent = failed == 0 && (passed == 0 || !status.success());
        self.count(name, passed, failed + u64::from(silent), skipped);
        Ok(())
    }

    /// Counts as failed what could not even be started, and says why.
    pub fn fail(&mut self, name: &str, reason: &str) {
        self.begin(name);
        println!("failed: {reason}");
        self.count(name, 0, 1, 0);
    }

    /// Counts so many failures, each of which has been told.
    pub fn lack(&mut self, things: usize) {
        self.failed += things as u64;
    }

    /// Counts as skipped what this machine cannot run, and says why.
    pub fn skip(&mut self, name: &str, reason: &str) {
        self.begin(name);
        println!("skipped: {reason}");
        self.count(name, 0, 0, 1);
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
        println!("{} s", self.started.elapsed().as_secs());
        print!("{passed} passed, {failed} failed");
        if skipped > 0 {
            print!(", {skipped} skipped");
        }
        println!();
        failed == 0
    }
}

/// Passed, failed and skipped.
#[derive(Debug, PartialEq)]
enum Counts {
    /// Of one test program.
    OfOne(u64, u64, u64),
    /// Of all that came before.
    OfAll(u64, u64, u64),
}

/// The counts of a line that reports them.
fn counts(line: &str) -> Option<Counts> {
    let one = line.strip_prefix("test result: ");
    let list = match one {
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
    let kind = if one.is_some() { Counts::OfOne } else { Counts::OfAll };
    Some(kind(found[0]?, found[1]?, found[2].unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::{Counts, counts};

    #[test]
    fn lines_that_count() {
        let cargo = "test result: FAILED. 3 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s";
        assert_eq!(counts(cargo), Some(Counts::OfOne(3, 2, 1)));
        assert_eq!(counts("12 passed, 0 failed, 4 skipped"), Some(Counts::OfAll(12, 0, 4)));
        assert_eq!(counts("12 passed, 1 failed"), Some(Counts::OfAll(12, 1, 0)));
        assert_eq!(counts("test something ... ok"), None);
        assert_eq!(counts("it has passed, they said"), None);
    }
}
