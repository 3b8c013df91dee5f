//! Runs the checks and tests: all of them, or those that give a verdict within minutes.

use std::env;
use std::fs;
use std::process::Command;

use anyhow::Context;

use crate::command::{cargo, enter_project};
use crate::environments::{PAKO, READERS};
use crate::needs::{self, LIBHDF5, MACOS, WINDOWS, nightly};
use crate::setup::setup;
use crate::tally::Tally;
use crate::{audit, fuzz, slurm};

/// The packages that need no C library.
const PURE: [&str; 6] = ["-p", "e2compress-core", "-p", "e2compress", "-p", "xtask"];

/// A part of the tests.
struct Step {
    name: &'static str,
    run: fn(&mut Tally) -> anyhow::Result<()>,
}

/// The README's commands, in a clean clone: what a newcomer meets, and so what is tried before anything is
/// installed.
const FRONT_DOOR: Step = Step { name: "front door", run: front_door };

/// Everything else, the quickest to fail first.
const ALL: [Step; 14] = [
    Step { name: "formatting", run: formatting },
    Step { name: "lints", run: lints },
    Step { name: "documentation", run: documentation },
    Step { name: "other systems", run: other_systems },
    Step { name: "packages", run: packages },
    Step { name: "unsafe code in Miri", run: miri },
    Step { name: "workspace", run: workspace },
    Step { name: "command with libhdf5", run: command_with_libhdf5 },
    Step { name: "distribution", run: distribution },
    Step { name: "clusters", run: slurm::check },
    Step { name: "benchmarks", run: benchmarks },
    Step { name: "fuzzing", run: fuzz::check },
    Step { name: "dependencies", run: audit::check },
    Step { name: "browser", run: browser },
];

/// What gives a verdict within minutes.
const QUICK: [Step; 4] = [
    Step { name: "formatting", run: formatting },
    Step { name: "lints", run: lints },
    Step { name: "core and command", run: core_and_command },
    Step { name: "conformance", run: conformance },
];

/// Tests of the command that take minutes, or packages that have to be installed.
const SLOW: [&str; 5] = ["libhdf5", "memory", "python", "readers", "real_faults"];

/// Runs everything; true when nothing failed. Without `install`, things that are missing are listed, and that is
/// a failure; nothing is installed.
pub fn test(install: bool) -> anyhow::Result<bool> {
    enter_project()?;
    let mut tally = Tally::default();
    if install {
        (FRONT_DOOR.run)(&mut tally)?;
        tally.begin("setup");
        if let Err(problem) = setup(needs::TEST) {
            tally.fail("setup", &format!("{problem:#}"));
            return Ok(tally.conclude());
        }
    } else {
        let missing = needs::missing(needs::TEST);
        if !missing.is_empty() {
            println!("missing:\n{}", needs::listed(&missing));
            println!(
                "`cargo xtask test --setup` installs all of it, and tests; `cargo xtask test quick` needs none"
            );
            tally.lack(missing.len());
            return Ok(tally.conclude());
        }
        (FRONT_DOOR.run)(&mut tally)?;
    }
    for step in &ALL {
        (step.run)(&mut tally)?;
    }
    Ok(tally.conclude())
}

/// Prints what [`test()`] would do.
pub fn plan(install: bool) -> anyhow::Result<bool> {
    enter_project()?;
    let missing = needs::missing(needs::TEST);
    match (missing.is_empty(), install) {
        (true, _) => println!("nothing is missing"),
        (false, true) => println!("would install:\n{}", needs::listed(&missing)),
        (false, false) => println!("missing, would fail:\n{}", needs::listed(&missing)),
    }
    println!("would run:");
    for step in std::iter::once(&FRONT_DOOR).chain(&ALL) {
        println!("  {}", step.name);
    }
    Ok(true)
}

/// Runs what gives a verdict within minutes, and installs nothing; true when nothing failed.
pub fn quick() -> anyhow::Result<bool> {
    enter_project()?;
    let mut tally = Tally::default();
    for step in &QUICK {
        (step.run)(&mut tally)?;
    }
    let left_out = std::iter::once(&FRONT_DOOR)
        .chain(&ALL)
        .map(|step| step.name)
        .filter(|name| QUICK.iter().all(|step| step.name != *name));
    println!("\nleft to `cargo xtask test`: {}", left_out.collect::<Vec<_>>().join(", "));
    println!("and of the tests of core and command: {}", SLOW.join(", "));
    Ok(tally.conclude())
}

/// Compresses and ends runs for so many minutes; true when every output was right.
pub fn soak(minutes: &str) -> anyhow::Result<bool> {
    enter_project()?;
    needs::demand(needs::SOAK)?;
    let soak = ["run", "--quiet", "-p", "e2compress-tests", "--bin", "soak", "--", minutes];
    Ok(cargo().args(soak).status()?.success())
}

fn front_door(tally: &mut Tally) -> anyhow::Result<()> {
    tally.tests("front door", cargo().args(["test", "-p", "xtask", "--test", "front_door"]))
}

fn formatting(tally: &mut Tally) -> anyhow::Result<()> {
    tally.check("formatting", cargo().args(["fmt", "--all", "--check"]))
}

