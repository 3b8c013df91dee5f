//! Pixel sizes in Angstrom, as headers of other formats than MRC say them.

use super::mrc::PIXEL_SIZES;
use crate::image::Attributes;

/// Angstrom of a metre.
pub const METRE: f64 = 1e10;

/// Returns a size that can be one, 1 for any other, as EMAN2 has it where nothing is known.
pub fn known(size: f64) -> f32 {
    let rounded = size as f32;
    if PIXEL_SIZES.contains(&f64::from(rounded)) { rounded } else { 1.0 }
}

/// Adds pixel sizes along x, y, z.
pub fn describe(sizes: [f64; 3], attributes: &mut Attributes) {
    for (name, size) in ["apix_x", "apix_y", "apix_z"].into_iter().zip(sizes) {
        attributes.float(name, known(size));
    }
}

/// Returns the Angstrom of a unit of length, by the names that programs give it.
pub fn of_unit(unit: &str) -> Option<f64> {
    Some(match unit.trim() {
        "m" => METRE,
        "mm" => 1e7,
        "um" | "\u{b5}m" | "\u{3bc}m" | "micron" => 1e4,
        "nm" => 10.0,
        "A" | "\u{c5}" | "\u{212b}" | "Angstrom" | "angstrom" => 1.0,
        "pm" => 0.01,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn sizes_that_can_be_and_units_of_length() {
        for (size, is) in
            [(1.25, 1.25), (0.009, 1.0), (1001.0, 1.0), (-2.0, 1.0), (f64::NAN, 1.0), (1e300, 1.0)]
        {
            assert_eq!(known(size).to_bits(), f32::to_bits(is), "{size}");
        }
        assert_eq!(
            ["nm", " \u{b5}m", "1/nm", "", "eV"].map(of_unit),
            [Some(10.0), Some(1e4), None, None, None]
        );
    }
}
