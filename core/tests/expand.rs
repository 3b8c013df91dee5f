//! Expanding to MRC: every input comes back with its pixels and geometry, and mrcfile, which nobody
//! here wrote, calls every output valid. `E2COMPRESS_PYTHON` names a Python that has it.

use std::fs;
use std::path::Path;

use e2compress_core::formats::eman2::Eman;
use e2compress_core::formats::mrc::Mrc;
use e2compress_core::image::PixelType;
use e2compress_core::image::Shape;
use e2compress_core::image::attributes::Attributes;
use e2compress_core::image::attributes::Value;
use e2compress_core::image::{Images, InMemory};
use e2compress_core::quantise::Scale;
use e2compress_core::{
    Error, ExpandOptions, NoProgress, OpenOptions, Options, PixelEncoding, compress, expand,
};
use e2compress_fixtures::made::{self, Noise};
use e2compress_fixtures::{data, inputs, python, real_data};
use libtest_mimic::{Arguments, Failed, Trial};

/// How an MRC file becomes an MRC file again: the bytes and the name of one, the bytes of the other.
type Way = fn(&[u8], &str) -> Result<Vec<u8>, Error>;

/// Every way that changes no value.
const WAYS: [(&str, Way); 3] =
    [("directly", directly), ("from deflated floats", deflated), ("from plain floats", plain)];

fn directly(bytes: &[u8], name: &str) -> Result<Vec<u8>, Error> {
    expanded(&Mrc::open(&bytes, name)?, None)
}

fn deflated(bytes: &[u8], name: &str) -> Result<Vec<u8>, Error> {
    through(bytes, name, 0)
}

fn plain(bytes: &[u8], name: &str) -> Result<Vec<u8>, Error> {
    through(bytes, name, -1)
}

/// By way of an HDF5 file of so many bits.
fn through(bytes: &[u8], name: &str, bits: i64) -> Result<Vec<u8>, Error> {
    let file = compressed(bytes, name, bits)?;
    expanded(&Eman::open(&&file[..], &OpenOptions::default())?, None)
}

fn compressed(bytes: &[u8], name: &str, bits: i64) -> Result<Vec<u8>, Error> {
    let stored = PixelEncoding::from_bits(bits).expect("a number of bits");
    let mut file = Vec::new();
    let options = Options { stored, ..Options::default() };
    compress(&Mrc::open(&bytes, name)?, name, &mut file, &options, &NoProgress)?;
    Ok(file)
}

/// What is lost on the way there and back: half a step, and nothing where the range promises that.
fn half_a_step(folder: &Path) -> Result<(), Failed> {
    let out = tempfile::tempdir()?;
    let mut files = Vec::new();
    for name in inputs(folder) {
        let original = fs::read(folder.join(&name))?;
        for bits in [3, 5, 8, 10, 16] {
            let hdf = compressed(&original, &name, bits)?;
            let file = expanded(&Eman::open(&&hdf[..], &OpenOptions::default())?, None)?;
            let (original, hdf, back) = (&original[..], &hdf[..], &file[..]);
            let (before, stored, after) = (
                Mrc::open(&original, &name)?,
                Eman::open(&hdf, &OpenOptions::default())?,
                Mrc::open(&back, &name)?,
            );
            for image in 0..before.images() {
                let Scale { range, most } = stored.pixels(image).scale.ok_or("no scale")?;
                let step = (range.high - range.low) / most;
                let [a, b] = [plain_values(&before, image)?, plain_values(&after, image)?];
                let integers = a.iter().all(|value| value.fract() == 0.0);
                // The scaling back is done in 32-bit floats.
                let rounding = 4.0 * f32::EPSILON * range.low.abs().max(range.high.abs());
                let allowed = if integers && step <= 1.0 { 0.0 } else { step / 2.0 + rounding };
                for (a, b) in a.into_iter().zip(b) {
                    let kept = if a.is_nan() { range.low } else { a.clamp(range.low, range.high) };
                    assert!((kept - b).abs() <= allowed, "{name}, {bits} bits: {a} came back as {b}");
                }
            }
            let path = out.path().join(format!("{bits}-{name}"));
            fs::write(&path, &file)?;
            files.extend([folder.join(&name), path]);
        }
    }
    if std::env::var_os("E2COMPRESS_PYTHON").is_some() { Ok(python("no_worse", &files)?) } else { Ok(()) }
}