fn lints(tally: &mut Tally) -> anyhow::Result<()> {
    let mut command = cargo();
    command.arg("clippy");
    if LIBHDF5.is_there() {
        command.args(["--workspace", "--all-features"]);
    } else {
        println!("\nlints of packages that link libhdf5 are left out: it is not installed");
        command.args(PURE);
    }
    tally.check("lints", command.args(["--all-targets", "--", "-D", "warnings"]))?;
    // Its tests run so in the browser.
    let serial = ["clippy", "-p", "e2compress-core", "--no-default-features", "--", "-D", "warnings"];
    tally.check("lints of the core without threads", cargo().args(serial))
}

fn documentation(tally: &mut Tally) -> anyhow::Result<()> {
    let words = ["doc", "--workspace", "--no-deps"];
    tally.check("documentation", cargo().args(words).env("RUSTDOCFLAGS", "-D warnings"))
}

/// Compiles core and command for systems that this one is not; their tests for the one that is least like this one.
fn other_systems(tally: &mut Tally) -> anyhow::Result<()> {
    for (system, target, parts) in [("Windows", WINDOWS, &["--all-targets"][..]), ("macOS", MACOS, &[])] {
        let mut command = cargo();
        command.arg("clippy").args(PURE).args(parts).args(["--target", target, "--", "-D", "warnings"]);
        tally.check(&format!("compiles for {system}"), &mut command)?;
    }
    Ok(())
}

/// Packs what goes to a registry, and looks at what is in it.
fn packages(tally: &mut Tally) -> anyhow::Result<()> {
    tally.check("packages", Command::new(env::current_exe()?).args(["publish", "check"]))
}

/// Tests what that feature changes; the command's other tests run without it, with the workspace's.
fn command_with_libhdf5(tally: &mut Tally) -> anyhow::Result<()> {
    // As part of the workspace, so that the core is that of its tests.
    let words = ["test", "--workspace", "--features", "e2compress/libhdf5"];
    tally.tests("command with libhdf5", cargo().args(words).args(["--test", "libhdf5", "--test", "golden"]))
}

/// Runs the loops behind the one unsafe call of the core: with AVX2, so that the call is made, and one of them without, so
/// that it must not be.
fn miri(tally: &mut Tally) -> anyhow::Result<()> {
    let loops = [
        ("AVX2", "+avx2", "every_vector_unit"),
        ("no AVX2", "-avx2", "every_vector_unit_gives_the_same_codes"),
    ];
    for (name, features, tests) in loops {
        tally.tests(
            &format!("unsafe code in Miri, {name}"),
            nightly("cargo")
                .args(["miri", "test", "-p", "e2compress-core", "--lib", tests])
                .env("RUSTFLAGS", format!("-Ctarget-feature={features}"))
                // The property tests take their seed from the system.
                .env("MIRIFLAGS", "-Zmiri-disable-isolation")
                .env("PROPTEST_CASES", "2"),
        )?;
    }
    Ok(())
}

fn workspace(tally: &mut Tally) -> anyhow::Result<()> {
    tally.tests(
        "workspace",
        cargo()
            .args(["test", "--workspace", "--no-fail-fast"])
            .env("E2COMPRESS_PYTHON", READERS.program())
            .env("E2COMPRESS_PAKO", PAKO.folder()),
    )
}

/// Packs archive and wheel, and installs them; the rest takes a second build of the whole, and is left to
/// `cargo xtask dist --check`.
fn distribution(tally: &mut Tally) -> anyhow::Result<()> {
    tally.check("distribution", Command::new(env::current_exe()?).args(["dist", "quick"]))?;
    tally.tests("what was packed", cargo().args(["test", "-p", "xtask", "--test", "dist"]))
}

/// Runs the benchmarks that the documentation names to their end; nothing is timed here.
fn benchmarks(tally: &mut Tally) -> anyhow::Result<()> {
    tally.check("benchmarks", Command::new(env::current_exe()?).args(["bench", "check"]))
}

fn browser(tally: &mut Tally) -> anyhow::Result<()> {
    let words = ["test", "--", "--no-install"];
    tally.tests("browser", Command::new("npm").args(words).current_dir("web"))
}

/// Tests both in one go, so that the core is built once: unit tests, and those of the others that are quick.
fn core_and_command(tally: &mut Tally) -> anyhow::Result<()> {
    let mut command = cargo();
    command.args(["test", "--no-fail-fast", "-p", "e2compress-core", "-p", "e2compress", "--lib", "--bins"]);
    for folder in ["core/tests", "native-cli/tests"] {
        for name in names(folder)?.iter().filter(|name| !SLOW.contains(&name.as_str())) {
            command.args(["--test", name]);
        }
    }
    tally.tests("core and command", &mut command)
}

/// Returns the names of the tests in a folder.
fn names(folder: &str) -> anyhow::Result<Vec<String>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {folder}"))?;
    let paths = entries.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<Vec<_>>>()?;
    let mut names: Vec<_> =
        paths.iter().filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect();
    names.sort();
    Ok(names)
}

/// Tests every conformance input under every option set, as libhdf5 reads the outputs.
fn conformance(tally: &mut Tally) -> anyhow::Result<()> {
    if !LIBHDF5.is_there() {
        tally.skip("conformance", "it reads outputs with libhdf5, which is not installed");
        return Ok(());
    }
    let words = ["test", "-p", "e2compress-tests", "--test", "conformance"];
    tally.tests("conformance", cargo().args(words))
}
