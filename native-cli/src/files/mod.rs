//! Files: inputs that are read, outputs that appear whole or not at all, and the report of both.

pub mod fingerprint;
pub mod folders;
pub mod followed;
pub mod huge_pages;
pub mod in_use;
pub mod input;
pub mod journal;
pub mod journal_line;
pub mod journal_writer;
#[cfg(feature = "libhdf5")]
pub mod libhdf5;
pub mod metadata;
pub mod originals;
pub mod output;
pub mod pairs;
pub mod permissions;
pub mod plan;
pub mod proven;
pub mod recorded;
pub mod replace;
pub mod same_picture;
pub mod sanitize;
pub mod sink;
pub mod source;
pub mod temp;
