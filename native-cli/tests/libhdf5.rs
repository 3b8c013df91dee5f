//! HDF5 files that the built-in reader does not take, through the command built with `libhdf5`.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use e2compress_core::open;
use e2compress_core::{Attributes, Value};
use e2compress_fixtures::{alone, complaint};
use hdf5::file::{SharedMessageIndex, SharedMessageType};
use hdf5::filters::{SZip, ScaleOffset};
use hdf5::types::{FixedAscii, VarLenUnicode};
use hdf5::{DatasetBuilder, File, Group};
use ndarray::{ArrayD, IxDyn};
use tempfile::{TempDir, tempdir};

/// Sides of images: one, two and three dimensions.
const SHAPES: [&[usize]; 3] = [&[50], &[30, 20], &[6, 9, 10]];

/// Matrix of a transform.
const MATRIX: [f32; 12] = [1.0, 0.0, 0.0, 5.5, 0.0, 1.0, 0.0, -2.5, 0.0, 0.0, 1.0, 0.25];

/// Pixels of an image: integers that 10 bits keep as they are.
fn pixels(shape: &[usize]) -> ArrayD<u16> {
    let count = shape.iter().product::<usize>();
    let values = (0..count).map(|pixel| (pixel * 37 % 601) as u16).collect();
    ArrayD::from_shape_vec(IxDyn(shape), values).unwrap()
}

fn images(file: &File) -> Group {
    let images = file.create_group("MDF/images").unwrap();
    images.new_attr::<i32>().shape([1]).create("imageid_max").unwrap().write(&[0]).unwrap();
    let group = images.create_group("0").unwrap();
    group.new_attr::<f32>().shape([1]).create("EMAN.apix_x").unwrap().write(&[1.25f32]).unwrap();
    group.new_attr::<i32>().shape([1]).create("EMAN.ptcl_repr").unwrap().write(&[7]).unwrap();
    group.new_attr::<i64>().shape(()).create("EMAN.wide").unwrap().write_scalar(&(1_i64 << 40)).unwrap();
    group.new_attr::<f32>().shape([12]).create("EMAN.xform").unwrap().write(&MATRIX).unwrap();
    let text: VarLenUnicode = "µ".parse().unwrap();
    group.new_attr::<VarLenUnicode>().shape(()).create("remark").unwrap().write_scalar(&text).unwrap();
    group
}

/// A file with an image whose dataset is built as told.
fn made(folder: &Path, shape: &[usize], build: impl Fn(DatasetBuilder) -> DatasetBuilder) {
    let file = File::create(folder.join("a.hdf")).unwrap();
    let group = images(&file);
    let chunk: Vec<usize> = shape.iter().map(|side| side.div_ceil(2)).collect();
    let values = pixels(shape);
    build(group.new_dataset_builder()).chunk(chunk).with_data(&values).create("image").unwrap();
}

fn e2compress(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_e2compress")).args(words).current_dir(folder).output().unwrap()
}

/// Pixels and attributes of the only image of an output, which the built-in reader takes.
fn read(path: &Path) -> (Vec<f32>, Attributes) {
    let bytes = fs::read(path).unwrap();
    let source = &bytes[..];
    let input = open(&source, "a.hdf").unwrap();
    let reader = &*input;
    assert_eq!(reader.images(), 1);
    let (shape, pixels) = (reader.shape(0), reader.pixels(0));
    let mut rows = vec![0; (shape.rows() * pixels.row_bytes(shape.nx)) as usize];
    reader.read(0, 0..shape.rows(), &mut rows).unwrap();
    let mut values = Vec::new();
    pixels.decode(&rows, shape.nx, &mut values);
    (values, reader.attributes(0).unwrap())
}

/// Compresses `a.hdf` to another folder, verifies that beside it, and compresses in place; both outputs have all pixels and attributes.
fn compresses(folder: &Path, expected: &ArrayD<u16>) {
    compresses_with(folder, expected, &[], &[]);
}

