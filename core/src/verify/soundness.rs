//! Inputs that say more of themselves than their pixels are checked against it before anything is made of them: of a damaged
//! file a sound one would be made, and the damage would be gone from sight.

use std::cell::RefCell;

use super::{Check, Sums, VerifyOptions, VerifyReport, verify};
use crate::compress::Loss;
use crate::error::Error;
use crate::formats::eman2::error::EmanError;
use crate::image::Images;
use crate::pipeline::progress::Progress;
use crate::quantise::detail::Detail;
use crate::quantise::noise::ImageNoise;
use crate::quantise::statistics::Tally;
use crate::warning::{Share, Warning};

/// Checks an input against its own words, as [`verify()`] does without an original, before [`crate::compress()`] or
/// [`crate::expand()`] makes something of it; inputs of formats without such words are not read. Returns notes of what is
/// odd, which come before the warnings of what is made; `force` makes a warning of what is wrong. What making the input lost
/// is not lost again: of a picture that it does not hold there is a note, and no advice that comes too late.
///
/// # Errors
/// [`Error::Unsound`] with the first thing that is wrong; what reading the input fails with.
pub fn check_input(
    images: &dyn Images,
    force: bool,
    options: &VerifyOptions,
    progress: &dyn Progress,
) -> Result<Vec<Warning>, Error> {
    if !images.is_self_checking() {
        return Ok(Vec::new());
    }
    judge(verify(images, None, options, progress), force)
}

/// Finds out what [`check_input`] would say, as far as types, attributes and structure decide it and no pixel does.
///
/// # Errors
/// Those of [`check_input`].
pub fn check_description(images: &dyn Images, force: bool) -> Result<Vec<Warning>, Error> {
    if !images.is_self_checking() {
        return Ok(Vec::new());
    }
    judge(verify_description(images), force)
}

/// Checks of `file` what [`verify()`] does without an original, as far as no pixel decides it.
fn verify_description(file: &dyn Images) -> Result<VerifyReport, Error> {
    let check = Check { reader: file, original: None, opened: RefCell::default() };
    let mut sums = Sums::default();
    for number in 0..file.images() {
        let image = check.open(number, true)?;
        let said = check.opened.borrow_mut().claims.pop_front();
        if let Some(said) = said {
            let unseen = (&Tally::EMPTY, &Detail::default(), &ImageNoise::default().conclude(&Tally::EMPTY));
            check.report_losses(&image, &said.declared, unseen, false, &mut sums.losses);
        }
    }
    check.around()?;
    Ok(check.conclude(sums))
}

/// Makes notes of what was found, or an error.
fn judge(found: Result<VerifyReport, Error>, force: bool) -> Result<Vec<Warning>, Error> {
    match found {
        Ok(report) => {
            // What a copy lacks is said of the copy.
            let beside = |found: &Warning| matches!(found, Warning::NotCarried(_) | Warning::OtherFiles(_));
            let (lost, found): (Vec<_>, Vec<_>) = report
                .warnings
                .into_iter()
                .filter(|found| !beside(found))
                .partition(Warning::is_picture_lost);
            let of_input = found.into_iter().filter(Warning::is_of_input);
            Ok(lost_before(&lost).into_iter().chain(of_input).collect())
        }
        // Another library reads these; what is wrong it says when it does.
        Err(Error::Eman(EmanError::Unseen { .. })) => Ok(Vec::new()),
        Err(Error::Cancelled) => Err(Error::Cancelled),
        Err(problem) if force => Ok(vec![Warning::Unsound(problem.to_string())]),
        // A source that fails says nothing of the file.
        Err(problem @ Error::Read { .. }) => Err(problem),
        Err(problem) => Err(Error::Unsound(Box::new(problem))),
    }
}

