//! The core as WebAssembly in node beside native code, on one thread.

use std::process::Command;

use anyhow::{Context, bail};

use crate::bench::Programs;
use crate::command::{cargo, optimising_cargo, run, target};
use crate::needs::WASI;

/// Interleaved runs of native code and WebAssembly, each with rounds of its own.
const ROUNDS: usize = 4;

/// Prints the speed of whole images in both, and the steps in WebAssembly.
pub fn images(programs: &Programs) -> anyhow::Result<()> {
    let (mut build, folder) =
        if programs.optimised { (optimising_cargo(), "release") } else { (cargo(), "debug") };
    build.args(["build", "--quiet", "-p", "e2compress-bench", "--no-default-features", "--target", WASI]);
    build.args(programs.optimised.then_some("--release"));
    // What `web/wasm/cargo/single.toml` has.
    run(build.env("CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS", "-Ctarget-feature=+bulk-memory,+simd128"))?;
    let node = || {
        let module = target().join(WASI).join(folder).join("e2compress-bench.wasm");
        let mut command = Command::new("node");
        command.arg("benches/wasi.mjs").arg(module);
        command
    };
    let rounds = if programs.optimised { ROUNDS } else { 1 };
    let mut best: Vec<[Image; 2]> = Vec::new();
    for round in 0..rounds {
        let native = printed(programs.bench().arg("images"))?;
        let wasm = printed(node().arg("images"))?;
        if native.is_empty() || native.len() != wasm.len() {
            bail!("{} images natively, {} as WebAssembly", native.len(), wasm.len());
        }
        for (place, (native, wasm)) in native.into_iter().zip(wasm).enumerate() {
            if native.output != wasm.output {
                bail!("{}: the outputs differ", native.name);
            }
            if round == 0 {
                best.push([native, wasm]);
            } else {
                best[place][0].pixel = best[place][0].pixel.min(native.pixel);
                best[place][1].pixel = best[place][1].pixel.min(wasm.pixel);
            }
        }
    }
    println!(
        "whole images, one thread, the same bytes; nanoseconds per pixel, speed of WebAssembly over native speed"
    );
    for [native, wasm] in best {
        let ratio = native.pixel / wasm.pixel;
        println!("{:22}{:8.2}{:8.2}{ratio:8.2}", native.name, native.pixel, wasm.pixel);
    }
    println!("\nsteps in WebAssembly");
    run(node().arg("stages"))
}

/// An image that was compressed: nanoseconds per pixel, and its output's length and sum.
struct Image {
    name: String,
    pixel: f64,
    output: String,
}

/// The images of a run.
fn printed(command: &mut Command) -> anyhow::Result<Vec<Image>> {
    let output = command.output().with_context(|| format!("{command:?} cannot be started"))?;
    if !output.status.success() {
        bail!("{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let image = |line: &str| {
        let (name, rest) = line.split_once('\t')?;
        let (pixel, output) = rest.split_once('\t')?;
        Some(Image { name: name.into(), pixel: pixel.parse().ok()?, output: output.into() })
    };
    let lines = String::from_utf8(output.stdout)?;
    lines.lines().map(|line| image(line).with_context(|| format!("not an image: {line}"))).collect()
}