/// Does the same with options, and expects these words among the warnings; without words, no warning.
fn compresses_with(folder: &Path, expected: &ArrayD<u16>, options: &[&str], warned: &[&str]) {
    for (words, output) in [(&["--outpath", "out", "a.hdf"][..], "out/a.hdf"), (&["a.hdf"], "a.hdf")] {
        let run = e2compress(folder, &[options, words].concat());
        assert!(run.status.success(), "{}", complaint(&run));
        assert_eq!(complaint(&run).is_empty(), warned.is_empty(), "{}", complaint(&run));
        assert!(warned.iter().all(|word| complaint(&run).contains(word)), "{}", complaint(&run));
        if output != "a.hdf" {
            let run = e2compress(folder, &[&["verify"], options, &[output, "a.hdf"]].concat());
            assert!(run.status.success(), "{}", complaint(&run));
        }
        let (values, attributes) = read(&folder.join(output));
        assert!(values.iter().copied().eq(expected.iter().map(|&value| f32::from(value))));
        assert_eq!(attributes.get("apix_x"), Some(&Value::Float(1.25)));
        assert_eq!(attributes.get("ptcl_repr"), Some(&Value::Int(7)));
        let file = File::open(folder.join(output)).unwrap();
        let group = file.group("MDF/images/0").unwrap();
        // EMAN2 reads no integers of 64 bits, and numbers only as arrays of one.
        assert_eq!(group.attr("EMAN.wide").unwrap().read_raw::<f64>().unwrap(), [2.0f64.powi(40)]);
        assert_eq!(group.attr("EMAN.xform").unwrap().read_raw::<f32>().unwrap(), MATRIX);
        assert!(attributes.iter().any(|found| found.foreign && found.name == "remark"));
    }
}

/// Elements in other files are read.
const ALLOWED: &[&str] = &["--allow-external"];

/// What the command refuses stays as it is.
fn refuses(folder: &Path, because: &[&str]) {
    refuses_with(folder, &[], because);
}

fn refuses_with(folder: &Path, options: &[&str], because: &[&str]) {
    let before = fs::read(folder.join("a.hdf")).unwrap();
    let run = e2compress(folder, &[options, &["a.hdf"]].concat());
    assert_eq!(run.status.code(), Some(1));
    for part in because {
        assert!(complaint(&run).contains(part), "{part} in {}", complaint(&run));
    }
    assert_eq!(fs::read(folder.join("a.hdf")).unwrap(), before);
}

fn folder() -> TempDir {
    tempdir().unwrap()
}

/// szip among them, which Debian's libhdf5 has.
#[test]
fn filters() {
    let _alone = alone();
    for shape in SHAPES {
        let folder = folder();
        made(folder.path(), shape, |build| build.scale_offset(ScaleOffset::Integer(0)));
        compresses(folder.path(), &pixels(shape));
        made(folder.path(), shape, |build| build.nbit().deflate(1));
        compresses(folder.path(), &pixels(shape));
        made(folder.path(), shape, |build| build.szip(SZip::NearestNeighbor, 4));
        compresses(folder.path(), &pixels(shape));
    }
}

/// Codes are scaled back whoever reads them.
#[test]
fn codes_are_scaled() {
    let _alone = alone();
    let folder = folder();
    made(folder.path(), &[8, 8], |build| build.scale_offset(ScaleOffset::Integer(0)));
    {
        let group = File::open_rw(folder.path().join("a.hdf")).unwrap().group("MDF/images/0").unwrap();
        group.new_attr::<i32>().shape([1]).create("EMAN.stored_renderbits").unwrap().write(&[10]).unwrap();
        for (name, value) in [("EMAN.stored_rendermin", -1.0f32), ("EMAN.stored_rendermax", 1022.0)] {
            group.new_attr::<f32>().shape([1]).create(name).unwrap().write(&[value]).unwrap();
        }
    }
    let run = e2compress(folder.path(), &["a.hdf"]);
    assert!(run.status.success(), "{}", complaint(&run));
    let (values, _) = read(&folder.path().join("a.hdf"));
    assert!(values.iter().copied().eq(pixels(&[8, 8]).iter().map(|&code| f32::from(code) - 1.0)));
}

#[test]
fn integers_that_leave_bits_unused() {
    let _alone = alone();
    let folder = folder();
    let path = folder.path().join("a.hdf");
    {
        let file = File::create(&path).unwrap();
        let values = pixels(&[12, 11]).mapv(u32::from);
        images(&file).new_dataset_builder().with_data(&values).create("image").unwrap();
    }
    // The datatype message of 32 bits is made one of 24.
    let mut bytes = fs::read(&path).unwrap();
    let whole = [0x10, 0, 0, 0, 4, 0, 0, 0, 0, 0, 32, 0];
    let places: Vec<usize> = (0..bytes.len() - 12).filter(|&at| bytes[at..at + 12] == whole).collect();
    let [place] = places[..] else { panic!("{places:?}") };
    bytes[place + 10] = 24;
    fs::write(&path, bytes).unwrap();
    compresses(folder.path(), &pixels(&[12, 11]));
}

