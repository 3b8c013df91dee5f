//! The choice for each image of the table, with the floor, the blocks and the losses that it rests on.

use std::fs;
use std::path::Path;

use e2compress_core::{Options, PixelEncoding, Target, open};
use e2compress_fixtures::{complaint, run};
use libtest_mimic::Failed;
use serde::Deserialize;

use crate::{Expected, Input, planned};

/// How far figures may be from those of the table, which has four to seven digits of them.
const TOLERANCE: f64 = 0.001;

/// How far the floor may be from the noise that was drawn.
const OF_TRUTH: f64 = 0.12;

/// What is found in an image; the names are those of `e2compress plan --json`.
#[derive(Deserialize, Debug)]
struct Found {
    bits: Option<u32>,
    reason: Option<String>,
    noise_floor: Option<f64>,
    blocks: usize,
    signal: bool,
    counts_times_gain: bool,
    step: Option<f64>,
    loss: Option<f64>,
    table: Vec<Row>,
}

#[derive(Deserialize, Debug)]
struct Row {
    bits: u32,
    loss: Option<f64>,
}

/// Checks what the core finds.
pub fn choice(input: &Input) -> Result<(), Failed> {
    let bytes = fs::read(&input.path)?;
    let source = bytes.as_slice();
    let name = input.path.file_name().and_then(|name| name.to_str()).ok_or("a name")?;
    let target = Target::new(100.0 * input.target)?;
    let options = Options { stored: PixelEncoding::Auto(target), ..Options::default() };
    let found = planned(&*open(&source, name)?, &options).into_iter().map(|planned| {
        let choice = planned.choice;
        Found {
            bits: choice.bits,
            reason: choice.reason.map(Into::into),
            noise_floor: choice.noise_floor,
            blocks: choice.blocks,
            signal: choice.signal,
            counts_times_gain: choice.counts_times_gain,
            step: choice.step,
            loss: choice.loss,
            table: planned.table.iter().map(|row| Row { bits: row.bits, loss: row.loss }).collect(),
        }
    });
    compare(input, &found.collect::<Vec<_>>())
}

/// Checks what the command says.
pub fn choice_of_the_command(input: &Input) -> Result<(), Failed> {
    let path = input.path.to_str().ok_or("the path is not Unicode")?;
    let target = format!("{}%", 100.0 * input.target);
    let words = ["plan", "--json", "--target", &target, path];
    let output = run(env!("CARGO_BIN_EXE_e2compress-tested"), Path::new("."), &words);
    if !output.status.success() {
        return Err(complaint(&output).into());
    }
    let lines = String::from_utf8(output.stdout)?;
    let found: Result<Vec<Found>, _> = lines.lines().map(serde_json::from_str).collect();
    compare(input, &found?)
}

fn compare(input: &Input, found: &[Found]) -> Result<(), Failed> {
    if found.len() != input.images.len() {
        return Err(format!("{} images, must be {}", found.len(), input.images.len()).into());
    }
    for (number, (found, expected)) in found.iter().zip(&input.images).enumerate() {
        let problems = problems(found, expected);
        if !problems.is_empty() {
            let problems = problems.join(", ");
            return Err(format!("image {number}: {problems}: {found:?}, must be {expected:?}").into());
        }
    }
    Ok(())
}

fn problems(found: &Found, expected: &Expected) -> Vec<&'static str> {
    let near = |found: Option<f64>, expected: Option<f64>| match (found, expected) {
        (Some(found), Some(expected)) => (found - expected).abs() <= TOLERANCE * expected.abs(),
        (found, expected) => found == expected,
    };
    let bits = found.bits.unwrap_or(u32::MAX);
    let at = |bits: u32| found.table.iter().find(|row| row.bits == bits).and_then(|row| row.loss);
    let truth = expected.truth_sigma.zip(found.noise_floor);
    let mut checks = vec![
        ("bits", expected.bits_allowed.contains(&bits)),
        ("reason", found.reason.as_ref() == Some(&expected.reason)),
        ("noise floor", near(found.noise_floor, expected.noise_floor)),
        ("noise as it was drawn", truth.is_none_or(|(truth, floor)| (floor / truth - 1.0).abs() <= OF_TRUTH)),
        ("blocks", found.blocks == expected.blocks),
        ("signal", found.signal == expected.signal),
        ("counts times gain", found.counts_times_gain == expected.counts_times_gain),
        ("loss at 5 bits", near(at(5), expected.loss_5_bits)),
        ("loss at 10 bits", near(at(10), expected.loss_10_bits)),
    ];
    if bits == expected.bits && bits > 0 {
        checks.push(("step", near(found.step, expected.step)));
        checks.push(("loss", near(found.loss, expected.loss)));
    }
    checks.into_iter().filter(|&(_, holds)| !holds).map(|(what, _)| what).collect()
}
