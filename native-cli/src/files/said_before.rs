//! What records said of the files of a run before it: whether that is still true, and when it was said last.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use crate::files::journal::{Name, absolute_name};
use crate::files::places::Places;
use crate::files::plan::Paths;
use crate::files::summary::{State, Summary};

/// Files that matter, by their places: a folder that is reached in another way is no other folder.
#[derive(Default)]
pub struct Wanted {
    places: Places,
    files: HashSet<Name>,
}

impl Wanted {
    /// Finds the places of what a line names, if either matters.
    pub fn names(&mut self, input: &[u8], output: &[u8]) -> Option<(Name, Name)> {
        let [input, output] = [input, output].map(|name| name_of(&mut self.places, name));
        if !self.files.contains(&input) && !self.files.contains(&output) {
            return None;
        }
        Some((input, output))
    }
}

/// Names the place of a file.
fn name_of(places: &mut Places, name: &[u8]) -> Name {
    places.of(name).as_os_str().as_encoded_bytes().into()
}

/// What records said of some files before a run.
#[derive(Default)]
pub struct SaidBefore(Summary);

impl SaidBefore {
    /// Reads what records say of what is planned, and of folders and other files. Of reports without an end, such as pipes, nothing
    /// is known.
    pub fn read<'p>(
        records: impl Iterator<Item = &'p PathBuf>,
        planned: &'p [Paths],
        others: impl Iterator<Item = &'p PathBuf>,
    ) -> Self {
        let mut only = Wanted::default();
        let planned = planned.iter().flat_map(|paths| [&paths.input, &paths.output]);
        for path in planned.chain(others) {
            let name = name_of(&mut only.places, &absolute_name(path));
            only.files.insert(name);
        }
        let mut summary = Summary::only(only);
        let records: BTreeSet<&PathBuf> = records.filter(|record| record.is_file()).collect();
        for record in records {
            // Records that are none were refused, and lines that are none were told.
            let _ = summary.read(record);
        }
        Self(summary)
    }

    /// Tells whether the last word about a file or folder is that it failed or was interrupted.
    pub fn is_unfinished(&self, path: &Path) -> bool {
        let state = self.0.state_of(&name_of(&mut Places::default(), &absolute_name(path)));
        state.is_some_and(|state| !state.is_fine())
    }

    /// Tells whether the last word about an input is that it is done, as this output, and nothing else was written there since.
    pub fn says_done(&self, paths: &Paths) -> bool {
        let mut places = Places::default();
        let [input, output] =
            [&paths.input, &paths.output].map(|path| name_of(&mut places, &absolute_name(path)));
        let Some(State::Done(done)) = self.0.state_of(&input) else { return false };
        let written = self.0.written(&output);
        done.output == output && written.is_some_and(|written| !written.replaces(&input, done))
    }

    /// Returns the newest time of a line about each input, and of one that named each output.
    pub fn newest(&self) -> HashMap<Name, u64> {
        let of_inputs = self.0.files().map(|(name, known)| (name, known.newest));
        let of_outputs = self.0.outputs().map(|(name, written)| (name, written.order.time));
        let mut newest = HashMap::new();
        for (name, time) in of_inputs.chain(of_outputs) {
            if let Some(time) = time {
                let known = newest.entry(name.clone()).or_default();
                *known = time.max(*known);
            }
        }
        newest
    }
}
