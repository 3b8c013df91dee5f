//! EER movies that are made for a purpose: dialects, sums of many frames, what is kept of metadata, and hostile numbers.

use std::num::NonZeroU32;

use e2compress_core::{
    EerRendering, EerSums, Error, FORMATS, Images, NoProgress, OpenOptions, Options, Upsampling, Value,
    Warning, compress, open_with,
};
use e2compress_fixtures::eer::{Coding, Electron, Movie, codes};

const SEVEN: Coding = Coding { gap: 7, sub: 2, wasteful: false };
const EIGHT: Coding = Coding { gap: 8, sub: 2, wasteful: false };

fn electrons(pixels: &[u64]) -> Vec<Electron> {
    pixels.iter().map(|&pixel| Electron { pixel, x: 1, y: 2 }).collect()
}

fn some(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

fn sums(sums: EerSums) -> EerRendering {
    EerRendering { sums, ..EerRendering::default() }
}

/// Opens a file whose name says nothing.
fn opened<'s>(file: &'s &[u8], eer: EerRendering) -> Result<Box<dyn Images + 's>, Error> {
    open_with(FORMATS, file, "movie", &OpenOptions { eer, ..OpenOptions::default() })
}

fn refusal(movie: &Movie, eer: EerRendering) -> String {
    let file = movie.file();
    opened(&&file[..], eer).err().expect("it is refused").to_string()
}

/// Pixels that are not 0, with their values.
fn counts(images: &dyn Images, image: u32) -> Vec<(usize, f32)> {
    let values = images.values(image).unwrap();
    values.into_iter().enumerate().filter(|(_, value)| *value != 0.0).collect()
}

fn movie(frames: u32) -> Movie {
    let frame = |number| codes(SEVEN, 64, &electrons(&[u64::from(number % 64)]));
    Movie::new(8, 8, 65001, (0..frames).map(frame).collect())
}

#[test]
fn the_dialect_is_that_of_the_first_frame_that_shows_it() {
    for wasteful in [false, true] {
        let coding = Coding { wasteful, ..EIGHT };
        // No gap is full in the first two frames.
        let dense: Vec<u64> = (0..1024).step_by(100).collect();
        let frames: Vec<Vec<u8>> =
            [&dense[..], &dense, &[700], &[300]].map(|found| codes(coding, 1024, &electrons(found))).to_vec();
        let file = Movie::new(32, 32, 65000, frames).file();
        let file = &file[..];
        let images = opened(&file, EerRendering::default()).unwrap();
        assert_eq!(counts(&*images, 1).len(), dense.len());
        assert_eq!(counts(&*images, 2), [(700, 1.0)], "{wasteful}");
        assert_eq!(counts(&*images, 3), [(300, 1.0)], "{wasteful}");
    }
    let damaged = Movie::new(32, 32, 65000, vec![vec![0xfe; 64]]);
    assert!(refusal(&damaged, EerRendering::default()).contains("frame 1 goes on to pixel"));
}

#[test]
fn sums_of_any_number_of_frames_are_exact() {
    for (frames, kind) in
        [(255, "unsigned bytes"), (256, "unsigned 16-bit integers"), (70_000, "unsigned 32-bit integers")]
    {
        let frame = codes(SEVEN, 4, &electrons(&[0, 3]));
        let file = Movie::new(2, 2, 65001, vec![frame; frames as usize]).file();
        let file = &file[..];
        let images = opened(&file, sums(EerSums::Fractions(some(1)))).unwrap();
        assert_eq!(images.pixels(0).kind.name(), kind);
        assert_eq!(counts(&*images, 0), [(0, frames as f32), (3, frames as f32)]);
    }
}

