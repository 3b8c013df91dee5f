//! The program `e2compress`; everything is in the library beside it.

use std::process::ExitCode;

/// The allocator of the static program: with musl's own, compressing many small files takes nearly twice the time.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    e2compress::main()
}
