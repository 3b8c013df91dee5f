//! Commands of the project, run as `cargo xtask COMMAND`.

mod audit;
mod bench;
mod command;
mod dist;
mod environments;
mod figures;
mod fuzz;
mod micrograph;
mod needs;
mod page;
mod publish;
mod setup;
mod slurm;
mod tally;
mod test;
mod wasm;

use std::env;
use std::process::ExitCode;

use anyhow::Context;

use bench::Extent;

const HELP: &str = "\
cargo xtask test    runs every check and test and ends with a line `N passed, N failed`; installs nothing: what is
                    missing is listed, with the commands that bring it, and counts as failed;
                    E2COMPRESS_REAL_DATA names a folder of real micrographs, without it those tests are skipped
cargo xtask test --setup
                    installs what is missing (apt, rustup, pip and npm below the project), and tests;
                    with --dry-run, either only prints what it would do
cargo xtask test quick
                    a verdict within minutes: formatting, lints, core, command, conformance
cargo xtask setup   installs what any of these commands needs, Slurm and Snakemake included
cargo xtask dist    packs what can be installed into target/dist: for x86_64 and aarch64 each an archive with a static
                    program, a wheel and a Debian package, with completions and manual pages; `dist --check` also
                    installs and runs each; `dist quick` packs archive and wheel of this machine's architecture
cargo xtask publish what a registry would take: packs the library and the command, looks at what is in the packages,
                    and has cargo go through publishing them, up to the upload; `publish check` packs and looks
                    alone, without network
cargo xtask bench   speed and size beside peers, as ratios in one run; `bench quick` for the short form;
                    `bench check` runs that to its end with the tests' programs, and measures nothing;
                    `bench memory` for the peak of memory on 8 GB, which takes 10 GB of disk; `bench scaling` for
                    what more cores than this machine has would wait for; `bench trust` for what proofs, volumes
                    and small images cost; `bench estimate` for what the estimate of the noise costs, and how far
                    predicted sizes are from real ones, those in E2COMPRESS_REAL_DATA included; `bench movies`
                    for TIFF movies beside libtiff; `bench page` for the page in Chromium beside the command, which takes
                    1 GB of memory for files; `bench static` for the static program beside the ordinary one
cargo xtask instructions
                    instructions per pixel of the hot loops, by callgrind, beside the recorded ones;
                    `instructions record` records them
cargo xtask fuzz [SECONDS]
                    libFuzzer on every target of fuzz/, so many seconds each (300); needs a nightly toolchain
cargo xtask soak [MINUTES]
                    generated files, any options, runs ended at random moments; so many minutes (5)
cargo xtask slurm   runs packaging/clusters: an array in a Slurm of one node, which it starts in a folder of its own
                    and takes away again, batches in Snakemake, and the units of the timer; `test` runs those whose
                    engine is installed
cargo xtask audit   licences, sources and known vulnerabilities of dependencies, by cargo-deny and npm
cargo xtask micrograph
                    makes examples/micrograph.mrc again, from its seed
cargo xtask page    builds the page and packs it into target/dist/page.zip, for any static host
cargo xtask screenshots
                    takes docs/figures/page-*.png again: the page with the example, in Chromium
cargo xtask figures draws docs/figures/*.svg again: images from a seed, measured with the core's functions";

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let outcome = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["test"] => test::test(false),
        ["test", "--setup"] => test::test(true),
        ["test", "--dry-run"] => test::plan(false),
        ["test", "--setup", "--dry-run"] => test::plan(true),
        ["test", "quick"] => test::quick(),
        ["setup"] => setup(),
        ["dist"] => dist::dist().map(|()| true),
        ["dist", "quick"] => dist::quick().map(|()| true),
        ["dist", "--check"] => dist::check(),
        ["publish"] => publish::publish().map(|()| true),
        ["publish", "check"] => publish::check().map(|()| true),
        ["bench"] => bench::bench(Extent::Whole).map(|()| true),
        ["bench", "quick"] => bench::bench(Extent::Quick).map(|()| true),
        ["bench", "check"] => bench::bench(Extent::Check).map(|()| true),
        ["bench", "memory"] => bench::memory().map(|()| true),
        ["bench", "scaling"] => bench::scaling().map(|()| true),
        ["bench", "estimate"] => bench::estimate().map(|()| true),
        ["bench", "trust"] => bench::trust().map(|()| true),
        ["bench", "static"] => bench::of_static().map(|()| true),
        ["bench", "movies"] => bench::movies().map(|()| true),
        ["bench", "page"] => bench::page().map(|()| true),
        ["instructions"] => bench::instructions(false).map(|()| true),
        ["instructions", "record"] => bench::instructions(true).map(|()| true),
        ["slurm"] => slurm::slurm(),
        ["audit"] => audit::audit(),
        ["micrograph"] => micrograph::write().map(|()| true),
        ["page"] => page::pack().map(|()| true),
        ["screenshots"] => page::screenshots().map(|()| true),
        ["figures"] => figures::draw().map(|()| true),
        ["fuzz"] => fuzz::fuzz(300),
        ["fuzz", seconds] => seconds.parse().context("seconds are a number").and_then(fuzz::fuzz),
        ["soak"] => test::soak("5"),
        ["soak", minutes] => test::soak(minutes),
        ["help" | "--help"] | [] => {
            println!("{HELP}");
            Ok(true)
        }
        _ => Err(anyhow::anyhow!("unknown command\n{HELP}")),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("xtask: {problem:#}");
            ExitCode::FAILURE
        }
    }
}

/// Installs what the tests need, and what counting instructions, packing for other machines and trying clusters needs
/// besides.
fn setup() -> anyhow::Result<bool> {
    command::enter_project()?;
    let needs = [needs::TEST, needs::INSTRUCTIONS, needs::DIST_MORE, needs::SLURM].concat();
    setup::setup(&needs)?;
    Ok(true)
}
