//! The bar of a run, on standard error where that is a terminal: one line, which is gone before anything else is printed.

use std::collections::HashMap;
use std::fs;
use std::io::{IsTerminal as _, Write as _, stderr};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use crate::fmt::{counted, span};
use crate::terminal::Told as _;

/// Time between two drawings: often enough to see it move.
const BETWEEN: Duration = Duration::from_millis(100);

/// Columns that stay free behind the bar, for `^C` and what else is typed: it must not begin a line, which would leave the
/// bar where it is.
const FREE: usize = 8;

/// Columns between the ends of the bar, at most.
const LONGEST: usize = 40;

/// The bar; none where nobody sees it.
pub struct Bar(Option<Mutex<State>>);

struct State {
    files: u64,
    finished: u64,
    /// Bytes of each input, and how many of them are shown as done.
    lengths: HashMap<PathBuf, (u64, u64)>,
    total: u64,
    position: u64,
    start: Instant,
    drawn: Option<Instant>,
    /// Columns that the bar takes now.
    columns: usize,
    /// It is not drawn any more.
    over: bool,
}

impl Bar {
    /// Begins a bar for these inputs.
    pub fn new<'p>(inputs: impl Iterator<Item = &'p Path>, quiet: bool) -> Self {
        if quiet || !stderr().is_terminal() {
            return Self(None);
        }
        // What cannot be looked at fails soon, and counts as a file.
        let length = |input: &Path| fs::metadata(input).map_or(0, |there| there.len());
        let mut files = 0;
        let lengths: HashMap<PathBuf, (u64, u64)> =
            inputs.inspect(|_| files += 1).map(|input| (input.to_owned(), (length(input), 0))).collect();
        let total = lengths.values().map(|(length, _)| length).sum();
        Self(Some(Mutex::new(State {
            files,
            finished: 0,
            lengths,
            total,
            position: 0,
            start: Instant::now(),
            drawn: None,
            columns: 0,
            over: false,
        })))
    }

    fn state(&self) -> Option<MutexGuard<'_, State>> {
        Some(self.0.as_ref()?.lock().expect("no holder of this lock panics"))
    }

    /// Shows that this part of an input is done; a second pass over it shows nothing.
    pub fn advanced(&self, input: &Path, done: u64, total: u64) {
        let Some(mut state) = self.state() else { return };
        state.advance(input, done, total);
        if state.drawn.is_none_or(|drawn| drawn.elapsed() >= BETWEEN) {
            state.draw();
        }
    }

    /// Shows that an input is done, or failed, and says something of it.
    pub fn finished<T>(&self, input: &Path, say: impl FnOnce() -> T) -> T {
        if let Some(mut state) = self.state() {
            state.finished += 1;
            state.advance(input, 1, 1);
        }
        self.aside(say)
    }

    /// Says something while the bar is away.
    pub fn aside<T>(&self, say: impl FnOnce() -> T) -> T {
        let Some(mut state) = self.state() else { return say() };
        let was_there = state.columns > 0;
        state.clear();
        let said = say();
        if was_there {
            state.draw();
        }
        said
    }

    /// Takes the bar away for good.
    pub fn end(&self) {
        if let Some(mut state) = self.state() {
            state.clear();
            state.over = true;
        }
    }
}

impl State {
    fn advance(&mut self, input: &Path, done: u64, total: u64) {
        let Some((length, shown)) = self.lengths.get_mut(input) else { return };
        let now = u128::from(*length) * u128::from(done.min(total)) / u128::from(total.max(1));
        let now = (now as u64).max(*shown);
        self.position += now - *shown;
        *shown = now;
    }

    fn draw(&mut self) {
        let Some(width) = stderr().width().filter(|_| !self.over) else { return };
        self.drawn = Some(Instant::now());
        let text = self.text(width.saturating_sub(FREE));
        let before = self.columns;
        self.columns = text.chars().count();
        write(&format!("\r{text}{}", " ".repeat(before.saturating_sub(self.columns))));
    }

    fn clear(&mut self) {
        if self.columns == 0 {
            return;
        }
        let columns = stderr().width().map_or(self.columns, |width| (self.columns + FREE).min(width) - 1);
        write(&format!("\r{}\r", " ".repeat(columns)));
        self.columns = 0;
    }

    /// Words the bar in so many columns, the most important first.
    fn text(&self, columns: usize) -> String {
        let share = self.position as f64 / self.total.max(1) as f64;
        let files = format!("{} of {}", self.finished, counted(self.files, "file"));
        let elapsed = self.start.elapsed().as_secs_f64();
        let left = if share > 0.0 && elapsed >= 1.0 {
            format!(", {} left", span((elapsed / share - elapsed).round().max(0.0)))
        } else {
            String::new()
        };
        let words = format!("{files} {:3.0} %{left}", 100.0 * share);
        let room = columns.saturating_sub(words.chars().count() + 3).min(LONGEST);
        if room < 5 {
            return words.chars().take(columns).collect();
        }
        let full = ((room as f64 * share) as usize).min(room);
        format!("{files} [{}{}]{}", "#".repeat(full), "-".repeat(room - full), &words[files.len()..])
    }
}

/// Writes to the terminal; when that is gone, the work goes on all the same.
fn write(text: &str) {
    let mut to = stderr().lock();
    let _ = to.write_all(text.as_bytes()).and_then(|()| to.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_fits_any_width_and_never_goes_back() {
        let lengths = HashMap::from([(PathBuf::from("a"), (100, 0)), (PathBuf::from("b"), (300, 0))]);
        let mut state = State {
            files: 2,
            finished: 1,
            lengths,
            total: 400,
            position: 0,
            start: Instant::now().checked_sub(Duration::from_secs(30)).unwrap(),
            drawn: None,
            columns: 0,
            over: false,
        };
        state.advance(Path::new("a"), 1, 1);
        state.advance(Path::new("a"), 1, 2);
        state.advance(Path::new("none"), 1, 1);
        state.advance(Path::new("b"), 7, 5);
        assert_eq!(state.position, 400);
        state.position = 100;
        assert_eq!(
            state.text(72),
            format!("1 of 2 files [{}{}]  25 %, 1 min 30 s left", "#".repeat(7), "-".repeat(23))
        );
        assert!((0..200).all(|columns| state.text(columns).chars().count() <= columns));
    }
}
