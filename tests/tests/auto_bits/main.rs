//! `--bits auto` on inputs with known answers: the choice and what it rests on, what decoding gives, and what must hold for
//! any image.

mod acceptance;
mod expected;
mod rules;

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;

use e2compress_core::{ImagePlan, Images, NoProgress, Options, plan};
use e2compress_fixtures::{data, real_data};
use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;

/// What must be found in the images of each file, and the target that it was found for.
#[derive(Deserialize)]
struct Table {
    target: f64,
    files: BTreeMap<String, Vec<Expected>>,
}

/// What must be found in an image.
#[derive(Deserialize, Clone, Debug)]
struct Expected {
    bits: u32,
    reason: String,
    /// The neighbour is right, too, where the floor is near a threshold.
    bits_allowed: Vec<u32>,
    noise_floor: Option<f64>,
    blocks: usize,
    signal: bool,
    counts_times_gain: bool,
    step: Option<f64>,
    loss: Option<f64>,
    loss_5_bits: Option<f64>,
    loss_10_bits: Option<f64>,
    /// The standard deviation that the noise was drawn with.
    truth_sigma: Option<f64>,
}

/// An input with what must be found in it.
#[derive(Clone, Debug)]
struct Input {
    path: PathBuf,
    images: Vec<Expected>,
    target: f64,
}

fn main() {
    let arguments = Arguments::from_args();
    let path = data().join("auto-bits/expected.json");
    let text = fs::read_to_string(&path).expect("the table is there");
    let table: Table = serde_json::from_str(&text).expect("it is a table");
    let mut trials = rules::trials();
    for (place, images) in table.files {
        let (kind, name) = place.split_once('/').expect("a kind and a name");
        let folder = match kind {
            "auto" => Some(data().join("auto-bits")),
            "conformance" => Some(data()),
            "real" => real_data(),
            other => panic!("{other} is no kind of input"),
        };
        let Some(folder) = folder else {
            let name = format!("{place} (E2COMPRESS_REAL_DATA is not set)");
            trials.push(Trial::test(name, || Ok(())).with_ignored_flag(true));
            continue;
        };
        let input = Input { path: folder.join(name), images, target: table.target };
        for (what, check) in [
            ("the choice for", expected::choice as fn(&Input) -> Result<(), Failed>),
            ("the command's choice for", expected::choice_of_the_command),
            ("what decoding gives of", acceptance::decoded),
        ] {
            let input = input.clone();
            trials.push(Trial::test(format!("{what} {place}"), move || check(&input)));
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}

/// Plans all images of an input.
fn planned(images: &dyn Images, options: &Options) -> Vec<ImagePlan> {
    let mut plans = Vec::new();
    let mut take = |planned| {
        plans.push(planned);
        ControlFlow::Continue(())
    };
    plan(images, "a.mrc", options, &mut take, &NoProgress).expect("it can be planned");
    plans
}