fn main() {
    let arguments = Arguments::from_args();
    let without_python = std::env::var_os("E2COMPRESS_PYTHON").is_none();
    let mut trials = Vec::new();
    for (way, go) in WAYS {
        trials.push(Trial::test(format!("every input comes back {way}"), move || come_back(&data(), go)));
        let real = move || come_back(&real_data().ok_or("no real files")?, go);
        trials.push(
            Trial::test(format!("real files come back {way}"), real).with_ignored_flag(real_data().is_none()),
        );
        let valid = move || check_outputs(&data(), go);
        trials.push(
            Trial::test(format!("mrcfile reads every input that came back {way}"), valid)
                .with_ignored_flag(without_python),
        );
        let valid = move || check_outputs(&real_data().ok_or("no real files")?, go);
        trials.push(
            Trial::test(format!("mrcfile reads real files that came back {way}"), valid)
                .with_ignored_flag(without_python || real_data().is_none()),
        );
    }
    trials.push(Trial::test("half a step is lost at most", || half_a_step(&data())));
    let real = || half_a_step(&real_data().ok_or("no real files")?);
    let real = Trial::test("half a step is lost at most of real files", real);
    trials.push(real.with_ignored_flag(real_data().is_none()));
    trials.push(
        Trial::test("mrcfile calls every shape in every mode valid", shapes_and_modes)
            .with_ignored_flag(without_python),
    );
    trials.push(Trial::test("threads change no byte", threads));
    libtest_mimic::run(&arguments, trials).exit();
}

fn expanded(reader: &dyn Images, mode: Option<PixelType>) -> Result<Vec<u8>, Error> {
    let mut file = Vec::new();
    expand(reader, &mut file, &ExpandOptions { mode, ..ExpandOptions::default() }, &NoProgress)?;
    Ok(file)
}

