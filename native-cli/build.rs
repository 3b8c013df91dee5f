//! Hands the program the commit it is built from, for `--version` and reports; "unknown" without git or
//! outside the repository. Cargo runs it again when another commit is made or checked out, not else.

use std::path::Path;
use std::process::Command;

/// Digits of the commit: enough for any repository of this kind.
const SHORT: &str = "--short=12";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-env=E2COMPRESS_COMMIT={}", commit().unwrap_or_else(|| "unknown".into()));
}

/// Asks git for the commit.
fn commit() -> Option<String> {
    // Sources unpacked inside somebody else's repository are not of its commit.
    git(&["ls-files", "--error-unmatch", "Cargo.toml"])?;
    // The log of HEAD gets a line with every commit and checkout. Where none is kept, the branch tells.
    if !watch("logs/HEAD") {
        git(&["symbolic-ref", "--quiet", "HEAD"]).map(|branch| watch(&branch));
        watch("packed-refs");
    }
    watch("HEAD");
    git(&["rev-parse", SHORT, "HEAD"])
}

/// Has a file of git's watched, if it is there: cargo would take a missing one for changed, always.
fn watch(name: &str) -> bool {
    let path = git(&["rev-parse", "--git-path", name]).filter(|path| Path::new(path).exists());
    if let Some(path) = &path {
        println!("cargo:rerun-if-changed={path}");
    }
    path.is_some()
}

/// Runs git in this folder and returns its first line.
fn git(words: &[&str]) -> Option<String> {
    let run = Command::new("git").args(words).output().ok()?;
    let said = String::from_utf8(run.stdout).ok()?;
    run.status.success().then(|| said.lines().next().unwrap_or_default().to_owned())
}
