//! What must hold for any image: of its pixels alone, and of one image beside another.

use e2compress_bench::kinds::Random;
use e2compress_bench::simulated::{counts, damped, floats, micrograph, white};
use e2compress_core::{
    Attributes, ImagePlan, InMemory, LimitRule, Memory, NoProgress, Options, PixelEncoding, Shape, Target,
    compress, open,
};
use libtest_mimic::{Failed, Trial};
use rayon::ThreadPoolBuilder;

use crate::planned;

const SIDE: usize = 128;

/// What must hold; an error says of which image it does not.
type Rule = fn() -> Result<(), Failed>;

/// Lists what must hold.
pub fn trials() -> Vec<Trial> {
    let rules: [(&str, Rule); 10] = [
        ("auto stores what that number of bits stores", as_asked),
        ("what was chosen is kept", kept),
        ("a lower target never takes fewer bits", monotone),
        ("powers of two change no number of bits", scaled),
        ("an outlier moves no floor", outlier),
        ("exact is exact, on any grid and with any limits", exact),
        ("threads and memory change no bit of an estimate", threads),
        ("targets and limits change no floor", floor_of_the_image),
        ("the floor of white noise, in small images and among hot pixels", floor_of_white_noise),
        ("a missed target and the fewest bits that keep one", fewest),
    ];
    rules.into_iter().map(|(name, rule)| Trial::test(name, rule)).collect()
}

/// An image and what it is.
struct Image {
    name: String,
    shape: Shape,
    values: Vec<f32>,
}

impl Image {
    fn new(name: &str, nx: usize, values: &[f64]) -> Self {
        let shape = Shape { nx: nx as u32, ny: (values.len() / nx) as u32, nz: 1 };
        Self { name: name.into(), shape, values: floats(values) }
    }

    fn images(&self) -> InMemory {
        let mut images = InMemory::new();
        images.push(self.shape, self.values.clone(), Attributes::new());
        images
    }

    fn plan(&self, options: &Options) -> ImagePlan {
        planned(&self.images(), options).remove(0)
    }

    fn stored(&self, options: &Options) -> Vec<u8> {
        let mut out = Vec::new();
        compress(&self.images(), "a.mrc", &mut out, options, &NoProgress).expect("it can be stored");
        out
    }

    fn has_fractions(&self) -> bool {
        self.values.iter().any(|value| value.fract() != 0.0)
    }
}

/// Images of every kind that the rules tell apart.
fn images() -> Vec<Image> {
    let pixels = SIDE * SIDE;
    let noise = white(1, pixels);
    let of = |name: &str, value: &dyn Fn(usize, f64) -> f64| {
        let values: Vec<f64> = noise.iter().enumerate().map(|(place, &noise)| value(place, noise)).collect();
        Image::new(name, SIDE, &values)
    };
    let (x, y) = (|place: usize| (place % SIDE) as f64, |place: usize| (place / SIDE) as f64);
    let inside = |place: usize| (x(place) - 64.0).hypot(y(place) - 64.0) < 55.0;
    let gains = white(2, pixels);
    let times_gain: Vec<f64> =
        counts(3, pixels, 0.9).iter().zip(&gains).map(|(count, gain)| count * (1.0 + 0.04 * gain)).collect();
    let mut map = damped(4, SIDE);
    for (place, value) in map.iter_mut().enumerate() {
        *value = 1e-3 * *value + (x(place) / 9.0).sin() * (y(place) / 7.0).cos();
    }
    let mut volume = Image::new("volume", SIDE, &noise);
    volume.shape = Shape { nx: 32, ny: 32, nz: 16 };
    vec![
        of("white", &|_, noise| 3.7 * noise + 50.0),
        of("around zero", &|_, noise| 0.37 * noise),
        Image::new("damped", SIDE, &damped(5, SIDE)),
        of("gradient", &|place, noise| noise + 0.5 * x(place) + 0.002 * y(place) * y(place)),
        of("outliers", &|place, noise| if place % 3001 == 7 { 400.0 } else { noise }),
        of("one far away", &|place, noise| if place == 777 { 1e7 } else { noise }),
        of("mask", &|place, noise| if inside(place) { noise } else { 0.0 }),
        of("rounded", &|_, noise| 0.8 * noise.round()),
        Image::new("counts times gain", SIDE, &times_gain),
        Image::new("map", SIDE, &map),
        Image::new("counts", SIDE, &counts(6, pixels, 1.2)),
        Image::new("sparse counts", SIDE, &counts(7, pixels, 0.04)),
        of("integers", &|_, noise| (90.0 * noise + 2000.0).round()),
        of("signed integers", &|_, noise| (400.0 * noise).round()),
        of("multiples of 16", &|_, noise| 16.0 * (3.0 * noise).round() - 8.0),
        Image::new("micrograph", SIDE, &micrograph(8, SIDE)),
        Image::new("small", 24, &noise[..24 * 21]),
        Image::new("rod", 700, &noise[..700]),
        of("constant", &|_, _| 2.5),
        volume,
    ]
}

fn auto(percent: f64) -> Options {
    let target = Target::new(percent).expect("a target");
    Options { stored: PixelEncoding::Auto(target), ..Options::default() }
}