#[test]
fn frames_left_over_are_told_and_images_are_read_in_any_order() {
    let file = movie(100).file();
    let file = &file[..];
    for (asked, fractions, grouping, left_over) in [
        (EerSums::None, 100, 1, 0),
        (EerSums::Fractions(some(40)), 40, 2, 20),
        (EerSums::Grouping(some(3)), 33, 3, 1),
        (EerSums::Exactly { fractions: some(7), grouping: some(5) }, 7, 5, 65),
    ] {
        let images = opened(&file, sums(asked)).unwrap();
        assert_eq!(images.images(), fractions);
        let attributes = images.attributes(0).unwrap();
        let number = |name| attributes.get(name).and_then(Value::number);
        assert_eq!(number("EER.fractions"), Some(fractions.into()));
        assert_eq!(number("EER.grouping"), Some(grouping.into()));
        assert_eq!(number("EER.upsampling"), Some(1.0));
        let left = Warning::EerLeftOver { frames: left_over, of: 100 };
        assert_eq!(images.warnings().contains(&left), left_over > 0);
        let advice = Warning::EerSingleFrames { frames: 100, fractions: 40 };
        assert!(advice.is_note() && !left.is_note());
        assert_eq!(images.warnings().contains(&advice), asked == EerSums::None);
        for image in (0..fractions).chain((0..fractions).rev()) {
            let first = image * grouping;
            let mut expected: Vec<usize> =
                (first..first + grouping).map(|frame| frame as usize % 64).collect();
            expected.sort_unstable();
            let found: Vec<usize> = counts(&*images, image).into_iter().map(|(pixel, _)| pixel).collect();
            assert_eq!(found, expected, "image {image}");
        }
    }
    let refusal = refusal(&movie(39), sums(EerSums::Fractions(some(40))));
    assert_eq!(refusal, "the movie has 39 frames, too few for 40 fractions (--eer-fractions)");
}

#[test]
fn metadata_is_kept_and_none_is_no_error() {
    let mut movie = movie(2);
    movie.metadata = b"<metadata><item name=\"sensorPixelSize.width\" unit=\"m\">6e-10</item>\
        <item name='totalDose' unit='e/pixel'>24</item></metadata>"
        .to_vec();
    movie.of_frame = b"<metadata><item name='frameID'>1</item></metadata>".to_vec();
    let file = movie.file();
    let file = &file[..];
    let images =
        opened(&file, EerRendering { upsampling: Upsampling::Four, ..EerRendering::default() }).unwrap();
    assert!(images.warnings().is_empty());
    let attributes = images.attributes(1).unwrap();
    assert_eq!(attributes.get("apix_y"), Some(&Value::Float(1.5)));
    for (name, text) in [
        ("EER.sensor_pixel_size.width", "6e-10"),
        ("EER.sensor_pixel_size.width.unit", "m"),
        ("EER.total_dose", "24"),
        ("EER.frame.frame_id", "1"),
        ("ImageEndian", "little"),
    ] {
        assert_eq!(attributes.get(name), Some(&Value::text(text.as_bytes())), "{name}");
    }
    for metadata in [&b""[..], b"<metadata><item name='a'>", b"<metadata/>"] {
        movie.metadata = metadata.to_vec();
        let file = movie.file();
        let file = &file[..];
        let images = opened(&file, EerRendering::default()).unwrap();
        let note = Warning::EerPixelSize { has_metadata: metadata == b"<metadata/>" };
        assert_eq!(images.warnings(), [note]);
        assert_eq!(images.attributes(0).unwrap().get("apix_x"), Some(&Value::Float(1.0)));
    }
    // More than every image can have.
    let long = format!(
        "<metadata><item name='a'>b</item><item name='long'>{}</item></metadata>",
        "x".repeat(64_000)
    );
    movie.metadata = long.into_bytes();
    let file = movie.file();
    let file = &file[..];
    let images = opened(&file, EerRendering::default()).unwrap();
    assert!(images.warnings().contains(&Warning::NotCarried(vec!["EER.long".into()])));
    let mut out = Vec::new();
    compress(&*images, "movie", &mut out, &Options::bits(4).unwrap(), &NoProgress).unwrap();
}

