//! `cargo xtask bench` and `cargo xtask instructions` run this: the steps of the walk beside a plain
//! copy, whole images in memory, the deflate encoder beside its peers, and single loops for counting
//! instructions.

mod clock;
#[cfg(feature = "peers")]
mod codecs;
mod estimate;
mod images;
#[cfg(feature = "peers")]
mod inflate;
#[cfg(feature = "peers")]
mod isal;
mod loops;
#[cfg(feature = "peers")]
mod scaling;
mod stages;

use std::process::ExitCode;

const HELP: &str = "e2compress-bench stages | images | estimate [REAL] | figures FOLDER | codecs PYTHON [quick] | inflate | scaling PROGRAM | loops | loop NAME TIMES";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["stages"] => stages::print(),
        ["images"] => images::print(),
        ["estimate"] => estimate::print(None),
        ["estimate", real] => estimate::print(Some(real.as_ref())),
        ["figures", folder] => {
            for (name, svg) in e2compress_bench::figures::all() {
                std::fs::write(std::path::Path::new(folder).join(name), svg).expect("the folder takes files");
            }
        }
        #[cfg(feature = "peers")]
        ["codecs", python] => codecs::print(python, false),
        #[cfg(feature = "peers")]
        ["codecs", python, "quick"] => codecs::print(python, true),
        #[cfg(feature = "peers")]
        ["inflate"] => inflate::print(),
        #[cfg(feature = "peers")]
        ["scaling", program] => scaling::print(program),
        ["loops"] => loops::NAMES.iter().for_each(|name| println!("{name}")),
        ["loop", name, times] if loops::run(name, times) => {}
        _ => {
            eprintln!("{HELP}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
