//! The scripts for clusters, run by the engines that they are for.

use std::process::Command;

use crate::command::{cargo, enter_project};
use crate::environments::SNAKEMAKE;
use crate::needs;
use crate::tally::Tally;

/// Runs them all; true when none failed.
pub fn slurm() -> anyhow::Result<bool> {
    enter_project()?;
    needs::demand(needs::SLURM)?;
    let mut tally = Tally::default();
    check(&mut tally)?;
    Ok(tally.conclude())
}

/// Runs those whose engines are installed.
pub fn check(tally: &mut Tally) -> anyhow::Result<()> {
    tally.tests("clusters", &mut tests())
}

fn tests() -> Command {
    let mut command = cargo();
    command.args(["test", "-p", "xtask", "--test", "clusters"]);
    // What is not announced is not tried.
    if needs::SLURM_DAEMONS.is_there() {
        command.env("E2COMPRESS_SLURM", "1");
    }
    if SNAKEMAKE.is_ready() {
        command.env("E2COMPRESS_SNAKEMAKE", SNAKEMAKE.program().with_file_name("snakemake"));
    }
    command
}
