//! Programs that are ended at any moment, and several at once.

use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use e2compress_fixtures::complaint;
use e2compress_fixtures::made::Noise;
use libtest_mimic::Trial;

use crate::calls::{failing, library};
use crate::meanwhile::{begun, slow};
use crate::place::{Outcome, Place, SIGNATURE, ended, expected, hold, large, signal, small, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("killed at any moment", true, killed),
        trial("killed at any moment, the input being replaced", true, killed_in_place),
        trial("asked to stop at any moment", true, stopped),
        trial("asked to stop while it works", true, stopped_at_work),
        trial("asked to end again and again", true, asked_again),
        trial("a signal that was ignored from the start", true, ignored),
        trial("two programs on one output", true, two_at_once),
        trial("a living program's temporary file stays", true, living),
        trial("temporary files that ended programs left", true, left_over),
        trial("hidden files of others stay", true, hidden_files_of_others),
        trial("eight programs over the same files", true, eight_at_once),
        trial("a folder of outputs is not listed", library().is_some(), not_listed),
    ]
}

const WORDS: [&str; 3] = ["--bits", "-1", "--overwrite"];

fn start(place: &Place, words: &[&str]) -> Child {
    let mut command = place.heeding(words);
    command.arg("a.mrc").stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program starts")
}

/// How long the program takes on this machine at this moment.
fn duration(place: &Place) -> Duration {
    let start = Instant::now();
    assert!(place.run(&[&WORDS[..], &["a.mrc"]].concat()).status.success());
    start.elapsed()
}

/// Random moments of a program's life, which lasts as long as other programs let it: one that was over in time has the
/// next ones come sooner, one that was not has them come later.
struct Moments {
    life: Duration,
    random: Noise,
}

impl Moments {
    const STEP: f32 = 1.1;

    /// Waits for the next one.
    fn wait(&mut self) {
        sleep(self.life.mul_f32(self.random.even()));
    }

    fn learn(&mut self, was_over: bool) {
        self.life = if was_over { self.life.div_f32(Self::STEP) } else { self.life.mul_f32(Self::STEP) };
    }
}

/// Starts the program over an old output, and sends it a signal at a random moment of its life.
fn sent(place: &Place, moments: &mut Moments, name: &str) -> Output {
    place.file("a.hdf", "old");
    let child = start(place, &WORDS);
    moments.wait();
    signal(&child, name);
    let run = child.wait_with_output().expect("it ends");
    moments.learn(run.status.success());
    run
}

fn killed() -> Outcome {
    let place = Place::new();
    place.file("a.mrc", large());
    let new = expected("a.mrc", &large(), &WORDS);
    let mut moments = Moments { life: duration(&place), random: Noise(9) };
    let (mut old, mut left) = (0, 0);
    for round in 0..150 {
        let run = sent(&place, &mut moments, "KILL");
        let output = place.bytes("a.hdf");
        hold(output == b"old" || output == new, || format!("round {round}: a third output"))?;
        hold(output == new || !run.status.success(), || format!("round {round}: said to be done"))?;
        old += usize::from(output == b"old");
        left += place.left_over().len();
        // The next run, even one that can do nothing, leaves nothing over.
        if round % 10 == 9 {
            ended(&place.run(&[&WORDS[..], &["a.mrc"]].concat()), 0, "")?;
            place.holds(&["a.hdf", "a.mrc"])?;
        }
    }
    hold(old > 10 && left > 0, || format!("{old} old outputs and {left} left over: the moments were wrong"))
}

fn killed_in_place() -> Outcome {
    let place = Place::new();
    place.file("a.mrc", large());
    ended(&place.run(&[&WORDS[..], &["a.mrc"]].concat()), 0, "")?;
    let words = ["--bits", "8", "a.hdf"];
    let old = place.bytes("a.hdf");
    let start = Instant::now();
    ended(&place.run(&words), 0, "")?;
    let mut moments = Moments { life: start.elapsed(), random: Noise(11) };
    let new = place.bytes("a.hdf");
    let mut replaced = 0;
    for round in 0..100 {
        place.file("a.hdf", &old);
        let mut child = place.command(&words).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        moments.wait();
        signal(&child, "KILL");
        let status = child.wait()?;
        moments.learn(status.success());
        let output = place.bytes("a.hdf");
        hold(output == old || output == new, || format!("round {round}: a third file"))?;
        hold(output == new || !status.success(), || format!("round {round}: said to be done"))?;
        replaced += usize::from(output == new);
    }
    ended(&place.run(&words), 0, "")?;
    place.holds(&["a.hdf", "a.mrc"])?;
    hold(replaced < 100, || "the moments were wrong".into())
}

