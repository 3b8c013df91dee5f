//! Any bytes are an EER movie or a typed error; and what was written as electrons is read as these, on any grid and
//! summed in any way.

use std::num::NonZeroU32;

use e2compress_core::formats::eer::{Eer, EerRendering, EerSums, Upsampling};
use e2compress_core::image::Images;
use e2compress_core::{Error, NoProgress, Options, compress};
use e2compress_fixtures::eer::{Coding, Electron, Movie, codes};

use crate::bytes::Bytes;

/// What one run may cost; nothing the reader promises.
const MOST_PIXELS: u64 = 1 << 20;
const MOST_IMAGES: u32 = 64;

/// Opens and reads a file, or writes a movie and reads that, as the first byte says.
///
/// # Panics
/// When the reader's promises do not hold.
pub fn eer(data: &[u8]) {
    let mut bytes = Bytes(data);
    let written = bytes.u8() % 4 == 1;
    let rendering = rendering(&mut bytes);
    if written { electrons(&mut bytes, rendering) } else { file(bytes.0, rendering) }
}

fn rendering(bytes: &mut Bytes<'_>) -> EerRendering {
    let number = NonZeroU32::MIN.saturating_add(bytes.u8().into());
    let sums = match bytes.u8() % 4 {
        0 => EerSums::Fractions(number),
        1 => EerSums::Grouping(number),
        2 => EerSums::Exactly {
            fractions: number,
            grouping: NonZeroU32::MIN.saturating_add(bytes.u8().into()),
        },
        _ => EerSums::None,
    };
    let upsampling = [Upsampling::One, Upsampling::Two, Upsampling::Four][usize::from(bytes.u8() % 3)];
    EerRendering { sums, upsampling }
}

/// Reads any bytes.
fn file(file: &[u8], rendering: EerRendering) {
    let reader = match Eer::open(&file, rendering) {
        Ok(reader) => reader,
        Err(Error::Eer(_) | Error::Tiff(_) | Error::Read { .. }) => return,
        Err(problem) => panic!("{problem}"),
    };
    let (shape, images) = (reader.shape(0), reader.images());
    assert!(images > 0 && shape.pixels() > 0);
    reader.attributes(images - 1).expect("attributes are there");
    if shape.pixels().saturating_mul(images.into()) > MOST_PIXELS || images > MOST_IMAGES {
        return;
    }
    let row_bytes = reader.pixels(0).row_bytes(shape.nx);
    for image in (0..images).rev() {
        let mut whole = vec![0; (shape.rows() * row_bytes) as usize];
        match reader.read(image, 0..shape.rows(), &mut whole) {
            Ok(()) => {}
            Err(Error::Eer(_)) => continue,
            Err(problem) => panic!("{problem}"),
        }
        let middle = shape.rows() / 2;
        let mut part = vec![0; ((shape.rows() - middle) * row_bytes) as usize];
        reader.read(image, middle..shape.rows(), &mut part).expect("it was read before");
        assert!(whole.ends_with(&part), "rows depend on how they are read");
    }
    let mut out = Vec::new();
    match compress(&reader, "a.eer", &mut out, &Options::default(), &NoProgress) {
        Ok(report) => assert!(report.images == images && report.output_bytes == out.len() as u64),
        Err(Error::Eer(_)) => assert!(!out.starts_with(b"\x89HDF"), "an error, and a file all the same"),
        Err(problem) => panic!("{problem}"),
    }
}

