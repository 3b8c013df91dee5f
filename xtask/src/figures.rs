//! The figures of the documents, which `benches/src/figures` draws.

use std::fs;

use crate::command::{cargo, enter_project, run};

/// Where they lie; the test `figures` compares them with what is drawn.
const FOLDER: &str = "docs/figures";

/// Draws all of them.
pub fn draw() -> anyhow::Result<()> {
    enter_project()?;
    fs::create_dir_all(FOLDER)?;
    let words =
        ["run", "--quiet", "-p", "e2compress-bench", "--no-default-features", "--", "figures", FOLDER];
    run(cargo().args(words))
}
