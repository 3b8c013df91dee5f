//! `cargo xtask bench` and `cargo xtask instructions` run this: the steps of the walk beside a plain
//! copy, the deflate encoder beside its peers, and single loops for counting instructions.

mod clock;
mod codecs;
mod inflate;
mod loops;
mod stages;

use std::process::ExitCode;

const HELP: &str = "e2compress-bench stages | codecs [quick] | inflate | loops | loop NAME TIMES";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["stages"] => stages::print(),
        ["codecs"] => codecs::print(&[1, 6, 9]),
        ["codecs", "quick"] => codecs::print(&[1]),
        ["inflate"] => inflate::print(),
        ["loops"] => loops::NAMES.iter().for_each(|name| println!("{name}")),
        ["loop", name, times] if loops::run(name, times) => {}
        _ => {
            eprintln!("{HELP}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
