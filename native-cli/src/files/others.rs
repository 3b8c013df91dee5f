//! The other files of folders, which are copied along beside the outputs. A copy appears whole or not at all, like any
//! output, and takes the place of nothing but what it is a copy of, unless it is told to.

use std::fs::{self, File, FileTimes, Metadata};
use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use e2compress_core::{Sink as _, Source as _};

use crate::files::folders::{Mirrored, check_creatable, folder_of};
use crate::files::inputs::Input;
use crate::files::metadata::{FileId, FileState, are_one};
use crate::files::output::{Committed, Output, Replaces, written_from_another};
use crate::files::permissions::{Mode, protect_copy};
use crate::files::sanitize::display;
use crate::files::source::FileSource;

/// Bytes that are copied at once.
const PIECE: u64 = 1 << 20;

/// Bytes at the start that are written last: until then the hidden file has the mark by which it is known if the program is
/// ended.
const START: u64 = 8;

/// What became of a file.
#[derive(Debug, PartialEq, Eq)]
pub enum Copied {
    /// It was copied.
    Now,
    /// It was copied in the place of another file.
    Replaced,
    /// It is there already.
    Before,
}

/// Tells what [`copy`] would do. `earlier` is what would have been copied to the same place before.
pub fn foresee(
    input: &Input,
    destination: &Path,
    earlier: Option<&Path>,
    overwrite: bool,
) -> anyhow::Result<Copied> {
    let (source, _) = FileSource::open(&input.path)?;
    if let Some(earlier) = earlier {
        return match is_same(&source, earlier) {
            true => Ok(Copied::Before),
            false if overwrite => Err(written_from_another(destination)),
            false => Err(is_another(destination)),
        };
    }
    let outcome = look(&source, input, destination, overwrite)?;
    if outcome != Copied::Before {
        let folder = folder_of(destination);
        check_creatable(folder).with_context(|| uncreated(folder))?;
        Output::check(destination)?;
    }
    Ok(outcome)
}

/// Copies a file to its place, with its times and permissions, but not its owner.
pub fn copy(
    input: &Input,
    destination: &Path,
    overwrite: bool,
    mirrored: &Mirrored<'_>,
    committed: &Committed,
    stop: impl Fn() -> bool,
) -> anyhow::Result<Copied> {
    let (source, state) = FileSource::open(&input.path)?;
    let outcome = look(&source, input, destination, overwrite)?;
    if outcome == Copied::Before {
        return Ok(outcome);
    }
    let folder = folder_of(destination);
    check_creatable(folder).and_then(|()| mirrored.create(folder)).with_context(|| uncreated(folder))?;
    let replaces = if overwrite { Replaces::Anything } else { Replaces::Nothing };
    let mode = Mode::of_copy(source.as_file()).context("cannot look at its mode")?;
    let output = Output::create(destination, replaces, mode)?;
    write(&source, &output, state, &stop)?;
    if !source.is_still(&input.path, state) {
        bail!("it changed while it was copied: try again when nothing writes to it any more");
    }
    pass_on(&source.as_file().metadata()?, output.file()).context("its times cannot be passed on")?;
    // Another program may have copied the same meanwhile.
    let meanwhile = |_: &Path| look(&source, input, destination, overwrite).map(drop);
    output.commit(committed, || Ok(()), meanwhile)?;
    Ok(outcome)
}

fn uncreated(folder: &Path) -> String {
    format!("cannot create the folder {}", display(folder))
}

/// Looks at what is in the place of a copy, and refuses to replace it unless it may go. A link to the same bytes gives way to a
/// copy: they would be gone with what it leads to. A second name of the file itself in another folder outlasts the first.
fn look(source: &FileSource, input: &Input, destination: &Path, overwrite: bool) -> anyhow::Result<Copied> {
    let Ok(there) = fs::symlink_metadata(destination) else { return Ok(Copied::Now) };
    if is_own_name(input, destination, &there) {
        bail!(
            "{} is the file itself, in a folder that is there under two paths: write to another folder with --outpath",
            display(destination)
        );
    }
    if is_same(source, destination) {
        return Ok(if there.is_symlink() { Copied::Replaced } else { Copied::Before });
    }
    if !overwrite {
        return Err(is_another(destination));
    }
    Ok(Copied::Replaced)
}

/// Tells whether the place of a copy is the very name of its file, where a folder is mounted twice.
fn is_own_name(input: &Input, destination: &Path, there: &Metadata) -> bool {
    let Ok(own) = fs::canonicalize(&input.path) else { return false };
    let id = FileId::of(there);
    let is_file = id.is_some() && fs::symlink_metadata(&own).is_ok_and(|own| FileId::of(&own) == id);
    let folder = |path| fs::canonicalize(folder_of(path));
    let one_folder =
        || matches!((folder(&own), folder(destination)), (Ok(one), Ok(other)) if are_one(&one, &other));
    is_file && own.file_name() == destination.file_name() && one_folder()
}

fn is_another(destination: &Path) -> anyhow::Error {
    anyhow!(
        "{} already exists and is another file: give --overwrite to replace it, or write to another folder with \
         --outpath",
        display(destination)
    )
}

