//! Writes the JavaScript that goes with a compiled module, and the module as it expects it.
//!
//! The `wasm-bindgen` command would do the same; this is the same library at the same version as
//! the crate, from the lock file, in a sixth of the time to build.

use std::env;
use std::path::Path;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [input, folder, name] = arguments.as_slice() else {
        anyhow::bail!("usage: e2compress-bindgen MODULE.wasm FOLDER NAME");
    };
    Bindgen::new()
        .input_path(Path::new(input))
        .out_name(name)
        .web(true)?
        .typescript(true)
        .omit_default_module_path(false)
        .remove_name_section(true)
        .generate(folder)
        .with_context(|| format!("{input} could not be turned into {folder}/{name}"))
}
