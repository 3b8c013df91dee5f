//! What is lost of a picture is told, with advice that helps; and files are checked against the options they were made
//! with.

use e2compress_core::{
    Attributes, Error, Images, InMemory, LimitRule, NoProgress, Options, Shape, Share, Warning,
    check_options, compress, open,
};
use e2compress_fixtures::made::{Mrc, Noise};
use e2compress_fixtures::{data, inputs};

/// An image or volume of values.
fn picture(shape: Shape, values: Vec<f32>) -> InMemory {
    let mut images = InMemory::new();
    images.push(shape, values, Attributes::new());
    images
}

fn noise(shape: Shape) -> Vec<f32> {
    let mut noise = Noise(3);
    (0..shape.pixels()).map(|_| noise.normal()).collect()
}

fn warnings(images: &dyn Images, options: &Options) -> Vec<Warning> {
    compress(images, "made", &mut Vec::new(), options, &NoProgress).unwrap().warnings
}

fn bits(bits: i64, limits: LimitRule) -> Options {
    Options { limits, ..Options::bits(bits).unwrap() }
}

const FLAT: Shape = Shape { nx: 100, ny: 100, nz: 1 };
const ONE: Share = Share { count: 1, of: 1 };

#[test]
fn advice_names_what_helps_and_nothing_else() {
    let lost = |outliers, bits| [Warning::PictureLost { images: ONE, outliers, bits }];
    // Outliers at one end: without them the rest of the range is what is left.
    let mut values = noise(FLAT);
    values[5] = 200.0;
    values[77] = -180.0;
    let hot = picture(FLAT, values.clone());
    assert_eq!(warnings(&hot, &bits(5, LimitRule::All)), lost(true, true));
    assert_eq!(warnings(&hot, &bits(5, LimitRule::NoOutliers)), []);
    // One side alone is cut down to the middle of the range at most, which is not enough here.
    values[77] = 0.0;
    values[5] = 1e4;
    let far = picture(FLAT, values.clone());
    assert_eq!(warnings(&far, &bits(5, LimitRule::All)), lost(false, true));
    assert_eq!(warnings(&far, &bits(5, LimitRule::NoOutliers)), lost(false, true));
    // No number of bits helps where codes span limits far wider than the picture.
    let above = picture(FLAT, noise(FLAT).into_iter().map(|value| value + 10.0).collect());
    let wide = LimitRule::explicit(0.0, 1e9).unwrap();
    assert_eq!(warnings(&above, &bits(16, wide)), lost(false, false));
    let words: Vec<String> = [(true, true), (true, false), (false, true), (false, false)]
        .map(|(outliers, bits)| lost(outliers, bits)[0].to_string())
        .to_vec();
    let advice: Vec<_> = words.iter().map(|words| words.rsplit_once("; ").unwrap().1).collect();
    assert_eq!(
        advice,
        [
            "use --nooutliers or more bits",
            "use --nooutliers",
            "use more bits",
            "use --bits 0, which keeps floats"
        ]
    );
}

#[test]
fn the_border_of_a_picture_is_no_reason_for_silence_or_alarm() {
    // A border of one value far away from the picture: sigma of the whole is large, of the picture small.
    let bordered = |around: f32, scale: f32| {
        let values = noise(FLAT).into_iter().enumerate();
        let values = values.map(|(n, value)| if n % 100 < 60 { around } else { value * scale });
        picture(FLAT, values.collect())
    };
    let found = warnings(&bordered(1000.0, 1.0), &bits(5, LimitRule::All));
    assert!(matches!(found[..], [Warning::PictureLost { images: ONE, .. }]), "{found:?}");
    assert_eq!(warnings(&bordered(0.0, 1.0), &bits(5, LimitRule::All)), []);
    assert_eq!(warnings(&bordered(3.0, 1.0), &bits(5, LimitRule::All)), []);
}

