//! What others do to input and output while the program reads and writes.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::process::{Child, Output, Stdio};

use e2compress_fixtures::complaint;
use e2compress_fixtures::made::Mrc;
use libtest_mimic::Trial;

use crate::place::{Outcome, Place, SIGNATURE, ended, halt, hold, is_temporary, signal, small, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("the input is truncated meanwhile", true, truncated),
        trial("the input grows meanwhile", true, grown),
        trial("the input is written to meanwhile", true, written),
        trial("the input is replaced meanwhile", true, replaced),
        trial("the input is removed meanwhile", true, removed),
        trial("the output's folder is removed meanwhile", true, folder_removed),
        trial("a folder takes the output's name meanwhile", true, folder_made),
        trial("the temporary file is removed meanwhile", true, part_removed),
    ]
}

const CHANGED: &str = "changed while it was read";

/// An input that takes a while, most of it holes.
pub fn slow(place: &Place, name: &str) {
    let header = Mrc::new(8192, 8192, 32, 0).bytes;
    let file = File::create(place.path(name)).expect("an input");
    (&file).write_all(&header).expect("a header");
    file.set_len(header.len() as u64 + 8192 * 8192 * 32).expect("a length");
}

/// Starts the program and halts it as soon as it has begun to write; SIGCONT has it go on. A temporary file that is empty
/// is not the program's own yet: it takes another when that one goes.
pub fn begun(place: &Place, words: &[&str], folder: &str) -> Child {
    let mut command = place.heeding(words);
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let is_held = |name: &String| {
        is_temporary(name)
            && fs::metadata(place.path(folder).join(name)).is_ok_and(|metadata| metadata.len() > 0)
    };
    while !place.names(folder).iter().any(is_held) {
        assert!(child.try_wait().expect("a child").is_none(), "it ended too soon");
    }
    halt(&child);
    child
}

type Act = fn(&Place) -> std::io::Result<()>;

/// Compresses `out/../a.mrc` into `out`, where an older output lies, while `act` happens.
fn while_it_runs(act: Act) -> Result<(Place, Output), std::io::Error> {
    let place = Place::new();
    slow(&place, "a.mrc");
    fs::create_dir(place.path("out"))?;
    place.file("out/a.hdf", "old");
    let child =
        begun(&place, &["--overwrite", "--threads", "1", "--bits", "2", "--outpath", "out", "a.mrc"], "out");
    let acted = act(&place);
    signal(&child, "CONT");
    let run = child.wait_with_output()?;
    acted.map(|()| (place, run))
}

fn refused(act: Act) -> Outcome {
    let (place, run) = while_it_runs(act)?;
    ended(&run, 1, CHANGED)?;
    hold(complaint(&run).lines().count() == 1, || complaint(&run))?;
    hold(place.names("out") == ["a.hdf"] && place.bytes("out/a.hdf") == b"old", || {
        format!("{:?}", place.names("out"))
    })
}

fn truncated() -> Outcome {
    refused(|place| File::options().write(true).open(place.path("a.mrc"))?.set_len(1 << 20))
}

fn grown() -> Outcome {
    refused(|place| File::options().append(true).open(place.path("a.mrc"))?.write_all(b"more"))
}

fn written() -> Outcome {
    refused(|place| File::options().write(true).open(place.path("a.mrc"))?.write_all_at(b"x", 5000))
}

fn replaced() -> Outcome {
    refused(|place| fs::rename(place.file("new", small()), place.path("a.mrc")))
}

/// What was read was whole, and its output is now the only copy.
fn removed() -> Outcome {
    let (place, run) = while_it_runs(|place| fs::remove_file(place.path("a.mrc")))?;
    ended(&run, 0, "")?;
    hold(place.bytes("out/a.hdf").starts_with(SIGNATURE), || "no output".into())?;
    hold(place.names("out") == ["a.hdf"], || format!("{:?}", place.names("out")))
}

fn folder_removed() -> Outcome {
    let (place, run) = while_it_runs(|place| fs::remove_dir_all(place.path("out")))?;
    ended(&run, 1, "No such file or directory")?;
    place.holds(&["a.mrc"])
}

fn folder_made() -> Outcome {
    let act = |place: &Place| {
        fs::remove_file(place.path("out/a.hdf"))?;
        fs::create_dir(place.path("out/a.hdf"))?;
        place.file("out/a.hdf/precious", "precious");
        Ok(())
    };
    let (place, run) = while_it_runs(act)?;
    ended(&run, 1, "cannot rename the output")?;
    hold(place.names("out") == ["a.hdf"] && place.bytes("out/a.hdf/precious") == b"precious", || {
        format!("{:?}", place.names("out"))
    })
}

fn part_removed() -> Outcome {
    let act = |place: &Place| {
        for name in place.names("out").iter().filter(|name| is_temporary(name)) {
            fs::remove_file(place.path("out").join(name))?;
        }
        Ok(())
    };
    let (place, run) = while_it_runs(act)?;
    ended(&run, 1, "cannot rename the output")?;
    hold(place.names("out") == ["a.hdf"] && place.bytes("out/a.hdf") == b"old", || "touched".into())
}
