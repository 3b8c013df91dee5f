//! The figures of `docs/bits.md`: simulated images, measured with the core's own functions.

mod loss;
mod plot;
mod size;
mod spectrum;

use std::ops::ControlFlow;

use e2compress_core::{
    Attributes, ImagePlan, InMemory, NoProgress, Options, PixelEncoding, Shape, compress, open, plan,
};

/// Draws all figures: their file names and what is in them.
#[must_use]
pub fn all() -> [(&'static str, String); 3] {
    [("loss.svg", loss::figure()), ("spectrum.svg", spectrum::figure()), ("size.svg", size::figure())]
}

/// A square image in memory.
fn image(values: &[f32], side: usize) -> InMemory {
    let mut images = InMemory::new();
    images.push(Shape { nx: side as u32, ny: side as u32, nz: 1 }, values.to_vec(), Attributes::new());
    images
}

/// Plans an image.
fn planned(images: &InMemory) -> ImagePlan {
    let mut found = Vec::new();
    let mut take = |planned| {
        found.push(planned);
        ControlFlow::Continue(())
    };
    plan(images, "a.mrc", &Options::default(), &mut take, &NoProgress).expect("memory can be read");
    found.remove(0)
}

/// Compresses an image to so many bits.
fn stored(images: &InMemory, bits: u32) -> Vec<u8> {
    let stored = PixelEncoding::from_bits(bits.into()).expect("a number of bits");
    let mut out = Vec::new();
    let options = Options { stored, ..Options::default() };
    compress(images, "image", &mut out, &options, &NoProgress).expect("memory takes all");
    out
}

/// Returns the error of an image that was stored in so many bits.
fn error(values: &[f32], side: usize, bits: u32) -> Vec<f64> {
    let bytes = stored(&image(values, side), bits);
    let source = bytes.as_slice();
    let back = open(&source, "image.hdf").and_then(|file| file.values(0)).expect("it was just written");
    values.iter().zip(back).map(|(&value, back)| f64::from(back) - f64::from(value)).collect()
}
