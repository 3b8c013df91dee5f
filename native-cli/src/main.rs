//! The program `e2compress`; everything is in the library beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    e2compress::main()
}
