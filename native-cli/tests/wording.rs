//! One wording of figures, whichever command prints them.

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::process::Output;

use e2compress_core::{Attributes, Error, Images, NoProgress, Options, PixelType, Pixels, Shape, compress};
use e2compress_fixtures::made::{Mrc, Noise};
use e2compress_fixtures::{complaint, run};
use tempfile::tempdir;

/// Runs the command in a folder; it must succeed. Returns what it printed.
fn printed(folder: &Path, words: &[&str]) -> String {
    let run: Output = run(env!("CARGO_BIN_EXE_e2compress"), folder, words);
    assert!(run.status.success(), "{words:?}: {}", complaint(&run));
    String::from_utf8(run.stdout).unwrap()
}

/// Images of one value each.
struct Flat {
    images: u32,
    shape: Shape,
}

impl Images for Flat {
    fn format(&self) -> &'static str {
        "flat"
    }

    fn images(&self) -> u32 {
        self.images
    }

    fn shape(&self, _image: u32) -> Shape {
        self.shape
    }

    fn pixels(&self, _image: u32) -> Pixels {
        Pixels::new(PixelType::U8, false)
    }

    fn read(&self, image: u32, _rows: Range<u64>, bytes: &mut [u8]) -> Result<(), Error> {
        bytes.fill(image as u8);
        Ok(())
    }

    fn attributes(&self, _image: u32) -> Result<Attributes, Error> {
        Ok(Attributes::new())
    }
}

#[test]
fn every_command_words_shapes_alike() {
    for (images, [nx, ny, nz], words) in [
        (3, [30, 20, 8], "3 volumes of 30 x 20 x 8"),
        (1, [30, 20, 8], "1 volume of 30 x 20 x 8"),
        (2, [40, 30, 1], "2 images of 40 x 30"),
        (1, [40, 30, 1], "1 image of 40 x 30"),
    ] {
        let folder = tempdir().unwrap();
        let reader = Flat { images, shape: Shape { nx, ny, nz } };
        let mut file = Vec::new();
        compress(&reader, "a.hdf", &mut file, &Options::default(), &NoProgress).unwrap();
        fs::write(folder.path().join("a.hdf"), file).unwrap();
        for command in [
            &["info"][..],
            &["verify"],
            &["expand"],
            &["--outpath", "out"],
            &["--verify", "--outpath", "out"],
        ] {
            let line = printed(folder.path(), &[command, &["a.hdf"]].concat());
            let after = line.split_once(words).unwrap_or_else(|| panic!("{words} is not in {line}")).1;
            assert!(after.starts_with([',', '\n']), "{line}");
        }
    }
}

#[test]
fn growth_is_told() {
    let folder = tempdir().unwrap();
    let grows = Mrc::floats(40, 30, 1, Noise(1).take(1200));
    let shrinks = Mrc::floats(400, 300, 1, Noise(1).take(120_000));
    fs::write(folder.path().join("grows.mrc"), &grows.bytes).unwrap();
    fs::write(folder.path().join("shrinks.mrc"), &shrinks.bytes).unwrap();
    let line = printed(folder.path(), &["grows.mrc"]);
    assert!(line.contains("x, larger than the input)"), "{line}");
    let line = printed(folder.path(), &["shrinks.mrc"]);
    assert!(line.contains("KiB (") && !line.contains("larger than the input"), "{line}");
    assert!(printed(folder.path(), &["info", "grows.hdf"]).contains("times larger than the same pixels as"));
    assert!(
        printed(folder.path(), &["info", "shrinks.hdf"]).contains("times smaller than the same pixels as")
    );
}

#[test]
fn clipped_pixels_are_counted_alike() {
    let folder = tempdir().unwrap();
    let mut pixels = vec![0.5; 2500];
    pixels[7] = 9.0;
    fs::write(folder.path().join("a.mrc"), Mrc::floats(50, 50, 1, pixels).bytes).unwrap();
    let words = "1 pixel clipped (0.040 %)";
    let line = printed(folder.path(), &["--range", "0,1", "a.mrc"]);
    assert!(line.contains(words), "{line}");
    // Of integers that limits clip in part it is not said that all are kept.
    let counts = Mrc::floats(50, 50, 1, Noise(1).take(2500).map(|value| (value * 100.0).round())).bytes;
    fs::write(folder.path().join("counts.mrc"), counts).unwrap();
    let line = printed(folder.path(), &["--bits", "5", "--range=0,31", "counts.mrc"]);
    assert!(line.contains("clipped (") && !line.contains("every pixel"), "{line}");
    for command in [&["info", "a.hdf"][..], &["verify", "a.hdf", "a.mrc"]] {
        let line = printed(folder.path(), command);
        assert!(line.contains(words), "{line}");
    }
}
