//! Which build of the program this is. Outputs carry none of it: their bytes do not depend on a build.

use std::sync::LazyLock;

/// The version of the package.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The commit it was built from, or "unknown"; the build script asks git.
pub const COMMIT: &str = env!("E2COMPRESS_COMMIT");

/// The cargo features it was built with.
pub const FEATURES: &[&str] = if cfg!(feature = "libhdf5") { &["libhdf5"] } else { &[] };

/// What `--version` prints after the name.
pub static FULL: LazyLock<String> = LazyLock::new(|| {
    let features = if FEATURES.is_empty() { "none".to_owned() } else { FEATURES.join(", ") };
    format!("{VERSION} (commit {COMMIT}, features: {features})")
});
