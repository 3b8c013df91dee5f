//! Brings what is missing.

use std::process::Command;

use anyhow::{Context, bail};

use crate::command::{printed, run, succeeds};
use crate::needs::{Need, Source, listed, missing};

/// Installs what is missing: first Debian's packages, all at once, as the rest may need them.
pub fn setup(needs: &[&'static Need]) -> anyhow::Result<()> {
    let absent = missing(needs);
    if absent.is_empty() {
        println!("nothing is missing");
        return Ok(());
    }
    println!("missing:\n{}", listed(&absent));
    let packages: Vec<&str> = absent
        .iter()
        .filter_map(|need| if let Source::Debian(packages) = need.source { Some(packages) } else { None })
        .flatten()
        .copied()
        .collect();
    if !packages.is_empty() {
        debian(&packages)?;
    }
    for need in needs.iter().filter(|need| !need.is_there()) {
        let brought = match need.source {
            // Those have had their turn, and what the person has to do is told at the end.
            Source::Debian(_) | Source::Person(_) => Ok(()),
            Source::Rustup(words) => run(Command::new("rustup").args(words)),
            Source::Project(prepare, _) => prepare(),
        };
        brought.with_context(|| format!("cannot install {}", need.name))?;
    }
    let absent = missing(needs);
    if !absent.is_empty() {
        bail!("still missing:\n{}", listed(&absent));
    }
    Ok(())
}

fn debian(packages: &[&str]) -> anyhow::Result<()> {
    if !succeeds(Command::new("apt-get").arg("--version")) {
        bail!("apt-get is not here; install what these Debian packages hold: {}", packages.join(" "));
    }
    run(apt_get().arg("update"))?;
    run(apt_get().args(["install", "-y", "--no-install-recommends"]).args(packages))
}

/// Returns apt-get with the rights to install, asking nothing.
fn apt_get() -> Command {
    let root = printed(Command::new("id").arg("-u")).is_some_and(|user| user == "0");
    let mut command = Command::new(if root { "env" } else { "sudo" });
    if !root {
        command.arg("env");
    }
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]);
    command
}
