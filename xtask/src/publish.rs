//! The packages that go to a registry: whether they can, and what is in them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail, ensure};

use crate::command::{cargo, enter_project, printed, run};

/// The packages in the order in which they go, each with its folder. The command asks for the library's version.
const PACKAGES: [(&str, &str); 2] = [("e2compress-core", "core"), ("e2compress", "native-cli")];

/// What each has besides sources: cargo's own files, the front door, the licences.
const BESIDES: [&str; 7] = [
    ".cargo_vcs_info.json",
    "Cargo.lock",
    "Cargo.toml",
    "Cargo.toml.orig",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
];

/// What a registry shows of a package or finds it by.
const SHOWN: [&str; 5] = ["description", "license", "readme", "keywords", "categories"];

/// Bytes of a packed package, at most: sources alone stay far below.
const MOST_BYTES: u64 = 1 << 20;

/// Packs both without network and looks at what is in them, then has cargo go through publishing them, up to the
/// upload: it builds each from its package, the command with the library's package. That asks the registry.
pub fn publish() -> anyhow::Result<()> {
    check()?;
    run(cargo().args(["publish", "--dry-run", "--locked", "--allow-dirty"]).args(names()))
}

/// Packs both without network and without building them, and looks at what is in them.
pub fn check() -> anyhow::Result<()> {
    enter_project()?;
    run(cargo()
        .args(["package", "--quiet", "--locked", "--offline", "--no-verify", "--allow-dirty"])
        .args(names()))?;
    for (name, folder) in PACKAGES {
        package(name, folder).with_context(|| format!("the package {name} is not fit to be published"))?;
    }
    Ok(())
}

/// Returns the packages in cargo's words.
fn names() -> impl Iterator<Item = &'static str> {
    PACKAGES.iter().flat_map(|(name, _)| ["-p", *name])
}

/// Looks at one package, as it was packed.
fn package(name: &str, folder: &str) -> anyhow::Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    let packed = crate::command::target().join("package").join(format!("{name}-{version}.crate"));
    let listed = printed(Command::new("tar").arg("-tzf").arg(&packed))
        .with_context(|| format!("cannot list {}", packed.display()))?;
    let inside = format!("{name}-{version}/");
    let files: BTreeSet<&str> = listed.lines().filter_map(|line| line.strip_prefix(&inside)).collect();
    let lacking: Vec<&str> = BESIDES[1..].iter().copied().filter(|file| !files.contains(file)).collect();
    ensure!(lacking.is_empty(), "it lacks {}", lacking.join(", "));
    let rust = |file: &str| Path::new(file).extension().is_some_and(|end| end == "rs");
    let source = |file: &str| file == "build.rs" || file.starts_with("src/") && rust(file);
    let others: Vec<&&str> = files.iter().filter(|file| !source(file) && !BESIDES.contains(file)).collect();
    ensure!(others.is_empty(), "it has {others:?}, which nobody needs who builds it");
    let there = Path::new(folder).join("src");
    ensure!(
        files.iter().filter(|file| file.starts_with("src/")).count() == sources(&there)?,
        "not all of {} is in it",
        there.display()
    );
    for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
        // They are links, which cargo follows where the system knows links.
        ensure!(
            extracted(&packed, &inside, licence)? == fs::read_to_string(licence)?,
            "its {licence} is another"
        );
    }
    let manifest = extracted(&packed, &inside, "Cargo.toml")?;
    for key in SHOWN {
        ensure!(manifest.contains(&format!("\n{key} = ")), "its manifest has no {key}");
    }
    let bytes = fs::metadata(&packed)?.len();
    if bytes > MOST_BYTES {
        bail!("it has {bytes} bytes, more than {MOST_BYTES}");
    }
    println!("{name} {version}: {} files, {bytes} bytes packed", files.len());
    Ok(())
}

/// Reads a file out of a package.
fn extracted(packed: &Path, inside: &str, file: &str) -> anyhow::Result<String> {
    let output = Command::new("tar").arg("-xzOf").arg(packed).arg(format!("{inside}{file}")).output()?;
    ensure!(output.status.success(), "cannot read {file} in {}", packed.display());
    Ok(String::from_utf8(output.stdout)?)
}

/// Counts the sources below a folder.
fn sources(folder: &Path) -> anyhow::Result<usize> {
    let mut count = 0;
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            count += sources(&path)?;
        } else {
            count += usize::from(path.extension().is_some_and(|end| end == "rs"));
        }
    }
    Ok(count)
}
