//! Any options with any values give a range that readers can undo, or a typed error.

use e2compress_core::formats::mrc::Mrc;
use e2compress_core::{Error, NoProgress, PixelEncoding, compress};

use crate::bytes::Bytes;

/// A side of the image, at most.
const MOST: u32 = 40;

/// Compresses a small image of any 32-bit floats. The first bytes choose options and sides.
///
/// # Panics
/// When the range is none.
pub fn options(data: &[u8]) {
    let mut bytes = Bytes(data);
    let options = bytes.options();
    let (nx, ny) = (1 + bytes.below(MOST), 1 + bytes.below(MOST));
    let mut file = vec![0; 1024];
    for (word, value) in [nx, ny, 1, 2].into_iter().enumerate() {
        file[4 * word..4 * word + 4].copy_from_slice(&value.to_le_bytes());
    }
    file[208..214].copy_from_slice(b"MAP DD");
    for _ in 0..nx * ny {
        file.extend(bytes.array::<4>());
    }
    let source = file.as_slice();
    let reader = Mrc::open(&source, "a.mrc").expect("the header is right");
    let mut out = Vec::new();
    match compress(&reader, "a.mrc", &mut out, &options, &NoProgress) {
        Ok(report) => {
            let pixels = u64::from(nx) * u64::from(ny);
            assert_eq!((report.images, report.pixels), (1, pixels));
            assert!(report.truncated <= pixels);
            match options.stored {
                // What it takes depends on the pixels.
                PixelEncoding::Auto(_) => {}
                stored => assert_eq!(report.range.is_some(), matches!(stored, PixelEncoding::Codes(_))),
            }
            if let (Some((low, high)), Some((step, _))) = (report.range, report.step) {
                assert!(low.is_finite() && high.is_finite() && low <= high, "{low} to {high}");
                assert!(step.is_finite() && step >= 0.0, "step {step}");
            }
        }
        Err(Error::RangeTooWide { minimum, maximum, .. }) => {
            assert!(minimum < maximum && matches!(options.stored, PixelEncoding::Codes(_)));
        }
        Err(error) => panic!("{error}"),
    }
}
