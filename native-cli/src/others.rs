//! What becomes of the other files of folders: they stay where they are, which is said, or are copied along.

use std::collections::{HashMap, HashSet};
use std::io::stderr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::anyhow;

use crate::args::{Common, Tree};
use crate::files::folders::Mirrored;
use crate::files::inputs::{Input, Inputs};
use crate::files::others::{Copied, copy, foresee};
use crate::files::plan::{Paths, place, place_of};
use crate::files::sanitize::display;
use crate::files::settled::changed_within;
use crate::fmt::counted;
use crate::run::Context;
use crate::tally::{no_files_stay, stay_behind};
use crate::terminal::print;

/// What is to become of them.
pub struct Others {
    /// They are copied.
    copied: bool,
    /// Copies may take the place of other files.
    overwrite: bool,
}

/// What became of them.
#[derive(Default)]
pub struct Taken {
    /// Files that were to be copied.
    pub files: usize,
    /// Files that were not.
    pub left: usize,
}

/// Words that a copy would have the name of an output.
fn is_output(destination: &Path, input: &Path) -> anyhow::Error {
    anyhow!(
        "it would be copied to {}, which is the output of {}: move it away, or copy it to another folder by hand",
        display(destination),
        display(input)
    )
}

/// Tells whether a copy of a file would be the file itself.
fn is_own_copy(other: &Input, outpath: Option<&Path>) -> bool {
    place(&place_of(other, outpath)) == place(&other.path)
}

impl Others {
    /// Does what the options say.
    pub fn new(tree: Tree, overwrite: bool) -> Self {
        Self { copied: tree.copy_others, overwrite }
    }

    /// Lists what is copied.
    pub fn copied<'i>(&self, inputs: &'i Inputs) -> &'i [Input] {
        if self.copied { &inputs.others } else { &[] }
    }

    /// Copies the other files along, unless `stop` tells not to go on, or says that they stay behind. `became` takes what
    /// became of each, as far as that is known: why it failed, or nothing.
    pub fn take(
        &self,
        inputs: &Inputs,
        planned: &[Paths],
        common: &Common,
        context: &Context<'_>,
        stop: impl Fn() -> bool,
        became: impl Fn(&Input, Option<String>),
    ) -> Taken {
        let quiet = common.quiet.quiet;
        let (true, Some(outpath)) = (self.copied, &common.outpath) else {
            if !quiet {
                // Outputs of an earlier run lie beside their inputs.
                let outputs: HashSet<&Path> = planned.iter().map(|paths| paths.output.as_path()).collect();
                let others = inputs.others.iter().filter(|other| !outputs.contains(&*other.path));
                let others: Vec<&Input> = others.collect();
                let outpath = common.outpath.as_deref();
                let could_be_copied = others.iter().any(|other| !is_own_copy(other, outpath));
                let left = others.iter().map(|other| &*other.path);
                context.terminal.between(|| {
                    stay_behind(left, could_be_copied);
                    no_files_stay(&inputs.no_files);
                });
            }
            return Taken::default();
        };
        // By its place each output is told, and its input.
        let outputs: HashMap<&Path, &Path> =
            planned.iter().map(|paths| (paths.output.as_path(), paths.input.as_path())).collect();
        // Where outputs lie beside their inputs there is nothing to copy, and HDF files are not compressed.
        let (own, others): (Vec<_>, Vec<_>) =
            inputs.others.iter().partition(|other| is_own_copy(other, Some(outpath)));
        if !quiet {
            context.terminal.between(|| {
                let own = own.iter().map(|other| &*other.path);
                stay_behind(own.filter(|path| !outputs.contains_key(path)), false);
                no_files_stay(&inputs.no_files);
            });
        }
        let settle = Duration::from_secs(common.settle);
        let mirrored = Mirrored::new(&inputs.folders, outpath);
        let mut taken = Taken { files: others.len(), left: others.len() };
        let (mut copied, mut before, mut later) = (0, 0, 0);
        // What a dry run would have copied, by its place.
        let mut foreseen: HashMap<PathBuf, &Path> = HashMap::new();
        for other in others {
            if stop() {
                break;
            }
            let name = display(&other.path);
            if common.settle > 0 && changed_within(&other.path, settle) {
                (taken.left, later) = (taken.left - 1, later + 1);
                continue;
            }
            let destination = place_of(other, Some(outpath));
            let outcome = if let Some(input) = outputs.get(&*destination) {
                Err(is_output(&destination, input))
            } else if common.dry_run {
                foresee(other, &destination, foreseen.get(&destination).copied(), self.overwrite)
            } else {
                copy(other, &destination, self.overwrite, &mirrored, context.committed, &stop)
            };
            match outcome {
                Err(problem) => {
                    became(other, Some(format!("{name}: {problem:#}")));
                    if context.interrupted() {
                        break;
                    }
                }
                Ok(outcome) => {
                    taken.left -= 1;
                    became(other, None);
                    if common.dry_run {
                        foreseen.entry(destination).or_insert(&other.path);
                    }
                    let would = if common.dry_run { "would be " } else { "" };
                    match outcome {
                        Copied::Before => before += 1,
                        Copied::Now => {
                            context.terminal.aside(&format!("{name}: {would}copied"));
                        }
                        Copied::Replaced => {
                            context.terminal.aside(&format!("{name}: {would}copied, replaced"));
                        }
                    }
                    copied += u64::from(outcome != Copied::Before);
                }
            }
        }
        if !quiet && taken.files > 0 {
            let of = counted(taken.files as u64, "other file");
            let would = if common.dry_run { "would be " } else { "" };
            let rest = [(before, "there already"), (later, "left for later")]
                .into_iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, what)| format!(", {count} {what}"));
            let rest: String = rest.collect();
            context.terminal.between(|| {
                print(stderr(), format_args!("e2compress: note: {copied} of {of} {would}copied{rest}"));
            });
        }
        taken
    }
}