#[test]
fn external_storage() {
    let _alone = alone();
    let folder = folder();
    let expected = pixels(&[10, 7]);
    let raw: Vec<u8> = expected.iter().flat_map(|value| value.to_le_bytes()).collect();
    let create = || {
        let file = File::create(folder.path().join("a.hdf")).unwrap();
        let builder = images(&file).new_dataset::<u16>().no_chunk().shape([10, 7]);
        builder.external("a.raw", 4, raw.len()).create("image").unwrap();
    };
    create();
    refuses_with(folder.path(), ALLOWED, &["libhdf5", "a.raw"]);
    fs::write(folder.path().join("a.raw"), [&[0; 4], &raw[..raw.len() - 1]].concat()).unwrap();
    refuses_with(folder.path(), ALLOWED, &["a.raw", "cut off"]);
    fs::write(folder.path().join("a.raw"), [&[0; 4], &raw[..]].concat()).unwrap();
    refuses(folder.path(), &["a.raw", "--allow-external"]);
    compresses_with(folder.path(), &expected, ALLOWED, &["other files too: a.raw"]);
}

/// Checks that a file does not bring into its pixels what its maker names, only what lies beside it.
#[test]
fn external_files_stay_in_the_folder() {
    let _alone = alone();
    let folder = folder();
    let inside = folder.path().join("inside");
    fs::create_dir(&inside).unwrap();
    let secret = folder.path().join("secret");
    fs::write(&secret, [7; 200]).unwrap();
    let create = |name: &str| {
        let file = File::create(inside.join("a.hdf")).unwrap();
        let builder = images(&file).new_dataset::<u16>().no_chunk().shape([10, 7]);
        builder.external(name, 0, 140).create("image").unwrap();
    };
    for name in [secret.to_str().unwrap(), "../secret"] {
        create(name);
        refuses_with(&inside, ALLOWED, &["secret", "outside"]);
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&secret, inside.join("link")).unwrap();
        create("link");
        refuses_with(&inside, ALLOWED, &["link", "outside"]);
    }
}

#[test]
fn virtual_datasets() {
    let _alone = alone();
    let folder = folder();
    // Parts have a row more than is taken of them.
    let all = pixels(&[11, 7]);
    let part = |name: &str, rows: std::ops::Range<usize>| {
        let file = File::create(folder.path().join(name)).unwrap();
        let values = all.slice(ndarray::s![rows, ..]).to_owned();
        file.new_dataset_builder().with_data(&values).create("part").unwrap();
    };
    {
        let file = File::create(folder.path().join("a.hdf")).unwrap();
        let mut builder = images(&file).new_dataset::<u16>().no_chunk().shape([10, 7]);
        for (name, rows) in [("top.h5", 0..5), ("bottom.h5", 5..10)] {
            builder = builder.virtual_map(name, "part", (6, 7), (0..5, 0..7), (10, 7), (rows, 0..7));
        }
        builder.create("image").unwrap();
    }
    part("top.h5", 0..6);
    // libhdf5 alone would give zeros for what is missing.
    refuses_with(folder.path(), ALLOWED, &["bottom.h5", "missing"]);
    part("bottom.h5", 5..8);
    refuses_with(folder.path(), ALLOWED, &["bottom.h5", "shrunk"]);
    part("bottom.h5", 5..11);
    refuses(folder.path(), &["--allow-external"]);
    let expected = all.slice(ndarray::s![..10, ..]).to_owned().into_dyn();
    compresses_with(folder.path(), &expected, ALLOWED, &["top.h5", "bottom.h5"]);
}

#[test]
fn shared_messages() {
    let _alone = alone();
    let folder = folder();
    let expected = pixels(&[10, 7]);
    {
        let index = SharedMessageIndex { message_types: SharedMessageType::ALL, min_message_size: 0 };
        let file = File::with_options()
            .with_fcpl(|plist| plist.shared_mesg_indexes(&[index]))
            .create(folder.path().join("a.hdf"))
            .unwrap();
        images(&file).new_dataset_builder().with_data(&expected).create("image").unwrap();
    }
    compresses(folder.path(), &expected);
}

#[test]
fn elements_that_are_no_numbers() {
    let _alone = alone();
    let folder = folder();
    {
        let file = File::create(folder.path().join("a.hdf")).unwrap();
        let values = pixels(&[3, 3]).mapv(|value| FixedAscii::<8>::from_ascii(&value.to_string()).unwrap());
        images(&file).new_dataset_builder().with_data(&values).create("image").unwrap();
    }
    refuses(folder.path(), &["elements are text"]);
}

