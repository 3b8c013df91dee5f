//! Whether two files hold the same picture, as far as they say themselves: number and shapes of the images and,
//! image by image, the statistics of the pixels they were made of. Other bits, another level or another program
//! may have made one of them.

use e2compress_core::{Declared, Error, Images};

/// Figures of the same picture differ by so much at most, relatively: the order of summing changes the last
/// place of a 32-bit float.
const TOLERANCE: f64 = 1e-6;

/// Finds what tells two files apart that should hold the same images, in words that follow "it".
pub fn difference(there: &dyn Images, new: &dyn Images) -> Result<Option<String>, Error> {
    if let Some(words) = other_shape(there, new) {
        return Ok(Some(words));
    }
    for image in 0..new.images() {
        let words = difference_of(there, image, &new.declared(image)?.unwrap_or_default())?;
        if words.is_some() {
            return Ok(words);
        }
    }
    Ok(None)
}

/// Finds the same before the new file is made, from the figures that it will have of some of its images.
pub fn foresee(there: &dyn Images, some: &[(u32, Declared)]) -> Result<Option<String>, Error> {
    for (image, new) in some {
        let words = difference_of(there, *image, new)?;
        if words.is_some() {
            return Ok(words);
        }
    }
    Ok(None)
}

/// Finds what tells an image from that of the new file.
fn difference_of(there: &dyn Images, image: u32, new: &Declared) -> Result<Option<String>, Error> {
    let there = there.declared(image)?.unwrap_or_default();
    Ok(other_figure(&there, new).map(|name| format!("has another {name} in image {image}")))
}

/// Finds the same before the new file is made, from the images it will hold.
pub fn other_shape(there: &dyn Images, new: &dyn Images) -> Option<String> {
    let (found, wanted) = (there.images(), new.images());
    if found != wanted {
        return Some(format!("has another number of images, {found} instead of {wanted}"));
    }
    let other = (0..wanted).find(|&image| there.shape(image) != new.shape(image))?;
    Some(format!("has another size of image {other}"))
}

/// Names the first figure of an image that differs or is missing.
fn other_figure(there: &Declared, new: &Declared) -> Option<&'static str> {
    // A mean near zero is the sum of many values that are not.
    let of_mean = new.sigma.unwrap_or_default();
    let figures = [
        ("minimum", there.minimum, new.minimum, 0.0),
        ("maximum", there.maximum, new.maximum, 0.0),
        ("mean", there.mean, new.mean, of_mean),
        ("sigma", there.sigma, new.sigma, 0.0),
        ("square_sum", there.square_sum, new.square_sum, 0.0),
    ];
    let other = figures.into_iter().find(|&(_, there, new, size)| match (there, new) {
        (Some(there), Some(new)) => !is_near(there, new, size),
        _ => true,
    });
    other.map(|(name, ..)| name)
}

/// Whether figures are the same but for the last place, beside their own size or another.
fn is_near(a: f64, b: f64, size: f64) -> bool {
    (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()).max(size.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_place_is_no_difference() {
        let of = |mean: f64, sigma: f64| Declared {
            minimum: Some(-4.0),
            maximum: Some(4.0),
            mean: Some(mean),
            sigma: Some(sigma),
            square_sum: Some(1e6),
            ..Declared::default()
        };
        let new = of(1e-5, 1.0);
        assert_eq!(other_figure(&new, &new), None);
        assert_eq!(other_figure(&of(1e-5 + 1e-7, 1.0 + 1e-7), &new), None);
        assert_eq!(other_figure(&of(2e-5, 1.0), &new), Some("mean"));
        assert_eq!(other_figure(&of(1e-5, 1.001), &new), Some("sigma"));
        let lacking = Declared { square_sum: None, ..new };
        assert_eq!(other_figure(&lacking, &new), Some("square_sum"));
        assert_eq!(other_figure(&Declared::default(), &Declared::default()), Some("minimum"));
    }
}
