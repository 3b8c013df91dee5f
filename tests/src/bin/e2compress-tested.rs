//! The command, built by cargo together with the tests of this package that run it.

use std::process::ExitCode;

fn main() -> ExitCode {
    e2compress::main()
}
