//! Whether the bytes of mode 0 are pairs of 4-bit pixels, the first in the low nibble.
//!
//! `SerialEM`'s camera plug-in writes counted K2 and K3 frames so (mastcu/SerialEMCCD): nx is the bytes of a row,
//! IMOD's flag 16 is set, and a label says "4 bits packed". IMOD reads twice nx columns where the flag is
//! set, or where the label says so and the sides are those of a K2; EMAN2 likewise (cryoem/eman2#458).
//! Reports of pictures destroyed by reading them as bytes: I2PC/scipion#1401, timothygrant80/cisTEM#54.

use std::borrow::Cow;

use super::header::Header;

/// IMOD's flag for it.
pub const FLAG: i32 = 16;

/// What a label says of it.
pub const WORDS: &str = "4 bits packed";

/// Returns whether the header says so: by the flag, or by a label where twice the columns are about as many as
/// the rows, as on the camera. A label alone stays when pixels are unpacked.
pub fn is_packed(header: &Header) -> bool {
    if header.mode() != 0 {
        return false;
    }
    if header.imod_flags().is_some_and(|flags| flags & FLAG != 0) {
        return true;
    }
    let [nx, ny, _] = header.dimensions().map(i64::from);
    let squarish = 10 * (2 * nx - ny).abs() <= ny;
    squarish && header.labels().any(|label| label.windows(WORDS.len()).any(|part| part == WORDS.as_bytes()))
}

/// Takes the words out of a label that no longer tells the truth.
pub fn without_words(label: &str) -> Cow<'_, str> {
    match label.split_once(WORDS) {
        None => Cow::Borrowed(label),
        Some((before, after)) => {
            Cow::Owned(format!("{}{after}", before.trim_end_matches([' ', ','])).trim_end().into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn words_go_and_the_rest_stays() {
        assert_eq!(
            without_words("SerialEMCCD: Frames, 4 bits packed  r/f 0  "),
            "SerialEMCCD: Frames  r/f 0"
        );
        assert_eq!(without_words("4 bits packed"), "");
        assert_eq!(without_words("as it was "), "as it was ");
    }
}
