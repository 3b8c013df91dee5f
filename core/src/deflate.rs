//! Deflate behind one small interface: bytes in, one zlib stream out.

use miniz_oxide::deflate::core::{
    CompressorOxide, TDEFLFlush, TDEFLStatus, compress_to_output, create_comp_flags_from_zip_params,
};

use crate::options::Level;

/// Window bits that ask for a zlib wrapper (RFC 1950).
const ZLIB: i32 = 15;

/// Makes zlib streams; reusable, and one is needed for each thread at work.
pub struct Encoder {
    state: Box<CompressorOxide>,
}

impl Encoder {
    /// A fresh encoder.
    #[must_use]
    pub fn new() -> Self {
        Self { state: Box::default() }
    }

    /// Appends one complete zlib stream of `data` to `out`. `planes` tells that the data is that
    /// many equal byte planes, as HDF5's shuffle filter leaves them.
    pub fn zlib(&mut self, data: &[u8], _planes: usize, level: Level, out: &mut Vec<u8>) {
        let flags = create_comp_flags_from_zip_params(level.get().into(), ZLIB, 0);
        *self.state = CompressorOxide::new(flags);
        let (status, _) = compress_to_output(&mut self.state, data, TDEFLFlush::Finish, |bytes| {
            out.extend_from_slice(bytes);
            true
        });
        debug_assert_eq!(status, TDEFLStatus::Done);
    }
}

impl Default for Encoder {
    fn default() -> Self {
        Self::new()
    }
}