/// What was chosen for a target is taken over where that target is given again, or a lower one.
fn kept() -> Result<(), Failed> {
    for image in images() {
        for percent in [5.0, 2.0, 1.0, 0.5, 0.1, 0.01] {
            let once = image.stored(&auto(percent));
            let source = once.as_slice();
            let codes = open(&source, "a.hdf")?;
            for again in [percent, percent / 4.0, 0.01] {
                let Ok(target) = Target::new(again) else { continue };
                let options = Options { stored: PixelEncoding::Auto(target), ..Options::default() };
                let mut twice = Vec::new();
                let report = compress(&*codes, "a.hdf", &mut twice, &options, &NoProgress)?;
                let bits = report.spread.first().map(|found| (found.bits, found.reason));
                if report.unchanged != 1 {
                    return Err(format!("{} of {percent} % becomes {bits:?} at {again} %", image.name).into());
                }
            }
        }
    }
    Ok(())
}

fn as_asked() -> Result<(), Failed> {
    let rules = [
        LimitRule::All,
        LimitRule::NoOutliers,
        LimitRule::sigmas(4.0, 3.0)?,
        LimitRule::explicit(-2.0, 900.0)?,
    ];
    for image in images() {
        for (percent, limits) in rules.into_iter().flat_map(|rule| [(0.1, rule), (1.0, rule)]) {
            let options = Options { limits, ..auto(percent) };
            let bits = image.plan(&options).choice.bits.ok_or("a number of bits")?;
            let asked = Options { stored: PixelEncoding::from_bits(bits.into())?, ..options };
            if image.stored(&options) != image.stored(&asked) {
                return Err(format!("{}: auto is not --bits {bits} with {limits:?}", image.name).into());
            }
        }
    }
    Ok(())
}

/// Floats are the most.
fn many(plan: &ImagePlan) -> u32 {
    match plan.choice.bits {
        Some(0) | None => 32,
        Some(bits) => bits,
    }
}

fn monotone() -> Result<(), Failed> {
    for image in images() {
        let found: Vec<u32> =
            [5.0, 2.0, 1.0, 0.3, 0.1, 0.03, 0.01].map(|percent| many(&image.plan(&auto(percent)))).to_vec();
        if !found.is_sorted() {
            return Err(format!("{}: {found:?}", image.name).into());
        }
    }
    Ok(())
}

fn scaled() -> Result<(), Failed> {
    // Fractions are left: without them they would be integers.
    for image in images().into_iter().filter(Image::has_fractions) {
        let before = image.plan(&auto(1.0));
        for power in [-60, -9, 7] {
            let scale = 2f32.powi(power);
            let values = image.values.iter().map(|value| value * scale).collect();
            let name = format!("{} times 2^{power}", image.name);
            let after = Image { name, values, ..image }.plan(&auto(1.0));
            if many(&after) != many(&before) || after.choice.loss != before.choice.loss {
                return Err(format!("{} times 2^{power}: {after:?}, was {before:?}", image.name).into());
            }
        }
    }
    Ok(())
}

fn outlier() -> Result<(), Failed> {
    let mut tried = 0;
    for mut image in images() {
        let before = image.plan(&auto(1.0));
        let (Some(noise), 200..) = (before.noise, before.choice.blocks) else { continue };
        let place = image.values.len() / 2 + 40;
        let whole = !image.has_fractions();
        image.values[place] += if whole { (1000.0 * before.sigma).round() } else { 1000.0 * before.sigma };
        let after = image.plan(&auto(1.0));
        let floor = after.noise.ok_or("the noise is known")?.sigma();
        if (floor / noise.sigma() - 1.0).abs() > 0.02 {
            return Err(format!("{}: the floor was {}, is {floor}", image.name, noise.sigma()).into());
        }
        tried += 1;
        if after.choice.bits == Some(0) || after.choice.reason != before.choice.reason {
            continue;
        }
        // The step is what it was, or the next lower one that the wider range has; of integers the next power of two.
        let (step, was) = (after.choice.step.unwrap_or_default(), before.choice.step.unwrap_or_default());
        let span = |plan: &ImagePlan| f64::from(plan.maximum) - f64::from(plan.minimum);
        let wider = (span(&after) / span(&before)).log2().ceil() as u32 + 1;
        if many(&after) > many(&before) + wider || step > 2.1 * was {
            return Err(format!("{}: {after:?}, was {before:?}", image.name).into());
        }
    }
    if tried < 10 { Err(format!("only {tried} images have so many blocks").into()) } else { Ok(()) }
}

