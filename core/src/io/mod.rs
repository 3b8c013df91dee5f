//! Where bytes come from and where they go.

pub mod output;
pub mod sink;
pub mod source;