#[test]
fn sections_that_are_lost_are_counted() {
    let volume = Shape { nx: 64, ny: 64, nz: 6 };
    let section = 64 * 64;
    let values = |scales: [f32; 6]| {
        let values = noise(volume).into_iter().enumerate();
        values.map(|(n, value)| value * scales[n / section]).collect()
    };
    let found =
        warnings(&picture(volume, values([1.0, 1.0, 0.0, 1.0, 1.0, 1000.0])), &bits(5, LimitRule::All));
    assert_eq!(
        found,
        [Warning::SectionsLost { sections: Share { count: 4, of: 6 }, outliers: false, bits: true }]
    );
    assert_eq!(
        found[0].to_string(),
        "sigma is below half the step between codes in 4 of 6 sections: they are lost; use more bits"
    );
    assert_eq!(warnings(&picture(volume, values([1.0; 6])), &bits(5, LimitRule::All)), []);
    // A ball of noise in a box of zeros: its poles are small, not lost.
    let cube = Shape { nx: 64, ny: 64, nz: 64 };
    for around in [0.0, 5.0] {
        let inside = |n: usize| {
            [n % 64, n / 64 % 64, n / 4096].iter().map(|at| (at.abs_diff(32)).pow(2)).sum::<usize>() < 900
        };
        let ball = noise(cube).into_iter().enumerate().map(|(n, v)| if inside(n) { v } else { around });
        assert_eq!(warnings(&picture(cube, ball.collect()), &bits(5, LimitRule::All)), []);
    }
    // Integers of which every one has its own code.
    let whole: Vec<f32> = values([1.0, 1.0, 1.0, 1.0, 1.0, 0.0]);
    let whole = whole.into_iter().map(|value| (value * 0.3).round()).collect();
    assert_eq!(warnings(&picture(volume, whole), &bits(5, LimitRule::All)), []);
}

#[test]
fn files_are_checked_against_the_options_they_were_made_with() {
    let range = LimitRule::explicit(-1.5, 2.25).unwrap();
    let sigmas = LimitRule::sigmas(2.0, 3.5).unwrap();
    let sets = [
        bits(5, LimitRule::All),
        bits(6, LimitRule::All),
        bits(5, LimitRule::NoOutliers),
        bits(5, range),
        bits(5, sigmas),
        bits(0, LimitRule::All),
        bits(-1, LimitRule::All),
    ];
    let (mut told, mut alike) = (0, 0);
    for name in inputs(&data()) {
        let bytes = std::fs::read(data().join(&name)).unwrap();
        let source = bytes.as_slice();
        let original = open(&source, &name).unwrap();
        let files = sets.map(|options| {
            let mut file = Vec::new();
            compress(&*original, &name, &mut file, &options, &NoProgress).unwrap();
            file
        });
        for (made, file) in files.iter().enumerate() {
            let source = file.as_slice();
            let written = open(&source, "a.hdf").unwrap();
            for (asked, options) in sets.iter().enumerate() {
                match check_options(&*written, &*original, options, &NoProgress) {
                    Ok(()) => alike += usize::from(made != asked),
                    Err(Error::Options(problem)) => {
                        assert_ne!(made, asked, "{name}: {problem}");
                        assert!(problem.found != problem.expected, "{name}: {problem}");
                        told += 1;
                    }
                    Err(problem) => panic!("{name}: {problem}"),
                }
            }
        }
    }
    // Limits beyond all values change nothing, and few files have no others.
    assert!(told > 5 * alike, "{told} {alike}");
}

#[test]
fn another_original_gives_another_range() {
    let of = |scale: f32| Mrc::floats(40, 30, 1, Noise(1).take(1200).map(|value| value * scale)).bytes;
    let (one, other) = (of(1.0), of(1.5));
    let (one, other) = (one.as_slice(), other.as_slice());
    let original = open(&one, "a.mrc").unwrap();
    let mut file = Vec::new();
    compress(&*original, "a", &mut file, &Options::default(), &NoProgress).unwrap();
    let source = file.as_slice();
    let written = open(&source, "a.hdf").unwrap();
    assert!(check_options(&*written, &*original, &Options::default(), &NoProgress).is_ok());
    let other = open(&other, "a.mrc").unwrap();
    let problem = check_options(&*written, &*other, &Options::default(), &NoProgress).unwrap_err();
    assert!(problem.to_string().starts_with("image 0 is stored as 10 bits, range "), "{problem}");
}
