//! How large an MRC file would be, before any pixel is read.

use super::survey::Survey;
use super::{ExpandError, ExpandOptions};
use crate::compress::{Foreseen, Prediction};
use crate::error::Error;
use crate::formats::mrc::write::Layout;
use crate::image::{Images, PixelType};

/// Predicts the length of the MRC file that images expand to. It is known where a mode is asked for, and follows from the
/// mode of the original where the file says which that was; else the values decide, and no length is given.
///
/// # Errors
/// What [`super::expand`] refuses before it reads a pixel.
pub fn predict_expansion(images: &dyn Images, options: &ExpandOptions) -> Result<Prediction, Error> {
    if let Some(kind) = options.mode.filter(|kind| !PixelType::MRC_MODES.contains(kind)) {
        return Err(ExpandError::Mode(kind).into());
    }
    let count = images.images();
    let survey = Survey::of(images)?;
    // Codes that stand for fractions are no integers any more, whatever the original had.
    let is_whole = |image| images.pixels(image).scale.is_none_or(|scale| scale.decoder().is_whole());
    let kept = survey.mode.map(|mode| if (0..count).all(is_whole) { mode } else { PixelType::F32 });
    let mode = options.mode.or(kept);
    let exact = options.mode.or(survey.mode) == Some(PixelType::F32) || options.mode.is_some();
    let Survey { shape, extended, big_endian, warnings, .. } = survey;
    let length = |mode| Layout { shape, images: count, mode, extended, big_endian }.length();
    let most_bytes = mode.is_none().then(|| length(PixelType::F32));
    Ok(Prediction {
        output_bytes: mode.map(length),
        most_bytes,
        exact,
        looked_at: 0,
        images: count,
        bits: None,
        loss: None,
        foreseen: Foreseen { warnings, ..Foreseen::default() },
        clipped: None,
        spread: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::open;
    use crate::{NoProgress, Options, compress, expand};
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const MICROGRAPH: &[u8] = include_bytes!("../../../tests/data/u16_micrograph.mrc");
    const RECORDS: &[u8] = include_bytes!("../../../tests/data/ext_header_fei1.mrc");
    const HALVES: &[u8] = include_bytes!("../../../tests/data/f16.mrc");
    const MOVIE: &[u8] = include_bytes!("../../../tests/data/u8_movie.mrcs");

    #[test]
    fn the_length_is_that_of_the_file() {
        for file in [MICROGRAPH, RECORDS, HALVES, MOVIE] {
            let original = open(&file, "a.mrcs").unwrap();
            let mut compressed = Vec::new();
            compress(&*original, "a.mrcs", &mut compressed, &Options::default(), &NoProgress).unwrap();
            let compressed = compressed.as_slice();
            let images = open(&compressed, "a.hdf").unwrap();
            for mode in [None, Some(PixelType::F32)] {
                let options = ExpandOptions { mode, ..ExpandOptions::default() };
                let found = predict_expansion(&*images, &options).unwrap();
                let mut output = Vec::new();
                expand(&*images, &mut output, &options, &NoProgress).unwrap();
                assert_eq!(found.output_bytes, Some(output.len() as u64), "{mode:?}");
                assert_eq!(found.exact, mode.is_some());
            }
        }
    }
}