/// Takes integers on grids of every phase, with and without limits: where a plan says exact, pixels come back as they were;
/// without limits also the reverse.
fn exact() -> Result<(), Failed> {
    let mut random = Random::new(12);
    let (mut exact, mut inexact) = (0, 0);
    for round in 0..300 {
        let grid = [1, 2, 3, 4, 5, 8, 16, 24][random.below(8) as usize];
        let phase = random.below(200) as i32 - 100;
        let most = [6, 40, 300][random.below(3) as usize];
        let span = 1 + random.below(most) as i32;
        let values: Vec<f64> = (0..32 * 32)
            .map(|_| f64::from(phase + grid * (random.below(span as u64 + 1) as i32 - span / 2)))
            .collect();
        let image = Image::new("integers", 32, &values);
        let limits = match random.below(4) {
            0 => LimitRule::NoOutliers,
            1 => LimitRule::sigmas(1.0 + random.uniform() * 3.0, 1.0 + random.uniform() * 3.0)?,
            2 => LimitRule::explicit(f64::from(phase - 20 * grid), f64::from(phase + 300))?,
            _ => LimitRule::All,
        };
        let options = Options { limits, ..auto(1.0) };
        let plan = image.plan(&options);
        for row in &plan.table {
            let asked = Options { stored: PixelEncoding::from_bits(row.bits.into())?, ..options };
            let bytes = image.stored(&asked);
            let source = bytes.as_slice();
            let same = open(&source, "a.hdf")?.values(0)? == image.values;
            if (row.exact && !same) || (limits == LimitRule::All && same && !row.exact) {
                let what = format!("round {round}: {phase} + {grid} n, {limits:?}");
                return Err(format!("{what}: the pixels are the same: {same}, {row:?}").into());
            }
            *(if row.exact { &mut exact } else { &mut inexact }) += 1;
        }
    }
    if exact.min(inexact) < 500 { Err(format!("{exact} are exact, {inexact} not").into()) } else { Ok(()) }
}

fn threads() -> Result<(), Failed> {
    let noise = white(9, 700 * 531);
    let mut all = images();
    all.push(Image::new("several units", 700, &noise));
    let mut volume = Image::new("thick volume", 64, &noise[..64 * 64 * 80]);
    volume.shape = Shape { nx: 64, ny: 64, nz: 80 };
    all.push(volume);
    for image in &all {
        let once = image.plan(&auto(1.0));
        for count in [1, 2, 7] {
            let pool = ThreadPoolBuilder::new().num_threads(count).build()?;
            for memory in [Memory::DEFAULT, Memory { hold: 0, wave: 0 }, Memory { hold: 9000, wave: 5000 }] {
                let options = Options { memory, ..auto(1.0) };
                let again = pool.install(|| image.plan(&options));
                // No figure is 0 with a sign, or not a number, so that what is equal has the same bits.
                if again != once {
                    return Err(format!("{}, {count} threads: {again:?}, was {once:?}", image.name).into());
                }
            }
        }
    }
    Ok(())
}

fn floor_of_the_image() -> Result<(), Failed> {
    for image in images() {
        let once = image.plan(&auto(1.0)).noise;
        for limits in [LimitRule::All, LimitRule::NoOutliers, LimitRule::sigmas(2.0, 2.0)?] {
            let again = image.plan(&Options { limits, ..auto(0.05) }).noise;
            if again != once {
                return Err(format!("{}, {limits:?}: {again:?}, was {once:?}", image.name).into());
            }
        }
    }
    Ok(())
}

/// The choice is the first row that is exact or keeps the target, or none does.
fn fewest() -> Result<(), Failed> {
    for image in images() {
        for percent in [5.0, 1.0, 0.02] {
            let plan = image.plan(&auto(percent));
            if !matches!(plan.choice.reason, Some("target" | "exact" | "target missed")) {
                continue;
            }
            let share = if plan.choice.signal || plan.choice.counts_times_gain { 0.25 } else { 1.0 };
            let most = share * percent / 100.0;
            let first = plan.table.iter().find(|row| row.loss.is_some_and(|loss| loss <= most) || row.exact);
            if plan.choice.bits != Some(first.map_or(0, |row| row.bits)) {
                return Err(format!("{} at {percent} %: {plan:?}", image.name).into());
            }
        }
    }
    Ok(())
}

/// What `docs/bits.md` says of the floor's limits: variances, in parts of those that were drawn.
fn floor_of_white_noise() -> Result<(), Failed> {
    let mean = |side: usize, images: u64, hot: usize, value: f64| -> Result<f64, Failed> {
        let mut sum = 0.0;
        for seed in 0..images {
            let mut noise = white(1000 + seed, side * side);
            let mut random = Random::new(seed);
            for _ in 0..hot {
                noise[random.below((side * side) as u64) as usize] = value;
            }
            sum +=
                Image::new("white", side, &noise).plan(&auto(1.0)).noise.ok_or("the noise is known")?.floor;
        }
        Ok(sum / images as f64)
    };
    let of_500 = 512 * 512 / 500;
    for (what, found, low, high) in [
        ("48 x 48", mean(48, 60, 0, 0.0)?, 0.79, 0.87),
        ("256 x 256", mean(256, 8, 0, 0.0)?, 0.96, 0.98),
        ("one in 500 is hot", mean(512, 3, of_500, 1000.0)?, 1.05, 1.15),
        ("one in 50 is hot", mean(512, 2, 10 * of_500, 1000.0)?, 10.0, f64::INFINITY),
    ] {
        if !(low..high).contains(&found) {
            return Err(format!("{what}: {found}").into());
        }
    }
    Ok(())
}
