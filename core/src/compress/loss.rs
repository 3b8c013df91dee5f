//! What an output lacks of its input beyond the bits that were to go: reasons not to replace the input.

use std::fmt;

/// A loss that nobody asked for in so many words. A front end warns of it, and does not let the output take
/// the input's place.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Loss {
    /// Numbers that no 32-bit float is, which become the nearest ones.
    Rounded {
        /// How many.
        count: u64,
        /// Of how many pixels.
        pixels: u64,
    },
    /// Images of which limits cut every pixel.
    AllCut {
        /// How many.
        images: u32,
        /// Of how many.
        of: u32,
    },
    /// Images of which limits cut more than one pixel in a hundred.
    Cut {
        /// The largest part of an image, in percent.
        percent: f64,
        /// How many images.
        images: u32,
        /// Of how many.
        of: u32,
    },
}

impl fmt::Display for Loss {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Rounded { count, pixels } => write!(
                to,
                "{count} of {pixels} pixels are numbers that no 32-bit float is: they become the nearest ones"
            ),
            Self::AllCut { of: 1, .. } => {
                to.write_str("every pixel lies outside the limits: the picture is lost")
            }
            Self::AllCut { images, of } => {
                write!(
                    to,
                    "every pixel of {images} of {of} images lies outside the limits: the picture is lost"
                )
            }
            Self::Cut { percent, of: 1, .. } => write!(to, "{percent:.1} % of the pixels are clipped"),
            Self::Cut { percent, images, of } => {
                write!(to, "up to {percent:.1} % of the pixels are clipped, in {images} of {of} images")
            }
        }
    }
}

/// What the images so far lose.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub(super) struct Losses {
    rounded: u64,
    all_cut: u32,
    cut: u32,
    largest_part: f64,
}

impl Losses {
    /// Adds an image of so many pixels, some of which are rounded, and some truncated by limits.
    pub(super) fn add(&mut self, pixels: u64, nan: u64, rounded: u64, cut: u64) {
        /// Limits are to cut outliers: more than one pixel in so many is none.
        const RARE: u64 = 100;
        self.rounded += rounded;
        if cut > 0 && cut + nan == pixels {
            self.all_cut += 1;
        } else if cut.saturating_mul(RARE) > pixels {
            self.cut += 1;
            self.largest_part = self.largest_part.max(100.0 * cut as f64 / pixels as f64);
        }
    }

    /// Returns them for so many images of so many pixels.
    pub(super) fn list(&self, images: u32, pixels: u64) -> Vec<Loss> {
        let rounded = (self.rounded > 0).then_some(Loss::Rounded { count: self.rounded, pixels });
        let all_cut = (self.all_cut > 0).then_some(Loss::AllCut { images: self.all_cut, of: images });
        let percent = self.largest_part;
        let cut = (self.cut > 0).then_some(Loss::Cut { percent, images: self.cut, of: images });
        [rounded, all_cut, cut].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn words(images: &[(u64, u64, u64, u64)]) -> Vec<String> {
        let mut losses = Losses::default();
        for &(pixels, nan, rounded, cut) in images {
            losses.add(pixels, nan, rounded, cut);
        }
        losses.list(images.len() as u32, 100).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn one_pixel_in_a_hundred_is_no_loss() {
        assert!(words(&[(1000, 0, 0, 10), (1000, 0, 0, 0)]).is_empty());
        assert_eq!(words(&[(1000, 0, 0, 11)]), ["1.1 % of the pixels are clipped"]);
        assert_eq!(
            words(&[(1000, 0, 0, 11), (10, 0, 0, 5), (10, 0, 0, 0)]),
            ["up to 50.0 % of the pixels are clipped, in 2 of 3 images"]
        );
    }

    #[test]
    fn every_pixel_is_the_picture() {
        for image in [(10, 0, 0, 10), (10, 3, 0, 7)] {
            assert_eq!(words(&[image]), ["every pixel lies outside the limits: the picture is lost"]);
        }
        let of_two = "every pixel of 1 of 2 images lies outside the limits: the picture is lost";
        assert_eq!(words(&[(10, 0, 0, 10), (10, 0, 0, 0)]), [of_two]);
    }

    #[test]
    fn rounded_numbers_are_counted() {
        let all = "3 of 100 pixels are numbers that no 32-bit float is: they become the nearest ones";
        assert_eq!(words(&[(50, 0, 1, 0), (50, 0, 2, 0)]), [all]);
    }
}
