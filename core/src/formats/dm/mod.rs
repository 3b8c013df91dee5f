//! Digital Micrograph, versions 3 and 4: what Gatan's cameras and programs write. Read by [`Dm`].
//!
//! Sources: files of both versions, and what rosettasciio, ncempy and EMAN2 read in them.

mod attributes;
mod cursor;
pub(crate) mod error;
mod layout;
mod read;
mod tags;
#[cfg(test)]
mod tests;
mod text;
mod value;

pub use error::DmError;
pub use read::Dm;

use super::{Format, Start};

/// The format's name.
const NAME: &str = "Digital Micrograph";

/// DM3 and DM4.
pub const FORMAT: Format = Format {
    name: NAME,
    extensions: &["dm3", "dm4"],
    recognises,
    open: |source, _, _| Ok(Box::new(Dm::open(source)?)),
};

/// Returns whether a file is one of Digital Micrograph. An MRC file of 3 columns starts like one of version 3: what
/// follows the root group's head must be a tag, or the name one of these.
fn recognises(start: &Start<'_>) -> bool {
    let (order, tag) = match start.bytes {
        [0, 0, 0, 3, ..] => (8, 18),
        [0, 0, 0, 4, ..] => (12, 26),
        _ => return false,
    };
    if FORMAT.has_extension(start.name) {
        return true;
    }
    let order = start.bytes.get(order..order + 4);
    matches!(order, Some([0, 0, 0, 0 | 1])) && matches!(start.bytes.get(tag), Some(20 | 21))
}

#[cfg(test)]
mod recognition {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn mrc_of_three_columns_is_none() {
        let mut mrc = vec![0; 1024];
        for (word, value) in [(0, 3), (1, 40), (2, 1), (3, 2)] {
            mrc[4 * word + 3] = value;
        }
        let is = |bytes: &[u8], name| recognises(&Start { bytes, name, source: &bytes });
        assert!(!is(&mrc, "a.mrc") && is(&mrc, "a.dm3"));
        mrc[18] = 20;
        assert!(is(&mrc, "a") && !is(&mrc[..18], "a") && !is(b"", "a.dm4"));
    }
}
