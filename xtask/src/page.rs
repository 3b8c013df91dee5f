//! The page as something to hand out, and pictures of it.

use std::process::Command;

use crate::command::{enter_project, run, target};
use crate::needs;

/// Builds the page and packs it into `dist/page.zip` below cargo's folder.
pub fn pack() -> anyhow::Result<()> {
    enter_project()?;
    needs::demand(needs::PAGE)?;
    build()?;
    let archive = target().join("dist/page.zip");
    run(Command::new("python3").arg("packaging/page.py").arg("web/dist").arg(archive))
}

/// Takes the pictures of the documents: the page with the example, as `web/scripts/screenshots.mjs` says.
pub fn screenshots() -> anyhow::Result<()> {
    enter_project()?;
    needs::demand(needs::SCREENSHOTS)?;
    build()?;
    run(Command::new("node").arg("web/scripts/screenshots.mjs"))
}

fn build() -> anyhow::Result<()> {
    run(Command::new("npm").args(["run", "--silent", "build"]).current_dir("web"))
}
