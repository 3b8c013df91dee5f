//! Starting programs.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

/// Returns the cargo that runs this program.
pub fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a command that must succeed.
pub fn run(command: &mut Command) -> anyhow::Result<()> {
    let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
    if !status.success() {
        bail!("{command:?} ended with {status}");
    }
    Ok(())
}

/// Tells whether a command can be started and succeeds; what it prints is dropped.
pub fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Returns what a command prints, without the line end; `None` when it fails.
pub fn printed(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

/// Goes to the folder of the workspace.
pub fn enter_project() -> anyhow::Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.ancestors().nth(1).context("the workspace has a folder")?;
    env::set_current_dir(root).with_context(|| format!("cannot enter {}", root.display()))
}

/// Returns the folder that cargo builds in.
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from)
}

/// Makes a cargo that optimises the whole program, for what is handed out and what is measured; it takes a third longer.
pub fn optimising_cargo() -> Command {
    let mut command = cargo();
    command.env("CARGO_PROFILE_RELEASE_LTO", "fat").env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1");
    // No variable says so of a package.
    for package in ["e2compress", "clap_builder", "rustix"] {
        command.args(["--config", &format!("profile.release.package.{package}.opt-level=3")]);
    }
    command
}

/// Builds programs of the workspace as its tests do, with the features that all of it needs, so that nothing is compiled
/// once more for them; returns their folder.
pub fn build_as_tested(programs: &[&str]) -> anyhow::Result<PathBuf> {
    let words = programs.iter().flat_map(|program| ["--bin", program]);
    run(cargo().args(["build", "--quiet", "--workspace"]).args(words))?;
    Ok(target().join("debug"))
}
