//! Writes a journal: to a file, where every line is on disk before anything relies on it, or to whatever takes text.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fmt::{self, Display, Formatter};
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use e2compress_core::record::{Kind, Line};
use e2compress_core::{Source, record};
use serde_json::Value;

use crate::files::folders::{check_writable, folder_of, sync_folder};
use crate::files::journal::Name;
use crate::files::journal_line::{Lines, is_journal};
use crate::files::metadata::FileId;
use crate::files::places::Places;
use crate::files::plan::{Paths, place};
use crate::files::sanitize::display;
use crate::files::source::FileSource;

/// Time that a pipe may take nothing before it is given up.
const PATIENCE: Duration = Duration::from_secs(10);

/// Time that a reader has to open a pipe, when both are started at once.
const GRACE: Duration = Duration::from_secs(1);

/// Time between two attempts.
const PAUSE: Duration = Duration::from_millis(10);

/// Why a line is not in the journal.
#[derive(Debug)]
pub struct NotRecorded(PathBuf);

impl Display for NotRecorded {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        write!(to, "cannot write the report {}", display(&self.0))
    }
}

/// Adds lines to a journal.
pub struct JournalWriter {
    path: PathBuf,
    /// The file, and how long it has taken nothing.
    file: Mutex<(File, Duration)>,
    /// The same file to be read, where it is one.
    written: Option<FileSource>,
    times: Mutex<Times>,
}

/// The newest time of a line about each input and each output, whatever the clock says: of two lines about one, that which is
/// written later has the later time.
#[derive(Default)]
pub struct Times {
    newest: HashMap<Name, u64>,
    places: Places,
    /// Bytes of the journal that were read.
    read: u64,
}

impl Times {
    /// Goes on from times by the places of inputs; `read` bytes of the journal are among what they are from.
    pub fn new(newest: HashMap<Name, u64>, read: u64) -> Self {
        Self { newest, places: Places::default(), read }
    }

    /// Names the places of the input and the output of a line.
    fn keys(&mut self, line: &Line<'_>) -> [Name; 2] {
        [line.input.name(), line.output.name()]
            .map(|name| self.places.of(&name).as_os_str().as_encoded_bytes().into())
    }

    /// Reads what was added to a journal, by this program and others.
    fn read_on(&mut self, journal: &Path) -> io::Result<()> {
        if fs::metadata(journal)?.len() <= self.read {
            return Ok(());
        }
        let mut file = File::open(journal)?;
        file.seek(SeekFrom::Start(self.read))?;
        let mut lines = Lines::new(BufReader::new(file));
        while let Some((text, length, true)) = lines.next()? {
            self.read += length;
            if let Kind::Line(line) = Kind::of(text)
                && let Some(time) = line.time
            {
                for name in self.keys(&line) {
                    let newest = self.newest.entry(name).or_default();
                    *newest = time.max(*newest);
                }
            }
        }
        Ok(())
    }

    /// Stamps a line: with the time or, where a line about the same input or output has a later one, with the next.
    fn stamp(&mut self, line: &mut Value) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok();
        let now = now.and_then(|now| u64::try_from(now.as_nanos()).ok());
        let text = line.to_string();
        let names = match Kind::of(text.as_bytes()) {
            Kind::Line(line) => self.keys(&line).to_vec(),
            _ => Vec::new(),
        };
        let newest = names.iter().filter_map(|name| self.newest.get(name)).max();
        let Some(time) = now.max(newest.map(|newest| newest.saturating_add(1))) else { return };
        record::stamp(line, time);
        self.newest.extend(names.into_iter().map(|name| (name, time)));
    }
}

/// Refuses what cannot be a journal, or is wanted otherwise, before anything is done. Returns a note for the person.
pub fn check(path: &Path, planned: &[Paths]) -> anyhow::Result<Option<String>> {
    let name = display(path);
    let there = match fs::metadata(path) {
        Err(problem) if problem.kind() == io::ErrorKind::NotFound => None,
        there => Some(there.with_context(|| NotRecorded(path.to_owned()))?),
    };
    refuse_inputs_and_outputs(path, there.as_ref(), planned)?;
    let Some(there) = there else {
        check_new(path, planned).with_context(|| NotRecorded(path.to_owned()))?;
        return Ok(None);
    };
    if there.is_dir() || is_block_device(&there) {
        bail!("the report {name} is a folder or a disk: name a file. Nothing was written");
    }
    if !there.is_file() {
        return Ok(None);
    }
    check_writable(path).with_context(|| NotRecorded(path.to_owned()))?;
    let file = File::open(path).with_context(|| format!("cannot read the report {name}"))?;
    let reading = || format!("cannot read the report {name}");
    if !is_journal(BufReader::new(&file)).with_context(reading)? {
        bail!(
            "{name} is no report of this program and was not changed: name a new file, or a report to add to. Nothing \
             was written"
        );
    }
    let ends = ends_with_a_line(&FileSource::of(&file).with_context(reading)?);
    Ok((!ends).then(|| {
        format!("the last line of {name} was cut short: it is closed, and skipped unless it is whole")
    }))
}

