//! The core for browsers: a file of the user's is its source, an access handle its sink.
//!
//! Everything here runs in a dedicated worker, where blocking reads, writes and waits are allowed.
//! No rule of compression lives here, only what JavaScript needs to reach the core.

mod compression;
mod expansion;
mod failure;
mod fingerprint;
mod formats;
mod handle;
mod input;
mod inspection;
mod look;
mod opened;
mod plain;
mod progress;
mod record;
mod rendering;
mod settings;
mod verification;

pub use compression::Compressor;
pub use expansion::expand;
pub use failure::tell_panics;
pub use fingerprint::{Sha256, read_problem};
pub use formats::formats;
pub use input::Input;
pub use inspection::inspect;
pub use look::{Look, plan, predict, predict_expansion, stored};
pub use opened::Opened;
pub use record::{RecordReader, failed_line, finished_line, grown, recorded_options};
pub use rendering::Rendering;
pub use settings::Settings;
pub use verification::verify;

#[cfg(feature = "threads")]
pub use wasm_bindgen_rayon::init_thread_pool;
