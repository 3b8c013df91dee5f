//! Dependencies: their licences, sources and known vulnerabilities. What needs a tool that is not installed, or a
//! service that cannot be reached, is reported as skipped.

use std::process::Command;

use crate::command::{enter_project, succeeds};
use crate::tally::Tally;

/// Runs these checks alone.
pub fn audit() -> anyhow::Result<bool> {
    enter_project()?;
    let mut tally = Tally::default();
    check(&mut tally)?;
    Ok(tally.conclude())
}

/// Asks cargo-deny, which `deny.toml` tells what to allow, and npm.
pub fn check(tally: &mut Tally) -> anyhow::Result<()> {
    rust(tally)?;
    npm(tally)
}

fn rust(tally: &mut Tally) -> anyhow::Result<()> {
    const WORKSPACES: [&str; 3] = ["Cargo.toml", "fuzz/Cargo.toml", "web/Cargo.toml"];
    let deny = |manifest: &str| {
        let mut command = Command::new("cargo-deny");
        command.args(["--manifest-path", manifest, "--config", "deny.toml"]);
        command
    };
    let there = succeeds(Command::new("cargo-deny").arg("--version"));
    let database = there && succeeds(deny("Cargo.toml").args(["fetch", "db"]));
    for manifest in WORKSPACES {
        let name = format!("licences and sources in {manifest}");
        if there {
            let check = ["check", "bans", "licenses", "sources"];
            tally.check(&name, deny(manifest).args(check))?;
        } else {
            // Building it takes longer than most of the tests.
            tally.skip(&name, "cargo-deny is not installed: cargo install --locked cargo-deny");
        }
        let name = format!("vulnerabilities in {manifest}");
        if database {
            tally.check(&name, deny(manifest).args(["check", "advisories"]))?;
        } else {
            tally.skip(&name, "no cargo-deny, or its database of advisories cannot be fetched");
        }
    }
    Ok(())
}

fn npm(tally: &mut Tally) -> anyhow::Result<()> {
    let audit = || {
        let mut command = Command::new("npm");
        command.args(["audit", "--audit-level=high"]).current_dir("web");
        command
    };
    let answer = audit().arg("--json").output();
    if answer.is_ok_and(|answer| String::from_utf8_lossy(&answer.stdout).contains("\"auditReportVersion\"")) {
        return tally.check("vulnerabilities in web/package-lock.json", &mut audit());
    }
    tally.skip("vulnerabilities in web/package-lock.json", "npm's audit service cannot be reached");
    Ok(())
}