/// Finds out why a journal cannot be created, as far as that shows without creating it. Its folder may be one that is created
/// for the outputs.
fn check_new(path: &Path, planned: &[Paths]) -> io::Result<()> {
    let folder = folder_of(path);
    if folder.is_dir() {
        return check_writable(folder);
    }
    let own = place(&folder.join("report"));
    let own = own.parent().unwrap_or(&own);
    let is_created = |paths: &Paths| place(&paths.output).starts_with(own);
    if planned.iter().any(is_created) { Ok(()) } else { fs::metadata(folder).map(drop) }
}

impl JournalWriter {
    /// Opens a journal to add to.
    pub fn open(path: &Path, planned: &[Paths], times: Times) -> anyhow::Result<Self> {
        let problem = || NotRecorded(path.to_owned());
        if let Some(stream) = standard_stream(path) {
            let file = stream.with_context(problem)?;
            return Ok(Self {
                path: path.to_owned(),
                file: Mutex::new((file, Duration::ZERO)),
                written: None,
                times: Mutex::new(times),
            });
        }
        let mut options = OpenOptions::new();
        options.append(true);
        // Opening a pipe waits for somebody who reads it, and opening some devices for their other end.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::custom_flags(
            &mut options,
            (rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY).bits() as i32,
        );
        let is_new = fs::metadata(path).is_err();
        let is_stream = fs::metadata(path).is_ok_and(|there| !there.is_file());
        options.read(!is_stream).create(!is_stream);
        let mut waited = Duration::ZERO;
        let file = loop {
            match options.open(path) {
                Err(problem) if is_stream && is_unread(&problem) => {
                    if waited >= GRACE {
                        return Err(problem)
                            .context("nobody reads it")
                            .with_context(|| NotRecorded(path.to_owned()));
                    }
                }
                file => break file.with_context(problem)?,
            }
            sleep(PAUSE);
            waited += PAUSE;
        };
        if is_new {
            // Names that lead to one file although they differ, as in capitals, are one now.
            let refused = refuse_inputs_and_outputs(path, file.metadata().ok().as_ref(), planned);
            if refused.is_err() {
                // A link that led nowhere leads to the file by now.
                let _ = fs::remove_file(fs::canonicalize(path).as_deref().unwrap_or(path));
            }
            refused?;
            sync_folder(folder_of(path)).with_context(problem)?;
        }
        let written = if is_stream { None } else { Some(FileSource::of(&file).with_context(problem)?) };
        let (file, times) = (Mutex::new((file, Duration::ZERO)), Mutex::new(times));
        Ok(Self { path: path.to_owned(), file, written, times })
    }

    /// Adds a line, with the time, and brings it to disk. A reader that takes nothing is waited for, until `give_up` tells not to.
    pub fn add(&self, mut line: Value, give_up: impl Fn() -> bool) -> anyhow::Result<()> {
        let mut times = self.times.lock().expect("no holder of this lock panics");
        if self.written.is_some() {
            // What cannot be read says nothing of times.
            let _ = times.read_on(&self.path);
        }
        times.stamp(&mut line);
        let (file, waited) = &mut *self.file.lock().expect("no holder of this lock panics");
        // Of another program, or of this one when the disk was full.
        let is_cut = self.written.as_ref().is_some_and(|written| !ends_with_a_line(written));
        let start = if is_cut { "\n" } else { "" };
        // One call, so that lines of several programs do not mix.
        write(file, format!("{start}{line}\n").as_bytes(), waited, give_up)
            .and_then(|()| match file.sync_data() {
                // Pipes and devices are not brought to disk.
                Err(_) if self.written.is_none() => Ok(()),
                outcome => outcome,
            })
            .with_context(|| NotRecorded(self.path.clone()))
    }
}

/// Writes to what may not be ready to take anything.
fn write(
    to: &mut File,
    mut bytes: &[u8],
    waited: &mut Duration,
    give_up: impl Fn() -> bool,
) -> io::Result<()> {
    while !bytes.is_empty() {
        match to.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => (bytes, *waited) = (&bytes[count..], Duration::ZERO),
            Err(problem) if problem.kind() == io::ErrorKind::Interrupted => {}
            Err(problem) if problem.kind() == io::ErrorKind::WouldBlock => {
                if *waited >= PATIENCE || give_up() {
                    return Err(io::Error::new(io::ErrorKind::TimedOut, "nobody reads it"));
                }
                sleep(PAUSE);
                *waited += PAUSE;
            }
            Err(problem) => return Err(problem),
        }
    }
    Ok(())
}

