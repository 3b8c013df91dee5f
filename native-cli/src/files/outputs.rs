//! Whether outputs that records name are still there: a line that says `done` is written before its output gets its name, and
//! what was there may be removed or replaced since.

use std::collections::{BTreeSet, HashMap};
use std::fmt::{self, Display, Formatter};
use std::fs;
use std::io;
use std::path::PathBuf;

use crate::files::journal::{Name, path_of};
use crate::files::metadata::is_absence;
use crate::files::places::Places;
use crate::files::sanitize::display;
use crate::files::summary::{Done, Half, State, Summary};
use crate::files::written::Written;
use crate::fmt::{bytes, counted};

/// Why an output that was recorded does not count.
pub enum Lost {
    /// It has gone, or has another length.
    Gone(Why),
    /// A later line says that another input gave an output of the same path.
    Replaced(PathBuf),
}

/// What is wrong with an output.
pub enum Why {
    /// Nothing is there.
    Missing,
    /// It is a folder, or another thing without a length.
    NoFile,
    /// Its length, and that which was recorded.
    Length(u64, u64),
}

impl Display for Lost {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone(Why::Missing) => write!(to, "is not there any more"),
            Self::Gone(Why::NoFile) => write!(to, "is not there any more: it is no file"),
            Self::Gone(Why::Length(found, recorded)) => {
                let lengths = [*found, *recorded];
                let [mut found, mut recorded] = lengths.map(bytes);
                if found == recorded {
                    [found, recorded] = lengths.map(|length| counted(length, "byte"));
                }
                write!(
                    to,
                    "is not there any more: the file has another length, {found} instead of {recorded}"
                )
            }
            Self::Replaced(by) => write!(to, "was replaced by that of {}", display(by)),
        }
    }
}

/// What looking for outputs found besides what is in the states of their inputs.
#[derive(Default)]
pub struct Looked {
    /// Inputs that are done by the records alone, since their outputs could not be looked at.
    pub unseen: Vec<Unseen>,
}

/// An input whose output could not be looked at.
pub struct Unseen {
    /// The input.
    pub input: Name,
    /// What the system says; `None` where the output's folder is not here.
    pub problem: Option<io::Error>,
}

/// Looks for the output of each input that is done, by length. What has gone is not done, unless it is only its name that has:
/// the record knows the same input and output under another one. That does not count for `expected` names.
pub fn look(summary: &mut Summary, expected: impl Fn(&mut Places, &[u8]) -> bool) -> Looked {
    let mut places = Places::default();
    let owners = owners(summary, &mut places);
    let (mut any_folder, mut lost, mut away, mut unseen) = (false, Vec::new(), Vec::new(), Vec::new());
    let mut contents = BTreeSet::new();
    for (name, known) in summary.files() {
        let State::Done(done) = &known.state else { continue };
        let owner = owners.get(&places.of(&done.output));
        let is_here = places.has_folder_of(&done.output);
        any_folder |= is_here;
        let found = match owner {
            Some((by, owner))
                if summary.is_replaced(name, done, owner) && places.of(by) != places.of(name) =>
            {
                Ok(Some(Lost::Replaced(path_of(by))))
            }
            owner => {
                let length = owner.map_or(done.sizes.1, |(_, owner)| owner.bytes);
                why_not_there(&done.output, length).map(|why| why.map(Lost::Gone))
            }
        };
        match found {
            Ok(None) => drop(contents.insert(content(done))),
            // It may be as it was: nobody should do it again for a disk that does not answer.
            Err(problem) => unseen.push(Unseen { input: name.clone(), problem: Some(problem) }),
            // Of a path without its folder nobody knows what it would be beside.
            Ok(Some(Lost::Gone(_))) if !path_of(&done.output).is_absolute() => {
                unseen.push(Unseen { input: name.clone(), problem: None });
            }
            Ok(found @ Some(Lost::Gone(_))) if !is_here => away.push((name.clone(), found)),
            Ok(found) => lost.push((name.clone(), found)),
        }
    }
    if !any_folder && !away.is_empty() {
        unseen.extend(away.into_iter().map(|(input, _)| Unseen { input, problem: None }));
        lose(summary, lost);
        return Looked { unseen };
    }
    lost.append(&mut away);
    for (name, found) in &mut lost {
        let Some(State::Done(done)) = summary.state_of(name) else { continue };
        let is_moved = matches!(found, Some(Lost::Gone(Why::Missing)))
            && contents.contains(&content(done))
            && path_of(name).try_exists().is_ok_and(|is_there| !is_there);
        if is_moved && !expected(&mut places, name) {
            *found = None;
        }
    }
    lose(summary, lost);
    Looked { unseen }
}

/// Puts into the states of inputs what became of their outputs: `None` where they have other names.
fn lose(summary: &mut Summary, lost: Vec<(Name, Option<Lost>)>) {
    for (name, lost) in lost {
        summary.set_state(&name, lost.map_or(State::Resolved, State::Lost));
    }
}

/// What tells the same input and output from others.
fn content(done: &Done) -> (Option<Half>, Option<Half>) {
    (done.of_input, done.of_output)
}

/// Finds which input each output was written for last, by the place of the output.
fn owners<'s>(summary: &'s Summary, places: &mut Places) -> HashMap<PathBuf, (&'s Name, &'s Written)> {
    let mut owners: HashMap<PathBuf, (&Name, &Written)> = HashMap::new();
    for (output, written) in summary.outputs() {
        let place = places.of(output);
        match owners.get(&place) {
            Some((_, before)) if !written.order.is_after(before.order, true) => {}
            _ => drop(owners.insert(place, (&written.input, written))),
        }
    }
    owners
}

/// Finds out why an output is not there with a length, if it is not. Fails where the system does not tell.
fn why_not_there(output: &[u8], length: u64) -> io::Result<Option<Why>> {
    let path = path_of(output);
    if !path.is_absolute() {
        return Ok(Some(Why::Missing));
    }
    match fs::metadata(path) {
        Ok(there) if !there.is_file() => Ok(Some(Why::NoFile)),
        Ok(there) => Ok((there.len() != length).then_some(Why::Length(there.len(), length))),
        Err(problem) if is_absence(&problem) => Ok(Some(Why::Missing)),
        Err(problem) => Err(problem),
    }
}