/// Damage is told by the built-in reader, and libhdf5 not asked.
#[test]
fn damage_is_not_tried_again() {
    let _alone = alone();
    let folder = folder();
    made(folder.path(), &[30, 20], |build| build.scale_offset(ScaleOffset::Integer(0)));
    let path = folder.path().join("a.hdf");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 100]).unwrap();
    let run = e2compress(folder.path(), &["a.hdf"]);
    assert_eq!(run.status.code(), Some(1));
    assert!(complaint(&run).contains("cut off"), "{}", complaint(&run));
    assert!(!complaint(&run).contains("libhdf5"), "{}", complaint(&run));
}

/// Checks that what the process takes counts every copy of a chunk and all files at work: a chunk of 289 MB in as many
/// files. Beside 512 MiB, which other inputs get by with, one file has room for a single copy, and four have room for two,
/// since threads take address space as well.
#[test]
#[cfg(target_os = "linux")]
fn large_chunks_are_held_once_and_one_at_a_time() {
    const SIDE: usize = 17_000;
    const CHUNK: usize = (SIDE * SIDE) >> 10;
    let _alone = alone();
    let folder = folder();
    let first = folder.path().join("a.hdf");
    {
        let file = File::create(&first).unwrap();
        let builder = images(&file).new_dataset::<u8>().shape([SIDE, SIDE]).chunk([SIDE, SIDE]).deflate(1);
        let dataset = builder.create("image").unwrap();
        dataset
            .write_slice(&ndarray::Array2::from_shape_fn((1, SIDE), |(_, x)| x as u8), ndarray::s![7..8, ..])
            .unwrap();
    }
    for name in ["b.hdf", "c.hdf", "d.hdf"] {
        fs::copy(&first, folder.path().join(name)).unwrap();
    }
    for (copies, words) in [(2, "--bits 4 --outpath out a.hdf b.hdf c.hdf d.hdf"), (1, "verify a.hdf")] {
        let space = (512 << 10) + copies * CHUNK;
        let script = format!(r#"ulimit -v {space} && exec "$0" --threads 4 {words}"#);
        let run = std::process::Command::new("sh")
            .args(["-c", &script, env!("CARGO_BIN_EXE_e2compress")])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(run.status.success(), "{words}: {}", complaint(&run));
    }
}

/// Checks that pixels that were never written are no pixels, unless they are asked for, and then not without end.
#[test]
fn unwritten_pixels() {
    let _alone = alone();
    let folder = folder();
    let create = |side: usize| {
        let file = File::create(folder.path().join("a.hdf")).unwrap();
        let builder = images(&file).new_dataset::<u16>().shape([side, side]).chunk([64, 64]).deflate(1);
        builder.create("image").unwrap()
    };
    let dataset = create(128);
    dataset.write_slice(&pixels(&[64, 64]), ndarray::s![..64, 64..]).unwrap();
    drop(dataset);
    refuses(folder.path(), &["3 of", "never written", "--force"]);
    let run = e2compress(folder.path(), &["--force", "--outpath", "out", "a.hdf"]);
    assert!(run.status.success(), "{}", complaint(&run));
    assert!(complaint(&run).contains("never written"), "{}", complaint(&run));
    drop(create(1 << 19));
    for options in [&[][..], &["--force"]] {
        refuses_with(folder.path(), options, &["more than any encoder"]);
    }
}

/// Checks that a virtual dataset does not reach another file by a link in the file it names, not even by one in itself.
#[test]
fn parts_behind_links_are_not_read() {
    let _alone = alone();
    let folder = folder();
    let inside = folder.path().join("inside");
    fs::create_dir(&inside).unwrap();
    {
        let file = File::create(folder.path().join("secret.h5")).unwrap();
        file.new_dataset_builder().with_data(&pixels(&[10, 7])).create("d").unwrap();
    }
    for source in [".", "other.h5"] {
        let file = File::create(inside.join("a.hdf")).unwrap();
        let linked = if source == "." { file.clone() } else { File::create(inside.join(source)).unwrap() };
        linked.link_external("../secret.h5", "d", "part").unwrap();
        let builder = images(&file).new_dataset::<u16>().no_chunk().shape([10, 7]);
        let all = (0..10, 0..7);
        builder.virtual_map(source, "part", (10, 7), all.clone(), (10, 7), all).create("image").unwrap();
        drop((file, linked));
        refuses_with(&inside, ALLOWED, &["link"]);
    }
}