/// Returns the note that images of an input hold no picture, if warnings about it say so of any.
fn lost_before(lost: &[Warning]) -> Option<Warning> {
    let shares = lost.iter().filter_map(|found| match *found {
        Warning::PictureLost { images, .. } => Some(images),
        Warning::Loss(Loss::AllCut { images, of }) => Share::some(images, of),
        _ => None,
    });
    // An image may be of both kinds.
    shares
        .reduce(|sum, share| Share { count: sum.of.min(sum.count + share.count), ..sum })
        .map(Warning::LostBefore)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::io;

    use super::*;
    use crate::quantise::limits::LimitRule;
    use crate::{Attributes, InMemory, NoProgress, Options, Shape, Source, compress, open};
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const MICROGRAPH: &[u8] = include_bytes!("../../../tests/data/u16_micrograph.mrc");
    const OUTLIERS: &[u8] = include_bytes!("../../../tests/data/f32_outliers.mrc");
    const REGION: &[u8] = include_bytes!("../../../tests/data/eman2-odd/region.hdf");
    const SHORT: &[u8] = include_bytes!("../../../tests/data/eman2-odd/short.hdf");

    fn compressed() -> Vec<u8> {
        let (mut file, input) = (Vec::new(), open(&MICROGRAPH, "a.mrc").unwrap());
        compress(&*input, "a.mrc", &mut file, &Options::default(), &NoProgress).unwrap();
        file
    }

    /// Returns an output one of whose attributes has another name, by one bit.
    fn damaged() -> Vec<u8> {
        let (mut file, name) = (compressed(), b"EMAN.stored_renderbits");
        let place = file.windows(name.len()).position(|bytes| bytes == name).unwrap();
        file[place + name.len() - 1] ^= 1;
        file
    }

    fn checked(file: &dyn Source, force: bool) -> Result<Vec<Warning>, Error> {
        check_input(&*open(file, "a.hdf")?, force, &VerifyOptions::default(), &NoProgress)
    }

    #[test]
    fn what_is_not_sound_is_refused_or_taken_as_it_is() {
        assert_eq!(checked(&compressed().as_slice(), false).unwrap(), []);
        let damaged = damaged();
        let problem = checked(&damaged.as_slice(), false).unwrap_err();
        assert!(matches!(problem, Error::Unsound(_)), "{problem}");
        assert_eq!(
            problem.to_string(),
            "the input is not sound and nothing was made of it; the command's --force takes it as it is: image 0: it has \
             attributes of codes, but stored_renderbits is missing or no number"
        );
        let taken = checked(&damaged.as_slice(), true).unwrap();
        assert!(matches!(&taken[..], [Warning::Unsound(_)]), "{taken:?}");
    }

    #[test]
    fn what_no_pixel_decides_is_foreseen() {
        let (damaged, sound) = (damaged(), compressed());
        // Whether statistics are those of the pixels is seen in pixels alone.
        for (file, of_pixels) in [(&sound[..], false), (&damaged, false), (SHORT, false), (REGION, true)] {
            let images = open(&file, "a.hdf").unwrap();
            for force in [false, true] {
                let words = |found: Result<Vec<Warning>, Error>| found.map_err(|problem| problem.to_string());
                let foreseen = words(check_description(&*images, force));
                let found = words(checked(&file, force));
                let expected = if of_pixels { Ok(Vec::new()) } else { found };
                assert_eq!(foreseen, expected);
            }
        }
    }

    #[test]
    fn what_is_odd_is_noted() {
        assert!(matches!(checked(&REGION, false).unwrap()[..], [Warning::OddStatistics(_)]));
        assert!(matches!(checked(&SHORT, false).unwrap()[..], [Warning::SignedCodes(_)]));
    }

    #[test]
    fn what_an_input_lost_before_is_not_lost_again() {
        let mut state = 7u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 16_777_216.0
        };
        // Noise of sigma 1, the range of which makes a step of 1.1 with 3 bits.
        let mut values: Vec<f32> = (0..64 * 64).map(|_| (0..12).map(|_| next()).sum::<f32>() - 6.0).collect();
        (values[9], values[10]) = (4.0, -4.0);
        let mut images = InMemory::new();
        images.push(Shape { nx: 64, ny: 64, nz: 1 }, values, Attributes::new());
        let (mut file, three) = (Vec::new(), Options::bits(3).unwrap());
        let made = compress(&images, "a.mrc", &mut file, &three, &NoProgress).unwrap();
        assert!(made.warnings.iter().any(Warning::is_picture_lost), "{:?}", made.warnings);
        let file = file.as_slice();
        let notes = checked(&file, false).unwrap();
        assert_eq!(notes, [Warning::LostBefore(Share { count: 1, of: 1 })]);
        assert!(notes.iter().all(|note| note.is_note() && !note.is_picture_lost()));
        let kept = open(&file, "a.hdf").unwrap();
        for bits in [3, 4, 16] {
            let options = Options::bits(bits).unwrap();
            let report = compress(&*kept, "a.hdf", &mut Vec::new(), &options, &NoProgress).unwrap();
            assert_eq!((report.unchanged, &report.warnings[..]), (1, &[][..]), "{bits} bits");
        }
        // Fewer bits lose it once more, and are told so.
        let two = Options::bits(2).unwrap();
        let fewer = compress(&*kept, "a.hdf", &mut Vec::new(), &two, &NoProgress).unwrap();
        assert!(fewer.warnings.iter().any(Warning::is_picture_lost), "{:?}", fewer.warnings);
    }

    #[test]
    fn a_picture_that_limits_cut_away_is_lost_before_too() {
        let (mut file, input) = (Vec::new(), open(&OUTLIERS, "a.mrc").unwrap());
        let options = Options { limits: LimitRule::explicit(1e9, 2e9).unwrap(), ..Options::default() };
        let made = compress(&*input, "a.mrc", &mut file, &options, &NoProgress).unwrap();
        assert!(made.warnings.iter().any(Warning::is_picture_lost), "{:?}", made.warnings);
        assert_eq!(
            checked(&file.as_slice(), false).unwrap(),
            [Warning::LostBefore(Share { count: 1, of: 1 })]
        );
    }

    /// A file that can be read so many times.
    struct Failing<'a> {
        file: &'a [u8],
        reads: Cell<u32>,
    }

    impl Source for Failing<'_> {
        fn len(&self) -> io::Result<u64> {
            Ok(self.file.len() as u64)
        }

        fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
            self.reads.set(self.reads.get().checked_sub(1).ok_or(io::ErrorKind::NotFound)?);
            self.file.read_at(offset, bytes)
        }
    }

    #[test]
    fn a_source_that_fails_says_nothing_of_the_file() {
        let file = compressed();
        for reads in 0.. {
            match checked(&Failing { file: &file, reads: Cell::new(reads) }, false) {
                Ok(_) => break,
                Err(problem) => assert!(matches!(problem, Error::Read { .. }), "{reads}: {problem}"),
            }
        }
    }

    #[test]
    fn inputs_that_say_nothing_of_themselves_are_not_read() {
        let input = Failing { file: MICROGRAPH, reads: Cell::new(u32::MAX) };
        let images = open(&input, "a.mrc").unwrap();
        let before = input.reads.get();
        assert_eq!(check_input(&*images, false, &VerifyOptions::default(), &NoProgress).unwrap(), []);
        assert_eq!(input.reads.get(), before);
    }
}
