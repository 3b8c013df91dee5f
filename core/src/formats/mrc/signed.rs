//! Whether the bytes of mode 0 have a sign.
//!
//! MRC2014 says -128 to 127; older files, `SerialEM` and EMAN2 mean 0 to 255. What tells them apart is
//! IMOD's flag 1 (IMOD, Bio-Formats and cisTEM follow it: ome/bioformats#1656, timothygrant80/cisTEM#260) and,
//! where IMOD did not stamp the header, a minimum below 0 (ITK decides so: InsightSoftwareConsortium/ITK#2088;
//! the map EMD-1155 is such a file).

use super::header::{Header, at};

/// IMOD's flag for it.
pub const FLAG: i32 = 1;

/// Returns whether the header shows a sign.
pub fn is_signed(header: &Header) -> bool {
    if let Some(flags) = header.imod_flags() {
        return flags & FLAG != 0;
    }
    let (minimum, maximum) = (header.float(at::MINIMUM), header.float(at::MAXIMUM));
    (-128.0..0.0).contains(&minimum) && (minimum..=127.0).contains(&maximum)
}