fn stopped() -> Outcome {
    let place = Place::new();
    place.file("a.mrc", large());
    let new = expected("a.mrc", &large(), &WORDS);
    let mut moments = Moments { life: duration(&place), random: Noise(10) };
    for round in 0..40 {
        for (name, number) in [("INT", 2), ("TERM", 15), ("HUP", 1)] {
            let run = sent(&place, &mut moments, name);
            let output = place.bytes("a.hdf");
            let what = || format!("round {round}, {name}: {}: {}", run.status, complaint(&run));
            match run.status.code() {
                Some(0) => hold(output == new, what)?,
                Some(status) => hold(status == 128 + number && output == b"old", what)?,
                // Before the program listens, when nothing is made yet.
                None => hold(output == b"old", what)?,
            }
            hold(place.left_over().is_empty(), what)?;
        }
    }
    Ok(())
}

fn stopped_at_work() -> Outcome {
    for (name, status) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let place = Place::new();
        slow(&place, "a.mrc");
        place.file("a.hdf", "old");
        let child = begun(&place, &["--overwrite", "--threads", "1", "a.mrc"], "");
        signal(&child, name);
        signal(&child, "CONT");
        ended(&child.wait_with_output()?, status, "interrupted: 1 of 1 file not done")?;
        place.holds(&["a.hdf", "a.mrc"])?;
        hold(place.bytes("a.hdf") == b"old", || "the old output is gone".into())?;
    }
    Ok(())
}

/// Engines that end a job send the signal to its processes one by one and to all of them at once.
fn asked_again() -> Outcome {
    for (name, status) in [("TERM", 143), ("HUP", 129)] {
        let place = Place::new();
        slow(&place, "a.mrc");
        let mut child = begun(&place, &["--threads", "1", "a.mrc"], "");
        signal(&child, "CONT");
        while child.try_wait()?.is_none() {
            signal(&child, name);
        }
        ended(&child.wait_with_output()?, status, "interrupted: 1 of 1 file not done")?;
        place.holds(&["a.mrc"])?;
    }
    Ok(())
}

