//! Single loops on fixed data, to count their instructions on machines too noisy for clocks.

use std::hint::black_box;

use e2compress_core::Level;
use e2compress_core::encode::deflate::Encoder;
use e2compress_core::image::PixelType;
use e2compress_core::image::pixels::Pixels;
use e2compress_core::kernel::strided::Strided;
use e2compress_core::quantise::Bits;
use e2compress_core::quantise::Range;
use e2compress_core::quantise::limits::Histogram;
use e2compress_core::quantise::statistics::{Statistics, Tally};
use e2compress_core::quantise::{Quantiser, Subtract, Table};

use e2compress_bench::kinds::{self, Random};

/// Pixels each loop runs over.
pub const PIXELS: usize = 64 << 10;

/// The loops.
pub const NAMES: [&str; 12] = [
    "statistics f32",
    "statistics u16",
    "statistics u8",
    "histogram f32",
    "codes f32 5 bits",
    "codes f32 10 bits",
    "codes u16 by table",
    "codes u8 at step 1",
    "deflate 1 g5",
    "deflate 1 g10s",
    "deflate 1 p05",
    "deflate 1 vol5",
];

/// Runs a loop so many times; false for a name or number that is none.
pub fn run(name: &str, times: &str) -> bool {
    let Ok(times) = times.parse::<u32>() else { return false };
    let mut random = Random::new(1);
    let values: Vec<f32> = (0..PIXELS).map(|_| random.normal() as f32).collect();
    let words: Vec<[u8; 2]> = values.iter().map(|v| ((v * 600.0 + 5600.0) as u16).to_le_bytes()).collect();
    let stored = words.as_flattened();
    let bytes: Vec<u8> = values.iter().map(|v| (v.abs() * 3.0) as u8).collect();
    let bits = |n| Bits::new(n).expect("bits within 2 to 16");
    let quantiser = |n| Quantiser::new(Range { low: -4.0, high: 4.0, exact: false }, bits(n));
    let (mut low, mut high) = (vec![0; PIXELS], vec![0; PIXELS]);
    let repeat = |work: &mut dyn FnMut()| (0..times).for_each(|_| work());
    match name {
        "statistics f32" => repeat(&mut || {
            black_box(Tally::of(black_box(&values)));
        }),
        "statistics u16" => repeat(&mut || {
            black_box(Tally::of_integers(Strided::whole(black_box(&words)), u16::from_le_bytes, 0));
        }),
        "statistics u8" => repeat(&mut || {
            black_box(Tally::of_integers(Strided::whole(black_box(&bytes)), |byte| byte, 0));
        }),
        "histogram f32" => {
            let statistics = Statistics::of(&Tally::of(&values));
            let mut counts = [0; _];
            repeat(&mut || Histogram::count(&statistics, Strided::whole(black_box(&values)), &mut counts));
        }
        "codes f32 5 bits" => repeat(&mut || {
            black_box(quantiser(5).bytes(black_box(&values), &mut low));
        }),
        "codes f32 10 bits" => repeat(&mut || {
            black_box(quantiser(10).planes(black_box(&values), &mut low, &mut high));
        }),
        "codes u16 by table" => {
            let pixels = Pixels::new(PixelType::U16, false);
            let Some(table) = Table::new(pixels, u64::MAX, quantiser(5)) else { return false };
            repeat(&mut || {
                black_box(table.bytes(black_box(stored), &mut low));
            });
        }
        "codes u8 at step 1" => {
            let range = Range { low: 0.0, high: 15.0, exact: true };
            let Some(shift) = Subtract::new(Pixels::new(PixelType::U8, false), range, bits(4)) else {
                return false;
            };
            repeat(&mut || {
                black_box(shift.bytes(black_box(&bytes), |byte| byte, &mut low));
            });
        }
        _ => {
            let Some(kind) = name.strip_prefix("deflate 1 ") else { return false };
            let Some(kind) = kinds::NOISE.into_iter().chain(kinds::FLAT).find(|found| *found == kind) else {
                return false;
            };
            let kind = kinds::make(kind, PIXELS);
            let data = kind.chunks(kind.bytes.len());
            let (mut encoder, mut out) = (Encoder::new(), Vec::new());
            repeat(&mut || {
                out.clear();
                encoder.zlib(black_box(&data[0]), kind.planes(), Level::default(), &mut out);
            });
        }
    }
    true
}