#[test]
fn numbers_that_cannot_be_are_refused_before_memory_is_taken() {
    let with = |change: fn(&mut Movie)| {
        let mut movie = movie(2);
        change(&mut movie);
        refusal(&movie, EerRendering::default())
    };
    assert!(with(|movie| movie.width = 0).contains("frame 1 is 0 x 8 pixels, which no sensor has"));
    assert!(with(|movie| movie.height = u32::MAX).contains("which no sensor has"));
    assert!(
        with(|movie| (movie.width, movie.height) = (60_000, 60_000)).contains("frame 1 has 3 bytes, too few")
    );
    assert!(with(|movie| movie.frames[1].clear()).contains("frame 2 has 0 bytes, too few for its 64 pixels"));
    for (bits, words) in [
        ([3, 2, 2], "tag 65007 says 3 bits for gaps; 4 to 12 are known"),
        ([13, 2, 2], "tag 65007 says 13 bits"),
        ([7, 0, 0], "tag 65008 says 0 bits for the place of an electron in its pixel; 1 and 2 are known"),
        ([7, 2, 3], "tag 65009 says 3 bits"),
        ([7, 2, 1], "tags 65008 and 65009 say 2 and 1 bits"),
    ] {
        let movie = Movie { compression: 65002, bits: bits.to_vec(), ..movie(1) };
        let said = refusal(&movie, EerRendering::default());
        assert!(said.contains(words), "{said}");
    }
    let coarse = Movie { compression: 65002, bits: vec![7, 1, 1], ..movie(1) };
    let finest = EerRendering { upsampling: Upsampling::Four, ..EerRendering::default() };
    assert!(
        refusal(&coarse, finest).contains("--eer-upsampling 4 is finer than this camera records: at most 2")
    );
    let empty = codes(SEVEN, 1 << 26, &[]);
    let wide = Movie::new(1 << 17, 1 << 9, 65001, vec![empty.clone()]);
    assert!(!refusal(&Movie { height: 1 << 14, ..wide.clone() }, EerRendering::default()).is_empty());
    let file = wide.file();
    assert!(opened(&&file[..], finest).is_ok());
    let file = Movie::new(1 << 18, 1 << 8, 65001, vec![empty]).file();
    let said = opened(&&file[..], finest).err().unwrap().to_string();
    assert!(
        said.contains("larger than the 1.00 GiB that are decoded at once; use a smaller --eer-upsampling"),
        "{said}"
    );
}

#[test]
fn damage_in_a_later_frame_leaves_no_file() {
    let mut movie = movie(5);
    movie.frames[4] = vec![0; 20];
    let file = movie.file();
    let file = &file[..];
    let images = opened(&file, EerRendering::default()).unwrap();
    let mut out = Vec::new();
    let problem = compress(&*images, "movie", &mut out, &Options::default(), &NoProgress).unwrap_err();
    assert!(problem.to_string().starts_with("frame 5 is cut short at pixel"), "{problem}");
    assert!(!out.starts_with(b"\x89HDF"));
    assert_eq!(counts(&*images, 3), [(3, 1.0)], "others can be read afterwards");
    // The same bytes for every frame: nothing would bound their number.
    let mut file = self::movie(40).file();
    let strip = 16u64.to_le_bytes();
    for place in 0..file.len() - 8 {
        if file[place..].starts_with(&[17, 1, 16, 0, 2, 0]) {
            let values = u64::from_le_bytes(file[place + 12..place + 20].try_into().unwrap()) as usize;
            file[values..values + 8].copy_from_slice(&strip);
        }
        if file[place..].starts_with(&[23, 1, 16, 0, 2, 0]) {
            let values = u64::from_le_bytes(file[place + 12..place + 20].try_into().unwrap()) as usize;
            file[values..values + 8].copy_from_slice(&4000u64.to_le_bytes());
        }
    }
    let problem = opened(&&file[..], EerRendering::default()).err().unwrap().to_string();
    assert!(problem.contains("they share them, the file is damaged"), "{problem}");
}
