//! What `cargo xtask dist` packs: installed the way people install it, and checked against the ordinary build. Packages
//! that were not made are not asked for; what this machine cannot run is ignored, with a line that says why.

#[path = "dist/arm.rs"]
mod arm;
#[path = "dist/deb.rs"]
mod deb;
#[path = "dist/documents.rs"]
mod documents;
#[path = "dist/manuals.rs"]
mod manuals;

use std::env;
use std::env::consts::ARCH;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use libtest_mimic::{Arguments, Failed, Trial};
use tempfile::TempDir;

type Outcome = Result<(), Failed>;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Images of several kinds: integers, floats, a stack, EMAN2's own HDF5.
const IMAGES: [&str; 4] = [
    "examples/micrograph.mrc",
    "tests/data/f32_positive.mrc",
    "tests/data/f32_stack.mrcs",
    "tests/data/eman2-hdf/u8_movie__bits5.hdf",
];

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = vec![
        Trial::test("both commands of the wheel do what the ordinary build does", wheel_runs),
        Trial::test("pip takes the wheel for glibc and for musl", wheel_is_taken),
        Trial::test("the command of the original's name hands on its exit status and its streams", alias),
        Trial::test("the module of the wheel calls its command, and says what reading needs", module_calls),
        Trial::test(
            "the archive has the program, the licences and the README with all it leads to",
            archive_is_whole,
        ),
        Trial::test(
            "the wheel brings what the README leads to, and its description has no link to a file",
            wheel_is_documented,
        ),
        Trial::test("the program asks for no loader and no library", is_static),
        trial("the program runs where there is nothing else", needs_root(), runs_alone),
        Trial::test("the same program is packed into the same bytes", same_bytes),
        Trial::test("the checksums are those of the packages", checksums),
    ];
    trials.extend(manuals::trials());
    trials.extend(deb::trials());
    trials.extend(arm::trials());
    libtest_mimic::run(&arguments, trials).exit();
}

/// Makes a trial that is ignored where something is missing.
fn trial(name: &str, missing: Option<String>, run: fn() -> Outcome) -> Trial {
    if let Some(missing) = &missing {
        eprintln!("skipped: {name}: {missing}");
    }
    Trial::test(name, run).with_ignored_flag(missing.is_some())
}

/// Says so if this is not root.
fn needs_root() -> Option<String> {
    let root = said(Command::new("id").arg("-u")).is_ok_and(|user| user.trim() == "0");
    (!root).then(|| "it takes root".into())
}

/// Says so if a program is not there.
fn needs_program(name: &str) -> Option<String> {
    let there = Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success());
    (!there).then(|| format!("{name} is not here"))
}

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the project's folder")
}

/// Returns cargo's folder, which integration tests have a folder below.
fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("cargo's folder").to_owned()
}

/// Names the archive for an architecture, without the end.
fn archive(architecture: &str) -> String {
    format!("e2compress-{VERSION}-{architecture}-linux-musl")
}

/// Finds the archive for an architecture.
fn packed_archive(architecture: &str) -> Result<PathBuf, Failed> {
    packed(&format!("{}.tar.gz", archive(architecture)))
}

/// Finds the wheel for an architecture.
fn packed_wheel(architecture: &str) -> Result<PathBuf, Failed> {
    packed(&format!("{architecture}.whl"))
}