/// Writes electrons, and counts them once more.
fn electrons(bytes: &mut Bytes<'_>, rendering: EerRendering) {
    let [width, height] = [bytes.below(40) + 1, bytes.below(40) + 1];
    let pixels = u64::from(width) * u64::from(height);
    let compression = 65000 + u16::from(bytes.u8() % 3);
    let wasteful = bytes.u8().is_multiple_of(2);
    let coding = match compression {
        65000 => Coding { gap: 8, sub: 2, wasteful },
        65001 => Coding { gap: 7, sub: 2, wasteful: false },
        _ => Coding { gap: 4 + bytes.below(9), sub: 1 + bytes.below(2), wasteful: false },
    };
    let count = bytes.below(12) + 1;
    let frames: Vec<Vec<Electron>> = (0..count)
        .map(|_| {
            let (mut electrons, mut next) = (Vec::new(), 0);
            for _ in 0..bytes.u8() {
                let pixel = next + u64::from(bytes.u8()) * u64::from(bytes.u8() % 4);
                if pixel >= pixels {
                    break;
                }
                let [x, y] = [bytes.below(1 << coding.sub), bytes.below(1 << coding.sub)];
                electrons.push(Electron { pixel, x, y });
                next = pixel + 1;
            }
            electrons
        })
        .collect();
    let coded: Vec<Vec<u8>> = frames.iter().map(|electrons| codes(coding, pixels, electrons)).collect();
    // By chance all frames may end at the last pixel in the other dialect, too: nothing tells which is meant then.
    let other = Coding { wasteful: !wasteful, ..coding };
    let differs =
        frames.iter().zip(&coded).any(|(electrons, frame)| codes(other, pixels, electrons) != *frame);
    if compression == 65000 && differs && coded.iter().all(|frame| ends_right(frame, pixels, other)) {
        return;
    }
    let mut movie = Movie::new(width, height, compression, coded);
    if compression == 65002 {
        movie.bits = [coding.gap, coding.sub, coding.sub].map(|bits| bits as u16).to_vec();
    }
    let file = movie.file();
    let file = &file[..];
    let factor = rendering.upsampling.factor();
    let (fractions, grouping) = match rendering.sums {
        EerSums::None => (count, 1),
        EerSums::Fractions(fractions) => (fractions.get(), count / fractions),
        EerSums::Grouping(grouping) => (count / grouping, grouping.get()),
        EerSums::Exactly { fractions, grouping } => (fractions.get(), grouping.get()),
    };
    let possible =
        fractions > 0 && grouping > 0 && fractions * grouping <= count && factor <= 1 << coding.sub;
    let reader = match Eer::open(&file, rendering) {
        Ok(reader) => reader,
        Err(Error::Eer(problem)) => return assert!(!possible, "{problem}"),
        Err(problem) => panic!("{problem}"),
    };
    assert!(possible && reader.images() == fractions);
    for image in 0..fractions {
        let mut counts = vec![0f32; (pixels * u64::from(factor) * u64::from(factor)) as usize];
        for electron in frames[(image * grouping) as usize..].iter().take(grouping as usize).flatten() {
            let (column, row) = (electron.pixel % u64::from(width), electron.pixel / u64::from(width));
            let finer = |pixel: u64, place: u32| {
                pixel * u64::from(factor) + u64::from((place * factor) >> coding.sub)
            };
            let [x, y] = [finer(column, electron.x), finer(row, electron.y)];
            counts[(y * u64::from(width * factor) + x) as usize] += 1.0;
        }
        let values = reader.values(image).expect("all frames are there");
        assert!(values == counts, "image {image} has other electrons");
    }
}

/// Tells whether the codes of a frame end at its last pixel.
fn ends_right(frame: &[u8], pixels: u64, coding: Coding) -> bool {
    let bits = |at: u64, count: u32| -> Option<u64> {
        let bit = |at: u64| Some(u64::from(frame.get((at / 8) as usize)? >> (at % 8) & 1));
        (0..u64::from(count)).try_fold(0, |all, place| Some(all | bit(at + place)? << place))
    };
    let (mut at, mut pixel) = (0, 0);
    while let Some(gap) = bits(at, coding.gap) {
        at += u64::from(coding.gap);
        pixel += gap;
        if pixel >= pixels {
            return pixel == pixels;
        }
        let is_full = gap == (1 << coding.gap) - 1;
        if !is_full || coding.wasteful {
            at += 2 * u64::from(coding.sub);
        }
        pixel += u64::from(!is_full);
    }
    false
}
