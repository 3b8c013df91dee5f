//! Words for figures, the same for every command.

use e2compress_core::Comparison;
use e2compress_core::PixelEncoding;
use e2compress_core::Shape;

/// Words how a file that is right differs from its original.
pub fn differences(found: &Comparison) -> String {
    let Some(half_step) = found.half_step else { return "every pixel is right".into() };
    let (largest, rms) = (short(found.largest), short(found.rms));
    format!("every code is right, largest difference {largest} (half a step {}), RMS {rms}", short(half_step))
}

/// Writes a figure with four digits.
fn short(figure: f64) -> String {
    let rounded = format!("{figure:.3e}").parse().unwrap_or(figure);
    let text = format!("{rounded:?}");
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

/// Words how many pixels of how many were truncated.
pub fn truncated(count: u64, pixels: u64) -> String {
    match count {
        0 => "no pixel truncated".into(),
        count => format!("{count} pixels truncated ({:.3} %)", 100.0 * count as f64 / pixels as f64),
    }
}

/// Words what is in a file.
pub fn images(count: u32, shape: Shape) -> String {
    let Shape { nx, ny, nz } = shape;
    match (count, nz) {
        (1, 1) => format!("1 image of {nx} x {ny}"),
        (1, nz) => format!("1 volume of {nx} x {ny} x {nz}"),
        (count, _) => format!("{count} images of {nx} x {ny}"),
    }
}

/// Words how pixels are stored.
pub fn stored(stored: PixelEncoding) -> String {
    match stored {
        PixelEncoding::Codes(bits) => format!("{} bits", bits.get()),
        PixelEncoding::Floats => "32-bit floats".into(),
        PixelEncoding::Raw => "32-bit floats, uncompressed".into(),
    }
}