/// Tells whether a file ends where a line does.
fn ends_with_a_line(file: &FileSource) -> bool {
    let mut last = [b'\n'];
    match file.len() {
        Ok(length) if length > 0 => file.read_at(length - 1, &mut last).is_err() || last == *b"\n",
        _ => true,
    }
}

/// Refuses a journal that an input or an output of this run is, or would be.
fn refuse_inputs_and_outputs(path: &Path, there: Option<&Metadata>, planned: &[Paths]) -> anyhow::Result<()> {
    let (id, own) = (there.filter(|there| there.is_file()).and_then(FileId::of), place(path));
    let has_id = |found: io::Result<Metadata>| found.ok().as_ref().and_then(FileId::of) == id;
    let name = |path: &Path| path.file_name().map(OsStr::to_ascii_lowercase);
    // Asking the system about every file of a long list takes its time.
    let has_place = |other: &Path| name(path) == name(other) && own == place(other);
    for paths in planned {
        let Paths { input, output } = paths;
        let which = if has_place(input) || id.is_some() && has_id(fs::metadata(input)) {
            "an input"
        } else if has_place(output) || id.is_some() && has_id(fs::symlink_metadata(output)) {
            "an output"
        } else {
            continue;
        };
        bail!(
            "the report {} is {which} of the same command: name another file for it. Nothing was written",
            display(path)
        );
    }
    Ok(())
}

/// Tells whether opening failed since a pipe has no reader, or nothing is behind a device.
#[cfg(unix)]
fn is_unread(problem: &io::Error) -> bool {
    problem.raw_os_error() == Some(rustix::io::Errno::NXIO.raw_os_error())
}

#[cfg(not(unix))]
fn is_unread(_problem: &io::Error) -> bool {
    false
}

#[cfg(unix)]
fn is_block_device(metadata: &Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_block_device(&metadata.file_type())
}

#[cfg(not(unix))]
fn is_block_device(_metadata: &Metadata) -> bool {
    false
}

/// Takes standard output or error for a path that leads to it, as `/dev/stdout` does: opened anew, a file would be
/// written to from its start, over what is there, and a socket not at all.
#[cfg(unix)]
fn standard_stream(path: &Path) -> Option<io::Result<File>> {
    use std::os::fd::{AsFd, BorrowedFd};
    let id = FileId::of(&fs::metadata(path).ok()?)?;
    let (out, error) = (io::stdout(), io::stderr());
    [out.as_fd(), error.as_fd()].into_iter().find_map(|stream: BorrowedFd<'_>| {
        let file = match stream.try_clone_to_owned() {
            Ok(file) => File::from(file),
            Err(problem) => return Some(Err(problem)),
        };
        (FileId::of(&file.metadata().ok()?)? == id).then_some(Ok(file))
    })
}

#[cfg(not(unix))]
fn standard_stream(_path: &Path) -> Option<io::Result<File>> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn add(path: &Path, line: Value) {
        JournalWriter::open(path, &[], Times::default()).unwrap().add(line, || false).unwrap();
    }

    #[test]
    fn a_line_that_was_cut_short_is_closed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.jsonl");
        let writer = JournalWriter::open(&path, &[], Times::default()).unwrap();
        writer.add(json!({"commit": 1}), || false).unwrap();
        // Another program's, ended in the middle, while this one is at work.
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"com").unwrap();
        assert!(check(&path, &[]).unwrap().unwrap().contains("cut short"));
        writer.add(json!({"commit": 2}), || false).unwrap();
        add(&path, json!({"commit": 3}));
        let text = fs::read_to_string(&path).unwrap();
        let timed =
            |line: &str, number: u8| line.starts_with(&format!("{{\"commit\":{number},\"time_ns\":1"));
        match *text.split('\n').collect::<Vec<_>>() {
            [one, cut, two, three, ""] => {
                assert_eq!(cut, "{\"com");
                assert!(timed(one, 1) && timed(two, 2) && timed(three, 3), "{text}");
            }
            _ => panic!("{text}"),
        }
    }

    #[test]
    fn what_a_command_reads_or_writes_is_no_journal() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let planned = [Paths { input: path("a.mrc"), output: path("a.hdf") }];
        fs::write(path("a.mrc"), "").unwrap();
        fs::hard_link(path("a.mrc"), path("link")).unwrap();
        for (name, which) in [("a.mrc", "an input"), ("link", "an input"), ("a.hdf", "an output")] {
            let problem = check(&path(name), &planned).unwrap_err().to_string();
            assert!(problem.contains(which), "{problem}");
        }
        assert!(!path("a.hdf").exists());
        #[cfg(unix)]
        {
            // It leads to the output, which is not there yet.
            std::os::unix::fs::symlink("a.hdf", path("r")).unwrap();
            assert!(check(&path("r"), &planned).is_ok());
            assert!(JournalWriter::open(&path("r"), &planned, Times::default()).is_err());
        }
    }
}