/// What stays the same of an image's attributes. `MRC.mz` of a stack does not, nor grid and cell of a
/// transposed file, whose axes are in order afterwards.
fn lasting(attributes: &Attributes) -> Vec<String> {
    const NAMES: [&str; 18] = [
        "nx",
        "ny",
        "nz",
        "apix_x",
        "apix_y",
        "apix_z",
        "origin_x",
        "origin_y",
        "origin_z",
        "MRC.nxstart",
        "MRC.nystart",
        "MRC.nzstart",
        "MRC.alpha",
        "MRC.beta",
        "MRC.gamma",
        "MRC.label0",
        "MRC.label1",
        "MRC.imod_stamp",
    ];
    attributes
        .iter()
        .filter(|found| NAMES.contains(&&*found.name) || found.name.starts_with("FEIMRC."))
        .map(|found| format!("{found:?}"))
        .filter(|text| !text.contains(r#"value: Text("")"#))
        .collect()
}

fn plain_values(reader: &dyn Images, image: u32) -> Result<Vec<f32>, Error> {
    let (shape, pixels) = (reader.shape(image), reader.pixels(image));
    let mut bytes = vec![0; (pixels.row_bytes(shape.nx) * shape.rows()) as usize];
    reader.read(image, 0..shape.rows(), &mut bytes)?;
    let mut values = Vec::new();
    pixels.decode(&bytes, shape.nx, &mut values);
    Ok(values)
}

fn values(reader: &dyn Images, image: u32) -> Result<Vec<u32>, Error> {
    let values = plain_values(reader, image)?;
    // Integers have no negative zero.
    Ok(values.iter().map(|value| if *value == 0.0 { 0 } else { value.to_bits() }).collect())
}

fn come_back(folder: &Path, go: Way) -> Result<(), Failed> {
    for name in inputs(folder) {
        let original = fs::read(folder.join(&name))?;
        let file = go(&original, &name)?;
        let (original, file) = (&original[..], &file[..]);
        let (before, after) = (Mrc::open(&original, &name)?, Mrc::open(&file, &name)?);
        assert_eq!(after.images(), before.images(), "{name}");
        for image in 0..before.images() {
            let [a, b] = [before.attributes(image)?, after.attributes(image)?];
            assert_eq!(lasting(&b), lasting(&a), "{name}");
            assert!(values(&after, image)? == values(&before, image)?, "pixels of {name}");
        }
        let mode = |file: &Mrc<'_>| {
            file.attributes(0).unwrap().get("MRC.mode").and_then(Value::number).map(|mode| mode as i32)
        };
        if matches!(mode(&before), Some(0 | 1 | 6 | 12)) {
            assert_eq!(mode(&after), mode(&before), "mode of {name}");
        }
        // Once more, from what was written: nothing more may change.
        assert!(go(file, &name)? == file, "{name} changes when it comes back again");
    }
    Ok(())
}

fn check_outputs(folder: &Path, go: Way) -> Result<(), Failed> {
    // mrcfile takes bytes for signed and knows neither mode 17 nor 101.
    const OTHERWISE: [&str; 4] = ["u8_full", "i8_", "u4_", "mode0"];
    let out = tempfile::tempdir()?;
    let (mut files, mut pairs) = (Vec::new(), Vec::new());
    for name in inputs(folder) {
        let (original, file) = (folder.join(&name), out.path().join(&name));
        fs::write(&file, go(&fs::read(&original)?, &name)?)?;
        files.extend([original.clone(), file.clone()]);
        if !OTHERWISE.iter().any(|part| name.contains(part)) {
            pairs.extend([original, file]);
        }
    }
    python("no_worse", &files)?;
    Ok(python("same", &pairs)?)
}

fn shapes_and_modes() -> Result<(), Failed> {
    let out = tempfile::tempdir()?;
    let mut files = Vec::new();
    for (nx, ny, nz) in [(1, 1, 1), (7, 1, 1), (64, 48, 1), (1, 1, 3), (30, 20, 10)] {
        for count in [1, 2, 5] {
            for mode in [None, Some(0), Some(1), Some(2), Some(6), Some(12)] {
                let shape = Shape { nx, ny, nz };
                let mut noise = Noise(7);
                let integers = matches!(mode, Some(0 | 1 | 6));
                let image = |_| -> Vec<f32> {
                    let values = (0..shape.pixels()).map(|_| noise.even() * 255.0);
                    values.map(|value| if integers { value.floor() } else { value }).collect()
                };
                let mut images = InMemory::new();
                (0..count).map(image).for_each(|values| images.push(shape, values, Attributes::new()));
                let bytes = expanded(&images, mode.and_then(PixelType::from_mrc_mode))?;
                let path = out.path().join(format!("{nx}x{ny}x{nz}x{count}-{mode:?}.mrc"));
                fs::write(&path, bytes)?;
                files.push(path);
            }
        }
    }
    Ok(python("valid", &files)?)
}

/// Many waves, on one thread and on several.
fn threads() -> Result<(), Failed> {
    let (nx, ny) = (2000, 3000);
    let mrc = made::Mrc::floats(nx, ny, 1, Noise(5).take((nx * ny) as usize));
    let on = |threads: usize| -> Result<Vec<u8>, Failed> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
        Ok(pool.install(|| directly(&mrc.bytes, "noise.mrc"))?)
    };
    assert!(on(1)? == on(3)?);
    Ok(())
}