/// Finds the only file of `target/dist` with such an end.
fn packed(end: &str) -> Result<PathBuf, Failed> {
    let folder = target().join("dist");
    let files = fs::read_dir(&folder)
        .map_err(|problem| format!("{}: {problem}; `cargo xtask dist` makes it", folder.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>, Failed>>()?;
    let mut files = files.into_iter().filter(|path| path.to_string_lossy().ends_with(end));
    match (files.next(), files.next()) {
        (Some(file), None) => Ok(file),
        (None, _) => Err(format!("no {end} in {}; `cargo xtask dist` makes it", folder.display()).into()),
        (Some(_), Some(_)) => Err(format!("more than one {end} in {}", folder.display()).into()),
    }
}

/// Runs a command that must succeed and returns what it printed.
fn said(command: &mut Command) -> Result<String, Failed> {
    let output = command.output().map_err(|problem| format!("{command:?}: {problem}"))?;
    if !output.status.success() {
        return Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Unpacks this machine's archive.
fn unpacked() -> Result<(TempDir, PathBuf), Failed> {
    unpacked_for(ARCH)
}

/// Unpacks the archive for an architecture.
fn unpacked_for(architecture: &str) -> Result<(TempDir, PathBuf), Failed> {
    let folder = tempfile::tempdir()?;
    let packed = packed_archive(architecture)?;
    said(Command::new("tar").arg("-xzf").arg(packed).arg("-C").arg(folder.path()))?;
    let inside = folder.path().join(archive(architecture));
    Ok((folder, inside))
}

/// A Python environment with the wheel, and nothing from anywhere else.
static INSTALLED: LazyLock<Result<TempDir, String>> = LazyLock::new(|| {
    let install = || {
        let folder = tempfile::tempdir()?;
        said(Command::new("python3").args(["-m", "venv"]).arg(folder.path()))?;
        let words = ["-m", "pip", "install", "--quiet", "--no-index", "--no-deps"];
        said(Command::new(folder.path().join("bin/python")).args(words).arg(packed_wheel(ARCH)?))?;
        Ok::<_, Failed>(folder)
    };
    install().map_err(|problem| problem.message().unwrap_or_default().to_owned())
});

fn installed(name: &str) -> Result<Command, Failed> {
    let folder = INSTALLED.as_ref().map_err(Failed::from)?;
    Ok(Command::new(folder.path().join("bin").join(name)))
}

/// Builds the command as tests do and returns it.
fn ordinary() -> Result<Command, Failed> {
    static BUILT: LazyLock<Result<(), String>> = LazyLock::new(|| {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        said(Command::new(cargo).args(["build", "--workspace", "--bin", "e2compress"]).current_dir(project()))
            .map(drop)
            .map_err(|problem| problem.message().unwrap_or_default().to_owned())
    });
    BUILT.as_ref().map_err(Failed::from)?;
    Ok(Command::new(target().join("debug/e2compress")))
}

/// Copies the images to a folder: outputs name the input as the command line does.
fn images(folder: &Path) -> Result<Vec<String>, Failed> {
    IMAGES
        .iter()
        .map(|image| {
            let name = Path::new(image).file_name().and_then(|name| name.to_str()).ok_or("no name")?;
            fs::copy(project().join(image), folder.join(name))?;
            Ok(name.to_owned())
        })
        .collect()
}

/// Compresses the images of a folder into `out` in it.
fn compress(command: &mut Command, names: &[String]) -> Outcome {
    said(command.args(["--bits", "5", "--outpath", "out"]).args(names)).map(drop)
}

/// Fails unless both folders have the same outputs, one for each image.
fn same_outputs(one: &Path, other: &Path) -> Outcome {
    for image in IMAGES {
        let name = Path::new(image).with_extension("hdf");
        let name = Path::new("out").join(name.file_name().ok_or("no name")?);
        if fs::read(one.join(&name))? != fs::read(other.join(&name))? {
            return Err(format!("{} differs", name.display()).into());
        }
    }
    Ok(())
}

/// Makes the outputs of the ordinary build, in a folder of their own.
fn expected() -> Result<TempDir, Failed> {
    let folder = tempfile::tempdir()?;
    let names = images(folder.path())?;
    compress(ordinary()?.current_dir(folder.path()), &names)?;
    Ok(folder)
}

fn wheel_runs() -> Outcome {
    let expected = expected()?;
    for name in ["e2compress", "e2compress.py"] {
        let folder = tempfile::tempdir()?;
        let names = images(folder.path())?;
        compress(installed(name)?.current_dir(folder.path()), &names)?;
        same_outputs(folder.path(), expected.path())?;
        let version = said(installed(name)?.arg("--version"))?;
        if version != said(installed("e2compress")?.arg("--version"))? || !version.contains(VERSION) {
            return Err(format!("{name} --version says {version}").into());
        }
    }
    Ok(())
}

/// Asks pip as it decides on those systems, which this one need not be.
fn wheel_is_taken() -> Outcome {
    let wheel = packed_wheel(ARCH)?;
    for platform in ["manylinux2014", "manylinux_2_17", "musllinux_1_1"] {
        let platform = format!("{platform}_{ARCH}");
        let folder = tempfile::tempdir()?;
        let words = ["-m", "pip", "download", "--quiet", "--no-index", "--no-deps", "--only-binary", ":all:"];
        said(
            Command::new("python3")
                .args(words)
                .args(["--platform", &platform, "--find-links"])
                .arg(wheel.parent().ok_or("no folder")?)
                .arg("--dest")
                .arg(folder.path())
                .arg(format!("e2compress=={VERSION}")),
        )?;
    }
    Ok(())
}

fn alias() -> Outcome {
    // A link to it, as pipx makes, is the command all the same.
    let folder = tempfile::tempdir()?;
    let link = folder.path().join("compress");
    said(Command::new("ln").arg("-s").arg(installed("e2compress.py")?.get_program()).arg(&link))?;
    for words in [&["--bits", "1", "a.mrc"][..], &["missing.mrc"], &["info", "missing.mrc"], &["--help"]] {
        let run = |mut command: Command| -> Result<Output, Failed> {
            Ok(command.args(words).current_dir(folder.path()).output()?)
        };
        let one = run(installed("e2compress")?)?;
        for other in [run(installed("e2compress.py")?)?, run(Command::new(&link))?] {
            if (one.status, &one.stdout, &one.stderr) != (other.status, &other.stdout, &other.stderr) {
                return Err(format!("{words:?}: {one:?}, but {other:?}").into());
            }
        }
    }
    Ok(())
}

/// A script of the environment has its commands' folder first among its modules': `e2compress.py` lies there.
fn module_calls() -> Outcome {
    let expected = expected()?;
    let folder = tempfile::tempdir()?;
    let names = images(folder.path())?;
    let words = names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
    let script = format!(
        "import sys, e2compress\n\
         records = e2compress.compress([{words}], bits=5, outpath='out')\n\
         assert [record['status'] for record in records] == ['done'] * {}, records\n\
         assert e2compress.program() == sys.prefix + '/bin/e2compress', e2compress.program()\n\
         try: e2compress.read('out/micrograph.hdf')\n\
         except ImportError as problem: print(problem)\n",
        names.len()
    );
    let path = PathBuf::from(installed("script.py")?.get_program());
    fs::write(&path, script)?;
    let told = said(installed("python")?.arg(path).current_dir(folder.path()))?;
    if !told.contains("pip install e2compress[read]") {
        return Err(format!("it says {told}").into());
    }
    same_outputs(folder.path(), expected.path())
}

fn archive_is_whole() -> Outcome {
    let (_folder, inside) = unpacked()?;
    for name in ["LICENSE-APACHE", "LICENSE-MIT", "README.md"] {
        if fs::read(inside.join(name))? != fs::read(project().join(name))? {
            return Err(format!("{name} is not the project's").into());
        }
    }
    let list = said(Command::new("tar").arg("-tvf").arg(packed_archive(ARCH)?))?;
    let program = list.lines().find(|line| line.ends_with("/e2compress")).ok_or("no program")?;
    if !program.starts_with("-rwxr-xr-x") {
        return Err(format!("people cannot run it: {program}").into());
    }
    let mut names = names(&inside)?;
    names.sort();
    let own = ["completions", "e2compress", "man"];
    names.retain(|name| !own.contains(&name.as_str()));
    documents::are_whole(&inside)?;
    let documents = ["CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "LICENSE-APACHE", "LICENSE-MIT"];
    if names != [&documents[..], &["README.md", "docs", "packaging", "web"]].concat() {
        return Err(format!("the archive has {names:?} besides {own:?}").into());
    }
    Ok(())
}

/// Returns the names in a folder.
fn names(folder: &Path) -> Result<Vec<String>, Failed> {
    let entries = fs::read_dir(folder).map_err(|problem| format!("{}: {problem}", folder.display()))?;
    entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

fn wheel_is_documented() -> Outcome {
    let environment = INSTALLED.as_ref().map_err(Failed::from)?;
    documents::are_whole(&environment.path().join("share/doc/e2compress"))?;
    let script = "from importlib.metadata import metadata; told = metadata('e2compress'); \
                  print(told.get_payload() or told['Description'])";
    let description = said(installed("python")?.args(["-c", script]))?;
    if !description.contains("share/doc/e2compress") || !description.contains("docs/rules.md") {
        return Err(format!("the description is {description}").into());
    }
    match &documents::links(&description)[..] {
        [] => Ok(()),
        links => Err(format!("the description links to {links:?}").into()),
    }
}

fn is_static() -> Outcome {
    let (_folder, inside) = unpacked()?;
    asks_for_nothing(&inside.join("e2compress"))
}

/// Looks at the program headers: type 3 names the loader, and without one no library can be asked for.
fn asks_for_nothing(program: &Path) -> Outcome {
    let program = fs::read(program)?;
    let number = |offset: usize, length: usize| {
        program[offset..offset + length].iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte))
    };
    if !program.starts_with(b"\x7fELF\x02\x01") {
        return Err("not a program for 64-bit Linux".into());
    }
    let (table, size, count) = (number(32, 8), number(54, 2), number(56, 2));
    let kinds: Vec<usize> = (0..count).map(|entry| number(table + entry * size, 4)).collect();
    if !kinds.contains(&1) || kinds.contains(&3) {
        return Err(format!("program headers {kinds:?}").into());
    }
    Ok(())
}

fn runs_alone() -> Outcome {
    let expected = expected()?;
    let root = tempfile::tempdir()?;
    let (_folder, inside) = unpacked()?;
    let names = images(root.path())?;
    fs::copy(inside.join("e2compress"), root.path().join("e2compress"))?;
    compress(Command::new("chroot").arg(root.path()).arg("/e2compress"), &names)?;
    same_outputs(root.path(), expected.path())
}

fn same_bytes() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (_folder, inside) = unpacked()?;
    said(
        Command::new("python3")
            .arg("-B")
            .arg(project().join("packaging/pack.py"))
            .arg(inside.join("e2compress"))
            .args([VERSION, ARCH])
            .args([&target().join("manuals"), folder.path()])
            .args(["archive", "wheel", "deb"])
            // Nothing of what differs between two machines may show.
            .env("TZ", "Pacific/Auckland")
            .env("PYTHONHASHSEED", "1"),
    )?;
    let again = names(folder.path())?;
    if again.len() != 3 {
        return Err(format!("packed again: {again:?}").into());
    }
    for name in again {
        let packed = target().join("dist").join(&name);
        // A Debian package is not always made.
        if (packed.exists() || !name.ends_with(".deb"))
            && fs::read(&packed)? != fs::read(folder.path().join(&name))?
        {
            return Err(format!("{name} differs").into());
        }
    }
    Ok(())
}

fn checksums() -> Outcome {
    let folder = target().join("dist");
    said(Command::new("sha256sum").args(["--check", "--strict", "SHA256SUMS"]).current_dir(&folder))?;
    let lines = fs::read_to_string(folder.join("SHA256SUMS"))?;
    let mut listed: Vec<_> =
        lines.lines().filter_map(|line| Some(line.split_once("  ")?.1.to_owned())).collect();
    listed.push("SHA256SUMS".into());
    let mut there = names(&folder)?;
    there.sort();
    listed.sort();
    if listed != there {
        return Err(format!("{listed:?} are listed, {there:?} are there").into());
    }
    let damaged = tempfile::tempdir()?;
    let name = packed_archive(ARCH)?.file_name().ok_or("no name")?.to_owned();
    let mut bytes = fs::read(folder.join(&name))?;
    *bytes.last_mut().ok_or("an empty archive")? ^= 1;
    fs::write(damaged.path().join(&name), bytes)?;
    fs::copy(folder.join("SHA256SUMS"), damaged.path().join("SHA256SUMS"))?;
    let words = ["--check", "--ignore-missing", "SHA256SUMS"];
    let output = Command::new("sha256sum").args(words).current_dir(damaged.path()).output()?;
    if output.status.success() { Err("a damaged archive passes".into()) } else { Ok(()) }
}