/// As `nohup` starts it.
fn ignored() -> Outcome {
    for name in ["HUP", "INT", "TERM"] {
        let place = Place::new();
        slow(&place, "a.mrc");
        let script = format!(r#"trap "" {name}; exec "$0" --bits 2 a.mrc"#);
        let mut command = Command::new("sh");
        command.args(["-c", &script]).arg(Place::program()).current_dir(place.path(""));
        let child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn()?;
        while place.left_over().is_empty() {
            sleep(Duration::from_millis(1));
        }
        signal(&child, name);
        ended(&child.wait_with_output()?, 0, "")?;
        hold(place.bytes("a.hdf").starts_with(SIGNATURE), || "no output".into())?;
    }
    Ok(())
}

/// Both may succeed, the later rename wins; one may say that it could not. Never a mix.
fn two_at_once() -> Outcome {
    let place = Place::new();
    place.file("a.mrc", large());
    let options = [["--bits", "5"], ["--bits", "8"], ["--bits", "-1"]];
    let outputs = options.map(|words| expected("a.mrc", &large(), &words));
    for round in 0..30 {
        let children = options.map(|words| start(&place, &words));
        for child in children {
            let run = child.wait_with_output()?;
            hold(matches!(run.status.code(), Some(0 | 1)), || format!("{round}: {}", complaint(&run)))?;
        }
        hold(outputs.contains(&place.bytes("a.hdf")), || format!("round {round}: no whole output"))?;
        place.holds(&["a.hdf", "a.mrc"])?;
    }
    Ok(())
}

fn living() -> Outcome {
    let place = Place::new();
    slow(&place, "a.mrc");
    std::fs::create_dir(place.path("other"))?;
    place.file("other/a.mrc", small());
    let child = begun(&place, &["--overwrite", "--threads", "1", "--bits", "2", "a.mrc"], "");
    let before = place.left_over();
    let other = place.run(&["--outpath", ".", "other/a.mrc"]);
    let after = place.left_over();
    signal(&child, "CONT");
    ended(&child.wait_with_output()?, 0, "")?;
    ended(&other, 0, "")?;
    hold(after == before, || "its file was removed".into())?;
    place.holds(&["a.hdf", "a.mrc", "other"])?;
    hold(place.bytes("a.hdf").starts_with(SIGNATURE), || "no output".into())
}

fn left_over() -> Outcome {
    let place = Place::new();
    place.file("a.mrc", small());
    let name = "n".repeat(240);
    place.file(format!("{name}.mrc"), small());
    let input = format!("{name}.mrc");
    for input in ["a.mrc", &input] {
        slow(&place, "slow");
        std::fs::rename(place.path("slow"), place.path(input))?;
        let mut child = begun(&place, &[input], "");
        let _ = child.kill();
        child.wait()?;
        hold(place.left_over().len() == 1, || "nothing was left".into())?;
        // Even a run that fails cleans up; another file's run does not touch it.
        place.file("b.mrc", small());
        ended(&place.run(&["b.mrc"]), 0, "")?;
        hold(place.left_over().len() == 1, || "another output's file was removed".into())?;
        place.file(input, "no image");
        ended(&place.run(&[input]), 1, "not an MRC file")?;
        hold(place.left_over().is_empty(), || "it is still there".into())?;
    }
    Ok(())
}

/// Whatever they are called.
fn hidden_files_of_others() -> Outcome {
    let place = Place::new();
    place.file("a.mrc", small());
    let names: Vec<String> = (0..4)
        .map(|number| format!(".a.hdf.e2compress-{number}.part"))
        .chain([".a.hdf.abcdef.part", ".a.hdf.part", ".a.mrc.e2compress-0.part"].map(String::from))
        .collect();
    for name in &names {
        place.file(name, "my notes");
    }
    ended(&place.run(&["a.mrc"]), 0, "")?;
    ended(&place.run(&["--bits", "5", "a.mrc"]), 0, "")?;
    for name in &names {
        hold(place.bytes(name) == b"my notes", || format!("{name} is gone"))?;
    }
    hold(place.names("").len() == names.len() + 2, || format!("{:?}", place.names("")))
}

/// Every one of them succeeds, with and without a common record.
fn eight_at_once() -> Outcome {
    const FILES: usize = 200;
    let place = Place::new();
    let inputs: Vec<String> = (0..FILES).map(|number| format!("{number:03}.mrc")).collect();
    for input in &inputs {
        place.file(input, small());
    }
    let ways: [&[&str]; 3] = [&[], &["--overwrite"], &["--report", "r.jsonl", "--resume", "r.jsonl"]];
    for (number, way) in ways.into_iter().enumerate() {
        let out = format!("out{number}");
        let words = [&["--bits", "5", "--threads", "2", "--outpath", &out], way].concat();
        let start = |_| {
            let mut command = place.command(&words);
            command.args(&inputs).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()
        };
        for child in (0..8).map(start).collect::<Result<Vec<_>, _>>()? {
            ended(&child.wait_with_output()?, 0, "")?;
        }
        let names = place.names(&out);
        hold(names.len() == FILES, || format!("{way:?}: {} files: {:?}", names.len(), names.first()))?;
        for input in [&inputs[0], &inputs[FILES - 1]] {
            let name = input.replace(".mrc", ".hdf");
            let right = place.bytes(format!("{out}/{name}")) == expected(input, &small(), &["--bits", "5"]);
            hold(right, || format!("{way:?}: {name}"))?;
        }
        // Nothing is left to do, by a record that eight wrote at once.
        if way.contains(&"--resume") {
            let run = place.command(&words).args(&inputs).output()?;
            let skipped = String::from_utf8_lossy(&run.stdout).matches("done before").count();
            hold(skipped == FILES, || format!("{skipped} of {FILES} proven"))?;
        }
    }
    Ok(())
}

/// However many files are in it. In place the list of processes is read, which shows that listing would be seen.
fn not_listed() -> Outcome {
    let place = Place::new();
    place.file("a.mrc", small());
    std::fs::create_dir(place.path("out"))?;
    place.file("out/.a.hdf.e2compress-5.part", "");
    let run = |words: &[&str]| {
        let run = failing(place.command(words), &place, "opendir", 0, "5");
        (run, std::fs::remove_file(place.path("mark")).is_ok())
    };
    let (plain, listed) = run(&["--outpath", "out", "a.mrc"]);
    ended(&plain, 0, "")?;
    hold(!listed, || "a folder was listed".into())?;
    hold(place.names("out") == ["a.hdf"], || "something is left over".into())?;
    let (in_place, listed) = run(&["--bits", "5", "out/a.hdf"]);
    ended(&in_place, 0, "")?;
    hold(listed, || "no list was seen, not even that of the processes".into())
}