/// Tells whether a file has the same bytes as another.
fn is_same(source: &FileSource, other: &Path) -> bool {
    let same = || -> anyhow::Result<bool> {
        let (other, state) = FileSource::open(other)?;
        let length = source.len()?;
        if length != state.length {
            return Ok(false);
        }
        let (mut one, mut two) = (Vec::new(), Vec::new());
        for (offset, count) in pieces(0, length) {
            one.resize(count, 0);
            two.resize(count, 0);
            source.read_at(offset, &mut one)?;
            other.read_at(offset, &mut two)?;
            if one != two {
                return Ok(false);
            }
        }
        Ok(true)
    };
    same().unwrap_or(false)
}

fn write(
    source: &FileSource,
    output: &Output,
    state: FileState,
    stop: impl Fn() -> bool,
) -> anyhow::Result<()> {
    let length = state.length;
    let mut sink = output.sink();
    let mut piece = Vec::new();
    for (offset, count) in pieces(START, length).chain(pieces(0, length.min(START))) {
        if stop() {
            bail!("it was not copied to its end");
        }
        piece.resize(count, 0);
        source.read_at(offset, &mut piece).context("cannot read")?;
        sink.write_at(offset, &piece).context("cannot write the copy")?;
    }
    // The mark is longer than some files.
    output.file().set_len(length).context("cannot write the copy")
}

/// Lists offset and length of the pieces of a file from one byte on to another.
fn pieces(from: u64, to: u64) -> impl Iterator<Item = (u64, usize)> {
    let count = to.saturating_sub(from).div_ceil(PIECE);
    (0..count).map(move |number| {
        let offset = from + number * PIECE;
        (offset, (to - offset).min(PIECE) as usize)
    })
}

/// Gives a copy the times of what it is a copy of, and takes from it what nobody may do to that.
fn pass_on(of: &Metadata, to: &File) -> anyhow::Result<()> {
    let mut times = FileTimes::new().set_modified(of.modified()?);
    if let Ok(accessed) = of.accessed() {
        times = times.set_accessed(accessed);
    }
    to.set_times(times)?;
    // A file system without modes shows some all the same.
    let _ = protect_copy(of, to);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_whole_and_replace_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let committed = Committed::default();
        let place = path("out/a/x.mdoc");
        fs::create_dir_all(path("out/a")).unwrap();
        for length in [0, 1, 7, 8, 9, 3_000_000] {
            let bytes: Vec<u8> = (0..length).map(|place: u32| (place * 7 + (place >> 9)) as u8).collect();
            fs::write(path("x.mdoc"), &bytes).unwrap();
            let input = Input { path: path("x.mdoc"), below: "a".into() };
            let again =
                |overwrite| copy(&input, &place, overwrite, &Mirrored::default(), &committed, || false);
            let expected = if length == 0 { Copied::Now } else { Copied::Replaced };
            if expected == Copied::Replaced {
                assert!(again(false).unwrap_err().to_string().contains("is another file"));
            }
            assert_eq!(foresee(&input, &place, None, true).unwrap(), expected);
            // As a program does that starts anew: this one replaces none of its own outputs.
            let anew = copy(&input, &place, true, &Mirrored::default(), &Committed::default(), || false);
            assert_eq!(anew.unwrap(), expected);
            assert!(fs::read(&place).unwrap() == bytes, "{length}");
            let time = |path: &Path| fs::metadata(path).unwrap().modified().unwrap();
            assert_eq!(time(&place), time(&input.path));
            assert_eq!(again(false).unwrap(), Copied::Before);
        }
        let input = Input { path: path("x.mdoc"), below: "a".into() };
        fs::write(&input.path, "other").unwrap();
        assert!(
            copy(&input, &place, true, &Mirrored::default(), &committed, || true).is_err(),
            "asked to stop"
        );
        assert_eq!(fs::read_dir(path("out/a")).unwrap().count(), 1, "nothing is left over");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_no_copies_and_other_names_are() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("out")).unwrap();
        fs::write(path("gain.dat"), "gain").unwrap();
        let input = Input { path: path("gain.dat"), below: "".into() };
        let place = path("out/gain.dat");
        let again = || {
            let foreseen = foresee(&input, &place, None, false).unwrap();
            let copied = copy(&input, &place, false, &Mirrored::default(), &Committed::default(), || false);
            assert_eq!(copied.unwrap(), foreseen);
            foreseen
        };
        std::os::unix::fs::symlink("../gain.dat", &place).unwrap();
        assert_eq!(again(), Copied::Replaced);
        assert!(!place.is_symlink());
        assert_eq!(again(), Copied::Before);
        fs::remove_file(&place).unwrap();
        fs::hard_link(path("gain.dat"), &place).unwrap();
        assert_eq!(again(), Copied::Before);
        fs::remove_file(path("gain.dat")).unwrap();
        assert_eq!(fs::read(&place).unwrap(), b"gain");
    }

    #[cfg(unix)]
    #[test]
    fn the_file_itself_is_no_copy() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("in")).unwrap();
        fs::write(path("in/gain.dat"), "gain").unwrap();
        std::os::unix::fs::symlink("in", path("out")).unwrap();
        let input = Input { path: path("in/gain.dat"), below: "".into() };
        for overwrite in [false, true] {
            let problem = foresee(&input, &path("out/gain.dat"), None, overwrite).unwrap_err();
            assert!(problem.to_string().contains("is the file itself"), "{problem}");
        }
    }
}
